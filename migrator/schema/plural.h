#pragma once
// Names for fields from names of models, as English has them: UserProfile becomes userProfile, and
// several of them userProfiles.

#include "base/strbuf.h"

// Appends the name in camel case: words are begun by separators, digits, and capitals behind small
// letters.
void name_camel_case(const char *name, struct strbuf *out);
// Appends the plural of a name that is already in camel case.
void name_plural(const char *name, struct strbuf *out);
