// The kernel interfaces that Swift's Glibc module leaves out.
#ifndef OLLAMA_PROXY_CLINUX_H
#define OLLAMA_PROXY_CLINUX_H

#include <malloc.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#endif
