#!/usr/bin/env bash
# All measurements: in memory (Google Benchmark), then on a wire beside the kernel (root only). Called by `make bench`;
# BUILD is the build folder.
#   RUNS=5 tools/bench.sh        RUNS is how many alternating runs the wire's medians are of
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}
runs=${RUNS:-5}

echo "== two of our stacks in memory: one thread, checksums computed and verified"
"$build/bench/memory_bench" --benchmark_repetitions="$runs" --benchmark_report_aggregates_only=true \
    --benchmark_min_time=0.5
echo "== an idle connection"
"$build/bench/idle_bench"
echo "== datagrams put together from fragments"
"$build/bench/reassembly_bench"
echo "== on a TAP, beside the kernel on a veth pair"
if [[ $(id -u) == 0 && -e /dev/net/tun ]]; then
    python3 tools/bench_wire.py --wire "$build/bench/wire" --runs "$runs"
else
    echo "skipped: needs root and /dev/net/tun; run 'sudo tools/bench_wire.py'"
fi
echo "== HTTP, beside nginx and lighttpd, curl and wget"
STRATA="$build/bin/strata" python3 tools/bench_http.py --runs "$runs" || [[ $? == 77 ]]
echo "== FTP, beside vsftpd, proftpd and pure-ftpd"
STRATA="$build/bin/strata" python3 tools/bench_ftp.py --runs "$runs" || [[ $? == 77 ]]
echo "== TFTP, beside tftpd-hpa and atftpd, tftp and atftp"
STRATA="$build/bin/strata" python3 tools/bench_tftp.py --runs "$runs" || [[ $? == 77 ]]
echo "== NFS, beside nfs-ganesha"
STRATA="$build/bin/strata" python3 tools/bench_nfs.py --runs "$runs" || [[ $? == 77 ]]
