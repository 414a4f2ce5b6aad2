"""Random sessions: what one client does on one connection."""

from dataclasses import dataclass, field
from random import Random

from soak.requests import Request

# How a client behaves, and how often.
WEIGHTS = {
    "keeps the connection": 30,
    "asks once": 14,
    "reads slowly": 5,
    "reads very slowly": 2,
    "pipelines": 8,
    "dribbles": 4,
    "speaks HTTP/1.0": 3,
    "awaits permission": 2,
    "leaves while sending": 4,
    "leaves while waiting": 7,
    "leaves while reading": 9,
    "half-closes": 5,
    "stops sending": 1,
    "sends rubbish": 4,
}
# These stay to the end of every reply.
STAYING = ["keeps the connection", "asks once", "reads slowly", "reads very slowly", "pipelines", "dribbles",
           "speaks HTTP/1.0", "awaits permission"]

RUBBISH = [
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\r\n\r\n\r\n\r\n",
    b"GET\r\n\r\n", b"GET /\x00\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/tags HTTP/1.1\r\nno colon here\r\n\r\n",
    b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
    b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n{}   ",
    b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"GET /" + b"a" * 30_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%zz%00%ff/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@dataclass
class Session:
    """What one client does. Whatever else it has to choose, it draws from `random`."""

    number: int
    behaviour: str
    requests: list = field(default_factory=list)
    rubbish: bytes = b""
    resets: bool = False
    random: Random = None

    @property
    def weight(self):
        """How many requests it counts for."""
        return max(1, len(self.requests))


class SessionMaker:
    """The same seed and number give the same session."""

    def __init__(self, seed, request_maker):
        self.seed = seed
        self.requests = request_maker

    def draw(self, number):
        random = Random(f"{self.seed}:{number}")
        behaviour = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        session = Session(number, behaviour, resets=random.random() < 0.5, random=random)
        if behaviour == "sends rubbish":
            session.rubbish = random.choice([*RUBBISH, random.randbytes(random.randint(1, 3000))])
            return session
        count = 1
        if behaviour == "keeps the connection":
            count = random.randint(2, 5)
        elif behaviour == "pipelines":
            count = random.randint(2, 5)
        for index in range(count):
            session.requests.append(self._request(session, random, number * 10 + index))
        return session

    def _request(self, session, random, number):
        # These would say little about a request that is answered at once, or never whole.
        about_models = ("reads slowly", "reads very slowly", "leaves while waiting", "leaves while reading", "half-closes")
        while True:
            request = self.requests.draw(random, number)
            if session.behaviour in about_models and not request.asks_model and random.random() < 0.8:
                continue
            if session.behaviour in ("stops sending", "dribbles") and len(request.body) > 3000:
                continue
            # What is refused before it is whole ends the connection, and with it whatever was to follow.
            if session.behaviour != "asks once" and request.statuses in ((431,), (413,)):
                continue
            return request


def encode(request: Request, session, is_last):
    """The request's bytes: its head, and its body as it goes over the wire."""
    random = session.random
    version = "1.0" if session.behaviour == "speaks HTTP/1.0" else "1.1"
    lines = [f"{request.method} {request.path} HTTP/{version}", "Host: localhost", *map(": ".join, request.headers)]
    body = request.body
    if request.method == "POST":
        lines.append("Content-Type: application/json")
        if version == "1.1" and random.random() < 0.25:
            lines.append("Transfer-Encoding: chunked")
            body = chunked(body, random)
        else:
            lines.append(f"Content-Length: {len(body)}")
    if session.behaviour == "awaits permission":
        lines.append("Expect: 100-continue")
    if is_last and random.random() < 0.4:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body


def chunked(body, random):
    pieces = bytearray()
    position = 0
    while position < len(body):
        size = random.choice([1, 7, 100, 4000, 100_000])
        piece = body[position:position + size]
        pieces += b"%x\r\n%b\r\n" % (len(piece), piece)
        position += size
    return bytes(pieces) + b"0\r\n\r\n"
