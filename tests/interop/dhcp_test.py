#!/usr/bin/env python3
"""DHCP met by others: busybox's udhcpc and udhcpd, ISC's dhclient and dhcpd, dnsmasq, and messages made by hand.

    peers (dhclient, dnsmasq, ...) ── wire ── bridge ── TAPs one, two ── a server and a client of ours
                                     10.98.0.2       10.98.0.3
"""
# beside: others
# labels: slow
# timeout: 400
import re
import signal
import socket
import struct
import subprocess
import time

from meeting import (PATIENCE, Namespace, Program, check, installed, program, require_tools, run_steps,
                     scratch_folder, skip, wait_for, why_no_tap)

OURS, PEER, BRIDGE = "10.98.0.1", "10.98.0.2", "10.98.0.3"
RANGE = "10.98.0.100-10.98.0.109"
MAC, PEER_MAC = "02:00:00:00:98:07", "02:00:00:00:98:02"
NET = f"tap:one,addr={OURS}/24"
CLIENT_NET = f"tap:two,addr=dhcp,mac={MAC}"
FOLDER = scratch_folder()
COOKIE = bytes.fromhex("63825363")


def by_hand(kind, mac, *options, ciaddr="0.0.0.0", xid=0x98):
    """A client's message. options: (code, bytes)."""
    hardware = bytes.fromhex(mac.replace(":", ""))
    head = struct.pack(">BBBBIHH", 1, 1, 6, 0, xid, 0, 0x8000) + socket.inet_aton(ciaddr) + bytes(12)
    tail = b"".join(bytes([code, len(value)]) + value for code, value in ((53, bytes([kind])), *options))
    return head + hardware.ljust(16, b"\0") + bytes(192) + COOKIE + tail + b"\xff"


def read_reply(data):
    """(yiaddr, siaddr, file, {option: bytes})"""
    check(data[0] == 2 and data[236:240] == COOKIE, data)
    options, at = {}, 240
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return (socket.inet_ntoa(data[16:20]), socket.inet_ntoa(data[20:24]),
            data[108:236].split(b"\0")[0].decode(), options)


class DhcpTest:
    def __init__(self, strata, middle, peers):
        self.strata, self.middle, self.peers = strata, middle, peers
        middle.ip("link", "add", "bridge", "type", "bridge")
        middle.ip("addr", "add", f"{BRIDGE}/24", "dev", "bridge")
        for name in ("one", "two"):
            middle.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
        middle.ip("link", "add", "wire", "type", "veth", "peer", "name", "eth", "netns", peers.name)
        for name in ("one", "two", "wire"):
            middle.ip("link", "set", name, "master", "bridge")
            middle.ip("link", "set", name, "up")
        middle.ip("link", "set", "bridge", "up")
        peers.ip("link", "set", "eth", "address", PEER_MAC)
        peers.ip("link", "set", "eth", "up")
        # What a client tells its script goes to this file; the default scripts, which change this machine's
        # resolv.conf, are never run.
        self.told = FOLDER / "told"
        self.script = FOLDER / "script"
        self.script.write_text(f"#!/bin/sh\n(echo \"reason=$reason$1\"; env) >> {self.told}\nexit 0\n")
        self.script.chmod(0o755)

    def ours(self, *arguments):
        return Program(*self.middle.command(self.strata, *arguments))

    def serving(self, *arguments, net=NET, ranges=(RANGE,)):
        server = self.ours("dhcp", "serve", *ranges, *arguments, "--net", net)
        server.wait_for_line("giving")
        return server

    def fresh(self, address=None):
        """The peers' side without what the last step left; with an address, if a server is to run there."""
        self.told.write_text("")
        self.peers.ip("addr", "flush", "dev", "eth")
        if address:
            self.peers.ip("addr", "add", f"{address}/24", "dev", "eth")

    def facts(self, **wanted):
        """Waits until the script was told all of this."""
        def missing():
            text = self.told.read_text()
            return [f"{name}={value}" for name, value in wanted.items()
                    if not re.search(f"^{name}={re.escape(value)}$", text, re.MULTILINE)]
        wait_for(lambda: not missing())
        check(not missing(), f"the client's script was not told {missing()}")

    # ---- clients of others, our server

    def udhcpc_takes_extends_and_gives_back(self):
        if not installed("udhcpc"):
            return
        self.fresh()
        with self.serving("--lease", "10s", "--router", OURS, "--dns", "9.9.9.9", "--domain",
                          "example.net") as server:
            with Program(*self.peers.command("udhcpc", "-f", "-n", "-R", "-t", "5", "-T", "1", "-i", "eth", "-s",
                                             str(self.script))) as client:
                given = server.wait_for_line(rf"(10\.98\.0\.10\d) is given to {PEER_MAC}")[1]
                self.facts(reason="bound", ip=given, subnet="255.255.255.0", router=OURS, dns="9.9.9.9",
                           domain="example.net", serverid=OURS, lease="10")
                # It unicasts from its own address when it extends.
                self.peers.ip("addr", "add", f"{given}/24", "dev", "eth")
                server.wait_for_line(f"{given} is given to {PEER_MAC}", after=2)
                self.facts(reason="renew")
                client.stop(signal.SIGTERM)
            server.wait_for_line(f"{given} was given back by {PEER_MAC}")
            server.stop()
            check(server.process.returncode == 0 and any("dhcpOutAcks" in line for line in server.lines), server.lines)

    def dhclient_takes_and_gives_back(self):
        if not installed("dhclient"):
            return
        self.fresh()
        leases, configuration = FOLDER / "leases", FOLDER / "dhclient.conf"
        leases.write_text("")
        configuration.write_text("timeout 20;\n")
        common = ("-4", "-v", "-sf", str(self.script), "-lf", str(leases), "-pf", str(FOLDER / "pid"), "-cf",
                  str(configuration))
        with self.serving("--router", OURS, "--dns", "9.9.9.9", "--dns", "8.8.8.8",
                          "--host", f"{PEER_MAC}=10.98.0.7") as server:
            with Program(*self.peers.command("dhclient", "-d", *common, "eth")) as client:
                client.wait_for_line("bound to 10.98.0.7")
                server.wait_for_line(f"10.98.0.7 is given to {PEER_MAC}")
                self.facts(new_ip_address="10.98.0.7", new_subnet_mask="255.255.255.0", new_routers=OURS,
                           new_domain_name_servers="9.9.9.9 8.8.8.8", new_broadcast_address="10.98.0.255",
                           new_dhcp_lease_time="3600", new_dhcp_renewal_time="1800", new_dhcp_rebinding_time="3150")
                client.stop()
            # It asks for it again, as after a reboot.
            with Program(*self.peers.command("dhclient", "-d", *common, "eth")) as client:
                client.wait_for_line("bound to 10.98.0.7")
                check(not any("DHCPDISCOVER" in line for line in client.lines), client.lines)
                client.stop()

    def a_server_on_the_kernels_network(self):
        if not installed("udhcpc"):
            return
        self.fresh()
        server = self.ours("dhcp", "serve", RANGE, "--interface", "bridge")
        server.wait_for_line("giving 10 addresses of 10.98.0.0/24")
        with server:
            self.peers.run("udhcpc", "-f", "-n", "-q", "-t", "5", "-T", "1", "-i", "eth", "-s", str(self.script))
            self.facts(serverid=BRIDGE)
            said = self.middle.run(self.strata, "ping", BRIDGE, "-c", "1", "--net", CLIENT_NET).stdout.decode()
            check(" 0% packet loss" in said, said)
            server.wait_for_line(f"was given back by {MAC}")
            said = self.peers.run(self.strata, "dhcp", "query", "--interface", "eth").stdout.decode()
            check(f"{BRIDGE} offers 10.98.0.10" in said, said)

    # ---- servers of others, our client

    def with_server(self, server, name, released):
        """Our query, and a host of ours whose address it leases."""
        with server:
            wait_for(lambda: self.listens(), 10)
            check(server.process.poll() is None, f"{name}: {server.lines}")
            said = self.middle.run(self.strata, "dhcp", "query", "--net", CLIENT_NET).stdout.decode()
            check(re.search(rf"{PEER} offers 10\.98\.0\.1[0-4]\d/24 for \d+ s\n", said), said)
            check(re.search(r"router +10\.98\.0\.2\n", said) and re.search(r"dns +9\.9\.9\.9\n", said), said)
            said = self.middle.run(self.strata, "ping", PEER, "-c", "2", "-i", "0.2", "--net", CLIENT_NET).stdout
            check(b" 0% packet loss" in said, f"{name}: {said}")
            if released:
                server.wait_for_line(released)

    def listens(self):
        return b":67 " in self.peers.run("ss", "-uln").stdout

    def dnsmasq_leases_us_an_address(self):
        if not installed("dnsmasq"):
            return
        self.fresh(PEER)
        leases = FOLDER / "dnsmasq.leases"
        self.with_server(Program(*self.peers.command(
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--log-facility=-",
            "--log-dhcp", "--interface=eth", "--no-ping", "--no-resolv", "--no-hosts", "--dhcp-authoritative",
            f"--dhcp-leasefile={leases}", "--pid-file=", "--dhcp-range=10.98.0.140,10.98.0.149,2m",
            "--dhcp-option=option:dns-server,9.9.9.9")), "dnsmasq", "DHCPRELEASE")

    def dhcpd_leases_us_an_address_extends_it_and_falls_silent(self):
        if not installed("dhcpd"):
            return
        self.fresh(PEER)
        configuration, leases = FOLDER / "dhcpd.conf", FOLDER / "dhcpd.leases"
        configuration.write_text(f"""authoritative; ping-check false; default-lease-time 12; max-lease-time 12;
            subnet 10.98.0.0 netmask 255.255.255.0 {{ range 10.98.0.120 10.98.0.129; option routers {PEER};
            option domain-name-servers 9.9.9.9; }}""")
        leases.write_text("")
        command = self.peers.command("dhcpd", "-4", "-f", "-d", "-cf", str(configuration), "-lf", str(leases),
                                     "--no-pid", "eth")
        self.with_server(Program(*command), "dhcpd", "DHCPRELEASE of")
        with Program(*command) as server:
            server.wait_for_line("Sending on")
            with self.ours("talk", "listen", "udp://0.0.0.0:7000", "--reply", "x", "--net", CLIENT_NET) as host:
                host.wait_for_line("listening|waiting")
                before = len(server.lines)
                server.wait_for_line(r"DHCPREQUEST for 10\.98\.0\.12\d from", after=before)
                server.wait_for_line(r"DHCPACK on 10\.98\.0\.12\d", after=before)
                self.peers.run("ping", "-q", "-c", "1", re.search(r"10\.98\.0\.12\d", server.lines[-1])[0])
                server.stop()
                host.wait_for_line(r"the DHCP server did not extend 10\.98\.0\.12\d; asking again")
                with Program(*command) as again:
                    host.wait_for_line(r"two has the address 10\.98\.0\.12\d now")
                    again.stop()

    def udhcpd_leases_us_an_address(self):
        if not installed("udhcpd"):
            return
        self.fresh(PEER)
        configuration, leases = FOLDER / "udhcpd.conf", FOLDER / "udhcpd.leases"
        leases.write_text("")
        configuration.write_text(f"start 10.98.0.130\nend 10.98.0.139\ninterface eth\nlease_file {leases}\n"
                                 f"pidfile {FOLDER}/udhcpd.pid\noption subnet 255.255.255.0\noption router {PEER}\n"
                                 f"option dns 9.9.9.9\noption lease 600\nmin_lease 20\n")
        self.with_server(Program(*self.peers.command("udhcpd", "-f", str(configuration))), "udhcpd", None)

    # ---- an address that somebody has (RFC 2131 3.1.5, RFC 5227)

    def an_address_in_use_is_declined(self):
        self.fresh("10.98.0.100")
        with self.serving() as server:
            host = self.ours("talk", "listen", "udp://0.0.0.0:7000", "--reply", "x", "--net", CLIENT_NET + ",probe=on")
            with host:
                host.wait_for_line("another host on two has 10.98.0.100, which the DHCP server gave us")
                server.wait_for_line(f"10.98.0.100 is in use by another host, says {MAC}")
                host.wait_for_line("listening|waiting")
                self.middle.run("ping", "-q", "-c", "1", "10.98.0.101")

    # ---- by hand

    def machines_boot_what_they_can_run(self):
        """RFC 4578: what PXE says, and where it looks."""
        with self.serving("--boot-file", "undionly.kpxe", "--boot-file", "efi64=grubx64.efi", "--next-server",
                          "10.98.0.9"):
            for architecture, file in ((0, "undionly.kpxe"), (7, "grubx64.efi"), (9, "grubx64.efi"),
                                       (11, "undionly.kpxe")):
                number = struct.pack(">H", architecture)
                address, next_server, told, options = self.ask(by_hand(
                    1, MAC, (60, b"PXEClient:Arch:%05d:UNDI:003016" % architecture), (93, number),
                    (94, b"\1\3\20"), (97, bytes(17)), (55, bytes([1, 3, 43, 60, 66, 67, 128]))))
                check(address.startswith("10.98.0.10") and next_server == "10.98.0.9" and told == file, (address, told))
                check(options[53] == b"\2" and options[67] == file.encode() and options[66] == b"10.98.0.9", options)

    def ask(self, message):
        """The answer to it, which goes to everybody."""
        with self.middle.inside(socket.socket, socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"bridge\0")
            client.bind(("0.0.0.0", 68))
            client.settimeout(PATIENCE)
            client.sendto(message, ("255.255.255.255", 67))
            return read_reply(client.recv(2000))

    def a_flood_of_forged_clients_takes_no_lease(self):
        with self.serving(ranges=("10.98.0.100-10.98.0.101",)) as server:
            host = self.ours("talk", "listen", "udp://0.0.0.0:7000", "--reply", "x", "--net", CLIENT_NET)
            with host, self.middle.inside(socket.socket, socket.AF_INET, socket.SOCK_DGRAM) as client:
                host.wait_for_line("listening|waiting")
                given = server.wait_for_line(rf"(10\.98\.0\.10\d) is given to {MAC}")[1]
                client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"bridge\0")
                client.bind(("0.0.0.0", 68))
                for number in range(3000):
                    client.sendto(by_hand(1, f"06:00:00:00:{number >> 8:02x}:{number & 255:02x}"),
                                  ("255.255.255.255", 67))
                self.middle.run("ping", "-q", "-c", "1", given)
                # Whoever answers its offer has the other address.
                client.settimeout(0.2)
                try:
                    while client.recv(2000):
                        pass
                except TimeoutError:
                    pass
                client.sendto(by_hand(1, "02:00:00:00:98:44", xid=0x4444), ("255.255.255.255", 67))
                offered = read_reply(client.recv(2000))[0]
                check(offered != given, offered)
                client.sendto(by_hand(3, "02:00:00:00:98:44", (50, socket.inet_aton(offered)),
                                      (54, socket.inet_aton(OURS)), xid=0x4444), ("255.255.255.255", 67))
                check(read_reply(client.recv(2000))[3][53] == b"\5", "no DHCPACK")

    # ---- wrong use

    def mistakes_are_one_sentence(self):
        for arguments, code, says in (
                (("serve", RANGE), 2, b"--interface IFNAME"), (("query",), 2, b"--interface IFNAME"),
                (("serve", RANGE, "--net", "embedded"), 2, b"embedded"),
                (("serve", "--net", NET), 2, b"needs addresses"),
                (("serve", RANGE, "--net", CLIENT_NET), 2, b"is not leased"),
                (("serve", "10.97.0.1-10.97.0.9", "--net", NET), 2, b"10.98.0.0/24"),
                (("serve", RANGE, "--interface", "x", "--net", NET), 2, b"--interface"),
                (("query", RANGE, "--net", CLIENT_NET), 2, b"gives nothing"),
                (("serve", RANGE, "--interface", "none"), 1, b"no IPv4 address"),
                (("query", "--interface", "lo"), 1, b"no Ethernet interface")):
            done = self.middle.run(self.strata, "dhcp", *arguments, expect=code)
            check(says in done.stderr and done.stderr.count(b"\n") == 1 and b"; " in done.stderr, done.stderr)
        with self.ours("dhcp", "serve", RANGE, "--interface", "bridge") as server:
            server.wait_for_line("giving")
            done = self.middle.run(self.strata, "dhcp", "serve", RANGE, "--interface", "bridge", expect=1)
            check(b"cannot serve DHCP on bridge: Address already in use" in done.stderr, done.stderr)

    def nobody_answers(self):
        began = time.monotonic()
        done = self.middle.run(self.strata, "dhcp", "query", "--net", CLIENT_NET, expect=1)
        check(b"no DHCP server on two answered" in done.stderr and 20 < time.monotonic() - began < 40, done.stderr)


def main():
    require_tools("ip", "ping", "ss")
    reason = why_no_tap()
    if reason:
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as middle, Namespace() as peers:
        try:
            test = DhcpTest(strata, middle, peers)
        except (AssertionError, subprocess.SubprocessError) as error:
            skip(f"no bridge or veth can be made here: {str(error).splitlines()[-1]}")
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "udhcpc_takes_extends_and_gives_back", "dhclient_takes_and_gives_back", "a_server_on_the_kernels_network",
            "dnsmasq_leases_us_an_address", "dhcpd_leases_us_an_address_extends_it_and_falls_silent",
            "udhcpd_leases_us_an_address", "an_address_in_use_is_declined", "machines_boot_what_they_can_run",
            "a_flood_of_forged_clients_takes_no_lease", "mistakes_are_one_sentence", "nobody_answers")])


if __name__ == "__main__":
    main()
