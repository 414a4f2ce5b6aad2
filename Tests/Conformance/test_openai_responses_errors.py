"""What the `openai` client raises when a response goes wrong."""

import openai
import pytest
from conftest import without_fallback
from examples import MODEL, failure, stream_of
from openai_failures import RAISED

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def ask(client, stream, model=MODEL):
    answer = client.responses.create(model=model, input="Rain?", stream=stream)
    return list(answer) if stream else answer


@stream_or_not
@pytest.mark.parametrize(
    ("name", "kind"),
    [*RAISED, ("empty", openai.InternalServerError)],
)
@without_fallback
def test_failures_of_the_upstream(openai_client, upstream, name, kind, stream):
    upstream.script_endpoint("responses", MODEL, failure(name))
    with pytest.raises(kind) as raised:
        ask(openai_client, stream)
    assert raised.value.body["message"]


@stream_or_not
def test_when_all_candidates_fail(openai_client, upstream, stream):
    upstream.script_endpoint("responses", "*", failure("503"))
    with pytest.raises(openai.InternalServerError) as raised:
        ask(openai_client, stream)
    assert "attempts failed" in raised.value.body["message"]
    assert len(upstream.requests_to("/responses")) > 1


@stream_or_not
@without_fallback
def test_unknown_model(openai_client, stream):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(openai_client, stream, model="nobody/nothing")
    assert "nobody/nothing" in raised.value.body["message"]


@pytest.mark.parametrize(
    "break_off",
    [
        {"cut_after_events": 2},
        {"reset_after_events": 2},
        {"error_after_events": 2},
        {
            "error_after_events": 2,
            "error_event": {
                "type": "response.failed",
                "response": {"status": "failed", "error": {"code": "server_error", "message": "ill"}},
            },
        },
    ],
    ids=["cut", "reset", "error", "failed"],
)
def test_a_stream_that_breaks_raises(openai_client, upstream, break_off):
    upstream.script_endpoint("responses", MODEL, stream_of("It", " will", " rain", delay_ms=5, **break_off))
    events = []
    with pytest.raises(openai.APIError) as raised:
        for event in openai_client.responses.create(model=MODEL, input="Rain?", stream=True):
            events.append(event)
    assert raised.value.message
    assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["It", " will"]
    assert events[-1].type == "response.output_text.delta", "nothing that looks like an end"
