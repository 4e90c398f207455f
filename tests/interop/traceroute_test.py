#!/usr/bin/env python3
"""`strata traceroute` beside traceroute(8) and tracepath(8), over three routers of the kernel's.

    near 10.95.0.2 ── 10.95.0.1 [one] 10.95.1.1 ── 10.95.1.2 [two] ── MTU 1400 ── [three] ── 10.95.3.2 far
      TAP │                                                                                TAP │
    ours 10.95.8.1 (traces)                                                        ours 10.95.9.1 (is traced)

Beyond `two`: 10.95.4.0/24 is prohibited, 10.95.5.0/24 unreachable, 10.95.6.0/24 a black hole.
"""
# beside: others
# timeout: 300
import re
import signal

from meeting import (Namespace, Program, check, installed, program, require_tools, run_steps, scratch_folder, skip,
                     why_no_tap)

NEAR, ONE, TWO, THREE, FAR = "10.95.0.2", "10.95.0.1", "10.95.1.2", "10.95.2.2", "10.95.3.2"
OURS = "10.95.9.1"
TAP_FAR, TAP_NEAR = "10.95.9.2", "10.95.8.2"
PROHIBITED, UNREACHABLE, DARK = "10.95.4.1", "10.95.5.1", "10.95.6.1"
METHODS = ("-U", "-I", "-T")
SELDOM = ("-q", "1", "-N", "1", "-w", "1.1")  # the kernel says no once a second to a host, when it has for a while


def without_times(text):
    """What is printed without times and the columns that they take."""
    lines = [re.sub(r"  \d+\.\d{3} ms", " ms", line).strip() for line in text.strip().splitlines()]
    return [re.sub(r" +", " ", line) for line in lines]


def answered(text):
    """As without_times(), and without the probes that were not answered."""
    return [re.sub(r"( ms)+", " ms", re.sub(r" +", " ", line.replace("*", "")).strip()) for line in without_times(text)]


def without_stars(text):
    return [line for line in without_times(text) if not line.endswith("*")]


def hops(text):
    """{hop: who}, and the marks that stand behind."""
    found = {}
    for line in text.splitlines()[1:]:
        match = re.match(r" ?(\d+)  (\S+)", line)
        check(match, f"no line of a hop: {line!r}")
        found[int(match[1])] = match[2]
    return found


class Way:
    def __init__(self, strata, near, routers, far):
        self.strata, self.near, self.routers, self.far = strata, near, routers, far
        places = (near, *routers, far)
        for place in places:
            place.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0",
                      "net.ipv4.ping_group_range=0 2147483647")
            # Newer kernels also bound all of them together.
            place.run("sysctl", "-q", "-w", "net.ipv4.icmp_msgs_per_sec=100000", expect=None)
        for net, (left, right) in enumerate(zip(places, places[1:])):
            mtu = "1400" if net == 2 else "1500"
            left.ip("link", "add", "right", "type", "veth", "peer", "name", "left", "netns", right.name)
            for place, device, host in ((left, "right", 1), (right, "left", 2)):
                if net == 0:
                    host = 3 - host
                place.ip("addr", "add", f"10.95.{net}.{host}/24", "dev", device)
                place.ip("link", "set", device, "mtu", mtu, "up")
        one, two, three = routers
        near.ip("route", "add", "default", "via", ONE)
        one.ip("route", "add", "default", "via", TWO)
        one.ip("route", "add", "10.95.8.0/24", "via", NEAR)
        two.ip("route", "add", "default", "via", THREE)
        for net in (0, 8):
            two.ip("route", "add", f"10.95.{net}.0/24", "via", "10.95.1.1")
        for kind, net in (("prohibit", 4), ("unreachable", 5), ("blackhole", 6)):
            two.ip("route", "add", kind, f"10.95.{net}.0/24")
        three.ip("route", "add", "default", "via", "10.95.2.1")
        three.ip("route", "add", "10.95.9.0/24", "via", FAR)
        far.ip("route", "add", "default", "via", "10.95.3.1")
        folder = scratch_folder()
        (folder / "file").write_text("text")
        self.server = Program(*far.command(strata, "serve", folder, "--http", "80", "--net",
                                           f"tap:trf0,addr={OURS}/24,host={TAP_FAR}/24,gw={TAP_FAR}"))
        self.server.wait_for_line(r"serving .* at fetch://")

    def kernel(self, host, *arguments, expect=0):
        """What it prints on the kernel's network."""
        return self.near.run(self.strata, "traceroute", "-n", host, *arguments, expect=expect).stdout.decode()

    def ours(self, host, *arguments, expect=0):
        """The same on a stack of ours."""
        net = f"tap:trn0,addr=10.95.8.1/24,host={TAP_NEAR}/24,gw={TAP_NEAR}"
        return self.near.run(self.strata, "traceroute", "-n", host, *arguments, "--net", net,
                             expect=expect).stdout.decode()

    def beside_traceroute(self):
        """The kernel's network: the same but for the times, by each method, to the kernel and to ours."""
        if not installed("traceroute"):
            return
        # Ours gives a host ten errors at once, then twenty a second.
        for host, few in ((FAR, ()), (OURS, ("-q", "1", "-N", "1"))):
            for method in METHODS:
                theirs = self.near.run("traceroute", "-n", method, *few, host).stdout.decode()
                said = self.kernel(host, method, *few)
                check(without_times(said) == without_times(theirs), f"{method} {host}:\n{said}\nis not\n{theirs}")

    def by_each_method(self):
        way = [ONE, TWO, THREE, FAR]
        for method in METHODS:
            check(list(hops(self.kernel(FAR, method)).values()) == way, method)
            check(list(hops(self.kernel(OURS, method)).values()) == [*way, OURS], method)
            check(list(hops(self.ours(FAR, method)).values()) == [TAP_NEAR, *way], method)
            check(list(hops(self.ours(OURS, method)).values()) == [TAP_NEAR, *way, OURS], method)

    def an_open_port(self):
        """Answers a SYN with a SYN-ACK, and is left alone at once."""
        for trace in (self.kernel, self.ours):
            check(list(hops(trace(OURS, "-T", "-p", "80")).values())[-1] == OURS, "not reached")

    def where_a_router_says_no(self):
        """Marks, and where nobody says anything, stars up to the last hop."""
        for trace, first in ((self.kernel, 1), (self.ours, 2)):
            for method in METHODS:
                for host, mark in ((PROHIBITED, "!X"), (UNREACHABLE, "!H")):
                    said = trace(host, method, *SELDOM, expect=1)
                    check(said.rstrip().endswith(mark) and without_stars(said)[-1].split()[1] == TWO and
                          hops(said)[first] == ONE, f"{method} {host}: {said}")
                said = trace(DARK, method, "-w", "0.3", "-m", str(first + 2), expect=1)
                check(said.endswith(f" {first + 1}  * * *\n {first + 2}  * * *\n"), f"{method}: {said}")
        if installed("traceroute"):
            for host in (PROHIBITED, UNREACHABLE):
                theirs = without_stars(self.near.run("traceroute", "-n", *SELDOM, host).stdout.decode())
                said = without_stars(self.kernel(host, *SELDOM, expect=1))
                check([line.split()[1:] for line in said] == [line.split()[1:] for line in theirs],
                      f"{said}\nis not\n{theirs}")

    def the_narrow_link(self):
        """`--mtu` shows it each time, whatever is known of the path by then."""
        for _ in range(2):
            said = self.kernel(OURS, "--mtu")
            check(re.search(rf"^ 1  {ONE}  [\d.]+ ms F=1500 ", said, re.MULTILINE), said)
            check(re.search(rf"^ 3  {THREE}  [\d.]+ ms F=1400 ", said, re.MULTILINE), said)
            check(said.count("F=") == 2, said)
            said = self.ours(OURS, "--mtu")
            check(re.search(rf"^ 1  {TAP_NEAR}  [\d.]+ ms F=1500 ", said, re.MULTILINE), said)
            check(re.search(rf"^ 4  {THREE}  [\d.]+ ms F=1400 ", said, re.MULTILINE), said)
            check(said.count("F=") == 2, said)
        if installed("traceroute"):
            theirs = self.near.run("traceroute", "-n", "--mtu", OURS).stdout.decode()
            ours = self.kernel(OURS, "--mtu")
            # The host at the end answers in measure: of so many questions not each.
            check(answered(ours) == answered(theirs), f"{ours}\nis not\n{theirs}")

    def others_towards_ours(self):
        """tracepath(8) and a ping that may not be fragmented find a host of ours, and the narrow link."""
        if installed("tracepath"):
            said = self.near.run("tracepath", "-n", OURS).stdout.decode()
            check(re.search(r"Resume: pmtu 1400 hops 5 ", said), said)
        said = self.near.run("ping", "-n", "-c", "1", "-M", "do", "-s", "1372", OURS).stdout.decode()
        check("1380 bytes from" in said, said)
        said = self.near.run("ping", "-n", "-c", "1", "-M", "do", "-s", "1373", OURS, expect=1)
        check(b"mtu" in said.stdout + said.stderr, said)

    def as_nobody(self):
        """No rights are needed on the kernel's network."""
        if not installed("setpriv"):
            return
        for method in METHODS:
            said = self.near.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
                                 "--inh-caps=-all", self.strata, "traceroute", "-n", method, FAR).stdout.decode()
            check(list(hops(said).values()) == [ONE, TWO, THREE, FAR], said)

    def an_interrupt(self):
        """Ends it in the middle: what was found stays."""
        with Program(*self.near.command(self.strata, "traceroute", "-n", DARK)) as running:
            running.wait_for_line(rf"2  {TWO}|1  {ONE}")
            running.stop(signal.SIGINT)
            check(running.process.returncode == 130, running.process.returncode)

    def nowhere_to_go(self):
        """Without a route: one sentence."""
        self.near.ip("route", "del", "default")
        try:
            for method in METHODS:
                done = self.near.run(self.strata, "traceroute", "-n", method, "192.0.2.1", expect=1)
                check(re.fullmatch(r"strata: cannot trace the way to 192\.0\.2\.1: [^\n]+; [^\n]+\n",
                                   done.stderr.decode()), done.stderr)
        finally:
            self.near.ip("route", "add", "default", "via", ONE)


def main():
    require_tools("ip", "ping", "sysctl")
    if reason := why_no_tap():
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as near, Namespace() as one, Namespace() as two, Namespace() as three, Namespace() as far:
        way = Way(strata, near, (one, two, three), far)
        with way.server:
            run_steps([(name.replace("_", " "), getattr(way, name)) for name in (
                "by_each_method", "beside_traceroute", "an_open_port", "where_a_router_says_no", "the_narrow_link",
                "others_towards_ours", "as_nobody", "an_interrupt", "nowhere_to_go")])


if __name__ == "__main__":
    main()
