"""What must not be left, nor have got anywhere: counters, descriptors, memory, work, the key, the words of messages."""

import re
import time

from soak.idlers import KEPT

# So long after the last client has left nothing may be under way any more.
IDLE_SECONDS = 15
# The proxy hands memory back two seconds after a rush.
SETTLING_SECONDS = 3
# More of the processor than this, at rest or in all, means that something turns in circles.
RESTING_SHARE = 0.1
SECONDS_A_REQUEST = 0.004
# What fragmentation may keep between two times of rest, in kilobytes.
MEMORY_GROWTH = 4096
# libcurl keeps so many idle connections.
KEPT_CONNECTIONS = 8

CRASH = re.compile(
    r"Fatal error|Thread \d+ crashed|Backtrace|Sanitizer|runtime error|heap-use-after-free|panic|upstream_rebuilt")


def wait_until_quiet(stage, kept=KEPT):
    """Waits until all is over, and nobody is there but those who keep a connection."""
    if not stage.proxy.is_running:
        return
    left = stage.proxy.wait_until_idle(IDLE_SECONDS, kept)
    if left:
        stage.record.violation(None, None, f"nobody is there, and still there are {left}")


def rest(stage):
    """Lets the proxy tidy up, which is no work."""
    if not stage.proxy.is_running:
        return
    used = stage.proxy.processor_seconds()
    time.sleep(SETTLING_SECONDS)
    used = stage.proxy.processor_seconds() - used
    if used > RESTING_SHARE * SETTLING_SECONDS:
        stage.record.violation(None, None, f"at rest it used the processor for {used:.1f} of {SETTLING_SECONDS} s")


def check_processor(stage):
    if not stage.proxy.is_running:
        return
    used = stage.proxy.processor_seconds()
    a_request = used / max(1, stage.record.requests)
    stage.record.figure("processor", f"{used:.1f} s, {a_request * 1000:.2f} ms a request")
    if not stage.settings.is_sanitized and a_request > SECONDS_A_REQUEST:
        stage.record.violation(None, None, f"it used the processor for {a_request * 1000:.1f} ms a request")


def check_memory(stage, warm):
    if not stage.proxy.is_running:
        return
    end = stage.proxy.memory()
    stage.record.figure("memory", f"{warm} kB after the warm-up, {end} kB at the end")
    if not stage.settings.is_sanitized and end - warm > MEMORY_GROWTH:
        stage.record.violation(None, None, f"memory has grown by {end - warm} kB")


def check_descriptors(stage, before):
    if not stage.proxy.is_running:
        return
    others, kept = stage.proxy.descriptors(stage.upstream.port)
    stage.record.figure("descriptors", f"{before[0]} at the start, {others} at the end, {kept} to the upstream")
    if others > before[0]:
        stage.record.violation(None, None, f"{others} descriptors are open instead of {before[0]}")
    if kept > KEPT_CONNECTIONS:
        stage.record.violation(None, None, f"{kept} idle connections to the upstream are kept")


def check_upstream_requests(stage):
    """The upstream may see the key in one header only."""
    for request in stage.upstream.take_requests():
        headers = request["headers"]
        if headers.pop("authorization", None) not in (f"Bearer {stage.key}", None):
            stage.record.violation(None, None, f"the upstream was sent another key with {request['path']}")
        if stage.key in request["path"] + request["body"] + str(headers):
            stage.record.violation(None, None, f"the upstream saw the key elsewhere with {request['path']}")


def check_log(stage):
    """The log holds neither the key nor a word of a message, and tells of no crash."""
    lines = 0
    with open(stage.proxy.log, encoding="utf-8", errors="replace") as log:
        for line in log:
            lines += 1
            if stage.key in line:
                stage.record.violation(None, None, f"the key is in the log: {line[:200]}")
            if stage.private in line or "@fake" in line:
                stage.record.violation(None, None, f"a message's words are in the log: {line[:200]}")
            if CRASH.search(line):
                stage.record.violation(None, None, f"the log tells of a crash: {line[:300]}")
    stage.record.figure("lines in the log", lines)
