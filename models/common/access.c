/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <common/access.h>

#include <string.h>

const char *access_malformed(const struct request *request)
{
    bool dword = request->size == 4 && !(request->address % 4);
    bool qword = request->size == 8 && !(request->address % 8);

    if ( request->size > 64 )
        return "access of more than 64 bytes";
    if ( request->access == REQUEST_ATOMIC && !dword && !qword )
        return "atomic access that is not an aligned 4 or 8 bytes";
    return NULL;
}

/* The largest piece that is naturally aligned throughout, up to 8 bytes. */
static unsigned int atom_of(uint64_t address, uint32_t size)
{
    unsigned int atom = 8;

    while ( (address | size) % atom )
        atom /= 2;
    return atom;
}

/* Fetch and add; @data: the addend, then the old value. */
static bool fetch_add(const struct port *port, uint64_t address, void *data,
                      unsigned int size)
{
    uint64_t addend = 0, old = 0, sum;
    bool swapped = false;

    memcpy(&addend, data, size);
    if ( !port_read(port, address, &old, size, size) )
        return false;
    while ( !swapped )
    {
        sum = old + addend;
        if ( !port_cmpxchg(port, address, &old, &sum, size, &swapped) )
            return false;
    }
    memcpy(data, &old, size);
    return true;
}

bool access_memory(const struct port *port, const struct request *request,
                   uint64_t address, void *data)
{
    unsigned int size = request->size;

    if ( !size )
        return true;
    switch ( request->access )
    {
    case REQUEST_READ:
        return port_read(port, address, data, size, atom_of(address, size));
    case REQUEST_WRITE:
        return port_write(port, address, data, size, atom_of(address, size));
    default:
        return fetch_add(port, address, data, size);
    }
}
