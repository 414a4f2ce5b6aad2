"""Tool calls with the `ollama` client, from the question to the answer made of the tool's result."""

import pytest
from examples import MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_TOOL, stream_of


def get_weather(city: str, days: int) -> str:
    """What the weather will be like.

    Args:
      city: where
      days: how many days ahead
    """
    return f"{city} in {days} days: sunny"


@pytest.mark.parametrize("tool", [WEATHER_TOOL, get_weather], ids=["described", "function"])
def test_round_trip(client, upstream, tool):
    messages = list(QUESTION)
    called = client.chat(MODEL, messages, tools=[tool])
    [call] = called.message.tool_calls
    assert call.function.name == "get_weather"
    assert call.function.arguments == {"city": "example", "days": 1}
    assert called.done

    sent = upstream.chat_requests()[-1]["tools"][0]["function"]
    assert sent["name"] == "get_weather"
    assert sent["parameters"]["required"] == WEATHER_PARAMETERS["required"]

    result = get_weather(**call.function.arguments)
    messages += [called.message, {"role": "tool", "tool_name": "get_weather", "content": result}]
    answer = client.chat(MODEL, messages, tools=[tool])
    assert result in answer.message.content
    assert answer.message.tool_calls is None

    _, assistant, reply = upstream.chat_requests()[-1]["messages"]
    assert reply["role"] == "tool"
    assert reply["tool_call_id"] == assistant["tool_calls"][0]["id"], "the result does not find its call"


def test_streamed_round_trip(client):
    messages = list(QUESTION)
    parts = list(client.chat(MODEL, messages, tools=[WEATHER_TOOL], stream=True))
    calls = [call for part in parts for call in part.message.tool_calls or []]
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("get_weather", {"city": "example", "days": 1})
    ]
    assert parts[-1].done

    messages += [
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "tool_name": "get_weather", "content": "sunny"},
    ]
    answer = "".join(part.message.content for part in client.chat(MODEL, messages, stream=True))
    assert "sunny" in answer


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_several_calls_in_fragments(client, upstream, stream):
    calls = [
        {"id": "call_a", "name": "get_weather", "arguments": '{"city":"Köln","days":1}', "fragments": 7},
        {"id": "call_b", "name": "get_weather", "arguments": '{"city":"Łódź","days":2}', "fragments": 3},
    ]
    upstream.script({MODEL: {"kind": "stream", "tool_calls": calls}})
    answer = client.chat(MODEL, QUESTION, tools=[WEATHER_TOOL], stream=stream)
    parts = list(answer) if stream else [answer]
    assert [call.function.arguments for part in parts for call in part.message.tool_calls or []] == [
        {"city": "Köln", "days": 1},
        {"city": "Łódź", "days": 2},
    ]


def test_results_without_names_find_their_calls_by_order(client, upstream):
    def call(city):
        return {"function": {"name": "get_weather", "arguments": {"city": city, "days": 1}}}

    upstream.script({MODEL: stream_of("Fine.")})
    messages = QUESTION + [
        {"role": "assistant", "content": "", "tool_calls": [call("Oslo"), call("Rome")]},
        {"role": "tool", "content": "snow"},
        {"role": "tool", "content": "sun"},
    ]
    client.chat(MODEL, messages)
    _, assistant, first, second = upstream.chat_requests()[-1]["messages"]
    identifiers = [call["id"] for call in assistant["tool_calls"]]
    assert [first["tool_call_id"], second["tool_call_id"]] == identifiers
    assert len(set(identifiers)) == 2
