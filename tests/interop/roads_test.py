#!/usr/bin/env python3
"""The roads that `strata get` takes to a server, beside curl on the same ones: TLS, names and passwords, proxies,
several files, further attempts.

    get, curl ── (a proxy of Python's) ── http.server behind Python's ssl, openssl s_server, nginx

What a proxy and a server are asked is noted, and compared where both programs should say the same.
"""
# timeout: 300
import base64
import http.server
import os
import re
import shutil
import signal
import socket
import ssl
import threading

from meeting import Namespace, Program, check, free_port, listens, program, require_tools, run, run_steps, \
    scratch_folder, sha256, sha256_of_file, wait_for, why_no_tap

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
STRATA = program("STRATA", "build/release/bin/strata")
SIZE = (256 << 20) if os.environ.get("FULL") else (8 << 20)
MODIFIED = 1_700_000_000


def get(*arguments, environment=(), expect=0):
    """`strata get`, with such variables; its home holds no .netrc but the test's."""
    return run("env", f"HOME={FOLDER}", *environment, STRATA, "get", *arguments, cwd=FOLDER, expect=expect)


def make_files():
    SERVED.mkdir()
    (SERVED / "big.bin").write_bytes(os.urandom(SIZE))
    for name in ("one", "two", "three"):
        (SERVED / name).write_text(name + "\n")
    os.utime(SERVED / "one", (MODIFIED, MODIFIED))


def make_certificates():
    """An authority; a server's certificate that another signed, which the authority signed; and one that signs
    itself."""
    def openssl(*arguments):
        run("openssl", *arguments, cwd=FOLDER)
    def request(name, subject):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.csr", "-subj", subject)
    def signed(name, by, extensions):
        (FOLDER / f"{name}.ext").write_text(extensions)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial",
                "-days", "30", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key",
            "-out", "root.pem", "-days", "30", "-subj", "/CN=authority")
    request("middle", "/CN=middle")
    signed("middle", "root", "basicConstraints=critical,CA:true\n")
    request("leaf", "/CN=localhost")
    signed("leaf", "middle", "subjectAltName=DNS:localhost,DNS:*.wild.test,IP:127.0.0.1,IP:10.99.5.2\n")
    (FOLDER / "chain.pem").write_text((FOLDER / "leaf.pem").read_text() + (FOLDER / "middle.pem").read_text())
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "self.key",
            "-out", "self.pem", "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(SERVED))

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        answer = self.server.answers.pop(self.path, None)
        if answer is None:
            return super().do_GET()
        self.wfile.write(answer)
        self.close_connection = True
        return None

    def do_PUT(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        self.server.put[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Quiet(http.server.ThreadingHTTPServer):
    """Who leaves in the middle of something, or does not trust a certificate, is what the test is about."""
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Server:
    """http.server for the folder, with TLS if a certificate is given; or with answers that were written before."""

    def __init__(self, certificate=None, key="leaf.key", address="127.0.0.1", **limits):
        self.http = Quiet((address, 0), Handler)
        self.http.asked, self.http.answers, self.http.put = [], {}, {}
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(FOLDER / certificate, FOLDER / key)
            for name, value in limits.items():
                setattr(context, name, value)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    asked = property(lambda self: self.http.asked)
    answers = property(lambda self: self.http.answers)
    put = property(lambda self: self.http.put)


class Proxy:
    """Notes the heads that it is asked with; answers CONNECT by carrying to `to`, and the absolute form with a file
    of its own."""

    def __init__(self, to=None, refuse=None):
        self.to, self.refuse, self.heads = to, refuse, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.converse, args=(client,), daemon=True).start()

    def converse(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (got := client.recv(65536)):
                    return
                head += got
            self.heads.append(head.decode())
            if self.refuse:
                client.sendall(self.refuse)
            elif head.startswith(b"CONNECT"):
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with socket.create_connection(("127.0.0.1", self.to)) as server:
                    back = threading.Thread(target=self.carry, args=(server, client), daemon=True)
                    back.start()
                    self.carry(client, server)
                    back.join(10)
            else:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfar\n")

    @staticmethod
    def carry(source, sink):
        try:
            while got := source.recv(65536):
                sink.sendall(got)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def https_of_pythons():
    with Server("chain.pem") as server:
        url = f"https://localhost:{server.port}"
        get(f"{url}/big.bin", "--cacert", "root.pem", "-o", "big.bin")
        check(sha256_of_file(FOLDER / "big.bin") == sha256_of_file(SERVED / "big.bin"), "other bytes")
        run("curl", "-sSf", "--cacert", FOLDER / "root.pem", f"{url}/one", "-o", FOLDER / "curled")
        check(get(f"{url}/one", "--cacert", "root.pem", "-o", "-").stdout == b"one\n", "standard output")
        # By address too; and the system's store may be told elsewhere.
        check(get(f"https://127.0.0.1:{server.port}/one", "-o", "-",
                  environment=("SSL_CERT_FILE=root.pem",)).stdout == b"one\n", "SSL_CERT_FILE")
        missing = get(f"{url}/none", "--cacert", "root.pem", expect=1)
        check(b"(404)" in missing.stderr, missing.stderr)


def https_and_proxies_of_put():
    """What is sent goes the roads of what is fetched, with the same names and passwords."""
    with Server("chain.pem") as server, Server() as plain:
        for name, url, variables in (("over TLS", f"https://u:p@localhost:{server.port}/up", ()),
                                     ("embedded", f"https://u:p@127.0.0.1:{server.port}/up", ("--net", "embedded"))):
            run("env", f"HOME={FOLDER}", STRATA, "put", SERVED / "big.bin", url, "--cacert", FOLDER / "root.pem",
                *variables)
            check(server.put.pop("/up") == (SERVED / "big.bin").read_bytes(), f"{name}: other bytes came")
            check(server.asked[-1][1] == "Basic dTpw", server.asked[-1])
        refused = run(STRATA, "put", SERVED / "one", f"https://localhost:{server.port}/up", expect=1)
        check(b"certificate" in refused.stderr and not server.put, refused.stderr)
        proxy = Proxy(to=server.port)
        run("env", f"HOME={FOLDER}", f"https_proxy=127.0.0.1:{proxy.port}", STRATA, "put", SERVED / "big.bin",
            f"https://localhost:{server.port}/up", "--cacert", FOLDER / "root.pem")
        check(server.put.pop("/up") == (SERVED / "big.bin").read_bytes() and len(proxy.heads) == 1, "by the proxy")
        run("env", f"HOME={FOLDER}", STRATA, "put", SERVED / "one", f"http://127.0.0.1:{plain.port}/up")
        check(plain.put == {"/up": b"one\n"}, plain.put)


def https_goes_on_where_it_broke_off():
    with Server("chain.pem") as server:
        whole = (SERVED / "big.bin").read_bytes()
        head = f'HTTP/1.1 200 OK\r\nETag: "v"\r\nContent-Length: {len(whole)}\r\n\r\n'.encode()
        server.answers["/big.bin"] = head + whole[: 1 << 20]
        broken = get(f"https://localhost:{server.port}/big.bin", "--cacert", "root.pem", "-o", "again.bin", expect=1)
        check(b"too early" in broken.stderr and b"--resume" in broken.stderr, broken.stderr)
        at = (FOLDER / "again.bin.part").stat().st_size
        check(at == 1 << 20, f"{at} bytes were kept")
        server.answers["/big.bin"] = ('HTTP/1.1 206 Partial\r\nETag: "v"\r\n'
                                      f"Content-Range: bytes {at}-{len(whole) - 1}/{len(whole)}\r\n"
                                      f"Content-Length: {len(whole) - at}\r\n\r\n").encode() + whole[at:]
        get(f"https://localhost:{server.port}/big.bin", "--cacert", "root.pem", "-o", "again.bin", "--resume")
        check(sha256_of_file(FOLDER / "again.bin") == sha256(whole), "other bytes")


def certificates_that_are_not_good():
    def refused(server, host, *arguments, says):
        url = f"https://{host}:{server.port}/one"
        done = get(url, "-o", "bad", *arguments, expect=1)
        check(says in done.stderr.decode() and "--insecure" in done.stderr.decode(), done.stderr)
        check(not (FOLDER / "bad").exists() and not (FOLDER / "bad.part").exists(), "something was left")
        curl = run("curl", "-sS", *(f"--{a[2:]}" if a.startswith("--") else FOLDER / a for a in arguments), url,
                   expect=None)
        check(curl.returncode == 60, f"curl says {curl.returncode}")
        check(get(url, "-o", "-", "--insecure").stdout == b"one\n", "--insecure")
    with Server("chain.pem") as server:
        refused(server, "localhost", says="unable to get local issuer certificate")
    with Server("leaf.pem") as server:
        refused(server, "localhost", "--cacert", "root.pem", says="unable to get local issuer certificate")
    with Server("self.pem", "self.key") as server:
        refused(server, "localhost", says="self-signed certificate")
        check(get(f"https://localhost:{server.port}/one", "-o", "-", "--cacert", "self.pem").stdout == b"one\n",
              "its own authority")
        refused(server, "127.0.0.1", "--cacert", "self.pem", says="IP address mismatch")


def versions_of_tls():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with Server("chain.pem", minimum_version=version, maximum_version=version) as server:
            check(get(f"https://localhost:{server.port}/one", "-o", "-", "--cacert", "root.pem").stdout == b"one\n",
                  version)
    with Server() as server:
        plain = get(f"https://localhost:{server.port}/one", "-o", "-", expect=1)
        check(b"TLS failed" in plain.stderr, plain.stderr)


def https_of_openssl():
    port = free_port()
    with Program("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", FOLDER / "chain.pem",
                 "-cert_chain", FOLDER / "chain.pem", "-key", FOLDER / "leaf.key", "-WWW", cwd=SERVED) as server:
        check(wait_for(lambda: listens(port)), server.lines)
        done = get(f"https://localhost:{port}/one", "-o", "-", "--cacert", "root.pem")
        check(done.stdout == b"one\n", done.stdout)


def https_of_nginx():
    if not shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"):
        print("nginx is not installed: left out", flush=True)
        return
    port = free_port()
    (FOLDER / "nginx.conf").write_text(f"""daemon off; pid {FOLDER}/nginx.pid; error_log stderr;
events {{}}
http {{ access_log off;
  client_body_temp_path {FOLDER}/t1; proxy_temp_path {FOLDER}/t2; fastcgi_temp_path {FOLDER}/t3; \
uwsgi_temp_path {FOLDER}/t4; scgi_temp_path {FOLDER}/t5;
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {FOLDER}/chain.pem; ssl_certificate_key {FOLDER}/leaf.key; \
root {SERVED}; }} }}
""")
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    with Program(nginx, "-c", FOLDER / "nginx.conf", "-p", FOLDER, "-e", "stderr") as server:
        check(wait_for(lambda: listens(port)), server.lines)
        get(f"https://localhost:{port}/big.bin", "--cacert", "root.pem", "-o", "nginx.bin")
        check(sha256_of_file(FOLDER / "nginx.bin") == sha256_of_file(SERVED / "big.bin"), "other bytes")
        server.stop(signal.SIGTERM)  # with its workers


def https_on_our_own_stack():
    with Server("chain.pem") as server:
        get(f"https://localhost:{server.port}/big.bin", "--net", "embedded", "--cacert", "root.pem",
            "-o", "embedded.bin")
        check(sha256_of_file(FOLDER / "embedded.bin") == sha256_of_file(SERVED / "big.bin"), "other bytes")
        refused = get(f"http://127.0.0.1:{free_port()}/x", "--net", "embedded", expect=1)
        check(b"Connection refused" in refused.stderr, refused.stderr)
    if reason := why_no_tap():
        print(f"{reason}: TAP is left out", flush=True)
        return
    with Namespace() as namespace:
        # s_server listens everywhere in there, and so on the address that the TAP brings later.
        with Program(*namespace.command("openssl", "s_server", "-accept", "4433", "-cert", FOLDER / "chain.pem",
                                        "-cert_chain", FOLDER / "chain.pem", "-key", FOLDER / "leaf.key", "-WWW"),
                     cwd=SERVED) as server:
            server.wait_for_line("ACCEPT")
            net = "tap:strata5,addr=10.99.5.1/24,host=10.99.5.2/24"
            namespace.run(STRATA, "get", "https://10.99.5.2:4433/big.bin", "--net", net,
                          "--cacert", FOLDER / "root.pem", "-o", FOLDER / "tap.bin")
            check(sha256_of_file(FOLDER / "tap.bin") == sha256_of_file(SERVED / "big.bin"), "other bytes")


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def names_and_passwords():
    (FOLDER / ".netrc").write_text("machine localhost login net password rc\n")
    (FOLDER / ".netrc").chmod(0o600)
    with Server() as server, Server() as other:
        # By curl and by get, the same.
        for fetch in (lambda *a: get(*a, "-o", "-"),
                      lambda *a: run("env", f"HOME={FOLDER}", "curl", "-sSL", "--netrc-optional", *a)):
            server.asked.clear()
            other.asked.clear()
            fetch(f"http://me:s%40cret@127.0.0.1:{server.port}/one")
            fetch(f"http://localhost:{server.port}/one")
            fetch(f"http://net@localhost:{server.port}/one")
            server.answers["/go"] = (f"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:{other.port}/two\r\n"
                                     "Content-Length: 0\r\n\r\n").encode()
            fetch(f"http://me:s%40cret@127.0.0.1:{server.port}/go")
            check([authorization for _, authorization in server.asked]
                  == [basic("me", "s@cret"), basic("net", "rc"), basic("net", "rc"), basic("me", "s@cret")],
                  server.asked)
            check(other.asked == [("/two", None)], f"a password went elsewhere: {other.asked}")
        server.answers["/locked"] = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"
        told = get(f"http://me:secret@127.0.0.1:{server.port}/locked", expect=1)
        wrong = get("http://me:secret@[x/", expect=2)
        gone = get(f"http://me:secret@127.0.0.1:{free_port()}/one", "--retry", "0", expect=1)
        for done in (told, wrong, gone):
            check(b"secret" not in done.stdout + done.stderr, done.stderr)
    (FOLDER / ".netrc").unlink()


def proxies_as_curl_takes_them():
    """Each case by both programs: the same proxy is asked the same, or none is."""
    with Server() as server, Server("chain.pem") as secured:
        one, two = Proxy(to=secured.port), Proxy(to=secured.port)
        host = f"127.0.0.1:{server.port}"
        cases = [
            ("http://far.test/f?q", ["http_proxy=http://{one}"]),
            ("http://far.test:81/f", ["http_proxy={one}"]),
            ("http://me:pw@far.test/f", ["http_proxy=http://p%40:q@{one}/"]),
            ("http://far.test/f", ["ALL_PROXY={two}"]),
            ("http://far.test/f", ["http_proxy={one}", "all_proxy={two}"]),
            ("http://far.test/f", ["http_proxy={two}", "https_proxy={one}"]),
            (f"http://{host}/one", ["HTTP_PROXY={one}"]),
            (f"http://{host}/one", ["http_proxy=", "all_proxy={one}"]),
            (f"http://{host}/one", ["http_proxy={one}", "no_proxy=127.0.0.1"]),
            (f"http://{host}/one", ["http_proxy={one}", "NO_PROXY=10.0.0.0/8,127.0.0.0/8"]),
            (f"http://{host}/one", ["http_proxy={one}", "no_proxy=*"]),
            ("http://www.far.test/f", ["http_proxy={one}", "no_proxy=other.test,ar.test"]),
            (f"https://localhost:{secured.port}/one", ["https_proxy={one}"]),
            (f"https://localhost:{secured.port}/one", ["HTTPS_PROXY=http://u:v@{two}"]),
            (f"https://localhost:{secured.port}/one", ["https_proxy={one}", "no_proxy=localhost"]),
            ("http://bücher.test/f", ["http_proxy={one}"]),
        ]
        for url, variables in cases:
            environment = [v.format(one=f"127.0.0.1:{one.port}", two=f"127.0.0.1:{two.port}") for v in variables]
            seen = []
            for command in ((STRATA, "get", "-o", "-", "--cacert", FOLDER / "root.pem", url),
                            ("curl", "-sSf", "--cacert", FOLDER / "root.pem", url)):
                one.heads.clear()
                two.heads.clear()
                done = run("env", f"HOME={FOLDER}", *environment, *command)
                seen.append((done.stdout, [told(head) for head in one.heads], [told(head) for head in two.heads]))
            check(seen[0] == seen[1], f"{url} with {variables}: get\n{seen[0]}\ncurl\n{seen[1]}")


def told(head):
    """What matters of a request: its first line, whom it is for, and who asks."""
    lines = head.split("\r\n")
    return [lines[0]] + sorted(line for line in lines[1:]
                               if re.match("(?i)(host|authorization|proxy-authorization):", line))


def proxies_that_refuse():
    for answer, says in ((b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", b"(407)"),
                         (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", b"403 No"),
                         (b"garbage\r\n\r\n", b"not HTTP"), (b"H", b"too early")):
        proxy = Proxy(refuse=answer)
        for variable, url in (("https_proxy", "https://far.test/f"), ("http_proxy", "http://far.test/f")):
            done = get(url, "-o", "-", environment=(f"{variable}=127.0.0.1:{proxy.port}",), expect=1)
            check(says in done.stderr, done.stderr)


def several_files():
    with Server() as server:
        url = f"http://127.0.0.1:{server.port}"
        (FOLDER / "several").mkdir()
        done = get(f"{url}/one", f"{url}/missing", f"{url}/three", "-o", "several", expect=1)
        check(sorted(path.name for path in (FOLDER / "several").iterdir()) == ["one", "three"], "not what was there")
        check(b"1 of 3 files were not fetched" in done.stderr and b"(404)" in done.stderr, done.stderr)
        check(get(f"{url}/one", f"{url}/two", "-o", "-").stdout == b"one\ntwo\n", "one after the other")
        get(f"{url}/one", f"{url}/two", "-o", "x", expect=2)
        get(f"{url}/one", f"{url}/two", "--sha256", "0" * 64, expect=2)


def dates_and_silence():
    with Server() as server:
        url = f"http://127.0.0.1:{server.port}/one"
        quiet = get(url, "-o", "dated", "-q")
        check(quiet.stdout == b"" and quiet.stderr == b"", quiet.stderr)
        check((FOLDER / "dated").stat().st_mtime == MODIFIED, "not the server's date")
        get(url, "-o", "undated", "--no-time")
        check((FOLDER / "undated").stat().st_mtime > MODIFIED + 1000, "the server's date")
        failed = get(f"{url}s", "-o", "none", "-q", expect=1)
        check(failed.stderr.startswith(b"strata: cannot fetch"), failed.stderr)


def further_attempts():
    with Server() as server:
        whole = (SERVED / "big.bin").read_bytes()[: 1 << 20]
        head = b'HTTP/1.1 200 OK\r\nETag: "v"\r\nContent-Length: %d\r\n\r\n' % len(whole)
        url = f"http://127.0.0.1:{server.port}/flaky"
        rest = b'HTTP/1.1 206 Partial\r\nETag: "v"\r\nContent-Range: bytes %d-%d/%d\r\nContent-Length: %d\r\n\r\n' % (
            1000, len(whole) - 1, len(whole), len(whole) - 1000)
        for output in ("-", "flaky"):
            server.answers["/flaky"] = head + whole[:1000]
            got = threading.Event()
            def turn():
                wait_for(lambda: "/flaky" not in server.answers)
                server.answers["/flaky"] = rest + whole[1000:]
                got.set()
            threading.Thread(target=turn, daemon=True).start()
            done = get(url, "-o", output, "--retry", "2")
            check(got.is_set() and b"attempt 2 of 3 follows in 1 s" in done.stderr, done.stderr)
            check((done.stdout if output == "-" else (FOLDER / output).read_bytes()) == whole,
                  f"other bytes in {output}")
        refused = get(f"http://127.0.0.1:{free_port()}/x", "-o", "x", "--retry", "1", expect=1)
        check(refused.stderr.count(b"Connection refused") == 2, refused.stderr)


def a_pace():
    with Server() as server:
        (SERVED / "rated").write_bytes(bytes(512 << 10))
        began = os.times().elapsed
        get(f"http://127.0.0.1:{server.port}/rated", "-o", "rated", "--limit-rate", "256K")
        check(os.times().elapsed - began >= 1.9, "faster than was asked")
        for wrong in ("0", "x", "-1", "1T", "K", ""):
            get(f"http://127.0.0.1:{server.port}/rated", "--limit-rate", wrong, expect=2)


def hosts_of_any_script():
    wrong = get("http://\u200d.test/f", expect=1)
    check(b"no name of a host" in wrong.stderr, wrong.stderr)
    # Whom a name stands for is asked of a proxy, so that no resolver hears of it.
    proxy = Proxy()
    get("http://BÜCHER.test/f", "-o", "-", environment=(f"http_proxy=127.0.0.1:{proxy.port}",))
    check("Host: xn--bcher-kva.test\r\n" in proxy.heads[0], proxy.heads)


def main():
    require_tools("curl", "openssl")
    make_files()
    make_certificates()
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        https_of_pythons, https_and_proxies_of_put, https_goes_on_where_it_broke_off, certificates_that_are_not_good,
        versions_of_tls, https_of_openssl, https_of_nginx, https_on_our_own_stack, names_and_passwords,
        proxies_as_curl_takes_them, proxies_that_refuse, several_files, dates_and_silence, further_attempts,
        a_pace, hosts_of_any_script)])


if __name__ == "__main__":
    main()
