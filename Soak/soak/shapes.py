"""Reads replies in the shapes of the three APIs: what was said, and how it ended."""

import json
from dataclasses import dataclass, field


class Misshapen(Exception):
    """The reply is not what the API says it should be."""


@dataclass
class Spoken:
    """What a reply says."""

    text: str = ""
    thinking: str = ""
    tool_arguments: list = field(default_factory=list)
    has_ended: bool = False
    # The error's message; nil when there was none.
    error: str | None = None


def document(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise Misshapen(f"no JSON: {error}") from None


def error_message(api, value):
    """The message of an error in the API's shape."""
    if api == "ollama":
        message = value.get("error")
    else:
        error = value.get("error")
        if not isinstance(error, dict):
            raise Misshapen("the error is no object")
        if api == "anthropic" and value.get("type") != "error":
            raise Misshapen("an error without its type")
        if not error.get("type"):
            raise Misshapen("the error has no type")
        message = error.get("message")
    if not isinstance(message, str) or not message.strip():
        raise Misshapen("the error has no message")
    return message


def family(path):
    """The API that a path belongs to, by the shape of its errors."""
    if path.startswith("/v1/messages"):
        return "anthropic"
    return "openai" if path.startswith("/v1/") else "ollama"


def events(body):
    """The data and the names of a stream's events; the last must end as the others do."""
    if body and not body.endswith(b"\n\n"):
        raise Misshapen("the stream ends within an event")
    for block in body.decode().split("\n\n"):
        name, data = "", []
        for line in block.split("\n"):
            if line.startswith("data: "):
                data.append(line[6:])
            elif line.startswith("event: "):
                name = line[7:]
            elif line and not line.startswith(":"):
                raise Misshapen(f"no field of an event: {line[:80]!r}")
        if data:
            yield name, "\n".join(data)


def read(request, reply):
    """What the reply to a request at a model says. Raises Misshapen for anything but an answer or an error."""
    content_type = reply.headers.get("content-type", "")
    if reply.status != 200:
        if not content_type.startswith("application/json"):
            raise Misshapen(f"an error of type {content_type!r}")
        return Spoken(error=error_message(family(request.path), document(reply.body)))
    expected = "application/json"
    if request.streams:
        expected = "application/x-ndjson" if request.api == "ollama" else "text/event-stream"
    if not content_type.startswith(expected):
        raise Misshapen(f"the type is {content_type!r} instead of {expected!r}")
    try:
        return (STREAMS if request.streams else BODIES)[request.api](reply.body)
    except (KeyError, IndexError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise Misshapen(f"{type(error).__name__}: {error}") from None


# Ollama


def ollama_part(spoken, value):
    message = value["message"] if "message" in value else {"content": value["response"], **value}
    spoken.text += message["content"]
    spoken.thinking += message.get("thinking", "")
    for call in message.get("tool_calls", []):
        spoken.tool_arguments.append(call["function"]["arguments"])


def ollama_stream(body):
    spoken = Spoken()
    if not body.endswith(b"\n"):
        raise Misshapen("the stream ends within a line")
    for line in body.decode().split("\n")[:-1]:
        if spoken.has_ended or spoken.error:
            raise Misshapen("a line after the last one")
        value = document(line)
        if "error" in value:
            spoken.error = error_message("ollama", value)
            continue
        ollama_part(spoken, value)
        spoken.has_ended = value["done"]
        if spoken.has_ended and not value["done_reason"]:
            raise Misshapen("an end without a reason")
    return spoken


def ollama_body(body):
    value = document(body)
    spoken = Spoken(has_ended=value["done"])
    ollama_part(spoken, value)
    return spoken


# OpenAI


def openai_stream(body):
    spoken = Spoken()
    calls, finished = {}, False
    for _, data in events(body):
        if spoken.has_ended or spoken.error:
            raise Misshapen("an event after the last one")
        if data == "[DONE]":
            spoken.has_ended = True
            continue
        value = document(data)
        if "error" in value:
            spoken.error = error_message("openai", value)
            continue
        for choice in value["choices"]:
            delta = choice.get("delta", choice)
            spoken.text += delta.get("content") or delta.get("text") or ""
            spoken.thinking += delta.get("reasoning") or ""
            for call in delta.get("tool_calls") or []:
                calls[call["index"]] = calls.get(call["index"], "") + call["function"].get("arguments", "")
            finished = finished or choice.get("finish_reason") is not None
    if spoken.has_ended and not finished:
        raise Misshapen("[DONE] without a finish reason")
    if spoken.has_ended:
        spoken.tool_arguments = [document(arguments) for arguments in calls.values()]
    return spoken


def openai_body(body):
    message = document(body)["choices"][0]
    text = message.get("text")
    message = message.get("message", {})
    calls = [document(call["function"]["arguments"]) for call in message.get("tool_calls") or []]
    return Spoken(text if text is not None else message["content"] or "", message.get("reasoning") or "", calls, True)


def typed_events(body, spoken):
    """The events of a stream whose names are their types, none of them after the end or the error in `spoken`."""
    for name, data in events(body):
        if spoken.has_ended or spoken.error:
            raise Misshapen("an event after the last one")
        value = document(data)
        if name != value["type"]:
            raise Misshapen(f"the event {value['type']!r} is named {name!r}")
        yield name, value


def response_output(value):
    spoken = Spoken(has_ended=True)
    if value["status"] not in ("completed", "incomplete"):
        raise Misshapen(f"a response of status {value['status']!r}")
    for item in value["output"]:
        if item["type"] == "message":
            spoken.text += "".join(part["text"] for part in item["content"])
        elif item["type"] == "reasoning":
            spoken.thinking += "".join(part["text"] for part in item["content"])
        elif item["type"] == "function_call":
            spoken.tool_arguments.append(document(item["arguments"]))
    return spoken


def responses_stream(body):
    spoken = Spoken()
    for name, value in typed_events(body, spoken):
        if name == "error":
            spoken.error = error_message("openai", value)
            if spoken.error != value["message"]:
                raise Misshapen("two messages of one error")
        elif name == "response.output_text.delta":
            spoken.text += value["delta"]
        elif name == "response.reasoning_text.delta":
            spoken.thinking += value["delta"]
        elif name in ("response.completed", "response.incomplete"):
            whole = response_output(value["response"])
            if (whole.text, whole.thinking) != (spoken.text, spoken.thinking):
                raise Misshapen("the last event tells another text than those before")
            spoken.tool_arguments = whole.tool_arguments
            spoken.has_ended = True
    return spoken


# Anthropic


def messages_stream(body):
    spoken = Spoken()
    calls, reason = {}, None
    for name, value in typed_events(body, spoken):
        if name == "error":
            spoken.error = error_message("anthropic", value)
        elif name == "content_block_delta":
            delta = value["delta"]
            spoken.text += delta.get("text", "")
            spoken.thinking += delta.get("thinking", "")
            if "partial_json" in delta:
                calls[value["index"]] = calls.get(value["index"], "") + delta["partial_json"]
        elif name == "message_delta":
            reason = value["delta"]["stop_reason"]
        elif name == "message_stop":
            spoken.has_ended = True
            if not reason:
                raise Misshapen("an end without a reason")
            spoken.tool_arguments = [document(arguments) for arguments in calls.values()]
    return spoken


def messages_body(body):
    spoken = Spoken(has_ended=True)
    for block in document(body)["content"]:
        spoken.text += block.get("text", "")
        spoken.thinking += block.get("thinking", "")
        if block["type"] == "tool_use":
            spoken.tool_arguments.append(block["input"])
    return spoken


STREAMS = {
    "ollama": ollama_stream, "openai": openai_stream, "openai-completion": openai_stream,
    "responses": responses_stream, "anthropic": messages_stream,
}
BODIES = {
    "ollama": ollama_body, "openai": openai_body, "openai-completion": openai_body,
    "responses": lambda body: response_output(document(body)), "anthropic": messages_body,
}
