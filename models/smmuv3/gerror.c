/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Global errors (7.5): active while a bit of GERROR differs from that of
 * GERRORN.
 */
#include "cover.h"

bool smmu_gerror_active(const struct smmuv3 *smmu, uint32_t error)
{
    return (reg32(smmu, SMMU_GERROR) ^ reg32(smmu, SMMU_GERRORN)) & error;
}

void smmu_gerror_activate(struct smmuv3 *smmu, uint32_t error)
{
    COVER("smmuv3.gerror.%s.%s", error == GERROR_CMDQ_ERR ? "cmdq" : "eventq",
          smmu_gerror_active(smmu, error) ? "still-active" : "new");
    if ( smmu_gerror_active(smmu, error) )
        return;
    set_reg32(smmu, SMMU_GERROR, reg32(smmu, SMMU_GERROR) ^ error);
    if ( reg32(smmu, SMMU_IRQ_CTRL) & IRQ_CTRL_GERROR )
        port_wire(&smmu->port, smmu->config.wires.gerror, false);
}
