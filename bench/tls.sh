#!/usr/bin/env bash
# TLS of Outrider beside nginx on the same certificate, one loop (worker) each, in turn: see bench/README.md.
# Prints Markdown on stdout, progress on stderr. Exits 1 when a target is missed, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh
# shellcheck source-path=SCRIPTDIR source=lib/peers.sh
. bench/lib/peers.sh

usage() {
    cat <<'U'
usage: bench/tls.sh [options]
  --rounds N   rounds of each measurement; the median counts (default 5)
  --seconds S  length of one measurement (default 3)
  --key KIND   rsa (2048 bits, the default) or ecdsa (P-256)
  --quick      1 round of 1 s: shows that it works, proves nothing
U
}

ROUNDS=5 SECONDS_EACH=3 KEY=rsa
while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --seconds | --key) [ $# -ge 2 ] || die "$1 wants a value" ;;&
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --key) KEY=$2; shift 2 ;;
        --quick) ROUNDS=1 SECONDS_EACH=1; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || die "--rounds wants a number, not $ROUNDS"
[[ $SECONDS_EACH =~ ^[1-9][0-9]*$ ]] || die "--seconds wants a number, not $SECONDS_EACH"

need nginx wrk openssl python3
case $KEY in
    rsa) new_key=(-newkey rsa:2048) ;;
    ecdsa) new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1) ;;
    *) die "--key wants rsa or ecdsa, not $KEY" ;;
esac
openssl req -x509 "${new_key[@]}" -nodes -keyout "$LAB/key.pem" -out "$LAB/cert.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>"$LAB/openssl.log" || die "openssl: $(tail -1 "$LAB/openssl.log")"

start_upstream
head -c 65536 /dev/urandom >"$LAB/files/64k"
for peer in nginx outrider; do
    free_port
    PORT[$peer]=$REPLY
    common=("DIR=$LAB" "NAME=$peer" "PORT=$REPLY" "UPSTREAM=$UPSTREAM" "LOOPS=1" "FILES=$(ulimit -n)")
    if [ "$peer" = nginx ]; then
        fill "$BENCH/peers/nginx-tls.conf" "${common[@]}" >"$LAB/$peer.conf"
        spawn "$peer" nginx -e "$LAB/$peer.log" -p "$LAB" -c "$LAB/$peer.conf"
    else
        build_outrider
        fill "$BENCH/peers/outrider-tls.json" "${common[@]}" >"$LAB/$peer.json"
        spawn "$peer" ./outrider start -c "$LAB/$peer.json"
    fi
    program=$SPAWNED
    await_port "${PORT[$peer]}" "$program" 30 || die "$peer does not start: $(tail -3 "$LAB/$peer.log" | cut -c1-400)"
    sleep 0.3
    if [ "$peer" = nginx ]; then
        PID[$peer]=$(pgrep -P "$program")
    else
        PID[$peer]=$(owner "${PORT[$peer]}")
        [ "${PID[$peer]}" = "$program" ] || PIDS+=("${PID[$peer]}")
    fi
done

# Clock ticks of a process so far, user and system.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

# measure PEER CASE SECONDS: prints operations a second and the proxy's CPU microseconds for each.
measure() {
    local peer=$1 port=${PORT[$1]} seconds=$3 before after count
    before=$(ticks "${PID[$peer]}")
    case $2 in
        full) count=$(handshakes "$port" "$seconds" -new -tls1_3) ;;
        resumed) count=$(handshakes "$port" "$seconds" -reuse -tls1_2) ;;
        download) count=$(requests "$port/files/64k" 16 "$seconds") ;;
        small) count=$(requests "$port/" 32 "$seconds") ;;
    esac
    after=$(ticks "${PID[$peer]}")
    [ "${count:-0}" -gt 0 ] || die "$2 through $peer failed"
    awk -v n="$count" -v s="$seconds" -v t="$((after - before))" -v hz="$(getconf CLK_TCK)" \
        'BEGIN { printf "%.1f %.1f\n", n / s, t / hz * 1e6 / n }'
}

# s_time counts in whole seconds and says how long it really took, which is as long as it was told, to one second.
handshakes() {
    local port=$1 seconds=$2
    shift 2
    openssl s_time -connect "127.0.0.1:$port" -time "$seconds" "$@" 2>/dev/null | awk '/connections in .* real seconds/ { print $1 }'
}

requests() {
    local out
    out=$(wrk -t1 -c"$2" -d"$3s" --timeout 10s "https://127.0.0.1:$1")
    grep -qE 'Socket errors|Non-2xx' <<<"$out" && die "$1: $(grep -E 'Socket errors|Non-2xx' <<<"$out")"
    awk '/requests in/ { print $1 }' <<<"$out"
}

CASES=(full resumed download small)
declare -A NAME=([full]='full handshakes/s (TLS 1.3)' [resumed]='resumed handshakes/s (TLS 1.2)'
    [download]='64 KiB downloads/s, 16 connections' [small]='small requests/s, 32 connections')
for peer in nginx outrider; do for case in "${CASES[@]}"; do measure "$peer" "$case" 1 >/dev/null; done; done
for round in $(seq "$ROUNDS"); do
    say "round $round of $ROUNDS"
    for case in "${CASES[@]}"; do
        peers=(nginx outrider)
        [ $((round % 2)) = 1 ] || peers=(outrider nginx)
        for peer in "${peers[@]}"; do measure "$peer" "$case" "$SECONDS_EACH" >>"$LAB/$peer.$case"; done
    done
done

# median PEER CASE COLUMN
median() { cut -d' ' -f"$3" "$LAB/$1.$2" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

echo "$(version_of nginx), $(version_of outrider), $(openssl version | cut -d' ' -f1,2), $KEY key; medians of $ROUNDS rounds of $SECONDS_EACH s"
echo
echo '| | nginx | Outrider | ratio | nginx CPU µs | Outrider CPU µs | ratio |'
echo '|---|---|---|---|---|---|---|'
missed=0
for case in "${CASES[@]}"; do
    awk -v name="${NAME[$case]}" -v a="$(median nginx "$case" 1)" -v b="$(median outrider "$case" 1)" -v c="$(median nginx "$case" 2)" -v d="$(median outrider "$case" 2)" \
        'BEGIN { printf "| %s | %.0f | %.0f | %.2f | %.0f | %.0f | %.2f |\n", name, a, b, b / a, c, d, d / c }'
done
echo
# The targets: handshakes and downloads, each at least 0.7 × nginx.
for case in full download; do
    awk -v name="${NAME[$case]}" -v a="$(median nginx "$case" 1)" -v b="$(median outrider "$case" 1)" \
        'BEGIN { ok = b >= 0.7 * a; print (ok ? "PASS" : "FAIL") ": " name ": " sprintf("%.2f", b / a) " × nginx, wanted 0.70"; exit !ok }' || missed=1
done
exit "$missed"
