#!/usr/bin/env python3
"""What `strata serve` hands to a socket has not arrived: files over a link of 256 kbit/s, and servers that are killed in the middle.

    namespace left            namespace middle              namespace right
    curl, strata get ── TAP wl ══ strata wire ══ TAP wr ── strata serve --net kernel, embedded
                10.98.0.1      256 kbit/s                  10.98.0.2
"""
# labels: slow
# timeout: 300
import os
import re
import signal
import socket
import time

from meeting import Namespace, Program, check, free_port, program, require_tools, run_steps, scratch_folder, skip, why_no_tap

LEFT, RIGHT = "10.98.0.1", "10.98.0.2"
FOLDER = scratch_folder()
SIZE = 128 << 10  # four seconds: the server once waited two behind its last write


class SlowLink:
    def __init__(self, strata, left, middle, right):
        self.strata, self.left, self.middle, self.right = strata, left, middle, right
        self.content = (FOLDER / "served" / "file.bin").read_bytes()

    def wire(self):
        wire = Program(*self.middle.command(self.strata, "wire", "tap:wl", "tap:wr", "--rate", "256kbit", "--queue", "1000"))
        wire.wait_for_line("are joined")
        for name, namespace, address in (("wl", self.left, LEFT), ("wr", self.right, RIGHT)):
            self.middle.ip("link", "set", name, "netns", namespace.name)
            namespace.ip("addr", "add", f"{address}/24", "dev", name)
            namespace.ip("link", "set", name, "up")
        return wire

    def a_file_arrives_and_the_log_says_how_slowly(self, net):
        with self.wire(), Program(*self.right.command(self.strata, "serve", str(FOLDER / "served"), "--net", net, "--bind", RIGHT,
                                                      "--http", "8000", "--fetch", "8080")) as server:
            server.wait_for_line("serving .* at fetch://")
            began = time.monotonic()
            for command in (("curl", "-sS", "-f", "--http1.0", "-o", FOLDER / "curl", f"http://{RIGHT}:8000/file.bin"),
                            (self.strata, "get", "--force", "-o", FOLDER / "http", f"http://{RIGHT}:8000/file.bin"),
                            (self.strata, "get", "--force", "-o", FOLDER / "fetch", f"fetch://{RIGHT}:8080/file.bin")):
                self.left.run(*map(str, command))
            took = time.monotonic() - began
            for name in ("curl", "http", "fetch"):
                check((FOLDER / name).read_bytes() == self.content, f"{name}: the file is another")
            check(took > 10, f"the link is too fast: {took:.1f} s")
            server.stop()
            lines = [line for line in server.lines if "file.bin" in line]
            check(len(lines) == 3 and not any("cut off" in line for line in lines), lines)
            if net == "kernel":
                for line in lines:
                    seconds = float(re.search(r"in ([0-9.]+) s", line).group(1))
                    check(3.5 < seconds < 8, f"the log says {seconds} s: {line}")

    def kernel_files_arrive(self):
        self.a_file_arrives_and_the_log_says_how_slowly("kernel")

    def embedded_files_arrive(self):
        self.a_file_arrives_and_the_log_says_how_slowly("embedded")


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

    def steps(self):
        return [(f"{net}: {how.name} in the middle of a file is a reset", lambda net=net, how=how: self.end_in_the_middle(net, how))
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
        link = SlowLink(strata, left, middle, right)
        run_steps([(name.replace("_", " "), getattr(link, name)) for name in ("kernel_files_arrive", "embedded_files_arrive")])


if __name__ == "__main__":
    main()
