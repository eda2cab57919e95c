#include "orchestrator/loop/libcurl.h"

#include "base/library.h"

struct libcurl libcurl;

int libcurl_load(struct err *err)
{
#define X(function) {#function, &function},
    static const struct library_symbol symbols[] = {LIBCURL_FUNCTIONS(X)};
#undef X
    static struct library library = {.soname = "libcurl.so.4",
                                     .package = "libcurl4",
                                     .symbols = symbols,
                                     .symbol_count = sizeof symbols / sizeof *symbols};
    return library_load(&library, err);
}
