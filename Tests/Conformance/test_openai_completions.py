"""The `openai` client: the older API for prompts."""

import openai
import pytest
from examples import MODEL, stream_of

ANSWER = ["Rain", " is", " likely", " ☂\n"]


def test_whole(openai_client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER, reasoning=["Clouds"])})
    completion = openai_client.completions.create(model=MODEL, prompt="Rain?")
    [choice] = completion.choices
    assert choice.text == "".join(ANSWER), "thoughts have no place in this API"
    assert choice.finish_reason == "stop"
    assert completion.object == "text_completion"
    assert completion.usage.prompt_tokens > 0
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


@pytest.mark.parametrize("has_usage", [True, False], ids=["usage", "no-usage"])
def test_stream(openai_client, upstream, has_usage):
    upstream.script({MODEL: stream_of(*ANSWER, delay_ms=5)})
    chunks = list(
        openai_client.completions.create(
            model=MODEL, prompt="Rain?", stream=True, stream_options={"include_usage": has_usage}
        )
    )
    assert [choice.text for chunk in chunks for choice in chunk.choices if choice.text] == ANSWER
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason] == ["stop"]
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [len(ANSWER)] * has_usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_options_are_carried_over(openai_client, upstream):
    openai_client.completions.create(
        model=MODEL, prompt=["Rain?"], max_tokens=20, temperature=0.25, top_p=0.5, stop=["\n"], seed=7, user="someone"
    )
    sent = upstream.chat_requests()[-1]
    assert sent["messages"] == [{"role": "user", "content": "Rain?"}]
    expected = {"max_tokens": 20, "temperature": 0.25, "top_p": 0.5, "stop": ["\n"], "seed": 7, "user": "someone"}
    assert {name: sent.get(name) for name in expected} == expected


def test_an_answer_that_is_cut_off_says_so(openai_client):
    completion = openai_client.completions.create(model=MODEL, prompt="Rain?", max_tokens=2)
    assert completion.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"suffix": "the end"}, "suffix"),
        ({"echo": True}, "echo"),
        ({"n": 2}, "n must be 1"),
        ({"best_of": 3}, "best_of"),
        ({"prompt": ["one", "two"]}, "prompt"),
        ({"prompt": [1, 2, 3]}, "prompt"),
    ],
    ids=["suffix", "echo", "n", "best_of", "two-prompts", "tokens"],
)
def test_what_a_chat_cannot_do_is_refused(openai_client, upstream, more, word):
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.completions.create(**{"model": MODEL, "prompt": "Rain?", **more})
    assert word in raised.value.body["message"]
    assert upstream.chat_requests() == []


def test_a_stream_that_breaks_raises(openai_client, upstream):
    upstream.script({MODEL: stream_of(*ANSWER, delay_ms=5, cut_after_events=2)})
    heard = []
    with pytest.raises(openai.APIError):
        for chunk in openai_client.completions.create(model=MODEL, prompt="Rain?", stream=True):
            heard += [choice.text for choice in chunk.choices]
    assert heard == ANSWER[:2]
