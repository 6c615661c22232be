#!/usr/bin/env bash
# The proxy at the limit of its descriptors: 256, 1,024 and 20,000 by default, ten minutes each. Alive, every accepted request
# answered, no spin while clients wait, well again within a second after they have gone.
#   usage: bench/limits.sh [--seconds 600] [--limits 256,1024,20000]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
seconds=600 limits=256,1024,20000
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=$2; shift 2 ;;
        --limits) limits=$2; shift 2 ;;
        *) echo "usage: bench/limits.sh [--seconds N] [--limits A,B]" >&2; exit 2 ;;
    esac
done
"$root/outrider" version >/dev/null
program=$root/src/Outrider/bin/Release/net10.0/outrider.dll
lab=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$lab"' EXIT
ports=($(python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])'))
cat >"$lab/proxy.json" <<J
{"servers": [{"default_log_path": "$lab/proxy.log",
  "routers": [{"router_config_name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routers": [{"match": {"prefix": "/"}, "route": {"cluster_name": "c"}}]}]}],
  "listeners": [{"name": "l", "address": "127.0.0.1:${ports[0]}", "bind_port": true, "filter_chains": [{"filters": [{"type": "proxy", "config": {"router_config_name": "r"}}]}]}]}],
 "cluster_manager": {"clusters": [{"name": "c", "type": "SIMPLE", "lb_type": "LB_ROUNDROBIN", "hosts": [{"address": "127.0.0.1:${ports[1]}"}]}]}}
J
dotnet "$program" echo --listen "127.0.0.1:${ports[1]}" --name up >/dev/null &
pids+=($!)
code=0
for limit in ${limits//,/ }; do
    (ulimit -n "$limit"; exec dotnet "$program" start -c "$lab/proxy.json") &
    pid=$!
    pids+=("$pid")
    until python3 -c "import socket; socket.create_connection(('127.0.0.1', ${ports[0]}))" 2>/dev/null; do
        kill -0 "$pid" 2>/dev/null || { echo "limit $limit: it does not start" >&2; exit 1; }
        sleep 0.2
    done
    python3 "$root/bench/lib/limits.py" "${ports[0]}" "$pid" "$limit" "$seconds" || code=1
    kill "$pid" 2>/dev/null || true
    wait "$pid" || { echo "limit $limit: exit code $?"; code=1; }
    grep -E 'ERROR|WARN' "$lab/proxy.log" | tail -3 || true
    : >"$lab/proxy.log"
done
exit $code
