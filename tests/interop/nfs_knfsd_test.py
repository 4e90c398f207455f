#!/usr/bin/env python3
"""`strata get`, `put` and `ls` of nfs://, met by the NFS server of a Linux kernel that is booted in qemu, with its own
MOUNT and rpcbind, over TCP and UDP: from the kernel's network, and from a TAP.

    guest 10.94.0.3 eth0 ── TAP [bridge 10.94.0.2] TAP ── ours 10.94.0.1
"""
# beside: others
# timeout: 600
import os

from guest import UNPACKED, Guest, bridge, why_not
from meeting import Namespace, check, program, run_steps, scratch_folder, sha256_of_file, skip, why_no_tap

GUEST, BRIDGE, OURS = "10.94.0.3", "10.94.0.2", "10.94.0.1"
SIZE = 4 << 20
MANY = 300
FOLDER = scratch_folder()
PROGRAMS = ("usr/sbin/exportfs", "usr/sbin/rpc.mountd", "usr/sbin/rpc.nfsd", "sbin/rpcbind")

# What is served is in memory: such a file system needs a number of its own.
SERVE = r"""
mkdir -p /etc /run/rpcbind /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs /var/run /export
echo root:x:0:0::/:/bin/sh > /etc/passwd; echo _rpc:x:65534:65534::/:/bin/sh >> /etc/passwd
echo nobody:x:65534:65534::/:/bin/sh >> /etc/passwd; echo root:x:0: > /etc/group; echo nogroup:x:65534: >> /etc/group
printf 'udp tpi_clts v inet udp - -\ntcp tpi_cots_ord v inet tcp - -\n' > /etc/netconfig
printf 'local tpi_cots_ord - loopback - - -\n' >> /etc/netconfig
printf 'nfs 2049/tcp\nnfs 2049/udp\nsunrpc 111/tcp portmapper\nsunrpc 111/udp portmapper\n' > /etc/services
printf 'tcp 6 TCP\nudp 17 UDP\n' > /etc/protocols; touch /var/lib/nfs/etab /var/lib/nfs/rmtab
mount -t tmpfs tmpfs /export
mount -t nfsd nfsd /proc/fs/nfsd
echo '/export *(rw,insecure,no_root_squash,no_subtree_check,fsid=7)' > /etc/exports
rpcbind -w && exportfs -r && rpc.nfsd --udp 4 && rpc.mountd
"""


class Meeting:
    def __init__(self, strata, place, net, transport, guest):
        self.strata, self.place, self.net, self.transport, self.guest = strata, place, net, transport, guest
        self.to = FOLDER / "to"

    def url(self, name):
        return f"nfs://{GUEST}/export/{name}?transport={self.transport}"

    def strata_run(self, *arguments, expect=0):
        return self.place.run(self.strata, *arguments, "--net", self.net, expect=expect, timeout=120)

    def fetched(self, name):
        self.strata_run("get", self.url(name), "-o", str(self.to), "--force", "-q")
        return sha256_of_file(self.to)

    # ---- the steps

    def putting_and_reading(self):
        self.strata_run("put", str(FOLDER / "big"), self.url("big"), "-q")
        check(sha256_of_file(FOLDER / "big") in self.guest.run("sha256sum /export/big"), "other bytes came")
        check(self.fetched("big") == sha256_of_file(FOLDER / "big"), "other bytes arrived")
        self.strata_run("put", str(FOLDER / "big"), self.url("big"), "-q", expect=1)
        self.strata_run("put", str(FOLDER / "small"), self.url("big"), "-q", "--force")
        check(self.fetched("big") == sha256_of_file(FOLDER / "small"), "replaced")
        check("part" not in self.guest.run("ls -a /export"), "left behind")

    def listing(self):
        self.guest.run(f"mkdir /export/many; cd /export/many; for i in $(seq {MANY}); do echo $i > $i; done; cd /")
        names = self.strata_run("ls", self.url("many/")).stdout.decode().split()
        check(sorted(names) == sorted(str(number) for number in range(1, MANY + 1)), f"{len(names)} names")
        self.fetched("many/17")
        check(self.to.read_text() == "17\n", "many/17")

    def resuming(self):
        self.guest.run(f"cp /export/big /export/whole 2> /dev/null; head -c {SIZE} /dev/urandom > /export/whole")
        expected = self.guest.run("sha256sum < /export/whole").split()[0]
        self.fetched("whole")
        whole = self.to.read_bytes()
        self.to.unlink()
        (FOLDER / "to.part").write_bytes(whole[:SIZE // 3])
        self.strata_run("get", self.url("whole"), "-o", str(self.to), "--resume", "-q")
        check(sha256_of_file(self.to) == expected, "gone on with")

    def names_that_are_not_there(self):
        said = self.strata_run("get", self.url("none"), "-o", str(self.to), "--force", "-q", expect=1).stderr.decode()
        check("NFS3ERR_NOENT" in said or "not there" in said, said)
        self.strata_run("get", f"nfs://{GUEST}/etc/passwd?transport={self.transport}", "-o", str(self.to), "--force",
                        "-q", expect=1)

    def end(self):
        self.guest.run("rm -r /export/*")

    STEPS = ("putting_and_reading", "listing", "resuming", "names_that_are_not_there", "end")


def main():
    if reason := why_no_tap() or why_not():
        skip(reason)
    programs = [UNPACKED / name for name in PROGRAMS]
    if missing := [path.name for path in programs if not path.exists()]:
        skip(f"{', '.join(missing)}: tools/fetch_peers.sh guest gets them")
    (FOLDER / "big").write_bytes(os.urandom(SIZE))
    (FOLDER / "small").write_bytes(b"small\n")
    strata = program("STRATA", "build/strata")
    with Namespace() as near:
        bridge(near, f"{BRIDGE}/24")
        with Guest(near, "guest0", ("e1000", "nfsd"), {}, programs) as guest:
            guest.run(f"ip addr add {GUEST}/24 dev eth0; ip link set eth0 up")
            guest.run(SERVE.strip().replace("\n", "; ").replace("&&;", "&&"))
            for title, net in (("kernel", "kernel"), ("TAP", f"tap:ours0,addr={OURS}/24")):
                for transport in ("tcp", "udp"):
                    meeting = Meeting(strata, near, net, transport, guest)
                    run_steps([(f"{title}, {transport.upper()}: {step.replace('_', ' ')}", getattr(meeting, step))
                               for step in meeting.STEPS])


if __name__ == "__main__":
    main()
