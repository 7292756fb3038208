/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a completed invalidation removes: one row for each command,
 * granularity and class of cache.  What has no row stays.
 *
 * docs/ledger.md shows this table for readers.
 */
#include "internal.h"

enum extent {
    EXTENT_ALL,
    EXTENT_DID,
    EXTENT_SOURCE,          /* DID, and SID under FM */
    EXTENT_RANGE,           /* DID, and any part of the page touched */
    EXTENT_RANGE_UNLESS_IH, /* likewise, kept if IH = 1 */
    EXTENT_DEVICE_RANGE     /* SID, and any part of the page touched */
};

struct rule {
    enum command command;
    unsigned int granularity;
    enum cache_class class;
    enum extent extent;
    const char *citation;
};

/* clang-format off */
static const struct rule rules[] = {
    { COMMAND_CONTEXT, G_GLOBAL, CLASS_CONTEXT, EXTENT_ALL,
      "6.5.2.1 global context-cache invalidation" },
    { COMMAND_CONTEXT, G_DOMAIN, CLASS_CONTEXT, EXTENT_DID,
      "6.5.2.1 domain-selective: entries tagged with the DID" },
    { COMMAND_CONTEXT, G_SELECT, CLASS_CONTEXT, EXTENT_SOURCE,
      "6.5.2.1 device-selective: SID under FM, with the DID" },
    { COMMAND_IOTLB, G_GLOBAL, CLASS_PAGING, EXTENT_ALL,
      "6.5.2.3 global: IOTLB and paging-structure caches" },
    { COMMAND_IOTLB, G_GLOBAL, CLASS_IOTLB, EXTENT_ALL,
      "6.5.2.3 global: IOTLB and paging-structure caches" },
    { COMMAND_IOTLB, G_DOMAIN, CLASS_PAGING, EXTENT_DID,
      "6.5.2.3 domain-selective: all entries tagged with the DID" },
    { COMMAND_IOTLB, G_DOMAIN, CLASS_IOTLB, EXTENT_DID,
      "6.5.2.3 domain-selective: all entries tagged with the DID" },
    { COMMAND_IOTLB, G_SELECT, CLASS_PAGING, EXTENT_RANGE_UNLESS_IH,
      "6.5.2.3 page-selective: paging-structure entries unless IH" },
    { COMMAND_IOTLB, G_SELECT, CLASS_IOTLB, EXTENT_RANGE,
      "6.5.2.3 page-selective: every page that the range touches" },
    { COMMAND_DEVICE_TLB, G_SELECT, CLASS_DEVICE_TLB, EXTENT_DEVICE_RANGE,
      "6.5.2.5 device-TLB: what the device holds of the range" },
};
/* clang-format on */

static const struct rule *rule_find(enum command command,
                                    unsigned int granularity,
                                    enum cache_class class)
{
    for ( size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++ )
        if ( rules[i].command == command &&
             rules[i].granularity == granularity && rules[i].class == class )
            return &rules[i];
    return NULL;
}

/* 6.5.2.1: the low bits of the function number that FM leaves out. */
static uint16_t function_mask(unsigned int fm)
{
    static const uint16_t ignored[4] = { 0, 4, 6, 7 };

    return (uint16_t)~ignored[fm & 3];
}

bool vtd_rule_covers(const struct oracle *o, const struct logged *logged,
                     const void *what)
{
    const struct invalidation *inv = (const struct invalidation *)logged;
    const struct cached *cached = what;
    const struct rule *rule = rule_find(inv->command, inv->granularity,
                                        cached->class);

    (void)o;
    if ( !rule )
        return false;
    if ( rule->extent == EXTENT_ALL )
        return true;
    if ( rule->extent == EXTENT_DEVICE_RANGE )
        return inv->sid == cached->sid && inv->first <= cached->last &&
               inv->last >= cached->first;
    if ( inv->did != cached->did )
        return false;
    if ( rule->extent == EXTENT_DID )
        return true;
    if ( rule->extent == EXTENT_SOURCE )
        return !((inv->sid ^ cached->sid) & function_mask(inv->fm));
    if ( rule->extent == EXTENT_RANGE_UNLESS_IH && inv->ih )
        return false;
    return inv->first <= cached->last && inv->last >= cached->first;
}

bool vtd_rule_device_tlb(const struct logged *logged, uint32_t source,
                         uint64_t *first, uint64_t *last)
{
    const struct invalidation *inv = (const struct invalidation *)logged;

    *first = inv->first;
    *last = inv->last;
    return inv->command == COMMAND_DEVICE_TLB && inv->sid == source;
}

const char *vtd_rule_citation(const struct logged *logged)
{
    const struct invalidation *inv = (const struct invalidation *)logged;
    static const enum cache_class classes[] = {
        [COMMAND_CONTEXT] = CLASS_CONTEXT,
        [COMMAND_IOTLB] = CLASS_IOTLB,
        [COMMAND_DEVICE_TLB] = CLASS_DEVICE_TLB,
    };
    const struct rule *rule = rule_find(inv->command, inv->granularity,
                                        classes[inv->command]);

    return rule ? rule->citation : "reserved granularity";
}
