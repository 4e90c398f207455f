#!/usr/bin/env python3
"""`strata serve --tftp` and `strata get` beside tftpd-hpa and atftpd, tftp and atftp, on loopback: run in turn, every
byte compared, and the ratios.

    tools/bench_tftp.py [--only large,small] [--blksize 512,1428,65464] [--windowsize 1,16,64] [--runs 5] [--size 256M]
                        [--files 1000]

large:   each client fetches a file from each server into tmpfs, by blocks and windows of these sizes: SIZE bytes by the
         largest blocks, a quarter of them by those of 1428, an eighth by those of 512. tftp-hpa's client knows no
         options, so it has 512 and 1 alone; its server knows no windows, and answers with 1. The first row is a pair of
         ours, and a ratio one of pairs
small:   FILES files of 4 KiB, one after the other, by one client in Python that asks for blocks of 1428, and by `strata
         get` and curl for all of them at once

tftpd-hpa and atftpd need root to give up. Figures are medians, with the least and the most behind them.
"""
import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from bench_ftp import Started, alternately, bytes_of, scratch_folder
from bench_http import ENVIRONMENT, SMALL, STRATA, many_file, sha256_of_file, show

SHARES = {512: 8, 1428: 4}  # of the size, by blocks so small


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def read(port, name):
    """The file, by blocks of 1428 where the server knows them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(b"\0\1" + name.encode() + b"\0octet\0blksize\x001428\0", ("127.0.0.1", port))
        got, size = b"", 512
        while True:
            packet, server = client.recvfrom(2048)
            if packet[1] == 6:
                size = 1428
                client.sendto(b"\0\4\0\0", server)
                continue
            if packet[1] != 3:
                raise OSError(f"{name}: {packet}")
            got += packet[4:]
            client.sendto(b"\0\4" + packet[2:4], server)
            if len(packet) < 4 + size:
                return got


class Server(Started):
    def __init__(self, name, folder, scratch):
        self.port = free_udp_port()
        own = scratch / name
        own.mkdir()
        if name == "tftpd-hpa":
            command = ["in.tftpd", "-L", "-4", "-a", f"127.0.0.1:{self.port}", "-u", "nobody", "-s", folder]
        elif name == "atftpd":
            command = ["atftpd", "--daemon", "--no-fork", "--port", self.port, "--bind-address", "127.0.0.1", "--user",
                       "nobody.nogroup", "--verbose=3", "--logfile", "/dev/null", folder]
        else:
            command = [STRATA, "serve", folder, "--tftp", self.port, "--http", "off", "--fetch", "off", "--bind",
                       "127.0.0.1", "--control", "off", "--log", "off", "--run-as", "root"]
        super().__init__(name, own, command)
        self.wait_until(self.answers)

    def answers(self):
        try:
            return read(self.port, "files/00000") == many_file(0)
        except OSError:
            return False


class Bench:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.folder, self.target = scratch / "served", scratch / "target"
        (self.folder / "files").mkdir(parents=True)
        for number in range(options.files):
            (self.folder / "files" / f"{number:05}").write_bytes(many_file(number))
        self.digests = {}
        block = os.urandom(1 << 20)
        for blksize in options.blksize:
            size = self.size_at(blksize)
            with open(self.folder / str(blksize), "wb") as file:
                for at in range(0, size, 1 << 20):  # no two alike
                    file.write((at.to_bytes(8, "big") + block[8:])[:size - at])
            self.digests[blksize] = sha256_of_file(self.folder / str(blksize))

    def size_at(self, blksize):
        return self.options.size // SHARES.get(blksize, 1)

    def fetch(self, client, port, name, blksize, windowsize):
        """The command, and what it is told."""
        if client == "tftp":
            return (["tftp", "127.0.0.1", port], f"binary\nget {name} {self.target}\nquit\n")
        if client == "atftp":
            window = ["--option", f"windowsize {windowsize}"] if windowsize > 1 else []
            return (["atftp", "--option", f"blksize {blksize}", *window, "-g", "-r", name, "-l", self.target,
                     "127.0.0.1", port], None)
        return ([STRATA, "get", f"tftp://127.0.0.1:{port}/{name}", "--blksize", blksize, "--windowsize", windowsize,
                 "-o", self.target, "--force", "-q"], None)

    def large(self, server, client, blksize, windowsize):
        command, told = self.fetch(client, server.port, str(blksize), blksize, windowsize)
        began = time.monotonic()
        subprocess.run([str(part) for part in command], input=told, text=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
        took = time.monotonic() - began
        if sha256_of_file(self.target) != self.digests[blksize]:
            sys.exit(f"{server.name}, {client}: not what was asked for")
        self.target.unlink()
        return self.size_at(blksize) / took / 1e6

    def small(self, server):
        began = time.monotonic()
        for number in range(self.options.files):
            if read(server.port, f"files/{number:05}") != many_file(number):
                sys.exit(f"{server.name}: not what was asked for")
        return self.options.files / (time.monotonic() - began)

    def small_by(self, server, *command):
        """By a client that is told all of them at once, and writes them into a folder."""
        self.target.mkdir()
        names = self.scratch / "names"
        names.write_text("".join(f'url = "tftp://127.0.0.1:{server.port}/files/{i:05}"\n'
                                 f'output = "{self.target}/{i:05}"\n' for i in range(self.options.files)))
        urls = [f"tftp://127.0.0.1:{server.port}/files/{i:05}" for i in range(self.options.files)]
        whole = [*command, "-K", names] if command[0] == "curl" else [*command, *urls, "-o", self.target]
        began = time.monotonic()
        subprocess.run([str(part) for part in whole], stdout=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
        took = time.monotonic() - began
        for number in range(self.options.files):
            if (self.target / f"{number:05}").read_bytes() != many_file(number):
                sys.exit(f"{server.name}: not what was asked for")
        shutil.rmtree(self.target)
        return self.options.files / took

    def run(self, servers, clients):
        runs = self.options.runs
        if "large" in self.options.only:
            for blksize in self.options.blksize:
                for windowsize in self.options.windowsize:
                    able = [client for client in clients if client != "tftp" or (blksize, windowsize) == (512, 1)]
                    pairs = {f"{server.name}, {client}":
                             partial(self.large, server, client, blksize, windowsize)
                             for server in servers for client in able}
                    show(f"TFTP, {self.size_at(blksize) >> 20:,} MiB, blksize {blksize}, windowsize {windowsize}",
                         "MB/s", alternately(runs, pairs), 21)
        if "small" in self.options.only:
            for title, measure_one, *command in (
                    ("Python", self.small), ("curl", self.small_by, "curl", "-s", "-S", "--tftp-blksize", "1428"),
                    ("strata get", self.small_by, STRATA, "get", "--blksize", "1428", "-q")):
                show(f"TFTP, {self.options.files:,} files of 4 KiB ({title})", "files/s", alternately(runs, {
                    server.name: lambda server=server: measure_one(server, *command) for server in servers}))


def main():
    def numbers(text):
        return [int(part) for part in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=bytes_of, default=256 << 20, help="of the large file: bytes, or with K, M or G")
    parser.add_argument("--files", type=int, default=1000, help="how many small ones")
    parser.add_argument("--blksize", type=numbers, default=[512, 1428, 65464])
    parser.add_argument("--windowsize", type=numbers, default=[1, 16, 64])
    parser.add_argument("--only", default="large,small")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    tools = {"tftpd-hpa": "in.tftpd", "atftpd": "atftpd", "tftp": "tftp", "atftp": "atftp", "curl": "curl"}
    missing = [tool for tool in tools.values() if not shutil.which(tool)]
    if missing or os.geteuid() != 0:
        print(f"skipped: {', '.join(missing) + ' not here (tools/setup.sh test)' if missing else 'needs root'}")
        sys.exit(77)
    with scratch_folder(4 * options.size + 3 * SMALL * options.files) as name, contextlib.ExitStack() as until:
        bench = Bench(options, Path(name))
        servers = [until.enter_context(Server(each, bench.folder, bench.scratch))
                   for each in ("strata", "tftpd-hpa", "atftpd")]
        bench.run(servers, ("strata get", "atftp", "tftp"))


if __name__ == "__main__":
    main()
