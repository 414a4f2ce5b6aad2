"""The time from the start of the process to the first models list it hands out."""

import os
import signal
import socket
import statistics
import time

from harness.programs import free_port

PATIENCE_SECONDS = 10


def _time_to_first_listing(path, environment, folder):
    port = free_port()
    environment = {**environment, "PORT": str(port)}
    quiet = [
        (os.POSIX_SPAWN_OPEN, 2, folder / "log-startup", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
    ]
    started = time.monotonic_ns()
    pid = os.posix_spawn(path, [path], environment, file_actions=quiet)
    try:
        while time.monotonic_ns() - started < PATIENCE_SECONDS * 1_000_000_000:
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=5)
            except ConnectionRefusedError:
                # Short against what is measured, and long enough to leave the processor to the other.
                time.sleep(0.0002)
                continue
            with connection:
                connection.sendall(b"GET /api/tags HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = connection.recv(65536)
            if answer.startswith(b"HTTP/1.1 200"):
                return (time.monotonic_ns() - started) / 1_000_000
        raise RuntimeError("the proxy did not come up")
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def measure(bench):
    folder = bench.folder / "proxy-startup"
    folder.mkdir()
    # The cache is the one that the running proxy has written.
    data = folder / "data"
    data.mkdir()
    (data / "free-models").write_bytes((bench.folder / "proxy/data/free-models").read_bytes())
    environment = {**bench.proxy.environment, "DATA_DIR": str(data)}
    times = [
        _time_to_first_listing(bench.proxy_path, environment, folder) for _ in range(bench.plan.starts)
    ]
    return {"milliseconds": statistics.median(times), "highest": max(times), "starts": len(times)}
