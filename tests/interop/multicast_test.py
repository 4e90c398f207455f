#!/usr/bin/env python3
"""Groups, between the kernel and our stack on TAPs that a bridge of the kernel's joins, which snoops and asks."""
# beside: others
import json
import time

from meeting import Namespace, check, program, require_tools, run_steps, skip, wait_for, why_no_tap
from snooping_bridge import FAR, LEAVE, NET, OURS, REPORT_V2, Heard, SnoopingBridge

BRIDGE = "10.97.0.254"
GROUP, OTHER, ONE_SOURCE = "239.97.1.1", "239.97.1.2", "232.97.1.3"


class Groups(SnoopingBridge):
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
        self.set(mcast_igmp_version=2, mcast_querier=0)
        heard = self.near.inside(lambda: Heard(OURS))
        with self.join(GROUP) as member:
            self.set(mcast_querier=1)
            check(wait_for(lambda: REPORT_V2 in heard.now(), 15), "no report of version 2")
            self.wait_for_member("groups0", GROUP)
            self.send(self.far, "kernel", GROUP, "in version 2")
            member.wait_for_line(rf"{FAR}:\d+: in version 2")
            member.stop()
            check(wait_for(lambda: LEAVE in heard.now(), 5), "no leave")


def main():
    require_tools("ip", "bridge")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as near, Namespace() as far:
        test = Groups(strata, near, far, BRIDGE, mcast_querier=1, mcast_startup_query_interval=100,
                      mcast_query_response_interval=50)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "the_bridge_sees_us", "the_kernel_hears_us", "one_source_is_wanted",
            "version_2_is_spoken_to_a_querier_of_version_2")])


if __name__ == "__main__":
    main()
