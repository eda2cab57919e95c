#include "tests/unit/test.h"

#include "appsettings/dotenv.h"
#include "appsettings/secrets.h"
#include "tests/unit/settings_fixture.h"

// Entries as "name=value|", what was said, and the text as a diagnostic would quote it.
static void expect(const char *text, const char *entries_text, const char *said, const char *quoted)
{
    struct arena *arena = arena_new();
    struct source source = {".env", arena_strdup(arena, text), strlen(text)};
    struct diag_list diags = {0};
    dotenv_entries entries = {0};
    AUTO_STRBUF shown = STRBUF_INIT, heard = STRBUF_INIT;
    dotenv_parse(&source, arena, &diags, &entries);
    vec_each (entry, &entries)
        strbuf_addf(&shown, "%s=%s|", entry->name, entry->value);
    fixture_show(&diags, &heard);
    assert_string_equal(shown.data, entries_text);
    assert_string_equal(heard.data, said);
    if (quoted)
        assert_string_equal(source.text, quoted);
    vec_release(&entries);
    diag_list_release(&diags);
    arena_free(arena);
}

static void lines_are_read(void **state)
{
    (void)state;
    expect("A=1\n\n# comment\n  B = two words  # comment\nexport C=x#y\nD=\nE=a=b\r\nlast-one.x=1",
           "A=1|B=two words|C=x#y|D=|E=a=b|last-one.x=1|", "", NULL);
    expect("\xEF\xBB\xBF"
           "A=1\nexported=2\nexport\tB=3\n",
           "A=1|exported=2|B=3|", "", NULL);
    expect("", "", "", "");
    expect("A=1 #", "A=1|", "", "A=* #");
}

static void quotes_are_read(void **state)
{
    (void)state;
    expect("A='a \\n $B \"x\" #'\nB=\"a\\n\\t\\\"\\\\\\$C\\x\" # comment\nC=\"two\nlines\"\nD=''\n",
           "A=a \\n $B \"x\" #|B=a\n\t\"\\$C\\x|C=two\nlines|D=|", "", NULL);
    expect("A=it's\nB=${A}\n", "A=it's|B=${A}|", "", NULL);
}

static void the_last_of_a_name_counts(void **state)
{
    (void)state;
    expect("A=1\nB=2\nA=3\n", "A=3|B=2|", "", "A=*\nB=*\nA=*\n");
}

static void mistakes_are_named_and_quote_no_secret(void **state)
{
    (void)state;
    expect("PASSWORD hunter2\n=x\n1A=2\nB='open\nC=3", "B=open\nC=3|",
           ".env:1:1: warning: not a line NAME=value; it is ignored\n"
           ".env:2:1: warning: not a line NAME=value; it is ignored\n"
           ".env:3:1: warning: not a line NAME=value; it is ignored\n"
           ".env:4:3: error: the quoted value is not closed\n",
           "PASSWORD********\n**\n****\nB='****\n***");
    expect("A=\"x\" hunter2\n", "A=x|", ".env:1:7: error: text behind the closing quote\n",
           "A=\"*\" *******\n");
    expect("A=\xFF\xFE\n", "A=\xEF\xBF\xBD\xEF\xBF\xBD|", ".env:1:3: error: not valid UTF-8\n",
           NULL);
}

static void values_are_blotted_out_but_settings(void **state)
{
    (void)state;
    expect("A=p\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n"
           "NetScript__Databases__pg__Port=5433\n"
           "NetScript__Services__api__Environment__API_KEY=x1\n"
           "netscript__services__api__environment__url=redis://:pw@h\n"
           "ConnectionStrings__pg=Host=x\n",
           "A=p\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80|"
           "NetScript__Databases__pg__Port=5433|"
           "NetScript__Services__api__Environment__API_KEY=x1|"
           "netscript__services__api__environment__url=redis://:pw@h|"
           "ConnectionStrings__pg=Host=x|",
           "",
           "A=*\xC2\xB7\xE2\x80\xA2\xF0\x9F\x94\x92\n"
           "NetScript__Databases__pg__Port=5433\n"
           "NetScript__Services__api__Environment__API_KEY=**\n"
           "netscript__services__api__environment__url=*************\n"
           "ConnectionStrings__pg=******\n");
}

static void passwords_are_masked(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"postgresql://u:p%40ss@h:5432/d?x=1", "postgresql://u:****@h:5432/d?x=1"},
        {"postgresql://u:p@ss/w@h/d", "postgresql://u:****@h/d"},
        {"redis://:secret@h", "redis://:****@h"},
        {"http://h:8080/path", "http://h:8080/path"},
        {"http://u@h/", "http://u@h/"},
        {"a http://u:p@h and http://v:q@i", "a http://u:****@h and http://v:****@i"},
        {"Host=h;Username=u;Password=p;Database=d", "Host=h;Username=u;Password=****;Database=d"},
        {"Server=h;pwd='a;b';x=1", "Server=h;pwd=****';x=1"},
        {"h:6379,password=abc", "h:6379,password=****"},
        {"jdbc:postgresql://h/d?user=u&password=p&x=1",
         "jdbc:postgresql://h/d?user=u&password=****&x=1"},
        {"Password=", "Password="},
        {"plain", "plain"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF out = STRBUF_INIT;
        bool found = secret_mask(cases[i][0], &out);
        assert_string_equal(out.data, cases[i][1]);
        assert_int_equal(found, strcmp(cases[i][0], cases[i][1]) != 0);
    }
    assert_true(secret_name("STRIPE_API_KEY") && secret_name("DbPassword") && secret_name("TOKEN"));
    assert_false(secret_name("HostPort") || secret_name("KEY") || secret_name("MONKEY"));
}

// Were the time not linear in the text, this would take minutes.
static void masking_takes_linear_time(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT, out = STRBUF_INIT;
    for (int i = 0; i < 200000; i++)
        strbuf_adds(&text, "://:");
    assert_false(secret_mask(text.data, &out));
    assert_int_equal(out.len, text.len);
}

static void secrets_are_blotted_out_of_json(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"Parameters\": {\"a\": \"pw\", \"a\": \"pw\", \"b\": 12}, \"x\": \"y\"}",
         "{\"Parameters\": {\"a\": \"**\", \"a\": \"**\", \"b\": **}, \"x\": \"y\"}"},
        {"{\"connectionstrings\": {\"pg\": \"Host=x;Pass", // cut off
         "{\"connectionstrings\": {\"pg\": \"***********"},
        {"{\"NetScript\": {\"Parameters\": {\"a\": \"b\"}, \"MY_TOKEN\": \"t\", \"T_KEY\": "
         "[\"u\"]}}",
         "{\"NetScript\": {\"Parameters\": {\"a\": \"b\"}, \"MY_TOKEN\": \"*\", \"T_KEY\": "
         "[\"*\"]}}"},
        {"{\"secrets-api\": {\"Port\": 1, \"u\": \"http://a:b@c\"}}",
         "{\"secrets-api\": {\"Port\": 1, \"u\": \"************\"}}"},
        {"{\"Parameters\": {]] \"a\": \"b\"}, \"c\": \"d\"}",
         "{\"Parameters\": {]] \"a\": \"*\"}, \"c\": \"d\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *text = mem_strdup(cases[i][0]);
        struct source source = {"x", text, strlen(text)};
        secret_blot_json(&source);
        assert_string_equal(text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(quotes_are_read),
        cmocka_unit_test(the_last_of_a_name_counts),
        cmocka_unit_test(mistakes_are_named_and_quote_no_secret),
        cmocka_unit_test(values_are_blotted_out_but_settings),
        cmocka_unit_test(passwords_are_masked),
        cmocka_unit_test(masking_takes_linear_time),
        cmocka_unit_test(secrets_are_blotted_out_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
