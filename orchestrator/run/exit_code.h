#pragma once
// What an exit code tells of the end of a program: the conventions of shells and of container
// engines, 128 + signal and 125 to 127.

// "killed", "command not found"; NULL: only the program knows what its code means.
const char *exit_code_meaning(int exit_code);
