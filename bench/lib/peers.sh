# shellcheck shell=bash
# Starts the upstream and each proxy that is compared, all with one loop (worker, thread) unless told otherwise.
# After lab.sh. PORT, PID and ADMIN say where each runs; PID is the process that serves, or several with commas.

# shellcheck disable=SC2034  # read by the scripts that source this
declare -A PORT=() PID=() ADMIN=()
OUTRIDER_BUILT=''
YARP_BUILT=''

# Every proxy gets this header in each request; the filter of Outrider and MOSN lets only such requests through.
USER_HEADER='User: admin'
DEMO_FILTER='{"type":"demo","config":{"User":"admin"}}'

# available PEER: whether it can be started here.
available() {
    case $1 in
        nginx | haproxy) command -v "$1" >/dev/null ;;
        envoy) [ -x "${ENVOY_BIN:-}" ] ;;
        mosn) [ -x "${MOSN_BIN:-}" ] ;;
        yarp) command -v dotnet >/dev/null ;;
        outrider*) [ -x ./outrider ] ;;
        *) return 1 ;;
    esac
}

version_of() {
    case $1 in
        nginx) nginx -v 2>&1 | sed 's|.*nginx/|nginx |' ;;
        haproxy) haproxy -v | sed -n '1s/HAProxy version \([^ ]*\).*/HAProxy \1/p' ;;
        envoy) "$ENVOY_BIN" --version | sed -n 's|.*version: [^/]*/\([^/]*\)/.*|Envoy \1|p' ;;
        mosn) echo "MOSN ${MOSN_VERSION:-$("$MOSN_BIN" --version 2>/dev/null | sed -n 's/.*mosn version //p')}" ;;
        yarp) echo "YARP $(sed -n 's/.*Yarp.ReverseProxy" Version="\([^"]*\)".*/\1/p' "$BENCH/peers/yarp/yarp.csproj") on .NET $(dotnet --list-runtimes | sed -n 's/Microsoft.AspNetCore.App \([^ ]*\).*/\1/p' | tail -1)" ;;
        outrider) echo "Outrider $(./outrider version 2>/dev/null | sed -n "s/.*: //p") ($(git rev-parse --short HEAD 2>/dev/null || echo '?'))" ;;
        # wrk says its version and exits with 1.
        wrk) { wrk -v 2>&1 || true; } | sed -n '1s/wrk \(debian\/\)\{0,1\}\([^ ]*\).*/wrk \2/p' ;;
    esac
}

start_upstream() {
    mkdir -p "$LAB/files"
    free_port
    UPSTREAM=$REPLY
    fill "$BENCH/peers/upstream.conf" "DIR=$LAB" "PORT=$UPSTREAM" "SINK=${SINK:-9}" "FILES=$(ulimit -n)" >"$LAB/upstream.conf"
    spawn upstream nginx -e "$LAB/upstream.log" -p "$LAB" -c "$LAB/upstream.conf"
    await_port "$UPSTREAM" "$SPAWNED" 10 || die "the upstream does not start: $(tail -2 "$LAB/upstream.log")"
}

# start PEER [LOOPS] [KIND]: KIND is `forward` (to $UPSTREAM; the default), `direct` (answers itself, no upstream),
# `stream` (forward, and where a proxy by default spools bodies to disk, it is told to stream them), `log` (forward, with an
# access log in a file, of each proxy's default format), `ipv6` (forward, listening on ::1) or `cookies` (forward, heads of 20 KiB allowed).
start() {
    local peer=$1 loops=${2:-1} kind=${3:-forward} route filters='' program host=127.0.0.1 log='' limits=''
    [ "$kind" = ipv6 ] && host='[::1]'
    free_port
    local port=$REPLY
    free_port
    local admin=$REPLY
    local common=("DIR=$LAB" "NAME=$peer" "PORT=$port" "ADMIN=$admin" "UPSTREAM=${UPSTREAM:-9}" "LOOPS=$loops" "FILES=$(ulimit -n)")
    common+=("HOST=$host")
    case $peer in
        nginx)
            log=off
            [ "$kind" = log ] && log="$LAB/$peer-access.log combined"
            common+=("LOG=$log")
            route='proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";'
            [ "$kind" = direct ] && route='return 200 "hello world from upstream\n";'
            [ "$kind" = stream ] && route+=' proxy_request_buffering off; proxy_max_temp_file_size 0;'
            fill "$BENCH/peers/nginx.conf" "${common[@]}" "ROUTE=$route" >"$LAB/$peer.conf"
            spawn "$peer" nginx -e "$LAB/$peer.log" -p "$LAB" -c "$LAB/$peer.conf"
            ;;
        haproxy)
            # It writes no files; standard output is one here.
            [ "$kind" = log ] && log=$'log stdout format raw local0\n    option httplog'
            # A buffer has to hold the whole head, and some more.
            [ "$kind" = cookies ] && limits='tune.bufsize 65536'
            common+=("LOG=$log" "LIMITS=$limits")
            route=''
            [ "$kind" = direct ] && route='http-request return status 200 content-type text/plain string "hello world from upstream"'
            fill "$BENCH/peers/haproxy.cfg" "${common[@]}" "ROUTE=$route" >"$LAB/$peer.cfg"
            spawn "$peer" haproxy -db -f "$LAB/$peer.cfg"
            ;;
        envoy)
            # No timeout, as Envoy's default of 15 s would cut a transfer that stalls for its reader's sake.
            route='route: { cluster: up, timeout: 0s }'
            [ "$kind" = log ] && log='access_log: [ { name: file, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: "'$LAB/$peer-access.log'" } } ]'
            common+=("LOG=$log")
            [ "$kind" = direct ] && route='direct_response: { status: 200, body: { inline_string: "hello world from upstream\n" } }'
            fill "$BENCH/peers/envoy.yaml" "HOST=${host//[\[\]]/}" "${common[@]}" "ROUTE=$route" >"$LAB/$peer.yaml"
            spawn "$peer" "$ENVOY_BIN" -c "$LAB/$peer.yaml" --concurrency "$loops" --disable-hot-restart --use-dynamic-base-id --log-level error
            ;;
        yarp)
            build_yarp
            # One thread of the pool for each loop: what the others have.
            spawn "$peer" env DOTNET_PROCESSOR_COUNT="$loops" dotnet "$LAB/yarp/yarp.dll" "$port" "${UPSTREAM:-9}" "$kind" "$LAB/yarp-logs"
            ;;
        mosn | outrider | outrider-bare)
            route='"route": { "cluster_name": "up" }'
            [ "$kind" = direct ] && route='"direct_response": { "status": 200, "body": "hello world from upstream\n" }'
            [ "$peer" = outrider-bare ] || filters=$DEMO_FILTER
            [ "$kind" = log ] && log="\"access_logs\": [ { \"log_path\": \"$LAB/$peer-access.log\" } ],"
            common+=("LOG=$log")
            fill "$BENCH/peers/mosn.json" "${common[@]}" "ROUTE=$route" "FILTERS=$filters" >"$LAB/$peer.json"
            if [ "$peer" = mosn ]; then
                spawn "$peer" env GOMAXPROCS="$loops" "$MOSN_BIN" start -c "$LAB/$peer.json"
            else
                build_outrider
                spawn "$peer" ./outrider start -c "$LAB/$peer.json"
            fi
            ;;
    esac
    program=$SPAWNED
    await_port "$port" "$program" 30 || die "$peer does not start: $(tail -3 "$LAB/$peer.log" | cut -c1-400)"
    PORT[$peer]=$port
    ADMIN[$peer]=$admin
    if [ "$peer" = nginx ]; then
        # The master listens too, but the workers serve.
        sleep 0.3
        PID[$peer]=$(pgrep -d, -P "$program")
    else
        PID[$peer]=$(owner "$port")
        [ "${PID[$peer]}" = "$program" ] || PIDS+=("${PID[$peer]}")
    fi
}

build_yarp() {
    [ -z "$YARP_BUILT" ] || return 0
    timeout 900 dotnet build "$BENCH/peers/yarp/yarp.csproj" -c Release -o "$LAB/yarp" --nologo -v quiet >"$LAB/build.log" 2>&1 || die "YARP does not build: $(grep -m1 error "$LAB/build.log")"
    YARP_BUILT=yes
}

# The launcher builds on its first use, which may take longer than any start may.
build_outrider() {
    [ -z "$OUTRIDER_BUILT" ] || return 0
    timeout 900 ./outrider version >"$LAB/build.log" 2>&1 || die "./outrider version failed: $(tail -1 "$LAB/build.log")"
    OUTRIDER_BUILT=yes
}
