#!/usr/bin/env python3
"""`strata` on TAP devices, met by the kernel's own clients: curl, wget, ping, tcpdump, python3 -m http.server.

    one namespace:  curl, wget, ping, http.server ── the kernel ──┬── TAP one ── strata serve   10.99.0.1
                                                  10.99.0.2       │
                                                  10.99.1.2       └── TAP two ── strata get     10.99.1.x
"""
# labels: slow
# timeout: 600
import hashlib
import os
import re
import shutil
import struct
import subprocess
import time

from meeting import (ENVIRONMENT, PATIENCE, Namespace, Program, check, program, require_tools, run_steps,
                     scratch_folder, sha256, sha256_of_file, skip, why_no_tap)

OURS, KERNEL = "10.99.0.1", "10.99.0.2"
BASE = f"http://{OURS}"
GIB = 1 << 30
FOLDER = scratch_folder()
SERVED = FOLDER / "served"


def make_files():
    SERVED.mkdir()
    (SERVED / "five.bin").write_bytes(os.urandom(5 << 20))
    # A GiB of holes with something else in each MiB, so that a block that is lost, or doubled, or in the wrong place
    # shows.
    noise = os.urandom(64 << 10)
    digest, hole = hashlib.sha256(), bytes((1 << 20) - len(noise))
    with open(SERVED / "big.bin", "wb") as file:
        for number in range(1024):
            block = struct.pack(">Q", number) + noise[8:]
            file.seek(number << 20)
            file.write(block)
            digest.update(block)
            digest.update(hole)
        file.truncate(GIB)
    return digest.hexdigest()


class TapTest:
    def __init__(self, strata, namespace):
        self.strata = strata
        self.namespace = namespace
        self.big_digest = make_files()
        self.five = (SERVED / "five.bin").read_bytes()

    def serve(self, *more, tap="strata0", ours=OURS, kernel=KERNEL):
        server = Program(*self.namespace.command(self.strata, "serve", SERVED, "--net",
                                                 f"tap:{tap},addr={ours}/24,host={kernel}/24", *more))
        server.wait_for_line(r"serving .* at fetch://")
        return server

    def curl(self, *arguments, **options):
        return self.namespace.run("curl", "-sS", "-f", *arguments, **options)

    # ---- the steps

    def a_gibibyte_by_curl(self):
        command = self.namespace.command("curl", "-sS", "-f", f"{BASE}/big.bin")
        digest, size, began = hashlib.sha256(), 0, time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as client:
            while block := client.stdout.read(1 << 20):
                digest.update(block)
                size += len(block)
        check(client.returncode == 0 and size == GIB, f"curl ended with {client.returncode} after {size} bytes")
        check(digest.hexdigest() == self.big_digest, "the SHA-256 differs")
        print(f"      1 GiB in {time.monotonic() - began:.2f} s, hashing it included", flush=True)

    def two_hundred_curls_at_once(self):
        script = f"set -o pipefail; curl -sS -f --max-time {PATIENCE:.0f} {BASE}/five.bin | sha256sum"
        clients = [subprocess.Popen(self.namespace.command("bash", "-c", script), stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, env=ENVIRONMENT) for _ in range(200)]
        results = [client.communicate(timeout=2 * PATIENCE) + (client.returncode,) for client in clients]
        wanted = sha256(self.five)
        wrong = [result for result in results if result[2] != 0 or result[0].decode().split()[:1] != [wanted]]
        check(not wrong, f"{len(wrong)} of 200 failed, the first: {wrong[:1]}")

    def ranges_and_resume(self):
        check(self.curl("-r", "1000-1999", f"{BASE}/five.bin").stdout == self.five[1000:2000],
              "bytes 1000-1999 are others")
        check(self.curl("-r", "-77", f"{BASE}/five.bin").stdout == self.five[-77:], "the last 77 bytes are others")
        for name, command in (("curl", ("curl", "-sS", "-f", "-C", "-", "-o", "{file}", f"{BASE}/five.bin")),
                              ("wget", ("wget", "-q", "-c", "-O", "{file}", f"{BASE}/five.bin"))):
            file = FOLDER / f"resumed-{name}"
            file.write_bytes(self.five[:2_000_000])
            self.namespace.run(*[part.format(file=file) for part in command])
            check(file.read_bytes() == self.five, f"{name} went on, and the file is another")

    def ping(self):
        for arguments in (("-c", "3", "-i", "0.2"), ("-s", "1400", "-f", "-c", "10000")):
            said = self.namespace.run("ping", "-q", *arguments, OURS).stdout.decode()
            check(" 0% packet loss" in said, said)

    def get_on_a_second_tap(self):
        outside = Program(*self.namespace.command("python3", "-u", "-m", "http.server", "8000", "--bind", "0.0.0.0",
                                                  "--directory", str(SERVED)))
        with outside:
            outside.wait_for_line("Serving HTTP")
            for number, name in enumerate(("five.bin", "big.bin")):
                target = FOLDER / f"got-{name}"
                # An address a run: the kernel's TIME-WAIT would take a new stack's SYN for an old one.
                net = f"tap:strata1,addr=10.99.1.{10 + number}/24,host=10.99.1.2/24"
                self.namespace.run(self.strata, "get", f"http://10.99.1.2:8000/{name}", "-o", target, "--net", net)
                wanted = self.big_digest if name == "big.bin" else sha256(self.five)
                check(sha256_of_file(target) == wanted, f"{name} arrived as another file")
                target.unlink()
            missing = self.namespace.run(self.strata, "get", "http://10.99.1.2:8000/missing",
                                         "-o", FOLDER / "missing",
                                         "--net", "tap:strata1,addr=10.99.1.30/24,host=10.99.1.2/24", expect=1)
            check(b"404" in missing.stderr and missing.stderr.count(b"\n") == 1, missing.stderr)

    def five_seconds_without_link(self):
        """A client that has read a part of the file; then the link is down; and no byte may be missing or changed."""
        client = Program(*self.namespace.command("curl", "-sS", "-f", "--limit-rate", "100M",
                                                 "-o", FOLDER / "unplugged", f"{BASE}/big.bin"))
        file = FOLDER / "unplugged"

        def size():
            return file.stat().st_size if file.exists() else 0

        with client:
            deadline = time.monotonic() + PATIENCE
            while size() < 30 << 20:
                check(client.process.poll() is None and time.monotonic() < deadline,
                      f"no transfer to unplug: {client.lines}")
                time.sleep(0.02)
            self.namespace.ip("link", "set", "strata0", "down")
            down = time.monotonic()
            check(size() < GIB, "the transfer was over before the link was down")
            while time.monotonic() < down + 5:
                check(client.process.poll() is None, f"curl gave up: {client.lines}")
                time.sleep(0.05)
            stuck = size()
            self.namespace.ip("link", "set", "strata0", "up")
            client.process.wait(PATIENCE)
            check(client.process.returncode == 0, f"curl ended with {client.process.returncode}: {client.lines}")
        check(stuck < GIB, "nothing was left to transfer when the link came back")
        check(sha256_of_file(file) == self.big_digest, "what arrived is another file")
        file.unlink()

    def capture_without_a_bad_checksum(self):
        """TCP both ways, pings and UDP to a port without a listener, captured by us and read by tcpdump."""
        pcap = FOLDER / "capture.pcap"
        with self.serve("--pcap", pcap, tap="strata2", ours="10.99.2.1", kernel="10.99.2.2") as server:
            check(self.curl("http://10.99.2.1/five.bin").stdout == self.five, "another file")
            self.namespace.run("ping", "-q", "-c", "2", "-i", "0.2", "-s", "1000", "10.99.2.1")
            self.namespace.run("python3", "-c", "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
                                                ".sendto(b'x' * 500, ('10.99.2.1', 9))")
            # The port unreachable is written before the answer to this.
            self.namespace.run("ping", "-q", "-c", "1", "10.99.2.1")
            server.stop()
            check(server.process.returncode == 0, f"serve ended with {server.process.returncode}: {server.lines[-3:]}")
        said = self.namespace.run("tcpdump", "-n", "-vv", "-r", pcap).stdout.decode()
        bad = [line for line in said.splitlines()
               if re.search(r"incorrect|bad.{0,10}cksum|bad udp|wrong icmp|truncated", line)]
        check(not bad, f"{len(bad)} lines with a bad checksum, the first: {bad[:1]}")
        for part in ("cksum 0x", "Flags [S.]", "ICMP echo reply", "udp port 9 unreachable", "ARP"):
            check(part in said, f"the capture shows no '{part}'")
        payload = sum(int(length) for length in re.findall(r"10\.99\.2\.1\.80 > .*length (\d+)", said))
        check(payload >= len(self.five), f"the capture has only {payload} bytes of the file")

    def without_offload_and_with_a_small_mtu(self):
        with self.serve(tap="strata3", ours="10.99.3.1", kernel="10.99.3.2"):
            check(self.curl("http://10.99.3.1/five.bin").stdout == self.five, "another file")
        net = "tap:strata4,addr=10.99.4.1/24,host=10.99.4.2/24,mtu=600,offload=off,mac=02:00:00:00:00:04"
        with Program(*self.namespace.command(self.strata, "serve", SERVED, "--net", net)) as server:
            server.wait_for_line(r"serving .* at fetch://")
            check(self.curl("http://10.99.4.1/five.bin").stdout == self.five, "another file")
            neighbors = self.namespace.ip("neigh", "show", "dev", "strata4").stdout.decode()
            check("02:00:00:00:00:04" in neighbors, neighbors)

    def fetch_protocol(self):
        """The plain download protocol by a Python socket."""
        script = ("import socket,hashlib,sys\n"
                  f"s = socket.create_connection(('{OURS}', 8080)); s.sendall(b'five.bin'); h = hashlib.sha256()\n"
                  "while (b := s.recv(65536)): h.update(b)\n"
                  "print(h.hexdigest())")
        check(self.namespace.run("python3", "-c", script).stdout.decode().strip() == sha256(self.five), "another file")

    def bad_taps(self):
        taken = self.namespace.run(self.strata, "serve", SERVED,
                                   "--net", f"tap:strata0,addr=10.99.0.9/24,host={KERNEL}/24", expect=1)
        check(taken.stderr.count(b"\n") == 1 and b"strata0" in taken.stderr, taken.stderr)
        outside = self.namespace.run(self.strata, "serve", SERVED,
                                     "--net", "tap:strata9,addr=10.99.9.1/24,gw=10.1.1.1", expect=1)
        check(outside.stderr.count(b"\n") == 1 and b"10.1.1.1" in outside.stderr, outside.stderr)

    def no_permission(self):
        done = self.namespace.run("setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set", "-all",
                                  "--inh-caps", "-all", self.strata, "serve", "/usr/share",
                                  "--net", "tap:strata8,addr=10.99.8.1/24", expect=None)
        if (b"setpriv" in done.stderr and b"strata:" not in done.stderr
                or b"Permission denied" in done.stderr and b"strata" not in done.stderr):
            return  # the build lies where another user can't look
        check(done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"strata8" in done.stderr, done.stderr)


def main():
    require_tools("curl", "wget", "ping", "tcpdump", "ip")
    reason = why_no_tap()
    if reason:
        skip(reason)
    if shutil.disk_usage(FOLDER).free < 2 * GIB:
        skip(f"{FOLDER} has less than 2 GiB free")
    strata = program("STRATA", "build/strata")
    with Namespace() as namespace:
        test = TapTest(strata, namespace)
        with test.serve() as server:
            steps = ("a_gibibyte_by_curl", "two_hundred_curls_at_once", "ranges_and_resume", "ping", "fetch_protocol",
                     "get_on_a_second_tap", "five_seconds_without_link", "capture_without_a_bad_checksum",
                     "without_offload_and_with_a_small_mtu", "bad_taps", "no_permission")

            def ctrl_c():
                took = server.stop()
                check(took < 1.5 and server.process.returncode == 0,
                      f"took {took:.2f} s, exit code {server.process.returncode}")
                check(any("tcpOutSegs" in line for line in server.lines), "no counters at the end")

            run_steps([(name.replace("_", " "), getattr(test, name)) for name in steps] + [("Ctrl-C", ctrl_c)])


if __name__ == "__main__":
    main()
