"""The `openai` client: chats, tools, pictures and formats."""

import json

import pydantic
from examples import MODEL, PICTURE_URL, QUESTION, VISION_MODEL, WEATHER_TOOL, stream_of

ANSWER = ["Rain", " is", " likely", " ☂\n"]


class Forecast(pydantic.BaseModel):
    city: str
    will_rain: bool


def test_chat(openai_client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER)})
    completion = openai_client.chat.completions.create(model=MODEL, messages=QUESTION)
    [choice] = completion.choices
    assert choice.message.content == "".join(ANSWER)
    assert choice.finish_reason == "stop"
    assert completion.usage.completion_tokens == len(ANSWER)
    assert completion.object == "chat.completion"


def test_streamed_chat(openai_client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER, comments_before=2, comments_between=1, delay_ms=5)})
    chunks = list(
        openai_client.chat.completions.create(
            model=MODEL, messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    deltas = [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]
    assert deltas == ANSWER
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason] == ["stop"]
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [len(ANSWER)]


def test_only_the_model_of_the_request_is_replaced(openai_client, upstream):
    openai_client.chat.completions.create(
        model="heron-70b",
        messages=QUESTION,
        temperature=0.25,
        logit_bias={"50256": -100},
        extra_body={"provider": {"zdr": True}, "metadata": {"of": [1, None, {"a": "ä"}]}},
    )
    sent = upstream.chat_requests()[-1]
    assert sent == {
        "model": MODEL,
        "messages": QUESTION,
        "temperature": 0.25,
        "logit_bias": {"50256": -100},
        "provider": {"zdr": True},
        "metadata": {"of": [1, None, {"a": "ä"}]},
    }


def test_tool_round_trip(openai_client):
    messages = list(QUESTION)
    called = openai_client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER_TOOL])
    assert called.choices[0].finish_reason == "tool_calls"
    [call] = called.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "example", "days": 1}

    messages += [
        called.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    answer = openai_client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER_TOOL])
    assert "sunny" in answer.choices[0].message.content


def test_streamed_tool_call(openai_client):
    # The client's own assembly of the fragments, which is stricter than looking at them one by one.
    with openai_client.chat.completions.stream(model=MODEL, messages=QUESTION, tools=[WEATHER_TOOL]) as stream:
        completion = stream.get_final_completion()
    [call] = completion.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "example", "days": 1}


def test_schema(openai_client):
    completion = openai_client.chat.completions.create(
        model=MODEL,
        messages=QUESTION,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "forecast", "schema": Forecast.model_json_schema()},
        },
    )
    assert Forecast.model_validate_json(completion.choices[0].message.content)


def test_parsed_schema(openai_client):
    completion = openai_client.chat.completions.parse(model=MODEL, messages=QUESTION, response_format=Forecast)
    assert isinstance(completion.choices[0].message.parsed, Forecast)


def test_streamed_schema(openai_client):
    with openai_client.chat.completions.stream(model=MODEL, messages=QUESTION, response_format=Forecast) as stream:
        completion = stream.get_final_completion()
    assert isinstance(completion.choices[0].message.parsed, Forecast)


def test_a_picture_goes_as_it_is_to_a_model_that_sees(openai_client, upstream):
    content = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": PICTURE_URL}}]
    messages = [{"role": "user", "content": content}]
    completion = openai_client.chat.completions.create(model=MODEL, messages=messages)
    assert completion.model == VISION_MODEL
    assert upstream.chat_requests()[-1]["messages"] == messages
