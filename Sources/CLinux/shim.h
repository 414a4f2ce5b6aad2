// The kernel interfaces that Swift's Glibc module leaves out.
#ifndef OLLAMA_PROXY_CLINUX_H
#define OLLAMA_PROXY_CLINUX_H

#include <getopt.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

// getopt's variables are global, which Swift takes for shared between threads. There is one.
static inline int clinux_option_index(void) { return optind; }
// Starts over, and lets us report errors.
static inline void clinux_begin_options(void) {
    optind = 0;
    opterr = 0;
}

#endif
