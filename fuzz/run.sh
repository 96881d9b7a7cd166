#!/usr/bin/env bash
# Runs fuzz targets: `run.sh SECONDS [TARGET…]`. With SECONDS=short each replays its corpus and tries for 5 seconds
# from a fixed seed, as CI does. What a long run learns is kept in target/corpus, what fails in artifacts.
set -euo pipefail
cd "$(dirname "$0")"

seconds=$1
shift
all=$(sed -n 's#^path = "fuzz_targets/\(.*\)\.rs"$#\1#p' Cargo.toml)
targets=${*:-$all}

# One build for all: the engine and the libraries are the same.
cargo build --locked --release --quiet
if [ "$seconds" = short ]; then
	cargo clippy --locked --release --all-targets --quiet -- -D warnings
	cargo test --locked --release --lib --quiet
fi
host=$(rustc -vV | sed -n 's/^host: //p')
binaries=${CARGO_TARGET_DIR:-target}/$host/release

dictionary() {
	case $1 in
	access_tokens) echo claims ;;
	json_commands | payload) echo json ;;
	names) echo names ;;
	esac
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in $targets; do
	options=(-artifact_prefix="artifacts/$target/" -max_len=70000 -timeout=10 -print_funcs=0)
	dict=$(dictionary "$target")
	[ -z "$dict" ] || options+=(-dict="dictionaries/$dict.dict")
	if [ "$seconds" = short ]; then
		# What it learns is thrown away, so that each run begins with the same.
		corpus=$scratch/$target
		options+=(-seed=1 -max_total_time=5)
	else
		corpus=target/corpus/$target
		options+=(-max_total_time="$seconds")
	fi
	mkdir -p "artifacts/$target" "$corpus"
	if ! "$binaries/$target" "${options[@]}" "$corpus" "corpus/$target" >"$scratch/log" 2>&1; then
		grep -v '^#' "$scratch/log" | tail -60 >&2
		echo "fuzz: $target failed. Again: cd fuzz && cargo run --release --bin $target -- artifacts/$target/NAME" >&2
		exit 1
	fi
	echo "fuzz: $target: $(sed -n 's/^Done \(.*\)/\1/p' "$scratch/log")"
done
