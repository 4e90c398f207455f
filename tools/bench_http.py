#!/usr/bin/env python3
"""`strata serve` and `strata get` beside nginx, lighttpd, curl and wget: run alternately on this machine, every
download compared, and the ratios.

    tools/bench_http.py [--net kernel,embedded,tap] [--only wrk,files,large,get] [--workers 1,2] [--runs 5]
                        [--seconds 3] [--size 1024] [--files 10000]

    kernel, embedded:  clients ── loopback ── servers
    tap (root only):   clients in namespace a ── veth ── nginx, lighttpd in namespace b
                       clients in namespace c ── TAP ── strata serve;   strata get ── TAP ── nginx in namespace c

Servers have as many workers each (strata --threads, nginx worker_processes, lighttpd server.max-worker) and write a
line a request into a file; one thread is all there is of ours on the embedded network and on a TAP. wrk asks for 4 KiB
on 1 and 64 kept connections (that it is the right 4 KiB is looked at before and after); curl -K fetches FILES files of
4 KiB on one; curl fetches SIZE MiB, and the processor seconds of the server are taken, its workers' included. Clients:
SIZE MiB from nginx into tmpfs, get and the last of them with SHA-256; on the embedded network a get goes by its
gateway. Figures are medians, with the least and the most behind them; a ratio is of medians.
"""
import argparse
import contextlib
import hashlib
import itertools
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["PATH"] += f":/usr/sbin:/sbin:{ROOT}/build/peers/bin"
ENVIRONMENT = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
STRATA = os.environ.get("STRATA", ROOT / "build/release/bin/strata")
TICK = os.sysconf("SC_CLK_TCK")
SMALL = 4096
TAG = f"sh{os.getpid() % 100000}"
VETH_CLIENT, VETH_SERVER = "10.95.0.1", "10.95.0.2"
TAP_STRATA, TAP_KERNEL = "10.95.1.1", "10.95.1.2"

NGINX = """daemon off; master_process {master}; worker_processes {workers}; pid {scratch}/nginx.pid; \
error_log {scratch}/nginx.error;
events {{ worker_connections 4096; }}
http {{ sendfile on; tcp_nopush on; keepalive_requests 1000000; access_log {scratch}/nginx.log; \
default_type application/octet-stream;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi; \
uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
  server {{ listen {bind}:{port}; root {folder}; }} }}
"""
LIGHTTPD = """server.document-root = "{folder}"
server.port = {port}
server.bind = "{bind}"
server.max-worker = {max_worker}
server.max-keep-alive-requests = 1000000
server.modules = ( "mod_accesslog" )
accesslog.filename = "{scratch}/lighttpd.log"
"""


class Place:
    """Where servers and their clients run: what stands before their commands. Servers listen at `bind`; clients ask at
    `server_address`."""

    def __init__(self, server_address, bind, clients=(), servers=()):
        self.server_address, self.bind, self.clients, self.servers = server_address, bind, list(clients), list(servers)


def in_namespace(name):
    return ["ip", "netns", "exec", name]


def call(*command):
    subprocess.run([str(part) for part in command], check=True, env=ENVIRONMENT)


@contextlib.contextmanager
def namespaces():
    names = [f"{TAG}{letter}" for letter in "abc"]
    try:
        for name in names:
            call("ip", "netns", "add", name)
            call("ip", "-n", name, "link", "set", "lo", "up")
        call("ip", "-n", names[0], "link", "add", "va", "type", "veth", "peer", "name", "vb", "netns", names[1])
        for name, device, address in ((names[0], "va", VETH_CLIENT), (names[1], "vb", VETH_SERVER)):
            call("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            call("ip", "-n", name, "link", "set", device, "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    numbers = itertools.count()

    def __init__(self, name, folder, scratch, place, net="kernel", workers=1):
        self.name, self.place, self.port = name, place, free_port()
        own = scratch / f"{name}-{next(self.numbers)}"
        own.mkdir()
        values = {"folder": folder, "port": self.port, "scratch": own, "bind": place.bind, "workers": workers,
                  "master": "off" if workers == 1 else "on", "max_worker": 0 if workers == 1 else workers}
        if name == "nginx":
            (own / "nginx.conf").write_text(NGINX.format(**values))
            command = ["nginx", "-c", own / "nginx.conf", "-p", own, "-e", own / "nginx.error"]
        elif name == "lighttpd":
            (own / "lighttpd.conf").write_text(LIGHTTPD.format(**values))
            command = ["lighttpd", "-D", "-f", own / "lighttpd.conf"]
        else:
            where = (["--net", f"tap:st0,addr={TAP_STRATA}/24,host={TAP_KERNEL}/24"] if net == "tap"
                     else ["--net", net, "--bind", place.bind])
            command = [STRATA, "serve", folder, *where, "--threads", workers, "--http", self.port, "--fetch", "off"]
        self.log = open(own / "out", "wb")
        self.process = subprocess.Popen([str(part) for part in (*place.servers, *command)], stdout=self.log,
                                        stderr=subprocess.STDOUT, env=ENVIRONMENT,
                                        start_new_session=True)  # lighttpd ends its whole process group
        deadline = time.monotonic() + 20
        while subprocess.run([*place.clients, "curl", "-s", "-o", os.devnull, "-m", "1", self.url("small")],
                             env=ENVIRONMENT, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                sys.exit(f"{name} does not serve: {(own / 'out').read_text()}")

    def processor_seconds(self):
        """Its own, and its workers'."""
        ticks = 0
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = entry.read_text().rsplit(")", 1)[1].split()
                if self.process.pid in (int(entry.parent.name), int(fields[1])):
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def url(self, path):
        return f"http://{self.place.server_address}:{self.port}/{path}"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def sha256_of_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def many_file(number):
    return number.to_bytes(4, "big") * (SMALL // 4)


class Bench:
    """What is served, and how each thing is measured."""

    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.folder, self.target, self.size = scratch / "served", scratch / "target", options.size << 20
        (self.folder / "files").mkdir(parents=True)
        self.small = os.urandom(SMALL)
        (self.folder / "small").write_bytes(self.small)
        for number in range(options.files):
            (self.folder / "files" / f"{number:05}").write_bytes(many_file(number))
        block = os.urandom(1 << 20)
        with open(self.folder / "large", "wb") as file:
            for number in range(options.size):  # no two alike
                file.write(number.to_bytes(8, "big") + block[8:])
        self.digest = sha256_of_file(self.folder / "large")

    def check_small(self, server):
        got = subprocess.run([*server.place.clients, "curl", "-s", "-S", "-f", server.url("small")],
                             stdout=subprocess.PIPE, env=ENVIRONMENT, check=True)
        if got.stdout != self.small:
            sys.exit(f"{server.name}: not what was asked for")

    def requests(self, server, connections, threads):
        self.check_small(server)
        done = subprocess.run([*server.place.clients, "wrk", f"-t{threads}", f"-c{connections}",
                               f"-d{self.options.seconds}s", server.url("small")],
                              capture_output=True, text=True, env=ENVIRONMENT, check=True)
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            sys.exit(f"{server.name}: {done.stdout}")
        self.check_small(server)
        return float(re.search(r"Requests/sec: *([\d.]+)", done.stdout).group(1))

    def files(self, server):
        target, names = self.scratch / "got", self.scratch / "names"
        target.mkdir()
        names.write_text("".join(f'url = "{server.url(f"files/{i:05}")}"\noutput = "{target}/{i:05}"\n'
                                 for i in range(self.options.files)))
        began = time.monotonic()
        subprocess.run([*server.place.clients, "curl", "-s", "-S", "-f", "-K", names], env=ENVIRONMENT, check=True)
        took = time.monotonic() - began
        for number in range(self.options.files):
            if (target / f"{number:05}").read_bytes() != many_file(number):
                sys.exit(f"{server.name}: not what was asked for")
        shutil.rmtree(target)
        return self.options.files / took

    def large(self, server):
        """MB/s, and the server's processor seconds."""
        before = server.processor_seconds()
        rate = self.download([*server.place.clients, "curl", "-s", "-S", "-f", "-o", self.target, server.url("large")])
        return rate, server.processor_seconds() - before

    def download(self, command):
        self.target.unlink(missing_ok=True)
        began = time.monotonic()
        subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=ENVIRONMENT, check=True)
        took = time.monotonic() - began
        if sha256_of_file(self.target) != self.digest:
            sys.exit(f"{' '.join(map(str, command))}: not what was asked for")
        self.target.unlink()
        return self.size / took / 1e6

    def alternately(self, measured):
        """{name: figures}, of {name: what measures one}."""
        figures = {name: [] for name in measured}
        for _ in range(self.options.runs):
            for name, measure_one in measured.items():
                figures[name].append(measure_one())
        return figures

    def servers(self, title, servers, workers):
        def each(measure_one, *arguments):
            return self.alternately({server.name: lambda server=server: measure_one(server, *arguments)
                                     for server in servers})
        if "wrk" in self.options.only:
            for connections in (1, 64):
                show(f"{title}: 4 KiB, {connections} kept connection{'s' if connections > 1 else ''} (wrk)",
                     "requests/s", each(self.requests, connections, min(connections, workers)))
        if "files" in self.options.only:
            show(f"{title}: {self.options.files:,} files of 4 KiB on one connection (curl -K)", "files/s",
                 each(self.files))
        if "large" in self.options.only:
            both = each(self.large)
            show(f"{title}: {self.options.size} MiB (curl)", "MB/s",
                 {name: [rate for rate, _ in figures] for name, figures in both.items()})
            show("    and the server's processor", "s",
                 {name: [seconds for _, seconds in figures] for name, figures in both.items()})

    def clients(self, title, get, nginx):
        """`get` makes the command of one; the others fetch from nginx where they reach it best."""
        others, url = nginx.place.clients, nginx.url("large")
        piped = f"set -o pipefail; curl -s -f {url} | tee {self.target} | sha256sum"
        show(f"{title}: {self.options.size} MiB from nginx into tmpfs; get, and the last, with SHA-256", "MB/s",
             self.alternately({
                 "get": lambda: self.download(get()),
                 "curl": lambda: self.download([*others, "curl", "-s", "-f", "-o", self.target, url]),
                 "wget": lambda: self.download([*others, "wget", "-q", "-O", self.target, url]),
                 "curl|sha": lambda: self.download([*others, "bash", "-c", piped])}))


def show(title, unit, columns, width=10):
    """The first column is ours."""
    ours = statistics.median(next(iter(columns.values())))
    print(title)
    for name, figures in columns.items():
        middle = statistics.median(figures)
        ratio = ("" if figures is next(iter(columns.values()))
                 else f"   ours is {ours / middle if middle else float('nan'):.2f} of it")
        print(f"    {name:{width}} {middle:12,.2f} {unit}  ({min(figures):,.2f} to {max(figures):,.2f}){ratio}")
    sys.stdout.flush()


def on_loopback(bench, net):
    here = Place("127.0.0.1", "127.0.0.1")
    for workers in bench.options.workers if net == "kernel" else [1]:
        with contextlib.ExitStack() as until:
            servers = [until.enter_context(Server(name, bench.folder, bench.scratch, here,
                                                  net if name == "strata" else "kernel", workers))
                       for name in ("strata", "nginx", "lighttpd")]
            bench.servers(f"{net}, {workers} worker{'s' if workers > 1 else ''}", servers, workers)
    if "get" in bench.options.only:
        with Server("nginx", bench.folder, bench.scratch, here) as nginx:
            bench.clients(net, lambda: [STRATA, "get", nginx.url("large"), "-o", bench.target, "--force",
                                        "--net", net], nginx)


def on_a_tap(bench):
    with contextlib.ExitStack() as until:
        a, b, c = until.enter_context(namespaces())
        veth = Place(VETH_SERVER, VETH_SERVER, in_namespace(a), in_namespace(b))
        nginx, lighttpd = (until.enter_context(Server(name, bench.folder, bench.scratch, veth))
                           for name in ("nginx", "lighttpd"))
        with Server("strata", bench.folder, bench.scratch,
                    Place(TAP_STRATA, None, in_namespace(c), in_namespace(c)), "tap") as strata:
            bench.servers("tap (the others: veth), 1 worker", [strata, nginx, lighttpd], 1)
        if "get" in bench.options.only:
            # It answers at the address that the TAP's other end has while a get runs.
            behind = until.enter_context(Server("nginx", bench.folder, bench.scratch,
                                                Place("127.0.0.1", "0.0.0.0", in_namespace(c), in_namespace(c))))
            numbers = itertools.count(10)

            def get():
                # A new address a run: the kernel's TIME-WAIT would take a new stack's SYN for an old one.
                net = f"tap:st1,addr=10.95.1.{next(numbers)}/24,host={TAP_KERNEL}/24"
                return [*in_namespace(c), STRATA, "get", f"http://{TAP_KERNEL}:{behind.port}/large",
                        "-o", bench.target, "--force", "--net", net]
            bench.clients("tap (the others: veth)", get, nginx)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of a run of wrk")
    parser.add_argument("--size", type=int, default=1024, help="of the large file, in MiB")
    parser.add_argument("--files", type=int, default=10_000, help="how many small ones")
    parser.add_argument("--workers", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2],
                        help="on the kernel's network")
    parser.add_argument("--net", default="kernel,embedded,tap")
    parser.add_argument("--only", default="wrk,files,large,get")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    missing = [tool for tool in ("nginx", "lighttpd", "wrk", "curl", "wget") if not shutil.which(tool)]
    if missing:
        print(f"skipped: {', '.join(missing)} not here (tools/setup.sh test)")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="strata-bench-",
                                     dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        scratch = Path(name)
        scratch.chmod(0o755)
        if shutil.disk_usage(scratch).free < (2 * options.size << 20) + 3 * SMALL * options.files:
            sys.exit(f"there is no room for {options.size} MiB twice in {scratch.parent}")
        bench = Bench(options, scratch)
        for net in options.net.split(","):
            if net != "tap":
                on_loopback(bench, net)
            elif os.geteuid() == 0 and os.path.exists("/dev/net/tun") and shutil.which("ip"):
                on_a_tap(bench)
            else:
                print("tap: left out, it needs root, /dev/net/tun and iproute2")


if __name__ == "__main__":
    main()
