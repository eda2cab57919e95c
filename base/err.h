#pragma once
// Errors: a struct on the caller's stack, filled by the function that fails.
//
// A fallible function takes `struct err *err` last and returns 0 or -1; on failure it has filled
// *err and left its outputs untouched. Setting and wrapping return -1, so failing is one line:
//
//     if (fd < 0)
//         return err_set_errno(err, "open %s", path);
//
// Mistakes in a user's file are not errors but diagnostics (base/diag.h).

// kind, exit code of a command that ends with it (the table of the command line's contract)
#define ERR_KINDS(X)      \
    X(ERR_FAILED, 1)      \
    X(ERR_USAGE, 2)       \
    X(ERR_INVALID, 3)     \
    X(ERR_NO_ENGINE, 4)   \
    X(ERR_RESOURCE, 5)    \
    X(ERR_TIMEOUT, 6)     \
    X(ERR_NOT_RUNNING, 7) \
    X(ERR_INTERRUPTED, 130)

enum err_kind {
#define X(kind, exit_code) kind,
    ERR_KINDS(X)
#undef X
};

struct err {
    enum err_kind kind;
    char message[1024]; // one line, no final newline; longer texts are cut at a character
    char hint[512];     // the next step; empty when there is none to name
};

#define MUST_CHECK __attribute__((warn_unused_result))

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// "<text>: <strerror(errno)>", kind ERR_FAILED.
int err_set_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts "<text>: " before the message; kind and hint stay.
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Sets the hint, the command or change that helps.
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

int err_exit_code(enum err_kind kind);
