/* The gateway's side: a WebSocket server for one peer that speaks the flat dialect. */
#pragma once
#include "common.h"

void gateway_open(int epoll, int agents);      /* listens */
int gateway_port(void);
int gateway_owns(int fd);                      /* whether an epoll event is the gateway's */
void gateway_event(int fd, uint32_t ready);    /* accepts, shakes hands, reads, writes */
int gateway_peer(void);                        /* whether a peer has shaken hands */
size_t gateway_backlog(void);                  /* bytes that the peer has not taken yet */
/* An agent.status, or with size > 0 a span.completed of about that many bytes. Stamped now. */
void gateway_emit(int64_t seq, int size);
void gateway_runs(const char *type);           /* session.started or .completed for all agents */
void gateway_flush(void);
