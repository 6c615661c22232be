#!/usr/bin/env bash
# Outrider beside nginx, HAProxy, Envoy, MOSN and YARP, one loop each, in one run on one machine: see bench/README.md.
# Prints Markdown on stdout, progress on stderr. Exits 1 when a target of ours is missed, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh
# shellcheck source-path=SCRIPTDIR source=lib/peers.sh
. bench/lib/peers.sh

usage() {
    cat <<'U'
usage: bench/compare.sh [options]
  --rounds N        rounds of each measurement; the median counts (default 7)
  --seconds S       length of one measurement (default 3)
  --section LIST    of small,kinds,large,idle,stall,loops,alloc (default all)
  --only LIST       of nginx,haproxy,envoy,mosn,yarp,outrider,outrider-bare (default all that are here);
                    outrider-bare is Outrider without a filter. Ratios need nginx.
  --quick           2 rounds of 1 s, fewer requests and connections: shows that it works, proves nothing
  --raw FILE        keep every single result (case, peer, metric, value)
ENVOY_BIN and MOSN_BIN name those two programs; MOSN_VERSION its version, as it does not know it.
U
}

ROUNDS=7 SECONDS_EACH=3 REQUESTS=1000000 IDLE=10000 WARM=3 RAW=''
SECTIONS=small,kinds,large,idle,stall,loops,alloc
ONLY=nginx,haproxy,envoy,mosn,yarp,outrider,outrider-bare
while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --seconds | --section | --only | --raw) [ $# -ge 2 ] || die "$1 wants a value" ;;&
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --section) SECTIONS=$2; shift 2 ;;
        --only) ONLY=$2; shift 2 ;;
        --raw) RAW=$2; shift 2 ;;
        --quick) ROUNDS=2 SECONDS_EACH=1 REQUESTS=200000 IDLE=2000 WARM=1; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || die "--rounds wants a number, not $ROUNDS"
[[ $SECONDS_EACH =~ ^[1-9][0-9]*$ ]] || die "--seconds wants a number, not $SECONDS_EACH"
IFS=, read -ra WANTED <<<"$SECTIONS"
for section in "${WANTED[@]}"; do
    case $section in small | kinds | large | idle | stall | loops | alloc) ;; *) die "no section $section" ;; esac
done
IFS=, read -ra NAMED <<<"$ONLY"
for peer in "${NAMED[@]}"; do
    case $peer in nginx | haproxy | envoy | mosn | yarp | outrider | outrider-bare) ;; *) die "no proxy $peer" ;; esac
done

need nginx haproxy wrk pgrep python3
[ "$(ulimit -n)" = unlimited ] || ulimit -n "$(($(ulimit -Hn | sed 's/unlimited/20000/') < 20000 ? $(ulimit -Hn) : 20000))"

PEERS=()
for peer in "${NAMED[@]}"; do
    if available "$peer"; then PEERS+=("$peer"); else say "$peer is not here: left out"; fi
done
[ ${#PEERS[@]} -gt 0 ] || die 'nothing to measure'
RESULTS=$LAB/results.tsv
touch "$RESULTS"

among() { local peer; for peer in "${PEERS[@]}"; do [ "$peer" != "$1" ] || return 0; done; return 1; }

# failed CASE PEER WHY: spoils that cell, not the run.
failed() { printf '%s\t%s\terror\t%s\n' "$1" "$2" "$3" >>"$RESULTS"; }

# Where the proxies listen.
HOST=127.0.0.1

# load CASE PEER PATH [options of load.py]; an empty CASE is a warm-up.
load() {
    local case=$1 peer=$2 path=$3
    shift 3
    python3 "$LIB/load.py" ${case:+--results "$RESULTS"} --case "$case" --peer "$peer" --pid "${PID[$peer]}" \
        --url "http://$HOST:${PORT[$peer]}$path" --header "$USER_HEADER" "$@" ||
        failed "${case:-warm-up}" "$peer" 'the measurement broke, see the messages'
}

# in_turn ROUND: the peers, each round beginning with another, so that none always follows the same neighbour.
in_turn() {
    local n=${#PEERS[@]} i
    for ((i = 0; i < n; i++)); do echo "${PEERS[$(((i + $1) % n))]}"; done
}

measure_small() {
    local peer round connections
    start_upstream
    for peer in "${PEERS[@]}"; do start "$peer"; done
    # Until compiled code is compiled well and pools are filled.
    for peer in "${PEERS[@]}"; do load '' "$peer" / --connections 256 --seconds $((WARM + 1)); done
    for ((round = 1; round <= ROUNDS; round++)); do
        say "small: round $round of $ROUNDS"
        for connections in 32 256; do
            for peer in $(in_turn "$round"); do
                load "small-$connections" "$peer" / --connections "$connections" --seconds "$SECONDS_EACH"
            done
        done
    done
    # After all the load above: what a proxy has taken and not given back counts.
    for peer in "${PEERS[@]}"; do load busy-64 "$peer" / --connections 64 --seconds "$SECONDS_EACH" --metrics rss; done
}

# What requests may bring with them: an access log on every proxy, clients that come by IPv6, 20 KiB of cookies.
measure_kinds() {
    local peer round kind more
    for kind in log ipv6 cookies; do
        HOST=127.0.0.1 more=()
        [ "$kind" = ipv6 ] && HOST='[::1]'
        [ "$kind" = cookies ] && more=(--cookies 20)
        start_upstream
        for peer in "${PEERS[@]}"; do start "$peer" 1 "$kind"; done
        for peer in "${PEERS[@]}"; do load '' "$peer" / --connections 64 --seconds "$WARM" "${more[@]}"; done
        for ((round = 1; round <= ROUNDS; round++)); do
            say "$kind: round $round of $ROUNDS"
            for peer in $(in_turn "$round"); do
                load "kind-$kind" "$peer" / --connections 64 --seconds "$SECONDS_EACH" "${more[@]}"
            done
        done
        end_processes
        rm -rf "$LAB"/*-access.log "$LAB/yarp-logs"
    done
    HOST=127.0.0.1
}

measure_large() {
    local peer round kib
    start_upstream
    for kib in 64 1024; do head -c $((kib * 1024)) /dev/urandom >"$LAB/files/$kib"; done
    for peer in "${PEERS[@]}"; do start "$peer"; done
    for peer in "${PEERS[@]}"; do load '' "$peer" /files/64 --connections 16 --seconds "$WARM"; done
    for ((round = 1; round <= ROUNDS; round++)); do
        say "large: round $round of $ROUNDS"
        for kib in 64 1024; do
            for peer in $(in_turn "$round"); do
                load "large-$kib" "$peer" "/files/$kib" --connections 16 --seconds "$SECONDS_EACH" \
                    --body-kib "$kib" --metrics mb,cpu_per_mib
            done
        done
    done
    rm -f "$LAB"/files/*
}

# Each proxy fresh and alone: what it did before would be in its memory.
measure_idle() {
    local peer count=$IDLE
    # The client needs a file for each, and so does the proxy.
    [ "$count" -le $(($(ulimit -n) - 500)) ] || count=$(($(ulimit -n) - 500))
    for peer in "${PEERS[@]}"; do
        say "idle: $count connections to $peer"
        start_upstream
        start "$peer"
        timeout 120 python3 "$LIB/idle.py" "$RESULTS" "$peer" "${PORT[$peer]}" "${PID[$peer]}" "$count" ||
            failed idle "$peer" 'ended or took too long'
        end_processes
    done
}

measure_stall() {
    local peer
    for peer in "${PEERS[@]}"; do
        say "stall: 30 transfers of 100 MB through $peer"
        free_port
        UPSTREAM=$REPLY
        spawn bodies python3 "$LIB/body_server.py" "$UPSTREAM"
        await_port "$UPSTREAM" "$SPAWNED" 10 || die "the upstream does not start: $(tail -2 "$LAB/bodies.log")"
        start "$peer" 1 stream
        timeout 180 python3 "$LIB/stall.py" "$RESULTS" "$peer" "${PORT[$peer]}" "${PID[$peer]}" ||
            failed stall "$peer" 'ended or took too long'
        end_processes
    done
}

# No upstream, so that the proxy's CPU is most of the machine's. On two cores the client competes with two loops, so
# requests per second cannot double whatever the proxy does. What limits a proxy that has the cores it wants is its
# busiest loop; so a CPU-bound second is one second of CPU time of the busiest thread, and what counts is requests per
# that second: work lost to contention shows in it, and so does a loop that idles while the other is full.
# (MOSN and YARP are not here: Go and .NET's thread pool move their work from thread to thread, so a busiest thread says nothing.)
measure_loops() {
    local peer round loops all=("${PEERS[@]}")
    local -A port=() pid=()
    PEERS=()
    for peer in "${all[@]}"; do case $peer in mosn | yarp | outrider-bare) ;; *) PEERS+=("$peer") ;; esac; done
    for peer in "${PEERS[@]}"; do
        for loops in 1 2; do
            start "$peer" "$loops" direct
            port[$peer$loops]=${PORT[$peer]} pid[$peer$loops]=${PID[$peer]}
            load '' "$peer" / --connections 256 --seconds "$WARM"
        done
    done
    for ((round = 1; round <= ROUNDS; round++)); do
        say "loops: round $round of $ROUNDS"
        for peer in $(in_turn "$round"); do
            for loops in 1 2; do
                PORT[$peer]=${port[$peer$loops]} PID[$peer]=${pid[$peer$loops]}
                load "loops-$loops" "$peer" / --connections 256 --seconds "$SECONDS_EACH" \
                    --metrics rps,cpu,per_busy_second,busy_threads
            done
        done
    done
    PEERS=("${all[@]}")
}

# Ours alone: the others have no such number. With the filter, and alone on the machine.
measure_alloc() {
    local peer
    for peer in outrider outrider-bare; do
        among "$peer" || continue
        say "alloc: about $REQUESTS requests through $peer"
        start_upstream
        start "$peer"
        load '' "$peer" / --connections 64 --seconds $((WARM + 2))
        load alloc "$peer" / --connections 64 --requests "$REQUESTS" --metrics allocated \
            --allocations "http://127.0.0.1:${ADMIN[$peer]}/metrics"
        end_processes
    done
}

for section in "${WANTED[@]}"; do
    say "$section: ${PEERS[*]}"
    "measure_$section"
    end_processes
done

VERSIONS=$(for peer in "${PEERS[@]}" wrk; do version_of "$peer"; done | paste -sd, | sed 's/,/, /g')
[ -z "$RAW" ] || cp "$RESULTS" "$RAW"
python3 "$LIB/report.py" "$RESULTS" --sections "$SECTIONS" --versions "$VERSIONS" --rounds "$ROUNDS" --seconds "$SECONDS_EACH" ||
    exit 1
