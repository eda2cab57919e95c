#include "migrator/schema/plural.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

void name_camel_case(const char *name, struct strbuf *out)
{
    bool new_word = false, found = false;
    char last = ' ';
    for (const char *at = name; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '_' || c == '-') {
            new_word = found;
        } else if (isdigit(c)) {
            strbuf_addch(out, *at);
            new_word = found = true;
        } else if (new_word || (islower((unsigned char)last) && isupper(c))) {
            strbuf_addch(out, (char)toupper(c));
            new_word = false;
            found = true;
        } else {
            strbuf_addch(out, (char)tolower(c));
            last = *at;
            found = true;
        }
    }
}

struct ending {
    const char *singular; // the end of the name; with a leading ^ the whole name
    const char *plural;   // in its place
};

// The first that fits is used.
static const struct ending endings[] = {
    // words that have no other plural
    {"^news", "news"},
    {"^series", "series"},
    {"^species", "species"},
    {"^sheep", "sheep"},
    {"^deer", "deer"},
    {"^money", "money"},
    {"^rice", "rice"},
    {"^information", "information"},
    {"^equipment", "equipment"},
    {"^software", "software"},
    // irregular
    {"person", "people"},
    {"child", "children"},
    {"^woman", "women"},
    {"^man", "men"},
    {"^ox", "oxen"},
    {"^foot", "feet"},
    {"^tooth", "teeth"},
    {"^goose", "geese"},
    {"^die", "dice"},
    {"^quiz", "quizzes"},
    {"mouse", "mice"},
    {"louse", "lice"},
    {"matrix", "matrices"},
    {"vertex", "vertices"},
    {"index", "indices"},
    {"appendix", "appendices"},
    // from Latin and Greek
    {"datum", "data"},
    {"data", "data"},
    {"bacterium", "bacteria"},
    {"curriculum", "curricula"},
    {"criterion", "criteria"},
    {"criteria", "criteria"},
    {"phenomenon", "phenomena"},
    {"alumnus", "alumni"},
    {"cactus", "cacti"},
    {"virus", "viri"},
    {"radius", "radii"},
    {"focus", "foci"},
    {"stimulus", "stimuli"},
    {"axis", "axes"},
    {"sis", "ses"},
    // -ve
    {"knife", "knives"},
    {"wife", "wives"},
    {"life", "lives"},
    {"leaf", "leaves"},
    {"half", "halves"},
    {"shelf", "shelves"},
    {"loaf", "loaves"},
    {"thief", "thieves"},
    {"hoof", "hooves"},
    // -es
    {"hero", "heroes"},
    {"potato", "potatoes"},
    {"alias", "aliases"},
    {"atlas", "atlases"},
    {"gas", "gases"},
    {"aus", "aus"},
    {"ous", "ous"},
    {"uus", "uus"},
    {"us", "uses"},
    {"ss", "sses"},
    {"x", "xes"},
    {"ch", "ches"},
    {"sh", "shes"},
    {"zz", "zzes"},
    // -ies
    {"ay", "ays"},
    {"ey", "eys"},
    {"iy", "iys"},
    {"oy", "oys"},
    {"quy", "quies"},
    {"uy", "uys"},
    {"y", "ies"},
    {"s", "s"},
};

void name_plural(const char *name, struct strbuf *out)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        bool whole = endings[i].singular[0] == '^';
        const char *singular = endings[i].singular + whole;
        size_t end = strlen(singular);
        if (length < end || (whole && length != end) ||
            strcasecmp(name + length - end, singular) != 0)
            continue;
        // What both have in common keeps its letter case.
        size_t common = 0;
        while (common < end && singular[common] == endings[i].plural[common])
            common++;
        strbuf_add(out, name, length - end + common);
        strbuf_adds(out, endings[i].plural + common);
        return;
    }
    strbuf_adds(out, name);
    strbuf_addch(out, 's');
}
