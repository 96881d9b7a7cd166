#!/bin/sh
# A blind drill: a node, and after a while an attack on it that is chosen by chance. Whoever is on duty is told where the
# runbook is and nothing else; in the end they are shown what it was, and the report.
#   load-tests/drill.sh [PATTERN]      attacks whose name the pattern matches; ^attack- if none is given
# Everything stays in data/drill. Ctrl-C ends it early.
set -eu
cd "$(dirname "$0")/.."

release=$PWD/target/release
tool=$release/holdfast-load
data=$PWD/data/drill
list=$(mktemp)
"$tool" list >"$list"
# A pause of Redis needs a Redis, which is another drill.
attack=$(awk '{print $1}' "$list" | grep -E -- "${1:-^attack-}" | grep -v redis | shuf -n 1 || true)
story=$(awk -v name="$attack" '$1 == name' "$list")
rm -f "$list"
if [ -z "$attack" ]; then
    echo "drill: no scenario is called like ${1:-^attack-} (see: $tool list)" >&2
    exit 2
fi
rm -rf "$data"
mkdir -p "$data"
chmod 700 "$data"

# The tool starts the node, so that it can bound its processor time; its data must outlive the tool.
cat >"$data/node" <<END
#!/bin/sh
previous=""
for argument do
    shift
    if [ "\$previous" = --data ]; then set -- "\$@" "$data"; else set -- "\$@" "\$argument"; fi
    previous=\$argument
done
exec "$release/holdfast" "\$@"
END
chmod +x "$data/node"
scenario=$attack
if [ "$(id -u)" != 0 ]; then
    # Only root can bound processor time: the node is as strong as the machine, and may not feel much.
    scenario=$data/scenario.toml
    sed '/^cpu = /d' "load-tests/scenarios/$attack.toml" >"$scenario"
fi

cat <<END
You are on duty. Something may happen in the next minutes.
The runbook: docs/runbook/under-attack.md
In another terminal:
  export PATH=$release:\$PATH HOLDFAST_DATA=$data
Began at $(date -u +%FT%TZ).
END

load=""
stop() {
    trap - INT TERM EXIT
    if [ -n "$load" ]; then
        kill -TERM "$load" 2>/dev/null || true
        wait "$load" 2>/dev/null || true
    fi
}
trap stop EXIT
trap 'exit 0' INT TERM
"$tool" run "$scenario" --holdfast "$data/node" --plain --out "$data/load" >"$data/load.log" 2>&1 &
load=$!
wait "$load" || true
load=""

echo
echo "It is over, at $(date -u +%FT%TZ). It was this:"
echo "$story"
if [ -e "$data/load/report.html" ]; then
    echo "What members got of it: $data/load/report.html"
else
    echo "The attack broke off: $(tail -n 1 "$data/load.log")"
fi
incident=$("$release/holdfast" incident list --data "$data" | awk '/ until / {print $1; exit}')
if [ -z "$incident" ]; then
    echo "No record was opened: the posture did not reach under_attack. Was that right?"
    exit 0
fi
"$release/holdfast" incident verify "$incident" --data "$data"
"$release/holdfast" incident report "$incident" --data "$data" >"$data/report.md"
echo "The report, with what you would have to fill in: $data/report.md"
echo "Did you see it, decide, tell people, and put the hash away? What was missing in the runbook?"
