/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The qtest protocol: lines of text, answered in order. */

/* pipe2() */
#define _GNU_SOURCE

#include <qemu/client.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A QEMU that says nothing for so long never will (milliseconds). */
#define PATIENCE 20000

/* Longest request that is ever made. */
#define LONGEST 96

static const char width_letter[] = { 'b', 'w', 'l', 'q' };

/* ---- life ---- */

static void become_qemu(char *const argv[], int qtest, int trace,
                        const int inherit[CLIENT_INHERIT])
{
    /* It ends with us, however we end. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if ( dup2(qtest, 0) < 0 || dup2(qtest, 1) < 0 || dup2(trace, 2) < 0 )
        _exit(127);
    for ( unsigned int i = 0; i < CLIENT_INHERIT; i++ )
        if ( inherit[i] >= 0 )
            fcntl(inherit[i], F_SETFD, 0);
    execvp(argv[0], argv);
    _exit(127);
}

/* Ours is the first of each pair. */
static bool open_channels(int qtest[2], int trace[2])
{
    if ( socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qtest) )
        return false;
    if ( !pipe2(trace, O_CLOEXEC) )
        return true;
    close(qtest[0]);
    close(qtest[1]);
    return false;
}

bool client_start(struct client *client, char *const argv[],
                  const int inherit[CLIENT_INHERIT])
{
    int qtest[2], trace[2];
    pid_t child;

    if ( !open_channels(qtest, trace) )
        return false;
    fflush(NULL);
    child = fork();
    if ( !child )
        become_qemu(argv, qtest[1], trace[1], inherit);
    close(qtest[1]);
    close(trace[1]);
    if ( child < 0 )
    {
        close(qtest[0]);
        close(trace[0]);
        return false;
    }
    client->pid = child;
    client->qtest = qtest[0];
    client->trace = trace[0];
    fcntl(client->trace, F_SETFL, O_NONBLOCK);
    client->dead = false;
    client->out_length = client->line_length = 0;
    client->in_start = client->in_length = 0;
    client->pending = 0;
    client->diagnosis[0] = '\0';
    return true;
}

void client_stop(struct client *client)
{
    if ( !client->pid )
        return;
    kill(client->pid, SIGKILL);
    waitpid(client->pid, NULL, 0);
    close(client->qtest);
    close(client->trace);
    client->pid = 0;
    client->dead = true;
}

/* ---- requests ---- */

static void request(struct client *client, uint64_t *answer, const char *fmt,
                    ...) __attribute__((format(printf, 3, 4)));

static void request(struct client *client, uint64_t *answer, const char *fmt,
                    ...)
{
    va_list args;
    int length;

    if ( answer )
        *answer = 0;
    if ( client->pending == CLIENT_MAX_PENDING ||
         client->out_length + LONGEST > CLIENT_BUFFER )
        client_sync(client);
    if ( client->dead )
        return;
    va_start(args, fmt);
    length = vsnprintf(client->out + client->out_length, LONGEST, fmt, args);
    va_end(args);
    if ( client->record )
        fwrite(client->out + client->out_length, 1, (size_t)length,
               client->record);
    client->out_length += (size_t)length;
    client->answer[client->pending++] = answer;
}

void client_write(struct client *client, enum client_width width,
                  uint64_t address, uint64_t value)
{
    request(client, NULL, "write%c %#" PRIx64 " %#" PRIx64 "\n",
            width_letter[width], address, value);
}

void client_read(struct client *client, enum client_width width,
                 uint64_t address, uint64_t *value)
{
    request(client, value, "read%c %#" PRIx64 "\n", width_letter[width],
            address);
}

void client_out(struct client *client, enum client_width width, uint16_t port,
                uint32_t value)
{
    request(client, NULL, "out%c %#x %#x\n", width_letter[width], port, value);
}

void client_fill(struct client *client, uint64_t address, size_t size,
                 uint8_t value)
{
    request(client, NULL, "memset %#" PRIx64 " %#zx %#x\n", address, size,
            value);
}

void client_intercept_in(struct client *client, const char *device)
{
    request(client, NULL, "irq_intercept_in %s\n", device);
}

void client_remark(struct client *client, const char *word, size_t number)
{
    if ( client->record )
        fprintf(client->record, "after-%zu-%s\n", number, word);
}

/* ---- answers ---- */

static void trace_line(struct client *client, const char *line)
{
    size_t used = strlen(client->diagnosis);

    if ( client->on_trace && client->on_trace(client->context, line) )
        return;
    /* The newest stays when there is no room. */
    if ( used + strlen(line) + 2 > sizeof(client->diagnosis) )
        used = 0;
    snprintf(client->diagnosis + used, sizeof(client->diagnosis) - used,
             "%.400s\n", line);
}

void client_give_up(struct client *client, const char *why)
{
    if ( !client->dead )
        snprintf(client->diagnosis, sizeof(client->diagnosis), "%s\n", why);
    client->dead = true;
}

/* All that QEMU has written to its stderr so far. */
static void drain_trace(struct client *client)
{
    char buffer[4096];
    ssize_t got;

    while ( (got = read(client->trace, buffer, sizeof(buffer))) > 0 )
        for ( ssize_t i = 0; i < got; i++ )
        {
            if ( buffer[i] != '\n' )
            {
                if ( client->line_length + 1 < CLIENT_LINE )
                    client->line[client->line_length++] = buffer[i];
                continue;
            }
            client->line[client->line_length] = '\0';
            client->line_length = 0;
            trace_line(client, client->line);
        }
}

/* True: it answers a request. */
static bool answer_line(struct client *client, char *line, uint64_t *answer)
{
    unsigned int number;

    if ( sscanf(line, "IRQ raise %u", &number) == 1 ||
         sscanf(line, "IRQ lower %u", &number) == 1 )
    {
        if ( client->on_irq )
            client->on_irq(client->context, number, line[4] == 'r');
        return false;
    }
    if ( answer && !strncmp(line, "OK ", 3) )
        *answer = strtoull(line + 3, NULL, 0);
    /* What the protocol refuses is our own mistake. */
    if ( strncmp(line, "OK", 2) )
        snprintf(client->diagnosis, sizeof(client->diagnosis),
                 "qtest refuses a request: %.200s\n", line);
    return true;
}

static bool send_all(struct client *client)
{
    size_t sent = 0;

    while ( sent < client->out_length )
    {
        ssize_t n = send(client->qtest, client->out + sent,
                         client->out_length - sent, MSG_NOSIGNAL);

        if ( n < 0 && errno != EINTR )
            return false;
        sent += n > 0 ? (size_t)n : 0;
    }
    client->out_length = 0;
    return true;
}

/* More bytes of answers; meanwhile the trace must not fill its pipe. */
static bool receive(struct client *client)
{
    struct pollfd fds[2] = { { .fd = client->qtest, .events = POLLIN },
                             { .fd = client->trace, .events = POLLIN } };
    ssize_t got;

    for ( ;; )
    {
        int ready = poll(fds, 2, PATIENCE);

        if ( ready < 0 && errno == EINTR )
            continue;
        if ( ready <= 0 )
            return false;
        if ( fds[1].revents & POLLIN )
            drain_trace(client);
        if ( fds[0].revents )
            break;
        if ( fds[1].revents & POLLHUP )
            return false;
    }
    memmove(client->in, client->in + client->in_start,
            client->in_length - client->in_start);
    client->in_length -= client->in_start;
    client->in_start = 0;
    got = read(client->qtest, client->in + client->in_length,
               CLIENT_BUFFER - client->in_length);
    if ( got <= 0 )
        return false;
    client->in_length += (size_t)got;
    return true;
}

/* One line out of what came; false: none is complete. */
static bool take_line(struct client *client, char *line, size_t size)
{
    const char *start = client->in + client->in_start;
    const char *end = memchr(start, '\n',
                             client->in_length - client->in_start);

    if ( !end )
        return false;
    snprintf(line, size, "%.*s", (int)(end - start), start);
    client->in_start += (size_t)(end - start) + 1;
    return true;
}

bool client_sync(struct client *client)
{
    unsigned int answered = 0;
    char line[CLIENT_LINE];

    if ( client->dead )
        return false;
    if ( !client->pending )
        return true;
    client->dead = !send_all(client);
    while ( !client->dead && answered < client->pending )
    {
        if ( take_line(client, line, sizeof(line)) )
            answered += answer_line(client, line, client->answer[answered]);
        else if ( !receive(client) )
            client->dead = true;
    }
    client->pending = 0;
    client->out_length = 0;
    drain_trace(client);
    return !client->dead;
}
