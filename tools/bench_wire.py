#!/usr/bin/env python3
"""Measures our stack on a TAP beside the kernel on a veth pair: the same payload, the same tool, in turn.

    kernel:  namespace a (client) ── veth ── namespace b (server)
    strata:  namespace c: our stack ── TAP ── the kernel (the other end)

Both sides write 256 KiB at a time and compare every byte they receive; kernel peers use TCP_CONGESTION cubic and let
the kernel choose their buffers, ours are 1 MiB. Round trips and connections are pinned to core 0, both ends; bulk
transfers are not pinned, they need two.
Each figure is the median, with minimum and maximum, of RUNS runs that alternate; what counts is the ratio.
Needs root (namespaces, /dev/net/tun). All traffic stays inside namespaces made here and removed at the end.

usage: bench_wire.py [--runs 5] [--seconds 2] [--wire build/release/bench/wire]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys

TAG = f"st{os.getpid() % 100000}"
A, B, C = f"{TAG}a", f"{TAG}b", f"{TAG}c"
VETH_A, VETH_B = f"{TAG}va", f"{TAG}vb"
KERNEL_SERVER = "10.98.0.2"
TAP_OURS, TAP_KERNEL = "10.98.1.1", "10.98.1.2"


def tap(address):
    return f"tap:{TAG}t,{address}/24,{TAP_KERNEL}/24"


def run(*command):
    subprocess.run(command, check=True)


def set_up():
    for name in (A, B, C):
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
    run("ip", "-n", A, "link", "add", VETH_A, "type", "veth", "peer", "name", VETH_B, "netns", B)
    run("ip", "-n", A, "addr", "add", "10.98.0.1/24", "dev", VETH_A)
    run("ip", "-n", B, "addr", "add", f"{KERNEL_SERVER}/24", "dev", VETH_B)
    run("ip", "-n", A, "link", "set", VETH_A, "up")
    run("ip", "-n", B, "link", "set", VETH_B, "up")


def clean_up():
    for name in (A, B, C):
        subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)


class Server:
    """A serving part in a namespace, ready when it says so."""

    def __init__(self, wire, namespace, net, pin):
        self.process = subprocess.Popen(in_namespace(namespace, pin, wire, "serve", net), stdout=subprocess.PIPE,
                                        text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the server in {namespace} did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def in_namespace(namespace, pin, *command):
    pinned = ["taskset", "-c", pin] if pin else []
    return ["ip", "netns", "exec", namespace, *pinned, *command]


def measure(wire, namespace, part, net, host, seconds, pin=None):
    done = subprocess.run(in_namespace(namespace, pin, wire, part, net, host, str(seconds)), stdout=subprocess.PIPE,
                          text=True, timeout=300, check=True)
    return float(done.stdout.split()[-1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=2,
                           help="of a run, at least 2 for figures that mean something")
    arguments.add_argument("--wire", default="build/release/bench/wire")
    options = arguments.parse_args()
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun") or not shutil.which("ip"):
        sys.exit("bench_wire.py: needs root, /dev/net/tun and iproute2: run it as root")
    wire = os.path.abspath(options.wire)

    # name, unit, part, the core both ends are pinned to, aim for ours/kernel
    rows = [
        ("throughput from the stack", "Gbit/s", "send", None, ">= 0.7"),
        ("throughput to the stack", "Gbit/s", "recv", None, ">= 0.88"),
        ("round trip of 1 byte, one core", "us", "pingpong", "0", "<= 1.2"),
        ("connections one by one, opened by the stack", "1/s", "connect", "0", ""),
    ]
    serving = [
        ("round trip of 1 byte, the stack answers", "us", "pingpong", "0", "<= 1.2"),
        ("connections one by one, accepted by the stack", "1/s", "connect", "0", ""),
    ]
    results = {}
    try:
        set_up()
        for pin in (None, "0"):
            with Server(wire, B, "kernel", pin), Server(wire, C, "kernel", pin):
                for name, _, part, row_pin, _ in rows:
                    if row_pin != pin:
                        continue
                    for number in range(options.runs):
                        results.setdefault((name, "kernel"), []).append(
                            measure(wire, A, part, "kernel", KERNEL_SERVER, options.seconds, pin))
                        # A new address a run: the kernel's TIME-WAIT would take a restarted stack's SYN for an old one.
                        net = tap(f"10.98.1.{10 + number}")
                        results.setdefault((name, "strata"), []).append(
                            measure(wire, C, part, net, TAP_KERNEL, options.seconds, pin))
        with Server(wire, B, "kernel", "0"), Server(wire, C, tap(TAP_OURS), "0"):
            for name, _, part, pin, _ in serving:
                for _ in range(options.runs):
                    results.setdefault((name, "kernel"), []).append(
                        measure(wire, A, part, "kernel", KERNEL_SERVER, options.seconds, pin))
                    results.setdefault((name, "strata"), []).append(
                        measure(wire, C, part, "kernel", TAP_OURS, options.seconds, pin))
    finally:
        clean_up()

    print(f"{'':55} {'kernel':>9} {'min':>9} {'max':>9} {'strata':>9} {'min':>9} {'max':>9} {'ratio':>6}   aim")
    for name, unit, *_, aim in rows + serving:
        line = f"{name + ', ' + unit:55}"
        for side in ("kernel", "strata"):
            runs = results[name, side]
            line += f" {statistics.median(runs):9.1f} {min(runs):9.1f} {max(runs):9.1f}"
        ratio = statistics.median(results[name, "strata"]) / statistics.median(results[name, "kernel"])
        print(f"{line} {ratio:6.2f}   {aim}")
    print(f"(medians of {options.runs} alternating runs of {options.seconds:g} s each)")


if __name__ == "__main__":
    main()
