#!/usr/bin/env bash
# litellm 1.110.2 (Python): two tool calls of Ollama, each in a line of its own.
#
# Ollama's stream of /api/chat sends each tool call whole, in the line in which it is ready; two calls are two lines, and each says
# its place in the answer in function.index.
# One would expect: two calls in what LiteLLM makes of it, whether they came in one line or in two.
# Seen: in one line they get the places 0 and 1; in two lines both get 0, whatever function.index says. Whoever puts the pieces of a
# stream together by their place, as OpenAI's API has it and as LiteLLM's own stream_chunk_builder does, gets one call, whose
# arguments are two objects in a row, {"city": "Oslo"}{"city": "Rome"}, which is no JSON.
# Why it matters: a model that asks for two things at once looks, by way of LiteLLM, as if it could not write JSON. A server in
# Ollama's place does well to send all calls of an answer in one line.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

python_packages litellm==1.110.2
python - >"$folder/result" 2>"$folder/log" <<'PY' || { cat "$folder/log" >&2; exit 1; }
import http.server, json, os, threading
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
litellm.suppress_debug_info = True

def call(index, city):
    return {"id": f"call_{index}", "function": {"index": index, "name": "weather", "arguments": {"city": city}}}

lines = []

class Ollama(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        if self.path == "/api/chat":
            self.send_header("Content-Type", "application/x-ndjson")
            self.end_headers()
            for calls in lines:
                self.line({"message": {"role": "assistant", "content": "", "tool_calls": calls}, "done": False})
            self.line({"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop",
                       "total_duration": 5, "load_duration": 1, "prompt_eval_count": 9, "prompt_eval_duration": 2,
                       "eval_count": 9, "eval_duration": 2})
        else:
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"capabilities": ["completion", "tools"], "model_info": {}, "details": {}}).encode())
    def line(self, more):
        self.wfile.write((json.dumps({"model": "any", "created_at": "2026-11-01T12:00:00Z", **more}) + "\n").encode())
    def log_message(self, *unused):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ollama)
threading.Thread(target=server.serve_forever, daemon=True).start()
parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
messages = [{"role": "user", "content": "The weather in Oslo and in Rome?"}]
oslo, rome = call(0, "Oslo"), call(1, "Rome")
for lines in ([[oslo, rome]], [[oslo], [rome]]):
    chunks = list(litellm.completion(model="ollama_chat/any", api_base=f"http://127.0.0.1:{server.server_address[1]}",
                                     messages=messages, tools=[tool], stream=True))
    print("places", *(c.index for chunk in chunks for c in chunk.choices[0].delta.tool_calls or []))
    calls = litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message.tool_calls
    print(len(calls), "calls:", *(c.function.arguments for c in calls))
PY
{
    IFS= read -r places_of_one && IFS= read -r calls_of_one && IFS= read -r places_of_two && IFS= read -r calls_of_two
} <"$folder/result"
echo "Two calls in one line:"
seen "their places in LiteLLM's stream" "$places_of_one" "places 0 1"
seen "put together" "$calls_of_one" '2 calls: {"city": "Oslo"} {"city": "Rome"}'
echo "The same two calls in two lines:"
seen "their places in LiteLLM's stream" "$places_of_two" "places 0 0"
seen "put together" "$calls_of_two" '1 calls: {"city": "Oslo"}{"city": "Rome"}'
echo "Expected: the same in both cases."
finish
