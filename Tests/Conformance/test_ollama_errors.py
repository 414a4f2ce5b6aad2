"""What the `ollama` client raises when things go wrong."""

import ollama
import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION, failure, stream_of

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def ask(client, stream, model=MODEL):
    """The whole answer, or the exception on the way to it."""
    answer = client.chat(model, QUESTION, stream=stream)
    return list(answer) if stream else [answer]


@stream_or_not
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("401", 401),
        ("402", 402),
        ("403", 403),
        ("429-day", 429),
        ("429-provider", 429),
        ("500", 502),
        ("empty", 502),
    ],
)
@without_fallback
def test_failures_of_the_upstream(client, upstream, name, status, stream):
    upstream.script({MODEL: failure(name)})
    with pytest.raises(ollama.ResponseError) as raised:
        ask(client, stream)
    assert raised.value.status_code == status
    assert raised.value.error and not raised.value.error.startswith("{"), "a message, not the JSON around it"


@stream_or_not
def test_all_models_fail(client, upstream, stream):
    upstream.script({"*": failure("503")})
    with pytest.raises(ollama.ResponseError) as raised:
        ask(client, stream)
    assert raised.value.status_code == 502
    assert len(upstream.chat_requests()) == 5, "attempts for one request"


@stream_or_not
@without_fallback
def test_unknown_model(client, stream):
    with pytest.raises(ollama.ResponseError) as raised:
        ask(client, stream, model="nobody/nothing")
    assert raised.value.status_code == 404
    assert "not found" in raised.value.error


@pytest.mark.parametrize(
    "break_off",
    [{"cut_after_events": 2}, {"reset_after_events": 2}, {"error_after_events": 2}],
    ids=lambda break_off: next(iter(break_off)),
)
def test_a_stream_that_breaks_raises(client, upstream, break_off):
    upstream.script({MODEL: stream_of("It", " will", " rain", delay_ms=5, **break_off)})
    heard = []
    with pytest.raises(ollama.ResponseError):
        for part in client.chat(MODEL, QUESTION, stream=True):
            assert not part.done, "the end of an answer that has none"
            heard.append(part.message.content)
    assert heard == ["It", " will"]
    assert len(upstream.chat_requests()) == 1, "a second model must not speak after the first has"


def test_a_whole_answer_survives_a_stream_that_breaks(client, upstream):
    upstream.script({MODEL: failure("midstream-cut"), "*": stream_of("It", " will")})
    assert client.chat(MODEL, QUESTION).message.content == "It will"


def test_arguments_of_a_tool_that_are_no_object_raise(client, upstream):
    upstream.script(
        {"*": {"kind": "stream", "tool_calls": [{"name": "get_weather", "arguments": '{"city":', "fragments": 2}]}}
    )
    with pytest.raises(ollama.ResponseError):
        ask(client, stream=True)


def test_a_body_that_is_no_request(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client._request_raw("POST", "/api/chat", content=b"{\"model\":")
    assert raised.value.status_code == 400


def test_nobody_listens(client, proxy):
    assert proxy.stop() == 0
    with pytest.raises(ConnectionError):
        client.list()
