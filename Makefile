# Two commands: `make demo` shows the main job on real exports, `make test` proves the rest.
# Both install what is missing (see .ci/setup) and use one cargo profile.

SHELL := /bin/bash
GUESTS := plugins/adapters/table plugins/adapters/saft $(wildcard plugins/rules/*)
RECOUP := target/debug/recoup
# What is built: the program. Tests name the workspace, so that dependencies whose features differ are not built twice.
WHAT ?= -p recoup
export PATH := $(CURDIR)/target/tools/bin:$(HOME)/.cargo/bin:$(PATH)

.PHONY: demo test soak bench plugins build setup

demo: plugins
	rm -f recoup-demo.db recoup-demo.db-wal recoup-demo.db-shm
	$(RECOUP) demo --file recoup-demo.db

test:
	@.ci/setup test
	.ci/test

soak: plugins
	@.ci/setup test
	.ci/soak

bench: plugins
	@.ci/setup bench
	RECOUP_POSTGRES_DURABLE=1 tests/db/postgres.sh run $(RECOUP) bench

plugins: build
	@. .ci/guests; for guest in $(GUESTS); do $(RECOUP) plugin build $$guest || exit 1; done

build: setup
	cargo build --locked $(WHAT)

setup:
	@.ci/setup
