/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What machines of all architectures have in common. */

/* memfd_create() */
#define _GNU_SOURCE
#include <qemu/machine.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The qtest accelerator is left out of distributions' builds; its protocol is
 * not.  A halted vcpu under TCG takes its place, and virtual time that jumps
 * to the next timer whenever the vcpu is idle.
 */
static const char *const common_arguments[] = {
    "-accel",   "tcg",   "-icount",     "shift=0,sleep=off",
    "-display", "none",  "-nodefaults", "-no-user-config",
    "-qtest",   "stdio", "-qtest-log",  "none",
    NULL,
};

enum client_width qemu_width(unsigned int size)
{
    return size == 8 ? WIDTH_8 :
           size == 4 ? WIDTH_4 :
           size == 2 ? WIDTH_2 :
                       WIDTH_1;
}

bool qemu_version(const char *program, char *version, size_t size)
{
    char command[512], line[256], *end;
    FILE *pipe;
    bool ok;

    snprintf(command, sizeof(command), "'%s' --version 2>/dev/null", program);
    pipe = popen(command, "r");
    if ( !pipe )
        return false;
    ok = fgets(line, sizeof(line), pipe) != NULL;
    pclose(pipe);
    end = ok ? strstr(line, "version ") : NULL;
    if ( !end )
        return false;
    end += strlen("version ");
    snprintf(version, size, "%.*s", (int)strcspn(end, " \n"), end);
    return true;
}

/* ---- events ---- */

static void put_event(struct qemu_machine *m, const struct qemu_event *event)
{
    if ( m->events == QEMU_MAX_EVENTS )
    {
        m->first = (m->first + 1) % QEMU_MAX_EVENTS;
        m->events--;
    }
    m->event[(m->first + m->events++) % QEMU_MAX_EVENTS] = *event;
}

bool qemu_event_take(struct qemu_machine *m, struct qemu_event *event)
{
    client_sync(&m->client);
    if ( !m->events )
        return false;
    *event = m->event[m->first];
    m->first = (m->first + 1) % QEMU_MAX_EVENTS;
    m->events--;
    return true;
}

static bool on_trace(void *context, const char *line)
{
    struct qemu_machine *m = context;
    struct qemu_event event;

    if ( !m->arch->trace_event || !m->arch->trace_event(line, &event) )
        return false;
    put_event(m, &event);
    return true;
}

static void on_irq(void *context, unsigned int number, bool raised)
{
    struct qemu_machine *m = context;
    struct qemu_event event;

    if ( raised && m->arch->irq_event && m->arch->irq_event(number, &event) )
        put_event(m, &event);
}

/* ---- QMP ---- */

/* A QEMU that says nothing there for so long never will (milliseconds). */
#define PATIENCE 20000

/* Until @word comes; what comes besides is of no interest. */
static bool monitor_await(struct qemu_machine *m, const char *word)
{
    char buffer[4096] = "";
    size_t length = 0;

    while ( !strstr(buffer, word) )
    {
        struct pollfd fd = { .fd = m->monitor, .events = POLLIN };
        ssize_t got = 0;

        /* The end of what is forgotten may be the beginning of the word. */
        if ( length > sizeof(buffer) / 2 )
        {
            memmove(buffer, buffer + length - strlen(word), strlen(word));
            length = strlen(word);
        }
        if ( poll(&fd, 1, PATIENCE) > 0 )
            got = read(m->monitor, buffer + length,
                       sizeof(buffer) - 1 - length);
        if ( got <= 0 )
            return false;
        length += (size_t)got;
        buffer[length] = '\0';
    }
    return true;
}

static bool monitor_say(struct qemu_machine *m, const char *line,
                        const char *answer)
{
    size_t length = strlen(line);

    return send(m->monitor, line, length, MSG_NOSIGNAL) == (ssize_t)length &&
           monitor_await(m, answer);
}

void qemu_system_reset(struct qemu_machine *m)
{
    if ( !client_sync(&m->client) ||
         !monitor_say(m, "{\"execute\":\"system_reset\"}\n", "\"RESET\"") )
        m->client.dead = true;
}

/* The other end is QEMU's, and given to it by number. */
static bool open_monitor(struct qemu_machine *m, int *other)
{
    int pair[2];

    if ( socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) )
        return false;
    m->monitor = pair[0];
    *other = pair[1];
    snprintf(m->monitor_argument, sizeof(m->monitor_argument),
             "socket,id=monitor,fd=%d", *other);
    return true;
}

/* ---- life ---- */

/* An image in memory, under a name that QEMU can open. */
static bool make_firmware(struct qemu_machine *m)
{
    size_t size = m->arch->firmware_size;
    uint8_t *image;

    m->firmware = memfd_create("firmware", MFD_CLOEXEC);
    if ( m->firmware < 0 )
        return false;
    snprintf(m->firmware_path, sizeof(m->firmware_path), "/proc/self/fd/%d",
             m->firmware);
    if ( ftruncate(m->firmware, (off_t)size) )
        return false;
    image = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->firmware,
                 0);
    if ( image == MAP_FAILED )
        return false;
    m->arch->firmware(image);
    munmap(image, size);
    return true;
}

static void add_arguments(char **argv, size_t *argc,
                          const char *const *arguments)
{
    for ( ; *arguments && *argc + 1 < QEMU_MAX_ARGV; arguments++ )
        argv[(*argc)++] = (char *)*arguments;
}

static bool start_client(struct qemu_machine *m, int other)
{
    const char *const firmware[] = { m->program, "-bios", m->firmware_path,
                                     NULL };
    const char *const memory[] = { "-object", m->memory_argument, "-machine",
                                   "memory-backend=ram", NULL };
    const char *const monitor[] = { "-chardev", m->monitor_argument, "-mon",
                                    "chardev=monitor,mode=control", NULL };
    const int inherit[CLIENT_INHERIT] = { m->firmware, m->memory, other };
    char *argv[QEMU_MAX_ARGV] = { 0 };
    size_t argc = 0;

    add_arguments(argv, &argc, firmware);
    add_arguments(argv, &argc, common_arguments);
    add_arguments(argv, &argc, memory);
    if ( m->arch->monitor )
        add_arguments(argv, &argc, monitor);
    add_arguments(argv, &argc, m->arch->arguments);
    return client_start(&m->client, argv, inherit);
}

bool qemu_start(struct qemu_machine *m, const struct qemu_arch *arch,
                const char *program)
{
    int other = -1;
    bool started;

    memset(m, 0, sizeof(*m));
    m->arch = arch;
    m->program = program;
    m->monitor = m->firmware = m->memory = -1;
    m->client.on_trace = on_trace;
    m->client.on_irq = on_irq;
    m->client.context = m;
    for ( unsigned int i = 0; i < arch->devices; i++ )
        m->device[i].source = arch->source[i];
    if ( !make_firmware(m) || !qemu_memory_open(m) ||
         (arch->monitor && !open_monitor(m, &other)) )
        return false;
    started = start_client(m, other);
    if ( other >= 0 )
        close(other);
    if ( !started )
        return false;
    if ( arch->monitor &&
         (!monitor_await(m, "QMP") ||
          !monitor_say(m, "{\"execute\":\"qmp_capabilities\"}\n", "return")) )
        m->client.dead = true;
    if ( arch->intercept )
        client_intercept_in(&m->client, arch->intercept);
    qemu_reset(m);
    if ( qemu_alive(m) )
        return true;
    errno = ECHILD;
    return false;
}

static void put_arguments(FILE *out, const char *const *arguments)
{
    for ( ; *arguments; arguments++ )
        fprintf(out, "%s%s", **arguments == '-' ? " \\\n    " : " ",
                *arguments);
}

/* What is not zero of it lies together. */
static void put_firmware(const struct qemu_machine *m, FILE *out)
{
    size_t size = m->arch->firmware_size, first = 0, last = size;
    uint8_t *image = calloc(1, size);

    if ( !image )
        abort();
    m->arch->firmware(image);
    while ( first < last && !image[first] )
        first++;
    while ( first < last && !image[last - 1] )
        last--;
    fprintf(out, "truncate -s %zu \"$firmware\"\nprintf '", size);
    for ( size_t i = first; i < last; i++ )
        fprintf(out, "\\x%02x", image[i]);
    fprintf(out,
            "' |\n    dd of=\"$firmware\" bs=1 seek=%zu conv=notrunc "
            "status=none\n",
            first);
    free(image);
}

void qemu_script(const struct qemu_machine *m, FILE *out, const char *requests)
{
    fprintf(out, "firmware=$(mktemp)\ntrap 'rm \"$firmware\"' EXIT\n");
    put_firmware(m, out);
    fprintf(out, "# It does not end by itself.\n");
    fprintf(out, "%s | timeout 5 %s -bios \"$firmware\"", requests,
            m->arch->program);
    put_arguments(out, common_arguments);
    put_arguments(out, m->arch->arguments);
    fprintf(out, " ||\n    [[ $? -eq 124 ]]\n");
}

void qemu_stop(struct qemu_machine *m)
{
    client_stop(&m->client);
    if ( m->firmware >= 0 )
        close(m->firmware);
    if ( m->monitor >= 0 )
        close(m->monitor);
    m->firmware = m->monitor = -1;
    qemu_memory_close(m);
}

/* The root port before the device on bus 1: a type 1 header. */
#define PORT_SOURCE          0x0038 /* 00:07.0 */
#define BRIDGE_BUSES         0x18
#define BRIDGE_MEMORY        0x20
#define BRIDGE_COMMAND       0x04
#define BRIDGE_COMMAND_VALUE 0x6u        /* memory, bus master */
#define BRIDGE_BUSES_VALUE   0x00010100u /* primary 0, secondary 1 */
#define BRIDGE_WINDOW(bar)                                                    \
    ((uint32_t)((bar) >> 16 & 0xfff0) | (uint32_t)((bar)&0xfff00000u))

#define BAR_SIZE UINT64_C(0x100000)

static void set_up_port(struct qemu_machine *m, uint64_t bar)
{
    const struct qemu_arch *arch = m->arch;

    arch->config_write(m, PORT_SOURCE, BRIDGE_BUSES, WIDTH_4,
                       BRIDGE_BUSES_VALUE);
    arch->config_write(m, PORT_SOURCE, BRIDGE_MEMORY, WIDTH_4,
                       BRIDGE_WINDOW(bar));
    arch->config_write(m, PORT_SOURCE, BRIDGE_COMMAND, WIDTH_2,
                       BRIDGE_COMMAND_VALUE);
}

void qemu_set_up(struct qemu_machine *m)
{
    for ( unsigned int i = 0; i < m->arch->devices; i++ )
    {
        m->device[i].bar = m->arch->first_bar + i * BAR_SIZE;
        if ( m->device[i].source >> 8 )
            set_up_port(m, m->device[i].bar);
        edu_set_up(m, i);
    }
}

void qemu_reset(struct qemu_machine *m)
{
    if ( m->client.record )
    {
        m->arch->off(m);
        return;
    }
    m->arch->reset(m);
    qemu_set_up(m);
    if ( m->arch->litter )
        qemu_clear(m, m->arch->ram_base, m->arch->litter);
    client_sync(&m->client);
    m->events = 0;
}

/* ---- registers ---- */

uint64_t qemu_unit_read(struct qemu_machine *m, uint32_t offset,
                        unsigned int size)
{
    uint64_t value;

    client_read(&m->client, qemu_width(size), m->arch->unit_base + offset,
                &value);
    client_sync(&m->client);
    return value;
}

void qemu_unit_write(struct qemu_machine *m, uint32_t offset,
                     unsigned int size, uint64_t value)
{
    client_write(&m->client, qemu_width(size), m->arch->unit_base + offset,
                 value);
}
