/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a target: whoever drives it, libFuzzer or a list of files. */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include <fuzz/judge.h>

#define SESSION_GROUPS 64

struct session_config {
    const char *target;
    const char *findings; /* directory; NULL: the first finding aborts */
    const char *status;   /* file; NULL: none */
};

struct session_group {
    char name[GROUP_LENGTH];
    uint64_t count, first; /* how often; after how many executions */
};

struct session {
    struct session_config config;
    const struct fuzz_target *target;
    struct judge judge;
    struct session_group group[SESSION_GROUPS];
    unsigned int groups;
    double shown; /* when the status was written */
};

/* False: no such target, and that was said. */
bool session_open(struct session *session,
                  const struct session_config *config);
void session_close(struct session *session);
bool session_is_text(const struct session *session);

void session_input(struct session *session, const uint8_t *data, size_t size);

/* Rewrite the status file. */
void session_status(const struct session *session);

/* An input that ends the process -> the shortest scenario that does. */
bool session_shrink_crash(struct session *session, const char *input,
                          const char *output);

#endif /* FUZZ_SESSION_H */
