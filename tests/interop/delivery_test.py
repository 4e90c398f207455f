#!/usr/bin/env python3
"""What `strata serve` hands to a socket has not arrived: files over a link of 256 kbit/s, and servers that are killed
in the middle.

    namespace left            namespace middle              namespace right
    curl, strata get ── TAP wl ══ strata wire ══ TAP wr ── strata serve --net kernel, embedded
                10.98.0.1      256 kbit/s        10.98.0.2 └─ TAP own0 ── strata serve --net tap  10.99.0.1
"""
# labels: slow
# timeout: 300
import os
import re
import signal
import socket
import time

from meeting import (Namespace, Program, check, free_port, joined, listens, program, require_tools, run_steps,
                     scratch_folder, skip, wait_for, why_no_tap)

LEFT, RIGHT = "10.98.0.1", "10.98.0.2"
OURS, ROUTER = "10.99.0.1", "10.99.0.2"
FOLDER = scratch_folder()
SIZE = 128 << 10  # four seconds: the server once waited two behind its last write


class SlowLink:
    def __init__(self, strata, left, middle, right):
        self.strata, self.left, self.middle, self.right = strata, left, middle, right
        self.content = (FOLDER / "served" / "file.bin").read_bytes()

    def wire(self):
        return joined(self.strata, self.middle, {"wl": (self.left, LEFT), "wr": (self.right, RIGHT)},
                      "--rate", "256kbit", "--queue", "1000")

    def files_arrive(self, address, *where):
        """Whole, and the log says how slowly: but for the embedded network, where the gateway has them earlier."""
        with Program(*self.right.command(self.strata, "serve", str(FOLDER / "served"), *where,
                                         "--http", "8000", "--fetch", "8080")) as server:
            server.wait_for_line("serving .* at fetch://")
            began = time.monotonic()
            for command in (("curl", "-sS", "-f", "--http1.0", "-o", FOLDER / "curl",
                             f"http://{address}:8000/file.bin"),
                            (self.strata, "get", "--force", "-o", FOLDER / "http", f"http://{address}:8000/file.bin"),
                            (self.strata, "get", "--force", "-o", FOLDER / "fetch",
                             f"fetch://{address}:8080/file.bin")):
                self.left.run(*map(str, command))
            took = time.monotonic() - began
            for name in ("curl", "http", "fetch"):
                check((FOLDER / name).read_bytes() == self.content, f"{name}: the file is another")
            check(took > 10, f"the link is too fast: {took:.1f} s")
            server.stop()
            lines = [line for line in server.lines if "file.bin" in line]
            check(len(lines) == 3 and not any("cut off" in line for line in lines), lines)
            return [float(re.search(r"in ([0-9.]+) s", line).group(1)) for line in lines]

    def kernel(self):
        with self.wire():
            seconds = self.files_arrive(RIGHT, "--net", "kernel", "--bind", RIGHT)
        check(all(3.5 < each < 8 for each in seconds), f"the log says {seconds} s")

    def embedded(self):
        with self.wire():
            self.files_arrive(RIGHT, "--net", "embedded", "--bind", RIGHT)

    def tap(self):
        """Behind the link the kernel of `right` is the router to our stack."""
        self.right.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        with self.wire():
            self.left.ip("route", "add", "10.99.0.0/24", "via", RIGHT)
            seconds = self.files_arrive(OURS, "--net", f"tap:own0,addr={OURS}/24,host={ROUTER}/24,gw={ROUTER}")
        check(all(3.5 < each < 8 for each in seconds), f"the log says {seconds} s")

    def steps(self):
        return [(f"{name}: files arrive over a slow link", getattr(self, name))
                for name in ("kernel", "embedded", "tap")]


class Killed:
    """On loopback: a client that has read a little of a big file, and a server that ends now."""

    def __init__(self, strata):
        self.strata = strata

    def end_in_the_middle(self, net, how):
        port = free_port()
        server = Program(self.strata, "serve", FOLDER / "served", "--net", net, "--http", "off", "--fetch", port)
        with server:
            server.wait_for_line("serving .* at fetch://")
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.sendall(b"big.bin\n")
                check(len(client.recv(1000)) > 0, "no answer")
                server.process.send_signal(how)
                server.process.wait(20)
                try:
                    received = 1000
                    while got := client.recv(1 << 20):
                        received += len(got)
                except ConnectionResetError:
                    return
                check(False, f"an orderly end after {received} of {64 << 20} bytes")

    def a_log_that_cannot_be_written_ends_nothing(self):
        """Lines longer than a buffer, told of from the event loop while the client only waits."""
        port = free_port()
        command = (self.strata, "serve", FOLDER / "served", "--http", port, "--fetch", "off")
        with Program("sh", "-c", 'exec "$@" > /dev/full', "sh", *command) as server:
            check(wait_for(lambda: listens(port)), "nobody listens")
            client = socket.create_connection(("127.0.0.1", port), 10)
            with client:
                for _ in range(3):
                    client.sendall(b"GET " + (b"/" + b"%61" * 200) * 10 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                    check(b"404" in client.recv(1000), "no answer")
                    check(not wait_for(lambda: server.process.poll() is not None, 0.3), "the server is gone")

    def steps(self):
        return [("a log that cannot be written ends nothing", self.a_log_that_cannot_be_written_ends_nothing)] + \
               [(f"{net}: {how.name} in the middle of a file is a reset",
                 lambda net=net, how=how: self.end_in_the_middle(net, how))
                for net in ("kernel", "embedded") for how in (signal.SIGKILL, signal.SIGINT)]


def main():
    require_tools("ip", "curl")
    strata = program("STRATA", "build/strata")
    served = FOLDER / "served"
    served.mkdir()
    (served / "file.bin").write_bytes(os.urandom(SIZE))
    (served / "big.bin").write_bytes(bytes(64 << 20))
    run_steps(Killed(strata).steps())
    if reason := why_no_tap():
        skip(reason)
    with Namespace() as left, Namespace() as middle, Namespace() as right:
        run_steps(SlowLink(strata, left, middle, right).steps())


if __name__ == "__main__":
    main()
