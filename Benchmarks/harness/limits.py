"""Compares results with the limits in limits.json."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "limits.json"


def _figures(results):
    """What is measured of each limit; None where it could not be."""
    ratios = [result["ratio"] for name, result in results["paced"].items() if name != "nginx"]
    return {
        "idle_resident_bytes": results["memory"]["idle_resident_bytes"],
        "idle_anonymous_bytes": results["memory"]["idle_anonymous_bytes"],
        "stream_bytes": results["memory"]["stream_bytes"],
        "startup_milliseconds": results["startup"]["milliseconds"],
        # Both doors keep the limit, so the dearer one counts.
        "paced_chunk_ratio_to_nginx": None if None in ratios else max(ratios),
    }


def compare(results):
    """For each limit its name, the limit, the figure and whether that is within."""
    figures = _figures(results)
    limits = json.loads(FILE.read_text())
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
