#!/usr/bin/env bash
# What a call to a plugin in another process costs: see bench/README.md. Exits 1 when a target is missed, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh

usage() {
    cat <<'U'
usage: bench/plugins.sh [--rounds N] [--seconds S] [--jit]
  --rounds N    rounds; the median counts (default 5)
  --seconds S   length of one measurement (default 3)
  --jit         the plugin as dotnet build makes it, instead of published with NativeAOT
U
}

ROUNDS=5 SECONDS_EACH=3 JIT=no
MOST_P50=80 LEAST_CALLS=25000
while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --seconds) [ $# -ge 2 ] || die "$1 wants a value" ;;&
        --rounds) ROUNDS=$2; shift 2 ;;
        --seconds) SECONDS_EACH=$2; shift 2 ;;
        --jit) JIT=yes; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || die "--rounds wants a number, not $ROUNDS"
[[ $SECONDS_EACH =~ ^[1-9][0-9]*$ ]] || die "--seconds wants a number, not $SECONDS_EACH"
command -v dotnet >/dev/null || die 'needs the .NET 10 SDK'

# build COMMAND...: quietly, unless it fails.
build() { "$@" >"$LAB/build.log" 2>&1 || { grep -m3 error "$LAB/build.log" >&2 || tail -3 "$LAB/build.log" >&2; return 1; }; }

say 'building'
build dotnet build bench/plugin-calls -c Release -v quiet --nologo || die 'the bench does not build'
checker=samples/subprocess-filter/checker-csharp
if [ "$JIT" = no ] && build dotnet publish "$checker" -c Release -o "$LAB/checker" -v quiet --nologo; then
    kind='NativeAOT'
else
    build dotnet build "$checker" -c Release -f net10.0 -o "$LAB/checker" -v quiet --nologo || die 'the plugin does not build'
    kind='JIT, net10.0'
fi
echo '{ "X-Header-3": "a value of some thirty bytes, 3" }' >"$LAB/checkconf.json"

for ((round = 1; round <= ROUNDS; round++)); do
    say "round $round of $ROUNDS"
    # The first generation as ./outrider sets it.
    DOTNET_GCgen0size=400000 dotnet bench/plugin-calls/bin/Release/net10.0/Outrider.Bench.PluginCalls.dll \
        "$LAB/checker" checker "$SECONDS_EACH" -c "$LAB/checkconf.json" >>"$LAB/calls" 2>"$LAB/calls.log" || die "$(tail -1 "$LAB/calls.log")"
done

# median IN_FLIGHT FIELD
median() { grep "^in_flight=$1 " "$LAB/calls" | tr ' ' '\n' | sed -n "s|^$2=||p" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

p50=$(median 1 p50_us)
rate=$(median 64 calls/s)
cat <<M
$(nproc) cores, $(uname -m); one plugin in C# ($kind), Unix socket, 16 headers and 1 KiB there, a status back; median of $ROUNDS rounds of $SECONDS_EACH s.

| in flight | calls/s | p50 µs | p99 µs | target |
|---|---|---|---|---|
| 1 | $(median 1 calls/s) | $p50 | $(median 1 p99_us) | p50 < $MOST_P50: $([ "$p50" -lt $MOST_P50 ] && echo PASS || echo FAIL) |
| 64 | $rate | $(median 64 p50_us) | $(median 64 p99_us) | ≥ $LEAST_CALLS calls/s: $([ "$rate" -ge $LEAST_CALLS ] && echo PASS || echo FAIL) |
M
[ "$p50" -lt $MOST_P50 ] && [ "$rate" -ge $LEAST_CALLS ] || exit 1
