/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without the RTL. */
#include <sim/beside.h>

#include <string.h>

bool beside_built(void)
{
    return false;
}

void beside_begin(struct timing *timing)
{
    (void)timing;
}

void beside_end(void)
{
}

const struct port *beside_port(struct platform *platform, unsigned int unit,
                               const struct port *port)
{
    (void)platform;
    (void)unit;
    return port;
}

bool beside_waves(const char *file)
{
    (void)file;
    return false;
}

void beside_result(struct sim_rtl *result)
{
    memset(result, 0, sizeof(*result));
}
