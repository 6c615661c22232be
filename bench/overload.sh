#!/usr/bin/env bash
# A proxy that has more to do than it can: a filter that takes 2 ms of a core for each request, and clients that ask without waiting for answers
# (an open loop), up to twice as often as it can carry. How many are answered with 200 within a second?
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/overload.sh [--seconds N] [--connections N] [--streams N] [--only outrider,nginx,envoy]
  ENVOY_BIN names the Envoy; nginx needs its Lua module. Needs h2load (nghttp2-client).
  Prints a table in Markdown; exits 0 when Outrider's rate at twice its capacity is at least nine tenths of its best, 1 when not, 2 when the bench could not run.
TEXT
}

SECONDS_EACH=10 CONNECTIONS=20 STREAMS=100 ONLY=outrider,nginx,envoy
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --streams) STREAMS=$2; shift 2 ;;
        --only) ONLY=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
. "$LIB/peers.sh"
need h2load nginx python3
ulimit -n "$(ulimit -Hn)"

# The proxy that is measured has a core of its own; the clients and the upstream share the rest.
OWN=() REST=()
if [ "$(nproc)" -gt 1 ]; then OWN=(taskset -c 0) REST=(taskset -c "1-$(($(nproc) - 1))"); fi

free_port; UP=$REPLY
fill "$BENCH/peers/upstream.conf" "DIR=$LAB" "PORT=$UP" FILES=20000 SINK=1 >"$LAB/upstream.conf"
spawn upstream "${REST[@]}" nginx -e "$LAB/upstream.log" -c "$LAB/upstream.conf" -p "$LAB"
await_port "$UP" "$SPAWNED" 10 || die "the upstream does not start: $(tail -1 "$LAB/upstream.log")"

# start_busy PEER: with one loop (worker) and the filter.
start_busy() {
    free_port
    local port=$REPLY
    free_port
    case $1 in
        outrider)
            build_outrider
            dotnet build bench/burn-filter -c Release -o "$LAB/burn" --nologo -v q >"$LAB/burn.log" 2>&1 || die "the filter does not build: $(grep -m1 error "$LAB/burn.log")"
            fill "$BENCH/peers/mosn.json" "DIR=$LAB" NAME=outrider HOST=127.0.0.1 "PORT=$port" "ADMIN=$REPLY" "UPSTREAM=$UP" LOOPS=1 LOG= \
                'ROUTE="route": { "cluster_name": "up" }' "FILTERS={\"type\":\"library\",\"library\":{\"path\":\"$LAB/burn/Outrider.Bench.BurnFilter.dll\"}}" |
                sed 's/"downstream_protocol": "Http1"/"downstream_protocol": "Auto"/' >"$LAB/outrider.json"
            spawn outrider "${OWN[@]}" ./outrider start -c "$LAB/outrider.json"
            ;;
        nginx)
            local modules=/usr/lib/nginx/modules
            [ -e $modules/ngx_http_lua_module.so ] || return 1
            {
                echo "load_module $modules/ndk_http_module.so; load_module $modules/ngx_http_lua_module.so;"
                fill "$BENCH/peers/nginx.conf" "DIR=$LAB" NAME=nginx HOST=127.0.0.1 "PORT=$port" "UPSTREAM=$UP" LOOPS=1 LOG=off FILES=20000 \
                    'ROUTE=access_by_lua_block { local stop = os.clock() + 0.002; while os.clock() < stop do end } proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";' |
                    sed 's/reuseport;/reuseport http2;/; s/client_max_body_size 0;/& http2_max_concurrent_streams 1000;/'
            } >"$LAB/nginx.conf"
            spawn nginx "${OWN[@]}" nginx -e "$LAB/nginx.log" -p "$LAB" -c "$LAB/nginx.conf"
            ;;
        envoy)
            [ -x "${ENVOY_BIN:-}" ] || return 1
            local burn
            burn='{ name: l, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: { inline_string: "function envoy_on_request(h) local stop = os.clock() + 0.002 while os.clock() < stop do end end" } } }'
            fill "$BENCH/peers/envoy.yaml" HOST=127.0.0.1 LOG= "PORT=$port" "UPSTREAM=$UP" 'ROUTE=route: { cluster: up, timeout: 0s }' |
                awk -v filter="$burn" '{ print } /http_filters:/ { print "          - " filter }' >"$LAB/envoy.yaml"
            spawn envoy "${OWN[@]}" "$ENVOY_BIN" -c "$LAB/envoy.yaml" --concurrency 1 --disable-hot-restart --use-dynamic-base-id --log-level error
            ;;
    esac
    await_port "$port" "$SPAWNED" 60 || die "$1 does not start: $(tail -3 "$LAB/$1.log" | cut -c1-400)"
    PORT[$1]=$port
}

# What it carries: eight clients that wait for their answers, requests per second.
capacity() {
    "${REST[@]}" h2load -c 8 -D 5 --warm-up-time 2 "http://127.0.0.1:${PORT[$1]}/" 2>/dev/null | sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/\1/p'
}

# open_loop PEER REQUESTS_PER_SECOND: what overload.py says.
open_loop() {
    local each
    each=$(awk -v all="$2" -v clients="$CONNECTIONS" 'BEGIN { printf "%.4f", all / clients }')
    rm -f "$LAB/h2load.tsv"
    # overload.py leaves out the beginning, and the last answers take their time.
    "${REST[@]}" h2load -c "$CONNECTIONS" -m "$STREAMS" --rps "$each" -D "$((SECONDS_EACH + 5))" --log-file "$LAB/h2load.tsv" "http://127.0.0.1:${PORT[$1]}/" >"$LAB/h2load.log" 2>&1 || true
    python3 "$LIB/overload.py" "$LAB/h2load.tsv" "$SECONDS_EACH"
}

printf '| proxy | asked, of capacity | answered/s | 200 within 1 s, per s | of its best | refused/s | other/s | p99 of 200 |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'
code=0
for peer in ${ONLY//,/ }; do
    start_busy "$peer" || { say "$peer: not here"; continue; }
    carries=$(capacity "$peer")
    say "$peer carries $carries requests/s"
    rows=()
    for times in 0.5 0.9 1 1.25 1.5 2; do
        rows+=("$times $(open_loop "$peer" "$(awk -v c="$carries" -v t="$times" 'BEGIN { print c * t }')")")
    done
    best=$(printf '%s\n' "${rows[@]}" | awk '$2 > best { best = $2 } END { print best + 0 }')
    printf '%s\n' "${rows[@]}" | awk -v peer="$peer" -v best="$best" '{ printf "| %s | %s × | %s | %s | %.2f | %s | %s | %s ms |\n", peer, $1, $4, $2, (best > 0 ? $2 / best : 0), $3, $6, $5 }'
    if [ "$peer" = outrider ]; then
        printf '%s\n' "${rows[@]}" | awk -v best="$best" 'END { exit !(best > 0 && $2 >= 0.9 * best) }' || { say 'outrider: FAIL, less than nine tenths of its best at twice its capacity'; code=1; }
    fi
    end_last=$(owner "${PORT[$peer]}")
    kill "$end_last" 2>/dev/null || true
done
exit $code
