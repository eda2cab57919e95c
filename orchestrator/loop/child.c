#include "orchestrator/loop/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "orchestrator/loop/spawn.h"

enum {
    LEFTOVER_GRACE_MS = 2000, // for what the child left behind in its group
    EXIT_LOOK_MS = 20,        // between two looks at whether the child is gone
    GROUP_LOOK_MS = 20,       // the same of its group
    DRAIN_MS = 500,           // for output that somebody outside the group keeps open
    READ_BYTES = 16384,
    LAST_READS = 64, // a full pipe, and more
};

struct child {
    struct loop *loop;
    struct child_spec spec;
    pid_t pid;
    int pidfd, input_fd, output_fds[2]; // stdout, stderr; -1: closed
    struct loop_watch *exit_watch, *input_watch, *output_watches[2];
    struct loop_timer *look_timer, *kill_timer, *drain_timer;
    struct strbuf input;
    size_t input_sent;
    bool reaped, killed, done; // killed: what was left of its group was sent KILL
    struct child_exit exit;
};

// Pipe ends of the child's three streams; index as file descriptor numbers.
struct pipes {
    int ours[3], theirs[3];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *pipes)
{
    for (int i = 0; i < 3; i++) {
        close_fd(&pipes->ours[i]);
        close_fd(&pipes->theirs[i]);
    }
}

static int pipes_open(struct pipes *pipes, bool has_input)
{
    *pipes = (struct pipes){{-1, -1, -1}, {-1, -1, -1}};
    for (int i = 0; i < 3; i++) {
        if (i == 0 && !has_input) {
            pipes->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (pipes->theirs[0] < 0)
                return -1;
            continue;
        }
        int ends[2];
        if (pipe2(ends, O_CLOEXEC))
            return -1;
        pipes->ours[i] = i == 0 ? ends[1] : ends[0];
        pipes->theirs[i] = i == 0 ? ends[0] : ends[1];
        (void)fcntl(pipes->ours[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

static void finish_if_done(struct child *child)
{
    if (!child->reaped || child->output_fds[0] >= 0 || child->output_fds[1] >= 0)
        return;
    if (!child->killed && process_group_alive(child->pid)) {
        loop_timer_set(child->drain_timer, GROUP_LOOK_MS); // until on_kill_due
        return;
    }
    child->done = true;
    loop_timer_clear(child->kill_timer);
    loop_timer_clear(child->drain_timer);
    if (child->spec.on_exit)
        child->spec.on_exit(child->spec.context, child->exit);
}

static void close_output(struct child *child, int index)
{
    loop_watch_free(TAKE(child->output_watches[index]));
    close_fd(&child->output_fds[index]);
}

// True when there was some. The end of the output closes it.
static bool read_output(struct child *child, int index)
{
    char bytes[READ_BYTES];
    ssize_t got = read(child->output_fds[index], bytes, sizeof bytes);
    if (got > 0) {
        if (child->spec.on_output)
            child->spec.on_output(child->spec.context, index + 1, bytes, (size_t)got);
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        close_output(child, index);
    return false;
}

static void on_stdout(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    if (!read_output(context, 0))
        finish_if_done(context);
}

static void on_stderr(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    if (!read_output(context, 1))
        finish_if_done(context);
}

static void on_input_writable(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    struct child *child = context;
    ssize_t put = write(child->input_fd, child->input.data + child->input_sent,
                        child->input.len - child->input_sent);
    if (put > 0)
        child->input_sent += (size_t)put;
    const bool again = put < 0 && (errno == EAGAIN || errno == EINTR);
    if ((put >= 0 || again) && child->input_sent < child->input.len)
        return;
    loop_watch_free(TAKE(child->input_watch));
    close_fd(&child->input_fd);
}

static void on_drain_over(void *context)
{
    struct child *child = context;
    for (int i = 0; i < 2; i++) {
        // A loop that was busy has not yet read what the child itself wrote.
        for (int reads = 0; reads < LAST_READS && child->output_fds[i] >= 0; reads++)
            if (!read_output(child, i))
                break;
        close_output(child, i);
    }
    finish_if_done(child);
}

static void on_kill_due(void *context)
{
    struct child *child = context;
    (void)kill(-child->pid, SIGKILL);
    if (!child->reaped)
        return;
    child->killed = true;
    loop_timer_set(child->drain_timer, DRAIN_MS);
    finish_if_done(child);
}

static void on_look_due(void *context)
{
    struct child *child = context;
    int status = 0;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid) {
        if (child->pidfd < 0)
            loop_timer_set(child->look_timer, EXIT_LOOK_MS);
        return;
    }
    child->reaped = true;
    child->exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    child->exit.code = child->exit.signal ? 128 + child->exit.signal : WEXITSTATUS(status);
    loop_watch_free(TAKE(child->exit_watch));
    close_fd(&child->pidfd);
    // The group may live on, and with it the pipes: it ends with its leader.
    if (kill(-child->pid, SIGTERM) == 0)
        loop_timer_set(child->kill_timer, LEFTOVER_GRACE_MS);
    else
        loop_timer_set(child->drain_timer, DRAIN_MS);
    finish_if_done(child);
}

static void on_exited(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    on_look_due(context);
}

// Where no pidfd is to be had (no descriptor is left; valgrind knows none), it is looked for.
static void watch_exit(struct child *child)
{
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    child->look_timer = loop_timer_new(child->loop, on_look_due, child);
    if (child->pidfd >= 0)
        child->exit_watch =
            loop_watch_new(child->loop, child->pidfd, true, false, on_exited, child);
    else
        loop_timer_set(child->look_timer, EXIT_LOOK_MS);
}

static void watch(struct child *child, const struct pipes *pipes)
{
    watch_exit(child);
    child->output_fds[0] = pipes->ours[1];
    child->output_fds[1] = pipes->ours[2];
    child->output_watches[0] =
        loop_watch_new(child->loop, pipes->ours[1], true, false, on_stdout, child);
    child->output_watches[1] =
        loop_watch_new(child->loop, pipes->ours[2], true, false, on_stderr, child);
    child->input_fd = pipes->ours[0];
    if (child->input_fd >= 0)
        child->input_watch =
            loop_watch_new(child->loop, child->input_fd, false, true, on_input_writable, child);
    child->kill_timer = loop_timer_new(child->loop, on_kill_due, child);
    child->drain_timer = loop_timer_new(child->loop, on_drain_over, child);
}

int child_spawn(struct loop *loop, const struct child_spec *spec, struct child **out,
                struct err *err)
{
    struct pipes pipes;
    pid_t pid = 0;
    if (pipes_open(&pipes, spec->input != NULL)) {
        err_set_errno(err, "cannot run %s", spec->argv[0]);
        pipes_close(&pipes);
        return -1;
    }
    const struct spawn_request request = {spec->argv,   spec->environment, spec->workdir,
                                          pipes.theirs, spec->context,     spec->on_forked};
    const int status = spawn_process(&request, &pid, err);
    for (int i = 0; i < 3; i++)
        close_fd(&pipes.theirs[i]);
    if (status) {
        pipes_close(&pipes);
        return -1;
    }
    struct child *child = mem_alloc(sizeof *child);
    *child = (struct child){.loop = loop, .spec = *spec, .pid = pid, .input = STRBUF_INIT};
    strbuf_add(&child->input, spec->input, spec->input_length);
    watch(child, &pipes);
    *out = child;
    return 0;
}

pid_t child_pid(const struct child *child)
{
    return child->pid;
}

void child_terminate(struct child *child, int64_t grace_ms)
{
    (void)kill(-child->pid, SIGTERM);
    loop_timer_set(child->kill_timer, grace_ms);
}

static void free_memory(void *context)
{
    free(context);
}

void child_free(struct child *child)
{
    if (!child)
        return;
    if (!child->done)
        (void)kill(-child->pid, SIGKILL);
    if (!child->reaped)
        (void)waitpid(child->pid, NULL, 0);
    loop_watch_free(child->exit_watch);
    loop_watch_free(child->input_watch);
    loop_timer_free(child->look_timer);
    loop_timer_free(child->kill_timer);
    loop_timer_free(child->drain_timer);
    close_output(child, 0);
    close_output(child, 1);
    close_fd(&child->input_fd);
    close_fd(&child->pidfd);
    strbuf_release(&child->input);
    loop_defer(child->loop, free_memory, child);
}
