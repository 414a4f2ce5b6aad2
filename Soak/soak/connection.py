"""A client's connection: a raw socket, and a reader of HTTP replies that believes nothing."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

TAIL_BYTES = 300


class Ended(Exception):
    """The connection ended before a reply was whole."""

    def __init__(self, received, reason):
        super().__init__(reason)
        self.received = received


class Malformed(Exception):
    """What came is no HTTP reply."""


@dataclass
class Pace:
    """How a client reads: at most so many bytes at once, with a pause between, until it has paused for long enough."""

    size: int = 65536
    pause: float = 0.0
    patience: float = 0.0
    paused: float = 0.0

    async def rest(self):
        if self.pause and self.paused < self.patience:
            await asyncio.sleep(self.pause)
            self.paused += self.pause


@dataclass
class Reply:
    status: int
    version: str
    headers: dict
    body: bytes = b""
    raw: bytearray = field(default_factory=bytearray)
    closes: bool = False

    @property
    def tail(self):
        return bytes(self.raw[-TAIL_BYTES:])


class Connection:
    def __init__(self, sock, pace):
        self.socket = sock
        self.pace = pace
        self.loop = asyncio.get_running_loop()
        self.buffer = bytearray()
        # Everything since the last reply was whole.
        self.raw = bytearray()
        self.has_ended = False

    @classmethod
    async def open(cls, port, pace=None, receive_buffer=None):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        return cls(sock, pace or Pace())

    async def send(self, data):
        """Sends all of it; false when the server does not take any more."""
        try:
            await self.loop.sock_sendall(self.socket, data)
            return True
        except (ConnectionError, OSError):
            return False

    def send_end(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self, resets=False):
        if resets:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def receive(self):
        """Takes what is there into the buffer; false at the end of the connection."""
        await self.pace.rest()
        try:
            data = await self.loop.sock_recv(self.socket, self.pace.size)
        except ConnectionError:
            data = b""
        if not data:
            self.has_ended = True
            return False
        self.buffer += data
        self.raw += data
        return True

    async def _need(self, what):
        if not await self.receive():
            raise Ended(bytes(self.raw), f"the connection ended {what}")

    async def _line(self, what):
        start = 0
        while (end := self.buffer.find(b"\r\n", start)) < 0:
            start = max(0, len(self.buffer) - 1)
            await self._need(what)
        line = bytes(self.buffer[:end])
        del self.buffer[:end + 2]
        return line

    async def _take(self, count, what):
        while len(self.buffer) < count:
            await self._need(what)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def reply(self, method):
        """Reads one reply to its end."""
        while True:
            reply = await self._head()
            if reply.status >= 200:
                break
        reply.body = await self._body(reply, method)
        reply.raw, self.raw = self.raw, bytearray(self.buffer)
        return reply

    async def _head(self):
        words = (await self._line("before a reply")).decode("latin-1").split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise Malformed(f"no status line: {' '.join(words)[:80]!r}")
        headers = {}
        while line := (await self._line("in a reply's headers")).decode("latin-1"):
            name, separator, value = line.partition(":")
            if not separator:
                raise Malformed(f"no header: {line[:80]!r}")
            headers[name.lower()] = value.strip()
        connection = headers.get("connection", "").lower()
        closes = "close" in connection or (words[0] == "HTTP/1.0" and "keep-alive" not in connection)
        return Reply(int(words[1]), words[0], headers, closes=closes)

    async def _body(self, reply, method):
        if method == "HEAD" or reply.status in (204, 304):
            return b""
        if reply.headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := self._size(await self._line("in a chunked reply")):
                parts.append(await self._take(size, "in a chunk"))
                if await self._line("after a chunk"):
                    raise Malformed("a chunk is longer than it says")
            while await self._line("in the trailer"):
                pass
            return b"".join(parts)
        if "content-length" in reply.headers:
            return await self._take(int(reply.headers["content-length"]), "in a reply of known length")
        reply.closes = True
        while await self.receive():
            pass
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    @staticmethod
    def _size(line):
        try:
            return int(line.split(b";")[0], 16)
        except ValueError:
            raise Malformed(f"no chunk size: {line[:80]!r}") from None
