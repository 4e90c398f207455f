#!/usr/bin/env python3
"""`strata serve --users --tls` and clients that log in: curl, python3's ssl and urllib, wget; with a certificate that
signs itself and with one of openssl's; on the kernel's network, on two threads and on our own stack.

    curl, wget, python3 ─── loopback ── strata serve --net kernel | embedded   http and https
"""
# timeout: 300
import hashlib
import os
import pty
import re
import socket
import ssl
import stat
import subprocess
import threading
import time
from urllib.parse import quote

from meeting import (ENVIRONMENT, PATIENCE, Program, check, installed, program, require_tools, run,
                     run_steps, scratch_folder)

FOLDER = scratch_folder()
SERVED, USERS = FOLDER / "served", FOLDER / "users"
ODD = "pä:s s\"w'örd%"  # whatever a password may have
BIG = 8 << 20


def make_folder(strata):
    (SERVED / "ann").mkdir(parents=True)
    for folder in (SERVED, SERVED / "ann"):
        folder.chmod(0o777)
    (SERVED / "hello.txt").write_bytes(b"hello, world\n")
    (SERVED / "ann" / "own.txt").write_bytes(b"ann's own\n")
    (SERVED / "big.bin").write_bytes(os.urandom(BIG))
    add(strata, "ann", ODD, "--rights", "all", "--folder", "ann", "--quota", "100K")
    add(strata, "bob", "b", "--rights", "add")
    add(strata, "cat", "c")


def add(strata, name, password, *options, file=USERS):
    subprocess.run([strata, "users", "add", name, "--file", str(file), *options], input=password.encode() + b"\n",
                   check=True, capture_output=True, timeout=PATIENCE, env=ENVIRONMENT)


class Served:
    def __init__(self, strata, *options, net="kernel", tls="self"):
        self.command = [strata, "serve", str(SERVED), "--net", net, "--http", "0", "--https", "0", "--fetch", "off",
                        "--bind", "127.0.0.1", "--no-qr", "--tls", tls, "--users", str(USERS),
                        "--run-as", "root" if os.geteuid() == 0 else str(os.geteuid()), *map(str, options)]

    def __enter__(self):
        self.program = Program(*self.command)
        self.program.wait_for_line("users of .* log in")
        shown = "\n".join(self.program.lines)
        self.clear = re.search(r"at (http://127\.0\.0\.1:\d+)", shown)[1]
        self.safe = re.search(r"at (https://127\.0\.0\.1:\d+)", shown)[1]
        self.https = int(self.safe.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.program.stop()

    def curl(self, *arguments, user=None):
        """(status, body)"""
        who = ("--user", user) if user else ()
        done = run("curl", "-sS", "-k", "-w", "\n%{http_code}", *who, *arguments)
        body, status = done.stdout.rsplit(b"\n", 1)
        return int(status), body


def users_log_in(strata, net="kernel", *options):
    with Served(strata, *options, net=net) as served:
        ann = f"ann:{ODD}"
        check(served.curl(f"{served.safe}/own.txt", user=ann) == (200, b"ann's own\n"), "ann has her folder")
        check(served.curl(f"{served.safe}/own.txt")[0] == 404, "others have not")
        check(served.curl(f"{served.safe}/hello.txt") == (200, b"hello, world\n"), "strangers read")
        check(served.curl(f"{served.clear}/hello.txt") == (200, b"hello, world\n"), "in clear, too")
        status, body = served.curl(f"{served.clear}/own.txt", user=ann)
        check(status == 403 and b"https" in body, f"a password in clear: {status} {body}")
        check(served.curl(f"{served.safe}/big.bin")[1] == (SERVED / "big.bin").read_bytes(), "8 MiB are not the same")
        # Only the first login costs what scrypt costs.
        began = time.monotonic()
        for _ in range(20):
            check(served.curl(f"{served.safe}/own.txt", user=ann)[0] == 200, "ann again")
        print(f"20 requests of a known user in {time.monotonic() - began:.2f} s", flush=True)


def rights_and_quota(strata):
    small = FOLDER / "small"
    small.write_bytes(b"x" * 60_000)
    with Served(strata, "--threads", "2") as served:
        put = lambda name, user=None: served.curl("-T", small, f"{served.safe}/{quote(name)}", user=user)[0]
        check(put("new.txt") == 401, "a stranger is asked who he is")
        check(put("new.txt", "bob:b") == 201 and put("new.txt", "bob:b") == 403, "bob adds")
        check(put("cats.txt", "cat:c") == 405, "cat reads")
        ann = f"ann:{ODD}"
        check(put("one", ann) == 201 and put("one", ann) == 204, "ann does all")
        check(put("two", ann) == 507, "but no more than her quota")
        check(served.curl("-X", "DELETE", f"{served.safe}/one", user=ann)[0] == 204 and put("two", ann) == 201,
              "what goes makes room")
        for origin, status in (("https://evil.example", 403), ("null", 403), (served.safe, 204)):
            check(served.curl("-X", "DELETE", "-H", f"Origin: {origin}", f"{served.safe}/two", user=ann)[0] == status,
                  origin)
    (SERVED / "new.txt").unlink()


def nobody_else(strata):
    with Served(strata, "--no-anonymous") as served:
        status, _ = served.curl(f"{served.safe}/hello.txt")
        check(status == 401, f"a stranger: {status}")
        check(served.curl(f"{served.clear}/hello.txt")[0] == 403, "in clear")
        check(served.curl(f"{served.safe}/hello.txt", user="cat:c")[0] == 200, "cat")
        if installed("wget"):
            # It says nothing before it is asked.
            done = run("wget", "-q", "-O", "-", "--no-check-certificate", "--user=cat", "--password=c",
                       f"{served.safe}/hello.txt")
            check(done.stdout == b"hello, world\n", "wget")
    with Served(strata, "--no-anonymous", "--insecure-login") as served:
        check(served.curl(f"{served.clear}/hello.txt", user="cat:c")[0] == 200, "where nobody is on the way")


def fingerprint_shown(served):
    line = next(line for line in served.program.lines if "fingerprint" in line)
    return re.search(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", line)[0].replace(":", "").lower()


def certificates(strata):
    """Who is told the certificate, or its fingerprint, needs no -k."""
    with Served(strata) as served:
        pem = ssl.get_server_certificate(("127.0.0.1", served.https))
        check(hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == fingerprint_shown(served), "fingerprint")
        (FOLDER / "self.pem").write_text(pem)
        done = run("curl", "-sS", "--cacert", FOLDER / "self.pem", f"{served.safe}/hello.txt")
        check(done.stdout == b"hello, world\n", "curl --cacert")
        run("curl", "-sS", f"{served.safe}/hello.txt", expect=60)
        run("curl", "-sS", "-k", "--tls-max", "1.2", f"{served.safe}/hello.txt")
        run("curl", "-sS", "-k", "--tls-max", "1.1", f"{served.safe}/hello.txt", expect=35)
    if not installed("openssl"):
        return
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", FOLDER / "a.key", "-out",
        FOLDER / "a.pem")
    with Served(strata, tls=f"{FOLDER / 'a.pem'},{FOLDER / 'a.key'}") as served:
        done = run("curl", "-sS", "--cacert", FOLDER / "a.pem", "--user", "cat:c", f"{served.safe}/hello.txt")
        check(done.stdout == b"hello, world\n", "curl with a certificate of one's own")


def tickets(strata):
    """A session is resumed by its ticket, in TLS 1.2 and 1.3, and the server keeps nothing for it."""
    with Served(strata) as served:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = version
            session = None
            for again in (False, True):
                with socket.create_connection(("127.0.0.1", served.https), PATIENCE) as plain, \
                        context.wrap_socket(plain, session=session) as stream:
                    stream.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    text = b"".join(iter(lambda: stream.recv(4096), b""))
                    check(text.endswith(b"hello, world\n"), f"{version}: {text}")
                    check(stream.session_reused == again, f"{version}: resumed is {stream.session_reused}")
                    session = stream.session


def rss(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def floods(strata):
    """Sixty wrong logins at once: four are looked at without a wait, most are told to come later, strangers are served
    meanwhile, and memory is bounded."""
    with Served(strata) as served:
        statuses, lock = [], threading.Lock()

        def guess(number):
            status, _ = served.curl("--max-time", "40", f"{served.safe}/", user=f"ann:guess{number}")
            with lock:
                statuses.append(status)

        threads = [threading.Thread(target=guess, args=(number,)) for number in range(60)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            asked = time.monotonic()
            check(served.curl(f"{served.safe}/hello.txt")[0] == 200, "a stranger meanwhile")
            check(time.monotonic() - asked < 5, "a stranger waits for those who guess")
            threads[-1].join(0.2)
            for thread in threads:
                thread.join(0.05)
        took = time.monotonic() - began
        check(set(statuses) == {401, 503}, f"{set(statuses)}")
        check(statuses.count(401) <= 12, f"{statuses.count(401)} guesses in {took:.1f} s")
        check(rss(served.program.process.pid) < 200_000, f"{rss(served.program.process.pid)} KiB")


def the_file_changes(strata):
    with Served(strata) as served:
        check(served.curl(f"{served.safe}/hello.txt", user="dan:d")[0] == 401, "there is no dan")
        add(strata, "dan", "d")
        time_is_up = time.monotonic() + PATIENCE
        while served.curl(f"{served.safe}/hello.txt", user="dan:d")[0] != 200:
            check(time.monotonic() < time_is_up, "dan is never seen")
        run(strata, "users", "remove", "dan", "--file", USERS)
        while served.curl(f"{served.safe}/hello.txt", user="dan:d")[0] == 200:
            check(time.monotonic() < time_is_up, "dan is never forgotten")
        before = USERS.read_text()
        try:
            USERS.write_text(before + "eve:secret\n")
            while not any("the users stay as they were" in line for line in served.program.lines):
                check(served.curl(f"{served.safe}/hello.txt", user="cat:c")[0] == 200, "cat")
                check(time.monotonic() < time_is_up, "nothing is told of a wrong file")
        finally:
            USERS.write_text(before)


def the_command(strata):
    file = FOLDER / "some" / "users"
    add(strata, "ann", "1", "--rights", "add", "--folder", "a b", file=file)
    check(stat.S_IMODE(file.stat().st_mode) == 0o600, "for its owner alone")
    file.write_text("# ours\n" + file.read_text())
    before = file.read_text()
    add(strata, "ann", "2", "--quota", "1M", file=file)
    after = file.read_text()
    check(after.startswith("# ours\nann:$7$") and after.endswith(":add:1048576:a b\n"), after)
    check(before.split(":")[1] != after.split(":")[1], "another password")
    listed = run(strata, "users", "list", "--file", file).stdout.decode()
    check(re.search(r"ann +add +1048576 +a b", listed), listed)
    run(strata, "users", "remove", "ann", "--file", file)
    check(file.read_text() == "# ours\n", file.read_text())
    run(strata, "users", "add", "a:b", "--file", file, expect=2)
    run(strata, "users", "add", "ann", "--file", file, expect=1)  # no password on standard input
    file.chmod(0o666)
    run(strata, "users", "list", "--file", file, expect=1)
    file.chmod(0o600)
    # On a terminal it is asked for twice, and never shown.
    for typed, code in ((("s\x7fsecret", "secret"), 0), (("quince", "medlar"), 1), (("s\x03",), 130)):
        check(on_a_terminal(strata, file, typed) == code, f"{typed}")
    check(run(strata, "users", "list", "--file", file).stdout.count(b"\n") == 2, "eve is there")


def on_a_terminal(strata, file, typed):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(strata, [strata, "users", "add", "eve", "--file", str(file)], ENVIRONMENT)
    shown = b""

    def read_until(end):
        nonlocal shown
        while end is None or not shown.endswith(end):
            try:
                piece = os.read(terminal, 1024)
            except OSError:  # the other end is closed
                piece = b""
            if not piece:
                return
            shown += piece

    for number, text in enumerate(typed):
        read_until(b"once more: " if number else b"password of eve: ")
        os.write(terminal, text.encode() + b"\n")
    read_until(None)
    os.close(terminal)
    check(not any(text.encode() in shown for text in ("secret", "quince", "medlar")), f"{shown} shows it")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main():
    require_tools("curl")
    strata = program("STRATA", "build/strata")
    make_folder(strata)
    run_steps([
        ("users log in, kernel", lambda: users_log_in(strata)),
        ("users log in, two threads", lambda: users_log_in(strata, "kernel", "--threads", "2")),
        ("users log in, embedded", lambda: users_log_in(strata, "embedded")),
        ("rights and quota", lambda: rights_and_quota(strata)),
        ("nobody else", lambda: nobody_else(strata)),
        ("certificates", lambda: certificates(strata)),
        ("tickets", lambda: tickets(strata)),
        ("floods of wrong logins", lambda: floods(strata)),
        ("the file changes", lambda: the_file_changes(strata)),
        ("strata users", lambda: the_command(strata)),
    ])


if __name__ == "__main__":
    main()
