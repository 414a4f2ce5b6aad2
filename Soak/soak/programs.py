"""The two programs: built, started on free local ports, looked at from outside, and stopped."""

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
START_SECONDS = 30


def build_release():
    """Builds what is released, and returns the folder of the products."""
    command = ["swift", "build", "-c", "release"]
    built = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True)
    if built.returncode != 0:
        raise SystemExit(built.stdout + built.stderr)
    shown = subprocess.run([*command, "--show-bin-path"], cwd=PACKAGE, capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip())


def build_sanitized():
    """Builds what ends at the first memory error, and returns the folder of the products."""
    command = [PACKAGE / "scripts" / "sanitized-build", "--product", "ollama-proxy"]
    return Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


def get(url, method="GET", data=None):
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=30) as reply:
        return json.load(reply)


class Program:
    """A child that ends with its `with` block."""

    def __init__(self, command, **options):
        # What the terminal says to the soak is not meant for its children.
        self.child = subprocess.Popen(command, start_new_session=True, **options)
        self.pid = self.child.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()

    @property
    def is_running(self):
        return self.child.poll() is None


class Upstream(Program):
    """fake-openrouter with a models list and named answers."""

    def __init__(self, path, folder, models, script):
        (folder / "models.json").write_text(json.dumps(models))
        (folder / "script.json").write_text(json.dumps(script))
        command = [path, "--quiet", "--models", folder / "models.json", "--script", folder / "script.json"]
        super().__init__(command, stdout=subprocess.PIPE, text=True)
        if not select.select([self.child.stdout], [], [], START_SECONDS)[0]:
            raise RuntimeError("fake-openrouter did not come up")
        match = re.search(r"(http://\S+:(\d+))/api/v1$", self.child.stdout.readline().strip())
        self.root, self.port = match[1], int(match[2])

    def take_requests(self):
        """The requests since this was called last; what comes meanwhile may be lost."""
        requests = get(f"{self.root}/_fake/requests")
        get(f"{self.root}/_fake/requests", "DELETE")
        return requests


class Proxy(Program):
    """The program under test."""

    def __init__(self, path, folder, environment):
        self.log = folder / "ollama-proxy.log"
        with open(self.log, "wb") as log:
            super().__init__([path], env=environment, cwd=folder, stderr=log)
        self.port = int(self._wait(self._listening, "did not listen")[1])
        self._wait(lambda: self.health()["status"] == "ok", "found no models")

    def _listening(self):
        return re.search(r"event=listening .*?\bport=(\d+)", self.log.read_text())

    def _wait(self, condition, complaint, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_running:
            if result := condition():
                return result
            time.sleep(0.01)
        raise RuntimeError(f"the proxy {complaint}; its log ends: {self.log.read_text()[-2000:]}")

    def health(self):
        return get(f"http://127.0.0.1:{self.port}/health")

    def wait_until_idle(self, seconds, kept):
        """Waits until nothing is left but so many idle connections; returns what else is left when time is up."""
        deadline = time.monotonic() + seconds
        while True:
            health = self.health()
            # The one who asks is one itself.
            left = {name: health[name] - own for name, own in (
                ("connections", 1 + kept), ("requests", 1), ("exchanges", 0), ("transfers", 0), ("waiting", 0))}
            if not any(count > 0 for count in left.values()) or time.monotonic() > deadline:
                return {name: count for name, count in left.items() if count > 0}
            time.sleep(0.1)

    def refresh_models(self):
        self.child.send_signal(signal.SIGHUP)

    def terminate(self):
        self.child.send_signal(signal.SIGTERM)

    # What the system knows of it

    def memory(self):
        """Kilobytes that are resident and belong to it alone, without those of files."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1])
        raise RuntimeError("the kernel does not tell the memory of processes")

    def processor_seconds(self):
        """What it has used of the processor so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self, upstream_port):
        """How many there are, without idle connections to the upstream; and how many of these."""
        connections = self._connections_to(upstream_port)
        others = kept = 0
        for entry in os.scandir(f"/proc/{self.pid}/fd"):
            try:
                target = os.readlink(entry.path)
            except OSError:
                continue
            if target.startswith("socket:[") and target[8:-1] in connections:
                kept += 1
            else:
                others += 1
        return others, kept

    def _connections_to(self, port):
        """The kernel's numbers of all sockets whose other end is that port."""
        found = set()
        for line in Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[2].split(":")[1], 16) == port:
                found.add(fields[9])
        return found
