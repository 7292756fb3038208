/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <vtd/module.hpp>

namespace umbra
{

void vtd_module::access(const struct request *request, void *data,
                        struct response *response)
{
    vtd_access(unit, request, device_port(), data, response);
}

uint64_t vtd_module::mmio_read(uint32_t offset, unsigned int size)
{
    return vtd_mmio_read(unit, offset, size);
}

void vtd_module::mmio_write(uint32_t offset, unsigned int size, uint64_t value)
{
    vtd_mmio_write(unit, offset, size, value);
}

} // namespace umbra
