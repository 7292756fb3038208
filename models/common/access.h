/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access of a device to memory, once its address is translated.
 */
#ifndef MODELS_COMMON_ACCESS_H
#define MODELS_COMMON_ACCESS_H

#include <common/port.h>
#include <common/request.h>

/* What the models' interface does not carry, and why; NULL: fine. */
const char *access_malformed(const struct request *request);

/*
 * Read, write or fetch-and-add request->size bytes at @address; @data as in
 * the models' interface.  False: the bus refused.
 */
bool access_memory(const struct port *port, const struct request *request,
                   uint64_t address, void *data);

#endif /* MODELS_COMMON_ACCESS_H */
