/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cli/progress.h>

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

/* A person sees no more than this anyway. */
#define TERMINAL_INTERVAL (SECOND / 10)
#define LINE_INTERVAL     SECOND
#define LINE_PERCENT      5

#define BAR_WIDTH 20

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(const struct progress *progress)
{
    return progress->config.now_ns ?
               progress->config.now_ns(progress->config.context) :
               monotonic_ns();
}

bool progress_on_terminal(FILE *stream, unsigned int *columns)
{
    struct winsize size = { 0 };
    int fd = fileno(stream);

    if ( fd < 0 || !isatty(fd) )
        return false;
    *columns = ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
    return true;
}

void progress_begin(struct progress *progress,
                    const struct progress_config *config)
{
    *progress = (struct progress) { .config = *config };
    if ( !progress->config.stream )
        progress->config.stream = stderr;
    if ( !progress->config.columns )
        progress->config.columns = 80;
    progress->begin = now_ns(progress);
    progress->shown = progress->begin;
}

static unsigned int percent(const struct progress *progress)
{
    return (unsigned int)(progress->done * 100 / progress->config.total);
}

static bool is_due(const struct progress *progress, uint64_t now)
{
    uint64_t since = now - progress->shown;
    uint64_t steps = progress->done - progress->shown_done;

    if ( progress->config.terminal )
        return !progress->visible || since >= TERMINAL_INTERVAL;
    return since >= LINE_INTERVAL &&
           steps * 100 >= LINE_PERCENT * progress->config.total;
}

/* "1:05" */
static void put_time(char *buffer, size_t size, uint64_t ns)
{
    unsigned long long seconds = ns / SECOND;

    snprintf(buffer, size, "%llu:%02llu", seconds / 60, seconds % 60);
}

/* Counts, elapsed time and how long it will take yet. */
static int put_figures(const struct progress *progress, uint64_t now,
                       char *buffer, size_t size)
{
    uint64_t elapsed = now - progress->begin;
    uint64_t left = progress->config.total - progress->done;
    char passed[24], eta[24] = "?", failed[40] = "";

    put_time(passed, sizeof(passed), elapsed);
    if ( progress->done )
        put_time(eta, sizeof(eta),
                 (uint64_t)((double)elapsed * (double)left /
                            (double)progress->done));
    if ( progress->failed )
        snprintf(failed, sizeof(failed), " %llu failed",
                 (unsigned long long)progress->failed);
    return snprintf(buffer, size, "%llu/%llu %3u %%%s %s eta %s",
                    (unsigned long long)progress->done,
                    (unsigned long long)progress->config.total,
                    percent(progress), failed, passed, eta);
}

static void draw(struct progress *progress, uint64_t now, const char *name)
{
    FILE *stream = progress->config.stream;
    unsigned int full = percent(progress) * BAR_WIDTH / 100;
    char figures[160];
    int used;

    put_figures(progress, now, figures, sizeof(figures));
    used = fprintf(stream, "\r\033[K%s [", progress->config.what) - 4;
    for ( unsigned int i = 0; i < BAR_WIDTH; i++ )
        putc(i < full ? '#' : '.', stream);
    used += BAR_WIDTH + fprintf(stream, "] %s ", figures);

    /* The last column stays free, or the terminal would wrap. */
    if ( used + 1 < (int)progress->config.columns )
        fprintf(stream, "%.*s", (int)progress->config.columns - used - 1,
                name);
    fflush(stream);
    progress->visible = true;
}

static void print_line(const struct progress *progress, uint64_t now,
                       const char *name)
{
    char figures[160];

    put_figures(progress, now, figures, sizeof(figures));
    fprintf(progress->config.stream, "%s: %s %s\n", progress->config.what,
            figures, name);
    fflush(progress->config.stream);
}

void progress_show(struct progress *progress, const char *name)
{
    uint64_t now;

    if ( !progress->config.total )
        return;
    now = now_ns(progress);
    if ( !is_due(progress, now) )
        return;
    if ( progress->config.terminal )
        draw(progress, now, name);
    else
        print_line(progress, now, name);
    progress->shown = now;
    progress->shown_done = progress->done;
}

void progress_step(struct progress *progress, bool ok)
{
    if ( progress->done < progress->config.total )
        progress->done++;
    if ( !ok )
        progress->failed++;
}

void progress_clear(struct progress *progress)
{
    if ( !progress->visible )
        return;
    fputs("\r\033[K", progress->config.stream);
    fflush(progress->config.stream);
    progress->visible = false;
}

void progress_end(struct progress *progress)
{
    char took[24];

    if ( !progress->config.total )
        return;
    progress_clear(progress);
    put_time(took, sizeof(took), now_ns(progress) - progress->begin);
    fprintf(progress->config.stream,
            "%s: %llu of %llu done, %llu failed, %s\n", progress->config.what,
            (unsigned long long)progress->done,
            (unsigned long long)progress->config.total,
            (unsigned long long)progress->failed, took);
    fflush(progress->config.stream);
}
