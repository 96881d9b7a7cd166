#!/bin/sh
# Says what is missing to build Holdfast, and how to get it. Installs a C compiler on Debian, which Rust links with.
set -eu

fail() {
    echo "holdfast: $1" >&2
    exit 1
}

# at_least HAVE WANT: compares dotted versions.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

if ! command -v cc >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq build-essential >&2
    else
        fail "a C compiler is missing: sudo apt-get install build-essential"
    fi
fi
command -v cargo >/dev/null 2>&1 || fail "Rust is missing: get it from https://rustup.rs"
command -v node >/dev/null 2>&1 || fail "Node.js 20 or later is missing: see https://nodejs.org"
command -v npm >/dev/null 2>&1 || fail "npm is missing: it comes with Node.js"

rust=$(rustc --version | cut -d' ' -f2)
at_least "$rust" 1.95 || fail "Rust $rust is too old: 1.95 or later is needed (rustup update stable)"
node=$(node --version | tr -d v)
at_least "$node" 20 || fail "Node.js $node is too old: 20 or later is needed"
