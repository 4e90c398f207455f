#!/usr/bin/env python3
"""`strata serve` and `strata get` on this machine's loopback, on the kernel's sockets and on the embedded network.

    curl, wget, Python sockets ── loopback ── strata serve --net kernel
                                          └── strata serve --net embedded: gateway ── cable ── server
    strata get ── loopback ── strata serve, and servers written here that misbehave
"""
# timeout: 300
import http.server
import os
import re
import resource
import shutil
import signal
import socket
import struct
import threading
import time
from urllib.parse import quote

from meeting import PATIENCE, Program, check, free_port, program, require_tools, run, run_steps, scratch_folder, sha256

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
SECRET = b"nobody may read this"
CHINESE = "说明 书.txt"
CHINESE_TEXT = "各层各司其职。\n" * 50


def make_files():
    (SERVED / "sub folder").mkdir(parents=True)
    (SERVED / "big.bin").write_bytes(os.urandom(20 << 20))
    (SERVED / "small.txt").write_text("a small file\n")
    (SERVED / "empty").write_bytes(b"")
    (SERVED / CHINESE).write_text(CHINESE_TEXT)
    (SERVED / "sub folder" / "inside.txt").write_text("inside\n")
    (FOLDER / "secret").write_bytes(SECRET)
    (FOLDER / "outside").mkdir()
    (FOLDER / "outside" / "secret").write_bytes(SECRET)
    (SERVED / "link-out").symlink_to(FOLDER / "secret")
    (SERVED / "link-up").symlink_to("../secret")
    (SERVED / "folder-out").symlink_to(FOLDER / "outside")
    (SERVED / "link-in").symlink_to("small.txt")
    os.mkfifo(SERVED / "pipe")


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def raw(port, request, close=False):
    """What a server answers to these bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        if close:
            connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def one_sentence(done):
    # A transfer's progress may stand before it.
    text = "".join(line for line in done.stderr.decode().splitlines(True)
                   if not re.search(r"/s(, [\d:]+ left)?$", line))
    check(text.startswith("strata: ") and text.count("\n") == 1 and text.endswith("\n"), f"not one sentence: {text!r}")
    return text


class Site:
    """A `strata serve` and the steps that every network must pass."""

    def __init__(self, strata, net, *more):
        self.strata = strata
        self.net = net
        self.http, self.fetch = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.http}"
        self.server = Program(strata, "serve", SERVED, "--net", net, "--http", self.http, "--fetch", self.fetch, *more)
        self.server.wait_for_line(r"serving .* at http://127\.0\.0\.1:" + str(self.http))
        self.server.wait_for_line(r"serving .* at fetch://127\.0\.0\.1:" + str(self.fetch))
        self.big = (SERVED / "big.bin").read_bytes()

    def curl(self, *arguments, **options):
        return run("curl", "-sS", *arguments, **options).stdout

    def whole_files(self):
        check(self.curl(f"{self.base}/big.bin") == self.big, "curl got another file")
        check(self.curl(f"{self.base}/{quote(CHINESE)}").decode() == CHINESE_TEXT, "the Chinese name is another file")
        check(self.curl(f"{self.base}/empty") == b"", "the empty file is not empty")
        check(self.curl(f"{self.base}/sub%20folder/inside.txt") == b"inside\n", "the folder within holds another file")
        check(self.curl(f"{self.base}/link-in") == b"a small file\n", "a link that stays inside is not followed")
        target = FOLDER / "by-wget"
        run("wget", "-q", "-O", target, f"{self.base}/big.bin")
        check(target.read_bytes() == self.big, "wget got another file")
        self.server.wait_for_line(r"127\.0\.0\.1:\d+ http \"GET /big\.bin\" 200 20971520 bytes"
                                  if self.net == "kernel" else r"http \"GET /big\.bin\" 200 20971520 bytes")

    def listing_and_head(self):
        page = self.curl(f"{self.base}/").decode()
        for name in ("big.bin", quote(CHINESE), "sub%20folder/", "<!DOCTYPE html>"):
            check(name.lower() in page.lower(), f"the listing has no '{name}'")
        check("link-out" not in page, "the listing shows a link that leads out")
        head = self.curl("-I", f"{self.base}/big.bin").decode().lower()
        for field in ("200 ok", f"content-length: {len(self.big)}", "accept-ranges: bytes", "etag: ",
                      "last-modified: ", "date: "):
            check(field in head, f"no '{field}' in\n{head}")
        answer = raw(self.http, b"HEAD /small.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        check(answer.endswith(b"\r\n\r\n"), f"HEAD came with a body: {answer!r}")
        redirected = self.curl("-o", os.devnull, "-w", "%{http_code} %{redirect_url}",
                               f"{self.base}/sub%20folder").decode()
        check(redirected.startswith("301 ") and redirected.endswith("/sub%20folder/"), redirected)

    def ranges(self):
        url = f"{self.base}/big.bin"
        for option, wanted in (("0-0", self.big[:1]), ("1000-1999", self.big[1000:2000]), ("-5", self.big[-5:]),
                               ("20971000-", self.big[20971000:]), ("20971510-99999999", self.big[20971510:])):
            check(self.curl("-r", option, url) == wanted, f"range {option} is wrong")
        many = self.curl("-i", "-r", "0-9,100-109,-10", url)
        check(b"206 Partial" in many and b"multipart/byteranges" in many, many[:300])
        for part, header in ((self.big[:10], b"bytes 0-9/20971520"), (self.big[100:110], b"bytes 100-109/20971520"),
                             (self.big[-10:], b"bytes 20971510-20971519/20971520")):
            check(part in many and header in many, f"no part {header!r}")
        refused = self.curl("-i", "-r", "99999999-", url)
        check(b"416 " in refused and b"bytes */20971520" in refused, refused[:300])

    def resume(self):
        for name, command in (("curl", ("curl", "-sS", "-C", "-", "-o")), ("wget", ("wget", "-q", "-c", "-O"))):
            target = FOLDER / f"resumed-{name}"
            target.write_bytes(self.big[:7_000_001])
            run(*command, target, f"{self.base}/big.bin")
            check(target.read_bytes() == self.big, f"{name} resumed to another file")

    def conditions(self):
        head = self.curl("-I", f"{self.base}/small.txt").decode()
        fields = {name.lower(): value
                  for name, value in (line.split(": ", 1) for line in head.splitlines() if ": " in line)}
        tag = fields["etag"]
        status = ("-o", os.devnull, "-w", "%{http_code}", f"{self.base}/small.txt")
        check(self.curl("-H", f"If-None-Match: {tag}", *status) == b"304", "the same entity tag is not 'not modified'")
        check(self.curl("-H", 'If-None-Match: "other"', *status) == b"200", "another entity tag is 'not modified'")
        check(self.curl("-H", f"If-Modified-Since: {fields['last-modified']}", *status) == b"304",
              "the same date is not 'not modified'")
        check(self.curl("-H", 'If-Match: "other"', *status) == b"412", "a failed precondition passes")
        check(self.curl("-H", f"If-Range: {tag}", "-r", "2-6", f"{self.base}/small.txt") == b"small",
              "If-Range with the right tag gives no range")
        check(self.curl("-H", 'If-Range: "other"', "-r", "2-6", f"{self.base}/small.txt") == b"a small file\n",
              "If-Range with a wrong tag gives a range")

    def one_connection_many_requests(self):
        said = self.curl("-w", "%{num_connects}\n", "-o", os.devnull, "-o", os.devnull, "-o", os.devnull,
                         *[f"{self.base}/small.txt"] * 3)
        check(said == b"1\n0\n0\n", f"connections opened: {said!r}")
        request = b"GET /small.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /small.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answers = raw(self.http, request * 9 + last)
        check(answers.count(b"200 OK") == 10 and answers.count(b"a small file\n") == 10, "pipelined requests got lost")

    def nobody_gets_out(self):
        for target in ("/../secret", "/%2e%2e/secret", "/..%2fsecret", "/sub%20folder/../../secret", "/link-out",
                       "/link-up", "/folder-out/secret", "/folder-out/", "//../secret",
                       f"/{quote(str(FOLDER / 'secret'))}", f"//{FOLDER}/secret", "/small.txt%00", "/%", "/%zz",
                       "/./.././../secret", "/pipe", "secret", "*", f"http://x/../secret"):
            answer = raw(self.http, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            check(SECRET not in answer, f"{target} leads out")
            check(answer[9:10] == b"4" or answer.startswith(b"HTTP/1.1 404"), f"{target}: {answer[:60]!r}")
        for name in ("../secret", "/etc/passwd", str(FOLDER / "secret"), "link-out", "link-up", "folder-out/secret",
                     "pipe", "", ".", "sub folder"):
            check(raw(self.fetch, name.encode(), close=True) == b"", f"fetch '{name}' gave something")

    def missing_and_nonsense(self):
        check(self.curl("-o", os.devnull, "-w", "%{http_code}", f"{self.base}/missing") == b"404",
              "a missing file is not 404")
        for request, status in (
                (b"POST /small.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", b"405"),
                (b"GET /small.txt HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"), (b"nonsense\r\n\r\n", b"400"),
                (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"431")):
            answer = raw(self.http, request)
            check(answer[9:12] == status, f"{request[:40]!r}: {answer[:60]!r}, not {status!r}")
        check(self.curl("-o", os.devnull, "-w", "%{http_code}", f"{self.base}/small.txt") == b"200",
              "it serves no more")

    def port_in_use(self):
        done = run(self.strata, "serve", SERVED, "--net", self.net, "--http", self.http, "--fetch", "off", expect=1)
        check(str(self.http) in one_sentence(done), done.stderr)

    def client_goes_away(self):
        seen = len(self.server.lines)
        connection = socket.create_connection(("127.0.0.1", self.http), timeout=PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        check(len(connection.recv(65536)) > 0, "no answer")
        reset(connection)
        self.server.wait_for_line(r"GET /big\.bin\" 200 .* \(cut off", after=seen)
        check(self.curl(f"{self.base}/small.txt") == b"a small file\n", "it serves no more")

    def slow_client(self):
        """One that reads nothing for a while holds up nobody, and gets all in the end."""
        with socket.create_connection(("127.0.0.1", self.http), timeout=PATIENCE) as slow:
            slow.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            start = slow.recv(1000)
            for _ in range(3):
                check(self.curl(f"{self.base}/big.bin") == self.big, "another client is held up")
            answer = start + read_all(slow)
        check(answer.split(b"\r\n\r\n", 1)[1] == self.big, "the slow client did not get all")

    def many_at_once(self):
        clients = [Program("curl", "-sS", "-f", "-o", FOLDER / f"many-{number}", f"{self.base}/big.bin")
                   for number in range(20)]
        for number, client in enumerate(clients):
            with client:
                client.process.wait(PATIENCE)
                check(client.process.returncode == 0, f"curl: {client.lines}")
            check((FOLDER / f"many-{number}").read_bytes() == self.big, "another file")
            (FOLDER / f"many-{number}").unlink()

    def fetch_by_python_sockets(self):
        check(raw(self.fetch, b"small.txt") == b"a small file\n", "a name and then quiet")
        check(raw(self.fetch, b"small.txt\n") == b"a small file\n", "a name with a newline")
        check(raw(self.fetch, b"small.txt", close=True) == b"a small file\n", "a name and then the end of the stream")
        check(raw(self.fetch, CHINESE.encode()).decode() == CHINESE_TEXT, "a Chinese name")
        check(raw(self.fetch, b"big.bin") == self.big, "a big file")
        check(raw(self.fetch, b"missing") == b"", "a missing file")
        check(raw(self.fetch, b"empty") == b"", "the empty file")
        check(raw(self.fetch, b"x" * 1024) == b"" and raw(self.fetch, b"x" * 5000) == b"",
              "names as long as allowed, and longer")
        check(raw(self.fetch, b"\xff\xfe\x80", close=True) == b"", "a name that is no UTF-8")
        with socket.create_connection(("127.0.0.1", self.fetch), timeout=PATIENCE) as pieces:
            pieces.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for letter in CHINESE.encode():
                pieces.sendall(bytes([letter]))
            check(read_all(pieces).decode() == CHINESE_TEXT, "a name in pieces, its characters cut")

    def get_from_it(self):
        for url, wanted in ((f"{self.base}/big.bin", self.big), (f"fetch://127.0.0.1:{self.fetch}/big.bin", self.big),
                            (f"{self.base}/{quote(CHINESE)}", CHINESE_TEXT.encode()),
                            (f"fetch://127.0.0.1:{self.fetch}/{quote(CHINESE)}", CHINESE_TEXT.encode())):
            target = FOLDER / "got"
            done = run(self.strata, "get", url, "-o", target, "--sha256", sha256(wanted))
            check(target.read_bytes() == wanted, f"{url} is another file")
            check(sha256(wanted).encode() in done.stdout + done.stderr, "no SHA-256 at the end")
            target.unlink()
        for url in (f"{self.base}/missing", f"fetch://127.0.0.1:{self.fetch}/missing"):
            check("missing" in one_sentence(run(self.strata, "get", url, "-o", FOLDER / "got", expect=1)), url)
            check(not list(FOLDER.glob("got*")), f"{list(FOLDER.glob('got*'))} is left")

    def ctrl_c(self):
        """Ends within a second: also when a client neither reads nor goes, and what can be finished is; what can't is
        reset, not ended."""
        stuck = socket.create_connection(("127.0.0.1", self.http), timeout=PATIENCE)
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        check(len(stuck.recv(100)) == 100, "no answer")
        idle = socket.create_connection(("127.0.0.1", self.http), timeout=PATIENCE)
        cut = socket.create_connection(("127.0.0.1", self.fetch), timeout=PATIENCE)
        cut.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        cut.sendall(b"big.bin\n")
        check(len(cut.recv(100)) == 100, "no file")
        took = self.server.stop()
        check(took < 1.3, f"it took {took:.2f} s")
        check(self.server.process.returncode == 0,
              f"exit code {self.server.process.returncode}: {self.server.lines[-3:]}")
        if self.net == "embedded":
            for part in ("tcpOutSegs", "ipInReceives", "ifOutOctets", "gateway carried"):
                check(any(part in line for line in self.server.lines), f"no {part} at the end")
        try:
            check(False, f"a file that was cut off ended in order, after {len(read_all(cut))} bytes")
        except ConnectionResetError:
            pass
        stuck.close()
        idle.close()
        cut.close()

    def steps(self):
        names = ("whole_files", "listing_and_head", "ranges", "resume", "conditions", "one_connection_many_requests",
                 "nobody_gets_out", "missing_and_nonsense", "port_in_use", "client_goes_away", "slow_client",
                 "many_at_once", "fetch_by_python_sockets", "get_from_it", "ctrl_c")
        return [(f"{self.net}: {name.replace('_', ' ')}", getattr(self, name)) for name in names]


# ---- gbk, getting, and wrong use: on the kernel's sockets

class OneConversation:
    """A server for one conversation: a function that is given the connection."""

    def __init__(self, converse):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.received = b""
        self.thread = threading.Thread(target=self._serve, args=(converse,), daemon=True)
        self.thread.start()

    def _serve(self, converse):
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            self.received = converse(connection) or b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.thread.join(PATIENCE)


class GetTest:
    def __init__(self, strata):
        self.strata = strata
        self.target = FOLDER / "target"

    def get(self, url, *more, expect=0, **options):
        return run(self.strata, "get", url, "-o", self.target, *more, expect=expect, **options)

    def left(self):
        return sorted(path.name for path in FOLDER.glob("target*"))

    def clean(self):
        for path in FOLDER.glob("target*"):
            path.unlink()

    def gbk(self):
        with_gbk = Program(self.strata, "serve", SERVED, "--http", "off", "--fetch", port := free_port(),
                           "--encoding", "GBK")
        with with_gbk:
            with_gbk.wait_for_line("serving .* at fetch://")
            check(raw(port, CHINESE.encode("gbk")).decode() == CHINESE_TEXT, "a name in GBK")
            check(raw(port, b"small.txt") == b"a small file\n", "a name in ASCII")
            self.get(f"fetch://127.0.0.1:{port}/{quote(CHINESE)}", "--encoding", "GBK")
            check(self.target.read_text() == CHINESE_TEXT, "strata get in GBK")
            self.clean()

    def from_one_recv(self):
        """A server that takes one recv(1024), answers with the file and closes."""
        for encoding in ("utf-8", "gbk"):
            def converse(connection):
                name = connection.recv(1024)
                connection.sendall(CHINESE_TEXT.encode())
                return name

            with OneConversation(converse) as server:
                self.get(f"fetch://127.0.0.1:{server.port}/{quote(CHINESE)}", "--encoding", encoding.upper())
            check(server.received == CHINESE.encode(encoding), f"the server was sent {server.received!r}")
            check(self.target.read_text() == CHINESE_TEXT, "another text arrived")
            self.clean()
        with OneConversation(lambda connection: connection.recv(1024)) as server:
            one_sentence(self.get(f"fetch://127.0.0.1:{server.port}/missing", expect=1))
        check(not self.left(), f"{self.left()} is left")

    def broken_transfer_and_resume(self):
        data = os.urandom(1_000_000)

        def half(connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000000\r\n\r\n" + data[:500_000])

        def rest(connection):
            request = connection.recv(65536)
            connection.sendall(b"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\n"
                               b"Content-Range: bytes 500000-999999/1000000\r\n"
                               b"Content-Length: 500000\r\n\r\n" + data[500_000:])
            return request

        with OneConversation(half) as server:
            said = one_sentence(self.get(f"http://127.0.0.1:{server.port}/x", expect=1))
        check("--resume" in said and not self.target.exists(), f"{said} left {self.left()}")
        check((FOLDER / "target.part").read_bytes() == data[:500_000], "the part is not what arrived")
        with OneConversation(rest) as server:
            self.get(f"http://127.0.0.1:{server.port}/x", "--resume")
        check(b"range: bytes=500000-" in server.received.lower(), server.received)
        check(self.target.read_bytes() == data, "resumed to another file")
        check(self.left() == ["target"], f"{self.left()} is left")
        self.clean()

        # Another version has come in between: all of it anew.
        with OneConversation(half) as server:
            self.get(f"http://127.0.0.1:{server.port}/x", expect=1)

        def another(connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 7\r\n\r\nanother")

        with OneConversation(another) as server:
            self.get(f"http://127.0.0.1:{server.port}/x", "--resume")
        check(self.target.read_bytes() == b"another", "two versions were mixed")
        self.clean()

    def redirects(self):
        with Program(self.strata, "serve", SERVED, "--http", port := free_port(), "--fetch", "off") as server:
            server.wait_for_line("serving .* at http://")

            def elsewhere(connection):
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/small.txt\r\n"
                                   "Content-Length: 0\r\n\r\n".encode())

            with OneConversation(elsewhere) as first:
                self.get(f"http://127.0.0.1:{first.port}/start")
            check(self.target.read_text() == "a small file\n", "the redirect led elsewhere")
            self.clean()

            class Endless(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(302)
                    self.send_header("Location", "/again")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

                def log_message(self, *_):
                    pass

            endless = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
            threading.Thread(target=endless.serve_forever, daemon=True).start()
            one_sentence(self.get(f"http://127.0.0.1:{endless.server_port}/", expect=1))
            endless.shutdown()
            endless.server_close()

    def what_is_there_stays(self):
        with Program(self.strata, "serve", SERVED, "--http", port := free_port(), "--fetch", "off") as server:
            server.wait_for_line("serving .* at http://")
            url = f"http://127.0.0.1:{port}/small.txt"
            self.target.write_text("mine")
            check("--force" in one_sentence(self.get(url, expect=1)), "it does not say what to do")
            check(self.target.read_text() == "mine", "it was overwritten")
            self.get(url, "--force")
            check(self.target.read_text() == "a small file\n", "--force does not force")
            self.clean()
            one_sentence(self.get(url, "--sha256", "0" * 64, expect=1))
            check(not self.target.exists(), "a file with a wrong digest was put in place")
            self.clean()
            one_sentence(run(self.strata, "get", url, "-o", FOLDER / "no such folder" / "x", expect=1))
            check(run(self.strata, "get", url, "-o", "-").stdout == b"a small file\n", "-o - is not standard output")

    def disk_full(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))

        with Program(self.strata, "serve", SERVED, "--http", port := free_port(),
                     "--fetch", fetch := free_port()) as server:
            server.wait_for_line("serving .* at fetch://")
            for url in (f"http://127.0.0.1:{port}/big.bin", f"fetch://127.0.0.1:{fetch}/big.bin"):
                said = one_sentence(self.get(url, expect=1, preexec_fn=limit))
                check("target" in said and not self.target.exists(), f"{said} left {self.left()}")
                self.clean()
            url = f"http://127.0.0.1:{port}/big.bin"
            if os.geteuid() == 0 and shutil.which("unshare"):
                script = ('mount -t tmpfs -o size=1m none "$1" || exit 77; '
                          '"$2" get "$3" -o "$1/file"; code=$?; ls "$1" >&2; exit $code')
                (FOLDER / "tiny").mkdir()
                done = run("unshare", "-m", "sh", "-c", script, "sh", FOLDER / "tiny", self.strata, url, expect=None)
                check(done.returncode in (1, 77), f"{done.returncode}: {done.stderr}")
                check(done.returncode == 77 or b"No space left" in done.stderr, done.stderr)

    def interrupted(self):
        parts = threading.Event()

        def slowly(connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
            parts.wait(PATIENCE)

        with OneConversation(slowly) as server:
            client = Program(self.strata, "get", f"http://127.0.0.1:{server.port}/x", "-o", self.target)
            with client:
                deadline = time.monotonic() + PATIENCE
                while not ((FOLDER / "target.part").exists() and (FOLDER / "target.part").stat().st_size == 1000):
                    check(time.monotonic() < deadline and client.process.poll() is None,
                          f"nothing arrived: {client.lines}")
                    time.sleep(0.01)
                took = client.stop()
                check(took < 1 and client.process.returncode == 130,
                      f"{took:.2f} s, exit code {client.process.returncode}")
                check("--resume" in client.lines[-1], client.lines[-1])
            parts.set()
        self.clean()

    def wrong_use(self):
        for arguments in ((), ("get",), ("nonsense",), ("get", "gopher://127.0.0.1/x"), ("get", "http://127.0.0.1/"),
                          ("get", "http://a b/c"), ("get", "http://127.0.0.1:99999/x"),
                          ("get", "http://127.0.0.1/x", "--sha256", "12"), ("serve", SERVED, "--net", "bogus"),
                          ("serve", SERVED, "--http", "99999"), ("serve", SERVED, "--http", "off", "--fetch", "off"),
                          ("serve", SERVED, "--net", "tap:"), ("serve", SERVED, "--net", "tap:x"),
                          ("serve", SERVED, "--net", "tap:x,addr=1.2.3"), ("serve", SERVED, "--bind", "nowhere"),
                          ("serve", SERVED, "--pcap", "x.pcap"), ("serve", SERVED, "--what")):
            done = run(self.strata, *arguments, expect=2, timeout=10)
            check(done.stderr.strip(), f"{arguments}: nothing is said")
        for arguments in (("serve", FOLDER / "no such folder"), ("serve", SERVED / "small.txt"),
                          ("get", f"http://127.0.0.1:{free_port()}/x"),
                          ("get", f"fetch://127.0.0.1:{free_port()}/x"), ("serve", SERVED, "--encoding", "EBCDIC-9"),
                          ("serve", SERVED, "--bind", "192.0.2.1", "--http", str(free_port()))):
            one_sentence(run(self.strata, *arguments, expect=1, timeout=30, cwd=FOLDER))
        for arguments in (("--help",), ("serve", "--help"), ("--version",)):
            check(run(self.strata, *arguments).stdout, f"{arguments}: nothing is said")

    def steps(self):
        names = ("gbk", "from_one_recv", "broken_transfer_and_resume", "redirects", "what_is_there_stays", "disk_full",
                 "interrupted", "wrong_use")
        return [(f"get: {name.replace('_', ' ')}", getattr(self, name)) for name in names]


def main():
    require_tools("curl", "wget")
    strata = program("STRATA", "build/strata")
    make_files()
    kernel, embedded = Site(strata, "kernel"), Site(strata, "embedded")
    with kernel.server, embedded.server:
        run_steps(kernel.steps() + embedded.steps() + GetTest(strata).steps())


if __name__ == "__main__":
    main()
