#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

#include "migrator/driver/mysql.h"

bool mysql_is_lost(const struct mysql *mysql)
{
    const unsigned code = mysql_errno(mysql->conn);
    return code == CR_SERVER_GONE_ERROR || code == CR_SERVER_LOST ||
           code == CR_SERVER_LOST_EXTENDED || code == ER_SERVER_SHUTDOWN;
}

bool mysql_in_transaction(const struct mysql *mysql)
{
    return mysql->conn->server_status & SERVER_STATUS_IN_TRANS;
}

int mysql_exchange(struct mysql *mysql, const char *sql, size_t length, int64_t *rows)
{
    if (mysql_real_query(mysql->conn, sql, length))
        return -1;
    for (;;) {
        MYSQL_RES *result = mysql_store_result(mysql->conn);
        if (result)
            mysql_free_result(result);
        else if (mysql_field_count(mysql->conn) > 0)
            return -1;
        else if (rows)
            *rows += (int64_t)mysql_affected_rows(mysql->conn);
        const int next = mysql_next_result(mysql->conn);
        if (next != 0)
            return next < 0 ? 0 : -1;
    }
}

void mysql_failure(const struct mysql *mysql, struct failure *failure)
{
    failure->message = mem_strdup(mysql_error(mysql->conn));
    failure->code = mem_printf("%u", mysql_errno(mysql->conn));
}

int mysql_fail(const struct mysql *mysql, struct err *err)
{
    if (mysql_is_lost(mysql))
        return err_set(err, ERR_FAILED, "the connection to %s is lost: %s", mysql->driver.place,
                       mysql_error(mysql->conn));
    return err_set(err, ERR_FAILED, "%s: %s (%u)", mysql->driver.place, mysql_error(mysql->conn),
                   mysql_errno(mysql->conn));
}

int mysql_execute(struct driver *driver, const char *sql, struct err *err)
{
    struct mysql *mysql = mysql_of(driver);
    return mysql_exchange(mysql, sql, strlen(sql), NULL) ? mysql_fail(mysql, err) : 0;
}

int mysql_query_rows(struct driver *driver, const char *sql, driver_row *row, void *context,
                     struct err *err)
{
    struct mysql *mysql = mysql_of(driver);
    if (mysql_real_query(mysql->conn, sql, strlen(sql)))
        return mysql_fail(mysql, err);
    MYSQL_RES *result = mysql_store_result(mysql->conn);
    if (!result)
        return mysql_fail(mysql, err);
    for (MYSQL_ROW values; (values = mysql_fetch_row(result));)
        row(context, (const char *const *)values);
    mysql_free_result(result);
    return 0;
}
