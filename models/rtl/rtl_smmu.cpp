// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_smmu.h>

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
    virtual void begin(const rtl_smmu_request &request) = 0;
    virtual void answer(rtl_smmu_response &response) const = 0;
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
        top.idr_s2p = config.idr0 & 1;
        top.idr_hyp = config.idr0 >> 9 & 1;
        top.idr_attr_perms_ovr = config.idr1 >> 26 & 1;
        top.idr_had = config.idr3 >> 2 & 1;
        top.idr_xnx = config.idr3 >> 4 & 1;
        top.idr_ril = config.idr3 >> 10 & 1;
        top.idr_bbm = (config.idr3 >> 11 & 3) != 0;
        top.idr_oas = config.idr5 & 7;
        top.cr2_e2h = config.e2h;
        handshake.reset();
    }

    void translate(const rtl_smmu_request &request,
                   rtl_smmu_response &response) final
    {
        put(request);
        const uint64_t cycles = handshake.request();
        answer(response);
        response.cycles = cycles;
        handshake.finish();
    }

    void begin(const rtl_smmu_request &request) final
    {
        put(request);
        handshake.begin_request();
    }

    void answer(rtl_smmu_response &response) const final
    {
        response.cycles = handshake.clocked.cycles - handshake.began;
        response.fault = top.rsp_fault;
        response.fault_class = top.rsp_class;
        response.s2 = top.rsp_s2;
        response.fault_address = top.rsp_fault_address;
        response.privileged = top.rsp_privileged;
        response.execute = top.rsp_execute;
        response.hit = top.rsp_hit;
        response.address = top.rsp_address;
        response.size = top.rsp_size;
        response.rights = top.rsp_rights;
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
    void put(const rtl_smmu_request &request)
    {
        top.req_address = request.address;
        top.req_read = request.read;
        top.req_write = request.write;
        top.req_privileged = request.privileged;
        top.req_execute = request.execute;
        top.req_ste0 = request.ste[0];
        top.req_ste1 = request.ste[1];
        top.req_ste2 = request.ste[2];
        top.req_ste3 = request.ste[3];
        top.req_cd0 = request.cd[0];
        top.req_cd1 = request.cd[1];
        top.req_cd2 = request.cd[2];
    }

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

void rtl_smmu_begin(struct rtl_smmu *smmu,
                    const struct rtl_smmu_request *request)
{
    smmu->begin(*request);
}

void rtl_smmu_answer(struct rtl_smmu *smmu, struct rtl_smmu_response *response)
{
    smmu->answer(*response);
}
