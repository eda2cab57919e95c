// Scripts between two schemas, word for word: the layout, and the places where a statement is put
// otherwise than the common layout has it because it would not run.
#include "tests/unit/test.h"

#include <stdio.h>

#include "migrator/diff/schema_diff.h"
#include "migrator/model/model.h"

static struct source source_of(struct strbuf *text, const char *provider, const char *body)
{
    strbuf_addf(text, "datasource db {\n  provider = \"%s\"\n}\n%s", provider, body);
    return (struct source){.path = "schema.prisma", .text = text->data, .length = text->len};
}

// NULL: no schema at all.
static void assert_script(const char *provider, const char *from, const char *to, bool warnings,
                          const char *expected)
{
    AUTO_STRBUF old_text = STRBUF_INIT;
    AUTO_STRBUF new_text = STRBUF_INIT;
    AUTO_STRBUF script = STRBUF_INIT;
    struct source old = {0};
    struct source new = {0};
    if (from)
        old = source_of(&old_text, provider, from);
    if (to)
        new = source_of(&new_text, provider, to);
    struct diag_list diagnostics = {0};
    struct err err;
    int result = schema_diff_script(
        (struct schema_texts){&old, from ? 1 : 0}, (struct schema_texts){&new, to ? 1 : 0},
        (struct schema_diff_options){.with_warnings = warnings}, &script, NULL, &diagnostics, &err);
    vec_each (diag, &diagnostics.items)
        fprintf(stderr, "%s\n", diag->message);
    assert_int_equal(result, 0);
    assert_string_equal(script.data, expected);
    diag_list_release(&diagnostics);
}

static void test_nothing_to_do_says_so(void **state)
{
    (void)state;
    assert_script("postgresql", "", "", false, "-- This is an empty migration.\n");
    assert_script("postgresql", NULL, NULL, true, "-- This is an empty migration.\n");
}

static void test_postgres_creates(void **state)
{
    (void)state;
    assert_script(
        "postgresql", NULL,
        "enum Color {\n  RED\n}\nmodel Cat {\n  id Int @id @default(autoincrement())\n"
        "  color Color @default(RED)\n  born DateTime @default(\"2031-12-24T18:30:15.1Z\")\n"
        "  names String[] @default([\"it's\"])\n  raw Bytes @default(\"aGVsbG8=\")\n"
        "  @@unique([color, id(sort: Desc)])\n  @@index([born], type: Hash)\n}\n",
        false,
        "-- CreateEnum\nCREATE TYPE \"Color\" AS ENUM ('RED');\n\n"
        "-- CreateTable\nCREATE TABLE \"Cat\" (\n    \"id\" SERIAL NOT NULL,\n"
        "    \"color\" \"Color\" NOT NULL DEFAULT 'RED',\n"
        "    \"born\" TIMESTAMP(3) NOT NULL DEFAULT '2031-12-24 18:30:15.100 +00:00',\n"
        "    \"names\" TEXT[] DEFAULT ARRAY['it''s']::TEXT[],\n"
        "    \"raw\" BYTEA NOT NULL DEFAULT '\\x68656c6c6f',\n\n"
        "    CONSTRAINT \"Cat_pkey\" PRIMARY KEY (\"id\")\n);\n\n"
        "-- CreateIndex\nCREATE INDEX \"Cat_born_idx\" ON \"Cat\" USING HASH (\"born\");\n\n"
        "-- CreateIndex\nCREATE UNIQUE INDEX \"Cat_color_id_key\" ON \"Cat\"(\"color\", "
        "\"id\" DESC);\n");
}

static void test_dropping_everything_names_the_schema(void **state)
{
    (void)state;
    assert_script("postgresql", "model A {\n  id Int @id\n  e E\n}\nenum E {\n  V\n}\n", NULL,
                  false,
                  "-- DropTable\nDROP TABLE \"public\".\"A\";\n\n"
                  "-- DropEnum\nDROP TYPE \"public\".\"E\";\n");
}

static void test_schemas_of_a_database(void **state)
{
    (void)state;
    // "public" and no schema at all are the same place; a table that moves is another table.
    assert_script(
        "postgresql\"\n  schemas = [\"public\", \"one\"]\n  url = \"x",
        "model A {\n  id Int @id\n  @@schema(\"public\")\n}\n"
        "model B {\n  id Int @id\n  b Int @unique\n  @@schema(\"public\")\n}\n",
        "model A {\n  id Int @id\n  @@schema(\"one\")\n}\n"
        "model B {\n  id Int @id\n  b Int?\n  @@schema(\"public\")\n}\n",
        false,
        "-- DropIndex\nDROP INDEX \"B_b_key\";\n\n"
        "-- AlterTable\nALTER TABLE \"public\".\"B\" ALTER COLUMN \"b\" DROP NOT NULL;\n\n"
        "-- DropTable\nDROP TABLE \"A\";\n\n"
        "-- CreateTable\nCREATE TABLE \"one\".\"A\" (\n    \"id\" INTEGER NOT NULL,\n\n"
        "    CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\")\n);\n");
}

static void test_clauses_of_one_table_share_a_statement(void **state)
{
    (void)state;
    assert_script("postgresql", "model A {\n  id Int @id\n  a Int?\n  b Int\n  c String\n}\n",
                  "model A {\n  id Int @id\n  a BigInt @default(4)\n  c Int\n  d String\n}\n",
                  false,
                  "-- AlterTable\nALTER TABLE \"A\" DROP COLUMN \"b\",\n"
                  "ADD COLUMN     \"d\" TEXT NOT NULL,\n"
                  "ALTER COLUMN \"a\" SET NOT NULL,\nALTER COLUMN \"a\" SET DEFAULT 4,\n"
                  "ALTER COLUMN \"a\" SET DATA TYPE BIGINT,\n"
                  "DROP COLUMN \"c\",\nADD COLUMN     \"c\" INTEGER NOT NULL;\n");
}

static void test_an_enum_that_loses_values_is_made_anew(void **state)
{
    (void)state;
    // "gone" goes further down, and must let go of the old type before; "fresh" is not there yet.
    assert_script(
        "postgresql",
        "model A {\n  id Int @id\n  kept E @default(X)\n  gone E?\n}\nenum E {\n  X\n  Y\n}\n",
        "model A {\n  id Int @id\n  kept E @default(X)\n  fresh E?\n}\nenum E {\n  X\n}\n", false,
        "-- AlterEnum\nBEGIN;\nCREATE TYPE \"E_new\" AS ENUM ('X');\n"
        "ALTER TABLE \"A\" ALTER COLUMN \"kept\" DROP DEFAULT;\n"
        "ALTER TABLE \"A\" ALTER COLUMN \"kept\" TYPE \"E_new\" USING "
        "(\"kept\"::text::\"E_new\");\n"
        "ALTER TABLE \"A\" ALTER COLUMN \"gone\" TYPE TEXT;\n"
        "ALTER TYPE \"E\" RENAME TO \"E_old\";\nALTER TYPE \"E_new\" RENAME TO \"E\";\n"
        "DROP TYPE \"E_old\";\n"
        "ALTER TABLE \"A\" ALTER COLUMN \"kept\" SET DEFAULT 'X';\nCOMMIT;\n\n"
        "-- AlterTable\nALTER TABLE \"A\" DROP COLUMN \"gone\",\n"
        "ADD COLUMN     \"fresh\" \"E\";\n");
}

static void test_sequences_come_and_go(void **state)
{
    (void)state;
    assert_script("postgresql", "model A {\n  id Int @id\n}\n",
                  "model A {\n  id Int @id @default(autoincrement())\n}\n", false,
                  "-- AlterTable\nCREATE SEQUENCE a_id_seq;\n"
                  "ALTER TABLE \"A\" ALTER COLUMN \"id\" SET DEFAULT nextval('a_id_seq');\n"
                  "ALTER SEQUENCE a_id_seq OWNED BY \"A\".\"id\";\n");
    assert_script("postgresql", "model A {\n  id Int @id @default(autoincrement())\n}\n",
                  "model A {\n  id Int @id @default(3)\n}\n", false,
                  "-- AlterTable\nALTER TABLE \"A\" ALTER COLUMN \"id\" SET DEFAULT 3;\n"
                  "DROP SEQUENCE IF EXISTS \"A_id_seq\";\n");
    assert_script(
        "postgresql", "model A {\n  id Int @id\n  @@map(\"an a\")\n}\n",
        "model A {\n  id Int @id @default(autoincrement())\n  @@map(\"an a\")\n}\n", false,
        "-- AlterTable\nCREATE SEQUENCE \"an a_id_seq\";\n"
        "ALTER TABLE \"an a\" ALTER COLUMN \"id\" SET DEFAULT nextval('\"an a_id_seq\"');\n"
        "ALTER SEQUENCE \"an a_id_seq\" OWNED BY \"an a\".\"id\";\n");
}

static void test_a_renamed_key_has_its_own_statement(void **state)
{
    (void)state;
    assert_script("postgresql", "model A {\n  id Int @id\n}\n",
                  "model A {\n  id Int @id(map: \"k\")\n  a Int?\n}\n", false,
                  "-- AlterTable\nALTER TABLE \"A\" ADD COLUMN     \"a\" INTEGER;\n"
                  "ALTER TABLE \"A\" RENAME CONSTRAINT \"A_pkey\" TO \"k\";\n");
}

static void test_a_condition_of_an_index(void **state)
{
    (void)state;
    const char *generator =
        "generator g {\n  provider = \"x\"\n  previewFeatures = [\"partialIndexes\"]\n}\n";
    AUTOFREE char *from = mem_printf("%smodel A {\n  id Int @id\n}\n", generator);
    AUTOFREE char *to = mem_printf(
        "%smodel A {\n  id Int @id\n  @@index([id], where: raw(\"id > 5\"))\n}\n", generator);
    assert_script("postgresql", from, to, false,
                  "-- CreateIndex\nCREATE INDEX \"A_id_idx\" ON \"A\"(\"id\") WHERE (id > 5);\n");
    assert_script("sqlite", from, to, false,
                  "-- CreateIndex\nCREATE INDEX \"A_id_idx\" ON \"A\"(\"id\") WHERE id > 5;\n");
#define MODEL "%smodel A {\n  id Int @id\n  b Boolean @map(\"c\\\"d\")\n  s String?\n"
    AUTOFREE char *without = mem_printf(MODEL "}\n", generator);
    AUTOFREE char *with = mem_printf(
        MODEL "  @@unique([id], where: {b: true, s: { not: null }})\n"
              "  @@index([s], where: { id: { not: -5 }, s: \"it's \\\\\", b: null })\n}\n",
        generator);
#undef MODEL
    const char *unique = "\"c\"\"d\" = true AND \"s\" IS NOT NULL";
    const char *index = "\"id\" != -5 AND \"s\" = 'it''s \\' AND \"c\"\"d\" IS NULL";
    AUTOFREE char *postgres = mem_printf(
        "-- CreateIndex\nCREATE INDEX \"A_s_idx\" ON \"A\"(\"s\") WHERE (%s);\n\n"
        "-- CreateIndex\nCREATE UNIQUE INDEX \"A_id_key\" ON \"A\"(\"id\") WHERE (%s);\n",
        index, unique);
    assert_script("postgresql", without, with, false, postgres);
    AUTOFREE char *sqlite =
        mem_printf("-- CreateIndex\nCREATE INDEX \"A_s_idx\" ON \"A\"(\"s\") WHERE %s;\n\n"
                   "-- CreateIndex\nCREATE UNIQUE INDEX \"A_id_key\" ON \"A\"(\"id\") WHERE %s;\n",
                   index, unique);
    assert_script("sqlite", without, with, false, sqlite);
}

static void test_types_that_need_an_expression(void **state)
{
    (void)state;
    assert_script(
        "postgresql",
        "model A {\n  id Int @id\n  a E @default(V)\n  b E[]\n  c String @db.Citext\n}\n"
        "enum E {\n  V\n}\n",
        "model A {\n  id Int @id\n  a E[] @default([V])\n  b E?\n  c Int\n}\n"
        "enum E {\n  V\n}\n",
        false,
        "-- AlterTable\nALTER TABLE \"A\" ALTER COLUMN \"a\" DROP DEFAULT;\n"
        "ALTER TABLE \"A\" ALTER COLUMN \"a\" SET DEFAULT ARRAY['V']::\"E\"[],\n"
        "ALTER COLUMN \"a\" SET DATA TYPE \"E\"[] USING (CASE WHEN \"a\" IS NULL THEN NULL "
        "ELSE ARRAY[\"a\"] END),\n"
        "ALTER COLUMN \"b\" DROP NOT NULL,\n"
        "ALTER COLUMN \"b\" SET DATA TYPE \"E\" USING (\"b\"[1]),\n"
        "ALTER COLUMN \"c\" SET DATA TYPE INTEGER USING (\"c\"::text::INTEGER);\n");
    assert_script("postgresql",
                  "model A {\n  id Int @id\n  a Unsupported(\"point\")[]\n  b String[] @db.Citext\n"
                  "  c Unsupported(\"point\")[]\n}\n",
                  "model A {\n  id Int @id\n  a Decimal[]\n  b Int[]\n  c String[]\n}\n", false,
                  "-- AlterTable\n"
                  "ALTER TABLE \"A\" ALTER COLUMN \"a\" SET DATA TYPE DECIMAL(65,30)[] "
                  "USING (\"a\"::text[]::DECIMAL(65,30)[]),\n"
                  "ALTER COLUMN \"b\" SET DATA TYPE INTEGER[] USING (\"b\"::text[]::INTEGER[]),\n"
                  "ALTER COLUMN \"c\" SET DATA TYPE TEXT[];\n");
}

static void test_quotes_inside_names_are_doubled(void **state)
{
    (void)state;
    assert_script("postgresql", NULL,
                  "model A {\n  id Int @id @map(\"a\\\"b\")\n}\nenum E {\n  V @map(\"it's\")\n}\n",
                  false,
                  "-- CreateEnum\nCREATE TYPE \"E\" AS ENUM ('it''s');\n\n"
                  "-- CreateTable\nCREATE TABLE \"A\" (\n    \"a\"\"b\" INTEGER NOT NULL,\n\n"
                  "    CONSTRAINT \"A_pkey\" PRIMARY KEY (\"a\"\"b\")\n);\n");
}

static void test_sqlite_rebuilds_a_table(void **state)
{
    (void)state;
    assert_script(
        "sqlite",
        "model A {\n  id Int @id\n  a Int?\n  b B @relation(fields: [bId], references: [id])\n"
        "  bId Int\n  @@index([a])\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n",
        "model A {\n  id Int @id\n  a Int @default(4)\n"
        "  b B @relation(fields: [bId], references: [id])\n  bId Int\n"
        "  raw Bytes? @default(\"aGVsbG8=\")\n  json Json? @default(\"[1]\")\n  @@index([a])\n}\n"
        "model B {\n  id Int @id\n  as A[]\n}\n",
        false,
        "-- RedefineTables\nPRAGMA defer_foreign_keys=ON;\nPRAGMA foreign_keys=OFF;\n"
        "CREATE TABLE \"new_A\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n"
        "    \"a\" INTEGER NOT NULL DEFAULT 4,\n    \"bId\" INTEGER NOT NULL,\n"
        "    \"raw\" BLOB DEFAULT X'68656c6c6f',\n    \"json\" JSONB DEFAULT '[1]',\n"
        "    CONSTRAINT \"A_bId_fkey\" FOREIGN KEY (\"bId\") REFERENCES \"B\" (\"id\") "
        "ON DELETE RESTRICT ON UPDATE CASCADE\n);\n"
        "INSERT INTO \"new_A\" (\"a\", \"bId\", \"id\") SELECT coalesce(\"a\", 4) AS \"a\", "
        "\"bId\", \"id\" FROM \"A\";\nDROP TABLE \"A\";\n"
        "ALTER TABLE \"new_A\" RENAME TO \"A\";\nCREATE INDEX \"A_a_idx\" ON \"A\"(\"a\");\n"
        "PRAGMA foreign_keys=ON;\nPRAGMA defer_foreign_keys=OFF;\n");
}

static void test_sqlite_reserved_names(void **state)
{
    (void)state;
    assert_script("sqlite", NULL,
                  "model A {\n  id Int @id\n  a Int @unique(map: \"sqlite_a\")\n}\n", false,
                  "-- CreateTable\nCREATE TABLE \"A\" (\n"
                  "    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n"
                  "    \"a\" INTEGER NOT NULL\n);\n\n-- CreateIndex\nPragma writable_schema=1;\n"
                  "CREATE UNIQUE INDEX \"sqlite_a\" ON \"A\"(\"a\");\nPragma writable_schema=0;\n");
}

static void test_mysql_modifies(void **state)
{
    (void)state;
    assert_script(
        "mysql",
        "model A {\n  id Int @id\n  e E\n  d DateTime @default(now())\n}\nenum E {\n  V\n}\n",
        "model A {\n  id Int @id\n  e E?\n  d DateTime\n  n String?\n}\nenum E {\n  V\n  W\n}\n",
        false,
        "-- AlterTable\nALTER TABLE `A` ADD COLUMN `n` VARCHAR(191) NULL,\n"
        "    MODIFY `e` ENUM('V', 'W') NULL,\n    ALTER COLUMN `d` DROP DEFAULT;\n");
}

static void test_mysql_creates(void **state)
{
    (void)state;
    assert_script(
        "mysql", NULL,
        "model A {\n  id Int @id @default(autoincrement())\n  s String? @unique\n"
        "  at DateTime @default(\"2031-12-24T18:30:15.5Z\")\n  on Boolean @default(true)\n"
        "  now DateTime @default(now()) @db.Timestamp(0)\n}\n",
        false,
        "-- CreateTable\nCREATE TABLE `A` (\n    `id` INTEGER NOT NULL AUTO_INCREMENT,\n"
        "    `s` VARCHAR(191) NULL,\n"
        "    `at` DATETIME(3) NOT NULL DEFAULT '2031-12-24T18:30:15.500+00:00',\n"
        "    `on` BOOLEAN NOT NULL DEFAULT true,\n"
        "    `now` TIMESTAMP(0) NOT NULL DEFAULT CURRENT_TIMESTAMP(0),\n\n"
        "    UNIQUE INDEX `A_s_key`(`s`),\n    PRIMARY KEY (`id`)\n"
        ") DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n");
}

// Of a schema for MySQL.
static struct model *model_of(const char *body)
{
    AUTO_STRBUF text = STRBUF_INIT;
    const struct source source = source_of(&text, "mysql", body);
    struct diag_list diagnostics = {0};
    struct datamodel *datamodel = NULL;
    struct err err;
    assert_int_equal(schema_load((struct schema_texts){&source, 1}, &datamodel, &diagnostics, &err),
                     0);
    struct model *model = model_build(datamodel);
    datamodel_free(datamodel);
    diag_list_release(&diagnostics);
    return model;
}

#define MYSQL_END ") DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n"

// A default of any length is an expression; which dates and which now() a server takes is said when
// it is known which one it is.
static void test_mysql_defaults_by_server(void **state)
{
    (void)state;
    static const char body[] =
        "model A {\n  id Int @id\n"
        "  t String @default(\"it's\") @db.Text\n  b Bytes @default(\"aGk=\")\n"
        "  at DateTime @default(\"2031-12-31T23:30:15.5-01:00\")\n"
        "  on DateTime @default(now()) @db.Date\n  up DateTime @default(now()) @db.Timestamp\n}\n";
    static const struct {
        enum mysql_server server;
        const char *at, *on, *up;
    } cases[] = {
        {MYSQL_UNKNOWN, "'2031-12-31T23:30:15.500-01:00'", "CURRENT_TIMESTAMP(3)",
         "CURRENT_TIMESTAMP(3)"},
        {MYSQL_ITSELF, "'2031-12-31T23:30:15.500-01:00'", "(CURRENT_TIMESTAMP(3))",
         "CURRENT_TIMESTAMP(0)"},
        {MYSQL_MARIADB, "'2032-01-01 00:30:15.5'", "CURRENT_TIMESTAMP(3)", "CURRENT_TIMESTAMP(3)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF script = STRBUF_INIT;
        AUTO_STRBUF expected = STRBUF_INIT;
        struct model *to = model_of(body);
        struct model *from = model_new(DM_MYSQL);
        from->mysql_server = cases[i].server;
        model_diff_script(from, to, (struct schema_diff_options){0}, &script, NULL);
        strbuf_addf(
            &expected,
            "-- CreateTable\nCREATE TABLE `A` (\n    `id` INTEGER NOT NULL,\n"
            "    `t` TEXT NOT NULL DEFAULT ('it''s'),\n"
            "    `b` LONGBLOB NOT NULL DEFAULT (X'6869'),\n"
            "    `at` DATETIME(3) NOT NULL DEFAULT %s,\n    `on` DATE NOT NULL DEFAULT %s,\n"
            "    `up` TIMESTAMP NOT NULL DEFAULT %s,\n\n    PRIMARY KEY (`id`)\n" MYSQL_END,
            cases[i].at, cases[i].on, cases[i].up);
        assert_string_equal(script.data, expected.data);
        model_free(from);
        model_free(to);
    }
}

// A column that counts is never without an index.
static void test_mysql_counting_columns(void **state)
{
    (void)state;
    assert_script("mysql", "model A {\n  id Int @id @default(autoincrement())\n}\n",
                  "model A {\n  id Int @unique @default(autoincrement())\n}\n", true,
                  "/*\n  Warnings:\n\n  - The primary key for the `A` table will be changed. If it "
                  "partially fails, the table could be left without primary key constraint.\n"
                  "  - A unique constraint covering the columns `[id]` on the table `A` will be "
                  "added. If there are existing duplicate values, this will fail.\n\n*/\n"
                  "-- AlterTable\nALTER TABLE `A` DROP PRIMARY KEY,\n"
                  "    ADD UNIQUE INDEX `A_id_key`(`id`);\n");
    assert_script("mysql", "model A {\n  id Int @unique @default(autoincrement())\n  n Int\n}\n",
                  "model A {\n  id Int\n  n Int @id\n}\n", false,
                  "-- AlterTable\nALTER TABLE `A` DROP INDEX `A_id_key`,\n"
                  "    MODIFY `id` INTEGER NOT NULL,\n    ADD PRIMARY KEY (`n`);\n");
}

// MySQL lets no column begin to count that foreign keys refer to; MariaDB does.
static void test_mysql_counting_below_foreign_keys(void **state)
{
    (void)state;
    static const char keys[] =
        "model B {\n  id Int @id\n  a A @relation(fields: [aId], references: [id])\n  aId Int\n}\n";
    static const char modify[] =
        "-- AlterTable\nALTER TABLE `A` MODIFY `id` INTEGER NOT NULL AUTO_INCREMENT;\n";
    for (int server = MYSQL_UNKNOWN; server <= MYSQL_MARIADB; server++) {
        AUTO_STRBUF old_text = STRBUF_INIT;
        AUTO_STRBUF new_text = STRBUF_INIT;
        AUTO_STRBUF script = STRBUF_INIT;
        strbuf_addf(&old_text, "model A {\n  id Int @id\n  bs B[]\n}\n%s", keys);
        strbuf_addf(&new_text, "model A {\n  id Int @id @default(autoincrement())\n  bs B[]\n}\n%s",
                    keys);
        struct model *from = model_of(old_text.data);
        struct model *to = model_of(new_text.data);
        from->mysql_server = (enum mysql_server)server;
        model_diff_script(from, to, (struct schema_diff_options){0}, &script, NULL);
        const char *found = strstr(script.data, modify);
        assert_non_null(found);
        assert_int_equal(found > script.data, server == MYSQL_ITSELF);
        assert_int_equal(!!strstr(found, "ADD CONSTRAINT"), server == MYSQL_ITSELF);
        model_free(from);
        model_free(to);
    }
}

// An index gives way to a column that is dropped and added, also that of a foreign key's own.
static void test_mysql_recreates_below_indexes(void **state)
{
    (void)state;
    assert_script(
        "mysql", "model A {\n  id Int @id\n  n Int @unique\n  g Unsupported(\"point\")?\n}\n",
        "model A {\n  id Int @id\n  n DateTime @unique(map: \"other\")\n  g Int?\n}\n", false,
        "-- DropIndex\nDROP INDEX `A_n_key` ON `A`;\n\n"
        "-- AlterTable\nALTER TABLE `A` DROP COLUMN `n`,\n"
        "    ADD COLUMN `n` DATETIME(3) NOT NULL,\n    DROP COLUMN `g`,\n"
        "    ADD COLUMN `g` INTEGER NULL;\n\n"
        "-- CreateIndex\nCREATE UNIQUE INDEX `other` ON `A`(`n`);\n");
    assert_script(
        "mysql",
        "model A {\n  id Int @id\n  bs B[]\n}\n"
        "model B {\n  id Int @id\n  a A @relation(fields: [aId], references: [id])\n  aId Int\n}\n",
        "model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n  aId DateTime\n}\n", false,
        "-- DropForeignKey\nALTER TABLE `B` DROP FOREIGN KEY `B_aId_fkey`;\n\n"
        "-- DropIndex\nDROP INDEX `B_aId_fkey` ON `B`;\n\n"
        "-- AlterTable\nALTER TABLE `B` DROP COLUMN `aId`,\n"
        "    ADD COLUMN `aId` DATETIME(3) NOT NULL;\n");
    assert_script(
        "mysql",
        "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n"
        "  a A @relation(fields: [aId], references: [id])\n  aId Int\n  n Int\n  @@index([aId, "
        "n])\n}\n",
        "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n"
        "  a A @relation(fields: [aId], references: [id])\n  aId Int\n  n Json\n  m Int\n"
        "  @@index([aId, m])\n}\n",
        false,
        "-- DropForeignKey\nALTER TABLE `B` DROP FOREIGN KEY `B_aId_fkey`;\n\n"
        "-- DropIndex\nDROP INDEX `B_aId_n_idx` ON `B`;\n\n"
        "-- AlterTable\nALTER TABLE `B` ADD COLUMN `m` INTEGER NOT NULL,\n    DROP COLUMN `n`,\n"
        "    ADD COLUMN `n` JSON NOT NULL;\n\n"
        "-- CreateIndex\nCREATE INDEX `B_aId_m_idx` ON `B`(`aId`, `m`);\n\n"
        "-- AddForeignKey\nALTER TABLE `B` ADD CONSTRAINT `B_aId_fkey` FOREIGN KEY (`aId`) "
        "REFERENCES `A`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;\n");
}

static void test_sqlserver_wraps_the_script(void **state)
{
    (void)state;
    assert_script(
        "sqlserver", "model A {\n  id Int @id\n  b Int @unique\n}\n",
        "model A {\n  id Int @id\n  b Int\n  c Boolean @default(true)\n}\n", false,
        "BEGIN TRY\n\nBEGIN TRAN;\n\n"
        "-- DropIndex\nALTER TABLE [dbo].[A] DROP CONSTRAINT [A_b_key];\n\n"
        "-- AlterTable\nALTER TABLE [dbo].[A] ADD [c] BIT NOT NULL CONSTRAINT [A_c_df] "
        "DEFAULT 1;\n\nCOMMIT TRAN;\n\nEND TRY\nBEGIN CATCH\n\nIF @@TRANCOUNT > 0\nBEGIN\n"
        "    ROLLBACK TRAN;\nEND;\nTHROW\n\nEND CATCH\n");
}

static void test_warnings_tell_what_may_be_lost(void **state)
{
    (void)state;
    assert_script(
        "postgresql",
        "model A {\n  id Int @id\n  a Int\n  b Int?\n  c BigInt\n}\nmodel B {\n  id Int @id\n}\n",
        "model A {\n  id Int @id\n  b Int @unique\n  c Int\n  d Int\n  e String "
        "@default(uuid())\n}\n",
        true,
        "/*\n  Warnings:\n\n"
        "  - You are about to drop the column `a` on the `A` table. All the data in the column "
        "will be lost.\n"
        "  - You are about to alter the column `c` on the `A` table. The data in that column "
        "could be lost. The data in that column will be cast from `BigInt` to `Integer`.\n"
        "  - You are about to drop the `B` table. If the table is not empty, all the data it "
        "contains will be lost.\n"
        "  - A unique constraint covering the columns `[b]` on the table `A` will be added. If "
        "there are existing duplicate values, this will fail.\n"
        "  - Added the required column `d` to the `A` table without a default value. This is "
        "not possible if the table is not empty.\n"
        "  - The required column `e` was added to the `A` table with a prisma-level default "
        "value. This is not possible if the table is not empty. Please add this column as "
        "optional, then populate it before making it required.\n"
        "  - Made the column `b` on table `A` required. This step will fail if there are "
        "existing NULL values in that column.\n\n*/\n"
        "-- AlterTable\nALTER TABLE \"A\" DROP COLUMN \"a\",\n"
        "ADD COLUMN     \"d\" INTEGER NOT NULL,\nADD COLUMN     \"e\" TEXT NOT NULL,\n"
        "ALTER COLUMN \"b\" SET NOT NULL,\nALTER COLUMN \"c\" SET DATA TYPE INTEGER;\n\n"
        "-- DropTable\nDROP TABLE \"B\";\n\n"
        "-- CreateIndex\nCREATE UNIQUE INDEX \"A_b_key\" ON \"A\"(\"b\");\n");
}

static void test_mistakes_and_other_providers_are_refused(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    AUTO_STRBUF other = STRBUF_INIT;
    AUTO_STRBUF script = STRBUF_INIT;
    struct source broken = source_of(&text, "postgresql", "model A {\n  id Nothing @id\n}\n");
    struct source sqlite = source_of(&other, "sqlite", "");
    struct diag_list diagnostics = {0};
    struct err err;
    assert_int_equal(schema_diff_script((struct schema_texts){0}, (struct schema_texts){&broken, 1},
                                        (struct schema_diff_options){0}, &script, NULL,
                                        &diagnostics, &err),
                     -1);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_true(diagnostics.error_count > 0);
    diag_list_release(&diagnostics);
    diagnostics = (struct diag_list){0};
    strbuf_clear(&text);
    struct source postgres = source_of(&text, "postgresql", "");
    assert_int_equal(
        schema_diff_script((struct schema_texts){&sqlite, 1}, (struct schema_texts){&postgres, 1},
                           (struct schema_diff_options){0}, &script, NULL, &diagnostics, &err),
        -1);
    assert_non_null(strstr(err.message, "sqlite and postgresql"));
    assert_int_equal(script.len, 0);
    diag_list_release(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do_says_so),
        cmocka_unit_test(test_postgres_creates),
        cmocka_unit_test(test_dropping_everything_names_the_schema),
        cmocka_unit_test(test_schemas_of_a_database),
        cmocka_unit_test(test_clauses_of_one_table_share_a_statement),
        cmocka_unit_test(test_an_enum_that_loses_values_is_made_anew),
        cmocka_unit_test(test_sequences_come_and_go),
        cmocka_unit_test(test_a_renamed_key_has_its_own_statement),
        cmocka_unit_test(test_a_condition_of_an_index),
        cmocka_unit_test(test_types_that_need_an_expression),
        cmocka_unit_test(test_quotes_inside_names_are_doubled),
        cmocka_unit_test(test_sqlite_rebuilds_a_table),
        cmocka_unit_test(test_sqlite_reserved_names),
        cmocka_unit_test(test_mysql_modifies),
        cmocka_unit_test(test_mysql_creates),
        cmocka_unit_test(test_mysql_defaults_by_server),
        cmocka_unit_test(test_mysql_counting_columns),
        cmocka_unit_test(test_mysql_counting_below_foreign_keys),
        cmocka_unit_test(test_mysql_recreates_below_indexes),
        cmocka_unit_test(test_sqlserver_wraps_the_script),
        cmocka_unit_test(test_warnings_tell_what_may_be_lost),
        cmocka_unit_test(test_mistakes_and_other_providers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
