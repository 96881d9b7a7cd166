#!/bin/sh
# Measures what Holdfast promises to carry (load-tests/goals.toml) and puts the table into docs/performance. A machine that
# does nothing else gives the best figures. What was measured before of other rows stays.
#   load-tests/figures.sh [ROW…]      all rows without arguments; the million last, if this is root
# COLUMNS_OF=plain,tls measures these columns alone, ROUNDS=1 each run once, SCALE=0.01 tries it out elsewhere.
set -eu
cd "$(dirname "$0")/.."

tool=${TOOL:-target/release/holdfast-load}
pages=docs/performance
results=load-results/goals
rows=${*:-}

set -- --out "$results"
if [ -n "${HOLDFAST:-}" ]; then set -- "$@" --holdfast "$HOLDFAST"; fi
if [ -n "${COLUMNS_OF:-}" ]; then set -- "$@" --columns "$COLUMNS_OF"; fi
if [ -n "${ROUNDS:-}" ]; then set -- "$@" --rounds "$ROUNDS"; fi
if [ -n "${SCALE:-}" ]; then
    # What is measured then is no figure, and no page has it.
    results=load-results/goals-tried
    pages=$results
    set -- "$@" --scale "$SCALE" --out "$results"
fi

# What the page has of other rows stays, also where nothing was measured yet.
if [ "$pages" != "$results" ] && [ ! -f "$results/goals.json" ] && [ -f "$pages/goals/goals.json" ]; then
    mkdir -p "$results"
    cp "$pages/goals/goals.json" "$results/"
fi

# A million connections want more of the kernel than it gives by itself. What it gave before is put back.
kept=""
tune() {
    for setting in fs.file-max=8388608 "net.ipv4.ip_local_port_range=10000 65535" net.core.somaxconn=65535 \
        net.ipv4.tcp_max_syn_backlog=65535 "net.ipv4.tcp_mem=1000000 2000000 3000000"; do
        name=${setting%%=*}
        before=$(sysctl -n "$name" | tr '\t' ' ')
        kept="$name=$before
$kept"
        sysctl -qw "$setting"
    done
}
put_back() {
    trap - EXIT INT TERM
    printf '%s' "$kept" | while IFS= read -r setting; do sysctl -qw "$setting"; done
    kept=""
}

measure() {
    # A goal that is missed is told in the table; it does not keep the others from being measured.
    "$tool" goals "$@" || echo "goals: exit code $?" >&2
}

million=no
others=""
for row in $rows; do
    case $row in
    million) million=yes ;;
    *) others="$others $row" ;;
    esac
done
if [ -z "$rows" ] && [ "$(id -u)" = 0 ]; then million=yes; fi

if [ -z "$rows" ] || [ -n "$others" ]; then
    # shellcheck disable=SC2086
    measure $others "$@"
fi
if [ "$million" = yes ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "figures: a million connections need settings of the kernel that only root may change" >&2
        exit 1
    fi
    trap put_back EXIT
    trap 'exit 1' INT TERM
    tune
    measure million "$@" --columns plain
    put_back
fi

# The runs stay where they are; the page has what they came to.
"$tool" goals --only-pages "$@" >/dev/null || true
if [ "$pages" = "$results" ]; then exit 0; fi
mkdir -p "$pages/goals"
cp "$results/goals.json" "$results/goals.svg" "$pages/goals/"
awk -v table="$results/goals.md" '
    /<!-- goals -->/ { print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1; next }
    /<!-- end of goals -->/ { skip = 0 }
    !skip { print }
' "$pages/README.md" >"$pages/README.new"
mv "$pages/README.new" "$pages/README.md"
