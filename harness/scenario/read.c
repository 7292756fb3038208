/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files -> programs: which form it is, gzip or not. */

#include <scenario/program.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define MAX_FILE ((size_t)1 << 30)

static bool is_directory(const char *path)
{
    struct stat s;

    if ( stat(path, &s) || !S_ISDIR(s.st_mode) )
        return false;
    errno = EISDIR;
    return true;
}

/*
 * The whole file, unpacked, with a 0 behind it.  NULL: error->text says why.
 * *truncated: the compressed stream ends too early; what was there is
 * returned.
 */
static char *load(const char *path, size_t *size, bool *truncated,
                  struct program_error *error)
{
    gzFile file = is_directory(path) ? NULL : gzopen(path, "rb");
    size_t room = 1 << 16, used = 0;
    char *data;

    if ( !file )
    {
        snprintf(error->text, sizeof(error->text), "%s: %s", path,
                 strerror(errno));
        return NULL;
    }
    data = malloc(room + 1);
    for ( ;; )
    {
        int got;

        if ( !data )
            abort();
        got = gzread(file, data + used, (unsigned int)(room - used));
        if ( got <= 0 )
        {
            int code;

            gzerror(file, &code);
            *truncated = got < 0 || code == Z_BUF_ERROR;
            break;
        }
        used += (size_t)got;
        if ( used == room && room < MAX_FILE )
            data = realloc(data, (room *= 2) + 1);
        else if ( used == room )
        {
            *truncated = true; /* nobody needs a program of that size */
            break;
        }
    }
    gzclose(file);
    data[used] = 0;
    *size = used;
    return data;
}

/* "dir/psi.scn" -> "psi" */
static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);

    name[strcspn(name, ".")] = 0;
    return name;
}

bool program_read(const char *path, const char *name,
                  struct program_list *list, struct program_error *error)
{
    static const char binary_magic[] = "UMBRAPG4";
    static const char trace_magic[] = "# umbra-trace 1";
    bool truncated = false, ok;
    size_t size;
    char *base = base_name(path), *data;

    *list = (struct program_list) { 0 };
    *error = (struct program_error) { 0 };
    data = load(path, &size, &truncated, error);
    if ( !data )
    {
        free(base);
        return false;
    }
    if ( !name )
        name = base;
    if ( size >= 8 && !memcmp(data, binary_magic, 8) )
        ok = program_parse_binary(data, size, path, name, list, error);
    else if ( !strncmp(data, trace_magic, sizeof(trace_magic) - 1) )
    {
        ok = program_parse_trace(data, size, path, name, list, error);
        if ( truncated )
        {
            ok = false;
            snprintf(error->text, sizeof(error->text),
                     "%s: the compressed file is truncated or damaged; "
                     "fetch it anew",
                     path);
        }
    }
    else if ( truncated || memchr(data, 0, size) )
    {
        ok = false;
        snprintf(error->text, sizeof(error->text),
                 "%s:1: neither a scenario, a binary program nor a recorded "
                 "session",
                 path);
    }
    else
        ok = program_parse_text(data, path, name, list, error);
    free(data);
    free(base);
    return ok;
}
