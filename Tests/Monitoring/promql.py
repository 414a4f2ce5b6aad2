"""The names in PromQL expressions, and the expressions in the files of docs/monitoring.

No parser: promtool says whether an expression is one. This only tells names of metrics and labels from the rest.
"""

import json
import re

KEYWORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"\b([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
GRAFANA = {"$__rate_interval": "5m", "$__range": "1h", "$job": "ollama-proxy", "$instance": "127.0.0.1:11434"}


def metrics(expression):
    """The names of the metrics that an expression reads."""
    text = STRING.sub("", expression)
    text = GROUPING.sub(" ", text)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    names = re.findall(r"(?<![\w$.])[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()", text)
    return {name for name in names if name.lower() not in KEYWORDS}


def selected_labels(expression):
    """Pairs of a metric and a label by which it is selected."""
    text = STRING.sub('""', expression)
    return {
        (name, label)
        for name, inside in SELECTOR.findall(text)
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inside)
    }


def grouping_labels(expression):
    """The labels that an expression groups or matches by."""
    found = GROUPING.findall(STRING.sub("", expression))
    return {label.strip() for _, labels in found for label in labels.split(",") if label.strip()}


def without_variables(expression):
    """An expression of the dashboard as Prometheus gets it."""
    for name, value in GRAFANA.items():
        expression = expression.replace(name, value)
    return expression


def of_rules(text):
    """The expressions of a rules file; YAML as far as `expr` needs it."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"( *)(?:- )?expr:\s*(.*)$", line)
        if not match:
            continue
        indent, value = len(match[1]), match[2]
        if value in ("|", "|-", ">", ">-"):
            block = []
            for later in lines[number + 1 :]:
                if later.strip() and len(later) - len(later.lstrip()) <= indent:
                    break
                block.append(later.strip())
            value = "\n".join(block)
        yield value.strip()


def of_rule_tests(text):
    """The series that unit tests of rules feed in."""
    yield from re.findall(r"series: '([^']*)'", text)


def of_markdown(text):
    """The expressions in blocks that are marked as PromQL."""
    yield from re.findall(r"^```promql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def of_dashboard(text):
    """The expressions of a dashboard: those of its panels, annotations and variables."""
    dashboard = json.loads(text)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield without_variables(target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield without_variables(annotation["expr"])
    for variable in dashboard["templating"]["list"]:
        inside = re.fullmatch(r"label_values\((.*),\s*\w+\)", variable["query"]["query"])
        yield without_variables(inside[1])
