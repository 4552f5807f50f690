# Two commands: `make demo` shows the main job on real exports, `make test` proves the rest.
# Both install what is missing (see .ci/setup) and use one cargo profile.

SHELL := /bin/bash
GUESTS := plugins/adapters/table plugins/adapters/saft plugins/rules/legacy-construction
RECOUP := target/debug/recoup
TOOLS := $(CURDIR)/target/tools
export PATH := $(TOOLS)/bin:$(HOME)/.cargo/bin:$(PATH)

.PHONY: demo test soak bench plugins build setup lint unit

demo: plugins
	rm -f recoup-demo.db recoup-demo.db-wal recoup-demo.db-shm
	$(RECOUP) demo --file recoup-demo.db

test: setup
	.ci/test

soak: plugins
	.ci/soak

bench: plugins
	$(RECOUP) bench

plugins: build
	@for guest in $(GUESTS); do $(RECOUP) plugin build $$guest || exit 1; done

build: setup
	cargo build --locked -p recoup

setup:
	@.ci/setup
