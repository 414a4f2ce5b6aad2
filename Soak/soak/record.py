"""What a run has seen: results, times and violations; and the table that is printed at its end."""

import sys
from collections import Counter, defaultdict

# After so many the rest says nothing new.
SHOWN_VIOLATIONS = 25


class Record:
    def __init__(self, seed):
        self.seed = seed
        self.results = defaultdict(Counter)
        self.violations = 0
        self.requests = 0
        self.rubbish_count = 0
        self.longest = (0.0, None)
        self.figures = []

    def result(self, request, result, seconds=0.0):
        self.requests += 1
        self.results[self._row(request)][result] += 1
        if seconds > self.longest[0]:
            self.longest = (seconds, str(request))

    @staticmethod
    def _row(request):
        if not request.asks_model:
            return "others"
        return request.path + (" streamed" if request.streams else "")

    def rubbish(self):
        self.rubbish_count += 1

    def violation(self, session, request, text, reply=b""):
        """Something that must not be, with all that is needed to see it again."""
        self.violations += 1
        if self.violations > SHOWN_VIOLATIONS:
            return
        where = f"seed {self.seed}"
        if session is not None:
            where += f", session {session.number} ({session.behaviour})"
        if request is not None:
            where += f", {request}"
        print(f"VIOLATION: {text}\n    {where}", file=sys.stderr)
        if reply:
            print(f"    the reply ends: {bytes(reply[-300:])!r}", file=sys.stderr)
        sys.stderr.flush()

    def figure(self, name, value):
        """A line of the summary."""
        self.figures.append((name, value))

    def table(self):
        columns = sorted({result for row in self.results.values() for result in row})
        width = max((len(row) for row in self.results), default=0) + 2
        lines = ["".ljust(width) + "".join(column.rjust(len(column) + 2) for column in columns)]
        for row in sorted(self.results):
            counts = self.results[row]
            lines.append(row.ljust(width) + "".join(
                str(counts[column] or "").rjust(len(column) + 2) for column in columns))
        lines.append("")
        figures = [("requests", self.requests), ("pieces of rubbish", self.rubbish_count), *self.figures,
                   ("longest request", f"{self.longest[0]:.1f} s: {self.longest[1]}"),
                   ("violations", self.violations)]
        label = max(len(name) for name, _ in figures) + 2
        lines += [name.ljust(label) + str(value) for name, value in figures]
        return "\n".join(lines)
