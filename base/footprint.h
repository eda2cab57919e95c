#pragma once
// The resident memory of a process that is done with its start and will wait for days.

// Gives back what only the start needed: free heap, and the pages of code and constants that are
// mapped from files. Those are clean; what is needed again comes from the page cache in some
// microseconds. A supervisor of two containers has 13 MB resident when all is up, most of it
// touched while libcurl and libcrypto set themselves up; this leaves 4, which are 7 after the first
// health checks. (Breakpoints that a debugger has set by then are lost.)
void footprint_shrink(void);
