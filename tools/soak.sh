#!/usr/bin/env bash
# Fuzzers and simulations for as long as told, outside of CI: tools/soak.sh [SECONDS] (600), called by `make soak`.
# Half of the cores' time goes to the fuzzers (preset fuzz, each an equal share, from the inputs that were found
# before), half to the simulation with fresh seeds (preset release). What failed, and how to repeat it, is said at the
# end; everything is in build/soak/.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
[[ $seconds =~ ^[1-9][0-9]{0,6}$ ]] || { echo "soak: '$seconds' is no number of seconds: write FOR=3600, say"; exit 2; }
mkdir -p build/soak

[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz ${CI:+-DSTRATA_TOGETHER=ON}
cmake --build build/fuzz -j "${JOBS:-2}" --target fuzzers
[[ -f build/release/build.ninja ]] || cmake --preset release
cmake --build build/release -j "${JOBS:-2}" --target test_simulation

ends=$((SECONDS + seconds))

# One fuzzer after another beside the simulation, so that two cores have work all along.
soak_fuzzers() {
    local names=() name share failed=0
    for source in fuzz/*.cpp; do names+=("$(basename "$source" .cpp)"); done
    share=$((seconds / ${#names[@]}))
    for name in "${names[@]}"; do
        JOBS=1 tools/fuzz.sh $((share > 0 ? share : 1)) "$name" || failed=1
    done
    return $failed
}

# A seed is a number nobody ran before: the clock's. Each run ends by itself; the last one is cut at the end and counts
# for nothing.
soak_simulation() {
    local seed runs=0 left status
    while left=$((ends - SECONDS)) && ((left > 0)); do
        seed=$(date +%s%N)
        status=0
        STRATA_SEED=$seed timeout "$left" build/release/tests/test_simulation > build/soak/simulation.log 2>&1 ||
            status=$?
        ((status == 124)) && break
        if ((status != 0)); then
            cp build/soak/simulation.log "build/soak/simulation-$seed.log"
            echo "simulation: FAULT after $runs seeds, see build/soak/simulation-$seed.log; repeat it with"
            echo "    STRATA_SEED=$seed build/release/tests/test_simulation"
            return 1
        fi
        runs=$((runs + 1))
    done
    echo "simulation: $runs fresh seeds, no fault"
}

soak_fuzzers > build/soak/fuzzers.txt 2>&1 &
fuzzers=$!
failed=0
soak_simulation > build/soak/simulation.txt 2>&1 || failed=1
wait "$fuzzers" || failed=1

echo "== after $seconds s"
grep '^fuzz: ' build/soak/fuzzers.txt || true
cat build/soak/simulation.txt
((failed == 0)) && echo "soak: no fault" || { echo "soak: FAULTS"; exit 1; }
