#pragma once
// An image's name taken apart: [registry[:port]/]path[:tag][@digest].
// Grammar: https://pkg.go.dev/github.com/distribution/reference

#include <stdbool.h>

#include "base/strbuf.h"

// Owned by the struct.
struct reference {
    char *repository; // "127.0.0.1:5000/x/y", as written
    char *tag;        // a digest ("sha256:…") where one is given, else the tag, else "latest"
};

void reference_parse(const char *image, struct reference *out);
void reference_release(struct reference *reference);
// The same repository, though one of them spells out what the other leaves to the default:
// "docker.io/library/redis" and "redis".
bool reference_same_repository(const char *left, const char *right);
// The host a pull goes to: "registry-1.docker.io" for Docker Hub. Appended.
void reference_registry(const char *repository, struct strbuf *out);
