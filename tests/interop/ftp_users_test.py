#!/usr/bin/env python3
"""`strata serve --ftp --ftps --tls --users` and clients that log in: curl, lftp, Python's FTP_TLS; passwords in clear,
wrong ones, rights of one's own, quotas; on the kernel's network and on the embedded one."""
# timeout: 300
import ftplib
import io
import os
import re
import shutil
import ssl
import subprocess

from meeting import (ENVIRONMENT, PATIENCE, Program, check, program, require_tools, run, run_steps, scratch_folder)

FOLDER = scratch_folder()
SERVED, USERS = FOLDER / "served", FOLDER / "users"
BIG = 8 << 20


def make_folder(strata):
    (SERVED / "ann").mkdir(parents=True)
    (SERVED / "hello").write_bytes(b"hello\n")
    (SERVED / "ann" / "own").write_bytes(b"ann's own\n")
    (SERVED / "big").write_bytes(os.urandom(BIG))
    for name, *options in (("ann", "--rights", "all", "--folder", "ann", "--quota", "100K"), ("cat",)):
        subprocess.run([strata, "users", "add", name, "--file", str(USERS), *options], input=f"{name}'s\n".encode(),
                       check=True, capture_output=True, timeout=PATIENCE, env=ENVIRONMENT)


def unchecked():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Site:
    def __init__(self, strata, net, *options):
        self.server = Program(strata, "serve", str(SERVED), "--net", net, "--bind", "127.0.0.1", "--http", "off",
                              "--fetch", "off", "--ftp", "0", "--ftps", "0", "--tls", "self", "--users", str(USERS),
                              "--control", "off", "--run-as", "root", *options)
        self.server.wait_for_line("users of .* log in")
        shown = "\n".join(self.server.lines)
        self.port = int(re.search(r"at ftp://127\.0\.0\.1:(\d+)/", shown)[1])
        self.implicit = int(re.search(r"at ftps://127\.0\.0\.1:(\d+)/", shown)[1])
        check("SHA-256 fingerprint" in shown, shown)

    def protected(self, user="ann", password="ann's"):
        ftp = ftplib.FTP_TLS(context=unchecked())
        ftp.connect("127.0.0.1", self.port, 20)
        ftp.login(user, password)
        ftp.prot_p()
        return ftp

    def curl(self, path, *options, user="ann:ann's", scheme="ftp", expect=0):
        port = self.implicit if scheme == "ftps" else self.port
        return run("curl", "-sS", "-k", "--user", user, *options, f"{scheme}://127.0.0.1:{port}/{path}", expect=expect)

    # ---- the steps

    def under_tls_one_is_oneself(self):
        check(self.curl("own", "--ssl-reqd").stdout == b"ann's own\n", "explicit")
        check(self.curl("own", scheme="ftps").stdout == b"ann's own\n", "implicit")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = unchecked()
            context.minimum_version = context.maximum_version = version
            ftp = ftplib.FTP_TLS(context=context)
            ftp.connect("127.0.0.1", self.port, 20)
            ftp.login("ann", "ann's")
            for protect in (ftp.prot_p, ftp.prot_c):
                protect()
                got = io.BytesIO()
                ftp.retrbinary("RETR own", got.write)
                check(got.getvalue() == b"ann's own\n", str(version))
            ftp.quit()

    def everybody_else_is_anonymous(self):
        check(self.curl("hello", user="anonymous:x").stdout == b"hello\n", "in clear")
        check(self.curl("big", "--ssl-reqd", user="ftp:x").stdout == (SERVED / "big").read_bytes(), "under TLS")
        check(self.curl("own", user="anonymous:x", expect=None).returncode != 0, "not his")

    def a_password_is_not_taken_in_clear(self):
        done = self.curl("own", expect=None)
        check(done.returncode == 67, done)

    def a_wrong_one_is_wrong(self):
        for who in ("ann:wrong", "nobody:ann's", "cat:ann's"):
            check(self.curl("own", "--ssl-reqd", user=who, expect=None).returncode == 67, who)

    def rights_and_quota_are_his_own(self):
        with self.protected() as ftp:
            ftp.storbinary("STOR new", io.BytesIO(b"x" * 50_000))
            check((SERVED / "ann" / "new").stat().st_size == 50_000, "not there")
            try:
                ftp.storbinary("STOR more", io.BytesIO(b"x" * 90_000))
                check(False, "beyond the quota")
            except ftplib.Error as error:
                check(str(error).startswith("452"), error)
            check(not (SERVED / "ann" / "more").exists(), "half of it is there")
            ftp.rename("new", "newer")
            ftp.delete("newer")
            try:
                ftp.retrbinary("RETR ../hello", lambda _: None)
                check(False, "outside of her folder")
            except ftplib.error_perm:
                pass
        with self.protected("cat", "cat's") as ftp:
            check("hello" in ftp.nlst(), "cat reads")
            try:
                ftp.storbinary("STOR new", io.BytesIO(b"x"))
                check(False, "cat writes")
            except ftplib.error_perm:
                pass

    def a_file_that_was_cut_off_under_tls_is_none(self):
        ftp = self.protected()
        with ftp.transfercmd("STOR cut") as data:
            data.sendall(b"half")
            # Without TLS's own end.
            os.close(data.detach())
        try:
            ftp.voidresp()
            check(False, "taken for whole")
        except ftplib.Error as error:
            check(str(error).startswith("426"), error)
        ftp.quit()
        check(not (SERVED / "ann" / "cut").exists(), "half of it is there")

    def lftp_mirrors_under_tls(self):
        if not shutil.which("lftp"):
            return
        settings = "set net:max-retries 1; set cmd:fail-exit true; set ssl:verify-certificate false; "
        settings += "set ftp:ssl-force true; set ftp:ssl-protect-data true; "
        run("lftp", "-c", f"{settings}open -u ann,\"ann's\" ftp://127.0.0.1:{self.port}; mirror . {FOLDER}/mirror",
            timeout=60)
        check((FOLDER / "mirror" / "own").read_bytes() == b"ann's own\n", "lftp")
        shutil.rmtree(FOLDER / "mirror")

    def ours_gets_and_puts(self):
        strata = program("STRATA", "build/strata")
        run(strata, "get", "--insecure", f"ftpes://ann:ann's@127.0.0.1:{self.port}/own", "-o", str(FOLDER / "got"))
        run(strata, "get", "--insecure", f"ftps://127.0.0.1:{self.implicit}/big", "-o", str(FOLDER / "got2"))
        check((FOLDER / "got").read_bytes() == b"ann's own\n", "ftpes")
        check((FOLDER / "got2").read_bytes() == (SERVED / "big").read_bytes(), "ftps")
        done = run(strata, "get", f"ftps://127.0.0.1:{self.implicit}/big", "-o", str(FOLDER / "got3"), expect=1)
        check(b"certificate" in done.stderr, done.stderr)
        to = f"ftpes://ann:ann's@127.0.0.1:{self.port}/"
        run(strata, "put", "--insecure", str(FOLDER / "got"), to)
        check((SERVED / "ann" / "got").read_bytes() == b"ann's own\n", "put")
        check(b"got" in run(strata, "ls", "--insecure", to).stdout, "ls")
        (SERVED / "ann" / "got").unlink()
        (FOLDER / "got").unlink()
        (FOLDER / "got2").unlink()

    def stop(self):
        self.server.stop()
        text = "\n".join(self.server.lines)
        check("ann" in text and 'ftps "RETR /own" 226' in text, text[-1500:])


def main():
    require_tools("curl")
    strata = program("STRATA", "build/strata")
    make_folder(strata)
    steps = ("under_tls_one_is_oneself", "everybody_else_is_anonymous", "a_password_is_not_taken_in_clear",
             "a_wrong_one_is_wrong", "rights_and_quota_are_his_own", "a_file_that_was_cut_off_under_tls_is_none",
             "lftp_mirrors_under_tls", "ours_gets_and_puts", "stop")
    for net in ("kernel", "embedded"):
        site = Site(strata, net)
        with site.server:
            run_steps([(f"{net}: {name.replace('_', ' ')}", getattr(site, name)) for name in steps])


if __name__ == "__main__":
    main()
