"""Each kind of reply, field for field, against those that Ollama was recorded to give: same keys, same types."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import pytest
from conftest import with_embeddings
from examples import MODEL, QUESTION, VISION_MODEL, WEATHER_TOOL, stream_of
from recordings import allows, common_shape, needs_recordings, values

pytestmark = needs_recordings

SPEAKER = "tells where the model is, as Ollama does for models that it hosts elsewhere"
NO_TOKENS = "tokens are known to a local runner only"
NO_FILE = "tells of the file with the weights, and there is none here"
LATER = "newer than the recordings: Ollama sends it since 2026-08"


@dataclass
class Kind:
    """One kind of reply, and what we do on purpose unlike the recordings, by patterns of paths and with reasons."""

    recorded: object
    ours: object
    added: dict = field(default_factory=dict)
    left_out: dict = field(default_factory=dict)


def chat(wire, stream=True, **more):
    return wire.post("/api/chat", {"model": MODEL, "messages": QUESTION, "think": True, "stream": stream, **more})


def generate(wire, stream=True):
    return wire.post("/api/generate", {"model": MODEL, "prompt": "Rain?", "think": True, "stream": stream})


def middle(lines):
    return [line for line in lines if not line["done"]]


def end(lines):
    return [line for line in lines if line["done"]]


def calls(lines):
    return [line for line in lines if "tool_calls" in line.get("message", {})]


def text_only(lines):
    return [line for line in middle(lines) if line not in calls(lines)]


CHAT_STREAMS = ("prism/chat-stream*.ndjson", "ndjson/*_chat_*.ndjson")
CHAT_WHOLE = ("prism/chat--*.json", "json/openllmetry--*_chat_*.json", "json/openllmetry--*duration*.json")
GENERATE_STREAMS = ("native/api-generate-stream*", "ndjson/*_generation_*.ndjson", "ndjson/*_generate_*.ndjson")
GENERATE_WHOLE = ("native/api-generate--*", "json/openllmetry--*_generation_*.json")
ANSWER_ADDED = {"remote_model": SPEAKER, "remote_host": SPEAKER}
ROW_ADDED = {"details.context_length": LATER, "details.embedding_length": LATER}

KINDS = {
    "chat line": Kind(
        recorded=lambda: text_only(values(*CHAT_STREAMS)),
        ours=lambda wire: text_only(chat(wire).lines()),
    ),
    "chat line with a tool call": Kind(
        recorded=lambda: calls(values(*CHAT_STREAMS, "native/chat-stream-tools*.ndjson")),
        ours=lambda wire: calls(chat(wire, tools=[WEATHER_TOOL]).lines()),
        added={"message.tool_calls[].id": "newer than the recordings: Ollama sends it since 2025-12"},
    ),
    "last chat line": Kind(
        recorded=lambda: end(values(*CHAT_STREAMS)), ours=lambda wire: end(chat(wire).lines()), added=ANSWER_ADDED
    ),
    "whole chat answer": Kind(
        recorded=lambda: values(*CHAT_WHOLE),
        ours=lambda wire: [chat(wire, stream=False).json()],
        added=ANSWER_ADDED,
    ),
    "generate line": Kind(
        recorded=lambda: middle(values(*GENERATE_STREAMS)),
        ours=lambda wire: middle(generate(wire).lines()),
    ),
    "last generate line": Kind(
        recorded=lambda: end(values(*GENERATE_STREAMS)),
        ours=lambda wire: end(generate(wire).lines()),
        added=ANSWER_ADDED,
        left_out={"context[[]]": NO_TOKENS},
    ),
    "whole generate answer": Kind(
        recorded=lambda: values(*GENERATE_WHOLE),
        ours=lambda wire: [generate(wire, stream=False).json()],
        added=ANSWER_ADDED,
        left_out={"context[[]]": NO_TOKENS},
    ),
    "row of the list": Kind(
        recorded=lambda: [row for whole in values("native/api-tags*") for row in whole["models"]],
        ours=lambda wire: wire.get("/api/tags").json()["models"],
        added={**ANSWER_ADDED, **ROW_ADDED, "capabilities": LATER, "capabilities[[]]": LATER},
    ),
    "model shown": Kind(
        recorded=lambda: [
            *values("native/api-show--attogram*"),
            *values("native/ollama-cloud-show*")[0]["details"].values(),
        ],
        ours=lambda wire: [wire.post("/api/show", {"model": model}).json() for model in [MODEL, VISION_MODEL]],
        added={**ANSWER_ADDED, **ROW_ADDED},
        left_out={
            "system": "is in the Modelfile of some models; no hosted one has any",
            "tensors*": NO_FILE,
            "model_info.tokenizer.*": NO_FILE,
            "model_info.<architecture>.*": NO_FILE,
            "model_info.general.*": NO_FILE,
        },
    ),
    "row of what is in use": Kind(
        recorded=lambda: [row for whole in values("native/api-ps*") for row in whole["models"]],
        ours=lambda wire: [chat(wire), *wire.get("/api/ps").json()["models"]][1:],
        added=ROW_ADDED,
    ),
    "version": Kind(
        recorded=lambda: values("native/api-version*"), ours=lambda wire: [wire.get("/api/version").json()]
    ),
    "embeddings": Kind(
        recorded=lambda: values("prism/embed*"),
        ours=lambda wire: [wire.post("/api/embed", {"model": "any", "input": ["rain", "snow"]}).json()],
    ),
}


@with_embeddings
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_shape(wire, upstream, kind):
    replies = replies_of(kind, wire, upstream)
    recorded, ours = common_shape(kind.recorded()), common_shape(replies)

    assert_told(ours.keys() - recorded.keys(), kind.added, "added")
    assert_told(recorded.keys() - ours.keys(), kind.left_out, "left out")
    for path in recorded.keys() & ours.keys():
        assert allows(recorded[path], ours[path]), f"{path} is {ours[path]}, was recorded as {recorded[path]}"


@with_embeddings
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_what_every_recording_has_every_reply_has(wire, upstream, kind):
    always = set.intersection(*(set(common_shape([value])) for value in kind.recorded()))
    for reply in replies_of(kind, wire, upstream):
        assert always - common_shape([reply]).keys() == set()


def replies_of(kind, wire, upstream):
    # Has a line of every kind; the upstream's own answer is the one that calls tools.
    if kind is not KINDS["chat line with a tool call"]:
        upstream.script({MODEL: stream_of("Yes", ".", reasoning=["Clouds"])})
    replies = kind.ours(wire)
    assert replies
    return replies


def assert_told(paths, told, what):
    """Each path that differs is told of, and each that is told of differs: the tables stay true."""
    untold = {path for path in paths if not any(fnmatchcase(path, pattern) for pattern in told)}
    assert untold == set(), f"{what} without a reason"
    untrue = {pattern for pattern in told if not any(fnmatchcase(path, pattern) for path in paths)}
    assert untrue == set(), f"not {what}, whatever the table says"
