#!/usr/bin/env python3
"""VLANs, PAUSE and jumbo frames met by others: frames made by hand, the kernel, Open vSwitch.

    raw peer, the kernel ── TAP vlan0 ── a host of ours, untagged or on VLAN 10

    a host of ours, VLAN 10 ── TAP trunk0 ──┐             ┌── TAP access10 ── a host of ours that knows no tags
    a host of ours, VLAN 20 ── TAP trunk1 ──┴ Open vSwitch┴── TAP access20 ── another

Open vSwitch is its datapath in user space, run from where tools/fetch_peers.sh unpacked it, in a namespace, with its
database in the test's folder. The kernel strips tags from what a packet socket receives and tells them beside it.
"""
# labels: slow
# timeout: 300
import os
import socket
import struct
import time
from pathlib import Path

from meeting import (Namespace, Program, check, installed, program, require_tools, run_steps, scratch_folder, sha256,
                     skip, source_tree, wait_for, why_no_tap)
from raw_peer import ACK, ARP, BROADCAST, ICMP, PSH, TCP, RawPeer, arp, ethernet, icmp_echo, mac, parse, tcp

OURS, PEER = "10.98.0.1", "10.98.0.9"
FOLDER = scratch_folder()
VLAN, MAC_CONTROL = 0x8100, 0x8808
PAUSE_GROUP = mac("01:80:c2:00:00:01")
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, VLAN_VALID, VLAN_TPID_VALID = 263, 8, 15, 1 << 4, 1 << 6
LONGEST_PAUSE = 65535 * 512 / 1e9  # a TAP has no rate: a quantum is 512 ns, as at 1 Gbit/s


class TaggedPeer(RawPeer):
    """Its frames have a tag, and it hears those only that have it; `tci` None: neither. 0: a priority tag, which it
    sends, and hears what has none."""

    def __init__(self, *arguments, tci=None, **more):
        super().__init__(*arguments, **more)
        self.tci = tci
        self.heard_tci = None
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def tagged(self, data):
        return data if self.tci is None else data[:12] + struct.pack(">HH", VLAN, self.tci) + data[12:]

    def send_frame(self, data):
        self.socket.send(self.tagged(data))

    def frames(self, timeout):
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                data, beside, _, where = self.socket.recvmsg(70000, 256)
            except TimeoutError:
                return
            if where[2] == socket.PACKET_OUTGOING or len(data) < 14:
                continue
            tci = next((struct.unpack("IIIHHHH", told)[5] for level, kind, told in beside
                        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)
                        and struct.unpack("IIIHHHH", told)[0] & VLAN_VALID), None)
            if (tci or 0) & 0xfff != (self.tci or 0) & 0xfff:
                continue
            self.heard_tci = tci
            frame = parse(data)
            if frame.arp and frame.arp[0] == 1 and frame.arp[4] == self.address:
                self.send_arp(2, frame.arp[2], to=frame.source, target_mac=frame.arp[1])
            yield frame

    def ping(self, sequence=1):
        """Seconds until the answer; None if there is none."""
        began = time.monotonic()
        self.send_ip(ICMP, icmp_echo(7, sequence))
        answer = self.wait_for(lambda frame: frame.icmp == (0, 0, 7, sequence), 2)
        return time.monotonic() - began if answer else None

    def pause(self, quanta, to=PAUSE_GROUP):
        """A PAUSE frame; those never have tags."""
        self.socket.send(ethernet(to, self.mac, MAC_CONTROL, struct.pack(">HH", 1, quanta)))

    def send_super_frame(self, flow, payload, segment_size):
        """One frame of many segments, to be cut by whoever sends it on: the kernel tells the TAP where its headers
        are."""
        frame = self.tagged(self.ip_frame(TCP, tcp(self.address, self.target, flow.port, flow.remote_port, flow.seq,
                                                   flow.ack, ACK | PSH, payload, flow.window)))
        start = 14 + (4 if self.tci is not None else 0) + 20
        # The checksum to be completed is the pseudo-header's sum.
        pseudo = sum(struct.unpack(">6H", socket.inet_aton(self.address) + socket.inet_aton(self.target) +
                                   struct.pack(">HH", TCP, len(frame) - start)))
        while pseudo >> 16:
            pseudo = (pseudo & 0xffff) + (pseudo >> 16)
        frame = frame[:start + 16] + struct.pack(">H", pseudo) + frame[start + 18:]
        # virtio_net_hdr: needs a checksum, is TCP over IPv4.
        header = struct.pack("=BBHHHH", 1, 1, start + 20, segment_size, start, 16)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.socket.send(header + frame)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 0)
        flow.seq += len(payload)


class VlanTest:
    def __init__(self, strata, namespace):
        self.strata, self.namespace = strata, namespace
        self.served = FOLDER / "served"
        self.served.mkdir()
        self.content = os.urandom(1 << 20)
        (self.served / "random.bin").write_bytes(self.content)
        self.served.chmod(0o755)
        self.counters = {}

    def serve(self, tap, net, up=True):
        server = Program(*self.namespace.command(self.strata, "serve", self.served, "--net", f"tap:{tap},{net}"))
        server.wait_for_line(r"serving .* at fetch://")
        if up:
            self.namespace.ip("link", "set", tap, "up")
        return server

    def peer(self, tci=None, **more):
        return TaggedPeer(self.namespace, "vlan0", PEER, OURS, tci=tci, **more)

    def counted(self, server):
        """What the program counted, at its end."""
        server.stop()
        check(server.process.returncode == 0, server.lines[-5:])
        rows = [words for line in server.lines if len(words := line.split()) == 4 and words[3].isdigit()]
        return {name: int(value) for _, _, name, value in rows}

    # ---- tags

    def a_host_on_a_vlan_hears_that_vlan_alone(self):
        with self.serve("vlan0", f"addr={OURS}/24,vlan=10,pcp=5") as server:
            with self.peer(tci=10) as peer:
                check(peer.resolve(), "a question with the tag was not answered")
                check(peer.heard_tci == 5 << 13 | 10, f"the answer's tag was {peer.heard_tci:#x}")
                check(peer.ping() is not None, "no answer on the VLAN")
                target = peer.target_mac
            for tci in (None, 0, 11, 4095):
                with self.peer(tci=tci) as peer:
                    peer.target_mac = target
                    peer.send_arp(1, OURS)
                    check(peer.ping() is None, f"an answer to a frame with the tag {tci}")
            with self.peer(tci=10) as peer:
                check(peer.resolve(), "the VLAN's own question was not answered any more")
                peer.socket.send(peer.tagged(peer.tagged(ethernet(target, peer.mac, ARP, b""))))
                peer.socket.send(target + peer.mac + struct.pack(">HH", VLAN, 10))
                check(peer.ping() is not None, "not well any more")
            said = self.counted(server)
            check(said.get("vlanInUnknown", 0) >= 2 and said.get("vlanInReserved", 0) >= 2 and
                  said.get("vlanInStacked") == 1 and said.get("vlanInPriorityTagged", 0) >= 2, said)

    def an_untagged_host_takes_priority_tags_and_no_others(self):
        with self.serve("vlan0", f"addr={OURS}/24") as server:
            with self.peer(tci=0) as peer:
                check(peer.resolve() and peer.heard_tci is None, f"answered with the tag {peer.heard_tci}")
                check(peer.ping() is not None, "no answer to a priority tag")
                target = peer.target_mac
            with self.peer(tci=10) as peer:
                peer.target_mac = target
                check(peer.ping() is None, "a host without VLANs answered on one")
            said = self.counted(server)
            check(said.get("vlanInPriorityTagged", 0) >= 2 and said.get("vlanInUnknown", 0) >= 1, said)

    def tcp_passes_with_a_tag(self, offload="on"):
        """Large frames from us, with their tag, are the kernel's to cut; and the kernel's are ours."""
        with self.serve("vlan0", f"addr={OURS}/24,vlan=10,offload={offload}"), self.peer(tci=10) as peer:
            check(peer.resolve(), "no answer")
            flow = peer.handshake(80)
            request = b"GET /random.bin HTTP/1.0\r\nX-Pad: " + b"x" * 3000 + b"\r\n\r\n"
            if offload == "on":
                peer.send_super_frame(flow, request, 1000)
            else:
                for at in range(0, len(request), 1000):
                    peer.send_tcp(flow, request[at:at + 1000])
            check(peer.read(flow), f"no end; {len(flow.received)} octets came")
            body = bytes(flow.received).partition(b"\r\n\r\n")[2]
            check(sha256(body) == sha256(self.content), f"another file, of {len(body)} octets")

    def tcp_passes_with_a_tag_without_offload(self):
        self.tcp_passes_with_a_tag("off")

    # ---- PAUSE

    def a_pause_holds_up_what_we_send(self):
        with self.serve("vlan0", f"addr={OURS}/24") as server, self.peer() as peer:
            check(peer.resolve(), "no answer")
            check(min(peer.ping(number) for number in range(5)) < LONGEST_PAUSE / 2, "slow without a pause")
            peer.pause(65535)
            took = peer.ping(10)
            check(took is not None and took > LONGEST_PAUSE * 0.9, f"an answer in the middle of a pause: {took}")
            peer.pause(65535)
            peer.pause(0)
            check(peer.ping(11) is not None, "no answer after the pause was taken back")
            peer.pause(65535, to=BROADCAST)
            peer.socket.send(ethernet(PAUSE_GROUP, peer.mac, MAC_CONTROL, b"\1\1" + b"\xff" * 40))
            check(min(peer.ping(number) for number in range(20, 25)) < LONGEST_PAUSE / 2, "another's frame was obeyed")
            said = self.counted(server)
            check((said.get("dot3InPauseFrames"), said.get("pauseInMalformed"), said.get("dot3ControlInUnknownOpcodes"))
                  == (3, 1, 1), said)

    def a_storm_of_pauses_does_not_silence_us(self):
        with self.serve("vlan0", f"addr={OURS}/24") as server, self.peer() as peer:
            check(peer.resolve(), "no answer")
            began, answered = time.monotonic(), 0
            while time.monotonic() - began < 6:
                peer.pause(65535)
                if time.monotonic() - began > 4.6:
                    peer.send_ip(ICMP, icmp_echo(7, 1))
                answered += sum(frame.icmp == (0, 0, 7, 1) for frame in peer.drain(0.005))
            check(answered > 10, f"{answered} answers in 1.4 seconds")
            check(self.counted(server).get("dot3InPauseFrames", 0) > 100, server.lines)

    # ---- jumbo frames

    def jumbo_frames_and_the_kernel(self):
        with self.serve("vlan1", "addr=10.98.1.1/24,host=10.98.1.2/24,mtu=9000"):
            self.namespace.run("ping", "-q", "-c", "2", "-i", "0.2", "-M", "do", "-s", "8972", "10.98.1.1")
            self.namespace.run("ping", "-q", "-c", "1", "-s", "20000", "10.98.1.1")
            got = self.namespace.run("curl", "-sS", "-f", "http://10.98.1.1/random.bin").stdout
            check(got == self.content, "another file")
        with self.serve("vlan2", "addr=10.98.2.1/24,host=10.98.2.2/24,mtu=9000,offload=off"):
            got = self.namespace.run("curl", "-sS", "-f", "http://10.98.2.1/random.bin").stdout
            check(got == self.content, "another file without offload")


# ---- Open vSwitch

class OpenVswitch:
    """A bridge of Open vSwitch in user space, in a namespace."""

    def __init__(self, namespace):
        self.namespace, self.folder = namespace, FOLDER / "ovs"
        self.folder.mkdir()
        # Where a program of it would look for what it was installed with.
        self.environment = ["env", f"OVS_RUNDIR={self.folder}", f"OVS_LOGDIR={self.folder}", f"OVS_DBDIR={self.folder}"]
        self.database = f"unix:{self.folder}/db.sock"
        self.programs = []

    def run(self, *command):
        return self.namespace.run(*self.environment, *command).stdout.decode()

    def vsctl(self, *words):
        return self.run("ovs-vsctl", "--no-wait", f"--db={self.database}", *words)

    def start(self, schema):
        file = self.folder / "conf.db"
        self.run("ovsdb-tool", "create", file, schema)
        self.programs.append(Program(*self.namespace.command(
            *self.environment, "ovsdb-server", file, f"--remote=p{self.database}", f"--unixctl={self.folder}/db.ctl")))
        check(wait_for((self.folder / "db.sock").exists, 20), self.programs[0].lines)
        self.vsctl("init")
        self.programs.append(Program(*self.namespace.command(
            *self.environment, "ovs-vswitchd", self.database, "--disable-system", "--disable-system-route",
            f"--unixctl={self.folder}/switch.ctl")))
        check(wait_for((self.folder / "switch.ctl").exists, 20), self.programs[1].lines)
        self.vsctl("add-br", "switch", "--", "set", "bridge", "switch", "datapath_type=netdev")

    def add(self, tap, *settings):
        self.vsctl("add-port", "switch", tap, "--", "set", "port", tap, *settings)

    def knows(self, tap):
        return tap in self.run("ovs-appctl", "-t", self.folder / "switch.ctl", "dpif/show")

    def stop(self):
        for one in reversed(self.programs):
            one.__exit__()


def schema_of_open_vswitch():
    for root in (Path("/"), source_tree() / "build/peers/root"):
        if (file := root / "usr/share/openvswitch/vswitch.ovsschema").exists():
            return file
    return None


class SwitchTest:
    TAPS = {"trunk0": ("vlan_mode=trunk", "trunks=10,20"), "trunk1": ("vlan_mode=trunk", "trunks=10,20"),
            "access10": ("vlan_mode=access", "tag=10"), "access20": ("vlan_mode=access", "tag=20")}

    def __init__(self, strata, namespace):
        self.strata, self.namespace = strata, namespace
        self.served = FOLDER / "switched"
        self.served.mkdir()
        self.content = os.urandom(1 << 20)
        (self.served / "random.bin").write_bytes(self.content)
        self.served.chmod(0o755)
        self.switch = OpenVswitch(namespace)
        for tap in self.TAPS:
            namespace.run("ip", "tuntap", "add", "dev", tap, "mode", "tap")
            namespace.ip("link", "set", tap, "up")

    def start(self, schema):
        self.switch.start(schema)
        for tap, settings in self.TAPS.items():
            self.switch.add(tap, *settings)
        check(wait_for(lambda: all(self.switch.knows(tap) for tap in self.TAPS), 20),
              self.switch.programs[-1].lines[-10:])

    # A packet socket, which is how Open vSwitch reads a device, is shown checksums that are still to be completed:
    # so ours are complete.
    def net(self, tap, address, more=""):
        return f"tap:{tap},addr={address}/24,offload=off{more}"

    def serve(self, *net):
        server = Program(*self.namespace.command(self.strata, "serve", self.served, "--net", self.net(*net)))
        server.wait_for_line(r"serving .* at fetch://")
        return server

    def download(self, address, *net, expect=0):
        into = FOLDER / "downloaded"
        into.unlink(missing_ok=True)
        self.namespace.run(self.strata, "get", f"http://{address}/random.bin", "-o", into, "--net", self.net(*net),
                           expect=expect)
        return into.read_bytes() if into.exists() else b""

    def reaches(self, address, *net):
        done = self.namespace.run(self.strata, "ping", "-c", "2", "-w", "3", address, "--net", self.net(*net),
                                  expect=None)
        return done.returncode == 0

    def a_tagged_host_and_one_behind_an_access_port(self):
        with self.serve("trunk0", "10.98.10.1", ",vlan=10"):
            check(self.download("10.98.10.1", "access10", "10.98.10.2") == self.content, "another file")
        with self.serve("access10", "10.98.10.2"):
            check(self.download("10.98.10.2", "trunk0", "10.98.10.1", ",vlan=10,pcp=3") == self.content,
                  "another file the other way")

    def two_tagged_hosts_on_two_trunks(self):
        with self.serve("trunk0", "10.98.20.1", ",vlan=20"):
            check(self.download("10.98.20.1", "trunk1", "10.98.20.2", ",vlan=20") == self.content, "another file")

    def vlans_are_apart(self):
        """All with addresses of one subnet: only the VLAN is another."""
        with self.serve("trunk0", "10.98.10.1", ",vlan=10"):
            check(self.reaches("10.98.10.1", "access10", "10.98.10.2"), "the same VLAN was not reached")
            check(not self.reaches("10.98.10.1", "access20", "10.98.10.3"), "another VLAN was reached")
            check(not self.reaches("10.98.10.1", "trunk1", "10.98.10.4", ",vlan=20"), "VLAN 20 reached VLAN 10")
            check(not self.reaches("10.98.10.1", "trunk1", "10.98.10.4", ",vlan=30"),
                  "a VLAN that the trunk does not carry")
            check(not self.reaches("10.98.10.1", "trunk1", "10.98.10.4"), "no tag reached VLAN 10")
            check(self.reaches("10.98.10.1", "trunk1", "10.98.10.4", ",vlan=10"), "VLAN 10 on the other trunk")


def main():
    require_tools("ip", "ping", "curl")
    reason = why_no_tap()
    if reason:
        skip(reason)
    strata = program("STRATA", "build/strata")
    with Namespace() as namespace:
        test = VlanTest(strata, namespace)
        for tap in ("vlan0", "vlan1", "vlan2"):
            namespace.run("ip", "tuntap", "add", "dev", tap, "mode", "tap")
        steps = [(name.replace("_", " "), getattr(test, name)) for name in (
            "a_host_on_a_vlan_hears_that_vlan_alone", "an_untagged_host_takes_priority_tags_and_no_others",
            "tcp_passes_with_a_tag", "tcp_passes_with_a_tag_without_offload", "a_pause_holds_up_what_we_send",
            "a_storm_of_pauses_does_not_silence_us", "jumbo_frames_and_the_kernel")]
        switch, schema = None, schema_of_open_vswitch()
        if installed("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl", "ovs-appctl") and schema:
            switch = SwitchTest(strata, namespace)
            steps += [("Open vSwitch starts in user space", lambda: switch.start(schema))]
            steps += [("Open vSwitch: " + name.replace("_", " "), getattr(switch, name)) for name in (
                "a_tagged_host_and_one_behind_an_access_port", "two_tagged_hosts_on_two_trunks", "vlans_are_apart")]
        try:
            run_steps(steps)
        finally:
            if switch:
                switch.switch.stop()


if __name__ == "__main__":
    main()
