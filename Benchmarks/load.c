/* The load client: opens connections, sends each the same request and counts what comes back.
 *
 * In C, because it shares two cores with what it measures: a client in a scripting language would spend more on a
 * chunk than the server does. It looks for one text in what it receives and parses nothing else.
 *
 *   load streams  PORT REQUEST-FILE CONNECTIONS STAGGER-MICROSECONDS MARKER
 *   load requests PORT REQUEST-FILE CONNECTIONS STAGGER-MICROSECONDS MARKER [COUNT]
 *
 * "streams" sends one request a connection and expects no end. "requests" sends the next as soon as an answer is
 * complete; after COUNT answers it prints the time that each took to its first marker, in nanoseconds, and ends.
 * A line on standard input is answered by one with the counters so far; its end ends the program. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { carry_limit = 64, buffer_size = 256 * 1024, head_limit = 8192 };

struct connection {
    int descriptor;
    int64_t sent_at;
    bool has_marker;
    bool head_is_complete;
    /* Bytes of the body still to come; -1 when it is chunked. */
    int64_t remaining;
    /* The head so far, for it may come in pieces. */
    char *head;
    size_t head_length;
    /* The end of the last piece: a marker may lie across two. */
    char carry[carry_limit];
    size_t carry_length;
};

static const char end_of_chunks[] = "\r\n0\r\n\r\n";

static bool repeats;
static int port;
static char *request;
static size_t request_length;
static const char *marker;
static size_t marker_length;
static struct connection *connections;
static int64_t *latencies;
static long latency_count, latency_limit;
static long markers, answers, answering, lost, opened;
static int64_t bytes_received;
static int epoll;
static char buffer[carry_limit + buffer_size];

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    exit(1);
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void read_request(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    request = malloc(1 << 20);
    request_length = fread(request, 1, 1 << 20, file);
    fclose(file);
}

static void send_request(struct connection *connection) {
    connection->has_marker = false;
    connection->head_is_complete = false;
    connection->head_length = 0;
    connection->carry_length = 0;
    connection->sent_at = now(CLOCK_MONOTONIC);
    if (send(connection->descriptor, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
}

static void open_connection(struct connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0) fail("socket");
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    int on = 1;
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    connection->head = malloc(head_limit);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->descriptor, &event);
    send_request(connection);
    opened++;
}

static void lose(struct connection *connection) {
    lost++;
    close(connection->descriptor);
    connection->descriptor = -1;
    if (lost == 1) fprintf(stderr, "load: a connection ended early\n");
}

/* Reads the head of an answer; returns how many of the bytes belonged to it. */
static size_t take_head(struct connection *connection, const char *bytes, size_t length) {
    size_t before = connection->head_length;
    size_t room = head_limit - 1 - before;
    size_t taken = length < room ? length : room;
    memcpy(connection->head + before, bytes, taken);
    connection->head_length += taken;
    connection->head[connection->head_length] = 0;
    char *end = strstr(connection->head, "\r\n\r\n");
    if (!end) {
        if (taken == room) fail("an endless head");
        return length;
    }
    if (strncmp(connection->head, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "load: refused: %s\n", connection->head);
        exit(1);
    }
    end[2] = 0;
    char *size = strcasestr(connection->head, "\r\ncontent-length:");
    connection->remaining = size ? atoll(size + 17) : -1;
    connection->head_is_complete = true;
    return (size_t)(end + 4 - connection->head) - before;
}

static void count_markers(struct connection *connection, const char *bytes, size_t length) {
    const char *position = bytes, *end = bytes + length;
    while ((position = memmem(position, end - position, marker, marker_length))) {
        position += marker_length;
        markers++;
        if (connection->has_marker) continue;
        connection->has_marker = true;
        answering++;
        if (latency_count < latency_limit) latencies[latency_count++] = now(CLOCK_MONOTONIC) - connection->sent_at;
    }
}

static void receive(struct connection *connection) {
    size_t carried = connection->carry_length;
    char *start = buffer + carry_limit;
    ssize_t count = recv(connection->descriptor, start, buffer_size, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return lose(connection);
    bytes_received += count;
    size_t length = count;
    if (!connection->head_is_complete) {
        size_t taken = take_head(connection, start, length);
        start += taken;
        length -= taken;
        if (length == 0 && (!connection->head_is_complete || connection->remaining != 0)) return;
    }
    memcpy(start - carried, connection->carry, carried);
    char *whole = start - carried;
    size_t whole_length = length + carried;
    count_markers(connection, whole, whole_length);

    bool is_complete;
    if (connection->remaining >= 0) {
        connection->remaining -= length;
        is_complete = connection->remaining <= 0;
    } else {
        size_t tail = sizeof end_of_chunks - 1;
        is_complete = whole_length >= tail && memcmp(whole + whole_length - tail, end_of_chunks, tail) == 0;
    }
    if (!is_complete) {
        connection->carry_length = whole_length < marker_length ? whole_length : marker_length - 1;
        memcpy(connection->carry, whole + whole_length - connection->carry_length, connection->carry_length);
        return;
    }
    answers++;
    if (!repeats) return lose(connection);
    if (latency_limit == 0 || answers < latency_limit) send_request(connection);
}

static void report(void) {
    printf(
        "{\"time\":%lld,\"cpu\":%lld,\"markers\":%ld,\"answers\":%ld,\"opened\":%ld,\"answering\":%ld,\"lost\":%ld,"
        "\"bytes\":%lld}\n",
        (long long)now(CLOCK_MONOTONIC), (long long)now(CLOCK_PROCESS_CPUTIME_ID), markers, answers, opened,
        answering, lost, (long long)bytes_received);
    fflush(stdout);
}

static void print_latencies(void) {
    printf("[");
    for (long index = 0; index < latency_count; index++)
        printf(index ? ",%lld" : "%lld", (long long)latencies[index]);
    printf("]\n");
}

int main(int argument_count, char **arguments) {
    if (argument_count < 7) fail("too few arguments");
    repeats = strcmp(arguments[1], "requests") == 0;
    port = atoi(arguments[2]);
    read_request(arguments[3]);
    long wanted = atol(arguments[4]);
    int64_t stagger = atoll(arguments[5]) * 1000;
    marker = arguments[6];
    marker_length = strlen(marker);
    /* What is carried over must be enough to see the end of an answer in, and too little for a whole marker. */
    if (marker_length < sizeof end_of_chunks || marker_length > carry_limit) fail("a marker of that length");
    if (argument_count > 7) latency_limit = atol(arguments[7]);
    latencies = calloc(latency_limit + 1, sizeof *latencies);
    connections = calloc(wanted, sizeof *connections);

    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    int64_t next_opening = now(CLOCK_MONOTONIC);
    static struct epoll_event events[1024];
    for (;;) {
        int64_t time = now(CLOCK_MONOTONIC);
        while (opened < wanted && next_opening <= time) {
            open_connection(&connections[opened]);
            next_opening += stagger;
        }
        struct timespec timeout = {0};
        int64_t pause = next_opening > time ? next_opening - time : 0;
        timeout.tv_nsec = pause < 999999999 ? pause : 999999999;
        int count = epoll_pwait2(epoll, events, 1024, opened < wanted ? &timeout : NULL, NULL);
        for (int index = 0; index < count; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection) {
                if (connection->descriptor >= 0) receive(connection);
                continue;
            }
            char line[64];
            if (read(STDIN_FILENO, line, sizeof line) <= 0) return 0;
            report();
        }
        if (latency_limit > 0 && answers >= latency_limit) break;
        if (opened == wanted && lost == wanted) fail("every connection has ended");
    }
    print_latencies();
    return 0;
}
