#!/usr/bin/env python3
"""`strata serve --ftp`, met by others: curl, lftp, wget, tnftp, ncftp, Python's ftplib, and FileZilla's sequence of
commands; on the kernel's network, on the embedded one behind its gateway, and on a TAP. FULL=1: a file of a gibibyte,
10,000 small ones."""
# timeout: 600
import ftplib
import io
import os
import shutil
import signal
import sys
from urllib.parse import quote

from meeting import (Here, Namespace, Program, check, program, require_tools, run_steps, scratch_folder,
                     sha256_of_file, tree, wait_for, why_no_tap)

FULL = os.environ.get("FULL") == "1"
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
BIG = 1 << 30 if FULL else 16 << 20
MANY = 10_000 if FULL else 300
ODD = ("说明 书.txt", "a b", "#%41", " first", "x" * 255, "*?[", 'quo"te')


def make_files():
    (SERVED / "sub").mkdir(parents=True)
    with open(SERVED / "big", "wb") as file:
        for _ in range(BIG >> 20):
            file.write(os.urandom(1 << 20))
    for name in ODD:
        (SERVED / name).write_text(name, encoding="utf-8")
    (SERVED / "empty").touch()
    (SERVED / "text").write_bytes(b"first\nsecond\n" * 300)
    (SERVED / "sub" / "inside").write_bytes(b"inside\n")
    (SERVED / "many").mkdir()
    for i in range(MANY):
        (SERVED / "many" / f"{i:05}").write_bytes(os.urandom(i % 4096))
    (SERVED / "line\nend").write_text("no listing has it")
    (FOLDER / "secret").write_bytes(b"nobody may read this")
    (SERVED / "out").symlink_to(FOLDER / "secret")


class Site:
    """A server, and where its clients find it."""

    def __init__(self, strata, net, place, address, port, *more):
        self.place, self.address = place, address
        self.server = Program(*place.command(strata, "serve", str(SERVED), "--net", net, "--http", "off", "--fetch",
                                             "off", "--control", "off", "--run-as", "root", "--ftp",
                                             *([] if port is None else [str(port)]), *more))
        self.port = int(self.server.wait_for_line(r"serving .* at ftp://[^/]*?(?::(\d+))?/")[1] or 21)
        self.base = f"ftp://{address}:{self.port}"
        self.to = FOLDER / "to"

    def ftp(self):
        """Python's ftplib, logged in."""
        class Here(ftplib.FTP):
            encoding = "utf-8"
        session = Here()
        session.connect(self.address.strip("[]"), self.port, 20)
        session.login()
        return session

    def curl(self, name, *options, expect=0):
        return self.place.run("curl", "-sS", *options, f"{self.base}/{name}", expect=expect, timeout=120)

    def lftp(self, script):
        settings = "set net:max-retries 1; set net:timeout 20; set cmd:fail-exit true; set ftp:ssl-allow false; "
        self.place.run("lftp", "-c", f"{settings}open {self.base}; {script}", timeout=300)

    def arrived(self, name):
        check(sha256_of_file(self.to) == sha256_of_file(SERVED / name), f"{name}: other bytes arrived")
        self.to.unlink()

    # ---- the steps

    def curl_reads(self):
        for options in ((), ("--disable-epsv",), ("--ftp-port", "-"), ("--ftp-port", "-", "--disable-eprt"),
                        ("--ftp-method", "nocwd"), ("--ftp-method", "singlecwd")):
            for name in ("big", "empty", "sub/inside"):
                self.curl(name, *options, "-o", str(self.to))
                self.arrived(name)
        self.to.write_bytes((SERVED / "big").read_bytes()[:1_000_001])
        self.curl("big", "-C", "-", "-o", str(self.to))
        self.arrived("big")
        check(self.curl("big", "-r", "10-19").stdout == (SERVED / "big").read_bytes()[10:20], "a range")
        head = self.curl("text", "-I").stdout.decode()
        check(f"Content-Length: {300 * 13}" in head and "Last-Modified" in head, head)

    def names(self):
        for name in ODD:
            self.curl(quote(name), "-o", str(self.to))
            self.arrived(name)
        listed = self.curl("", "-l").stdout.decode().splitlines()
        check(sorted(listed) == sorted([*ODD, "big", "empty", "text", "sub", "many"]), listed)
        text = self.curl("").stdout.decode()
        check("line?end" in text and "secret" not in text and " out" not in text, text)

    def texts(self):
        check(self.curl("text", "-B").stdout.replace(b"\r\n", b"\n") == (SERVED / "text").read_bytes(), "a text")

    def lftp_mirrors(self):
        if not shutil.which("lftp"):
            return
        for more in ("", "-P 4"):
            target = FOLDER / "mirror"
            self.lftp(f"mirror {more} many {target}")
            check(tree(target) == tree(SERVED / "many"), "the mirror is another")
            shutil.rmtree(target)
        self.lftp(f"pget -n 4 big -o {self.to}")
        self.arrived("big")

    def wget_reads(self):
        for options in ((), ("--no-passive-ftp",)):
            self.place.run("wget", "-q", *options, "-O", str(self.to), f"{self.base}/big", timeout=120)
            self.arrived("big")
        target = FOLDER / "wget"
        self.place.run("wget", "-q", "-r", "-nH", "-P", str(target), f"{self.base}/sub/", timeout=120)
        check((target / "sub" / "inside").read_bytes() == b"inside\n", "wget -r")
        shutil.rmtree(target)

    def tnftp_reads(self):
        if not shutil.which("tnftp"):
            return
        for options in ((), ("-A",)):
            self.place.run("tnftp", "-V", *options, "-o", str(self.to), f"{self.base}/big", timeout=120)
            self.arrived("big")

    def ncftp_reads(self):
        if not shutil.which("ncftpget"):
            return
        target = FOLDER / "ncftp"
        for options in (("-F",), ("-E",)):
            target.mkdir()
            self.place.run("ncftpget", "-V", *options, "-P", str(self.port), self.address, str(target), "/sub/inside")
            check((target / "inside").read_bytes() == b"inside\n", "ncftpget")
            shutil.rmtree(target)

    def ftplib_reads(self):
        with self.ftp() as ftp:
            facts = dict(ftp.mlsd())
            check(int(facts["big"]["size"]) == BIG and facts["sub"]["type"] == "dir", facts)
            check("line\nend" not in facts and "out" not in facts, facts)
            for passive in (True, False):
                ftp.set_pasv(passive)
                got = io.BytesIO()
                ftp.retrbinary("RETR text", got.write)
                check(got.getvalue() == (SERVED / "text").read_bytes(), "ftplib")
            check(ftp.sendcmd("MDTM text").startswith("213 20"), "MDTM")

    def as_filezilla_does(self):
        """The commands that it sends when it connects, lists, and fetches."""
        with self.ftp() as ftp:
            for command in ("SYST", "FEAT", "CLNT FileZilla", "OPTS UTF8 ON", "OPTS MLST type;size;modify;", "PWD",
                            "CWD sub", "TYPE I"):
                check(ftp.sendcmd(command)[0] == "2", command)
            check([name for name, _ in ftp.mlsd()] == [".", "inside"], "MLSD")
            got = io.BytesIO()
            ftp.retrbinary("RETR inside", got.write, rest=2)
            check(got.getvalue() == b"side\n", "REST")

    def what_is_not_given(self):
        for name in ("out", "../secret", "sub/../../secret", "//etc/passwd", "%2e%2e/secret", "none"):
            done = self.curl(name, "--path-as-is", "--ftp-method", "nocwd", expect=None)
            check(done.returncode != 0 and b"nobody" not in done.stdout, f"{name}: {done}")
        for command in ("STOR new", "APPE text", "DELE text", "MKD d", "RMD sub", "RNFR text"):
            with self.ftp() as ftp:
                try:
                    if command[:4] in ("STOR", "APPE"):
                        ftp.storbinary(command, io.BytesIO(b"x"))
                    else:
                        ftp.sendcmd(command)
                    check(False, f"{command} was done")
                except ftplib.error_perm:
                    pass
        check(not (SERVED / "new").exists() and (SERVED / "text").stat().st_size == 3900, "written without a right")

    def nobody_else_is_called(self):
        with self.ftp() as ftp:
            for command in ("PORT 10,1,2,3,19,137", "EPRT |1|10.1.2.3|5001|", "PORT 127,0,0,1,0,25"):
                try:
                    ftp.sendcmd(command)
                    check(False, f"{command} was taken")
                except ftplib.error_perm:
                    pass

    def stop(self):
        self.server.stop()
        text = "\n".join(self.server.lines)
        check('ftp "RETR /big" 226' in text, text[-2000:])


class Writing(Site):
    def curl_writes(self):
        for options in ((), ("--ftp-port", "-"), ("--ftp-create-dirs",)):
            for name in ("big", "empty"):
                to = "new/er/file" if "--ftp-create-dirs" in options else "new file"
                self.curl(quote(to), *options, "-T", str(SERVED / name))
                check(sha256_of_file(SERVED / to) == sha256_of_file(SERVED / name), f"{name}: other bytes came")
                (SERVED / to).unlink()
        shutil.rmtree(SERVED / "new")

    def curl_goes_on(self):
        """With what is there already: APPE, as it does."""
        part = (SERVED / "big").read_bytes()[:5_000_000]
        (SERVED / "part").write_bytes(part)
        self.curl("part", "-C", "-", "-T", str(SERVED / "big"))
        check(sha256_of_file(SERVED / "part") == sha256_of_file(SERVED / "big"), "curl -C - -T")
        (SERVED / "part").write_bytes(part)
        if shutil.which("lftp"):
            self.lftp(f"put -c {SERVED / 'big'} -o part")
            check(sha256_of_file(SERVED / "part") == sha256_of_file(SERVED / "big"), "lftp put -c")
        (SERVED / "part").unlink()

    def lftp_mirrors_back(self):
        if not shutil.which("lftp"):
            return
        for more in ("", "-P 4"):
            self.lftp(f"mirror -R {more} {SERVED / 'many'} copied")
            check(tree(SERVED / "copied") == tree(SERVED / "many"), "the mirror is another")
            self.lftp("rm -r copied")
            check(not (SERVED / "copied").exists(), "lftp rm -r")

    def others_write(self):
        if shutil.which("ncftpput"):
            self.place.run("ncftpput", "-V", "-P", str(self.port), self.address, "/sub", str(SERVED / "text"))
            check((SERVED / "sub" / "text").read_bytes() == (SERVED / "text").read_bytes(), "ncftpput")
            (SERVED / "sub" / "text").unlink()
        if shutil.which("tnftp"):
            self.place.run("tnftp", "-V", "-u", f"{self.base}/sub/put", str(SERVED / "big"), timeout=120)
            check(sha256_of_file(SERVED / "sub" / "put") == sha256_of_file(SERVED / "big"), "tnftp -u")
            (SERVED / "sub" / "put").unlink()

    def ftplib_writes(self):
        with self.ftp() as ftp:
            for name in ODD:
                ftp.storbinary("STOR sub/" + name, io.BytesIO(name.encode()))
                check((SERVED / "sub" / name).read_text(encoding="utf-8") == name, name)
                ftp.rename("sub/" + name, "sub/renamed")
                ftp.delete("sub/renamed")
            check(ftp.mkd('a "b"') == '/a "b"' and ftp.rmd('a "b"').startswith("250"), "MKD")
            ftp.storlines("STOR lines", io.BytesIO(b"one\ntwo\n"))
            check((SERVED / "lines").read_bytes() == b"one\ntwo\n", "a text")
            ftp.sendcmd("MFMT 20200102030405 lines")
            check((SERVED / "lines").stat().st_mtime == 1577934245, "MFMT")
            ftp.delete("lines")

    def a_client_that_dies_leaves_nothing(self):
        """kill -9 in mid-transfer: both its connections end in order, as if it were done. A server has a doubt of a
        sixteenth of the time that the file took."""
        words = ("import ftplib, time", "ftp = ftplib.FTP()", f"ftp.connect({self.address!r}, {self.port})",
                 "ftp.login()", "ftp.voidcmd('TYPE I')", "data = ftp.transfercmd('STOR killed')",
                 "data.sendall(bytes(1 << 20))", "time.sleep(0.8)", "print('sent', flush=True)", "time.sleep(600)")
        for _ in range(3):
            seen = len(self.server.lines)
            with Program(*self.place.command(sys.executable, "-c", "; ".join(words))) as client:
                client.wait_for_line("sent")
                client.stop(signal.SIGKILL)
            told = self.server.wait_for_line(r'"STOR /killed" (\d+)', after=seen)
            check(told[1] != "226" and not (SERVED / "killed").exists(), f"half a file is there: {told[0]}")

    def a_server_that_dies_leaves_nothing(self):
        ftp = self.ftp()
        ftp.voidcmd("TYPE I")
        with ftp.transfercmd("STOR killed") as data:
            data.sendall(b"half of it" * 1000)
            self.server.process.send_signal(signal.SIGKILL)
            self.server.process.wait()
        ftp.close()
        check(not (SERVED / "killed").exists(), "half a file is there")


def meet(title, site, steps):
    def there(name):
        # Sockets of ftplib's belong where the clients are.
        return lambda: site.place.inside(getattr(site, name))
    with site.server:
        run_steps([(f"{title}: {name.replace('_', ' ')}", there(name)) for name in steps])


def main():
    require_tools("curl", "wget")
    make_files()
    strata = program("STRATA", "build/strata")
    reading = ("curl_reads", "names", "texts", "lftp_mirrors", "wget_reads", "tnftp_reads", "ncftp_reads",
               "ftplib_reads", "as_filezilla_does", "what_is_not_given", "nobody_else_is_called", "stop")
    writing = ("curl_writes", "curl_goes_on", "lftp_mirrors_back", "others_write", "ftplib_writes",
               "a_client_that_dies_leaves_nothing", "a_server_that_dies_leaves_nothing")
    here = Here()
    meet("kernel", Site(strata, "kernel", here, "127.0.0.1", 0, "--bind", "127.0.0.1"), reading)
    meet("kernel, threads", Site(strata, "kernel", here, "127.0.0.1", 0, "--bind", "127.0.0.1", "--threads", "3"),
         ("curl_reads", "lftp_mirrors"))
    meet("kernel, IPv6", Site(strata, "kernel", here, "[::1]", 0, "--bind", "::1"), ("curl_reads",))
    meet("embedded", Site(strata, "embedded", here, "127.0.0.1", 0), reading)
    meet("kernel, writing", Writing(strata, "kernel", here, "127.0.0.1", 0, "--bind", "127.0.0.1", "--write=all"),
         writing)
    meet("embedded, writing", Writing(strata, "embedded", here, "127.0.0.1", 0, "--write=all"), writing)
    if reason := why_no_tap():
        print(f"left out: the TAP, {reason}", flush=True)
        return
    with Namespace() as near:
        near.patience = 1200 if FULL else near.patience  # ten thousand files, each brought to the disk
        net = "tap:files0,addr=10.96.0.1/24,host=10.96.0.2/24"
        meet("TAP", Site(strata, net, near, "10.96.0.1", None), reading)
        meet("TAP, writing", Writing(strata, net, near, "10.96.0.1", None, "--write=all"), writing)


if __name__ == "__main__":
    main()
