#include "gateway.h"

#include "sha1.h"

static int epoll_fd, listener = -1, peer = -1, port, agents, greeted, watching_out;
static Buffer in, out;

static void put_frame(int opcode, const char *text, size_t n) {
    unsigned char head[10] = {0x80 | opcode, n < 126 ? n : 126, n >> 8, n};
    append(&out, head, n < 126 ? 2 : 4);
    append(&out, text, n);
}

static void put_text(const char *format, ...) {
    static char text[65536];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_frame(1, text, n);
}

static void hang_up(void) {
    close(peer);
    peer = -1;
    greeted = 0;
    in.start = in.end = out.start = out.end = 0;
}

void gateway_open(int epoll, int count) {
    epoll_fd = epoll;
    agents = count;
    listener = listen_on(&port);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener,
              &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
}

int gateway_port(void) { return port; }
int gateway_owns(int fd) { return fd == listener || (peer >= 0 && fd == peer); }
int gateway_peer(void) { return greeted; }
size_t gateway_backlog(void) { return pending(&out); }

static void greet(const char *request) {
    static const char name[] = "sec-websocket-key:";
    const char *key = strcasestr(request, name);
    char text[128], digest[29];
    if (!key) return hang_up();
    sscanf(key + sizeof name - 1, " %60[^\r]", text);
    strcat(text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    sha1_base64(text, digest);
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
    append(&out, text, n);
    append(&out, digest, 28);
    append(&out, "\r\n\r\n", 4);
    greeted = 1;
    for (int i = 0; i < agents; i++)
        put_text("{\"type\":\"agent.registered\",\"agentId\":\"bench-%03d\",\"name\":\"Bench %d\"}", i, i);
    gateway_flush();
}

/* Answer pings and closes; whatever else the peer says is passed over. */
static void read_frames(void) {
    while (pending(&in) >= 2) {
        unsigned char *at = (void *)(in.data + in.start);
        size_t length = at[1] & 127, head = 2 + (at[1] & 128 ? 4 : 0);
        if (length == 127) return hang_up();
        if (length == 126) {
            if (pending(&in) < 4) return;
            length = at[2] << 8 | at[3];
            head += 2;
        }
        if (pending(&in) < head + length) return;
        unsigned char *mask = at + head - 4, *body = at + head;
        if (at[1] & 128)
            for (size_t i = 0; i < length; i++) body[i] ^= mask[i & 3];
        if ((at[0] & 15) == 9) put_frame(10, (char *)body, length);
        in.start += head + length;
        if ((at[0] & 15) == 8) return hang_up();
    }
}

static void read_peer(void) {
    reserve(&in, 65536);
    ssize_t n = recv(peer, in.data + in.end, 65535, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return hang_up();
    in.end += n;
    if (greeted) {
        read_frames();
    } else {
        in.data[in.end] = 0;
        char *request = in.data + in.start, *end = strstr(request, "\r\n\r\n");
        if (end) {
            in.start = end + 4 - in.data;
            greet(request);
        }
    }
    if (peer >= 0) gateway_flush();
}

void gateway_event(int fd, uint32_t ready) {
    if (fd == listener) {
        int fresh = accept(listener, NULL, NULL);
        if (fresh < 0) return;
        if (peer >= 0) hang_up();
        peer = fresh;
        watching_out = 0;
        unblock(peer);
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, peer,
                  &(struct epoll_event){.events = EPOLLIN, .data.fd = peer});
        return;
    }
    if (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_peer();
    if (peer >= 0 && ready & EPOLLOUT) gateway_flush();
}

void gateway_flush(void) {
    if (peer < 0) return;
    if (flush(peer, &out)) return hang_up();
    int wanted = pending(&out) > 0;
    if (wanted == watching_out) return;
    watching_out = wanted;
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, peer,
              &(struct epoll_event){.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.fd = peer});
}

void gateway_emit(int64_t seq, int size) {
    static char filler[8001]; /* 4,000 quotes, two bytes each in JSON: as much as Palais keeps */
    int agent = seq % agents, some = size / 4 < 4000 ? size / 4 * 2 : 8000;
    if (!greeted) return; /* a gateway that nobody listens to: the event is lost */
    if (size == 0) {
        put_text("{\"type\":\"agent.status\",\"agentId\":\"bench-%03d\",\"status\":\"busy\","
                 "\"task\":\"@%lld:%lld@\"}",
                 agent, (long long)seq, (long long)now_ns());
        return;
    }
    for (int i = 0; !filler[i] && i < 8000; i += 2) memcpy(filler + i, "\\\"", 2);
    put_text("{\"type\":\"span.completed\",\"agentId\":\"bench-%03d\",\"span\":{\"id\":\"s%lld\","
             "\"type\":\"tool_call\",\"name\":\"@%lld:%lld@\",\"input\":\"%.*s\",\"output\":\"%.*s\"}}",
             agent, (long long)seq, (long long)seq, (long long)now_ns(), some, filler, some, filler);
}

void gateway_runs(const char *type) {
    static int number; /* an ended session does not begin again */
    number += !strcmp(type, "session.started");
    for (int i = 0; greeted && i < agents; i++)
        put_text("{\"type\":\"%s\",\"agentId\":\"bench-%03d\",\"sessionId\":\"run-%d-%d-%d\"}",
                 type, i, getpid(), number, i);
    gateway_flush();
}
