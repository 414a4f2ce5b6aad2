"""Refusals of every route: the status, and a body that is an object with the text and nothing else."""

import json

import pytest
from conftest import with_embeddings, without_fallback
from examples import EMBEDDING_MODEL, MODEL, PLAIN_MODEL, QUESTION, UNKNOWN_MODEL, WEATHER_TOOL, failure
from recordings import needs_recordings, values

# What each route of the Ollama API is asked, and with which method.
REQUESTS = {
    "/api/chat": ("POST", {"model": MODEL, "messages": QUESTION}),
    "/api/generate": ("POST", {"model": MODEL, "prompt": "Rain?"}),
    "/api/embed": ("POST", {"model": EMBEDDING_MODEL, "input": "rain"}),
    "/api/embeddings": ("POST", {"model": EMBEDDING_MODEL, "prompt": "rain"}),
    "/api/show": ("POST", {"model": MODEL}),
    "/api/pull": ("POST", {"model": MODEL}),
    "/api/push": ("POST", {"model": MODEL}),
    "/api/create": ("POST", {"model": "mine", "from": MODEL}),
    "/api/copy": ("POST", {"source": MODEL, "destination": "mine"}),
    "/api/delete": ("DELETE", {"model": MODEL}),
    "/api/blobs/sha256:00": ("POST", {}),
    "/api/me": ("POST", {}),
    "/api/signout": ("POST", {}),
    "/api/tags": ("GET", None),
    "/api/ps": ("GET", None),
    "/api/version": ("GET", None),
    "/api/status": ("GET", None),
    "/api/experimental/model-recommendations": ("GET", None),
    "/": ("GET", None),
}
READERS = ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show", "/api/pull", "/api/delete"]
UPSTREAM_READERS = READERS[:4]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def error_of(reply, status):
    """The text of a refusal, whose shape is the same everywhere."""
    body = reply.json()
    assert reply.status == status, body
    assert set(body) == {"error"}
    assert isinstance(body["error"], str) and body["error"].strip()
    assert not body["error"].startswith("{"), "text, not JSON within JSON"
    return body["error"]


@pytest.mark.parametrize("path", REQUESTS)
def test_wrong_method(wire, path):
    for method in METHODS:
        reply = wire.send(method, path)
        if reply.status != 405:
            allowed = {REQUESTS[path][0]}
            assert method in allowed
            continue
        assert method in error_of(reply, 405)
        assert REQUESTS[path][0] in reply.headers["allow"].split(", ")
    # To HEAD there is no body, only the status; a blob that is asked for is not there.
    expected = 404 if "blobs" in path else 200 if REQUESTS[path][0] == "GET" else 405
    assert wire.send("HEAD", path).status == expected


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/chat/more", "/nothing", "/api/tags/x"])
def test_unknown_path(wire, path):
    for method in METHODS:
        assert path.rstrip("/") in error_of(wire.send(method, path), 404)


@with_embeddings
@pytest.mark.parametrize("path", READERS)
def test_a_body_that_names_no_model(wire, path):
    method, _ = REQUESTS[path]
    for body in [b"", b"{", b'{"model":', b"[]", b'"text"', b"null", b"\xff\xfe", {}, {"model": ""}, {"model": None}]:
        assert error_of(wire.send(method, path, body), 400), body


@with_embeddings
@pytest.mark.parametrize("path", READERS)
def test_a_model_of_another_type(wire, path):
    method, body = REQUESTS[path]
    for model in [7, True, ["a"], {"a": "b"}]:
        assert "model" in error_of(wire.send(method, path, {**body, "model": model}), 400)


@pytest.mark.parametrize("path", ["/api/show", "/api/delete", "/api/chat", "/api/generate"])
@without_fallback
def test_unknown_model(wire, path):
    method, body = REQUESTS[path]
    text = error_of(wire.send(method, path, {**body, "model": UNKNOWN_MODEL}), 404)
    assert text == f"model '{UNKNOWN_MODEL}' not found"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"destination": "mine"}, "source"),
        ({"source": 1, "destination": "mine"}, "source"),
        ({"source": MODEL}, "destination"),
        ({"source": MODEL, "destination": "not a name"}, "destination"),
    ],
)
def test_incomplete_copy(wire, body, field):
    assert field in error_of(wire.post("/api/copy", body), 400)


def test_pull_of_an_unknown_model(wire):
    error_of(wire.post("/api/pull", {"model": UNKNOWN_MODEL, "stream": False}), 500)


@pytest.mark.parametrize("path", ["/api/push", "/api/create", "/api/delete", "/api/blobs/sha256:00"])
def test_what_a_hosted_model_cannot(wire, path):
    method, body = REQUESTS[path]
    error_of(wire.send(method, path, body), 400)


@pytest.mark.parametrize("path", ["/api/me", "/api/signout"])
def test_there_is_no_account(wire, path):
    error_of(wire.post(path, {}), 401)


@pytest.mark.parametrize("path", UPSTREAM_READERS)
@pytest.mark.parametrize(
    ("name", "status"), [("401", 401), ("402", 402), ("429-day", 429), ("500", 502), ("html-502", 502)]
)
@pytest.mark.parametrize("settings", [{"FREE_MODE": "false", "EMBEDDING_MODEL": EMBEDDING_MODEL}], ids=["all-models"])
def test_failures_of_the_upstream(wire, upstream, path, name, status):
    if "embed" in path:
        upstream.script_embeddings(EMBEDDING_MODEL, failure(name))
    else:
        upstream.script({MODEL: failure(name)})
    for stream in [False, True]:
        error_of(wire.post(path, {**REQUESTS[path][1], "stream": stream}), status)


@pytest.mark.parametrize("path", ["/api/embed", "/api/embeddings"])
def test_no_embedding_model(wire, path):
    assert "EMBEDDING_MODEL" in error_of(wire.post(path, REQUESTS[path][1]), 400)


# The recorded errors that can be brought about here: how, and whether the text is the same. Go's words for a broken
# body are its own; ours tell the place as well.
RECORDED = {
    "400-model-is-required.json": ("/api/chat", {"messages": QUESTION}, 400, True),
    "400-invalid-input-type.json": ("/api/embed", {"model": EMBEDDING_MODEL, "input": 7}, 400, True),
    "400-top_logprobs.json": (
        "/api/chat",
        {"model": MODEL, "messages": QUESTION, "logprobs": True, "top_logprobs": 21},
        400,
        True,
    ),
    "404-model-not-found.json": ("/api/show", {"model": "X"}, 404, True),
    "400-bad-json.json": ("/api/chat", b"x", 400, False),
    "401-unauthorized-cloud.json": ("/api/me", {}, 401, True),
}


@needs_recordings
@with_embeddings
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_text(wire, name):
    path, body, status, is_same_text = RECORDED[name]
    [recorded] = values(f"errors/{name}")
    text = error_of(wire.post(path, body), status)
    assert set(recorded) == {"error"}
    # Ours may name the field in front.
    assert not is_same_text or text.endswith(recorded["error"])


@needs_recordings
def test_recorded_error_in_a_stream(wire, upstream):
    *lines, last = values("errors/midstream.ndjson")
    pieces = [line["response"] for line in lines]
    upstream.script({MODEL: {"kind": "stream", "content": pieces, "error_after_events": len(pieces)}})
    reply = wire.post("/api/generate", {"model": MODEL, "prompt": "Rain?"})
    *ours, end = reply.lines()
    assert reply.status == 200, "sent before the error was known"
    assert [set(line) for line in ours] == [set(line) for line in lines]
    assert [line["response"] for line in ours] == pieces
    assert set(end) == set(last) == {"error"}
    assert json.loads(reply.text.splitlines()[-1]) == end


def test_tools_for_a_model_that_has_none_are_answered_by_another(wire, upstream):
    # Ollama refuses ("does not support tools"), and so does the upstream; a free model that can is better than that.
    upstream.script({PLAIN_MODEL: failure("404")})
    body = {"model": PLAIN_MODEL, "messages": QUESTION, "tools": [WEATHER_TOOL], "stream": False}
    reply = wire.post("/api/chat", body)
    assert reply.json()["message"]["tool_calls"]
    assert upstream.chat_requests()[-1]["model"] != PLAIN_MODEL
