/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's edu device (its docs/specs/edu.txt) as a DMA engine.
 *
 * Its DMA engine copies between memory and a buffer of 4096 bytes at 40000h
 * of its own address space; this is how it reads.  What the buffer holds can
 * only be seen by a copy back, which is made when the IOMMU is off.  Writes
 * are message signalled interrupts: 4 bytes to any address, at once.
 */

#include <qemu/machine.h>

#include <unistd.h>

/* Registers behind the BAR. */
#define EDU_RAISE_IRQ   0x60
#define EDU_DMA_SOURCE  0x80
#define EDU_DMA_TARGET  0x88
#define EDU_DMA_COUNT   0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN     1u
#define EDU_DMA_OUT     2u /* from the buffer to memory */
#define EDU_BUFFER      UINT64_C(0x40000)

/* Configuration space: the standard header, and MSI at a fixed place. */
#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_BAR0           0x10
#define EDU_MSI_FLAGS      0x42
#define EDU_MSI_ADDRESS    0x44
#define EDU_MSI_UADDRESS   0x48
#define EDU_MSI_DATA       0x4c
#define MSI_FLAGS_64       0x81u /* enabled, 64-bit addresses */

/*
 * Its timer runs in virtual time, which jumps when nobody runs: a copy takes a
 * few turns of QEMU's main loop.  On a busy machine QEMU's other thread must
 * get a processor first: after so many turns they come with pauses.
 */
#define TURNS_WITHOUT_PAUSE 64
#define PAUSE               1000  /* microseconds */
#define PAUSES              10000 /* then it will never end */

static void config(struct qemu_machine *m, unsigned int device,
                   unsigned int offset, enum client_width width,
                   uint32_t value)
{
    m->arch->config_write(m, m->device[device].source, offset, width, value);
}

void edu_set_up(struct qemu_machine *m, unsigned int device)
{
    struct qemu_device *d = &m->device[device];

    config(m, device, PCI_BAR0, WIDTH_4, (uint32_t)d->bar);
    config(m, device, PCI_COMMAND, WIDTH_2,
           PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    d->slots = 0;
    d->msi = false;
    d->msi_upper = 0;
}

void edu_write(struct qemu_machine *m, unsigned int device, uint64_t iova,
               uint16_t data)
{
    struct qemu_device *d = &m->device[device];
    uint32_t upper = (uint32_t)(iova >> 32);

    config(m, device, EDU_MSI_ADDRESS, WIDTH_4, (uint32_t)iova);
    if ( upper != d->msi_upper )
        config(m, device, EDU_MSI_UADDRESS, WIDTH_4, upper);
    config(m, device, EDU_MSI_DATA, WIDTH_2, data);
    if ( !d->msi )
        config(m, device, EDU_MSI_FLAGS, WIDTH_2, MSI_FLAGS_64);
    d->msi = true;
    d->msi_upper = upper;
    client_write(&m->client, WIDTH_4, d->bar + EDU_RAISE_IRQ, 1);
}

static void copy(struct qemu_machine *m, unsigned int device, uint64_t from,
                 uint64_t to, uint64_t count, uint32_t command)
{
    uint64_t bar = m->device[device].bar, state;

    client_write(&m->client, WIDTH_8, bar + EDU_DMA_SOURCE, from);
    client_write(&m->client, WIDTH_8, bar + EDU_DMA_TARGET, to);
    client_write(&m->client, WIDTH_8, bar + EDU_DMA_COUNT, count);
    client_write(&m->client, WIDTH_8, bar + EDU_DMA_COMMAND,
                 command | EDU_DMA_RUN);
    for ( unsigned int i = 0; i < TURNS_WITHOUT_PAUSE + PAUSES; i++ )
    {
        if ( i >= TURNS_WITHOUT_PAUSE )
            usleep(PAUSE);
        client_read(&m->client, WIDTH_8, bar + EDU_DMA_COMMAND, &state);
        if ( !client_sync(&m->client) || !(state & EDU_DMA_RUN) )
            return;
    }
    client_give_up(&m->client, "a copy of edu never ends");
}

unsigned int edu_read(struct qemu_machine *m, unsigned int device,
                      uint64_t iova)
{
    struct qemu_device *d = &m->device[device];

    if ( d->slots == EDU_SLOTS )
        return EDU_SLOTS;
    copy(m, device, iova, EDU_BUFFER + d->slots * 4, 4, 0);
    return d->slots++;
}

void edu_take_reads(struct qemu_machine *m, unsigned int device,
                    uint64_t scratch, uint32_t *values)
{
    unsigned int count = m->device[device].slots;

    m->device[device].slots = 0;
    if ( !count )
        return;
    copy(m, device, EDU_BUFFER, scratch, count * 4, EDU_DMA_OUT);
    for ( unsigned int i = 0; i < count; i++ )
        values[i] = (uint32_t)qemu_load(m, scratch + i * 4, 4);
}
