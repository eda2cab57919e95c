#pragma once
// FreeTDS's db-lib, loaded at its first use (base/library.h says why): the client library of SQL
// Server. Include this instead of <sybdb.h> and call its functions by their own names, once
// libsybdb_load has succeeded. base/tds.h is what the project speaks to a server with.

#include <sybdb.h>

#include "base/err.h"

// What the project uses. A function stands in both lists of this file: one that is missing above
// does not compile, one that is missing below does not link.
#define LIBSYBDB_FUNCTIONS(X) \
    X(dbclose)                \
    X(dbcmd)                  \
    X(dbcoltype)              \
    X(dbconvert)              \
    X(dbcount)                \
    X(dbdata)                 \
    X(dbdatlen)               \
    X(dbdead)                 \
    X(dberrhandle)            \
    X(dbinit)                 \
    X(dbiscount)              \
    X(dblogin)                \
    X(dbloginfree)            \
    X(dbmsghandle)            \
    X(dbnextrow)              \
    X(dbnumcols)              \
    X(dbresults)              \
    X(dbsetifile)             \
    X(dbsetlname)             \
    X(dbsetlogintime)         \
    X(dbsqlok)                \
    X(dbsqlsend)              \
    X(tdsdbopen)

struct libsybdb {
#define X(function) __typeof__(function) *function;
    LIBSYBDB_FUNCTIONS(X)
#undef X
};
extern struct libsybdb libsybdb;

// Before the first call of a function; any further time costs nothing. Fails where the library is
// not installed.
int libsybdb_load(struct err *err) MUST_CHECK;

#define dbclose libsybdb.dbclose
#define dbcmd libsybdb.dbcmd
#define dbcoltype libsybdb.dbcoltype
#define dbconvert libsybdb.dbconvert
#define dbcount libsybdb.dbcount
#define dbdata libsybdb.dbdata
#define dbdatlen libsybdb.dbdatlen
#define dbdead libsybdb.dbdead
#define dberrhandle libsybdb.dberrhandle
#define dbinit libsybdb.dbinit
#define dbiscount libsybdb.dbiscount
#define dblogin libsybdb.dblogin
#define dbloginfree libsybdb.dbloginfree
#define dbmsghandle libsybdb.dbmsghandle
#define dbnextrow libsybdb.dbnextrow
#define dbnumcols libsybdb.dbnumcols
#define dbresults libsybdb.dbresults
#define dbsetifile libsybdb.dbsetifile
#define dbsetlname libsybdb.dbsetlname
#define dbsetlogintime libsybdb.dbsetlogintime
#define dbsqlok libsybdb.dbsqlok
#define dbsqlsend libsybdb.dbsqlsend
#define tdsdbopen libsybdb.tdsdbopen
