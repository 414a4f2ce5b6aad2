"""Plays sessions: each client does what was drawn for it, and judges what it gets."""

import asyncio
import time

from soak.connection import Connection, Ended, Malformed, Pace
from soak.judgement import Wrong, judge
from soak.sessions import STAYING, encode

READERS = {
    "reads slowly": dict(size=4096, pause=0.005, patience=1.5),
    "reads very slowly": dict(size=512, pause=0.05, patience=4),
}
DRIBBLING_SECONDS = 1


class Client:
    """Plays one session after another, and notes what comes of them in `record`."""

    def __init__(self, port, book, settings, key, record, pulse):
        self.port = port
        self.book = book
        self.settings = settings
        self.key = key.encode()
        self.record = record
        self.pulse = pulse

    async def play(self, session):
        slow = session.behaviour in READERS
        try:
            connection = await Connection.open(
                self.port, Pace(**READERS[session.behaviour]) if slow else None, 16384 if slow else None)
        except OSError as error:
            return self.record.violation(session, None, f"no connection: {error}")
        try:
            async with asyncio.timeout(self.settings.session_seconds):
                if session.behaviour in STAYING:
                    await self._stay(session, connection)
                else:
                    await getattr(self, "_" + session.behaviour.replace(" ", "_").replace("-", "_"))(
                        session, connection)
        except TimeoutError:
            self.record.violation(session, None, f"nothing ended it within {self.settings.session_seconds} s",
                                  connection.raw)
        finally:
            if self.key in connection.raw:
                self.record.violation(session, None, "the key is in a reply", connection.raw)
            connection.close(session.resets and session.behaviour not in STAYING)

    # Those who stay

    async def _stay(self, session, connection):
        encoded = [encode(request, session, request is session.requests[-1]) for request in session.requests]
        if session.behaviour == "pipelines":
            everything = b"".join(head + body for head, body in encoded)
            sending = asyncio.create_task(self._send_in_pieces(connection, everything, session))
            try:
                for request in session.requests:
                    if not await self._read(session, connection, request):
                        break
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            return
        for request, (head, body) in zip(session.requests, encoded):
            if session.behaviour == "dribbles":
                await self._dribble(connection, head + body)
            elif session.behaviour == "awaits permission":
                await connection.send(head)
                # A client without an answer sends all the same, after a while.
                await asyncio.sleep(0.02)
                await connection.send(body)
            else:
                await self._send_in_pieces(connection, head + body, session)
            if not await self._read(session, connection, request):
                break

    async def _send_in_pieces(self, connection, data, session):
        random = session.random
        cuts = sorted(random.sample(range(len(data)), min(len(data), random.choice([0, 0, 1, 3]))))
        for start, end in zip([0, *cuts], [*cuts, len(data)]):
            if not await connection.send(data[start:end]):
                return
            if end < len(data):
                await asyncio.sleep(0.001)

    async def _dribble(self, connection, data):
        # In time all the same, however slow the machine is.
        enough = time.monotonic() + DRIBBLING_SECONDS
        for index in range(len(data)):
            if time.monotonic() > enough:
                await connection.send(data[index:])
                return
            if not await connection.send(data[index:index + 1]):
                return
            await asyncio.sleep(0.0005)

    async def _read(self, session, connection, request):
        """Reads the reply to one request and judges it; false when nothing can follow it."""
        started, paused = time.monotonic(), connection.pace.paused
        try:
            reply = await connection.reply(request.method)
        except (Ended, Malformed) as error:
            self.record.violation(session, request, str(error), connection.raw)
            return False
        seconds = time.monotonic() - started - (connection.pace.paused - paused)
        self._note(session, request, reply, started, seconds)
        # To a slow reader it takes as long as TCP takes with a small window.
        if seconds > self.settings.request_seconds and session.behaviour not in READERS:
            self.record.violation(session, request, f"took {seconds:.1f} s", reply.tail)
        return not reply.closes

    def _note(self, session, request, reply, started, seconds):
        if self.key in reply.raw:
            self.record.violation(session, request, "the key is in a reply", reply.raw)
        try:
            taken = time.monotonic() - started
            result = judge(request, reply, taken, self.book, self.settings, self.pulse.was_slow_since(started))
        except Wrong as wrong:
            result = "violation"
            self.record.violation(session, request, f"status {reply.status}: {wrong}", reply.tail)
        self.record.result(request, result, seconds)

    # Those who do not

    async def _leaves_while_sending(self, session, connection):
        request = session.requests[0]
        data = b"".join(encode(request, session, True))
        await connection.send(data[:session.random.randrange(len(data))])
        if session.random.random() < 0.5:
            await asyncio.sleep(session.random.random() * 0.05)
        self.record.result(request, "left")

    async def _leaves_while_waiting(self, session, connection):
        request = session.requests[0]
        await connection.send(b"".join(encode(request, session, True)))
        await asyncio.sleep(session.random.choice([0, 0, 0.001, 0.02, 0.3]))
        self.record.result(request, "left")

    async def _leaves_while_reading(self, session, connection):
        request = session.requests[0]
        await connection.send(b"".join(encode(request, session, True)))
        wanted = session.random.choice([1, 200, 600, 2000, 50_000])
        try:
            # Where less comes than that, it has seen all there is, or has lost its patience.
            async with asyncio.timeout(1.5):
                while len(connection.raw) < wanted and await connection.receive():
                    pass
        except TimeoutError:
            pass
        self.record.result(request, "left")

    async def _half_closes(self, session, connection):
        """Counts as left, so the reply may be missing or cut; but what looks whole must be whole."""
        request = session.requests[0]
        await connection.send(b"".join(encode(request, session, True)))
        await asyncio.sleep(session.random.choice([0, 0, 0.01, 0.3]))
        connection.send_end()
        started = time.monotonic()
        try:
            reply = await connection.reply(request.method)
        except Ended:
            self.record.result(request, "left")
        except Malformed as error:
            self.record.violation(session, request, str(error), connection.raw)
        else:
            self._note(session, request, reply, started, time.monotonic() - started)
            while await connection.receive():
                pass

    async def _stops_sending(self, session, connection):
        request = session.requests[0]
        data = b"".join(encode(request, session, True))
        await connection.send(data[:session.random.randrange(1, len(data) - 1)])
        started = time.monotonic()
        try:
            reply = await connection.reply(request.method)
        except (Ended, Malformed) as error:
            return self.record.violation(session, request, f"instead of 408: {error}", connection.raw)
        seconds = time.monotonic() - started
        if reply.status != 408 or not reply.closes:
            self.record.violation(session, request, f"status {reply.status} instead of 408", reply.tail)
        elif seconds > self.settings.receiving_seconds:
            self.record.violation(session, request, f"was given {seconds:.1f} s to send", reply.tail)
        self.record.result(request, "too slow", seconds)

    async def _sends_rubbish(self, session, connection):
        """Is answered with an error, or closed, or both; and neither takes long."""
        await connection.send(session.rubbish)
        is_answered = False
        try:
            async with asyncio.timeout(self.settings.receiving_seconds):
                while True:
                    reply = await connection.reply("GET")
                    is_answered = True
                    # Some of it can be understood.
                    if reply.status >= 500 and reply.status != 505:
                        self.record.violation(session, None, f"rubbish was answered with {reply.status}", reply.tail)
                    if reply.closes:
                        break
        except Malformed as error:
            self.record.violation(session, None, str(error), connection.raw)
        except Ended as ended:
            if ended.received:
                self.record.violation(session, None, f"a cut reply to rubbish: {ended}", ended.received)
        except TimeoutError:
            if not is_answered:
                self.record.violation(session, None, f"rubbish was kept waiting: {session.rubbish[:60]!r}")
        self.record.rubbish()
