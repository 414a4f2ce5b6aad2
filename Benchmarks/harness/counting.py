"""What the proxy allocates and which system calls it makes, per chunk and per request: exact, whatever else runs."""

import struct
import subprocess
import time
from pathlib import Path

from harness import upstream_models
from harness.load import Load
from harness.programs import Proxy
from harness.targets import Target

SOURCE = Path(__file__).resolve().parent.parent / "count.c"
# In count.c's order.
CALLS = ["receives", "sends", "polls", "epoll_waits", "epoll_changes", "writes"]
COUNTERS = ["allocations", *CALLS]
SECONDS = 2
DOORS = ["/api/chat", "/v1/chat/completions"]
# name, kind of load, model, connections, microseconds between their starts, unit to divide by, streamed
LOADS = [
    ("paced chunk", "streams", upstream_models.PACED, 100, 200, "markers", True),
    # One alone shares no system call with others: the most that a chunk or a request can cost.
    ("lone chunk", "streams", upstream_models.PACED, 1, 0, "markers", True),
    ("saturated chunk", "streams", upstream_models.SATURATED, 4, 0, "markers", True),
    ("request", "requests", upstream_models.SHORT, 1, 0, "answers", False),
]


def compile_counter(folder):
    library = folder / "count.so"
    subprocess.run(["cc", "-O2", "-Wall", "-fPIC", "-shared", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def _read(file):
    return dict(zip(COUNTERS, struct.unpack(f"{len(COUNTERS)}Q", file.read_bytes())))


def measure(bench):
    """For each load and door, what one unit takes; `calls` are all system calls that are counted."""
    file = bench.folder / "counts"
    counting = {"LD_PRELOAD": str(compile_counter(bench.folder)), "COUNT_FILE": str(file)}
    found = {}
    with Proxy(bench.proxy_path, bench.fake, bench.folder / "proxy-counts", counting) as proxy:
        for name, kind, model, connections, stagger, unit, stream in LOADS:
            for door in DOORS:
                target = Target(f"proxy {door}", proxy.port, door, proxy.pid)
                with Load(
                    bench.load_program, bench.folder, kind, target, model, connections, stagger, stream=stream
                ) as load:
                    load.wait_until_answering(connections)
                    time.sleep(0.5)
                    before, units = _read(file), load.counters()[unit]
                    time.sleep(SECONDS)
                    after, units = _read(file), load.counters()[unit] - units
                proxy.wait_until_idle()
                each = {counter: (after[counter] - before[counter]) / units for counter in COUNTERS}
                found[f"{name}, {door}"] = each | {"calls": sum(each[call] for call in CALLS)}
    return found
