#!/usr/bin/env python3
"""`strata talk` with programs that are not ours, with itself over a path that cuts everything up, and with somebody
who types.

    textbook.py, nc, socat, Python ── loopback ── strata talk
    strata talk ── a relay that hands on a byte at a time ── strata talk
    this test ── a pseudo-terminal ── strata talk ── Python
"""
# timeout: 300
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

from meeting import (ENVIRONMENT, PATIENCE, Program, check, free_port, program, require_tools, run, run_steps,
                     scratch_folder, source_tree, wait_for)

FOLDER = scratch_folder()
STRATA = program("STRATA", "build/strata")
TEXTBOOK = (sys.executable, str(source_tree() / "tests/interop/textbook.py"))
FULL = os.environ.get("FULL") == "1"
LONG = 20_000_000 if FULL else 2_000_000
QUESTION, ANSWER = "你好，世界", "收到"


def udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def place(kind):
    """Where one of that kind can be: what a textbook program is told, and what we are told."""
    if kind == "unix":
        place.number = getattr(place, "number", 0) + 1
        path = str(FOLDER / f"socket-{place.number}")
        return path, f"unix:{path}"
    port = udp_port() if kind == "udp" else free_port()
    return str(port), f"{'udp' if kind == 'udp' else 'tcp'}://127.0.0.1:{port}"


class Fed:
    """A `strata talk` whose input this test writes."""

    def __init__(self, *arguments):
        reading, writing = os.pipe()
        self.typing = os.fdopen(writing, "wb", buffering=0)
        self.program = Program(STRATA, "talk", *arguments, stdin=reading)
        os.close(reading)


def talk_with_input(text, *arguments, expect=0):
    done = subprocess.run([STRATA, "talk", *arguments], input=text, capture_output=True, timeout=PATIENCE,
                          env=ENVIRONMENT, check=False)
    check(done.returncode == expect, f"ended with {done.returncode}: {done.stdout[-500:]} {done.stderr}")
    return done


# ---- programs that are not ours

def textbook_servers():
    for server, kind in (("tcp-server", "tcp"), ("threaded-server", "tcp"), ("udp-server", "udp"),
                         ("unix-server", "unix")):
        for encoding in ("UTF-8", "GBK"):
            for raw in ((), ("--raw",)):
                theirs, ours = place(kind)
                with Program(*TEXTBOOK, server, theirs, ANSWER, encoding) as running:
                    running.wait_for_line("^ready$")
                    done = run(STRATA, "talk", "connect", ours, "--encoding", encoding, "--message", QUESTION, *raw)
                    check(done.stdout.decode().endswith(f") >>>>>>> {ANSWER}\n"), done.stdout)
                    running.wait_for_line(f">>>>>>> {QUESTION}$")


def textbook_clients():
    for client, kind in (("tcp-client", "tcp"), ("udp-client", "udp"), ("unix-client", "unix")):
        for encoding in ("UTF-8", "GBK"):
            for raw in ((), ("--raw",)):
                theirs, ours = place(kind)
                with Program(STRATA, "talk", "listen", ours, "--encoding", encoding, "--reply", ANSWER,
                             *raw) as listener:
                    listener.wait_for_line(r"\* listening on ")
                    done = run(*TEXTBOOK, client, theirs, f"{QUESTION}|再问", encoding)
                    check(done.stdout.decode().count(f">>>>>>> {ANSWER}\n") == 2, done.stdout)
                    listener.wait_for_line(f">>>>>>> {QUESTION}$")
                    listener.wait_for_line(">>>>>>> 再问$")


def netcat_and_socat():
    """They speak in lines, and hear them."""
    for command in (["nc", "-N", "127.0.0.1"], ["socat", "-t", "5", "-"]):
        port = free_port()
        listener = Fed("listen", f"tcp://127.0.0.1:{port}")
        with listener.program as shown:
            shown.wait_for_line(r"\* listening on ")
            target = [str(port)] if command[0] == "nc" else [f"TCP:127.0.0.1:{port}"]
            with subprocess.Popen([*command, *target], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env=ENVIRONMENT) as other:
                other.stdin.write(b"one\ntwo\nand a half")
                other.stdin.flush()
                shown.wait_for_line(">>>>>>> one$")
                shown.wait_for_line(">>>>>>> two$")
                listener.typing.write(b"to you\nand again\n")
                other.stdin.close()  # it says no more; and still hears
                shown.wait_for_line(">>>>>>> and a half$")
                shown.wait_for_line("has said its last word")
                listener.typing.write(b"the end\n")
                listener.typing.close()
                check(other.stdout.read() == b"to you\nand again\nthe end\n", "another text")
            check(shown.process.wait(PATIENCE) == 0, shown.lines)


# ---- borders

def relay(listening, port):
    """Hands on a byte at a time, and stands still within a line now and then."""
    inner = listening.accept()[0]
    outer = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    outer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with inner, outer:
        while data := inner.recv(4096):
            for at, byte in enumerate(data):
                outer.sendall(bytes([byte]))
                if at % 1000 == 700:
                    select.select([], [], [], 0.7)  # longer than a text without an end is waited for
        outer.shutdown(socket.SHUT_WR)
        outer.recv(1)


def lines_over_a_path_that_cuts_them():
    port = free_port()
    lines = ["x" * 3000, "short", "", "你好 " * 300, "last"]
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}") as listener, \
            socket.create_server(("127.0.0.1", 0)) as listening:
        listener.wait_for_line(r"\* listening on ")
        listening.settimeout(PATIENCE)
        thread = threading.Thread(target=relay, args=(listening, port), daemon=True)
        thread.start()
        talk_with_input("\n".join(lines).encode(), "connect", f"tcp://127.0.0.1:{listening.getsockname()[1]}")
        thread.join(PATIENCE)
        listener.wait_for_line(">>>>>>> last$")
        said = [line.split(">>>>>>> ", 1)[1] for line in listener.lines if ">>>>>>> " in line]
        check(said == [line for line in lines if line], [line[:40] for line in said])


def lines_of_any_length():
    port = free_port()
    text = b"a" * LONG + b"\nshort\n" + "长".encode() * (LONG // 3) + b"\nend\n"
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", "--line-max", str(LONG)) as listener:
        listener.wait_for_line(r"\* listening on ")
        talk_with_input(text, "connect", f"tcp://127.0.0.1:{port}")
        listener.wait_for_line(">>>>>>> end$")
        said = [line.split(">>>>>>> ", 1)[1] for line in listener.lines if ">>>>>>> " in line]
        check(said == text.decode().splitlines(), [len(line) for line in said])
    # And from one of ours that says it all to who hears it as bytes.
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        got = []

        def hear():
            with server.accept()[0] as connection:
                connection.shutdown(socket.SHUT_WR)  # at once: it only listens
                while part := connection.recv(1 << 20):
                    got.append(part)

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        done = talk_with_input(text, "connect", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        thread.join(PATIENCE)
        check(b"".join(got) == b"\n" + text, f"{len(b''.join(got))} bytes")
        check(b"what is left to say is still sent" in done.stdout, done.stdout)


def a_line_that_fills_a_datagram():
    target = f"udp://127.0.0.1:{udp_port()}"
    with Program(STRATA, "talk", "listen", target) as listener:
        listener.wait_for_line(r"\* listening on ")
        talk_with_input(b"x" * 65507 + b"\n", "connect", target)
        match = listener.wait_for_line(">>>>>>> (x*)$")
        check(len(match[1]) == 65507, len(match[1]))
        done = talk_with_input(b"y" * 65508 + b"\nz\n", "connect", target, expect=1)
        check(b"fits into no datagram" in done.stdout and done.stderr.count(b"\n") == 1, done.stdout)
        listener.wait_for_line(">>>>>>> z$")


def what_was_not_sent_is_said():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)

        def leave():
            with server.accept()[0] as connection:
                connection.recv(1000)  # and leaves the rest unread

        thread = threading.Thread(target=leave, daemon=True)
        thread.start()
        target = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        done = talk_with_input(b"x" * 100 + b"\n" + b"y" * LONG, "connect", target, expect=1)
        thread.join(PATIENCE)
        text = done.stderr.decode()
        check(text.startswith("strata: not everything was said to the peer at " + target) and text.count("\n") == 1,
              text)


def a_listener_without_input_listens():
    for target in (f"tcp://127.0.0.1:{free_port()}", f"udp://127.0.0.1:{udp_port()}", f"unix:{FOLDER}/null"):
        with Program(STRATA, "talk", "listen", target) as listener:  # its input is /dev/null
            listener.wait_for_line(r"\* listening on ")
            run(STRATA, "talk", "connect", target, "--message", "hello", "--timeout", "0.1", expect=1)
            listener.wait_for_line(">>>>>>> hello$")
            check(listener.process.poll() is None, "it has ended")
            listener.stop()
            check(listener.process.returncode == 0, listener.lines)


# ---- somebody who types

class Terminal:
    """A `strata talk` on a pseudo-terminal of 40 columns."""

    def __init__(self, *arguments, columns=40):
        self.main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(side)
        self.process = subprocess.Popen([STRATA, "talk", *arguments], stdin=side, stdout=side, stderr=side,
                                        start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                        env=ENVIRONMENT | {"TERM": "xterm"})
        self.side = side
        self.shown = b""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                data = os.read(self.main, 65536)
            except OSError:
                return
            if not data:
                return
            with self.changed:
                self.shown += data
                self.changed.notify_all()

    def type(self, text):
        text = text if isinstance(text, bytes) else text.encode()
        while text:
            text = text[os.write(self.main, text[:1024]):]

    def sees(self, text, after=0):
        """Where it ends, in what was shown."""
        wanted = text if isinstance(text, bytes) else text.encode()
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while (at := self.shown.find(wanted, after)) < 0:
                check(self.changed.wait(max(0, deadline - time.monotonic())),
                      f"no {wanted!r} in {self.shown[after:][-2000:]!r}")
            return at + len(wanted)

    def ended(self):
        code = self.process.wait(PATIENCE)
        check(termios.tcgetattr(self.side)[:4] == self.before[:4], "the terminal is not as it was")
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.side)
        self.reader.join()  # else it would read from whoever gets the number next
        os.close(self.main)


def called_by(terminal_arguments=(), **options):
    """A terminal that has called a Python server: (terminal, connection)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        terminal = Terminal("connect", f"tcp://127.0.0.1:{server.getsockname()[1]}", *terminal_arguments, **options)
        connection = server.accept()[0]
        connection.settimeout(PATIENCE)
    terminal.sees("* connected to")
    return terminal, connection


def line_of(connection):
    text = b""
    while not text.endswith(b"\n"):
        part = connection.recv(65536)
        check(part, f"the end after {text[-100:]!r}")
        text += part
    return text.decode()


def a_half_typed_line_is_shown_again():
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("half a 行")
        at = terminal.sees("行")
        connection.sendall("something else\n".encode())
        at = terminal.sees(">>>>>>> something else\r\n", at)
        terminal.sees("half a 行", at)
        terminal.type(" and all\r")
        check(line_of(connection) == "half a 行 and all\n", "another line")
        # A line of several rows: what comes begins where the line began, and clears it.
        terminal.type("0123456789" * 11)
        at = terminal.sees("789" * 1, at)
        check(wait_for(lambda: terminal.shown[at:].count(b"9") >= 10), "not all was shown")
        at = len(terminal.shown)
        connection.sendall(b"again\n")
        start = terminal.shown.find(b"\r\x1b[2A\x1b[J", at)
        terminal.sees(">>>>>>> again\r\n", at)
        start = terminal.shown.find(b"\r\x1b[2A\x1b[J", at)
        check(start >= 0, terminal.shown[at:])
        terminal.type("\r")
        check(line_of(connection) == "0123456789" * 11 + "\n", "another line")


def keys_that_edit():
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("helo\x1b[D\x1b[D\x1b[C\x1b[Dl\r")  # left, left, right, left: before the last l
        check(line_of(connection) == "hello\n", "not edited")
        terminal.type("\x1b[A\x7fO\r")  # the line before, its last character replaced
        check(line_of(connection) == "hellO\n", "not called back")
        terminal.type("\x1b")  # a key that comes to nothing must not stop the conversation
        connection.sendall(b"still here?\n")
        terminal.sees(">>>>>>> still here?")
        terminal.type("ab\r")  # the a may be taken for a part of that key
        check("b\n" in line_of(connection), "nothing came")


def a_typed_line_of_ten_thousand():
    """A terminal's own line ends at 4,095 bytes."""
    terminal, connection = called_by()
    with terminal, connection:
        text = "0123456789" * 1000
        terminal.type(text + "\r")
        check(line_of(connection).strip("\n") == text, "another line")


def the_end_of_a_typed_conversation():
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("bye\r\x04")
        check(line_of(connection) == "bye\n" and connection.recv(1) == b"", "no end")
        connection.close()
        check(terminal.ended() == 0, terminal.shown)
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("almost")
        terminal.sees("almost")
        connection.close()
        terminal.sees("'almost' was not sent")
        check(terminal.ended() == 1, terminal.shown)
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("half\x03")  # Ctrl-C
        check(terminal.ended() == 0, terminal.shown)


def a_resized_terminal():
    terminal, connection = called_by()
    with terminal, connection:
        terminal.type("x" * 30)
        at = terminal.sees("x" * 10)
        fcntl.ioctl(terminal.side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
        os.kill(terminal.process.pid, signal.SIGWINCH)
        terminal.type("y")
        terminal.sees("y", at)
        at = len(terminal.shown)
        connection.sendall(b"news\n")
        terminal.sees(b"\r\x1b[1A\x1b[J", at)
        terminal.type("\r")
        check(line_of(connection) == "x" * 30 + "y\n", "another line")


def no_editor_where_output_is_no_terminal():
    main, side = pty.openpty()
    port = free_port()
    with Program(STRATA, "talk", "listen", f"tcp://127.0.0.1:{port}", stdin=side) as listener:
        listener.wait_for_line(r"\* listening on ")
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            listener.wait_for_line(r"\* 1 is ")
            os.write(main, b"typed\n")
            check(client.recv(100) == b"typed\n", "another line")
            client.sendall(b"an answer\n")
            listener.wait_for_line(">>>>>>> an answer$")
        check(not any("\x1b" in line for line in listener.lines), listener.lines)
    os.close(main)
    os.close(side)


def main():
    require_tools("nc", "socat")
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        textbook_servers, textbook_clients, netcat_and_socat, lines_over_a_path_that_cuts_them, lines_of_any_length,
        a_line_that_fills_a_datagram, what_was_not_sent_is_said, a_listener_without_input_listens,
        a_half_typed_line_is_shown_again, keys_that_edit, a_typed_line_of_ten_thousand,
        the_end_of_a_typed_conversation, a_resized_terminal, no_editor_where_output_is_no_terminal)])


if __name__ == "__main__":
    main()
