/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine of make-believe: runs the files that it is given, once. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room)
{
    (void)data;
    (void)room;
    return size;
}

int main(int argc, char **argv)
{
    static uint8_t data[1 << 20];

    LLVMFuzzerInitialize(&argc, &argv);
    for ( int i = 1; i < argc; i++ )
    {
        FILE *file = fopen(argv[i], "rb");
        size_t size;

        if ( !file )
            return 2;
        size = fread(data, 1, sizeof(data), file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
