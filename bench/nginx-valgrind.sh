#!/usr/bin/env bash
# The nginx at hand, as it is installed, under valgrind with a C# module: start, requests, reload, stop.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/nginx-valgrind.sh
  Publishes two C# filters (bench/modules/bench-filters), builds our module for the nginx at hand, and runs both under valgrind: 200 requests, a reload, 100 requests, stop.
  About a minute, and the builds. Needs nginx with nginx-dev, gcc, valgrind, curl.
  Exits 0 when valgrind had nothing to say of master, workers and the children that check, 1 with what it said, 2 when it could not run.
TEXT
}

case ${1:-} in '') ;; --help) usage; exit 0 ;; *) usage >&2; exit 2 ;; esac

PATH=$PATH:/usr/sbin
. "$(dirname "$(readlink -f "$0")")/lib/lab.sh"
cd "$BENCH/.."
need nginx valgrind curl
say 'building the modules'
chmod 755 "$LAB"
dotnet publish bench/modules/bench-filters -c Release -o "$LAB/publish" >"$LAB/publish.log" 2>&1 || die "publish: $(grep -m1 error "$LAB/publish.log")"
./outrider nginx build --out "$LAB" >"$LAB/build.log" 2>&1 || die "$(tail -1 "$LAB/build.log")"
free_port; PORT=$REPLY
cat >"$LAB/nginx.conf" <<CONF
load_module $LAB/ngx_http_outrider_module.so;
daemon off; worker_processes 2; pid $LAB/pid; error_log $LAB/error.log info; worker_shutdown_timeout 5s;
$([ "$(id -u)" != 0 ] || echo 'user root;')
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $LAB/t1; proxy_temp_path $LAB/t2; fastcgi_temp_path $LAB/t3; uwsgi_temp_path $LAB/t4; scgi_temp_path $LAB/t5;
  outrider_module b $LAB/publish/libbench_filters.so;
  server { listen 127.0.0.1:$PORT; location / { outrider_filter b header; return 200 hello; } location /noop { outrider_filter b noop; return 404; } }
}
CONF

valgrind -q --trace-children=yes --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions="$LIB/nginx.supp" \
    --log-file="$LAB/said.%p" nginx -p "$LAB" -c "$LAB/nginx.conf" -e "$LAB/error.log" 2>"$LAB/stderr" &
MASTER=$!
PIDS+=("$MASTER")
await_port "$PORT" "$MASTER" 120 || die "nginx does not start: $(tail -1 "$LAB/stderr")"

# ask N: so many requests through each filter.
ask() {
    local wrong
    wrong=$(for _ in $(seq "$1"); do
        curl -s -m 30 -o /dev/null -w '%{http_code} %header{x-response-side}\n' "http://127.0.0.1:$PORT/"
        curl -s -m 30 -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$PORT/noop"
    done | sort | uniq -c | tr -s ' ' | sort | tr '\n' ';')
    [ "$wrong" = " $1 200 outrider; $1 404;" ] || die "answers: $wrong"
}

ask 100
kill -HUP "$MASTER"
for _ in $(seq 600); do [ "$(grep -c 'worker process [0-9]* exited with code 0' "$LAB/error.log")" -ge 2 ] && break; sleep 0.1; done
ask 50
kill -QUIT "$MASTER"
status=0
wait "$MASTER" || status=$?
PIDS=()

said=$(cat "$LAB"/said.*)
alerts=$(grep -E '\[(alert|crit|emerg)\]|exited on signal|exited with code [1-9]' "$LAB/error.log" || true)
ended=$(grep -c 'worker process [0-9]* exited with code 0' "$LAB/error.log")
if [ -n "$said$alerts" ] || [ "$status" != 0 ] || [ "$ended" -lt 4 ]; then
    printf '%s\n%s\n' "$alerts" "$said" | head -120
    echo "FAIL: nginx ended with $status, $ended workers by themselves"
    exit 1
fi
echo 'PASS: start, 300 requests, a reload, stop: valgrind has nothing to say'
