/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's virt machine with an smmuv3 and four edu devices: two functions of
 * one slot, one in a slot of its own, one on another bus.
 */

#include <qemu/machine.h>

#include <string.h>

/* The map of the virt machine with highmem=off. */
#define RAM_BASE  UINT64_C(0x40000000)
#define UNIT_BASE UINT64_C(0x09050000)
#define ECAM      UINT64_C(0x3f000000)
#define FIRST_BAR UINT64_C(0x10000000)

/* QEMU puts one at the beginning of memory at each reset. */
#define DEVICE_TREE_SIZE 0x100000

#define FIRMWARE_SIZE 0x10000

/* wfi; and again, if something wakes it */
static void firmware(uint8_t *image)
{
    static const uint8_t code[] = { 0x7f, 0x20, 0x03, 0xd5,
                                    0xff, 0xff, 0xff, 0x17 };

    memcpy(image, code, sizeof(code));
}

static const char *const arguments[] = {
    "-M",      "virt,iommu=smmuv3,highmem=off,gic-version=2",
    "-cpu",    "cortex-a57",
    "-m",      "72M",
    "-device", "edu,addr=5,dma_mask=0xffffffffffffffff",
    "-device", "edu,addr=6.0,multifunction=on,dma_mask=0xffffffffffffffff",
    "-device", "edu,addr=6.1,dma_mask=0xffffffffffffffff",
    "-device", "pcie-root-port,id=rp,addr=7,chassis=1",
    "-device", "edu,bus=rp,addr=0,dma_mask=0xffffffffffffffff",
    NULL,
};

static void config_write(struct qemu_machine *m, uint16_t source,
                         unsigned int offset, enum client_width width,
                         uint32_t value)
{
    client_write(&m->client, width, ECAM + ((uint64_t)source << 12) + offset,
                 value);
}

/* CR0: everything off. */
#define CR0 (UNIT_BASE + 0x20)

static void off(struct qemu_machine *m)
{
    client_write(&m->client, WIDTH_4, CR0, 0);
}

static void reset(struct qemu_machine *m)
{
    qemu_system_reset(m);
}

/* The lines of the unit at the interrupt controller; it tells of a wire as our
 * units do: a message to address 0 with its number. */
#define FIRST_WIRE 74
#define LAST_WIRE  77

static bool irq_event(unsigned int number, struct qemu_event *event)
{
    *event = (struct qemu_event) { 0, number };
    return number >= FIRST_WIRE && number <= LAST_WIRE;
}

const struct qemu_arch qemu_arm = {
    .name = "smmuv3",
    .program = "qemu-system-aarch64",
    .ram_base = RAM_BASE,
    .ram_size = UINT64_C(72) << 20,
    .unit_base = UNIT_BASE,
    .devices = 4,
    .source = { 0x0028, 0x0030, 0x0031, 0x0100 },
    .firmware_size = FIRMWARE_SIZE,
    .firmware = firmware,
    .arguments = arguments,
    .monitor = true,
    .intercept = "/machine/unattached/device[1]",
    .irq_event = irq_event,
    .reset = reset,
    .off = off,
    .first_bar = FIRST_BAR,
    .litter = DEVICE_TREE_SIZE,
    .config_write = config_write,
};
