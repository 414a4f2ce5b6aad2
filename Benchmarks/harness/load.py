"""Drives the load client."""

import json
import select
import subprocess
from pathlib import Path

from harness.programs import Program, wait_for
from harness.upstream_models import MARKER

SOURCE = Path(__file__).resolve().parent.parent / "load.c"
# Far beyond what any run takes.
PATIENCE_SECONDS = 120


def compile_client(folder):
    """Compiles the load client into the folder and returns its path."""
    program = folder / "load"
    subprocess.run(["cc", "-O2", "-Wall", "-o", program, SOURCE], check=True)
    return program


def request(path, model, stream):
    """The bytes of a chat request, as a client sends it."""
    body = json.dumps(
        {
            "model": model,
            "messages": [
                {"role": "system", "content": "You answer briefly."},
                {"role": "user", "content": "What is a proxy, and when would somebody want to have one?"},
            ],
            "stream": stream,
        }
    )
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer benchmark-key\r\n"
        f"Content-Type: application/json\r\nAccept: */*\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


class Load(Program):
    """A running load client."""

    def __init__(self, program, folder, kind, target, model, connections, stagger=0, count=None, stream=True):
        file = folder / "request"
        file.write_bytes(request(target.path, model, stream))
        # Whole answers hold their text in one piece, so another part of it has to do there.
        marker = MARKER if stream else '"content":"'
        command = [program, kind, target.port, file, connections, stagger, marker]
        super().__init__(
            [str(part) for part in command + ([count] if count else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _line(self):
        if not select.select([self.child.stdout], [], [], PATIENCE_SECONDS)[0]:
            raise RuntimeError("the load client is stuck")
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the load client has given up; see its message above")
        return json.loads(line)

    def counters(self):
        """What has come so far."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return self._line()

    def wait_until_answering(self, streams):
        """Waits until that many requests have got their first token."""
        wait_for(lambda: self.counters()["answering"] >= streams, "not all streams began", 60, pause=0.02)

    def latencies(self):
        """The times to the first token of all requests, in nanoseconds, once the last is answered."""
        return self._line()

    def stop(self):
        if self.child.poll() is None:
            # The end of its input is what it waits for.
            self.child.stdin.close()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                super().stop()
        self.child.stdout.close()
