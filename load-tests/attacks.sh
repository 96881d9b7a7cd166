#!/bin/sh
# Sweeps the shipped attacks one after the other into docs/overload: each at 1, 2, 5, 10 and 20 times its rates, on a
# server with a share of a core. Needs root, to bound CPU time; a machine that does nothing else gives the best figures.
#   load-tests/attacks.sh [SCENARIO…]
#   TIMES=1,20 load-tests/attacks.sh attack-connect-flood
set -eu
cd "$(dirname "$0")/.."

tool=target/release/holdfast-load
pages=docs/overload
all="attack-connect-flood attack-forged-tickets attack-slow-heads attack-join-flood attack-publish-flood
attack-subscription-flood attack-never-reading attack-shared-address attack-redis-paused attack-all-at-once"

mkdir -p "$pages"
for name in ${*:-$all}; do
    "$tool" sweep "$name" --times "${TIMES:-1,2,5,10,20}" --plain --out "$pages/$name" ||
        echo "$name: exit code $?" >&2
    # The page of the sweep has the curves, and the summaries every figure.
    for file in series.ndjson junit.xml processes.log report.html; do
        rm -f "$pages/$name"/times-*/$file
    done
done

# One page over all of them: a table, and then a heading, a curve and a table each.
page=$(mktemp)
trap 'rm -f "$page"' EXIT
cat >"$page" <<'END'
# Attacks, swept

Made by `make attacks`: each [scenario](../../load-tests/scenarios) at several times its rates, on a server with a share of
a core. What the columns say: [load-tests](../../load-tests/README.md#attacks); what they come to:
[overload](../overload.md#measured).

END
"$tool" overview "$pages" >>"$page"
for name in $all; do
    if [ -e "$pages/$name/sweep.md" ]; then
        printf '\n## %s\n\n![%s](%s/sweep.svg)\n\n' "$name" "$name" "$name"
        cat "$pages/$name/sweep.md"
    fi
done >>"$page"
cat "$page" >"$pages/README.md"
