"""A bridge of the kernel's that snoops, for tests of groups:

    ours 10.97.0.1 ── TAP groups0 ── [bridge br0] ── veth0 ── eth0 [far 10.97.0.2]

It carries a group's frames only to ports that it has heard a report from, so what arrives proves the report; and
reports only to ports where it has heard a querier.
"""
import json
import socket

from meeting import Program, check, skip, wait_for

OURS, FAR = "10.97.0.1", "10.97.0.2"
DEVICE = "groups0"
NET = f"tap:{DEVICE},addr={OURS}/24"
QUERY, REPORT_V2, LEAVE = 0x11, 0x16, 0x17


class Heard:
    """The types of IGMP messages that whoever has `address` has sent, on groups0 or beyond the bridge."""

    def __init__(self, address, device=DEVICE):
        self.address = socket.inet_aton(address)
        self.types = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((device, 0))
        self.socket.setblocking(False)

    def now(self):
        """Those since it was asked last."""
        self.types = []
        try:
            while True:
                frame = self.socket.recv(2000)
                if frame[12:14] == b"\x08\x00" and frame[23] == 2 and frame[26:30] == self.address:
                    self.types.append(frame[14 + (frame[14] & 15) * 4])
        except BlockingIOError:
            return self.types


class SnoopingBridge:
    def __init__(self, strata, near, far, address, **how):
        self.strata, self.near, self.far = strata, near, far
        try:
            near.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_query_use_ifaddr", "1",
                    "mcast_igmp_version", "3", *(word for name, value in how.items() for word in (name, str(value))))
        except AssertionError as error:
            skip(f"a bridge that snoops cannot be made here: {str(error).splitlines()[-1]}")
        near.ip("addr", "add", f"{address}/24", "dev", "br0")
        near.ip("link", "set", "br0", "up")
        near.ip("link", "add", "veth0", "type", "veth", "peer", "name", "eth0", "netns", far.name)
        near.ip("link", "set", "veth0", "master", "br0", "up")
        far.ip("addr", "add", f"{FAR}/24", "dev", "eth0")
        far.ip("link", "set", "eth0", "up")
        far.ip("route", "add", "224.0.0.0/4", "dev", "eth0")
        # The device outlives our hosts, so that the bridge has it before they speak.
        near.ip("tuntap", "add", "dev", DEVICE, "mode", "tap", "vnet_hdr")
        near.ip("link", "set", DEVICE, "master", "br0", "up")

    def set(self, **how):
        for name, value in how.items():
            self.near.ip("link", "set", "br0", "type", "bridge", name, str(value))

    def join(self, group, *options, net=NET, place=None):
        member = Program(*(place or self.near).command(self.strata, "multicast", "join", f"{group}:5000", *options,
                                                       "--net", net))
        member.wait_for_line("joined ")
        return member

    def members(self, port, group):
        """What the bridge has heard of the group on this port: its entries."""
        said = json.loads(self.near.run("bridge", "-j", "-d", "mdb", "show", "dev", "br0").stdout)
        return [entry for table in said for entry in table.get("mdb", [])
                if entry["port"] == port and entry["grp"] == group]

    def wait_for_member(self, port, group, there=True):
        check(wait_for(lambda: bool(self.members(port, group)) == there, 15),
              f"{group} on {port}: {self.members(port, group)}")

    def send(self, place, net, group, text, *options):
        place.run(self.strata, "multicast", "send", f"{group}:5000", "--message", text, "--net", net, *options)
