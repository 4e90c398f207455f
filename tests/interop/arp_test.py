#!/usr/bin/env python3
"""ARP and RARP met by others: the kernel, Debian's arping and rarpd, and frames made by hand.

    the kernel, arping, rarpd ── TAP strata0 ── a host of ours
    10.97.0.2                                   10.97.0.1
"""
# beside: others
# labels: slow
# timeout: 300
import socket
import struct
import time

from meeting import (PATIENCE, Namespace, Program, check, installed, program, require_tools, run_steps,
                     scratch_folder, skip, why_no_tap)

OURS, KERNEL = "10.97.0.1", "10.97.0.2"
MAC = "02:00:00:00:97:01"
TAP = "strata0"
NET = f"tap:{TAP},addr={OURS}/24,host={KERNEL}/24,mac={MAC}"
FOLDER = scratch_folder()
BROADCAST = "ff:ff:ff:ff:ff:ff"
ARP, RARP = 0x0806, 0x8035


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def frame(to, sender, kind, operation, sender_ip, target_mac, target_ip):
    arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation) + mac(sender) + socket.inet_aton(sender_ip) + \
        mac(target_mac) + socket.inet_aton(target_ip)
    return mac(to) + mac(sender) + struct.pack(">H", kind) + arp


class Wire:
    """A raw socket on the kernel's side of the TAP."""

    def __init__(self, namespace, kind):
        self.socket = namespace.inside(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
        self.socket.bind((TAP, kind))

    def send(self, *parts):
        self.socket.send(frame(*parts))

    def hear(self, wanted, patience=PATIENCE):
        """The first (operation, sender MAC, sender IP, target MAC, target IP) that `wanted` takes; None in the end."""
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data, address = self.socket.recvfrom(2048)
            except TimeoutError:
                break
            if address[2] == socket.PACKET_OUTGOING or len(data) < 42:
                continue
            heard = (struct.unpack(">H", data[20:22])[0], data[22:28].hex(":"), socket.inet_ntoa(data[28:32]),
                     data[32:38].hex(":"), socket.inet_ntoa(data[38:42]))
            if wanted(*heard):
                return heard
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class ArpTest:
    def __init__(self, strata, namespace):
        self.strata = strata
        self.namespace = namespace
        namespace.run("ip", "tuntap", "add", "dev", TAP, "mode", "tap")
        namespace.ip("link", "set", TAP, "up")

    def ours(self, *arguments):
        return self.namespace.command(self.strata, *arguments)

    def listening(self, net=NET):
        """A host of ours that does nothing but be there."""
        host = Program(*self.ours("talk", "listen", f"udp://{OURS}:7000", "--reply", "x", "--net", net))
        host.wait_for_line("listening|waiting")
        return host

    def neighbour(self, address):
        return self.namespace.ip("neigh", "show", address, "dev", TAP).stdout.decode()

    def kernel_mac(self):
        return self.namespace.run("cat", f"/sys/class/net/{TAP}/address").stdout.decode().strip()

    # ---- arping, both ways

    def arping_asks_us(self):
        with self.listening():
            said = self.namespace.run("arping", "-c", "2", "-I", TAP, OURS).stdout.decode()
            check(said.lower().count(MAC) == 2, said)
            taken = self.namespace.run("arping", "-D", "-c", "2", "-I", TAP, OURS, expect=1).stdout.decode()
            check(MAC in taken.lower(), taken)
            free = self.namespace.run("arping", "-D", "-c", "2", "-I", TAP, "10.97.0.99").stdout.decode()
            check("Received 0" in free, free)

    def we_ask_the_kernel(self):
        said = self.namespace.run(self.strata, "arping", KERNEL, "-c", "2", "--net", NET).stdout.decode()
        check(said.count(f"{KERNEL} is at {self.kernel_mac()}") == 2 and "2 requests, 2 answers" in said, said)
        said = self.namespace.run(self.strata, "arping", "10.97.0.99", "-c", "1", "--net", NET, expect=1)
        check(b"1 requests, 0 answers" in said.stdout, said.stdout)
        taken = self.namespace.run(self.strata, "arping", "-D", KERNEL, "--net", NET, expect=1).stdout.decode()
        check(f"{KERNEL} is at {self.kernel_mac()}" in taken, taken)
        free = self.namespace.run(self.strata, "arping", "-D", "10.97.0.99", "--net", NET).stdout.decode()
        check("nobody has 10.97.0.99" in free and "3 requests" in free, free)

    # ---- announcements

    def gratuitous_requests_and_replies_are_conflicts(self):
        """Whoever says that it has our address is shouted at once, and named; and the kernel believes us."""
        for operation in (1, 2):
            with Wire(self.namespace, ARP) as wire, self.listening() as host:
                # The two announcements of the beginning are not the one that we wait for.
                for _ in range(2):
                    check(wire.hear(lambda op, mac, ip, _, target: op == 1 and ip == target == OURS), "no announcement")
                self.namespace.ip("neigh", "replace", OURS, "lladdr", "02:00:00:00:00:99", "nud", "stale", "dev", TAP)
                wire.send(BROADCAST, "02:00:00:00:00:66", ARP, operation, OURS, BROADCAST, OURS)
                check(wire.hear(lambda op, mac, ip, _, target: op == 1 and mac == MAC and ip == target == OURS, 5),
                      "the address was not defended")
                host.wait_for_line(f"02:00:00:00:00:66 on {TAP} uses our address {OURS} too")
                deadline = time.monotonic() + PATIENCE
                while MAC not in self.neighbour(OURS):
                    check(time.monotonic() < deadline, self.neighbour(OURS))
                    time.sleep(0.05)

    # ---- probing (RFC 5227)

    def an_address_that_the_kernel_has_is_not_taken(self):
        net = f"tap:{TAP},addr={KERNEL}/24,mac={MAC},probe=on"
        done = self.namespace.run(self.strata, "talk", "listen", f"udp://{KERNEL}:7000", "--net", net, expect=1)
        check(done.stderr.decode().count("\n") == 1 and self.kernel_mac().encode() in done.stderr, done.stderr)
        check(b"choose another" in done.stderr, done.stderr)

    def an_address_that_is_free_is_probed_announced_and_given_up(self):
        with Wire(self.namespace, ARP) as wire:
            host = Program(*self.ours("talk", "listen", f"udp://{OURS}:7000", "--reply", "x", "--net",
                                      NET + ",probe=on"))
            with host:
                for number in range(3):
                    check(wire.hear(lambda op, mac, ip, _, target: (op, mac, ip, target) == (1, MAC, "0.0.0.0", OURS)),
                          f"no probe {number}")
                check(wire.hear(lambda op, mac, ip, _, target: op == 1 and ip == target == OURS), "no announcement")
                host.wait_for_line("listening|waiting")
                for _ in range(2):
                    wire.send(BROADCAST, "02:00:00:00:00:66", ARP, 2, OURS, BROADCAST, OURS)
                host.wait_for_line(f"the address {OURS} was given up to the host 02:00:00:00:00:66")
                wire.send(BROADCAST, "02:00:00:00:00:67", ARP, 1, KERNEL, "00:00:00:00:00:00", OURS)
                check(wire.hear(lambda op, *_: op == 2, 1) is None, "it was answered for all the same")

    # ---- RARP (RFC 903)

    def rarpd_tells_us_our_address(self):
        if not installed("rarpd"):
            return
        table = FOLDER / "ethers"
        table.write_text(f"{MAC} 10.97.0.77\n")
        self.namespace.ip("addr", "replace", f"{KERNEL}/24", "dev", TAP)
        self.namespace.ip("link", "set", TAP, "up")
        # -e: answers without a boot file; it reads /etc/ethers, which is our table in its own mounts.
        script = f"touch /etc/ethers; mount --bind {table} /etc/ethers && exec rarpd -d -v -e {TAP}"
        with Program("unshare", "--mount", *self.namespace.command("sh", "-c", script)) as server:
            self.wait_for_reader(server)
            said = self.namespace.run(self.strata, "rarp", "query", "--net",
                                      f"tap:{TAP},addr=rarp,mac={MAC}").stdout.decode()
            check(f"{MAC} is 10.97.0.77, says {KERNEL} at {self.kernel_mac()}" in said, said)
            with Program(*self.ours("talk", "listen", "udp://0.0.0.0:7000", "--reply", "x", "--net",
                                    f"tap:{TAP},addr=rarp/24,mac={MAC}")) as host:
                host.wait_for_line("listening|waiting")
                self.namespace.run("ping", "-q", "-c", "2", "-i", "0.2", "10.97.0.77")

    def wait_for_reader(self, server):
        """Until somebody in the namespace listens for RARP."""
        deadline = time.monotonic() + PATIENCE
        while " 8035 " not in self.namespace.run("cat", "/proc/net/packet").stdout.decode():
            check(server.process.poll() is None and time.monotonic() < deadline, f"rarpd: {server.lines}")
            time.sleep(0.05)

    def a_request_made_by_hand_is_answered_by_our_server(self):
        table = FOLDER / "machines"
        table.write_text("# by hand\n2:0:0:0:0:55 10.97.0.55\n")
        with Program(*self.ours("rarp", "serve", str(table), "--net", NET)) as server, \
                Wire(self.namespace, RARP) as wire:
            server.wait_for_line("answering for 1 machine")
            asker, other = "02:00:00:00:00:55", "02:00:00:00:00:56"
            wire.send(BROADCAST, asker, RARP, 3, "0.0.0.0", asker, "0.0.0.0")
            check(wire.hear(lambda op, *_: op == 4) == (4, MAC, OURS, asker, "10.97.0.55"), "no answer, or another")
            wire.send(BROADCAST, other, RARP, 3, "0.0.0.0", other, "0.0.0.0")
            check(wire.hear(lambda op, *_: op == 4, 0.5) is None, "a stranger was answered")
            table.write_text(f"# by hand\n{asker} 10.97.0.55\n{other} nonsense.invalid\n")
            server.wait_for_line(f"{table}:3: no host 'nonsense.invalid' is known; the table before is kept")
            table.write_text(f"{other} 10.97.0.56\n")
            server.wait_for_line("answering for 1 machine", after=2)
            wire.send(BROADCAST, other, RARP, 3, "0.0.0.0", other, "0.0.0.0")
            check(wire.hear(lambda op, *_: op == 4) == (4, MAC, OURS, other, "10.97.0.56"), "no answer, or another")
            server.stop()
            check(server.process.returncode == 0 and any("rarpOutReplies" in line for line in server.lines),
                  server.lines)

    def our_client_and_our_server(self):
        """On one wire: two TAPs of one bridge."""
        table = FOLDER / "ours"
        table.write_text(f"{MAC} 10.97.0.88\n")
        with Namespace() as middle:
            middle.ip("link", "add", "bridge", "type", "bridge")
            for name in ("one", "two"):
                middle.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
                middle.ip("link", "set", name, "master", "bridge")
                middle.ip("link", "set", name, "up")
            middle.ip("link", "set", "bridge", "up")
            with Program(*middle.command(self.strata, "rarp", "serve", str(table), "--net",
                                         "tap:one,addr=10.97.0.1/24")) as server:
                server.wait_for_line("answering for 1 machine")
                said = middle.run(self.strata, "rarp", "query", "--net", f"tap:two,addr=rarp,mac={MAC}").stdout
                check(f"{MAC} is 10.97.0.88, says 10.97.0.1".encode() in said, said)

    # ---- wrong use

    def other_networks_say_why_not(self):
        for arguments in (("arping", "10.0.0.1"), ("rarp", "query"), ("rarp", "serve", "/dev/null")):
            for net, why in (("kernel", b"kernel"), ("embedded", b"embedded")):
                done = self.namespace.run(self.strata, *arguments, "--net", net, expect=2)
                check(why in done.stderr and b"tap:IFNAME" in done.stderr and done.stderr.count(b"\n") == 1,
                      done.stderr)
        for arguments, says in ((("arping", "::1", "--net", NET), b"no IPv4 address"),
                                (("rarp", "serve", "--net", NET), b"needs a file"),
                                (("rarp", "query", "x", "--net", NET), b"reads no file")):
            done = self.namespace.run(self.strata, *arguments, expect=2)
            check(says in done.stderr, done.stderr)
        done = self.namespace.run(self.strata, "rarp", "serve", FOLDER / "missing", "--net", NET, expect=1)
        check(b"cannot read" in done.stderr and done.stderr.count(b"\n") == 1, done.stderr)


def main():
    require_tools("ip", "ping")
    reason = why_no_tap()
    if reason:
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as namespace:
        test = ArpTest(strata, namespace)
        steps = ["we_ask_the_kernel", "gratuitous_requests_and_replies_are_conflicts",
                 "an_address_that_the_kernel_has_is_not_taken",
                 "an_address_that_is_free_is_probed_announced_and_given_up", "rarpd_tells_us_our_address",
                 "a_request_made_by_hand_is_answered_by_our_server", "our_client_and_our_server",
                 "other_networks_say_why_not"]
        if installed("arping"):
            steps.insert(0, "arping_asks_us")
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in steps])


if __name__ == "__main__":
    main()
