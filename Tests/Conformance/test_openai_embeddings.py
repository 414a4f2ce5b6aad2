"""The `openai` client: texts as vectors."""

import math

import openai
import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, failure

TEXTS = ["rain", "snow"]


def vectors(reply):
    return [row.embedding for row in reply.data]


@with_embeddings
def test_the_clients_default_is_read_the_same_as_plain_numbers(openai_client, upstream):
    # Left to itself the client asks for base64, which it decodes.
    coded = openai_client.embeddings.create(model=EMBEDDING_MODEL, input=TEXTS)
    plain = openai_client.embeddings.create(model=EMBEDDING_MODEL, input=TEXTS, encoding_format="float")
    assert [body["encoding_format"] for body in upstream.embedding_requests()] == ["base64", "float"]
    for ours, theirs in zip(vectors(coded), vectors(plain), strict=True):
        assert ours == pytest.approx(theirs)
        assert math.hypot(*ours) == pytest.approx(1, abs=1e-4)
    assert [row.index for row in coded.data] == [0, 1]
    assert coded.usage.prompt_tokens > 0


@with_embeddings
def test_base64_is_left_as_it_is_for_those_who_ask(openai_client):
    reply = openai_client.embeddings.create(model=EMBEDDING_MODEL, input="rain", encoding_format="base64")
    assert isinstance(reply.data[0].embedding, str)


@with_embeddings
def test_only_the_model_is_replaced(openai_client, upstream):
    # Clients name what they know; there is one model for embeddings here.
    openai_client.embeddings.create(model="text-embedding-3-small", input=TEXTS, dimensions=8, user="someone")
    sent = upstream.embedding_requests()[-1]
    assert sent == {
        "model": EMBEDDING_MODEL,
        "input": TEXTS,
        "dimensions": 8,
        "user": "someone",
        "encoding_format": "base64",
    }


@with_embeddings
@pytest.mark.parametrize(
    ("name", "kind"),
    [("401", openai.AuthenticationError), ("429-provider", openai.RateLimitError), ("500", openai.InternalServerError)],
)
def test_failures_of_the_upstream(openai_client, upstream, name, kind):
    upstream.script_embeddings(EMBEDDING_MODEL, failure(name))
    with pytest.raises(kind) as raised:
        openai_client.embeddings.create(model=EMBEDDING_MODEL, input="rain")
    assert raised.value.body["message"]


def test_without_an_embedding_model_the_setting_is_named(openai_client):
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.embeddings.create(model=EMBEDDING_MODEL, input="rain")
    assert "EMBEDDING_MODEL" in raised.value.body["message"]
