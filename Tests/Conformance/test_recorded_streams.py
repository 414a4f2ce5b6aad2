"""Recorded answers said again: when the upstream says the same, clients read the same lines in the same order."""

import json

import pytest
from conftest import without_fallback
from examples import MODEL, QUESTION
from recordings import needs_recordings, streams, values

pytestmark = needs_recordings

CHATS = ["prism/chat-stream*.ndjson", "ndjson/*_chat_*.ndjson"]
COMPLETIONS = ["native/api-generate-stream*", "ndjson/*_generation_*.ndjson", "ndjson/*_generate_*.ndjson"]
WHOLE_CHATS = ["prism/chat--*.json", "json/openllmetry--*_chat_*.json", "json/openllmetry--*duration*.json"]
WHOLE_COMPLETIONS = ["native/api-generate--*", "json/openllmetry--*_generation_*.json"]
OPENING = "<think>"


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


def without_thoughts_in_text(recorded):
    """Servers of before 2025-06 leave thoughts in the text. We never do, so such an answer reads otherwise."""
    return OPENING not in "".join(said(value)[1] for value in recorded)


def recorded_streams(patterns):
    return [name for name in streams(*patterns) if without_thoughts_in_text(values(name))]


@without_fallback
@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/chat", name) for name in recorded_streams(CHATS)]
    + [("/api/generate", name) for name in recorded_streams(COMPLETIONS)],
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


def whole_answers(path, patterns):
    if not streams(*patterns):
        return []
    return [(path, value) for value in values(*patterns) if without_thoughts_in_text([value])]


@without_fallback
@pytest.mark.parametrize(
    ("path", "recorded"), whole_answers("/api/chat", WHOLE_CHATS) + whole_answers("/api/generate", WHOLE_COMPLETIONS)
)
def test_whole(wire, upstream, path, recorded):
    upstream.script({MODEL: script_for([recorded])})
    [ours] = ask(wire, path, stream=False)
    assert said(ours) == said(recorded)
    assert_same_end(ours, recorded)
