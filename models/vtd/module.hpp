/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODELS_VTD_MODULE_HPP
#define MODELS_VTD_MODULE_HPP

#include <common/iommu.hpp>

namespace umbra
{

class vtd_module : public iommu
{
  public:
    using iommu::iommu;

    /* Before the first transaction.  The model must have unit_port(). */
    void set_model(struct vtd *model)
    {
        unit = model;
    }

  protected:
    void access(const struct request *request, void *data,
                struct response *response) override;
    uint64_t mmio_read(uint32_t offset, unsigned int size) override;
    void mmio_write(uint32_t offset, unsigned int size,
                    uint64_t value) override;

  private:
    struct vtd *unit = nullptr;
};

} // namespace umbra

#endif /* MODELS_VTD_MODULE_HPP */
