#pragma once
// Growing arrays. VEC_OF(T) is a plain value: zero-initialised is empty, `items` is owned by it.

#include "base/mem.h"

#define VEC_OF(T)        \
    struct {             \
        T *items;        \
        size_t len, cap; \
    }

// Appends a value (which may hold commas: a compound literal).
#define vec_push(vec, ...)                                                           \
    do {                                                                             \
        if ((vec)->len == (vec)->cap) {                                              \
            (vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8;                            \
            (vec)->items = mem_grow((vec)->items, (vec)->cap, sizeof *(vec)->items); \
        }                                                                            \
        (vec)->items[(vec)->len++] = (__VA_ARGS__);                                  \
    } while (0)

// Frees the array, not what its items own.
#define vec_release(vec)             \
    do {                             \
        free((vec)->items);          \
        (vec)->items = NULL;         \
        (vec)->len = (vec)->cap = 0; \
    } while (0)

// for each item, as a pointer `item`
#define vec_each(item, vec)                                \
    for (__typeof__(*(vec)->items) *(item) = (vec)->items; \
         (item) != NULL && (item) < (vec)->items + (vec)->len; (item)++)
