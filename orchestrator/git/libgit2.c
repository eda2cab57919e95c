#include "orchestrator/git/libgit2.h"

#include "base/library.h"

struct libgit2 libgit2;

int libgit2_load(struct err *err)
{
#define X(function) {#function, &function},
    static const struct library_symbol symbols[] = {LIBGIT2_FUNCTIONS(X)};
#undef X
    // The version is part of its name: the one whose header this was compiled with.
    static struct library library = {.soname = "libgit2.so." LIBGIT2_SOVERSION,
                                     .package = "libgit2-" LIBGIT2_SOVERSION,
                                     .symbols = symbols,
                                     .symbol_count = sizeof symbols / sizeof *symbols};
    return library_load(&library, err);
}
