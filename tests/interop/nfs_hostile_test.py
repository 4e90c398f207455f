#!/usr/bin/env python3
"""`strata serve --nfs` among crowds, floods, clients that take no answers, leases that end, and hostile words, by
clients of version 3 and 4 made by hand (nfs_peer.py). FULL=1: 10,000 clients, and time-outs of a minute."""
# timeout: 300
import errno
import os
import random
import socket
import threading
import time

from meeting import check, free_port, program, require_tools, run_steps, wait_for
from nfs_peer import (ACCES, BADCHAR, BADHANDLE, BADNAME, BAD_STATEID, DENIED, EXIST, EXPIRED, FILE_SYNC, GETFH, GRACE,
                      INVAL, ISDIR, JUKEBOX, NAMETOOLONG, NOBODY, NOENT, NOTDIR, NOTHING_SET, NO_GRACE, PUTROOTFH,
                      RECLAIM_BAD, RESOURCE, SHARE_DENIED, STALE, STALE_CLIENTID, STALE_STATEID, Four, Three, number_of,
                      putfh)
from nfs_site import FOLDER, FULL, MEBIBYTE, ROOT, Site, each_version, expect, is_sanitized, key
from rpc_peer import MOUNT, NFS, Refused, Rpc, Status, message, opaque, record, u32, u64


# ---- crowds

SILENT_MAX = 64 << 10   # bytes of a client that says nothing
HELD_ALL_MAX = 256 * MEBIBYTE  # of all answers that are not taken, and 64 MiB beside them


def source_of(number):
    return f"127.{1 + number // 25000}.{1 + number // 100 % 250}.1"


class Crowd:
    def __init__(self, strata):
        self.strata = strata

    def site(self, name):
        import resource
        wanted = 12_000 if FULL else 3000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            most = max(hard, wanted) if ROOT else hard
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))
        site = Site(self.strata, "--write=all", "--log", "off", name=name)
        with open(site.folder / "big", "wb") as big:
            big.truncate(64 * MEBIBYTE)
        return site

    def of_readers(self):
        """All are connected at once, and each reads; beyond 4096 who said nothing for longest goes."""
        count = 10_000 if FULL else 1000
        with self.site("readers") as site, Three(site.port) as nfs:
            file, before, crowd = nfs.lookup(nfs.root, "lawful"), site.resident(), []
            try:
                for number in range(count):
                    crowd.append(Rpc(site.port, source=source_of(number)))
                    xid = crowd[-1].say(NFS, 3, 6, opaque(file) + u64(0) + u32(100))
                    check(crowd[-1].hear(xid).data.endswith(b"lawful\0\0"), f"client {number}")
                there = min(count, 4000)
                each = (site.resident() - before) / there
                print(f"      {each / 1024:.1f} KiB each", flush=True)
                check(each < SILENT_MAX, f"{each} bytes each")
                said = [(rpc, rpc.say(NFS, 3, 6, opaque(file) + u64(0) + u32(100))) for rpc in crowd[-there:]]
                for rpc, xid in said:
                    check(rpc.hear(xid).data.endswith(b"lawful\0\0"), "one that may stay was parted from")
            finally:
                for rpc in crowd:
                    rpc.close()
            site.still_serves()

    def that_says_nothing(self):
        with self.site("silent") as site, Three(site.port) as three, Four(site.port) as four:
            before = site.resident()
            said = [b"", b"\x80", b"\x80\x10\0\0", record(message(NFS, 3, 0))[:30], b"\x80\x0f\xff\xff" + bytes(10)]
            crowd = []
            try:
                for number in range(300):
                    crowd.append(Rpc(site.port, source=source_of(number)))
                    crowd[-1].sendall(said[number % len(said)])
                    for nfs in (three, four) if number % 10 == 0 else ():
                        nfs.read(nfs.lookup(nfs.root, "lawful"), 0, 10)
                each = (site.resident() - before) / len(crowd)
                print(f"      {each / 1024:.1f} KiB each", flush=True)
                check(each < SILENT_MAX, f"{each} bytes each")
                site.still_serves()
            finally:
                for rpc in crowd:
                    rpc.close()

    def that_takes_no_answers(self, kind):
        """Each asks for 50 MiB and takes none of it: what is kept for all of them has a bound."""
        with self.site(f"stubborn{kind.version}") as site, kind(site.port) as nfs:
            file, lawful = nfs.lookup(nfs.root, "big"), nfs.lookup(nfs.root, "lawful")
            before, crowd = site.resident(), []
            if kind is Three:
                calls = [(NFS, 3, 6, opaque(file) + u64(at * MEBIBYTE) + u32(MEBIBYTE)) for at in range(50)]
            else:
                calls = [(NFS, 4, 1, opaque("") + u32(0, 2) + putfh(file) + u32(25) + NOBODY + u64(at * MEBIBYTE) +
                          u32(MEBIBYTE)) for at in range(50)]
            asked = b"".join(record(message(*call)) for call in calls)
            try:
                for number in range(120):
                    crowd.append(Rpc(site.port, source=source_of(number)))
                    crowd[-1].sendall(asked)
                    check(nfs.read(lawful, 0, 10)[0] == b"lawful", "others wait")
                held = site.resident() - before
                print(f"      {held / MEBIBYTE:.0f} MiB for {len(crowd)}", flush=True)
                check(held < HELD_ALL_MAX + 64 * MEBIBYTE, f"{held} bytes")
                # One that takes them is given all of them.
                with kind(site.port) as reader:
                    xids = [reader.rpc.say(*call) for call in calls]
                    check(all(len(reader.rpc.hear(xid).data) > MEBIBYTE for xid in xids), "one that takes them")
                if FULL:
                    began = time.monotonic()
                    check(crowd[-1].socket.recv(1, socket.MSG_PEEK) != b"", "it was cut off at once")
                    check(wait_for(lambda: site.resident() - before < 48 * MEBIBYTE, 90), "it is kept")
                    print(f"      cut off after {time.monotonic() - began:.0f} s", flush=True)
            finally:
                for rpc in crowd:
                    rpc.close()
            site.still_serves()

    def where_descriptors_are_short(self):
        """Who is there is served, or told to come later: no file of his is called gone."""
        if is_sanitized(self.strata):
            print("      left out: a sanitizer that has no descriptor takes objects for none", flush=True)
            return
        with Site(self.strata, "--write=all", name="short", before=("prlimit", "--nofile=60:60")) as site:
            with Three(site.port) as three, Four(site.port) as four:
                four.begin(b"short")
                files = [(nfs, nfs.lookup(nfs.root, "lawful")) for nfs in (three, four)]
                many = [four.create(four.root, f"file{number}") for number in range(60)]
                held = []
                number = number_of(lambda: held.extend(four.open(four.root, f"file{at}") for at in range(60)))
                check(number == RESOURCE, number)
                crowd = []
                try:
                    for number in range(100):
                        crowd.append(Rpc(site.port, source=source_of(number)))
                        for nfs, file in files:
                            expect((0, JUKEBOX), nfs.read, file, 0, 10)
                            expect((0, JUKEBOX), nfs.size, many[number % 60])
                finally:
                    for rpc in crowd:
                        rpc.close()
                for nfs, file in files:
                    check(wait_for(lambda nfs=nfs, file=file: number_of(nfs.read, file, 0, 10) == 0), "for good")
            site.still_serves()

    def floods(self):
        """Of calls in one connection, and of datagrams from many ports: others are served meanwhile."""
        with self.site("flood") as site, Three(site.port) as nfs:
            file, before = nfs.lookup(nfs.root, "lawful"), site.resident()
            count = 100_000 if FULL else 20_000
            call = record(message(NFS, 3, 1, opaque(file)))
            with Rpc(site.port) as flood:
                sender = threading.Thread(target=flood.sendall, args=(call * count,))
                sender.start()
                heard = 0
                for _ in range(count):
                    flood.heard()
                    heard += 1
                    if heard % 2000 == 0:
                        check(nfs.read(file, 0, 10)[0] == b"lawful", "others wait")
                sender.join()
            doors = [Rpc(site.port, udp=True, source=source_of(number)) for number in range(500)]
            what = (message(NFS, 3, 1, opaque(file)), message(NFS, 3, 6, opaque(file) + u64(0) + u32(1 << 30)), b"",
                    bytes(3), os.urandom(1400), message(NFS, 3, 1, opaque(file))[:50], message(NFS, 4, 1, bytes(12)),
                    bytes(60000))
            for turn in range(100 if FULL else 20):
                for number, door in enumerate(doors):
                    try:
                        door.sendall(what[(number + turn) % len(what)])
                    except OSError as error:
                        check(error.errno in (errno.EAGAIN, errno.ENOBUFS), error)
                check(nfs.read(file, 0, 10)[0] == b"lawful", "others wait")
            for door in doors:
                door.close()
            grown = site.resident() - before
            print(f"      {grown / MEBIBYTE:.1f} MiB more", flush=True)
            check(grown < 48 * MEBIBYTE, f"{grown} bytes are kept")
            with Three(site.port, udp=True) as datagrams:
                check(datagrams.read(file, 0, 10)[0] == b"lawful", "UDP")
            site.still_serves()

    def records_without_an_end(self):
        with self.site("records") as site:
            before = site.resident()

            def parted_after(data):
                with Rpc(site.port) as rpc:
                    try:
                        rpc.sendall(data)
                    except ConnectionError:
                        return
                    check(rpc.is_parted(), f"kept: {data[:20]}")
            piece = u32(1000) + bytes(1000)
            for data in (u32(0x7fffffff) + bytes(100), u32(0xffffffff) + bytes(100), u32(0x80000000),
                         piece * 2000, u32(1) + b"x" + u32(0) * 2000, u32(0) * 600, u32(0x80000004) + bytes(4),
                         record(u32(1, 1, 0, 0, 0, 0)), record(u32(1, 0, 2))):
                parted_after(data)
                site.still_serves()
            check(site.resident() - before < 16 * MEBIBYTE, "it is kept")
            # Byte by byte, in pieces of a byte, it is a call all the same.
            whole = message(NFS, 3, 0)
            with Rpc(site.port) as rpc:
                rpc.sendall(b"".join(u32(1) + whole[at:at + 1] for at in range(len(whole) - 1)) +
                            u32(0x80000001) + whole[-1:])
                check(rpc.heard()[8:12] == u32(0), "in pieces")

    def steps(self):
        return [("a crowd of readers", self.of_readers), ("a crowd that says nothing", self.that_says_nothing),
                *each_version(self.that_takes_no_answers), ("floods", self.floods),
                ("where descriptors are short", self.where_descriptors_are_short),
                ("records without an end", self.records_without_an_end)]


# ---- leases

class Leases:
    def __init__(self, strata):
        self.strata = strata

    def that_end(self):
        with Site(self.strata, "--write=all", "--nfs-lease", "5", name="leases") as site:
            with Four(site.port) as late, Four(site.port) as other:
                late.begin(b"late")
                other.begin(b"other")
                of = late.open(late.root, "lawful", access=3, deny=3)
                lock = late.lock(of)
                expect(SHARE_DENIED, other.open, other.root, "lawful")
                began = time.monotonic()
                state = {}

                def is_free():
                    other.renew()
                    try:
                        state["of"] = other.open(other.root, "lawful")
                        return True
                    except Status as status:
                        check(status.number == SHARE_DENIED, status)
                        return False
                check(wait_for(is_free, 30), "it is never free")
                check(4 < time.monotonic() - began < 15, time.monotonic() - began)
                other.lock(state["of"])
                late_ones = (EXPIRED, STALE_CLIENTID, STALE_STATEID, BAD_STATEID)
                expect(late_ones, late.renew)
                expect(late_ones, late.read, of.handle, 0, 1, of.state)
                expect(late_ones, late.write, of.handle, 0, b"late", FILE_SYNC, lock)
                expect(late_ones, late.lock, of)
                expect(late_ones, late.close_file, of)
                expect(late_ones, late.open, late.root, "lawful")
                check((site.folder / "lawful").read_bytes() == b"lawful", "the late one wrote")
                late.begin(b"late")
                again = late.open(late.root, "lawful")
                expect(DENIED, late.lock, again)
                other.close_file(other.open(other.root, "lawful"))
            site.still_serves()

    def of_a_client_that_is_killed(self):
        """Its connection is gone, its locks end with its lease; who comes again by its name is free of them at once."""
        with Site(self.strata, "--write=all", "--nfs-lease", "5", name="gone") as site, Four(site.port) as other:
            other.begin(b"other")
            with Four(site.port) as dying:
                dying.begin(b"dying")
                dying.lock(dying.open(dying.root, "lawful"))
            mine = other.open(other.root, "lawful")
            expect(DENIED, other.lock, mine)
            with Four(site.port) as again:
                again.begin(b"dying")  # another verifier: it restarted
                other.lock(mine)
                again.lock(again.open(again.root, "lawful"), 100, 10)
            other.renew()

            def is_free():
                other.renew()
                return number_of(other.lock, mine, 100, 10) == 0
            check(wait_for(is_free, 30), "the lock of the dead")

    def after_a_restart(self):
        with Site(self.strata, "--write=all", "--nfs-lease", "5", *key("grace"), name="grace",
                  port=free_port()) as site:
            with Four(site.port) as here, Four(site.port) as idle:
                here.begin(b"here")
                of = here.open(here.root, "lawful")
                here.lock(of)
                idle.begin(b"idle")
            site.killed()
            site.again()
            with Four(site.port) as here, Four(site.port) as other, Four(site.port) as idle:
                expect((STALE_STATEID, BAD_STATEID, EXPIRED), here.read, of.handle, 0, 1, of.state)
                other.begin(b"other")
                idle.begin(b"idle")
                here.begin(b"here")
                expect(GRACE, other.open, other.root, "lawful")
                expect(GRACE, other.write, of.handle, 0, b"x")
                expect(RECLAIM_BAD, other.reclaim, of.handle)
                expect(RECLAIM_BAD, idle.reclaim, of.handle)
                mine = here.reclaim(of.handle)
                here.lock(mine, reclaim=True)
                check(here.read(mine.handle, 0, 100, mine.state)[0] == b"lawful", "what was reclaimed")
                opened = {}

                def is_over():
                    here.renew()
                    try:
                        opened["of"] = other.open(other.root, "lawful")
                        return True
                    except Status as status:
                        check(status.number == GRACE, status)
                        return False
                check(wait_for(is_over, 30), "grace without an end")
                expect(DENIED, other.lock, opened["of"])
                expect(NO_GRACE, here.reclaim, of.handle)
            site.killed()
            site.again()
            with Four(site.port) as idle:  # who did not come is not known the next time
                idle.begin(b"idle")
                expect(RECLAIM_BAD, idle.reclaim, of.handle)
                expect(GRACE, idle.open, idle.root, "lawful")

    def steps(self):
        return [("leases that end", self.that_end),
                ("leases of a client that is killed", self.of_a_client_that_is_killed),
                ("leases after a restart", self.after_a_restart)]


# ---- hostile words

class Hostile:
    def __init__(self, strata):
        self.strata = strata

    def names(self, kind):
        with Site(self.strata, "--write=all", name=f"names{kind.version}") as site, kind(site.port) as nfs:
            (FOLDER / "secret").write_bytes(b"nobody may read this")
            sub = nfs.mkdir(nfs.root, "sub")
            bad = (ACCES, INVAL, NOENT, EXIST, NAMETOOLONG, BADCHAR, BADNAME, NOTDIR, ISDIR)
            hostile = [b"", b"/", b"../secret", b"sub/../../secret", b"a/b", b"/etc/passwd", b"a\0b", b"\0", b"x" * 256,
                       b"x" * 5000, b"..", b"."]
            if kind is Four:
                hostile += [b"\xff\xff", b"\xc0\xaf", b"\xed\xa0\x80"]
            for name in hostile:
                if name not in (b"..", b".") or kind is Four:
                    expect(bad, nfs.lookup, nfs.root, name)
                for act in ((nfs.create, sub, name), (nfs.mkdir, sub, name), (nfs.symlink, sub, name, "text"),
                            (nfs.remove, sub, name), (nfs.rename, nfs.root, "lawful", sub, name),
                            (nfs.rename, sub, name, nfs.root, "new")):
                    expect(bad, *act)
            if kind is Three:  # of version 3 names are bytes
                check(nfs.lookup(nfs.lookup(nfs.root, "sub"), "..") == nfs.root, "..")
                check(nfs.lookup(nfs.root, "..") == nfs.root, ".. of the root")
                nfs.create(sub, b"\xff\xfe")
                check(nfs.names(sub) == [b"\xff\xfe"], "bytes")
                nfs.remove(sub, b"\xff\xfe")
            check(sorted(os.listdir(site.folder)) == ["lawful", "sub"] and not os.listdir(site.folder / "sub"), "made")
            for text in ("../../secret", "/etc/passwd", "loop", "x" * 4000, "a\0b", ""):
                number_of(nfs.symlink, sub, "link", text)
                if number_of(nfs.lookup, sub, "link") == 0:
                    link = nfs.lookup(sub, "link")
                    check(number_of(nfs.read, link, 0, 10) != 0 and number_of(nfs.write, link, 0, b"x") != 0 and
                          number_of(nfs.lookup, link, "x") != 0 and number_of(nfs.names, link) != 0, "a link")
                    nfs.remove(sub, "link")
            site.still_serves()

    def what_is_special(self, kind):
        """FIFOs, devices and sockets are shown, and never opened: none of them blocks the server."""
        with Site(self.strata, "--write=all", name=f"special{kind.version}") as site, kind(site.port) as nfs:
            os.mkfifo(site.folder / "fifo")
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(str(site.folder / "socket"))
            names = ["fifo", "socket"]
            if ROOT:
                for name, device in (("zero", (1, 5)), ("random", (1, 8)), ("tty", (5, 0))):
                    os.mknod(site.folder / name, 0o20666, os.makedev(*device))
                    names.append(name)
            for name in names:
                handle = nfs.lookup(nfs.root, name)
                for act in ((nfs.read, handle, 0, 10), (nfs.write, handle, 0, b"x"), (nfs.set_size, handle, 0),
                            (nfs.commit, handle), (nfs.lookup, handle, "x"), (nfs.names, handle),
                            (nfs.remove, nfs.root, name), (nfs.rename, nfs.root, name, nfs.root, "new")):
                    check(number_of(*act) != 0, f"{act[0].__name__} {name}")
                check(number_of(nfs.create, nfs.root, name) != 0, f"create {name}")
                site.still_serves()
            if kind is Four:
                nfs.begin(b"special")
                for name in names:
                    check(number_of(nfs.open, nfs.root, name) != 0 and
                          number_of(nfs.open, nfs.root, name, create=True) != 0, f"open {name}")
            check(sorted(os.fsdecode(name) for name in nfs.names(nfs.root)) == sorted([*names, "lawful"]), "names")
            if kind is Three:
                for number in range(8):
                    try:
                        nfs.call(11, opaque(nfs.root) + opaque("node") + u32(number) + NOTHING_SET + u32(1, 5))
                        check(False, "MKNOD")
                    except (Status, Refused):
                        check(not (site.folder / "node").exists(), "MKNOD")
            else:
                for number in range(10):
                    more = u32(1, 5) if number in (3, 4) else b""
                    if number not in (2, 5):
                        operation = u32(6, number) + more + opaque("node") + u32(0, 0)
                        check(nfs.compound(PUTROOTFH, operation)[0] != 0, "CREATE")

    def handles(self, kind):
        with Site(self.strata, "--write=all", name=f"handles{kind.version}") as site, kind(site.port) as nfs:
            file, luck = nfs.lookup(nfs.root, "lawful"), random.Random(7)
            flipped = [file[:at] + bytes([file[at] ^ 1 << luck.randrange(8)]) + file[at + 1:]
                       for at in range(len(file))]
            for forged in (*flipped, b"", file[:-1], file + b"\0", file * 2, bytes(40), bytes(64), b"\xff" * 64,
                           nfs.root[:24] + file[24:], os.urandom(len(file))):
                if len(forged) > (64 if kind is Three else 128):
                    continue
                for act in ((nfs.read, forged, 0, 1), (nfs.write, forged, 0, b"x"), (nfs.lookup, forged, "lawful"),
                            (nfs.size, forged), (nfs.create, forged, "x"), (nfs.names, forged)):
                    expect((BADHANDLE, STALE), *act)
            for too_long in (65 if kind is Three else 129, 1000, 60_000):
                check(self.is_refused(nfs, bytes(too_long)), f"a handle of {too_long} bytes")
            check((site.folder / "lawful").read_bytes() == b"lawful", "written")
            # Many that are stale: each is looked for once at most, and others do not wait.
            stale = []
            for number in range(200):
                (site.folder / "x").touch()
                stale.append(nfs.lookup(nfs.root, "x"))
                (site.folder / "x").unlink()
            for each in stale * 2:
                expect(STALE, nfs.size, each)
            site.still_serves()

    @staticmethod
    def is_refused(nfs, handle):
        try:
            return number_of(nfs.size, handle) in (BADHANDLE, 10036)
        except Refused as refused:
            return refused.args == ("accepted", 4)

    def arguments(self):
        """All procedures with lengths that lie, with nothing, too little and too much, over TCP and UDP."""
        with Site(self.strata, "--write=all", name="arguments") as site, Three(site.port) as three, \
                Four(site.port) as four:
            handle, luck = three.lookup(three.root, "lawful"), random.Random(11)
            inputs = [b"", u32(0xffffffff), u32(0xffffffff) + bytes(100), u32(0x7fffffff), u32(4), opaque(handle)[:20],
                      opaque(handle), opaque(handle) + u32(0xffffffff), opaque(handle) + u64(1 << 63) + u32(0xffffffff),
                      opaque(handle) + u64(0) + u32(0xffffffff, 2, 0xffffffff), opaque(handle) + bytes(7),
                      opaque(handle) + b"\xff" * 200, opaque(three.root) + opaque("x" * 300),
                      opaque(three.root) + u32(0xfffffffc) + b"x" * 8, opaque(handle) + bytes(3000),
                      *(luck.randbytes(luck.randrange(4, 400)) for _ in range(20))]
            before = site.resident()
            for udp in (False, True):
                with Rpc(site.port, udp=udp) as rpc:
                    for program, version, procedures in ((NFS, 3, 24), (MOUNT, 3, 8), (NFS, 4, 3), (NFS, 2, 2),
                                                         (NFS, 5, 2), (MOUNT, 1, 7), (100000, 2, 2), (7, 7, 7)):
                        for procedure in range(procedures):
                            for data in inputs:
                                try:
                                    rpc.call(program, version, procedure, data)
                                except Refused:
                                    pass
                    for credentials in (u32(0, 4) + bytes(4), u32(1, 0), u32(1, 400) + bytes(400), u32(6, 0),
                                        u32(1) + opaque(u32(0) + u32(0xffffffff)), u32(99) + opaque(b"x" * 100),
                                        u32(1) + opaque(u32(0) + opaque("x") + u32(0, 0, 17) + bytes(68))):
                        try:
                            rpc.call(NFS, 3, 1, opaque(handle), credentials=credentials)
                        except Refused:
                            pass
                site.still_serves()
            check(site.resident() - before < 32 * MEBIBYTE, "memory for what was only said")
            compounds = [u32(24) * 10_000, u32(24) * 64, u32(0) * 3, u32(9999), u32(24, 22, 0xffffffff),
                         u32(24, 10) * 32, u32(24, 9, 0xffffffff), u32(24, 9, 8) + b"\xff" * 32 + bytes(100),
                         (u32(24) + u32(25) + NOBODY + u64(0) + u32(1 << 30)) * 30, u32(38) + NOBODY + u64(0) + u32(2) +
                         u32(0xffffffff), u32(24, 34) + NOBODY + u32(1, 16) + opaque(b""), u32(24, 26) + u64(3) +
                         bytes(8) + u32(0xffffffff, 0xffffffff, 1, 0xffffffff)]
            for operations in compounds:
                for count in (10_000, 0xffffffff, 64, 65, 3, 1, 0):
                    try:
                        four.compound(operations, count=count)
                    except Refused as refused:
                        check(refused.args == ("accepted", 4), refused)
            check(four.compound(*[PUTROOTFH] * 10_000)[0] == RESOURCE, "10,000 operations")
            check(four.compound(*[PUTROOTFH, GETFH] * 32)[0] == 0, "64 operations")
            check((site.folder / "lawful").read_bytes() == b"lawful", "written")
            site.still_serves()

    def steps(self):
        return [*each_version(self.names), *each_version(self.what_is_special), *each_version(self.handles),
                ("arguments that lie", self.arguments)]


def main():
    require_tools("prlimit")
    strata = program("STRATA", "build/strata")
    run_steps([step for room in (Crowd, Leases, Hostile) for step in room(strata).steps()])


if __name__ == "__main__":
    main()
