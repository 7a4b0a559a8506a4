# What people type. Each target is a line or two; the work is in the scripts that they call.
#   make demo ARGS="--leads 50000"
#   make demo ARGS="--bus kafka"
SHELL := /bin/bash
ARGS ?=
SEEDS ?= 1000
FAULTS ?= 30
SECONDS ?= 600
HISTORIES ?=
JOBS ?= $(shell nproc)
SOURCES = $$(find shared services tests -name '*.h' -o -name '*.cc')

.DEFAULT_GOAL := help
.PHONY: help demo down build test bench simulate teeth soak simulator chaos chaos-soak chaos-teeth sanitize setup setup-kafka setup-all format \
        format-check tidy lint clean

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 20

demo: $(if $(findstring kafka,$(ARGS)),setup-kafka,setup) build  ## install what is missing, build, start everything on this machine, show leads becoming commission
	deploy/demo.sh $(ARGS)

down:  ## stop what the demo left running
	build/release/bin/tandem down

build:  ## the programs, in build/release/bin
	cmake --preset release --log-level=WARNING
	cmake --build --preset release -- -j$(JOBS)

test: setup-all  ## everything that CI runs
	tests/run.sh

bench: setup-all  ## the product against the floor of its parts, on a Kafka of its own (ARGS=--quick: see that it works)
	cmake --preset release --log-level=WARNING
	cmake --build --preset bench -- -j$(JOBS)
	tests/bench/run.sh $(ARGS)

simulate: setup-all simulator  ## histories of a simulated company: make simulate SEEDS=100000 ARGS="--from 7"
	build/simulation/bin/simulate --histories $(SEEDS) $(ARGS)

teeth: setup-all simulator  ## deliberate bugs, one at a time, and after how many histories the simulator finds each
	tests/simulation/teeth.sh --record

soak: setup-all simulator  ## histories from new seeds: make soak SECONDS=600, or HISTORIES=1000000
	tests/simulation/soak.sh $(if $(HISTORIES),--histories $(HISTORIES),--seconds $(SECONDS))

chaos: setup-all  ## real processes, Redis and Kafka under load, killed, stopped, cut off: make chaos FAULTS=1000 ARGS="--seed 7"
	cmake --preset dev --log-level=WARNING
	cmake --build --preset dev --target chaos -- -j$(JOBS)
	build/dev/bin/chaos --faults $(FAULTS) $(ARGS)

chaos-soak: setup-all  ## the same, more of it at once, and its table into docs/chaos.md: make chaos-soak FAULTS=1000
	cmake --preset dev --log-level=WARNING
	cmake --build --preset dev --target chaos -- -j$(JOBS)
	tests/chaos/soak.sh $(FAULTS)

chaos-teeth: setup-all  ## two deliberate bugs in real services, which chaos must find
	tests/chaos/teeth.sh

simulator:
	cmake --preset simulation --log-level=WARNING
	cmake --build --preset simulation -- -j$(JOBS)

sanitize: setup-all  ## unit tests under the address, undefined-behaviour and thread sanitizers
	tests/run.sh sanitizers

setup:
	@deploy/setup.sh build

setup-kafka:
	@deploy/setup.sh kafka

setup-all:
	@deploy/setup.sh all

format:  ## lay out all C++ as .clang-format says
	clang-format-19 -i $(SOURCES)

format-check:
	clang-format-19 --dry-run --Werror $(SOURCES)

tidy:  ## clang-tidy on our code
	cmake --preset dev --log-level=WARNING
	cmake --build --preset dev --target generated -- -j$(JOBS)
	deploy/lint/tidy.sh build/dev

lint:  ## contracts (buf), and that dependencies point down
	deploy/lint/layers.sh
	deploy/lint/lint.sh

clean:  ## forget all that was built
	rm -rf build deploy/lint/node_modules
