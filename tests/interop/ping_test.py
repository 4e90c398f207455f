#!/usr/bin/env python3
"""`strata ping` beside ping(8) of iputils, against hosts that answer as this test says: twice, from elsewhere, late,
with forged errors.

    namespace:   ping, strata ping ── the kernel 10.98.0.1 ── TAP ── this test: 10.98.0.2 … 10.98.0.9,
                                                                                and everybody for 10.98.0.255
                 strata ping ── TAP ── the kernel 10.98.1.2
                 strata ping 10.98.2.1 ── TAP ── this test, by AF_PACKET: 10.98.2.2 … 10.98.2.9
"""
# timeout: 300
import fcntl
import os
import re
import select
import struct
import threading

from meeting import Namespace, Program, check, program, require_tools, run_steps, skip, why_no_tap
from raw_peer import ARP, ICMP, IPV4, RawPeer, _in_namespace, arp, checksum, ethernet, icmp_echo, ipv4, mac, parse

OWN_MAC = mac("02:98:00:00:00:09")
# The last number of each host's address.
PLAIN, TWICE, ELSEWHERE, LATE, UNREACHABLE, SILENT, DAMAGED, CROWDED = range(2, 10)


def open_tap(name):
    TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 2, 0x1000
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def icmp_error(kind, code, failed):
    message = struct.pack(">BBxxI", kind, code, 0) + failed
    return message[:2] + checksum(message) + message[4:]


class Hosts:
    """Answers for a subnet, a thread that reads frames and writes frames, until it is stopped."""

    def __init__(self, prefix, descriptor, write):
        self.prefix, self.descriptor, self.write = prefix, descriptor, write
        self.requests = []  # those to LATE
        self.end_reading, self.end_writing = os.pipe()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.write(self.end_writing, b"x")
        self.thread.join()
        os.close(self.end_reading)
        os.close(self.end_writing)

    def serve(self):
        while True:
            ready = select.select([self.descriptor, self.end_reading], [], [])[0]
            if self.end_reading in ready:
                return
            try:
                data = os.read(self.descriptor, 70000)
                if len(data) >= 14:
                    self.take(parse(data))
            except OSError:  # the device is gone
                return

    def take(self, frame):
        if (frame.arp and frame.arp[0] == 1 and frame.arp[4].startswith(self.prefix)
                and int(frame.arp[4].split(".")[3]) in range(2, 10)):
            self.write(ethernet(frame.source, OWN_MAC, ARP, arp(2, OWN_MAC, frame.arp[4], frame.arp[1], frame.arp[2])))
        if frame.icmp and frame.icmp[0] == 8 and frame.ip_destination.startswith(self.prefix):
            self.asked(frame)

    def send(self, frame, payload, source):
        self.write(ethernet(frame.source, OWN_MAC, IPV4, ipv4(source, frame.ip_source, ICMP, payload)))

    def answer(self, frame, source, payload=None):
        self.send(frame, icmp_echo(frame.icmp[2], frame.icmp[3], frame.payload if payload is None else payload, 0),
                  source)

    def host(self, number):
        return f"{self.prefix}{number}"

    def asked(self, frame):
        number = int(frame.ip_destination.split(".")[3])
        if number == 255:
            for one in (PLAIN, TWICE, ELSEWHERE):
                self.answer(frame, self.host(one))
        elif number == PLAIN:
            self.answer(frame, frame.ip_destination)
        elif number == TWICE:
            self.answer(frame, frame.ip_destination)
            self.answer(frame, frame.ip_destination)
        elif number == ELSEWHERE:
            self.answer(frame, self.host(44))
        elif number == LATE:
            self.late(frame)
        elif number == CROWDED:
            self.crowd(frame)
        elif number == UNREACHABLE:
            self.errors(frame)
        elif number == DAMAGED:
            self.answer(frame, frame.ip_destination, frame.payload[:-1] + bytes([frame.payload[-1] ^ 1]))

    def crowd(self, frame):
        """Answers to others' echoes, which a raw socket hears too: more than it takes in one turn
        (messages_a_turn_max, 64)."""
        for other in range(100):
            self.send(frame, icmp_echo(frame.icmp[2] ^ 1, other, b"x" * 56, 0), frame.ip_destination)
        self.answer(frame, frame.ip_destination)

    def late(self, frame):
        """Each of five is answered when the second one after it arrives; the last two with the fifth."""
        if frame.icmp[3] == 1:
            self.requests = []
        self.requests.append(frame)
        count = len(self.requests)
        for number in {3: [1], 4: [2], 5: [3, 4, 5]}.get(count, []):
            self.answer(self.requests[number - 1], frame.ip_destination)

    def errors(self, frame):
        """Errors about other requests, and then one that is right, about the second request only."""
        identifier, sequence = frame.icmp[2], frame.icmp[3]
        own, asked = frame.ip_source, frame.ip_destination

        def failed(to, of, number, kind=8):
            return icmp_error(3, 1, ipv4(own, to, ICMP, icmp_echo(of, number, frame.payload, kind)))
        for forged in (failed(self.host(SILENT), identifier, sequence), failed(asked, identifier ^ 1, sequence),
                       failed(asked, identifier, sequence + 1000), failed(asked, identifier, sequence, kind=0)):
            self.send(frame, forged, self.host(66))
        if sequence == 2:
            self.send(frame, failed(asked, identifier, sequence), self.host(77))
        else:
            self.answer(frame, asked)


def summary(done):
    """The statistics without what depends on time."""
    text = done.stdout.decode()
    text = text[text.index("\n---"):]
    text = re.sub(r"time \d+ms", "time", text)
    return re.sub(r"rtt min/avg/max/mdev = [\d./]+ ms", "rtt", text)


def answers(done):
    """Each answer's line without its time."""
    return [re.sub(r" ttl=\d+ time=[\d.]+ ms", "", line) for line in done.stdout.decode().splitlines()
            if "icmp_seq=" in line and "bytes from" in line]


class PingTest:
    def __init__(self, strata, namespace):
        self.strata, self.namespace = strata, namespace

    def ours(self, host, *arguments, expect=0):
        return self.namespace.run(self.strata, "ping", host, *arguments, expect=expect)

    def theirs(self, host, *arguments, expect=0):
        return self.namespace.run("ping", *arguments, host, expect=expect)

    def ping_sockets(self, allowed):
        self.namespace.run("sysctl", "-q", "-w", f"net.ipv4.ping_group_range={'0 2147483647' if allowed else '1 0'}")

    def same(self, host, *arguments, expect=0, theirs=()):
        """Both say the same, on a ping socket and on a raw one."""
        wanted = self.theirs(host, *arguments, *theirs, expect=expect)
        for allowed in (True, False):
            self.ping_sockets(allowed)
            got = self.ours(host, *arguments, expect=expect)
            check(summary(got) == summary(wanted), f"ours: {got.stdout.decode()}\ntheirs: {wanted.stdout.decode()}")
            check(answers(got) == answers(wanted), f"ours: {answers(got)}\ntheirs: {answers(wanted)}")
        return got

    # ---- the steps

    def plain_answers(self):
        self.same(f"10.98.0.{PLAIN}", "-c", "3", "-i", "0.2")
        self.same("127.0.0.1", "-c", "2", "-i", "0.2", "-s", "1000")

    def duplicates(self):
        """Theirs has ended when the last duplicate comes; ours may have read it with the answer."""
        wanted = self.theirs(f"10.98.0.{TWICE}", "-c", "3", "-i", "0.3")
        for allowed in (True, False):
            self.ping_sockets(allowed)
            got = self.ours(f"10.98.0.{TWICE}", "-c", "3", "-i", "0.3")
            check(answers(got)[:5] == answers(wanted)[:5] and answers(got)[3].endswith("icmp_seq=2 (DUP!)"),
                  f"{answers(got)} {answers(wanted)}")
            check(re.search(r"3 packets transmitted, 3 received, \+[23] duplicates, 0% packet loss", summary(got)),
                  summary(got))

    def from_another_address(self):
        got = self.same(f"10.98.0.{ELSEWHERE}", "-c", "2", "-i", "0.2")
        check(got.stdout.count(b"from 10.98.0.44: ") == 2 and got.stdout.count(b"(DIFFERENT ADDRESS!)") == 2,
              got.stdout)

    def a_broadcast_address(self):
        """Whoever answers is right."""
        wanted = self.theirs("-b", "10.98.0.255", "-c", "2", "-i", "1")
        for allowed in (True, False):
            self.ping_sockets(allowed)
            got = self.ours("10.98.0.255", "-c", "2", "-i", "1")
            # Theirs has ended when the others answer its last.
            check(answers(got)[:4] == answers(wanted)[:4] and len(answers(got)) >= 4,
                  f"{answers(got)} {answers(wanted)}")
            check(b"DIFFERENT" not in got.stdout and b"DUP" not in got.stdout, got.stdout)
            check(re.search(r"2 packets transmitted, 2 received, \+[234] duplicates, 0% packet loss", summary(got)),
                  summary(got))

    def answers_later_than_a_second(self):
        got = self.same(f"10.98.0.{LATE}", "-c", "5", "-i", "0.6")
        check(b"5 received" in got.stdout and b"pipe 3" in got.stdout, got.stdout)
        times = [float(time) for time in re.findall(rb"time=([\d.]+) ms", got.stdout)]
        check(max(times) > 1000, times)

    def errors_only_for_their_own_echo(self):
        for allowed in (True, False):
            self.ping_sockets(allowed)
            got = self.ours(f"10.98.0.{UNREACHABLE}", "-c", "3", "-i", "0.2").stdout.decode()
            check("10.98.0.66" not in got and got.count("From ") == 1, got)
            check("From 10.98.0.77: icmp_seq=2 Destination Host Unreachable" in got, got)
            check("3 packets transmitted, 2 received, +1 errors, 33.3333% packet loss" in got, got)

    def among_the_answers_to_others(self):
        for allowed in (True, False):
            self.ping_sockets(allowed)
            got = self.ours(f"10.98.0.{CROWDED}", "-c", "3", "-i", "0.2")
            check(b"3 received, 0% packet loss" in got.stdout, got.stdout)

    def the_way_that_is_recorded(self):
        """-R: both kernels' stacks and ours write themselves into it; so do routers."""
        for net in ("kernel", "tap:rr0,addr=10.9.9.1/24,host=10.9.9.2/24"):
            target = "127.0.0.1" if net == "kernel" else "10.9.9.2"
            said = self.ours(target, "-c", "2", "-i", "0", "-R", "--net", net).stdout.decode()
            check("RR: \t" in said and said.count(target) >= 3 and "(same route)" in said, said)

    def a_flood(self):
        for net in ("kernel", "embedded"):
            target = "127.0.0.1" if net == "kernel" else "10.73.0.1"
            said = self.ours(target, "-f", "-c", "500", "--net", net).stdout.decode()
            check("500 packets transmitted, 500 received" in said and said.count(".") >= 500, said[-500:])

    def silence(self):
        for extra in ((), ("-q",)):
            got = self.same(f"10.98.0.{SILENT}", "-c", "1", "-W", "0.3", *extra, expect=1)
            check((b"no answer from" in got.stdout) == (not extra), got.stdout)

    def nobody_there(self):
        """The kernel itself says so, after three questions by ARP."""
        self.ping_sockets(True)
        got = self.ours("10.98.0.99", "-c", "1", expect=1).stdout.decode()
        check("From 10.98.0.1: icmp_seq=1 Destination Host Unreachable" in got and "+1 errors" in got, got)

    def no_way(self):
        got = self.ours("192.0.2.1", "-c", "1", expect=1).stdout.decode()
        check("icmp_seq=1 cannot be sent: " in got and "+1 errors, 100% packet loss" in got, got)

    def families(self):
        for allowed in (True, False):
            self.ping_sockets(allowed)
            check(b"from ::1: icmp_seq=1" in self.ours("::1", "-6", "-c", "1").stdout, "no answer from ::1")
            check(b"from 127.0.0.1: icmp_seq=1" in self.ours("localhost", "-4", "-c", "1").stdout,
                  "no answer from 127.0.0.1")
        refused = self.ours("127.0.0.1", "-6", "-c", "1", expect=1).stderr.decode()
        check("no IPv6 address" in refused and refused.count("\n") == 1, refused)
        self.ours("127.0.0.1", "-4", "-6", expect=2)

    def quiet(self):
        got = self.ours(f"10.98.0.{PLAIN}", "-q", "-c", "2", "-i", "0.1").stdout.decode()
        check(re.fullmatch(r"PING .*\n\n--- .*\n2 packets transmitted, 2 received, 0% packet loss, time \d+ms\n"
                           r"rtt .*\n", got), got)

    def damaged_answers(self):
        got = self.ours(f"10.98.0.{DAMAGED}", "-c", "1").stdout.decode()
        check(got.count("(damaged)") == 1, got)

    def on_a_tap(self):
        net = "tap:own0,addr=10.98.1.1/24,host=10.98.1.2/24"
        got = self.ours("10.98.1.2", "-c", "3", "-i", "0.1", "--net", net).stdout.decode()
        check("3 packets transmitted, 3 received, 0% packet loss" in got, got)
        refused = self.ours("::1", "-c", "1", "--net", net, expect=1).stderr.decode()
        check("no IPv6" in refused and refused.count("\n") == 1, refused)

    def on_a_tap_with_hosts_of_all_kinds(self):
        """The first waits until its peer has opened the device, and asks as often as that takes."""
        net = "tap:own1,addr=10.98.2.1/24,host=10.98.2.200/24"
        command = self.namespace.command(self.strata, "ping", "10.98.2.200", "-i", "0.2", "--net", net)
        with Program(*command) as first:
            first.wait_for_line("icmp_seq=1 ")
            first.stop()
        for host, words in ((TWICE, ("(DUP!)", "duplicates")),
                            (ELSEWHERE, ("from 10.98.2.44", "(DIFFERENT ADDRESS!)", "2 received")),
                            (UNREACHABLE, ("From 10.98.2.77: icmp_seq=2 Destination Host Unreachable",
                                           "2 received, +1 errors")),
                            (255, ("from 10.98.2.2: ", "from 10.98.2.3: "))):
            ping = Program(*self.namespace.command(self.strata, "ping", f"10.98.2.{host}", "-i", "1",
                                                   "-c", "3" if host != 255 else "10", "--net", net))
            with ping:
                ping.wait_for_line("^PING")
                with RawPeer(self.namespace, "own1", "10.98.2.222", "10.98.2.1") as peer:
                    with Hosts("10.98.2.", peer.socket.fileno(), peer.socket.send):
                        ping.process.wait(60)
                        ping.reader.join()
            said = "\n".join(ping.lines)
            for word in words if host != ELSEWHERE else words[:2]:
                check(word in said, f"{host}: no '{word}' in {said}")
            check(host != 255 or "DIFFERENT" not in said, said)

    def on_the_embedded_network(self):
        for host in ("10.73.0.1", "10.73.0.2"):
            got = self.ours(host, "-c", "2", "-i", "0.1", "--net", "embedded").stdout.decode()
            check("2 packets transmitted, 2 received, 0% packet loss" in got, got)


def main():
    require_tools("ip", "ping", "sysctl")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as namespace:
        tap = _in_namespace(namespace.name, lambda: open_tap("hosts0"))
        namespace.ip("addr", "add", "10.98.0.1/24", "broadcast", "10.98.0.255", "dev", "hosts0")
        namespace.ip("link", "set", "hosts0", "up")
        with Hosts("10.98.0.", tap, lambda frame: os.write(tap, frame)):
            test = PingTest(strata, namespace)
            run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
                "plain_answers", "the_way_that_is_recorded", "a_flood", "duplicates", "from_another_address",
                "a_broadcast_address", "answers_later_than_a_second", "errors_only_for_their_own_echo",
                "among_the_answers_to_others", "silence", "nobody_there", "no_way", "families", "quiet",
                "damaged_answers", "on_a_tap", "on_a_tap_with_hosts_of_all_kinds", "on_the_embedded_network")])


if __name__ == "__main__":
    main()
