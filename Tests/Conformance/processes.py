"""The two programs under test, each a child process with an address chosen by the system."""

import json
import os
import re
import select
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
START_SECONDS = 10
STOP_SECONDS = 15


def executable(variable, name):
    """The file to run: what the variable names, or the debug build's product."""
    path = Path(os.environ.get(variable) or PACKAGE / ".build/debug" / name).absolute()
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"{path} is not there: run 'swift build', or set {variable}")
    return path


def first_match(pattern, descriptor, seconds=START_SECONDS):
    """Reads lines from a child until one matches, and tells what the child said if none does."""
    text = b""
    deadline = time.monotonic() + seconds
    while True:
        match = re.search(pattern, text)
        if match:
            return match
        readable, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(descriptor, 65536) if readable else b""
        if not piece:
            raise RuntimeError(f"the process did not come up; it said: {text.decode(errors='replace')}")
        text += piece


class Process:
    """A child that is stopped at the end of its `with` block."""

    def __init__(self, child):
        self.child = child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def is_running(self):
        return self.child.poll() is None

    def stop(self):
        """Asks the child to end, and returns its exit code."""
        if self.is_running:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdout:
            self.child.stdout.close()
        return self.child.returncode


class FakeOpenRouter(Process):
    """The scriptable upstream."""

    def __init__(self):
        super().__init__(
            subprocess.Popen(
                [executable("FAKE_OPENROUTER_BINARY", "fake-openrouter"), "--quiet", "--delay-ms", "1"],
                stdout=subprocess.PIPE,
            )
        )
        match = first_match(rb"listening on (http://\S+?)(/api/v1)\s", self.child.stdout.fileno())
        self.root = match[1].decode()
        self.base_url = self.root + "/api/v1"

    def script(self, answers):
        """Says how models answer: a dictionary from a model's id, or "*", to its answer or list of answers."""
        rules = [
            {"model": model, "answers": answer if isinstance(answer, list) else [answer]}
            for model, answer in answers.items()
        ]
        self._control("PUT", "script", {"rules": rules})

    def script_embeddings(self, model, answer):
        """Says how a model answers requests for embeddings."""
        self.script_endpoint("embeddings", model, answer)

    def script_endpoint(self, endpoint, model, answer):
        """Says how a model answers at one endpoint: "chat/completions", "responses", "messages" or "embeddings"."""
        rule = {"model": model, "endpoint": endpoint, "answers": [answer]}
        self._control("PUT", "script", {"rules": [rule]})

    def chat_requests(self):
        """The bodies of the chat requests that have come so far, oldest first."""
        return self.bodies("/chat/completions")

    def embedding_requests(self):
        """The bodies of the requests for embeddings that have come so far, oldest first."""
        return self.bodies("/embeddings")

    def requests_to(self, path):
        """The requests at one path that have come so far with their headers, oldest first."""
        return [request for request in self._control("GET", "requests") if request["path"].endswith(path)]

    def bodies(self, path):
        """The bodies of the requests at one path that have come so far, oldest first."""
        return [json.loads(request["body"]) for request in self.requests_to(path)]

    def _control(self, method, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.root}/_fake/{name}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)


class OllamaProxy(Process):
    """The server under test, in front of `upstream`, with an empty data folder."""

    def __init__(self, upstream, folder, **settings):
        environment = {
            "OPENROUTER_API_KEY": "conformance-key",
            "OPENROUTER_BASE_URL": upstream.base_url,
            "PORT": "0",
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "DEBUG",
            # The folder that the tests happen to run in may hold a filter of its own.
            "MODEL_FILTER_PATH": str(folder / "filter"),
            **settings,
        }
        self.log = folder / "ollama-proxy.log"
        # A file never fills up, unlike a pipe that nobody reads, and shows what happened after a failure.
        with open(self.log, "wb") as log:
            child = subprocess.Popen(
                [executable("OLLAMA_PROXY_BINARY", "ollama-proxy")], env=environment, cwd=folder, stderr=log
            )
        super().__init__(child)
        self.root = f"http://127.0.0.1:{self._port()}"
        self._wait(lambda: self.health()["status"] == "ok", "found no models")

    def _port(self):
        pattern = r"event=listening .*?\bport=(\d+)"
        return int(self._wait(lambda: re.search(pattern, self.log.read_text()), "did not listen")[1])

    def _wait(self, condition, complaint):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.is_running:
            result = condition()
            if result:
                return result
            time.sleep(0.005)
        self.stop()
        raise RuntimeError(f"the proxy {complaint}; its log: {self.log.read_text()}")

    def health(self):
        """The proxy's own view of itself."""
        with urllib.request.urlopen(self.root + "/health", timeout=10) as reply:
            return json.load(reply)

    def wait_until_idle(self):
        """Waits until every exchange and every transfer to the upstream is over."""
        self._wait(lambda: not any(self.health()[name] for name in ("exchanges", "transfers")), "is not done")
