"""Compares results with the limits in limits.json."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "limits.json"


def _dearest(results, measurement, key="ratio"):
    """The dearer of the two doors; None where it could not be compared."""
    figures = [result[key] for name, result in results[measurement].items() if name != "nginx"]
    return None if None in figures else max(figures)


def _counts(results):
    """What is counted and hardly varies."""

    def most(unit, counter):
        return max(counts[counter] for name, counts in results["counts"].items() if name.startswith(unit))

    counts = {
        "allocations_per_paced_chunk": most("paced chunk", "allocations"),
        "allocations_per_saturated_chunk": most("saturated chunk", "allocations"),
        "allocations_per_request": most("request", "allocations"),
        "calls_per_lone_chunk": most("lone chunk", "calls"),
        "epoll_changes_per_paced_chunk": most("paced chunk", "epoll_changes"),
        "calls_per_request": most("request", "calls"),
        "idle_resident_bytes": results["memory"]["idle_resident_bytes"],
        "idle_anonymous_bytes": results["memory"]["idle_anonymous_bytes"],
        "stream_bytes": results["memory"]["stream_bytes"],
    }
    # The report tells when there were too few descriptors for it.
    many = results["memory"]["many_resident_bytes"]
    if many is not None:
        counts["many_streams_resident_bytes"] = many
    return counts


def _ratios(results):
    """What nginx takes in the same run is the measure, so that machines differ little."""
    return {
        "paced_chunk_ratio_to_nginx": _dearest(results, "paced"),
        "saturated_chunk_ratio_to_nginx": _dearest(results, "saturated"),
        "request_ratio_to_nginx": _dearest(results, "requests"),
    }


def _times(results):
    """What a busy machine would spoil."""
    return {
        "startup_milliseconds": results["startup"]["milliseconds"],
        "watched_ratio": results["watched"]["ratio"],
    }


def compare(results):
    """For each limit its name, the limit, the figure and whether that is within."""
    figures = _counts(results)
    if "paced" in results:
        figures |= _ratios(results)
    if "startup" in results:
        figures |= _times(results)
    limits = {name: limit for name, limit in json.loads(FILE.read_text()).items() if name in figures}
    return [
        # A figure that could not be measured proves nothing.
        {
            "name": name,
            "limit": limit,
            "figure": figures[name],
            "is_kept": figures[name] is not None and figures[name] <= limit,
        }
        for name, limit in limits.items()
    ]
