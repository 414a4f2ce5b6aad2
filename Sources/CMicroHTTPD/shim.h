// libmicrohttpd for Swift: one typed inline function for each variadic call and each macro that Swift cannot import.
#ifndef OLLAMA_PROXY_CMICROHTTPD_H
#define OLLAMA_PROXY_CMICROHTTPD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <microhttpd.h>

static const uint64_t cmhd_size_unknown = MHD_SIZE_UNKNOWN;

// What it returns would become the request's context.
typedef void *(*cmhd_target_callback)(void *context, const char *target, struct MHD_Connection *connection);

typedef void (*cmhd_log_line)(void *context, const char *line);

struct cmhd_log_target {
    cmhd_log_line write;
    void *context;
};

// The logger receives a va_list, which Swift cannot read: format here, hand over one line.
static inline void cmhd_format_log(void *target, const char *format, va_list arguments) {
    struct cmhd_log_target *log = (struct cmhd_log_target *) target;
    char line[512];
    vsnprintf(line, sizeof line, format, arguments);
    log->write(log->context, line);
}

struct cmhd_daemon_settings {
    int listen_socket;
    unsigned int connection_limit;
    size_t connection_memory;
    unsigned int idle_timeout_seconds;
    // NULL admits everyone.
    MHD_AcceptPolicyCallback accept;
    void *accept_context;
    // Told of a request line's target before it is decoded.
    cmhd_target_callback target;
    void *target_context;
    MHD_AccessHandlerCallback handler;
    void *handler_context;
    MHD_RequestCompletedCallback request_completed;
    void *request_completed_context;
    MHD_NotifyConnectionCallback connection_changed;
    void *connection_changed_context;
    struct cmhd_log_target *log;
};

// From 1.0 on libmicrohttpd can refuse what another server could read in a second way: folded header lines, lines that end
// without CR LF, NUL bytes, blanks where none belong. It rewrites such lines in its buffer before it tells of a head, so
// nobody else can see them. 0.9.75 keeps a head as it came and takes nearly anything. Asked of the library that is loaded:
// both releases have the same soname.
static inline bool cmhd_checks_lines(void) {
    return strtol(MHD_get_version(), NULL, 10) >= 1;
}

// External epoll mode: MHD_USE_EPOLL without an internal thread. The listening socket is always our own.
static inline struct MHD_Daemon *cmhd_start_daemon(const struct cmhd_daemon_settings *settings) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        settings->accept, settings->accept_context,
        settings->handler, settings->handler_context,
        MHD_OPTION_EXTERNAL_LOGGER, cmhd_format_log, settings->log,
        MHD_OPTION_LISTEN_SOCKET, settings->listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, settings->connection_limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_seconds,
        MHD_OPTION_URI_LOG_CALLBACK, settings->target, settings->target_context,
        MHD_OPTION_NOTIFY_COMPLETED, settings->request_completed, settings->request_completed_context,
        MHD_OPTION_NOTIFY_CONNECTION, settings->connection_changed, settings->connection_changed_context,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_STRICT_FOR_CLIENT, cmhd_checks_lines() ? 1 : 0,
        MHD_OPTION_END);
}

static inline int cmhd_epoll_descriptor(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

// Cleans up what has ended, and tells of it, before it counts: nothing to ask for in a callback.
static inline unsigned int cmhd_current_connections(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

static inline int cmhd_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

// From the request line to the blank line, both included.
static inline size_t cmhd_head_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

static inline const struct sockaddr *cmhd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

// What the notification of the connection's start left in its argument. 1.0 answers with a copy, which the next question
// overwrites: it may be read, at once, and never written.
static inline void *cmhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

#endif
