"""Embeddings with the `ollama` client."""

import math

import ollama
import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, failure


@with_embeddings
def test_one_text(client, upstream):
    answer = client.embed(EMBEDDING_MODEL, "rain")
    [vector] = answer.embeddings
    assert len(vector) == 64
    assert math.isclose(sum(number * number for number in vector), 1, rel_tol=1e-4)
    assert answer.model == EMBEDDING_MODEL
    assert answer.prompt_eval_count > 0
    assert answer.total_duration > 0
    assert upstream.embedding_requests()[-1]["input"] == "rain"
    assert upstream.embedding_requests()[-1]["model"] == EMBEDDING_MODEL


@with_embeddings
def test_several_texts_keep_their_order(client):
    texts = ["rain", "snow", "sun ☀"]
    together = client.embed(EMBEDDING_MODEL, texts).embeddings
    assert together == [client.embed(EMBEDDING_MODEL, text).embeddings[0] for text in texts]


@with_embeddings
def test_dimensions(client, upstream):
    answer = client.embed(EMBEDDING_MODEL, ["rain"], dimensions=16, truncate=True, keep_alive="5m", options={"seed": 1})
    assert len(answer.embeddings[0]) == 16
    assert upstream.embedding_requests()[-1]["dimensions"] == 16


@with_embeddings
def test_nothing_to_embed(client, upstream):
    assert client.embed(EMBEDDING_MODEL, []).embeddings == []
    assert upstream.embedding_requests() == []


@with_embeddings
def test_the_older_endpoint(client):
    assert client.embeddings(EMBEDDING_MODEL, "rain").embedding == client.embed(EMBEDDING_MODEL, "rain").embeddings[0]


@with_embeddings
def test_an_embedding_model_is_listed_and_shown(client):
    assert EMBEDDING_MODEL in [model.model for model in client.list().models]
    assert client.show(EMBEDDING_MODEL).capabilities == ["embedding"]


@with_embeddings
def test_a_failure_of_the_upstream(client, upstream):
    upstream.script_embeddings(EMBEDDING_MODEL, failure("401"))
    with pytest.raises(ollama.ResponseError) as raised:
        client.embed(EMBEDDING_MODEL, "rain")
    assert raised.value.status_code == 401


@pytest.mark.parametrize("ask", [ollama.Client.embed, ollama.Client.embeddings], ids=["embed", "embeddings"])
def test_without_an_embedding_model_the_error_names_the_setting(client, ask):
    with pytest.raises(ollama.ResponseError) as raised:
        ask(client, EMBEDDING_MODEL, "rain")
    assert raised.value.status_code == 400
    assert "EMBEDDING_MODEL" in raised.value.error
