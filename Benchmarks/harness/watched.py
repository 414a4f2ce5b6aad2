"""What it costs that somebody looks: a status page that is open, and Prometheus."""

import statistics
import threading
import time
import urllib.request

from harness import cpu, upstream_models
from harness.load import Load
from harness.targets import targets

# How often each is asked for, in seconds: the page as it does itself, metrics far more often than anybody would.
ASKED = {"/metrics": 1, "/api/proxy/status": 2, "/api/proxy/history?range=hour": 15}
# Windows with and without take turns, as three percent are less than what a machine varies by within a minute.
PAIRS_PER_ROUND = 6


class Watcher:
    """Asks for everything at its pace, as long as it is entered."""

    def __init__(self, port):
        self._root = f"http://127.0.0.1:{port}"
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=item, daemon=True) for item in ASKED.items()]

    def _ask(self, path, seconds):
        while True:
            with urllib.request.urlopen(self._root + path) as reply:
                reply.read()
            if self._over.wait(seconds):
                return

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def measure(bench):
    """CPU per paced chunk at /api/chat, unwatched and watched, and the median of their ratios."""
    target = next(target for target in targets(bench) if target.path == "/api/chat")
    stagger = upstream_models.PACED_DELAY_MILLISECONDS * 1000 // cpu.PACED_STREAMS
    unwatched, watched = [], []
    for _ in range(bench.plan.rounds):
        with Load(
            bench.load_program, bench.folder, "streams", target, upstream_models.PACED, cpu.PACED_STREAMS, stagger
        ) as load:
            load.wait_until_answering(cpu.PACED_STREAMS)
            time.sleep(cpu.SETTLE_SECONDS)
            for _ in range(PAIRS_PER_ROUND):
                unwatched.append(cpu.window(bench, target, load, bench.plan.window_seconds, "markers"))
                with Watcher(target.port):
                    watched.append(cpu.window(bench, target, load, bench.plan.window_seconds, "markers"))
        bench.proxy.wait_until_idle()
    pairs = zip(watched, unwatched)
    return {
        "unwatched_microseconds": statistics.median(window["microseconds"] for window in unwatched),
        "watched_microseconds": statistics.median(window["microseconds"] for window in watched),
        "ratio": statistics.median(with_it["microseconds"] / without["microseconds"] for with_it, without in pairs),
        "pairs": len(watched),
        "others_share": max(window["others_share"] for window in unwatched),
    }
