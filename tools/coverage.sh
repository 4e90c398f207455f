#!/usr/bin/env bash
# Which lines the tests run: a summary here and pages in build/coverage/report/. Slow tests are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ -f build/coverage/build.ninja ]] || cmake --preset coverage
cmake --build build/coverage -j "${JOBS:-2}"
find build/coverage -name '*.gcda' -delete
# `serve` that root starts is nobody at its end, when it writes what was run.
if ((EUID == 0)); then
    umask 000
    find build/coverage -type d -exec chmod a+rwx {} +
fi
failed=0
ctest --test-dir build/coverage -j "${JOBS:-2}" --output-on-failure -LE 'slow|install' || failed=1
mkdir -p build/coverage/report
gcovr -j "${JOBS:-2}" --root . --filter 'strata/' --exclude-unreachable-branches --gcov-ignore-parse-errors \
    --html-details build/coverage/report/index.html --print-summary build/coverage | tail -60
exit $failed
