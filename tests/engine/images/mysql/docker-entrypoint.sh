#!/bin/bash
# Starts MySQL or MariaDB with the conventions of the official images: variables,
# init directory, messages, users and the two servers of a first start.
set -Eeuo pipefail
shopt -s nullglob

socket=/run/mysqld/mysqld.sock
data=/var/lib/mysql

log() { echo "$(date -u +'%Y-%m-%d %H:%M:%S+00:00') [Note] [Entrypoint]: $*"; }
die() {
    printf '%s [ERROR] [Entrypoint]: %s\n' "$(date -u +'%Y-%m-%d %H:%M:%S+00:00')" "$*" >&2
    exit 1
}

# Gives variable $1 the value of ${1}_FILE's file, else the default $2.
from_file() {
    local name=$1 file="${1}_FILE" value=${2:-}
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
        die "Both $name and $file are set (but are exclusive)"
    fi
    if [ -n "${!name:-}" ]; then
        value=${!name}
    elif [ -n "${!file:-}" ]; then
        value=$(<"${!file}")
    fi
    export "$name=$value"
    unset "$file"
}

# MariaDB's image reads its own names first, and MySQL's after them.
read_variables() {
    local name
    for name in ROOT_PASSWORD ROOT_HOST DATABASE USER PASSWORD ALLOW_EMPTY_ROOT_PASSWORD; do
        from_file "MYSQL_$name"
        [ "$BERTH_TEST_SERVER" = mysqld ] && continue
        local own="MARIADB_$name" other="MYSQL_$name"
        from_file "$own"
        [ -z "${!own}" ] || export "$other=${!own}"
    done
    : "${MYSQL_ALLOW_EMPTY_PASSWORD:=$MYSQL_ALLOW_EMPTY_ROOT_PASSWORD}"
}

check_variables() {
    if [ -z "$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD" ]; then
        die "Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD"
    fi
}

init_data() {
    log "Initializing database files"
    if [ "$BERTH_TEST_SERVER" = mysqld ]; then
        "$@" --initialize-insecure --default-time-zone=SYSTEM
    else
        mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal \
            --skip-test-db --skip-name-resolve --cross-bootstrap >/dev/null
    fi
    log "Database files initialized"
}

client() {
    local program=mysql
    [ "$BERTH_TEST_SERVER" = mysqld ] || program=mariadb
    MYSQL_PWD=${password:-} "$program" --protocol=socket -uroot --socket="$socket" --comments "$@"
}

# It has no TCP port: only the entrypoint reaches it.
start_temporary_server() {
    log "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" &
    server=$!
    local tries=300
    until client --database=mysql <<<'SELECT 1' >/dev/null 2>&1; do
        if [ $((tries -= 1)) -eq 0 ] || ! kill -0 "$server" 2>/dev/null; then
            die "Unable to start server."
        fi
        sleep 0.1
    done
    log "Temporary server started."
}

stop_temporary_server() {
    log "Stopping temporary server"
    kill "$server"
    wait "$server"
    log "Temporary server stopped"
}

# A string literal of SQL.
quoted() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}

make_users() {
    local host=${MYSQL_ROOT_HOST:-%} new
    new=$(quoted "$MYSQL_ROOT_PASSWORD")
    {
        # MariaDB starts out with users for other hosts, without passwords.
        [ "$BERTH_TEST_SERVER" = mysqld ] ||
            echo "DELETE FROM global_priv WHERE User IN ('', 'root') AND Host <> 'localhost'; FLUSH PRIVILEGES;"
        echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $new;"
        if [ "$host" != localhost ]; then
            echo "CREATE USER 'root'@'$host' IDENTIFIED BY $new;"
            echo "GRANT ALL ON *.* TO 'root'@'$host' WITH GRANT OPTION;"
        fi
    } | client --database=mysql
    password=$MYSQL_ROOT_PASSWORD
    if [ -n "$MYSQL_DATABASE" ]; then
        log "Creating database $MYSQL_DATABASE"
        client --database=mysql <<<"CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;"
    fi
    if [ -n "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
        log "Creating user $MYSQL_USER"
        client --database=mysql <<<"CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY $(quoted "$MYSQL_PASSWORD");"
        [ -z "$MYSQL_DATABASE" ] ||
            client --database=mysql <<<"GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO '$MYSQL_USER'@'%';"
    fi
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                log "running $file"
                if [ -x "$file" ]; then
                    "$file"
                else
                    # shellcheck disable=SC1090
                    . "$file"
                fi
                ;;
            *.sql) log "running $file"; client ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} <"$file" ;;
            *) log "ignoring $file" ;;
        esac
    done
}

[ "${1:0:1}" != - ] || set -- mysqld "$@"

if [ "${1:-}" = mysqld ] || [ "${1:-}" = mariadbd ]; then
    shift
    set -- "$BERTH_TEST_SERVER" "$@"
    log "Entrypoint script for $BERTH_TEST_SERVER started."
    # Before root is left: the files may be for root alone.
    read_variables
    mkdir -p "$data"
    if [ "$(id -u)" = 0 ]; then
        find "$data" /run/mysqld ! -user mysql -exec chown mysql:mysql {} +
        log "Switching to dedicated user 'mysql'"
        exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
    fi
    if [ ! -d "$data/mysql" ]; then
        check_variables
        # Init files may be unreadable: found out before there is data to skip them for.
        ls /docker-entrypoint-initdb.d/ >/dev/null
        init_data "$@"
        start_temporary_server "$@"
        make_users
        run_init_files
        stop_temporary_server
        log "MySQL init process done. Ready for start up."
    fi
fi

exec "$@"
