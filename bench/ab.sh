#!/usr/bin/env bash
# Compares two commits of Outrider: what a request costs in each, side by side.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=lib/lab.sh
. bench/lib/lab.sh
# shellcheck source=lib/peers.sh
. bench/lib/peers.sh

usage() {
    cat <<U
usage: bench/ab.sh OLD NEW [--starts N] [--rounds N] [--seconds S] [--requests N] [--idle N] [--quick]
OLD and NEW are commits, which are built, or folders of checkouts. Both run; rounds of load go to one and the other in turn.
  --starts N     how often both are started anew (default 3): how compiled code and objects come to lie is different each time
  --rounds N     rounds of load after each start (default 5); the median of all counts
  --seconds S    length of each (default 5)
  --requests N   requests while allocations are counted (default 1000000)
  --idle N       idle connections (default 10000)
  --quick        1 start, 2 rounds of 1 s, 200000 requests, 2000 connections: shows that it works, proves nothing
Exit: 0 when NEW holds, 1 when not, 2 when the bench could not run.
U
}

STARTS=3 ROUNDS=5 SECONDS_EACH=5 REQUESTS=1000000 IDLE=10000 SIDES=()
while [ $# -gt 0 ]; do
    case $1 in
        --starts | --rounds | --seconds | --requests | --idle) [ $# -ge 2 ] && [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 wants a number" ;;&
        --starts) STARTS=$2; shift 2 ;;
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --requests) REQUESTS=$2; shift 2 ;;
        --idle) IDLE=$2; shift 2 ;;
        --quick) STARTS=1 ROUNDS=2 SECONDS_EACH=1 REQUESTS=200000 IDLE=2000; shift ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; die "unknown option $1" ;;
        *) SIDES+=("$1"); shift ;;
    esac
done
[ ${#SIDES[@]} = 2 ] || { usage >&2; die 'wanted two commits'; }
need nginx wrk python3 strace
[ "$(ulimit -n)" = unlimited ] || ulimit -n "$(($(ulimit -Hn | sed 's/unlimited/20000/') < 20000 ? $(ulimit -Hn) : 20000))"
[ "$IDLE" -le $(($(ulimit -n) - 500)) ] || IDLE=$(($(ulimit -n) - 500))
RESULTS=$LAB/results.tsv
touch "$RESULTS"
declare -A ROOT=() NAME=()

# checkout SIDE WHAT: its sources, built.
checkout() {
    local commit
    if [ -x "$2/outrider" ]; then
        ROOT[$1]=$(readlink -f "$2") NAME[$1]=$2
    else
        commit=$(git rev-parse --verify --quiet "$2^{commit}") || die "no commit $2"
        NAME[$1]=$(git rev-parse --short "$commit")
        mkdir "$LAB/$1"
        git archive "$commit" | tar -x -C "$LAB/$1"
        ROOT[$1]=$LAB/$1
    fi
    say "$1: ${NAME[$1]}"
    timeout 1800 "${ROOT[$1]}/outrider" version >"$LAB/build.log" 2>&1 || die "${NAME[$1]} does not build: $(tail -1 "$LAB/build.log")"
}

# run SIDE: starts it with one loop and the demo filter.
run() {
    local side=$1 port admin
    free_port
    port=$REPLY
    free_port
    admin=$REPLY
    fill "$BENCH/peers/mosn.json" "DIR=$LAB" "NAME=$side" "PORT=$port" "ADMIN=$admin" "UPSTREAM=$UPSTREAM" LOOPS=1 "FILES=$(ulimit -n)" \
        HOST=127.0.0.1 LOG= 'ROUTE="route": { "cluster_name": "up" }' "FILTERS=$DEMO_FILTER" >"$LAB/$side.json"
    spawn "$side" "${ROOT[$side]}/outrider" start -c "$LAB/$side.json"
    await_port "$port" "$SPAWNED" 30 || die "$side does not start: $(tail -3 "$LAB/$side.log" | cut -c1-400)"
    PORT[$side]=$port ADMIN[$side]=$admin PID[$side]=$(owner "$port")
    [ "${PID[$side]}" = "$SPAWNED" ] || PIDS+=("${PID[$side]}")
}

# measure SIDE WHAT [options of ab.py]
measure() {
    local side=$1 what=$2
    shift 2
    python3 "$LIB/ab.py" "$what" --results "$RESULTS" --side "$side" --pid "${PID[$side]}" --url "http://127.0.0.1:${PORT[$side]}/" \
        --header "$USER_HEADER" --seconds "$SECONDS_EACH" "$@"
}

checkout old "${SIDES[0]}"
checkout new "${SIDES[1]}"
for ((start = 1; start <= STARTS; start++)); do
    [ "$start" = 1 ] || end_processes
    start_upstream
    for side in old new; do run "$side"; done
    # Until compiled code is compiled well and pools are filled.
    for side in old new; do measure "$side" warm --connections 256; done
    for ((round = 1; round <= ROUNDS; round++)); do
        say "start $start of $STARTS, round $round of $ROUNDS"
        order='old new'
        [ $((round % 2)) = 1 ] || order='new old'
        for side in $order; do measure "$side" cpu --connections 64; done
    done
done
for side in old new; do measure "$side" allocated --connections 64 --requests "$REQUESTS" --metrics "http://127.0.0.1:${ADMIN[$side]}/metrics"; done
for side in old new; do measure "$side" calls --connections 64; done
end_processes
# Each fresh and alone: what it did before would be in its memory.
for side in old new; do
    say "$side: $IDLE idle connections"
    start_upstream
    run "$side"
    timeout 300 python3 "$LIB/idle.py" "$RESULTS" "$side" "${PORT[$side]}" "${PID[$side]}" "$IDLE" || die "$side broke with idle connections"
    end_processes
done
python3 "$LIB/ab.py" report --results "$RESULTS" --old "${NAME[old]}" --new "${NAME[new]}" || exit 1
