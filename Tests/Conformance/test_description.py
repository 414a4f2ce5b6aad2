"""Replies against Ollama's description of its API, for the requests it shows and for what those leave out."""

import pytest
from conftest import with_embeddings
from description import Description, needs_description, samples
from examples import EMBEDDING_MODEL, MODEL, QUESTION, UNKNOWN_MODEL, VISION_MODEL, WEATHER_TOOL, stream_of
from wire import NDJSON, JSON

pytestmark = needs_description

# The names that the samples use, each given to a model that can do what is asked of it.
SAMPLE_MODELS = {"gemma4": VISION_MODEL, "qwen3": MODEL, "gpt-oss": MODEL}
# Nothing of a hosted model can be made or uploaded.
REFUSED_PATHS = {"/api/create", "/api/push"}
STREAMING_PATHS = {"/api/chat", "/api/generate", "/api/pull"}


@pytest.fixture(scope="module")
def description():
    return Description()


@with_embeddings
@pytest.mark.parametrize(("method", "path", "body"), samples())
def test_sample(wire, description, method, path, body):
    for name, model in SAMPLE_MODELS.items():
        assert wire.post("/api/copy", {"source": model, "destination": name}).status == 200
    wire.post("/api/generate", {"model": MODEL})

    reply = wire.send(method, path, body)
    assert reply.status == (400 if path in REFUSED_PATHS else 200)
    description.check_reply(reply, method, path)
    # What loads or unloads a model is answered at once.
    has_prompt = body is not None and (path != "/api/generate" or "prompt" in body)
    if reply.text and reply.status == 200:
        is_stream = path in STREAMING_PATHS and has_prompt and body.get("stream", True)
        assert reply.content_type == (NDJSON if is_stream else JSON)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_thinking(wire, description, upstream, path, stream):
    upstream.script({MODEL: stream_of("Yes", ".", reasoning=["Clouds"])})
    body = {"model": MODEL, "messages": QUESTION, "prompt": "Rain?", "think": True, "stream": stream}
    reply = wire.post(path, body)
    description.check_reply(reply, "POST", path)
    assert "Clouds" in reply.text


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_tool_call(wire, description, stream):
    body = {"model": MODEL, "messages": QUESTION, "tools": [WEATHER_TOOL], "stream": stream}
    reply = wire.post("/api/chat", body)
    description.check_reply(reply, "POST", "/api/chat")
    assert "get_weather" in reply.text


def test_a_chat_that_only_loads(wire, description):
    description.check_reply(wire.post("/api/chat", {"model": MODEL, "messages": []}), "POST", "/api/chat")


def test_every_model_shown(wire, description):
    for row in wire.get("/api/tags").json()["models"]:
        description.check_reply(wire.post("/api/show", {"model": row["name"]}), "POST", "/api/show")


@with_embeddings
@pytest.mark.parametrize("text", [[], [""], ["rain", "snow"], "rain"], ids=["none", "empty", "several", "one"])
def test_embeddings(wire, description, text):
    reply = wire.post("/api/embed", {"model": EMBEDDING_MODEL, "input": text})
    assert reply.status == 200
    description.check_reply(reply, "POST", "/api/embed")


def test_a_stream_that_breaks(wire, description, upstream):
    upstream.script({MODEL: stream_of("Yes", ".", error_after_events=2)})
    *lines, last = wire.post("/api/chat", {"model": MODEL, "messages": QUESTION}).lines()
    for line in lines:
        description.check(line, "ChatStreamEvent")
    description.check(last, "ErrorResponse")
    assert set(last) == {"error"}


def test_a_streamed_pull_of_an_unknown_model(wire, description):
    first, last = wire.post("/api/pull", {"model": UNKNOWN_MODEL}).lines()
    description.check(first, "StatusEvent")
    description.check(last, "ErrorResponse")
    assert set(last) == {"error"}
