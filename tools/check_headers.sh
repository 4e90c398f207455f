#!/usr/bin/env bash
# Every header under strata/ compiles alone, and twice in one file: no header leans on what another one happened to
# include. Without precompiled headers, and through ccache, so that the second run takes seconds.
#   tools/check_headers.sh [header...]        CXX=g++  JOBS=2
#   tools/check_headers.sh --recent           those that the last hundred commits changed, and what is not committed
set -euo pipefail
cd "$(dirname "$0")/.."

export out=build/headers
mkdir -p "$out"
launcher=()
if command -v ccache > /dev/null; then
    export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$PWD
    launcher=(ccache)
fi
export compile="${launcher[*]} ${CXX:-g++} -std=c++23 -O0 -I. -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
    -Wno-missing-field-initializers \
    $(sed 's/^/-D/' cmake/asio_definitions.txt | tr '\n' ' ')"

check() {
    local header=$1 source=$out/${1//\//-}.cpp
    local text="#include \"$header\"
#include \"$header\"  // again: its guard works"
    [[ -f $source && $(< "$source") == "$text" ]] || printf '%s\n' "$text" > "$source"
    if ! $compile -c "$source" -o "${source%.cpp}.o" 2> "${source%.cpp}.log"; then
        echo "$header does not compile alone:"
        head -30 "${source%.cpp}.log"
        return 1
    fi
    rm -f "${source%.cpp}.o" "${source%.cpp}.log"
}
export -f check

if [[ ${1:-} == --recent ]]; then
    mapfile -t headers < <({ git log -n 100 --name-only --diff-filter=AMR --format= -- 'strata/*.hpp'
                             git diff --name-only --diff-filter=AMR HEAD -- 'strata/*.hpp'; } | sort -u |
                           while read -r each; do [[ ! -f $each ]] || echo "$each"; done)
elif (($#)); then
    headers=("$@")
else
    mapfile -t headers < <(find strata -name '*.hpp' | sort)
fi
((${#headers[@]})) || { echo "headers: there are none"; exit 0; }
if ! printf '%s\0' "${headers[@]}" | xargs -0 -n 1 -P "${JOBS:-2}" bash -c 'check "$1"' check; then
    echo "headers: see above"
    exit 1
fi
echo "headers: ${#headers[@]} compile alone"
