#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/state/logs.h"
#include "orchestrator/terminal/text.h"

enum { DEFAULT_LINES = 100, MOST_LINES = 1000000, FOLLOW_PAUSE_MS = 100 };

struct kept_line {
    char *time, *text;
    const char *name;
    enum log_stream stream;
    size_t order; // as it was read
};

// A resource's log, and how far it was read.
struct source_log {
    char *name;
    int64_t position;
};

struct reading {
    const struct cli *cli;
    char *directory;
    VEC_OF(struct source_log) logs;
    int name_width;
    const char *current;            // the log being read
    char since[CLOCK_RFC3339_SIZE]; // older lines are left out; "": none are
    VEC_OF(struct kept_line) lines;
};

static void add_log(struct reading *reading, const char *name)
{
    vec_each (known, &reading->logs)
        if (strcmp(known->name, name) == 0)
            return;
    vec_push(&reading->logs, (struct source_log){.name = mem_strdup(name)});
    if ((int)strlen(name) > reading->name_width)
        reading->name_width = (int)strlen(name);
}

// Every resource that has a log: NAME.<15 digits>.log.
static void add_all_logs(struct reading *reading)
{
    static const size_t suffix = sizeof ".000000000000000.log" - 1;
    DIR *entries = opendir(reading->directory);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        const size_t length = strlen(entry->d_name);
        if (length <= suffix || strcmp(entry->d_name + length - 4, ".log") != 0)
            continue;
        AUTOFREE char *name = mem_strndup(entry->d_name, length - suffix);
        add_log(reading, name);
    }
    if (entries)
        closedir(entries);
}

static bool keep(void *context, const struct log_line *line)
{
    struct reading *reading = context;
    if (strcmp(line->time, reading->since) < 0)
        return true;
    vec_push(&reading->lines,
             (struct kept_line){mem_strdup(line->time), mem_strdup(line->text), reading->current,
                                line->stream, reading->lines.len});
    return true;
}

// By time; what was read first of equal ones first (qsort need not be stable).
static int compare_lines(const void *left, const void *right)
{
    const struct kept_line *a = left, *b = right;
    int order = strcmp(a->time, b->time);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void sort_lines(struct reading *reading)
{
    for (size_t i = 1; i < reading->lines.len; i++)
        if (compare_lines(&reading->lines.items[i - 1], &reading->lines.items[i]) > 0) {
            qsort(reading->lines.items, reading->lines.len, sizeof *reading->lines.items,
                  compare_lines);
            return;
        }
}

static void print_line(const struct reading *reading, const struct kept_line *line)
{
    static const char *const streams[] = {"system", "stdout", "stderr"};
    if (reading->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        AUTO_STRBUF text = STRBUF_INIT;
        cJSON_AddStringToObject(json, "resource", line->name);
        cJSON_AddStringToObject(json, "time", line->time);
        cJSON_AddStringToObject(json, "stream", streams[line->stream]);
        cJSON_AddStringToObject(json, "text", line->text);
        json_print(json, false, &text);
        puts(text.data);
        return;
    }
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(line->text, &safe);
    printf("%s %-*s | %s\n", line->time, reading->name_width, line->name, safe.data);
}

// Reads what is new in every log and prints it in the order of time.
static void print_new(struct reading *reading, size_t limit)
{
    vec_each (log, &reading->logs) {
        reading->current = log->name;
        log_read(reading->directory, log->name, log->position, limit, keep, reading,
                 &log->position);
    }
    sort_lines(reading);
    const size_t skipped = reading->lines.len > limit ? reading->lines.len - limit : 0;
    for (size_t i = 0; i < reading->lines.len; i++) {
        struct kept_line *line = &reading->lines.items[i];
        if (i >= skipped)
            print_line(reading, line);
        free(line->time);
        free(line->text);
    }
    reading->lines.len = 0;
    fflush(stdout);
}

static int unknown_log(const struct cli *cli, const struct reading *known, const char *name)
{
    VEC_OF(const char *) names = {0};
    struct err err;
    vec_each (log, &known->logs)
        vec_push(&names, log->name);
    const char *nearest = suggest_nearest(name, names.items, names.len);
    vec_release(&names);
    err_set(&err, ERR_USAGE, "there is no log of \"%s\"", name);
    if (nearest)
        err_hint(&err, "did you mean \"%s\"?", nearest);
    return cli_fail(cli, &err);
}

static void reading_release(struct reading *reading)
{
    vec_each (log, &reading->logs)
        free(log->name);
    vec_release(&reading->logs);
    vec_release(&reading->lines);
}

// Of what never ran there is no log. 0, or the exit code to end with.
static int check_names(const struct cli *cli, char *directory, char **names, size_t count)
{
    struct reading known = {.directory = directory};
    int exit_code = 0;
    add_all_logs(&known);
    for (size_t i = 0; i < count && exit_code == 0; i++) {
        bool found = false;
        vec_each (log, &known.logs)
            found = found || strcmp(log->name, names[i]) == 0;
        if (!found)
            exit_code = unknown_log(cli, &known, names[i]);
    }
    reading_release(&known);
    return exit_code;
}

// "90s", "10m", "2h", "1d" ago, or a time in UTC as the lines have it, or its beginning. Left in
// the form that the lines have, to be compared as text.
static bool parse_since(const char *text, char out[CLOCK_RFC3339_SIZE])
{
    static const char pattern[] = "0000-00-00T00:00:00.000";
    static const char units[] = "smhd";
    static const int64_t unit_ms[] = {1000, 60000, 3600000, 86400000};
    char *end;
    const long count = strtol(text, &end, 10);
    const char *unit = *end && end[1] == '\0' ? strchr(units, *end) : NULL;
    if (end != text && count >= 0 && count <= 1000000 && unit) {
        clock_format_rfc3339(clock_wall_ms() - count * unit_ms[unit - units], out);
        return true;
    }
    const size_t length = strcspn(text, "Z"); // the lines may go on where it ends
    bool fits = length >= sizeof "0000-00-00" - 1 && length < sizeof pattern;
    for (size_t i = 0; fits && i < length; i++)
        fits = pattern[i] == '0' ? isdigit((unsigned char)text[i]) != 0 : text[i] == pattern[i];
    if (!fits || (text[length] && text[length + 1]))
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static int show(struct cli *cli, char **names, size_t count, size_t limit, bool follow,
                const char *since)
{
    struct workspace workspace;
    struct err err;
    if (cli_open_workspace(cli, &workspace, &err))
        return cli_fail(cli, &err);
    AUTOFREE char *directory = workspace_path(&workspace, "logs");
    const int exit_code = check_names(cli, directory, names, count);
    if (exit_code) {
        workspace_release(&workspace);
        return exit_code;
    }
    struct reading reading = {.cli = cli, .directory = directory};
    memcpy(reading.since, since, sizeof reading.since);
    for (size_t i = 0; i < count; i++)
        add_log(&reading, names[i]);
    if (count == 0)
        add_all_logs(&reading);
    print_new(&reading, limit);
    const struct timespec pause = {.tv_nsec = FOLLOW_PAUSE_MS * 1000000L};
    while (follow && workspace_holder(&workspace) && !ferror(stdout)) {
        nanosleep(&pause, NULL);
        if (count == 0)
            add_all_logs(&reading);
        print_new(&reading, MOST_LINES);
    }
    if (follow)
        print_new(&reading, MOST_LINES); // its last words
    reading_release(&reading);
    workspace_release(&workspace);
    return 0;
}

enum { FOLLOW = CLI_OPTION, SINCE };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                          {"follow", no_argument, NULL, FOLLOW},
                                          {"since", required_argument, NULL, SINCE},
                                          {0}};
    bool follow = false;
    char since[CLOCK_RFC3339_SIZE] = "";
    int option, exit_code = 0, limit = 0;
    while ((option = cli_option(cli, argc, argv, "fn:", longs)) >= 0) {
        follow = follow || option == 'f' || option == FOLLOW;
        if (option == 'n' && cli_integer(cli, "-n", optarg, 1, MOST_LINES, &limit))
            return err_exit_code(ERR_USAGE);
        if (option == SINCE && !parse_since(optarg, since))
            return cli_usage(
                cli, "--since wants 90s, 10m, 2h, 1d or 2026-01-31T12:00:00Z, not \"%s\"", optarg);
    }
    if (limit == 0)
        limit = since[0] ? MOST_LINES : DEFAULT_LINES;
    if (cli_ends(option, &exit_code))
        return exit_code;
    return show(cli, argv + optind, (size_t)(argc - optind), (size_t)limit, follow, since);
}

const struct command command_logs = {
    "logs", "what resources printed, kept across runs",
    "Usage: berth logs [NAME...] [-f] [-n N] [--since T] [--json] [--project-root DIR]\n\n"
    "  -n N          the last N lines (100; all with --since)\n"
    "  --since T     none older: 90s, 10m, 2h, 1d ago, or a time in UTC (2026-01-31T12:00:00Z)\n"
    "  -f, --follow  go on until the supervisor ends\n\n"
    "Example: berth logs api -f\n",
    run};
