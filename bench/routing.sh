#!/usr/bin/env bash
# What it takes to find a route among many: see bench/README.md. Exits 1 when a target is missed, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh

usage() {
    cat <<'U'
usage: bench/routing.sh [--rounds N] [--milliseconds N]
  --rounds N         rounds; the median counts (default 9)
  --milliseconds N   length of a round (default 300)
U
}

ROUNDS=9 LENGTH=300
MOST_NS=1000
while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --milliseconds) [ $# -ge 2 ] || die "$1 wants a value" ;;&
        --rounds) ROUNDS=$2; shift 2 ;;
        --milliseconds) LENGTH=$2; shift 2 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || die "--rounds wants a number, not $ROUNDS"
[[ $LENGTH =~ ^[1-9][0-9]*$ ]] || die "--milliseconds wants a number, not $LENGTH"
command -v dotnet >/dev/null || die 'needs the .NET 10 SDK'

say 'building'
dotnet build bench/routing -c Release -v quiet --nologo >"$LAB/build.log" 2>&1 || { grep -m3 error "$LAB/build.log" >&2 || true; die 'the bench does not build'; }
say 'measuring'
dotnet bench/routing/bin/Release/net10.0/Outrider.Bench.Routing.dll "$LENGTH" "$ROUNDS" >"$LAB/times" 2>"$LAB/times.log" || die "$(tail -1 "$LAB/times.log")"

cat <<M
$(nproc) cores, $(uname -m); 10,000 virtual hosts, 1,000 routes in one of them, no network; median of $ROUNDS rounds of $LENGTH ms.

| by | ns | bytes allocated | target |
|---|---|---|---|
M
missed=0
while read -r way ns bytes; do
    verdict=PASS
    if [ "$ns" -ge $MOST_NS ] || [ "$bytes" != 0.00 ]; then
        verdict=FAIL missed=1
    fi
    echo "| ${way//_/ } | $ns | $bytes | < $MOST_NS ns, 0 bytes: $verdict |"
done <"$LAB/times"
exit $missed
