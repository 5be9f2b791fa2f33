# What a person does with this repository. `make help` lists it; the longer recipes are in scripts/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build demo test hostile fuzz wpt diff packages frameworks bench fmt clean

# Build output lies here; set it in the environment to keep it elsewhere.
export CARGO_TARGET_DIR ?= $(CURDIR)/target

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## Install what is missing: Debian packages, wasm targets, npm packages
	@scripts/setup.sh

build: setup ## Build a release `ouro` that carries the management API
	@scripts/build.sh release

demo: build ## Start a server, deploy examples/guestbook, call it, serve until Ctrl-C
	@scripts/demo.sh "$(CARGO_TARGET_DIR)/release/ouro"

test: setup ## Check and test everything
	@scripts/test.sh

hostile: build ## Run the hostile programs of tests/hostile against the release build
	@scripts/step.sh "hostile programs" cargo test --locked --release -p ouro-hostile

# Flags for it, such as `make fuzz FUZZ_FLAGS='--seconds 60 --seed 1 project'`.
FUZZ_FLAGS ?=

fuzz: build ## Mutate the corpus of tests/fuzz for five minutes; what fails is kept there
	@scripts/fuzz.sh $(FUZZ_FLAGS)

wpt: setup ## Run Web Platform Tests (WPT_DIR), into out/report/wpt.json
	@scripts/conformance.sh wpt --docs docs/reference/compatibility.md $(ARGS)

diff: setup ## Compare small workers on Ouro and on workerd, into out/report/diff.json
	@scripts/conformance.sh diff --docs docs/reference/compatibility.md $(ARGS)

packages: setup ## Run npm packages and their own suites (SUITES_DIR) in workers, into out/report/
	@scripts/conformance.sh packages --docs docs/reference/compatibility.md $(ARGS)
	@scripts/conformance.sh suites --docs docs/reference/compatibility.md $(ARGS)

frameworks: setup ## Build, deploy and use an application of each framework in a browser, into out/report/frameworks.json
	@scripts/frameworks.sh $(ARGS)

# Flags for it, such as `make bench BENCH_FLAGS='--rounds 1 --seconds 1'`.
BENCH_FLAGS ?=

bench: build ## Measure speed and size beside their peers, into out/report/bench.json
	@scripts/step.sh "npm packages of bench" npm ci --silent --prefix bench
	@"$(CARGO_TARGET_DIR)/release/ouro-bench" $(BENCH_FLAGS)

fmt: ## Format the Rust code
	@cargo fmt --all

clean: ## Delete what was built; data/ stays
	rm -rf "$(CARGO_TARGET_DIR)" out sdk/js/dist management/dist
	find . -name node_modules -type d -prune -exec rm -rf {} +
