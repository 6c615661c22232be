#!/usr/bin/env bash
# Everything a fresh Debian with the .NET 10 SDK needs, then every test. The last line is "N passed, N failed".
set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1

command -v dotnet >/dev/null || { echo "test.sh: needs the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2; exit 1; }

# Real peers for the tests that want one. Without them those tests are skipped, and say so.
packages=()
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages+=(nginx-light)
command -v curl >/dev/null || packages+=(curl)
command -v openssl >/dev/null || packages+=(openssl)
# Plugins in other languages.
[ -e /usr/lib/python3/dist-packages/grpc/__init__.py ] || packages+=(python3-grpcio)
[ -x /usr/bin/javac ] || packages+=(default-jdk-headless)
for jar in grpc-netty:libgrpc-java netty-codec-http2:libnetty-java perfmark-api:libperfmark-java protobuf:libprotobuf-java guava:libguava-java gson:libgoogle-gson-java; do
  [ -e "/usr/share/java/${jar%%:*}.jar" ] || packages+=("${jar#*:}")
done
# What turns a filter into a module for Envoy: a linker for NativeAOT, and a compiler for modules in C.
# Our module for nginx is built against nginx's own headers.
[ -e /usr/share/nginx/src/src/core/nginx.h ] || packages+=(nginx-dev)
[ -e /usr/include/pcre2.h ] || packages+=(libpcre2-dev)
[ -e /usr/include/zlib.h ] || packages+=(zlib1g-dev)
[ -e /usr/include/openssl/ssl.h ] || packages+=(libssl-dev)
command -v make >/dev/null || packages+=(make)
command -v gcc >/dev/null || command -v clang >/dev/null || packages+=(gcc libc6-dev)
if [ "${#packages[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else as_root=(false); fi
  # --no-install-recommends and no service start: only the programs are wanted.
  if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1; then
    echo "test.sh: missing: ${packages[*]}; as root: apt-get update && apt-get install -y ${packages[*]}" >&2
  fi
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# The program first, by the way that users take: the command line's tests run what it built.
./outrider version || exit 1
dotnet test Outrider.slnx -c Release --nologo --logger "console;verbosity=minimal" --logger "trx" --results-directory "$results"
status=$?

# <Counters total="…" executed="…" passed="…" failed="…" …>; a test that was skipped was not executed.
sum() { cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(sum total) passed=$(sum passed)
failed=$(($(sum failed) + $(sum error) + $(sum timeout) + $(sum aborted)))
skipped=$((total - $(sum executed)))
# A test run that broke off, or never began, is a failure even where no single test is.
if [ "$status" != 0 ] && [ "$failed" = 0 ] || [ "$total" = 0 ]; then failed=$((failed + 1)); fi
line="$passed passed, $failed failed"
[ "$skipped" = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" = 0 ]
