#pragma once
// libcurl, loaded at its first use (base/library.h says why). Include this instead of
// <curl/curl.h> and call its functions by their own names, once libcurl_load has succeeded.

// curl.h has macros of these names, which check the arguments' types or, without that, their count.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#include "base/err.h"

// What the project uses. A function stands in both lists of this file: one that is missing above
// does not compile, one that is missing below does not link.
#define LIBCURL_FUNCTIONS(X)    \
    X(curl_easy_cleanup)        \
    X(curl_easy_getinfo)        \
    X(curl_easy_header)         \
    X(curl_easy_init)           \
    X(curl_easy_setopt)         \
    X(curl_easy_strerror)       \
    X(curl_global_cleanup)      \
    X(curl_global_init)         \
    X(curl_multi_add_handle)    \
    X(curl_multi_assign)        \
    X(curl_multi_cleanup)       \
    X(curl_multi_info_read)     \
    X(curl_multi_init)          \
    X(curl_multi_remove_handle) \
    X(curl_multi_setopt)        \
    X(curl_multi_socket_action) \
    X(curl_slist_append)        \
    X(curl_slist_free_all)

struct libcurl {
#define X(function) __typeof__(function) *function;
    LIBCURL_FUNCTIONS(X)
#undef X
};
extern struct libcurl libcurl;

// Before the first call of a function; any further time costs nothing. Fails where the library is
// not installed.
int libcurl_load(struct err *err) MUST_CHECK;

#define curl_easy_cleanup libcurl.curl_easy_cleanup
#define curl_easy_getinfo libcurl.curl_easy_getinfo
#define curl_easy_header libcurl.curl_easy_header
#define curl_easy_init libcurl.curl_easy_init
#define curl_easy_setopt libcurl.curl_easy_setopt
#define curl_easy_strerror libcurl.curl_easy_strerror
#define curl_global_cleanup libcurl.curl_global_cleanup
#define curl_global_init libcurl.curl_global_init
#define curl_multi_add_handle libcurl.curl_multi_add_handle
#define curl_multi_assign libcurl.curl_multi_assign
#define curl_multi_cleanup libcurl.curl_multi_cleanup
#define curl_multi_info_read libcurl.curl_multi_info_read
#define curl_multi_init libcurl.curl_multi_init
#define curl_multi_remove_handle libcurl.curl_multi_remove_handle
#define curl_multi_setopt libcurl.curl_multi_setopt
#define curl_multi_socket_action libcurl.curl_multi_socket_action
#define curl_slist_append libcurl.curl_slist_append
#define curl_slist_free_all libcurl.curl_slist_free_all
