#include "orchestrator/state/logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"

enum {
    SEGMENT_BYTES = 4 * 1024 * 1024,
    LINE_BYTES = 16 * 1024,
    BATCH_BYTES = 64 * 1024, // lines that came together are written together
    STREAM_COUNT = 3
};

static const char *const stream_names[STREAM_COUNT] = {"sys", "out", "err"};

// The segments of a resource: where each begins in the whole, ascending. Two at most, but for a
// crash between making one and removing another.
struct segments {
    int64_t starts[8];
    size_t count;
};

struct log {
    char *directory, *resource;
    const struct redactor *redactor;
    log_line_fn *on_line;
    void *context;
    int fd;
    int64_t segment_start, position; // position: of what is on disk
    struct strbuf partial[STREAM_COUNT];
    struct strbuf batch, safe; // whole lines to be written; a line without secrets
    int64_t time_ms;           // of the last line
    char time[CLOCK_RFC3339_SIZE];
};

static char *segment_path(const char *directory, const char *resource, int64_t start)
{
    return mem_printf("%s/%s.%015" PRId64 ".log", directory, resource, start);
}

static int compare_starts(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static struct segments find_segments(const char *directory, const char *resource)
{
    struct segments segments = {0};
    const size_t length = strlen(resource);
    DIR *entries = opendir(directory);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        const char *name = entry->d_name;
        char *end = NULL;
        if (strncmp(name, resource, length) != 0 || name[length] != '.')
            continue;
        int64_t start = strtoll(name + length + 1, &end, 10);
        if (end == name + length + 16 && strcmp(end, ".log") == 0 &&
            segments.count < sizeof segments.starts / sizeof *segments.starts)
            segments.starts[segments.count++] = start;
    }
    if (entries)
        closedir(entries);
    qsort(segments.starts, segments.count, sizeof *segments.starts, compare_starts);
    return segments;
}

static int open_segment(struct log *log, int64_t start, struct err *err)
{
    AUTOFREE char *path = segment_path(log->directory, log->resource, start);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, "cannot open the log %s", path);
    if (log->fd >= 0)
        close(log->fd);
    struct stat st;
    char last;
    log->fd = fd;
    log->segment_start = start;
    log->position = start + (fstat(fd, &st) == 0 ? st.st_size : 0);
    // A line that a crash tore ends here, so that the next one is whole.
    if (log->position > start && pread(fd, &last, 1, log->position - start - 1) == 1 &&
        last != '\n' && write(fd, "\n", 1) == 1)
        log->position++;
    return 0;
}

int log_open(const char *directory, const char *resource, const struct redactor *redactor,
             log_line_fn *on_line, void *context, struct log **out, struct err *err)
{
    if (file_make_directories(directory, 0700, err))
        return -1;
    struct log *log = mem_alloc(sizeof *log);
    *log = (struct log){.directory = mem_strdup(directory),
                        .resource = mem_strdup(resource),
                        .redactor = redactor,
                        .on_line = on_line,
                        .context = context,
                        .fd = -1,
                        .partial = {STRBUF_INIT, STRBUF_INIT, STRBUF_INIT},
                        .batch = STRBUF_INIT,
                        .safe = STRBUF_INIT};
    struct segments segments = find_segments(directory, resource);
    if (open_segment(log, segments.count ? segments.starts[segments.count - 1] : 0, err)) {
        log_close(log);
        return -1;
    }
    *out = log;
    return 0;
}

void log_close(struct log *log)
{
    if (!log)
        return;
    log_flush(log);
    for (size_t i = 0; i < STREAM_COUNT; i++)
        strbuf_release(&log->partial[i]);
    strbuf_release(&log->batch);
    strbuf_release(&log->safe);
    if (log->fd >= 0)
        close(log->fd);
    free(log->directory);
    free(log->resource);
    free(log);
}

// Begins a new segment and removes all but the one before it.
static void rotate(struct log *log)
{
    struct err ignored;
    if (open_segment(log, log->position, &ignored))
        return;
    struct segments segments = find_segments(log->directory, log->resource);
    for (size_t i = 0; i + 2 < segments.count; i++) {
        AUTOFREE char *path = segment_path(log->directory, log->resource, segments.starts[i]);
        (void)unlink(path);
    }
}

// Whatever it was, what is kept is UTF-8 without NUL: it is shown, sent and put into JSON.
static void add_text(const char *bytes, size_t length, struct strbuf *out)
{
    for (size_t i = 0; i < length;) {
        const size_t size = utf8_sequence(bytes + i, length - i);
        if (size == 0)
            utf8_add(out, 0xFFFD);
        else if (bytes[i] == '\0')
            strbuf_addch(out, ' ');
        else
            strbuf_add(out, bytes + i, size);
        i += size ? size : 1;
    }
}

// A full disk loses log lines, whole ones, and nothing else.
static void write_batch(struct log *log)
{
    ssize_t put = log->fd >= 0 ? write(log->fd, log->batch.data, log->batch.len) : 0;
    const bool is_short = put >= 0 && put < (ssize_t)log->batch.len;
    while (put > 0 && log->batch.data[put - 1] != '\n')
        put--;
    log->position += put > 0 ? put : 0;
    if (is_short && log->fd >= 0)
        (void)!ftruncate(log->fd, log->position - log->segment_start);
    strbuf_clear(&log->batch);
    if (log->position - log->segment_start >= SEGMENT_BYTES)
        rotate(log);
}

static const char *time_now(struct log *log)
{
    const int64_t now_ms = clock_wall_ms();
    if (now_ms != log->time_ms)
        clock_format_rfc3339(now_ms, log->time);
    log->time_ms = now_ms;
    return log->time;
}

static void add_line(struct log *log, enum log_stream stream, const char *text, size_t length)
{
    struct strbuf *batch = &log->batch;
    strbuf_clear(&log->safe);
    redactor_apply(log->redactor, text, length, &log->safe);
    strbuf_adds(batch, time_now(log));
    strbuf_addch(batch, ' ');
    strbuf_adds(batch, stream_names[stream]);
    strbuf_addch(batch, ' ');
    const size_t text_start = batch->len;
    add_text(log->safe.data, log->safe.len, batch);
    if (log->on_line)
        log->on_line(log->context, &(struct log_line){log->position + (int64_t)batch->len + 1,
                                                      log->time, stream, batch->data + text_start});
    strbuf_addch(batch, '\n');
    if (batch->len >= BATCH_BYTES)
        write_batch(log);
}

// Ends a line that is too long at its front. What stays for the next piece: a secret's or a
// character's beginning.
static void cut_line(struct log *log, enum log_stream stream)
{
    struct strbuf *partial = &log->partial[stream];
    const size_t open = redactor_open_end(log->redactor, partial->data, partial->len);
    size_t length = utf8_whole_length(partial->data, partial->len - open);
    if (length == 0)
        length = partial->len;
    add_line(log, stream, partial->data, length);
    strbuf_consume(partial, length);
}

void log_append(struct log *log, enum log_stream stream, const char *bytes, size_t length)
{
    struct strbuf *partial = &log->partial[stream];
    while (length > 0) {
        const char *newline = memchr(bytes, '\n', length);
        const size_t rest = newline ? (size_t)(newline - bytes) : length;
        const size_t room = LINE_BYTES - partial->len;
        const size_t part = rest < room ? rest : room;
        strbuf_add(partial, bytes, part);
        bytes += part;
        length -= part;
        if (part < rest) {
            cut_line(log, stream);
        } else if (newline) {
            const bool has_return = partial->len && partial->data[partial->len - 1] == '\r';
            add_line(log, stream, partial->data, partial->len - has_return);
            strbuf_clear(partial);
            bytes++;
            length--;
        }
    }
    if (log->batch.len)
        write_batch(log);
}

void log_flush(struct log *log)
{
    for (size_t i = 0; i < STREAM_COUNT; i++) {
        if (log->partial[i].len)
            add_line(log, (enum log_stream)i, log->partial[i].data, log->partial[i].len);
        strbuf_clear(&log->partial[i]);
    }
    if (log->batch.len)
        write_batch(log);
}

struct reading {
    size_t limit, count;
    log_line_fn *fn;
    void *context;
    int64_t next;
    bool ended;
};

static void give(struct reading *reading, const struct log_line *line)
{
    reading->next = line->id;
    reading->count++;
    if (!reading->fn(reading->context, line) || reading->count == reading->limit)
        reading->ended = true;
}

// Where a reader was too slow, and a segment went before it was read: a line in place of those.
static void tell_gap(struct reading *reading, int64_t start, const char *time)
{
    if (reading->next <= 0 || reading->next >= start)
        return;
    AUTOFREE char *text = mem_printf("… %.1f MB skipped", (double)(start - reading->next) / 1e6);
    give(reading,
         &(struct log_line){.id = start, .time = time, .stream = LOG_SYSTEM, .text = text});
}

// "<time> <stream> <text>"; a line of another shape (a torn write) is given as it lies. It begins
// at `start`.
static void give_line(struct reading *reading, char *line, int64_t start, int64_t id)
{
    struct log_line out = {.id = id, .time = "", .stream = LOG_STDOUT, .text = line};
    const size_t time_length = CLOCK_RFC3339_SIZE - 1;
    if (strlen(line) >= time_length + 5 && line[time_length] == ' ' &&
        line[time_length + 4] == ' ') {
        line[time_length] = line[time_length + 4] = '\0';
        out.time = line;
        out.text = line + time_length + 5;
        for (size_t i = 0; i < STREAM_COUNT; i++)
            if (strcmp(line + time_length + 1, stream_names[i]) == 0)
                out.stream = (enum log_stream)i;
    }
    tell_gap(reading, start, out.time);
    if (!reading->ended)
        give(reading, &out);
}

static void read_segment(const char *directory, const char *resource, int64_t start, int64_t after,
                         struct reading *reading)
{
    AUTOFREE char *path = segment_path(directory, resource, start);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    char *line = NULL;
    size_t capacity = 0;
    int64_t position = after > start ? after : start;
    ssize_t length;
    if (fseeko(file, position - start, SEEK_SET) == 0) {
        while (!reading->ended && (length = getline(&line, &capacity, file)) > 0 &&
               line[length - 1] == '\n') {
            line[length - 1] = '\0';
            give_line(reading, line, position, position + length);
            position += length;
        }
    }
    free(line);
    fclose(file);
}

// Where the last `limit` lines of a segment begin, as an offset; *limit becomes what is still
// missing.
static int64_t tail_offset(const char *path, size_t *limit)
{
    AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    char bytes[8192];
    size_t newlines = 0;
    for (int64_t at = end; at > 0;) {
        int64_t part = at < (int64_t)sizeof bytes ? at : (int64_t)sizeof bytes;
        at -= part;
        if (pread(fd, bytes, (size_t)part, at) != part)
            break;
        for (int64_t i = part - 1; i >= 0; i--)
            if (bytes[i] == '\n' && ++newlines > *limit) {
                *limit = 0;
                return at + i + 1;
            }
    }
    *limit -= newlines;
    return 0;
}

// The position of the end of all that is there.
static int64_t end_of(const char *directory, const char *resource, const struct segments *segments)
{
    if (segments->count == 0)
        return 0;
    const int64_t start = segments->starts[segments->count - 1];
    AUTOFREE char *path = segment_path(directory, resource, start);
    struct stat st;
    return start + (stat(path, &st) == 0 ? st.st_size : 0);
}

size_t log_read(const char *directory, const char *resource, int64_t after, size_t limit,
                log_line_fn *fn, void *context, int64_t *next)
{
    struct segments segments = find_segments(directory, resource);
    const int64_t end = end_of(directory, resource, &segments);
    if (after > end) { // the log was removed, and began anew
        *next = end;
        return 0;
    }
    struct reading reading = {
        .limit = limit, .fn = fn, .context = context, .next = after > 0 ? after : 0};
    size_t first = 0;
    if (after <= 0) {
        size_t missing = limit;
        for (size_t i = segments.count; i-- > 0 && missing > 0;) {
            AUTOFREE char *path = segment_path(directory, resource, segments.starts[i]);
            first = i;
            after = segments.starts[i] + tail_offset(path, &missing);
        }
    }
    for (size_t i = first; i < segments.count && !reading.ended && limit > 0; i++)
        if (i + 1 == segments.count || segments.starts[i + 1] > after)
            read_segment(directory, resource, segments.starts[i], after, &reading);
    *next = reading.next;
    return reading.count;
}
