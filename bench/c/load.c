/* The load: a gateway that sends events, and the viewers that ought to get them, in one process,
 * so that one clock stamps both ends and the window is known at once.
 *
 *     load AGENTS            prints {"port": …}, then obeys lines on stdin, one JSON line each:
 *     peer                   whether a server has connected to the gateway
 *     view PORT PATH KEY COUNT DEAF   open streams; answers when all have begun; DEAF ones never read
 *     send EVENTS RATE WINDOW SIZE QUIET_MS LIMIT_MS SWEEP_MS
 *             RATE 0: as fast as the window allows. SWEEP_MS above 0: one viewer in 32 is read at
 *             once and clocked, the others every so many milliseconds, for their count and order
 *     close                  end all streams
 *     quit
 */
#include "gateway.h"
#include "viewers.h"

#define BACKLOG 262144

static int epoll_fd;
static int64_t sequence; /* the next one to be sent, over all runs */

static void turn(int timeout_ms) {
    static struct epoll_event ready[1024];
    int n = epoll_wait(epoll_fd, ready, 1024, timeout_ms);
    for (int i = 0; i < n; i++) {
        int fd = ready[i].data.fd;
        if (gateway_owns(fd)) gateway_event(fd, ready[i].events);
        else if (fd) viewers_event(fd);
    }
}

static void view(const char *line) {
    char path[200], key[100];
    int port, wanted, deaf;
    if (sscanf(line, "view %d %199s %99s %d %d", &port, path, key, &wanted, &deaf) != 5) die("view");
    int before = viewers_ready(), gone = viewers_closed();
    int64_t give_up = now_ns() + 30000000000LL;
    for (int opened = 0; opened < wanted;) { /* in portions: a listen backlog is short */
        int portion = wanted - opened < 100 ? wanted - opened : 100;
        viewers_open(epoll_fd, port, path, key, portion, deaf);
        opened += portion;
        while (!deaf && viewers_ready() < before + opened && viewers_closed() == gone &&
               now_ns() < give_up)
            turn(20);
    }
    printf("{\"ready\": %d, \"closed\": %d}\n", viewers_ready() - before, viewers_closed() - gone);
}

typedef struct {
    double rate;
    int64_t events, window, quiet_ns, limit_ns;
    int size, sweep_ms;
} Plan;

/* Send what is due; give the milliseconds until more is. */
static int produce(const Plan *plan, int64_t start, int64_t *sent) {
    while (*sent < plan->events && *sent - tally.acked < plan->window) {
        if (plan->rate > 0) {
            int64_t wait = start + (int64_t)(*sent * 1e9 / plan->rate) - now_ns();
            if (wait > 0) return gateway_flush(), (int)(wait / 1000000) + 1;
        } else if (gateway_backlog() > BACKLOG) {
            break;
        }
        gateway_emit(sequence++, plan->size);
        ++*sent;
    }
    gateway_flush();
    return 20;
}

static void report(int64_t sent, int64_t start, double cpu) {
    int64_t due = sent * viewers_count();
    double seconds = ((tally.last_ns ? tally.last_ns : now_ns()) - start) / 1e9;
    printf("{\"events\": %lld, \"viewers\": %d, \"delivered\": %lld, \"lost\": %lld, "
           "\"duplicates\": %lld, \"disorder\": %lld, \"stray\": %lld, \"closed\": %d, "
           "\"seconds\": %.6f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, "
           "\"bytes\": %lld, \"load_cpu\": %.3f}\n",
           (long long)sent, viewers_count(), (long long)tally.delivered,
           (long long)(due - tally.delivered), (long long)tally.duplicates,
           (long long)tally.disorder, (long long)tally.stray, viewers_closed(), seconds,
           tally_percentile(0.5), tally_percentile(0.99), tally.worst_ns / 1e6,
           (long long)tally.bytes, cpu_seconds() - cpu);
}

static void send_events(const char *line) {
    Plan plan;
    long long events, window, quiet, limit;
    if (sscanf(line, "send %lld %lf %lld %d %lld %lld %d", &events, &plan.rate, &window,
               &plan.size, &quiet, &limit, &plan.sweep_ms) != 7)
        die("send");
    plan.events = events, plan.window = window;
    plan.quiet_ns = quiet * 1000000, plan.limit_ns = limit * 1000000;
    tally_begin(sequence, events);
    if (plan.size) gateway_runs("session.started");
    if (plan.sweep_ms) viewers_lazy(epoll_fd, 1);
    double cpu = cpu_seconds();
    int64_t start = now_ns(), sent = 0, swept = 0;
    for (;;) {
        int wait = produce(&plan, start, &sent);
        if (tally.acked == events) break;
        if (!viewers_count() && sent == events && !gateway_backlog()) break;
        turn(plan.sweep_ms && wait > 4 ? 4 : wait);
        int64_t now = now_ns(), heard = tally.last_ns ? tally.last_ns : start;
        if (plan.sweep_ms) {
            int64_t due = (now - start) * viewers_count() / (plan.sweep_ms * 1000000LL) - swept;
            /* At a rate a few at a time, for a long sweep would make the clocked ones late; at the
             * maximum all of them, for who is read too seldom holds up the window. */
            viewers_sweep(plan.rate > 0 && due > 50 ? 50 : due);
            swept += due;
        }
        if (now - start > plan.limit_ns) break;
        /* Everything was sent, or the window is full for good: what has not come will not. */
        if ((sent == events || sent - tally.acked >= plan.window) && now - heard > plan.quiet_ns) break;
        if (viewers_count() && viewers_closed() == viewers_count()) break;
    }
    report(sent, start, cpu);
    if (plan.sweep_ms) viewers_lazy(epoll_fd, 0);
    if (plan.size) gateway_runs("session.completed");
}

static int obey(const char *line) {
    if (!strncmp(line, "view ", 5)) view(line);
    else if (!strncmp(line, "send ", 5)) send_events(line);
    else if (!strncmp(line, "peer", 4)) printf("{\"peer\": %d}\n", gateway_peer());
    else if (!strncmp(line, "close", 5)) viewers_close(), printf("{}\n");
    else return 0;
    fflush(stdout);
    return 1;
}

/* Read commands; give 0 when there will be no more. */
static int commands(void) {
    static char text[4096];
    static size_t length;
    ssize_t n = read(0, text + length, sizeof text - 1 - length);
    if (n <= 0) return 0;
    length += n;
    text[length] = 0;
    for (char *end; (end = strchr(text, '\n'));) {
        *end = 0;
        if (!obey(text)) return 0;
        length -= end + 1 - text;
        memmove(text, end + 1, length + 1);
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: load AGENTS\n"), 2;
    raise_limit();
    epoll_fd = epoll_create1(0);
    gateway_open(epoll_fd, atoi(argv[1]));
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &(struct epoll_event){.events = EPOLLIN, .data.fd = 0});
    printf("{\"port\": %d}\n", gateway_port());
    fflush(stdout);
    struct epoll_event ready;
    for (;;) {
        int n = epoll_wait(epoll_fd, &ready, 1, 100);
        if (n < 1) continue;
        int fd = ready.data.fd;
        if (fd == 0 && !commands()) return 0;
        if (fd && gateway_owns(fd)) gateway_event(fd, ready.events);
        else if (fd) viewers_event(fd);
    }
}
