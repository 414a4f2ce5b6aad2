"""Never pays: every field and type that OpenRouter's own description of its API names is sent to the proxy in free mode, and is
forwarded, left out or refused by its path, as docs/free-mode.md says."""

import re

import pytest
from examples import PLAIN_MODEL
from openrouter_description import needs_description, request_schema, schema
from processes import PACKAGE

PROMPTS = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hello"}]},
    "/v1/responses": {"input": "Hello"},
    "/v1/messages": {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100},
}
# The fake upstream answers for each as long as the rest of the body is in order.
SETTINGS = {"FREE_REQUESTS_PER_MINUTE": "0", "FREE_REQUESTS_PER_DAY": "0"}


def table(path):
    """The tables of one API: from a place of the body to its columns, each a set of names."""
    text = (PACKAGE / "docs/free-mode.md").read_text()
    section = re.search(rf"^## {re.escape(path)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and not cells[0].startswith(("where", "---")):
            names = [set(re.findall(r"`([^`]*)`", cell)) for cell in cells[1:]]
            place = cells[0].strip("`") if cells[0] != "the body" else ""
            known = rows.setdefault(place, [set(), set(), set(), set()])
            for column, found in zip(known, names):
                column |= found
    return rows


def example(description):
    """Any value that is neither null nor empty, as those are let through."""
    kinds = description.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "enum" in description:
        return next(value for value in description["enum"] if value is not None)
    for kind, value in (("boolean", True), ("integer", 1), ("number", 1), ("string", "x"), ("array", [])):
        if kind in kinds:
            return value
    return {"x": 1}


@pytest.fixture
def settings():
    return SETTINGS


@needs_description
@pytest.mark.parametrize("path", PROMPTS)
def test_every_field(path, wire, upstream):
    types, sent_on, left_out, refused = table(path)[""]
    fields = request_schema(path.removeprefix("/v1"))["properties"]
    assert len(fields) > 20
    for name, description in fields.items():
        if name in PROMPTS[path] or name in ("model", "stream", "tools", "tool_choice", "plugins", "provider"):
            assert name in sent_on
            continue
        before = len(upstream.requests_to(path.removeprefix("/v1")))
        body = {"model": PLAIN_MODEL, **PROMPTS[path], name: example(schema(description))}
        reply = wire.post(path, body)
        bodies = upstream.bodies(path.removeprefix("/v1"))[before:]
        assert all(name not in sent or name in sent_on for sent in bodies), name
        if name in left_out:
            assert reply.status == 200 and name not in bodies[-1], f"{name}: {reply.text}"
        elif name in sent_on:
            # It may still say something that no model here can do.
            assert reply.status in (200, 400, 502), f"{name}: {reply.text}"
        else:
            assert reply.status == 400 and f"{name}: " in reply.text, f"{name}: {reply.text}"
            assert not bodies


PLACES = {
    "/v1/chat/completions": {
        "messages[].content[]": lambda item: {"messages": [{"role": "user", "content": [item]}]},
        "tools[]": lambda item: {**PROMPTS["/v1/chat/completions"], "tools": [item]},
    },
    "/v1/responses": {
        "input[]": lambda item: {"input": [item]},
        "input[].content[]": lambda item: {"input": [{"type": "message", "role": "user", "content": [item]}]},
        "tools[]": lambda item: {"input": "Hello", "tools": [item]},
        "input[].tools[]": lambda item: {"input": [{"type": "additional_tools", "tools": [item]}]},
    },
    "/v1/messages": {
        "messages[].content[]": lambda item: {"messages": [{"role": "user", "content": [item]}], "max_tokens": 100},
        "tools[]": lambda item: {**PROMPTS["/v1/messages"], "tools": [item]},
    },
}


def types_at(description, place, found=None, seen=None):
    """The values of `type` that the description names for objects at a place."""
    found = set() if found is None else found
    seen = set() if seen is None else seen
    description = schema(description)
    if (id(description), len(place)) in seen:
        return found
    seen.add((id(description), len(place)))
    for kind in ("anyOf", "oneOf", "allOf"):
        for part in description.get(kind, []):
            types_at(part, place, found, seen)
    properties = description.get("properties", {})
    if not place:
        kind = schema(properties["type"]) if "type" in properties else {}
        found.update(kind.get("enum", [kind["const"]] if "const" in kind else []))
    elif place[0] == "[]":
        if "items" in description:
            types_at(description["items"], place[1:], found, seen)
    elif place[0] in properties:
        types_at(properties[place[0]], place[1:], found, seen)
    return found


@needs_description
@pytest.mark.parametrize("path, place", [(path, place) for path, places in PLACES.items() for place in places])
def test_every_type(path, place, wire, upstream):
    steps = place.replace("[]", ".[]").split(".")
    rows = table(path)
    known = rows.get(place, rows["tools[]"])[0]
    known = rows["tools[]"][0] if place.endswith("tools[]") else known
    named = types_at(request_schema(path.removeprefix("/v1")), steps)
    assert len(named) >= (3 if path == "/v1/chat/completions" else 6), named
    for kind in sorted(named):
        is_known = kind in known or any(name.endswith("…") and kind.startswith(name[:-1]) for name in known)
        before = len(upstream.requests_to(path.removeprefix("/v1")))
        reply = wire.post(path, {"model": PLAIN_MODEL, **PLACES[path][place]({"type": kind, "name": "x"})})
        bodies = upstream.requests_to(path.removeprefix("/v1"))[before:]
        where = place.replace("[]", "[0]")
        if is_known:
            # `name` is no field of each of them.
            assert f"{where}.type" not in reply.text, f"{kind}: {reply.text}"
        else:
            assert reply.status == 400 and where in reply.text, f"{kind}: {reply.text}"
            assert not bodies
