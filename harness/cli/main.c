/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra VERB ...: finds the verb. */

#include <cli/cli.h>

#include <stdio.h>
#include <string.h>

struct verb {
    const char *name;
    verb_fn *fn;
    const char *help;
    const char *example;
};

static const struct verb verbs[] = {
    { "run", verb_run, "run the regression suite", "umbra run 'vtd/iotlb*'" },
    { "replay", verb_replay, "replay a session, a scenario or a finding",
      "umbra replay scenarios/vtd/sessions/vtd-cm.trace.gz --through both" },
    { "convert", verb_convert, "convert between text, binary and sessions",
      "umbra convert build/findings/x.bin x.scn" },
    { "list", verb_list, "list the suite's cases and what they prove",
      "umbra list 'vtd/*'" },
    { "report", verb_report, "put the evidence of the last runs together",
      "umbra report --markdown -" },
    { "diff", verb_diff, "compare with QEMU's IOMMUs",
      "umbra diff --cases 500" },
    { "bench", verb_bench, "measure", "umbra bench --seconds 10" },
    { "explore", verb_explore, "run a litmus test in every order",
      "umbra explore scenarios/litmus/vtd/unmap-free.litmus" },
#ifdef UMBRA_SIM
    { "sim", verb_sim, "run a scenario or a session in simulated time",
      "umbra sim scenarios/vtd/sessions/vtd-cm.trace.gz --load stream" },
#endif
    { "shrink", verb_shrink, "make a counterexample small",
      "umbra shrink build/findings/x.litmus" },
    { "fuzz", verb_fuzz, "fuzz", "umbra fuzz vtd_queue --seconds 60" },
};

static void usage(FILE *out)
{
    fprintf(out, "Usage: umbra VERB [OPTION...]\n\n");
    for ( unsigned int i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++ )
        fprintf(out, "  %-9s%s\n           %s\n", verbs[i].name, verbs[i].help,
                verbs[i].example);
    fprintf(out, "\n'umbra VERB --help' says more.  Exit status: 0 nothing "
                 "found, 1 something found,\n2 usage or environment.\n");
}

int main(int argc, char **argv)
{
    if ( argc < 2 )
    {
        usage(stderr);
        return STATUS_USAGE;
    }
    if ( !strcmp(argv[1], "--help") || !strcmp(argv[1], "help") )
    {
        usage(stdout);
        return STATUS_OK;
    }
    if ( !strcmp(argv[1], "--version") )
    {
        printf("umbra %s\n", UMBRA_VERSION);
        return STATUS_OK;
    }
    argp_err_exit_status = STATUS_USAGE;
    for ( unsigned int i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++ )
        if ( !strcmp(argv[1], verbs[i].name) )
        {
            char name[32];

            snprintf(name, sizeof(name), "umbra %s", verbs[i].name);
            argv[1] = name;
            return verbs[i].fn(argc - 1, argv + 1);
        }
    fprintf(stderr, "umbra: there is no verb '%s'\n\n", argv[1]);
    usage(stderr);
    return STATUS_USAGE;
}
