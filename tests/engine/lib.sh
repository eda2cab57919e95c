# Shared by the scripts of tests/engine; sourced, never run.
# shellcheck shell=bash

# Everything that is downloaded, built or written at run time lives here,
# outside the work tree.
cache=${BERTH_TEST_CACHE:-$HOME/.cache/berth-tests}

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# In front of what only root may do; empty for root.
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo --)

# engine PATH [curl's arguments]: a request to the engine that berth would
# find, with its errors on stderr or stdout and a failure for status >= 400.
engine() {
    local path=$1 host=${DOCKER_HOST:-unix:///var/run/docker.sock} base=http://docker target=()
    shift
    case $host in
        unix://*) target=(--unix-socket "${host#unix://}") ;;
        tcp://*) base=http://${host#tcp://} ;;
        *) fail "DOCKER_HOST=$host: only unix:// and tcp:// are known here" ;;
    esac
    curl -sS --fail-with-body "${target[@]}" "$@" "$base$path"
}

engine_answers() {
    engine /_ping --max-time 5 >/dev/null 2>&1
}

# wait_until TENTHS COMMAND...: false when the command never succeeds.
wait_until() {
    local tenths=$1
    shift
    while ! "$@"; do
        [ $((tenths -= 1)) -gt 0 ] || return 1
        sleep 0.1
    done
}

# stop_process PIDFILE: ends the process, and fails when there is none. Its
# command line must name the pid file's folder: a pid may have been reused.
stop_process() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$(dirname "$1")" || return 1
    "${sudo[@]}" kill "$pid"
    wait_until 300 process_is_gone "$pid" || fail "process $pid does not end"
}

process_is_gone() {
    # One that nobody reaps, as under a poor process 1, has no command line.
    [ -z "$(tr -d '\0' 2>/dev/null <"/proc/$1/cmdline")" ]
}

# private_apt RELEASE TOOL ARGUMENTS...: apt-get or apt-cache on a release of
# Debian that the machine need not have, with lists of its own. The archive
# and its key are those of the machine's own apt.
private_apt() {
    local release=$1 tool=$2 state=$cache/apt/$1 archive
    shift 2
    if [ ! -s "$state/sources.list" ]; then
        archive=$(debian_archive)
        if [ -z "$archive" ]; then
            "${sudo[@]}" apt-get -qq update </dev/null
            archive=$(debian_archive)
        fi
        [ -n "$archive" ] || fail "the machine's apt knows no Debian archive"
        mkdir -p "$state/lists/partial" "$state/archives/partial"
        : >"$state/status"
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $release main" \
            >"$state/sources.list"
    fi
    # The empty status file makes apt name all the dependencies.
    "$tool" -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o APT::Sandbox::User="$(id -un)" -o Acquire::Check-Date=false \
        -o Acquire::Languages=none -o APT::Install-Recommends=false "$@" </dev/null
}

debian_archive() {
    # shellcheck disable=SC2016 # apt's own format variables
    apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' |
        awk '$2 == "Debian" && !found++ { print $1 }'
}
