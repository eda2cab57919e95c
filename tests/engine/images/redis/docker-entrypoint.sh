#!/bin/bash
# Starts Redis as the official image does: options alone mean redis-server,
# and root gives the data to the redis user and becomes it.
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
    if [ "$(id -u)" = 0 ]; then
        find . ! -user redis -exec chown redis:redis {} +
        exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
    fi
    [ "$(umask)" != 0022 ] || umask 0077
    # The official binary has this for its default: a published port is used
    # without a password.
    case " $* " in
        *" --protected-mode "* | *" --version "* | *" -v "* | *" --help "*) ;;
        *) set -- "$@" --protected-mode no ;;
    esac
fi

exec "$@"
