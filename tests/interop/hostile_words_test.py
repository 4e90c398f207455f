#!/usr/bin/env python3
"""What strangers say never reaches a terminal raw: escape sequences, C1 controls, changes of the writing's direction,
forged lines of a log.

    strata get ── a server with a hostile reason phrase, Location, name and type
    a client with hostile requests ── strata serve, and its log
"""
# timeout: 120
import os
import re
import shutil
import socket
import subprocess
import threading

from meeting import ENVIRONMENT, Program, check, free_port, program, run, run_steps, scratch_folder

FOLDER = scratch_folder()
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# A terminal's title, a colour by C1's CSI in UTF-8 and as a byte, a name that is written backwards.
WORDS = b"\x1b]0;owned\x07 \xc2\x9b31m \x9b31m \xe2\x80\xaegpj.exe"


def check_harmless(shown, what):
    text = shown.decode("utf-8", "strict")
    found = HARMFUL.search(text)
    check(not found, f"{what} shows {found and found.group()!r} in {text!r}")


class Answers:
    """Gives every client the same answer."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            with client:
                request = b""
                while b"\r\n\r\n" not in request:
                    more = client.recv(65536)
                    if not more:
                        break
                    request += more
                client.sendall(self.answer)


def get(strata, answer, path="/file", *options, expect=1, cwd=FOLDER):
    server = Answers(answer)
    done = run(strata, "get", f"http://127.0.0.1:{server.port}{path}", *options, expect=expect, cwd=cwd)
    check_harmless(done.stdout + done.stderr, f"get of {answer[:40]!r}")
    return done


def errors(strata):
    done = get(strata, b"HTTP/1.1 500 " + WORDS + b"\r\nContent-Length: 0\r\n\r\n")
    check(b"cannot fetch" in done.stderr, f"no sentence: {done.stderr!r}")
    # RFC 9110 5.6.3 allows a tab in a reason phrase.
    get(strata, b"HTTP/1.1 500 a\tb" + WORDS[WORDS.index(b" "):] + b"\r\nContent-Length: 0\r\n\r\n")
    for location in (b"ftp://" + WORDS[WORDS.index(b"\xc2"):].replace(b" ", b""), b"\xc2\x9b31m\xe2\x80\xae://x/",
                     b"//" + WORDS):
        get(strata, b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
    # A redirect that is followed to where nothing is.
    get(strata, b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\xc2\x9b31m\xe2\x80\xaex\r\n"
                b"Content-Length: 0\r\n\r\n")
    get(strata, WORDS)


def names(strata):
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwords"
    folder = FOLDER / "names"
    for path, name in (("/a%1b%5d0;x%07.txt", "a%1B]0;x%07.txt"), ("/%e2%80%aegpj.exe", "%E2%80%AEgpj.exe"),
                       ("/one%0atwo", "one%0Atwo"),
                       ("/%c2%9b31m", "%C2%9B31m"), ("/%E4%B8%AD%20%2525", "中 %25")):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        get(strata, whole, path, expect=0, cwd=folder)
        found = [entry.name for entry in folder.iterdir()]
        check(found == [name], f"{path} was saved as {found}, not as {name!r}")
    # Names that the user chose are shown as harmlessly.
    get(strata, whole, "/x", "-o", b"\x1b[31m\xe2\x80\xae".decode(), expect=0)


def log(strata):
    """Each request is one line, whatever is in it, and nothing in it can look like another line's end."""
    folder = FOLDER / "served"
    folder.mkdir()
    (folder / "a").write_bytes(b"words")
    http, fetch = free_port(), free_port()
    process = subprocess.Popen([strata, "serve", str(folder), "--bind", "127.0.0.1", "--http", str(http),
                                "--fetch", str(fetch), "--for", "20"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT)
    try:
        for _ in range(3 if os.geteuid() == 0 else 2):  # where it serves, and to root as whom
            process.stdout.readline()  # it listens from here on
        targets = [b"/" + WORDS[WORDS.index(b"\xc2"):].replace(b" ", b""), b"/\xe2\x80\xa8x\"\x2c", b'/a"\\x1b',
                   b"/%0a127.0.0.1:1%20http"]
        for target in targets:
            with socket.create_connection(("127.0.0.1", http), 10) as client:
                client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                check(client.recv(65536).startswith(b"HTTP/1.1 4"), f"{target!r} was not refused")
                shown = process.stdout.readline()
                check_harmless(shown, f"the log of {target!r}")
                check(re.search(rb' http "GET [^"]*" 4\d\d ', shown), f"the log says {shown!r}")
        for name in (b"\x1b[31m", b"a\rb\x9b\xe2\x80\xae", b'a" found 5 bytes'):
            with socket.create_connection(("127.0.0.1", fetch), 10) as client:
                client.sendall(name + b"\n")
                client.recv(65536)
            shown = process.stdout.readline()
            check_harmless(shown, f"the log of the name {name!r}")
            check(re.search(rb' fetch "[^"]*" missing ', shown), f"the log says {shown!r}")
    finally:
        process.terminate()
        process.wait(10)


def main():
    strata = program("STRATA", "build/release/bin/strata")
    run_steps([("what a server says", lambda: errors(strata)), ("names of files", lambda: names(strata)),
               ("serve's log", lambda: log(strata))])


main()
