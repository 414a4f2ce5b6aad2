"""The command line tool `llm` with its plugin `llm-ollama`, as people type it."""

import json
import os
import subprocess
import sys

import pytest
from conftest import with_embeddings
from examples import EMBEDDING_MODEL, MODEL, PICTURE, PLAIN_MODEL, VISION_MODEL, WEATHER_PARAMETERS, failure, stream_of

PROMPT = "Is it going to rain?"


@pytest.fixture
def llm(proxy, tmp_path):
    """Runs the tool with a configuration of its own, and returns what it prints."""
    environment = {
        **os.environ,
        "OLLAMA_HOST": proxy.root,
        "LLM_USER_PATH": str(tmp_path / "llm"),
        "LLM_LOAD_PLUGINS": "llm-ollama",
    }

    def run(*arguments, expected_status=0):
        finished = subprocess.run(
            [sys.executable, "-m", "llm", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert finished.returncode == expected_status, finished.stderr
        return finished.stdout if expected_status == 0 else finished.stderr

    return run


@with_embeddings
def test_models_and_embeddings(llm):
    # What it offers depends on the digests and capabilities that the server tells.
    listed = llm("ollama", "models")
    [row] = [line for line in listed.splitlines() if line.startswith(MODEL)]
    assert "completion, thinking, tools" in row
    assert f"ollama/{EMBEDDING_MODEL}" in llm("embed-models")
    vector = json.loads(llm("embed", "-m", f"ollama/{EMBEDDING_MODEL}", "-c", "rain"))
    assert len(vector) == 64


@pytest.mark.parametrize("arguments", [[], ["--no-stream"], ["--async"]], ids=["stream", "whole", "asynchronous"])
def test_prompt(llm, upstream, arguments):
    upstream.script({MODEL: stream_of("Yes", ", it", " is ☂")})
    options = ["-o", "temperature", "0.5", "-o", "num_predict", "40"]
    assert llm("-m", f"ollama/{MODEL}", "-s", "Be brief.", *options, *arguments, PROMPT) == "Yes, it is ☂\n"
    sent = upstream.chat_requests()[-1]
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert (sent["temperature"], sent["max_tokens"]) == (0.5, 40)


def test_conversation(llm, upstream):
    llm("-m", f"ollama/{PLAIN_MODEL}", PROMPT)
    llm("--continue", "Why?")
    assert [message["role"] for message in upstream.chat_requests()[-1]["messages"]] == ["user", "assistant", "user"]
    [logged, _] = json.loads(llm("logs", "--json"))
    assert logged["input_tokens"] == 12
    assert logged["output_tokens"] > 0


def test_schema(llm):
    answer = json.loads(llm("-m", f"ollama/{MODEL}", "--schema", json.dumps(WEATHER_PARAMETERS), PROMPT))
    assert set(answer) == {"city", "days"}


def test_tool(llm, upstream):
    function = 'def get_weather(city: str) -> str:\n    "What the weather is like."\n    return f"{city}: sunny"\n'
    assert "example: sunny" in llm("-m", f"ollama/{MODEL}", "--functions", function, PROMPT)
    asked, answered = upstream.chat_requests()
    assert asked["tools"][0]["function"]["name"] == "get_weather"
    assert [message["role"] for message in answered["messages"]] == ["user", "assistant", "tool"]


def test_picture(llm, upstream, tmp_path):
    file = tmp_path / "picture.png"
    file.write_bytes(PICTURE)
    assert llm("-m", f"ollama/{VISION_MODEL}", "--at", str(file), "image/png", "What is this?")
    parts = upstream.chat_requests()[-1]["messages"][0]["content"]
    assert [part["type"] for part in parts].count("image_url") == 1


def test_failure(llm, upstream):
    upstream.script({"*": failure("401")})
    assert "status code: 401" in llm("-m", f"ollama/{MODEL}", PROMPT, expected_status=1)
