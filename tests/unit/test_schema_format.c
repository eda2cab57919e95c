#include "tests/unit/test_schema.h"

#include "migrator/schema/plural.h"

static void assert_format(const char *text, const char *expected)
{
    AUTO_STRBUF once = STRBUF_INIT;
    AUTO_STRBUF twice = STRBUF_INIT;
    struct source source = {"schema.prisma", text, strlen(text)};
    schema_format(&source, &once);
    assert_string_equal(once.data, expected);
    source = (struct source){"schema.prisma", once.data, once.len};
    schema_format(&source, &twice);
    assert_string_equal(twice.data, expected);
}

static void fields_stand_in_columns(void **state)
{
    (void)state;
    assert_format("model  A{\n id Int   @id\n name   String? @db . Text\n"
                  "longer_name  DateTime[]@default( [ ] )@map(\"x\")  // why\n\n b Int\n}\n",
                  "model A {\n  id          Int        @id\n"
                  "  name   String? @db . Text\n"
                  "  longer_name DateTime[] @default([]) @map(\"x\") // why\n\n  b Int\n}\n");
    assert_format("datasource db {\n provider=\"sqlite\" // here\n url =   env( \"U\" )\n}\n",
                  "datasource db {\n  provider = \"sqlite\" // here\n  url      = env(\"U\")\n}\n");
    assert_format("enum E {\n a\n bcd @map( \"x\" )\n\n @@map(\"e\")\n}\n",
                  "enum E {\n  a\n  bcd @map(\"x\")\n\n  @@map(\"e\")\n}\n");
}

static void attributes_have_an_order_and_keep_their_comments(void **state)
{
    (void)state;
    assert_format(
        "model A {\n @@map(\"x\")\n id Int @map(\"i\") @id\n\n // foo\n @@index([id])\n"
        " b Int @relation(\"r\", fields:[a , b]) @default(1)\n @@unique( [b(sort:Desc)] )\n\n"
        " // last\n}\n",
        "model A {\n  id Int @id @map(\"i\")\n"
        "  b  Int @default(1) @relation(\"r\", fields: [a, b])\n\n  // last\n\n"
        "  @@unique([b(sort: Desc)])\n  // foo\n  @@index([id])\n  @@map(\"x\")\n}\n");
}

static void comments_keep_their_text(void **state)
{
    (void)state;
    assert_format("\n\n//a  b \n\n\n/// doc\nmodel A { // head\n\n  //  x\n id Int @id //y\n\n"
                  " // alone\n\n\n a Int\n} // tail\n// end\n\n\n",
                  "//a  b \n\n/// doc\nmodel A {\n  // head\n  //  x\n  id Int @id //y\n\n"
                  "  // alone\n\n  a Int\n}\n\n// tail\n// end\n");
    assert_format("/* one */\nmodel A {\n /* two\n  * three\n  */\n id Int @id /* four */\n}\n",
                  "/**\n * one\n */\nmodel A {\n  /**\n   * two\n   * three\n   */\n"
                  "  id Int @id /* four */\n}\n");
}

static void newlines_become_line_feeds(void **state)
{
    (void)state;
    assert_format("model A {\r\n id Int @id\r\n // c\r\n}\r\n",
                  "model A {\n  id Int @id\n  // c\n}\n");
    assert_format("", "\n");
}

static void what_is_not_understood_stays(void **state)
{
    (void)state;
    assert_format(
        "what is this\nmodel A {\n id: Int @id\n   bad bad   bad\n x String[]?\n y [Int]\n"
        " z = 3\n @@index(\n [id]\n )\n}\nfoo {\n  bar\n}\n",
        "what is this\nmodel A {\n  id Int       @id\n  bad bad   bad\n"
        "  x  String[]?\n  y  Int[]\n  z = 3\n  @@index(\n  [id]\n  )\n}\n\n"
        "foo {\n  bar\n}\n");
    assert_format("model A {\n id Int @id\n", "model A {\nid Int @id\n");
    assert_format("model A {\n id Int @id @default(1, ) u Unsupported( \"a\\\"b\" )?\n}\n",
                  "model A {\n  id Int @id @default(1, ) u Unsupported( \"a\\\"b\" )?\n}\n");
    assert_format("model A {\n u Unsupported( \"a\\\"b\" ) ? @map(\"\\u00e9\")\n}\n",
                  "model A {\n  u Unsupported( \"a\\\"b\" )? @map(\"\\u00e9\")\n}\n");
}

static void assert_completion(const char *text, const char *expected)
{
    AUTO_STRBUF complete = STRBUF_INIT;
    AUTO_STRBUF again = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    struct source source = {"schema.prisma", text, strlen(text)};
    schema_complete(&source, 1, &complete);
    source = (struct source){"schema.prisma", complete.data, complete.len};
    schema_format(&source, &out);
    assert_string_equal(out.data, expected);
    schema_complete(&source, 1, &again);
    assert_string_equal(again.data, complete.data);
}

static void relations_get_what_they_lack(void **state)
{
    (void)state;
    assert_completion("model A {\n id Int @id\n b B\n}\nmodel B {\n id BigInt @id\n}\n",
                      "model A {\n  id  Int    @id\n"
                      "  b   B      @relation(fields: [bId], references: [id])\n"
                      "  bId BigInt\n}\n\nmodel B {\n  id BigInt @id\n  as A[]\n}\n");
    assert_completion("model UserCategory {\n id Int @id\n b B?  @relation(\"x\")\n}\n"
                      "model B {\n id Int @id\n}\n",
                      "model UserCategory {\n  id  Int  @id\n"
                      "  b   B?   @relation(\"x\", fields: [bId], references: [id])\n"
                      "  bId Int?\n}\n\nmodel B {\n  id             Int            @id\n"
                      "  userCategories UserCategory[] @relation(\"x\")\n}\n");
    assert_completion("model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n}\n",
                      "model A {\n  id Int @id\n  bs B[]\n}\n\nmodel B {\n  id  Int  @id\n"
                      "  a   A?   @relation(fields: [aId], references: [id])\n  aId Int?\n}\n");
    assert_completion("model A {\n id Int @id\n b B\n c C\n}\nmodel B {\n id Int @id\n}\n",
                      "model A {\n  id Int @id\n  b  B\n  c  C\n}\n\n"
                      "model B {\n  id Int @id\n}\n"); // there is no C
}

static void objects_are_spaced(void **state)
{
    (void)state;
    assert_format(
        "generator g {\n a={ b:1,c : [{d:\"x\"},{}] }\n}\nmodel A {\n id Int @id\n"
        " @@index([id],where:{id:{not:1}, id : null})\n @@index([id], where: {id: 1,})\n}\n",
        "generator g {\n  a = { b: 1, c: [{ d: \"x\" }, {  }] }\n}\n\nmodel A {\n  id Int @id\n"
        "  @@index([id], where: {id: 1,})\n\n"
        "  @@index([id], where: { id: { not: 1 }, id: null })\n}\n");
}

static void plurals_are_those_of_english(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"User", "users"},
        {"user_profile", "userProfiles"},
        {"HTTPServer", "httpservers"},
        {"T1est", "t1Ests"},
        {"Category", "categories"},
        {"Day", "days"},
        {"Box", "boxes"},
        {"Status", "statuses"},
        {"Person", "people"},
        {"Analysis", "analyses"},
        {"News", "news"},
        {"Human", "humans"},
        {"Leaf", "leaves"},
        {"Roof", "roofs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF camel = STRBUF_INIT;
        AUTO_STRBUF plural = STRBUF_INIT;
        name_camel_case(cases[i][0], &camel);
        name_plural(camel.data, &plural);
        assert_string_equal(plural.data, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_in_columns),
        cmocka_unit_test(attributes_have_an_order_and_keep_their_comments),
        cmocka_unit_test(comments_keep_their_text),
        cmocka_unit_test(newlines_become_line_feeds),
        cmocka_unit_test(what_is_not_understood_stays),
        cmocka_unit_test(relations_get_what_they_lack),
        cmocka_unit_test(objects_are_spaced),
        cmocka_unit_test(plurals_are_those_of_english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
