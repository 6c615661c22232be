#!/usr/bin/env bash
# The price list: what one filter costs per request, of every kind that there is, in our engine and in a stock Envoy, on one rig.
# Each kind does the same: it sets one header of the request and one of the response; the process decides about the request instead.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/prices.sh [--quick] [--rounds N] [--seconds N] [--connections N] [--only NAME,...]
  ENVOY_BIN names the Envoy, otherwise the one on the PATH is taken; without one the table has our engine alone. Needs gcc, nginx, wrk
  and python3; with perf it counts instructions, too. Prints a table in Markdown, and whether filter_costs (--only
  engine,engine-csharp,engine-costs for that alone) adds at most 3 %: exits 0 when so, 1 when not, 2 when the bench could not run.
  --quick is 2 rounds of 1 s: shows that it works, proves nothing.
TEXT
}

ROUNDS=7 SECONDS_EACH=2 CONNECTIONS=32 ONLY=
while [ $# -gt 0 ]; do
    case $1 in
        --quick) ROUNDS=2 SECONDS_EACH=1; shift ;;
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --only) ONLY=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
command -v gcc >/dev/null || die 'no gcc: apt-get install gcc libc6-dev'
need nginx wrk python3
wanted() { [ -z "$ONLY" ] || [[ ,$ONLY, == *,$1,* ]]; }

say 'building'
mkdir -p "$LAB/modules" "$LAB/filters"
build ./outrider version
build dotnet publish bench/modules/bench-filters -c Release -o "$LAB/publish"
mv "$LAB"/publish/libbench_filters.so "$LAB/modules/"
# The same source as an ordinary assembly.
build dotnet build bench/modules/bench-filters -c Release -o "$LAB/filters"
DLL=$(ls "$LAB"/filters/bench?filters.dll)
gcc -O2 -shared -fPIC -o "$LAB/modules/libbench_c.so" bench/modules/header.c
build dotnet publish samples/subprocess-filter/checker-csharp -c Release -o "$LAB/plugins"
build ./outrider envoy module --out "$LAB/modules"
echo '{ "User": "admin" }' >"$LAB/checkconf.json"

# What is measured has a core of its own, so that what it costs does not depend on who else was there; the two peers share the rest.
OWN=() REST=()
if [ "$(nproc)" -gt 1 ]; then OWN=(taskset -c 0) REST=(taskset -c "1-$(($(nproc) - 1))"); fi
free_port; UP=$REPLY
fill "$BENCH/peers/upstream.conf" "DIR=$LAB" "PORT=$UP" FILES=20000 SINK=1 >"$LAB/upstream.conf"
spawn upstream "${REST[@]}" nginx -c "$LAB/upstream.conf" -p "$LAB"
await_port "$UP" "$SPAWNED" 10 || die "the upstream does not start: $(tail -1 "$LAB/upstream.log")"

declare -A PORT_ PID_ WHAT
NAMES=()

# engine NAME WHAT FILTERS [ROOT]: our engine with one loop and these stream filters (JSON).
engine() {
    wanted "$1" || return 0
    free_port
    cat >"$LAB/$1.json" <<JSON
{ ${4:-} "servers": [{ "default_log_path": "$LAB/$1.out", "processor": 1,
  "routers": [{ "router_config_name": "r", "virtual_hosts": [{ "name": "v", "domains": ["*"], "routers": [{ "match": { "prefix": "/" }, "route": { "cluster_name": "up" } }] }] }],
  "listeners": [{ "name": "l", "address": "127.0.0.1:$REPLY", "bind_port": true, "stream_filters": [$3], ${5:-}
    "filter_chains": [{ "filters": [{ "type": "proxy", "config": { "downstream_protocol": "Http1", "upstream_protocol": "Http1", "router_config_name": "r" } }] }] }] }],
  "cluster_manager": { "clusters": [{ "name": "up", "type": "SIMPLE", "lb_type": "LB_ROUNDROBIN", "hosts": [{ "address": "127.0.0.1:$UP" }] }] } }
JSON
    DOTNET_PROCESSOR_COUNT=1 spawn "$1" "${OWN[@]}" ./outrider start -c "$LAB/$1.json"
    await_port "$REPLY" "$SPAWNED" 30 || die "$1 does not start: $(tail -2 "$LAB/$1.log")"
    PORT_[$1]=$REPLY PID_[$1]=$(owner "$REPLY") WHAT[$1]=$2
    NAMES+=("$1")
}

module() {
    echo "{ name: m, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter, dynamic_module_config: { name: $1, do_not_close: true }, filter_name: $2${3:+, filter_config: $3} } }"
}
export ENVOY_DYNAMIC_MODULES_SEARCH_PATH=$LAB/modules
ID=$((RANDOM % 2000 + 3000))
# envoy NAME WHAT FILTER: a stock Envoy with one worker.
envoy() {
    [ -n "$ENVOY" ] && wanted "$1" || return 0
    free_port
    fill "$BENCH/peers/envoy.yaml" HOST=127.0.0.1 LOG= "PORT=$REPLY" "UPSTREAM=$UP" 'ROUTE=route: { cluster: up, timeout: 0s }' |
        awk -v filter="$3" '{ print } /http_filters:/ && filter != "" { print "          - " filter }' >"$LAB/$1.yaml"
    ID=$((ID + 1))
    spawn "$1" "${OWN[@]}" "$ENVOY" -c "$LAB/$1.yaml" --base-id "$ID" --concurrency 1 -l error
    await_port "$REPLY" "$SPAWNED" 30 || die "$1 does not start: $(tail -2 "$LAB/$1.log")"
    PORT_[$1]=$REPLY PID_[$1]=$SPAWNED WHAT[$1]=$2
    NAMES+=("$1")
}

CONFIG="{ \"@type\": type.googleapis.com/google.protobuf.Struct, value: { assembly: $DLL } }"
engine engine 'our engine' ''
engine engine-csharp 'C#, loaded for good' '{ "type": "header" }' "\"extensions\": [{ \"path\": \"$DLL\", \"hot\": false }],"
engine engine-costs 'the same with `filter_costs`' '{ "type": "header" }' "\"extensions\": [{ \"path\": \"$DLL\", \"hot\": false }]," '"filter_costs": true,'
engine engine-dll '.dll that is swapped' "{ \"type\": \"library\", \"library\": { \"path\": \"$DLL\", \"filter\": \"header\" } }"
engine engine-aot 'C# as .so (NativeAOT)' "{ \"type\": \"library\", \"library\": { \"path\": \"$LAB/modules/libbench_filters.so\", \"filter\": \"header\" } }"
engine engine-c 'C as .so' "{ \"type\": \"library\", \"library\": { \"path\": \"$LAB/modules/libbench_c.so\", \"filter\": \"header\" } }"
engine engine-process 'a process asked (C#, NativeAOT)' "{ \"type\": \"demo_plugin\", \"config\": { \"config_path\": \"$LAB/checkconf.json\" } }" "\"plugin_dir\": \"$LAB/plugins\","
envoy envoy 'Envoy' ''
envoy envoy-c 'C as .so' "$(module bench_c header)"
envoy envoy-hosted '.dll, hosted, that is swapped' "$(module outrider header "$CONFIG")"
envoy envoy-aot 'C# as .so (NativeAOT)' "$(module bench_filters header)"
envoy envoy-lua 'Lua' "{ name: l, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: { inline_string: 'function envoy_on_request(h) h:headers():replace(\"x-request-side\", \"outrider\") end function envoy_on_response(h) h:headers():replace(\"x-response-side\", \"outrider\") end' } } }"

# The process itself and those that it has started.
family() { echo "$1"; { ps -o pid= --ppid "$1" || true; } | tr -d ' '; }
HZ=$(getconf CLK_TCK)
# Many virtual machines have no counters.
COUNTS=no
if perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'; then COUNTS=yes; fi
ticks() { local p sum=0; for p in $(family "$1"); do sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$p/stat" 2>/dev/null || echo 0))); done; echo "$sum"; }
# measure NAME SECONDS [keep]: CPU and instructions of user mode per request, to the file of that name.
measure() {
    local before after requests out watch=''
    before=$(ticks "${PID_[$1]}")
    if [ "$COUNTS" = yes ]; then
        perf stat -x, -e instructions:u -o "$LAB/perf" -p "$(family "${PID_[$1]}" | paste -sd,)" >/dev/null 2>&1 &
        watch=$!
    fi
    out=$("${REST[@]}" wrk -t1 -c"$CONNECTIONS" -d"$2" -H 'User: admin' "http://127.0.0.1:${PORT_[$1]}/")
    [ -z "$watch" ] || { kill -INT "$watch"; wait "$watch" 2>/dev/null || true; }
    after=$(ticks "${PID_[$1]}")
    grep -q 'Non-2xx\|Socket errors' <<<"$out" && die "$1 fails under load: $out"
    [ "${3:-}" = keep ] || return 0
    requests=$(awk '/requests in/ { print $1 }' <<<"$out")
    printf '%s %s %s\n' "$1" "$(awk -v t=$((after - before)) -v hz="$HZ" -v n="$requests" 'BEGIN { printf "%.3f", t * 1e6 / hz / n }')" \
        "$([ -n "$watch" ] && awk -F, -v n="$requests" '/instructions/ { printf "%.0f", $1 / n }' "$LAB/perf")" >>"$LAB/results"
}

say 'warming up'
for name in "${NAMES[@]}"; do measure "$name" 2; measure "$name" 2; done
for round in $(seq "$ROUNDS"); do
    say "round $round of $ROUNDS"
    for i in $(seq 0 $((${#NAMES[@]} - 1))); do measure "${NAMES[$(((i + round) % ${#NAMES[@]}))]}" "$SECONDS_EACH" keep; done
done

for name in "${NAMES[@]}"; do printf '%s\t%s\n' "$name" "${WHAT[$name]}"; done >"$LAB/names"
printf 'One loop or worker, %s connections; medians of %s interleaved rounds of %s s, differences of pairs of one round with their quartiles.\n\n' "$CONNECTIONS" "$ROUNDS" "$SECONDS_EACH"
python3 bench/lib/prices.py "$LAB/names" "$LAB/results"
