#!/usr/bin/env python3
"""`strata serve --tftp`, met by others: tftp-hpa, atftp, busybox's tftp, curl; on the kernel's network, on the embedded
one behind its relay, and on a TAP. FULL=1: files of a gibibyte."""
# timeout: 600
import os
import shutil
import socket
import subprocess

from meeting import (ENVIRONMENT, Here, Namespace, Program, check, program, require_tools, run, run_steps,
                     scratch_folder, sha256_of_file, wait_for, why_no_tap)

FULL = os.environ.get("FULL") == "1"
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
BIG = 1 << 30 if FULL else 16 << 20
SIZES = {"empty": 0, "one": 1, "511": 511, "block": 512, "513": 513, "ten-blocks": 5120, "big": BIG}
ODD = ("说明 书.txt", "a b", "#%41", "x" * 255)


def make_files():
    (SERVED / "sub").mkdir(parents=True)
    for name, size in SIZES.items():
        with open(SERVED / name, "wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
            file.write(os.urandom(size & ((1 << 20) - 1)))
    for name in ODD:
        (SERVED / name).write_text(name, encoding="utf-8")
    (SERVED / "text").write_bytes(b"first\nsecond\rthird\n" * 300)
    (SERVED / "sub" / "inside").write_bytes(b"inside\n")
    (FOLDER / "secret").write_bytes(b"nobody may read this")
    (SERVED / "out").symlink_to(FOLDER / "secret")


class Site:
    """A server, and where its clients find it."""

    def __init__(self, strata, net, place, address, port, *more):
        self.place, self.address, self.port = place, address, port
        self.server = Program(*place.command(strata, "serve", str(SERVED), "--net", net, "--http", "off", "--fetch",
                                             "off", "--control", "off", "--run-as", "root", "--tftp",
                                             *port_option(port), *more))
        self.port = int(self.server.wait_for_line(r"serving .* at tftp://[^/]*?(?::(\d+))?/")[1] or 69)
        self.to = FOLDER / "to"

    # ---- the clients: each fetches `name`, or puts it

    def hpa(self, name, *commands, put=None, blksize=None):
        script = [*commands, "binary" if "ascii" not in commands else "ascii",
                  *([f"put {put} {name}"] if put else [f"get {name} {self.to}"]), "quit"]
        options = ["-B", str(blksize)] if blksize else []
        done = subprocess.run(self.place.command("tftp", *options, self.address, str(self.port)), env=ENVIRONMENT,
                              input="\n".join(script) + "\n", capture_output=True, text=True, timeout=120, check=False)
        return done.stdout + done.stderr

    def atftp(self, name, *options, put=None, expect=0):
        return self.place.run("atftp", *options, *(["-p", "-l", str(put), "-r", name] if put else
                              ["-g", "-r", name, "-l", str(self.to)]), self.address, str(self.port), expect=expect,
                              timeout=120)

    def busybox(self, name, *options, put=None):
        self.place.run("busybox", "tftp", *options, *(["-p", "-l", str(put), "-r", name] if put else
                       ["-g", "-r", name, "-l", str(self.to)]), self.address, str(self.port), timeout=120)

    def curl(self, name, *options, put=None, expect=0):
        return self.place.run("curl", "-sS", *options, *(["-T", str(put)] if put else ["-o", str(self.to)]),
                              f"tftp://{self.address}:{self.port}/{name}", expect=expect, timeout=120)

    def arrived(self, name):
        check(sha256_of_file(self.to) == sha256_of_file(SERVED / name), f"{name}: other bytes arrived")
        self.to.unlink()

    # ---- the steps

    def reading(self):
        for name in SIZES:
            if shutil.which("tftp"):
                self.hpa(name)
                self.arrived(name)
            if name != "empty":  # curl acknowledges none, and says that it is not connected
                self.curl(name, "--tftp-blksize", "1428")
                self.arrived(name)
        for name in ("513", "big"):
            if shutil.which("atftp"):
                self.atftp(name, "--option", "blksize 8192", "--option", "windowsize 16", "--option", "tsize 0",
                           "--option", "timeout 2")
                self.arrived(name)
            if shutil.which("busybox"):
                self.busybox(name, "-b", "1024")
                self.arrived(name)
            self.curl(name, "--tftp-blksize", "65464")
            self.arrived(name)
        self.curl("big" if not FULL else "ten-blocks", "--tftp-no-options")
        self.arrived("big" if not FULL else "ten-blocks")

    def names(self):
        for name in ODD:
            self.place.run("curl", "-sS", "-o", str(self.to), f"tftp://{self.address}:{self.port}/{quoted(name)}")
            self.arrived(name)
        for name in ("sub/inside", "/sub/inside", r"\sub\inside", r"sub\inside"):
            if shutil.which("atftp"):
                self.atftp(name)
                self.arrived("sub/inside")

    def texts(self):
        """netascii is translated on the way, and back by who knows how."""
        if not shutil.which("tftp"):
            return
        self.hpa("text", "ascii")
        self.arrived("text")

    def what_is_not_given(self):
        for name in ("out", "../secret", "sub/../../secret", "/etc/passwd", r"..\secret", "none"):
            done = self.curl(quoted(name), "--path-as-is", expect=None)
            check(done.returncode != 0 and b"nobody" not in done.stdout, f"{name}: {done}")
            self.to.unlink(missing_ok=True)
        done = self.curl("new", put=SERVED / "one", expect=None)
        check(done.returncode != 0 and not (SERVED / "new").exists(), "written without the right to")

    def stop(self):
        self.server.stop()
        text = "\n".join(self.server.lines)
        check('tftp "get big" found' in text, text[-2000:])


class Ports:
    """The default ports of services, in a namespace where all can be had."""

    def __init__(self, strata, place):
        self.strata, self.place = strata, place

    def said(self, *options, taken=(), expect=0):
        holders = [self.place.inside(Held, port) for port in taken]
        done = self.place.run(self.strata, "serve", str(SERVED), "--bind", "127.0.0.1", "--control", "off", "--run-as",
                              "root", "--for", "0.1", *options, expect=expect)
        for holder in holders:
            holder.close()
        return (done.stdout + done.stderr).decode()

    def the_protocols_own_port(self):
        said = self.said("--tftp")
        check("tftp://127.0.0.1:69/" in said, said)
        check("tftp://" not in self.said(), "TFTP is served unasked")
        said = self.said("--all")
        check(all(f"{name}://127.0.0.1:" in said for name in ("http", "fetch", "tftp")), said)

    def another_where_it_is_taken(self):
        said = self.said("--tftp", taken=[69])
        check("tftp://127.0.0.1:6969/" in said, said)

    def told_and_left_out(self):
        said = self.said("--tftp", taken=[69, 6969])
        check("without tftp: cannot listen on 127.0.0.1:6969" in said and "http://127.0.0.1:8000/" in said, said)
        said = self.said("--tftp", taken=[8000])
        check("without http: cannot listen on 127.0.0.1:8000" in said and "tftp://127.0.0.1:69/" in said, said)

    def an_error_where_it_was_asked_for(self):
        said = self.said("--tftp", "69", taken=[69], expect=1)
        check("cannot listen on 127.0.0.1:69" in said and "choose another port with --tftp" in said, said)
        said = self.said("--http", "off", "--fetch", "off", "--tftp", taken=[69, 6969], expect=1)
        check("cannot listen on 127.0.0.1:6969" in said, said)

    def on_several_threads(self):
        """All on one port: the kernel gives each client to one of them."""
        said = self.said("--tftp", "--threads", "3")
        check("tftp://127.0.0.1:69/" in said, said)
        said = self.said("--tftp", "69", "--threads", "2", taken=[69], expect=1)
        check("cannot listen on 127.0.0.1:69" in said, said)


class Held:
    """A port, by UDP and TCP."""

    def __init__(self, port):
        self.sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
        for each in self.sockets:
            each.bind(("127.0.0.1", port))
        self.sockets[1].listen()

    def close(self):
        for each in self.sockets:
            each.close()


class Writing(Site):
    def writing(self):
        written = SERVED / "written"
        for client in ("hpa", "atftp", "busybox", "curl"):
            tool = "tftp" if client == "hpa" else client
            if not shutil.which(tool):
                continue
            for name in ("empty", "block", "513", "big"):
                if name == "empty" and client in ("busybox",):
                    continue  # it refuses to send nothing
                getattr(self, client)("written", put=SERVED / name)
                check(wait_for(written.exists, 10), f"{client} {name}: nothing came")
                check(sha256_of_file(written) == sha256_of_file(SERVED / name), f"{client} {name}: other bytes came")
                written.unlink()

    def what_is_there_is_kept(self):
        before = sha256_of_file(SERVED / "one")
        done = self.curl("one", put=SERVED / "block", expect=None)
        check(done.returncode != 0 and sha256_of_file(SERVED / "one") == before, f"replaced: {done}")


def port_option(port):
    return [] if port is None else [str(port)]


def quoted(name):
    from urllib.parse import quote
    return quote(name)


def meet(title, site, steps):
    with site.server:
        run_steps([(f"{title}: {name.replace('_', ' ')}", getattr(site, name)) for name in steps])


def main():
    require_tools("curl")
    if b"tftp" not in run("curl", "--version").stdout:
        print("left out: curl knows no TFTP", flush=True)
    make_files()
    strata = program("STRATA", "build/strata")
    reading = ("reading", "names", "texts", "what_is_not_given", "stop")
    meet("kernel", Site(strata, "kernel", Here(), "127.0.0.1", 0, "--bind", "127.0.0.1"), reading)
    meet("kernel, one port", Site(strata, "kernel", Here(), "127.0.0.1", 0, "--bind", "127.0.0.1",
                                  "--tftp-single-port"), ("reading", "stop"))
    meet("kernel, threads", Site(strata, "kernel", Here(), "127.0.0.1", 0, "--bind", "127.0.0.1", "--threads", "3"),
         ("reading", "stop"))
    meet("embedded", Site(strata, "embedded", Here(), "127.0.0.1", 0), reading)
    meet("kernel, writing", Writing(strata, "kernel", Here(), "127.0.0.1", 0, "--bind", "127.0.0.1", "--write"),
         ("writing", "what_is_there_is_kept"))
    meet("embedded, writing", Writing(strata, "embedded", Here(), "127.0.0.1", 0, "--write"), ("writing",))
    if reason := why_no_tap():
        print(f"left out: the TAP, {reason}", flush=True)
        return
    with Namespace() as near:
        ports = Ports(strata, near)
        run_steps([(name.replace("_", " "), getattr(ports, name)) for name in (
            "the_protocols_own_port", "another_where_it_is_taken", "told_and_left_out",
            "an_error_where_it_was_asked_for", "on_several_threads")])
        net = "tap:boot0,addr=10.95.0.1/24,host=10.95.0.2/24"
        meet("TAP", Site(strata, net, near, "10.95.0.1", None), reading)
        meet("TAP, writing", Writing(strata, net, near, "10.95.0.1", None, "--write"), ("writing",))


if __name__ == "__main__":
    main()
