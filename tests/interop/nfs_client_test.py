#!/usr/bin/env python3
"""`strata get`, `put` and `ls` of nfs://, met by our server and by nfs-ganesha, with rpcbind: on the kernel's network,
on the embedded one, and on a TAP; version 3 over TCP and UDP, and version 4.0."""
# beside: others
# timeout: 600
import itertools
import json
import os
import shutil
import signal
from pathlib import Path

from meeting import (Here, Namespace, Program, check, installed, program, run_steps, scratch_folder, sha256_of_file,
                     why_no_tap)

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
SIZES = {"empty": 0, "one": 1, "block": 4096, "large": (20 << 20) + 7}
ODD = ("说明 书.txt", "a b?&", "x" * 255)
TAP = "tap:nfs1,addr=10.98.0.1/24,host=10.98.0.2/24"


def make_files():
    (SERVED / "sub" / "deep").mkdir(parents=True)
    (SERVED / "many").mkdir()
    for name, size in SIZES.items():
        (SERVED / name).write_bytes(os.urandom(size))
    for name in ODD:
        (SERVED / name).write_text(name, encoding="utf-8")
    for number in range(3000):
        (SERVED / "many" / f"{number:04}").touch()
    (SERVED / "sub" / "deep" / "up").symlink_to("../../one")
    (SERVED / "out").symlink_to(FOLDER / "secret")
    (FOLDER / "secret").write_bytes(b"nobody may read this")


class Ours:
    """`strata serve --nfs`: both programs at a port of its own."""

    at = at4 = ""

    def __init__(self, strata, place, net="kernel", host="127.0.0.1", bind="127.0.0.1", port=0):
        more = ("--bind", bind) if net == "kernel" else ()
        self.server = Program(*place.command(
            strata, "serve", str(SERVED), "--net", net, "--http", "off", "--fetch", "off", "--control", "off",
            "--run-as", "root", "--nfs-squash", "none", "--write=all", "--nfs", str(port), *more))
        self.origin = f"nfs://{host}:{self.server.wait_for_line(r'serving .* at nfs://[^/]*:([0-9]+)/')[1]}"

    def stop(self):
        self.server.stop()


class Ganesha:
    """nfs-ganesha, whose programs rpcbind finds."""

    at, at4 = str(SERVED), "/e1"
    # rpcbind looks for its user, and both keep their state in folders of the system.
    script = """
        set -e
        mount -t tmpfs none /run
        mkdir -p /run/ganesha /run/rpcbind
        mount -t tmpfs none /var/lib
        mkdir -p /var/lib/nfs/ganesha
        cp /etc/passwd "$1/passwd"
        grep -q ^_rpc: "$1/passwd" || echo '_rpc:x:65534:65534::/run/rpcbind:/usr/sbin/nologin' >> "$1/passwd"
        mount --bind "$1/passwd" /etc/passwd
        rpcbind -f & helper=$!
        ganesha.nfsd -F -L STDOUT -f "$1/ganesha.conf" -N EVENT -p /run/ganesha.pid & server=$!
        trap 'kill $server; wait $server; kill $helper; wait $helper' INT TERM
        wait $server
    """

    def __init__(self, place, host="127.0.0.1"):
        root = Path(shutil.which("ganesha.nfsd")).resolve().parent.parent
        modules = next((found.parent for found in root.rglob("libfsalvfs.so")), root)
        exports = "\n".join(
            f"EXPORT {{ Export_Id = {number}; Path = {path}; Pseudo = /e{number}; Access_Type = RW;"
            " Squash = No_Root_Squash; Protocols = 3, 4; Transports = TCP, UDP; SecType = sys; FSAL { Name = VFS; } }"
            for number, path in enumerate((SERVED, SERVED / "sub"), 1))
        (FOLDER / "ganesha.conf").write_text(
            "NFS_CORE_PARAM { Protocols = 3, 4; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; "
            f"Enable_RQUOTA = false; Plugins_Dir = \"{modules}\"; }}\nNFS_KRB5 {{ Active_krb5 = false; }}\n"
            "NFSv4 { Graceless = true; Minor_Versions = 0; }\n" f"{exports}\n")
        self.server = Program("unshare", "--mount", *place.command("sh", "-c", self.script, "sh", str(FOLDER)))
        try:
            self.server.wait_for_line("NFS SERVER INITIALIZED", timeout=30)
        except AssertionError:
            self.stop()
            raise
        self.origin = f"nfs://{host}"

    def stop(self):
        self.server.stop(signal.SIGTERM)


class Meeting:
    numbers = itertools.count()

    def __init__(self, strata, place, server, net="kernel", transport="tcp"):
        self.strata, self.place, self.server, self.net, self.transport = strata, place, server, net, transport
        self.to = FOLDER / "to"
        self.number = next(self.numbers)

    def url(self, name, more=""):
        if self.transport == "version4":
            return f"{self.server.origin}{self.server.at4}/{name}?version=4{more}"
        return f"{self.server.origin}{self.server.at}/{name}?transport={self.transport}{more}"

    def strata_run(self, *arguments, expect=0):
        return self.place.run(self.strata, *arguments, "-q", "--net", self.net, expect=expect, timeout=120)

    def put(self, path, name, *more, expect=0):
        return self.strata_run("put", str(path), self.url(name), *more, expect=expect)

    def get(self, name, *more, expect=0):
        return self.strata_run("get", self.url(name), "-o", str(self.to), "--force", *more, expect=expect)

    def reading(self):
        for name in SIZES:
            self.get(name)
            check(sha256_of_file(self.to) == sha256_of_file(SERVED / name), f"{name}: other bytes arrived")
        self.get("large", "--parts", "3")
        check(sha256_of_file(self.to) == sha256_of_file(SERVED / "large"), "in pieces other bytes arrived")
        self.get("%E8%AF%B4%E6%98%8E%20%E4%B9%A6.txt")
        check(self.to.read_text(encoding="utf-8") == ODD[0], "a name in UTF-8")
        self.get("a%20b%3F%26")
        check(self.to.read_text() == ODD[1], "a name with what means something in URLs")
        self.get("sub/deep/../../one")
        self.get("one")

    def links(self):
        if not self.server.at:  # ganesha has an export of its own there, and the link leads out of it
            self.get("sub/deep/up")
            check(self.to.read_bytes() == (SERVED / "one").read_bytes(), "behind a link")
        done = self.get("out", expect=1)
        check(b"symbolic link" in done.stderr, done.stderr)

    def lists(self):
        listed = json.loads(self.strata_run("ls", "--json", self.url("")).stdout)["entries"]
        kinds = {entry["name"]: entry["kind"] for entry in listed}
        for name in (*SIZES, *ODD):
            check(kinds.get(name) == "file", f"{name} is not listed: {kinds}")
        check(kinds["sub"] == "folder" and kinds["out"] == "link", kinds)
        many = self.strata_run("ls", self.url("many")).stdout.decode().split()
        check(sorted(many) == [f"{number:04}" for number in range(3000)], f"{len(many)} of 3000")

    def resuming(self):
        self.get("large")
        whole = self.to.read_bytes()
        self.to.unlink()
        self.strata_run("get", self.url("large"), "-o", str(self.to), "--limit-rate", "8M", "--resume")
        check(self.to.read_bytes() == whole, "slowly")
        self.strata_run("get", self.url("large"), "-o", str(self.to), "--resume")  # it is compared

    def writing(self):
        # ganesha remembers what it has said of a name: each is used once.
        written, later, mine = (f"sub/{name}{self.number}" for name in ("written", "later", "mine"))
        for name in SIZES:
            self.put(SERVED / name, written, "--force")
            check(sha256_of_file(SERVED / written) == sha256_of_file(SERVED / name), f"{name}: other bytes came")
        done = self.put(SERVED / "one", written, expect=1)
        check(b"already; replace it with --force" in done.stderr, done.stderr)
        whole = (SERVED / "large").read_bytes()
        check((SERVED / written).read_bytes() == whole, "it was replaced")
        (SERVED / f"{later}.part").write_bytes(whole[:12 << 20])
        done = self.put(SERVED / "large", later, expect=1)
        check(b"--resume" in done.stderr, done.stderr)
        self.put(SERVED / "large", later, "--resume")
        check((SERVED / later).read_bytes() == whole, "what was gone on with")
        (FOLDER / mine / "in").mkdir(parents=True)
        (FOLDER / mine / "in/it").write_text("it")
        self.put(FOLDER / mine, "sub/", "-r")
        check((SERVED / mine / "in/it").read_text() == "it", "a folder")
        shutil.rmtree(SERVED / mine)
        for name in (written, later):
            (SERVED / name).unlink()
        left = sorted(path.name for path in (SERVED / "sub").iterdir())
        check(left == ["deep"], left)

    def what_is_not_there(self):
        done = self.get("none", expect=1)
        check(b"'none' is not there" in done.stderr, done.stderr)
        done = self.strata_run("get", self.url("one", "&version=4&transport=udp"), "-o", str(self.to), "--force",
                               expect=1)
        check(b"version 4 of NFS is not spoken by UDP" in done.stderr, done.stderr)

    def somebody_else(self):
        """ganesha believes who calls."""
        (SERVED / "sub").chmod(0o777)
        self.strata_run("put", str(SERVED / "one"), self.url(f"sub/his{self.number}", "&uid=1234&gid=55"))
        facts = (SERVED / f"sub/his{self.number}").stat()
        check((facts.st_uid, facts.st_gid) == (1234, 55), facts)
        (SERVED / f"sub/his{self.number}").unlink()


STEPS = ("reading", "links", "lists", "writing", "resuming", "what_is_not_there")


def meet(title, meeting, steps=STEPS):
    return [(f"{title}: {name.replace('_', ' ')}", getattr(meeting, name)) for name in steps]


def meet_ours(strata, steps, servers):
    here = Here()
    kernel = Ours(strata, here)
    embedded = Ours(strata, here, "embedded")
    servers += [kernel, embedded]
    steps += meet("ours", Meeting(strata, here, kernel))
    steps += meet("ours, UDP", Meeting(strata, here, kernel, transport="udp"))
    steps += meet("ours, version 4", Meeting(strata, here, kernel, transport="version4"))
    steps += meet("ours, version 4, from the embedded network", Meeting(strata, here, kernel, "embedded", "version4"))
    steps += meet("ours, from the embedded network", Meeting(strata, here, kernel, "embedded"))
    steps += meet("ours, from the embedded network by UDP", Meeting(strata, here, kernel, "embedded", "udp"), STEPS[:3])
    steps += meet("ours on the embedded network", Meeting(strata, here, embedded))
    steps += meet("ours on the embedded network, version 4", Meeting(strata, here, embedded, transport="version4"),
                  STEPS[:4])
    steps += meet("ours on the embedded network by UDP", Meeting(strata, here, embedded, transport="udp"), STEPS[:4])


def main():
    strata = program("STRATA", "build/strata")
    make_files()
    steps, servers = [], []
    try:
        meet_ours(strata, steps, servers)
        if reason := why_no_tap():
            print(f"left out: the TAP and nfs-ganesha, {reason}", flush=True)
            run_steps(steps)
            return
        with Namespace() as near, Namespace() as far:
            tapped = Ours(strata, near, bind="0.0.0.0", port=2049)
            servers.append(tapped)
            tapped.origin = "nfs://10.98.0.2"
            steps += meet("ours, from a TAP", Meeting(strata, near, tapped, TAP), STEPS[:4])
            steps += meet("ours, from a TAP by UDP", Meeting(strata, near, tapped, TAP, "udp"), STEPS[:4])
            steps += meet("ours, version 4, from a TAP", Meeting(strata, near, tapped, TAP, "version4"), STEPS[:4])
            if installed("ganesha.nfsd", "rpcbind", "unshare"):
                try:
                    ganesha = Ganesha(far)
                    servers.append(ganesha)
                    for transport in ("tcp", "udp", "version4"):
                        meeting = Meeting(strata, far, ganesha, "kernel", transport)
                        steps += meet(f"ganesha, {transport}", meeting, (*STEPS, "somebody_else"))
                except AssertionError as error:
                    print(f"left out: nfs-ganesha does not run here: {error}", flush=True)
            run_steps(steps)
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
