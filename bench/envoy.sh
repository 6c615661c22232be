#!/usr/bin/env bash
# What a filter costs inside a stock Envoy: CPU per request of Envoy alone, with our modules, with Lua and with C doing the same.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/envoy.sh [--quick] [--starts N] [--rounds N] [--seconds N] [--connections N]
  ENVOY_BIN names the Envoy, otherwise the one on the PATH is taken. Needs gcc, nginx and wrk.
  --quick is 1 start with 2 rounds: shows that it works, proves nothing.
  Prints a table in Markdown; exits 0 when the targets hold, 1 when one does not, 2 when the bench could not run.
TEXT
}

# .NET compiles what runs often once more, with what it has seen of it: that has to be over.
STARTS=5 ROUNDS=11 SECONDS_EACH=1 WARM=4 CONNECTIONS=32
while [ $# -gt 0 ]; do
    case $1 in
        --quick) STARTS=1 ROUNDS=2; shift ;;
        --starts) STARTS=$2; shift 2 ;;
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --connections) CONNECTIONS=$2; shift 2 ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
need_envoy
command -v gcc >/dev/null || die 'no gcc: apt-get install gcc libc6-dev'
need nginx wrk python3

say 'building the modules'
mkdir -p "$LAB/modules"
for project in bench/modules/bench-filters samples/envoy-token samples/envoy-remote-basic-auth; do
    dotnet publish "$project" -c Release -o "$LAB/publish" >"$LAB/publish.log" 2>&1 || die "publish of $project: $(grep -m1 error "$LAB/publish.log")"
    mv "$LAB"/publish/lib*.so "$LAB/modules/"
done
gcc -O2 -shared -fPIC -o "$LAB/modules/libbench_c.so" bench/modules/header.c
# The same source as an ordinary assembly, and the module that starts .NET for it.
./outrider envoy module --out "$LAB/modules" >"$LAB/module.log" 2>&1 || die "outrider envoy module: $(tail -1 "$LAB/module.log")"
dotnet build bench/modules/bench-filters -c Release -o "$LAB/filters" >"$LAB/build.log" 2>&1 || die "build of bench-filters: $(grep -m1 error "$LAB/build.log")"
HOSTED="{ \"@type\": type.googleapis.com/google.protobuf.Struct, value: { assembly: $(ls "$LAB"/filters/bench?filters.dll) } }"

# Envoy has a core of its own, so that what it costs does not depend on who else was there; the two peers share the rest.
OWN=() REST=()
if [ "$(nproc)" -gt 1 ]; then OWN=(taskset -c 0) REST=(taskset -c "1-$(($(nproc) - 1))"); fi

free_port; UP=$REPLY
fill "$BENCH/peers/upstream.conf" "DIR=$LAB" "PORT=$UP" FILES=20000 SINK=1 >"$LAB/upstream.conf"
spawn upstream "${REST[@]}" nginx -c "$LAB/upstream.conf" -p "$LAB"
await_port "$UP" "$SPAWNED" 10 || die "the upstream does not start: $(tail -1 "$LAB/upstream.log")"

module() {
    echo "{ name: m, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter, dynamic_module_config: { name: $1 }, filter_name: $2${3:+, filter_config: $3} } }"
}
lua() {
    cat <<'TEXT'
{ name: l, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: { inline_string: 'function envoy_on_request(h) h:headers():replace("x-request-side", "outrider") end function envoy_on_response(h) h:headers():replace("x-response-side", "outrider") end' } } }
TEXT
}

# What each listener, or each process, has for a filter.
NAMES=(alone noop header hosted c lua)
declare -A FILTER=([alone]='' [noop]=$(module bench_filters noop) [header]=$(module bench_filters header) [hosted]=$(module outrider header "$HOSTED") [c]=$(module bench_c header) [lua]=$(lua))
declare -A PORT_ READY_ RESIDENT_
export ENVOY_DYNAMIC_MODULES_SEARCH_PATH=$LAB/modules
ID=$((RANDOM % 2000 + 3000))

# configuration FILE NAME...: an Envoy with one listener for each name.
configuration() {
    local file=$1 name
    shift
    fill "$BENCH/peers/envoy.yaml" HOST=127.0.0.1 LOG= PORT=0 "UPSTREAM=$UP" 'ROUTE=route: { cluster: up, timeout: 0s }' >"$LAB/one.yaml"
    {
        sed '/^  - name: in$/,$d' "$LAB/one.yaml"
        for name in "$@"; do
            free_port
            PORT_[$name]=$REPLY
            sed -n '/^  - name: in$/,/^  clusters:/{/^  clusters:/!p}' "$LAB/one.yaml" | sed "s/name: in$/name: $name/; s/port_value: 0/port_value: $REPLY/" |
                awk -v filter="${FILTER[$name]}" '{ print } /http_filters:/ && filter != "" { print "          - " filter }'
        done
        sed -n '/^  clusters:/,$p' "$LAB/one.yaml"
    } >"$file"
}

# start FILE NAME...: an Envoy with one worker and a listener for each name, ready when the last one answers: READY milliseconds after its start.
start() {
    local file=$LAB/$2.yaml began name
    shift
    configuration "$file" "$@"
    ID=$((ID + 1))
    began=$(date +%s%N)
    spawn "$1" "${OWN[@]}" "$ENVOY" -c "$file" --base-id "$ID" --concurrency 1 -l error
    for name in "$@"; do
        for _ in $(seq 2000); do
            curl -s -o /dev/null "http://127.0.0.1:${PORT_[$name]}/" && break
            kill -0 "$SPAWNED" 2>/dev/null || die "$name does not start: $(tail -2 "$LAB/$1.log")"
            sleep 0.005
        done
    done
    READY=$((($(date +%s%N) - began) / 1000000))
}
stop() { kill "$1"; wait "$1" 2>/dev/null || true; }

# CPU nanoseconds of all threads of a process.
cpu() { cat "/proc/$1"/task/*/schedstat 2>/dev/null | awk '{ t += $1 } END { printf "%.0f", t }'; }
# measure NAME SECONDS: one run; CPU microseconds per request of the Envoy to the file of that name.
measure() {
    local before after requests out
    before=$(cpu "$SPAWNED")
    out=$("${REST[@]}" wrk -t1 -c"$CONNECTIONS" -d"$2" "http://127.0.0.1:${PORT_[$1]}/")
    after=$(cpu "$SPAWNED")
    grep -q 'Non-2xx\|Socket errors' <<<"$out" && die "$1 fails under load: $out"
    requests=$(awk '/requests in/ { print $1 }' <<<"$out")
    awk -v t=$((after - before)) -v n="$requests" 'BEGIN { printf "%.3f\n", t / 1e3 / n }' >>"$LAB/us.$1"
}
median() { sort -n "$LAB/us.$1" | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

# How soon each answers, and what it takes: an Envoy for each.
for name in "${NAMES[@]}"; do
    start one "$name"
    READY_[$name]=$READY RESIDENT_[$name]=$(awk '/VmRSS/ { print $2 }' "/proc/$SPAWNED/status")
    stop "$SPAWNED"
done

# What a request costs: one Envoy with a listener for each. A process keeps the addresses that it began with, and with them the luck of its caches, some
# µs either way: what is compared is in one process, and each is started anew several times.
for generation in $(seq "$STARTS"); do
    say "start $generation of $STARTS"
    start all "${NAMES[@]}"
    for name in "${NAMES[@]}"; do
        cp "$LAB/us.$name" "$LAB/kept" 2>/dev/null || : >"$LAB/kept"
        measure "$name" "$WARM"
        mv "$LAB/kept" "$LAB/us.$name"
    done
    for round in $(seq "$ROUNDS"); do
        for i in $(seq 0 $((${#NAMES[@]} - 1))); do measure "${NAMES[$(((i + round) % ${#NAMES[@]}))]}" "$SECONDS_EACH"; done
    done
    stop "$SPAWNED"
done

printf 'CPU of Envoy per request, %s connections, one worker, a listener for each in one process; medians of %s starts with %s interleaved rounds of %s s.\n\n' "$CONNECTIONS" "$STARTS" "$ROUNDS" "$SECONDS_EACH"
printf '| filter | µs/request | more than alone | to Lua | start to first answer | resident |\n| --- | --- | --- | --- | --- | --- |\n'
# pair A B: by how much A costs more than B, of the runs of one round: the median, and between what the median lies with 95 % (order statistics).
pair() {
    paste "$LAB/us.$1" "$LAB/us.$2" | awk '{ print $1 - $2 }' | sort -n | awk '{ d[NR] = $1 }
        END { n = NR; k = int(n / 2 - 0.98 * sqrt(n)); if (k < 1) k = 1; m = n % 2 ? d[(n + 1) / 2] : (d[n / 2] + d[n / 2 + 1]) / 2; printf "%.2f %.2f %.2f", m, d[k], d[n + 1 - k] }'
}
# over NAME: by how much it costs more than no filter.
over() { read -r m _ <<<"$(pair "$1" alone)"; echo "$m"; }
declare -A WHAT=([alone]='none' [noop]='C#, does nothing' [header]='C# (NativeAOT), sets two headers' [hosted]='C# (hosted .dll), sets two headers' [c]='C, sets two headers' [lua]='Lua, sets two headers')
for name in "${NAMES[@]}"; do
    awk -v what="${WHAT[$name]}" -v us="$(median "$name")" -v d="$(over "$name")" -v lua="$(over lua)" -v ms="${READY_[$name]}" -v kb="${RESIDENT_[$name]}" -v ms0="${READY_[alone]}" -v kb0="${RESIDENT_[alone]}" \
        'BEGIN { printf "| %s | %.1f | %+.1f | %s | %d ms (%+d) | %.1f MB (%+.1f) |\n", what, us, d, (lua > 0 ? sprintf("%.2f", d / lua) : "-"), ms, ms - ms0, kb / 1024, (kb - kb0) / 1024 }'
done
echo
for library in "$LAB"/modules/*.so; do printf '%s %s MB\n' "$(basename "$library")" "$(awk -v b="$(stat -c %s "$library")" 'BEGIN { printf "%.2f", b / 1e6 }')"; done
echo

pairs() { read -r m low high <<<"$(pair "$1" "$2")"; printf '%s − %s: %+.1f µs (%+.1f … %+.1f)\n' "${WHAT[$1]}" "${WHAT[$2]}" "$m" "$low" "$high"; }
pairs hosted c
pairs header c
pairs c alone
pairs lua alone
echo

status=0
verdict() { if awk "BEGIN { exit !($2) }"; then echo "PASS $1"; else echo "FAIL $1"; status=1; fi; }
verdict 'as NativeAOT it adds at most half of what Lua adds' "$(over header) <= $(over lua) / 2"
read -r overc _ _ <<<"$(pair header c)"
verdict 'as NativeAOT it adds at most 3 µs to what C adds' "$overc <= 3"
read -r overc _ _ <<<"$(pair hosted c)"
verdict 'hosted it adds at most 1 µs to what C adds' "$overc <= 1"
verdict 'hosted it adds at most half of what Lua adds' "$(over hosted) <= $(over lua) / 2"
verdict 'a simple module is smaller than 3 MB' "$(stat -c %s "$LAB/modules/libbench_filters.so") < 3000000 && $(stat -c %s "$LAB/modules/libenvoy_token.so") < 3000000"
verdict 'a module with HttpClient is smaller than 8 MB' "$(stat -c %s "$LAB/modules/libenvoy_remote_basic_auth.so") < 8000000"
verdict 'a module adds at most 50 ms to the first answer' "${READY_[noop]} - ${READY_[alone]} <= 50"
exit "$status"
