#!/usr/bin/env python3
"""How `strata serve` gets on with its clients, its log's reader and its folder; and `strata get` with what stands
where it shall write.

    strata serve (kernel, several threads, embedded) ── curl, python3's sockets
    strata get ── FIFOs, devices, links, files that are whole
"""
# timeout: 300
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time

from meeting import (ENVIRONMENT, PATIENCE, Program, check, free_port, program, require_tools, run, run_steps,
                     scratch_folder, sha256, sha256_of_file, wait_for)

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
FULL = os.environ.get("FULL") == "1"
ENTRIES = 20_000 if FULL else 5_000
BIG = (1 << 30) if FULL else (16 << 20)


def make_files():
    SERVED.mkdir()
    (SERVED / "small.txt").write_bytes(b"a small file\n")
    with open(SERVED / "big.bin", "wb") as file:
        for i in range(BIG >> 20):
            file.write(i.to_bytes(4, "big") * (1 << 18))
    (SERVED / "many").mkdir()
    for i in range(ENTRIES):
        (SERVED / "many" / f"entry-{i:06}").touch()
    (SERVED / "site").mkdir()
    (SERVED / "site" / "index.html").write_text("<p>home")
    (SERVED / "site" / "page.html").write_text("page")
    (SERVED / ".secret").write_bytes(b"secret")
    (SERVED / "gbk.txt").write_bytes("说明".encode("gbk"))


class Served:
    def __init__(self, strata, *options, net="kernel"):
        self.http = free_port()
        self.base = f"http://127.0.0.1:{self.http}"
        self.command = [strata, "serve", str(SERVED), "--net", net, "--http", str(self.http), "--fetch", "off",
                        *map(str, options)]
        if net == "kernel":
            self.command += ["--bind", "127.0.0.1"]

    def __enter__(self):
        self.program = Program(*self.command)
        self.program.wait_for_line("^serving ")
        return self

    def __exit__(self, *_):
        self.program.stop()

    def curl(self, path, *options, **more):
        return run("curl", "-sS", "-f", *options, f"{self.base}{path}", **more).stdout

    def connect(self, say=b""):
        connection = socket.create_connection(("127.0.0.1", self.http), PATIENCE)
        connection.sendall(say)
        return connection


def log_is_a_line_a_request(strata):
    for net in ("kernel", "embedded"):
        with Served(strata, "--log", "json", net=net) as served:
            connection = served.connect(b"GET /small.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            port = connection.getsockname()[1]
            while connection.recv(65536):
                pass
            line = json.loads(served.program.wait_for_line(r"^\{.*\}$").group())
            check(line["client"] == f"127.0.0.1:{port}", f"{net}: the client is {line['client']}, not 127.0.0.1:{port}")
            check((line["protocol"], line["request"], line["result"], line["bytes"], line["ending"])
                  == ("http", "GET /small.txt", "200", 13, "whole"), line)
            check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line["time"])
    with Served(strata, "--log", "off") as served:
        served.curl("/small.txt")
        served.program.stop()
        check(not [line for line in served.program.lines if "small" in line], served.program.lines)


def log_reader_that_stops(strata):
    """Nobody reads the log, and more is said than waits: everybody is served, and at the end it goes at once."""
    http = free_port()
    process = subprocess.Popen([strata, "serve", str(SERVED), "--bind", "127.0.0.1", "--http", str(http),
                                "--fetch", "off"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    try:
        check(process.stdout.readline().startswith(b"serving "), "it does not serve")
        request = b"GET " + b"/x" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", http), PATIENCE) as connection:
            # A pipe of 64 KiB, and a mebibyte that waits.
            for _ in range(600):
                connection.sendall(request)
                answer = b""
                while b"404 Not Found\n" not in answer:
                    more = connection.recv(65536)
                    check(more, "the connection ended")
                    answer += more
        run("curl", "-sS", "-f", "-m", "5", f"http://127.0.0.1:{http}/small.txt")
        text = b""
        while b"lines were dropped" not in text:
            text += os.read(process.stdout.fileno(), 65536)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)
    # And one that never goes on: the end does not wait for it.
    process = subprocess.Popen([strata, "serve", str(SERVED), "--bind", "127.0.0.1", "--http", str(http),
                                "--fetch", "off"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    try:
        check(process.stdout.readline().startswith(b"serving "), "it does not serve")
        with socket.create_connection(("127.0.0.1", http), PATIENCE) as connection:
            for _ in range(20):
                connection.sendall(request)
                connection.recv(65536)
    finally:
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        process.wait(10)
        check(time.monotonic() - began < 5, "it waits for who does not read its log")


def share_of_one_address(strata):
    """256 places: those that say nothing make room, those that are busy do not."""
    for options in ((), ("--threads", "2")):
        with Served(strata, *options) as served:
            idle = [served.connect() for _ in range(256)]
            check(served.curl("/small.txt") == b"a small file\n", "the 257th is not served")
            check(idle[0].recv(1) == b"", "the one that was idle longest has not made room")
            for connection in idle:
                connection.close()
        with Served(strata, *options) as served:
            busy = [served.connect(b"GET /small.txt HTT") for _ in range(256)]

            def refused():
                with served.connect(b"GET /small.txt HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
                    return connection.recv(65536).startswith(b"HTTP/1.1 503 ")
            wait_for(refused)
            busy.pop().close()
            wait_for(lambda: run("curl", "-sS", "-f", f"{served.base}/small.txt", expect=None).returncode == 0)
            for connection in busy:
                connection.close()


def large_folder(strata):
    for net in ("kernel", "embedded"):
        with Served(strata, net=net) as served:
            crowd = [subprocess.Popen(["curl", "-sS", "-f", f"{served.base}/many/"], stdout=subprocess.PIPE,
                                      env=ENVIRONMENT) for _ in range(20)]
            began = time.monotonic()
            check(served.curl("/small.txt") == b"a small file\n", "no file beside them")
            took = time.monotonic() - began
            pages = [each.communicate(timeout=PATIENCE)[0].decode() for each in crowd]
            for page in pages:
                names = re.findall(r'href="\./(entry-\d+)"', page)
                check(names == [f"entry-{i:06}" for i in range(ENTRIES)], f"{net}: {len(names)} of {ENTRIES} names")
            print(f"      {net}: a file beside 20 listings of {ENTRIES} took {took:.3f} s", flush=True)


def folders_and_texts(strata):
    with Served(strata) as served:
        check(served.curl("/site/") == b"<p>home", "no index")
        check(run("curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", f"{served.base}/.secret").stdout == b"404",
              "a dotfile is served")
        check(b".secret" not in served.curl("/"), "a dotfile is listed")
        check(b"\r\nContent-Type: text/plain\r\n" in served.curl("/gbk.txt", "-i"), "GBK is said to be something else")
    with Served(strata, "--hidden", "--no-index", "--charset", "GBK") as served:
        check(b"page.html" in served.curl("/site/"), "--no-index: no listing")
        check(served.curl("/.secret") == b"secret", "--hidden: not served")
        check(b"\r\nContent-Type: text/plain; charset=GBK\r\n" in served.curl("/gbk.txt", "-i"),
              "--charset is not said")
    check(run(strata, "serve", SERVED, "--charset", "nonsense", expect=2).stderr.startswith(b"strata: "),
          "a charset that is none")


def several_threads(strata):
    with Served(strata, "--threads", "3") as served:
        wanted = sha256_of_file(SERVED / "big.bin")
        many = [subprocess.Popen(["curl", "-sS", "-f", f"{served.base}/big.bin"], stdout=subprocess.PIPE,
                                 env=ENVIRONMENT) for _ in range(9)]
        for each in many:
            check(sha256(each.communicate(timeout=PATIENCE)[0]) == wanted, "not whole")
        wait_for(lambda: len([line for line in served.program.lines if f'GET /big.bin" 200 {BIG} ' in line]) == 9)
        second = run(strata, "serve", SERVED, "--bind", "127.0.0.1", "--threads", "2", "--http", served.http,
                     "--fetch", "off", expect=1)
        check(second.stderr.startswith(b"strata: cannot listen on 127.0.0.1"), second.stderr)
        slow = served.connect(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        slow.recv(1)
        took = served.program.stop()
        check(took < 5, f"it took {took} s to stop")
        slow.close()
    wrong = run(strata, "serve", SERVED, "--net", "embedded", "--threads", "2", expect=2)
    check(wrong.stderr.startswith(b"strata: --threads"), wrong.stderr)


def where_it_writes(strata):
    with Served(strata) as served:
        url, folder = f"{served.base}/small.txt", FOLDER / "written"
        folder.mkdir()

        def get(*options, expect=0):
            return run(strata, "get", url, *options, expect=expect, cwd=folder)
        get("-o", "/dev/null")
        check(stat.S_ISCHR(os.stat("/dev/null").st_mode), "/dev/null is no device any more")
        full = get("-o", "/dev/full", "--force", expect=1)
        check(b"No space left" in full.stderr and stat.S_ISCHR(os.stat("/dev/full").st_mode), full.stderr)
        os.mkfifo(folder / "pipe")
        reader = subprocess.Popen(["cat", folder / "pipe"], stdout=subprocess.PIPE)
        get("-o", "pipe")
        check(reader.communicate(timeout=PATIENCE)[0] == b"a small file\n", "the FIFO's reader")
        # /dev/stdout is a pipe here, and a file there.
        check(get("-o", "/dev/stdout").stdout == b"a small file\n", "/dev/stdout")
        with open(folder / "redirected", "wb") as file:
            subprocess.run([strata, "get", url, "-o", "/dev/stdout"], stdout=file, stderr=subprocess.DEVNULL,
                           env=ENVIRONMENT, timeout=PATIENCE, check=True)
        check((folder / "redirected").read_bytes() == b"a small file\n", "/dev/stdout that is a file")
        (folder / "private").write_bytes(b"old")
        os.chmod(folder / "private", 0o600)
        (folder / "link").symlink_to("private")
        get("-o", "link", "--force")
        check((folder / "link").is_symlink() and (folder / "private").read_bytes() == b"a small file\n", "the link")
        check(stat.S_IMODE(os.stat(folder / "private").st_mode) == 0o600, "the mode")
        (folder / "dangling").symlink_to("made")
        get("-o", "dangling")
        check((folder / "made").read_bytes() == b"a small file\n", "the dangling link")
        # Whole already.
        digest = sha256(b"a small file\n")
        get("-o", "made", "--resume")
        get("-o", "made", "--resume", "--sha256", digest)
        (folder / "made").write_bytes(b"A small file\n")
        other = get("-o", "made", "--resume", expect=1)
        check(b"--force" in other.stderr and (folder / "made").read_bytes() == b"A small file\n", other.stderr)
        # Ctrl-C while whoever reads takes nothing.
        process = subprocess.Popen([strata, "get", f"{served.base}/big.bin", "-o", "-"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=ENVIRONMENT)
        process.stdout.read(1)
        # It sleeps: in its write, for there is more than the pipe and the socket hold.
        wait_for(lambda: open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "S")
        process.send_signal(signal.SIGINT)
        check(process.wait(10) == 130, f"it ended with {process.returncode}")
        said = process.stderr.read()
        check(b"strata: interrupted" in said, f"it says {said!r}")
        check(not list(folder.glob("*.part*")), "a part is left")


def main():
    require_tools("curl")
    strata = program("STRATA", "build/release/bin/strata")
    make_files()
    steps = [log_is_a_line_a_request, log_reader_that_stops, share_of_one_address, large_folder, folders_and_texts,
             several_threads, where_it_writes]
    run_steps([(step.__name__.replace("_", " "), lambda step=step: step(strata)) for step in steps])


if __name__ == "__main__":
    main()
