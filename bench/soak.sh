#!/usr/bin/env bash
# Some minutes of everything at once against ./outrider: see bench/README.md. Exits 1 when something failed or leaked.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh
# shellcheck source-path=SCRIPTDIR source=lib/peers.sh
. bench/lib/peers.sh

usage() {
    cat <<'U'
usage: bench/soak.sh [--seconds N] [--loops N] [--seed N] [--peer NAME]
  --seconds N   how long (default 180, at least 20)
  --loops N     loops of the proxy (default 2: streams must not get lost between loops either)
  --seed N      of the random sizes and aborts (default: a new one, printed)
  --peer NAME   nginx, haproxy, envoy or mosn instead of outrider, without SIGHUP and metrics: checks the soak itself
U
}

DURATION=180 LOOPS=2 SEED=$RANDOM PEER=outrider
while [ $# -gt 0 ]; do
    case $1 in
        --seconds | --loops | --seed | --peer) [ $# -ge 2 ] || die "$1 wants a value" ;;&
        --seconds) DURATION=$2; shift 2 ;;
        --loops) LOOPS=$2; shift 2 ;;
        --seed) SEED=$2; shift 2 ;;
        --peer) PEER=$2; shift 2 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done
[[ $DURATION =~ ^[0-9]+$ && $DURATION -ge 20 ]] || die '--seconds wants a number of at least 20'

need nginx wrk pgrep python3
available "$PEER" || die "$PEER is not here"
[ "$(ulimit -Hn)" = unlimited ] || ulimit -n "$(ulimit -Hn)"

free_port
SINK=$REPLY
spawn bodies python3 "$LIB/body_server.py" "$SINK"
await_port "$SINK" "$SPAWNED" 10 || die "the body server does not start: $(tail -2 "$LAB/bodies.log")"
start_upstream
for kib in 64 1024; do head -c $((kib * 1024)) /dev/zero >"$LAB/files/$kib"; done
start "$PEER" "$LOOPS" stream
say "$PEER, process ${PID[$PEER]}, $DURATION s, seed $SEED"

ours=()
[ "$PEER" != outrider ] || ours=(--reload --metrics "http://127.0.0.1:${ADMIN[$PEER]}/metrics")
status=0
timeout $((DURATION + 120)) python3 "$LIB/soak.py" --port "${PORT[$PEER]}" --pid "${PID[$PEER]}" --upstream "$UPSTREAM" \
    --seconds "$DURATION" --seed "$SEED" --header "$USER_HEADER" ${ours[@]+"${ours[@]}"} || status=$?
# Whoever serves the port now: a reload may have replaced the process.
now=$(owner "${PORT[$PEER]}" || true)
[ -z "$now" ] || PIDS+=("$now")
if [ -s "$LAB/$PEER-error.log" ]; then
    say "the last lines of the error log:"
    tail -5 "$LAB/$PEER-error.log" >&2
fi
[ "$status" -le 1 ] || die "the soak itself broke (status $status)"
exit "$status"
