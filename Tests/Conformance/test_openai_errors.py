"""What the `openai` client raises when things go wrong."""

import openai
import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION, failure, stream_of
from openai_failures import RAISED

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def ask(client, stream, model=MODEL):
    """The whole answer, or the exception on the way to it."""
    answer = client.chat.completions.create(model=model, messages=QUESTION, stream=stream)
    return list(answer) if stream else answer


@stream_or_not
@pytest.mark.parametrize(
    ("name", "kind"),
    RAISED,
)
@without_fallback
def test_failures_of_the_upstream(openai_client, upstream, name, kind, stream):
    upstream.script({MODEL: failure(name)})
    with pytest.raises(kind) as raised:
        ask(openai_client, stream)
    assert raised.value.body["message"]


@stream_or_not
@without_fallback
def test_unknown_model(openai_client, stream):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(openai_client, stream, model="nobody/nothing")
    assert "nobody/nothing" in raised.value.body["message"]


def test_an_account_limit_says_when_to_come_back(openai_client, upstream):
    upstream.script({"*": failure("429-day")})
    with pytest.raises(openai.RateLimitError) as raised:
        ask(openai_client, stream=False)
    assert int(raised.value.response.headers["Retry-After"]) > 0
    assert len(upstream.chat_requests()) == 1, "the limit concerns all free models alike"


@pytest.mark.parametrize(
    "break_off",
    [{"cut_after_events": 2}, {"reset_after_events": 2}, {"error_after_events": 2}],
    ids=lambda break_off: next(iter(break_off)),
)
def test_a_stream_that_breaks_raises(openai_client, upstream, break_off):
    upstream.script({MODEL: stream_of("It", " will", " rain", delay_ms=5, **break_off)})
    heard = []
    with pytest.raises(openai.APIError):
        for chunk in openai_client.chat.completions.create(model=MODEL, messages=QUESTION, stream=True):
            heard += [choice.delta.content for choice in chunk.choices]
    assert heard == ["It", " will"]


def test_an_unknown_path(openai_client):
    with pytest.raises(openai.NotFoundError):
        openai_client.post("/nothing", cast_to=object, body={})
