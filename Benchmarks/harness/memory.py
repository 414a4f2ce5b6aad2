"""Memory: idle, with many open streams, and after them."""

import time

from harness import machine, upstream_models
from harness.load import Load
from harness.programs import Proxy
from harness.targets import Target

OPEN_STREAMS = 1000
MANY_STREAMS = 5000
# Opened at this distance, so that it is open streams that are measured and not a rush.
STAGGER_MICROSECONDS = 1000


def _with_open_streams(bench, proxy, count):
    target = Target("proxy /api/chat", proxy.port, "/api/chat", proxy.pid)
    with Load(
        bench.load_program, bench.folder, "streams", target, upstream_models.QUIET, count, STAGGER_MICROSECONDS
    ) as load:
        load.wait_until_answering(count)
        time.sleep(bench.plan.memory_settle_seconds)
        streams = proxy.health()["exchanges"]
        if streams != count:
            raise RuntimeError(f"{streams} streams are open instead of {count}")
        return machine.memory(proxy.pid)


def measure(bench):
    # A process of its own: what earlier measurements left behind is not what an idle server needs.
    with Proxy(bench.proxy_path, bench.fake, bench.folder / "proxy-memory") as proxy:
        time.sleep(bench.plan.memory_settle_seconds)
        idle = machine.memory(proxy.pid)
        busy = _with_open_streams(bench, proxy, OPEN_STREAMS)
        proxy.wait_until_idle()
        # The heap is tidied two seconds after a rush.
        time.sleep(2 + bench.plan.memory_settle_seconds)
        after = machine.memory(proxy.pid)
        many = _with_open_streams(bench, proxy, MANY_STREAMS) if bench.has_room_for_many else None
    return {
        "idle_resident_bytes": idle["resident"],
        "idle_anonymous_bytes": idle["anonymous"],
        "open_streams": OPEN_STREAMS,
        "open_resident_bytes": busy["resident"],
        "stream_bytes": (busy["resident"] - idle["resident"]) / OPEN_STREAMS,
        "after_resident_bytes": after["resident"],
        "after_anonymous_bytes": after["anonymous"],
        "many_streams": MANY_STREAMS,
        "many_resident_bytes": many and many["resident"],
    }
