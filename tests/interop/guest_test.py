#!/usr/bin/env python3
"""SLIP and 802.1Q with a Linux kernel that knows them, booted in qemu:

    guest 10.98.2.1 sl0 ── serial port, pty ── ours 10.98.2.2
    guest 10.98.10.1 eth0.10 ── TAP [bridge] TAP ── ours 10.98.10.2, vlan=10
"""
import hashlib
import os

from guest import Guest, bridge, why_not
from meeting import Here, Namespace, Program, check, program, run_steps, scratch_folder, skip, why_no_tap

SIZE = 20_000  # at 115,200 bits a second
SLIP_GUEST, SLIP_OURS, VLAN_GUEST, VLAN_OURS = "10.98.2.1", "10.98.2.2", "10.98.10.1", "10.98.10.2"


# What net-tools' slattach does; busybox has none.
SLATTACH = r"""
#include <fcntl.h>
#include <linux/if_slip.h>
#include <linux/sockios.h>
#include <linux/tty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
int main(void) {
    int line = open("/dev/ttyS1", O_RDWR | O_NOCTTY), discipline = N_SLIP, plain = 0 /* SL_MODE_SLIP */;
    struct termios raw;
    if (line < 0 || tcgetattr(line, &raw) != 0) return 1;
    cfmakeraw(&raw);
    raw.c_cflag |= CLOCAL;
    cfsetspeed(&raw, B115200);
    if (tcsetattr(line, TCSANOW, &raw) != 0 || ioctl(line, TIOCSETD, &discipline) < 0) return 2;
    if (ioctl(line, SIOCSIFENCAP, &plain) < 0) return 3;
    for (;;) pause();
}
"""


class Meeting:
    def __init__(self, strata, near):
        self.strata, self.near = strata, near
        self.folder = scratch_folder()
        self.content = os.urandom(SIZE)
        self.sum = hashlib.sha256(self.content).hexdigest()
        with open(f"{self.folder}/file", "wb") as file:
            file.write(self.content)
        bridge(near)
        self.guest = Guest(near, "guest0", ("slip", "8021q", "e1000"), {"slattach": SLATTACH})
        self.slip = f"slip:{self.guest.serial},addr={SLIP_OURS}/24,mtu=296"
        self.vlan = f"tap:ours0,addr={VLAN_OURS}/24,vlan=10,pcp=5"
        self.guest.run("/slattach & while ! ifconfig sl0 > /dev/null 2>&1; do usleep 10000; done")
        self.guest.run(f"ifconfig sl0 {SLIP_GUEST} pointopoint {SLIP_OURS} up")
        self.guest.run("ip link set eth0 up; ip link add link eth0 name eth0.10 type vlan id 10; "
                       f"ip addr add {VLAN_GUEST}/24 dev eth0.10; ip link set eth0.10 up")
        self.guest.run("mkdir /www; httpd -p 80 -h /www")

    def serving(self, net, place):
        server = Program(*place.command(self.strata, "serve", self.folder, "--net", net, "--control", "off"))
        server.wait_for_line("serving .* at fetch://")
        return server

    def the_guest_asks(self, net, ours, place, size):
        """Pings, one of them in fragments where the way is narrow, and a file."""
        with self.serving(net, place) as server:
            said = self.guest.run(f"ping -c 3 -s {size} {ours}")
            check("3 packets received" in said, said)
            said = self.guest.run(f"wget -q -O /www/file http://{ours}/file && sha256sum /www/file")
            check(self.sum in said, said)
            server.stop()

    def the_guest_is_asked(self, net, theirs, place, size):
        """For the file that it has fetched."""
        said = place.run(self.strata, "ping", "-c", "3", "-s", str(size), theirs, "--net", net).stdout.decode()
        check("3 received" in said, said)
        to = f"{self.folder}/fetched"
        place.run(self.strata, "get", f"http://{theirs}/file", "-o", to, "--force", "--net", net)
        with open(to, "rb") as file:
            check(hashlib.sha256(file.read()).hexdigest() == self.sum, "other bytes arrived")

    # ---- the steps

    def slip_both_ways(self):
        self.the_guest_asks(self.slip, SLIP_OURS, Here(), 1000)
        self.the_guest_is_asked(self.slip, SLIP_GUEST, Here(), 1000)
        errors = self.guest.run("cat /sys/class/net/sl0/statistics/rx_errors")
        check(errors.startswith("0\n"), f"the guest's SLIP counts errors: {errors}")

    def vlan_both_ways(self):
        self.the_guest_asks(self.vlan, VLAN_OURS, self.near, 1400)
        self.the_guest_is_asked(self.vlan, VLAN_GUEST, self.near, 4000)

    def vlans_are_apart(self):
        """Who is on no VLAN, or on another, is not heard."""
        for other in ("", ",vlan=11"):
            said = self.near.run(self.strata, "ping", "-c", "2", "-W", "0.3", VLAN_GUEST, "--net",
                                 f"tap:ours0,addr={VLAN_OURS}/24{other}", expect=1).stdout.decode()
            check(", 0 received" in said, said)


def main():
    if reason := why_no_tap() or why_not():
        skip(reason)
    with Namespace() as near:
        test = Meeting(program("STRATA", "build/strata"), near)
        with test.guest:
            run_steps([(name.replace("_", " "), getattr(test, name))
                       for name in ("slip_both_ways", "vlan_both_ways", "vlans_are_apart")])


if __name__ == "__main__":
    main()
