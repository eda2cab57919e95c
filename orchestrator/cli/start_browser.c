#include "orchestrator/cli/start_browser.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/loop/child.h"

enum { NO_SUCH_PROGRAM = 127 };

extern char **environ;

struct browser {
    struct child *child; // the shell; NULL: it has ended
    loop_fn *on_missing;
    void *context;
};

static void on_exit_of_shell(void *context, struct child_exit exit)
{
    struct browser *browser = context;
    child_free(TAKE(browser->child));
    if (exit.code == NO_SUCH_PROGRAM)
        browser->on_missing(browser->context);
}

int browser_open(struct loop *loop, const struct workspace *workspace, const char *url,
                 loop_fn *on_missing, void *context, struct browser **out, struct err *err)
{
    // A session of its own, and before it begins: what is left in the shell's group is ended with
    // the shell.
    static const char script[] =
        "command -v \"$0\" >/dev/null || exit 127\n"
        "setsid sh -c '\"$0\" \"$1\" </dev/null >/dev/null 2>&1 &' \"$0\" \"$1\"";
    const char *program = getenv("BROWSER");
    if (!program || !*program)
        program = "xdg-open";
    AUTOFREE char *path = workspace_path(workspace, "dashboard.html");
    AUTOFREE char *page =
        mem_printf("<!doctype html><meta http-equiv=refresh content=\"0; url=%s\">"
                   "<title>berth</title>\n",
                   url);
    if (file_write_atomic(path, page, strlen(page), 0600, err))
        return -1;
    struct browser *browser = mem_alloc(sizeof *browser);
    *browser = (struct browser){.on_missing = on_missing, .context = context};
    const char *const argv[] = {"sh", "-c", script, program, path, NULL};
    const struct child_spec spec = {
        .argv = argv, .environment = environ, .context = browser, .on_exit = on_exit_of_shell};
    if (child_spawn(loop, &spec, &browser->child, err)) {
        free(browser);
        return -1;
    }
    *out = browser;
    return 0;
}

void browser_free(struct browser *browser)
{
    if (!browser)
        return;
    child_free(browser->child);
    free(browser);
}
