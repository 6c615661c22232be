#!/usr/bin/env bash
# What a swap of a filter's code costs the requests of its first second inside a stock Envoy: a .dll that the hosted module swaps, beside
# Lua whose code is replaced by Envoy's own way (a file of ECDS).
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/swap.sh [--quick] [--swaps N] [--rate N] [--connections N] [--only NAME,...] [--cores N]
  ENVOY_BIN names the Envoy, otherwise the one on the PATH is taken. Needs h2load (nghttp2-client), nginx and a C compiler.
  Two Envoys with one worker, in turn, each under N requests a second (2000): swaps N (15) times each. Envoy has one core (--cores 2: two of them),
  so that what prepares a new version takes its time from the worker. --only hosted or lua. --quick is 3 swaps: shows that it works, proves nothing.
  Prints a table in Markdown; exits 0 when the first second of a new version is no slower than Lua's, 1 when it is for certain (95 %), 2 when the bench could not run.
TEXT
}

SWAPS=15 RATE=2000 CONNECTIONS=2 CORES=1 ONLY=hosted,lua
while [ $# -gt 0 ]; do
    case $1 in
        --quick) SWAPS=3; shift ;;
        --swaps) SWAPS=$2; shift 2 ;;
        --rate) RATE=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --cores) CORES=$2; shift 2 ;;
        --only) ONLY=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
need_envoy
command -v cc >/dev/null || die 'no C compiler: apt-get install gcc libc6-dev'
command -v h2load >/dev/null || die 'no h2load: apt-get install nghttp2-client'
need nginx python3

say 'building'
mkdir -p "$LAB/modules" "$LAB/live"
build ./outrider envoy module --out "$LAB/modules"
# The two versions differ in the status that they answer with, which is how one knows them.
build dotnet build bench/modules/swap-filter -c Release -o "$LAB/200" -p:IntermediateOutputPath="$LAB/obj200/" -p:DebugType=none
build dotnet build bench/modules/swap-filter -c Release -o "$LAB/203" -p:IntermediateOutputPath="$LAB/obj203/" -p:DefineConstants=NEXT -p:DebugType=none
cp "$LAB"/200/swap-filter.* "$LAB/live/"

OWN=() REST=()
if [ "$(nproc)" -gt 1 ]; then OWN=(taskset -c "0-$((CORES - 1))") REST=(taskset -c "$([ "$CORES" -lt "$(nproc)" ] && echo "$CORES" || echo 0)-$(($(nproc) - 1))"); fi
free_port; UP=$REPLY
fill "$BENCH/peers/upstream.conf" "DIR=$LAB" "PORT=$UP" FILES=20000 SINK=1 >"$LAB/upstream.conf"
spawn upstream "${REST[@]}" nginx -c "$LAB/upstream.conf" -p "$LAB"
await_port "$UP" "$SPAWNED" 10 || die "the upstream does not start: $(tail -1 "$LAB/upstream.log")"

CONFIG='{ header: x-user, roles: { admin: owner, guest: reader }, response_headers: { x-served-by: outrider, x-policy: strict } }'
# lua STATUS: as an ECDS resource, its version by a number that counts up.
VERSION=0
lua() {
    VERSION=$((VERSION + 1))
    cat <<YAML
version_info: "$VERSION"
resources:
- "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
  name: swapped
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
    default_source_code:
      inline_string: |
        local header = "x-user"
        local roles = { admin = "owner", guest = "reader" }
        local added = { ["x-served-by"] = "outrider", ["x-policy"] = "strict" }
        function envoy_on_request(handle)
          local user = handle:headers():get(header)
          local role = user and roles[user]
          if not role then
            handle:respond({ [":status"] = "403" }, "")
            return
          end
          handle:headers():replace("x-role", role)
          handle:streamInfo():dynamicMetadata():set("swapped", "role", role)
        end
        function envoy_on_response(handle)
          local headers = handle:headers()
          headers:replace(":status", "$1")
          headers:replace("x-role", handle:streamInfo():dynamicMetadata():get("swapped")["role"])
          for name, value in pairs(added) do headers:replace(name, value) end
        end
YAML
}
lua 200 >"$LAB/live/lua.yaml"

FILTER_hosted="{ name: m, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter, dynamic_module_config: { name: outrider, do_not_close: true }, filter_name: rules, filter_config: { \"@type\": type.googleapis.com/google.protobuf.Struct, value: { assembly: $LAB/live/swap-filter.dll, config: $CONFIG } } } }"
FILTER_lua="{ name: swapped, config_discovery: { config_source: { path_config_source: { path: $LAB/live/lua.yaml }, resource_api_version: V3 }, type_urls: [ type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua ] } }"
LIVE_hosted=$LAB/live/swap-filter.dll
LIVE_lua=$LAB/live/lua.yaml

declare -A PORT_ PID_
export ENVOY_DYNAMIC_MODULES_SEARCH_PATH=$LAB/modules
ID=$((RANDOM % 2000 + 3000))
NAMES=()
for name in hosted lua; do
    [[ ,$ONLY, == *,$name,* ]] || continue
    filter=FILTER_$name
    free_port
    fill "$BENCH/peers/envoy.yaml" HOST=127.0.0.1 LOG= "PORT=$REPLY" "UPSTREAM=$UP" 'ROUTE=route: { cluster: up, timeout: 0s }' |
        awk -v filter="${!filter}" '{ print } /http_filters:/ { print "          - " filter }' >"$LAB/$name.yaml"
    # A file of ECDS wants to know who asks.
    printf 'node: { id: bench, cluster: bench }\n' >>"$LAB/$name.yaml"
    ID=$((ID + 1))
    spawn "$name" "${OWN[@]}" "$ENVOY" -c "$LAB/$name.yaml" --base-id "$ID" --concurrency 1 -l error
    PORT_[$name]=$REPLY PID_[$name]=$SPAWNED
    await_port "$REPLY" "$SPAWNED" 30 || die "$name does not start: $(tail -2 "$LAB/$name.log")"
    NAMES+=("$name")
done

# fresh NAME STATUS: the next version beside the one in force, ready to be renamed; sets REPLY.
fresh() {
    REPLY=$LAB/live/next
    if [ "$1" = lua ]; then lua "$2" >"$REPLY"; else cp "$LAB/$2/swap-filter.dll" "$REPLY"; fi
}

# The first swap of a process, and its first requests, are not like the others: .NET itself and Envoy's code begin to run.
say 'warming up'
for number in -1 0 $(seq "$SWAPS"); do
    [ "$number" -lt 1 ] || say "swap $number of $SWAPS"
    status=$((number % 2 == 0 ? 200 : 203))
    for i in $(seq 0 $((${#NAMES[@]} - 1))); do
        name=${NAMES[$(((i + number + 2) % ${#NAMES[@]}))]}
        live=LIVE_$name
        fresh "$name" "$status"
        "${REST[@]}" python3 "$LIB/swap.py" run "$name" --port "${PORT_[$name]}" --pid "${PID_[$name]}" --fresh "$REPLY" --live "${!live}" --status "$status" \
            --rate "$RATE" --connections "$CONNECTIONS" --number "$number" --seconds 7 --log "$LAB/requests.tsv" \
            --results "$([ "$number" -lt 1 ] && echo "$LAB/unused" || echo "$LAB/results")" || die "$name: $(tail -2 "$LAB/$name.log")"
        kill -0 "${PID_[$name]}" || die "$name has ended: $(tail -2 "$LAB/$name.log")"
    done
done

printf 'Swaps of a filter (a table of headers, from its configuration) under %s requests a second in a stock Envoy, one worker, %s core(s); medians.\n\n' "$RATE" "$CORES"
status=0
python3 "$LIB/swap.py" report "$LAB/results" || status=$?
exit "$status"
