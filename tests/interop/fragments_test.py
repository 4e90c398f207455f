#!/usr/bin/env python3
"""Packets longer than the way allows, between the kernel and our stack on a TAP.

    ours 10.97.0.1 ── TAP ── [near: 10.97.0.2, 10.97.1.1] ── MTU 700 ── [router] ── MTU 1500 ── [far: 10.97.2.2]
                              three namespaces of the kernel's, which forward

What no kernel sends (fragments in any order, twice, over one another) comes from a raw peer on the TAP.
"""
import itertools
import os
import re
import socket
import struct

from meeting import (Namespace, Program, check, installed, program, require_tools, run_steps, scratch_folder, sha256,
                     skip, why_no_tap)
from raw_peer import ICMP, RawPeer, icmp_echo

OURS, NEAR, FAR = "10.97.0.1", "10.97.0.2", "10.97.2.2"
FOLDER = scratch_folder()


class Fragments:
    def __init__(self, strata, near, router, far):
        self.strata, self.near, self.router, self.far = strata, near, router, far
        self.content = os.urandom(1 << 20)
        served = FOLDER / "served"
        served.mkdir()
        (served / "file").write_bytes(self.content)
        # The router answers each fragment that is too long; its limits would hide the second.
        for place in (near, router, far):
            place.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0")
        router.ip("link", "add", "up0", "type", "veth", "peer", "name", "down0", "netns", near.name)
        router.ip("link", "add", "far0", "type", "veth", "peer", "name", "eth0", "netns", far.name)
        for place, device, address, mtu in ((near, "down0", "10.97.1.1/24", 700), (router, "up0", "10.97.1.2/24", 700),
                                            (router, "far0", "10.97.2.1/24", 1500), (far, "eth0", f"{FAR}/24", 1500)):
            place.ip("addr", "add", address, "dev", device)
            place.ip("link", "set", device, "mtu", str(mtu), "up")
        near.ip("route", "add", "10.97.2.0/24", "via", "10.97.1.2")
        router.ip("route", "add", "10.97.0.0/24", "via", "10.97.1.1")
        far.ip("route", "add", "default", "via", "10.97.2.1")
        self.server = self.serve()

    def serve(self):
        """Until the end of the test, and the file by way of the gateway."""
        server = Program(*self.near.command(self.strata, "serve", FOLDER / "served", "--net",
                                            f"tap:frag0,addr={OURS}/24,host={NEAR}/24,gw={NEAR}"))
        server.wait_for_line(r"serving .* at fetch://")
        return server

    def ours(self, host, *arguments, device="frag1", expect=0):
        """`strata ping` on a TAP of its own, 10.97.3.1, which the near kernel forwards for."""
        net = f"tap:{device},addr=10.97.3.1/24,host=10.97.3.2/24,gw=10.97.3.2"
        self.router.ip("route", "replace", "10.97.3.0/24", "via", "10.97.1.1")
        return self.near.run(self.strata, "ping", host, *arguments, "--net", net, expect=expect).stdout.decode()

    # ---- the kernel

    def the_longest_ping_to_ours(self):
        said = self.near.run("ping", "-n", "-c", "3", "-i", "0.2", "-s", "65507", OURS).stdout.decode()
        check("3 received, 0% packet loss" in said and "65515 bytes from" in said, said)

    def the_longest_ping_from_ours(self):
        said = self.ours("10.97.3.2", "-c", "3", "-i", "0.2", "-s", "65507")
        check("65515 bytes from 10.97.3.2: icmp_seq=3" in said and "3 received" in said, said)

    def a_long_ping_over_a_narrow_way(self):
        """The kernel's fragments are cut again by its router, and so are ours."""
        said = self.far.run("ping", "-n", "-c", "2", "-i", "0.2", "-s", "20000", OURS).stdout.decode()
        check("2 received, 0% packet loss" in said, said)
        said = self.ours(FAR, "-c", "2", "-i", "0.2", "-s", "20000", "-M", "dont")
        check("2 received, 0% packet loss" in said, said)

    def dont_fragment(self):
        """The kernel's ping and ours are told the same, and learn it."""
        said = self.far.run("ping", "-n", "-c", "2", "-i", "0.2", "-M", "do", "-s", "1000", OURS, expect=1)
        check(b"Frag needed and DF set (mtu = 700)" in said.stdout, said.stdout)
        said = self.ours(FAR, "-c", "2", "-i", "0.2", "-M", "do", "-s", "1000", expect=1)
        check("From 10.97.3.2: icmp_seq=1 Frag needed and DF set (mtu = 700)" in said, said)
        check(re.search(r"icmp_seq=2 cannot be sent: ", said), said)
        said = self.ours(FAR, "-c", "3", "-i", "0.2", "-s", "1000", device="frag2")
        check("icmp_seq=1 Frag needed" in said and "2 received" in said, f"then it is cut here: {said}")

    def tracepath_to_ours(self):
        if not installed("tracepath"):
            return
        said = self.far.run("tracepath", "-n", "-m", "6", OURS).stdout.decode()
        check("pmtu 700" in said and re.search(r"Resume: pmtu 700 hops \d", said), said)

    def a_file_over_a_narrow_way(self):
        """TCP finds the path's MTU by what the near kernel says of it."""
        got = self.far.run("curl", "-sS", "-f", "--max-time", "30", f"http://{OURS}/file").stdout
        check(sha256(got) == sha256(self.content), f"{len(got)} bytes of {len(self.content)}")

    # ---- the raw peer

    def echo_pieces(self, sequence, payload, cuts):
        """An echo request's fragments: (offset, bytes, more), cut at these places."""
        message = icmp_echo(7, sequence, payload)
        places = [0, *cuts, len(message)]
        return [(begin, message[begin:end], end < len(message)) for begin, end in itertools.pairwise(places)]

    def send_piece(self, peer, identification, piece):
        offset, data, more = piece
        peer.send_ip(ICMP, data, identification=identification, flags=(0x2000 if more else 0) | offset // 8)

    def answered(self, peer, sequence, timeout):
        """The payload that came back, in a reply of one packet; None after so many seconds."""
        frame = peer.wait_for(lambda frame: frame.icmp and frame.icmp[0] == 0 and frame.icmp[3] == sequence, timeout)
        return frame.payload if frame and frame.valid else None

    def any_order_and_twice(self):
        payload = bytes(range(256)) * 4
        with RawPeer(self.near, "frag0", "10.97.0.9", OURS) as peer:
            peer.resolve()
            for number, order in enumerate(itertools.permutations(range(4))):
                pieces = self.echo_pieces(number, payload, (8, 400, 808))
                for index in order[:-1]:
                    self.send_piece(peer, number, pieces[index])
                    self.send_piece(peer, number, pieces[index])
                self.send_piece(peer, number, pieces[order[-1]])
                check(self.answered(peer, number, 5) == payload, f"order {order}")

    def overlaps(self):
        """What agrees is taken; what contradicts drops the datagram, in whichever order it comes."""
        payload = bytes(range(256)) * 4
        with RawPeer(self.near, "frag0", "10.97.0.9", OURS) as peer:
            peer.resolve()
            for number, lie in enumerate((None, 500, 407)):
                sequence, identification = 500 + number, 5000 + number
                message = icmp_echo(7, sequence, payload)
                over = bytearray(message[400:600])
                if lie is not None:
                    over[lie - 400] ^= 1
                for piece in ((0, message[:504], True), (400, bytes(over), True), (600, message[600:], False)):
                    self.send_piece(peer, identification, piece)
                answer = self.answered(peer, sequence, 5 if lie is None else 0.5)
                check((answer == payload) == (lie is None), f"lie at {lie}: {answer}")

    def the_ping_of_death(self):
        with RawPeer(self.near, "frag0", "10.97.0.9", OURS) as peer:
            peer.resolve()
            for size in (8, 100, 1400):
                self.send_piece(peer, 9000 + size, (65528, b"x" * size, False))
            for piece in self.echo_pieces(900, b"alive", (8,)):
                self.send_piece(peer, 9999, piece)
            check(self.answered(peer, 900, 5) == b"alive", "no answer any more")

    def a_flood(self):
        """Of fragments of datagrams that never become whole: the kernel's long pings come through."""
        with RawPeer(self.near, "frag0", "10.97.0.9", OURS) as peer:
            peer.resolve()

            def make(number):
                source = socket.inet_ntoa(struct.pack(">I", 0x0a610064 + number % 100))
                return peer.ip_frame(ICMP, b"x" * 1000, source=source, identification=number & 0xffff,
                                     flags=0x2000 | number % 50)

            peer.flood(make, 20000, 10000)
            said = self.near.run("ping", "-n", "-c", "2", "-i", "0.2", "-s", "20000", OURS).stdout.decode()
            check("2 received, 0% packet loss" in said, said)


def main():
    require_tools("ip", "ping", "sysctl", "curl")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as near, Namespace() as router, Namespace() as far:
        test = Fragments(strata, near, router, far)
        with test.server:
            run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
                "the_longest_ping_to_ours", "the_longest_ping_from_ours", "a_long_ping_over_a_narrow_way",
                "dont_fragment", "tracepath_to_ours", "a_file_over_a_narrow_way", "any_order_and_twice", "overlaps",
                "the_ping_of_death", "a_flood")])


if __name__ == "__main__":
    main()
