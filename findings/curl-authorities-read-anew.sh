#!/usr/bin/env bash
# libcurl 7.88.1 (Debian 12): the cache of certificate authorities that is never used.
#
# From 7.87 on, libcurl keeps the parsed authorities of CURLOPT_CAINFO for CURLOPT_CA_CACHE_TIMEOUT, a day by default, since reading
# 140 of them takes longer than the rest of a TLS handshake.
# One would expect: a program that leaves all of that at its defaults reads the file of authorities once for many connections.
# Seen: it reads it for each connection. The cache is passed over when CURLOPT_CAPATH is set too, and Debian's libcurl is built with
# /etc/ssl/certs as its default for that. With CURLOPT_CAPATH set to NULL the file is read once. 8.14.1 (Debian 13) does the same.
# Why it matters: each new TLS connection costs 10 to 40 ms of CPU time on a PC, and almost a megabyte of memory, for nothing. What
# helps is one line.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

debian bookworm libcurl4=7.88.1-10+deb12u15 libcurl4-openssl-dev=7.88.1-10+deb12u15 libc6-dev
debian trixie libcurl4t64=8.14.1-2+deb13u7
(
    cd "$folder"
    certificate=(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2)
    "${certificate[@]}" -subj /CN=localhost -keyout key.pem -out certificate.pem
    # As many as a system has, whoever they are, and the server's own.
    "${certificate[@]}" -subj /CN=another -keyout other.key -out other.pem
    for _ in $(seq 140); do cat other.pem; done >authorities.pem
    cat certificate.pem >>authorities.pem
) 2>/dev/null
cat >"$folder/server.py" <<'PY'
import http.server, ssl, sys, threading

class Reply(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *unused):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reply)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/certificate.pem", sys.argv[1] + "/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
PY
# -rdynamic: OpenSSL is to find the program's own fopen, which counts.
compile bookworm client -rdynamic -lcurl -ldl <<'C'
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int opened;

FILE *fopen64(const char *path, const char *mode) {
    if (strstr(path, "authorities.pem")) opened++;
    FILE *(*next)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen64");
    return next(path, mode);
}
FILE *fopen(const char *path, const char *mode) { return fopen64(path, mode); }

int main(int count, char **arguments) {
    if (count < 3) return 2;
    CURLM *multi = curl_multi_init();
    for (int i = 0; i < 10; i++) {
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[2]);
        if (count > 3) curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_multi_add_handle(multi, easy);
        int running = 1, left;
        while (running) {
            if (curl_multi_perform(multi, &running)) abort();
            if (running) curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
        CURLMsg *message = curl_multi_info_read(multi, &left);
        if (!message || message->data.result) { puts(message ? curl_easy_strerror(message->data.result) : "?"); return 1; }
        curl_multi_remove_handle(multi, easy);
        curl_easy_cleanup(easy);
    }
    printf("read %d times\n", opened);
}
C
coproc server { python3 "$folder/server.py" "$folder"; }
url=https://localhost:$(head -n 1 <&"${server[0]}")/
ask() { on "$1" client "$url" "$folder/authorities.pem" "${@:2}"; }
echo "The file of authorities, for ten connections one after another:"
seen "7.88.1, all else at its defaults" "$(ask bookworm)" "read 10 times"
seen "7.88.1, CURLOPT_CAPATH set to NULL" "$(ask bookworm null)" "read 1 times"
seen "8.14.1, all else at its defaults" "$(ask trixie)" "read 10 times"
seen "8.14.1, CURLOPT_CAPATH set to NULL" "$(ask trixie null)" "read 1 times"
eval "exec ${server[1]}>&-"
# shellcheck disable=SC2154
wait "$server_PID"
echo "Expected: read once, with the defaults too."
finish
