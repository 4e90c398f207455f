#!/usr/bin/env python3
"""`strata serve` and the clients that others wrote, each with what it is good at; every byte is compared by SHA-256.

    curl, wget, wget2, aria2, lftp, http.client ─┬─ loopback ── strata serve --net kernel
                                                 ├─ loopback ── strata serve --net embedded
                                                 └─ the kernel of a namespace ── TAP peers0 ── strata serve   10.96.0.1
                                                                   10.96.0.2

Those that are not installed are left out, and it is said. FULL=1: a GiB and 10,000 files instead of 16 MiB
and 300 (ten minutes, with TMPDIR=/dev/shm).
"""
# labels: slow
# timeout: 600
import contextlib
import email.utils
import http.client
import os
import random
import re
import shutil
import signal
import socket
from urllib.parse import quote

from meeting import (ENVIRONMENT, PATIENCE, Here, Namespace, Program, check, installed, program, require_tools,
                     run_steps, scratch_folder, sha256, sha256_of_file, tree, wait_for, why_no_tap)

FULL = os.environ.get("FULL") == "1"
BIG = (1 << 30) if FULL else (16 << 20)
MANY = 10_000 if FULL else 300
LONG = 10 * PATIENCE if FULL else PATIENCE
OURS, KERNEL = "10.96.0.1", "10.96.0.2"
MODIFIED = 1_700_000_000
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
ODD = ("two words", "100%", "50%25", "说明 书.txt", "-dash", "a#b", "what?", "it's", 'say "hi"', "a&amp;b&c",
       "semi;colon", "plus+plus", "[brackets]", "~tilde", "<angle>", "back\\slash", "co:lon", "equals=x,y", "*star*",
       "$dollar", "!", "a|b", "{x}", "é", "ends.", "-/inside", "名 录/里 面", "what? #1/100%")

CANNOT = {"wget": ("50%25", "50%"),  # decodes it twice for the file's name
          "wget2": ("what? #1/100%",),  # takes the %3F and %23 of a folder for ? and #
          "lftp": ("~tilde",)}  # takes a ~ that begins a name for somebody's home


def make_files():
    noise = random.Random(1)
    (SERVED / "many").mkdir(parents=True)
    (SERVED / "odd").mkdir()
    block = noise.randbytes(1 << 20)
    with open(SERVED / "big.bin", "wb") as file:
        for number in range(BIG >> 20):  # no two alike
            file.write(number.to_bytes(8, "big") + block[8:])
    for number in range(MANY):
        (SERVED / "many" / f"{number:05}.dat").write_bytes(noise.randbytes(noise.randrange(3000)))
    for name in ODD:
        (SERVED / "odd" / name).parent.mkdir(exist_ok=True)
        (SERVED / "odd" / name).write_text(f"this is '{name}'\n")
    (SERVED / "text.txt").write_text("a line of text\n" * 5000)
    (SERVED / "packed.gz").write_bytes(b"\x1f\x8b\x08" + noise.randbytes(5000))  # whoever unpacks it on the way fails
    (SERVED / "empty").write_bytes(b"")
    FOLDER.chmod(0o755)
    for path in (SERVED, *SERVED.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (MODIFIED, MODIFIED))


class Site:
    """A `strata serve`, and the place where its clients run."""

    def __init__(self, strata, net, place, until):
        self.net, self.place = net, place
        where = {"kernel": ("--net", "kernel", "--bind", "127.0.0.1"), "embedded": ("--net", "embedded"),
                 "tap": ("--net", f"tap:peers0,addr={OURS}/24,host={KERNEL}/24")}[net]
        self.server = until.enter_context(
            Program(*place.command(strata, "serve", SERVED, *where, "--http", "0", "--fetch", "off")))
        said = self.server.wait_for_line(r"^serving .* at http://([\d.]+)(?::(\d+))?/?")
        self.address, self.port = said.group(1), int(said.group(2) or 80)
        self.base = f"http://{self.address}:{self.port}"
        self.marks = 0
        self.folder = FOLDER / net
        self.folder.mkdir()
        self.big, self.many, self.odd = sha256_of_file(SERVED / "big.bin"), tree(SERVED / "many"), tree(SERVED / "odd")

    def empty_folder(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def run(self, *command, **options):
        return self.place.run(*command, timeout=LONG, **options)

    def is_big(self, path, what):
        check(sha256_of_file(path) == self.big, f"{what}: another file")

    def part_of_big(self, path, size):
        path.unlink(missing_ok=True)
        with open(SERVED / "big.bin", "rb") as whole:
            path.write_bytes(whole.read(size))
        return path

    # The server's log tells what a client asked for. A line may be written a little after its answer is read.

    def mark(self):
        """How many lines the log has, once it speaks of a request that is made for this."""
        self.marks += 1
        self.run("curl", "-sS", "-o", os.devnull, f"{self.base}/mark-{self.marks}.")
        self.server.wait_for_line(f"mark-{self.marks}\\.")
        return len(self.server.lines)

    def logged(self, pattern, after):
        """How many lines, from number `after` on, the pattern is found in."""
        return sum(1 for line in self.server.lines[after:] if re.search(pattern, line))

    def took(self, size, after, what):
        """From the log's line number `after` on, so many bytes of bodies went out."""
        def bytes_logged():
            lines = [line for line in self.server.lines[after:] if "mark-" not in line]
            return sum(int(said.group(1)) for line in lines if (said := re.search(r'" \d{3} (\d+) bytes', line)))
        check(wait_for(lambda: bytes_logged() == size, 10), f"{what} took {bytes_logged()} bytes, not {size}")
        check(size > 0 or self.mark() and bytes_logged() == 0, f"{what} took {bytes_logged()} bytes, not {size}")

    # ---- curl

    def curl(self, *arguments, **options):
        return self.run("curl", "-sS", *arguments, **options).stdout

    def curl_ranges(self):
        chance = random.Random(2)
        with open(SERVED / "big.bin", "rb") as whole:
            for _ in range(20):
                first = chance.randrange(BIG)
                last = min(BIG - 1, first + chance.choice((0, 1, 1000, 1 << 20)))
                whole.seek(first)
                got = self.curl("-f", "-r", f"{first}-{last}", f"{self.base}/big.bin")
                check(sha256(got) == sha256(whole.read(last - first + 1)), f"bytes {first}-{last} are others")
        for size in (1, BIG // 2, BIG - 1):
            part = self.part_of_big(self.folder / "curl-resumed", size)
            before = self.mark()
            self.curl("-f", "-C", "-", "-o", part, f"{self.base}/big.bin")
            self.is_big(part, f"curl -C - from {size}")
            self.took(BIG - size, before, f"curl -C - from {size}")
        refused = self.curl("-r", f"{BIG}-", "-o", os.devnull, "-w", "%{http_code}", f"{self.base}/big.bin")
        check(refused == b"416", f"a range behind the end is {refused}, not 416")

    def curl_many_files_on_one_connection(self):
        for options, connections in (((), 1), (("--parallel", "--parallel-max", "8"), 8)):
            target = self.empty_folder("curl-many")
            (self.folder / "names").write_text("".join(
                f'url = "{self.base}/many/{quote(name)}"\noutput = "{target / name}"\n' for name in self.many))
            said = self.curl("-f", *options, "-w", "%{num_connects}\n", "-K", self.folder / "names").split()
            check(tree(target) == self.many, "files differ")
            check(len(said) == MANY and sum(map(int, said)) <= connections,
                  f"{sum(map(int, said))} connections for {len(said)} files")

    def curl_compressed_head_and_http_1_0(self):
        for name in ("text.txt", "packed.gz", "big.bin", "empty"):
            wanted = sha256_of_file(SERVED / name)
            small = (("--http1.0", "-H", "Connection: keep-alive"), ("--tr-encoding",)) if name != "big.bin" else ()
            for options in (("--compressed",), ("--http1.0",), *small):
                self.curl("-f", *options, "-o", self.folder / "curl-got", "--remove-on-error", f"{self.base}/{name}")
                got = sha256_of_file(self.folder / "curl-got")
                check(got == wanted, f"{name} with {options} is another file")
                (self.folder / "curl-got").unlink(missing_ok=True)
            for options in ((), ("--http1.0",)):
                head = self.curl("-f", "-I", *options, f"{self.base}/{name}").decode().lower()
                check(f"\r\ncontent-length: {(SERVED / name).stat().st_size}\r\n" in head,
                      f"HEAD of {name} says {head}")
            check("content-encoding" not in head, f"{name} is said to be packed: {head}")
        listing = self.curl("-f", "-I", f"{self.base}/many/").decode().lower()
        check("content-type: text/html" in listing, listing)

    def curl_if_modified_since(self):
        got = self.folder / "curl-dated"
        got.unlink(missing_ok=True)
        self.curl("-f", "-R", "-o", got, f"{self.base}/text.txt")
        check(int(got.stat().st_mtime) == MODIFIED, "curl -R has another date")
        status = ("-o", self.folder / "curl-got", "-w", "%{http_code} %{size_download}")
        check(self.curl("-z", got, *status, f"{self.base}/text.txt") == b"304 0", "what was not modified came")
        earlier, later = (email.utils.formatdate(MODIFIED + step, usegmt=True) for step in (-1, 1))
        check(self.curl("-z", earlier, *status, f"{self.base}/text.txt").startswith(b"200 "),
              "what was modified did not come")
        check(self.curl("-z", later, *status, f"{self.base}/text.txt") == b"304 0", "what was not modified came")
        check(self.curl("-z", f"-{later}", *status, f"{self.base}/text.txt").startswith(b"200 "),
              "If-Unmodified-Since of a later day")
        check(self.curl("-z", f"-{earlier}", *status, f"{self.base}/text.txt").startswith(b"412 "),
              "If-Unmodified-Since of an earlier day")

    def curl_puts_nothing(self):
        """Refused before a byte of it was sent; and who does not ask reads the refusal, not a reset (RFC 9112 9.6)."""
        status = ("-o", os.devnull, "-w", "%{http_code} %{size_upload}")
        for name, refusals in (("text.txt", ("405",)), ("big.bin", ("405", "413"))):
            code, sent = self.curl("-T", SERVED / name, "-H", "Expect: 100-continue", "--expect100-timeout", "30",
                                   *status, f"{self.base}/new").decode().split()
            check(code in refusals and sent == "0", f"PUT {name} that asks first: {code}, and {sent} bytes were sent")
            code, _ = self.curl("-T", SERVED / name, "-H", "Expect:", *status, f"{self.base}/new").decode().split()
            check(code in refusals, f"PUT {name}: {code}")
        check(not (SERVED / "new").exists(), "it was written")
        head = self.curl("-i", "-X", "DELETE", f"{self.base}/text.txt").decode()
        check(head.startswith("HTTP/1.1 405 ") and "\r\nAllow: GET, HEAD" in head, head)

    # ---- wget, wget2

    def wget(self, tool):
        target = self.empty_folder(f"by-{tool}")
        url, file = f"{self.base}/big.bin", target / "big.bin"
        for there in (1, BIG // 3, BIG):
            self.part_of_big(file, there)
            before = self.mark()
            # Of a whole file they may say that there is no more.
            self.run(tool, "-q", "-c", "-P", target, url, expect=None)
            self.is_big(file, f"{tool} -c from {there}")
            if there < BIG:
                self.took(BIG - there, before, f"{tool} -c from {there}")
            else:
                check(self.mark() and not self.logged('big.bin" 20', before),
                      f"{tool} -c took some of a whole file again")
        self.run(tool, "-q", "-O", target / "other", url)
        self.is_big(target / "other", tool)
        missing = self.run(tool, "-O", target / "missing", f"{self.base}/missing", expect=8)
        check(b"404" in missing.stderr + missing.stdout, missing.stderr)

    def wget_timestamps(self, tool):
        target = self.empty_folder(f"dated-{tool}")
        command, file = (tool, "-q", "-N", "-P", target, f"{self.base}/big.bin"), target / "big.bin"
        before = self.mark()
        self.run(*command)
        self.is_big(file, f"{tool} -N")
        self.took(BIG, before, f"{tool} -N")
        check(int(file.stat().st_mtime) == MODIFIED, f"{tool} -N: another date")
        before = self.mark()
        self.run(*command)
        self.took(0, before, f"{tool} -N of what is there")
        check(self.logged('big.bin" 304 ', before), f"{tool} -N was not told 304")
        os.utime(file, (MODIFIED - 5, MODIFIED - 5))
        before = self.mark()
        self.run(*command)
        self.took(BIG, before, f"{tool} -N of what is newer")
        self.is_big(file, f"{tool} -N of what is newer")

    def recursion(self, tool, folder):
        """What it has, but for the listings, which are kept as files, too."""
        target = self.empty_folder(f"tree-{tool}-{folder}")
        command = (tool, "-q", "-r", "-l", "inf", "-np", "-nH", "-N", "--restrict-file-names=nocontrol", "-P", target,
                   f"{self.base}/{folder}/")
        self.run(*command, expect=None)  # 8: there is no /robots.txt
        return command, {name: digest for name, digest in tree(target / folder).items()
                         if not name.split("/")[-1].startswith("index.html")}

    def wget_recursion(self, tool):
        _, got = self.recursion(tool, "odd")
        self.is_tree(got, self.odd, tool)
        command, got = self.recursion(tool, "many")
        self.is_tree(got, self.many, tool)
        before = self.mark()
        self.run(*command, expect=None)
        self.mark()
        check(self.logged(r'many/\d+\.dat" 304 ', before) == MANY,
              f"{tool} -r -N was not told of every file that it is not modified")
        check(not self.logged(r'many/\d+\.dat" 200 [1-9]', before), f"{tool} -r -N took files again")

    def is_tree(self, got, wanted, tool):
        """But for names that the client cannot do, whoever serves them (nginx's listings were tried)."""
        left_out = CANNOT.get(tool, ())
        missing, more = (sorted(one.keys() - other.keys() - set(left_out))
                         for one, other in ((wanted, got), (got, wanted)))
        check(not missing and not more, f"{tool}: missing {missing[:5]}, more {more[:5]}")
        differ = [name for name in got if name not in left_out and got[name] != wanted[name]]
        check(not differ, f"{tool}: files differ: {differ[:5]}")

    # ---- aria2

    def aria2(self, *arguments, **options):
        return self.run("aria2c", "-q", "--no-conf", "--file-allocation=none", "--auto-file-renaming=false",
                        "--allow-overwrite=true", *arguments, **options)

    def aria2_in_segments(self):
        target = self.empty_folder("aria2")
        before = self.mark()
        self.aria2("-x4", "-s4", "-k1M", "-d", target, f"--checksum=sha-256={self.big}", f"{self.base}/big.bin")
        self.is_big(target / "big.bin", "aria2c -x4")
        check(wait_for(lambda: self.logged('big.bin" 206 ', before) >= 3, 10), "aria2c did not take it in segments")
        some = dict(list(self.many.items())[:300])  # of thousands it takes its time, also from nginx
        (target / "list").write_text("".join(f"{self.base}/many/{quote(name)}\n" for name in some))
        self.aria2("-j8", "-i", target / "list", "-d", self.empty_folder("aria2-many"))
        check(tree(self.folder / "aria2-many") == some, "aria2c -j8: files differ")

    def aria2_goes_on(self):
        target = self.empty_folder("aria2")
        file, url = target / "big.bin", f"{self.base}/big.bin"
        self.part_of_big(file, BIG // 2)
        before = self.mark()
        self.aria2("-c", "-d", target, url)
        self.is_big(file, "aria2c -c of the beginning")
        check(wait_for(lambda: self.logged(f'big.bin" 206 {BIG // 2} bytes', before) == 1, 10),
              "aria2c -c did not take the other half")
        file.unlink()
        # Stopped with holes between its segments.
        client = Program(*self.place.command("aria2c", "-q", "--no-conf", "--file-allocation=none",
                                             f"--max-overall-download-limit={BIG // 4}",
                                             "-x4", "-s4", "-k1M", "-d", str(target), url))
        with client:
            check(wait_for(lambda: file.exists() and file.stat().st_blocks * 512 > BIG // 16),
                  f"nothing arrives: {client.lines}")
            client.stop(signal.SIGINT)
        check((target / "big.bin.aria2").exists(), "aria2c was done before it was stopped")
        self.aria2("-c", "-x4", "-s4", "-k1M", "-d", target, url)
        self.is_big(file, "aria2c -c of what it had begun")
        check(not (target / "big.bin.aria2").exists(), "aria2c does not think that it is whole")
        before = self.mark()
        self.aria2("--conditional-get=true", "-d", target, url)
        self.took(0, before, "aria2c --conditional-get")

    # ---- lftp

    def lftp(self, *commands, **options):
        script = "; ".join(("set cmd:fail-exit yes", "set net:max-retries 1", f"set net:timeout {LONG:.0f}",
                            "set file:charset utf-8", *commands))
        return self.run("lftp", "--norc", "-c", script, **options)

    def lftp_gets(self):
        target = self.empty_folder("lftp")
        self.lftp(f"get {self.base}/big.bin -o {target}/big.bin")
        self.is_big(target / "big.bin", "lftp get")
        self.part_of_big(target / "big.bin", BIG // 5)
        before = self.mark()
        self.lftp(f"get -c {self.base}/big.bin -o {target}/big.bin")
        self.is_big(target / "big.bin", "lftp get -c")
        self.took(BIG - BIG // 5, before, "lftp get -c")
        (target / "big.bin").unlink()
        before = self.mark()
        self.lftp(f"pget -n 4 {self.base}/big.bin -o {target}/big.bin")
        self.is_big(target / "big.bin", "lftp pget")
        check(wait_for(lambda: self.logged('big.bin" 206 ', before) >= 3, 10), "lftp pget did not take it in parts")
        check(self.lftp(f"cat {self.base}/text.txt").stdout == (SERVED / "text.txt").read_bytes(),
              "lftp cat: another file")
        missing = self.lftp(f"get {self.base}/missing -o {target}/missing", expect=1)
        check(b"404" in missing.stderr, missing.stderr)

    def lftp_mirrors(self):
        target = self.empty_folder("lftp-tree")
        for folder, wanted in (("odd", self.odd), ("many", self.many)):
            self.lftp(f"open {self.base}/", f"mirror --parallel=4 {folder}/ {target}/{folder}/")
            self.is_tree(tree(target / folder), wanted, "lftp")
        before = self.mark()
        self.lftp(f"open {self.base}/", f"mirror --parallel=4 many/ {target}/many/")
        self.mark()
        check(not self.logged(r'GET /many/\d+\.dat" 20', before),
              f"a second lftp mirror took {self.logged('GET /many/.*dat', before)} files again")

    # ---- Python's http.client, and its sockets

    def http_client_keeps_a_connection(self):
        def converse():
            connection = http.client.HTTPConnection(self.address, self.port, timeout=PATIENCE)
            connection.connect()
            sock = connection.sock
            for name, digest in list(self.many.items())[:9000]:  # after 10,000 requests it is closed
                connection.request("GET", f"/many/{name}")
                with connection.getresponse() as answer:
                    check(answer.status == 200 and sha256(answer.read()) == digest, f"{name}: {answer.status}")
            for method, target, fields, status in (("HEAD", "/big.bin", {}, 200), ("GET", "/missing", {}, 404),
                                                   ("HEAD", "/missing", {}, 404), ("GET", "/many", {}, 301),
                                                   ("GET", "/many/", {}, 200), ("GET", "/empty", {}, 200),
                                                   ("GET", "/text.txt", {"Range": "bytes=1-3"}, 206),
                                                   ("GET", "/text.txt", {"Range": "bytes=999999-"}, 416),
                                                   ("GET", "/text.txt", {"If-None-Match": "*"}, 304),
                                                   ("POST", "/text.txt", {}, 405), ("GET", "/text.txt", {}, 200)):
                connection.request(method, target, headers=fields)
                with connection.getresponse() as answer:
                    body = answer.read()
                    check(answer.status == status, f"{method} {target} {fields}: {answer.status}, not {status}")
                    check(method != "HEAD" or body == b"", f"HEAD {target} came with a body")
                    check(not answer.will_close, f"{method} {target} {fields}: the connection is not kept")
            check(connection.sock is sock, "the connection was not kept")
            check(body == (SERVED / "text.txt").read_bytes(), "another file")
            connection.close()
        self.place.inside(converse)

    def pipelined_requests(self):
        """All sent before the first answer is read; the answers come in their order."""
        chance = random.Random(3)
        names = [chance.choice(sorted(self.many)) for _ in range(200)]

        def converse():
            with socket.create_connection((self.address, self.port), PATIENCE) as connection:
                requests = (f"{'HEAD' if i % 7 == 3 else 'GET'} /many/{name} HTTP/1.1\r\nHost: x\r\n\r\n"
                            for i, name in enumerate(names))
                connection.sendall("".join(requests).encode())
                stream = connection.makefile("rb")
                for i, name in enumerate(names):
                    check(stream.readline() == b"HTTP/1.1 200 OK\r\n",
                          f"answer {i} does not begin where the one before ends")
                    fields = http.client.parse_headers(stream)
                    size = int(fields["Content-Length"])
                    check(size == (SERVED / "many" / name).stat().st_size, f"answer {i} is of another file")
                    check(i % 7 == 3 or sha256(stream.read(size)) == self.many[name], f"answer {i} is another file")
        self.place.inside(converse)

    def bad_heads(self):
        def answer(request):
            with socket.create_connection((self.address, self.port), PATIENCE) as connection:
                connection.sendall(request)
                connection.settimeout(10)
                text = b""
                while part := connection.recv(65536):
                    text += part
                return text

        host, end = b"Host: x\r\n", b"Connection: close\r\n\r\n"
        get = b"GET /text.txt HTTP/1.1\r\n"
        refused = ((get + end, b"400"), (get + host + host + end, b"400"), (get + b"Host: a b\r\n" + end, b"400"),
                   (get + host + b"Range : bytes=0-1\r\n" + end, b"400"),  # RFC 9112 5.1
                   (get + host + b" folded: x\r\n" + end, b"400"), (get + host + b": x\r\n" + end, b"400"),
                   (get + host + b"no colon\r\n" + end, b"400"),
                   (get + host + b"X: a\0b\r\n" + end, b"400"), (get + host + b"Content-Length: 5x\r\n" + end, b"400"),
                   (get + host + b"Content-Length: -1\r\n" + end, b"400"),
                   (get + host + b"Content-Length: 1\r\nContent-Length: 2\r\n" + end, b"400"),
                   (get + host + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + end, b"400"),
                   (get + host + b"Transfer-Encoding: gzip, chunked\r\n" + end, b"501"),
                   (b"GET /text.txt HTTP/2.0\r\n" + host + end, b"505"),
                   (b"GET /text.txt HTTP/1.1 \r\n" + host + end, b"400"),
                   (b"GET  /text.txt HTTP/1.1\r\n" + host + end, b"400"),
                   (b"GET /te xt HTTP/1.1\r\n" + host + end, b"400"),
                   (b"GET text.txt HTTP/1.1\r\n" + host + end, b"400"),
                   (b"GET /text.txt\r\n\r\n", b"400"),
                   (b"get /text.txt HTTP/1.1\r\n" + host + end, b"501"),
                   (b"BREW /text.txt HTTP/1.1\r\n" + host + end, b"501"),
                   (b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + host + end, b"414"),
                   (get + host + b"X: y\r\n" * 50_000 + end, b"431"),
                   (get + host + b"Expect: a-miracle\r\n" + end, b"417"),
                   (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"))
        taken = (get + host + end, b"\r\n\r\n" + get + host + end,
                 b"GET http://elsewhere/text.txt HTTP/1.1\r\n" + host + end,
                 b"GET /text.txt?x#y HTTP/1.1\r\n" + host + end,
                 b"GET /text.txt HTTP/1.0\r\n\r\n", b"GET /text.txt HTTP/1.9\r\n" + host + end,
                 get + b"hOsT:\t x \t\r\n" + end,
                 get + b"Host:\r\n" + end,
                 get + host + b"Content-Length: 4\r\n" + end + b"body",
                 get + host + b"Transfer-Encoding: chunked\r\n" + end + b"4\r\nbody\r\n0\r\n\r\n")

        def converse():
            wrong = [f"{request[:60]!r}: {said[:40]!r}, not {status.decode()}" for request, status in refused
                     if (said := answer(request))[9:12] != status]
            text = (SERVED / "text.txt").read_bytes()
            wrong += [f"{request[:60]!r}: {said[:40]!r}, not 200" for request in taken
                      if not (said := answer(request)).startswith(b"HTTP/1.1 200 ")
                      or said.split(b"\r\n\r\n", 1)[1] != text]
            check(not wrong, "; ".join(wrong))
        self.place.inside(converse)
        check(self.curl("-f", f"{self.base}/text.txt") == (SERVED / "text.txt").read_bytes(), "it serves no more")

    def end(self):
        self.server.stop()
        check(self.server.process.returncode == 0,
              f"serve ended with {self.server.process.returncode}: {self.server.lines[-3:]}")

    def steps(self):
        steps = [(name, getattr(self, name)) for name in (
            "curl_ranges", "curl_many_files_on_one_connection", "curl_compressed_head_and_http_1_0",
            "curl_if_modified_since", "curl_puts_nothing")]
        for tool in ("wget", "wget2"):
            if installed(tool):
                steps += [(f"{tool}{which}", lambda tool=tool, step=step: step(tool)) for which, step in
                          ((": whole and parts", self.wget), (" -N", self.wget_timestamps),
                           (" -r", self.wget_recursion))]
        if installed("aria2c"):
            steps += [(name, getattr(self, name)) for name in ("aria2_in_segments", "aria2_goes_on")]
        if installed("lftp"):
            steps += [(name, getattr(self, name)) for name in ("lftp_gets", "lftp_mirrors")]
        steps += [(name, getattr(self, name)) for name in (
            "http_client_keeps_a_connection", "pipelined_requests", "bad_heads", "end")]
        return [(f"{self.net}: {name.replace('_', ' ')}", step) for name, step in steps]


def main():
    require_tools("curl")
    strata = program("STRATA", "build/strata")
    home = FOLDER / "home"  # nobody's settings
    home.mkdir()
    ENVIRONMENT["HOME"] = str(home)
    make_files()
    with contextlib.ExitStack() as until:
        sites = [Site(strata, "kernel", Here(), until), Site(strata, "embedded", Here(), until)]
        if reason := why_no_tap():
            print(f"left out: the TAP; {reason}", flush=True)
        else:
            sites.append(Site(strata, "tap", until.enter_context(Namespace()), until))
        run_steps([step for site in sites for step in site.steps()])


if __name__ == "__main__":
    main()
