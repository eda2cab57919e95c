#pragma once
// The terminal that berth was started from: its size, its keys, and its modes, which are given back
// whenever berth stops, is suspended, or ends.
//
// Keys come as they are pressed and without echo; Ctrl-C and Ctrl-Z stay signals. In the background
// (`bg`) the modes are the shell's, and no key comes. What a killed berth leaves behind is put
// right by its guard (orchestrator/worker/guard.h).

#include <stdbool.h>
#include <stddef.h>

#include "orchestrator/loop/loop.h"

enum tty_key { TTY_KEY_UP = 256, TTY_KEY_DOWN, TTY_KEY_ESCAPE }; // others: the character

struct tty_events {
    void *context;
    void (*on_key)(void *context, int key);
    void (*on_resize)(void *context);
    void (*on_suspend)(void *context); // the last moment to write
    void (*on_resume)(void *context);
};

struct tty;

// Are standard input, output and error a terminal that berth may draw on and read keys from?
bool tty_is_usable(void);
// Takes the terminal. `events` is copied.
struct tty *tty_new(struct loop *loop, const struct tty_events *events);
// Gives it back. NULL is fine.
void tty_free(struct tty *tty);

// In characters; 80 by 24 where the terminal does not tell.
void tty_size(size_t *columns, size_t *rows);
