"""`langchain-ollama`: chats, tools, formats, completions and embeddings."""

import asyncio

import ollama
import pydantic
import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, MODEL, PLAIN_MODEL, UNKNOWN_MODEL, VISION_MODEL, failure, stream_of
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaEmbeddings, OllamaLLM

PROMPT = "Is it going to rain?"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Forecast(pydantic.BaseModel):
    """What the weather will be like."""

    city: str
    will_rain: bool


@tool
def get_weather(city: str, days: int) -> str:
    """What the weather will be like in some days."""
    return f"{city} in {days} days: sunny"


@pytest.fixture(autouse=True)
def without_tracing(monkeypatch):
    # The environment may ask for every call to be reported to a service elsewhere.
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


@pytest.fixture
def chat(proxy):
    """Makes a chat model; where it is not said otherwise it checks first that its model is listed."""

    def make(model=MODEL, **settings):
        return ChatOllama(model=model, base_url=proxy.root, **{"validate_model_on_init": True, **settings})

    return make


def test_invoke(chat, upstream):
    upstream.script({MODEL: stream_of("Yes", ".")})
    answer = chat(temperature=0.5, num_predict=20, stop=["\n"], seed=7).invoke(
        [("system", "Be brief."), ("human", PROMPT)]
    )
    assert answer.content == "Yes."
    assert answer.usage_metadata == {"input_tokens": 12, "output_tokens": 2, "total_tokens": 14}
    assert answer.response_metadata["done_reason"] == "stop"
    assert answer.response_metadata["model_name"] == MODEL
    sent = upstream.chat_requests()[-1]
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    carried = {name: sent[name] for name in ["temperature", "max_tokens", "stop", "seed"]}
    assert carried == {"temperature": 0.5, "max_tokens": 20, "stop": ["\n"], "seed": 7}


def test_stream(chat, upstream):
    upstream.script({MODEL: stream_of("Yes", ", it", " is")})
    parts = list(chat().stream(PROMPT))
    assert [part.content for part in parts if part.content] == ["Yes", ", it", " is"]
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    assert whole.usage_metadata["output_tokens"] == 3
    assert whole.response_metadata["done_reason"] == "stop"


def test_asynchronously(chat, upstream):
    upstream.script({MODEL: stream_of("Yes", ".")})

    async def run():
        model = chat()
        assert (await model.ainvoke(PROMPT)).content == "Yes."
        assert "".join([part.content async for part in model.astream(PROMPT)]) == "Yes."

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_tool_round_trip(chat, upstream, stream):
    model = chat().bind_tools([get_weather])
    messages = [HumanMessage(PROMPT)]
    if stream:
        parts = list(model.stream(messages))
        called = parts[0]
        for part in parts[1:]:
            called += part
    else:
        called = model.invoke(messages)
    [call] = called.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "example", "days": 1})

    messages += [AIMessage(called.content, tool_calls=called.tool_calls), get_weather.invoke(call)]
    assert isinstance(messages[-1], ToolMessage)
    assert "example in 1 days: sunny" in model.invoke(messages).content
    _, assistant, result = upstream.chat_requests()[-1]["messages"]
    assert result["tool_call_id"] == assistant["tool_calls"][0]["id"]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_output(chat, upstream, method):
    if method == "json_mode":
        upstream.script({MODEL: stream_of('{"city":"Oslo",', '"will_rain":true}')})
    assert isinstance(chat().with_structured_output(Forecast, method=method).invoke(PROMPT), Forecast)


def test_thinking(chat, upstream):
    upstream.script({MODEL: stream_of("Yes", reasoning=["Clouds", ", so rain"])})
    answer = chat(reasoning=True).invoke(PROMPT)
    assert answer.content == "Yes"
    assert answer.additional_kwargs["reasoning_content"] == "Clouds, so rain"
    parts = list(chat(reasoning="high").stream(PROMPT))
    assert "".join(part.additional_kwargs.get("reasoning_content", "") for part in parts) == "Clouds, so rain"
    assert "".join(part.content for part in parts) == "Yes"
    assert upstream.chat_requests()[-1]["reasoning"]["effort"] == "high"
    unthinking = chat(reasoning=False).invoke(PROMPT)
    assert unthinking.content == "Yes"
    assert "reasoning_content" not in unthinking.additional_kwargs


def test_pictures(chat, upstream):
    url = f"data:image/png;base64,{PIXEL}"
    content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    assert chat(VISION_MODEL).invoke([HumanMessage(content)]).content
    parts = upstream.chat_requests()[-1]["messages"][0]["content"]
    assert [part["image_url"]["url"] for part in parts if part["type"] == "image_url"] == [url]


@pytest.mark.parametrize("kind", [ChatOllama, OllamaLLM])
def test_a_model_that_is_not_listed(proxy, kind):
    with pytest.raises(ValueError, match="not found in Ollama"):
        kind(model=UNKNOWN_MODEL, base_url=proxy.root, validate_model_on_init=True)


def test_a_name_without_its_tag(chat):
    # The client itself looks for a listed name that continues with a colon.
    assert chat(PLAIN_MODEL.removesuffix(":free")).invoke(PROMPT).content


def test_a_failure(chat, upstream):
    upstream.script({"*": failure("401")})
    with pytest.raises(ollama.ResponseError) as raised:
        chat().invoke(PROMPT)
    assert raised.value.status_code == 401


def test_completion(proxy, upstream):
    upstream.script({MODEL: stream_of("Yes", ".")})
    model = OllamaLLM(model=MODEL, base_url=proxy.root, validate_model_on_init=True, temperature=0)
    assert model.invoke(PROMPT) == "Yes."
    assert "".join(model.stream(PROMPT)) == "Yes."
    assert asyncio.run(model.ainvoke(PROMPT)) == "Yes."
    assert model.generate([PROMPT]).generations[0][0].generation_info["done_reason"] == "stop"
    assert upstream.chat_requests()[-1]["temperature"] == 0


@with_embeddings
def test_embeddings(proxy):
    model = OllamaEmbeddings(
        model=EMBEDDING_MODEL, base_url=proxy.root, validate_model_on_init=True, dimensions=32, temperature=0
    )
    vectors = model.embed_documents(["rain", "snow"])
    assert [len(vector) for vector in vectors] == [32, 32]
    assert model.embed_query("snow") == vectors[1]
    assert asyncio.run(model.aembed_documents(["rain"])) == vectors[:1]
