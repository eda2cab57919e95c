#pragma once
// A session with a SQL Server over TDS, by FreeTDS's db-lib. Every call blocks until the server has
// answered: sessions belong into commands and workers, never on the event loop.
//
// The library's handlers are the process's own: several sessions may be open, and one thread at a
// time may be in a call.

#include <stdint.h>

#include "base/err.h"
#include "base/tds_address.h"
#include "base/vec.h"

// What the server, or for number 0 the library, says. The texts are owned.
struct tds_message {
    int number, state, severity;
    int library; // the library's own number; 0: it is the server's word
    int line;    // of the batch, from 1
    char *text;
    char *procedure; // "" outside of one
};

enum { TDS_SEVERITY_ERROR = 11 }; // from here on it is an error, below that a word by the way

// What a connection failed at, where that is known: it will not get better by waiting.
enum tds_tls {
    TDS_TLS_FINE,
    TDS_TLS_MISSING,  // asked for, and the server has none
    TDS_TLS_REQUIRED, // the server wants it, and the address forbids it
    TDS_TLS_UNTRUSTED // agreed on, and the certificate is to be checked: most likely that failed
};

struct tds {
    struct tds_dblib_dbprocess *process; // NULL: not connected
    enum tds_tls tls;
    VEC_OF(struct tds_message) messages; // of the last call, in order
};
#define TDS_INIT \
    {            \
        0        \
    }

// A row of a result, as text; NULL for NULL. Borrowed for the call. Whoever asks has the server
// make text of what is no number.
typedef void tds_row(void *context, const char *const *values);

// `database`: in the place of the address's own; NULL: that of the login. -1: tds_error says why.
int tds_connect(struct tds *tds, const struct tds_address *address, const char *database,
                struct err *err) MUST_CHECK;
void tds_release(struct tds *tds);

// Sends one batch and reads all that comes back; the rows of every result go to `row`, the number
// of rows that were written is added to *rows (both may be NULL). -1: tds_error says why. A server
// that goes on after an error has its say to the end.
int tds_batch(struct tds *tds, const char *sql, tds_row *row, void *context,
              int64_t *rows) MUST_CHECK;

// The first error of the last call; NULL: there was none. Borrowed until the next call.
const struct tds_message *tds_error(const struct tds *tds);
// Whether the last call said this number.
bool tds_said(const struct tds *tds, int number);
// The other end is gone, or never was there.
bool tds_is_lost(const struct tds *tds);
// Fills err with the first error, on one line: "Invalid object name 'x'. (208)"; -1.
int tds_fail(const struct tds *tds, struct err *err);
