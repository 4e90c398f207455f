#!/usr/bin/env python3
"""`strata serve --tftp` and the TFTP client among faults: killed in the middle, disks that are full, files that change
while they are read, what may not be read, many files with odd names, many transfers at once, links that are swapped in
a race, floods of who never answers. FULL=1: 10,000 files, a thousand transfers, and a client that waits for a server
that was killed until it gives up."""
# timeout: 600
import ctypes
import os
import shutil
import signal
import socket
import struct
import time
from pathlib import Path
from urllib.parse import quote

from meeting import (PATIENCE, Program, check, free_port, program, require_tools, run, run_steps, scratch_folder,
                     swapping, tree, wait_for, written_by)

FULL = os.environ.get("FULL") == "1"
ROOT = os.geteuid() == 0
FOLDER = scratch_folder()
BIG = os.urandom(24 << 20)
LARGE = (1 << 20) + 1  # bytes: what is smaller is read at once
SLOWLY = ("--blksize", "512", "--windowsize", "1")
MANY = 10_000 if FULL else 300
AT_ONCE = 1000 if FULL else 100  # all that `serve` has places for
A_REQUEST = 100  # files that one command fetches
KINDS = ("{:05}", "说明 书 {:05}", "a b {:05}", "#{:05}", "%41{:05}", "*?[{:05}", 'quo"te{:05}',
         "{:05}" + "x" * 250, "{:05}" + "字" * 83)  # of 255 and of 254 bytes
RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)


class Site:
    def __init__(self, strata, *options, name="served", before=(), net="kernel"):
        self.strata, self.folder = strata, FOLDER / name
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        self.command = (*before, strata, "serve", self.folder, "--net", net, "--bind", "127.0.0.1", "--http", "off",
                        "--fetch", "off", "--control", "off", *options, "--tftp")
        self.start(free_port())

    def start(self, port):
        self.server = Program(*self.command, port)
        self.server.wait_for_line(r"serving .* at tftp://")
        self.port = port
        self.base = f"tftp://127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def again(self):
        self.server.__exit__()
        self.start(self.port)

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def arriving(self):
        return written_by(self.server, self.folder)

    def get(self, name, to, *options):
        return Program(self.strata, "get", f"{self.base}/{quote(name)}", "-o", to, "--retry", "0", *options)

    def put(self, source, name, *options):
        return Program(self.strata, "put", source, f"{self.base}/{quote(name)}", "--retry", "0", *options)

    def still_serves(self):
        (self.folder / "still").write_bytes(b"here")
        one = Peer(self)
        check(one.read("still") == b"here", "it serves no more")


class Peer:
    """A client of the plainest kind, that does one thing at a time."""

    def __init__(self, site, source="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.settimeout(2)
        self.door = ("127.0.0.1", site.port)
        self.latest = None
        self.got = b""
        self.block = 0

    def ask(self, kind, name, *options):
        words = (os.fsencode(name), b"octet", *(str(each).encode() for each in options))
        self.send(struct.pack(">H", kind) + b"".join(word + b"\0" for word in words), self.door)

    def send(self, packet, to):
        self.latest = packet, to
        self.socket.sendto(packet, to)

    def next(self):
        """The next packet. What was said is said again, as it may be lost, or a disk may take its time."""
        began = time.monotonic()
        while True:
            try:
                packet, self.peer = self.socket.recvfrom(70_000)
                break
            except TimeoutError:
                check(time.monotonic() - began < PATIENCE, f"no answer to {self.latest[0][:80]}")
                self.socket.sendto(*self.latest)
        kind, number = struct.unpack(">HH", packet[:4])
        return kind, number, packet[4:]

    def answer(self, kind, number, content=b""):
        self.send(struct.pack(">HH", kind, number & 0xFFFF) + content, self.peer)

    def hears_nothing_but(self, kind):
        """For a moment."""
        self.socket.settimeout(0.2)
        try:
            while True:
                check(self.socket.recv(70_000)[1] == kind, "what nobody asked for")
        except TimeoutError:
            self.socket.settimeout(2)

    def step(self):
        """The next block; None: it was the last. An error ends it."""
        kind, number, content = self.next()
        check(kind == DATA, f"{kind} {number} {content}")
        if number == (self.block + 1) & 0xFFFF:
            self.block += 1
            self.got += content
        self.answer(ACK, number)
        return content if len(content) == 512 else None

    def read(self, name):
        self.ask(RRQ, name)
        while self.step() is not None:
            pass
        return self.got

    def write(self, name, content):
        """0, or the code of the error."""
        self.ask(WRQ, name)
        for block in range(len(content) // 512 + 2):
            kind, number, _ = self.next()
            while (kind, number) == (ACK, block - 1 & 0xFFFF):  # once more: we took our time
                kind, number, _ = self.next()
            if kind == ERROR:
                return number
            check((kind, number) == (ACK, block & 0xFFFF), f"{kind} {number} in answer to block {block}")
            if block <= len(content) // 512:
                self.answer(DATA, block + 1, content[block * 512:block * 512 + 512])
        return 0

    def refused(self, kind, name):
        """The code of the error in answer to a request."""
        self.ask(kind, name)
        answer, number, _ = self.next()
        check(answer == ERROR, f"{answer} {number}")
        return number


# ---- killed in the middle

class Killed:
    def __init__(self, strata, net):
        self.strata, self.net = strata, net
        self.to, self.part = FOLDER / "to", FOLDER / "to.part"

    def site(self):
        for path in (self.to, self.part, FOLDER / "to.part.version"):
            path.unlink(missing_ok=True)
        site = Site(self.strata, "--write=all", "--run-as", "root", name="killed", net=self.net)
        (site.folder / "big").write_bytes(BIG)
        return site

    def given_up(self, client):
        """One whose server is gone: it waits for half a minute, and is not waited for here."""
        if FULL:
            check(client.process.wait(90) == 1, client.lines)
            client.wait_for_line("nothing came any more")
        else:
            client.stop()
            check(client.process.returncode == 130, client.lines)

    def getting(self, who_dies):
        with self.site() as site:
            with site.get("big", self.to, *SLOWLY) as getting:
                check(wait_for(lambda: self.part.exists() and self.part.stat().st_size > 100_000), "nothing comes")
                (site.server if who_dies == "server" else getting).stop(signal.SIGKILL)
                if who_dies == "server":
                    self.given_up(getting)
                    site.again()
            check(not self.to.exists(), "a part has the name of the whole")
            had = self.part.stat().st_size
            check(0 < had < len(BIG) and self.part.read_bytes() == BIG[:had], "the part is of something else")
            run(self.strata, "get", f"{site.base}/big", "-o", self.to, "--resume", timeout=60)
            check(self.to.read_bytes() == BIG, "other bytes")

    def putting(self, who_dies):
        source = FOLDER / "source"
        source.write_bytes(BIG)
        with self.site() as site:
            (site.folder / "new").write_bytes(b"old")
            with site.put(source, "new", *SLOWLY) as putting:
                check(wait_for(lambda: site.arriving() > 100_000), "nothing comes")
                (site.server if who_dies == "server" else putting).stop(signal.SIGKILL)
                if who_dies == "server":
                    self.given_up(putting)
                    site.again()
            check(site.names() == ["big", "new"] and (site.folder / "new").read_bytes() == b"old", site.names())
            run(self.strata, "put", source, f"{site.base}/new", timeout=60)
            check((site.folder / "new").read_bytes() == BIG and site.names() == ["big", "new"], "other bytes")

    def steps(self):
        return [(f"{self.net}: kill -9 of the {who} of a {what}",
                 lambda what=what, who=who: (self.getting if what == "get" else self.putting)(who))
                for what in ("get", "put") for who in ("server", "client")]


# ---- the disk

def refuses_for_room(site, inside):
    """By all ways a file comes; nothing of it stays, and the next is served."""
    source = FOLDER / "source"
    source.write_bytes(BIG)
    check(Peer(site).write("kept", b"kept") == 0, "WRQ")
    for name in ("new", "kept"):
        check(Peer(site).write(name, BIG) == 3, "without options")
        for options in ((), ("--tftp-no-options",)):
            done = run("curl", "-sS", *options, "-T", source, f"{site.base}/{name}", expect=None, timeout=60)
            check(done.returncode == 70, done)  # CURLE_REMOTE_DISK_FULL
        said = run(site.strata, "put", source, f"{site.base}/{name}", "-q", "--retry", "0", expect=1).stderr.decode()
        check("the disk is full" in said and said.count("\n") == 1, said)
    check(wait_for(lambda: os.listdir(inside) == ["kept"]), os.listdir(inside))
    check(Peer(site).read("kept") == b"kept", "what was there is another")
    check(Peer(site).write("small", b"small") == 0, "there is room, and it is not taken")


def full_disk(strata):
    if not ROOT:
        print("left out: a small file system needs root", flush=True)
        return
    folder = FOLDER / "full"
    folder.mkdir()
    script = f'mount -t tmpfs -o size=1m,mode=777 tmpfs "{folder}" && exec "$@"'
    before = ("unshare", "-m", "sh", "-c", script, "sh")
    with Site(strata, "--write=all", "--keep-free", "0", "--run-as", "root", name="full", before=before) as site:
        refuses_for_room(site, f"/proc/{site.server.process.pid}/root{folder}")


def files_that_may_not_grow(strata):
    with Site(strata, "--write=all", "--run-as", "root", name="limited", before=("prlimit", f"--fsize={1 << 19}")) \
            as site:
        refuses_for_room(site, site.folder)


def room_that_is_to_stay_free(strata):
    with Site(strata, "--write=all", "--keep-free", "900000G", "--run-as", "root", name="kept-free") as site:
        check(Peer(site).write("new", b"x") == 3, "WRQ")
        check(site.names() == [], site.names())


def a_clients_disk(strata):
    here = FOLDER / "here"
    here.mkdir()
    with Site(strata, "--run-as", "root") as site:
        (site.folder / "big").write_bytes(BIG)
        mount = f'mount -t tmpfs -o size=4m tmpfs "{here}" && "$@"; code=$?; ls "{here}"; exit $code'
        ways = [(("prlimit", f"--fsize={1 << 20}"), "File too large", here / "big"),
                (("sh", "-c", '"$@" > /dev/full', "sh"), "No space left on device", "-")]
        if ROOT:
            ways.append((("unshare", "-m", "sh", "-c", mount, "sh"), "No space left on device", here / "big"))
        for before, words, to in ways:
            done = run(*before, strata, "get", f"{site.base}/big", "-o", to, "-q", "--retry", "0", "--force", expect=1)
            said = done.stderr.decode()
            check(words in said and said.count("\n") == 1, said)
            check(done.stdout in (b"", b"big.part\n"), done.stdout)
            check(not (here / "big").exists(), "a part has the name of the whole")
        site.still_serves()


# ---- what changes meanwhile

def files_that_change(strata):
    """As long as it was when it was asked for, and the same file, or an error."""
    with Site(strata, "--write=all", "--run-as", "root", name="changing") as site:
        path = site.folder / "big"
        for change in ("shorter", "replaced", "removed", "longer", "unreadable"):
            path.write_bytes(BIG[:LARGE])
            one = Peer(site)
            one.ask(RRQ, "big")
            one.step()
            if change == "shorter":
                os.truncate(path, 10_000)
            elif change == "replaced":
                (site.folder / "other").write_bytes(bytes(1000))
                (site.folder / "other").rename(path)
            elif change == "removed":
                path.unlink()
            elif change == "longer":
                with open(path, "ab") as file:
                    file.write(BIG)
            else:
                path.chmod(0)
            if change == "shorter":
                while (came := one.next())[0] == DATA:
                    one.answer(ACK, came[1])
                check(came[0] == ERROR and b"shorter" in came[2], came)
                continue
            while one.step() is not None:
                pass
            check(one.got == BIG[:LARGE], f"{change}: other bytes")
            path.unlink(missing_ok=True)
        site.server.wait_for_line('"get big" .*short')
        site.still_serves()


def what_is_put_changes(strata):
    source = FOLDER / "changing-source"
    with Site(strata, "--write=all", "--run-as", "root", name="put") as site:
        for change in ("shorter", "removed"):
            source.write_bytes(BIG)
            with site.put(source, "put", *SLOWLY) as putting:
                check(wait_for(lambda: site.arriving() > 100_000), "nothing comes")
                if change == "shorter":
                    os.truncate(source, 10_000)
                else:
                    source.unlink()
                code = putting.process.wait(60)
            if change == "shorter":
                check(code == 1 and site.names() == [], (putting.lines, site.names()))
            else:
                check(code == 0 and (site.folder / "put").read_bytes() == BIG, putting.lines)


def what_may_not_be_read(strata):
    if not ROOT:
        print("left out: another user than oneself needs root", flush=True)
        return
    with Site(strata, "--write=all", "--run-as", "nobody", name="rights") as site:
        for name in ("closed", "sealed"):
            (site.folder / name).mkdir()
            (site.folder / name / "inside").write_bytes(b"inside")
        (site.folder / "file").write_bytes(b"secret")
        (site.folder / "file").chmod(0)
        (site.folder / "closed").chmod(0)
        (site.folder / "sealed").chmod(0o555)
        for name in ("file", "closed/inside", "closed"):
            check(Peer(site).refused(RRQ, name) == 2, name)
        for name in ("sealed/new", "closed/new"):
            check(Peer(site).write(name, b"x") == 2, name)
        check(Peer(site).read("sealed/inside") == b"inside", "what may be read")
        shutil.rmtree(site.folder / "sealed")
        check(Peer(site).refused(RRQ, "sealed/inside") == 1, "a folder that is gone")
        check(Peer(site).refused(WRQ, "sealed/new") == 1, "into a folder that is gone")


# ---- many

def many_files(strata):
    """There, and back, under names of all kinds."""
    with Site(strata, "--write", "--run-as", "root", "--log", "off", name="many") as site:
        names = [KINDS[number % len(KINDS)].format(number) for number in range(MANY)]
        check(max(len(os.fsencode(name)) for name in names) == 255, "the longest name")
        for number, name in enumerate(names):
            (site.folder / name).write_bytes(os.urandom(number * 37 % 5000))
        to = FOLDER / "many-to"
        to.mkdir()
        for first in range(0, MANY, A_REQUEST):
            run(strata, "get", *(f"{site.base}/{quote(name)}" for name in names[first:first + A_REQUEST]), "-o", to,
                "-q", timeout=120)
        check(tree(to) == tree(site.folder), "other files")
        (site.folder / "back").mkdir()
        sources = sorted(to.iterdir())
        for first in range(0, MANY, A_REQUEST):
            run(strata, "put", *sources[first:first + A_REQUEST], f"{site.base}/back/", "-q", timeout=120)
        check(tree(site.folder / "back") == tree(to), "other files came back")
        # Nobody's name has a line's end in it.
        (site.folder / "line\nend").write_bytes(b"x")
        check(Peer(site).refused(RRQ, "line\nend") == 2 and Peer(site).refused(WRQ, "another\nend") == 2, "a newline")
        done = run(strata, "get", f"{site.base}/line%0Aend", "-o", to, "-q", expect=1)
        check(b"control characters" in done.stderr and done.stderr.count(b"\n") == 1, done.stderr)


def many_at_once(strata):
    with Site(strata, "--run-as", "root", "--log", "off", name="at-once") as site:
        content = os.urandom(20 * 512 + 100)
        (site.folder / "file").write_bytes(content)
        peers = [Peer(site, f"127.0.{1 + number // 10}.1") for number in range(AT_ONCE)]
        try:
            for first in range(0, AT_ONCE, 100):  # what a socket holds
                for peer in peers[first:first + 100]:
                    peer.ask(RRQ, "file")
                for peer in peers[first:first + 100]:
                    peer.step()
            # In step: all of them are under way until the last block.
            for block in range(1, 21):
                for peer in peers:
                    check((peer.step() is None) == (block == 20), f"block {block}")
            check(all(peer.got == content for peer in peers), "other bytes")
        finally:
            for peer in peers:
                peer.socket.close()
        site.still_serves()


# ---- those who mean harm

def links_that_are_swapped(strata):
    if not hasattr(ctypes.CDLL(None), "renameat2"):
        print("left out: no renameat2", flush=True)
        return
    outside = FOLDER / "outside"
    outside.mkdir()
    (outside / "victim").write_bytes(b"outside")
    (outside / "file").write_bytes(b"outside")
    before = tree(outside)
    with Site(strata, "--write=all", "--run-as", "root", "--log", "off", name="raced") as site:
        (site.folder / "in").mkdir()
        (site.folder / "link").symlink_to(outside)
        (site.folder / "in" / "file").write_bytes(b"inside")
        (site.folder / "file").write_bytes(b"inside")
        (site.folder / "leads-out").symlink_to(outside / "file")
        inside = 0
        with swapping(site.folder / "in", site.folder / "link"), \
                swapping(site.folder / "file", site.folder / "leads-out"):
            for turn in range(150):
                for name in ("in/file", "in/victim", "file"):
                    one = Peer(site, f"127.8.{turn}.1")  # an address hears but few errors
                    one.ask(RRQ, name)
                    kind, _, content = one.next()
                    check(content != b"outside", "it was led out")
                    one.answer(ACK, 1)
                    inside += kind == DATA
                for name in (f"in/new{turn}", "in/victim", "in/file"):
                    Peer(site, f"127.8.{turn}.1").write(name, b"inside")
        check(tree(outside) == before, f"reached from within: {tree(outside)}")
        check(inside > 0, "nothing was ever done within")


def who_never_answers(strata):
    """Is sent a packet, and a few more later; nothing large. Blocks that were never sent are not acknowledged."""
    with Site(strata, "--run-as", "root", "--log", "off", name="forged") as site:
        (site.folder / "big").write_bytes(BIG)
        window = ("blksize", 1024, "windowsize", 64, "tsize", 0)
        began = time.monotonic()
        victims = [Peer(site, f"127.7.{number % 250}.{1 + number // 250}") for number in range(500)]
        try:
            for victim in victims:
                victim.ask(RRQ, "big", *window)
                check(victim.next()[0] == OACK, "OACK")
                victim.ask(RRQ, "big", *window)
                victim.ask(RRQ, "big", *window)
            site.still_serves()
            seconds = time.monotonic() - began
            for victim in victims:
                victim.socket.setblocking(False)
                sizes = []
                try:
                    while True:
                        sizes.append(len(victim.socket.recv(70_000)))
                except BlockingIOError:
                    pass
                check(len(sizes) <= 6 and sum(sizes) < 1000, f"{sizes} within {seconds:.1f} s")
        finally:
            for victim in victims:
                victim.socket.close()
        # Nothing but its answer opens the window.
        one = Peer(site)
        one.ask(RRQ, "big", *window)
        check(one.next()[0] == OACK, "OACK")
        for block in (1, 5, 64, 65535):
            one.answer(ACK, block)
        one.hears_nothing_but(OACK)
        one.answer(ACK, 0)
        check(one.next()[0] in (DATA, OACK), "its answer")
        for block in (65, 200, 40_000):
            one.answer(ACK, block)
        one.answer(ACK, 64)
        last = 0
        while last < 65:
            kind, number, _ = one.next()
            check(kind in (DATA, OACK) and (kind == OACK or number <= 128), f"{kind} {number}")
            last = max(last, number if kind == DATA else 0)
        one.answer(ERROR, 0, b"enough\0")
        site.still_serves()


def main():
    require_tools("curl", "prlimit", "unshare")
    strata = program("STRATA", "build/strata")
    alone = (full_disk, files_that_may_not_grow, room_that_is_to_stay_free, a_clients_disk, files_that_change,
             what_is_put_changes, what_may_not_be_read, many_files, many_at_once, links_that_are_swapped,
             who_never_answers)
    run_steps([*Killed(strata, "kernel").steps(), *Killed(strata, "embedded").steps(),
               *((step.__name__.replace("_", " "), lambda step=step: step(strata)) for step in alone)])


if __name__ == "__main__":
    main()
