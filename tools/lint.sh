#!/usr/bin/env bash
# clang-format over all our files, then clang-tidy over the changed ones.
#   tools/lint.sh            check            tools/lint.sh --fix      put all files into form (no clang-tidy)
#   tools/lint.sh --format   only the form    tools/lint.sh --tidy     only clang-tidy
# What has changed is judged against CI_BASE, else the merge base with the main branch, else the commit before; what is
# not committed yet counts as changed. A changed header brings the source of the same name.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
jobs=${JOBS:-2}

our_files() {
    git ls-files -z --cached --others --exclude-standard -- \
        'strata/*.[ch]pp' 'tests/*.[ch]pp' 'fuzz/*.[ch]pp' 'bench/*.[ch]pp' 'examples/*.[ch]pp' 'cmake/*.[ch]pp' |
        while IFS= read -r -d '' file; do [[ -f $file ]] && printf '%s\0' "$file"; done
}

base_commit() {
    local head base
    head=$(git rev-parse HEAD)
    if [[ -n ${CI_BASE:-} ]] && git rev-parse -q --verify "$CI_BASE^{commit}" > /dev/null; then
        git rev-parse "$CI_BASE^{commit}"
        return
    fi
    for branch in origin/main main; do
        base=$(git merge-base HEAD "$branch" 2> /dev/null || true)
        if [[ -n $base && $base != "$head" ]]; then
            echo "$base"
            return
        fi
    done
    # The first commit is judged against the empty tree.
    git rev-parse -q --verify HEAD~1 2> /dev/null || git hash-object -t tree /dev/null
}

changed_sources() {
    local file
    {
        git diff --name-only --diff-filter=d "$(base_commit)" -- '*.cpp' '*.hpp'
        git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
    } | while read -r file; do
        [[ $file == *.hpp ]] && file=${file%.hpp}.cpp
        [[ -f $file && $file != *_implementation.cpp ]] && echo "$file"
    done | sort -u
}

format() {
    if [[ $mode == --fix ]]; then
        our_files | xargs -0 -r -n 20 -P "$jobs" clang-format-19 -i
        python3 tools/wrap_comments.py --fix || true  # what people must do is told
        echo "format: done"
    else
        our_files | xargs -0 -r -n 20 -P "$jobs" clang-format-19 --dry-run -Werror ||
            { echo "format: run 'make format'"; return 1; }
        python3 tools/wrap_comments.py || return 1
        echo "format: all files are in form"
    fi
}

tidy() {
    local known=() sources
    cmake --preset clang > build/clang-configure.log 2>&1 || { cat build/clang-configure.log; return 1; }
    mapfile -t sources < <(changed_sources)
    for file in "${sources[@]}"; do
        if grep -qF "\"file\": \"$PWD/$file\"" build/clang/compile_commands.json; then known+=("$file"); fi
    done
    if ((${#known[@]} == 0)); then
        echo "clang-tidy: nothing has changed"
        return 0
    fi
    printf '%s\0' "${known[@]}" |
        xargs -0 -n 2 -P "$jobs" clang-tidy-19 -p build/clang --quiet \
            2> >(grep -vE 'warnings? generated|Processing file' >&2 || true) ||
        { echo "clang-tidy: see above"; return 1; }
    echo "clang-tidy: ${#known[@]} changed files are clean"
}

mkdir -p build
failed=0
case $mode in
    --fix | --format) format || failed=1 ;;
    --tidy) tidy || failed=1 ;;
    all)
        format || failed=1
        tidy || failed=1
        ;;
    *)
        echo "usage: tools/lint.sh [--fix | --format | --tidy]" >&2
        exit 2
        ;;
esac
exit $failed
