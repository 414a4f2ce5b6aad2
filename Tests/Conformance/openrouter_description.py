"""OpenRouter's description of its own API, read from the shared data, and a way to hold bodies against it."""

import functools
import json
from pathlib import Path

import jsonschema
import yaml
from shared import SHARED, needs

PATH = "specs/openrouter-openapi.yaml"
needs_description = needs(PATH)

RECORDINGS = "recordings/openrouter"


@functools.cache
def _description():
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((SHARED / PATH).read_text(), loader)


def _components():
    return _description()["components"]


def schema(value):
    """A schema, where it may be a reference to one."""
    while "$ref" in value:
        value = _components()["schemas"][value["$ref"].rsplit("/", 1)[1]]
    return value


def request_schema(path):
    """The schema of what is sent to a path by POST."""
    body = _description()["paths"][path]["post"]["requestBody"]
    return schema(body["content"]["application/json"]["schema"])


@functools.cache
def _validator(schema_name):
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema_name}", "components": _components()}
    )


def properties(schema_name):
    """The names that the schema knows at its top level."""
    return set(_components()["schemas"][schema_name]["properties"])


def complaints(value, schema_name):
    """Whatever the named schema does not allow, each as a path and a reason."""
    return {f"{error.json_path}: {error.message}" for error in _validator(schema_name).iter_errors(value)}


def check(value, schema_name):
    found = complaints(value, schema_name)
    assert not found, f"{schema_name}: {'; '.join(sorted(found))} in {json.dumps(value)[:500]}"


def recorded_streams():
    """The files of recorded streams; none where the recordings are not there."""
    return sorted((SHARED / RECORDINGS / "sse").glob("*.sse"))


def recorded_bodies():
    """The files of recorded whole answers of chats; none where the recordings are not there."""
    paths = sorted((SHARED / RECORDINGS / "json").glob("*.json"))
    paths = [path for path in paths if not path.name.endswith(".meta.json") and not path.name.startswith("_")]
    return [path for path in paths if "choices" in json.loads(path.read_text())]


def by_name(path):
    """A file's name for the list of tests."""
    return path.stem if isinstance(path, Path) else None
