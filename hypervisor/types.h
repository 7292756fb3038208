/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Basic types of the code under test, as in Xen: address and frame-number
 * types that the compiler keeps apart, and the few helpers that Xen's own
 * headers would provide.  Freestanding: needs the compiler's headers only.
 */
#ifndef HYPERVISOR_TYPES_H
#define HYPERVISOR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT)

/* Byte address: guest-physical, DMA or host-physical, as the name says. */
typedef uint64_t paddr_t;
typedef uint16_t domid_t;

#define DOMID_INVALID ((domid_t)0x7ff4)

#define TYPE_SAFE(type, name)                                                 \
    typedef struct {                                                          \
        type name;                                                            \
    } name##_t;                                                               \
    static inline name##_t _##name(type v)                                    \
    {                                                                         \
        return (name##_t) { v };                                              \
    }                                                                         \
    static inline type name##_x(name##_t v)                                   \
    {                                                                         \
        return v.name;                                                        \
    }                                                                         \
    static inline bool name##_eq(name##_t a, name##_t b)                      \
    {                                                                         \
        return a.name == b.name;                                              \
    }                                                                         \
    static inline name##_t name##_add(name##_t v, type by)                    \
    {                                                                         \
        return (name##_t) { v.name + by };                                    \
    }

TYPE_SAFE(uint64_t, gfn) /* guest-physical page number */
TYPE_SAFE(uint64_t, mfn) /* host-physical page number */
TYPE_SAFE(uint64_t, dfn) /* page number of a device address (IOVA) */

#define INVALID_MFN _mfn(~UINT64_C(0))
#define INVALID_GFN _gfn(~UINT64_C(0))

static inline paddr_t gfn_to_gaddr(gfn_t gfn)
{
    return gfn_x(gfn) << PAGE_SHIFT;
}

static inline gfn_t gaddr_to_gfn(paddr_t gaddr)
{
    return _gfn(gaddr >> PAGE_SHIFT);
}

static inline paddr_t mfn_to_maddr(mfn_t mfn)
{
    return mfn_x(mfn) << PAGE_SHIFT;
}

static inline mfn_t maddr_to_mfn(paddr_t maddr)
{
    return _mfn(maddr >> PAGE_SHIFT);
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member)                                       \
    ((type *)((char *)(ptr)-offsetof(type, member)))

/* What a freestanding compiler still expects from its environment. */
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif /* HYPERVISOR_TYPES_H */
