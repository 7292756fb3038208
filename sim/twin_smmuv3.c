/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/twin_smmuv3.h>

struct rtl_smmu_config twin_smmuv3_config(const struct smmuv3 *smmu)
{
    return (struct rtl_smmu_config) {
        .size = RTL_2048X4,
        .idr0 = smmu->config.idr[0],
        .idr1 = smmu->config.idr[1],
        .idr3 = smmu->config.idr[3],
        .idr5 = smmu->config.idr[5],
        .e2h = reg32(smmu, SMMU_CR2) & CR2_E2H,
    };
}

/* A prefetch needs no right. */
struct rtl_smmu_request twin_smmuv3_request(const struct walk *walk)
{
    const struct request *request = walk->request;
    struct rtl_smmu_request wanted = {
        .address = request->address,
        .read = !walk->silent && request->access != REQUEST_WRITE,
        .write = !walk->silent && request->access != REQUEST_READ,
        .privileged = request->privileged,
        .execute = !walk->silent && request->execute,
    };

    for ( unsigned int i = 0; i < 4; i++ )
        wanted.ste[i] = walk->ste.word[i];
    for ( unsigned int i = 0; walk->stage1 && i < 3; i++ )
        wanted.cd[i] = walk->cd.word[i];
    return wanted;
}

bool twin_smmuv3_command(const uint64_t command[2])
{
    unsigned int opcode = COMMAND_OPCODE(command[0]);

    return opcode >= CMD_TLBI_NH_ALL && opcode <= CMD_TLBI_NSNH_ALL;
}

bool twin_smmuv3_same(const struct walk *walk, const struct response *response,
                      const struct rtl_smmu_response *answer)
{
    static const uint64_t mask[4] = { 0xfff, 0x1fffff, 0x3fffffff, 0 };

    if ( answer->fault != response->reason )
        return false;
    if ( response->reason )
        return answer->s2 == walk->fault.s2 &&
               answer->fault_class == walk->fault.class;
    return answer->address == response->address &&
           mask[answer->size & 3] == response->mask &&
           answer->rights == response->rights;
}
