#!/usr/bin/env python3
"""`strata multicast watch`, a querier on a wire: the kernel's members, socat's and smcroute's, of any source and of
one; and who asks where a bridge of the kernel's would, too (RFC 9776 6.6.2)."""
# beside: others
import os
import socket

from meeting import (Namespace, Program, check, installed, program, require_tools, run_steps, scratch_folder, skip,
                     wait_for, why_no_tap)
from snooping_bridge import DEVICE, FAR, NET, QUERY, Heard, SnoopingBridge

BRIDGE, HIGHER = "10.97.0.100", "10.97.0.200"
GROUP, OTHER, ONE_SOURCE, SOURCE = "239.97.2.1", "239.97.2.2", "232.97.2.3", "10.97.0.9"


class Querier(SnoopingBridge):
    def watch(self, *options, net=NET):
        watching = Program(*self.near.command(self.strata, "multicast", "watch", *options, "--net", net))
        watching.wait_for_line(f"asking on {DEVICE} as ")
        return watching

    # ---- the steps

    def the_kernels_members_are_seen(self):
        with self.watch() as watching:
            with self.join(GROUP, net="kernel", place=self.far) as member:
                watching.wait_for_line(f"{GROUP}: wanted from everybody")
                member.stop()
            watching.wait_for_line(f"{GROUP}: not wanted any more")
            with self.join(ONE_SOURCE, "--source", SOURCE, net="kernel", place=self.far):
                watching.wait_for_line(f"{ONE_SOURCE}: wanted from {SOURCE}")
                with self.join(ONE_SOURCE, "--source", BRIDGE, net="kernel", place=self.far) as second:
                    watching.wait_for_line(f"{ONE_SOURCE}: wanted from {SOURCE}, {BRIDGE}")
                    second.stop()
                watching.wait_for_line(f"{ONE_SOURCE}: wanted from {SOURCE}$")
            watching.wait_for_line(f"{ONE_SOURCE}: not wanted any more")

    def everybody_but_one_is_wanted(self):
        """EXCLUDE of a source, which only the kernel's sockets can say here."""
        excluding = self.far.inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        membership = socket.inet_aton(OTHER) + socket.inet_aton(FAR)
        with self.watch() as watching, excluding:
            excluding.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
            watching.wait_for_line(f"{OTHER}: wanted from everybody$")
            ip_block_source = 38  # <bits/in.h>: the interface before the source
            excluding.setsockopt(socket.IPPROTO_IP, ip_block_source, membership + socket.inet_aton(SOURCE))
            watching.wait_for_line(f"{OTHER}: wanted from everybody but {SOURCE}")

    def older_members_are_seen(self):
        """Hosts of the kernel's that speak version 2 alone, and then version 1."""
        for version in ("2", "1"):
            self.far.run("sysctl", "-q", "-w", f"net.ipv4.conf.eth0.force_igmp_version={version}")
            with self.watch() as watching, self.join(GROUP, net="kernel", place=self.far) as member:
                watching.wait_for_line(f"{GROUP}: wanted from everybody")
                member.stop()
                if version == "2":
                    watching.wait_for_line(f"{GROUP}: not wanted any more")
        self.far.run("sysctl", "-q", "-w", "net.ipv4.conf.eth0.force_igmp_version=0")

    def socat_is_seen(self):
        """Of any source: Debian's was built without ip-add-source-membership."""
        if not installed("socat"):
            return
        with self.watch() as watching:
            with Program(*self.far.command("socat", "-u", f"UDP4-RECV:5001,ip-add-membership={OTHER}:{FAR}", "STDOUT")):
                watching.wait_for_line(f"{OTHER}: wanted from everybody")
            watching.wait_for_line(f"{OTHER}: not wanted any more")

    def smcroute_is_seen(self):
        if not installed("smcrouted"):
            return
        folder = scratch_folder()
        with open(os.path.join(folder, "smcroute.conf"), "w", encoding="ascii") as file:
            file.write(f"mgroup from eth0 group {OTHER}\nmgroup from eth0 group {ONE_SOURCE} source {SOURCE}\n")
        with self.watch() as watching, \
                Program(*self.far.command("smcrouted", "-n", "-N", "-f", f"{folder}/smcroute.conf", "-l", "debug",
                                          "-P", f"{folder}/pid", "-u", f"{folder}/socket")) as smcroute:
            wait_for(lambda: smcroute.ended or any(OTHER in line for line in watching.lines), 15)
            if smcroute.ended:  # the kernel routes no groups, say
                print(f"left out: smcrouted does not run here: {smcroute.lines}", flush=True)
                return
            watching.wait_for_line(f"{OTHER}: wanted from everybody")
            watching.wait_for_line(f"{ONE_SOURCE}: wanted from {SOURCE}")

    def the_bridge_is_silent_where_our_address_is_lower(self):
        bridge = self.near.inside(lambda: Heard(BRIDGE, "veth0"))
        self.set(mcast_querier=1)
        check(wait_for(lambda: QUERY in bridge.now(), 15), "the bridge does not ask")
        with self.watch("--interval", "2") as watching:
            ours = self.near.inside(lambda: Heard("10.97.0.1"))
            # Its timer may have been about to fire when ours was heard first.
            check(wait_for(lambda: QUERY in ours.now(), 15), "we do not ask")
            bridge.now()
            for _ in range(2):
                check(wait_for(lambda: QUERY in ours.now(), 15), "we do not ask any more")
            check(QUERY not in bridge.now(), "the bridge asks, too")
            check(not any("asks" in line for line in watching.lines), watching.lines)
        check(wait_for(lambda: QUERY in bridge.now(), 30), "the bridge does not ask again")
        self.set(mcast_querier=0)

    def we_are_silent_where_the_bridges_address_is_lower(self):
        self.set(mcast_querier=1)
        with self.watch("--interval", "4", net=f"tap:{DEVICE},addr={HIGHER}/24") as watching:
            watching.wait_for_line(f"{BRIDGE} asks, whose address is lower: we listen")
            ours = self.near.inside(lambda: Heard(HIGHER))
            with self.join(GROUP, net="kernel", place=self.far) as member:
                watching.wait_for_line(f"{GROUP}: wanted from everybody")
                member.stop()
                watching.wait_for_line(f"{GROUP}: not wanted any more")
            check(QUERY not in ours.now(), "we ask, too")
            self.set(mcast_querier=0)
            watching.wait_for_line("the other one is gone: we ask again")
            check(wait_for(lambda: QUERY in ours.now(), 15), "we do not ask again")


def main():
    require_tools("ip", "bridge", "sysctl")
    if reason := why_no_tap():
        skip(reason)
    with Namespace() as near, Namespace() as far:
        # In hundredths of a second: the bridge asks each second, and believes that others are gone after four.
        test = Querier(program("STRATA", "build/strata"), near, far, BRIDGE, mcast_startup_query_interval=100,
                       mcast_query_interval=100, mcast_query_response_interval=50, mcast_querier_interval=400,
                       mcast_last_member_interval=50)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "the_kernels_members_are_seen", "everybody_but_one_is_wanted", "older_members_are_seen", "socat_is_seen",
            "smcroute_is_seen", "the_bridge_is_silent_where_our_address_is_lower",
            "we_are_silent_where_the_bridges_address_is_lower")])


if __name__ == "__main__":
    main()
