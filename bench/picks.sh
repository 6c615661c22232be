#!/usr/bin/env bash
# What it takes to pick a host among ten and among ten thousand, and to find a subset of ten hosts and of ten thousand in a hundred subsets: see bench/README.md. Exits 1 when a target is missed, 2 when it cannot run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source-path=SCRIPTDIR source=lib/lab.sh
. bench/lib/lab.sh

usage() {
    cat <<'U'
usage: bench/picks.sh [--rounds N] [--milliseconds N]
  --rounds N         rounds; the median counts (default 9)
  --milliseconds N   length of a round (default 100)
U
}

ROUNDS=9 LENGTH=100
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
dotnet build bench/picks -c Release -v quiet --nologo >"$LAB/build.log" 2>&1 || { grep -m3 error "$LAB/build.log" >&2 || true; die 'the bench does not build'; }
say 'measuring'
dotnet bench/picks/bin/Release/net10.0/Outrider.Bench.Picks.dll "$LENGTH" "$ROUNDS" >"$LAB/times" 2>"$LAB/times.log" || die "$(tail -1 "$LAB/times.log")"

cat <<M
$(nproc) cores, $(uname -m); weights of 1 to 10, no network; median of $ROUNDS rounds of $LENGTH ms.

| balancer | ns, 10 hosts | ns, 10,000 hosts | ratio | bytes allocated | target |
|---|---|---|---|---|---|
M
missed=0
while read -r name few many bytes; do
    ratio=$(awk -v a="$few" -v b="$many" 'BEGIN { printf "%.2f", b / a }')
    verdict=PASS
    if awk -v r="$ratio" 'BEGIN { exit r <= 2 }' || [ "$bytes" != 0.000 ]; then
        verdict=FAIL missed=1
    fi
    echo "| ${name} | $few | $many | $ratio | $bytes | at most 2, 0 bytes: $verdict |"
done <"$LAB/times"
exit $missed
