#include "base/libmariadb.h"

#include "base/library.h"

struct libmariadb libmariadb;

int libmariadb_load(struct err *err)
{
#define X(function) {#function, &function},
    static const struct library_symbol symbols[] = {LIBMARIADB_FUNCTIONS(X)};
#undef X
    static struct library library = {.soname = "libmariadb.so.3",
                                     .package = "libmariadb3",
                                     .symbols = symbols,
                                     .symbol_count = sizeof symbols / sizeof *symbols};
    return library_load(&library, err);
}
