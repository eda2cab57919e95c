#pragma once
// The files of dashboard/web, compiled into the binary (dashboard/embed.cmake).

#include <stddef.h>

struct page_asset {
    const char *path; // "/app.js"; the index is "/"
    const char *type; // media type
    const char *etag; // quoted, from the content
    const unsigned char *bytes;
    size_t length;
};

// NULL when there is no such file.
const struct page_asset *page_find(const char *path);

// Generated.
extern const struct page_asset page_assets[];
extern const size_t page_asset_count;
