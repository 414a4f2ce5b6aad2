#!/usr/bin/env python3
"""Holds what a running proxy answers at /metrics against the table of docs/monitoring/README.md.

check_exposition.py README URL PROMTOOL, with a client key in PROXY_API_KEY where the proxy wants one.
"""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import metrics_table

CONTENT_TYPE = "text/plain; version=0.0.4"
SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)')


def fetch(url):
    headers = {"Authorization": f"Bearer {key}"} if (key := os.environ.get("PROXY_API_KEY")) else {}
    # What runs here or next door is not to be asked for through a proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url.rstrip("/") + "/metrics", headers=headers), timeout=10) as reply:
        return reply.headers.get("Content-Type", ""), reply.read().decode()


def sample(line):
    """A sample's name, labels in their order, and value; None for a line that is none."""
    match = SAMPLE.fullmatch(line)
    if not match:
        return None
    labels = LABEL.findall(match[2] or "")
    if "".join(f'{name}="{value}",' for name, value in labels).rstrip(",") != (match[2] or "").rstrip(","):
        return None
    return match[1], tuple(labels), float(match[3])


class Exposition:
    """The lines of a reply, taken apart, with what is wrong with each."""

    def __init__(self, text, table):
        self.table = table
        self.problems = []
        self.types = {}
        self.helps = set()
        self.series = {}
        if not text.endswith("\n"):
            self.problems.append("the last line is not ended")
        for line in text.splitlines():
            self._take(line)

    def _take(self, line):
        if line.startswith("# TYPE "):
            _, _, name, type = line.split(" ", 3)
            if name in self.types:
                self.problems.append(f"{name} has two types")
            self.types[name] = type
        elif line.startswith("# HELP "):
            self.helps.add(line.split(" ", 3)[2])
        elif line and not line.startswith("#"):
            parsed = sample(line)
            if parsed is None:
                self.problems.append(f"this is no sample: {line}")
            else:
                self._take_sample(*parsed)

    def _take_sample(self, name, labels, value):
        metric = metrics_table.find(self.table, name)
        if metric is None:
            self.problems.append(f"{name} is not in the table")
            return
        if metric.name not in self.types:
            self.problems.append(f"{name} comes before its type")
        names = [label for label, _ in labels]
        if sorted(names) != sorted(metric.labels | ({"le"} if name.endswith("_bucket") else set())):
            self.problems.append(f"{name} has the labels {names}")
        if metric.type != "gauge" and not value >= 0:
            self.problems.append(f"{name} is {value}")
        if (name, frozenset(labels)) in self.series:
            self.problems.append(f"{name} {dict(labels)} comes twice")
        self.series[name, frozenset(labels)] = value

    def check(self):
        for name in sorted(set(self.types) - set(self.table)):
            self.problems.append(f"{name} is not in the table")
        present = {metrics_table.find(self.table, name).name for name, _ in self.series}
        for metric in self.table.values():
            if metric.name not in self.types:
                if not metric.may_be_absent:
                    self.problems.append(f"{metric.name} is missing")
                continue
            if self.types[metric.name] != metric.type:
                self.problems.append(f"{metric.name} is a {self.types[metric.name]}, not a {metric.type}")
            if metric.name not in self.helps:
                self.problems.append(f"{metric.name} has no help")
            # A counter by labels has no series before anything was counted.
            may_be_empty = metric.may_be_absent or (metric.labels and metric.type == "counter")
            if metric.name not in present and not may_be_empty:
                self.problems.append(f"{metric.name} has a type and no value")
            if metric.type == "histogram" and metric.name in present:
                self._check_histogram(metric.name)
        return self.problems

    def _check_histogram(self, name):
        buckets = sorted(
            (float(dict(labels)["le"]), value)
            for (series, labels), value in self.series.items()
            if series == f"{name}_bucket"
        )
        counts = [count for _, count in buckets]
        if not buckets or buckets[-1][0] != float("inf"):
            self.problems.append(f"{name} has no bucket for everything")
        elif counts[-1] != self.series.get((f"{name}_count", frozenset())):
            self.problems.append(f"{name} has counted other than is in its largest bucket")
        if counts != sorted(counts):
            self.problems.append(f"{name} has a bucket that holds less than a smaller one")
        if (f"{name}_sum", frozenset()) not in self.series:
            self.problems.append(f"{name} has no sum")


def main():
    readme, url, promtool = sys.argv[1:]
    table = metrics_table.read(Path(readme).read_text())
    try:
        content_type, text = fetch(url)
    except urllib.error.HTTPError as error:
        hint = ": set PROXY_API_KEY to one of its keys" if error.code == 401 else ""
        print(f"{url} answers {error.code}{hint}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{url} does not answer: {error}", file=sys.stderr)
        return 1
    exposition = Exposition(text, table)
    problems = exposition.check()
    if not content_type.replace(" ", "").startswith(CONTENT_TYPE.replace(" ", "")):
        problems.append(f"the content type is {content_type}, not {CONTENT_TYPE}")
    for problem in dict.fromkeys(problems):
        print(f"/metrics: {problem}", file=sys.stderr)
    # It says itself what it does not like.
    linted = subprocess.run([promtool, "check", "metrics"], input=text, text=True).returncode
    if not problems and linted == 0:
        print(f"{url}: {len(exposition.types)} metrics as in the table, {len(exposition.series)} series")
    return 1 if problems or linted else 0


sys.exit(main())
