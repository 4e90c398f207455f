#!/usr/bin/env python3
"""`strata get` and the servers that others wrote, and ours; every file is compared by SHA-256.

    strata get --net kernel ── loopback ──────────────────────────┬─ nginx, lighttpd, busybox httpd, webfsd,
    strata get --net tap ── TAP peers1 ── a namespace's kernel ───┘  http.server, strata serve (kernel, embedded),
               10.97.1.x          10.97.0.2                          sockets that misbehave

Once also on the embedded network. Servers that are not installed are left out, and it is said.
FULL=1: a GiB instead of 16 MiB. What resume_test.py does with a line that is cut is done here with a `get` that is
killed.
"""
# labels: slow
# timeout: 600
import contextlib
import gzip
import itertools
import os
import random
import re
import shutil
import signal
import socket
import sys
import threading
from urllib.parse import quote

from meeting import (PATIENCE, Here, Line, Namespace, Program, check, free_port, installed, listens, program,
                     require_tools, run_steps, scratch_folder, sha256, sha256_of_file, tree, wait_for, why_no_tap)

FULL = os.environ.get("FULL") == "1"
BIG = (1 << 30) if FULL else (16 << 20)
LONG = 10 * PATIENCE if FULL else PATIENCE
SIZE = 3 << 20  # of what is interrupted
STALL = 2 << 20
MODIFIED = 1_700_000_000
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
ODD = ("two words", "100%", "50%25", "说明 书.txt", "-dash", "a#b", "what?", "it's", 'say "hi"', "a&amp;b&c",
       "semi;colon", "plus+plus", "[brackets]", "~tilde", "<angle>", "back\\slash", "co:lon", "é")
TEXT = "a line of text\n" * 20_000


def write(path, content, modified=MODIFIED):
    """As a version of its own: another file takes the name."""
    following = path.with_name("following")
    following.write_bytes(content)
    following.chmod(0o644)
    os.utime(following, (modified, modified))
    os.replace(following, path)


def make_files():
    noise = random.Random(1)
    for folder in (SERVED, SERVED / "odd", SERVED / "folder"):
        folder.mkdir()
        folder.chmod(0o755)
    FOLDER.chmod(0o755)
    block = noise.randbytes(1 << 20)
    with open(SERVED / "big.bin", "wb") as file:
        for number in range(BIG >> 20):  # no two alike
            file.write(number.to_bytes(8, "big") + block[8:])
    (SERVED / "big.bin").chmod(0o644)
    for name in ODD:
        write(SERVED / "odd" / name, f"this is '{name}'\n".encode())
    write(SERVED / "file.bin", noise.randbytes(SIZE))
    write(SERVED / "short.bin", noise.randbytes(SIZE // 2))
    write(SERVED / "empty", b"")
    write(SERVED / "folder" / "index.html", b"<p>home")
    write(SERVED / "text.txt", TEXT.encode())
    write(SERVED / "packed.txt.gz", gzip.compress(TEXT.encode()))
    write(SERVED / "packed.txt", TEXT.encode())


NGINX = """daemon off; master_process off; worker_processes 1; pid {scratch}/pid; error_log {scratch}/errors; \
lock_file {scratch}/lock;
events {{ worker_connections 512; }}
http {{
  access_log off; default_type application/octet-stream; sendfile on; absolute_redirect off;
  client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy; fastcgi_temp_path {scratch}/fastcgi; \
uwsgi_temp_path {scratch}/uwsgi;
  scgi_temp_path {scratch}/scgi;
  server {{
    listen {bind}:{port}; root {folder}; index index.html;
    location = /301 {{ return 301 /file.bin; }}
    location = /302 {{ return 302 /odd/two%20words; }}
    location = /303 {{ return 303 file.bin; }}
    location = /307 {{ return 307 http://$host:$server_port/file.bin; }}
    location = /308 {{ return 308 //$http_host/file.bin; }}
    location = /far/way {{ return 302 ../302; }}
    location = /elsewhere {{ return 302 http://$host:{other}/file.bin; }}
    location = /round {{ return 302 /about; }}
    location = /about {{ return 302 /round; }}
    location = /nowhere {{ return 302 /missing; }}
    location = /secure {{ return 302 https://$host/file.bin; }}
    location = /gone {{ return 410; }}
    location = /teapot {{ return 418; }}
    location = /private {{ return 403; }}
    location = /broken {{ return 500; }}
    location = /nothing {{ return 204; }}
    location /slow/ {{ alias {folder}/; limit_rate_after 1m; limit_rate 1k; }}
    location /zipped/ {{ alias {folder}/; gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; \
gzip_http_version 1.0; }}
    location /unasked/ {{ alias {folder}/; gzip_static always; }}
    location /chunks/ {{ alias {folder}/; gzip_static always; gunzip on; }}
    location /filtered/ {{ alias {folder}/; sub_filter "line" "word"; sub_filter_types *; sub_filter_once off; }}
  }}
}}
"""


def nginx(folder, bind, port, scratch):
    (scratch / "nginx.conf").write_text(NGINX.format(folder=folder, bind=bind, port=port, scratch=scratch,
                                                     other=Server.ports.get("http.server", 1)))
    return ["nginx", "-c", scratch / "nginx.conf", "-p", scratch, "-e", scratch / "errors"]


def lighttpd(folder, bind, port, scratch):
    # It remembers for a second or two what a file was like, and would say it of the next one.
    (scratch / "lighttpd.conf").write_text(f'server.document-root = "{folder}"\n'
                                           f'server.port = {port}\nserver.bind = "{bind}"\n'
                                           'server.stat-cache-engine = "disable"\nindex-file.names = ("index.html")\n'
                                           'server.modules = ("mod_indexfile", "mod_staticfile")\n'
                                           'mimetype.assign = ("" => "application/octet-stream")\n')
    return ["lighttpd", "-D", "-f", scratch / "lighttpd.conf"]


def busybox(folder, bind, port, _):
    return ["busybox", "httpd", "-f", "-p", f"{bind}:{port}", "-h", folder]


def webfsd(folder, bind, port, _):
    return ["webfsd", "-F", "-p", port, "-i", bind, "-r", folder, "-f", "index.html"]


def http_server(folder, bind, port, _):
    return [sys.executable, "-m", "http.server", port, "--bind", bind, "-d", folder]


def strata_serve(net):
    def command(folder, bind, port, _):
        fetch_port = Server.fetch_ports.setdefault(port, free_port())
        return [program("STRATA", "build/strata"), "serve", folder, "--net", net, "--bind", bind, "--http", port,
                "--fetch", fetch_port]
    return command


# Name, what must be installed, how it is started, whether it can go on with a part.
SERVERS = (("http.server", "python3", http_server, False), ("nginx", "nginx", nginx, True),
           ("lighttpd", "lighttpd", lighttpd, True), ("busybox httpd", "busybox", busybox, True),
           ("webfs", "webfsd", webfsd, True), ("strata serve", "python3", strata_serve("kernel"), True),
           ("strata serve, embedded", "python3", strata_serve("embedded"), True))


class Server:
    """`command` serves the folder, in the foreground, at a port of the place."""

    ports = {}
    fetch_ports = {}

    def __init__(self, name, place, command, until):
        self.name, self.port = name, free_port()
        Server.ports[name] = self.port
        scratch = FOLDER / f"{name.replace(' ', '-')}-{place.bind}"
        scratch.mkdir()
        self.program = until.enter_context(
            Program(*place.command(*map(str, command(str(SERVED), place.bind, self.port, scratch)))))
        check(wait_for(lambda: self.program.process.poll() is not None or place.inside(listens, self.port))
              and self.program.process.poll() is None,
              f"{name} does not start: {self.program.lines}")


class Get:
    """`strata get` on one network, at a place where the servers are."""

    def __init__(self, strata, net, place):
        self.strata, self.net, self.place = strata, net, place
        self.host = "10.97.0.2" if net == "tap" else "127.0.0.1"
        self.folder = FOLDER / f"by-{net}"
        self.folder.mkdir()
        self.target = self.folder / "got"
        self.numbers = itertools.count(1)

    def command(self, url, *options):
        if self.net != "tap":
            return self.place.command(self.strata, "get", url, "--net", self.net, *map(str, options))
        # An address a run: the kernel's TIME-WAIT would take a new stack's SYN for an old one.
        number = next(self.numbers)
        net = f"tap:peers1,addr=10.97.{1 + number // 200}.{1 + number % 200}/16,host={self.host}/16"
        return self.place.command(self.strata, "get", url, "--net", net, *map(str, options))

    def get(self, url, *options, expect=0, timeout=PATIENCE):
        return Here().run(*self.command(url, "-o", self.target, *options), cwd=self.folder, expect=expect,
                          timeout=timeout)

    def clean(self):
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def comes(self, url, content, *options):
        """Whole; returns what is said."""
        self.clean()
        said = self.get(url, "--sha256", sha256(content), *options)
        check(self.target.read_bytes() == content, f"{url}: another file")
        check(sorted(tree(self.folder)) == ["got"], f"{url}: more is left than the file: {sorted(tree(self.folder))}")
        return said.stderr

    def does_not_come(self, url, pattern, kept=0):
        """It is said why, in one sentence, and nothing is left, but for a part of so many bytes."""
        self.clean()
        said = self.get(url, expect=1).stderr.decode()
        sentences = [line for line in said.splitlines() if not re.search(r"/s(, [\d:]+ left)?$", line)]
        check(len(sentences) == 1 and re.search(pattern, sentences[0]), f"{url}: {said!r}")
        check(not self.target.exists(), f"{url}: it stands there as if whole")
        part = self.folder / "got.part"
        left = part.stat().st_size if part.exists() else 0
        check(left == kept, f"{url}: a part of {left} bytes is left, not of {kept}")

    # ---- the steps with every server

    def whole_files(self, server):
        base = f"http://{self.host}:{server.port}"
        self.clean()
        self.get(f"{base}/big.bin", "--sha256", sha256_of_file(SERVED / "big.bin"), timeout=LONG)
        check(sha256_of_file(self.target) == sha256_of_file(SERVED / "big.bin"), "another file")
        self.comes(f"{base}/empty", b"")
        self.comes(f"{base}/folder/", b"<p>home")
        self.comes(f"{base}/folder", b"<p>home")  # redirected
        self.does_not_come(f"{base}/missing", "no such file on the server .404.; check its name")
        # Under the names that they have here.
        self.clean()
        for name in ODD:
            Here().run(*self.command(f"{base}/odd/{quote(name)}"), cwd=self.folder)
        check(tree(self.folder) == tree(SERVED / "odd"), f"names that are odd: {sorted(tree(self.folder))}")

    def killed_in_the_middle(self, server, may_resume):
        """SIGKILL: nobody tidies up. SIGINT: it says what to do. Then the same version goes on, and another begins
        anew."""
        line = Line(server.port, self.place)
        url = f"http://{self.host}:{line.port}/file.bin"
        content = (SERVED / "file.bin").read_bytes()

        def interrupted(how):
            self.clean()
            line.stall, line.carried = STALL, 0
            client = Program(*self.command(url, "-o", self.target), cwd=self.folder)
            part = self.folder / "got.part"
            with client:
                check(wait_for(lambda: line.carried == STALL and part.exists() and part.stat().st_size > STALL // 2),
                      f"nothing arrives: {client.lines}")
                client.stop(how)
                if how == signal.SIGINT:
                    check(client.process.returncode == 130 and "--resume" in client.lines[-1],
                          f"{client.process.returncode}: {client.lines}")
            there = part.stat().st_size
            check(not self.target.exists() and content.startswith(part.read_bytes()),
                  "the part is not what has arrived")
            line.stall, line.carried = None, 0
            return there

        try:
            for how in (signal.SIGKILL, signal.SIGINT):
                there = interrupted(how)
                said = self.get(url, "--resume", "--sha256", sha256(content)).stderr
                check(self.target.read_bytes() == content, f"{how.name}: another file")
                check(not may_resume or SIZE - there <= line.carried <= SIZE - there + 2000,
                      f"{how.name}: {line.carried} bytes came again to {there}")
                check((b"anew" in said) != may_resume, said)
            other = random.Random(2).randbytes(SIZE)
            interrupted(signal.SIGKILL)
            write(SERVED / "file.bin", other, MODIFIED + 1)
            said = self.get(url, "--resume", "--sha256", sha256(other)).stderr
            check(self.target.read_bytes() == other and b"anew" in said, f"another version: {said}")
        finally:
            write(SERVED / "file.bin", content)

    # ---- nginx, and what only it can be told to do

    def nginx_redirects(self, server):
        base, file = f"http://{self.host}:{server.port}", (SERVED / "file.bin").read_bytes()
        for code in (301, 303, 307, 308):
            self.comes(f"{base}/{code}", file)
        self.comes(f"{base}/302", b"this is 'two words'\n")
        self.comes(f"{base}/far/way", b"this is 'two words'\n")
        self.comes(f"{base}/elsewhere", file)
        self.does_not_come(f"{base}/round", "redirected too often")
        self.does_not_come(f"{base}/nowhere", r"/missing: there is no such file")
        self.does_not_come(f"{base}/secure", r"cannot fetch https://.*: Connection refused")  # nobody is there
        self.clean()
        Here().run(*self.command(f"{base}/301"), cwd=self.folder)
        # As curl -O has it.
        check(tree(self.folder) == {"301": sha256(file)}, "its name is not the one that was asked for")

    def nginx_refuses(self, server):
        base = f"http://{self.host}:{server.port}"
        for path, pattern in (("gone", "410"), ("teapot", "418"), ("private", "403 Forbidden"),
                              ("broken", "500 Internal Server Error"),
                              ("nothing", "204"), ("odd/", "403 Forbidden")):
            self.does_not_come(f"{base}/{path}", pattern)

    def nginx_codes(self, server):
        """A coding that was not asked for is kept as it is, which curl and wget do too; what is asked for is the file
        itself."""
        base = f"http://{self.host}:{server.port}"
        self.comes(f"{base}/zipped/text.txt", TEXT.encode())
        self.comes(f"{base}/unasked/packed.txt", (SERVED / "packed.txt.gz").read_bytes())
        self.comes(f"{base}/chunks/packed.txt", TEXT.encode())
        self.comes(f"{base}/filtered/text.txt", TEXT.replace("line", "word").encode())
        if shutil.which("curl"):
            head = self.place.run("curl", "-sS", "-D", "-", "-o", os.devnull,
                                  f"http://127.0.0.1:{server.port}/chunks/packed.txt").stdout
            check(b"Transfer-Encoding: chunked" in head, f"nginx sends no chunks: {head}")

    def nginx_is_slow(self, server):
        """A mebibyte, and then a byte in a millisecond."""
        url, content = f"http://{self.host}:{server.port}/slow/short.bin", (SERVED / "short.bin").read_bytes()
        self.clean()
        client, part = Program(*self.command(url, "-o", self.target), cwd=self.folder), self.folder / "got.part"
        with client:
            check(wait_for(lambda: part.exists() and part.stat().st_size > SIZE // 6),
                  f"nothing arrives: {client.lines}")
            client.stop(signal.SIGKILL)
        check(not self.target.exists(), "it was not in the middle")
        self.get(url, "--resume", "--sha256", sha256(content))  # what is left is less than a mebibyte
        check(self.target.read_bytes() == content, "another file")

    # ---- servers that are not as one would wish

    def says(self, answer):
        """A URL where one client is answered with these bytes."""
        listener = self.place.inside(socket.create_server, (self.place.bind, 0))

        def converse():
            connection, _ = listener.accept()
            with listener, connection:
                connection.settimeout(PATIENCE)
                try:
                    request = b""
                    while b"\r\n\r\n" not in request and (got := connection.recv(65536)):
                        request += got
                    self.request = request
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                except OSError:
                    pass  # it has heard enough
        threading.Thread(target=converse, daemon=True).start()
        return f"http://{self.host}:{listener.getsockname()[1]}/x"

    def framings(self, _):
        ok, text = b"HTTP/1.1 200 OK\r\n", b"0123456789" * 1000
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(text[at:at + 999]), text[at:at + 999])
                          for at in range(0, len(text), 999))
        good = (b"HTTP/1.0 200 OK\r\n\r\n" + text, ok + b"\r\n" + text,
                b"HTTP/1.1 200 \r\nContent-Length: 10000\r\n\r\n" + text,
                ok + b"Content-Length: 10000\r\nContent-Length: 10000\r\n\r\n" + text,
                ok + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n",
                ok + b"transfer-encoding: CHUNKED\r\n\r\n" + chunks + b"000\r\n\r\n",
                ok + b"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n" + chunks + b"0\r\nX: y\r\n\r\n",
                ok + b"Transfer-Encoding: chunked\r\n\r\n2710;name=value\r\n" + text + b"\r\n0\r\n\r\n",
                ok + b"X: folded\r\n  twice\r\nContent-Length: 10000, 10000\r\n\r\n" + text,
                b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok + b"Content-Length: 10000\r\n\r\n" + text)
        for answer in good:
            self.comes(self.says(answer), text)
        check(b"accept-encoding" not in self.request.lower(),
              f"it asks for codings that it does not know: {self.request}")
        # More than was said is no part of the file.
        self.comes(self.says(ok + b"Content-Length: 9999\r\n\r\n" + text), text[:-1])
        self.comes(self.says(ok + b"Content-Length: 0\r\n\r\n" + text), b"")

    def broken_framings(self, _):
        ok, text = b"HTTP/1.1 200 OK\r\n", b"0123456789" * 1000
        cut = "ended the connection too early"
        for answer, pattern, kept in ((ok + b"Content-Length: 10001\r\n\r\n" + text, cut, 10_000),
                                      (ok + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n" + text, cut, 10_000),
                                      (ok + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n" + text + b"\r\n",
                                       cut, 10_000),
                                      (ok + b"Transfer-Encoding: chunked\r\n\r\n2711\r\n" + text, cut, 10_000),
                                      (ok + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n" + text + b"\r\n0\r\n",
                                       cut, 10_000),
                                      (ok + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + text, "not HTTP", 0),
                                      (ok + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "coding", 0),
                                      (ok + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + text, "not HTTP", 0),
                                      (ok + b"Content-Length: -5\r\n\r\n" + text, "not HTTP", 0),
                                      (ok[:9], cut, 0), (b"", cut, 0),
                                      (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP", 0)):
            self.does_not_come(self.says(answer), pattern, kept)

    def another_success(self, _):
        """203 is one (RFC 9110 15.3.4)."""
        self.comes(self.says(b"HTTP/1.1 203 Non-Authoritative Information\r\nContent-Length: 4\r\n\r\ntext"), b"text")

    def another_minor_version(self, _):
        """As if it were the highest that is known (RFC 9110 2.5)."""
        self.comes(self.says(b"HTTP/1.2 200 OK\r\nContent-Length: 4\r\n\r\ntext"), b"text")

    def steps(self, running):
        for name, server, may_resume in running:
            yield f"{name}: whole files", lambda server=server: self.whole_files(server)
            yield (f"{name}: killed in the middle",
                   lambda server=server, may=may_resume: self.killed_in_the_middle(server, may))
            if name == "nginx":
                for step in ("nginx_redirects", "nginx_refuses", "nginx_codes", "nginx_is_slow"):
                    yield step.replace("_", " "), lambda server=server, step=step: getattr(self, step)(server)
            if name.startswith("strata"):
                yield f"{name}: fetch", lambda server=server: self.fetch(server)
        for step in ("framings", "broken_framings", "another_success", "another_minor_version"):
            yield step.replace("_", " "), lambda step=step: getattr(self, step)(None)

    def fetch(self, server):
        base = f"fetch://{self.host}:{Server.fetch_ports[server.port]}"
        self.comes(f"{base}/file.bin", (SERVED / "file.bin").read_bytes())
        self.comes(f"{base}/odd/{quote('说明 书.txt')}", "this is '说明 书.txt'\n".encode())
        self.does_not_come(f"{base}/missing", "missing")


def on_the_embedded_network(strata, server):
    """Its gateway leads to whomever this machine reaches, through both of its stacks."""
    get = Get(strata, "embedded", Here())
    get.whole_files(server)
    get.does_not_come(f"http://127.0.0.1:{free_port()}/file.bin", "Connection refused")


def started(place, until):
    """(name, server, whether it can go on with a part) of those that are installed; they run until the stack `until`
    is left."""
    running = []
    for name, tool, command, may_resume in SERVERS:
        # A gateway's loopback is the namespace's, too; once is enough.
        if installed(tool) and not (name == "strata serve, embedded" and isinstance(place, Namespace)):
            running.append((name, Server(name, place, command, until), may_resume))
    return running


def main():
    require_tools("python3")
    strata = program("STRATA", "build/strata")
    make_files()
    with contextlib.ExitStack() as until:
        here = started(Here(), until)
        steps = [(f"kernel: {name}", step) for name, step in Get(strata, "kernel", Here()).steps(here)]
        steps.append(("embedded: whole files", lambda: on_the_embedded_network(strata, here[0][1])))
        if reason := why_no_tap():
            print(f"left out: the TAP; {reason}", flush=True)
        else:
            namespace = until.enter_context(Namespace())
            steps += [(f"tap: {name}", step)
                      for name, step in Get(strata, "tap", namespace).steps(started(namespace, until))]
        run_steps(steps)


if __name__ == "__main__":
    main()
