#!/usr/bin/env python3
"""`strata put` and `strata ls`, against `strata serve --write` and against servers that mean harm: whole or not at all,
on the kernel's network, on the embedded one and on a TAP."""
# timeout: 300
import http.server
import json
import os
import signal
import subprocess
import threading

from meeting import (ENVIRONMENT, Here, Namespace, Program, check, program, run, run_steps, scratch_folder,
                     tree, wait_for, why_no_tap)

FOLDER = scratch_folder()
SOURCE = FOLDER / "source"
NAMES = ("说明 书.txt", "a b", "#%41?", "x" * 255, "new\nline", "-dash", "~", "'\"")
BIG = os.urandom(3 << 20)


def make_files():
    (SOURCE / "sub" / "deeper").mkdir(parents=True)
    (SOURCE / "empty folder").mkdir()
    (SOURCE / "big.bin").write_bytes(BIG)
    (SOURCE / "nothing").write_bytes(b"")
    for name in NAMES:
        (SOURCE / "sub" / name).write_text(name, encoding="utf-8")
    with open(bytes(SOURCE / "sub" / "deeper") + b"/\xffodd", "wb") as file:
        file.write(b"no text")


class Site:
    def __init__(self, strata, place, net, to, write="--write"):
        self.strata, self.place, self.net = strata, place, net
        self.served = FOLDER / to
        self.served.mkdir()
        self.server = Program(*place.command(strata, "serve", str(self.served), write, "--run-as", "root", "--http",
                                             "0", "--fetch", "off", "--control", "off"))
        port = self.server.wait_for_line(r"at http://[^ ]*?:(\d+)/")[1]
        self.base = f"http://{'10.99.0.2' if net.startswith('tap') else '127.0.0.1'}:{port}"

    def strata_does(self, *arguments, expect=0, data=None):
        done = subprocess.run([str(part) for part in self.place.command(self.strata, *arguments, "--net", self.net)],
                              input=data, stdin=subprocess.DEVNULL if data is None else None, capture_output=True,
                              timeout=60, env=ENVIRONMENT, check=False)
        check(done.returncode == expect, f"{arguments}: {done}")
        return done

    def one_file(self):
        self.strata_does("put", SOURCE / "big.bin", f"{self.base}/")
        self.strata_does("put", SOURCE / "big.bin", f"{self.base}/named")
        check((self.served / "big.bin").read_bytes() == BIG == (self.served / "named").read_bytes(), "other bytes came")

    def several(self):
        (self.served / "several").mkdir()
        done = self.strata_does("put", SOURCE / "big.bin", FOLDER / "none", SOURCE / "nothing", f"{self.base}/several",
                                expect=1)
        check(b"1 of 3 files were not sent; see above" in done.stderr, done.stderr)
        check(sorted(tree(self.served / "several")) == ["big.bin", "nothing"], tree(self.served / "several"))

    def a_folder(self):
        done = self.strata_does("put", "-r", SOURCE, f"{self.base}/")
        check(tree(self.served / "source") == tree(SOURCE), done.stderr)
        check((self.served / "source" / "empty folder").is_dir(), "the empty folder is missing")

    def by_a_pipe(self):
        self.strata_does("put", "-", f"{self.base}/piped", data=BIG)
        check((self.served / "piped").read_bytes() == BIG, "other bytes came")
        self.strata_does("put", "-", f"{self.base}/piped-nothing", data=b"")
        check((self.served / "piped-nothing").read_bytes() == b"", "something came")

    def replacing(self):
        (self.served / "there").write_bytes(b"old")
        self.strata_does("put", SOURCE / "nothing", f"{self.base}/there", expect=1)
        check((self.served / "there").read_bytes() == b"old", "replaced")
        self.strata_does("put", SOURCE / "big.bin", f"{self.base}/there", "--force")
        check((self.served / "there").read_bytes() == BIG, "not replaced")

    def listing(self):
        done = self.strata_does("ls", f"{self.base}/source/sub/")
        check(done.stdout.decode() == "".join(line + "\n" for line in ["deeper/", *sorted(
            name.replace("\n", "?") for name in NAMES)]), done.stdout)
        entries = json.loads(self.strata_does("ls", "--json", f"{self.base}/source").stdout)["entries"]
        check({(entry["name"], entry["kind"], entry.get("size")) for entry in entries} ==
              {("sub", "folder", None), ("empty folder", "folder", None), ("big.bin", "file", len(BIG)),
               ("nothing", "file", 0)}, entries)
        done = self.strata_does("ls", "-l", f"{self.base}/source/big.bin")
        check(b"3.0 MiB" in done.stdout and done.stdout.count(b"\n") == 1, done.stdout)
        done = self.strata_does("ls", f"{self.base}/none/", expect=1)
        check(b"no such file on the server (404)" in done.stderr, done.stderr)

    def nothing_half(self):
        """Stopped in the middle: nothing of it is under its name, or beside it."""
        for number in (signal.SIGINT, signal.SIGKILL):
            sender = Program(*self.place.command(self.strata, "put", "-", f"{self.base}/half", "--net", self.net),
                             stdin=subprocess.PIPE)
            with sender:
                sender.process.stdin.buffer.write(BIG)  # all but what a pipe holds has been read then
                sender.stop(number)
                if number == signal.SIGINT:
                    check(sender.process.returncode == 130, f"{sender.process.returncode} {sender.lines}")
                    check("was not sent whole" in "\n".join(sender.lines), sender.lines)
            check(not (self.served / "half").exists(), "half of it is there")
        check(wait_for(lambda: all(path.name[0] != "." for path in self.served.iterdir()), 10), "something is left")

    def stop(self):
        self.server.stop()


def local_files(strata):
    (FOLDER / "local").mkdir()
    url = f"file://{FOLDER}/local/"
    run(strata, "put", "-r", SOURCE, url)
    check(tree(FOLDER / "local" / "source") == tree(SOURCE), "other files came")
    check((FOLDER / "local" / "source" / "big.bin").stat().st_mtime == int((SOURCE / "big.bin").stat().st_mtime),
          "it has another date")
    listed = run(strata, "ls", f"{url}source/").stdout.decode()
    check(listed == "empty folder/\nsub/\nbig.bin\nnothing\n", listed)
    run(strata, "get", f"{url}source/big.bin", "-o", FOLDER / "back")
    check((FOLDER / "back").read_bytes() == BIG, "other bytes came back")


class Liar(http.server.BaseHTTPRequestHandler):
    answer = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.answer)

    def do_PUT(self):
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_):
        pass


def servers_that_mean_harm(strata):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        for answer in (b"", b"{", b"[" * 1000000, b'{"entries":[{"name":"../x"}]}',
                       b'{"entries":[{"name":"a\\u0000"}]}',
                       b'{"entries":[{"name":"a","href":"./a%2f..%2f"}]}', b'{"entries":7}', b"\xff\xfe",
                       b'{"entries":[' + b'{"name":"a"},' * 100000 + b'{"name":"a"}]}'):
            Liar.answer = answer
            done = run(strata, "ls", url, expect=1)
            check(done.stdout == b"" and done.stderr.count(b"\n") == 1, done)
        Liar.answer = json.dumps({"entries": [{"name": "\x1b[2J\u202eevil", "kind": "file"}]}).encode()
        check(run(strata, "ls", url).stdout == b"?[2J?evil\n", "a terminal would obey")
        # It says that it has it before it can: that is no success.
        done = run(strata, "put", SOURCE / "big.bin", url, expect=1)
        check(b"before it can have it all" in done.stderr, done.stderr)
        server.shutdown()


def main():
    make_files()
    strata = program("STRATA", "build/strata")
    steps = ("one_file", "several", "a_folder", "by_a_pipe", "listing", "nothing_half")

    def meet(title, site, names):
        with site.server:
            run_steps([(f"{title}: {name.replace('_', ' ')}", getattr(site, name)) for name in (*names, "stop")])

    meet("kernel", Site(strata, Here(), "kernel", "by-kernel"), steps)
    meet("kernel, all", Site(strata, Here(), "kernel", "by-kernel-all", "--write=all"), ("replacing",))
    meet("embedded", Site(strata, Here(), "embedded", "by-embedded"), steps)
    run_steps([("local files", lambda: local_files(strata)),
               ("servers that mean harm", lambda: servers_that_mean_harm(strata))])
    if reason := why_no_tap():
        print(f"left out: the TAP, {reason}", flush=True)
        return
    with Namespace() as place:
        meet("TAP", Site(strata, place, "tap:put0,addr=10.99.0.1/24,host=10.99.0.2/24", "by-tap"), steps)


if __name__ == "__main__":
    main()
