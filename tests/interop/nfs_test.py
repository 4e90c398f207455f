#!/usr/bin/env python3
"""`strata serve --nfs`, met by libnfs (nfs-ls, nfs-cat, nfs-cp): on the kernel's network, on the embedded one
behind its gateway, and on a TAP. FULL=1: files of a gibibyte."""
# timeout: 600
import os

from meeting import (Here, Namespace, Program, check, program, require_tools, run_steps, scratch_folder, sha256_of_file,
                     why_no_tap)

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
BIG = 1 << 30 if os.environ.get("FULL") == "1" else 16 << 20
SIZES = {"empty": 0, "one": 1, "block": 4096, "big": BIG}
ODD = ("说明 书.txt", "a b", "x" * 255)


def make_files():
    (SERVED / "sub" / "deep").mkdir(parents=True)
    (SERVED / "many").mkdir()
    for name, size in SIZES.items():
        with open(SERVED / name, "wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
            file.write(os.urandom(size & ((1 << 20) - 1)))
    for name in ODD:
        (SERVED / name).write_text(name, encoding="utf-8")
    for number in range(3000):
        (SERVED / "many" / f"{number:04}").touch()
    (SERVED / "sub" / "deep" / "inside").write_bytes(b"inside\n")
    (SERVED / ".hidden").write_bytes(b"nobody may read this")
    (FOLDER / "secret").write_bytes(b"nobody may read this")
    (SERVED / "out").symlink_to(FOLDER / "secret")


class Site:
    """A server, and where its clients find it."""

    def __init__(self, strata, net, place, address, *more, port=0):
        self.strata, self.net, self.place, self.address, self.more = strata, net, place, address, more
        self.to = FOLDER / "to"
        self.start(port)

    def start(self, port):
        self.server = Program(*self.place.command(
            self.strata, "serve", str(SERVED), "--net", self.net, "--http", "off", "--fetch", "off", "--control", "off",
            "--run-as", "root", "--nfs-squash", "none", "--nfs", str(port), *self.more))
        self.port = int(self.server.wait_for_line(r"serving .* at nfs://[^/]*:(\d+)/")[1])
        may = r"nfs: whoever reaches this port may (.*) as whoever he says he is, and as root; sec=sys"
        said = self.server.wait_for_line(may)[1]
        check(said == ("read and write" if "--write=all" in self.more else "read"), said)

    def url(self, name):
        # libnfs mounts "" for a file of the root, and then takes the export "/" for one that is mounted inside it, and
        # fails; with one more slash it mounts "/".
        if "/" not in name:
            name = "/" + name
        return f"nfs://{self.address}/{name}?nfsport={self.port}&mountport={self.port}&version=3"

    def tool(self, tool, *arguments, expect=0):
        return self.place.run(tool, *arguments, expect=expect, timeout=120)

    def reading(self):
        for name in SIZES:
            self.tool("nfs-cp", self.url(name), str(self.to))
            check(sha256_of_file(self.to) == sha256_of_file(SERVED / name), f"{name}: other bytes arrived")
            self.to.unlink()
        check(self.tool("nfs-cat", self.url("sub/deep/inside")).stdout == b"inside\n", "nfs-cat")

    def names(self):
        for name in ODD:
            check(self.tool("nfs-cat", self.url(name)).stdout == name.encode(), name)

    def lists(self):
        listed = self.tool("nfs-ls", self.url("")).stdout.decode()
        for name in (*SIZES, *ODD, "sub", "many", "out"):
            check(name in listed, f"{name} is not listed: {listed}")
        check("hidden" not in listed, listed)
        many = self.tool("nfs-ls", self.url("many")).stdout.decode().splitlines()
        names = {line.split()[-1] for line in many} - {".", ".."}
        check(len(names) == 3000, f"{len(names)} of 3000")

    def what_is_not_given(self):
        for name in ("out", ".hidden", "none", "../secret", "sub/../../secret"):
            done = self.tool("nfs-cat", self.url(name), expect=None)
            check(b"nobody" not in done.stdout, f"{name}: {done}")
        done = self.tool("nfs-cp", str(SERVED / "one"), self.url("new"), expect=None)
        check(done.returncode != 0 and not (SERVED / "new").exists(), "written without the right to")

    def writing(self):
        for name in SIZES:
            self.tool("nfs-cp", str(SERVED / name), self.url("written"))
            check(sha256_of_file(SERVED / "written") == sha256_of_file(SERVED / name), f"{name}: other bytes came")
            (SERVED / "written").unlink()

    def version_4(self):
        """Of version 4 libnfs names no file at the top, and writes no more than 4 KiB at a time."""
        def url(name):
            return f"nfs://{self.address}/{name}?nfsport={self.port}&version=4"

        (SERVED / "sub" / "four").write_bytes((SERVED / "big").read_bytes()[:5 << 20])
        self.tool("nfs-cp", url("sub/four"), str(self.to))
        check(sha256_of_file(self.to) == sha256_of_file(SERVED / "sub" / "four"), "version 4: other bytes arrived")
        self.to.unlink()
        listed = self.tool("nfs-ls", url("")).stdout.decode()
        check("big" in listed and "hidden" not in listed, listed)
        many = self.tool("nfs-ls", url("many")).stdout.decode().splitlines()
        check(len({line.split()[-1] for line in many}) == 3000, f"version 4: {len(many)} of 3000")
        for name in ("sub/none", "sub/../../secret", "sub/.hidden"):
            done = self.tool("nfs-cat", url(name), expect=None)
            check(done.returncode != 0 and b"nobody" not in done.stdout, f"{name}: {done}")
        done = self.tool("nfs-cp", str(SERVED / "one"), url("sub/new"), expect=None)
        is_written = (SERVED / "sub" / "new").exists()
        check(is_written == ("--write=all" in self.more), f"version 4: {done}")
        if is_written:
            check((SERVED / "sub" / "new").read_bytes() == (SERVED / "one").read_bytes(), "version 4: other bytes came")
            (SERVED / "sub" / "new").unlink()

    def a_restart(self):
        """What was mounted at one server is found at the next: the port is the same, and the key."""
        self.server.stop()
        self.start(self.port)
        check(self.tool("nfs-cat", self.url("one")).returncode == 0, "after a restart")


def meet(title, site, steps):
    try:
        run_steps([(f"{title}: {name.replace('_', ' ')}", getattr(site, name)) for name in steps])
    finally:
        site.server.stop()


def main():
    require_tools("nfs-ls", "nfs-cat", "nfs-cp")
    make_files()
    strata = program("STRATA", "build/strata")
    reading = ("reading", "names", "lists", "what_is_not_given", "version_4")
    key = ("--nfs-key", str(FOLDER / "key"))
    meet("kernel", Site(strata, "kernel", Here(), "127.0.0.1", "--bind", "127.0.0.1"), reading)
    meet("kernel, writing", Site(strata, "kernel", Here(), "127.0.0.1", "--bind", "127.0.0.1", "--write=all", *key),
         ("writing", "version_4", "a_restart", "lists"))
    meet("embedded", Site(strata, "embedded", Here(), "127.0.0.1"), reading)
    meet("embedded, writing", Site(strata, "embedded", Here(), "127.0.0.1", "--write=all"), ("writing",))
    if reason := why_no_tap():
        print(f"left out: the TAP, {reason}", flush=True)
        return
    with Namespace() as near:
        net = "tap:nfs0,addr=10.96.0.1/24,host=10.96.0.2/24"
        meet("TAP", Site(strata, net, near, "10.96.0.1", "--write=all", port=2049), (*reading[:3], "writing"))


if __name__ == "__main__":
    main()
