#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

static int library_fill(const struct library *library, void *handle, struct err *err)
{
    for (size_t i = 0; i < library->symbol_count; i++) {
        void *address = dlsym(handle, library->symbols[i].name);
        if (!address) {
            err_set(err, ERR_FAILED, "%s is too old: it has no %s", library->soname,
                    library->symbols[i].name);
            return err_hint(err, "apt install %s", library->package);
        }
        // ISO C converts no object pointer to a function's; POSIX has the bytes agree.
        memcpy(library->symbols[i].slot, &address, sizeof address);
    }
    return 0;
}

int library_load(struct library *library, struct err *err)
{
    if (library->handle)
        return 0;
    // Lazily, as few functions of so many libraries are ever called; locally, as nobody else is to
    // find their names.
    void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        err_set(err, ERR_FAILED, "a library of the package %s cannot be loaded: %s",
                library->package, dlerror());
        return err_hint(err, "apt install %s", library->package);
    }
    if (library_fill(library, handle, err)) {
        dlclose(handle);
        return -1;
    }
    library->handle = handle;
    return 0;
}
