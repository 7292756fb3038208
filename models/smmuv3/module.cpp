/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <smmuv3/module.hpp>

namespace umbra
{

void smmuv3_module::access(const struct request *request, void *data,
                           struct response *response)
{
    smmuv3_access(unit, request, device_port(), data, response);
}

uint64_t smmuv3_module::mmio_read(uint32_t offset, unsigned int size)
{
    return smmuv3_mmio_read(unit, offset, size);
}

void smmuv3_module::mmio_write(uint32_t offset, unsigned int size,
                               uint64_t value)
{
    smmuv3_mmio_write(unit, offset, size, value);
}

} // namespace umbra
