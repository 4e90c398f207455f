#!/usr/bin/env python3
"""`strata get` and `strata put` by TFTP, met by servers of others: tftpd-hpa, atftpd, dnsmasq, one that knows no
options; and ours. On the kernel's network, on the embedded one, whose datagrams lead out, and on a TAP."""
# timeout: 600
import os
import shutil
import socket
import threading

from meeting import (Here, Namespace, Program, check, program, run_steps, scratch_folder, sha256_of_file, wait_for,
                     why_no_tap)

FOLDER = scratch_folder()
SERVED = FOLDER / "served"
SIZES = {"empty": 0, "one": 1, "511": 511, "512": 512, "513": 513, "large": (3 << 20) + 7}
TEXT = b"first\nsecond\rthird\n" * 300
TAP = "tap:boot1,addr=10.97.0.1/24,host=10.97.0.2/24"


def make_files():
    SERVED.mkdir()
    for name, size in SIZES.items():
        (SERVED / name).write_bytes(os.urandom(size))
    (SERVED / "text").write_bytes(TEXT)
    for path in SERVED.iterdir():
        path.chmod(0o644)
    SERVED.chmod(0o777)  # servers run as nobody


class Plain:
    """A server of RFC 1350: it reads requests, knows no options, and answers from a port of its own."""

    def __init__(self, place):
        self.place, self.files, self.requests = place, {}, []
        self.door = place.inside(self.opened)
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def opened(port=0):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("0.0.0.0", port))
        return one

    def serve(self):
        while True:
            request, client = self.door.recvfrom(65536)
            self.requests.append(request)
            threading.Thread(target=self.transfer, args=(request, client), daemon=True).start()

    def transfer(self, request, client):
        name, mode, *_ = request[2:].split(b"\0")
        with self.place.inside(self.opened) as own:
            own.settimeout(20)
            if request[1] == 2:
                own.sendto(b"\0\4\0\0", client)
                self.files[name] = b""
                while True:
                    packet = own.recv(65536)
                    self.files[name] += packet[4:]
                    own.sendto(b"\0\4" + packet[2:4], client)
                    if len(packet) < 516:
                        return
            if not (SERVED / name.decode()).exists():
                own.sendto(b"\0\5\0\1none\0", client)
                return
            data = (SERVED / name.decode()).read_bytes()
            if mode.lower() == b"netascii":
                data = data.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
            for number in range(len(data) // 512 + 1):
                block = (number + 1).to_bytes(4, "big")[2:]
                own.sendto(b"\0\3" + block + data[512 * number:512 * (number + 1)], client)
                while own.recv(65536) != b"\0\4" + block:
                    pass


class Meeting:
    """One server, and our client on one network after the other."""

    writes = netascii = True

    def __init__(self, strata, place, port, nets, *command):
        self.strata, self.place, self.port, self.nets = strata, place, port, nets
        self.server = Program(*place.command(*command)) if command else None
        if self.server:
            check(wait_for(self.listens, 20), f"{command[0]} does not listen: {self.server.lines}")

    def listens(self):
        def look():
            text = ""
            for table in ("udp", "udp6"):
                with open(f"/proc/thread-self/net/{table}", encoding="ascii") as lines:
                    text += lines.read()
            return f":{self.port:04X} " in text
        return self.place.inside(look)

    def url(self, net, name):
        return f"tftp://{'10.97.0.2' if net.startswith('tap') else '127.0.0.1'}:{self.port}/{name}"

    def get(self, net, name, *options, expect=0):
        to = FOLDER / "got"
        to.unlink(missing_ok=True)
        done = self.place.run(self.strata, "get", self.url(net, name), "-o", str(to), "--net", net, *options,
                              expect=expect)
        if expect == 0:
            return to
        check(not to.exists() and not (FOLDER / "got.part").exists(), f"{name}: something is left")
        return done.stderr.decode()

    def reading(self):
        for net in self.nets:
            for name in SIZES:
                got = self.get(net, name)
                check(sha256_of_file(got) == sha256_of_file(SERVED / name), f"{net} {name}: other bytes arrived")

    def options(self):
        for net in self.nets:
            for blksize in (512, 1428, 65464):
                for windowsize in (1, 16, 64):
                    got = self.get(net, "large", "--blksize", str(blksize), "--windowsize", str(windowsize))
                    check(sha256_of_file(got) == sha256_of_file(SERVED / "large"),
                          f"{net} {blksize} {windowsize}: other bytes arrived")

    def texts(self):
        for net in self.nets if self.netascii else ():
            check(self.get(net, "text", "--mode", "netascii").read_bytes() == TEXT, f"{net}: another text arrived")
            check(self.get(net, "text;mode=netascii").read_bytes() == TEXT, f"{net}: another text arrived by its URL")

    def missing(self):
        for net in self.nets:
            said = self.get(net, "none", expect=1)
            check("the server refuses: there is no such file" in said, said)

    def resuming(self):
        """What is there is compared, for there are no versions."""
        for net in self.nets:
            whole = (SERVED / "large").read_bytes()
            (FOLDER / "got.part").write_bytes(whole[:1 << 20])
            got = self.get(net, "large", "--resume")
            check(got.read_bytes() == whole, f"{net}: resumed, other bytes are there")
            (FOLDER / "got.part").write_bytes(whole[:99] + b"another file")
            got = self.get(net, "large", "--resume")
            check(got.read_bytes() == whole, f"{net}: two files are mixed")

    def wrote(self, name):
        path = SERVED / "written"
        try:
            return wait_for(lambda: path.exists() and sha256_of_file(path) == sha256_of_file(SERVED / name), 10)
        finally:
            path.unlink(missing_ok=True)

    def writing(self):
        for net in self.nets if self.writes else ():
            for name in SIZES:
                self.place.run(self.strata, "put", str(SERVED / name), self.url(net, "written"), "--net", net)
                check(self.wrote(name), f"{net} {name}: other bytes came")
            for blksize, windowsize in ((512, 16), (65464, 1)):
                self.place.run(self.strata, "put", str(SERVED / "large"), self.url(net, "written"), "--net", net,
                               "--blksize", str(blksize), "--windowsize", str(windowsize))
                check(self.wrote("large"), f"{net} {blksize} {windowsize}: other bytes came")

    def stop(self):
        if self.server:
            self.server.stop()


class WithoutOptions(Meeting):
    def __init__(self, strata, place, nets):
        self.plain = Plain(place)
        super().__init__(strata, place, self.plain.port, nets)

    def options(self):
        super().options()
        for net in self.nets:
            self.get(net, "one", "--tftp-timeout", "255")
            check(b"\0timeout\x00255\0" in self.plain.requests[-1], self.plain.requests[-1])
            check("--tftp-timeout" in self.get(net, "one", "--tftp-timeout", "256", expect=2), "256 is no timeout")

    def wrote(self, name):
        return wait_for(lambda: self.plain.files.get(b"written") == (SERVED / name).read_bytes(), 10)


STEPS = ("reading", "options", "texts", "missing", "resuming", "writing", "stop")


def meet(title, made):
    meeting = made()
    try:
        run_steps([(f"{title}: {step}", getattr(meeting, step)) for step in STEPS])
    finally:
        meeting.stop()


def main():
    strata = program("STRATA", "build/strata")
    make_files()
    ours = (strata, "serve", str(SERVED), "--http", "off", "--fetch", "off", "--control", "off", "--run-as", "root",
            "--write", "--tftp")
    if os.geteuid() != 0 or (reason := why_no_tap()):
        reason = reason if os.geteuid() == 0 else "port 69 and TAP devices need root"
        print(f"left out: servers of others, and the TAP: {reason}", flush=True)
        meet("without options", lambda: WithoutOptions(strata, Here(), ("kernel", "embedded")))
        return
    with Namespace() as place:
        # tftpd-hpa looks its own address up, which is not found where there is none but the loopback.
        place.ip("addr", "add", "10.98.0.1/32", "dev", "lo")
        nets = ("kernel", "embedded", TAP)
        meet("ours", lambda: Meeting(strata, place, 69, nets, *ours))
        meet("without options", lambda: WithoutOptions(strata, place, nets))
        if shutil.which("in.tftpd"):
            meet("tftpd-hpa", lambda: Meeting(strata, place, 69, nets, "in.tftpd", "-L", "-4", "-a", "0.0.0.0:69", "-u",
                                              "nobody", "-c", "--permissive", "-s", str(SERVED)))
        if shutil.which("atftpd"):
            meet("atftpd", lambda: Meeting(strata, place, 69, nets, "atftpd", "--daemon", "--no-fork", "--port", "69",
                                           "--bind-address", "0.0.0.0", "--user", "nobody.nogroup", "--logfile",
                                           "/dev/stderr", str(SERVED)))
        if shutil.which("dnsmasq"):
            def dnsmasq():
                meeting = Meeting(strata, place, 69, nets, "dnsmasq", "--no-daemon", "--conf-file=/dev/null",
                                  "--port=0", "--enable-tftp", f"--tftp-root={SERVED}", "--user=root")
                meeting.writes = False  # it never does
                return meeting
            meet("dnsmasq", dnsmasq)


if __name__ == "__main__":
    main()
