/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of QEMU with an IOMMU and devices below it, driven from outside.
 * What differs between architectures is a row of functions and figures.
 *
 * After QEMU has died reads give zeros, and qemu_alive() is false.
 */
#ifndef HARNESS_QEMU_MACHINE_H
#define HARNESS_QEMU_MACHINE_H

#include <qemu/client.h>

#define QEMU_MAX_DEVICES 4
#define QEMU_MAX_EVENTS  64
#define QEMU_MAX_ARGV    64

/* The edu device's own buffer, in words of 4 bytes; the last is out of reach
 * (see edu.c). */
#define EDU_SLOTS 1023

struct qemu_machine;

/* A device of the machine; requester and place are the architecture's. */
struct qemu_device {
    uint16_t source;    /* requester id: bus, device, function */
    uint64_t bar;       /* of its registers */
    bool msi;           /* is enabled */
    uint32_t msi_upper; /* half of its address, as last set */
    unsigned int slots; /* of the buffer, in use */
};

/* An interrupt of the unit itself. */
struct qemu_event {
    uint64_t address;
    uint32_t data;
};

struct qemu_arch {
    const char *name;    /* "vtd" */
    const char *program; /* that is looked for in PATH */
    uint64_t ram_base, ram_size;
    uint64_t unit_base; /* of the IOMMU's registers */
    unsigned int devices;
    uint16_t source[QEMU_MAX_DEVICES];
    size_t firmware_size;
    /* What the only vcpu runs: it halts, for ever. */
    void (*firmware)(uint8_t *image);
    /* Arguments behind the common ones, NULL at the end. */
    const char *const *arguments;
    /* Reset everything but memory. */
    void (*reset)(struct qemu_machine *m);
    /* Switch the unit off, where there is no time for that: in a record. */
    void (*off)(struct qemu_machine *m);
    uint64_t first_bar;
    /* Bytes at the beginning of memory that QEMU writes at each reset. */
    uint64_t litter;
    /* The address, or ports, of a device's configuration space. */
    void (*config_write)(struct qemu_machine *m, uint16_t source,
                         unsigned int offset, enum client_width width,
                         uint32_t value);
    bool monitor;          /* it needs QMP */
    const char *intercept; /* interrupt controller that is listened at */
    /* A raised input of it: an interrupt of the unit? */
    bool (*irq_event)(unsigned int number, struct qemu_event *event);
    /* A line of the trace: an interrupt of the unit? */
    bool (*trace_event)(const char *line, struct qemu_event *event);
};

extern const struct qemu_arch qemu_x86, qemu_arm;

struct qemu_machine {
    const struct qemu_arch *arch;
    const char *program; /* path */
    int firmware;        /* file descriptor, -1: none */
    int monitor;         /* QMP, -1: none */
    int memory;          /* file descriptor, -1: none */
    uint8_t *ram;        /* our mapping of it */
    struct client client;
    struct qemu_device device[QEMU_MAX_DEVICES];
    struct qemu_event event[QEMU_MAX_EVENTS];
    unsigned int first, events; /* oldest; of too many, the oldest go */
    char firmware_path[32], monitor_argument[48], memory_argument[96];
};

/* "QEMU emulator version 7.2.22 (...)" -> "7.2.22"; false: it does not run. */
bool qemu_version(const char *program, char *version, size_t size);

/* Start @program (a path) as a machine of @arch; false: errno. */
bool qemu_start(struct qemu_machine *m, const struct qemu_arch *arch,
                const char *program);
void qemu_stop(struct qemu_machine *m);

/* The end of a shell script: it starts such a QEMU without Umbra, with what
 * @requests, a command, puts out. */
void qemu_script(const struct qemu_machine *m, FILE *out,
                 const char *requests);

static inline bool qemu_alive(const struct qemu_machine *m)
{
    return m->client.pid && !m->client.dead;
}

/* Registers and devices; memory stays. */
void qemu_reset(struct qemu_machine *m);

/* Bring the devices up, as a reset does. */
void qemu_set_up(struct qemu_machine *m);

/* QMP system_reset, which is done when this returns. */
void qemu_system_reset(struct qemu_machine *m);

/* Reads are made at once; writes at the latest before whatever is asked for
 * next by a function of this header. */
uint64_t qemu_unit_read(struct qemu_machine *m, uint32_t offset,
                        unsigned int size);
void qemu_unit_write(struct qemu_machine *m, uint32_t offset,
                     unsigned int size, uint64_t value);

/* The oldest interrupt of the unit that was not taken yet. */
bool qemu_event_take(struct qemu_machine *m, struct qemu_event *event);

/* 1, 2, 4 or 8 bytes. */
enum client_width qemu_width(unsigned int size);

/* ---- memory.c ---- */

/* Before QEMU is started, and after it was stopped.  False: errno. */
bool qemu_memory_open(struct qemu_machine *m);
void qemu_memory_close(struct qemu_machine *m);

/* 1, 2, 4 or 8 bytes of memory, or of what else is at @address. */
uint64_t qemu_load(struct qemu_machine *m, uint64_t address,
                   unsigned int size);
void qemu_store(struct qemu_machine *m, uint64_t address, unsigned int size,
                uint64_t value);

/* Zeros there. */
void qemu_clear(struct qemu_machine *m, uint64_t address, uint64_t size);

/* ---- edu.c ---- */

/* Give it its registers, and the bus. */
void edu_set_up(struct qemu_machine *m, unsigned int device);

/* A DMA write of 4 bytes, the upper two of which are zero; made as writes of
 * registers are. */
void edu_write(struct qemu_machine *m, unsigned int device, uint64_t iova,
               uint16_t data);

/*
 * A DMA read of 4 bytes into the device's buffer: nothing but another DMA
 * reveals what it got.  Returns the slot that it went to; EDU_SLOTS: full.
 */
unsigned int edu_read(struct qemu_machine *m, unsigned int device,
                      uint64_t iova);

/* What the reads since the last reset got: for a machine whose IOMMU is off.
 * Through memory at @scratch, 4 KiB; @values: of each slot. */
void edu_take_reads(struct qemu_machine *m, unsigned int device,
                    uint64_t scratch, uint32_t *values);

#endif /* HARNESS_QEMU_MACHINE_H */
