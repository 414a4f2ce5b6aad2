"""One run, from the start of both programs to the last look at what is left."""

import asyncio
import secrets
import signal
import time
from dataclasses import dataclass
from random import Random

from soak import farewell, leftovers
from soak.answers import AnswerBook, catalogue
from soak.client import Client
from soak.idlers import Idlers
from soak.programs import Proxy, Upstream
from soak.pulse import Pulse
from soak.record import Record
from soak.requests import RequestMaker, models_list
from soak.sessions import SessionMaker

CLIENTS = 96
# What a run needs before its memory is worth comparing.
WARM_UP_SHARE, WARM_UP_MOST = 4, 4000
# The upstream is asked what it has received, and the proxy to fetch the models again.
LOOK_SECONDS = 2


@dataclass
class Stage:
    """What the parts of a run share."""

    seed: int
    settings: object
    key: str
    private: str
    record: Record
    pulse: Pulse
    upstream: Upstream
    proxy: Proxy
    client: Client
    sessions: SessionMaker
    request_maker: RequestMaker
    is_stopping: bool = False

    def stop(self):
        self.is_stopping = True


def run(seed, request_count, settings, proxy_path, upstream_path, folder, only=None):
    """Plays the sessions; returns the record."""
    # Not drawn from the seed: a secret that another run's file could hold would prove nothing.
    key = "sk-or-v1-" + secrets.token_hex(24)
    private = "Confidential" + secrets.token_hex(8)
    book = AnswerBook(catalogue(key, private, settings.first_token_seconds, settings.idle_seconds))
    record = Record(seed)
    with Upstream(upstream_path, folder, models_list(), book.script) as upstream:
        with Proxy(proxy_path, folder, settings.environment(upstream, folder, key)) as proxy:
            maker = RequestMaker(book, private)
            pulse = Pulse()
            stage = Stage(
                seed, settings, key, private, record, pulse, upstream, proxy,
                Client(proxy.port, book, settings, key, record, pulse), SessionMaker(seed, maker), maker)
            asyncio.run(play(stage, request_count, only))
            leftovers.check_log(stage)
    return record


async def play(stage, request_count, only):
    # Who has seen enough still learns what is left.
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stage.stop)
    before = stage.proxy.descriptors(stage.upstream.port)
    idlers = await Idlers.open(stage)
    watching = [
        asyncio.create_task(look(stage)),
        asyncio.create_task(stage.pulse.watch("proxy", stage.proxy.port, "/health")),
        asyncio.create_task(stage.pulse.watch("upstream", stage.upstream.port, "/_fake/stats")),
    ]
    started = time.monotonic()
    numbers = iter([only] if only is not None else range(1, 1 << 62))
    if only is None:
        await play_sessions(stage, numbers, min(request_count // WARM_UP_SHARE, WARM_UP_MOST))
        await asyncio.to_thread(leftovers.wait_until_quiet, stage)
        await asyncio.to_thread(leftovers.rest, stage)
        warm = stage.proxy.memory()
    await play_sessions(stage, numbers, request_count)
    stage.record.figure("duration", f"{time.monotonic() - started:.1f} s")
    await asyncio.to_thread(leftovers.wait_until_quiet, stage)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    stage.record.figure("slowest pulse", f"{stage.pulse.slowest:.2f} s, for which {stage.pulse.lenient_judgements} "
                        "requests were judged leniently")
    await idlers.close()
    await asyncio.to_thread(leftovers.wait_until_quiet, stage, 0)
    await asyncio.to_thread(leftovers.rest, stage)
    leftovers.check_upstream_requests(stage)
    if only is None:
        leftovers.check_processor(stage)
        leftovers.check_memory(stage, warm)
    leftovers.check_descriptors(stage, before)
    await farewell.say(stage, Random(stage.seed))


async def play_sessions(stage, numbers, request_count):
    """Has clients play sessions until so many requests were made in all."""
    begun = stage.record.requests

    async def client():
        nonlocal begun
        while begun < request_count and stage.proxy.is_running and not stage.is_stopping:
            number = next(numbers, None)
            if number is None:
                return
            session = stage.sessions.draw(number)
            begun += session.weight
            await stage.client.play(session)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    if not stage.proxy.is_running:
        stage.record.violation(None, None, f"the proxy has ended with {stage.proxy.child.returncode}")


async def look(stage):
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        stage.proxy.refresh_models()
        await asyncio.to_thread(leftovers.check_upstream_requests, stage)
