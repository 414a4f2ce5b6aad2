"""Completions of a prompt with the `ollama` client."""

import base64
import json

import ollama
import pytest
from examples import MODEL, PICTURE, VISION_MODEL, WEATHER_PARAMETERS, failure, stream_of

PROMPT = "Is it going to rain?"


def test_whole(client, upstream):
    upstream.script({MODEL: stream_of("Yes", ", \"it\"", " is ☂\n")})
    answer = client.generate(MODEL, PROMPT)
    assert (answer.model, answer.response) == (MODEL, 'Yes, "it" is ☂\n')
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert (answer.prompt_eval_count, answer.eval_count) == (12, 3)
    assert answer.thinking is None
    assert not answer.context, "tokens of a local runner, of which there are none"
    assert answer.total_duration >= answer.eval_duration >= 0
    assert upstream.chat_requests()[-1]["messages"] == [{"role": "user", "content": PROMPT}]


def test_stream(client, upstream):
    upstream.script({MODEL: stream_of("Yes", ", it", " is")})
    parts = list(client.generate(MODEL, PROMPT, stream=True))
    assert [part.response for part in parts] == ["Yes", ", it", " is", ""]
    assert [part.done for part in parts] == [False, False, False, True]
    assert (parts[-1].done_reason, parts[-1].eval_count) == ("stop", 3)


def test_system(client, upstream):
    client.generate(MODEL, PROMPT, system="Be brief.")
    assert upstream.chat_requests()[-1]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": PROMPT},
    ]


def test_what_only_a_local_runner_heeds_is_no_obstacle(client, upstream):
    assert client.generate(MODEL, PROMPT, template="{{ .Prompt }}", context=[1, 2, 3], raw=True).response
    assert upstream.chat_requests()[-1]["messages"] == [{"role": "user", "content": PROMPT}]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_suffix(client, stream):
    # No model on the list says that it can fill in, and Ollama refuses such a request in these words.
    with pytest.raises(ollama.ResponseError) as raised:
        answer = client.generate(MODEL, "def f(", suffix="return 1", stream=stream)
        list(answer)
    assert raised.value.status_code == 400
    assert raised.value.error.endswith("does not support insert")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_images(client, upstream, stream):
    list(client.generate(VISION_MODEL, "What is this?", images=[PICTURE], stream=stream))
    [message] = upstream.chat_requests()[-1]["messages"]
    urls = [part["image_url"]["url"] for part in message["content"] if part["type"] == "image_url"]
    assert urls == ["data:image/png;base64," + base64.b64encode(PICTURE).decode()]
    assert {"type": "text", "text": "What is this?"} in message["content"]


def test_format_json(client, upstream):
    assert isinstance(json.loads(client.generate(MODEL, PROMPT, format="json").response), dict)
    assert upstream.chat_requests()[-1]["response_format"] == {"type": "json_object"}


def test_format_schema(client, upstream):
    answer = json.loads(client.generate(MODEL, PROMPT, format=WEATHER_PARAMETERS).response)
    assert set(answer) == {"city", "days"}
    assert upstream.chat_requests()[-1]["response_format"]["json_schema"]["schema"] == WEATHER_PARAMETERS


def test_think(client, upstream):
    upstream.script({MODEL: stream_of("Yes", reasoning=["Clouds"])})
    answer = client.generate(MODEL, PROMPT, think=True)
    assert (answer.thinking, answer.response) == ("Clouds", "Yes")
    answer = client.generate(MODEL, PROMPT, think=False)
    assert (answer.thinking, answer.response) == (None, "Yes")
    parts = list(client.generate(MODEL, PROMPT, think="low", stream=True))
    assert [(part.thinking, part.response) for part in parts] == [("Clouds", ""), (None, "Yes"), (None, "")]
    assert upstream.chat_requests()[-1]["reasoning"]["effort"] == "low"


def test_options(client, upstream):
    client.generate(MODEL, PROMPT, options={"temperature": 0.5, "num_predict": 9, "stop": ["."], "num_ctx": 512})
    sent = upstream.chat_requests()[-1]
    assert (sent["temperature"], sent["max_tokens"], sent["stop"]) == (0.5, 9, ["."])
    assert "num_ctx" not in sent


def test_an_empty_prompt_loads_and_unloads(client, upstream):
    loaded = client.generate(MODEL)
    assert (loaded.done, loaded.done_reason, loaded.response) == (True, "load", "")
    assert [model.model for model in client.ps().models] == [MODEL]
    unloaded = client.generate(MODEL, keep_alive=0)
    assert (unloaded.done, unloaded.done_reason, unloaded.response) == (True, "unload", "")
    assert client.ps().models == []
    assert upstream.chat_requests() == []


def test_an_error_in_the_midst_of_a_stream(client, upstream):
    upstream.script({MODEL: stream_of("Yes", ", it", error_after_events=2)})
    heard = []
    with pytest.raises(ollama.ResponseError):
        for part in client.generate(MODEL, PROMPT, stream=True):
            heard.append(part.response)
    assert heard == ["Yes", ", it"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("settings", [{"FREE_MODE": "false"}], ids=["all-models"])
@pytest.mark.parametrize(("name", "status"), [("401", 401), ("429-day", 429), ("500", 502)])
def test_failures_of_the_upstream(client, upstream, stream, name, status):
    upstream.script({MODEL: failure(name)})
    with pytest.raises(ollama.ResponseError) as raised:
        list(client.generate(MODEL, PROMPT, stream=stream))
    assert raised.value.status_code == status
