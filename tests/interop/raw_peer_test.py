#!/usr/bin/env python3
"""`strata serve` on a TAP, and a peer that sends what no kernel sends (raw_peer.py): gaps, source routes, forged ARP,
floods.

    namespace:   curl ── the kernel ──┬── TAP raw0 ── strata serve   10.97.0.1
                         10.97.0.2    │
                 raw peer ────────────┘
                 10.97.0.9, and whoever it claims to be

After each attack a lawful curl is served within a second, and the server's memory is within BUDGET of what it had at
the start. A flood is two seconds long; with FULL=1 in the environment a minute, and a minute after the last the memory
is back to within 20 MB.
"""
# labels: slow
# timeout: 1500
import os
import random
import re
import time

from meeting import Namespace, Program, check, program, require_tools, run_steps, scratch_folder, skip, why_no_tap
from raw_peer import (ACK, ARP, BROADCAST, FIN, ICMP, RST, SYN, TCP, UDP, RawPeer, arp, ethernet, icmp_echo, mac,
                      rss_of, tcp, udp)

OURS, KERNEL, PEER = "10.97.0.1", "10.97.0.2", "10.97.0.9"
FULL = os.environ.get("FULL") == "1"
SECONDS = 60 if FULL else 2
PER_SECOND = 4000
FORGED_MIN, DOWNLOADS_MAX = 20, 20
BUDGET = 64 << 20
BACK_TO = 20 << 20
FOLDER = scratch_folder()
# Each byte of a request for it is worth three, and one that is wrong asks for another file.
LONG_NAME = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=210))


class RawPeerTest:
    def __init__(self, server, namespace, peer):
        self.server, self.namespace, self.peer = server, namespace, peer
        self.curl()
        self.start = rss_of(self.pid())

    # --- what every step uses

    def pid(self):
        """Of strata itself: `ip netns exec` becomes it."""
        return self.server.process.pid

    def curl(self):
        """Seconds that a lawful request took."""
        began = time.monotonic()
        got = self.namespace.run("curl", "-sS", "-f", "-m", "10", f"http://{OURS}/small.txt").stdout
        check(got == b"a small file\n", f"curl got {got[:100]}")
        return time.monotonic() - began

    def still_well(self):
        check(self.server.process.poll() is None, "the server is gone")
        more = rss_of(self.pid()) - self.start
        took = self.curl()
        check(took < 1, f"a lawful curl took {took:.2f} s")
        check(more < BUDGET, f"{more >> 20} MiB more than at the start")
        print(f"      then a curl took {took:.3f} s, {more / (1 << 20):.1f} MiB more than at the start", flush=True)

    def flood(self, make_frame):
        sent = self.peer.flood(make_frame, SECONDS * PER_SECOND, PER_SECOND)
        check(sent > SECONDS * PER_SECOND / 4, f"only {sent} frames left")
        self.still_well()
        self.peer.drain()

    def connected(self):
        flow = self.peer.handshake(80)
        check(flow is not None, "the handshake was not answered")
        return flow

    def counted(self, name):
        """Read when the server has ended."""
        match = re.search(rf"{name}\s+(\d+)", "\n".join(self.server.lines))
        return int(match.group(1)) if match else 0

    # --- lawful, to see that the kit speaks as the kernel does

    def a_lawful_conversation(self):
        self.peer.send_ip(ICMP, icmp_echo(1, 1, b"payload"))
        answer = self.peer.wait_for(lambda frame: frame.icmp and frame.icmp[0] == 0)
        check(answer and answer.valid and answer.payload[:7] == b"payload" and answer.ip_destination == PEER, answer)
        flow = self.connected()
        self.peer.send_tcp(flow, b"GET /small.txt HTTP/1.0\r\n\r\n")
        check(self.peer.read(flow), "the answer did not end")
        check(flow.received.endswith(b"\r\n\r\na small file\n"), bytes(flow.received))
        self.peer.send_tcp(flow, flags=FIN | ACK)

    # --- odd packets

    def source_routes_are_refused_and_record_routes_answered(self):
        for kind in (131, 137):
            self.peer.send_ip(ICMP, icmp_echo(7, kind), options=bytes([kind, 7, 4, 10, 97, 0, 8]))
        self.peer.send_ip(ICMP, icmp_echo(7, 1), options=bytes([7, 11, 4]) + bytes(8))
        answer = self.peer.wait_for(lambda frame: frame.icmp and frame.icmp[0] == 0)
        check(answer and answer.valid and answer.icmp[3] == 1, f"the first answer was {answer}")
        check(answer.options[:7] == bytes([7, 11, 8, 10, 97, 0, 1]), answer.options)
        segment = tcp(PEER, OURS, 30000, 80, 1, 0, SYN)
        self.peer.send_ip(TCP, segment, options=bytes([131, 7, 4, 10, 97, 0, 8]))
        check(self.peer.wait_for(lambda frame: frame.tcp, timeout=1) is None, "a source-routed SYN was answered")

    def forged_announcements_divert_nothing(self):
        """While the kernel downloads, the peer says twenty times a second that the kernel's address is its own."""
        forged = 0
        for _ in range(DOWNLOADS_MAX):
            forged += self.forge_during_a_download(forged)
            if forged >= FORGED_MIN:
                break
        check(forged >= FORGED_MIN, f"only {forged} forgeries")

    def forge_during_a_download(self, before):
        forged = 0
        with Program(*self.namespace.command("curl", "-sS", "-f", "--limit-rate", "2M", "-o", str(FOLDER / "got"),
                                             f"http://{OURS}/file.bin")) as client:
            while client.process.poll() is None and forged < 1000:
                self.peer.send_arp(1 + (before + forged) % 2, KERNEL, to=self.peer.target_mac, sender_ip=KERNEL)
                forged += 1
                stolen = self.peer.wait_for(
                    lambda frame: frame.destination == self.peer.mac and frame.ip_destination == KERNEL, timeout=0.05)
                check(stolen is None, f"the kernel's traffic came to the peer: {stolen}")
            check(client.process.wait(60) == 0, client.lines)
        check((FOLDER / "got").read_bytes() == (FOLDER / "served" / "file.bin").read_bytes(), "the file is another")
        return forged

    def a_move_is_followed_within_two_seconds(self):
        self.peer.send_ip(ICMP, icmp_echo(9, 1))
        check(self.peer.wait_for(lambda frame: frame.icmp and frame.icmp[0] == 0), "no answer at the old address")
        old, self.peer.mac = self.peer.mac, mac("02:99:00:00:00:10")
        self.peer.send_arp(2, PEER, sender_ip=PEER)
        began, answer = time.monotonic(), None
        while answer is None and time.monotonic() - began < 5:
            self.peer.send_ip(ICMP, icmp_echo(9, 2))
            # The question to the old address is answered by nobody: whoever asks for PEER there is not heard.
            answer = self.wait_silently(
                lambda frame: frame.icmp and frame.icmp[0] == 0 and frame.destination == self.peer.mac, old)
        took = time.monotonic() - began
        check(answer is not None and took < 2.2, f"{took:.1f} s, answer: {answer}")
        print(f"      after {took:.2f} s", flush=True)

    def who_claims_our_address_is_told_of(self):
        """RFC 5227 2.4: it is defended at once, and not again for ten seconds; a person hears of it once a minute."""
        self.peer.drain()
        for _ in range(5):
            self.peer.send_arp(1, OURS, sender_ip=OURS)
        defends = lambda frame: frame.arp and frame.arp[0] == 1 and frame.arp[2] == OURS  # noqa: E731
        check(self.peer.wait_for(defends, timeout=5), "the address was not defended")
        check(self.peer.wait_for(defends, timeout=1) is None, "it was defended more than once")
        self.server.wait_for_line(r"uses our address 10\.97\.0\.\d+ too")
        told = [line for line in self.server.lines if "uses our address" in line]
        check(len(told) == 1 and "02:99:00:00:00:10" in told[0], told)

    def wait_silently(self, wanted, old):
        """As wait_for(), but a frame to the address that was left goes unanswered."""
        address, self.peer.address = self.peer.address, "0.0.0.0"
        try:
            return self.peer.wait_for(wanted, timeout=0.1)
        finally:
            self.peer.address = address

    # --- floods

    def flood_of_syns(self):
        def syn(number):
            source = f"10.97.0.{100 + number % 100}"
            return self.peer.ip_frame(TCP, tcp(source, OURS, 1024 + number % 60000, 80, number * 7919, 0, SYN),
                                      source=source)
        self.flood(syn)

    def flood_of_segments_out_of_the_window(self):
        flow = self.connected()
        self.flood(lambda number: self.peer.tcp_frame(flow, b"x" * 100, seq=flow.seq + (1 << 30) + number * 100))

    def gaps(self, place):
        flow = self.connected()
        self.flood(lambda number: self.peer.tcp_frame(flow, b"x", seq=flow.seq + place(number)))
        self.peer.send_tcp(flow, flags=RST, seq=flow.seq)

    def flood_of_gaps_upwards(self):
        self.gaps(lambda number: 1 + 2 * number % 60000)

    def flood_of_gaps_downwards(self):
        self.gaps(lambda number: 60001 - 2 * number % 60000)

    def flood_of_arp(self):
        def question(number):
            source = f"10.97.{number >> 8 & 255}.{number & 255}"
            return self.arp_frame(source, bytes([2, 1, *number.to_bytes(4, "big")]))
        self.flood(question)

    def arp_frame(self, source, source_mac):
        return ethernet(BROADCAST, source_mac, ARP, arp(1, source_mac, source, bytes(6), OURS))

    def flood_of_echoes(self):
        self.flood(lambda number: self.peer.ip_frame(ICMP, icmp_echo(3, number & 0xffff, bytes(1400))))

    def flood_of_datagrams_to_closed_ports(self):
        self.flood(lambda number: self.peer.ip_frame(UDP, udp(PEER, OURS, 5000, 1 + number % 65535, b"anybody")))

    def memory_comes_back(self):
        if not FULL:
            return
        self.peer.drain(60)
        more = rss_of(self.pid()) - self.start
        check(more < BACK_TO, f"{more >> 20} MiB more than at the start, a minute later")

    # --- last: it ended the server once

    def three_hundred_gaps_and_then_the_bytes_between(self):
        request = f"GET /{''.join(f'%{ord(letter):02x}' for letter in LONG_NAME)} HTTP/1.0\r\n\r\n".encode()
        flow = self.connected()
        for place in range(1, 601, 2):
            self.peer.send_tcp(flow, request[place:place + 1], seq=flow.seq + place)
        for place in range(0, 601, 2):
            self.peer.send_tcp(flow, request[place:place + 1], seq=flow.seq + place)
        # What had to be forgotten is sent again, as any sender would.
        for place in range(1, 601, 2):
            self.peer.send_tcp(flow, request[place:place + 1], seq=flow.seq + place)
        self.peer.send_tcp(flow, request[601:], seq=flow.seq + 601)
        flow.seq += len(request)
        check(self.peer.read(flow), "the answer did not end")
        check(flow.received.endswith(b"\r\n\r\nthe long name's file\n"), bytes(flow.received[:200]))
        self.still_well()

    def what_was_dropped_was_counted(self):
        self.server.stop()
        check(self.server.process.returncode == 0, self.server.lines[-5:])
        check(self.counted("ipInSourceRouted") >= 3, "source routes were not counted")
        check(self.counted("neighborContested") >= FORGED_MIN, "the forged announcements were not counted")
        check(self.counted("icmpOutRateLimited") >= 1000, "ICMP's errors were not limited")


def make_files():
    served = FOLDER / "served"
    served.mkdir()
    (served / "small.txt").write_text("a small file\n")
    (served / LONG_NAME).write_text("the long name's file\n")
    (served / "file.bin").write_bytes(os.urandom(4 << 20))
    return served


def main():
    require_tools("ip", "curl")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    served = make_files()
    with Namespace() as namespace:
        command = namespace.command(strata, "serve", str(served), "--net", f"tap:raw0,addr={OURS}/24,host={KERNEL}/24")
        with Program(*command) as server:
            server.wait_for_line(r"serving .* at fetch://")
            with RawPeer(namespace, "raw0", PEER, OURS) as peer:
                check(peer.resolve(), "nobody answered for " + OURS)
                test = RawPeerTest(server, namespace, peer)
                run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
                    "a_lawful_conversation", "source_routes_are_refused_and_record_routes_answered",
                    "forged_announcements_divert_nothing", "a_move_is_followed_within_two_seconds",
                    "who_claims_our_address_is_told_of", "flood_of_echoes", "flood_of_datagrams_to_closed_ports",
                    "flood_of_arp", "flood_of_segments_out_of_the_window", "flood_of_syns", "flood_of_gaps_upwards",
                    "flood_of_gaps_downwards", "memory_comes_back",
                    "three_hundred_gaps_and_then_the_bytes_between", "what_was_dropped_was_counted")])


if __name__ == "__main__":
    main()
