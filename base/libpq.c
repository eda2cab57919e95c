#include "base/libpq.h"

#include "base/library.h"

struct libpq libpq;

int libpq_load(struct err *err)
{
#define X(function) {#function, &function},
    static const struct library_symbol symbols[] = {LIBPQ_FUNCTIONS(X)};
#undef X
    static struct library library = {.soname = "libpq.so.5",
                                     .package = "libpq5",
                                     .symbols = symbols,
                                     .symbol_count = sizeof symbols / sizeof *symbols};
    return library_load(&library, err);
}
