#!/usr/bin/env bash
# libmicrohttpd 1.0.1 (Debian 13): a chunk with an extension.
#
# A chunk of a request's body may carry extensions behind its size, "5;a=b"; a receiver has to ignore those that it does not know
# (RFC 9112, 7.1.1).
# One would expect: the body arrives as it was sent, as with 0.9.75 (Debian 12).
# Seen: 1.0.1 ends the size's line at the extension. It hands the application a body that begins with the line feed of that line, as
# many bytes as the chunk has, and then answers 400 in HTML, because what is left over is no end of a chunk. An extension of
# the last chunk, which has no content, is taken.
# Why it matters: the application sees bytes that nobody sent before the library calls the request bad. One that works on a body
# while it comes, writes it to a file or forwards it, has then passed on something else than the client's body.
set -euo pipefail
# shellcheck source=findings/common
source "$(dirname "$0")/common"

debian bookworm libmicrohttpd12=0.9.75-6 libmicrohttpd-dev=0.9.75-6 libc6-dev
debian trixie libmicrohttpd12t64=1.0.1-4
compile bookworm server -lmicrohttpd -lpthread <<'C'
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// What the application is given, with line feeds that can be seen.
static char given[256];

static enum MHD_Result reply(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **request) {
    (void)unused; (void)url; (void)method; (void)version;
    if (!*request) { *request = connection; return MHD_YES; }
    if (*size > 0) {
        for (size_t at = 0; at < *size && strlen(given) < sizeof given - 3; at++)
            strncat(given, data[at] == '\n' ? "\\n" : data[at] == '\r' ? "\\r" : &data[at], data[at] < ' ' ? 2 : 1);
        *size = 0;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, reply, NULL, MHD_OPTION_SOCK_ADDR,
                                                 &any, MHD_OPTION_END);
    if (!daemon) return 1;
    any.sin_port = htons(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&any, sizeof any)) return 1;
    dprintf(client, "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "%s\r\nhello\r\n0\r\n\r\n", arguments[1]);
    char text[4096];
    size_t length = 0;
    ssize_t part;
    while ((part = read(client, text + length, sizeof text - length - 1)) > 0) length += (size_t)part;
    text[length] = 0;
    printf("%.12s, given \"%s\"\n", text, given);
    MHD_stop_daemon(daemon);
}
C
for size in '5' '5;a' '5;a=b' '5;a="b"'; do
    echo "A chunk that begins with $size and holds \"hello\":"
    seen "0.9.75" "$(on bookworm server "$size")" 'HTTP/1.1 200, given "hello"'
    case $size in
        *a*) seen "1.0.1" "$(on trixie server "$size")" 'HTTP/1.1 400, given "\nhell"' ;;
        *) seen "1.0.1" "$(on trixie server "$size")" 'HTTP/1.1 200, given "hello"' ;;
    esac
done
echo 'Expected: HTTP/1.1 200, given "hello", each time.'
finish
