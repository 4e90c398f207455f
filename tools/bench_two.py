#!/usr/bin/env python3
"""Measures two builds of Strata in turn, so that a change of the machine's mood is no change of ours.

    tools/bench_two.py BEFORE AFTER [--runs 7] [--only instructions,memory,idle,wire,http]

BEFORE and AFTER are build folders (preset release, with the target `benches`). Each row is what both did in alternating
runs: the medians with minimum and maximum, and their ratio. A row is WORSE when each median lies outside of the other's
minimum and maximum, on the bad side, by more than a thousandth; then the exit code is 1. A part that one of them has
not is left out.
The rows on a wire need root and /dev/net/tun; their traffic stays in namespaces made here. Every byte is compared.
"""
import argparse
import contextlib
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_http
import bench_wire


def show(name, unit, before, after, more_is_better=True, allowed=0.001):
    """True if it became worse by more than the spread."""
    old, new = statistics.median(before), statistics.median(after)
    same = abs(new - old) <= old * allowed
    apart = ((new < min(before) and old > max(after)) if more_is_better else (new > max(before) and old < min(after)))
    worse = apart and not same
    print(f"{name:56} {old:10.2f} ({min(before):.2f} to {max(before):.2f})  {new:10.2f} ({min(after):.2f} to "
          f"{max(after):.2f}) {unit:9} {new / old if old else 1:5.2f}{'  WORSE' if worse else ''}", flush=True)
    return worse


def turns(runs):
    """Whose turn it is, 0 or 1: first the one, then the other, and the next time the other way round. Else the second
    would be measured on a processor that the first has warmed, or whose credit it has used up."""
    for number in range(runs):
        yield from ((0, 1) if number % 2 == 0 else (1, 0))


def google_benchmark(program, *options):
    """{benchmark: its counters and times} of one run."""
    done = subprocess.run([program, "--benchmark_format=json", *options], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    return {one["name"]: one for one in json.loads(done.stdout)["benchmarks"]}


def instructions(builds, _):
    """Of one round of each kind in memory, counted by callgrind: the same number each time, so a hundredth is seen
    where seconds on a shared machine hide a tenth. That is also what it allows."""
    if shutil.which("valgrind") is None:
        print("instructions: left out, valgrind is not installed")
        return 0
    worse = 0
    for kind in ("bulk_cut/256", "bulk_super/256"):
        counts = []
        for build in builds:
            done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                                   build / "bench/memory_bench", f"--benchmark_filter={kind}/",
                                   "--benchmark_min_time=0.01"], capture_output=True, text=True, check=True)
            counts.append(int(re.search(r"Collected : (\d+)", done.stderr).group(1)) / 1e6)
        worse += show(f"instructions: {kind}", "millions", [counts[0]], [counts[1]], False, 0.01)
    return worse


def in_memory(builds, runs):
    measured = ([], [])
    for which in turns(runs):
        measured[which].append(google_benchmark(builds[which] / "bench/memory_bench", "--benchmark_min_time=0.5"))
    worse = 0
    for name in measured[0][0]:
        if any("Gbit/s" not in run.get(name, {}) for run in (*measured[0], *measured[1])):
            continue
        figures = [[run[name]["Gbit/s"] for run in mine] for mine in measured]
        worse += show(f"in memory: {name}", "Gbit/s", *figures)
    return worse


def idle(builds, _):
    before, after = (google_benchmark(build / "bench/idle_bench") for build in builds)
    worse = 0
    for name in before:
        for counter, value in before[name].items():
            if "byte" in counter and isinstance(value, (int, float)) and counter in after.get(name, {}):
                worse += show(f"idle: {name} {counter}", "bytes", [value], [after[name][counter]], False)
    return worse


def on_a_wire(builds, runs):
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("on a wire: left out, it needs root and /dev/net/tun")
        return 0
    wires = [os.path.abspath(build / "bench/wire") for build in builds]
    rows = [("throughput from the stack", "Gbit/s", "send", None, True),
            ("throughput to the stack", "Gbit/s", "recv", None, True),
            ("round trip of 1 byte, one core", "us", "pingpong", "0", False),
            ("connections one by one, opened by the stack", "1/s", "connect", "0", True)]
    worse = 0
    # A new address a run: the kernel's TIME-WAIT would take a new stack's SYN for an old one.
    hosts = itertools.count(10)
    try:
        bench_wire.set_up()
        for pin in (None, "0"):
            # The kernel's side is the same program for both.
            with bench_wire.Server(wires[1], bench_wire.C, "kernel", pin):
                for name, unit, part, row_pin, more in rows:
                    if row_pin != pin:
                        continue
                    figures = ([], [])
                    for which in turns(runs):
                        net = bench_wire.tap(f"10.98.1.{next(hosts)}")
                        figures[which].append(bench_wire.measure(wires[which], bench_wire.C, part, net,
                                                                 bench_wire.TAP_KERNEL, 2, pin))
                    worse += show(f"TAP: {name}", unit, *figures, more_is_better=more)
    finally:
        bench_wire.clean_up()
    return worse


def over_http(builds, runs):
    worse = 0
    here = bench_http.Place("127.0.0.1", "127.0.0.1")
    options = argparse.Namespace(runs=runs, size=512, files=1000, seconds=2, only="")
    with tempfile.TemporaryDirectory(prefix="strata-bench-", dir="/dev/shm") as folder:
        Path(folder).chmod(0o755)
        bench = bench_http.Bench(options, Path(folder))
        for net in ("kernel", "embedded"):
            with contextlib.ExitStack() as until:
                servers = []
                for build in builds:
                    bench_http.STRATA = os.path.abspath(build / "bin/strata")
                    servers.append(until.enter_context(
                        bench_http.Server("strata", bench.folder, bench.scratch, here, net)))
                parts = [("512 MiB (curl)", "MB/s", lambda server: bench.large(server)[0]),
                         ("1,000 files of 4 KiB (curl -K)", "files/s", bench.files)]
                if bench_http.shutil.which("wrk"):
                    parts.append(("4 KiB, 64 kept connections (wrk)", "requests/s",
                                  lambda server: bench.requests(server, 64, 1)))
                for name, unit, measure in parts:
                    figures = ([], [])
                    for which in turns(runs):
                        figures[which].append(measure(servers[which]))
                    worse += show(f"serve, {net}: {name}", unit, *figures)
    return worse


PARTS = {"instructions": (instructions, "bench/memory_bench"), "memory": (in_memory, "bench/memory_bench"),
         "idle": (idle, "bench/idle_bench"), "wire": (on_a_wire, "bench/wire"), "http": (over_http, "bin/strata")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    builds = (options.before, options.after)
    worse = 0
    print(f"{'':56} {'before':>10} {'(spread)':18} {'after':>10} {'(spread)':18} {'':9} ratio")
    for part in re.findall(r"\w+", options.only):
        measure, program = PARTS[part]
        missing = [str(build) for build in builds if not (build / program).exists()]
        if missing:
            print(f"{part}: left out, {' and '.join(missing)} has no {program}")
            continue
        worse += measure(builds, options.runs)
    print(f"(medians of {options.runs} alternating runs; {worse} rows are worse by more than their spread)")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
