/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of the models, for C++. */
#ifndef MODELS_COMMON_C_MODELS_HPP
#define MODELS_COMMON_C_MODELS_HPP

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wc99-designator"
extern "C" {
#include <common/port.h>
#include <common/request.h>
#include <smmuv3/smmuv3.h>
#include <vtd/vtd.h>
}
#pragma GCC diagnostic pop

#endif /* MODELS_COMMON_C_MODELS_HPP */
