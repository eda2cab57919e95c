#!/bin/bash
# Starts PostgreSQL with the conventions of the official image: variables,
# init directory, messages, users and the two servers of a first start.
set -Eeuo pipefail
shopt -s nullglob

log() { echo "$0: $*"; }
die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Gives variable $1 the value of ${1}_FILE's file, else the default $2.
from_file() {
    local name=$1 file="${1}_FILE" value=${2:-}
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
        die "error: both $name and $file are set (but are exclusive)"
    fi
    if [ -n "${!name:-}" ]; then
        value=${!name}
    elif [ -n "${!file:-}" ]; then
        value=$(<"${!file}")
    fi
    export "$name=$value"
    unset "$file"
}

prepare_directories() {
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA" 2>/dev/null || :
    mkdir -p /var/run/postgresql
    chmod 3777 /var/run/postgresql 2>/dev/null || :
    if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 0700 "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
            ! -user postgres -exec chown postgres {} +
    fi
}

# An older layout or major beside an empty PGDATA would look like lost data.
refuse_old_data() {
    local dir found=()
    [ "$PG_MAJOR" -ge 18 ] || return 0
    for dir in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
        [ ! -s "$dir/PG_VERSION" ] || found+=("$dir")
    done
    if [ ${#found[@]} -eq 0 ] && mountpoint -q /var/lib/postgresql/data; then
        found+=("/var/lib/postgresql/data (unused mount/volume)")
    fi
    [ ${#found[@]} -eq 0 ] || die \
        "Error: in 18+, these Docker images are configured to store database data in a" \
        "       format which is compatible with \"pg_ctlcluster\": mount a single volume at" \
        "       /var/lib/postgresql. The server's data belongs in $PGDATA." "" \
        "       Counter to that, there appears to be PostgreSQL data in:" \
        "${found[@]/#/         }"
}

check_settings() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
        die "Error: Database is uninitialized and superuser password is not specified." \
            "       You must specify POSTGRES_PASSWORD to a non-empty value for the" \
            "       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\"." "" \
            "       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all" \
            "       connections without a password. This is *not* recommended."
    fi
    if [ "${POSTGRES_HOST_AUTH_METHOD:-}" = trust ]; then
        echo "WARNING: POSTGRES_HOST_AUTH_METHOD has been set to \"trust\". This will allow" >&2
        echo "         anyone with access to the Postgres port to access your database without" >&2
        echo "         a password, even if POSTGRES_PASSWORD is set." >&2
    fi
}

init_database() {
    local library
    # initdb wants a name for its user, which --user 1234 does not have.
    if ! id -un >/dev/null 2>&1; then
        library=(/usr/lib/*/libnss_wrapper.so)
        export LD_PRELOAD=${library[0]} NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
        NSS_WRAPPER_PASSWD=$(mktemp)
        NSS_WRAPPER_GROUP=$(mktemp)
        echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
        echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
    fi
    # The arguments are a command line's, with its quotes.
    eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") \
        ${POSTGRES_INITDB_WALDIR:+--waldir=\"\$POSTGRES_INITDB_WALDIR\"} $POSTGRES_INITDB_ARGS"
    if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
        rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
}

allow_hosts() {
    local method=${POSTGRES_HOST_AUTH_METHOD:-}
    [ -n "$method" ] || method=$(postgres -C password_encryption)
    {
        printf '\n'
        [ "$method" != trust ] || echo "# anyone with access to the port is let in"
        printf 'host all all all %s\n' "$method"
    } >>"$PGDATA/pg_hba.conf"
}

# Both reach the temporary server only: it has no TCP port.
sql() {
    env PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password \
        --no-psqlrc "$@"
}
process_sql() { sql --dbname "$POSTGRES_DB" "$@"; }

run_init_files() {
    local file
    printf '\n'
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                if [ -x "$file" ]; then
                    log "running $file"
                    "$file"
                else
                    log "sourcing $file"
                    # shellcheck disable=SC1090
                    . "$file"
                fi
                ;;
            *.sql) log "running $file"; process_sql -f "$file"; printf '\n' ;;
            *.sql.gz) log "running $file"; gunzip -c "$file" | process_sql; printf '\n' ;;
            *.sql.xz) log "running $file"; xzcat "$file" | process_sql; printf '\n' ;;
            *) log "ignoring $file" ;;
        esac
        printf '\n'
    done
}

first_start() {
    local exists
    # Init files may be unreadable: found out before there is data to skip them for.
    ls /docker-entrypoint-initdb.d/ >/dev/null
    init_database
    allow_hosts
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    shift
    env -u NOTIFY_SOCKET pg_ctl -D "$PGDATA" -w start \
        -o "-c listen_addresses='' -p ${PGPORT:-5432} ${*@Q}"
    exists=$(sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only \
        <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
    [ -n "$exists" ] || sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
    run_init_files
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

wants_help() {
    local argument
    for argument; do
        case $argument in
            -'?' | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

[ "${1:0:1}" != - ] || set -- postgres "$@"

if [ "${1:-}" = postgres ] && ! wants_help "$@"; then
    # Before root is left: the files may be for root alone.
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    prepare_directories
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
    fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        check_settings
        refuse_old_data
        first_start "$@"
    fi
fi

exec "$@"
