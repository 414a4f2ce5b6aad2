"""What manages models, with the `ollama` client: pulling, naming, deleting, making, and what is in use."""

import datetime
import hashlib

import ollama
import pytest
from examples import MODEL, PLAIN_MODEL, QUESTION, UNKNOWN_MODEL, VISION_MODEL
from processes import OllamaProxy

stream_or_not = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def names(client):
    return [model.model for model in client.list().models]


def test_pull(client, upstream):
    assert client.pull(MODEL).status == "success"
    assert upstream.chat_requests() == []


def test_streamed_pull(client):
    lines = list(client.pull(MODEL, stream=True))
    assert lines[0].status == "pulling manifest"
    assert lines[-1].status == "success"
    [progress] = [line for line in lines if line.digest]
    assert progress.digest == "sha256:" + client.list().models[names(client).index(MODEL)].digest
    assert progress.total == progress.completed > 0, "a bar that is full, not one that divides by nothing"


@stream_or_not
def test_pull_of_an_unknown_model(client, stream):
    with pytest.raises(ollama.ResponseError) as raised:
        list(client.pull(UNKNOWN_MODEL, stream=stream))
    assert raised.value.error == "pull model manifest: file does not exist"
    # Ollama has answered 200 before it learns that there is no such model.
    assert raised.value.status_code == (-1 if stream else 500)


@stream_or_not
def test_push_says_why_not(client, stream):
    with pytest.raises(ollama.ResponseError) as raised:
        list(client.push(MODEL, stream=stream))
    assert raised.value.status_code == 400
    assert "cannot be pushed" in raised.value.error


@stream_or_not
def test_create_says_why_not(client, stream):
    with pytest.raises(ollama.ResponseError) as raised:
        list(client.create("mine", from_=MODEL, system="Be brief.", stream=stream))
    assert raised.value.status_code == 400
    assert "hosted by the upstream" in raised.value.error
    assert "/api/copy" in raised.value.error, "what to do instead"


def test_a_blob_is_refused(client, tmp_path):
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"GGUF" + bytes(200_000))
    with pytest.raises(ollama.ResponseError) as raised:
        client.create_blob(file)
    assert raised.value.status_code == 400
    # Clients ask whether the server has a blob before they send it.
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert client._client.head(f"/api/blobs/sha256:{digest}").status_code == 404


def test_a_copy_is_another_name(client, upstream):
    assert client.copy(MODEL, "mine").status == "success"
    assert "mine:latest" in names(client)
    assert client.show("mine").capabilities == client.show(MODEL).capabilities
    assert client.chat("mine", QUESTION).model == "mine"
    assert upstream.chat_requests()[-1]["model"] == MODEL
    assert client.delete("mine").status == "success"
    assert "mine:latest" not in names(client)
    with pytest.raises(ollama.ResponseError) as raised:
        client.show("mine")
    assert raised.value.status_code == 404


def test_a_copy_outlives_the_server(client, proxy, upstream, tmp_path):
    client.copy(PLAIN_MODEL, "story-teller:3b")
    assert proxy.stop() == 0
    with OllamaProxy(upstream, tmp_path) as successor:
        assert "story-teller:3b" in names(ollama.Client(host=successor.root))
        assert successor.stop() == 0


def test_a_copy_cannot_hide_a_hosted_model(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client.copy(MODEL, PLAIN_MODEL)
    assert raised.value.status_code == 400
    assert PLAIN_MODEL in raised.value.error


def test_copy_of_an_unknown_model(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client.copy(UNKNOWN_MODEL, "mine")
    assert raised.value.status_code == 404
    assert raised.value.error == f"model '{UNKNOWN_MODEL}' not found"


def test_delete_of_a_hosted_model_says_why_not(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client.delete(MODEL)
    assert raised.value.status_code == 400
    assert "cannot be deleted" in raised.value.error
    assert MODEL in names(client)


def test_delete_of_an_unknown_model(client):
    with pytest.raises(ollama.ResponseError) as raised:
        client.delete(UNKNOWN_MODEL)
    assert raised.value.status_code == 404
    assert "not found" in raised.value.error


def test_what_is_in_use(client):
    assert client.ps().models == []
    client.chat(MODEL, QUESTION, keep_alive="1h")
    client.generate(VISION_MODEL, "Hello", keep_alive=-1)
    client.chat(PLAIN_MODEL, QUESTION, keep_alive=0)
    rows = {row.model: row for row in client.ps().models}
    assert set(rows) == {MODEL, VISION_MODEL}, "what is to be unloaded at once is in use no more"

    now = datetime.datetime.now(datetime.timezone.utc)
    rest = rows[MODEL].expires_at - now
    assert datetime.timedelta(minutes=59) < rest <= datetime.timedelta(minutes=60, seconds=1)
    assert rows[VISION_MODEL].expires_at.year > now.year + 100
    assert rows[MODEL].context_length == 262144
    assert rows[MODEL].digest == client.list().models[names(client).index(MODEL)].digest
    assert rows[MODEL].details.family
    assert (rows[MODEL].size, rows[MODEL].size_vram) == (0, 0)


def test_what_no_provider_serves_is_not_found(client):
    # Questions to a model that only Ollama's own runner knows how to score.
    with pytest.raises(ollama.ResponseError) as raised:
        client.systemone(MODEL, "It rains.", {"wet": {"type": "noul", "instructions": "Is it wet?"}})
    assert raised.value.status_code == 404
