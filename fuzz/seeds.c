/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seeds and dictionaries out of what there is:
 *
 *   fuzz_seeds SCENARIOS CORPORA DICTIONARIES
 *
 * writes CORPORA/TARGET/NAME for every program below SCENARIOS, and
 * DICTIONARIES/TARGET.dict from the constants and keywords of the tables.
 */

#include <fuzz/target.h>
#include <scenario/suite.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (INPUT_HEADER + 96 * INPUT_RECORD)

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if ( !file || fwrite(data, 1, size, file) != size || fclose(file) )
    {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
}

static void make_directory(const char *path)
{
    if ( !make_directories(path) )
    {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
}

/* The name of a case as that of a file. */
static void file_name(char *to, size_t size, const char *name)
{
    snprintf(to, size, "%s", name);
    for ( char *c = to; *c; c++ )
        if ( strchr("/[],=", *c) )
            *c = '-';
}

/* ---- programs ---- */

static void write_seed(const struct input_rules *rules,
                       const struct program *program, size_t first,
                       const char *directory)
{
    uint8_t data[MOST_BYTES];
    size_t size = input_encode(rules, program, first, data, sizeof(data));
    char name[200], path[600];

    file_name(name, sizeof(name), program->name);
    snprintf(path, sizeof(path), "%s/%s-%zu", directory, name, first);
    if ( size > INPUT_HEADER )
        write_file(path, data, size);
}

/* Some places in a long session; a scenario from its beginning. */
static void write_seeds(const struct input_rules *rules,
                        const struct program *program, const char *directory)
{
    size_t step = program->ops / 4 + 1;

    if ( program->machine.arch != rules->arch->arch )
        return;
    write_seed(rules, program, 0, directory);
    for ( size_t at = step;
          program->kind == PROGRAM_SESSION && at < program->ops; at += step )
        write_seed(rules, program, at, directory);
}

/* One case of a matrix in so many is enough. */
#define EVERY_CASE 24

static void write_text(const struct program *program, const char *directory)
{
    char name[200], path[600];
    char *text;

    if ( program->kind == PROGRAM_SESSION )
        return;
    text = program_text(program);
    file_name(name, sizeof(name), program->name);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    write_file(path, text, strlen(text));
    free(text);
}

static void seed_target(const struct fuzz_target *target,
                        const struct program_list *programs,
                        const char *corpora)
{
    struct input_rules rules;
    char directory[400];

    if ( target->kind == TARGET_TRACE )
        return; /* recorded sessions are their seeds: make_corpora.sh */
    snprintf(directory, sizeof(directory), "%s/%s", corpora, target->name);
    make_directory(directory);
    if ( !input_rules_init(&rules, target) )
        exit(2);
    for ( size_t i = 0; i < programs->count; i++ )
    {
        const struct program *p = programs->program[i];

        if ( strchr(p->name, '[') && i % EVERY_CASE )
            continue;
        if ( target->kind == TARGET_TEXT )
            write_text(p, directory);
        else
            write_seeds(&rules, p, directory);
    }
    input_rules_free(&rules);
}

/* ---- dictionaries ---- */

static void write_constants(FILE *file, const struct fuzz_arch *arch)
{
    for ( unsigned int i = 0; i < arch->words; i++ )
    {
        fprintf(file, "\"");
        for ( unsigned int b = 0; b < 8; b++ )
            fprintf(file, "\\x%02x",
                    (unsigned int)(arch->word[i] >> 8 * b) & 0xff);
        fprintf(file, "\"\n");
    }
}

static void write_keywords(FILE *file)
{
    static const char *const headers[] = {
        "arch ",     "title ",   "section ",     "through ", "retention ",
        "p2m ",      "ram ",     "rom ",         "hole ",    "mmio ",
        "device ",   "table ",   "let ",         "budget ",  "haw ",
        "manual",    "matrix ",  "shadow-limit", "repeat ",  "oracle-only",
        "stack",     "model",    "UMBRAPG4",     "..",       "$",
        "00:02.0",   "@3 ",      "b: ",          " = ",      "value=",
        "host-cap ", "scattered"
    };
    const struct op_spec *spec;

    for ( unsigned int i = 0; i < sizeof(headers) / sizeof(headers[0]); i++ )
        fprintf(file, "\"%s\"\n", headers[i]);
    for ( const struct arch *const *a = arch_table; *a; a++ )
        for ( unsigned int code = 0; (spec = op_spec_of(*a, code)); code++ )
        {
            fprintf(file, "\"%s \"\n", spec->keyword);
            for ( const struct op_field *f = spec->field; f->kind != FIELD_END;
                  f++ )
                if ( f->key )
                    fprintf(file, "\"%s%s\"\n", f->key,
                            f->kind == FIELD_FLAG ? "" : "=");
        }
}

static void write_lines(FILE *file)
{
    fprintf(file, "\"# umbra-trace 1\"\n\"# arch vtd\"\n"
                  "\"# arch smmuv3\"\n");
    for ( const char *kind = "WRMDFLSEI"; *kind; kind++ )
        fprintf(file, "\"\\x0a%c \"\n", *kind);
}

static void write_dictionary(const struct fuzz_target *target,
                             const char *directory)
{
    char path[600];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.dict", directory, target->name);
    file = fopen(path, "w");
    if ( !file )
    {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    fprintf(file, "# Made by fuzz_seeds.\n");
    if ( target->kind == TARGET_TEXT )
        write_keywords(file);
    else if ( target->kind == TARGET_TRACE )
        write_lines(file);
    else
        write_constants(file, target->arch);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct program_list programs;
    struct program_error error = { 0 };

    if ( argc != 4 )
    {
        fprintf(stderr, "Usage: fuzz_seeds SCENARIOS CORPORA DICTIONARIES\n");
        return 2;
    }
    if ( !suite_load(argv[1], NULL, 0, &programs, &error) )
    {
        fprintf(stderr, "fuzz_seeds: %s\n", error.text);
        return 2;
    }
    make_directory(argv[2]);
    make_directory(argv[3]);
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
    {
        seed_target(t, &programs, argv[2]);
        write_dictionary(t, argv[3]);
    }
    program_list_free(&programs);
    return 0;
}
