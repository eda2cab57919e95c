#pragma once
// libpq, loaded at its first use (base/library.h says why). Include this instead of <libpq-fe.h>
// and call its functions by their own names, once libpq_load has succeeded.

#include <libpq-fe.h>

#include "base/err.h"

// What the project uses. A function stands in both lists of this file: one that is missing above
// does not compile, one that is missing below does not link.
#define LIBPQ_FUNCTIONS(X)       \
    X(PQclear)                   \
    X(PQcmdStatus)               \
    X(PQcmdTuples)               \
    X(PQconndefaults)            \
    X(PQconnectPoll)             \
    X(PQconnectStartParams)      \
    X(PQconnectionNeedsPassword) \
    X(PQconninfoFree)            \
    X(PQconsumeInput)            \
    X(PQdb)                      \
    X(PQerrorMessage)            \
    X(PQescapeIdentifier)        \
    X(PQexec)                    \
    X(PQfinish)                  \
    X(PQflush)                   \
    X(PQfreemem)                 \
    X(PQgetCopyData)             \
    X(PQgetResult)               \
    X(PQgetisnull)               \
    X(PQgetvalue)                \
    X(PQhost)                    \
    X(PQisBusy)                  \
    X(PQnfields)                 \
    X(PQntuples)                 \
    X(PQparameterStatus)         \
    X(PQport)                    \
    X(PQputCopyData)             \
    X(PQputCopyEnd)              \
    X(PQresultErrorField)        \
    X(PQresultErrorMessage)      \
    X(PQresultStatus)            \
    X(PQsendQuery)               \
    X(PQserverVersion)           \
    X(PQsetErrorVerbosity)       \
    X(PQsetNoticeReceiver)       \
    X(PQsetnonblocking)          \
    X(PQsocket)                  \
    X(PQstatus)                  \
    X(PQtransactionStatus)

struct libpq {
#define X(function) __typeof__(function) *function;
    LIBPQ_FUNCTIONS(X)
#undef X
};
extern struct libpq libpq;

// Before the first call of a function; any further time costs nothing. Fails where the library is
// not installed.
int libpq_load(struct err *err) MUST_CHECK;

#define PQclear libpq.PQclear
#define PQcmdStatus libpq.PQcmdStatus
#define PQcmdTuples libpq.PQcmdTuples
#define PQconndefaults libpq.PQconndefaults
#define PQconnectPoll libpq.PQconnectPoll
#define PQconnectStartParams libpq.PQconnectStartParams
#define PQconnectionNeedsPassword libpq.PQconnectionNeedsPassword
#define PQconninfoFree libpq.PQconninfoFree
#define PQconsumeInput libpq.PQconsumeInput
#define PQdb libpq.PQdb
#define PQerrorMessage libpq.PQerrorMessage
#define PQescapeIdentifier libpq.PQescapeIdentifier
#define PQexec libpq.PQexec
#define PQfinish libpq.PQfinish
#define PQflush libpq.PQflush
#define PQfreemem libpq.PQfreemem
#define PQgetCopyData libpq.PQgetCopyData
#define PQgetResult libpq.PQgetResult
#define PQgetisnull libpq.PQgetisnull
#define PQgetvalue libpq.PQgetvalue
#define PQhost libpq.PQhost
#define PQisBusy libpq.PQisBusy
#define PQnfields libpq.PQnfields
#define PQntuples libpq.PQntuples
#define PQparameterStatus libpq.PQparameterStatus
#define PQport libpq.PQport
#define PQputCopyData libpq.PQputCopyData
#define PQputCopyEnd libpq.PQputCopyEnd
#define PQresultErrorField libpq.PQresultErrorField
#define PQresultErrorMessage libpq.PQresultErrorMessage
#define PQresultStatus libpq.PQresultStatus
#define PQsendQuery libpq.PQsendQuery
#define PQserverVersion libpq.PQserverVersion
#define PQsetErrorVerbosity libpq.PQsetErrorVerbosity
#define PQsetNoticeReceiver libpq.PQsetNoticeReceiver
#define PQsetnonblocking libpq.PQsetnonblocking
#define PQsocket libpq.PQsocket
#define PQstatus libpq.PQstatus
#define PQtransactionStatus libpq.PQtransactionStatus
