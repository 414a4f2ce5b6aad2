"""The box to try a prompt in."""

import json

from examples import MODEL, PLAIN_MODEL, failure, stream_of


def ask(page, prompt="Is it going to rain?", model=None):
    if model:
        page.wait(lambda: model in page.texts("#try-model option"), "the model cannot be chosen")
        page.run("document.getElementById('try-model').value = arguments[0]", model)
    page.type("#try-prompt", prompt)
    page.click("#try-send")


def test_an_answer_comes_as_it_is_written(page, upstream):
    words = [f"word{number} " for number in range(40)]
    upstream.script({"*": stream_of(*words, reasoning=["Let me", " see."], delay_ms=25)})
    ask(page, model=MODEL)
    page.wait_for_text("#try-answer", words[0].strip())
    assert words[-1].strip() not in page.text("#try-answer"), "it came whole"
    assert page.is_shown("#try-stop")
    page.wait_for_text("#try-outcome", f"{MODEL} answered at the first attempt")
    assert page.text("#try-answer") == "".join(words).strip()
    assert page.text("#try-thinking .thought") == "Let me see."
    assert not page.is_shown("#try-stop") and not page.is_shown("#try-problem")
    assert upstream.chat_requests()[-1]["model"] == MODEL


def test_an_answer_after_a_failure(page, upstream):
    upstream.script({MODEL: failure("503"), "*": stream_of("No.")})
    ask(page, model=MODEL)
    page.wait_for_text("#try-outcome", "answered after 2 attempts")


def test_stopping(page, proxy, upstream):
    upstream.script({"*": stream_of(*["more "] * 2000, delay_ms=20)})
    ask(page)
    page.wait_for_text("#try-answer", "more")
    page.click("#try-stop")
    page.wait_for_text("#try-outcome", "Stopped")
    assert not page.is_shown("#try-problem")
    proxy.wait_until_idle()


def test_errors(page, upstream):
    upstream.script({"*": failure("503")})
    ask(page)
    page.wait(lambda: page.is_shown("#try-problem") and page.text("#try-problem"), "no error is shown")

    upstream.script({"*": stream_of("It", " will", " rain", delay_ms=5, error_after_events=2)})
    ask(page, model=PLAIN_MODEL)
    page.wait_for_text("#try-answer", "It will")
    page.wait(lambda: page.is_shown("#try-problem") and page.text("#try-problem"), "no error is shown")
    assert page.is_shown("#try-send")


def test_the_prompt_is_kept_nowhere(page, proxy):
    secret = "a-secret-of-the-reader"
    ask(page, prompt=secret)
    page.wait_for_text("#try-outcome", "answered")
    stored = "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    assert secret not in page.run(stored)
    assert secret not in json.dumps(page.run("return fetch('api/proxy/status').then((reply) => reply.json())"))
    assert secret not in proxy.log.read_text()
