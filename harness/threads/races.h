/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ThreadSanitizer has reported since the program began. */
#ifndef HARNESS_THREADS_RACES_H
#define HARNESS_THREADS_RACES_H

#include <stddef.h>

unsigned int races_seen(void);

/* Number @race, counted from 0, in words: who does what, where in
 * hypervisor/. */
void race_text(unsigned int race, char *text, size_t size);

/* Reports themselves go there from now on, with the process's number behind
 * the name. */
void races_to(const char *path);

#endif /* HARNESS_THREADS_RACES_H */
