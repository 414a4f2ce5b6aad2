"""Requests that take as long and as much memory as a client can make them, all of them below the largest body."""

MEGABYTE = 1 << 20
LARGEST = 32 * MEGABYTE - 4096


def _filled(before, piece, after, largest=LARGEST):
    room = largest - len(before) - len(after)
    return before + piece * (room // len(piece)) + after


def _repeated(before, piece, count, after):
    return before + piece * count + after


def requests():
    """Names, each with a path and what makes the body: all of them at once would take a gigabyte."""
    chat = b'{"model":"bench/short:free","messages":[{"role":"user","content":"'
    chat_end = b'"}]}'
    field = b'"messages":[{"role":"user","content":"x"}]}'
    tool_results = b"".join(
        b',{"role":"tool","tool_call_id":"' + "ä".encode() * 20000 + b'%d","content":"x"}' % index for index in range(600)
    )
    return {
        "one long text": ("/api/chat", lambda: _filled(chat, b"x" * 1024, chat_end)),
        "one long text, forwarded": ("/v1/chat/completions", lambda: _filled(chat, b"x" * 1024, chat_end)),
        "one long text, not ASCII": ("/v1/chat/completions", lambda: _filled(chat, "äöü語".encode() * 64, chat_end)),
        "one long text in escapes": ("/api/chat", lambda: _filled(chat, rb"\u0041\n\\", chat_end)),
        "a picture": (
            "/api/chat",
            _filled(b'{"model":"bench/short:free","messages":[{"role":"user","content":"x","images":["/9j/', b"AAAA" * 256, b'"]}]}'),
        ),
        "a picture in a URL": (
            "/v1/chat/completions",
            _filled(
                b'{"model":"bench/short:free","messages":[{"role":"user","content":[{"type":"image_url","image_url":'
                b'{"url":"data:image/png;base64,', b"AAAA" * 256, b'"}}]}]}'),
        ),
        "what is no UTF-8": ("/api/chat", lambda: _filled(chat, b"\xff" * 1024, chat_end)),
        "a little that is no UTF-8": ("/v1/chat/completions", lambda: _filled(chat, b"x" * 400 + b"\xff", chat_end)),
        "a name of many tags": ("/api/show", lambda: _filled(b'{"model":"a', b":latest", b'"}')),
        "a duration of many parts": ("/api/chat", lambda: _filled(b'{"keep_alive":"', b"1s", b'","model":"bench/short:free",' + field)),
        "keys in escapes": ("/api/chat", lambda: _filled(b"{", rb'"\u0061\u0062":1,', b'"model":"bench/short:free",' + field)),
        "keys in escapes, forwarded": (
            "/v1/chat/completions", _filled(b"{", rb'"\u0061\u0062":1,', b'"model":"bench/short:free",' + field)),
        "preferences many times": (
            "/v1/chat/completions", _filled(b"{", b'"provider":{"zdr":1},', b'"model":"bench/short:free",' + field)),
        "models many times": ("/v1/chat/completions", lambda: _filled(b"{", b'"model":"a",', field)),
        "most values there may be": (
            "/api/chat", _repeated(b'{"x":[', b"1,", 1_900_000, b'1],"model":"bench/short:free",' + field)),
        "most values there may be, forwarded": (
            "/v1/chat/completions",
            _repeated(b'{"model":"bench/short:free","metadata":{"x":[', b"1,", 1_900_000, b"1]}," + field)),
        "more values than there may be": ("/v1/responses", lambda: _filled(b'{"model":"bench/short:free","input":[', b"1,", b"1]}")),
        "many messages": (
            "/api/chat",
            _repeated(b'{"model":"bench/short:free","messages":[', b'{"role":"user","content":"x"},', 300_000,
                      b'{"role":"user","content":"x"}]}'),
        ),
        "many messages, forwarded": (
            "/v1/messages",
            _repeated(b'{"model":"bench/short:free","max_tokens":9,"messages":[', b'{"role":"user","content":"x"},', 300_000,
                      b'{"role":"user","content":"x"}]}'),
        ),
        "many fields to leave out": (
            "/v1/responses",
            _repeated(b'{"model":"bench/short:free","input":[', b'{"role":"user","content":"x","status":"x"},', 200_000,
                      b'{"role":"user","content":"x"}]}'),
        ),
        "many tools": (
            "/v1/chat/completions",
            _repeated(b'{"model":"bench/short:free","tools":[', b'{"type":"function","function":{"name":"f"}},', 150_000,
                      b'{"type":"function","function":{"name":"f"}}],' + field),
        ),
        "long ids that are not ASCII": ("/api/chat", lambda: b'{"model":"bench/short:free","messages":[{"role":"user","content":"x"}'
                                        + tool_results + b"]}"),
        "many stops": ("/api/chat", lambda: _repeated(b'{"model":"bench/short:free","options":{"stop":[', b'"x",', 900_000, b'"x"]},' + field)),
        "a long number": ("/api/chat", lambda: _filled(b'{"model":"bench/short:free","options":{"seed":', b"1" * 1024, b"}," + field)),
        "deep arrays": ("/v1/chat/completions", lambda: _filled(b'{"model":"bench/short:free","x":', b"[" * 1024, b"]}")),
        "many texts to embed": (
            "/api/embed", _repeated(b'{"model":"bench/short:free","input":[', b'"x",', 900_000, b'"x"]}')),
        "many texts to embed, forwarded": (
            "/v1/embeddings", _repeated(b'{"model":"bench/short:free","input":[', b'"x",', 900_000, b'"x"]}')),
        "blanks": ("/v1/chat/completions", lambda: _filled(b"{", b" \n\t\r" * 256, b'"model":"bench/short:free",' + field)),
        "a long model name": ("/v1/chat/completions", lambda: _filled(b'{"model":"', b"a/b" * 300, b'",' + field)),
        "a prompt to count": (
            "/v1/messages/count_tokens", _filled(b'{"model":"bench/short:free","max_tokens":9,"messages":[{"role":"user","content":"',
                                                 b"x y " * 256, b'"}]}')),
        "a completion": ("/v1/completions", lambda: _filled(b'{"model":"bench/short:free","prompt":"', b"x" * 1024, b'"}')),
    }
