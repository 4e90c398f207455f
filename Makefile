# What people call. Everything behind it is CMake (CMakePresets.json) and the scripts in tools/.
#
#   make run     install what the program needs, build it, and serve examples/files through our own TCP/IP
#   make test    install what is missing, build everything, and run all tests
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

# The program alone, or everything: what a build folder was configured for last.
PARTS := TESTS EXAMPLES FUZZERS BENCHES
PROGRAM_ALONE := $(PARTS:%=-DSTRATA_BUILD_%=OFF)
EVERYTHING := $(PARTS:%=-DSTRATA_BUILD_%=ON)
CONFIGURE = cmake --preset $(PRESET) $(if $(CI),-DSTRATA_WERROR=ON)
LINK = if [[ -x $(BUILD)/bin/strata ]]; then ln -sfn $(PRESET)/bin/strata build/strata; fi

.PHONY: setup program build configure run test package bench format lint sanitize fuzz soak coverage ci clean help

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  PRESET=release|debug|asan-ubsan|tsan|coverage|clang chooses the build, JOBS=N its parallelism,"
	@echo "  FOR=SECONDS ends 'make run' (default: Ctrl-C), each fuzzer of 'make fuzz' (default: 60), and 'make soak' (default: 600)."

setup: ## install the Debian packages that building everything needs, where they are missing
	@tools/setup.sh build

configure:
	@if [[ ! -f $(BUILD)/build.ninja || CMakePresets.json -nt $(BUILD)/build.ninja ]] || \
		grep -q '^STRATA_BUILD_TESTS:BOOL=OFF' $(BUILD)/CMakeCache.txt; then $(CONFIGURE) $(EVERYTHING); fi

program: ## build the program alone, at build/strata
	@tools/setup.sh run
	@if [[ ! -f $(BUILD)/build.ninja ]]; then $(CONFIGURE) $(PROGRAM_ALONE); fi
	@cmake --build $(BUILD) -j $(JOBS) --target strata_cli
	@$(LINK)

build: setup configure ## build everything; the program is left at build/strata
	@cmake --build $(BUILD) -j $(JOBS)
	@$(LINK)

run: program ## serve DIR (examples/files) on NET (embedded), after a look at itself
	@exec build/strata serve $(DIR) --net $(NET) --demo $(if $(FOR),--for $(FOR))

test: ## run all tests
	@tools/setup.sh test
	@$(MAKE) build
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure $(if $(TESTS),-R $(TESTS))

package: program ## make a Debian package of the program, in build/packages/
	@tools/setup.sh run package
	@cmake --build $(BUILD) -j $(JOBS) --target strata_documents
	@cpack --config $(BUILD)/CPackConfig.cmake -B build/packages
	@rm -rf build/packages/_CPack_Packages

bench: build ## measure, beside the kernel
	@tools/setup.sh test
	@cmake --build $(BUILD) -j $(JOBS) --target benches
	@BUILD=$(BUILD) tools/bench.sh

format: ## put all files into our form
	@tools/setup.sh build lint
	@tools/lint.sh --fix

lint: ## floors, house rules, bounds, headers, format, length of lines, clang-tidy on changed files
	@tools/setup.sh build lint
	@$(MAKE) configure
	@python3 tools/check_floors.py --links $(BUILD)/floor_links.txt
	@python3 tools/check_house.py
	@python3 tools/check_bounds.py --quiet
	@tools/check_headers.sh
	@tools/lint.sh

sanitize: ## tests under AddressSanitizer and UBSan, and what has threads under ThreadSanitizer
	@tools/setup.sh test fuzz
	@tools/sanitize.sh address
	@tools/sanitize.sh thread

fuzz: ## run every fuzzer for FOR seconds (60)
	@tools/setup.sh build fuzz
	@tools/fuzz.sh $(or $(FOR),60)

soak: ## fuzzers and simulations with fresh seeds for FOR seconds (600)
	@tools/setup.sh build fuzz
	@tools/soak.sh $(or $(FOR),600)

coverage: ## which lines the tests run; a page in build/coverage/report/
	@tools/setup.sh test coverage
	@tools/coverage.sh

ci: ## what continuous integration runs; STEP=words runs the steps with one of them in their names
	@.ci/run $(STEP)

clean: ## remove all that was built
	@rm -rf build
