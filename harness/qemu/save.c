/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A case as a scenario, with what each side saw beside its operations. */

/* open_memstream() */
#define _GNU_SOURCE

#include <qemu/diff.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_data(FILE *out, const struct operation *op, uint64_t data)
{
    if ( !data )
        fprintf(out, "nothing");
    else if ( op_arg(op, 1) == REQUEST_WRITE )
        fprintf(out, "at %#" PRIx64, data);
    else
        fprintf(out, "%#" PRIx64, data);
}

static void put_legal(FILE *out, const struct diff_dma *dma)
{
    fprintf(out, "#   allowed:");
    for ( unsigned int i = 0; i < dma->legal.count; i++ )
    {
        const struct oracle_result *r = &dma->legal.result[i];

        if ( r->ok )
            fprintf(out, " %#" PRIx64, r->gpa);
        else if ( r->reason )
            fprintf(out, " fault %#x (%s)%s", r->reason, r->condition,
                    r->recorded ? "" : " unrecorded");
        else
            fprintf(out, " blocked");
    }
    fprintf(out, "%s\n", dma->legal.open ? " anything (undefined)" : "");
}

static void put_dma(FILE *out, const struct diff_case *c, size_t i)
{
    const struct operation *op = &c->program->op[i];

    fprintf(out, "#  ");
    for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
        if ( c->run[side].seen && i < c->run[side].done )
        {
            fprintf(out, " %s: ", side_names[side]);
            put_data(out, op, c->run[side].seen[i].data);
            fprintf(out, side + 1 < SIDE_COUNT ? "," : "");
        }
    fprintf(out, "\n");
    if ( c->dma && c->dma[i].made )
        put_legal(out, &c->dma[i]);
}

/* Registers that the sides see differently after operation @i. */
static void put_registers(FILE *out, const struct diff_case *c, size_t i)
{
    const struct diff_register *reg = c->target->arch->reg;

    for ( unsigned int r = 0; reg[r].name; r++ )
    {
        bool differ = false;

        for ( unsigned int side = 1; side < SIDE_COUNT; side++ )
            differ |= c->run[side].seen && i < c->run[side].done &&
                      c->run[side].seen[i].reg[r] !=
                          c->run[SIDE_QEMU].seen[i].reg[r];
        if ( !differ )
            continue;
        fprintf(out, "#   %s:", reg[r].name);
        for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
            if ( c->run[side].seen && i < c->run[side].done )
                fprintf(out, " %s %#" PRIx64, side_names[side],
                        c->run[side].seen[i].reg[r]);
        fprintf(out, "\n");
    }
}

static void put_outcomes(FILE *out, const struct diff_case *c, size_t i)
{
    if ( !c->run[SIDE_QEMU].seen || i >= c->run[SIDE_QEMU].done ||
         !c->run[SIDE_QEMU].seen[i].looked )
        return;
    if ( c->program->op[i].code == OP_DMA )
        put_dma(out, c, i);
    put_registers(out, c, i);
}

/* The program's text ends with its operations, a line each. */
static void put_program(FILE *out, const struct diff_case *c)
{
    char *text = program_text(c->program), *line = text;
    size_t lines = 0, i = 0;

    for ( const char *p = text; *p; p++ )
        lines += *p == '\n';
    for ( size_t n = 0; n < lines; n++ )
    {
        char *end = strchr(line, '\n');

        fprintf(out, "%.*s\n", (int)(end - line), line);
        line = end + 1;
        if ( n + c->program->ops >= lines )
            put_outcomes(out, c, i++);
    }
    free(text);
}

bool diff_save_program(const struct program *program, const char *message,
                       const char *directory, char *path, size_t size)
{
    char *text = program_text(program);
    FILE *out;
    bool ok;

    snprintf(path, size, "%s/%s.scn", directory, program->name);
    out = make_directories(directory) ? fopen(path, "w") : NULL;
    ok = out && fprintf(out,
                        "# SPDX-License-Identifier: GPL-2.0-or-later\n"
                        "# %s\n#\n# ./umbra diff %s\n%s",
                        message, path, text) > 0;
    free(text);
    return out && !fclose(out) && ok;
}

/* ---- the same for QEMU alone ---- */

/* What it is asked for from a reset to the end, a line each; to be freed. */
static char *record(struct diff_case *c)
{
    struct qemu_machine *m = c->target->qemu;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if ( !out )
        return NULL;
    qemu_reset(m);
    m->client.record = out;
    qemu_set_up(m);
    diff_run_side(c, SIDE_QEMU);
    m->client.record = NULL;
    fclose(out);
    qemu_reset(m);
    qemu_clear(m, m->arch->ram_base, m->arch->ram_size);
    return text;
}

/* A line that is asked again and again waits for something. */
static void put_folded(FILE *out, const char *text)
{
    fprintf(out, "    cat <<'END'\n");
    while ( *text )
    {
        size_t length = strcspn(text, "\n") + 1;
        const char *next = text + length;
        bool again = !strncmp(text, "read", 4) && !strncmp(text, next, length);

        while ( again && !strncmp(text, next, length) )
            next += length;
        if ( again )
            fprintf(out, "END\n    poll '%.*s'\n    cat <<'END'\n",
                    (int)length - 1, text);
        else
            fwrite(text, 1, length, out);
        text = next;
    }
    fprintf(out, "END\n");
}

/*
 * A shell script with the requests.  QEMU answers in order, a line each, and
 * refuses the words that say which operation is done.
 */
static void save_script(struct diff_case *c, const char *path)
{
    char *requests = record(c);
    FILE *out = requests ? fopen(path, "w") : NULL;

    if ( out )
    {
        fprintf(out,
                "#!/usr/bin/env bash\n"
                "# SPDX-License-Identifier: GPL-2.0-or-later\n"
                "# %s, for QEMU %s alone.  It answers in order, a line "
                "each;\n# after-N-... is no request: operation N of the "
                "scenario is done.\nset -euo pipefail\n\n"
                "poll()\n{\n    for _ in {1..8}; do\n"
                "        sleep 0.1\n        echo \"$1\"\n    done\n}\n\n"
                "requests()\n{\n",
                c->program->name, c->target->version);
        put_folded(out, requests);
        fprintf(out, "}\n\n");
        qemu_script(c->target->qemu, out, "requests");
        fclose(out);
    }
    free(requests);
}

bool diff_save(struct diff_case *c, const struct difference *d,
               const char *message, const char *directory, char *path,
               size_t size)
{
    char script[300];
    FILE *out;
    bool ok;

    if ( !make_directories(directory) )
        return false;
    snprintf(path, size, "%s/%s.scn", directory, c->program->name);
    out = fopen(path, "w");
    if ( !out )
        return false;
    fprintf(out, "# SPDX-License-Identifier: GPL-2.0-or-later\n");
    fprintf(out, "# QEMU %s, case %" PRIu64 "\n# ", c->target->version,
            c->seed);
    for ( const char *p = message; *p; p++ )
    {
        putc(*p, out);
        if ( *p == '\n' && p[1] )
            fprintf(out, "# ");
    }
    if ( d->kind != DIFFERENCE_NONE )
        fprintf(out, "\n# at operation %zu", d->operation + 1);
    fprintf(out, "\n#\n# ./umbra diff %s\n", path);
    put_program(out, c);
    ok = !ferror(out);
    ok = !fclose(out) && ok;
    snprintf(script, sizeof(script), "%s/%s.sh", directory, c->program->name);
    save_script(c, script);
    return ok;
}
