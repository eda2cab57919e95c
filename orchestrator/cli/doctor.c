#include "orchestrator/doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/utf8.h"
#include "orchestrator/cli/ask.h"

extern char **environ;

static const char *colour_of(enum finding_level level)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    return colours[level];
}

static void print_finding(const struct finding *finding, bool colour)
{
    AUTO_STRBUF text = STRBUF_INIT;
    utf8_add_safe(&text, finding->text, strlen(finding->text));
    printf("%s%-7s%s  %-8s  %s\n", colour ? colour_of(finding->level) : "",
           finding_level_name(finding->level), colour ? "\033[0m" : "", finding->check, text.data);
    if (finding->remedy)
        printf("%19s%s\n", "", finding->remedy);
}

static void print_json(const struct findings *findings)
{
    AUTO_JSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "findings");
    vec_each (finding, &findings->items) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "check", finding->check);
        cJSON_AddStringToObject(item, "level", finding_level_name(finding->level));
        cJSON_AddStringToObject(item, "text", finding->text);
        cJSON_AddItemToObject(item, "remedy",
                              finding->remedy ? cJSON_CreateString(finding->remedy)
                                              : cJSON_CreateNull());
        cJSON_AddItemToArray(list, item);
    }
    cJSON_AddNumberToObject(json, "problems", (double)findings->problems);
    cli_print_json(json);
}

static int exit_code_of(const struct diagnosis *diagnosis)
{
    if (diagnosis->misses_engine)
        return err_exit_code(ERR_NO_ENGINE);
    if (diagnosis->has_mistakes)
        return err_exit_code(ERR_INVALID);
    return diagnosis->findings.problems ? err_exit_code(ERR_FAILED) : 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code) ||
        cli_is_left(cli, argc, argv, 0, &exit_code))
        return exit_code;
    struct diagnosis diagnosis = {0};
    doctor_examine(cli->project_root, environ, &diagnosis);
    if (cli->json)
        print_json(&diagnosis.findings);
    else
        vec_each (finding, &diagnosis.findings.items)
            print_finding(finding, cli->colour && isatty(STDOUT_FILENO));
    exit_code = exit_code_of(&diagnosis);
    diagnosis_release(&diagnosis);
    return exit_code;
}

const struct command command_doctor = {
    "doctor", "looks at what a start needs: settings, engine, disks, ports, images, data",
    "Usage: berth doctor [--json] [--project-root DIR]\n\n"
    "One line for each thing that was looked at: ok, note or problem, and below it the remedy. "
    "Nothing is\n"
    "changed. Exit code 0: no problem; 1: there are some; 3: the settings have mistakes; 4: no "
    "container\n"
    "engine that can be used, and one is needed.\n\n"
    "Example: berth doctor --json | jq '.findings[] | select(.level != \"ok\")'\n",
    run};
