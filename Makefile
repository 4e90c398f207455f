# The front door. Everything behind it is CMake (CMakePresets.json) and the scripts in tools/.
#
#   make run     install what is missing, build, and serve examples/files through our own TCP/IP
#   make test    install what is missing, build, and run all tests
#   make help    the rest

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

JOBS ?= 2
PRESET ?= release
DIR ?= examples/files
NET ?= embedded
BUILD := build/$(PRESET)

.PHONY: setup build configure run test bench format lint fuzz soak coverage clean help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  PRESET=release|debug|asan-ubsan|tsan|coverage|clang chooses the build, JOBS=N its parallelism,"
	@echo "  FOR=SECONDS ends 'make run' (default: Ctrl-C), each fuzzer of 'make fuzz' (default: 60), and 'make soak' (default: 600)."

setup: ## install the Debian packages that are missing
	@tools/setup.sh build

configure:
	@if [[ ! -f $(BUILD)/build.ninja || CMakePresets.json -nt $(BUILD)/build.ninja ]]; then \
		cmake --preset $(PRESET) $(if $(CI),-DSTRATA_WERROR=ON); \
	fi

build: setup configure ## build everything; the program is left at build/strata
	@cmake --build $(BUILD) -j $(JOBS)
	@if [[ -x $(BUILD)/bin/strata ]]; then ln -sfn $(PRESET)/bin/strata build/strata; fi

run: build ## serve DIR (examples/files) on NET (embedded), after a look at itself
	@exec build/strata serve $(DIR) --net $(NET) --demo $(if $(FOR),--for $(FOR))

test: build ## run all tests
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure $(if $(TESTS),-R $(TESTS))

bench: build ## measure, beside the kernel
	@cmake --build $(BUILD) -j $(JOBS) --target benches
	@BUILD=$(BUILD) tools/bench.sh

format: ## put all files into our form
	@tools/setup.sh build lint
	@tools/lint.sh --fix

lint: ## floors, bounds, headers, format, clang-tidy on changed files
	@tools/setup.sh build lint
	@$(MAKE) configure
	@python3 tools/check_floors.py --links $(BUILD)/floor_links.txt
	@python3 tools/check_bounds.py --quiet
	@tools/check_headers.sh
	@tools/lint.sh

fuzz: ## run every fuzzer for FOR seconds (60)
	@tools/setup.sh build fuzz
	@tools/fuzz.sh $(or $(FOR),60)

soak: ## fuzzers and simulations with fresh seeds for FOR seconds (600)
	@tools/setup.sh build fuzz
	@tools/soak.sh $(or $(FOR),600)

coverage: ## which lines the tests run; a page in build/coverage/report/
	@tools/setup.sh build coverage
	@tools/coverage.sh

clean: ## remove all that was built
	@rm -rf build
