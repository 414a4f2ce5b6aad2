"""Models of the built-in upstream, and what the tests say to them."""

import base64

# Reasons when asked to, calls tools, follows schemas.
MODEL = "meadow/heron-70b:free"
# Neither calls tools nor reasons.
PLAIN_MODEL = "harbor/story-3b:free"
# Looks at pictures.
VISION_MODEL = "lantern/iris-12b-vision:free"
# On no list; any name will do for the upstream's embeddings.
EMBEDDING_MODEL = "vendor/name:free"
UNKNOWN_MODEL = "nobody/nothing"

# Told by its first bytes; no one decodes the rest.
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))

PICTURE_URL = "data:image/png;base64," + base64.b64encode(PICTURE).decode()

QUESTION = [{"role": "user", "content": "Is it going to rain?"}]

WEATHER_PARAMETERS = {
    "type": "object",
    "required": ["city", "days"],
    "properties": {
        "city": {"type": "string", "description": "where"},
        "days": {"type": "integer", "description": "how many days ahead"},
    },
}
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "What the weather will be like.",
        "parameters": WEATHER_PARAMETERS,
    },
}


def stream_of(*content, **more):
    """A scripted answer."""
    return {"kind": "stream", "content": list(content), **more}


def failure(name):
    """A scripted failure, by its name in the upstream's list."""
    return {"kind": "failure", "name": name}
