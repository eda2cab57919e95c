#include "orchestrator/run/exit_code.h"

#include <signal.h>
#include <stddef.h>

enum { SIGNALS_FROM = 128 };

const char *exit_code_meaning(int exit_code)
{
    static const struct {
        int code;
        const char *meaning;
    } table[] = {
        {126, "the command cannot be run"},      {127, "command not found"},
        {SIGNALS_FROM + SIGHUP, "hung up"},      {SIGNALS_FROM + SIGINT, "interrupted"},
        {SIGNALS_FROM + SIGQUIT, "quit"},        {SIGNALS_FROM + SIGILL, "illegal instruction"},
        {SIGNALS_FROM + SIGTRAP, "trace trap"},  {SIGNALS_FROM + SIGABRT, "aborted"},
        {SIGNALS_FROM + SIGBUS, "bus error"},    {SIGNALS_FROM + SIGFPE, "arithmetic error"},
        {SIGNALS_FROM + SIGKILL, "killed"},      {SIGNALS_FROM + SIGSEGV, "segmentation fault"},
        {SIGNALS_FROM + SIGPIPE, "broken pipe"}, {SIGNALS_FROM + SIGTERM, "terminated"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].code == exit_code)
            return table[i].meaning;
    return NULL;
}
