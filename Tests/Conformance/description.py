"""Ollama's description of its own API, read from the shared data, and a strict way to hold replies against it."""

import copy
import datetime
import json
import re

import jsonschema
import pytest
import yaml
from shared import SHARED, needs

PATH = "specs/ollama-openapi.yaml"
needs_description = needs(PATH)

# The description leaves out what Ollama sends all the same. Without these it would tell nothing about keys that
# nobody knows, for none of its objects is closed.
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
# The last line of an answer tells which model spoke, as Ollama's own does for models that it hosts elsewhere.
_SPEAKER = {"remote_model": _TEXT, "remote_host": _TEXT}
# The tokens of the conversation, which recorded servers send. Ours are not known, so the list is empty.
_CONTEXT = {"context": {"type": "array", "items": _NUMBER}}
# The figures of the last line stand with the whole answer only.
_FIGURES = {
    "done_reason": _TEXT,
    "total_duration": _NUMBER,
    "load_duration": _NUMBER,
    "prompt_eval_count": _NUMBER,
    "prompt_eval_duration": _NUMBER,
    "eval_count": _NUMBER,
    "eval_duration": _NUMBER,
}
UNDESCRIBED = {
    "ChatResponse": _SPEAKER,
    "ChatStreamEvent": {**_FIGURES, **_SPEAKER},
    "GenerateResponse": {**_CONTEXT, **_SPEAKER},
    "GenerateStreamEvent": {**_CONTEXT, **_SPEAKER},
    # Pairs a result with its call; sent since the end of 2025.
    "ToolCall": {"id": _TEXT},
    "ToolCall/function": {"index": _NUMBER},
    # The text that the model was made of is in every recorded reply.
    "ShowResponse": {"modelfile": _TEXT, **_SPEAKER},
    # What a client may do with a model, without asking for each one; sent since August 2026.
    "ModelSummary": {"capabilities": {"type": "array", "items": _TEXT}},
    "ModelSummary/details": {"parent_model": _TEXT, "context_length": _NUMBER, "embedding_length": _NUMBER},
}

_formats = jsonschema.FormatChecker(formats=[])


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(text):
    # Python knows no more than six digits of a second; Ollama writes up to nine.
    datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d{1,3}", r"\1", text).replace("Z", "+00:00"))
    return re.search(r"(Z|[+-]\d\d:\d\d)$", text) is not None


class Description:
    def __init__(self):
        self._document = yaml.safe_load((SHARED / PATH).read_text())
        self._strict = copy.deepcopy(self._document["components"])
        for name, schema in self._strict["schemas"].items():
            self._close(schema, name)

    def _close(self, schema, name):
        """Lets an object have no keys but those described and those above."""
        properties = schema.get("properties")
        if not properties:
            return
        for key, inner in properties.items():
            self._close(inner, f"{name}/{key}")
        properties.update(UNDESCRIBED.get(name, {}))
        schema["additionalProperties"] = False

    def check(self, value, schema_name):
        """Complains of whatever the named schema does not allow."""
        schema = {"$ref": f"#/components/schemas/{schema_name}", "components": self._strict}
        validator = jsonschema.Draft202012Validator(schema, format_checker=_formats)
        complaints = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not complaints, f"{schema_name}: {'; '.join(complaints)} in {json.dumps(value)[:500]}"

    def check_reply(self, reply, method, path):
        """Holds a whole reply, or every line of a stream, against what the operation is described to answer."""
        if reply.status != 200:
            return self.check(reply.json(), "ErrorResponse")
        described = self._document["paths"][path][method.lower()]["responses"]["200"].get("content")
        if described is None:
            assert reply.text == "", "described without a body"
            return
        media_type = reply.content_type.removesuffix("; charset=utf-8")
        schema_name = described[media_type]["schema"]["$ref"].rpartition("/")[2]
        for value in reply.lines() if media_type == "application/x-ndjson" else [reply.json()]:
            self.check(value, schema_name)

    def samples(self):
        """The requests that the description shows: title, method, path and body."""
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                for sample in operation.get("x-codeSamples", []):
                    body = re.search(r"-d '(.*)'", sample["source"], re.DOTALL)
                    yield f"{path}: {sample['label']}", method.upper(), path, body and json.loads(body[1])


def samples():
    """The description's samples as parameters of a test, or one that is skipped."""
    if not (SHARED / PATH).exists():
        return [pytest.param(None, None, None, id="none", marks=needs_description)]
    return [pytest.param(method, path, body, id=title) for title, method, path, body in Description().samples()]
