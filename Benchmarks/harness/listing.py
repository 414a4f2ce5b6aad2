"""How many models lists a second one core hands out."""

import os
import re
import shutil
import subprocess

from harness.machine import cpu_nanoseconds


def measure(bench):
    """None when wrk is not installed."""
    if not shutil.which("wrk"):
        return None
    # The proxy on a core of its own, the client on the others.
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(bench.proxy.pid, cores[:1])
    others = ",".join(str(core) for core in cores[1:] or cores)
    address = f"http://127.0.0.1:{bench.proxy.port}/api/tags"
    before = cpu_nanoseconds(bench.proxy.pid)
    try:
        run = subprocess.run(
            ["taskset", "-c", others, "wrk", "-t1", "-c8", f"-d{bench.plan.listing_seconds}s", address],
            capture_output=True, text=True, check=True, timeout=60,
        )
    finally:
        os.sched_setaffinity(bench.proxy.pid, cores)
    used = cpu_nanoseconds(bench.proxy.pid) - before
    requests = int(re.search(r"(\d+) requests in", run.stdout)[1])
    if "Non-2xx" in run.stdout:
        raise RuntimeError(run.stdout)
    return {
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)[1]),
        "microseconds": used / requests / 1000,
    }
