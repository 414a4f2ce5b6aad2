/* Loaded before a program (LD_PRELOAD), counts what it allocates and which system calls it makes, in a file that others
 * can read while it runs. Counts do not depend on what else the machine does, so limits on them can be narrow. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The order is known to harness/counting.py. */
enum { ALLOCATIONS, RECEIVES, SENDS, POLLS, EPOLL_WAITS, EPOLL_CHANGES, WRITES, COUNTERS };

/* Until the file is there, counts go here. */
static uint64_t early[COUNTERS];
static uint64_t *counters = early;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("COUNT_FILE");
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0 || ftruncate(file, sizeof early) != 0) abort();
    void *shared = mmap(NULL, sizeof early, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared == MAP_FAILED) abort();
    counters = shared;
}

/* glibc's own names: dlsym allocates, so it cannot be asked for the allocator. */
void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { return counters[ALLOCATIONS]++, __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return counters[ALLOCATIONS]++, __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return counters[ALLOCATIONS]++, __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { return counters[ALLOCATIONS]++, __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    *result = memalign(alignment, size);
    return *result ? 0 : 12 /* ENOMEM */;
}

/* `counted(counter, type, name, (parameters), (arguments))` passes a call on to the library that has it. */
#define counted(counter, type, name, parameters, arguments) \
    type name parameters { \
        static type(*next) parameters; \
        if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
        counters[counter]++; \
        return next arguments; \
    }

counted(RECEIVES, ssize_t, recv, (int s, void *b, size_t n, int f), (s, b, n, f))
counted(RECEIVES, ssize_t, __recv_chk, (int s, void *b, size_t n, size_t m, int f), (s, b, n, m, f))
counted(SENDS, ssize_t, send, (int s, const void *b, size_t n, int f), (s, b, n, f))
counted(SENDS, ssize_t, sendmsg, (int s, const struct msghdr *m, int f), (s, m, f))
counted(SENDS, ssize_t, writev, (int s, const struct iovec *v, int n), (s, v, n))
counted(POLLS, int, poll, (struct pollfd *p, nfds_t n, int t), (p, n, t))
counted(POLLS, int, __poll_chk, (struct pollfd *p, nfds_t n, int t, size_t m), (p, n, t, m))
counted(EPOLL_WAITS, int, epoll_wait, (int e, struct epoll_event *v, int n, int t), (e, v, n, t))
counted(EPOLL_CHANGES, int, epoll_ctl, (int e, int o, int s, struct epoll_event *v), (e, o, s, v))
counted(WRITES, ssize_t, write, (int s, const void *b, size_t n), (s, b, n))
counted(WRITES, ssize_t, pwrite64, (int s, const void *b, size_t n, off64_t o), (s, b, n, o))
