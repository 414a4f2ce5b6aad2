"""The `openai` client: responses."""

import json

import pydantic
from examples import MODEL, PICTURE_URL, VISION_MODEL, WEATHER_PARAMETERS, stream_of

ANSWER = ["Rain", " is", " likely", " ☂\n"]
TOOL = {"type": "function", "name": "get_weather", "parameters": WEATHER_PARAMETERS, "strict": False}


class Forecast(pydantic.BaseModel):
    city: str
    will_rain: bool


def test_whole(openai_client, upstream):
    upstream.script_endpoint("responses", MODEL, stream_of(*ANSWER))
    response = openai_client.responses.create(model=MODEL, input="Rain?", instructions="Be brief.")
    assert response.output_text == "".join(ANSWER)
    assert response.status == "completed"
    assert response.usage.output_tokens == len(ANSWER)


def test_only_the_model_is_replaced(openai_client, upstream):
    openai_client.responses.create(
        model="heron-70b", input="Rain?", store=False, temperature=0.25, extra_body={"metadata": {"of": [1, None]}}
    )
    [request] = upstream.requests_to("/responses")
    assert json.loads(request["body"]) == {
        "model": MODEL,
        "input": "Rain?",
        "store": False,
        "temperature": 0.25,
        "metadata": {"of": [1, None]},
    }


def test_stream(openai_client, upstream):
    upstream.script_endpoint("responses", MODEL, stream_of(*ANSWER, delay_ms=5, comments_before=2, comments_between=1))
    events = list(openai_client.responses.create(model=MODEL, input="Rain?", stream=True))
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * len(ANSWER),
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == ANSWER
    assert events[-1].response.output_text == "".join(ANSWER)


def test_the_clients_own_assembly_of_a_stream(openai_client, upstream):
    upstream.script_endpoint("responses", MODEL, stream_of(*ANSWER, reasoning=["Clouds", " gather"]))
    with openai_client.responses.stream(model=MODEL, input="Rain?") as stream:
        thoughts = [event.delta for event in stream if event.type == "response.reasoning_text.delta"]
        response = stream.get_final_response()
    assert thoughts == ["Clouds", " gather"]
    assert response.output_text == "".join(ANSWER)


def test_tool_round_trip(openai_client):
    conversation = [{"role": "user", "content": "Rain?"}]
    called = openai_client.responses.create(model=MODEL, input=conversation, tools=[TOOL])
    [call] = called.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "example", "days": 1}

    conversation += [
        call.model_dump(exclude_none=True),
        {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"},
    ]
    answer = openai_client.responses.create(model=MODEL, input=conversation, tools=[TOOL])
    assert "sunny" in answer.output_text


def test_streamed_tool_call(openai_client):
    with openai_client.responses.stream(model=MODEL, input="Rain?", tools=[TOOL]) as stream:
        response = stream.get_final_response()
    [call] = response.output
    assert json.loads(call.arguments) == {"city": "example", "days": 1}


def test_parsed_schema(openai_client):
    response = openai_client.responses.parse(model=MODEL, input="Rain?", text_format=Forecast)
    assert isinstance(response.output_parsed, Forecast)


def test_streamed_schema(openai_client):
    with openai_client.responses.stream(model=MODEL, input="Rain?", text_format=Forecast) as stream:
        response = stream.get_final_response()
    assert isinstance(response.output_parsed, Forecast)


def test_a_picture_goes_as_it_is_to_a_model_that_sees(openai_client, upstream):
    content = [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": PICTURE_URL}]
    conversation = [{"role": "user", "content": content}]
    response = openai_client.responses.create(model=MODEL, input=conversation)
    assert response.model == VISION_MODEL
    [request] = upstream.requests_to("/responses")
    assert json.loads(request["body"])["input"] == conversation


def test_an_answer_that_is_cut_off_is_incomplete(openai_client):
    for stream in [False, True]:
        reply = openai_client.responses.create(model=MODEL, input="Rain?", max_output_tokens=2, stream=stream)
        response = list(reply)[-1].response if stream else reply
        assert response.status == "incomplete"
        assert response.incomplete_details.reason == "max_output_tokens"
