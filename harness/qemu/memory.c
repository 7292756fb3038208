/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's memory is a file that QEMU and we have mapped both, so that
 * what a driver loads and stores costs no request.  A record needs requests,
 * and so does what lies elsewhere.
 */

/* memfd_create(), fallocate() */
#define _GNU_SOURCE
#include <qemu/machine.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool qemu_memory_open(struct qemu_machine *m)
{
    size_t size = m->arch->ram_size;
    void *map;

    m->memory = memfd_create("memory", MFD_CLOEXEC);
    if ( m->memory < 0 || ftruncate(m->memory, (off_t)size) )
        return false;
    map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->memory, 0);
    if ( map == MAP_FAILED )
        return false;
    m->ram = map;
    snprintf(m->memory_argument, sizeof(m->memory_argument),
             "memory-backend-file,id=ram,share=on,size=%zu,"
             "mem-path=/proc/self/fd/%d",
             size, m->memory);
    return true;
}

void qemu_memory_close(struct qemu_machine *m)
{
    if ( m->ram )
        munmap(m->ram, m->arch->ram_size);
    if ( m->memory >= 0 )
        close(m->memory);
    m->ram = NULL;
    m->memory = -1;
}

/* Ours of [address, address + size), after all that was asked for before; or
 * NULL: by requests. */
static uint8_t *mapped(struct qemu_machine *m, uint64_t address, uint64_t size)
{
    uint64_t offset = address - m->arch->ram_base;

    if ( m->client.record || offset >= m->arch->ram_size ||
         size > m->arch->ram_size - offset )
        return NULL;
    client_sync(&m->client);
    return m->ram + offset;
}

uint64_t qemu_load(struct qemu_machine *m, uint64_t address, unsigned int size)
{
    const uint8_t *at = mapped(m, address, size);
    uint64_t value = 0;

    if ( at )
    {
        memcpy(&value, at, size);
        return value;
    }
    client_read(&m->client, qemu_width(size), address, &value);
    client_sync(&m->client);
    return value;
}

void qemu_store(struct qemu_machine *m, uint64_t address, unsigned int size,
                uint64_t value)
{
    uint8_t *at = mapped(m, address, size);

    if ( at )
        memcpy(at, &value, size);
    else
        client_write(&m->client, qemu_width(size), address, value);
}

/* A hole reads as zeros, for QEMU as well. */
void qemu_clear(struct qemu_machine *m, uint64_t address, uint64_t size)
{
    uint8_t *at = mapped(m, address, size);

    if ( !at )
        client_fill(&m->client, address, size, 0);
    else if ( fallocate(m->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        at - m->ram, (off_t)size) )
        memset(at, 0, size);
}
