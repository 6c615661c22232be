#!/usr/bin/env bash
# What the C part does with memory: an nginx that allocates each piece by itself, under AddressSanitizer or valgrind, with clients that go away.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/nginx-memory.sh --nginx-source DIR [--requests N] [--valgrind]
  Builds nginx from its whole source with our module linked in and with NGX_DEBUG_PALLOC (its pools hide errors otherwise), and runs a module in C
  with nine chains of filters: requests with aborting clients, two reloads on the way, stop. By default under AddressSanitizer and its search for leaks
  (20,000 requests, about 3 minutes); --valgrind does it under valgrind (2,000).
  The source: Debian's, by "apt-get source nginx" with a deb-src line, or any other from 1.21.2 on.
  Exits 0 when nothing was found and both workers ended by themselves, 1 with what was found, 2 when it could not run.
TEXT
}

SOURCE='' REQUESTS='' VALGRIND=''
while [ $# -gt 0 ]; do
    case $1 in
        --nginx-source) SOURCE=$2; shift 2 ;;
        --requests) REQUESTS=$2; shift 2 ;;
        --valgrind) VALGRIND=1; shift ;;
        --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
[ -f "$SOURCE/src/core/ngx_palloc.c" ] || die "--nginx-source names no whole source of nginx (Debian's nginx-dev has headers alone)"
need gcc make python3
[ -z "$VALGRIND" ] || need valgrind
: "${REQUESTS:=$([ -n "$VALGRIND" ] && echo 2000 || echo 20000)}"

say 'building nginx'
cp -r "$SOURCE" "$LAB/nginx"
OPTIONS='-g -O1 -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1' LINK='-Wl,-E'
[ -n "$VALGRIND" ] || { OPTIONS+=' -fsanitize=address'; LINK+=' -fsanitize=address'; }
(cd "$LAB/nginx" && sh "$([ -f configure ] && echo configure || echo auto/configure)" --prefix="$LAB" --with-http_ssl_module --with-http_v2_module \
    --add-module="$BENCH/../src/Outrider.Nginx" --with-cc-opt="$OPTIONS" --with-ld-opt="$LINK" && make -j2) >"$LAB/make.log" 2>&1 || die "$(grep -m1 -iE 'error' "$LAB/make.log")"
gcc -shared -fPIC -O1 -g -pthread -o "$LAB/every.so" tests/Outrider.Tests/Modules/Sources/every.c

free_port; UP=$REPLY
free_port; PORT=$REPLY
location() { printf 'location %s { ' "$1"; shift; for f in "$@"; do printf 'outrider_filter every %s; ' "$f"; done; echo 'proxy_pass http://up; }'; }
cat >"$LAB/nginx.conf" <<CONF
daemon off; worker_processes 2; pid $LAB/pid; error_log $LAB/error.log info; worker_shutdown_timeout 5s;
$([ "$(id -u)" != 0 ] || echo 'user root;')
events { worker_connections 1000; }
http {
  access_log off; client_max_body_size 10m; proxy_http_version 1.1; proxy_set_header Connection "";
  client_body_temp_path $LAB/t1; proxy_temp_path $LAB/t2; fastcgi_temp_path $LAB/t3; uwsgi_temp_path $LAB/t4; scgi_temp_path $LAB/t5;
  outrider_module every $LAB/every.so;
  upstream up { server 127.0.0.1:$UP; keepalive 8; }
  server { listen 127.0.0.1:$UP; location / { return 200 "some words of an upstream"; } }
  server {
    listen 127.0.0.1:$PORT;
    $(location /a headers pieces upper-response)
    $(location /b wait upper wait-response)
    $(location /c wait-stop wait-body upper-response)
    $(location /d callout wait-reply)
    $(location /e stream headers)
    $(location /g metrics set-metadata late-reply)
    $(location /h wait-reset)
    $(location /i route)
    location /f { outrider_filter every wait; error_page 404 = @named; return 404; }
    location @named { outrider_filter every upper; proxy_pass http://up; }
    location /other { outrider_filter every wait-response; return 200 other; }
    location /metrics { outrider_metrics; }
  }
}
CONF

RUN=()
if [ -n "$VALGRIND" ]; then
    RUN=(valgrind -q --trace-children=yes --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions="$LIB/nginx.supp" --log-file="$LAB/found.%p")
else
    export ASAN_OPTIONS="log_path=$LAB/found:detect_leaks=1:detect_stack_use_after_return=1"
    export LSAN_OPTIONS="suppressions=$LIB/nginx-lsan.supp:print_suppressions=0"
fi

"${RUN[@]}" "$LAB/nginx/objs/nginx" -p "$LAB" -c "$LAB/nginx.conf" -e "$LAB/error.log" 2>"$LAB/stderr" &
MASTER=$!
PIDS+=("$MASTER")
await_port "$PORT" "$MASTER" 60 || die "nginx does not start: $(tail -1 "$LAB/stderr" "$LAB/error.log")"

answered=0
for part in 1 2 3; do
    say "part $part of 3"
    answered=$((answered + $(timeout 500 python3 "$LIB/abort.py" "$PORT" $((REQUESTS / 3)) 12 /a /b /c /d /e /f /g /h /i /metrics)))
    if [ "$part" -lt 3 ]; then
        kill -HUP "$MASTER"
        for _ in $(seq 300); do [ "$(grep -c 'start worker process ' "$LAB/error.log")" -ge $((2 * part + 2)) ] && break; sleep 0.1; done
    fi
done
kill -QUIT "$MASTER"
status=0
wait "$MASTER" || status=$?
PIDS=()

find "$LAB" -name 'found*' -size 0 -delete
found=$(cat "$LAB"/found* 2>/dev/null || true)
alerts=$(grep -E '\[(alert|crit|emerg)\]|exited on signal|exited with code [1-9]' "$LAB/error.log" || true)
if [ -n "$found$alerts" ] || [ "$status" != 0 ] || [ "$answered" = 0 ]; then
    printf '%s\n%s\n' "$alerts" "$found" | head -120
    echo "FAIL: nginx ended with $status, $answered requests were answered to their end"
    exit 1
fi
echo "PASS: $REQUESTS requests, $answered of them to their end, two reloads, stop: nothing was found"
