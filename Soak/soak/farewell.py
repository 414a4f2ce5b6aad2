"""The end of the proxy while it is busy: everyone gets an end, and the exit code is 0."""

import asyncio
import time

from soak.connection import Connection, Ended, Malformed
from soak.sessions import Session, encode
from soak.settings import MARGIN_SECONDS
from soak.shapes import Misshapen, read

# What runs when the end comes: answers that would finish in time, and those that would not.
RUNNING = ["slow", "quick", "endless", "stall", "stall-before", "late", "comments-then-stall", "big"]
EACH = 4


async def say(stage, random):
    if not stage.proxy.is_running:
        return
    clients = [
        asyncio.create_task(watch(stage, random, number, answer))
        for number, answer in enumerate(RUNNING * EACH)
    ]
    await asyncio.sleep(0.5)
    started = time.monotonic()
    stage.proxy.terminate()
    await asyncio.gather(*clients)
    limit = stage.settings.grace_seconds + MARGIN_SECONDS
    while stage.proxy.is_running and time.monotonic() - started < limit:
        await asyncio.sleep(0.01)
    seconds = time.monotonic() - started
    code = stage.proxy.child.poll()
    stage.record.figure("SIGTERM", f"exit code {code} after {seconds:.1f} s")
    if code is None:
        stage.record.violation(None, None, f"it has not ended {limit} s after SIGTERM")
    elif code != 0:
        stage.record.violation(None, None, f"SIGTERM ended it with {code}")


async def watch(stage, random, number, answer):
    """One client that waits for whatever end it is given."""
    request = stage.request_maker.model_request(random, 10 ** 9 + number, [answer])
    session = Session(0, "stays to the end", [request], random=random)
    connection = await Connection.open(stage.proxy.port)
    try:
        async with asyncio.timeout(stage.settings.request_seconds):
            await connection.send(b"".join(encode(request, session, True)))
            reply = await connection.reply(request.method)
            spoken = read(request, reply)
            if spoken.error is None and not spoken.has_ended:
                stage.record.violation(session, request, "at SIGTERM the reply just ended", reply.tail)
    except (Ended, Malformed, Misshapen, TimeoutError) as error:
        stage.record.violation(session, request, f"at SIGTERM: {error!r}", connection.raw)
    finally:
        connection.close()
