#!/usr/bin/env bash
# libmicrohttpd 0.9.75 (Debian 12) and 1.0.1 (Debian 13): two questions about one connection.
#
# MHD_get_connection_info(…, MHD_CONNECTION_INFO_SOCKET_CONTEXT) returns a pointer to a union, in which the application finds its
# own pointer for this connection. Asked for the client's address, the same function returns a pointer to such a union too.
# One would expect: the first answer is still the socket's context after the second question; at least it is so in both
# releases or in neither.
# Seen: with 0.9.75 each answer lies in a place of its own, the connection's own fields. With 1.0.1 all answers lie in one place, so
# that the second question overwrites the first answer: what was the application's pointer is the address of the client's address
# now. A program that sets its pointer by way of the answer, which worked for years, has set nothing. The name of the shared
# library, libmicrohttpd.so.12, is the same, so the loader puts either under one executable without a word.
# Why it matters: a server that runs on Debian 12 installs on Debian 13, starts, and takes another object for its connection's
# state.
# What works with both: set the pointer through the argument of the notification MHD_CONNECTION_NOTIFY_STARTED, and read each
# answer before the next question.
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

static int state;
static int set_by_answer;

static void connection_changed(void *unused, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode code) {
    (void)unused;
    if (code != MHD_CONNECTION_NOTIFY_STARTED) return;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (set_by_answer)
        ((union MHD_ConnectionInfo *)info)->socket_context = &state;
    else
        *context = &state;
}

static enum MHD_Result reply(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **request) {
    (void)unused; (void)url; (void)method; (void)version; (void)data; (void)size; (void)request;
    const union MHD_ConnectionInfo *context = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    int at_once = context->socket_context == &state;
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *text = !at_once ? "not there" : context->socket_context == &state ? "kept"
                     : context->socket_context == (void *)address->client_addr ? "replaced by the address" : "lost";
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **arguments) {
    (void)arguments;
    set_by_answer = count > 1;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, reply, NULL, MHD_OPTION_SOCK_ADDR,
                                                 &any, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, NULL, MHD_OPTION_END);
    if (!daemon) return 1;
    any.sin_port = htons(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&any, sizeof any)) return 1;
    const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (write(client, request, sizeof request - 1) < 0) return 1;
    char text[4096];
    size_t length = 0;
    ssize_t part;
    while ((part = read(client, text + length, sizeof text - length - 1)) > 0) length += (size_t)part;
    text[length] = 0;
    const char *body = strstr(text, "\r\n\r\n");
    puts(body ? body + 4 : "no reply");
    MHD_stop_daemon(daemon);
}
C
echo "The socket's context, asked for, and looked at behind a question for the client's address:"
seen "0.9.75" "$(on bookworm server)" kept
seen "1.0.1, the same executable" "$(on trixie server)" "replaced by the address"
echo "The same, where it was set through an answer to an earlier question:"
seen "0.9.75" "$(on bookworm server by-answer)" kept
seen "1.0.1, the same executable" "$(on trixie server by-answer)" "not there"
echo "Expected: the same with both, which go by the same name, libmicrohttpd.so.12."
finish
