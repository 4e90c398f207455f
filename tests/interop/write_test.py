#!/usr/bin/env python3
"""`strata serve --write` and clients that put, make and remove: every byte is compared by SHA-256, and of what breaks
off nothing is left.

    curl, wget, python3's sockets ─┬─ loopback ── strata serve --net kernel (one thread, two)
                                   └─ loopback ── strata serve --net embedded

FULL=1: a GiB instead of 16 MiB.
"""
# timeout: 300
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import urllib.request
from urllib.parse import quote

from meeting import (ENVIRONMENT, PATIENCE, Program, check, free_port, program, require_tools, run, run_steps,
                     scratch_folder, sha256_of_file, tree, wait_for)

FULL = os.environ.get("FULL") == "1"
BIG = (1 << 30) if FULL else (16 << 20)
MANY = 1000
FOLDER = scratch_folder()
SERVED, OURS = FOLDER / "served", FOLDER / "ours"
ODD = ("two words", "100%", "50%25", "说明 书.txt", "a#b", "what?", "a&b", "new\nline", "n" * 255, "back\\slash", "é", "~",
       "…" * 85)


def make_files():
    OURS.mkdir()
    (OURS / "small.txt").write_bytes(b"a small file\n")
    (OURS / "empty").touch()
    with open(OURS / "big.bin", "wb") as file:
        for i in range(BIG >> 20):
            file.write(i.to_bytes(4, "big") * (1 << 18))


def empty_folder():
    """What is served, anew. Whoever root's server becomes may write there."""
    shutil.rmtree(SERVED, ignore_errors=True)
    SERVED.mkdir()
    SERVED.chmod(0o777)


def everything(folder=SERVED):
    """All names below it, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class Served:
    def __init__(self, strata, *options, net="kernel", before=(), folder=SERVED):
        self.http = free_port()
        self.base = f"http://127.0.0.1:{self.http}"
        self.command = [*before, strata, "serve", str(folder), "--net", net, "--http", str(self.http), "--fetch", "off",
                        "--bind", "127.0.0.1", "--no-qr", *map(str, options)]

    def __enter__(self):
        self.program = Program(*self.command)
        self.program.wait_for_line("^whoever reaches it may ")
        return self

    def __exit__(self, *_):
        self.program.stop()

    def curl(self, *arguments, timeout=PATIENCE):
        """What it says: a status, unless something else is asked for."""
        return run("curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", *arguments, timeout=timeout).stdout.decode()

    def put(self, file, name, *arguments):
        return self.curl("-T", file, *arguments, f"{self.base}/{quote(name)}")

    def ask(self, method, name):
        return self.curl("-X", method, f"{self.base}/{quote(name)}")

    def uploads(self):
        """Files that arrive: those that the server has open for writing."""
        folder = f"/proc/{self.program.process.pid}/fd"
        opened = []
        for number in os.listdir(folder):
            try:
                path = os.readlink(f"{folder}/{number}")
            except OSError:
                continue
            if path.startswith(str(SERVED) + "/") and ("#" in path or ".strata-upload-" in path):
                opened.append(path)
        return opened


class OnNet:
    def __init__(self, strata, net, *options):
        self.strata, self.net, self.options = strata, net, options

    def served(self, *options):
        return Served(self.strata, *options, *self.options, net=self.net)

    def steps(self):
        where = " ".join((self.net, *self.options))
        return [(f"{where}: {step.__doc__}", step) for step in (
            self.files_are_put, self.what_is_there_stays, self.wget_puts, self.a_thousand, self.killed_client,
            self.killed_server, self.json_lists)]

    def files_are_put(self):
        """curl puts files and folders, replaces and removes them, whatever their names"""
        empty_folder()
        with self.served("--write=all") as served:
            check(served.ask("MKCOL", "sub/") == "201", "MKCOL")
            for name in ("small.txt", "empty", "big.bin"):
                check(served.put(OURS / name, f"sub/{name}") == "201", f"PUT {name}")
                check(sha256_of_file(SERVED / "sub" / name) == sha256_of_file(OURS / name), f"{name} is another")
            with open(OURS / "big.bin", "rb") as file:  # without a length
                done = subprocess.run(["curl", "-sS", "-T", "-", "-o", os.devnull, "-w", "%{http_code}",
                                       f"{served.base}/chunked"], stdin=file, capture_output=True, env=ENVIRONMENT,
                                      timeout=PATIENCE, check=True)
            check(done.stdout == b"201", f"PUT in chunks: {done.stdout}")
            check(sha256_of_file(SERVED / "chunked") == sha256_of_file(OURS / "big.bin"), "what came in chunks differs")
            for name in ODD:
                check(served.put(OURS / "small.txt", name) == "201", f"PUT {name!r}")
                check((SERVED / name).read_bytes() == b"a small file\n", f"{name!r} is another")
                check(served.ask("DELETE", name) == "204", f"DELETE {name!r}")
            os.chmod(SERVED / "sub" / "small.txt", 0o640)
            check(served.put(OURS / "empty", "sub/small.txt") == "204", "it does not replace")
            check((SERVED / "sub/small.txt").stat().st_size == 0, "it has not replaced")
            check(stat.S_IMODE((SERVED / "sub/small.txt").stat().st_mode) == 0o640, "the mode is another")
            check(run("curl", "-sS", f"{served.base}/sub/small.txt").stdout == b"", "the old file is served")
            check(served.ask("DELETE", "sub/") == "409", "a folder that is not empty was removed")
            check(everything() == ["chunked", "sub", "sub/big.bin", "sub/empty", "sub/small.txt"], everything())
            served.program.wait_for_line(f'"PUT /sub/big.bin" 201 {BIG} bytes')

    def what_is_there_stays(self):
        """whoever may only add replaces and removes nothing, and is told before he sends it"""
        empty_folder()
        (SERVED / "old.txt").write_text("old")
        with self.served("--write") as served:
            check(served.put(OURS / "small.txt", "new.txt") == "201", "it cannot add")
            answer = served.put(OURS / "big.bin", "old.txt", "-H", "Expect: 100-continue", "--expect100-timeout", "30",
                                "-w", "%{http_code} %{size_upload}")
            check(answer == "403 0", f"replacing: {answer}")
            check(served.put(OURS / "big.bin", "old.txt", "-H", "Expect:") == "403", "replacing, without asking")
            check(served.ask("DELETE", "old.txt") == "403", "it removed")
            check(served.put(OURS / "small.txt", "../../escaped") == "201", "above the root there is nothing")
            check(served.put(OURS / "small.txt", ".hidden") == "403", "a hidden name was written")
            check(served.put(OURS / "small.txt", "missing/new") == "409", "a folder was missing")
            allowed = run("curl", "-sS", "-i", "-X", "OPTIONS", served.base).stdout
            check(b"\r\nAllow: GET, HEAD, OPTIONS, PUT, MKCOL\r\n" in allowed, allowed)
        check((SERVED / "old.txt").read_text() == "old", "it was changed")
        check(everything() == ["escaped", "new.txt", "old.txt"], everything())

    def wget_puts(self):
        """wget puts and removes"""
        empty_folder()
        with self.served("--write=all") as served:
            wget = ("wget", "-q", "-O", os.devnull)
            run(*wget, "--method=PUT", f"--body-file={OURS / 'big.bin'}", f"{served.base}/by-wget")
            check(sha256_of_file(SERVED / "by-wget") == sha256_of_file(OURS / "big.bin"), "it is another")
            run(*wget, "--method=DELETE", f"{served.base}/by-wget")
            check(everything() == [], everything())

    def a_thousand(self):
        """a thousand small files over one connection"""
        empty_folder()
        many = FOLDER / "many"
        if not many.exists():
            many.mkdir()
            for i in range(MANY):
                (many / f"{i:04}").write_bytes(f"file {i}\n".encode() * (i % 50))
        with self.served("--write") as served:
            said = self.curl_many(served, many)
            check(said.count("201 1\n") + said.count("201 0\n") == MANY, said[-200:])
            check(said.count("201 1\n") <= 2, "each had a connection of its own")
        check(tree(SERVED) == tree(many), "they differ")

    def curl_many(self, served, many):
        """Statuses, and how many connections each file needed."""
        config = FOLDER / "config"
        config.write_text("\nnext\n".join(
            f'silent\nupload-file = "{many / f"{i:04}"}"\nurl = "{served.base}/{i:04}"\noutput = "{os.devnull}"\n'
            'write-out = "%{http_code} %{num_connects}\\n"' for i in range(MANY)))
        return run("curl", "-K", config).stdout.decode()

    def begin_upload(self, served, name):
        client = subprocess.Popen(["curl", "-sS", "-T", str(OURS / "big.bin"), "--limit-rate", "2M", "-H", "Expect:",
                                   f"{served.base}/{name}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=ENVIRONMENT)
        check(wait_for(served.uploads), "nothing arrives")
        return client

    def killed_client(self):
        """a client that is killed leaves nothing, and what it would have replaced stays"""
        empty_folder()
        (SERVED / "old.txt").write_text("old")
        (SERVED / "old.txt").chmod(0o666)
        with self.served("--write=all") as served:
            for name in ("new.bin", "old.txt"):
                client = self.begin_upload(served, name)
                client.kill()
                client.wait()
                check(wait_for(lambda: not served.uploads()), "it is still open")
                served.program.wait_for_line(f'"PUT /{name}" - [0-9]+ bytes .*cut off: the client left')
        check(everything() == ["old.txt"] and (SERVED / "old.txt").read_text() == "old", everything())

    def killed_server(self):
        """a server that is killed leaves nothing, and what it answered with 201 is there"""
        empty_folder()
        (SERVED / "old.txt").write_text("old")
        (SERVED / "old.txt").chmod(0o666)
        with self.served("--write=all") as served:
            check(served.put(OURS / "small.txt", "kept.txt") == "201", "PUT")
            clients = [self.begin_upload(served, name) for name in ("new.bin", "old.txt")]
            served.program.stop(signal.SIGKILL)
            for client in clients:
                check(client.wait(PATIENCE) != 0, "curl took a part for the whole")
        seen = [name for name in everything() if not name.startswith(".strata-upload-")]
        check(seen == ["kept.txt", "old.txt"], seen)
        check((SERVED / "old.txt").read_text() == "old", "a part is in its place")
        check((SERVED / "kept.txt").read_bytes() == (OURS / "small.txt").read_bytes(), "what was answered is lost")

    def json_lists(self):
        """its listing as JSON has every name, to the byte"""
        empty_folder()
        (SERVED / "folder").mkdir()
        for name in ODD:
            (SERVED / name).write_bytes(b"text")
        (SERVED / os.fsdecode(b"gbk \xcb\xb5")).touch()
        with self.served("--write") as served:
            request = urllib.request.Request(f"{served.base}/", headers={"Accept": "application/json"})
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=PATIENCE) as answer:
                check(answer.headers["Content-Type"] == "application/json", answer.headers["Content-Type"])
                check(answer.headers["Vary"] == "Accept", "Vary")
                listing = json.load(answer)
        check(listing["path"] == "/", listing["path"])
        entries = {entry["name"]: entry for entry in listing["entries"]}
        check(entries["folder"]["kind"] == "folder" and "size" not in entries["folder"], entries["folder"])
        check(all(entries[name]["size"] == 4 and entries[name]["kind"] == "file" for name in ODD), "sizes")
        links = {urllib.parse.unquote_to_bytes(entry["href"]) for entry in listing["entries"]}
        there = {b"./" + os.fsencode(path.name) + (b"/" if path.is_dir() else b"") for path in SERVED.iterdir()}
        check(links == there, f"{links ^ there}")


class Faults:
    def __init__(self, strata):
        self.strata = strata

    def steps(self):
        return [(step.__doc__, step) for step in (self.full_disk, self.kept_free, self.who_may_not, self.wrong_use,
                                                  self.short_body)]

    def full_disk(self):
        """a full disk: 507, and no part of a file"""
        if os.geteuid() != 0:
            print("left out: a small file system needs root", flush=True)
            return
        empty_folder()
        # In a mount namespace of its own, gone with the server.
        script = f'mount -t tmpfs -o size=8m,mode=777 tmpfs "{SERVED}" && exec "$@"'
        before = ("unshare", "-m", "sh", "-c", script, "sh")
        with Served(self.strata, "--write", "--keep-free", "0", before=before) as served:
            inside = f"/proc/{served.program.process.pid}/root{SERVED}"
            check(served.put(OURS / "big.bin", "a") == "507", "its length was said")
            check(served.curl("-T", OURS / "big.bin", "-H", "Transfer-Encoding: chunked", f"{served.base}/a") == "507",
                  "in chunks")
            check(wait_for(lambda: os.statvfs(inside).f_bfree > 1900), "what came of it is still there")
            check(os.listdir(inside) == [], os.listdir(inside))
            check(served.put(OURS / "small.txt", "a") == "201", "there is room again")

    def kept_free(self):
        """what is to be free of the disk is kept"""
        empty_folder()
        with Served(self.strata, "--write", "--keep-free", "900000G") as served:
            check(served.put(OURS / "small.txt", "a") == "507", "PUT")
            check(served.ask("MKCOL", "b") == "507", "MKCOL")
        check(everything() == [], everything())

    def who_may_not(self):
        """who cannot write in the folder says so instead of serving it"""
        empty_folder()
        if os.geteuid() != 0:
            SERVED.chmod(0o555)
        else:
            SERVED.chmod(0o755)
        failed = run(self.strata, "serve", SERVED, "--write", "--http", "0", "--fetch", "off", "--bind", "127.0.0.1",
                     expect=1)
        SERVED.chmod(0o755)
        check(b"may not write into the folder" in failed.stderr, failed.stderr)

    def wrong_use(self):
        """what is not understood"""
        for options, words in ((("--write=some",), b"--write"), (("--write", "--keep-free", "much"), b"--keep-free")):
            failed = run(self.strata, "serve", SERVED, *options, expect=2)
            check(words in failed.stderr and failed.stderr.count(b"\n") == 1, failed.stderr)

    def short_body(self):
        """who ends his side before the end of a file has put none"""
        empty_folder()
        with Served(self.strata, "--write") as served:
            with socket.create_connection(("127.0.0.1", served.http), PATIENCE) as client:
                client.sendall(b"PUT /short HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
                client.shutdown(socket.SHUT_WR)
                check(client.recv(1000) == b"", "it was answered")
        check(everything() == [], everything())


def main():
    require_tools("curl", "wget")
    strata = program("STRATA", "build/strata")
    make_files()
    steps = []
    for on_net in (OnNet(strata, "kernel"), OnNet(strata, "kernel", "--threads", "2"), OnNet(strata, "embedded")):
        steps += on_net.steps()
    run_steps(steps + Faults(strata).steps())


if __name__ == "__main__":
    main()
