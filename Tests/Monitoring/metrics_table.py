"""The table of metrics in docs/monitoring/README.md, which everything else is held against."""

import re
from dataclasses import dataclass

HEADER = "| name | type | labels | meaning |"
TYPES = {"counter", "gauge", "histogram"}
HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")


@dataclass(frozen=True)
class Metric:
    name: str
    type: str
    labels: frozenset
    may_be_absent: bool


def read(text):
    """The metrics by their names."""
    _, found, rest = text.partition(HEADER + "\n")
    if not found:
        raise ValueError(f"there is no table that begins with {HEADER}")
    table = {}
    for line in rest.splitlines()[1:]:
        if not line.startswith("|"):
            break
        name, type, labels, meaning = (cell.strip() for cell in line.strip("|").split("|"))
        metric = Metric(
            name=name.strip("`"),
            type=type,
            labels=frozenset(re.findall(r"`(\w+)`", labels)),
            may_be_absent="absent when" in meaning,
        )
        if metric.type not in TYPES or not meaning:
            raise ValueError(f"the row of {metric.name} has no type or no meaning")
        if metric.name in table:
            raise ValueError(f"{metric.name} has two rows")
        table[metric.name] = metric
    return table


def find(table, name):
    """The metric that a series belongs to; None when there is none in the table."""
    if name in table:
        # A histogram has no series of its own name.
        return table[name] if table[name].type != "histogram" else None
    for suffix in HISTOGRAM_SUFFIXES:
        metric = table.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if metric and metric.type == "histogram":
            return metric
    return None
