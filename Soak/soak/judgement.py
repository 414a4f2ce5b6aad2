"""Whether a reply is what its request had to lead to."""

import re

from soak import shapes
from soak.answers import DROPPED, ENDLESS
from soak.expectation import ANYTHING, expectation

LABEL = re.compile(r"(\d+)\.(\d+)\.")


class Wrong(Exception):
    """The reply breaks a promise."""


def judge(request, reply, seconds, book, settings, is_lenient):
    """Names what the reply came to after so many seconds; raises Wrong when it breaks a promise.

    Where the machine was too busy, any attempt may have run into a time-out.
    """
    if is_lenient and reply.status == 408:
        return "too slow"
    try:
        if not request.asks_model:
            return judge_other(request, reply)
        spoken = shapes.read(request, reply)
    except shapes.Misshapen as error:
        raise Wrong(str(error)) from None
    expected = ANYTHING if is_lenient else expectation(request, seconds, book, settings)
    return judge_answer(request, reply, spoken, book, settings, expected)


def judge_other(request, reply):
    if reply.status not in request.statuses:
        raise Wrong(f"status {reply.status} instead of {request.statuses}")
    if request.method == "HEAD":
        return "listing"
    # Headers that do not fit are libmicrohttpd's to refuse, which knows of no API.
    if reply.status == 431 or (reply.status == 200 and request.path == "/"):
        return "refusal" if reply.status == 431 else "listing"
    value = shapes.document(reply.body)
    if reply.status == 200:
        return "listing"
    shapes.error_message(shapes.family(request.path), value)
    return "refusal"


def judge_answer(request, reply, spoken, book, settings, expected):
    text = segments(spoken.text, request, book, "content")
    thinking = segments(spoken.thinking, request, book, "reasoning")
    if thinking and request.hides_thinking:
        raise Wrong("thinking that the client asked not to see")
    if spoken.error is not None:
        if not expected.may_fail:
            raise Wrong(f"expected {expected}, but it failed: {spoken.error}")
        return "error at the end of a stream" if reply.status == 200 else "error"
    if not spoken.has_ended:
        raise Wrong("the reply just ends")

    if not text:
        raise Wrong("an answer without a word")
    attempt, is_whole = text[-1]
    answer = answer_to(request, attempt, book)
    if not is_whole:
        raise Wrong(f"counts as whole, but attempt {attempt} broke off")
    if attempt not in expected.answering:
        raise Wrong(
            f"attempt {attempt} answered, the {reply.headers.get('x-proxy-attempts')}th here; expected {expected}")
    may_be_taken_up = settings.continues_streams and request.streams and request.dialect == "chat"
    if len(text) > 1 and not may_be_taken_up:
        raise Wrong(f"the words of several attempts: {text}")
    if answer.thoughts and not request.hides_thinking and (not thinking or thinking[-1] != (attempt, True)):
        raise Wrong("thoughts are missing")
    # The older API for prompts knows of no calls.
    has_tool_call = answer.has_tool_call and request.api != "openai-completion"
    label = {"label": f"{request.number}.{attempt}", "city": "Paris"}
    if spoken.tool_arguments != ([label] if has_tool_call else []):
        raise Wrong(f"the calls to tools are {spoken.tool_arguments}")
    if expected is not ANYTHING:
        check_attempts(request, reply, attempt, book, settings)
    return "answer resumed" if len(text) > 1 else "answer"


def check_attempts(request, reply, attempt, book, settings):
    """The header counts attempts as we do, unless libcurl has repeated one or a second model was hedged."""
    if request.streams or settings.hedge_seconds:
        return
    answers = [answer_to(request, number, book) for number in range(1, attempt)]
    may_be_repeated = any(DROPPED in answer.effects(request.dialect, request.upstream_streams, True) for answer in answers)
    said = reply.headers.get("x-proxy-attempts")
    if not may_be_repeated and said != str(attempt):
        raise Wrong(f"X-Proxy-Attempts is {said}, and attempt {attempt} answered")


def answer_to(request, attempt, book):
    return book.by_name[request.answers[min(attempt, len(request.answers)) - 1]]


def segments(text, request, book, member):
    """The attempts whose words the text holds, each with whether all of them are there."""
    words = text.split()
    found = []
    position = 0
    while position < len(words):
        match = LABEL.match(words[position])
        if not match:
            raise Wrong(f"a word that nobody said: {words[position][:80]!r}")
        number, attempt = int(match[1]), int(match[2])
        if number != request.number:
            raise Wrong(f"the words of another request, {number}")
        if found and attempt <= found[-1][0]:
            raise Wrong(f"the words of attempt {attempt} after those of {found[-1][0]}")
        answer = answer_to(request, attempt, book)
        said = [word.strip().replace("{label}", f"{number}.{attempt}") for word in answer.script.get(member, [])]
        if answer.streamed == ENDLESS:
            said *= len(words) - position
        count = 0
        while count < len(said) and position + count < len(words) and words[position + count] == said[count]:
            count += 1
        if count == 0:
            raise Wrong(f"attempt {attempt} ({answer.name}) did not say {words[position][:80]!r} there")
        found.append((attempt, count == len(said)))
        position += count
    return found
