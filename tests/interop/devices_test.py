#!/usr/bin/env python3
"""Hosts of ours on the kernel's other devices: a network interface, a TUN, a serial line.

    [near 10.96.0.1 eth0] ── veth ── [far 10.96.0.2]      ours on eth0 beside the kernel: 10.96.0.7
    [near 10.96.1.1] ── TUN ── ours 10.96.1.7
    ours 10.96.2.7 ── pty, this test, pty ── ours 10.96.2.8      ours 10.0.2.15 ── pty ── slirp
"""
import contextlib
import os
import pty
import select
import shutil
import subprocess
import threading
import tty

from meeting import (ENVIRONMENT, Here, Namespace, Program, check, free_port, installed, program, require_tools,
                     run_steps, scratch_folder, sha256, skip, wait_for, why_no_tap)

# Debian's slirp waits for ever with a tv_usec of (unsigned) -1, which this glibc refuses: it would end at once.
SELECT_FOR_EVER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/select.h>
int select(int count, fd_set *reads, fd_set *writes, fd_set *exceptions, struct timeval *wait) {
    int (*next)(int, fd_set *, fd_set *, fd_set *, struct timeval *) = dlsym(RTLD_NEXT, "select");
    return next(count, reads, writes, exceptions, wait && (unsigned long)wait->tv_usec >= 1000000 ? 0 : wait);
}
"""
NEAR, FAR, OURS = "10.96.0.1", "10.96.0.2", "10.96.0.7"
MAC = "02:00:00:00:96:07"
SIZE = (1 << 30) if os.environ.get("FULL") == "1" else 16 << 20


class SerialWire:
    """Two pseudo-terminals, `a` and `b`, and a thread that carries octets between them."""

    def __init__(self):
        self.masters, self.slaves, self.paths = [], [], []
        for _ in range(2):
            master, slave = pty.openpty()
            tty.setraw(slave)
            self.masters.append(master)
            self.slaves.append(slave)  # held, so that the line is not hung up between two users
            self.paths.append(os.ttyname(slave))
        self.stops = os.pipe()
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self):
        other = dict(zip(self.masters, reversed(self.masters)))
        while True:
            ready, _, _ = select.select([*self.masters, self.stops[0]], [], [])
            if self.stops[0] in ready:
                return
            for master in ready:
                data = os.read(master, 65536)
                while data:
                    data = data[os.write(other[master], data):]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.write(self.stops[1], b"x")
        self.thread.join(10)
        for descriptor in (*self.masters, *self.slaves, *self.stops):
            os.close(descriptor)


class Devices:
    def __init__(self, strata, near, far):
        self.strata, self.near, self.far = strata, near, far
        near.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", far.name)
        for place, address in ((near, NEAR), (far, FAR)):
            place.ip("addr", "add", f"{address}/24", "dev", "eth0")
            place.ip("link", "set", "eth0", "up")
        self.folder = scratch_folder()
        self.content = os.urandom(1 << 16) * (SIZE >> 16)
        (self.folder / "large").write_bytes(self.content)
        (self.folder / "small").write_bytes(self.content[:20000])
        self.saved = scratch_folder()

    @contextlib.contextmanager
    def serving(self, net, place, *options):
        with Program(*place.command(self.strata, "serve", str(self.folder), "--fetch", "off", "--no-qr", "--net", net,
                                    *options)) as server:
            server.wait_for_line(r"http://")
            yield server
            if server.process.poll() is None:
                server.stop()

    def fetch(self, place, address, name="large"):
        """By curl; fails unless it is what lies there, to the byte."""
        to = self.saved / name
        place.run("curl", "-fsS", "-o", str(to), f"http://{address}/{name}", timeout=300)
        check(sha256(to.read_bytes()) == sha256((self.folder / name).read_bytes()), "other bytes arrived")

    # ---- a network interface

    def a_server_beside_the_kernel(self):
        with self.serving(f"packet:eth0,addr={OURS}/24", self.near) as server:
            self.fetch(self.far, OURS)
            self.far.run("ping", "-c", "2", "-i", "0.2", "-W", "5", OURS)
            self.far.run("ping", "-c", "2", "-i", "0.2", "-W", "5", NEAR)  # the kernel's own address goes on
            server.stop()
            lines = "\n".join(server.lines)
            check("deviceInFrames" in lines and "deviceInErrors" not in lines, lines)

    def a_server_without_offload(self):
        with self.serving(f"packet:eth0,addr={OURS}/24,offload=off", self.near):
            self.fetch(self.far, OURS)

    def a_client_beside_the_kernel(self):
        with self.serving("kernel", self.far, "--http", "8000"):
            to = self.saved / "got"
            self.near.run(self.strata, "get", f"http://{FAR}:8000/large", "-o", str(to), "--force", "--net",
                          f"packet:eth0,addr={OURS}/24", timeout=300)
            check(sha256(to.read_bytes()) == sha256(self.content), "other bytes arrived")

    def the_link_itself(self):
        net = f"packet:eth0,addr={OURS}/24,mac={MAC}"
        found = self.near.run(self.strata, "arping", FAR, "-c", "2", "--net", net).stdout.decode()
        check("2 requests, 2 answers" in found, found)
        self.near.run(self.strata, "arping", "-D", FAR, "--net", net, expect=1)
        self.near.run(self.strata, "ping", FAR, "-c", "3", "-i", "0", "-s", "65507", "--net", net)

    def an_address_that_is_taken(self):
        refused = self.near.run(self.strata, "ping", NEAR, "-c", "1", "--net", f"packet:eth0,addr={FAR}/24,probe=on",
                                expect=1)
        check(b"has the address" in refused.stderr, refused.stderr)

    def two_of_ours_on_one_wire(self):
        with self.serving(f"packet:eth0,addr={OURS}/24", self.near):
            to = self.saved / "between"
            self.far.run(self.strata, "get", f"http://{OURS}/large", "-o", str(to), "--force", "--net",
                         "packet:eth0,addr=10.96.0.8/24", timeout=300)
            check(sha256(to.read_bytes()) == sha256(self.content), "other bytes arrived")

    def a_capture_of_it(self):
        capture = self.saved / "eth0.pcap"
        with self.serving(f"packet:eth0,addr={OURS}/24", self.near, "--pcap", str(capture), "--run-as", "root"):
            self.fetch(self.far, OURS, "small")
        said = self.near.run("tcpdump", "-nr", str(capture), "tcp").stdout.decode()
        check(f"{OURS}.80" in said and "incorrect" not in said, said[-2000:])

    def an_interface_that_goes_down_and_up(self):
        with self.serving(f"packet:eth0,addr={OURS}/24", self.near):
            self.fetch(self.far, OURS, "small")
            self.near.ip("link", "set", "eth0", "down")
            self.far.run("curl", "-fsS", "-m", "1", f"http://{OURS}/small", expect=None)
            self.near.ip("link", "set", "eth0", "up")
            reached = lambda: self.far.run("curl", "-fsS", "-m", "2", "-o", "/dev/null", f"http://{OURS}/small",
                                           expect=None).returncode == 0
            check(wait_for(reached, 30), "not reached again")

    def who_may_not(self):
        none = self.near.run(self.strata, "ping", FAR, "-c", "1", "--net", f"packet:nowhere0,addr={OURS}/24", expect=1)
        check(b"there is none of that name" in none.stderr, none.stderr)
        lo = self.near.run(self.strata, "ping", FAR, "-c", "1", "--net", f"packet:lo,addr={OURS}/24", expect=1)
        check(b"no Ethernet" in lo.stderr, lo.stderr)
        if shutil.which("setpriv"):
            denied = self.near.run("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", self.strata, "ping",
                                   FAR, "-c", "1", "--net", f"packet:eth0,addr={OURS}/24", expect=1)
            check(b"cap_net_raw" in denied.stderr, denied.stderr)

    # ---- a TUN

    def packets_without_ethernet(self):
        for offload in ("on", "off"):
            capture = self.saved / "tun.pcap"
            net = f"tun:tun96,addr=10.96.1.7/24,host=10.96.1.1/24,offload={offload}"
            with self.serving(net, self.near, "--pcap", str(capture), "--run-as", "root"):
                self.fetch(self.near, "10.96.1.7")
                self.near.run("ping", "-c", "2", "-i", "0.2", "-s", "4000", "-W", "5", "10.96.1.7")
            said = self.near.run("tcpdump", "-nr", str(capture), "-c", "50", "tcp").stdout.decode()
            check("10.96.1.7.80" in said and "incorrect" not in said, said[-2000:])

    def a_client_on_a_tun(self):
        with self.serving("kernel", self.near, "--http", "8000"):
            to = self.saved / "tun"
            self.near.run(self.strata, "get", "http://10.96.1.1:8000/large", "-o", str(to), "--force", "--net",
                          "tun:tun96,addr=10.96.1.7/24,host=10.96.1.1/24", timeout=300)
            check(sha256(to.read_bytes()) == sha256(self.content), "other bytes arrived")
        refused = self.near.run(self.strata, "arping", "10.96.1.1", "--net", "tun:tun96,addr=10.96.1.7/24", expect=2)
        check(b"no hardware addresses" in refused.stderr, refused.stderr)

    # ---- a serial line

    def both_ends_of_a_line(self):
        with SerialWire() as wire:
            a, b = (f"slip:{path},addr=10.96.2.{number}/24" for path, number in zip(wire.paths, (7, 8)))
            with self.serving(a, Here(), "--http", "80") as server:
                to = self.saved / "slip"
                Here().run(self.strata, "get", "http://10.96.2.7/small", "-o", str(to), "--force", "--net", b)
                check(sha256(to.read_bytes()) == sha256(self.content[:20000]), "other bytes arrived")
                said = Here().run(self.strata, "ping", "10.96.2.7", "-c", "3", "-i", "0", "-s", "2000", "--net",
                                  b).stdout.decode()
                check("3 received" in said, said)
                server.stop()
                check("ttyInOctets" in "\n".join(server.lines), server.lines[-30:])

    def slirp(self):
        """Debian's slirp speaks SLIP on its standard input and output, a terminal; 10.0.2.2 is this machine."""
        if not installed("slirp", "gcc"):
            return
        source, library = self.saved / "select.c", self.saved / "select.so"
        source.write_text(SELECT_FOR_EVER, encoding="ascii")
        Here().run("gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl")
        port = free_port()
        with SerialWire() as wire, open(wire.paths[1], "r+b", buffering=0) as line:
            slirp = subprocess.Popen(["slirp"], stdin=line, stdout=line, stderr=subprocess.DEVNULL,
                                     env=ENVIRONMENT | {"HOME": str(self.saved), "LD_PRELOAD": str(library)},
                                     start_new_session=True)
            try:
                slirp.wait(1)
                print(f"left out: slirp ends by itself here ({slirp.returncode})", flush=True)
                return
            except subprocess.TimeoutExpired:
                pass
            try:
                with self.serving("kernel", Here(), "--bind", "127.0.0.1", "--http", str(port)):
                    to = self.saved / "slirp"
                    Here().run(self.strata, "get", f"http://10.0.2.2:{port}/small", "-o", str(to), "--force", "--net",
                               f"slip:{wire.paths[0]},addr=10.0.2.15/24,gw=10.0.2.2,mtu=1500")
                    check(sha256(to.read_bytes()) == sha256(self.content[:20000]), "other bytes arrived")
            finally:
                slirp.kill()
                slirp.wait()

    def lines_that_are_none(self):
        for path, what in (("/dev/null", b"it is no serial line"), ("/dev/ttyNONE", b"it is not there")):
            refused = Here().run(self.strata, "ping", "10.0.0.1", "-c", "1", "--net", f"slip:{path},addr=10.0.0.2/24",
                                 expect=1)
            check(what in refused.stderr, refused.stderr)
        refused = Here().run(self.strata, "serve", str(self.folder), "--pcap", str(self.saved / "x"), "--net",
                             "slip:/dev/null,addr=10.0.0.2/24", expect=2)
        check(b"cannot be captured" in refused.stderr, refused.stderr)


def main():
    require_tools("ip", "curl", "tcpdump", "ping")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as near, Namespace() as far:
        test = Devices(strata, near, far)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "a_server_beside_the_kernel", "a_server_without_offload", "a_client_beside_the_kernel", "the_link_itself",
            "an_address_that_is_taken", "two_of_ours_on_one_wire", "a_capture_of_it",
            "an_interface_that_goes_down_and_up", "who_may_not", "packets_without_ethernet", "a_client_on_a_tun",
            "both_ends_of_a_line", "slirp", "lines_that_are_none")])


if __name__ == "__main__":
    main()
