/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs of a study, written as the text that people write. */
#include <sim/study_program.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const study_protocol_names[STUDY_PROTOCOLS] = { "naive", "copy",
                                                            "ATS", "drain" };

#define LOAD_IOVA  UINT64_C(0x40000000)
#define LOAD_GPA   UINT64_C(0x100000)
#define ROUND_IOVA UINT64_C(0x80000000)
#define ROUND_GPA  UINT64_C(0x800000)

struct script {
    FILE *stream;
    size_t operations;
    const struct study_shape *shape;
};

/* One operation. */
static void put(struct script *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct script *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(w->stream, format, args);
    va_end(args);
    fputc('\n', w->stream);
    w->operations++;
}

static unsigned int log2_of(unsigned int value)
{
    unsigned int log = 0;

    while ( value >> log > 1 )
        log++;
    return log;
}

static void head(struct script *w)
{
    const struct study_shape *s = w->shape;
    static const char *const devices[STUDY_PROTOCOLS] = {
        [STUDY_NAIVE] = "",
        [STUDY_COPY] = "",
        [STUDY_ATS] = " ats answers",
        [STUDY_DRAIN] = " drain answers",
    };

    fprintf(w->stream, "arch %s\ntitle a study\nthrough %s\n",
            s->smmuv3 ? "smmuv3" : "vtd", through_names[s->through]);
    fprintf(w->stream, "device nic 00:02.0\ntable A\n");
    if ( s->emulated )
        fprintf(w->stream, "vdevice disk 00:04.0%s\n", devices[s->protocol]);
    if ( s->emulated && s->protocol == STUDY_ATS )
        fprintf(w->stream, "ecap dt=1\n");
}

static void enable_vtd(struct script *w)
{
    const struct study_shape *s = w->shape;

    put(w, "context nic table=A did=5");
    if ( s->emulated )
        put(w, "context disk table=A did=5%s",
            s->protocol == STUDY_ATS ? " tt=1" : "");
    put(w, "cc-global");
    put(w, "iotlb-global");
}

static void enable_smmuv3(struct script *w)
{
    put(w, "ste nic s1");
    put(w, "cd nic table=A asid=5");
    put(w, "cfgi-ste nic");
}

/* Everything of the domain or the ASID. */
static void flush_all(struct script *w)
{
    const char *drain = w->shape->drain ? " dr dw" : "";

    if ( w->shape->smmuv3 )
        put(w, "tlbi-nh-asid 5");
    else
        put(w, "iotlb-domain 5%s", drain);
}

/* For the load: mapped, used once, never touched again. */
static void steady_pages(struct script *w)
{
    for ( unsigned int i = 0; i < STUDY_LOAD_PAGES; i++ )
        put(w, "map A %#llx %#llx 4k rw",
            (unsigned long long)(LOAD_IOVA + i * 0x1000),
            (unsigned long long)(LOAD_GPA + i * 0x1000));
    flush_all(w);
    put(w, "sync");
    for ( unsigned int i = 0; i < STUDY_LOAD_PAGES; i++ )
        put(w, "dma nic read %#llx",
            (unsigned long long)(LOAD_IOVA + i * 0x1000));
}

static unsigned long long round_page(unsigned int i)
{
    return ROUND_IOVA + i * UINT64_C(0x1000);
}

/* With caching mode a new mapping is invalidated too (VT-d 6.1). */
static void map_pages(struct script *w)
{
    for ( unsigned int i = 0; i < w->shape->batch; i++ )
        put(w, "map A %#llx %#llx 4k rw", round_page(i),
            (unsigned long long)(ROUND_GPA + i * 0x1000));
    if ( w->shape->smmuv3 )
        return;
    put(w, "iotlb-page 5 %#llx %u", round_page(0), log2_of(w->shape->batch));
    put(w, "sync");
}

#define IO_LINES 8u /* of 64 bytes, of a page */

static void emulated_io(struct script *w, unsigned int page)
{
    enum study_protocol protocol = w->shape->protocol;

    if ( protocol == STUDY_COPY )
    {
        put(w, "copy disk write %#llx size=%u", round_page(page),
            IO_LINES * 64);
        return;
    }
    put(w, "translate disk write %#llx%s", round_page(page),
        protocol == STUDY_ATS ? " ats" : "");
    for ( unsigned int i = 0; i < IO_LINES; i++ )
        put(w, "access disk write offset=%u size=64", i * 64);
    if ( protocol == STUDY_NAIVE )
        put(w, "drop disk");
}

static void use_pages(struct script *w)
{
    for ( unsigned int i = 0; i < w->shape->batch; i++ )
        if ( w->shape->emulated )
            emulated_io(w, i);
        else
            put(w, "dma nic read %#llx", round_page(i));
}

static void flush_pages(struct script *w)
{
    const struct study_shape *s = w->shape;

    for ( unsigned int i = 0; i < s->batch; i++ )
        if ( s->smmuv3 )
            put(w, "tlbi-nh-va 5 %#llx leaf", round_page(i));
        else
            put(w, "iotlb-page 5 %#llx 0%s", round_page(i),
                s->drain ? " dr dw" : "");
}

static void flush(struct script *w)
{
    const struct study_shape *s = w->shape;

    if ( s->whole )
        flush_all(w);
    else
        flush_pages(w);
    /* The device-TLB has its own (VT-d 6.5.2.5). */
    if ( s->emulated && s->protocol == STUDY_ATS )
        put(w, "descriptor 3|0x20<<32 %#llx", round_page(0));
    put(w, "sync");
}

static void one_round(struct script *w, struct study_program *made,
                      unsigned int number)
{
    map_pages(w);
    made->io[number].first = w->operations;
    use_pages(w);
    made->io[number].end = w->operations;
    for ( unsigned int i = 0; i < w->shape->batch; i++ )
        put(w, "unmap A %#llx 4k", round_page(i));
    made->flush[number].first = w->operations;
    flush(w);
    made->flush[number].end = w->operations;
}

static void write_program(struct script *w, struct study_program *made)
{
    head(w);
    put(w, "start");
    if ( w->shape->smmuv3 )
        enable_smmuv3(w);
    else
        enable_vtd(w);
    put(w, "sync");
    steady_pages(w);
    for ( unsigned int i = 0; i < w->shape->rounds; i++ )
        one_round(w, made, i);
    made->rounds = w->shape->rounds;
}

bool study_program_make(struct study_program *made,
                        const struct study_shape *shape, char *error,
                        size_t size)
{
    struct program_error why = { 0 };
    struct program_list list = { 0 };
    struct script w = { .shape = shape };
    char *text = NULL;
    size_t length;
    bool ok;

    w.stream = open_memstream(&text, &length);
    if ( !w.stream )
        abort();
    write_program(&w, made);
    fclose(w.stream);
    ok = program_parse_text(text, "study", "study", &list, &why) &&
         list.count == 1 && list.program[0]->ops == w.operations;
    free(text);
    if ( ok )
    {
        made->program = list.program[0];
        free(list.program);
        return true;
    }
    snprintf(error, size, "%s", why.text);
    program_list_free(&list);
    return false;
}
