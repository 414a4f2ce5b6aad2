"""Every further endpoint with the asynchronous `ollama` client; chats are in `test_ollama_asynchronous.py`."""

import asyncio

import ollama
import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, MODEL, UNKNOWN_MODEL, stream_of

PROMPT = "Is it going to rain?"


async def gather(stream):
    return [part async for part in stream]


async def refusal(answer):
    """The status and text that a request is refused with, at once or in the midst of its stream."""
    with pytest.raises(ollama.ResponseError) as raised:
        answer = await answer
        if hasattr(answer, "__aiter__"):
            await gather(answer)
    return raised.value.status_code, raised.value.error


def test_generate(asynchronous_client, upstream):
    upstream.script({MODEL: stream_of("Yes", ".", reasoning=["Clouds"])})

    async def run():
        whole = await asynchronous_client.generate(MODEL, PROMPT, think=True)
        assert (whole.thinking, whole.response, whole.done_reason) == ("Clouds", "Yes.", "stop")
        parts = await gather(await asynchronous_client.generate(MODEL, PROMPT, stream=True, system="Be brief."))
        assert "".join(part.response for part in parts) == "Yes."
        assert [part.done for part in parts].index(True) == len(parts) - 1

    asyncio.run(run())
    assert upstream.chat_requests()[-1]["messages"][0] == {"role": "system", "content": "Be brief."}


@with_embeddings
def test_embed_and_embeddings(asynchronous_client):
    async def run():
        [first, second] = (await asynchronous_client.embed(EMBEDDING_MODEL, ["rain", "snow"])).embeddings
        assert first != second
        assert (await asynchronous_client.embeddings(EMBEDDING_MODEL, "snow")).embedding == second

    asyncio.run(run())


def test_pull(asynchronous_client):
    async def run():
        assert (await asynchronous_client.pull(MODEL)).status == "success"
        lines = await gather(await asynchronous_client.pull(MODEL, stream=True))
        assert [lines[0].status, lines[-1].status] == ["pulling manifest", "success"]

    asyncio.run(run())


def test_pull_of_an_unknown_model(asynchronous_client):
    async def run():
        text = "pull model manifest: file does not exist"
        assert await refusal(asynchronous_client.pull(UNKNOWN_MODEL)) == (500, text)
        assert await refusal(asynchronous_client.pull(UNKNOWN_MODEL, stream=True)) == (-1, text)

    asyncio.run(run())


def test_copy_list_delete(asynchronous_client):
    async def names():
        return [model.model for model in (await asynchronous_client.list()).models]

    async def run():
        assert (await asynchronous_client.copy(MODEL, "mine")).status == "success"
        assert "mine:latest" in await names()
        assert (await asynchronous_client.delete("mine")).status == "success"
        assert "mine:latest" not in await names()

    asyncio.run(run())


def test_what_is_in_use(asynchronous_client):
    async def run():
        assert (await asynchronous_client.ps()).models == []
        await asynchronous_client.generate(MODEL, keep_alive="10m")
        [row] = (await asynchronous_client.ps()).models
        assert row.model == MODEL
        await asynchronous_client.generate(MODEL, keep_alive=0)
        assert (await asynchronous_client.ps()).models == []

    asyncio.run(run())


def test_push_and_create_say_why_not(asynchronous_client):
    async def run():
        for stream in [False, True]:
            for request in [
                asynchronous_client.push(MODEL, stream=stream),
                asynchronous_client.create("mine", from_=MODEL, stream=stream),
            ]:
                status, text = await refusal(request)
                assert status == 400
                assert "hosted by the upstream" in text

    asyncio.run(run())


def test_a_blob_is_refused(asynchronous_client, tmp_path):
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"GGUF" + bytes(200_000))

    async def run():
        # This client sends the blob in chunks, of a length that it does not tell.
        status, text = await refusal(asynchronous_client.create_blob(file))
        assert status == 400
        assert "hosted by the upstream" in text

    asyncio.run(run())
