#!/usr/bin/env python3
"""`strata serve --nfs`, mounted by a Linux kernel that is booted in qemu: on the kernel's network, and on a TAP.

    guest 10.97.0.3 eth0 ── TAP [bridge 10.97.0.2] TAP ── ours 10.97.0.1

FULL=1: a file of a gibibyte, and 10,000 small ones."""
# beside: others
# timeout: 900
import os
import signal

from guest import Guest, bridge, why_not
from meeting import (PATIENCE, Namespace, Program, check, program, run_steps, scratch_folder, sha256_of_file, skip,
                     why_no_tap)

FULL = os.environ.get("FULL") == "1"
BIG = 1 << 30 if FULL else 8 << 20
MANY = 10_000 if FULL else 300
GUEST, BRIDGE, OURS, PORT = "10.97.0.3", "10.97.0.2", "10.97.0.1", 2049
ODD = ("说明 书.txt", "a b", "#%41?", "x" * 255)
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
# Of all versions that we speak; the module that knows it.
VERSIONS = {"3": "nfsv3", "4.0": "nfsv4"}

# What the shell of busybox can't: a lock, a file that is read after its name has gone, and one that is made only where
# there is none. Each prints what came of it.
LOCK = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char** argv) {  /* FILE read|write FIRST LENGTH SECONDS: holds it for so long */
    struct flock lock = {0};
    int file = open(argv[1], O_RDWR), length, first, seconds;
    (void)argc;
    sscanf(argv[3], "%d", &first), sscanf(argv[4], "%d", &length), sscanf(argv[5], "%d", &seconds);
    lock.l_type = strcmp(argv[2], "read") ? F_WRLCK : F_RDLCK;
    lock.l_start = first;
    lock.l_len = length;
    if (file < 0 || fcntl(file, F_SETLK, &lock) != 0) return printf("not locked: %s\n", strerror(errno)), 0;
    puts("locked");
    fflush(stdout);
    sleep(seconds);
    return 0;
}
"""
GONE = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char** argv) {
    char bytes[64] = {0};
    int file = open(argv[1], O_RDWR | O_CREAT | O_EXCL, 0644);
    (void)argc;
    if (file < 0 || write(file, "still here", 10) != 10 || fsync(file) != 0) return 1;
    if (unlink(argv[1]) != 0 || open(argv[1], O_RDONLY) >= 0) return 2;
    if (pwrite(file, "S", 1, 0) != 1 || fsync(file) != 0) return 3;
    if (pread(file, bytes, 63, 0) != 10) return 4;
    puts(bytes);
    return 0;
}
"""


class Site:
    def __init__(self, strata, near, guest, net, address):
        self.strata, self.near, self.guest, self.net, self.address = strata, near, guest, net, address
        self.version = None
        self.start()

    def start(self):
        bind = ("--bind", self.address) if self.net == "kernel" else ()
        self.server = Program(*self.near.command(
            self.strata, "serve", str(SERVED), "--net", self.net, "--http", "off", "--fetch", "off", "--control", "off",
            "--run-as", "root", "--nfs-squash", "none", "--write=all", "--nfs", str(PORT), "--nfs-lease", "10",
            "--nfs-key", str(FOLDER / "key"), *bind))
        self.server.wait_for_line(rf"serving .* at nfs://[^/]*:{PORT}/")

    def run(self, command):
        return self.guest.run(command, timeout=600 if FULL else PATIENCE)

    def mount(self, to="/mnt", **more):
        options = {"addr": self.address, "vers": self.version, "proto": "tcp", "port": PORT, "timeo": 20}
        if self.version == "3":
            options |= {"nolock": None, "mountport": PORT, "mountproto": "tcp", "mountaddr": self.address}
        options |= more
        said = ",".join(name if value is None else f"{name}={value}" for name, value in options.items())
        self.run(f"mkdir -p {to}; mount -i -t nfs -o {said} {self.address}:/ {to}")

    # ---- the steps, in a folder of the version's own

    def reading(self):
        self.mount()
        said = self.run("sha256sum < /mnt/big; sha256sum < /mnt/empty; ls /mnt/many | wc -l")
        for name in ("big", "empty"):
            check(sha256_of_file(SERVED / name) in said, f"{name}: other bytes arrived: {said}")
        check(f"\n{MANY}\n" in said, said)
        said = self.run("for i in 0 7 11; do cat /mnt/many/$i; done; readlink /mnt/link; ls -a /mnt")
        check(said.startswith("number 0\nnumber 7\nnumber 11\nsomewhere else\n"), said)
        check("hidden" not in said, said)

    def names(self):
        said = self.run("for name in /mnt/odd/*; do echo \"$name\"; done")
        for number, name in enumerate(ODD):
            check(name in said, f"{name} is not listed: {said}")
            said_too = self.run(f"cat /mnt/odd/'{name}'")
            check(f"odd {number}" in said_too, said_too)

    def writing(self):
        self.run(f"mkdir /mnt/w && cp /mnt/big /mnt/w/big && sync && cp /mnt/odd/'{ODD[0]}' /mnt/w/'{ODD[0]}'")
        check(sha256_of_file(SERVED / "w" / "big") == sha256_of_file(SERVED / "big"), "other bytes came")
        check((SERVED / "w" / ODD[0]).read_text() == "odd 0", "a name in Chinese")
        self.run(f"i=0; while [ $i -lt {MANY} ]; do echo number $i > /mnt/w/$i; i=$((i+1)); done; sync")
        for number in range(MANY):
            check((SERVED / "w" / str(number)).read_text() == f"number {number}\n", str(number))

    def changing(self):
        self.run("cd /mnt/w && mv 1 one && mkdir deep && mv 2 deep/two && ln one uno && ln -s one un && "
                 "echo more >> uno && chmod 600 one && touch -d '2001-02-03 04:05:06' one && rm 3 && cd /")
        there = SERVED / "w"
        check((there / "one").read_text() == "number 1\nmore\n" and not (there / "1").exists(), "renamed, linked")
        check((there / "deep" / "two").read_text() == "number 2\n", "moved")
        check(os.readlink(there / "un") == "one" and (there / "one").stat().st_nlink == 2, "links")
        check((there / "one").stat().st_mode & 0o777 == 0o600, oct((there / "one").stat().st_mode))
        check(981_000_000 < (there / "one").stat().st_mtime < 981_400_000, "its time")
        check(not (there / "3").exists(), "removed")
        self.run("truncate -s 5 /mnt/w/4 && "
                 "dd if=/mnt/w/5 of=/mnt/w/5 bs=1 seek=1000000 count=1 conv=notrunc 2> /dev/null")
        check((there / "4").read_text() == "numbe", "cut")
        check((there / "5").stat().st_size == 1_000_001 and (there / "5").stat().st_blocks < 100, "sparse")
        said = self.run("rmdir /mnt/w 2>&1; mkdir /mnt/w 2>&1; cat /mnt/w/none 2>&1; true")
        check("not empty" in said and "File exists" in said and "No such file" in said, said)

    def gone_and_open(self):
        check("Still here" in self.run("/gone /mnt/w/gone"), "read after it was removed")
        check([name for name in os.listdir(SERVED / "w") if "gone" in name or ".nfs" in name] == [], "left behind")

    def locks(self):
        """By two mounts that know nothing of each other: the server alone can tell that there is a conflict."""
        self.mount("/mnt2", nosharecache=None)
        said = self.run("touch /mnt/w/locked; (/lock /mnt/w/locked write 0 100 1 > /held &) ; "
                        "while ! grep -q locked /held; do usleep 10000; done; "
                        "/lock /mnt2/w/locked write 50 10 0; /lock /mnt2/w/locked read 0 1 0; "
                        "/lock /mnt2/w/locked write 100 10 0; while pidof lock > /dev/null; do usleep 50000; done; "
                        "/lock /mnt2/w/locked write 50 10 0; umount /mnt2")
        answers = [line.split(":")[0] for line in said.splitlines() if "locked" in line]
        check(answers == ["not locked", "not locked", "locked", "locked"], said)

    def whose_rights(self):
        """Who is not root is who he says, there and at the server."""
        self.run("mkdir -p /etc && echo root:x:0:0::/:/bin/sh > /etc/passwd && "
                 "echo u:x:1000:100::/:/bin/sh >> /etc/passwd && "
                 "chmod 755 /mnt/w && mkdir /mnt/w/his && chown 1000:100 /mnt/w/his && echo roots > /mnt/w/roots && "
                 "chmod 600 /mnt/w/roots && su u -c 'echo his > /mnt/w/his/file && chmod 400 /mnt/w/his/file'")
        said = self.run("su u -c 'cat /mnt/w/his/file; cat /mnt/w/roots; echo x > /mnt/w/new; rm -f /mnt/w/roots' "
                        "2>&1; true")
        check(said.startswith("his\n") and said.count("Permission denied") == 3, said)
        found = (SERVED / "w" / "his" / "file").stat()
        check((found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 100, 0o400), found)
        check((SERVED / "w" / "roots").read_text() == "roots\n" and not (SERVED / "w" / "new").exists(), "his deeds")

    def room(self):
        said = self.run("df -k /mnt | tail -n 1").split()
        space = os.statvfs(SERVED)
        check(abs(int(said[1]) - space.f_blocks * space.f_frsize // 1024) < 2048, f"{said}, {space}")

    def a_restart(self):
        """Killed, and started again, while a file is being written: the kernel goes on by itself."""
        self.run("(cat /mnt/big /mnt/big > /mnt/w/both; sync; echo > /written) "
                 "> /dev/null 2>&1 & true")
        self.server.stop(signal.SIGKILL)
        self.start()
        self.run("while ! [ -e /written ]; do usleep 100000; done; rm /written")
        twice = (SERVED / "big").read_bytes() * 2
        check((SERVED / "w" / "both").read_bytes() == twice, "what was written over a restart")
        check(self.run("cat /mnt/many/9").startswith("number 9\n"), "after a restart")

    def end(self):
        self.run("umount /mnt; rm -rf /mnt/w")
        self.mount()
        self.run("rm -r /mnt/w; ls /mnt > /dev/null; umount /mnt")
        check(not (SERVED / "w").exists(), "removed with all that is in it")

    def steps(self):
        locks = ("locks",) if self.version != "3" else ()  # version 3 has them in another protocol, which we have not
        return ("reading", "names", "writing", "changing", "gone_and_open", *locks, "whose_rights",
                "room", "a_restart", "end")


def make_files():
    for folder in ("many", "odd"):
        (SERVED / folder).mkdir(parents=True)
    with open(SERVED / "big", "wb") as file:
        for _ in range(BIG >> 20):
            file.write(os.urandom(1 << 20))
    (SERVED / "empty").touch()
    (SERVED / "link").symlink_to("somewhere else")
    (SERVED / ".hidden").touch()
    for number in range(MANY):
        (SERVED / "many" / str(number)).write_text(f"number {number}\n")
    for number, name in enumerate(ODD):
        (SERVED / "odd" / name).write_text(f"odd {number}")


def main():
    if reason := why_no_tap() or why_not():
        skip(reason)
    make_files()
    strata = program("STRATA", "build/strata")
    with Namespace() as near:
        bridge(near, f"{BRIDGE}/24")
        with Guest(near, "guest0", ("e1000", *VERSIONS.values()), {"lock": LOCK, "gone": GONE}) as guest:
            guest.run(f"ip addr add {GUEST}/24 dev eth0; ip link set eth0 up")
            for title, net, address in (("kernel", "kernel", BRIDGE),
                                        ("TAP", f"tap:ours0,addr={OURS}/24", OURS)):
                site = Site(strata, near, guest, net, address)
                for site.version in VERSIONS:
                    run_steps([(f"{title}, version {site.version}: {step.replace('_', ' ')}", getattr(site, step))
                               for step in site.steps()])
                site.server.stop()


if __name__ == "__main__":
    main()
