# Shared by the scripts of tests/engine; sourced, never run.
# shellcheck shell=bash

engine_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Everything that is downloaded, built or written at run time lives here,
# outside the work tree.
cache=${BERTH_TEST_CACHE:-$HOME/.cache/berth-tests}

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# curl's arguments that reach the engine named by DOCKER_HOST, as berth would.
engine_address() {
    local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
    case $host in
        unix://*) curl_target=(--unix-socket "${host#unix://}") curl_base=http://docker ;;
        tcp://*) curl_target=() curl_base=http://${host#tcp://} ;;
        *) fail "DOCKER_HOST=$host: only unix:// and tcp:// are known here" ;;
    esac
}

# engine PATH [curl's arguments]: a request to the Engine API; fails on >= 400.
engine() {
    local path=$1
    shift
    engine_address
    curl -sS --fail-with-body "${curl_target[@]}" "$@" "$curl_base$path"
}

engine_answers() {
    engine /_ping --max-time 5 >/dev/null 2>&1
}
