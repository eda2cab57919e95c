#pragma once
// What many tests begin with: an arena, and an error to be filled.

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

struct fixture {
    struct arena *arena;
    struct err err;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    fixture->arena = arena_new();
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}
