"""Clients that keep a connection and hardly use it, as most do: what others leave behind shows beside them."""

import asyncio

from soak.connection import Connection, Ended, Malformed

IDLERS = 3
# Beside them the one who feels the pulse keeps a connection.
KEPT = IDLERS + 1
# The server closes a connection on which nothing moves for five minutes.
PAUSE_SECONDS = 100
REQUEST = b"GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Idlers:
    def __init__(self, stage, connections):
        self.stage = stage
        self.connections = connections
        self.task = asyncio.create_task(self._idle())

    @classmethod
    async def open(cls, stage):
        return cls(stage, [await Connection.open(stage.proxy.port) for _ in range(IDLERS)])

    async def _idle(self):
        while True:
            await self._ask()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self):
        for connection in self.connections:
            try:
                await connection.send(REQUEST)
                async with asyncio.timeout(self.stage.settings.request_seconds):
                    reply = await connection.reply("GET")
                if reply.status != 200:
                    self.stage.record.violation(None, None, f"an idle client was answered with {reply.status}", reply.tail)
            except (Ended, Malformed, TimeoutError) as error:
                self.stage.record.violation(None, None, f"an idle client was not answered: {error!r}")

    async def close(self):
        """They are served to the end."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.stage.proxy.is_running:
            await self._ask()
        for connection in self.connections:
            connection.close()
