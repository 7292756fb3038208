// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_smmu.h>

#include <rtl/rtl_smmu_pins.hpp>
#include <rtl/rtl_unit.hpp>

#include "Vsmmu_16x2.h"
#include "Vsmmu_2048x4.h"
#include "Vsmmu_64x4.h"

#include <new>

struct rtl_smmu : rtl_unit {
    virtual void reset(const rtl_smmu_config &config) = 0;
    virtual void translate(const rtl_smmu_request &request,
                           rtl_smmu_response &response) = 0;
    virtual bool invalidate(const rtl_smmu_command &command,
                            uint64_t *cycles) = 0;
    virtual void submit(const rtl_smmu_command &command) = 0;
};

namespace
{

template <class Top> class Smmu : public RtlUnit<Top, rtl_smmu>
{
    using Base = RtlUnit<Top, rtl_smmu>;
    using Base::handshake;
    using Base::top;

  public:
    Smmu(const rtl_smmu_config &config, const rtl_memory &memory)
        : Base(memory)
    {
        reset(config);
    }

    void reset(const rtl_smmu_config &config) final
    {
        put_pins(top, config);
        handshake.reset();
    }

    void translate(const rtl_smmu_request &request,
                   rtl_smmu_response &response) final
    {
        put_pins(top, request);
        response.cycles = handshake.request();
        get_pins(top, response);
        handshake.finish();
    }

    bool invalidate(const rtl_smmu_command &command, uint64_t *cycles) final
    {
        bool legal;

        put(command);
        top.eval();
        legal = !top.inv_illegal;
        handshake.submit();
        *cycles = handshake.finish();
        return legal;
    }

    void submit(const rtl_smmu_command &command) final
    {
        put(command);
        handshake.submit();
    }

  private:
    void put(const rtl_smmu_command &command)
    {
        for ( unsigned int i = 0; i < 4; i++ )
            top.inv_command[i] = static_cast<uint32_t>(command.word[i / 2] >>
                                                       i % 2 * 32);
    }
};

template <class Top>
rtl_smmu *create(const rtl_smmu_config &config, const rtl_memory &memory)
{
    return new (std::nothrow) Smmu<Top>(config, memory);
}

} // namespace

struct rtl_smmu *rtl_smmu_create(const struct rtl_smmu_config *config,
                                 const struct rtl_memory *memory)
{
    static decltype(&create<Vsmmu_64x4>) const creators[RTL_SIZES] = {
        create<Vsmmu_16x2>,
        create<Vsmmu_64x4>,
        create<Vsmmu_2048x4>,
    };

    return creators[config->size](*config, *memory);
}

void rtl_smmu_destroy(struct rtl_smmu *smmu)
{
    delete smmu;
}

void rtl_smmu_reset(struct rtl_smmu *smmu,
                    const struct rtl_smmu_config *config)
{
    smmu->reset(*config);
}

void rtl_smmu_translate(struct rtl_smmu *smmu,
                        const struct rtl_smmu_request *request,
                        struct rtl_smmu_response *response)
{
    smmu->translate(*request, *response);
}

bool rtl_smmu_invalidate(struct rtl_smmu *smmu,
                         const struct rtl_smmu_command *command,
                         uint64_t *cycles)
{
    return smmu->invalidate(*command, cycles);
}

void rtl_smmu_submit(struct rtl_smmu *smmu,
                     const struct rtl_smmu_command *command)
{
    smmu->submit(*command);
}

struct rtl_unit *rtl_smmu_unit(struct rtl_smmu *smmu)
{
    return smmu;
}
