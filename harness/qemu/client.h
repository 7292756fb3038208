/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU process and the qtest protocol, over which it is a bare machine: its
 * memory and I/O ports are read and written from outside, no guest runs.
 *
 * Requests are collected and sent together: a value that was asked for is
 * there after the next client_sync().  QEMU may die of what it is asked to do;
 * then every further request is ignored, and client_sync() says so.
 */
#ifndef HARNESS_QEMU_CLIENT_H
#define HARNESS_QEMU_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define CLIENT_MAX_PENDING 256
#define CLIENT_BUFFER      32768
#define CLIENT_LINE        1024
#define CLIENT_DIAGNOSIS   512

/* How wide a memory or port access is. */
enum client_width { WIDTH_1, WIDTH_2, WIDTH_4, WIDTH_8 };

struct client {
    pid_t pid; /* 0: none runs */
    int qtest; /* both directions */
    int trace; /* QEMU's stderr */
    bool dead;

    char out[CLIENT_BUFFER]; /* requests not sent yet */
    size_t out_length;
    uint64_t *answer[CLIENT_MAX_PENDING]; /* where each goes, may be NULL */
    unsigned int pending;

    char in[CLIENT_BUFFER]; /* answers; those before in_start are done */
    size_t in_start, in_length;
    char line[CLIENT_LINE]; /* of the trace, incomplete */
    size_t line_length;
    char diagnosis[CLIENT_DIAGNOSIS]; /* the last lines it wrote on stderr */

    /* Requests are written here as well; NULL: they are not. */
    FILE *record;

    /* A line on its stderr; false: it says why QEMU died, perhaps.  May be
     * NULL. */
    bool (*on_trace)(void *context, const char *line);
    /* "IRQ raise N" of an intercepted line; may be NULL. */
    void (*on_irq)(void *context, unsigned int number, bool raised);
    void *context;
};

/* @argv: the program and its arguments, NULL at the end; @inherit: file
 * descriptors that it keeps, -1: none.  False: errno. */
#define CLIENT_INHERIT 3
bool client_start(struct client *client, char *const argv[],
                  const int inherit[CLIENT_INHERIT]);

/* End the process, if it lives, and wait for it. */
void client_stop(struct client *client);

void client_write(struct client *client, enum client_width width,
                  uint64_t address, uint64_t value);
void client_read(struct client *client, enum client_width width,
                 uint64_t address, uint64_t *value);
void client_out(struct client *client, enum client_width width, uint16_t port,
                uint32_t value);
void client_fill(struct client *client, uint64_t address, size_t size,
                 uint8_t value);
void client_intercept_in(struct client *client, const char *device);

/* A word in the record, no request: whoever replays it sees it refused. */
void client_remark(struct client *client, const char *word, size_t number);

/* Send what is pending and wait for its answers; false: QEMU has died. */
bool client_sync(struct client *client);

/* It does not do what it must: from here on it is as good as dead. */
void client_give_up(struct client *client, const char *why);

#endif /* HARNESS_QEMU_CLIENT_H */
