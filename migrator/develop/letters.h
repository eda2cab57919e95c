#pragma once
// Letters of other alphabets in Latin ones, for the names of migrations. Private to their slug.

// The letter as ASCII, in *buffer where it has to be put together; NULL: it is no letter that is
// known here.
struct letter_buffer {
    char text[8];
};
const char *letter_transliterate(unsigned code_point, struct letter_buffer *buffer);
