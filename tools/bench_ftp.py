#!/usr/bin/env python3
"""`strata serve --ftp` beside vsftpd, proftpd and pure-ftpd on loopback: asked in turn by the same clients, every byte
compared, and the ratios.

    tools/bench_ftp.py [--only large,files,logins,idle] [--peers vsftpd,proftpd,pure-ftpd] [--runs 5] [--size 1G]
                       [--files 10000] [--logins 2000] [--sessions 500]

large:   curl fetches SIZE bytes into tmpfs, which are compared by SHA-256
files:   lftp mirrors FILES files of 4 KiB, one at a time and four
logins:  USER, PASS and QUIT of anonymous, one after the other, by a client in Python that has its share in the time
idle:    what SESSIONS logged-in sessions add to the memory of a server and all its processes (PSS), and what all of it
         is, divided by them; the kernel's part for processes and sockets is in neither

Nobody writes a log. The others are without reverse lookups, seccomp and namespaces a session, which would slow
them down. vsftpd and pure-ftpd want an account "ftp": they see a passwd file of their own. Needs root, as they do.
Figures are medians, with the least and the most behind them; a ratio is of medians.
"""
import argparse
import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_http import ENVIRONMENT, SMALL, STRATA, free_port, many_file, sha256_of_file, show

VSFTPD = """listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
no_anon_password=YES
ftp_username=ftp
anon_root={folder}
secure_chroot_dir={empty}
max_clients=0
max_per_ip=0
idle_session_timeout=3600
seccomp_sandbox=NO
isolate_network=NO
isolate=NO
xferlog_enable=NO
"""
PROFTPD = """ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
Port {port}
User nobody
Group nogroup
MaxInstances 2000
UseReverseDNS off
UseIPv6 off
RequireValidShell off
AuthPAM off
TimeoutIdle 3600
TimeoutNoTransfer 3600
PidFile {own}/pid
ScoreboardFile {own}/scoreboard
DelayEngine off
SystemLog none
WtmpLog off
TransferLog none
<Anonymous {folder}>
  User nobody
  Group nogroup
  UserAlias anonymous nobody
  AnonRequirePassword off
</Anonymous>
"""


def bytes_of(text):
    match = re.fullmatch(r"(\d+)([KMG]?)", text)
    if not match:
        raise argparse.ArgumentTypeError("bytes, or with K, M or G")
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2]]


def alternately(runs, measured):
    """{name: figures}, of {name: what measures one}."""
    figures = {name: [] for name in measured}
    for _ in range(runs):
        for name, measure_one in measured.items():
            figures[name].append(measure_one())
    return figures


class Started:
    """A process that is ended at the end, and what it says is in a file."""

    def __init__(self, name, own, command):
        self.name, self.said = name, own / "said"
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=said,
                                            stderr=subprocess.STDOUT, env=ENVIRONMENT, start_new_session=True)

    def wait_until(self, it_answers):
        deadline = time.monotonic() + 20
        while not it_answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                sys.exit(f"{self.name} does not serve: {self.said.read_text(errors='replace')}")
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Login:
    """A session of anonymous, from one of many addresses of this machine."""

    def __init__(self, port, number=0):
        self.socket = socket.create_connection(("127.0.0.1", port), 30, (f"127.0.0.{1 + number % 200}", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.expect(b"220")
        self.say(b"USER anonymous\r\n", b"331", b"230")
        if self.last.startswith(b"331"):
            self.say(b"PASS bench@\r\n", b"230")

    def say(self, line, *codes):
        self.socket.sendall(line)
        self.expect(*codes)

    def expect(self, *codes):
        """The reply's last line has its code, and a space."""
        got = b""
        while not (got.endswith(b"\n") and re.match(rb"\d{3} ", got[got.rfind(b"\n", 0, -1) + 1:])):
            part = self.socket.recv(65536)
            if not part:
                raise OSError(f"closed after {got}")
            got += part
        self.last = got[got.rfind(b"\n", 0, -1) + 1:]
        if not self.last.startswith(codes):
            raise OSError(f"{got}, not {codes}")

    def quit(self):
        self.say(b"QUIT\r\n", b"221")
        self.socket.close()


def with_an_account(own, folder):
    """Before a command that wants an account "ftp" for anonymous: it sees a passwd file that has one."""
    (own / "passwd").write_text(Path("/etc/passwd").read_text(encoding="utf-8") +
                                f"ftp:x:65534:65534::{folder}:/bin/false\n", encoding="utf-8")
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', own / "passwd"]


class Server(Started):
    def __init__(self, name, folder, scratch):
        self.port = free_port()
        own = scratch / name
        empty = own / "empty"
        empty.mkdir(parents=True)
        values = {"folder": folder, "port": self.port, "own": own, "empty": empty}
        if name == "vsftpd":
            (own / "conf").write_text(VSFTPD.format(**values))
            command = [*with_an_account(own, folder), "vsftpd", own / "conf"]
        elif name == "proftpd":
            (own / "conf").write_text(PROFTPD.format(**values))
            command = ["proftpd", "-n", "-q", "-c", own / "conf"]
        elif name == "pure-ftpd":
            command = [*with_an_account(own, folder), "pure-ftpd", "-S", f"127.0.0.1,{self.port}", "-4", "-e", "-i",
                       "-H", "-K", "-c", "2000", "-C", "2000", "-I", "60", "-L", "1000000:5", "-g", own / "pid"]
        else:
            command = [STRATA, "serve", folder, "--ftp", self.port, "--http", "off", "--fetch", "off", "--bind",
                       "127.0.0.1", "--control", "off", "--log", "off", "--run-as", "root"]
        if name != "strata":  # a process each: they close all descriptors that there might be
            command = ["sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh", *command]
        super().__init__(name, own, command)
        self.wait_until(self.answers)

    def answers(self):
        try:
            Login(self.port).quit()
            return True
        except OSError:
            return False

    def url(self, path=""):
        return f"ftp://127.0.0.1:{self.port}/{path}"

    def memory(self):
        """PSS of it and of its children, and theirs, in KiB."""
        parents = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(entry.parent.name)] = int(entry.read_text(errors="replace").rsplit(")", 1)[1].split()[1])
        family = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in family} - family:
            family |= more
        total = 0
        for process in family:
            with contextlib.suppress(OSError):
                total += int(re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(),
                                       re.MULTILINE)[1])
        return total


class Bench:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.folder, self.target = scratch / "served", scratch / "target"
        (self.folder / "files").mkdir(parents=True)
        for number in range(options.files):
            (self.folder / "files" / f"{number:05}").write_bytes(many_file(number))
        block = os.urandom(1 << 20)
        with open(self.folder / "large", "wb") as file:
            for at in range(0, options.size, 1 << 20):  # no two alike
                file.write((at.to_bytes(8, "big") + block[8:])[:options.size - at])
        self.digest = sha256_of_file(self.folder / "large")

    def each(self, servers, measure_one, *arguments):
        return alternately(self.options.runs, {server.name: lambda server=server: measure_one(server, *arguments)
                                               for server in servers})

    def large(self, server):
        began = time.monotonic()
        subprocess.run(["curl", "-s", "-S", "-f", "-o", str(self.target), server.url("large")], env=ENVIRONMENT,
                       check=True)
        took = time.monotonic() - began
        if sha256_of_file(self.target) != self.digest:
            sys.exit(f"{server.name}: not what was asked for")
        self.target.unlink()
        return self.options.size / took / 1e6

    def files(self, server, at_once):
        script = (f"set xfer:log no; set cmd:fail-exit true; set ftp:ssl-allow false; "
                  f"set net:max-retries 1; set net:timeout 60; open {server.url()}; "
                  f"mirror -P{at_once} files {self.target}")
        began = time.monotonic()
        subprocess.run(["lftp", "-c", script], env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - began
        for number in range(self.options.files):
            if (self.target / f"{number:05}").read_bytes() != many_file(number):
                sys.exit(f"{server.name}: not what was asked for")
        shutil.rmtree(self.target)
        return self.options.files / took

    def logins(self, server):
        began = time.monotonic()
        for number in range(self.options.logins):
            Login(server.port, number).quit()
        return self.options.logins / (time.monotonic() - began)

    def idle(self, server):
        """KiB a session: what they add, and all."""
        before = server.memory()
        sessions = [Login(server.port, number) for number in range(self.options.sessions)]
        after = server.memory()
        for session in sessions:
            session.quit()
        return (after - before) / len(sessions), after / len(sessions)

    def run(self, servers):
        only = self.options.only
        if "large" in only:
            show(f"FTP, {self.options.size >> 20:,} MiB (curl)", "MB/s", self.each(servers, self.large))
        if "files" in only:
            for at_once in (1, 4):
                show(f"FTP, {self.options.files:,} files of 4 KiB (lftp mirror -P{at_once})", "files/s",
                     self.each(servers, self.files, at_once))
        if "logins" in only:
            show("FTP, anonymous logins", "logins/s", self.each(servers, self.logins))
        if "idle" in only:
            both = self.each(servers, self.idle)
            for at, what in enumerate(("add", "need in all")):
                show(f"FTP, memory that {self.options.sessions} idle sessions {what}, of each", "KiB",
                     {name: [figure[at] for figure in figures] for name, figures in both.items()})


def scratch_folder(room):
    """In memory, with so many bytes of room."""
    folder = tempfile.TemporaryDirectory(prefix="strata-bench-",
                                         dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    Path(folder.name).chmod(0o755)
    if shutil.disk_usage(folder.name).free < room:
        sys.exit(f"there are no {room >> 20} MiB of room in {Path(folder.name).parent}")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=bytes_of, default=1 << 30, help="of the large file: bytes, or with K, M or G")
    parser.add_argument("--files", type=int, default=10_000, help="how many small ones")
    parser.add_argument("--logins", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=500, help="that are idle")
    parser.add_argument("--peers", default="vsftpd,proftpd,pure-ftpd")
    parser.add_argument("--only", default="large,files,logins,idle")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    if os.geteuid() != 0:
        print("skipped: servers of FTP need root to give up")
        sys.exit(77)
    peers = [name for name in options.peers.split(",") if shutil.which(name)]
    missing = [name for name in ("curl", "lftp", *options.peers.split(",")) if not shutil.which(name)]
    if not peers or {"curl", "lftp"} & set(missing):
        print(f"skipped: {', '.join(missing)} not here (tools/setup.sh test)")
        sys.exit(77)
    if missing:
        print(f"left out: {', '.join(missing)} not here (tools/setup.sh test)")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    with scratch_folder(2 * options.size + 3 * SMALL * options.files) as name, contextlib.ExitStack() as until:
        bench = Bench(options, Path(name))
        bench.run([until.enter_context(Server(each, bench.folder, bench.scratch)) for each in ("strata", *peers)])


if __name__ == "__main__":
    main()
