#pragma once
// Programs that a workspace brings along: seeds, generators. They stay in berth's process group.

#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "migrator/migrator.h"

// Strings are borrowed.
struct program {
    const char *path;             // of the executable
    const char *const *arguments; // the name first, NULL at the end
    char *const *environment;
    const char *workdir; // NULL: berth's own
};

typedef VEC_OF(char *) program_variables;
// Each variable once, the last one of its name: what a program finds of two is its own choice. The
// list ends with NULL and is the caller's (vec_release), the strings are borrowed.
void program_environment(char *const *environment, program_variables *out);

// Where a program is on the PATH of the environment that it will have. Owned by the caller, NULL
// when it is nowhere.
char *program_find(const char *program, char *const *environment);

// Runs it to its end, its output line by line to the callbacks. *status is that of waitpid. What it
// started may run on and hold its output open; that is not waited for.
int program_run(const struct program *program, const struct migrator_callbacks *callbacks,
                int *status, struct err *err) MUST_CHECK;

// The parts of it, for who speaks with a program. `ends` are its standard input, output and error;
// -1: none.
int program_spawn(const struct program *program, const int ends[3], pid_t *out,
                  struct err *err) MUST_CHECK;
int program_wait(pid_t pid); // the status of waitpid
// Tells the whole lines of the text, or all of it, and takes them out.
void program_say_lines(const struct migrator_callbacks *callbacks, struct strbuf *text, bool all);
