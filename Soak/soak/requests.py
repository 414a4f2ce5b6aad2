"""Random requests: those that ask a model, and all the others."""

import json
from dataclasses import dataclass, field

# The models that the upstream lists. All can do everything, so that any of them may answer any request.
MODEL_NAMES = [f"orchard/{name}-{size}b:free" for name in ("apple", "plum", "quince") for size in (7, 30, 70, 400)]
# Full, short, unknown, and for the best there is.
ASKED_NAMES = MODEL_NAMES[:3] + ["apple-400b", "llama3.2", "auto", "QUINCE-7B:latest"]


def models_list():
    parameters = ["include_reasoning", "max_tokens", "reasoning", "response_format", "seed", "stop",
                  "structured_outputs", "temperature", "tool_choice", "tools", "top_k", "top_p"]
    return {
        "data": [
            {
                "id": name, "name": name, "created": 1_780_000_000 + index, "description": "An invented model.",
                "context_length": 1_000_000 + index,
                "architecture": {"input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Other"},
                "pricing": {"prompt": "0", "completion": "0"},
                "top_provider": {"context_length": 1_000_000 + index, "max_completion_tokens": 100_000},
                "supported_parameters": parameters,
            }
            for index, name in enumerate(MODEL_NAMES)
        ]
    }


@dataclass
class Request:
    """One request, and what is known of what it must lead to."""

    number: int
    method: str
    path: str
    body: bytes = b""
    headers: list = field(default_factory=list)
    # For those that ask a model: what is asked for upstream, in which form, and what the attempts meet.
    api: str = "ollama"
    dialect: str = ""
    streams: bool = False
    upstream_streams: bool = False
    hides_thinking: bool = False
    answers: list = field(default_factory=list)
    # For the others.
    statuses: tuple = (200,)

    @property
    def asks_model(self):
        return bool(self.answers)

    def __str__(self):
        met = f", upstream: {' '.join(self.answers)}" if self.answers else ""
        return f"request {self.number} {self.method} {self.path}{' streamed' if self.streams else ''}{met}"


class RequestMaker:
    """Draws requests; the same random numbers give the same requests."""

    def __init__(self, book, private):
        self.book = book
        self.private = private

    def draw(self, random, number):
        return self.model_request(random, number) if random.random() < 0.72 else other_request(random, number)

    def model_request(self, random, number, answers=None, streams=None):
        answers = answers or self.book.draw(random)
        prompt = f"{self.private} @fake {number} {' '.join(answers)}@ " + random.choice(
            ["Hello", "Grüße, 世界 \U0001f34e", 'a "quoted" \\ text\n', "word " * random.choice([10, 400, 8000])])
        make = random.choices(
            [ollama_chat, ollama_generate, openai_chat, openai_completion, responses, messages],
            [6, 3, 4, 1, 3, 3])[0]
        body, known = make(random, prompt)
        if streams is None:
            streams = random.random() < 0.7
        if known["api"] == "ollama":
            if not streams or random.random() < 0.5:
                body["stream"] = streams
        elif streams or random.random() < 0.5:
            body["stream"] = streams
        known.setdefault("upstream_streams", streams)
        text = json.dumps(body, ensure_ascii=random.random() < 0.5)
        return Request(number, "POST", body=text.encode(), streams=streams, answers=answers, **known)


def history(random, prompt):
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}]
    return turns * random.choice([0, 0, 1, 5]) + [{"role": "user", "content": prompt}]


PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}, "label": {"type": "string"}}}
FUNCTION = {"name": "get_weather", "description": "Tells the weather", "parameters": PARAMETERS}


def ollama_chat(random, prompt):
    body = {"model": random.choice(ASKED_NAMES), "messages": history(random, prompt)}
    hides = generation(random, body)
    if random.random() < 0.3:
        body["tools"] = [{"type": "function", "function": FUNCTION}]
    return body, {"path": "/api/chat", "api": "ollama", "dialect": "chat", "upstream_streams": True,
                  "hides_thinking": hides}


def ollama_generate(random, prompt):
    body = {"model": random.choice(ASKED_NAMES), "prompt": prompt}
    hides = generation(random, body)
    return body, {"path": "/api/generate", "api": "ollama", "dialect": "chat", "upstream_streams": True,
                  "hides_thinking": hides}


def generation(random, body):
    """Adds what both of Ollama's routes take; tells whether thinking is hidden."""
    think = random.choice([None, None, True, False])
    if think is not None:
        body["think"] = think
    if random.random() < 0.4:
        body["options"] = {"temperature": 0.5, "num_predict": 500, "seed": 7, "num_ctx": 8192}
    if random.random() < 0.2:
        body["keep_alive"] = random.choice(["5m", 0, -1])
    return think is False


def openai_chat(random, prompt):
    body = {"model": random.choice(ASKED_NAMES), "messages": history(random, prompt)}
    if random.random() < 0.3:
        body["tools"] = [{"type": "function", "function": FUNCTION}]
    if random.random() < 0.3:
        body["stream_options"] = {"include_usage": True}
    return body, {"path": "/v1/chat/completions", "api": "openai", "dialect": "chat"}


def openai_completion(random, prompt):
    body = {"model": random.choice(ASKED_NAMES), "prompt": prompt, "max_tokens": 100}
    return body, {"path": "/v1/completions", "api": "openai-completion", "dialect": "chat", "upstream_streams": True,
                  "hides_thinking": True}


def responses(random, prompt):
    whole = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}]
    body = {"model": random.choice(ASKED_NAMES), "input": random.choice([prompt, whole])}
    if random.random() < 0.3:
        body["tools"] = [{"type": "function", **FUNCTION}]
    return body, {"path": "/v1/responses", "api": "responses", "dialect": "responses"}


def messages(random, prompt):
    content = random.choice([prompt, [{"type": "text", "text": prompt}]])
    body = {"model": random.choice(ASKED_NAMES), "max_tokens": 500, "messages": [{"role": "user", "content": content}]}
    if random.random() < 0.3:
        body["tools"] = [{"name": "get_weather", "input_schema": PARAMETERS}]
    return body, {"path": "/v1/messages", "api": "anthropic", "dialect": "messages"}


# Method, path, body, and the statuses that are right.
OTHERS = [
    *[("GET", path, None, (200,)) for path in (
        "/", "/api/version", "/api/tags", "/api/ps", "/v1/models", "/health", "/api/status", "/api/proxy/failures")],
    ("HEAD", "/api/tags", None, (200,)), ("HEAD", "/health", None, (200,)),
    ("DELETE", "/api/proxy/failures", None, (200,)),
    ("POST", "/api/show", b'{"model":"orchard/apple-7b:free"}', (200,)),
    ("POST", "/api/show", b'{"model":"nobody/has-this"}', (200, 404)),
    ("POST", "/api/chat", b'{"model":"auto","messages":[]}', (200,)),
    ("POST", "/v1/messages/count_tokens", b'{"model":"auto","messages":[{"role":"user","content":"Hello"}]}', (200,)),
    ("POST", "/api/embed", b'{"model":"any","input":"text"}', (400,)),
    ("POST", "/api/pull", b'{"model":"auto","stream":false}', (200, 404)),
    ("GET", "/nothing/here", None, (404,)), ("GET", "/v1/nothing", None, (404,)),
    ("POST", "/v1/messages/nothing", b"{}", (404,)),
    ("GET", "/api/chat", None, (405,)), ("POST", "/api/tags", b"{}", (405,)), ("DELETE", "/v1/messages", None, (405,)),
    *[("POST", path, body, (400,))
      for path in ("/api/chat", "/api/generate", "/v1/chat/completions", "/v1/responses", "/v1/messages")
      for body in (b'{"model":', b"", b"\xff\xfe rubbish", b'{"model":"auto","messages":7,"prompt":7,"input":7}',
                   b"[" * 3000)],
]


def other_request(random, number):
    choice = random.random()
    if choice < 0.03:
        return Request(number, "POST", random.choice(["/api/chat", "/v1/messages", "/v1/responses"]),
                       b" " * 1_200_000, api="", statuses=(413,))
    if choice < 0.05:
        return Request(number, "GET", "/api/tags", headers=[("X-Large", "a" * 30_000)], api="", statuses=(431,))
    method, path, body, statuses = random.choice(OTHERS)
    return Request(number, method, path, body or b"", api="", statuses=statuses)
