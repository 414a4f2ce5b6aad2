#!/usr/bin/env python3
"""Holds the files of docs/monitoring against each other. Prints what does not fit; the exit code is 1 then.

With a second argument, writes every expression of the dashboard and of the README there as a file of rules, so that
promtool can say whether each is one.
"""

import json
import re
import sys
from pathlib import Path

import metrics_table
import promql

FILES = ("README.md", "alerts.yml", "alerts.test.yml", "prometheus.yml", "grafana-dashboard.json")
# Prometheus makes these itself.
METRICS_OF_PROMETHEUS = {"up"}
LABELS_OF_PROMETHEUS = {"job", "instance", "le"}


def check_expressions(table, file, expressions):
    """The metrics that are used, after complaints about those that are not in the table."""
    used, problems = set(), []
    for expression in expressions:
        for name in sorted(promql.metrics(expression) - METRICS_OF_PROMETHEUS):
            metric = metrics_table.find(table, name)
            if metric is None:
                problems.append(f"{file}: {name} is not in the README's table")
            else:
                used.add(metric.name)
        for name, label in sorted(promql.selected_labels(expression)):
            metric = metrics_table.find(table, name)
            if metric and label not in metric.labels | LABELS_OF_PROMETHEUS:
                problems.append(f"{file}: {name} has no label {label}")
        known = LABELS_OF_PROMETHEUS.union(*(metric.labels for metric in table.values()))
        for label in sorted(promql.grouping_labels(expression) - known):
            problems.append(f"{file}: no metric has the label {label}: {expression}")
    return used, problems


def check_prose(table, text):
    """Whatever looks like one of the proxy's metrics must be one."""
    names = sorted(set(re.findall(r"\b(?:ollama_proxy|process)_[a-z0-9_]+", text)))
    return [
        f"README.md: {name} is not in its table"
        for name in names
        if name not in table and metrics_table.find(table, name) is None
    ]


def check_alerts(readme, rules, tests):
    """Every alert has a row in the README, with its severity, and a test in which it fires."""
    alerts = re.findall(r"- alert: (\w+)$.*?severity: (\w+)$", rules, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| `(OllamaProxy\w+)` \| (\w+) \|", readme, re.MULTILINE)
    problems = [
        f"alerts.yml and README.md differ about {name}, {severity}"
        for name, severity in sorted(set(alerts) ^ set(rows))
    ]
    for name, _ in alerts:
        if not re.search(rf"alertname: {name}\n +eval_time: \w+\n +exp_alerts:\n", tests):
            problems.append(f"alerts.test.yml: {name} never fires")
        if not re.search(rf"alertname: {name}, eval_time: \w+, exp_alerts: \[\]", tests):
            problems.append(f"alerts.test.yml: {name} is never silent")
    return problems


def check_jobs(rules, configuration):
    """The rules go by the name of the job, which the example must have."""
    [job] = re.findall(r"^ +- job_name: (\S+)$", configuration, re.MULTILINE)
    return [
        f"alerts.yml: the job {name} is not that of prometheus.yml"
        for name in sorted(set(re.findall(r'\bjob="([^"]*)"', rules)) - {job})
    ]


def cells(place):
    """What a panel covers of Grafana's grid, which is 24 wide."""
    return {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}


def check_dashboard(dashboard):
    """What Grafana takes without a word and people miss."""
    problems, ids, taken = [], set(), set()
    for panel in dashboard["panels"]:
        name = f"grafana-dashboard.json: {panel.get('title') or panel['id']}"
        if panel["id"] in ids:
            problems.append(f"{name}: its id is another's too")
        ids.add(panel["id"])
        covered = cells(panel["gridPos"])
        if covered & taken or any(x >= 24 for x, _ in covered):
            problems.append(f"{name}: it has no place of its own")
        taken |= covered
        if not panel.get("title"):
            problems.append(f"{name}: it has no title")
        if panel["type"] == "row":
            continue
        if not panel.get("description", "").endswith("."):
            problems.append(f"{name}: it has no description in whole sentences")
        if not panel["fieldConfig"]["defaults"].get("unit"):
            problems.append(f"{name}: it has no unit")
        references = [target["refId"] for target in panel["targets"]]
        if not references or len(references) != len(set(references)):
            problems.append(f"{name}: its queries are not told apart")
        for part in [panel, *panel["targets"]]:
            if part["datasource"]["uid"] != "${DS_PROMETHEUS}":
                problems.append(f"{name}: its data source is not the one asked for at the import")
        names = {target["legendFormat"] for target in panel["targets"]}
        for override in panel["fieldConfig"]["overrides"]:
            wanted = override["matcher"]["options"]
            if wanted not in names and not any("{{" in legend for legend in names):
                problems.append(f"{name}: no series is called {wanted}")
    if [wanted["name"] for wanted in dashboard["__inputs"]] != ["DS_PROMETHEUS"]:
        problems.append("grafana-dashboard.json: it does not ask for a data source")
    return problems


def main():
    documents = Path(sys.argv[1])
    text = {name: (documents / name).read_text() for name in FILES}
    table = metrics_table.read(text["README.md"])
    expressions = {
        "grafana-dashboard.json": list(promql.of_dashboard(text["grafana-dashboard.json"])),
        "alerts.yml": list(promql.of_rules(text["alerts.yml"])),
        "README.md": list(promql.of_markdown(text["README.md"])),
        "alerts.test.yml": list(promql.of_rule_tests(text["alerts.test.yml"])),
    }
    used, problems = set(), []
    for file, list_of_expressions in expressions.items():
        if not list_of_expressions:
            problems.append(f"{file}: no expression was found in it")
        of_file, complaints = check_expressions(table, file, list_of_expressions)
        problems += complaints
        # What only a test feeds in is of no use to anybody.
        if file != "alerts.test.yml":
            used |= of_file
    problems += [f"README.md: {name} is in the table and used nowhere" for name in sorted(set(table) - used)]
    problems += check_prose(table, text["README.md"])
    problems += check_alerts(text["README.md"], text["alerts.yml"], text["alerts.test.yml"])
    problems += check_jobs(text["alerts.yml"], text["prometheus.yml"])
    problems += check_dashboard(json.loads(text["grafana-dashboard.json"]))

    if len(sys.argv) > 2:
        wanted = expressions["grafana-dashboard.json"] + expressions["README.md"]
        rules = [{"record": f"expression:{number}", "expr": expression} for number, expression in enumerate(wanted)]
        # JSON is YAML.
        Path(sys.argv[2]).write_text(json.dumps({"groups": [{"name": "expressions", "rules": rules}]}))

    for problem in dict.fromkeys(problems):
        print(problem, file=sys.stderr)
    if not problems:
        count = sum(map(len, expressions.values()))
        print(f"{len(table)} metrics in the table, each of them used; {count} expressions name no others")
    return 1 if problems else 0


sys.exit(main())
