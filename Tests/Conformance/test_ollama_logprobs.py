"""Probabilities of tokens with the `ollama` client. The upstream's own answers have none, so it replays an event."""

import json

import pytest
from examples import MODEL, QUESTION

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def probability(token, logprob):
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}


@pytest.fixture
def probabilities(upstream, tmp_path):
    """Has the upstream say " Yes" and " ☂", each with the tokens that it might have said instead."""
    said = [
        {**probability(" Yes", -0.25), "top_logprobs": [probability(" Yes", -0.25), probability(" No", -1.5)]},
        {**probability(" ☂", -0.5), "top_logprobs": [probability(" ☂", -0.5), probability(".", -2)]},
    ]
    choices = [
        {"index": 0, "delta": {"content": token["token"]}, "logprobs": {"content": [token]}, "finish_reason": None}
        for token in said
    ] + [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    events = [{"id": "gen-1", "object": "chat.completion.chunk", "choices": [choice]} for choice in choices]
    file = tmp_path / "answer.sse"
    file.write_text("".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n")
    upstream.script({MODEL: {"kind": "file", "path": str(file)}})
    return said


def assert_carried_over(answers, said, upstream):
    tokens = [token for answer in answers for token in answer.logprobs or []]
    assert [(token.token, token.logprob) for token in tokens] == [(one["token"], one["logprob"]) for one in said]
    assert [[other.token for other in token.top_logprobs] for token in tokens] == [[" Yes", " No"], [" ☂", "."]]
    sent = upstream.chat_requests()[-1]
    assert (sent["logprobs"], sent["top_logprobs"]) == (True, 2)


@stream_or_not
def test_chat(client, upstream, probabilities, stream):
    answer = client.chat(MODEL, QUESTION, logprobs=True, top_logprobs=2, stream=stream)
    answers = list(answer) if stream else [answer]
    assert "".join(answer.message.content for answer in answers) == " Yes ☂"
    assert_carried_over(answers, probabilities, upstream)


@stream_or_not
def test_generate(client, upstream, probabilities, stream):
    answer = client.generate(MODEL, "Is it going to rain?", logprobs=True, top_logprobs=2, stream=stream)
    answers = list(answer) if stream else [answer]
    assert "".join(answer.response for answer in answers) == " Yes ☂"
    assert_carried_over(answers, probabilities, upstream)


def test_none_without_asking(client, upstream):
    assert client.chat(MODEL, QUESTION).logprobs is None
    assert "logprobs" not in upstream.chat_requests()[-1]
