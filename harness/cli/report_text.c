/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What text may say in the formats that the report is written in. */
#include <cli/report.h>

/* The value that a lead byte of @length bytes contributes, and the smallest
 * code point that may be written so long (RFC 3629). */
static const struct {
    unsigned char mask, lead, bits;
    uint32_t least;
} utf8_form[] = {
    { 0, 0, 0, 0 },
    { 0x80, 0x00, 0x7f, 0 },
    { 0xe0, 0xc0, 0x1f, 0x80 },
    { 0xf0, 0xe0, 0x0f, 0x800 },
    { 0xf8, 0xf0, 0x07, 0x10000 },
};

/* Neither surrogates nor what XML 1.0 (2.2) has no room for. */
static bool code_point_allowed(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' ||
           (c >= 0xa0 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe) ||
           (c > 0xffff && c <= 0x10ffff);
}

/* Bytes of the character at @text, 0 if it may not stand there. */
static size_t character_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    for ( size_t length = 1; length < 5; length++ )
    {
        uint32_t c;

        if ( (s[0] & utf8_form[length].mask) != utf8_form[length].lead )
            continue;

        c = s[0] & utf8_form[length].bits;
        for ( size_t i = 1; i < length; i++ )
        {
            if ( (s[i] & 0xc0) != 0x80 )
                return 0;
            c = c << 6 | (s[i] & 0x3f);
        }
        if ( c < utf8_form[length].least || !code_point_allowed(c) )
            return 0;
        return length;
    }
    return 0;
}

void report_clean(char *text)
{
    while ( *text )
    {
        size_t length = character_length(text);

        if ( !length )
            *text = '?';
        text += length ? length : 1;
    }
}

void report_escape(FILE *stream, const char *text)
{
    for ( ; *text; text++ )
    {
        switch ( *text )
        {
        case '&':
            fputs("&amp;", stream);
            break;
        case '<':
            fputs("&lt;", stream);
            break;
        case '>':
            fputs("&gt;", stream);
            break;
        case '"':
            fputs("&quot;", stream);
            break;
        case '\'':
            fputs("&#39;", stream);
            break;
        default:
            putc(*text, stream);
        }
    }
}
