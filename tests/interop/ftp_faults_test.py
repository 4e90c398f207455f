#!/usr/bin/env python3
"""`strata serve --ftp` and the FTP client among faults: killed in the middle, disks that are full, files that change
while they are read, what may not be read, a clock that is set back, strangers and half a connection, a crowd that says
nothing, links that are swapped in a race, hostile words, and data connections that have to show whose they are.
FULL=1: a crowd of 10,000."""
# timeout: 300
import ctypes
import ftplib
import io
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

from meeting import (ENVIRONMENT, Program, check, free_port, installed, program, require_tools, run, run_steps,
                     scratch_folder, sha256, swapping, tree, wait_for, written_by)
from wrong_clock import set_clock, wrong_clock

FULL = os.environ.get("FULL") == "1"
ROOT = os.geteuid() == 0
FOLDER = scratch_folder()
BIG = os.urandom(40 << 20)  # more than two sockets hold
CROWD = 10_000 if FULL else 300
PLACES = 1024  # that `serve` has
PER_SESSION = 64 << 10  # bytes


class Site:
    """A server of a folder of its own, and who talks to it."""

    def __init__(self, strata, *options, name="served", before=(), environment=(), port=0):
        self.strata, self.folder = strata, FOLDER / name
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        self.command = (*before, "env", *environment, strata, "serve", self.folder, "--bind", "127.0.0.1", "--http",
                        "off", "--fetch", "off", "--control", "off", *options, "--ftp")
        self.start(port)

    def start(self, port):
        self.server = Program(*self.command, port)
        self.port = int(self.server.wait_for_line(r"serving .* at ftp://[^/]*?:(\d+)/")[1])
        self.base = f"ftp://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def killed(self):
        self.server.process.kill()
        self.server.process.wait()

    def again(self):
        self.server.__exit__()
        self.start(self.port)

    def ftp(self):
        ftp = ftplib.FTP(encoding="utf-8", timeout=20)
        ftp.connect("127.0.0.1", self.port)
        ftp.login()
        ftp.voidcmd("TYPE I")
        return ftp

    def line(self):
        """The control connection, byte by byte; logged in."""
        control = socket.create_connection(("127.0.0.1", self.port), 20)
        heard = control.makefile("rb")
        check(heard.readline().startswith(b"220"), "no greeting")
        for each, code in ((b"USER ftp", b"331"), (b"PASS x", b"230")):
            control.sendall(each + b"\r\n")
            check(heard.readline().startswith(code), each)
        return control, heard

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def arriving(self):
        return written_by(self.server, self.folder)

    def still_serves(self):
        with self.ftp() as ftp:
            ftp.voidcmd("NOOP")


def code_of(act, *arguments):
    """The code of the last reply."""
    try:
        return str(act(*arguments))[:3]
    except ftplib.Error as error:
        return str(error)[:3]


def fetched(ftp, name):
    got = io.BytesIO()
    ftp.retrbinary(f"RETR {name}", got.write)
    return got.getvalue()


def stored(ftp, command, rest=None):
    """The code, if the rest of it was not even heard out as well."""
    try:
        return code_of(lambda: ftp.storbinary(command, io.BytesIO(BIG), rest=rest))
    except OSError:
        return code_of(ftp.voidresp)


def half_read(site, name="big"):
    """A client that has begun to read it, and takes no more for now."""
    ftp = site.ftp()
    data = ftp.transfercmd(f"RETR {name}")
    check(len(data.recv(1000)) > 0, "nothing came")
    return ftp, data


def the_rest(ftp, data):
    """How many bytes came, whether the end was in order, and the reply."""
    count, in_order = 0, True
    try:
        while got := data.recv(1 << 20):
            count += len(got)
    except ConnectionResetError:
        in_order = False
    data.close()
    code = code_of(ftp.voidresp)
    ftp.close()
    return count, in_order, code


# ---- killed in the middle

class Killed:
    def __init__(self, strata, net):
        self.strata, self.net = strata, net
        self.to = FOLDER / "to"
        self.part = FOLDER / "to.part"

    def site(self):
        for path in (self.to, self.part, FOLDER / "to.part.version"):
            path.unlink(missing_ok=True)
        site = Site(self.strata, "--write=all", "--net", self.net, "--run-as", "root", name="killed", port=free_port())
        (site.folder / "big").write_bytes(BIG)
        return site

    def get(self, site, *options):
        return Program(self.strata, "get", f"{site.base}/big", "-o", self.to, "--retry", "0", *options)

    def begun(self, getting):
        check(wait_for(lambda: self.part.exists() and self.part.stat().st_size > 100_000), "nothing comes")
        check(getting.process.poll() is None, "it was over before")

    def goes_on(self, site):
        """What is there is a part, is not called more, and is gone on with."""
        check(not self.to.exists(), "a part has the name of the whole")
        had = self.part.stat().st_size
        check(0 < had < len(BIG) and self.part.read_bytes() == BIG[:had], "the part is of something else")
        run(self.strata, "get", f"{site.base}/big", "-o", self.to, "--resume", timeout=60)
        check(self.to.read_bytes() == BIG, "other bytes")
        site.server.wait_for_line(f'"RETR /big" 226 {len(BIG) - had} bytes')

    def server_of_a_get(self):
        with self.site() as site:
            with self.get(site, "--limit-rate", "4M") as getting:
                self.begun(getting)
                site.killed()
                check(getting.process.wait(60) == 1, getting.lines)
                getting.wait_for_line("--resume")
            site.again()
            self.goes_on(site)

    def client_of_a_get(self):
        with self.site() as site:
            with self.get(site, "--limit-rate", "4M") as getting:
                self.begun(getting)
                getting.stop(signal.SIGKILL)
            self.goes_on(site)

    def tries_again_by_itself(self):
        """A client that may try again goes on with what it has when the server is there again."""
        with self.site() as site:
            with Program(self.strata, "get", f"{site.base}/big", "-o", self.to, "--retry", "20", "--limit-rate",
                         "40M") as getting:
                self.begun(getting)
                site.killed()
                site.again()
                check(getting.process.wait(60) == 0 and self.to.read_bytes() == BIG, getting.lines)
            came = int(site.server.wait_for_line(r'"RETR /big" 226 (\d+) bytes')[1])
            check(came < len(BIG), "it began anew")

    def put(self, site, source):
        return Program(self.strata, "put", source, f"{site.base}/", "--retry", "0", "--limit-rate", "4M", "--force")

    def put_begun(self, site, putting):
        check(wait_for(lambda: site.arriving() > 100_000), "nothing comes")
        check(putting.process.poll() is None, "it was over before")

    def putting(self, who_dies):
        source = FOLDER / "new"
        source.write_bytes(BIG)
        with self.site() as site:
            (site.folder / "new").write_bytes(b"old")
            with self.put(site, source) as putting:
                self.put_begun(site, putting)
                if who_dies == "server":
                    site.killed()
                    check(putting.process.wait(60) == 1, putting.lines)
                    site.again()
                else:
                    putting.stop(signal.SIGKILL)
            check(wait_for(lambda: site.names() == ["big", "new"]), site.names())
            check((site.folder / "new").read_bytes() == b"old", "a part took its place")
            run(self.strata, "put", source, f"{site.base}/", "--force", timeout=60)
            check((site.folder / "new").read_bytes() == BIG, "other bytes")

    def server_of_a_put(self):
        self.putting("server")

    def client_of_a_put(self):
        self.putting("client")

    def steps(self):
        return [(f"{self.net}: kill -9 of the {name.replace('_', ' ')}", getattr(self, name)) for name in
                ("server_of_a_get", "client_of_a_get", "server_of_a_put", "client_of_a_put")] + \
               [(f"{self.net}: a client that tries again by itself", self.tries_again_by_itself)]


# ---- the disk

class Disk:
    def __init__(self, strata):
        self.strata = strata

    def tmpfs(self, folder, *command):
        """The command, where a small file system is on the folder: gone with it."""
        script = f'mount -t tmpfs -o size=4m,mode=777 tmpfs "{folder}" && exec "$@"'
        return ("unshare", "-m", "sh", "-c", script, "sh", *command)

    def refuses(self, site, inside, code, words):
        """All ways in which a file comes; nothing of it stays, and the next is served."""
        with site.ftp() as ftp:
            ftp.storbinary("STOR kept", io.BytesIO(b"kept"))
            for command in ("STOR new", "STOR kept", "APPE kept", "APPE new", "STOU new"):
                check(stored(ftp, command) == code, command)
            check(stored(ftp, "STOR kept", rest=2) == code, "REST, STOR")
            check(os.listdir(inside) == ["kept"], os.listdir(inside))
            check(fetched(ftp, "kept") == b"kept", "what was there is another")
        source = FOLDER / "source"
        source.write_bytes(BIG)
        said = run(self.strata, "put", source, f"{site.base}/new", "--retry", "0", expect=1).stderr.decode()
        check(f"'{code} {words}'" in said, said)
        check(os.listdir(inside) == ["kept"], os.listdir(inside))
        with site.ftp() as ftp:
            ftp.storbinary("STOR small", io.BytesIO(b"small"))
            check(fetched(ftp, "small") == b"small", "there is room, and it is not taken")
            ftp.delete("small")

    def that_is_full(self):
        folder = FOLDER / "full"
        folder.mkdir()
        with Site(self.strata, "--write=all", "--keep-free", "0", "--run-as", "root", name="full",
                  before=self.tmpfs(folder)) as site:
            inside = f"/proc/{site.server.process.pid}/root{folder}"
            self.refuses(site, inside, "452", "There is no room for it.")
            with site.ftp() as ftp:
                # What is said beforehand is refused before it comes.
                ftp.voidcmd("ALLO 9000000")
                check(code_of(ftp.transfercmd, "STOR new") == "452", "ALLO")
                check(code_of(ftp.mkd, "folder") == '/fo', "MKD")

    def where_files_are_small(self):
        with Site(self.strata, "--write=all", "--run-as", "root", name="limited",
                  before=("prlimit", f"--fsize={1 << 20}")) as site:
            self.refuses(site, site.folder, "552", "It is too large.")

    def ours(self, words, *before, to):
        """`strata get` says so, and what it leaves is a part."""
        with Site(self.strata, "--run-as", "root") as site:
            (site.folder / "big").write_bytes(BIG)
            done = run(*before, self.strata, "get", f"{site.base}/big", "-o", to, "--retry", "0", "-q", expect=1)
        said = done.stderr.decode()
        check(said.count("\n") == 1 and all(each in said for each in words), said)
        return done.stdout.decode()

    def of_a_client(self):
        here = FOLDER / "here"
        here.mkdir()
        words = ("No space left on device", "make room there and go on with --resume")
        script = f'"$@"; code=$?; ls {here}; exit $code'
        left = self.ours(words, *self.tmpfs(here, "sh", "-c", script, "sh"), to=here / "big")
        check(left.split() == ["big.part", "big.part.version"], left)
        self.ours(("No space left on device",), "sh", "-c", '"$@" > /dev/full', "sh", to="-")

    def where_a_clients_files_are_small(self):
        here = FOLDER / "small"
        here.mkdir()
        self.ours(("File too large", "may not grow so large"), "prlimit", f"--fsize={1 << 20}", to=here / "big")
        check(sorted(os.listdir(here)) == ["big.part", "big.part.version"], os.listdir(here))

    def steps(self):
        if not ROOT:
            print("left out: small file systems need root", flush=True)
        return [(f"a disk {name.replace('_', ' ')}", getattr(self, name)) for name in
                (("that_is_full", "where_files_are_small", "of_a_client", "where_a_clients_files_are_small") if ROOT
                 else ("where_files_are_small", "where_a_clients_files_are_small"))]


# ---- what changes meanwhile

class Changing:
    def __init__(self, strata):
        self.strata = strata

    def site(self):
        site = Site(self.strata, "--write=all", "--run-as", "root", name="changing")
        (site.folder / "big").write_bytes(BIG)
        return site

    def shorter(self):
        with self.site() as site:
            ftp, data = half_read(site)
            os.truncate(site.folder / "big", 100_000)
            check(the_rest(ftp, data)[1:] == (False, "451"), "a part was called a whole")
            site.server.wait_for_line('"RETR /big" 451 .*short')
            site.still_serves()

    def replaced_removed_or_longer(self):
        """What was begun is what comes."""
        with self.site() as site:
            for change in ("replaced", "removed", "longer"):
                (site.folder / "big").write_bytes(BIG)
                ftp, data = half_read(site)
                if change == "replaced":
                    (site.folder / "other").write_bytes(bytes(1000))
                    (site.folder / "other").rename(site.folder / "big")
                elif change == "removed":
                    (site.folder / "big").unlink()
                else:
                    with open(site.folder / "big", "ab") as file:
                        file.write(b"more")
                count, in_order, code = the_rest(ftp, data)
                check(in_order and code == "226" and count > len(BIG) - 2000, f"{change}: {count} {code}")
            with site.ftp() as ftp:
                check(fetched(ftp, "big") == BIG + b"more", "the next one has what is there")

    def a_part_of_another_version(self):
        to = FOLDER / "version"
        with self.site() as site:
            with Program(self.strata, "get", f"{site.base}/big", "-o", to, "--limit-rate", "4M") as getting:
                part = FOLDER / "version.part"
                check(wait_for(lambda: part.exists() and part.stat().st_size > 100_000), "nothing comes")
                getting.stop(signal.SIGKILL)
            other = BIG[::-1]
            (site.folder / "big").write_bytes(other)
            os.utime(site.folder / "big", (1, 1))
            done = run(self.strata, "get", f"{site.base}/big", "-o", to, "--resume")
            check(b"fetched anew" in done.stderr and to.read_bytes() == other, "two versions in one file")

    def what_is_put(self):
        """A file of ours that becomes shorter while it is sent is none there; one that is removed comes whole."""
        source = FOLDER / "source"
        with self.site() as site:
            for change in ("shorter", "removed"):
                source.write_bytes(BIG)
                with Program(self.strata, "put", source, f"{site.base}/put", "--limit-rate", "40M", "--retry",
                             "0") as putting:
                    check(wait_for(lambda: site.arriving() > 100_000), "nothing comes")
                    if change == "shorter":
                        os.truncate(source, 100_000)
                    else:
                        source.unlink()
                    code = putting.process.wait(60)
                if change == "shorter":
                    check(code == 1, putting.lines)
                    check(wait_for(lambda: site.names() == ["big"]), site.names())
                else:
                    check(code == 0 and (site.folder / "put").read_bytes() == BIG, putting.lines)

    def the_folder_one_is_in(self):
        with self.site() as site:
            (site.folder / "in").mkdir()
            with site.ftp() as ftp:
                ftp.cwd("in")
                (site.folder / "in").rmdir()
                for command in ("NLST", "MLSD", "LIST", "RETR x"):
                    check(code_of(ftp.transfercmd, command) == "550", command)
                check(code_of(ftp.storbinary, "STOR x", io.BytesIO(b"x")) == "550", "STOR")
                for command in ("MLST x", "MKD x", "SIZE x", "STAT x"):
                    check(code_of(ftp.voidcmd, command) in ("550", "450"), command)
                check(ftp.pwd() == "/in", "PWD")
                (site.folder / "in").mkdir()
                ftp.storbinary("STOR x", io.BytesIO(b"x"))
                check((site.folder / "in" / "x").read_bytes() == b"x", "it is there again")
                data = ftp.transfercmd("STOR y")
                data.sendall(b"y" * 1000)
                shutil.rmtree(site.folder / "in")
                data.close()
                check(code_of(ftp.voidresp) in ("451", "550"), "into a folder that is gone")
                ftp.cwd("..")
                check("big" in ftp.nlst(), "the way back")

    def steps(self):
        return [(f"changed: {name.replace('_', ' ')}", getattr(self, name)) for name in
                ("shorter", "replaced_removed_or_longer", "a_part_of_another_version", "what_is_put",
                 "the_folder_one_is_in")]


# ---- what may not be read

def what_may_not_be_read(strata):
    if not ROOT:
        print("left out: another user than oneself needs root", flush=True)
        return
    with Site(strata, "--write=all", "--run-as", "nobody", name="rights") as site:
        for name in ("closed", "sealed"):
            (site.folder / name).mkdir()
            (site.folder / name / "inside").write_bytes(b"inside")
        (site.folder / "closed").chmod(0)
        (site.folder / "sealed").chmod(0o555)
        (site.folder / "file").write_bytes(b"secret")
        (site.folder / "file").chmod(0)
        with site.ftp() as ftp:
            for command in ("RETR file", "RETR closed/inside", "LIST closed", "MLSD closed", "NLST closed"):
                check(code_of(ftp.transfercmd, command) == "550", command)
            for command in ("HASH file", "MLST closed/inside", "SIZE closed/inside", "DELE closed/inside",
                            "DELE sealed/inside", "MKD sealed/new", "MKD closed/new", "RNFR closed/inside",
                            "SITE CHMOD 644 file"):
                check(code_of(ftp.voidcmd, command) == "550", command)
            for command in ("STOR sealed/new", "STOR closed/new", "APPE file"):
                check(code_of(ftp.storbinary, command, io.BytesIO(b"x"))[0] == "5", command)
            check(fetched(ftp, "sealed/inside") == b"inside", "what may be read")
            check(sorted(ftp.nlst()) == ["closed", "file", "sealed"], "the list")
            ftp.cwd("closed")
            check(code_of(ftp.transfercmd, "LIST") == "550", "in it")
    check((site.folder / "file").stat().st_mode & 0o777 == 0, "its mode was changed")


# ---- the clock


def a_clock_that_is_set_back(strata):
    """And forward again: nobody is parted from, no password forgotten, no transfer cut off or taken for slow."""
    if not installed("cc"):
        return
    users = FOLDER / "users"
    subprocess.run([strata, "users", "add", "ann", "--file", str(users), "--rights", "all"], input=b"ann's\n",
                   check=True, capture_output=True, timeout=60, env=ENVIRONMENT)
    with Site(strata, "--write=all", "--run-as", "root", "--users", users, "--insecure-login", "--no-anonymous",
              name="clock", environment=wrong_clock(FOLDER)) as site:
        (site.folder / "big").write_bytes(BIG)
        os.utime(site.folder / "big", (1_600_000_000, 1_600_000_000))

        def ann():
            ftp = ftplib.FTP(encoding="utf-8", timeout=20)
            ftp.connect("127.0.0.1", site.port)
            ftp.login("ann", "ann's")
            ftp.voidcmd("TYPE I")
            return ftp
        idle, reader, writer = ann(), ann(), ann()
        data = reader.transfercmd("RETR big")
        check(len(data.recv(1000)) > 0, "nothing came")
        sent = writer.transfercmd("STOR new")
        sent.sendall(BIG[:1000])
        for years in (-30, 30, 0):
            set_clock(FOLDER, years * 365 * 86400)
            check(idle.voidcmd("NOOP") == "200 Here I am.", "it was parted from")
            check(idle.sendcmd("MDTM big") == "213 20200913122640", "MDTM")
            lines = []
            idle.retrlines("LIST", lines.append)
            check(any(line.endswith(" big") for line in lines), lines)
            with ann() as another:  # remembered, and let in
                check(another.nlst() != [], "NLST")
            sent.sendall(BIG[:1000])
            check(len(data.recv(1000)) > 0, "the transfer was cut off")
        sent.close()
        check(code_of(writer.voidresp) == "226" and (site.folder / "new").stat().st_size == 4000, "STOR")
        check(the_rest(reader, data)[1:] == (True, "226"), "RETR")
        site.server.stop()
        shown = "\n".join(site.server.lines)
        check(re.search(r'^(199|205)\d-.*"NLST /"', shown, re.MULTILINE), f"the clock was right all the time: {shown}")


# ---- data connections

def stranger(source, host, port, says=b""):
    """What he hears, until he is reset: at once, or a little later."""
    try:
        with socket.create_connection((host, port), 20, source_address=(source, 0)) as connection:
            connection.sendall(says)
            return connection.recv(1000)
    except (ConnectionResetError, BrokenPipeError):
        return b""


def strangers_and_half_connections(strata):
    with Site(strata, "--write=all", "--run-as", "root", name="data") as site:
        (site.folder / "big").write_bytes(BIG)
        with site.ftp() as ftp:
            # One who guesses the port is reset, and the client is served all the same.
            host, port = ftp.makepasv()
            ftp.putcmd("RETR big")
            for source in ("127.0.0.2", "127.0.0.3"):
                check(stranger(source, host, port) == b"", "a stranger was given the file")
            data = socket.create_connection((host, port), 20)
            check(ftp.getresp()[:3] == "150", "RETR")
            # A client that has said its end on that connection still reads.
            data.shutdown(socket.SHUT_WR)
            got = bytearray()
            while more := data.recv(1 << 20):
                got += more
            data.close()
            check(got == BIG and code_of(ftp.voidresp) == "226", "half closed")
            # Nor may one put a file in his place.
            host, port = ftp.makepasv()
            ftp.putcmd("STOR mine")
            check(stranger("127.0.0.2", host, port, b"the stranger's") == b"", "a stranger was spoken to")
            with socket.create_connection((host, port), 20) as data:
                data.sendall(b"mine")
            check(ftp.getresp()[:3] == "150" and code_of(ftp.voidresp) == "226", "STOR")
            check((site.folder / "mine").read_bytes() == b"mine", "another's bytes")
            # What is sent on the connection of a file that goes is nobody's.
            data = ftp.transfercmd("RETR big")
            data.sendall(b"x" * 100_000)
            count, in_order, code = the_rest(ftp, data)
        check(in_order and count == len(BIG) and code == "226", f"{count} {code}")
        site.still_serves()


# ---- a crowd

def resident(server):
    """Bytes; none, where most are a sanitizer's."""
    if b"__asan_init" in Path(f"/proc/{server.process.pid}/exe").read_bytes():
        return 0
    text = Path(f"/proc/{server.process.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1]) << 10


def a_crowd_that_says_nothing(strata):
    """They come from many addresses. Who transfers goes on; of the others the latest stay, and cost little."""
    if ROOT:
        import resource
        hard = max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], CROWD + 1000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Site(strata, "--run-as", "root", "--log", "off", name="crowd") as site:
        (site.folder / "big").write_bytes(BIG)
        reader, data = half_read(site)
        before = resident(site.server)
        crowd = []
        stay = min(CROWD, PLACES - 1)
        try:
            for number in range(CROWD):
                source = f"127.{1 + number // 100 // 250}.{1 + number // 100 % 250}.1"
                guest = socket.create_connection(("127.0.0.1", site.port), 20, source_address=(source, 0))
                crowd.append(guest)
                heard = guest.recv(200)
                check(heard.startswith(b"220 "), f"guest {number}: {heard}")
                guest.sendall(b"USER ftp\r\nPASS x\r\n")
                heard = b""
                while heard.count(b"\n") < 2:
                    heard += guest.recv(200)
                check(b"230 " in heard, heard)
                if number >= stay:  # who has said nothing for longest makes room
                    with crowd[number - stay] as oldest:
                        check(oldest.recv(200).startswith(b"421 "), "another was parted from")
            each = (resident(site.server) - before) / stay
            print(f"      {CROWD} came, {stay} may stay: {each / 1024:.1f} KiB each", flush=True)
            check(each < PER_SESSION, f"{each} bytes each")
            for guest in crowd[-stay:]:
                guest.sendall(b"NOOP\r\n")
                check(guest.recv(200).startswith(b"200"), "one that may stay was parted from")
            check(the_rest(reader, data)[1:] == (True, "226"), "the one that works was parted from")
        finally:
            for guest in crowd:
                guest.close()
        site.still_serves()


# ---- those who mean harm

def links_that_are_swapped(strata):
    if not hasattr(ctypes.CDLL(None), "renameat2"):
        print("left out: no renameat2", flush=True)
        return
    outside = FOLDER / "outside"
    outside.mkdir()
    for name in ("victim", "file"):
        (outside / name).write_bytes(b"outside")
    before = tree(outside)
    stamps = {path: path.stat() for path in outside.iterdir()}
    with Site(strata, "--write=all", "--run-as", "root", "--log", "off", name="raced") as site:
        (site.folder / "in").mkdir()
        (site.folder / "link").symlink_to(outside)
        (site.folder / "in" / "file").write_bytes(b"inside")
        inside = 0
        with swapping(site.folder / "in", site.folder / "link"), site.ftp() as ftp:
            for turn in range(60):
                for command in ("RETR in/file", "NLST in", "MLSD in", "LIST in"):
                    got = io.BytesIO()
                    inside += code_of(ftp.retrbinary, command, got.write) == "226"
                    check(b"outside" not in got.getvalue() and b"victim" not in got.getvalue(), got.getvalue())
                code_of(ftp.storbinary, f"STOR in/new{turn}", io.BytesIO(b"put"))
                code_of(ftp.storbinary, "APPE in/file2", io.BytesIO(b"put"))
                for command in (f"MKD in/folder{turn}", "DELE in/victim", "MFMT 20010101000000 in/file",
                                "SITE CHMOD 600 in/file", "RNFR in/victim", "RNTO in/stolen", "RNFR in/victim",
                                "RNTO stolen", "RMD in"):
                    code_of(ftp.voidcmd, command)
                for command in ("SIZE in/victim", "MLST in/victim", "HASH in/victim"):
                    check(code_of(ftp.voidcmd, command) == "550", command)
        check(tree(outside) == before, f"reached from within: {tree(outside)}")
        check(all(path.stat().st_mtime == was.st_mtime and path.stat().st_mode == was.st_mode
                  for path, was in stamps.items()), "what is outside was changed")
        check(not (site.folder / "stolen").exists(), "it was moved in")
        check(inside > 0, "nothing was ever done within")


def hostile_words(strata):
    with Site(strata, "--run-as", "root", "--tls", "self", "--encoding", "GBK", name="words") as site:
        (site.folder / "誠.txt").write_bytes(b"second byte 5C")
        (site.folder / "乗").mkdir()
        (site.folder / "乗" / "inside").write_bytes(b"inside")

        def answers(*said, count=None):
            control, heard = site.line()
            with control:
                for part in said:
                    control.sendall(part)
                return [heard.readline() for _ in range(count or len(said))]
        # What is sent behind AUTH, in one piece with it, is not taken as if it were under TLS.
        for behind in (b"USER ftp\r\nPASS x\r\n", b"\x16\x03\x01", b"\n"):
            with socket.create_connection(("127.0.0.1", site.port), 20) as control:
                control.sendall(b"AUTH TLS\r\n" + behind)
                got = b""
                while more := control.recv(1000):
                    got += more
                check(got.count(b"\n") == 2 and b"\r\n421 " in got, got)
        # A CR that no LF follows ends no command, and is in nobody's name.
        check(answers(b"NOOP\rQUIT\r\n")[0][:3] in (b"500", b"501"), "CR without LF")
        check(answers(b"NOOP\n")[0][:3] == b"200", "LF without CR")
        # A line of a megabyte is one that is too long, and no more.
        long = answers(b"RETR " + b"a" * (1 << 20) + b"\r\n", b"NOOP\r\n")
        check([line[:3] for line in long] == [b"500", b"200"], long)
        check(resident(site.server) < 64 << 20, "it is kept")
        with socket.create_connection(("127.0.0.1", site.port), 20) as control:
            try:
                for _ in range(64):
                    control.sendall(b"b" * (1 << 20))  # and never an end
            except (ConnectionResetError, BrokenPipeError):
                pass
            check(resident(site.server) < 64 << 20, "it is kept")
        # A second byte of GBK that looks like a backslash is none; one that is a slash is no second byte.
        with site.ftp() as ftp:
            ftp.encoding = "gbk"
            check(fetched(ftp, "誠.txt") == b"second byte 5C" and fetched(ftp, "乗/inside") == b"inside", "GBK")
            check("誠.txt" in ftp.nlst(), ftp.nlst())
        for name in (b"\xd5/../../secret", b"\xd5/", b"\xff\xff", b"a\0b", b"\x81"):
            check(answers(b"SIZE " + name + b"\r\n")[0][:3] in (b"501", b"550"), name)
        site.still_serves()


# ---- whose a data connection is

class Reusing(ftplib.FTP_TLS):
    """Goes on with the session of its commands, as RFC 4217 10.2 has it."""
    session_of = None

    def ntransfercmd(self, cmd, rest=None):
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        try:
            return self.context.wrap_socket(conn, session=(self.session_of or self).sock.session), size
        except OSError:
            conn.close()
            return conn, size


def unchecked(version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    return context


def data_that_shows_whose_it_is(strata):
    with Site(strata, "--write=all", "--run-as", "root", "--tls", "self", "--ftp-same-session", name="shown") as site:
        (site.folder / "big").write_bytes(BIG)

        def client(kind, context):
            ftp = kind(context=context, timeout=20)
            ftp.connect("127.0.0.1", site.port)
            ftp.login()
            ftp.prot_p()
            ftp.voidcmd("TYPE I")
            return ftp

        def refused(ftp):
            for act in (lambda: ftp.retrbinary("RETR big", lambda _: None), lambda: ftp.nlst(),
                        lambda: ftp.storbinary("STOR new", io.BytesIO(b"x"))):
                try:
                    act()
                    check(False, "a session of its own was taken")
                except ftplib.Error as error:
                    check(str(error).startswith("522"), error)
                except OSError:  # the hands were not shaken
                    check(code_of(ftp.voidresp) == "522", "the reply")
            check(not (site.folder / "new").exists(), "it was put")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            refused(client(ftplib.FTP_TLS, unchecked(version)))
            context = unchecked(version)
            own, other = client(Reusing, context), client(Reusing, context)
            for ftp in (own, other):
                check(sha256(fetched(ftp, "big")) == sha256(BIG), "RETR")
            own.session_of = other
            refused(own)
            own.session_of = None
            own.storbinary("STOR new", io.BytesIO(b"new"))
            check((site.folder / "new").read_bytes() == b"new", "STOR")
            own.delete("new")
        to = FOLDER / "shown-to"
        run("curl", "-sS", "-k", "--ssl-reqd", f"{site.base}/big", "-o", to)
        check(to.read_bytes() == BIG, "curl")
        if shutil.which("lftp"):
            settings = ("set net:max-retries 1; set cmd:fail-exit true; set ssl:verify-certificate false; "
                        "set ftp:ssl-force true; set ftp:ssl-protect-data true; ")
            run("lftp", "-c", f"{settings}open {site.base}; get big -o {to}.lftp; put {to} -o put", timeout=60)
            check(Path(f"{to}.lftp").read_bytes() == BIG and (site.folder / "put").read_bytes() == BIG, "lftp")
        run(strata, "get", "--insecure", "--force", f"ftpes://127.0.0.1:{site.port}/big", "-o", to)
        check(to.read_bytes() == BIG, "ours")
        run(strata, "put", "--insecure", "--force", to, f"ftpes://127.0.0.1:{site.port}/put")
        # In clear there is no session to go on with, and nothing is demanded.
        site.still_serves()
    done = run(strata, "serve", FOLDER, "--ftp", "0", "--ftp-same-session", expect=2)
    check(b"--tls" in done.stderr, done.stderr)


def main():
    require_tools("curl", "prlimit", "unshare")
    strata = program("STRATA", "build/strata")
    alone = (what_may_not_be_read, a_clock_that_is_set_back, strangers_and_half_connections,
             a_crowd_that_says_nothing, links_that_are_swapped, hostile_words, data_that_shows_whose_it_is)
    run_steps([*Killed(strata, "kernel").steps(), *Killed(strata, "embedded").steps(), *Disk(strata).steps(),
               *Changing(strata).steps(),
               *((step.__name__.replace("_", " "), lambda step=step: step(strata)) for step in alone)])


if __name__ == "__main__":
    main()
