"""CPU time per streamed chunk and per request."""

import statistics
import time

from harness import upstream_models
from harness.load import Load
from harness.machine import busy_nanoseconds, cpu_nanoseconds
from harness.targets import measured_targets

PACED_STREAMS = 100
SATURATED_STREAMS = 4
REQUEST_CONNECTIONS = 8
SETTLE_SECONDS = 0.5


def window(bench, target, load, seconds, unit):
    """CPU time per unit of one target within a while; `unit` is the counter of the load client to divide by."""

    def snapshot():
        counters = load.counters()
        fake, own = cpu_nanoseconds(bench.fake.pid), cpu_nanoseconds(target.pid)
        return counters, own, fake, busy_nanoseconds(), time.monotonic_ns()

    before = snapshot()
    time.sleep(seconds)
    after = snapshot()
    (counters, own, fake, busy, duration) = [
        {name: new[name] - old[name] for name in new} if isinstance(new, dict) else new - old
        for old, new in zip(before, after)
    ]
    units = counters[unit]
    if units == 0:
        raise RuntimeError(f"nothing came through {target.name}")
    return {
        "microseconds": own / units / 1000,
        "per_second": units * 1e9 / counters["time"],
        "share": own / duration,
        "fake_share": fake / duration,
        "client_share": counters["cpu"] / duration,
        # What compilers and the like used meanwhile, in cores; the account is in hundredths of a second.
        "others_share": max(0.0, (busy - own - fake - counters["cpu"]) / duration),
    }


def _measure(bench, kind, model, connections, unit, stagger=0, stream=True):
    """The median over all windows of all rounds, target by target; rounds take turns, so that what changes on the
    machine meanwhile concerns all alike."""
    found = {target.name: [] for target in measured_targets(bench)}
    for _ in range(bench.plan.rounds):
        for target in measured_targets(bench):
            with Load(
                bench.load_program, bench.folder, kind, target, model, connections, stagger, stream=stream
            ) as load:
                load.wait_until_answering(connections)
                time.sleep(SETTLE_SECONDS)
                for _ in range(bench.plan.windows):
                    found[target.name].append(window(bench, target, load, bench.plan.window_seconds, unit))
            bench.proxy.wait_until_idle()
    results = {}
    for name, windows in found.items():
        results[name] = {key: statistics.median(window[key] for window in windows) for key in windows[0]}
        results[name]["lowest"] = min(window["microseconds"] for window in windows)
        results[name]["highest"] = max(window["microseconds"] for window in windows)
    baseline = results.get("nginx")
    for result in results.values():
        result["ratio"] = result["microseconds"] / baseline["microseconds"] if baseline else None
    return results


def paced(bench):
    """Many streams at the pace of fast models."""
    # Spread over one period: streams that all speak in the same millisecond would be cheaper than real ones.
    stagger = upstream_models.PACED_DELAY_MILLISECONDS * 1000 // PACED_STREAMS
    results = _measure(bench, "streams", upstream_models.PACED, PACED_STREAMS, "markers", stagger)
    for result in results.values():
        asked = PACED_STREAMS * 1000 / upstream_models.PACED_DELAY_MILLISECONDS
        result["pace_kept"] = result["per_second"] / asked
    return results


def saturated(bench):
    """Few streams as fast as they go."""
    return _measure(bench, "streams", upstream_models.SATURATED, SATURATED_STREAMS, "markers")


def requests(bench):
    """Small chats that are answered in one piece."""
    return _measure(
        bench, "requests", upstream_models.SHORT, REQUEST_CONNECTIONS, "answers", stream=False
    )
