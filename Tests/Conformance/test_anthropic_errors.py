"""What the `anthropic` client raises when things go wrong."""

import anthropic
import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION, UNKNOWN_MODEL, failure, stream_of

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def ask(client, stream, model=MODEL):
    answer = client.messages.create(model=model, max_tokens=200, messages=QUESTION, stream=stream)
    return list(answer) if stream else answer


def error_of(raised):
    """The error in Anthropic's shape."""
    body = raised.value.body
    assert body["type"] == "error"
    assert body["error"]["message"]
    return body["error"]


@stream_or_not
@pytest.mark.parametrize(
    ("name", "kind", "type"),
    [
        ("400-context", anthropic.BadRequestError, "invalid_request_error"),
        ("401", anthropic.AuthenticationError, "authentication_error"),
        ("403", anthropic.PermissionDeniedError, "permission_error"),
        ("404", anthropic.NotFoundError, "not_found_error"),
        ("429-day", anthropic.RateLimitError, "rate_limit_error"),
        ("429-provider", anthropic.RateLimitError, "rate_limit_error"),
        ("500", anthropic.InternalServerError, "api_error"),
        ("html-502", anthropic.InternalServerError, "api_error"),
        ("error-in-200", anthropic.InternalServerError, "api_error"),
        ("empty", anthropic.InternalServerError, "api_error"),
    ],
)
@without_fallback
def test_failures_of_the_upstream(anthropic_client, upstream, name, kind, type, stream):
    upstream.script_endpoint("messages", MODEL, failure(name))
    with pytest.raises(kind) as raised:
        ask(anthropic_client, stream)
    assert error_of(raised)["type"] == type


@stream_or_not
def test_when_all_candidates_fail(anthropic_client, upstream, stream):
    upstream.script_endpoint("messages", "*", failure("503"))
    with pytest.raises(anthropic.InternalServerError) as raised:
        ask(anthropic_client, stream)
    assert "attempts failed" in error_of(raised)["message"]
    assert len(upstream.requests_to("/messages")) > 1


@stream_or_not
@without_fallback
def test_unknown_model(anthropic_client, stream):
    with pytest.raises(anthropic.NotFoundError) as raised:
        ask(anthropic_client, stream, model=UNKNOWN_MODEL)
    assert UNKNOWN_MODEL in error_of(raised)["message"]


def test_an_account_limit_says_when_to_come_back(anthropic_client, upstream):
    upstream.script_endpoint("messages", "*", failure("429-day"))
    with pytest.raises(anthropic.RateLimitError) as raised:
        ask(anthropic_client, stream=False)
    assert int(raised.value.response.headers["Retry-After"]) > 0
    assert len(upstream.requests_to("/messages")) == 1, "the limit concerns all free models alike"


@pytest.mark.parametrize(
    "break_off",
    [{"cut_after_events": 2}, {"reset_after_events": 2}, {"error_after_events": 2}],
    ids=lambda break_off: next(iter(break_off)),
)
def test_a_stream_that_breaks_raises(anthropic_client, upstream, break_off):
    upstream.script_endpoint("messages", MODEL, stream_of("It", " will", " rain", delay_ms=5, **break_off))
    events = []
    with pytest.raises(anthropic.APIStatusError) as raised:
        for event in anthropic_client.messages.create(model=MODEL, max_tokens=9, messages=QUESTION, stream=True):
            events.append(event)
    error_of(raised)
    assert [event.delta.text for event in events if event.type == "content_block_delta"] == ["It", " will"]
    assert events[-1].type == "content_block_delta", "nothing that looks like an end"


def test_an_unknown_path(anthropic_client):
    with pytest.raises(anthropic.NotFoundError) as raised:
        anthropic_client.post("/v1/messages/nothing", cast_to=object, body={})
    assert error_of(raised)["type"] == "not_found_error"
