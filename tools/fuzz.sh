#!/usr/bin/env bash
# Builds the fuzzers (preset fuzz) and runs each for some seconds on its corpus: tools/fuzz.sh [SECONDS] [NAME...]
# New inputs that reach new code are kept in build/fuzz/found/<name>/, where the next run starts from; a crash is left
# in build/fuzz/crashes/<name>/. To keep inputs for good, merge them:
# build/fuzz/fuzz/fuzz_<name> -merge=1 fuzz/corpus/<name> ...   AT_ONCE (JOBS) says how many run at a time, 0 all.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz ${CI:+-DSTRATA_TOGETHER=ON}
cmake --build build/fuzz -j "${JOBS:-2}" --target fuzzers

names=("$@")
if ((${#names[@]} == 0)); then
    for source in fuzz/*.cpp; do [[ -f $source ]] && names+=("$(basename "$source" .cpp)"); done
fi
((${#names[@]})) || { echo "fuzz: there are no targets"; exit 0; }

export seconds
run_one() {
    local name=$1 folder=build/fuzz
    local corpus=()
    [[ -d fuzz/corpus/$name ]] && corpus=("fuzz/corpus/$name")
    mkdir -p "$folder/found/$name" "$folder/crashes/$name"
    if "$folder/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$folder/crashes/$name/" "$folder/found/$name" "${corpus[@]}" > "$folder/$name.log" 2>&1; then
        echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log") inputs, no fault"
    else
        echo "fuzz: $name: FAULT, see $folder/$name.log and $folder/crashes/$name/"
        tail -40 "$folder/$name.log"
        return 1
    fi
}
export -f run_one
printf '%s\0' "${names[@]}" | xargs -0 -n 1 -P "${AT_ONCE:-${JOBS:-2}}" bash -c 'run_one "$1"' run_one
