#!/usr/bin/env bash
# CPU per request of the proxy with clients that speak HTTP/2, and to upstreams of either version: Outrider beside nginx, HAProxy and Envoy.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/http2.sh [--rounds N] [--requests N] [--section h1,h2,grpc]
  Proxies in turn, two rounds to warm up and N (9) that count, N (60000) requests each by h2load. CPU is the process's by
  /proc/PID/task/*/schedstat. Prints tables in Markdown; exits 0 when the targets hold, 1 when one does not, 2 when it could not run.
  Envoy takes part where ENVOY_BIN names one; without it gRPC has nothing to be compared with.
TEXT
}

ROUNDS=9 REQUESTS=60000 SECTIONS=h1,h2,grpc
while [ $# -gt 0 ]; do
    case $1 in
        --rounds) ROUNDS=$2; shift 2 ;;
        --requests) REQUESTS=$2; shift 2 ;;
        --section) SECTIONS=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
need nginx haproxy python3
command -v h2load >/dev/null || { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends nghttp2-client; } >"$LAB/install.log" 2>&1
command -v h2load >/dev/null || die 'no h2load: apt-get install nghttp2-client'
./outrider version >/dev/null || die 'outrider does not build'
PROGRAM=$PWD/src/Outrider/bin/Release/net10.0/outrider.dll

# The upstream of all: 26 bytes, in HTTP/1 and in HTTP/2.
free_port; UP1=$REPLY
free_port; UP2=$REPLY
cat >"$LAB/upstream.conf" <<TEXT
worker_processes 1; daemon off; pid $LAB/upstream.pid; error_log $LAB/upstream.error; events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; http2_max_concurrent_streams 1024; client_body_temp_path $LAB/b; proxy_temp_path $LAB/p; fastcgi_temp_path $LAB/f; uwsgi_temp_path $LAB/u; scgi_temp_path $LAB/s;
  server { listen 127.0.0.1:$UP1; location / { return 200 "0123456789abcdefghijklmno\n"; } }
  server { listen 127.0.0.1:$UP2 http2; location / { return 200 "0123456789abcdefghijklmno\n"; } } }
TEXT
spawn upstream nginx -c "$LAB/upstream.conf" -p "$LAB"
await_port "$UP1" "$SPAWNED" 10 || die "the upstream does not start: $(tail -1 "$LAB/upstream.error")"

declare -A PORT_ PID_

# started NAME PORT: waits, and notes who works there.
started() {
    await_port "$2" "$SPAWNED" 20 || die "$1 does not start: $(tail -1 "$LAB/$1.log")"
    PORT_[$1]=$2 PID_[$1]=$(owner "$2")
}

# start_nginx NAME DIRECTIVES UPSTREAM
start_nginx() {
    free_port
    cat >"$LAB/$1.conf" <<TEXT
worker_processes 1; master_process off; daemon off; pid $LAB/$1.pid; error_log $LAB/$1.error; events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path $LAB/b$1; proxy_temp_path $LAB/p$1; fastcgi_temp_path $LAB/f$1; uwsgi_temp_path $LAB/u$1; scgi_temp_path $LAB/s$1;
  upstream up { server 127.0.0.1:$3; keepalive 256; keepalive_requests 100000000; }
  server { listen 127.0.0.1:$REPLY http2; location / { $2 } } }
TEXT
    spawn "$1" nginx -c "$LAB/$1.conf" -p "$LAB"
    started "$1" "$REPLY"
}

# start_haproxy NAME UPSTREAM PROTO
start_haproxy() {
    free_port
    cat >"$LAB/$1.cfg" <<TEXT
global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen l
  bind 127.0.0.1:$REPLY proto h2
  server s 127.0.0.1:$2 ${3:+proto $3}
TEXT
    spawn "$1" haproxy -f "$LAB/$1.cfg" -db
    started "$1" "$REPLY"
}

# start_outrider NAME UPSTREAM PROTOCOL
start_outrider() {
    free_port
    cat >"$LAB/$1.json" <<TEXT
{"servers": [{"default_log_path": "$LAB/$1.error", "processor": 1,
  "routers": [{"router_config_name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routers": [{"match": {"prefix": "/"}, "route": {"cluster_name": "c"}}]}]}],
  "listeners": [{"name": "l", "address": "127.0.0.1:$REPLY", "bind_port": true,
    "filter_chains": [{"filters": [{"type": "proxy", "config": {"downstream_protocol": "Http2", "upstream_protocol": "$3", "router_config_name": "r"}}]}]}]}],
 "cluster_manager": {"clusters": [{"name": "c", "type": "SIMPLE", "lb_type": "LB_ROUNDROBIN", "max_request_per_conn": 100000000, "hosts": [{"address": "127.0.0.1:$2"}]}]}}
TEXT
    spawn "$1" env DOTNET_PROCESSOR_COUNT=1 dotnet "$PROGRAM" start -c "$LAB/$1.json"
    started "$1" "$REPLY"
}

# start_envoy NAME UPSTREAM h1|h2
start_envoy() {
    [ -n "$ENVOY" ] || return 0
    free_port
    local options='' port=$REPLY
    [ "$3" = h1 ] || options='typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } },'
    cat >"$LAB/$1.yaml" <<TEXT
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: $port } }
    filter_chains:
    - filters:
      - name: h
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: s
          codec_type: HTTP2
          route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: c } }] }] }
          http_filters: [{ name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
  clusters:
  - { name: c, type: STATIC, circuit_breakers: { thresholds: [{ max_connections: 100000, max_pending_requests: 100000, max_requests: 100000 }] }, $options load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: $2 } } } }] }] } }
TEXT
    spawn "$1" "$ENVOY" -c "$LAB/$1.yaml" --concurrency 1 --base-id "$((port + RANDOM))" -l error
    started "$1" "$port"
}

nanoseconds() { cat "/proc/$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

# measure NAME SECTION H2LOAD-ARGUMENTS...: microseconds of CPU for each request, into a file.
measure() {
    local name=$1 section=$2 before after done
    shift 2
    before=$(nanoseconds "${PID_[$name]}")
    done=$(h2load -n "$REQUESTS" -t 1 "$@" 2>/dev/null | sed -n 's/.*, \([0-9]*\) succeeded.*/\1/p')
    after=$(nanoseconds "${PID_[$name]}")
    [ "${done:-0}" = "$REQUESTS" ] || die "$name: only ${done:-0} of $REQUESTS succeeded ($section)"
    awk -v t="$((after - before))" -v n="$REQUESTS" 'BEGIN { printf "%.2f\n", t / 1000 / n }' >>"$LAB/$section.$name"
}

median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

STATUS=0

# table SECTION TITLE PEER LIMIT NAMES...: the medians, and of the peer's the median of the ratios of each round.
table() {
    local section=$1 title=$2 peer=$3 limit=$4 name ratio
    shift 4
    echo
    echo "### $title"
    echo '| proxy | CPU, µs a request | to '"$peer"' |'
    echo '|---|---|---|'
    for name in "$@"; do
        [ -e "$LAB/$section.$name" ] || continue
        sed -i 1,2d "$LAB/$section.$name"
    done
    for name in "$@"; do
        [ -e "$LAB/$section.$name" ] || continue
        ratio=-
        [ ! -e "$LAB/$section.$peer" ] || ratio=$(paste "$LAB/$section.$name" "$LAB/$section.$peer" | awk '{ printf "%.3f\n", $1 / $2 }' | sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }')
        echo "| ${name%-*} | $(median "$LAB/$section.$name") | $ratio |"
        if [ "${name%-*}" = outrider ] && [ "$ratio" != - ]; then
            if awk -v r="$ratio" -v l="$limit" 'BEGIN { exit !(r <= l) }'; then echo "PASS: $ratio × $peer, wanted $limit at most" >"$LAB/verdict"; else echo "FAIL: $ratio × $peer, wanted $limit at most" >"$LAB/verdict"; STATUS=1; fi
        fi
    done
    [ ! -e "$LAB/verdict" ] || { echo; cat "$LAB/verdict"; rm "$LAB/verdict"; }
}

wanted() { [[ ,$SECTIONS, == *,$1,* ]]; }

echo "HTTP/2, $(nproc) cores, $(date +%F); medians of $ROUNDS rounds of $REQUESTS requests after two to warm up"
if wanted h1; then
    start_nginx nginx-h1 'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";' "$UP1"
    start_haproxy haproxy-h1 "$UP1" ''
    start_envoy envoy-h1 "$UP1" h1
    start_outrider outrider-h1 "$UP1" Http1
    for round in $(seq $((ROUNDS + 2))); do
        for name in nginx-h1 haproxy-h1 envoy-h1 outrider-h1; do
            [ -n "${PORT_[$name]:-}" ] || continue
            measure "$name" wide -c 32 -m 10 "http://127.0.0.1:${PORT_[$name]}/"
            measure "$name" deep -c 1 -m 100 "http://127.0.0.1:${PORT_[$name]}/"
        done
        say "HTTP/2 to HTTP/1, round $round"
    done
    table wide 'HTTP/2 to HTTP/1, 32 connections of 10 streams' haproxy-h1 1.05 nginx-h1 haproxy-h1 envoy-h1 outrider-h1
    table deep 'HTTP/2 to HTTP/1, 1 connection of 100 streams' haproxy-h1 1.05 nginx-h1 haproxy-h1 envoy-h1 outrider-h1
fi

if wanted h2; then
    start_haproxy haproxy-h2 "$UP2" h2
    start_envoy envoy-h2 "$UP2" h2
    start_outrider outrider-h2 "$UP2" Http2
    for round in $(seq $((ROUNDS + 2))); do
        for name in haproxy-h2 envoy-h2 outrider-h2; do
            [ -n "${PORT_[$name]:-}" ] || continue
            measure "$name" wide2 -c 32 -m 10 "http://127.0.0.1:${PORT_[$name]}/"
            measure "$name" deep2 -c 1 -m 100 "http://127.0.0.1:${PORT_[$name]}/"
        done
        say "HTTP/2 to HTTP/2, round $round"
    done
    table wide2 'HTTP/2 to HTTP/2, 32 connections of 10 streams' haproxy-h2 1.05 haproxy-h2 envoy-h2 outrider-h2
    table deep2 'HTTP/2 to HTTP/2, 1 connection of 100 streams' haproxy-h2 1.05 haproxy-h2 envoy-h2 outrider-h2
fi

if wanted grpc; then
    dotnet build samples/grpc/service -c Release -v q --nologo >"$LAB/build.log" 2>&1 || die "the gRPC service does not build: $(grep -m1 error "$LAB/build.log")"
    free_port; SERVICE=$REPLY
    spawn service dotnet samples/grpc/service/bin/Release/net10.0/grpc-service.dll "$SERVICE"
    await_port "$SERVICE" "$SPAWNED" 20 || die "the gRPC service does not start: $(tail -1 "$LAB/service.log")"
    # A message of 9 bytes: field 1, "outride"; the answer has 16, "hello, outride" with its field.
    printf '\0\0\0\0\011\012\007outride' >"$LAB/call"
    start_nginx nginx-grpc 'grpc_pass grpc://up;' "$SERVICE"
    start_haproxy haproxy-grpc "$SERVICE" h2
    start_envoy envoy-grpc "$SERVICE" h2
    start_outrider outrider-grpc "$SERVICE" Http2
    for round in $(seq $((ROUNDS + 2))); do
        for name in nginx-grpc haproxy-grpc envoy-grpc outrider-grpc; do
            [ -n "${PORT_[$name]:-}" ] || continue
            measure "$name" grpc -c 32 -m 10 -d "$LAB/call" -H 'content-type: application/grpc' -H 'te: trailers' "http://127.0.0.1:${PORT_[$name]}/greeter.Greeter/Greet"
        done
        say "gRPC, round $round"
    done
    table grpc 'gRPC, unary, 16 bytes back, 32 connections of 10 streams' envoy-grpc 0.5 nginx-grpc haproxy-grpc envoy-grpc outrider-grpc
fi

exit "$STATUS"
