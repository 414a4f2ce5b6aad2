#!/usr/bin/env bash
# libcurl 7.88.1 (Debian 12) and 8.14.1 (Debian 13): how often one POST is sent.
#
# Idle connections may have been closed by the server in the meantime. When a request on a kept one ends without a byte of an
# answer, libcurl sends it again.
# One would expect: once, on a fresh connection; and a POST, which is not idempotent, not at all without being asked to
# (RFC 9110, 9.2.2).
# Seen: it goes out on each of the kept connections, one after another, even though the server has read each copy whole, and at
# last on a fresh one: n kept connections are n + 1 copies, up to six. The program is told of one transfer that went well,
# CURLE_OK and 200. No option of libcurl's turns that off by its name; CURLOPT_FRESH_CONNECT does, or a body from a read callback
# without a callback to rewind it.
# Why it matters: a client that asks a model server in parallel keeps many connections. When that server dies of a request, or
# a load balancer before it closes, one question is asked up to six times, computed up to six times, and billed or counted
# against a quota as often.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

debian bookworm libcurl4=7.88.1-10+deb12u15 libcurl4-openssl-dev=7.88.1-10+deb12u15 libc6-dev
debian trixie libcurl4t64=8.14.1-2+deb13u7
cat >"$folder/server.py" <<'PY'
# Answers GETs, once as many are there as are wanted, so that each is on a connection of its own, which is kept. Reads each POST
# whole and closes without an answer; only what comes on a fresh connection is answered.
import socketserver, sys, threading

together = threading.Barrier(int(sys.argv[1]))
posts = 0

class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        global posts
        fresh = True
        while line := self.rfile.readline():
            length = 0
            while (field := self.rfile.readline()) != b"\r\n":
                name, value = field.split(b":", 1)
                if name.lower() == b"content-length":
                    length = int(value)
            body = self.rfile.read(length)
            if line.startswith(b"GET /posts"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % posts)
                return
            if line.startswith(b"POST"):
                assert body == b"one question"
                posts += 1
                if not fresh:
                    return
            else:
                together.wait(30)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            fresh = False

socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
PY
compile bookworm client -lcurl <<'C'
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static size_t drop(char *data, size_t size, size_t count, void *unused) { (void)data; (void)unused; return size * count; }

static CURL *transfer(CURLM *multi, const char *url, const char *body) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    if (body) curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_multi_add_handle(multi, easy);
    return easy;
}

// Until all have ended; the result of the last one.
static CURLcode run(CURLM *multi) {
    CURLcode result = CURLE_OK;
    int running = 1, left;
    while (running) {
        if (curl_multi_perform(multi, &running)) abort();
        if (running) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) result = message->data.result;
    return result;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    int kept = atoi(arguments[2]);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 16L);
    CURL *gets[16];
    for (int i = 0; i < kept; i++) gets[i] = transfer(multi, arguments[1], NULL);
    if (run(multi)) return 1;
    for (int i = 0; i < kept; i++) curl_multi_remove_handle(multi, gets[i]);
    CURL *post = transfer(multi, arguments[1], "one question");
    CURLcode result = run(multi);
    long status = 0;
    curl_easy_getinfo(post, CURLINFO_RESPONSE_CODE, &status);
    printf("result %d, status %ld, ", result, status);
}
C
# One POST where so many connections are kept, with the libcurl of a release.
ask() { # release, connections
    local port
    coproc server { python3 "$folder/server.py" "$2"; }
    port=$(head -n 1 <&"${server[0]}")
    on "$1" client "http://127.0.0.1:$port/" "$2"
    echo "$(python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' \
        "http://127.0.0.1:$port/posts") copies"
    eval "exec ${server[1]}>&-"
    # shellcheck disable=SC2154
    wait "$server_PID"
}
for release in bookworm trixie; do
    echo "One POST with the libcurl of $release:"
    seen "2 connections kept" "$(ask "$release" 2)" "result 0, status 200, 3 copies"
    seen "5 connections kept" "$(ask "$release" 5)" "result 0, status 200, 6 copies"
    seen "8 connections kept" "$(ask "$release" 8)" "result 55, status 0, 6 copies"
done
echo "Expected: 1 copy, or 2."
finish
