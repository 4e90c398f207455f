#!/usr/bin/env bash
# `make run` asks for little: the packages of the program alone, and no target beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake=${CMAKE:-cmake}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { 
# A release build compiles several sources at a time.
"$cmake" --preset release -B "$work/build_folder" "${flags[@]}" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
compilations=$(ninja -C "$work/build_folder" -t commands strata_cli | grep -cE ' -c [^ ]+\.c(pp|xx)$')
((compilations * 3 < $(wc -l < "$work/sources"))) || fail "a release build compiles $compilations times"
echo "program alone: $*"; exit 1; }

# A Debian on which nothing is installed, and whose apt-get only tells what it was asked for.
mkdir "$work/bin"
printf '#!/bin/sh\nexit 1\n' > "$work/bin/dpkg-query"
printf '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n' > "$work/bin/sudo"
printf '#!/bin/sh\necho "$@" >> %s/asked\n' "$work" > "$work/bin/apt-get"
chmod +x "$work"/bin/*
asked_for() {
    : > "$work/asked"
    PATH="$work/bin:$PATH" tools/setup.sh "$@" > /dev/null
    grep -w install "$work/asked" | tr ' ' '\n' | sort -u
}
asked_for run > "$work/run"
asked_for build > "$work/build"
asked_for test > "$work/test"
for package in g++ cmake ninja-build libboost1.81-dev libssl-dev zlib1g-dev libfmt-dev libcli11-dev libpcap-dev; do
    grep -qx -- "$package" "$work/run" || fail "make run does not ask for $package"
done
! grep -E 'gtest|gmock|benchmark|clang|curl|zsh|fish' "$work/run" || fail "make run asks for what tests need"
[[ -z $(comm -23 "$work/run" "$work/build") ]] || fail "make build asks for less than make run"
[[ -z $(comm -23 "$work/build" "$work/test") ]] || fail "make test asks for less than make build"
for package in libgtest-dev curl zsh fish mandoc dpkg-dev; do
    grep -qx -- "$package" "$work/test" || fail "make test does not ask for $package"
done

# What make says it would do, done: without the test libraries, as if they were not there.
make -n run BUILD="$work/never" > "$work/plan"
grep -q 'tools/setup.sh run' "$work/plan" || fail "make run installs more than the program's packages"
grep -q -- '--target strata_cli' "$work/plan" || fail "make run builds more than the program"
mapfile -t flags < <(grep -oE -- '-DSTRATA_BUILD_[A-Z]+=OFF' "$work/plan" | sort -u)
((${#flags[@]} == 4)) || fail "make run configures ${flags[*]}"
"$cmake" -S . -B "$work/build_folder" -G Ninja "${flags[@]}" \
    -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON \
    > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
ninja -C "$work/build_folder" -t commands strata_cli | grep -oE '[^ ]+\.cpp$' > "$work/sources"
grep -q '/strata/cli/main.cpp$' "$work/sources" || fail "the program is not built"
! grep -vE '/strata/[a-z0-9_/]+\.cpp$|/cmake/pch_asio.cpp$' "$work/sources" ||
    fail "the program's build has sources that are not the program's"
! grep asio_ssl "$work/sources" || fail "the program does not need asio::ssl"
echo "program alone: $(wc -l < "$work/sources") sources"
