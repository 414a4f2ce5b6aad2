#!/usr/bin/env bash
# openai 3.57.0 and anthropic 2.14.0 (Python): what a Retry-After of an hour makes of a request.
#
# A server says 429 with Retry-After: 3600, because the account's quota is used up until then. Both clients are of one make, repeat
# twice by default and obey Retry-After.
# One would expect: both give up, or both wait; and that a wait ends at the client's time-out, here 10 seconds.
# Seen: openai's raises at once, since it waits two minutes at most. anthropic's has no such bound: it sleeps the hour, asks, sleeps
# another, asks, and raises after two hours. The time-out of 10 seconds does not count while it sleeps. With 120 both wait, with
# 121 they part. `x-should-retry: false` beside it ends it at once in both.
# Why it matters: an honest Retry-After for a daily quota makes an Anthropic program hang for up to two days, without a line of
# output. A server that wants to be believed by both sends x-should-retry: false as well.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

python_packages openai==3.57.0 anthropic==2.14.0
python - >"$folder/result" <<'PY'
import http.server, threading, time
import anthropic, openai

asked = 0
fields = {}

class Refusal(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        global asked
        asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"type":"error","error":{"type":"rate_limit_error","message":"the quota of the day is used up"}}'
        self.send_response(429)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *unused):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_address[1]}"
# The clients' own sleeps, without waiting for them. The server's threads do not sleep.
slept = []
time.sleep = slept.append
messages = [{"role": "user", "content": "Hello"}]
ask_openai = openai.OpenAI(base_url=url + "/v1", api_key="none", timeout=10).chat.completions.create
ask_anthropic = anthropic.Anthropic(base_url=url, api_key="none", timeout=10).messages.create
for fields in ({"Retry-After": "120"}, {"Retry-After": "121"}, {"Retry-After": "3600"},
               {"Retry-After": "3600", "x-should-retry": "false"}):
    for ask, more, error in ((ask_openai, {}, openai.RateLimitError), (ask_anthropic, {"max_tokens": 9}, anthropic.RateLimitError)):
        asked = 0
        slept.clear()
        try:
            ask(model="any", messages=messages, **more)
        except error:
            print(f"asked {asked}, slept {sum(slept):g} s")
PY
{
    while IFS='|' read -r fields openai anthropic <&3; do
        IFS= read -r of_openai && IFS= read -r of_anthropic
        echo "$fields"
        seen "openai 3.57.0" "$of_openai" "$openai"
        seen "anthropic 2.14.0" "$of_anthropic" "$anthropic"
    done
} <"$folder/result" 3<<'END'
Retry-After: 120|asked 3, slept 240 s|asked 3, slept 240 s
Retry-After: 121|asked 1, slept 0 s|asked 3, slept 242 s
Retry-After: 3600|asked 1, slept 0 s|asked 3, slept 7200 s
Retry-After: 3600, x-should-retry: false|asked 1, slept 0 s|asked 1, slept 0 s
END
echo "Expected: asked 1, slept 0 s, or an end after the time-out of 10 seconds, in both."
finish
