// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_vtd.h>

#include <rtl/rtl_unit.hpp>
#include <rtl/rtl_vtd_pins.hpp>

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
        put_pins(top, config);
        handshake.reset();
    }

    void translate(const rtl_vtd_request &request,
                   rtl_vtd_response &response) final
    {
        put_pins(top, request);
        response.cycles = handshake.request();
        get_pins(top, response);
        handshake.finish();
    }

    uint64_t invalidate(const rtl_vtd_invalidation &command) final
    {
        submit(command);
        return handshake.finish();
    }

    void submit(const rtl_vtd_invalidation &command) final
    {
        put_pins(top, command);
        handshake.submit();
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
