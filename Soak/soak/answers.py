"""What the upstream may answer, each under a name, and what each answer leads to.

A request names the answers that its attempts get, so it is known of each request what it has met. Words carry the
request's number and the attempt's, so that an answer shows whose it is, which attempt gave it, and whether it is whole.
"""

from dataclasses import dataclass, field

# What an answer leads to.
WHOLE = "whole"  # an answer
BROKEN = "broken"  # good words, and then no end: the client of a stream has read them already
FAILED = "failed"  # nothing was given to the client: the next attempt
DROPPED = "dropped"  # no byte came: the next attempt, or libcurl has already repeated the request by itself
STOPPED = "stopped"  # no other model would fare better
NARROWED = "narrowed"  # only models with a larger context are tried, if there are any
ENDLESS = "endless"  # goes on until the time for the whole request is over


@dataclass(frozen=True)
class Answer:
    """One thing that the upstream may do."""

    name: str
    weight: float
    script: dict
    # Where the upstream was asked for a stream, and where for one body.
    streamed: str
    whole_body: str
    words: int = 0
    thoughts: int = 0
    seconds: float = 0
    by_dialect: dict = field(default_factory=dict)
    breaks_in_thought: bool = False
    has_tool_call: bool = False

    def effects(self, dialect, upstream_streams, hides_thinking):
        """What it may lead to: mostly one thing."""
        if not upstream_streams:
            effect = self.whole_body
        else:
            effect = self.by_dialect.get(dialect, self.streamed)
            # Thoughts that the client does not want to see commit to nothing.
            if effect == BROKEN and self.breaks_in_thought and hides_thinking:
                effect = FAILED
        # A reset takes with it what has come and was not read yet, which may be all of it.
        return {effect, FAILED, DROPPED} if "reset_after_events" in self.script else {effect}


def words(count, padding=0):
    pad = "-" + "x" * padding if padding else ""
    return [f"{{label}}.{index}{pad} " for index in [*range(count - 1), "end"]]


def stream(count=8, padding=0, **members):
    return {"kind": "stream", "content": words(count, padding), "comments_before": 1, **members}


def whole(name, weight, count=8, padding=0, thoughts=0, streamed=WHOLE, whole_body=WHOLE, seconds=0.0, by_dialect=None,
          **members):
    script = stream(count, padding, **members)
    if thoughts:
        script["reasoning"] = [text.replace("{label}.", "{label}.t") for text in words(thoughts)]
    return Answer(name, weight, script, streamed, whole_body, words=count, thoughts=thoughts, seconds=seconds,
                  by_dialect=by_dialect or {}, has_tool_call="tool_calls" in members)


def broken(name, weight, count=8, padding=0, seconds=0.0, **members):
    return Answer(name, weight, stream(count, padding, **members), BROKEN, FAILED, words=count, seconds=seconds,
                  has_tool_call="tool_calls" in members)


def failure(name, weight, effect=FAILED, seconds=0.0, **members):
    return Answer(name.replace("_", "-"), weight, {"kind": "failure", "name": name, **members}, effect, effect,
                  seconds=seconds)


def status(name, weight, code, body, effect=FAILED, **members):
    return Answer(name, weight, {"kind": "status", "status": code, "body": body, **members}, effect, effect)


TOOL_CALL = {"id": "call_soak", "name": "get_weather", "arguments": '{"label":"{label}","city":"Paris"}', "fragments": 4}


def catalogue(key, private, first_token_seconds, idle_seconds):
    """All answers. `key` and `private` are what must not come out again where the upstream quotes them."""
    silent, idle = first_token_seconds, idle_seconds
    return [
        whole("quick", 20),
        whole("slow", 6, 12, delay_ms=40, first_delay_ms=100, comments_between=1, seconds=0.6),
        whole("late", 2, first_delay_ms=1200, comment_interval_ms=300, seconds=1.2),
        whole("big", 4, 300, 1000),
        whole("byte-by-byte", 3, 6, split=1),
        whole("in-pieces", 3, 30, 20, split=7),
        whole("long-line", 2, 3, 120_000),
        whole("thinking", 4, thoughts=6),
        whole("tool-call", 4, tool_calls=[TOOL_CALL]),
        whole("length", 2, finish_reason="length"),
        whole("usage-repeats-finish", 1, usage_shape="repeat_finish"),
        whole("no-usage", 1, usage=False),
        whole("no-end-mark", 2, done=False, by_dialect={"responses": BROKEN}),
        whole("garbage-between", 2, whole_body=FAILED, garbage_after_events=3),
        # Five seconds are given to the usage, then the answer counts as whole. A responses' last event tells the usage.
        whole("stalls-before-usage", 0.7, whole_body=FAILED, stall_after_events=9, seconds=5),
        whole("no-finish", 2, streamed=BROKEN, finish_reason=None, done=False),
        broken("cut", 5, cut_after_events=3),
        broken("reset", 3, reset_after_events=3),
        broken("error", 5, error_after_events=3),
        broken("stall", 2, stall_after_events=3, seconds=idle),
        broken("rubbish-event", 2, error_event="no object", error_after_events=3),
        broken("big-cut", 2, 100, 1000, cut_after_events=90),
        broken("tool-call-cut", 2, 1, tool_calls=[TOOL_CALL], cut_after_events=3),
        Answer("thought-cut", 2, {**stream(), "reasoning": ["{label}.t0 ", "{label}.t1 "], "cut_after_events": 2},
               BROKEN, FAILED, breaks_in_thought=True),
        Answer("cut-before-words", 2, stream(cut_after_events=0), FAILED, FAILED),
        Answer("reset-before-words", 2, stream(reset_after_events=0), FAILED, FAILED),
        failure("429-provider", 5, retry_after=1),
        failure("500", 2), failure("502", 2), failure("503", 2), failure("html-502", 2), failure("html-524", 1),
        failure("403", 1), failure("error-in-200", 3), failure("comments-only", 1), failure("empty", 2),
        failure("whitespace-only", 1), failure("garbage", 2),
        failure("comments-then-stall", 1, seconds=silent), failure("stall-before", 2, seconds=silent),
        failure("close-without-reply", 3, DROPPED),
        Answer("reset-without-reply", 2, {"kind": "failure", "name": "reset"}, DROPPED, DROPPED),
        failure("400-context", 1, NARROWED),
        status("page-not-there", 1, 404, "<html><body>not here</body></html>"),
        status("bad-moment", 1, 408, {"error": {"message": "asked at a bad moment", "code": 408}}),
        status("plain-text", 2, 200, "Hello from a captive portal", content_type="text/plain"),
        status("half-a-document", 2, 200, '{"id":"gen-1","choices":[{"index":0,"mess'),
        status("half-an-event", 2, 200, 'data: {"choices":[{"index":0,"del', content_type="text/event-stream"),
        status("wrong-request", 2, 400, {"error": {"message": f"cannot make sense of {private}", "code": 400}}, STOPPED),
        status("wrong-key", 1, 401, {"error": {"message": f"{key} is no key", "code": 401}}, STOPPED),
        Answer("endless", 0.3, {"kind": "stream", "content": ["{label}.again "], "unlimited": True, "delay_ms": 5},
               ENDLESS, FAILED, seconds=60),
    ]


class AnswerBook:
    """The answers by name, and a random list of them for each request."""

    def __init__(self, answers):
        self.by_name = {answer.name: answer for answer in answers}
        self._bad = [answer for answer in answers if answer.streamed != WHOLE]
        self._good = [answer for answer in answers if answer.streamed == WHOLE]

    @property
    def script(self):
        return {"rules": [], "named": {name: answer.script for name, answer in self.by_name.items()}}

    def draw(self, random):
        """The names for one request's attempts: some that fail, and mostly one that does not."""
        failures = random.choices(range(6), (50, 25, 12, 6, 3, 4))[0]
        chosen = random.choices(self._bad, [answer.weight for answer in self._bad], k=failures)
        if failures < 5 or random.random() < 0.3:
            chosen += random.choices(self._good, [answer.weight for answer in self._good])
        return [answer.name for answer in chosen]
