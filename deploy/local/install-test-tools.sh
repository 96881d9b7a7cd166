#!/bin/sh
# Installs what only the tests need, on Debian and Debian-like systems.
set -eu

missing=""
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v redis-benchmark >/dev/null 2>&1 || missing="$missing redis-tools"
command -v haproxy >/dev/null 2>&1 || missing="$missing haproxy"
[ -x /usr/bin/chromium ] || missing="$missing chromium"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
command -v ss >/dev/null 2>&1 || missing="$missing iproute2"
command -v g++ >/dev/null 2>&1 || missing="$missing g++"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    echo "holdfast: the tests need$missing: sudo apt-get install$missing" >&2
    exit 1
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# A Redis that the package would start is not used: tests start their own, and stop it.
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >&2
