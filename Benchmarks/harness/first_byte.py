"""The time from a request to the first token of its answer, one request at a time."""

from harness import upstream_models
from harness.load import Load
from harness.targets import targets


def _percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def measure(bench):
    found = {target.name: [] for target in targets(bench)}
    for _ in range(bench.plan.latency_rounds):
        for target in targets(bench):
            with Load(
                bench.load_program, bench.folder, "requests", target, upstream_models.SHORT, 1,
                count=bench.plan.latency_requests,
            ) as load:
                # The first ones find caches cold and connections to be made.
                found[target.name] += load.latencies()[10:]
    results = {}
    for name, latencies in found.items():
        latencies.sort()
        results[name] = {
            "p50_microseconds": _percentile(latencies, 0.50) / 1000,
            "p99_microseconds": _percentile(latencies, 0.99) / 1000,
            "samples": len(latencies),
        }
    for result in results.values():
        for key in ("p50_microseconds", "p99_microseconds"):
            result["added_" + key] = result[key] - results["direct"][key]
    return results
