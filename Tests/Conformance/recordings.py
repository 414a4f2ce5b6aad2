"""What Ollama really answered, read from the shared data, and what its values look like."""

import functools
import json
import re

from shared import SHARED, needs

FOLDER = "recordings/ollama"
needs_recordings = needs(FOLDER)


def names(*patterns):
    """The files that match, by their names in the folder; none where the recordings are not there."""
    folder = SHARED / FOLDER
    paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    return [str(path.relative_to(folder)) for path in paths if not path.name.endswith(".meta.json")]


@functools.cache
def values(*patterns):
    """The JSON values of the files that match: one a file, or one a line of a stream."""
    found = []
    for name in names(*patterns):
        text = (SHARED / FOLDER / name).read_text()
        found += map(json.loads, text.splitlines() if name.endswith(".ndjson") else [text])
    assert found, f"no recording matches {patterns}"
    return found


# What it holds is up to the model, not to the server.
OPAQUE = re.compile(r"\.arguments$")


def shape(value, path="", architecture=None):
    """A dictionary from the path of each value inside to the set of types that it has there.

    Keys that begin with a model's architecture are told apart by what follows it.
    """
    if isinstance(value, dict):
        architecture = value.get("general.architecture", architecture)
    result = {path: {_type(value)}} if path else {}
    if OPAQUE.search(path):
        return result
    if isinstance(value, dict):
        for key, inner in value.items():
            if architecture and key.startswith(architecture + "."):
                key = "<architecture>" + key[len(architecture) :]
            _add(result, shape(inner, f"{path}.{key}".removeprefix("."), architecture))
    elif isinstance(value, list):
        for inner in value:
            _add(result, shape(inner, path + "[]", architecture))
    return result


def common_shape(values):
    """All the paths of several values, each with all of its types."""
    result = {}
    for value in values:
        _add(result, shape(value))
    return result


def _add(result, more):
    for path, types in more.items():
        result.setdefault(path, set()).update(types)


_TEXT_TYPES = {
    "date": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"),
    "digest": re.compile(r"(sha256:)?[0-9a-f]*[a-f][0-9a-f]*"),
    "version": re.compile(r"\d+\.\d+\.\d+(-rc\d+)?"),
}


def _type(value):
    if isinstance(value, str):
        return next((name for name, pattern in _TEXT_TYPES.items() if pattern.fullmatch(value)), "text")
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}[type(value)]


def allows(recorded, types):
    """Whether values of these types may stand where the recorded ones do."""
    if "number" in recorded:
        recorded = recorded | {"integer"}
    if "text" in recorded:
        recorded = recorded | set(_TEXT_TYPES)
    return types <= recorded
