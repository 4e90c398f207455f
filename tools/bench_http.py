#!/usr/bin/env python3
"""`strata serve` and `strata get` beside nginx, lighttpd, curl and wget: run alternately on this machine, every byte compared, and the ratios.

    tools/bench_http.py [--runs 5] [--seconds 3] [--size 1024] [--net kernel|embedded]

Servers: one worker each (nginx worker_processes 1, lighttpd has one), with a log of every request in a file. wrk asks for 4 KiB on 1 and 64 kept
connections; curl -K fetches 10,000 files of 4 KiB on one; curl fetches SIZE MiB, and the server's processor seconds are taken. Clients: SIZE MiB
from nginx into tmpfs, with SHA-256. Figures are medians, with the least and the most behind them; a ratio is of medians.
"""
import argparse
import hashlib
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
ENVIRONMENT = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """daemon off; master_process off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/nginx.error;
events {{ worker_connections 4096; }}
http {{ sendfile on; tcp_nopush on; keepalive_requests 1000000; access_log {scratch}/nginx.log; default_type application/octet-stream;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi; uwsgi_temp_path {scratch}/uwsgi; scgi_temp_path {scratch}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"""
LIGHTTPD = """server.document-root = "{folder}"
server.port = {port}
server.bind = "127.0.0.1"
server.max-keep-alive-requests = 1000000
server.modules = ( "mod_accesslog" )
accesslog.filename = "{scratch}/lighttpd.log"
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    def __init__(self, name, folder, scratch, net):
        self.name, self.port = name, free_port()
        values = {"folder": folder, "port": self.port, "scratch": scratch}
        if name == "nginx":
            (scratch / "nginx.conf").write_text(NGINX.format(**values))
            command = ["nginx", "-c", scratch / "nginx.conf", "-p", scratch]
        elif name == "lighttpd":
            (scratch / "lighttpd.conf").write_text(LIGHTTPD.format(**values))
            command = ["lighttpd", "-D", "-f", scratch / "lighttpd.conf"]
        else:
            program = os.environ.get("STRATA", ROOT / "build/release/bin/strata")
            command = [program, "serve", folder, "--net", net, "--bind", "127.0.0.1", "--http", self.port, "--fetch", "off"]
        self.log = open(scratch / f"{name}.out", "wb")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.log, stderr=subprocess.STDOUT, env=ENVIRONMENT)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                sys.exit(f"{name} does not start: {(scratch / f'{name}.out').read_text()}")
        sys.exit(f"{name} does not listen")

    def processor_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def wrk(server, connections, seconds):
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", server.url("small")], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        sys.exit(f"{server.name}: {done.stdout}")
    return float(re.search(r"Requests/sec: *([\d.]+)", done.stdout).group(1))


def many_files(server, count, scratch):
    names = scratch / "names"
    names.write_text("".join(f'url = "{server.url(f"files/{i:05}")}"\noutput = "{scratch}/got"\n' for i in range(count)))
    began = time.monotonic()
    subprocess.run(["curl", "-s", "-S", "-f", "-K", names], env=ENVIRONMENT, check=True)
    return count / (time.monotonic() - began)


def large_file(server, scratch, digest, size):
    before, target = server.processor_seconds(), scratch / "target"
    rate = client_rate(["curl", "-s", "-S", "-f", "-o", target, server.url("large")], target, digest, size)
    return rate, server.processor_seconds() - before


def client_rate(command, target, digest, size):
    target.unlink(missing_ok=True)
    began = time.monotonic()
    subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
    took = time.monotonic() - began
    if hashlib.sha256(target.read_bytes()).hexdigest() != digest:
        sys.exit(f"{command[0]}: not what was asked for")
    return size / took / 1e6


def show(title, unit, columns):
    """The first column is ours."""
    ours = statistics.median(next(iter(columns.values())))
    print(f"{title}")
    for name, figures in columns.items():
        middle = statistics.median(figures)
        ratio = "" if figures is next(iter(columns.values())) else f"   ours is {ours / middle if middle else float('nan'):.2f} of it"
        print(f"    {name:10} {middle:12,.2f} {unit}  ({min(figures):,.2f} to {max(figures):,.2f}){ratio}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--size", type=int, default=1024, help="MiB")
    parser.add_argument("--net", default="kernel")
    parser.add_argument("--only", default="wrk,files,large,get")
    options = parser.parse_args()
    missing = [tool for tool in ("nginx", "lighttpd", "wrk", "curl", "wget") if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)} (apt-get install nginx-light lighttpd wrk curl wget)")
    with tempfile.TemporaryDirectory(prefix="strata-bench-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        scratch = Path(name)
        scratch.chmod(0o755)
        folder = scratch / "served"
        (folder / "files").mkdir(parents=True)
        (folder / "small").write_bytes(os.urandom(4096))
        for i in range(10_000):
            (folder / "files" / f"{i:05}").write_bytes(i.to_bytes(4, "big") * 1024)
        block = os.urandom(1 << 20)
        with open(folder / "large", "wb") as file:
            for _ in range(options.size):
                file.write(block)
        size = options.size << 20
        servers = [Server(name, folder, scratch, options.net) for name in ("strata", "nginx", "lighttpd")]
        try:
            measure(options, servers, scratch, folder, size)
        finally:
            for server in servers:
                server.stop()


def measure(options, servers, scratch, folder, size):
    def alternately(measure_one):
        figures = {server.name: [] for server in servers}
        for _ in range(options.runs):
            for server in servers:
                figures[server.name].append(measure_one(server))
        return figures

    if "wrk" in options.only:
        for connections in (1, 64):
            show(f"4 KiB, {connections} kept connections (wrk)", "requests/s", alternately(lambda server: wrk(server, connections, options.seconds)))
    if "files" in options.only:
        show("10,000 files of 4 KiB on one connection (curl -K)", "files/s", alternately(lambda server: many_files(server, 10_000, scratch)))
    if "large" in options.only:
        digest = hashlib.sha256((folder / "large").read_bytes()).hexdigest()
        both = alternately(lambda server: large_file(server, scratch, digest, size))
        show(f"{options.size} MiB (curl)", "MB/s", {name: [rate for rate, _ in figures] for name, figures in both.items()})
        show("    and the server's processor", "s", {name: [cpu for _, cpu in figures] for name, figures in both.items()})
    if "get" in options.only:
        nginx, target = servers[1], scratch / "target"
        digest = hashlib.sha256((folder / "large").read_bytes()).hexdigest()
        program = os.environ.get("STRATA", ROOT / "build/release/bin/strata")
        clients = {"get": [program, "get", nginx.url("large"), "-o", target, "--force"], "curl": ["curl", "-s", "-o", target, nginx.url("large")],
                   "wget": ["wget", "-q", "-O", target, nginx.url("large")],
                   "curl|sha": ["bash", "-c", f"set -o pipefail; curl -s {nginx.url('large')} | tee {target} | sha256sum"]}
        figures = {name: [] for name in clients}
        for _ in range(options.runs):
            for name, command in clients.items():
                figures[name].append(client_rate(command, target, digest, size))
        show(f"{options.size} MiB into tmpfs; get, and the last, with SHA-256", "MB/s", figures)


if __name__ == "__main__":
    main()
