#!/usr/bin/env bash
# Runs fuzz targets: `run.sh SECONDS [TARGET…]`. With SECONDS=short each replays its corpus and tries for 5 seconds
# from a fixed seed, as CI does. What a long run finds is kept in target/corpus, what fails in artifacts.
set -euo pipefail
cd "$(dirname "$0")"

seconds=$1
shift
all=$(sed -n 's#^path = "fuzz_targets/\(.*\)\.rs"$#\1#p' Cargo.toml)
targets=${*:-$all}

# One build for all: the engine and the libraries are the same.
cargo build --locked --release --quiet
folder=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
host=$(rustc -vV | sed -n 's/^host: //p')

dictionary() {
	case $1 in
	access_tokens) echo claims ;;
	json_commands | payload) echo json ;;
	names) echo names ;;
	esac
}

for target in $targets; do
	options=(-artifact_prefix="artifacts/$target/" -max_len=70000 -timeout=10 -print_funcs=0 -verbosity=0)
	dict=$(dictionary "$target")
	[ -z "$dict" ] || options+=(-dict="dictionaries/$dict.dict")
	mkdir -p "artifacts/$target" "target/corpus/$target"
	if [ "$seconds" = short ]; then
		# A short run writes no corpus, so that each begins with the same.
		options+=(-seed=1 -max_total_time=5 "corpus/$target")
		scratch=$(mktemp -d)
		options=("$scratch" "${options[@]}")
	else
		scratch=
		options+=(-max_total_time="$seconds" "target/corpus/$target" "corpus/$target")
	fi
	echo "fuzz: $target"
	status=0
	"$folder/$host/release/$target" "${options[@]}" || status=$?
	[ -z "$scratch" ] || rm -rf "$scratch"
	if [ "$status" -ne 0 ]; then
		echo "fuzz: $target failed; play it again with: cd fuzz && cargo run --release --bin $target -- artifacts/$target/NAME" >&2
		exit "$status"
	fi
done
