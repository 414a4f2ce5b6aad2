"""Recorded answers said again: when the upstream says the same, clients read the same lines in the same order."""

import json

import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION
from recordings import names, needs_recordings, values

pytestmark = needs_recordings

CHATS = ["prism/chat-stream*.ndjson", "ndjson/*_chat_*.ndjson"]
COMPLETIONS = ["native/api-generate-stream*", "ndjson/*_generation_*.ndjson", "ndjson/*_generate_*.ndjson"]
WHOLE_CHATS = ["prism/chat--*.json", "json/openllmetry--*_chat_*.json", "json/openllmetry--*duration*.json"]
WHOLE_COMPLETIONS = ["native/api-generate--*", "json/openllmetry--*_generation_*.json"]
OPENING, CLOSING = "<think>", "</think>"


def said(value):
    """What one line or answer says: thoughts, text, and calls by name and arguments."""
    message = value.get("message", value)
    calls = [(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls", [])]
    return message.get("thinking", ""), message.get("content", message.get("response", "")), calls


def lines_of(recorded):
    """What is said line by line, and then "end": lines that say nothing are Ollama's own, and mean nothing."""
    return [said(value) for value in recorded if any(said(value))] + ["end"] * bool(recorded[-1]["done"])


def script_for(recorded):
    """An answer of the upstream that says the same as the recording, in the same pieces."""
    calls = [call for value in recorded for call in said(value)[2]]
    last = recorded[-1]
    return {
        "kind": "stream",
        "reasoning": [said(value)[0] for value in recorded if said(value)[0]],
        "content": [said(value)[1] for value in recorded if said(value)[1]],
        "tool_calls": [
            {"id": f"call_{index}", "name": name, "arguments": json.dumps(arguments)}
            for index, (name, arguments) in enumerate(calls)
        ],
        "finish_reason": "tool_calls" if calls else last.get("done_reason", "stop"),
        "usage": {"prompt_tokens": last.get("prompt_eval_count", 0), "completion_tokens": last["eval_count"]},
    }


def ask(wire, path, stream):
    body = {"model": MODEL, "messages": QUESTION, "prompt": "Rain?", "think": True, "stream": stream}
    reply = wire.post(path, body)
    return reply.lines() if stream else [reply.json()]


def assert_same_end(ours, recorded):
    assert ours["done"] is True
    assert ours["done_reason"] == recorded.get("done_reason", "stop")
    assert ours["prompt_eval_count"] == recorded.get("prompt_eval_count", 0)
    assert ours["eval_count"] == recorded["eval_count"]


def has_thoughts_in_text(recorded):
    """Some recorded servers leave thoughts in the text. We never do, so such an answer reads otherwise."""
    return OPENING in "".join(said(value)[1] for value in recorded)


def recordings(path, patterns, thoughts_in_text=False):
    """The files that match as parameters of a test, each with the path that gave such an answer."""
    return [(path, name) for name in names(*patterns) if has_thoughts_in_text(values(name)) == thoughts_in_text]


@without_fallback
@pytest.mark.parametrize(
    ("path", "name"), recordings("/api/chat", CHATS) + recordings("/api/generate", COMPLETIONS)
)
def test_stream(wire, upstream, path, name):
    recorded = values(name)
    upstream.script({MODEL: script_for(recorded)})
    ours = ask(wire, path, stream=True)
    assert lines_of(ours) == lines_of(recorded)
    assert [line["done"] for line in ours] == [False] * (len(ours) - 1) + [True]
    assert_same_end(ours[-1], recorded[-1])
    times = [line["created_at"] for line in ours]
    assert times == sorted(times)


@without_fallback
@pytest.mark.parametrize(
    ("path", "name"), recordings("/api/chat", WHOLE_CHATS) + recordings("/api/generate", WHOLE_COMPLETIONS)
)
def test_whole(wire, upstream, path, name):
    [recorded] = values(name)
    upstream.script({MODEL: script_for([recorded])})
    [ours] = ask(wire, path, stream=False)
    assert said(ours) == said(recorded)
    assert_same_end(ours, recorded)


@without_fallback
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("path", "name"),
    recordings("/api/chat", CHATS, thoughts_in_text=True)
    + recordings("/api/generate", COMPLETIONS + WHOLE_COMPLETIONS, thoughts_in_text=True),
)
def test_thoughts_in_the_text_are_told_apart(wire, upstream, path, name, stream):
    recorded = values(name)
    thoughts, _, text = "".join(said(value)[1] for value in recorded).partition(OPENING)[2].partition(CLOSING)
    upstream.script({MODEL: script_for(recorded)})
    ours = ask(wire, path, stream)
    assert "".join(said(line)[0] for line in ours) == thoughts
    assert "".join(said(line)[1] for line in ours) == text.lstrip()
    assert_same_end(ours[-1], recorded[-1])
    # No line both thinks and speaks, except where the answer is one.
    assert not stream or not any(said(line)[0] and said(line)[1] for line in ours)
