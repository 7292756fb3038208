/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's rules of VT-d in legacy mode.
 *
 * oracle_config: id = { CAP, ECAP, VER }, haw = HAW.
 */
#ifndef HARNESS_ORACLE_VTD_VTD_H
#define HARNESS_ORACLE_VTD_VTD_H

#include <oracle/oracle.h>

/* options: faults are collapsed (7.2.1); interrupt remapping is taken, not
 * done, as in a replay. */
#define ORACLE_VTD_COLLAPSES_FAULTS 1u
#define ORACLE_VTD_REPLAY           2u

extern const struct oracle_arch oracle_vtd;

#endif /* HARNESS_ORACLE_VTD_VTD_H */
