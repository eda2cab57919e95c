#pragma once
// libmariadb, loaded at its first use (base/library.h says why): the client library of MySQL and
// MariaDB. Include this instead of <mysql.h> and call its functions by their own names, once
// libmariadb_load has succeeded.

#include <mysql.h>

#include "base/err.h"

// What the project uses. A function stands in both lists of this file: one that is missing above
// does not compile, one that is missing below does not link.
#define LIBMARIADB_FUNCTIONS(X)   \
    X(mysql_affected_rows)        \
    X(mysql_close)                \
    X(mysql_errno)                \
    X(mysql_error)                \
    X(mysql_fetch_lengths)        \
    X(mysql_fetch_row)            \
    X(mysql_field_count)          \
    X(mysql_free_result)          \
    X(mysql_get_server_info)      \
    X(mysql_get_server_version)   \
    X(mysql_get_socket)           \
    X(mysql_get_ssl_cipher)       \
    X(mysql_get_timeout_value_ms) \
    X(mysql_init)                 \
    X(mysql_more_results)         \
    X(mysql_next_result)          \
    X(mysql_num_fields)           \
    X(mysql_options)              \
    X(mysql_ping)                 \
    X(mysql_real_connect)         \
    X(mysql_real_connect_cont)    \
    X(mysql_real_connect_start)   \
    X(mysql_real_query)           \
    X(mysql_real_query_cont)      \
    X(mysql_real_query_start)     \
    X(mysql_select_db)            \
    X(mysql_sqlstate)             \
    X(mysql_store_result)         \
    X(mysql_store_result_cont)    \
    X(mysql_store_result_start)   \
    X(mysql_thread_id)

struct libmariadb {
#define X(function) __typeof__(function) *function;
    LIBMARIADB_FUNCTIONS(X)
#undef X
};
extern struct libmariadb libmariadb;

// Before the first call of a function; any further time costs nothing. Fails where the library is
// not installed.
int libmariadb_load(struct err *err) MUST_CHECK;

#define mysql_affected_rows libmariadb.mysql_affected_rows
#define mysql_close libmariadb.mysql_close
#define mysql_errno libmariadb.mysql_errno
#define mysql_error libmariadb.mysql_error
#define mysql_fetch_lengths libmariadb.mysql_fetch_lengths
#define mysql_fetch_row libmariadb.mysql_fetch_row
#define mysql_field_count libmariadb.mysql_field_count
#define mysql_free_result libmariadb.mysql_free_result
#define mysql_get_server_info libmariadb.mysql_get_server_info
#define mysql_get_server_version libmariadb.mysql_get_server_version
#define mysql_get_socket libmariadb.mysql_get_socket
#define mysql_get_ssl_cipher libmariadb.mysql_get_ssl_cipher
#define mysql_get_timeout_value_ms libmariadb.mysql_get_timeout_value_ms
#define mysql_init libmariadb.mysql_init
#define mysql_more_results libmariadb.mysql_more_results
#define mysql_next_result libmariadb.mysql_next_result
#define mysql_num_fields libmariadb.mysql_num_fields
#define mysql_options libmariadb.mysql_options
#define mysql_ping libmariadb.mysql_ping
#define mysql_real_connect libmariadb.mysql_real_connect
#define mysql_real_connect_cont libmariadb.mysql_real_connect_cont
#define mysql_real_connect_start libmariadb.mysql_real_connect_start
#define mysql_real_query libmariadb.mysql_real_query
#define mysql_real_query_cont libmariadb.mysql_real_query_cont
#define mysql_real_query_start libmariadb.mysql_real_query_start
#define mysql_select_db libmariadb.mysql_select_db
#define mysql_sqlstate libmariadb.mysql_sqlstate
#define mysql_store_result libmariadb.mysql_store_result
#define mysql_store_result_cont libmariadb.mysql_store_result_cont
#define mysql_store_result_start libmariadb.mysql_store_result_start
#define mysql_thread_id libmariadb.mysql_thread_id
