"""Chats with the `ollama` client: whole, streamed, thinking, with options and pictures."""

import base64

from examples import MODEL, PLAIN_MODEL, QUESTION, stream_of

ANSWER = ["Rain", " is", " likely", ": \"bring\"", " an ☂\n", "\\o/ 🌧️"]


def assert_complete(last, tokens):
    """The last line is where clients take their figures from."""
    assert last.done is True
    assert last.done_reason == "stop"
    assert last.prompt_eval_count == 12
    assert last.eval_count == tokens
    assert last.total_duration > 0
    assert last.total_duration >= last.eval_duration >= 0


def test_chat(client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER)})
    answer = client.chat(MODEL, QUESTION)
    assert answer.message.role == "assistant"
    assert answer.message.content == "".join(ANSWER)
    assert answer.message.thinking is None
    assert answer.message.tool_calls is None
    assert answer.model == MODEL
    assert answer.created_at
    assert_complete(answer, len(ANSWER))


def test_streamed_chat(client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER, delay_ms=5, comments_before=2)})
    parts = list(client.chat(MODEL, QUESTION, stream=True))
    assert [part.message.content for part in parts if part.message.content] == ANSWER
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert all(part.model == MODEL and part.message.role == "assistant" for part in parts)
    assert_complete(parts[-1], len(ANSWER))


def test_the_length_limit_is_told(client, upstream):
    upstream.script({MODEL: stream_of("Rain", finish_reason="length")})
    assert client.chat(MODEL, QUESTION).done_reason == "length"


def test_a_stream_may_be_left(client, proxy, upstream):
    upstream.script({MODEL: stream_of("word ", unlimited=True, delay_ms=5)})
    parts = client.chat(MODEL, QUESTION, stream=True)
    assert next(parts).message.content
    parts.close()
    # The client keeps working, and the fixture checks that the proxy has let go of the answer.
    upstream.script({MODEL: stream_of("Rain")})
    assert client.chat(MODEL, QUESTION).message.content == "Rain"


def test_thinking(client, upstream):
    upstream.script({MODEL: stream_of("Yes", ".", reasoning=["Clouds", ", so rain"])})
    answer = client.chat(MODEL, QUESTION, think=True)
    assert answer.message.thinking == "Clouds, so rain"
    assert answer.message.content == "Yes."
    assert upstream.chat_requests()[-1]["reasoning"]["enabled"] is True


def test_streamed_thinking(client, upstream):
    upstream.script({MODEL: stream_of("Yes", ".", reasoning=["Clouds", ", so rain"])})
    parts = list(client.chat(MODEL, QUESTION, think="high", stream=True))
    spoken = [(part.message.thinking or None, part.message.content or None) for part in parts[:-1]]
    assert spoken == [("Clouds", None), (", so rain", None), (None, "Yes"), (None, ".")]
    assert upstream.chat_requests()[-1]["reasoning"]["effort"] == "high"


def test_thinking_that_was_not_wanted(client, upstream):
    upstream.script({MODEL: stream_of("Yes", reasoning=["Clouds"])})
    answer = client.chat(MODEL, QUESTION, think=False)
    assert (answer.message.thinking, answer.message.content) == (None, "Yes")


def test_options_are_carried_over(client, upstream):
    options = {"temperature": 0, "top_p": 0.5, "top_k": 20, "seed": 7, "stop": ["\n"], "num_predict": 30}
    client.chat(MODEL, QUESTION, options=options)
    sent = upstream.chat_requests()[-1]
    carried = {name: sent[name] for name in ["temperature", "top_p", "top_k", "seed", "stop", "max_tokens"]}
    assert carried == {"temperature": 0, "top_p": 0.5, "top_k": 20, "seed": 7, "stop": ["\n"], "max_tokens": 30}


def test_pictures_are_carried_over(client, upstream):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
    client.chat("iris-12b-vision", [{"role": "user", "content": "What is this?", "images": [picture]}])
    parts = upstream.chat_requests()[-1]["messages"][0]["content"]
    assert {"type": "text", "text": "What is this?"} in parts
    url = next(part["image_url"]["url"] for part in parts if part["type"] == "image_url")
    assert url == "data:image/png;base64," + base64.b64encode(picture).decode()


def test_a_chat_without_messages_only_loads(client, upstream):
    answer = client.chat(MODEL, [])
    assert (answer.done, answer.done_reason, answer.message.content) == (True, "load", "")
    assert upstream.chat_requests() == []


def test_an_unknown_name_is_answered_by_a_free_model(client):
    answer = client.chat("llama3.2", QUESTION)
    assert answer.message.content
    assert answer.model == "llama3.2"


def test_another_model_steps_in(client, upstream):
    upstream.script({PLAIN_MODEL: {"kind": "failure", "name": "503"}, "*": stream_of("I", " can")})
    parts = list(client.chat(PLAIN_MODEL, QUESTION, stream=True))
    assert "".join(part.message.content for part in parts) == "I can"
    assert [request["model"] for request in upstream.chat_requests()] == [PLAIN_MODEL, MODEL]
