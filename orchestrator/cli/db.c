#include "orchestrator/cli/db.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

struct db_command {
    const char *name;
    db_target_fn *on_database; // NULL: `run` needs none
    int (*run)(struct cli *cli, const struct db_options *options);
    bool takes_mode;
};

static const struct db_command commands[] = {
    {"init", db_init, NULL, false},         {"migrate", db_migrate, NULL, false},
    {"deploy", db_deploy, NULL, false},     {"status", db_status, NULL, false},
    {"resolve", db_resolve, NULL, false},   {"seed", db_seed, NULL, true},
    {"reset", db_reset, NULL, true},        {"diff", NULL, db_diff, false},
    {"push", db_push, NULL, false},         {"pull", db_pull, NULL, false},
    {"validate", NULL, db_validate, false}, {"format", NULL, db_format, false},
    {"generate", NULL, db_generate, false},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const struct db_command *find_command(struct cli *cli, const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
        names[i] = commands[i].name;
    }
    const char *nearest = suggest_nearest(name, names, COMMAND_COUNT);
    cli_usage(cli, nearest ? "db knows no \"%s\": did you mean \"%s\"?" : "db knows no \"%s\"",
              name, nearest);
    return NULL;
}

enum {
    DB = CLI_OPTION,
    URL,
    YES,
    DEMO,
    APPLIED,
    ROLLED_BACK,
    RESUME,
    SCHEMA,
    CHECK,
    TO_STDOUT,
    FROM,
    TO,
    SCRIPT,
    EXIT_CODE,
    WARNINGS,
    NAME,
    CREATE_ONLY,
    DRIFT,
    NO_GENERATE
};

static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                      {"db", required_argument, NULL, DB},
                                      {"url", required_argument, NULL, URL},
                                      {"yes", no_argument, NULL, YES},
                                      {"demo", no_argument, NULL, DEMO},
                                      {"applied", required_argument, NULL, APPLIED},
                                      {"rolled-back", required_argument, NULL, ROLLED_BACK},
                                      {"resume", required_argument, NULL, RESUME},
                                      {"schema", required_argument, NULL, SCHEMA},
                                      {"check", no_argument, NULL, CHECK},
                                      {"stdout", no_argument, NULL, TO_STDOUT},
                                      {"from", required_argument, NULL, FROM},
                                      {"to", required_argument, NULL, TO},
                                      {"script", no_argument, NULL, SCRIPT},
                                      {"exit-code", no_argument, NULL, EXIT_CODE},
                                      {"warnings", no_argument, NULL, WARNINGS},
                                      {"name", required_argument, NULL, NAME},
                                      {"create-only", no_argument, NULL, CREATE_ONLY},
                                      {"drift", required_argument, NULL, DRIFT},
                                      {"no-generate", no_argument, NULL, NO_GENERATE},
                                      {"skip-generate", no_argument, NULL, NO_GENERATE},
                                      {0}};

static void take_option(int option, struct db_options *options)
{
    switch (option) {
    case DB: options->database = optarg; break;
    case URL: options->url = optarg; break;
    case YES: options->yes = true; break;
    case DEMO: options->mode = "demo"; break;
    case APPLIED: options->applied = optarg; break;
    case ROLLED_BACK: options->rolled_back = optarg; break;
    case RESUME: options->resume = optarg; break;
    case SCHEMA: options->schema = optarg; break;
    case CHECK: options->check = true; break;
    case TO_STDOUT: options->to_stdout = true; break;
    case FROM: options->from = optarg; break;
    case TO: options->to = optarg; break;
    case EXIT_CODE: options->exit_code = true; break;
    case WARNINGS: options->warnings = true; break;
    case NAME: options->name = optarg; break;
    case CREATE_ONLY: options->create_only = true; break;
    case DRIFT: options->drift = optarg; break;
    case NO_GENERATE: options->no_generate = true; break;
    default: break; // SCRIPT: the difference is always shown as its script
    }
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct db_options options = {0};
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0)
        take_option(option, &options);
    if (cli_ends(option, &exit_code))
        return exit_code;
    // `db migrate deploy` and its like: fingers know them.
    if (optind < argc - 1 && strcmp(argv[optind], "migrate") == 0) {
        optind++;
        if (strcmp(argv[optind], "dev") == 0)
            argv[optind] = argv[optind - 1];
    }
    if (optind == argc)
        return cli_usage(cli, "db wants a command");
    const struct db_command *command = find_command(cli, argv[optind++]);
    if (!command)
        return err_exit_code(ERR_USAGE);
    if (command->takes_mode && optind < argc)
        options.mode = argv[optind++];
    if (optind < argc)
        return cli_usage(cli, "db %s does not take \"%s\"", command->name, argv[optind]);
    return command->run ? command->run(cli, &options)
                        : db_for_each(cli, &options, command->on_database);
}

const struct command command_db = {
    "db", "migrations, seeds and the schema: init, migrate, deploy, status, reset, diff, ...",
    "Usage: berth db init|migrate [--name N] [--create-only] [--drift adopt|revert|ignore]\n"
    "       berth db deploy|status|push|pull [OPTIONS]\n"
    "       berth db resolve --applied NAME | --rolled-back NAME | --resume NAME --from N\n"
    "       berth db seed|reset [MODE] [OPTIONS]\n"
    "       berth db validate|format|generate [--schema PATH] [--check] [--stdout]\n"
    "       berth db diff --from X --to Y [--exit-code] [--warnings]\n\n"
    "  init     the first migration from the schema, applied\n"
    "  migrate  a new migration from what the schema changed, applied\n"
    "  deploy   apply what is pending; never generates, never asks\n"
    "  status   applied, pending, failed, edited, missing; exit code 0 only when all is applied\n"
    "           and the database is what the schema says\n"
    "  resolve  say how a failed migration ended, or that one was applied by other means;\n"
    "           --resume runs the rest of a failed one, from its statement N on\n"
    "  push     make the database what the schema says, without a migration\n"
    "  pull     make the schema what the database is; --stdout only prints it\n"
    "  seed     sow database/<engine>/seeds/<mode>/ (bootstrap)\n"
    "  reset    drop everything, apply again, seed; shows its plan and asks\n"
    "  validate check the schema: every mistake with its place\n"
    "  format   lay the schema's files out; --check only says which are not (exit code 1)\n"
    "  generate run the schema's generators; migrate and init do, too, without --no-generate\n"
    "  diff     the SQL from X to Y, each `empty`, `schema`, `database`, `migrations`, a path or a "
    "URL;\n"
    "           --exit-code: 2 when they differ\n\n"
    "  --db KEY|NAME|all   which database (the primary)\n"
    "  --url URL           a database by its address\n"
    "  --name N            of a new migration (init, migration)\n"
    "  --create-only       only make it; to be looked at, and applied by deploy\n"
    "  --drift CHOICE      of migrate, for changes by other hands: adopt, revert or ignore them\n"
    "  --yes               do not ask\n"
    "  --json              results as JSON\n\n"
    "With nothing running, the database's container is brought up for the command and left as it "
    "was found.\n\n"
    "Example: berth db status --db all\n",
    run};
