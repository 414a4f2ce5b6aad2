"""Requests as they go over the wire, for looking at what clients never show: every byte of a reply."""

import json
from dataclasses import dataclass

import httpx

JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"


@dataclass
class Reply:
    status: int
    headers: httpx.Headers
    text: str

    @property
    def content_type(self):
        return self.headers.get("content-type")

    def json(self):
        """The whole reply, which must be one JSON value."""
        assert self.content_type == JSON
        return json.loads(self.text)

    def lines(self):
        """The values of a stream, one a line, the last line ended too."""
        assert self.content_type == NDJSON
        assert self.text.endswith("\n")
        return [json.loads(line) for line in self.text.removesuffix("\n").split("\n")]


class Wire:
    """Sends requests to one server."""

    def __init__(self, root):
        self._client = httpx.Client(base_url=root, timeout=15)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def send(self, method, path, body=None, **more):
        """Sends a body: bytes as they are, anything else as JSON."""
        if body is not None:
            more["content"] = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = self._client.request(method, path, **more)
        return Reply(reply.status_code, reply.headers, reply.text)

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body):
        return self.send("POST", path, body)
