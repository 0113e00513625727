/* What load.c and raw.c share: the clock, sockets on loopback, growing buffers. */
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    char *data;
    size_t start, end, size;
} Buffer;

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline double cpu_seconds(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static inline void raise_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static inline void *must(void *memory) {
    if (!memory) die("memory");
    return memory;
}

static inline size_t pending(const Buffer *b) { return b->end - b->start; }

/* Make room for n more bytes behind the end. */
static inline void reserve(Buffer *b, size_t n) {
    if (b->start == b->end) b->start = b->end = 0;
    if (b->end + n <= b->size) return;
    if (b->start) {
        memmove(b->data, b->data + b->start, pending(b));
        b->end -= b->start;
        b->start = 0;
    }
    if (b->end + n > b->size) {
        b->size = (b->end + n) * 2;
        b->data = must(realloc(b->data, b->size));
    }
}

static inline void append(Buffer *b, const void *data, size_t n) {
    reserve(b, n);
    memcpy(b->data + b->end, data, n);
    b->end += n;
}

static inline struct sockaddr_in loopback(int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

static inline void unblock(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* Listen on loopback; port 0 takes a free one, and *port tells which. */
static inline int listen_on(int *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = loopback(*port);
    socklen_t size = sizeof at;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (void *)&at, sizeof at) || listen(fd, 4096)) die("listen");
    getsockname(fd, (void *)&at, &size);
    *port = ntohs(at.sin_port);
    unblock(fd);
    return fd;
}

/* Connect to loopback, blocking; receive_buffer 0 leaves the system's. Give -1 where it fails. */
static inline int connect_to(int port, int receive_buffer) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = loopback(port);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    if (fd >= 0 && connect(fd, (void *)&at, sizeof at)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Write what the socket takes; give -1 when the other side has gone. */
static inline int flush(int fd, Buffer *b) {
    while (pending(b)) {
        ssize_t sent = send(fd, b->data + b->start, pending(b), MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
        b->start += sent;
    }
    return 0;
}
