#!/usr/bin/env python3
"""`strata wire`: the kernel's own ping, curl and sockets over a cable of ours, and what they measure of its delay,
rate, queue and losses.

    namespace left                   namespace middle                     namespace right
    ping, curl ── the kernel ── TAP wl ══ strata wire ══ TAP wr ── the kernel ── http.server
                  10.98.0.1                                         10.98.0.2
"""
# labels: slow
# timeout: 300
import os
import re
import time

from meeting import (Namespace, Program, check, joined, program, require_tools, run, run_steps, scratch_folder, skip,
                     why_no_tap)

LEFT, RIGHT = "10.98.0.1", "10.98.0.2"
FOLDER = scratch_folder()

# Runs in a namespace: a burst of datagrams, and how many of a burst arrive until it is quiet for a second.
SEND = ("import socket; s = socket.socket(type=socket.SOCK_DGRAM); "
        f"[s.sendto(bytes(1000), ('{RIGHT}', 5000)) for _ in range(200)]")
COUNT = """
import socket
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 5000))
print('listening', flush=True)
s.settimeout(30)
count = 0
try:
    while True:
        s.recv(2000)
        count += 1
        s.settimeout(2)
except TimeoutError:
    print('counted', count, flush=True)
"""


class WireTest:
    def __init__(self, strata, left, middle, right):
        self.strata, self.left, self.middle, self.right = strata, left, middle, right

    def wire(self, *options):
        wire = joined(self.strata, self.middle, {"wl": (self.left, LEFT), "wr": (self.right, RIGHT)}, *options)
        # Neighbours find each other before anything is measured.
        self.left.run("ping", "-c", "1", "-W", "20", RIGHT, expect=None)
        return wire

    def statistics(self, wire):
        wire.stop()
        text = "\n".join(wire.lines)
        ways = re.findall(r"tap:(\w+) to tap:\w+: (\d+) frames, \d+ bytes; (\d+) delivered, (\d+) lost, (\d+) dropped",
                          text)
        check(len(ways) == 2 and wire.process.returncode == 0, text)
        return {way[0]: dict(zip(("frames", "delivered", "lost", "dropped"), map(int, way[1:]))) for way in ways}

    def delay_and_rate_of_a_slow_line(self):
        (FOLDER / "file.bin").write_bytes(os.urandom(128 << 10))
        with self.wire("--rate", "256kbit", "--delay", "20ms") as wire:
            said = self.left.run("ping", "-q", "-c", "10", "-i", "0.2", RIGHT).stdout.decode()
            average = float(re.search(r"= [\d.]+/([\d.]+)/", said).group(1))
            # 20 ms and the 98 bytes' 3.1 ms, twice.
            check(45 <= average <= 70 and " 0% packet loss" in said, said)
            server = Program(*self.right.command("python3", "-u", "-m", "http.server", "8000",
                                                 "--directory", str(FOLDER)))
            with server:
                server.wait_for_line("Serving HTTP")
                began = time.monotonic()
                got = self.left.run("curl", "-sS", "-f", f"http://{RIGHT}:8000/file.bin").stdout
                rate = len(got) * 8 / (time.monotonic() - began)
            check(got == (FOLDER / "file.bin").read_bytes(), "the file arrived as another")
            check(200_000 < rate < 256_000, f"{rate:.0f} bit/s came through 256 kbit/s")
            print(f"      round trip {average:.1f} ms, {rate / 1000:.0f} kbit/s of text through 256", flush=True)
            self.statistics(wire)

    def losses_are_as_many_as_asked_for(self):
        with self.wire("--loss", "5%", "--seed", "7") as wire:
            said = self.left.run("ping", "-q", "-c", "1000", "-i", "0.002", "-W", "1", RIGHT,
                                 expect=None).stdout.decode()
            lost = float(re.search(r"([\d.]+)% packet loss", said).group(1))
            check(6 <= lost <= 14, said)  # 9.75 on both ways together
            ways = self.statistics(wire)
            for way in ways.values():
                check(0.02 <= way["lost"] / way["frames"] <= 0.08
                      and way["delivered"] == way["frames"] - way["lost"], ways)

    def a_full_queue_drops_what_comes_last(self):
        with self.wire("--rate", "1Mbit", "--queue", "10") as wire:
            with Program(*self.right.command("python3", "-c", COUNT)) as counting:
                counting.wait_for_line("listening")
                self.left.run("python3", "-c", SEND)
                count = int(counting.wait_for_line(r"counted (\d+)").group(1))
            check(10 <= count <= 40, f"{count} of a burst of 200 passed a queue of 10")
            ways = self.statistics(wire)
            check(ways["wl"]["dropped"] >= 160, ways)

    def duplicates_and_overtaking_are_seen_by_ping(self):
        with self.wire("--duplicate", "20%", "--reorder", "20%") as wire:
            said = self.left.run("ping", "-c", "100", "-i", "0.002", "-W", "1", RIGHT).stdout.decode()
            check("DUP!" in said, said)
            numbers = [int(number) for number in re.findall(r"icmp_seq=(\d+)", said)]
            check(numbers != sorted(numbers), "nothing was overtaken")
            self.statistics(wire)

    def our_ping_tells_what_else_answers(self):
        with self.wire("--duplicate", "100%", "--delay", "5ms") as wire:
            self.right.run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts")
            said = self.left.run(self.strata, "ping", "-c", "3", "-i", "0.3", RIGHT).stdout.decode()
            check(said.count(f"64 bytes from {RIGHT}: icmp_seq=1 ") == 4
                  and "(DUP!)" in said and "DIFFERENT" not in said, said)
            check(re.search(r"3 packets transmitted, 3 received, \+\d duplicates, 0% packet loss", said), said)
            said = self.left.run(self.strata, "ping", "-c", "2", "-i", "0.3", "10.98.0.255").stdout.decode()
            # Whoever answers a broadcast address may.
            check(f"64 bytes from {RIGHT}" in said and "DIFFERENT" not in said, said)
            self.left.ip("route", "add", "224.0.0.0/4", "dev", "wl")
            said = self.left.run(self.strata, "ping", "-c", "2", "-i", "0.3", "224.0.0.1").stdout.decode()
            check(f"64 bytes from {RIGHT}" in said and "DIFFERENT" not in said, said)
            self.statistics(wire)

    def it_ends_when_it_was_told_to(self):
        began = time.monotonic()
        said = self.middle.run(self.strata, "wire", "tap:wl", "tap:wr", "--for", "0.5").stdout.decode()
        check(time.monotonic() - began < 5 and said.count(" frames, ") == 2, said)

    def what_is_not_understood_is_said_in_a_sentence(self):
        for arguments, words in ((("tap:wl", "wr"), "tap:NAME"), (("tap:wl", "tap:wl"), "two ends"),
                                 (("tap:wl", "tap:wr", "--rate", "fast"), "256kbit"),
                                 (("tap:wl", "tap:wr", "--loss", "2"), "1%")):
            said = run(self.strata, "wire", *arguments, expect=2).stderr.decode()
            check(words in said and said.count("\n") == 1, said)


def main():
    require_tools("ip", "ping", "curl")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as left, Namespace() as middle, Namespace() as right:
        for namespace in (left, middle, right):
            # The kernel's own neighbour discovery would be counted too.
            namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; "
                                      "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
                          expect=None)
        test = WireTest(strata, left, middle, right)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "what_is_not_understood_is_said_in_a_sentence", "it_ends_when_it_was_told_to",
            "delay_and_rate_of_a_slow_line", "losses_are_as_many_as_asked_for", "a_full_queue_drops_what_comes_last",
            "duplicates_and_overtaking_are_seen_by_ping", "our_ping_tells_what_else_answers")])


if __name__ == "__main__":
    main()
