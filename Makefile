# Two commands matter: `make run` and `make test`. Each does all of its own set-up.
.DEFAULT_GOAL := help
.PHONY: help run run-cluster test test-server test-web test-sdk test-contract test-browser test-browser-all lint fuzz fuzz-short bench sockets demo load drill load-tool performance figures attacks tools test-tools web-client binary load-binary

CARGO ?= cargo
WEB := web-client
SDK := server/node/tests/sdk
SDK_PY := server/node/tests/sdk-python
CONTRACT := server/node/tests/contract

help: ## Show what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: tools $(WEB)/dist/index.html ## Build everything and serve it at http://localhost:8000
	$(CARGO) build --locked --release --bin holdfast
	exec target/release/holdfast serve --show-first-admin

run-cluster: tools $(WEB)/dist/index.html ## The same with a Redis and two nodes on it, as production does
	$(CARGO) build --locked --release --bin holdfast
	exec deploy/local/run-cluster.sh target/release/holdfast

test: tools test-tools test-server ## Run every test: units, stores, real SDKs, a real browser
	$(MAKE) --jobs 2 --output-sync=target test-web test-sdk test-contract
	$(MAKE) test-browser

test-server: tools test-tools $(WEB)/dist/index.html ## Rust: units, properties, the storage contract, the running binary
	$(CARGO) test --locked --workspace --all-features

test-web: $(WEB)/node_modules/.package-lock.json $(WEB)/dist/index.html ## The web client without a browser
	npm --prefix $(WEB) test

test-sdk: binary $(SDK)/node_modules/.package-lock.json $(SDK_PY)/.venv/pyvenv.cfg ## Unmodified centrifuge SDKs against the running binary
	npm --prefix $(SDK) test
	cd $(SDK_PY) && .venv/bin/pytest

test-contract: binary $(CONTRACT)/.venv/pyvenv.cfg ## The REST API against its own OpenAPI document, about a minute
	cd $(CONTRACT) && .venv/bin/python run.py

test-browser: binary load-binary test-tools $(WEB)/dist/index.html ## The whole thing in Chromium
	npm --prefix $(WEB) run e2e

lint: tools test-tools $(WEB)/node_modules/.package-lock.json $(SDK)/node_modules/.package-lock.json $(SDK_PY)/.venv/pyvenv.cfg $(CONTRACT)/.venv/pyvenv.cfg ## Formatting, clippy, documentation, types
	$(CARGO) fmt --all --check
	cd fuzz && $(CARGO) fmt --check -- --config-path ..
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items --quiet
	npm --prefix $(WEB) run typecheck
	npm --prefix $(WEB) run lint
	npm --prefix $(SDK) run typecheck
	cd $(SDK_PY) && .venv/bin/mypy
	cd $(CONTRACT) && .venv/bin/mypy

bench: tools ## Benchmarks of hub, codecs, conversations, audiences and receipts, about five minutes
	$(CARGO) bench --locked -p protocol --bench codecs
	$(CARGO) bench --locked -p hub --bench fan_out
	$(CARGO) bench --locked -p session --bench conversation
	$(CARGO) bench --locked -p session --bench memory
	$(CARGO) bench --locked -p campaign --bench audience
	$(CARGO) bench --locked -p campaign --bench roll
	$(CARGO) bench --locked -p campaign --bench receipts

fuzz: tools ## Fuzz every target for SECONDS (60) each, or one: TARGET=session
	fuzz/run.sh $(or $(SECONDS),60) $(TARGET)

fuzz-short: tools ## Replay every corpus, then 5 seconds a target from a fixed seed, as CI does
	fuzz/run.sh short

sockets: tools $(WEB)/dist/index.html ## Ten thousand members at one process: memory of a socket, time of a bulletin
	$(CARGO) test --locked --release -p node --test it -- --ignored --nocapture ten_thousand

demo: tools test-tools $(WEB)/dist/index.html ## A campaign day: 1,000 people, 40 bulletins, and figures that agree
	$(CARGO) test --locked --release -p node --test it -- --ignored --nocapture --test-threads 1 a_campaign_day

load: load-tool test-tools ## Run a load scenario and count every message: SCENARIO=baseline, ARGS=…
	target/release/holdfast-load run $(or $(SCENARIO),baseline) $(ARGS)

performance: load-tool test-tools ## Run the shipped load scenarios into docs/performance, about a quarter of an hour
	load-tests/performance.sh $(SCENARIOS)

figures: load-tool test-tools ## Measure what Holdfast promises to carry into docs/performance: two hours, or ROWS=…; the million needs root
	load-tests/figures.sh $(ROWS)

attacks: load-tool test-tools ## Sweep the shipped attacks into docs/overload, about an hour; needs root for a share of a core
	load-tests/attacks.sh $(SCENARIOS)

drill: load-tool ## A blind attack for whoever is on duty, with docs/runbook/under-attack.md at hand
	load-tests/drill.sh $(ATTACK)

load-tool: tools $(WEB)/dist/index.html
	$(CARGO) build --locked --release --bin holdfast --bin holdfast-load

tools: ## Check that Rust, Node and a C compiler are here
	@deploy/local/check-tools.sh

test-tools: ## Install what only tests need (redis-server, haproxy, chromium, python3-venv)
	@deploy/local/install-test-tools.sh

binary: $(WEB)/dist/index.html
	$(CARGO) build --locked --bin holdfast

test-browser-all: binary load-binary test-tools $(WEB)/dist/index.html ## The same with the long looks, about eleven minutes
	npm --prefix $(WEB) run e2e:all

load-binary:
	$(CARGO) build --locked --bin holdfast-load

web-client: $(WEB)/dist/index.html ## Build the web client

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(shell find $(WEB)/src $(WEB)/public $(WEB)/scripts -type f -not -path '*/node_modules/*' 2>/dev/null) $(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/tsconfig*.json)
	npm --prefix $(WEB) run build

%/.venv/pyvenv.cfg: %/requirements.txt | test-tools
	python3 -m venv --clear $*/.venv
	$*/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	@touch $@
