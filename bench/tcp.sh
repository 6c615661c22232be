#!/usr/bin/env bash
# What TCP costs in Outrider's tcp_proxy beside nginx's stream and HAProxy's mode tcp, one loop each: CPU per MiB and per small round trip.
# Prints Markdown on stdout, progress on stderr. Exits 1 when Outrider needs more than 0.9 of nginx's CPU, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh

usage() {
    cat <<'U'
usage: bench/tcp.sh [--rounds N] [--mib N] [--trips N] [--connections N] [--quick]
  --rounds N        rounds of each measurement, the peers in turn; the median counts (default 7)
  --mib N           MiB that one round moves (default 2048)
  --trips N         round trips of 64 bytes in one round (default 100000)
  --connections N   connections that share them (default 4)
  --quick           2 rounds, 256 MiB, 20000 round trips: shows that it works, proves nothing
U
}

ROUNDS=7 MIB=2048 TRIPS=100000 CONNECTIONS=4
while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --mib | --trips | --connections) [ $# -ge 2 ] && [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 wants a number" ;;&
        --rounds) ROUNDS=$2; shift 2 ;;
        --mib) MIB=$2; shift 2 ;;
        --trips) TRIPS=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --quick) ROUNDS=2 MIB=256 TRIPS=20000; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done

need nginx haproxy python3
STREAM=/usr/lib/nginx/modules/ngx_stream_module.so
if [ ! -e "$STREAM" ]; then
    [ "$(id -u)" = 0 ] || die "nginx's stream module is not here: install libnginx-mod-stream"
    say 'installing libnginx-mod-stream'
    apt-get install -y -qq --no-install-recommends libnginx-mod-stream >"$LAB/install.log" 2>&1 || die "cannot install it: $(tail -1 "$LAB/install.log")"
fi

[ -e src/Outrider/bin/Release/net10.0/outrider.dll ] || dotnet build src/Outrider -c Release --nologo -v q >&2

free_port; UPSTREAM=$REPLY
spawn server python3 bench/lib/tcp.py serve "$UPSTREAM"
await_port "$UPSTREAM" "$SPAWNED" 10 || die "the server does not start: $(tail -1 "$LAB/server.log")"

declare -A PORT=() PID=()
free_port; PORT[nginx]=$REPLY
cat >"$LAB/nginx.conf" <<C
load_module $STREAM;
daemon off; worker_processes 1; pid $LAB/nginx.pid; error_log $LAB/nginx-error.log;
events { worker_connections 4096; }
stream { server { listen 127.0.0.1:${PORT[nginx]}; proxy_pass 127.0.0.1:$UPSTREAM; } }
C
spawn nginx nginx -c "$LAB/nginx.conf" -p "$LAB"
PID[nginx]=$SPAWNED

free_port; PORT[haproxy]=$REPLY
cat >"$LAB/haproxy.cfg" <<C
global
    nbthread 1
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option splice-auto
listen l
    bind 127.0.0.1:${PORT[haproxy]}
    server up 127.0.0.1:$UPSTREAM
C
spawn haproxy haproxy -db -f "$LAB/haproxy.cfg"
PID[haproxy]=$SPAWNED

free_port; PORT[outrider]=$REPLY
cat >"$LAB/outrider.json" <<C
{ "servers": [ { "default_log_path": "$LAB/outrider-error.log", "processor": 1, "listeners": [ { "name": "l", "address": "127.0.0.1:${PORT[outrider]}", "bind_port": true,
  "filter_chains": [ { "filters": [ { "type": "tcp_proxy", "config": { "cluster": "up" } } ] } ] } ] } ],
  "cluster_manager": { "clusters": [ { "name": "up", "type": "SIMPLE", "lb_type": "LB_ROUNDROBIN", "hosts": [ { "address": "127.0.0.1:$UPSTREAM" } ] } ] } }
C
spawn outrider dotnet src/Outrider/bin/Release/net10.0/outrider.dll start -c "$LAB/outrider.json"
PID[outrider]=$SPAWNED

# The same, with every byte through the process.
free_port; PORT[copying]=$REPLY
sed -e "s#127.0.0.1:${PORT[outrider]}\"#127.0.0.1:${PORT[copying]}\"#; s#{ \"cluster\": \"up\" }#{ \"cluster\": \"up\", \"splice\": false }#" "$LAB/outrider.json" >"$LAB/copying.json"
spawn copying dotnet src/Outrider/bin/Release/net10.0/outrider.dll start -c "$LAB/copying.json"
PID[copying]=$SPAWNED

PEERS=(nginx haproxy outrider copying)
for peer in "${PEERS[@]}"; do
    await_port "${PORT[$peer]}" "${PID[$peer]}" 30 || die "$peer does not start: $(tail -1 "$LAB/$peer.log")"
    python3 bench/lib/tcp.py trips "${PORT[$peer]}" "${PID[$peer]}" 2000 "$CONNECTIONS" >/dev/null
    python3 bench/lib/tcp.py bulk "${PORT[$peer]}" "${PID[$peer]}" 64 "$CONNECTIONS" >/dev/null
done

RESULTS=$LAB/results.tsv
for round in $(seq "$ROUNDS"); do
    for peer in "${PEERS[@]}"; do
        say "round $round of $ROUNDS: $peer"
        for what in bulk trips; do
            amount=$MIB
            [ "$what" = bulk ] || amount=$TRIPS
            printf '%s\t%s\t%s\n' "$what" "$peer" "$(python3 bench/lib/tcp.py "$what" "${PORT[$peer]}" "${PID[$peer]}" "$amount" "$CONNECTIONS")" >>"$RESULTS"
        done
    done
done

python3 - "$RESULTS" "$ROUNDS" "$CONNECTIONS" <<'P' || exit 1
import statistics
import sys

values = {}
for line in open(sys.argv[1]):
    what, peer, value = line.split()
    values.setdefault((what, peer), []).append(float(value))
median = {key: statistics.median(found) for key, found in values.items()}
print(f"TCP through one loop, {sys.argv[3]} connections, the median of {sys.argv[2]} rounds:\n")
print("| | nginx stream | HAProxy mode tcp | Outrider tcp_proxy | Outrider / nginx | Outrider, splice off |")
print("|---|---|---|---|---|---|")
missed = False
for what, unit in (("bulk", "CPU per MiB, ms"), ("trips", "CPU per round trip of 64 bytes, µs")):
    nginx, haproxy, ours, copying = (median[what, peer] for peer in ("nginx", "haproxy", "outrider", "copying"))
    ratio = ours / nginx if nginx > 0 else float("inf")
    missed |= ratio > 0.9
    print(f"| {unit} | {nginx:.3f} | {haproxy:.3f} | {ours:.3f} | {ratio:.2f} | {copying:.3f} |")
print("\nTarget: 0.9 at the most." + (" **Missed.**" if missed else " Met."))
sys.exit(1 if missed else 0)
P
