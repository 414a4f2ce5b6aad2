"""How long both programs take to answer the simplest question: where that is long, the machine is at fault."""

import asyncio
import time

from soak.connection import Connection, Ended, Malformed

BEAT_SECONDS = 0.25
# Half of this is what the proxy's time-outs leave to answers that are meant to come in time.
SLOW_SECONDS = 0.5


class Pulse:
    def __init__(self):
        self.slowest = 0.0
        self.lenient_judgements = 0
        self._slow_until = 0.0
        self._asked = {}

    async def watch(self, name, port, path):
        """Asks again and again, until it is cancelled or nobody is there any more."""
        connection = await Connection.open(port)
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        try:
            while True:
                self._asked[name] = time.monotonic()
                await connection.send(request)
                await connection.reply("GET")
                self._note(name)
                await asyncio.sleep(BEAT_SECONDS)
        except (Ended, Malformed):
            pass
        finally:
            self._asked.pop(name, None)
            connection.close()

    def _note(self, name):
        now = time.monotonic()
        seconds = now - self._asked[name]
        self._asked[name] = now
        self.slowest = max(self.slowest, seconds)
        if seconds > SLOW_SECONDS:
            self._slow_until = now

    def was_slow_since(self, moment):
        """Whether an attempt may have run into a time-out that was not meant for it."""
        waiting = max((time.monotonic() - asked for asked in self._asked.values()), default=0)
        is_slow = self._slow_until > moment or waiting > SLOW_SECONDS + BEAT_SECONDS
        self.lenient_judgements += is_slow
        return is_slow
