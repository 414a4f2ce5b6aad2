#!/usr/bin/env bash
# anthropic 2.14.0 (Python): the input of a tool call that the limit of tokens has cut.
#
# A stream whose answer reaches max_tokens in the middle of a tool call is valid: the input's JSON is cut, the block is closed, and
# stop_reason is "max_tokens".
# One would expect: an error, or the raw text, or an input that is marked as incomplete: {"path":"/tmp/a","bytes":1 is no JSON.
# Seen: get_final_message() returns a tool_use block whose input looks complete. The client reads the text as it comes with a
# parser that takes unfinished JSON, and keeps the last result: a number of which the first digit came is that digit, a text
# that was cut is left out with its key, a list is as long as it was. It raises nothing and logs nothing.
# Why it matters: an agent that carries out tool_use blocks runs the call with other arguments than the model wrote, 1 byte for
# 1024, or with fewer. It has to look at stop_reason first; a server that passes such streams on should leave the block out.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

python_packages anthropic==2.14.0
python - >"$folder/result" <<'PY'
import http.server, json, threading
import anthropic

parts = []

class Stream(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "any", "content": [], "stop_reason": None,
                   "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 1}}
        block = {"type": "tool_use", "id": "toolu_1", "name": "truncate", "input": {}}
        events = [{"type": "message_start", "message": message},
                  {"type": "content_block_start", "index": 0, "content_block": block}]
        events += [{"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": part}}
                   for part in parts]
        events += [{"type": "content_block_stop", "index": 0},
                   {"type": "message_delta", "delta": {"stop_reason": "max_tokens", "stop_sequence": None},
                    "usage": {"output_tokens": 9}},
                   {"type": "message_stop"}]
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    def log_message(self, *unused):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stream)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{server.server_address[1]}", api_key="none")
for parts in (['{"path":"/tmp/a","bytes":', '1'], ['{"bytes":10,"path":"/tmp', '/a'], ['{"paths":["/tmp/a",', '"/tmp/b"']):
    with client.messages.stream(model="any", max_tokens=9, messages=[{"role": "user", "content": "Hello"}]) as stream:
        message = stream.get_final_message()
    print(message.stop_reason, message.content[0].type, json.dumps(message.content[0].input))
PY
{
    while IFS='|' read -r sent known <&3; do
        IFS= read -r result
        echo "The model wrote $sent and was cut there:"
        seen "input of the tool call" "$result" "max_tokens tool_use $known"
    done
} <"$folder/result" 3<<'END'
{"path":"/tmp/a","bytes":1|{"path": "/tmp/a", "bytes": 1}
{"bytes":10,"path":"/tmp/a|{"bytes": 10}
{"paths":["/tmp/a","/tmp/b"|{"paths": ["/tmp/a", "/tmp/b"]}
END
echo "Expected: an error, the raw text, or a mark that the input is not whole."
finish
