#!/usr/bin/env bash
# What a filter costs inside a stock nginx: CPU per request of nginx alone, with C# filters, with C and with Lua doing the same.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/nginx.sh [--rounds N] [--seconds N] [--connections N]
  Needs nginx with nginx-dev, gcc, wrk, and libnginx-mod-http-lua for the comparison.
  Prints a table in Markdown; exits 0 when the targets hold, 1 when one does not, 2 when the bench could not run.
TEXT
}

ROUNDS=9 SECONDS_EACH=2 CONNECTIONS=32
while [ $# -gt 0 ]; do
    case $1 in
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

PATH=$PATH:/usr/sbin
. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
need nginx wrk
command -v gcc >/dev/null || die 'no gcc: apt-get install gcc libc6-dev make'
LUA=/usr/lib/nginx/modules/ngx_http_lua_module.so
[ -e "$LUA" ] || die 'no Lua in nginx: apt-get install libnginx-mod-http-lua'

say 'building the modules'
chmod 755 "$LAB"
for project in bench/modules/bench-filters samples/envoy-token; do
    dotnet publish "$project" -c Release -o "$LAB/publish" >"$LAB/publish.log" 2>&1 || die "publish of $project: $(grep -m1 error "$LAB/publish.log")"
    mv "$LAB"/publish/lib*.so "$LAB/"
done
gcc -O2 -shared -fPIC -o "$LAB/libbench_c.so" bench/modules/header.c
./outrider nginx build --out "$LAB" >"$LAB/build.log" 2>&1 || die "$(tail -1 "$LAB/build.log")"
chmod a+rx "$LAB"/*.so

# The worker has a core of its own; the client has the rest.
AFFINITY='' REST=()
if [ "$(nproc)" -gt 1 ]; then AFFINITY="worker_cpu_affinity 01;" REST=(taskset -c "1-$(($(nproc) - 1))"); fi

# start NAME MODULES DIRECTIVES LOCATION: nginx with one worker that answers by itself; the worker's process in PID_.
declare -A PORT_ PID_
start() {
    free_port
    cat >"$LAB/$1.conf" <<X
$2
daemon off; worker_processes 1; $AFFINITY pid $LAB/$1.pid; error_log $LAB/$1.err;
events { worker_connections 512; }
http { access_log off; client_body_temp_path $LAB/t; proxy_temp_path $LAB/t; fastcgi_temp_path $LAB/t; uwsgi_temp_path $LAB/t; scgi_temp_path $LAB/t;
keepalive_requests 100000000; $3 server { listen 127.0.0.1:$REPLY; location / { $4 return 200 "hello\n"; } } }
X
    spawn "$1" nginx -c "$LAB/$1.conf" -p "$LAB" -e "$LAB/$1.err"
    await_port "$REPLY" "$SPAWNED" 20 || die "$1 does not start: $(tail -1 "$LAB/$1.err")"
    PORT_[$1]=$REPLY PID_[$1]=$(pgrep -P "$SPAWNED" | head -1)
}

OURS="load_module $LAB/ngx_http_outrider_module.so;"
start alone '' '' ''
start loaded "$OURS" "outrider_module b $LAB/libbench_filters.so;" ''
start noop "$OURS" "outrider_module b $LAB/libbench_filters.so;" 'outrider_filter b noop;'
start header "$OURS" "outrider_module b $LAB/libbench_filters.so;" 'outrider_filter b header;'
start token "$OURS" "outrider_module t $LAB/libenvoy_token.so;" "outrider_filter t example-1 '{\"secret\":\"secret\"}';"
start c "$OURS" "outrider_module c $LAB/libbench_c.so;" 'outrider_filter c header;'
start lua "load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module $LUA;" '' \
    'rewrite_by_lua_block { ngx.req.set_header("x-request-side", "outrider") } header_filter_by_lua_block { ngx.header["x-response-side"] = "outrider" }'
NAMES=(alone loaded noop header token c lua)

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# run NAME SECONDS: microseconds of the worker for each request, in REPLY.
run() {
    local before after count
    before=$(ticks "${PID_[$1]}")
    "${REST[@]}" wrk -t1 -c"$CONNECTIONS" -d"$2s" -H 'token: c64319d06364528120a9f96af62ea83d' "http://127.0.0.1:${PORT_[$1]}/" >"$LAB/wrk"
    after=$(ticks "${PID_[$1]}")
    grep -qE 'Non-2xx|Socket errors' "$LAB/wrk" && die "$1: $(grep -E 'Non-2xx|Socket errors' "$LAB/wrk")"
    count=$(awk '/requests in/ { print $1 }' "$LAB/wrk")
    REPLY=$(awk -v t="$((after - before))" -v n="$count" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.3f", t * 1e6 / hz / n }')
}

for name in "${NAMES[@]}"; do run "$name" 1; done
for ((round = 0; round < ROUNDS; round++)); do
    say "round $((round + 1)) of $ROUNDS"
    for ((i = 0; i < ${#NAMES[@]}; i++)); do
        name=${NAMES[$(((i + round) % ${#NAMES[@]}))]}
        run "$name" "$SECONDS_EACH"
        echo "$REPLY" >>"$LAB/$name.us"
    done
done

# The median of the differences within a round: the machine's mood of that round is in both.
added() { paste "$LAB/alone.us" "$LAB/$1.us" | awk '{ print $2 - $1 }' | sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'; }
median() { sort -n "$LAB/$1.us" | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'; }

echo '| in nginx | CPU µs a request | added |'
echo '|---|---|---|'
declare -A TEXT=([alone]='nothing' [loaded]='our module, no filter' [noop]='C# no-op' [header]='C#, two headers' [token]='C# token (MD5)' [c]='C, two headers' [lua]='Lua, two headers')
for name in "${NAMES[@]}"; do echo "| ${TEXT[$name]} | $(median "$name") | $(added "$name") |"; done
echo

verdict=0
target() { if awk "BEGIN { exit !($2) }"; then echo "PASS $1"; else echo "FAIL $1"; verdict=1; fi; }
target "no-op at most 1.5 µs: $(added noop)" "$(added noop) <= 1.5"
target "two headers at most half of Lua's: $(added header) of $(added lua)" "$(added header) <= $(added lua) / 2"
exit "$verdict"
