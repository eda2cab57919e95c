#include "orchestrator/terminal/tty.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

enum { DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24 };

struct tty {
    struct loop *loop;
    struct tty_events events;
    struct loop_watch *watch;
    struct termios theirs; // as it was found
    bool taken;
};

static bool in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

bool tty_is_usable(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && term &&
           *term && strcmp(term, "dumb") != 0 && in_foreground();
}

// Only from the foreground: a change from the background would stop the process, or cross the
// shell.
static void take(struct tty *tty)
{
    if (!in_foreground())
        return;
    struct termios ours = tty->theirs;
    ours.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    ours.c_cc[VMIN] = 1;
    ours.c_cc[VTIME] = 0;
    tty->taken = tcsetattr(STDIN_FILENO, TCSANOW, &ours) == 0;
    loop_watch_change(tty->watch, tty->taken, false);
}

static void give_back(struct tty *tty)
{
    if (tty->taken && in_foreground())
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &tty->theirs);
    tty->taken = false;
    loop_watch_change(tty->watch, false, false);
}

// The arrows as either mode of the keyboard sends them (ESC [ A, ESC O A); other sequences are no
// key of ours. A lone ESC is the key.
static size_t key_at(const char *bytes, size_t length, int *key)
{
    *key = (unsigned char)bytes[0];
    if (bytes[0] != '\033')
        return 1;
    *key = TTY_KEY_ESCAPE;
    if (length < 3 || (bytes[1] != '[' && bytes[1] != 'O'))
        return 1;
    size_t end = 2;
    while (end + 1 < length && bytes[end] >= ' ' && bytes[end] < '@')
        end++;
    *key = end > 2 ? 0 : bytes[2] == 'A' ? TTY_KEY_UP : bytes[2] == 'B' ? TTY_KEY_DOWN : 0;
    return end + 1;
}

static void on_input(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    struct tty *tty = context;
    char bytes[64];
    const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0) { // the terminal is gone, which SIGHUP tells, too
        loop_watch_change(tty->watch, false, false);
        return;
    }
    for (size_t at = 0; at < (size_t)got;) {
        int key;
        at += key_at(bytes + at, (size_t)got - at, &key);
        if (key)
            tty->events.on_key(tty->events.context, key);
    }
}

static void on_resize(void *context)
{
    struct tty *tty = context;
    tty->events.on_resize(tty->events.context);
}

// Also after a SIGSTOP that nobody was told of: the shell has its own modes set since.
static void on_continue(void *context)
{
    struct tty *tty = context;
    take(tty);
    tty->events.on_resume(tty->events.context);
}

static void on_suspend(void *context)
{
    struct tty *tty = context;
    tty->events.on_suspend(tty->events.context);
    give_back(tty);
    (void)raise(SIGSTOP); // SIGCONT follows as a signal of the loop
}

struct tty *tty_new(struct loop *loop, const struct tty_events *events)
{
    struct tty *tty = mem_alloc(sizeof *tty);
    *tty = (struct tty){.loop = loop, .events = *events};
    tty->watch = loop_watch_new(loop, STDIN_FILENO, false, false, on_input, tty);
    loop_on_signal(loop, SIGWINCH, on_resize, tty);
    loop_on_signal(loop, SIGTSTP, on_suspend, tty);
    loop_on_signal(loop, SIGCONT, on_continue, tty);
    if (tcgetattr(STDIN_FILENO, &tty->theirs) == 0)
        take(tty);
    return tty;
}

void tty_free(struct tty *tty)
{
    if (!tty)
        return;
    give_back(tty);
    loop_watch_free(tty->watch);
    free(tty);
}

void tty_size(size_t *columns, size_t *rows)
{
    struct winsize size = {0};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *columns = known && size.ws_col ? size.ws_col : DEFAULT_COLUMNS;
    *rows = known && size.ws_row ? size.ws_row : DEFAULT_ROWS;
}
