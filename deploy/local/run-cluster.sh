#!/bin/sh
# One Redis that keeps what it accepts, and two nodes on it: http://localhost:8000 and http://localhost:8001.
# Their metrics: http://localhost:8010/metrics and http://localhost:8011/metrics; their sockets for operators:
# data/cluster/ops.sock and data/cluster/ops-two.sock.
# Everything stays in data/cluster. Ctrl-C stops all three.
set -eu

holdfast=$1
data=data/cluster
if ! command -v redis-server >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >&2
    else
        echo "holdfast: Redis is missing: sudo apt-get install redis-server" >&2
        exit 1
    fi
fi
mkdir -p "$data/redis"
chmod 700 "$data"
socket=$(realpath "$data")/redis.sock

redis-server --port 0 --unixsocket "$socket" --unixsocketperm 700 --dir "$data/redis" --save '' \
    --appendonly yes --appendfsync always --maxmemory-policy noeviction --logfile "$PWD/$data/redis.log" &
redis=$!
one="" two=""
stop() {
    trap - INT TERM EXIT
    # Nodes first: what they accepted still goes to Redis.
    for node in $one $two; do kill -TERM "$node" 2>/dev/null || true; done
    for node in $one $two; do wait "$node" 2>/dev/null || true; done
    kill -TERM "$redis" 2>/dev/null || true
    wait "$redis" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 0' INT TERM

tries=0
until [ "$(redis-cli -s "$socket" ping 2>/dev/null)" = PONG ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "holdfast: Redis does not answer; see $data/redis.log" >&2; exit 1; }
    sleep 0.1
done

# The nodes share one file of keys, so a token of one is good at the other.
"$holdfast" serve --listen 127.0.0.1:8000 --ops-listen 127.0.0.1:8010 --data "$data" --redis "unix://$socket" --show-first-admin &
one=$!
"$holdfast" serve --listen 127.0.0.1:8001 --ops-listen 127.0.0.1:8011 --ops-socket "$data/ops-two.sock" --data "$data" --redis "unix://$socket" &
two=$!
wait "$one" "$two"
