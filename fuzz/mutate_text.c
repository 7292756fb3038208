/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutations of scenarios and sessions as text: of lines, words, names and
 * numbers, in place of mutations of bytes.
 */

#include <fuzz/draw.h>
#include <fuzz/text.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Not terminated. */
struct page {
    char *data;
    size_t size, room;
};

/* A piece of it: a word, or lines with their ends. */
struct piece {
    size_t at, length;
};

/* @text must not be part of the page.  Without room nothing happens. */
static void splice(struct page *p, struct piece old, const char *text,
                   size_t length)
{
    if ( p->size - old.length + length > p->room )
        return;
    memmove(p->data + old.at + length, p->data + old.at + old.length,
            p->size - old.at - old.length);
    memcpy(p->data + old.at, text, length);
    p->size += length - old.length;
}

/* ---- lines ---- */

/* Where one of them begins. */
static size_t line_start(const char *data, size_t size, struct draw *d)
{
    size_t at = draw(d, (unsigned int)size);

    while ( at && data[at - 1] != '\n' )
        at--;
    return at;
}

/* What is from there to the end of that line. */
static size_t line_length(const struct page *p, size_t at)
{
    const char *from = p->data + at, *end = p->data + p->size,
               *next = memchr(from, '\n', (size_t)(end - from));

    return (size_t)((next ? next + 1 : end) - from);
}

static struct piece any_line(const struct page *p, struct draw *d)
{
    size_t at = line_start(p->data, p->size, d);

    return (struct piece) { at, line_length(p, at) };
}

static struct piece lines(const struct page *p, struct draw *d,
                          unsigned int most)
{
    struct piece first = any_line(p, d);

    for ( unsigned int n = draw(d, most); n; n-- )
        first.length += line_length(p, first.at + first.length);
    return first;
}

#define COPY 512 /* bytes that are moved or repeated at once */

static size_t copy(const struct page *p, struct piece from, char *to)
{
    size_t length = from.length < COPY ? from.length : COPY;

    memcpy(to, p->data + from.at, length);
    return length;
}

static void delete_lines(struct page *p, struct draw *d)
{
    splice(p, lines(p, d, 4), "", 0);
}

/* Up to 20 times, behind one another: more than tables have room for. */
static void repeat_line(struct page *p, struct draw *d)
{
    struct piece line = any_line(p, d);
    char text[COPY];
    size_t length = copy(p, line, text);

    for ( unsigned int n = draw(d, 4) ? 1 : 1 + draw(d, 20); n; n-- )
        splice(p, (struct piece) { line.at, 0 }, text, length);
}

static void move_lines(struct page *p, struct draw *d)
{
    struct piece from = lines(p, d, 4);
    char text[COPY];
    size_t length = copy(p, from, text);

    splice(p, (struct piece) { from.at, length }, "", 0);
    splice(p, (struct piece) { p->size ? any_line(p, d).at : 0, 0 }, text,
           length);
}

/* ---- words ---- */

static bool in_word(char c)
{
    return c != ' ' && c != '\n' && c != '=' && c != ',' && c != ':';
}

/* Its length may be 0. */
static struct piece any_word(const struct page *p, struct draw *d)
{
    size_t at = draw(d, (unsigned int)p->size), end = at;

    while ( at && in_word(p->data[at - 1]) )
        at--;
    while ( end < p->size && in_word(p->data[end]) )
        end++;
    return (struct piece) { at, end - at };
}

static void replace_word(struct page *p, struct draw *d)
{
    char text[COPY];
    size_t length = copy(p, any_word(p, d), text);

    splice(p, any_word(p, d), text, length);
}

static void add_word(struct page *p, struct draw *d)
{
    char text[COPY + 1] = " ";
    size_t length = copy(p, any_word(p, d), text + 1);
    struct piece word = any_word(p, d);

    splice(p, (struct piece) { word.at + word.length, 0 }, text, length + 1);
}

static void delete_word(struct page *p, struct draw *d)
{
    struct piece word = any_word(p, d);

    word.length += word.at + word.length < p->size;
    splice(p, word, "", 0);
}

#define LONGEST 48 /* of a name that is made: more than names may have */

/* Mostly beside what a table may have room for. */
static size_t name_length(struct draw *d)
{
    return draw(d, 3) ? 8 * (1 + draw(d, LONGEST / 8 - 1)) - 1 + draw(d, 3) :
                        1 + draw(d, LONGEST);
}

static bool word_is(const struct page *p, size_t at, const char *text,
                    size_t length)
{
    return p->size - at >= length && !memcmp(p->data + at, text, length) &&
           (!at || !in_word(p->data[at - 1])) &&
           (at + length == p->size || !in_word(p->data[at + length]));
}

/* Wherever it is: names stay what they name. */
static void rename_word(struct page *p, struct draw *d)
{
    struct piece word = any_word(p, d);
    char old[COPY], new[LONGEST];
    size_t length = copy(p, word, old), longer = name_length(d);

    if ( !length || length != word.length )
        return;
    for ( size_t i = 0; i < longer; i++ )
        new[i] = old[i < length ? i : length - 1];
    for ( size_t at = 0; at < p->size; at++ )
        if ( word_is(p, at, old, length) )
        {
            splice(p, (struct piece) { at, length }, new, longer);
            at += longer;
        }
}

/* ---- numbers ---- */

static uint64_t edge(struct draw *d)
{
    uint64_t power = UINT64_C(1) << draw(d, 64);

    switch ( draw(d, 4) )
    {
    case 0:
        return draw(d, 20);
    case 1:
        return power;
    case 2:
        return power - 1;
    default:
        return power | draw(d, 4096);
    }
}

static void replace_number(struct page *p, struct draw *d)
{
    char text[32];
    struct piece word = any_word(p, d);
    unsigned int form = draw(d, 3);
    uint64_t value = edge(d);

    for ( unsigned int n = 0;
          n < 8 &&
          (!word.length || p->data[word.at] < '0' || p->data[word.at] > '9');
          n++ )
        word = any_word(p, d);
    if ( form )
        snprintf(text, sizeof(text), form > 1 ? "0x%" PRIx64 : "%" PRIx64,
                 value);
    else
        snprintf(text, sizeof(text), "%" PRIu64, value);
    splice(p, word, text, strlen(text));
}

/* ---- all of them ---- */

typedef void mutation(struct page *p, struct draw *d);
static mutation *const mutations[] = {
    delete_lines, repeat_line,  repeat_line,    move_lines,
    replace_word, replace_word, add_word,       delete_word,
    rename_word,  rename_word,  replace_number,
};

size_t text_mutate(char *data, size_t size, size_t room, unsigned int seed)
{
    struct draw d = draw_from(seed);
    struct page p = { data, size, room };

    for ( unsigned int n = 1 + draw(&d, 3); n && p.size; n-- )
        mutations[draw(&d, sizeof(mutations) / sizeof(mutations[0]))](&p, &d);
    return p.size;
}

size_t text_cross(const char *a, size_t a_size, const char *b, size_t b_size,
                  char *out, size_t room, unsigned int seed)
{
    struct draw d = draw_from(seed);
    size_t head = line_start(a, a_size, &d), skip = line_start(b, b_size, &d),
           tail = b_size - skip;

    if ( head > room )
        head = room;
    if ( tail > room - head )
        tail = room - head;
    memcpy(out, a, head);
    memcpy(out + head, b + skip, tail);
    return head + tail;
}
