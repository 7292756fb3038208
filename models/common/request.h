/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request of a device to an IOMMU, and what became of it.  One struct for
 * every architecture.
 */
#ifndef MODELS_COMMON_REQUEST_H
#define MODELS_COMMON_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#define REQUEST_NO_PASID UINT32_MAX

/* The PCIe Address Type field. */
enum request_type {
    REQUEST_UNTRANSLATED,
    REQUEST_TRANSLATION, /* ATS translation request */
    REQUEST_TRANSLATED,
};

enum request_access { REQUEST_READ, REQUEST_WRITE, REQUEST_ATOMIC };

struct request {
    uint32_t unit;   /* which unit of the machine */
    uint32_t source; /* VT-d source-id, SMMUv3 StreamID */
    uint32_t pasid;  /* VT-d PASID, SMMUv3 SubstreamID, or none */
    enum request_type type;
    enum request_access access;
    bool privileged;
    bool execute;
    uint64_t address;
    uint32_t size; /* bytes; 0: a zero-length read.  Never crosses
                    * a 4 KiB boundary */
};

enum response_status {
    RESPONSE_OK,
    RESPONSE_ABORT, /* UR or CA to the device */
    RESPONSE_STALL, /* will be answered later */
};

/* Rights of a translation. */
#define RIGHT_READ    0x1u
#define RIGHT_WRITE   0x2u
#define RIGHT_EXECUTE 0x4u

/* Those that an access of data asks for. */
static inline uint32_t request_needs(enum request_access access)
{
    static const uint32_t needs[] = {
        [REQUEST_READ] = RIGHT_READ,
        [REQUEST_WRITE] = RIGHT_WRITE,
        [REQUEST_ATOMIC] = RIGHT_READ | RIGHT_WRITE,
    };

    return needs[access];
}

struct response {
    enum response_status status;
    uint64_t address;      /* OK: translated */
    uint64_t mask;         /* OK: offset bits of the page used, 0xfff... */
    uint32_t rights;       /* OK: of the translation, RIGHT_* */
    uint32_t reason;       /* ABORT: the architecture's number, 0: none
                            * (the memory itself refused the access) */
    const char *condition; /* ABORT: the specification's name ("LCT.4.1"),
                            * for people */
    bool hit;              /* answered by a translation cache */
};

#endif /* MODELS_COMMON_REQUEST_H */
