"""What clients send to identify themselves is not for the upstream: it gets our key, and nothing of theirs."""

import anthropic
import openai
import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, MODEL, QUESTION

OURS = "Bearer conformance-key"
THEIRS = "a-secret-of-the-client"
HEADERS = {
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "tools-2024-04-04",
    "Cookie": f"session={THEIRS}",
    "OpenAI-Organization": THEIRS,
}


def requests(upstream):
    found = [request for request in upstream.requests_to("") if request["method"] == "POST"]
    assert found
    return found


def assert_nothing_of_the_clients(upstream):
    for request in requests(upstream):
        headers = {name.lower(): value for name, value in request["headers"].items()}
        assert headers["authorization"] == OURS
        assert THEIRS not in str(request)
        assert not {"x-api-key", "anthropic-version", "anthropic-beta", "cookie"} & set(headers)


@with_embeddings
def test_openai(proxy, upstream):
    with openai.OpenAI(base_url=proxy.root + "/v1", api_key=THEIRS, max_retries=0, default_headers=HEADERS) as client:
        client.chat.completions.create(model=MODEL, messages=QUESTION)
        client.completions.create(model=MODEL, prompt="Rain?")
        client.responses.create(model=MODEL, input="Rain?")
        client.embeddings.create(model=EMBEDDING_MODEL, input="rain")
    assert len(requests(upstream)) == 4
    assert_nothing_of_the_clients(upstream)


@pytest.mark.parametrize("credential", ["api_key", "auth_token"])
def test_anthropic(proxy, upstream, credential):
    credentials = {"api_key": None, "auth_token": None, credential: THEIRS}
    with anthropic.Anthropic(base_url=proxy.root, max_retries=0, default_headers=HEADERS, **credentials) as client:
        client.messages.create(model=MODEL, max_tokens=9, messages=QUESTION)
        client.messages.count_tokens(model=MODEL, messages=QUESTION)
    assert_nothing_of_the_clients(upstream)


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_a_client_without_any_is_served(wire, upstream, path):
    body = {"model": MODEL, "messages": QUESTION, "input": "Rain?", "max_tokens": 9, "stream": False}
    assert wire.post(path, body).status == 200
    assert_nothing_of_the_clients(upstream)
