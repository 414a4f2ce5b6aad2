"""What a request must lead to, given what its attempts meet."""

from dataclasses import dataclass

from soak.answers import BROKEN, DROPPED, ENDLESS, FAILED, NARROWED, STOPPED, WHOLE

# Less than this is left of the time for a whole request: it may end before the last attempt does.
TIME_MARGIN = 3
# So long before its time a second model counts as one that may have been asked.
HEDGE_MARGIN = 0.5
# libcurl repeats a request by itself when a connection that has served before ends without a word.
MOST_REPEATS = 12


@dataclass(frozen=True)
class Expectation:
    """The attempts of which one may have answered, and whether an error is right as well."""

    answering: frozenset
    may_fail: bool

    def __str__(self):
        ends = [f"the answer of attempt {attempt}" for attempt in sorted(self.answering)]
        return " or ".join(ends + (["an error"] if self.may_fail else []))


# Where nothing tells which attempt may have answered.
ANYTHING = Expectation(frozenset(range(1, 20)), True)


def expectation(request, taken, book, settings):
    """Follows the attempts of a request, which has taken so many seconds, as docs/choice.md tells it."""
    may_be_hedged = settings.hedge_seconds and request.upstream_streams
    # Two attempts run side by side, and which of the later answers goes to which is open. On a busy machine any model
    # may have come too late.
    if may_be_hedged and taken >= settings.hedge_seconds - HEDGE_MARGIN:
        return ANYTHING
    answering, may_fail = set(), False
    answers = [book.by_name[name] for name in request.answers]
    # Attempts as the upstream counts them, as the proxy does, and the seconds so far.
    paths, followed = [(1, 1, 0.0)], set()
    while paths:
        path = paths.pop()
        if path in followed:
            continue
        followed.add(path)
        seen, made, seconds = path
        answer = answers[min(seen, len(answers)) - 1]
        seconds += answer.seconds
        if seconds > settings.total_seconds - TIME_MARGIN:
            may_fail = True
        for effect in answer.effects(request.dialect, request.upstream_streams, request.hides_thinking):
            if effect == WHOLE:
                answering.add(seen)
                continue
            if effect == NARROWED:
                return ANYTHING
            if effect in (STOPPED, ENDLESS) or (effect == BROKEN and ends_stream(answer, request, settings)):
                may_fail = True
                continue
            if effect == DROPPED and seen < MOST_REPEATS:
                paths.append((seen + 1, made, seconds))
            if made == settings.attempts:
                may_fail = True
            else:
                paths.append((seen + 1, made + 1, seconds))
    return Expectation(frozenset(answering), may_fail)


def ends_stream(answer, request, settings):
    """Whether the client has read words that nobody goes on from."""
    is_taken_up = settings.continues_streams and request.dialect == "chat" and not answer.has_tool_call
    return request.streams and not is_taken_up
