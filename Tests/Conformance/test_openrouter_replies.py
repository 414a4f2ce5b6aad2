"""What clients of the chat door get, recorded and built-in, against OpenRouter's description of such replies."""

import json

import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_TOOL
from openrouter_description import (
    by_name,
    check,
    complaints,
    needs_description,
    recorded_bodies,
    recorded_streams,
)
from shared import needs

pytestmark = needs_description
needs_recordings = needs("recordings/openrouter")

# Where OpenRouter itself did not send what it describes: the complaints of each recording.
_NO_COST_DETAILS = {
    "$.usage.cost_details: 'upstream_inference_completions_cost' is a required property",
    "$.usage.cost_details: 'upstream_inference_prompt_cost' is a required property",
}
_NO_FINGERPRINT = {"$: 'system_fingerprint' is a required property"}
DEVIATIONS = {
    "simonw2025-08--test_tool_calls--1": _NO_COST_DETAILS,
    "simonw2025-08--test_tool_calls--2": _NO_COST_DETAILS,
    "mirascope--openrouter_openai_o1": _NO_FINGERPRINT,
    "pydai--test_openrouter_binary_content_video_public_api": _NO_FINGERPRINT,
    "pydai--test_openrouter_file_annotation": _NO_FINGERPRINT,
    "pydai--test_openrouter_map_messages_reasoning": _NO_FINGERPRINT,
    "pydai--test_openrouter_preserve_reasoning_block--0": _NO_FINGERPRINT,
    "pydai--test_openrouter_preserve_reasoning_block--1": _NO_FINGERPRINT,
    "pydai--test_openrouter_usage--0": _NO_FINGERPRINT,
    "pydai--test_openrouter_video_url_public_api": _NO_FINGERPRINT,
    "pydai--test_openrouter_with_google_model": _NO_FINGERPRINT,
    "pydai--test_openrouter_with_preset": _NO_FINGERPRINT,
}


def deviations(path):
    return DEVIATIONS.get(path.stem, set())


def payloads(text):
    found = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")]
    return [json.loads(payload) for payload in found if payload != "[DONE]"]


def ask(wire, stream, **more):
    return wire.post("/v1/chat/completions", {"model": MODEL, "messages": QUESTION, "stream": stream, **more})


def all_complaints(values, schema_name):
    return set().union(*(complaints(value, schema_name) for value in values))


@needs_recordings
@without_fallback
@pytest.mark.parametrize("path", recorded_streams(), ids=by_name)
def test_recorded_stream(wire, upstream, path):
    upstream.script({MODEL: {"kind": "file", "path": str(path)}})
    reply = ask(wire, stream=True)
    if reply.status != 200:
        # Recorded to fail: the status tells, in a shape of its own.
        return check_error(reply)
    values = payloads(reply.text)
    if "choices" not in values[-1]:
        # It broke, and the error that ends it is ours.
        assert set(values.pop()) == {"error"}
    assert values
    assert all_complaints(values, "ChatStreamChunk") == deviations(path)


def check_error(reply):
    assert reply.status >= 400
    assert reply.json()["error"]["message"]


@needs_recordings
@without_fallback
@pytest.mark.parametrize("path", recorded_bodies(), ids=by_name)
def test_recorded_body(wire, upstream, path):
    upstream.script({MODEL: {"kind": "file", "path": str(path)}})
    reply = ask(wire, stream=False)
    assert reply.status == 200
    assert complaints(reply.json(), "ChatResult") == deviations(path)


BUILT_IN = {"text": {}, "tools": {"tools": [WEATHER_TOOL]}, "thoughts": {"reasoning": {"enabled": True}}}


@pytest.mark.parametrize("more", BUILT_IN.values(), ids=BUILT_IN)
def test_built_in_answers(wire, more):
    check(ask(wire, False, **more).json(), "ChatResult")
    for value in payloads(ask(wire, True, **more).text):
        check(value, "ChatStreamChunk")


# What the other tests hold their clients against is only as good as the upstream that says it.
NAMED = {
    "responses": (
        "/v1/responses",
        ("OpenResponsesResult", "StreamEvents"),
        [
            {},
            {"tools": [{"type": "function", "name": "weather", "parameters": WEATHER_PARAMETERS, "strict": None}]},
            {"reasoning": {"effort": "high"}},
        ],
    ),
    "messages": (
        "/v1/messages",
        ("MessagesResult", "MessagesStreamEvents"),
        [
            {},
            {"tools": [{"name": "weather", "input_schema": WEATHER_PARAMETERS}]},
            {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        ],
    ),
}


@pytest.mark.parametrize(("path", "schemas", "requests"), NAMED.values(), ids=NAMED)
def test_built_in_answers_of_the_newer_apis(wire, path, schemas, requests):
    whole, event = schemas
    for more in requests:
        body = {"model": MODEL, "input": "Rain?", "messages": QUESTION, "max_tokens": 2000, **more}
        check(wire.post(path, body).json(), whole)
        for value in payloads(wire.post(path, {**body, "stream": True}).text):
            check(value, event)
