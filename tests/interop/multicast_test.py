#!/usr/bin/env python3
"""Groups, between the kernel and our stack on TAPs that a bridge of the kernel's joins, which snoops and asks:

    ours 10.97.0.1 ── TAP ── [bridge 10.97.0.254, queries] ── veth ── [far 10.97.0.2]

The bridge carries a group's frames only to ports that it has heard a report from, so what arrives proves the report.
"""
import json
import socket
import time

from meeting import Namespace, Program, check, program, require_tools, run_steps, skip, wait_for, why_no_tap

OURS, FAR, BRIDGE = "10.97.0.1", "10.97.0.2", "10.97.0.254"
NET = f"tap:groups0,addr={OURS}/24"
GROUP, OTHER, ONE_SOURCE = "239.97.1.1", "239.97.1.2", "232.97.1.3"

REPORT_V2, LEAVE = 0x16, 0x17


class Heard:
    """The types of IGMP messages that our stack has sent on groups0."""

    def __init__(self):
        self.types = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(("groups0", 0))
        self.socket.setblocking(False)

    def has(self, kind):
        try:
            while True:
                frame = self.socket.recv(2000)
                if frame[12:14] == b"\x08\x00" and frame[23] == 2 and frame[26:30] == socket.inet_aton(OURS):
                    self.types.append(frame[14 + (frame[14] & 15) * 4])
        except BlockingIOError:
            return kind in self.types


class Groups:
    def __init__(self, strata, near, far):
        self.strata, self.near, self.far = strata, near, far
        near.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
                "mcast_query_use_ifaddr", "1", "mcast_igmp_version", "3", "mcast_startup_query_interval", "100",
                "mcast_query_response_interval", "50")
        near.ip("addr", "add", f"{BRIDGE}/24", "dev", "br0")
        near.ip("link", "set", "br0", "up")
        near.ip("link", "add", "veth0", "type", "veth", "peer", "name", "eth0", "netns", far.name)
        near.ip("link", "set", "veth0", "master", "br0", "up")
        far.ip("addr", "add", f"{FAR}/24", "dev", "eth0")
        far.ip("link", "set", "eth0", "up")
        far.ip("route", "add", "224.0.0.0/4", "dev", "eth0")
        # The device outlives our hosts, so that the bridge has it before they speak.
        near.ip("tuntap", "add", "dev", "groups0", "mode", "tap", "vnet_hdr")
        near.ip("link", "set", "groups0", "master", "br0", "up")

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

    # ---- the steps

    def the_bridge_sees_us(self):
        with self.join(GROUP) as member:
            self.wait_for_member("groups0", GROUP)
            self.send(self.far, "kernel", GROUP, "from the kernel")
            member.wait_for_line(rf"{FAR}:\d+: from the kernel")
            time.sleep(11)  # the bridge's startup query, and our answer
            check(self.members("groups0", GROUP), "forgotten after a query")
            member.stop()
        self.wait_for_member("groups0", GROUP, there=False)

    def the_kernel_hears_us(self):
        with self.join(OTHER, net="kernel", place=self.far) as member:
            self.wait_for_member("veth0", OTHER)
            self.send(self.near, NET, OTHER, "from our stack")
            member.wait_for_line(rf"{OURS}:\d+: from our stack")

    def one_source_is_wanted(self):
        """Version 3 says whose; what others send is not even carried, and what is carried is dropped by us."""
        with self.join(ONE_SOURCE, "--source", FAR) as member:
            self.wait_for_member("groups0", ONE_SOURCE)
            entries = self.members("groups0", ONE_SOURCE)
            check(any(FAR in json.dumps(entry) for entry in entries), f"no source in {entries}")
            self.send(self.near, "kernel", ONE_SOURCE, "unwanted", "--source", BRIDGE)
            self.send(self.far, "kernel", ONE_SOURCE, "wanted")
            member.wait_for_line(rf"{FAR}:\d+: wanted")
            check("unwanted" not in "".join(member.lines), member.lines)

    def version_2_is_spoken_to_a_querier_of_version_2(self):
        self.near.ip("link", "set", "br0", "type", "bridge", "mcast_igmp_version", "2")
        self.near.ip("link", "set", "br0", "type", "bridge", "mcast_querier", "0")
        heard = self.near.inside(Heard)
        with self.join(GROUP) as member:
            self.near.ip("link", "set", "br0", "type", "bridge", "mcast_querier", "1")
            check(wait_for(lambda: heard.has(REPORT_V2), 15), "no report of version 2")
            self.wait_for_member("groups0", GROUP)
            self.send(self.far, "kernel", GROUP, "in version 2")
            member.wait_for_line(rf"{FAR}:\d+: in version 2")
            member.stop()
            check(wait_for(lambda: heard.has(LEAVE), 5), "no leave")


def main():
    require_tools("ip", "bridge")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as near, Namespace() as far:
        try:
            test = Groups(strata, near, far)
        except AssertionError as error:
            skip(f"a bridge that snoops cannot be made here: {str(error).splitlines()[-1]}")
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "the_bridge_sees_us", "the_kernel_hears_us", "one_source_is_wanted",
            "version_2_is_spoken_to_a_querier_of_version_2")])


if __name__ == "__main__":
    main()
