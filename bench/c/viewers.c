#include "viewers.h"

enum { HEAD, SIZE, DATA, AFTER, PLAIN };

struct Viewer {
    int fd, state, deaf, lazy, begun, gone;
    int64_t left;            /* bytes left of this chunk */
    int64_t next, high;      /* has everything before next; the highest seen */
    unsigned char *bits;     /* what came after a hole, one bit an event */
    int stamp_length;        /* -1 outside of a stamp */
    char stamp[48];
    int head_length;
    char head[1024];
};

Tally tally;
static Viewer **by_fd;
static int fds, count, ready, closed, swept;

static size_t bucket(int64_t ns) {
    if (ns < 64) return ns < 0 ? 0 : ns;
    int shift = 63 - __builtin_clzll(ns) - 6;
    return (shift + 1) * 64 + (ns >> shift) - 64;
}

double tally_percentile(double share) {
    uint64_t want = tally.clocked * share, sum = 0;
    double ns = 0;
    for (size_t i = 0; sum <= want && sum < (uint64_t)tally.clocked; i++) {
        sum += tally.histogram[i];
        ns = i < 64 ? i : (i % 64 + 64.5) * (1ULL << (i / 64 - 1));
    }
    return (ns < tally.worst_ns ? ns : tally.worst_ns) / 1e6;
}

void tally_begin(int64_t base, int64_t events) {
    free(tally.seen);
    tally = (Tally){.base = base, .events = events};
    tally.seen = must(calloc(events + 1, sizeof *tally.seen));
    for (int fd = 0; fd < fds; fd++) {
        Viewer *v = by_fd[fd];
        if (!v) continue;
        v->next = base, v->high = base - 1;
        free(v->bits);
        v->bits = NULL;
    }
}

/* Whether this viewer gets the event for the first time. */
static int fresh(Viewer *v, int64_t seq) {
    if (seq == v->next && !v->bits) {
        v->next++;
        return 1;
    }
    if (seq < v->next) return 0;
    if (!v->bits) v->bits = must(calloc(tally.events / 8 + 1, 1));
    int64_t at = seq - tally.base;
    if (v->bits[at / 8] >> (at % 8) & 1) return 0;
    v->bits[at / 8] |= 1 << (at % 8);
    return 1;
}

static void deliver(Viewer *v, int64_t seq, int64_t sent, int64_t now) {
    if (seq < tally.base || seq >= tally.base + tally.events) {
        tally.stray++;
        return;
    }
    if (!fresh(v, seq)) {
        tally.duplicates++;
        return;
    }
    if (seq < v->high) tally.disorder++;
    else v->high = seq;
    tally.delivered++;
    tally.last_ns = now;
    if (!v->lazy) {
        int64_t late = now - sent;
        tally.clocked++;
        if (late > tally.worst_ns) tally.worst_ns = late;
        tally.histogram[bucket(late)]++;
    }
    tally.seen[seq - tally.base]++;
    while (tally.acked < tally.events && tally.seen[tally.acked] == (uint32_t)count) tally.acked++;
}

/* Read a whole stamp that stands here; give its end, or NULL where it is cut or is none. */
static const char *stamped(Viewer *v, const char *at, const char *end, int64_t now) {
    int64_t seq = 0, sent = 0;
    const char *begin = at;
    for (; at < end && *at >= '0' && *at <= '9'; at++) seq = seq * 10 + (*at - '0');
    if (at == end || *at++ != ':' || at - begin > 19) return NULL;
    for (begin = at; at < end && *at >= '0' && *at <= '9'; at++) sent = sent * 10 + (*at - '0');
    if (at == end || *at++ != '@' || at - begin > 20) return NULL;
    deliver(v, seq, sent, now);
    return at;
}

/* A stamp is @seq:nanoseconds@, wherever it stands; it may be cut by reads and chunks. */
static void scan(Viewer *v, const char *at, size_t n, int64_t now) {
    const char *end = at + n;
    while (at < end) {
        if (v->stamp_length < 0) {
            at = memchr(at, '@', end - at);
            if (!at) return;
            const char *after = stamped(v, ++at, end, now);
            if (after) at = after;
            else v->stamp_length = 0;
            continue;
        }
        char c = *at++;
        if (c == '@') {
            char *colon;
            v->stamp[v->stamp_length] = 0;
            v->stamp_length = -1;
            int64_t seq = strtoll(v->stamp, &colon, 10);
            if (*colon == ':') deliver(v, seq, strtoll(colon + 1, NULL, 10), now);
        } else if (((c < '0' || c > '9') && c != ':') || v->stamp_length > 45) {
            v->stamp_length = -1;
        } else {
            v->stamp[v->stamp_length++] = c;
        }
    }
}

static void begin_body(Viewer *v) {
    v->head[v->head_length] = 0;
    if (strncmp(v->head, "HTTP/1.1 200", 12) && strncmp(v->head, "HTTP/1.0 200", 12)) {
        fprintf(stderr, "a viewer was refused: %.60s\n", v->head);
        v->gone = 1;
        return;
    }
    v->state = strcasestr(v->head, "\r\ntransfer-encoding: chunked") ? SIZE : PLAIN;
}

static void body(Viewer *v, const char *at, size_t n, int64_t now) {
    if (!v->begun && n) v->begun = 1, ready++;
    scan(v, at, n, now);
}

static void feed(Viewer *v, const char *at, size_t n, int64_t now) {
    const char *end = at + n;
    while (at < end && !v->gone) {
        size_t take = end - at;
        switch (v->state) {
        case HEAD:
            if (v->head_length == sizeof v->head - 1) v->gone = 1;
            else v->head[v->head_length++] = *at++;
            if (v->head_length >= 4 && !memcmp(v->head + v->head_length - 4, "\r\n\r\n", 4)) begin_body(v);
            break;
        case SIZE: {
            char c = *at++ | 32;
            if (c >= '0' && c <= '9') v->left = v->left * 16 + c - '0';
            else if (c >= 'a' && c <= 'f') v->left = v->left * 16 + c - 'a' + 10;
            else if (at[-1] == '\n') {
                v->state = DATA;
                if (!v->left) v->gone = 1; /* the last chunk */
            }
            break;
        }
        case DATA:
            if ((int64_t)take > v->left) take = v->left;
            body(v, at, take, now);
            at += take;
            v->left -= take;
            if (!v->left) v->state = AFTER;
            break;
        case AFTER:
            if (*at++ == '\n') v->state = SIZE;
            break;
        case PLAIN:
            body(v, at, take, now);
            at = end;
        }
    }
}

static void drop(Viewer *v) {
    close(v->fd);
    by_fd[v->fd] = NULL;
    free(v->bits);
    free(v);
}

void viewers_event(int fd) {
    static char chunk[1 << 18];
    Viewer *v = fd < fds ? by_fd[fd] : NULL;
    if (!v) return;
    ssize_t n;
    do { /* a read that does not fill the buffer has emptied the socket */
        n = recv(fd, chunk, sizeof chunk, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n > 0) {
            tally.bytes += n;
            feed(v, chunk, n, now_ns());
        }
    } while (n == sizeof chunk && !v->gone);
    if (n <= 0 || v->gone) {
        closed++;
        drop(v);
    }
}

void viewers_open(int epoll, int port, const char *path, const char *key, int wanted, int deaf) {
    char request[512];
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n"
                     "X-API-Key: %s\r\n\r\n", path, port, key);
    for (int i = 0; i < wanted; i++) {
        int fd = connect_to(port, deaf ? 4096 : 0);
        if (fd < 0 || send(fd, request, n, MSG_NOSIGNAL) != n) die("a viewer cannot connect");
        if (fd >= fds) {
            by_fd = must(realloc(by_fd, (fd + 1024) * sizeof *by_fd));
            memset(by_fd + fds, 0, (fd + 1024 - fds) * sizeof *by_fd);
            fds = fd + 1024;
        }
        Viewer *v = by_fd[fd] = must(calloc(1, sizeof *v));
        v->fd = fd, v->deaf = deaf, v->stamp_length = -1;
        unblock(fd);
        if (deaf) continue;
        count++;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLET, .data.fd = fd});
    }
}

void viewers_lazy(int epoll, int lazy) {
    for (int fd = 0, nth = 0; fd < fds; fd++) {
        Viewer *v = by_fd[fd];
        if (!v || v->deaf || nth++ % 32 == 0 || v->lazy == lazy) continue;
        struct epoll_event wanted = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
        epoll_ctl(epoll, lazy ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, fd, &wanted);
        v->lazy = lazy;
    }
}

void viewers_sweep(int share) {
    for (int passed = 0; share > 0 && passed < fds; passed++) {
        swept = (swept + 1) % fds;
        if (by_fd[swept] && by_fd[swept]->lazy) viewers_event(swept), share--;
    }
}

int viewers_ready(void) { return ready; }
int viewers_count(void) { return count; }
int viewers_closed(void) { return closed; }

void viewers_close(void) {
    for (int fd = 0; fd < fds; fd++)
        if (by_fd[fd]) drop(by_fd[fd]);
    count = ready = closed = 0;
}
