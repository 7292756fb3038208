/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other verbs have left below build/report for the page and the summary:
 * cover.json of umbra cover, mutants.json of umbra mutants (docs/json.md).
 */
#ifndef HARNESS_CLI_EVIDENCE_H
#define HARNESS_CLI_EVIDENCE_H

#include <stdio.h>

struct evidence;

/* From the files in @directory; what is missing or no such file is left out.
 * NULL: no memory. */
struct evidence *evidence_load(const char *directory);
void evidence_free(struct evidence *evidence);

/* Their sections of the page; of the summary, in Markdown. */
void evidence_html(FILE *stream, const struct evidence *evidence);
void evidence_markdown(FILE *stream, const struct evidence *evidence);

#endif /* HARNESS_CLI_EVIDENCE_H */
