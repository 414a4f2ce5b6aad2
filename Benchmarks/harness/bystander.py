"""How long a client that asks for next to nothing waits while others send the worst that they can."""

import multiprocessing
import socket
import threading
import time

from harness import machine
from harness.programs import Proxy

QUIET_SECONDS = 1.0


class Bystander:
    """Asks for `GET /` again and again, in a process of its own, as a client is."""

    def __init__(self, port):
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_ask, args=(port, theirs), daemon=True)
        self.process.start()

    def worst_wait(self):
        """The longest wait since it was last asked, in seconds."""
        self.ours.send(True)
        return self.ours.recv()

    def stop(self):
        self.process.terminate()
        self.process.join()


def _ask(port, pipe):
    connection = socket.create_connection(("127.0.0.1", port))
    worst = 0.0
    while True:
        begun = time.monotonic()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(4096)
        worst = max(worst, time.monotonic() - begun)
        if pipe.poll():
            pipe.recv()
            pipe.send(worst)
            worst = 0.0
        time.sleep(0.0005)


def send(port, path, body):
    """Sends a request and reads the status of what comes; 0 where nothing does."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        try:
            connection.sendall(head.encode() + b"Connection: close\r\n\r\n")
            connection.sendall(body)
        except OSError:
            pass
        received = b""
        try:
            while piece := connection.recv(65536):
                if len(received) < 64:
                    received += piece
        except OSError:
            pass
    return int(received[9:12] or 0) if received.startswith(b"HTTP/") else 0


def measure(bench, requests):
    """For each request the worst wait beside one and beside four of it, and the most memory by then."""
    for name, (path, make_body) in requests.items():
        body = make_body()
        with Proxy(bench.proxy_path, bench.fake, bench.folder / "proxy-bystander") as proxy:
            bystander = Bystander(proxy.port)
            try:
                bystander.worst_wait()
                time.sleep(QUIET_SECONDS)
                quiet = bystander.worst_wait()
                status = send(proxy.port, path, body)
                worst = bystander.worst_wait()
                senders = [threading.Thread(target=send, args=(proxy.port, path, body)) for _ in range(4)]
                for sender in senders:
                    sender.start()
                for sender in senders:
                    sender.join()
                crowd = bystander.worst_wait()
            finally:
                bystander.stop()
            yield name, {
                "status": status,
                "quiet_seconds": quiet,
                "worst_wait_seconds": worst,
                "worst_wait_of_four_seconds": crowd,
                "peak_resident_bytes": machine.peak_memory(proxy.pid),
            }
