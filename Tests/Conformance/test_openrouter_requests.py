"""What is sent upstream for chats of every kind, against OpenRouter's description of such requests."""

import base64

import pytest
from examples import (
    MODEL,
    PICTURE,
    PICTURE_URL,
    QUESTION,
    VISION_MODEL,
    WEATHER_PARAMETERS,
    WEATHER_TOOL,
    stream_of,
)
from openrouter_description import check, needs_description, properties
from processes import OllamaProxy
from wire import Wire

pytestmark = needs_description

SCHEMA = {"type": "object", "properties": {"will_rain": {"type": "boolean"}}, "required": ["will_rain"]}
IMAGE = base64.b64encode(PICTURE).decode()
OPTIONS = {
    "temperature": 0.25,
    "top_p": 0.5,
    "top_k": 40,
    "min_p": 0.05,
    "seed": 7,
    "num_predict": 100,
    "stop": ["\n", "END"],
    "presence_penalty": 0.5,
    "frequency_penalty": -0.5,
    "repeat_penalty": 1.1,
    # Of no meaning to a hosted model.
    "num_ctx": 8192,
    "num_gpu": 1,
    "mirostat": 2,
}
CONVERSATION = [
    {"role": "system", "content": "Be brief."},
    *QUESTION,
    {
        "role": "assistant",
        "content": "",
        "thinking": "The tool knows.",
        "tool_calls": [{"function": {"name": "get_weather", "arguments": {"city": "Paris", "days": 1}}}],
    },
    {"role": "tool", "tool_name": "get_weather", "content": "sunny"},
]

# What the requests of Ollama's own API have in common with each other.
OLLAMA = {
    "plain": {},
    "options": {"options": OPTIONS},
    "unlimited": {"options": {"num_predict": -1}},
    "think": {"think": True},
    "think-not": {"think": False},
    "think-level": {"think": "high"},
    "json": {"format": "json"},
    "schema": {"format": SCHEMA},
    "logprobs": {"logprobs": True, "top_logprobs": 3},
    "keep-alive": {"keep_alive": "5m"},
    "whole": {"stream": False},
}
CHATS = {
    **OLLAMA,
    "tools": {"tools": [WEATHER_TOOL]},
    "conversation": {"tools": [WEATHER_TOOL], "messages": CONVERSATION},
    "picture": {"model": VISION_MODEL, "messages": [{"role": "user", "content": "What?", "images": [IMAGE]}]},
    "everything": {"tools": [WEATHER_TOOL], "think": True, "format": SCHEMA, "options": OPTIONS},
}
PROMPTS = {
    **OLLAMA,
    "system": {"system": "Be brief."},
    "picture": {"model": VISION_MODEL, "images": [IMAGE]},
}
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}
FORWARDED = {
    "plain": {},
    "stream": {"stream": True, "stream_options": {"include_usage": True}},
    "options": {"temperature": 0.25, "top_p": 0.5, "seed": 7, "stop": ["\n"], "max_completion_tokens": 100},
    "tools": {"tools": [WEATHER_TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
    "conversation": {
        "messages": [
            *QUESTION,
            {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        ]
    },
    "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "rain", "schema": SCHEMA}}},
    "reasoning": {"reasoning": {"effort": "high"}},
    "picture": {
        "model": VISION_MODEL,
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE_URL}}]}],
    },
    # Stays where it may, and what remains must still be well formed.
    "what-costs-money": {
        "provider": {"order": ["a"], "zdr": True, "data_collection": "deny"},
        "models": ["oak/paid"],
        "service_tier": "priority",
        "route": "fallback",
    },
}


def assert_described(body):
    check(body, "ChatRequest")
    unknown = body.keys() - properties("ChatRequest")
    assert not unknown, "the upstream knows nothing of these"


@pytest.mark.parametrize("changes", CHATS.values(), ids=CHATS)
def test_chat(wire, upstream, changes):
    reply = wire.post("/api/chat", {"model": MODEL, "messages": QUESTION, **changes})
    assert reply.status == 200, reply.text
    assert_described(upstream.chat_requests()[-1])


@pytest.mark.parametrize("changes", PROMPTS.values(), ids=PROMPTS)
def test_generate(wire, upstream, changes):
    reply = wire.post("/api/generate", {"model": MODEL, "prompt": "Rain?", **changes})
    assert reply.status == 200, reply.text
    assert_described(upstream.chat_requests()[-1])


@pytest.mark.parametrize("changes", FORWARDED.values(), ids=FORWARDED)
def test_forwarded_chat(wire, upstream, changes):
    reply = wire.post("/v1/chat/completions", {"model": MODEL, "messages": QUESTION, **changes})
    assert reply.status == 200, reply.text
    assert_described(upstream.chat_requests()[-1])


def test_completion(wire, upstream):
    options = {"max_tokens": 10, "stop": "\n", "temperature": 0.5, "logit_bias": {"1": 2}}
    assert wire.post("/v1/completions", {"model": MODEL, "prompt": "Rain?", **options}).status == 200
    assert_described(upstream.chat_requests()[-1])


def test_an_answer_that_is_taken_up_again(upstream, tmp_path):
    upstream.script({MODEL: [stream_of("It", " will", cut_after_events=2, delay_ms=5), stream_of(" rain")]})
    with OllamaProxy(upstream, tmp_path, CONTINUE_STREAMS="true") as proxy, Wire(proxy.root) as wire:
        for path in ["/api/chat", "/v1/chat/completions"]:
            wire.post(path, {"model": MODEL, "messages": QUESTION, "stream": True})
    bodies = upstream.chat_requests()
    assert any(body["messages"][-1] == {"role": "assistant", "content": "It will"} for body in bodies)
    for body in bodies:
        assert_described(body)


def test_the_description_is_one_that_refuses():
    good = {"model": MODEL, "messages": QUESTION}
    check(good, "ChatRequest")
    for bad in [{}, {**good, "temperature": "hot"}, {**good, "messages": [{"role": "nobody"}]}, {**good, "tools": [1]}]:
        with pytest.raises(AssertionError):
            check(bad, "ChatRequest")
    parameters = {**WEATHER_TOOL, "function": {"parameters": WEATHER_PARAMETERS}}
    with pytest.raises(AssertionError):
        check({**good, "tools": [parameters]}, "ChatRequest")
