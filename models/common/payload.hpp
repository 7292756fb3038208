/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a generic payload carries beside address and data: both extensions are
 * ignorable, and belong to whoever has made the payload.
 */
#ifndef MODELS_COMMON_PAYLOAD_HPP
#define MODELS_COMMON_PAYLOAD_HPP

#include <common/c_models.hpp>

#include <tlm.h>

namespace umbra
{

/* A request of a device on its way to an IOMMU, and the answer. */
struct dma_extension : tlm::tlm_extension<dma_extension> {
    struct request request = {};
    struct response response = {};

    tlm::tlm_extension_base *clone() const override
    {
        return new dma_extension(*this);
    }

    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const dma_extension &>(other);
    }
};

/*
 * An access to memory: the largest pieces that are single-copy atomic, and the
 * contents that are meant.  Whose memory an address is in depends on who asks:
 * a bare-metal unit sees its domain's, another one the host's.
 */
struct memory_extension : tlm::tlm_extension<memory_extension> {
    const struct port *contents = nullptr; /* null: the memory's own */
    unsigned int atom = 1;

    tlm::tlm_extension_base *clone() const override
    {
        return new memory_extension(*this);
    }

    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const memory_extension &>(other);
    }
};

/* A payload with its extension, to be used again and again. */
template <class extension> struct message {
    tlm::tlm_generic_payload payload;
    extension more;

    message()
    {
        payload.set_extension(&more);
    }

    ~message()
    {
        payload.clear_extension(&more);
    }

    message(const message &) = delete;
    message &operator=(const message &) = delete;

    void set(tlm::tlm_command command, uint64_t address, void *data,
             unsigned int length)
    {
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(static_cast<unsigned char *>(data));
        payload.set_data_length(length);
        payload.set_streaming_width(length);
        payload.set_byte_enable_ptr(nullptr);
        payload.set_dmi_allowed(false);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    }
};

} // namespace umbra

#endif /* MODELS_COMMON_PAYLOAD_HPP */
