/* The viewers' side: SSE streams over HTTP/1.1, read as cheaply as can be. */
#pragma once
#include "common.h"

typedef struct Viewer Viewer;

/* What a run counts. Sequence numbers go from base to base + events - 1. */
typedef struct {
    int64_t base, events, acked;        /* acked: all viewers have every event before base + acked */
    uint32_t *seen;                     /* how many viewers have it, by event */
    int64_t delivered, clocked, duplicates, disorder, stray, bytes;
    int64_t first_ns, last_ns, worst_ns;
    uint64_t histogram[64 * 64];
} Tally;

extern Tally tally;

void viewers_open(int epoll, int port, const char *path, const char *key, int count, int deaf);
void viewers_event(int fd);                /* reads what has come */
int viewers_ready(void);                   /* viewers whose stream has begun */
int viewers_count(void);                   /* those that ought to get everything, open or not */
int viewers_closed(void);                  /* those whose stream ended or was refused */
void viewers_close(void);
/* Take all but every 32nd viewer out of epoll, and back: those are read by viewers_sweep alone. */
void viewers_lazy(int epoll, int lazy);
void viewers_sweep(int share);             /* read the next so many of the lazy ones */
void tally_begin(int64_t base, int64_t events);
double tally_percentile(double share);     /* milliseconds */
