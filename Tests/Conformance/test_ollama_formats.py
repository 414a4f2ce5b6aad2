"""Answers in a format, with the `ollama` client."""

import json

import pydantic
import pytest
from examples import MODEL, QUESTION


class Forecast(pydantic.BaseModel):
    city: str
    days: list[int]
    will_rain: bool


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_schema(client, upstream, stream):
    answer = client.chat(MODEL, QUESTION, format=Forecast.model_json_schema(), stream=stream)
    text = "".join(part.message.content for part in answer) if stream else answer.message.content
    assert Forecast.model_validate_json(text)
    sent = upstream.chat_requests()[-1]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == Forecast.model_json_schema()


def test_any_object(client, upstream):
    answer = client.chat(MODEL, QUESTION, format="json")
    assert isinstance(json.loads(answer.message.content), dict)
    assert upstream.chat_requests()[-1]["response_format"] == {"type": "json_object"}
