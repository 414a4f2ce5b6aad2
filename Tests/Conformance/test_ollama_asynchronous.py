"""The asynchronous `ollama` client, which speaks through another HTTP stack than the synchronous one."""

import asyncio

import ollama
import pytest
from conftest import without_limits
from examples import MODEL, QUESTION, WEATHER_TOOL, stream_of


def test_list_and_show(asynchronous_client):
    async def run():
        names = [model.model for model in (await asynchronous_client.list()).models]
        assert MODEL in names
        assert "tools" in (await asynchronous_client.show(MODEL)).capabilities

    asyncio.run(run())


def test_chat(asynchronous_client, upstream):
    upstream.script({MODEL: stream_of("Yes", ".")})

    async def run():
        whole = await asynchronous_client.chat(MODEL, QUESTION)
        parts = [part async for part in await asynchronous_client.chat(MODEL, QUESTION, stream=True)]
        assert whole.message.content == "".join(part.message.content for part in parts) == "Yes."
        assert parts[-1].done

    asyncio.run(run())


def test_tool_call(asynchronous_client):
    async def run():
        answer = await asynchronous_client.chat(MODEL, QUESTION, tools=[WEATHER_TOOL])
        assert answer.message.tool_calls[0].function.arguments == {"city": "example", "days": 1}

    asyncio.run(run())


@without_limits
def test_many_streams_at_once(asynchronous_client, upstream):
    words = [f"word{number} " for number in range(20)]
    upstream.script({MODEL: stream_of(*words, delay_ms=2)})

    async def ask():
        return "".join(
            [part.message.content async for part in await asynchronous_client.chat(MODEL, QUESTION, stream=True)]
        )

    async def run():
        answers = await asyncio.gather(*(ask() for _ in range(50)))
        assert answers == ["".join(words)] * 50

    asyncio.run(run())


def test_a_stream_that_breaks_raises(asynchronous_client, upstream):
    upstream.script({MODEL: stream_of("It", " will", cut_after_events=1)})

    async def run():
        with pytest.raises(ollama.ResponseError):
            async for _ in await asynchronous_client.chat(MODEL, QUESTION, stream=True):
                pass

    asyncio.run(run())


def test_unknown_model(asynchronous_client):
    async def run():
        with pytest.raises(ollama.ResponseError) as raised:
            await asynchronous_client.show("nobody/nothing")
        assert raised.value.status_code == 404

    asyncio.run(run())
