#include "base/libsybdb.h"

#include "base/library.h"

struct libsybdb libsybdb;

int libsybdb_load(struct err *err)
{
#define X(function) {#function, &function},
    static const struct library_symbol symbols[] = {LIBSYBDB_FUNCTIONS(X)};
#undef X
    static struct library library = {.soname = "libsybdb.so.5",
                                     .package = "libsybdb5",
                                     .symbols = symbols,
                                     .symbol_count = sizeof symbols / sizeof *symbols};
    return library_load(&library, err);
}
