// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_vtd.h>

#include <rtl/rtl_unit.hpp>

#include "Vvtd_16x2.h"
#include "Vvtd_2048x4.h"
#include "Vvtd_64x4.h"

#include <new>

struct rtl_vtd : rtl_unit {
    virtual void reset(const rtl_vtd_config &config) = 0;
    virtual void translate(const rtl_vtd_request &request,
                           rtl_vtd_response &response) = 0;
    virtual uint64_t invalidate(const rtl_vtd_invalidation &command) = 0;
    virtual void submit(const rtl_vtd_invalidation &command) = 0;
    virtual void begin(const rtl_vtd_request &request) = 0;
    virtual void answer(rtl_vtd_response &response) const = 0;
};

namespace
{

template <class Top> class Vtd : public RtlUnit<Top, rtl_vtd>
{
    using Base = RtlUnit<Top, rtl_vtd>;
    using Base::handshake;
    using Base::top;

  public:
    Vtd(const rtl_vtd_config &config, const rtl_memory &memory) : Base(memory)
    {
        reset(config);
    }

    void reset(const rtl_vtd_config &config) final
    {
        top.cap_haw = config.haw;
        top.cap_mgaw = config.mgaw;
        top.cap_sllps = config.sllps;
        top.cap_sc = config.sc;
        top.cap_cm = config.cm;
        handshake.reset();
    }

    void translate(const rtl_vtd_request &request,
                   rtl_vtd_response &response) final
    {
        put(request);
        const uint64_t cycles = handshake.request();
        answer(response);
        response.cycles = cycles;
        handshake.finish();
    }

    void begin(const rtl_vtd_request &request) final
    {
        put(request);
        handshake.begin_request();
    }

    void answer(rtl_vtd_response &response) const final
    {
        response.cycles = handshake.clocked.cycles - handshake.began;
        response.fault = top.rsp_fault;
        response.hit = top.rsp_hit;
        response.address = top.rsp_address;
        response.size = top.rsp_size;
        response.read = top.rsp_right_read;
        response.write = top.rsp_right_write;
    }

    uint64_t invalidate(const rtl_vtd_invalidation &command) final
    {
        submit(command);
        return handshake.finish();
    }

    void submit(const rtl_vtd_invalidation &command) final
    {
        top.inv_g = command.g;
        top.inv_did = command.did;
        top.inv_address = command.address;
        top.inv_am = command.am;
        handshake.submit();
    }

  private:
    void put(const rtl_vtd_request &request)
    {
        top.req_did = request.did;
        top.req_slptptr = request.slptptr >> 12 & 0xffffffffff;
        top.req_aw48 = request.aw48;
        top.req_address = request.address;
        top.req_read = request.read;
        top.req_write = request.write;
        top.req_any = request.any;
    }
};

template <class Top>
rtl_vtd *create(const rtl_vtd_config &config, const rtl_memory &memory)
{
    return new (std::nothrow) Vtd<Top>(config, memory);
}

} // namespace

struct rtl_vtd *rtl_vtd_create(const struct rtl_vtd_config *config,
                               const struct rtl_memory *memory)
{
    static decltype(&create<Vvtd_64x4>) const creators[RTL_SIZES] = {
        create<Vvtd_16x2>,
        create<Vvtd_64x4>,
        create<Vvtd_2048x4>,
    };

    return creators[config->size](*config, *memory);
}

void rtl_vtd_destroy(struct rtl_vtd *vtd)
{
    delete vtd;
}

void rtl_vtd_reset(struct rtl_vtd *vtd, const struct rtl_vtd_config *config)
{
    vtd->reset(*config);
}

void rtl_vtd_translate(struct rtl_vtd *vtd,
                       const struct rtl_vtd_request *request,
                       struct rtl_vtd_response *response)
{
    vtd->translate(*request, *response);
}

uint64_t rtl_vtd_invalidate(struct rtl_vtd *vtd,
                            const struct rtl_vtd_invalidation *command)
{
    return vtd->invalidate(*command);
}

void rtl_vtd_submit(struct rtl_vtd *vtd,
                    const struct rtl_vtd_invalidation *command)
{
    vtd->submit(*command);
}

struct rtl_unit *rtl_vtd_unit(struct rtl_vtd *vtd)
{
    return vtd;
}

void rtl_vtd_begin(struct rtl_vtd *vtd, const struct rtl_vtd_request *request)
{
    vtd->begin(*request);
}

void rtl_vtd_answer(struct rtl_vtd *vtd, struct rtl_vtd_response *response)
{
    vtd->answer(*response);
}
