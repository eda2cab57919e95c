#pragma once
// A YAML document in block style, written call by call through libyaml's emitter.
//
// The first failure is kept and makes every later call do nothing, so that callers look once, at
// the end. Every scalar is read back as the string that was given: what YAML 1.1 or 1.2 would take
// for a number, a boolean or null goes in quotes.

#include "base/err.h"
#include "base/strbuf.h"

struct yaml_writer;

// Appends to `out`, which is borrowed until yaml_writer_close.
struct yaml_writer *yaml_writer_open(struct strbuf *out);
// Ends the document and frees the writer. ERR_FAILED for the first failure of any call; `out` then
// holds a part of it.
int yaml_writer_close(struct yaml_writer *writer, struct err *err) MUST_CHECK;

// A map's members are a key and a value by turns; keys are texts.
void yaml_writer_begin_map(struct yaml_writer *writer);
void yaml_writer_end_map(struct yaml_writer *writer);
void yaml_writer_begin_list(struct yaml_writer *writer);
void yaml_writer_end_list(struct yaml_writer *writer);
void yaml_writer_text(struct yaml_writer *writer, const char *text);
// A scalar that is what it looks like: "true", "12".
void yaml_writer_bare(struct yaml_writer *writer, const char *text);

// Members of a map. A map or list begun here is left out, key and all, when it is ended without
// anything in it; its key is borrowed until then.
void yaml_writer_pair(struct yaml_writer *writer, const char *key, const char *text);
void yaml_writer_map_of(struct yaml_writer *writer, const char *key);
void yaml_writer_list_of(struct yaml_writer *writer, const char *key);
