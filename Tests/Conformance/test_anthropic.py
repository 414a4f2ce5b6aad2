"""The `anthropic` client: messages."""

import base64
import json

import pydantic
from examples import MODEL, PICTURE, QUESTION, VISION_MODEL, WEATHER_PARAMETERS, stream_of

ANSWER = ["Rain", " is", " likely", " ☂\n"]
TOOL = {"name": "get_weather", "description": "What the weather will be like.", "input_schema": WEATHER_PARAMETERS}
SYSTEM = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]


class Forecast(pydantic.BaseModel):
    city: str
    will_rain: bool


def ask(client, messages=QUESTION, **more):
    return client.messages.create(**{"model": MODEL, "max_tokens": 200, "messages": messages, **more})


def open_stream(client, messages=QUESTION, **more):
    return client.messages.stream(**{"model": MODEL, "max_tokens": 200, "messages": messages, **more})


def sent(upstream):
    return json.loads(upstream.requests_to("/messages")[-1]["body"])


def test_whole(anthropic_client, upstream):
    upstream.script_endpoint("messages", MODEL, stream_of(*ANSWER))
    message = ask(anthropic_client)
    assert [block.text for block in message.content] == ["".join(ANSWER)]
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens == len(ANSWER)
    assert message.model == MODEL


def test_only_the_model_is_replaced(anthropic_client, upstream):
    ask(anthropic_client, model="heron-70b", system=SYSTEM, stop_sequences=["\n"], extra_body={"metadata": {"user_id": None, "of": [1]}})
    assert sent(upstream) == {
        "model": MODEL,
        "max_tokens": 200,
        "messages": QUESTION,
        "system": SYSTEM,
        "stop_sequences": ["\n"],
        "metadata": {"user_id": None, "of": [1]},
    }


def test_events(anthropic_client, upstream):
    upstream.script_endpoint("messages", MODEL, stream_of(*ANSWER, delay_ms=5, comments_before=2, comments_between=1))
    events = list(ask(anthropic_client, stream=True))
    assert [event.type for event in events if event.type != "ping"] == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * len(ANSWER),
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert [event.delta.text for event in events if event.type == "content_block_delta"] == ANSWER


def test_the_clients_own_assembly_of_a_stream(anthropic_client, upstream):
    upstream.script_endpoint("messages", MODEL, stream_of(*ANSWER, delay_ms=5))
    with open_stream(anthropic_client) as stream:
        assert list(stream.text_stream) == ANSWER
        message = stream.get_final_message()
    assert message.content[0].text == "".join(ANSWER)
    assert message.usage.output_tokens == len(ANSWER)


def test_thinking(anthropic_client):
    budget = {"type": "enabled", "budget_tokens": 1024}
    for message in [
        ask(anthropic_client, thinking=budget, max_tokens=2048),
        open_stream(anthropic_client, thinking=budget, max_tokens=2048).__enter__().get_final_message(),
    ]:
        thought, answer = message.content
        assert thought.type == "thinking"
        assert thought.thinking
        assert thought.signature == "fake"
        assert answer.text


def test_tool_round_trip(anthropic_client):
    called = ask(anthropic_client, tools=[TOOL])
    assert called.stop_reason == "tool_use"
    [call] = called.content
    assert (call.name, call.input) == ("get_weather", {"city": "example", "days": 1})

    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]}
    messages = [
        *QUESTION,
        {"role": "assistant", "content": [call.model_dump(exclude_none=True)]},
        {"role": "user", "content": [result]},
    ]
    assert "sunny" in ask(anthropic_client, messages, tools=[TOOL]).content[0].text


def test_streamed_tool_call(anthropic_client):
    with open_stream(anthropic_client, tools=[TOOL]) as stream:
        message = stream.get_final_message()
    [call] = message.content
    assert (call.name, call.input) == ("get_weather", {"city": "example", "days": 1})


def test_parsed_schema(anthropic_client):
    message = anthropic_client.messages.parse(model=MODEL, max_tokens=200, messages=QUESTION, output_format=Forecast)
    assert isinstance(message.parsed_output, Forecast)


def test_a_picture_goes_as_it_is_to_a_model_that_sees(anthropic_client, upstream):
    data = base64.b64encode(PICTURE).decode()
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What?"}, picture]}]
    assert ask(anthropic_client, messages).model == VISION_MODEL
    assert sent(upstream)["messages"] == messages


def test_the_clients_preview_of_what_is_to_come(anthropic_client):
    # Its paths end in a query.
    message = anthropic_client.beta.messages.create(model=MODEL, max_tokens=200, messages=QUESTION, betas=["any"])
    assert message.content[0].text


def test_an_answer_that_is_cut_off_says_so(anthropic_client):
    assert ask(anthropic_client, max_tokens=2).stop_reason == "max_tokens"


def test_counted_tokens_grow_with_what_is_asked(anthropic_client, upstream):
    def count(messages, **more):
        return anthropic_client.messages.count_tokens(model=MODEL, messages=messages, **more).input_tokens

    short = count(QUESTION)
    assert short > 0
    # A word or two is a token, in whichever way it is counted.
    words = [{"role": "user", "content": "rain " * 1000}]
    assert 500 < count(words) < 3000
    assert count(QUESTION, system="Be brief. " * 100) > short
    assert count(QUESTION, tools=[TOOL]) > short
    assert upstream.requests_to("/messages") == []


def test_a_count_says_that_it_is_an_estimate(wire):
    reply = wire.post("/v1/messages/count_tokens", {"model": MODEL, "messages": QUESTION})
    assert reply.json()["estimated"] is True
