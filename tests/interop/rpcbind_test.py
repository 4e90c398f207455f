#!/usr/bin/env python3
"""rpcbind: ours, beside `serve --nfs` at port 111, asked by rpcinfo, showmount, nmap and libnfs, on all networks; and
Debian's own, which is told by ours where NFS is. All of it in namespaces."""
# timeout: 300
from meeting import Namespace, Program, check, program, require_tools, run_steps, scratch_folder, skip, why_no_tap

FOLDER = scratch_folder()
PORT = 20149
# Each of them knows Debian's by its socket in /run, which is its own there; the user that it becomes may be missing.
OWN_RUN = """
mount -t tmpfs tmpfs /run && cp /etc/passwd /run/passwd && echo '_rpc:x:65534:65534::/:/bin/false' >> /run/passwd &&
mount --bind /run/passwd /etc/passwd && echo ready && exec rpcbind -f -w
"""


def expected(protocols=("tcp", "udp")):
    return {(number, version, protocol, PORT) for protocol in protocols for number, version in
            ((100003, 3), (100003, 4), (100005, 3))}


def told(place, address):
    """(program, version, protocol, port), as `rpcinfo -p` says."""
    lines = place.run("rpcinfo", "-p", address).stdout.decode().splitlines()[1:]
    return {(int(line.split()[0]), int(line.split()[1]), line.split()[2], int(line.split()[3])) for line in lines}


class Ours:
    def __init__(self, strata, near, net, address):
        self.near, self.address = near, address
        bind = ("--bind", address) if net == "kernel" else ()
        self.server = Program(*near.command(
            strata, "serve", str(FOLDER), "--net", net, "--http", "off", "--fetch", "off", "--control", "off",
            "--run-as", "root", "--nfs", str(PORT), *bind))
        self.server.wait_for_line(r"rpcbind at .*:111")

    def run(self, *command, expect=0):
        return self.near.run(*command, expect=expect, timeout=60).stdout.decode()

    def rpcinfo_p(self):
        portmapper = {(100000, version, protocol, 111) for version in (2, 3, 4) for protocol in ("tcp", "udp")}
        check(told(self.near, self.address) == expected() | portmapper, told(self.near, self.address))

    def rpcinfo_asks_the_programs(self):
        for way in ("-u", "-t"):
            check("version 3 ready and waiting" in self.run("rpcinfo", way, self.address, "100003", "3"), "NFS")
            check("version 3 ready and waiting" in self.run("rpcinfo", way, self.address, "mountd"), "MOUNT")
            self.run("rpcinfo", way, self.address, "100003", "9", expect=1)
        check("superuser" not in self.run("rpcinfo", self.address), "whose they are")

    def showmount(self):
        check("/ (everyone)" in self.run("showmount", "-e", self.address), "the export")

    def nmap(self):
        said = self.run("nmap", "-n", "-Pn", "-p", "111", "--script", "nfs-ls,nfs-showmount,nfs-statfs,rpcinfo",
                        self.address)
        for line in ("100003  3,4", "Volume /", " file", "Filesystem"):
            check(line in said, said)

    def libnfs_finds_the_ports(self):
        check(self.run("nfs-cat", f"nfs://{self.address}//file?version=3") == "found\n", "nfs-cat")

    STEPS = ("rpcinfo_p", "rpcinfo_asks_the_programs", "showmount", "nmap", "libnfs_finds_the_ports")


class Debians:
    """It has the port; ours tells it."""

    def __init__(self, strata, near):
        self.strata, self.near = strata, near
        self.rpcbind = Program(*near.command("unshare", "-m", "sh", "-c", OWN_RUN))
        self.rpcbind.wait_for_line("ready")
        self.until(lambda: near.run("rpcinfo", "-p", "127.0.0.1", expect=None).returncode == 0)

    @staticmethod
    def until(there):
        for _ in range(200):
            if there():
                return
            Program("sleep", "0.05").process.wait()
        raise AssertionError("never came")

    def serve(self, *more):
        return Program(*self.near.command(
            "nsenter", "-t", str(self.rpcbind.process.pid), "-m", self.strata, "serve", str(FOLDER), "--http", "off",
            "--fetch", "off", "--control", "off", "--bind", "127.0.0.1", "--run-as", "nobody", "--nfs", str(PORT),
            *more))

    def is_told_and_told_again(self):
        before = told(self.near, "127.0.0.1")
        server = self.serve()
        server.wait_for_line("this machine's rpcbind tells where NFS is")
        check(told(self.near, "127.0.0.1") == before | expected(), told(self.near, "127.0.0.1"))
        check("/ (everyone)" in self.near.run("showmount", "-e", "127.0.0.1").stdout.decode(), "the export")
        server.stop()
        check(told(self.near, "127.0.0.1") == before, "it still tells where NFS was")

    def is_left_alone_where_that_is_said(self):
        before = told(self.near, "127.0.0.1")
        server = self.serve("--rpcbind", "off")
        server.wait_for_line("nfs: whoever")
        check(told(self.near, "127.0.0.1") == before, "it was told")
        server.stop()

    def a_port_that_was_asked_for_and_is_taken_is_an_error(self):
        server = self.serve("--rpcbind", "111")
        server.wait_for_line("cannot listen on 127.0.0.1:111.*choose another port with --rpcbind")
        check(server.process.wait(60) == 1, "it went on")

    STEPS = ("is_told_and_told_again", "is_left_alone_where_that_is_said",
             "a_port_that_was_asked_for_and_is_taken_is_an_error")


def meet(title, site):
    try:
        run_steps([(f"{title}: {step.replace('_', ' ')}", getattr(site, step)) for step in site.STEPS])
    finally:
        (site.rpcbind if isinstance(site, Debians) else site.server).stop()


def main():
    require_tools("rpcinfo", "showmount", "nmap", "nfs-cat", "rpcbind")
    if reason := why_no_tap():
        skip(reason)
    (FOLDER / "file").write_text("found\n")
    strata = program("STRATA", "build/strata")
    with Namespace() as near:
        meet("kernel", Ours(strata, near, "kernel", "127.0.0.1"))
        meet("embedded", Ours(strata, near, "embedded", "127.0.0.1"))
        meet("TAP", Ours(strata, near, "tap:rpc0,addr=10.95.0.1/24,host=10.95.0.2/24", "10.95.0.1"))
    with Namespace() as near:
        meet("Debian's", Debians(strata, near))


if __name__ == "__main__":
    main()
