/* The yardstick: what C and epoll make of it when nothing is kept. Reads flat events from the
 * gateway and writes each, as one chunk of a stream, to every viewer.
 *
 *     raw GATEWAY_PORT PORT       serves GET anything as text/event-stream
 */
#include "common.h"

static int epoll_fd, listener, gateway;
static int viewers[65536], count;
static Buffer in, chunk;

static void watch(int fd) {
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
}

static void shake_hands(int port) {
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    gateway = connect_to(port, 0);
    if (gateway < 0 || send(gateway, request, sizeof request - 1, 0) < 0) die("gateway");
    for (char tail[4] = "", c; memcmp(tail, "\r\n\r\n", 4);) {
        if (recv(gateway, &c, 1, 0) != 1) die("handshake");
        memmove(tail, tail + 1, 3);
        tail[3] = c;
    }
    unblock(gateway);
    watch(gateway);
}

static void let_in(void) {
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        unblock(fd);
        watch(fd);
    }
}

/* The request is not read with care: only the load client asks. */
static void welcome(int fd) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1b\r\nevent: connected\ndata: {}\n\n\r\n";
    char request[2048];
    if (recv(fd, request, sizeof request, 0) > 0) {
        if (send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0) viewers[count++] = fd;
        return;
    }
    for (int i = 0; i < count; i++)
        if (viewers[i] == fd) viewers[i] = viewers[--count];
    close(fd);
}

static void broadcast(const char *text, size_t n) {
    char size[32];
    chunk.start = chunk.end = 0;
    append(&chunk, size, snprintf(size, sizeof size, "%zx\r\n", n + 21));
    append(&chunk, "event: agent\ndata: ", 19);
    append(&chunk, text, n);
    append(&chunk, "\n\n\r\n", 4);
    for (int i = 0; i < count; i++)
        if (send(viewers[i], chunk.data, chunk.end, MSG_NOSIGNAL) != (ssize_t)chunk.end)
            shutdown(viewers[i], SHUT_RDWR); /* it lags: the yardstick keeps no queues */
}

static void read_gateway(void) {
    reserve(&in, 1 << 18);
    ssize_t got = recv(gateway, in.data + in.end, 1 << 18, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) exit(0);
    in.end += got;
    while (pending(&in) >= 2) {
        unsigned char *at = (void *)(in.data + in.start);
        size_t length = at[1], head = 2;
        if (length == 126) {
            if (pending(&in) < 4) return;
            length = at[2] << 8 | at[3];
            head = 4;
        }
        if (pending(&in) < head + length) return;
        if ((at[0] & 15) == 1) broadcast((char *)at + head, length);
        in.start += head + length;
    }
}

int main(int argc, char **argv) {
    static struct epoll_event ready[1024];
    if (argc != 3) return fprintf(stderr, "usage: raw GATEWAY_PORT PORT\n"), 2;
    int port = atoi(argv[2]);
    raise_limit();
    epoll_fd = epoll_create1(0);
    listener = listen_on(&port);
    watch(listener);
    shake_hands(atoi(argv[1]));
    for (;;) {
        int n = epoll_wait(epoll_fd, ready, 1024, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) let_in();
            else if (fd == gateway) read_gateway();
            else welcome(fd);
        }
    }
}
