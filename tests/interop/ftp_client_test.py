#!/usr/bin/env python3
"""`strata get`, `put` and `ls` by FTP, met by servers of others: vsftpd, proftpd, pure-ftpd, pyftpdlib; and ours. By
IPv4 and IPv6, in clear and under TLS; on the kernel's network, and with one of them on the embedded one."""
# timeout: 600
import json
import os
import pwd
import shutil
import signal
import socket
import time

from meeting import (Program, check, free_port, program, require_tools, run, run_steps, scratch_folder, sha256_of_file,
                     source_tree, tree, wait_for)

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
MANY = FOLDER / "many"
CERTIFICATE, KEY = FOLDER / "server.pem", FOLDER / "server.key"
SIZES = {"empty": 0, "one": 1, "large": (8 << 20) + 7, "a b": 99}
TEXT = b"first\nsecond\nthird\n" * 300
PEERS = source_tree() / "build/peers/root"


def make_files():
    for folder in (SERVED, MANY):
        folder.mkdir()
    for name, size in SIZES.items():
        (SERVED / name).write_bytes(os.urandom(size))
    (SERVED / "text").write_bytes(TEXT)
    (MANY / "below").mkdir()
    for i in range(50):
        (MANY / ("below" if i % 2 else ".") / f"{i:02}").write_bytes(os.urandom(i * 100))
    if os.geteuid() == 0:  # servers run as nobody
        nobody = pwd.getpwnam("nobody")
        for path in (SERVED, *SERVED.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        SERVED.chmod(0o777)  # vsftpd wants somebody who has a home
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=IP:127.0.0.1,IP:::1", "-out", CERTIFICATE, "-keyout", KEY)


class Server:
    """One of them. What it has no words for is left out by the class that is its own."""

    person, folder, tls, nets = "", "", True, ("kernel",)

    def __init__(self, strata):
        self.strata, self.port = strata, free_port()
        self.server = Program(*self.command())
        check(wait_for(self.listens, 20), f"{self.server.command[0]} does not listen: {self.server.lines}")

    def command(self):
        raise NotImplementedError

    def listens(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.server.stop(signal.SIGTERM)

    def url(self, name, scheme="ftp", host="127.0.0.1"):
        return f"{scheme}://{self.person}{host}:{self.port}/{self.folder}{name.replace(' ', '%20')}"

    def tell(self, *words, net="kernel", **options):
        return run(self.strata, *words, "--net", net, **options)

    def get(self, name, *options, net="kernel", **where):
        to = FOLDER / "got"
        to.unlink(missing_ok=True)
        self.tell("get", self.url(name, **where), "-o", to, *options, net=net)
        check(sha256_of_file(to) == sha256_of_file(SERVED / name), f"{net} {where} {name}: other bytes arrived")

    def put(self, name, *options, net="kernel", **where):
        self.tell("put", SERVED / name, self.url("written", **where), *options, net=net)
        written = SERVED / "written"
        check(wait_for(lambda: sha256_of_file(written) == sha256_of_file(SERVED / name), 10),
              f"{net} {where} {name}: other bytes came")
        written.unlink()

    # ---- the steps

    def reading(self):
        for net in self.nets:
            for name in SIZES:
                self.get(name, net=net)
        done = self.tell("get", self.url("none"), "-o", FOLDER / "none", expect=1)
        check(b"the server says '550 " in done.stderr, done.stderr)
        check(not (FOLDER / "none").exists() and not (FOLDER / "none.part").exists(), "something is left")

    def texts(self):
        to = FOLDER / "got"
        to.unlink(missing_ok=True)
        (FOLDER / "to").mkdir()
        self.tell("get", self.url("text;type=a"), "-o", to)
        check(to.read_bytes() == TEXT, "another text arrived")
        self.tell("get", self.url("text;type=a"), "-o", FOLDER / "to")
        check((FOLDER / "to" / "text").read_bytes() == TEXT, "it has another name")
        shutil.rmtree(FOLDER / "to")

    def resuming(self):
        """A client that is killed leaves a part; another goes on from there."""
        to, part = FOLDER / "got", FOLDER / "got.part"
        to.unlink(missing_ok=True)
        first = Program(self.strata, "get", self.url("large"), "-o", to, "--limit-rate", "2000000")
        check(wait_for(lambda: part.exists() and part.stat().st_size > 1_000_000, 20), f"no part: {first.lines}")
        first.stop(signal.SIGKILL)
        check(not to.exists(), "a part has the name of the whole")
        done = self.tell("get", self.url("large"), "-o", to, "--resume")
        check(b"anew" not in done.stderr, done.stderr)
        check(sha256_of_file(to) == sha256_of_file(SERVED / "large"), "resumed, other bytes are there")
        # Another version is not mixed with it.
        to.unlink()
        part.write_bytes(b"of another")
        (FOLDER / "got.part.version").write_text("\nThu, 01 Jan 2015 00:00:00 GMT\n100\n")
        self.tell("get", self.url("large"), "-o", to, "--resume")
        check(sha256_of_file(to) == sha256_of_file(SERVED / "large"), "two files are mixed")

    def writing(self):
        for net in self.nets:
            for name in SIZES:
                self.put(name, net=net)
        self.tell("put", SERVED / "one", self.url("twice"))
        done = self.tell("put", SERVED / "large", self.url("twice"), expect=1)
        check(b"--force" in done.stderr, done.stderr)
        self.tell("put", SERVED / "large", self.url("twice"), "--force")
        check(sha256_of_file(SERVED / "twice") == sha256_of_file(SERVED / "large"), "it was not replaced")
        (SERVED / "twice").unlink()

    def pieces(self):
        """Several at once; one that is killed leaves some of each."""
        for net in self.nets:
            self.get("large", "--parts", "4", net=net)
            self.get("one", "--parts", "4", net=net)
        self.get("large", "--active")
        to, records = FOLDER / "got", FOLDER / "got.part.sections"
        to.unlink()
        first = Program(self.strata, "get", self.url("large"), "-o", to, "--parts", "3")
        wait_for(lambda: records.exists() or to.exists(), 20)
        first.stop(signal.SIGKILL)
        self.tell("get", self.url("large"), "-o", to, "--parts", "4", "--resume")
        check(sha256_of_file(to) == sha256_of_file(SERVED / "large"), "in pieces, other bytes are there")
        check(not records.exists(), "records are left")

    def sending_on(self):
        there, large = SERVED / "begun", (SERVED / "large").read_bytes()
        there.write_bytes(large[:3_000_000])
        if os.geteuid() == 0:
            os.chown(there, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        there.chmod(0o666)
        self.tell("put", SERVED / "large", self.url("begun"), "--resume")
        check(wait_for(lambda: there.read_bytes() == large, 10), "other bytes are there")
        before = there.stat()
        self.tell("put", SERVED / "large", self.url("begun"), "--resume")
        check(there.stat().st_ino == before.st_ino and there.read_bytes() == large, "it was sent anew")
        done = self.tell("put", SERVED / "text", self.url("begun"), "--resume", expect=1)
        check(b"no beginning of it" in done.stderr and there.read_bytes() == large, done.stderr)
        there.unlink()

    def folders(self):
        self.tell("put", "-r", MANY, self.url(""))
        check(wait_for(lambda: tree(SERVED / "many") == tree(MANY), 10), "another folder came")
        shutil.rmtree(SERVED / "many")

    def listing(self):
        for net in self.nets:
            done = self.tell("ls", "--json", self.url(""), net=net)
            found = json.loads(done.stdout)
            found = found.get("entries", found) if isinstance(found, dict) else found
            sizes = {entry["name"]: entry.get("size") for entry in found}
            for name, size in SIZES.items():
                check(sizes.get(name, "none") == size, f"{net} {name}: {done.stdout}")

    def by_ipv6(self):
        self.get("large", host="[::1]")
        self.put("large", host="[::1]")

    def under_tls(self):
        if not self.tls:
            return
        for name in SIZES:
            self.get(name, "--cacert", CERTIFICATE, scheme="ftpes")
            self.put(name, "--cacert", CERTIFICATE, scheme="ftpes")
        self.tell("put", "-r", MANY, self.url("", scheme="ftpes"), "--cacert", CERTIFICATE)
        check(wait_for(lambda: tree(SERVED / "many") == tree(MANY), 10), "another folder came")
        shutil.rmtree(SERVED / "many")
        done = self.tell("get", self.url("one", scheme="ftpes"), "-o", FOLDER / "none", expect=1)
        check(b"certificate is not good" in done.stderr, done.stderr)


class Ours(Server):
    nets = ("kernel", "embedded")

    def command(self):
        return (self.strata, "serve", SERVED, "--http", "off", "--fetch", "off", "--control", "off", "--run-as",
                "nobody" if os.geteuid() == 0 else "root", "--write=all", "--bind", "::", "--ftp", str(self.port),
                "--tls", f"{CERTIFICATE},{KEY}")


class Vsftpd(Server):
    folder = "served/"  # one that may be written into is no root of its

    def command(self):
        (FOLDER / "empty").mkdir(exist_ok=True)
        settings = FOLDER / "vsftpd.conf"
        settings.write_text("\n".join((
            "background=NO", "listen=NO", "listen_ipv6=YES", f"listen_port={self.port}", "anonymous_enable=YES",
            "ftp_username=daemon", f"anon_root={FOLDER}", "write_enable=YES",
            "anon_upload_enable=YES", "anon_mkdir_write_enable=YES", "anon_other_write_enable=YES", "anon_umask=022",
            "anon_world_readable_only=NO", f"secure_chroot_dir={FOLDER / 'empty'}", "seccomp_sandbox=NO",
            "xferlog_enable=NO", "ascii_download_enable=YES", "ascii_upload_enable=YES", "ssl_enable=YES",
            "allow_anon_ssl=YES", "require_ssl_reuse=YES", f"rsa_cert_file={CERTIFICATE}",
            f"rsa_private_key_file={KEY}", "")))
        return "vsftpd", settings


class Proftpd(Server):
    def command(self):
        settings = FOLDER / "proftpd.conf"
        settings.write_text(f"""
            ModulePath {PEERS / 'usr/lib/proftpd'}
            LoadModule mod_tls.c
            ServerType standalone
            Port {self.port}
            DefaultAddress 127.0.0.1 ::1
            SocketBindTight on
            UseIPv6 on
            UseReverseDNS off
            User nobody
            Group nogroup
            PidFile {FOLDER / 'proftpd.pid'}
            ScoreboardFile {FOLDER / 'proftpd.scoreboard'}
            DelayEngine off
            WtmpLog off
            AuthOrder mod_auth_unix.c
            AllowStoreRestart on
            TLSEngine on
            TLSRSACertificateFile {CERTIFICATE}
            TLSRSACertificateKeyFile {KEY}
            TLSProtocol TLSv1.2 TLSv1.3
            <Anonymous {SERVED}>
              User nobody
              Group nogroup
              UserAlias anonymous nobody
              RequireValidShell off
              AllowOverwrite on
              <Limit WRITE>
                AllowAll
              </Limit>
            </Anonymous>
            """)
        return "proftpd", "--nodaemon", "--config", settings


class PureFtpd(Server):
    person = "ann:secret@"

    def command(self):
        both, users, known = FOLDER / "both.pem", FOLDER / "pure.passwd", FOLDER / "pure.pdb"
        both.write_bytes(CERTIFICATE.read_bytes() + KEY.read_bytes())
        nobody = pwd.getpwnam("nobody")
        # Its own hash takes seconds.
        password = run("openssl", "passwd", "-6", "secret").stdout.decode().strip()
        users.write_text(f"ann:{password}:{nobody.pw_uid}:{nobody.pw_gid}::{SERVED}/./::::::::::::\n")
        run("pure-pw", "mkdb", known, "-f", users)
        return ("pure-ftpd", "-S", f",{self.port}", "-l", f"puredb:{known}", "-E", "-H", "-A", "-u", "1", "-Y", "1",
                "-2", both, "-g", FOLDER / "pure.pid")


class Pyftpdlib(Server):
    tls, nets = False, ("kernel", "embedded")

    def command(self):
        script = FOLDER / "pyftpdlib_server.py"
        script.write_text(f"""
import socket
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
FTPHandler.authorizer = DummyAuthorizer()
FTPHandler.authorizer.add_anonymous({str(SERVED)!r}, perm="elradfmwMT")
door = socket.create_server(("::", {self.port}), family=socket.AF_INET6, dualstack_ipv6=True)
FTPServer(door, FTPHandler).serve_forever()
""")
        return "python3-pyftpdlib", script


STEPS = ("reading", "texts", "resuming", "pieces", "writing", "sending_on", "folders", "listing", "by_ipv6",
         "under_tls")


def meet(title, made, strata):
    server = made(strata)
    try:
        run_steps([(f"{title}: {step}", getattr(server, step)) for step in STEPS])
    finally:
        server.stop()


def main():
    strata = program("STRATA", "build/strata")
    require_tools("openssl")
    make_files()
    began = time.monotonic()
    meet("ours", Ours, strata)
    for title, made, tools in (("pyftpdlib", Pyftpdlib, ("python3-pyftpdlib",)), ("vsftpd", Vsftpd, ("vsftpd",)),
                               ("proftpd", Proftpd, ("proftpd",)), ("pure-ftpd", PureFtpd, ("pure-ftpd", "pure-pw"))):
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing or (os.geteuid() != 0 and made is not Pyftpdlib):
            reason = f"{missing[0]} is not installed" if missing else "it needs root"
            print(f"left out: {title}: {reason}", flush=True)
            continue
        meet(title, made, strata)
    print(f"{time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
