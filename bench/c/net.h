// What both load tools need of a system: loopback sockets, a clock, and one way to wait for many sockets
// (epoll on Linux, kqueue elsewhere). All of it is single-threaded, and a failing call ends the program.
#ifndef RETINUE_BENCH_NET_H
#define RETINUE_BENCH_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#else
#include <sys/event.h>
#endif

enum { READY_MAX = 512, BACKLOG = 8192 };

struct ready {
    void *owner;
    bool writable; // the socket takes bytes again; else there is something to read
};

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *must(void *memory) {
    if (!memory) die("memory");
    return memory;
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Events go out as they are written, and no call ever waits.
static void prepare_socket(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
}

#ifdef __linux__

static int poller_open(void) { return epoll_create1(0); }

static void poller_set(int poller, int op, int fd, void *owner, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = owner};
    if (epoll_ctl(poller, op, fd, &event)) die("epoll_ctl");
}

static void poller_add(int poller, int fd, void *owner) { poller_set(poller, EPOLL_CTL_ADD, fd, owner, EPOLLIN); }

// Switch between waiting for room to write and waiting for something to read.
static inline void poller_write(int poller, int fd, void *owner, bool on) {
    poller_set(poller, EPOLL_CTL_MOD, fd, owner, on ? EPOLLOUT : EPOLLIN);
}

// Wait up to `timeout_us` (negative: for ever) and return how many of `out` are filled.
static int poller_wait(int poller, struct ready *out, int64_t timeout_us) {
    struct epoll_event events[READY_MAX];
    int timeout_ms = timeout_us < 0 ? -1 : (int)((timeout_us + 999) / 1000);
    int n = epoll_wait(poller, events, READY_MAX, timeout_ms);
    for (int i = 0; i < n; i++) out[i] = (struct ready){events[i].data.ptr, events[i].events & EPOLLOUT};
    return n < 0 ? 0 : n;
}

#else

static int poller_open(void) { return kqueue(); }

static void poller_set(int poller, int fd, void *owner, int16_t filter, uint16_t flags) {
    struct kevent event;
    EV_SET(&event, fd, filter, flags, 0, 0, owner);
    if (kevent(poller, &event, 1, NULL, 0, NULL)) die("kevent");
}

static void poller_add(int poller, int fd, void *owner) { poller_set(poller, fd, owner, EVFILT_READ, EV_ADD); }

static inline void poller_write(int poller, int fd, void *owner, bool on) {
    poller_set(poller, fd, owner, EVFILT_READ, on ? EV_DISABLE : EV_ENABLE);
    poller_set(poller, fd, owner, EVFILT_WRITE, on ? EV_ADD : EV_DELETE);
}

static int poller_wait(int poller, struct ready *out, int64_t timeout_us) {
    struct kevent events[READY_MAX];
    struct timespec timeout = {timeout_us / 1000000, timeout_us % 1000000 * 1000};
    int n = kevent(poller, NULL, 0, events, READY_MAX, timeout_us < 0 ? NULL : &timeout);
    for (int i = 0; i < n; i++) out[i] = (struct ready){events[i].udata, events[i].filter == EVFILT_WRITE};
    return n < 0 ? 0 : n;
}

#endif
#endif
