#!/usr/bin/env python3
"""`strata talk` and `strata ping` on this machine's loopback; plain Python sockets are the peers.

    Python client ── loopback ── strata talk listen        strata talk connect ── loopback ── Python server
"""
# timeout: 180
import contextlib
import os
import signal
import socket
import subprocess
import threading

from meeting import ENVIRONMENT, PATIENCE, Program, check, free_port, program, run, run_steps, scratch_folder

FOLDER = scratch_folder()
STRATA = program("STRATA", "build/strata")
QUESTION, ANSWER = "你好，世界", "收到"


def one_sentence(done, *words):
    text = done.stderr.decode()
    check(text.startswith("strata: ") and text.count("\n") == 1 and text.endswith("\n"), f"not one sentence: {text!r}")
    for word in words:
        check(word in text, f"{text!r} does not say '{word}'")


def udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """Takes one recv(1024) of each conversation, answers, and hangs up."""

    def __init__(self, family, kind, address, answer):
        self.socket = socket.socket(family, kind)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(address)
        if kind == socket.SOCK_STREAM:
            self.socket.listen()
        self.kind, self.answer, self.got = kind, answer, None
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        if self.kind == socket.SOCK_DGRAM:
            self.got, sender = self.socket.recvfrom(1024)
            if self.answer is not None:
                self.socket.sendto(self.answer, sender)
            return
        with self.socket.accept()[0] as connection:
            connection.settimeout(PATIENCE)
            self.got = connection.recv(1024)
            if self.answer is None:
                with contextlib.suppress(ConnectionResetError):
                    connection.recv(1024)  # says nothing, until the other one goes
            else:
                connection.sendall(self.answer)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(PATIENCE)
        self.socket.close()


def where(scheme, port, path):
    return f"unix:{path}" if scheme == "unix" else f"{scheme}://127.0.0.1:{port}"


def connect_to_a_plain_server():
    """Who is not known yet gets a line with its end, in a stream; with --raw only what was said."""
    for encoding, raw in (("UTF-8", ()), ("GBK", ()), ("GBK", ("--raw",))):
        for scheme in ("tcp", "udp", "unix"):
            path = str(FOLDER / f"server-{encoding}-{len(raw)}")
            end = "" if scheme == "udp" or raw else "\n"
            family = socket.AF_UNIX if scheme == "unix" else socket.AF_INET
            kind = socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM
            with Server(family, kind, path if scheme == "unix" else ("127.0.0.1", 0),
                        ANSWER.encode(encoding)) as server:
                port = 0 if scheme == "unix" else server.socket.getsockname()[1]
                done = run(STRATA, "talk", "connect", where(scheme, port, path), "--encoding", encoding,
                           "--message", QUESTION, *raw)
            check(server.got == (QUESTION + end).encode(encoding),
                  f"{scheme} {encoding}: the server got {server.got!r}")
            name = path if scheme == "unix" else f"127.0.0.1, {port}"
            check(done.stdout.decode() == f"({name}) >>>>>>> {ANSWER}\n", f"{scheme} {encoding}: {done.stdout!r}")


def ask(family, kind, address, text):
    """What a plain client does: connects, sends, waits once."""
    with socket.socket(family, kind) as client:
        client.settimeout(PATIENCE)
        client.connect(address)
        client.sendall(text)
        mine = client.getsockname()
        return client.recv(1024), mine


def listen_to_plain_clients():
    for encoding in ("UTF-8", "GBK"):
        for scheme in ("tcp", "udp", "unix"):
            port, path = (udp_port() if scheme == "udp" else free_port()), str(FOLDER / f"listener-{encoding}")
            with Program(STRATA, "talk", "listen", where(scheme, port, path), "--encoding", encoding,
                         "--reply", ANSWER) as listener:
                listener.wait_for_line(r"\* listening on ")
                family = socket.AF_UNIX if scheme == "unix" else socket.AF_INET
                kind = socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM
                for _ in range(3):
                    got, mine = ask(family, kind, path if scheme == "unix" else ("127.0.0.1", port),
                                    QUESTION.encode(encoding))
                    check(got == ANSWER.encode(encoding), f"{scheme} {encoding}: the client got {got!r}")
                    name = "unix" if scheme == "unix" else f"127.0.0.1, {mine[1]}"
                    listener.wait_for_line(rf"^\({name}\) >>>>>>> {QUESTION}$")
                took = listener.stop()
                check(took < 1 and listener.process.returncode == 0,
                      f"{took:.2f} s, exit code {listener.process.returncode}")
            check(scheme != "unix" or not os.path.exists(path), "the socket's file is still there")


def many_clients_at_once():
    port = free_port()
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", "--reply", ANSWER) as listener:
        listener.wait_for_line(r"\* listening on ")
        clients = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(100)]
        for i, client in enumerate(clients):
            client.sendall(f"client {i}".encode())
        for client in reversed(clients):
            check(client.recv(1024) == ANSWER.encode(), "a client got another answer")
            client.close()
        for i in range(100):
            listener.wait_for_line(rf">>>>>>> client {i}$")


def a_character_in_two_pieces():
    for encoding in ("UTF-8", "GBK"):
        port = free_port()
        with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", "--encoding", encoding,
                     "--reply", ANSWER) as listener:
            listener.wait_for_line(r"\* listening on ")
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                first, second = "一二".encode(encoding), "三四".encode(encoding)
                client.sendall(first + second[:1])
                # It was read: the cut is real.
                check(client.recv(1024) == ANSWER.encode(encoding), "no answer to the first piece")
                client.sendall(second[1:])
                check(client.recv(1024) == ANSWER.encode(encoding), "no answer to the second piece")
            listener.wait_for_line(">>>>>>> 一二$")
            listener.wait_for_line(">>>>>>> 三四$")


def once_ends_after_one_exchange():
    for scheme in ("tcp", "udp"):
        port = udp_port() if scheme == "udp" else free_port()
        with Program(STRATA, "talk", "listen", f"{scheme}://127.0.0.1:{port}", "--reply", ANSWER, "--once") as listener:
            listener.wait_for_line(r"\* listening on ")
            done = run(STRATA, "talk", "connect", f"{scheme}://127.0.0.1:{port}", "--message", QUESTION, "--once")
            check(done.stdout.decode().endswith(f") >>>>>>> {ANSWER}\n"), done.stdout)
            check(listener.process.wait(PATIENCE) == 0, "the listener failed")


def nothing_dangerous_reaches_the_terminal():
    port = free_port()
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", "--reply", "ok", "--raw") as listener:
        listener.wait_for_line(r"\* listening on ")
        hostile = b"a\x1b[2Jb\x9b\xc2\x9bc\xe2\x80\xaed\n(127.0.0.1, 1) >>>>>>> forged\r\ne"
        check(ask(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port), hostile)[0] == b"ok", "no answer")
        listener.wait_for_line(r">>>>>>> a\?\[2Jb\ufffd\?c\?d$")
        listener.wait_for_line(r"^    \(127\.0\.0\.1, 1\) >>>>>>> forged$")
        check(not any("\x1b" in line or "\x9b" in line for line in listener.lines), listener.lines)
    # In lines, each begins with the name of who said it.
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", "--reply", "ok") as listener:
        listener.wait_for_line(r"\* listening on ")
        check(ask(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port), hostile)[0].startswith(b"ok\n"), "no answer")
        listener.wait_for_line(r">>>>>>> a\?\[2Jb\ufffd\?c\?d$")
        match = listener.wait_for_line(r"^\(127\.0\.0\.1, (\d+)\) >>>>>>> \(127\.0\.0\.1, 1\) >>>>>>> forged$")
        check(int(match[1]) > 1, "forged")
        check(not any("\x1b" in line or "\x9b" in line for line in listener.lines), listener.lines)


class Typed:
    """A `strata talk` that reads typed lines."""

    def __init__(self, *arguments):
        reading, writing = os.pipe()
        self.typing = os.fdopen(writing, "wb", buffering=0)
        self.program = Program(STRATA, "talk", *arguments, stdin=reading)
        os.close(reading)


def typed_lines():
    port = free_port()
    listener = Typed("listen", f"tcp://127.0.0.1:{port}")
    with listener.program as shown:
        shown.wait_for_line(r"\* listening on ")
        first = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        shown.wait_for_line(r"\* 1 is 127\.0\.0\.1:")
        second = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        shown.wait_for_line(r"\* 2 is 127\.0\.0\.1:")
        second.sendall("我是二".encode())
        shown.wait_for_line(r"^@2 \(127\.0\.0\.1, \d+\) >>>>>>> 我是二$")
        listener.typing.write("@2 你好，二\n".encode())
        check(second.recv(1024).decode() == "你好，二", "the second got something else")
        listener.typing.write(b"to all\n")
        # The second has shown that it knows no line ends; what could not be told from what it had is on a line of
        # its own.
        check(first.recv(1024) == b"to all\n" and second.recv(1024) == b"\nto all", "not all got what was for all")
        listener.typing.write(b"@7 to nobody\n")
        shown.wait_for_line("nobody has the number 7")
        listener.typing.write(b"a last word")  # no newline, then the end
        listener.typing.close()
        check(second.recv(1024) == b"\na last word" and second.recv(1024) == b"", "the last word was lost")
        check(first.recv(1024) == b"a last word\n", "the last word was lost")
        first.close()
        second.close()
        check(shown.process.wait(PATIENCE) == 0, "the listener failed")


def a_client_that_has_gone_is_told():
    """Who says no more may still listen; what is said to it shows that it does not, and it is told that it was lost."""
    port = free_port()
    listener = Typed("listen", f"tcp://127.0.0.1:{port}")
    with listener.program as shown:
        shown.wait_for_line(r"\* listening on ")
        client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        shown.wait_for_line(r"\* 1 is ")
        client.close()
        shown.wait_for_line(r"\* 1 has said its last word")
        listener.typing.write(b"are you there?\n")
        shown.wait_for_line(r"\* 1 has left")
        listener.typing.write(b"@1 too late\n")
        shown.wait_for_line("nobody has the number 1")
        listener.typing.close()
        check(shown.process.wait(PATIENCE) == 1, "what was lost is not told")
        shown.wait_for_line("strata: not everything was said on ")


def typed_datagrams():
    port = udp_port()
    listener = Typed("listen", f"udp://127.0.0.1:{port}")
    with listener.program as shown, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        shown.wait_for_line(r"\* listening on ")
        for peer in (one, other):
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(PATIENCE)
        listener.typing.write(b"hello?\n")
        shown.wait_for_line("nobody has spoken yet")
        one.sendto(b"it is one", ("127.0.0.1", port))
        shown.wait_for_line(r"\(127\.0\.0\.1, \d+\) >>>>>>> it is one$")
        listener.typing.write(f"@127.0.0.1:{other.getsockname()[1]} hello other\n".encode())
        check(other.recv(1024) == b"hello other", "the other got something else")
        listener.typing.write(b"hello one\n")
        check(one.recv(1024) == b"hello one", "the one got something else")
        listener.typing.close()
        check(shown.process.wait(PATIENCE) == 0, "the talker failed")


def all_that_was_piped_arrives():
    text = b"".join(b"%d\n" % i for i in range(100)) + b"the end"
    everything = []

    def collect():
        with server.accept()[0] as connection:
            connection.settimeout(PATIENCE)
            while part := connection.recv(65536):
                everything.append(part)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        thread = threading.Thread(target=collect, daemon=True)
        thread.start()
        done = subprocess.run([STRATA, "talk", "connect", f"tcp://127.0.0.1:{server.getsockname()[1]}"], input=text,
                              capture_output=True, timeout=PATIENCE, env=ENVIRONMENT, check=False)
        thread.join(PATIENCE)
    check(done.returncode == 0, done.stderr)
    check(b"".join(everything) == text + b"\n", f"{b''.join(everything)!r} arrived")


def silence_and_absence():
    """Nobody there, nobody speaks: exit code 1 and a sentence, in time."""
    port = free_port()
    for arguments, words in (
            (("connect", f"tcp://127.0.0.1:{port}", "--message", "x"), ("refused", str(port))),
            (("connect", f"udp://127.0.0.1:{udp_port()}", "--message", "x"), ("refused",)),
            (("connect", f"unix:{FOLDER}/nobody", "--message", "x"), ("nobody",)),
            (("connect", "tcp://nowhere.invalid:7000", "--message", "x"), ("nowhere.invalid",)),
            (("listen", f"tcp://127.0.0.1:{port}", "--once", "--timeout", "0.2"), ("0.2 s", "--timeout")),
            (("listen", f"udp://127.0.0.1:{port}", "--once", "--timeout", "0.2"), ("0.2 s", "--timeout")),
            (("listen", f"unix:{FOLDER}/silent", "--once", "--timeout", "0.2"), ("0.2 s", "--timeout"))):
        one_sentence(run(STRATA, "talk", *arguments, expect=1, timeout=20), *words)
    for kind, scheme in ((socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")):
        with Server(socket.AF_INET, kind, ("127.0.0.1", 0), None) as server:
            target = f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}"
            one_sentence(run(STRATA, "talk", "connect", target, "--message", "x", "--timeout", "0.2", expect=1),
                         "0.2 s")
    with Server(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), b"") as server:
        target = f"tcp://127.0.0.1:{server.socket.getsockname()[1]}"
        one_sentence(run(STRATA, "talk", "connect", target, "--message", "x", expect=1), "without an answer")


def what_cannot_be():
    with socket.socket() as taken, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_udp:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        taken_udp.bind(("127.0.0.1", 0))
        for target in (f"tcp://127.0.0.1:{taken.getsockname()[1]}", f"udp://127.0.0.1:{taken_udp.getsockname()[1]}"):
            one_sentence(run(STRATA, "talk", "listen", target, "--once", expect=1), "in use", target)
    one_sentence(run(STRATA, "talk", "listen", f"unix:{FOLDER}/no such folder/socket", expect=1), "no such folder")
    for how in ("listen", "connect"):
        target = f"tcp://127.0.0.1:{free_port()}"
        one_sentence(run(STRATA, "talk", how, target, "--encoding", "KLINGON", "--once", expect=1), "KLINGON")
    one_sentence(run(STRATA, "talk", "listen", f"tcp://127.0.0.1:{free_port()}", "--encoding", "GBK", "--reply", "😀",
                     expect=1), "GBK")


def wrong_use():
    for arguments in ((), ("listen",), ("shout", "tcp://127.0.0.1:7000"), ("listen", "http://127.0.0.1:7000"),
                      ("listen", "tcp://127.0.0.1"), ("listen", "tcp://127.0.0.1:99999"),
                      ("listen", "tcp://::1:7000"), ("listen", "unix:"), ("listen", "unix:" + "x" * 108),
                      ("listen", "udp://127.0.0.1:7000", "--message", "x"),
                      ("listen", "tcp://127.0.0.1:7000", "--timeout", "0"),
                      ("listen", "tcp://127.0.0.1:7000", "--timeout", "nan"),
                      ("listen", "tcp://127.0.0.1:7000", "--timeout", "1e300"),
                      ("listen", "tcp://127.0.0.1:7000", "--net", "bogus"),
                      ("listen", "tcp://127.0.0.1:7000", "--line-max", "0"),
                      ("listen", "tcp://127.0.0.1:7000", "--what")):
        done = run(STRATA, "talk", *arguments, expect=2, timeout=10)
        check(done.stderr.strip(), f"{arguments}: nothing is said")
    for arguments in ((), ("127.0.0.1", "-c", "0"), ("127.0.0.1", "-c", "-1"), ("127.0.0.1", "-s", "70000"),
                      ("127.0.0.1", "-i", "-1"), ("127.0.0.1", "-i", "nan"), ("127.0.0.1", "-W", "0"),
                      ("127.0.0.1", "-W", "nan"), ("127.0.0.1", "-4", "-6"), ("127.0.0.1", "--net", "bogus")):
        done = run(STRATA, "ping", *arguments, expect=2, timeout=10)
        check(done.stderr.strip(), f"ping {arguments}: nothing is said")


def may_ping():
    with open("/proc/sys/net/ipv4/ping_group_range", encoding="ascii") as file:
        first, last = map(int, file.read().split())
    return os.geteuid() == 0 or first <= os.getegid() <= last


def ping():
    one_sentence(run(STRATA, "ping", "nowhere.invalid", "-c", "1", expect=1), "nowhere.invalid")
    if not may_ping():
        one_sentence(run(STRATA, "ping", "127.0.0.1", "-c", "1", expect=1), "ping_group_range")
        return
    said = run(STRATA, "ping", "127.0.0.1", "-c", "3", "-i", "0.01", "-s", "100").stdout.decode()
    check(said.count("108 bytes from 127.0.0.1: icmp_seq=") == 3, said)
    check("3 packets transmitted, 3 received, 0% packet loss" in said and "rtt min/avg/max/mdev = " in said, said)
    check("2 received" in run(STRATA, "ping", "localhost", "-c", "2", "-i", "0", "-s", "65507").stdout.decode(),
          "large ones got lost")
    with Program(STRATA, "ping", "127.0.0.1") as endless:
        endless.wait_for_line("icmp_seq=1 ")
        took = endless.stop(signal.SIGINT)
        check(took < 1 and endless.process.returncode == 0, f"{took:.2f} s, exit code {endless.process.returncode}")
        check(any("1 packets transmitted, 1 received" in line for line in endless.lines), endless.lines)


def ping_through_the_embedded_network():
    done = run(STRATA, "ping", "10.0.0.1", "-c", "1", "--net", "embedded", expect=None, timeout=20)
    check(done.returncode in (0, 1) and b"packets transmitted" in done.stdout + done.stderr, done.stdout + done.stderr)


def main():
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        connect_to_a_plain_server, listen_to_plain_clients, many_clients_at_once, a_character_in_two_pieces,
        once_ends_after_one_exchange, nothing_dangerous_reaches_the_terminal, typed_lines,
        a_client_that_has_gone_is_told, typed_datagrams, all_that_was_piped_arrives, silence_and_absence,
        what_cannot_be, wrong_use, ping, ping_through_the_embedded_network)])


if __name__ == "__main__":
    main()
