#!/usr/bin/env bash
# What a stream costs in a module: our host calls the exports of C# filters that were published as modules, without a network.
# Nanoseconds and bytes (of the host's heap; the module has its own) for each stream.
# Targets: no-op 250 ns, token 1 µs, 0 bytes for those that do not await.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
out=${TMPDIR:-/tmp}/outrider-module-bench
mkdir -p "$out"
export MSBUILDDISABLENODEREUSE=1
dotnet publish module/filters -c Release -o "$out/filters" --nologo -v q
dotnet publish ../samples/envoy-token -c Release -o "$out/token" --nologo -v q
dotnet build module/drive -c Release -o "$out/drive" --nologo -v q
filters=$out/filters/libmodule_filters.so
DOTNET_TieredPGO=1 exec "$out/drive/module-bench" \
  no-op "$filters" no-op '{}' \
  header "$filters" header '{}' \
  token "$(echo "$out"/token/lib*.so)" example-1 '{"secret":"secret"}' \
  async "$filters" async '{}'
