#!/usr/bin/env bash
# Builds with a sanitizer, and runs what it is for. With assertions, and TCP's invariants checked after each verb.
#   tools/sanitize.sh address   AddressSanitizer and UndefinedBehaviorSanitizer: all tests that take no minutes
#   tools/sanitize.sh thread    ThreadSanitizer: what has threads (the log's writer, digests, several loops)
# STRATA_SEEDS (1) says how many seeds a simulation runs: each is many times slower here.
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=${JOBS:-2}
# Sources in groups, as in a release: a machine that builds them once has no use for single ones.
configure() {
    [[ -f build/$1/build.ninja ]] && grep -q '^STRATA_BUILD_TESTS:BOOL=ON' "build/$1/CMakeCache.txt" ||
        cmake --preset "$1" -DSTRATA_WERROR=ON -DSTRATA_TOGETHER=ON "${@:2}"
}

export STRATA_SEEDS=${STRATA_SEEDS:-1}
case ${1:-} in
    address)
        # With clang, in the fuzzers' build: one set of libraries for both.
        configure fuzz -DSTRATA_BUILD_TESTS=ON -DSTRATA_BUILD_CLI=ON
        cmake --build build/fuzz -j "$jobs"
        export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
        export UBSAN_OPTIONS=print_stacktrace=1
        # What the long ones of these measure, goodput and fairness, is the release's matter: one of each kind runs.
        export GTEST_FILTER='*-Losses/*loss?:Losses/*loss10:Bottlenecks/*1flows*:Bottlenecks/*16flows*'
        GTEST_FILTER+=':Bottlenecks/*64flows*'
        # The meetings of ping and the querier are minutes of waiting, that of manners is under ThreadSanitizer, that of
        # the command line is the program's start a thousand times: `cli` and hostile_words read the words here.
        # Of those that only carry files FTP's and NFS's servers' are here; the clients' code is met by `application`.
        # Kernels in qemu take as long as all others.
        not_here='ping|querier|manners|command_line|tftp|tftp_client|ftp_client|put|nfs_client|nfs_guest|nfs_knfsd'
        ctest --test-dir build/fuzz -j "$jobs" --output-on-failure -LE 'install|slow|rules' \
            -E "^interop_($not_here)\$"
        ;;
    thread)
        configure tsan -DSTRATA_BUILD_BENCHES=OFF -DSTRATA_BUILD_FUZZERS=OFF -DSTRATA_BUILD_EXAMPLES=OFF
        cmake --build build/tsan -j "$jobs" --target strata_cli test_presentation test_cli
        export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
        ctest --test-dir build/tsan --output-on-failure -R '^(presentation|cli|interop_manners)$'
        ;;
    *)
        echo "usage: tools/sanitize.sh address | thread" >&2
        exit 2
        ;;
esac
