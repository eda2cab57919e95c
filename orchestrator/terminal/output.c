#include "orchestrator/terminal/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum { LAST_WRITE_MS = 1000, TOGETHER_BYTES = 64 * 1024 };

struct output {
    struct loop *loop;
    int fd;
    bool owns_fd;
    struct loop_timer *flush_timer; // what comes in one turn of the loop is written together
    struct loop_watch *watch;       // NULL: nothing waits for the reader
    struct strbuf waiting;
    size_t sent; // of it
    size_t skipped;
    loop_fn *on_drained;
    void *context;
};

// A second open file for a terminal or a pipe; -1 for everything else, and where there is none.
static int open_again(int fd)
{
    struct stat st;
    if (fstat(fd, &st) || (!S_ISFIFO(st.st_mode) && !isatty(fd)))
        return -1;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void on_flush_due(void *context)
{
    output_flush(context);
}

struct output *output_new(struct loop *loop, int fd, loop_fn *on_drained, void *context)
{
    struct output *output = mem_alloc(sizeof *output);
    const int own = open_again(fd);
    *output = (struct output){.loop = loop,
                              .fd = own >= 0 ? own : fd,
                              .owns_fd = own >= 0,
                              .waiting = STRBUF_INIT,
                              .on_drained = on_drained,
                              .context = context};
    output->flush_timer = loop_timer_new(loop, on_flush_due, output);
    return output;
}

// Writes what can be written now. Whoever reads no more gets nothing more.
static void put(struct output *output)
{
    while (output->sent < output->waiting.len) {
        const ssize_t wrote = write(output->fd, output->waiting.data + output->sent,
                                    output->waiting.len - output->sent);
        if (wrote > 0)
            output->sent += (size_t)wrote;
        else if (wrote < 0 && errno == EAGAIN)
            return;
        else if (wrote == 0 || errno != EINTR)
            break;
    }
    strbuf_clear(&output->waiting);
    output->sent = 0;
}

static void on_writable(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    struct output *output = context;
    put(output);
    if (output->waiting.len)
        return;
    loop_watch_free(TAKE(output->watch));
    if (output->skipped) {
        AUTOFREE char *line =
            mem_printf("… %zu line%s skipped\n", output->skipped, output->skipped == 1 ? "" : "s");
        output->skipped = 0;
        output_write(output, line, strlen(line));
    }
    if (output->on_drained)
        output->on_drained(output->context);
}

void output_free(struct output *output)
{
    if (!output)
        return;
    const int64_t deadline = clock_monotonic_ms() + LAST_WRITE_MS;
    for (put(output); output->waiting.len; put(output)) {
        const int64_t left = deadline - clock_monotonic_ms();
        struct pollfd writable = {.fd = output->fd, .events = POLLOUT};
        if (left <= 0 || poll(&writable, 1, (int)left) <= 0)
            break;
    }
    loop_watch_free(output->watch);
    loop_timer_free(output->flush_timer);
    strbuf_release(&output->waiting);
    if (output->owns_fd)
        close(output->fd);
    free(output);
}

void output_flush(struct output *output)
{
    loop_timer_clear(output->flush_timer);
    if (output->watch)
        return;
    put(output);
    if (output->waiting.len)
        output->watch = loop_watch_new(output->loop, output->fd, false, true, on_writable, output);
}

void output_write(struct output *output, const char *bytes, size_t length)
{
    strbuf_add(&output->waiting, bytes, length);
    if (output->watch)
        return;
    if (output->waiting.len >= TOGETHER_BYTES)
        output_flush(output);
    else if (!loop_timer_pending(output->flush_timer))
        loop_timer_set(output->flush_timer, 0);
}

void output_write_line(struct output *output, const char *line)
{
    if (output_waiting(output) > OUTPUT_BACKLOG_BYTES)
        output->skipped++;
    else
        output_write(output, line, strlen(line));
}

size_t output_waiting(const struct output *output)
{
    return output->waiting.len - output->sent;
}
