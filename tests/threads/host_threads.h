/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h for threads: every call goes to the fake host of tests/hypervisor
 * under a lock that ThreadSanitizer does not see, because this side is not
 * instrumented.  What it does see is host_lock, and that host_work_cancel
 * returns after the work has run: nothing else orders two threads.
 */
#ifndef HOST_THREADS_H
#define HOST_THREADS_H

#include "fake_host.h"

/* Around whatever a thread does with the host beside host.h. */
void hidden_begin(void);
void hidden_end(void);

/* Wait a little, without any order to others. */
void hidden_pause(void);

/* An entry into the code under test begins: its budget is new. */
void threads_entry(void);

/* Take one item of deferred work and run it; false: there is none that does
 * not run already. */
bool threads_work(struct host *host);

#endif /* HOST_THREADS_H */
