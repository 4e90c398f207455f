#!/usr/bin/env python3
"""How evenly the kernel's CUBIC flows share a bottleneck of ours: what test_simulation's Flows print of our own, asked
of the kernel.

    namespace a: FLOWS senders ── TAP ══ strata wire: RATE, DELAY each way, a queue of QUEUE frames
                                      ══ TAP ── namespace b: a sink

The flows begin spread over a second; for SECONDS after the last has begun, the sink counts what arrives of each. In
real time, so no two runs are the same. Needs root (namespaces, /dev/net/tun). All traffic stays inside namespaces made
here and removed at the end.

usage: bench_flows.py [--flows 4] [--queue 664] [--rate 100mbit] [--delay 10ms] [--seconds 60] [--runs 3]
"""
import argparse
import os
import subprocess
import sys

TAG = f"st{os.getpid() % 100000}"
A, B, MIDDLE = f"{TAG}a", f"{TAG}b", f"{TAG}m"
ENDS = {f"{TAG}x": (A, "10.98.2.1"), f"{TAG}y": (B, "10.98.2.2")}
SINK_ADDRESS = "10.98.2.2"

SINK = """
import socket, sys, threading, time
flows, seconds = int(sys.argv[1]), float(sys.argv[2])
listener = socket.create_server(("0.0.0.0", 5000), backlog=flows)
print("ready", flush=True)
got = [0] * flows
def read(number, peer):
    buffer = bytearray(1 << 18)
    while count := peer.recv_into(buffer):
        got[number] += count
for number in range(flows):
    threading.Thread(target=read, args=(number, listener.accept()[0]), daemon=True).start()
before = list(got)
time.sleep(seconds)
print(*(now - then for now, then in zip(got, before)), flush=True)
"""

SOURCE = f"""
import socket, sys, threading, time
flows = int(sys.argv[1])
def write():
    peer = socket.socket()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
    peer.connect(("{SINK_ADDRESS}", 5000))
    while True:
        peer.sendall(bytes(1 << 16))
for _ in range(flows):
    threading.Thread(target=write, daemon=True).start()
    time.sleep(1 / flows)
time.sleep(3600)
"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def start(namespace, *command):
    return subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=subprocess.PIPE, text=True)


def one_run(options):
    """What each flow brought, in bytes."""
    started = []
    try:
        for name in (A, B, MIDDLE):
            ip("netns", "add", name)
        wire = start(MIDDLE, os.path.abspath(options.strata), "wire", *(f"tap:{end}" for end in ENDS),
                     "--rate", options.rate, "--delay", options.delay, "--queue", str(options.queue))
        started.append(wire)
        if not wire.stdout.readline():  # else both devices are there now
            sys.exit("bench_flows.py: strata wire did not start")
        for end, (name, address) in ENDS.items():
            ip("-n", MIDDLE, "link", "set", end, "netns", name)
            ip("-n", name, "addr", "add", f"{address}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
        sink = start(B, sys.executable, "-c", SINK, str(options.flows), str(options.seconds))
        started.append(sink)
        sink.stdout.readline()
        started.append(start(A, sys.executable, "-c", SOURCE, str(options.flows)))
        got = [int(word) for word in sink.stdout.readline().split()]
        if len(got) != options.flows or not any(got):
            sys.exit("bench_flows.py: not every flow began, or nothing came")
        return got
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
        for name in (A, B, MIDDLE):
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--flows", type=int, default=4)
    arguments.add_argument("--queue", type=int, default=664)
    arguments.add_argument("--rate", default="100mbit")
    arguments.add_argument("--delay", default="10ms")
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--strata", default="build/release/bin/strata")
    options = arguments.parse_args()
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        sys.exit("bench_flows.py: needs root and /dev/net/tun: run it as root")
    for number in range(options.runs):
        got = one_run(options)
        jain = sum(got) ** 2 / (len(got) * sum(bytes * bytes for bytes in got))
        rates = " ".join(f"{bytes * 8 / 1e6 / options.seconds:.1f}" for bytes in got)
        print(f"run {number + 1}: {options.flows} kernel flows, queue {options.queue}: Jain {jain:.3f}, "
              f"Mbit/s each: {rates}", flush=True)


if __name__ == "__main__":
    main()
