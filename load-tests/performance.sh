#!/bin/sh
# Runs shipped scenarios one after the other into docs/performance and puts their table into its page. All of them but
# the soak without arguments; a machine that does nothing else gives the best figures. What Holdfast promises to carry is
# measured by figures.sh.
#   load-tests/performance.sh [SCENARIO…]
set -eu
cd "$(dirname "$0")/.."

tool=target/release/holdfast-load
pages=docs/performance
all="baseline connect-storm broadcast-1k broadcast-10k broadcast-10k-tls broadcast-10k-redis broadcast-18k broadcast-100k
many-channels catch-up slow-readers reconnect-storm redis-restart publish-flood"

# The report has the series in it, and the summary the rest.
run() {
    "$tool" "$@" --out "$pages/$name" || echo "$name: exit code $?" >&2
    rm -f "$pages/$name/series.ndjson" "$pages/$name/junit.xml"
}

for name in ${*:-$all}; do
    case $name in
    # Half an hour: seconds would say no more than tens of them.
    soak) run run "$name" --plain --interval 10s ;;
    *) run run "$name" --plain ;;
    esac
done

folders=""
for name in $all soak; do
    if [ -e "$pages/$name/summary.json" ]; then folders="$folders $pages/$name"; fi
done
# shellcheck disable=SC2086
"$tool" table $folders >"$pages/table.md"
awk -v table="$pages/table.md" '
    /<!-- table -->/ { print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1; next }
    /<!-- end of table -->/ { skip = 0 }
    !skip { print }
' "$pages/README.md" >"$pages/README.new"
mv "$pages/README.new" "$pages/README.md"
rm "$pages/table.md"
