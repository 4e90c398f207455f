#!/usr/bin/env python3
"""A crowd that asks `strata serve` for a big file, reads nothing and goes: others are served meanwhile, and the
memory comes back.

    many sockets, curl ── the kernel ── strata serve --net kernel
                                    └── strata serve --net embedded

A hundred clients; with FULL=1 in the environment eight hundred.
"""
# labels: slow
# timeout: 300
import os
import resource
import socket
import time

from meeting import Program, check, free_port, program, require_tools, run, run_steps, scratch_folder
from raw_peer import rss_of

FOLDER = scratch_folder()
CLIENTS = 800 if os.environ.get("FULL") == "1" else 100
SHARE = 200  # of the places for one address
A_CLIENT = 512 << 10  # at most, while they are there
BACK_TO = 20 << 20
WITHIN = 60


class Crowd:
    def __init__(self, strata, net):
        self.net, self.port = net, free_port()
        self.server = Program(strata, "serve", FOLDER, "--net", net, "--http", self.port, "--fetch", "off")
        self.server.wait_for_line("serving .* at http://")

    def rss(self):
        return rss_of(self.server.process.pid)

    def curl(self):
        began = time.monotonic()
        got = run("curl", "-sS", "-f", "-m", "10", f"http://127.0.0.1:{self.port}/small.txt").stdout
        check(got == b"a small file\n", f"curl got {got[:100]}")
        return time.monotonic() - began

    def silent_client(self, number):
        client = socket.socket()
        client.bind((f"127.0.0.{2 + number // SHARE}", 0))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", self.port))
        client.sendall(b"GET /big.bin HTTP/1.0\r\n\r\n")
        return client

    def a_silent_crowd_comes_and_goes(self):
        self.curl()
        start = self.rss()
        clients = [self.silent_client(number) for number in range(CLIENTS)]
        for client in clients:
            check(client.recv(1) == b"H", "no answer")
        took, held = self.curl(), self.rss() - start
        check(took < 1, f"a lawful curl took {took:.2f} s")
        check(held < CLIENTS * A_CLIENT, f"{held >> 10} KiB for {CLIENTS} clients")
        for client in clients:
            client.close()
        gone, more = time.monotonic(), held
        while more > BACK_TO and time.monotonic() - gone < WITHIN:
            time.sleep(0.5)
            more = self.rss() - start
        check(more <= BACK_TO, f"{more >> 20} MiB more than at the start, {WITHIN} s after all had gone")
        print(f"      a curl beside them took {took:.2f} s; {held >> 20} MiB for {CLIENTS} clients, "
              f"{max(more, 0) >> 20} MiB {time.monotonic() - gone:.0f} s later", flush=True)
        self.curl()

    def steps(self):
        return [(f"{self.net}: a silent crowd comes and goes", self.a_silent_crowd_comes_and_goes)]


def main():
    require_tools("curl")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    (FOLDER / "big.bin").write_bytes(bytes(20 << 20))
    (FOLDER / "small.txt").write_text("a small file\n")
    crowds = [Crowd(program("STRATA", "build/strata"), net) for net in ("kernel", "embedded")]
    with crowds[0].server, crowds[1].server:
        run_steps([step for crowd in crowds for step in crowd.steps()])


if __name__ == "__main__":
    main()
