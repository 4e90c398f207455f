#!/usr/bin/env python3
"""`strata serve --nfs` beside nfs-ganesha (its FSAL VFS) on loopback: asked in turn by the same client, libnfs, every
byte compared, and the ratios.

    tools/bench_nfs.py [--only read,write,list,files,idle] [--versions 3,4] [--runs 5] [--size 1G] [--files 10000]

read:    nfs-cat of a file of SIZE bytes, into tmpfs, which is compared
write:   nfs-cp of it to the server, by version 3, whose file is compared; until the server says that it is on the disk
list:    a folder of FILES names, with their attributes, by opendir and readdir of libnfs
files:   FILES files of 4 KiB, opened, read and closed one after the other
idle:    memory of the server when nobody has asked yet, and after all of the above (PSS)

It makes a network and a /run of its own, in which rpcbind runs, which nfs-ganesha wants; needs root for that. Figures
are medians, with the least and the most behind them; a ratio is of medians.
"""
import argparse
import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench_ftp import Started, alternately, bytes_of, scratch_folder
from bench_http import ENVIRONMENT, SMALL, STRATA, many_file, sha256_of_file, show

ALONE = """
ip link set lo up && mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
mkdir -p /run/rpcbind /run/ganesha /var/lib/nfs/ganesha && cp /etc/passwd /run/passwd &&
{ grep -q ^_rpc: /run/passwd || echo '_rpc:x:65534:65534::/run/rpcbind:/bin/false' >> /run/passwd; } &&
mount --bind /run/passwd /etc/passwd && exec "$@"
"""
GANESHA = """NFS_CORE_PARAM {{ Protocols = 3, 4; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false;
  Enable_RQUOTA = false; Plugins_Dir = "{modules}"; }}
NFSv4 {{ Graceless = true; Minor_Versions = 0; }}
NFS_KRB5 {{ Active_krb5 = false; }}
EXPORT {{ Export_Id = 1; Path = {folder}; Pseudo = {folder}; Access_Type = RW; Squash = No_Root_Squash;
  Protocols = 3, 4; Transports = TCP; SecType = sys; FSAL {{ Name = VFS; }} }}
"""


class Server(Started):
    def __init__(self, name, folder, scratch):
        own = scratch / name
        own.mkdir()
        if name == "strata":
            self.ports, self.top = (2050, 2050), ""
            command = [STRATA, "serve", folder, "--nfs", "2050", "--rpcbind", "off", "--http", "off", "--fetch", "off",
                       "--bind", "127.0.0.1", "--control", "off", "--log", "off", "--run-as", "root", "--nfs-squash",
                       "none", "--write=all"]
        else:
            self.ports, self.top = (2049, 20048), str(folder)
            root = Path(shutil.which("ganesha.nfsd")).resolve().parent.parent
            modules = next((found.parent for found in root.rglob("libfsalvfs.so")), root)
            (own / "conf").write_text(GANESHA.format(modules=modules, folder=folder), encoding="utf-8")
            command = ["ganesha.nfsd", "-F", "-L", own / "log", "-f", own / "conf", "-N", "CRIT", "-p", own / "pid"]
        super().__init__(name, own, command)
        self.wait_until(lambda: self.ask("nfs-ls", "", 3).returncode == 0)

    def url(self, path, version):
        return (f"nfs://127.0.0.1{self.top}/{path}?nfsport={self.ports[0]}&mountport={self.ports[1]}"
                f"&version={version}")

    def ask(self, tool, path, version, *more, **options):
        return subprocess.run([tool, *more, self.url(path, version)], env=ENVIRONMENT, check=False,
                              stderr=subprocess.DEVNULL, **{"stdout": subprocess.DEVNULL, **options})

    def memory(self):
        return int(re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(),
                             re.MULTILINE)[1])


class Mounted:
    """libnfs itself: calls that each wait for the answer."""

    def __init__(self, server, version):
        root = Path(shutil.which("nfs-ls")).resolve().parent.parent
        found = next((str(each) for each in root.rglob("libnfs.so.*")), "libnfs.so.13")
        self.libnfs = ctypes.CDLL(found)
        for name in ("nfs_init_context", "nfs_parse_url_dir"):
            getattr(self.libnfs, name).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.libnfs.nfs_init_context())
        url = self.libnfs.nfs_parse_url_dir(self.context, server.url("", version).encode())
        folder = ctypes.c_char_p.from_address(url + ctypes.sizeof(ctypes.c_void_p)).value
        self.checked(self.libnfs.nfs_mount(self.context, b"127.0.0.1", folder))

    @staticmethod
    def checked(result):
        if result < 0:
            sys.exit(f"libnfs says {os.strerror(-result)}")
        return result

    def read(self, path, room):
        file = ctypes.c_void_p()
        self.checked(self.libnfs.nfs_open(self.context, path.encode(), os.O_RDONLY, ctypes.byref(file)))
        count = self.checked(self.libnfs.nfs_read(self.context, file, ctypes.c_uint64(len(room)), room))
        self.checked(self.libnfs.nfs_close(self.context, file))
        return room.raw[:count]

    def names(self, path):
        folder = ctypes.c_void_p()
        self.checked(self.libnfs.nfs_opendir(self.context, path.encode(), ctypes.byref(folder)))
        self.libnfs.nfs_readdir.restype = ctypes.c_void_p
        count = 0
        while self.libnfs.nfs_readdir(self.context, folder):
            count += 1
        self.libnfs.nfs_closedir(self.context, folder)
        return count

    def close(self):
        self.libnfs.nfs_destroy_context(self.context)


class Bench:
    def __init__(self, options, scratch):
        self.options, self.scratch, self.written = options, scratch, 0
        self.folder, self.target = scratch / "served", scratch / "target"
        (self.folder / "files").mkdir(parents=True)
        (self.folder / "data").mkdir()  # by version 4 libnfs names no file at the top
        for number in range(options.files):
            (self.folder / "files" / f"{number:05}").write_bytes(many_file(number))
        block = os.urandom(1 << 20)
        self.large = self.folder / "data" / "large"
        with open(self.large, "wb") as file:
            for at in range(0, options.size, 1 << 20):  # no two alike
                file.write((at.to_bytes(8, "big") + block[8:])[:options.size - at])
        self.digest = sha256_of_file(self.large)

    def each(self, servers, measure_one, *arguments):
        return alternately(self.options.runs, {server.name: lambda server=server: measure_one(server, *arguments)
                                               for server in servers})

    def compared(self, server, path, took):
        if sha256_of_file(path) != self.digest:
            sys.exit(f"{server.name}: other bytes arrived")
        path.unlink()
        return self.options.size / took / 1e6

    def read(self, server, version):
        with open(self.target, "wb") as target:
            began = time.monotonic()
            server.ask("nfs-cat", "data/large", version, stdout=target)
            took = time.monotonic() - began
        return self.compared(server, self.target, took)

    def write(self, server, version):
        # A name of its own: it is removed behind the server's back, and nfs-ganesha believes that it knows it.
        self.written += 1
        name = f"data/written{self.written}"
        began = time.monotonic()
        done = server.ask("nfs-cp", name, version, str(self.large))
        took = time.monotonic() - began
        if done.returncode != 0:
            sys.exit(f"{server.name}: nfs-cp ended with {done.returncode}")
        return self.compared(server, self.folder / name, took)

    def list(self, server, version):
        mounted = Mounted(server, version)
        began = time.monotonic()
        count = mounted.names("/files")
        took = time.monotonic() - began
        mounted.close()
        if count - 2 not in (self.options.files, self.options.files - 2):
            sys.exit(f"{server.name}: {count} names")
        return self.options.files / took

    def files(self, server, version):
        mounted = Mounted(server, version)
        room = ctypes.create_string_buffer(SMALL)
        began = time.monotonic()
        for number in range(self.options.files):
            if mounted.read(f"/files/{number:05}", room) != many_file(number):
                sys.exit(f"{server.name}: other bytes arrived")
        took = time.monotonic() - began
        mounted.close()
        return self.options.files / took

    def run(self, servers):
        only = self.options.only.split(",")
        size, files = f"{self.options.size >> 20:,} MiB", f"{self.options.files:,}"
        at_first = {server.name: [server.memory() / 1024] for server in servers}
        for version in self.options.versions.split(","):
            title = f"NFS {version}, "
            if "read" in only:
                show(f"{title}{size} (nfs-cat)", "MB/s", self.each(servers, self.read, version))
            # By version 4 libnfs writes no more than 4 KiB at a time, and often fails.
            if "write" in only and version == "3":
                show(f"{title}{size} (nfs-cp)", "MB/s", self.each(servers, self.write, version))
            if "list" in only:
                show(f"{title}a listing of {files} (libnfs)", "names/s", self.each(servers, self.list, version))
            if "files" in only:
                show(f"{title}{files} files of 4 KiB, one by one (libnfs)", "files/s",
                     self.each(servers, self.files, version))
        if "idle" in only:
            show("NFS, memory when nobody has asked", "MiB", at_first)
            show("NFS, memory afterwards", "MiB", {server.name: [server.memory() / 1024] for server in servers})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=bytes_of, default=1 << 30, help="of the large file: bytes, or with K, M or G")
    parser.add_argument("--files", type=int, default=10_000, help="how many small ones")
    parser.add_argument("--versions", default="3,4")
    parser.add_argument("--only", default="read,write,list,files,idle")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    tools = ("nfs-cat", "nfs-cp", "nfs-ls", "rpcbind", "ganesha.nfsd", "unshare", "ip")
    if missing := [name for name in tools if not shutil.which(name)]:
        print(f"skipped: {', '.join(missing)} not here (tools/setup.sh test)")
        sys.exit(77)
    if os.geteuid() != 0:
        print("skipped: a network of its own needs root")
        sys.exit(77)
    if "STRATA_BENCH_ALONE" not in os.environ:
        os.environ["STRATA_BENCH_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "-n", "-m", "sh", "-c", ALONE, "sh", sys.executable, *sys.argv])
    with scratch_folder(3 * options.size + 3 * SMALL * options.files) as name, contextlib.ExitStack() as until:
        bench = Bench(options, Path(name))
        own = bench.scratch / "rpcbind"
        own.mkdir()
        until.enter_context(Started("rpcbind", own, ["rpcbind", "-f", "-w"]))
        bench.run([until.enter_context(Server(each, bench.folder, bench.scratch)) for each in ("strata", "ganesha")])


if __name__ == "__main__":
    main()
