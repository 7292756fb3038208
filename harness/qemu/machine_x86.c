/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's q35 machine with an intel-iommu and four edu devices: two functions
 * of one slot, one in a slot of its own, one on another bus.
 */

#include <qemu/machine.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UNIT_BASE UINT64_C(0xfed90000)

/* PCI configuration mechanism #1, and the reset control register. */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u
#define RESET_CONTROL  0xcf9
#define RESET_FULL     0x06

#define FIRST_BAR UINT64_C(0xe0000000)

/* A register of the unit that a reset clears. */
#define WITNESS       (UNIT_BASE + 0x3c) /* FEDATA */
#define WITNESS_VALUE 0xa5
/* Until it is done, the pauses in microseconds. */
#define TURNS_WITHOUT_PAUSE 64
#define PAUSE               1000
#define PAUSES              10000

#define FIRMWARE_SIZE 0x10000
#define RESET_VECTOR  0xfff0

/* cli; hlt; and again, if something wakes it */
static void firmware(uint8_t *image)
{
    static const uint8_t code[] = { 0xfa, 0xf4, 0xeb, 0xfd };

    memcpy(image + RESET_VECTOR, code, sizeof(code));
}

/*
 * Without pit and hpet there is no periodic timer for virtual time to stop at.
 * The split irqchip is what interrupt remapping asks for.
 */
static const char *const arguments[] = {
    "-M",      "q35,kernel-irqchip=split,pit=off,hpet=off",
    "-m",      "72M",
    "-device", "intel-iommu,intremap=on,caching-mode=on,aw-bits=48",
    "-device", "edu,addr=5,dma_mask=0xffffffffffffffff",
    "-device", "edu,addr=6.0,multifunction=on,dma_mask=0xffffffffffffffff",
    "-device", "edu,addr=6.1,dma_mask=0xffffffffffffffff",
    "-device", "pcie-root-port,id=rp,addr=7,chassis=1",
    "-device", "edu,bus=rp,addr=0,dma_mask=0xffffffffffffffff",
    "-trace",  "enable=vtd_irq_generate",
    NULL,
};

static void config_write(struct qemu_machine *m, uint16_t source,
                         unsigned int offset, enum client_width width,
                         uint32_t value)
{
    client_out(&m->client, WIDTH_4, CONFIG_ADDRESS,
               CONFIG_ENABLE | (uint32_t)source << 8 | (offset & 0xfc));
    client_out(&m->client, width, (uint16_t)(CONFIG_DATA + (offset & 3)),
               value);
}

/* It happens some time after the write that asks for it. */
static void await_reset(struct qemu_machine *m)
{
    uint64_t witness;

    for ( unsigned int i = 0; i < TURNS_WITHOUT_PAUSE + PAUSES; i++ )
    {
        if ( i >= TURNS_WITHOUT_PAUSE )
            usleep(PAUSE);
        client_read(&m->client, WIDTH_4, WITNESS, &witness);
        if ( !client_sync(&m->client) || !witness )
            return;
    }
    client_give_up(&m->client, "a reset never ends");
}

/* GCMD: everything off. */
#define GCMD (UNIT_BASE + 0x18)

static void off(struct qemu_machine *m)
{
    client_write(&m->client, WIDTH_4, GCMD, 0);
}

static void reset(struct qemu_machine *m)
{
    client_write(&m->client, WIDTH_4, WITNESS, WITNESS_VALUE);
    client_out(&m->client, WIDTH_1, RESET_CONTROL, RESET_FULL);
    await_reset(m);
}

static bool trace_event(const char *line, struct qemu_event *event)
{
    const char *at = strstr(line, "vtd_irq_generate ");

    return at && sscanf(at, "vtd_irq_generate addr %" SCNx64 " data %" SCNx32,
                        &event->address, &event->data) == 2;
}

const struct qemu_arch qemu_x86 = {
    .name = "vtd",
    .program = "qemu-system-x86_64",
    .ram_size = UINT64_C(72) << 20,
    .unit_base = UNIT_BASE,
    .devices = 4,
    .source = { 0x0028, 0x0030, 0x0031, 0x0100 },
    .firmware_size = FIRMWARE_SIZE,
    .firmware = firmware,
    .arguments = arguments,
    .reset = reset,
    .off = off,
    .first_bar = FIRST_BAR,
    .config_write = config_write,
    .trace_event = trace_event,
};
