"""Clients of NFS made by hand, of version 3 (RFC 1813) and 4.0 (RFC 7530), that say the same things in the same way:

    with Three(port) as nfs:                            # or Four(port)
        file = nfs.create(nfs.root, "x")                # a handle; whatever fails raises Status(number)
        nfs.write(file, 0, b"abc", FILE_SYNC)           # (count, committed, verifier)

Four has `do` for any operations besides, and `begin`, `open`, `lock`: what has a state.
"""
import os

from rpc_peer import MOUNT, NFS, Reader, Rpc, Status, opaque, u32, u64

UNSTABLE, DATA_SYNC, FILE_SYNC = range(3)
NOENT, IO, ACCES, EXIST, NOTDIR, ISDIR, INVAL, FBIG, NOSPC, NAMETOOLONG = 2, 5, 13, 17, 20, 21, 22, 27, 28, 63
NOTEMPTY, STALE, BADHANDLE, BAD_COOKIE, TOOSMALL = 66, 70, 10001, 10003, 10005
DENIED, EXPIRED, LOCKED, GRACE, SHARE_DENIED, RESOURCE = 10010, 10011, 10012, 10013, 10015, 10018
STALE_CLIENTID, STALE_STATEID, BAD_STATEID, NO_GRACE, RECLAIM_BAD = 10022, 10023, 10025, 10033, 10034
BADXDR, BADCHAR, BADNAME, JUKEBOX = 10036, 10040, 10041, 10008
NO_TURN = (RESOURCE, 10020, STALE_CLIENTID, STALE_STATEID, BAD_STATEID, 10026, BADXDR)
NOTHING_SET = u32(0, 0, 0, 0, 0, 0)
PAGE = 4096  # bytes of a page of a folder


class Peer:
    def __init__(self, port, **more):
        self.rpc = Rpc(port, **more)
        self.root = self.find_root()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rpc.close()

    def names(self, folder, between=lambda pages: None):
        """All of them, as often as they are told, page by page."""
        names, cookie, verifier, pages = [], 0, bytes(8), 0
        while True:
            page, verifier, end = self.page(folder, cookie, verifier)
            names += [name for name, _ in page if name not in (b".", b"..")]
            if end:
                return names
            cookie = page[-1][1] if page else cookie
            pages += 1
            between(pages)


class Three(Peer):
    version = 3

    def find_root(self):
        results = self.rpc.call(MOUNT, 3, 1, opaque("/"))
        results.check_status()
        return results.opaque()

    def call(self, procedure, arguments):
        results = self.rpc.call(NFS, 3, procedure, arguments)
        results.check_status()
        return results

    @staticmethod
    def attributes(results):
        return results.take(84) if results.u32() else None

    def wcc(self, results):
        if results.u32():
            results.take(24)
        self.attributes(results)

    def made(self, results):
        return results.opaque() if results.u32() else None

    def size(self, file):
        return Reader(self.call(1, opaque(file)).take(84)[20:]).u64()

    def set_size(self, file, size):
        self.call(2, opaque(file) + u32(0, 0, 0, 1) + u64(size) + u32(0, 0, 0))

    def lookup(self, folder, name):
        return self.call(3, opaque(folder) + opaque(name)).opaque()

    def read(self, file, offset, count):
        results = self.call(6, opaque(file) + u64(offset) + u32(count))
        self.attributes(results)
        results.u32()
        end = results.u32()
        return results.opaque(), bool(end)

    def write(self, file, offset, data, stable=UNSTABLE):
        results = self.call(7, opaque(file) + u64(offset) + u32(len(data), stable) + opaque(data))
        self.wcc(results)
        return results.u32(), results.u32(), results.take(8)

    def create(self, folder, name):
        return self.made(self.call(8, opaque(folder) + opaque(name) + u32(0) + NOTHING_SET))

    def mkdir(self, folder, name):
        return self.made(self.call(9, opaque(folder) + opaque(name) + NOTHING_SET))

    def symlink(self, folder, name, text):
        return self.made(self.call(10, opaque(folder) + opaque(name) + NOTHING_SET + opaque(text)))

    def remove(self, folder, name):
        self.call(12, opaque(folder) + opaque(name))

    def rename(self, folder, name, to_folder, to):
        self.call(14, opaque(folder) + opaque(name) + opaque(to_folder) + opaque(to))

    def page(self, folder, cookie, verifier):
        results = self.call(16, opaque(folder) + u64(cookie) + verifier + u32(PAGE))
        self.attributes(results)
        verifier, page = results.take(8), []
        while results.u32():
            results.u64()
            page.append((results.opaque(), results.u64()))
        return page, verifier, bool(results.u32())

    def commit(self, file):
        results = self.call(21, opaque(file) + u64(0) + u32(0))
        self.wcc(results)
        return results.take(8)


# Of an operation: how it is said, and what is heard when it went well.
def change(results):
    return results.take(20)


def bitmap(results):
    return [results.u32() for _ in range(results.u32())]


def attributes(results):
    return bitmap(results), results.opaque()


def entries(results):
    verifier, page = results.take(8), []
    while results.u32():
        cookie = results.u64()
        page.append((results.opaque(), cookie))
        attributes(results)
    return page, verifier, bool(results.u32())


def opened(results):
    state, _, flags = results.take(16), change(results), results.u32()
    bitmap(results)
    results.u32()
    return state, flags


HEARD = {3: lambda r: (r.u32(), r.u32()), 4: lambda r: r.take(16), 5: lambda r: r.take(8),
         6: lambda r: (change(r), bitmap(r)), 9: attributes, 10: Reader.opaque, 11: change, 12: lambda r: r.take(16),
         14: lambda r: r.take(16), 18: opened, 20: lambda r: r.take(16), 25: lambda r: (bool(r.u32()), r.opaque()),
         26: entries, 27: Reader.opaque, 28: change, 29: lambda r: (change(r), change(r)), 34: bitmap,
         35: lambda r: (r.u64(), r.take(8)), 38: lambda r: (r.u32(), r.u32(), r.take(8))}
PUTROOTFH, GETFH, SAVEFH = u32(24), u32(10), u32(32)
NOBODY = bytes(16)  # the anonymous stateid


def putfh(handle):
    return u32(22) + opaque(handle)


class Four(Peer):
    version = 4

    def find_root(self):
        return self.do(PUTROOTFH, GETFH)[-1]

    def compound(self, *operations, count=None):
        """What COMPOUND says: (status, what is behind it)."""
        arguments = opaque("") + u32(0, len(operations) if count is None else count) + b"".join(operations)
        results = self.rpc.call(NFS, 4, 1, arguments)
        return results.u32(), results

    def do(self, *operations):
        """What each of them says; Status of the first that failed."""
        status, results = self.compound(*operations)
        results.opaque()
        told = []
        for _ in range(results.u32()):
            operation = results.u32()
            results.check_status()
            told.append(HEARD.get(operation, lambda _: None)(results))
        if status:
            raise Status(status)
        return told

    def size(self, file):
        return Reader(self.do(putfh(file), u32(9, 1, 1 << 4))[-1][1]).u64()

    def set_size(self, file, size, state=NOBODY):
        self.do(putfh(file), u32(34) + state + u32(1, 1 << 4) + opaque(u64(size)))

    def lookup(self, folder, name):
        return self.do(putfh(folder), u32(15) + opaque(name), GETFH)[-1]

    def read(self, file, offset, count, state=NOBODY):
        end, data = self.do(putfh(file), u32(25) + state + u64(offset) + u32(count))[-1]
        return data, end

    def write(self, file, offset, data, stable=UNSTABLE, state=NOBODY):
        return self.do(putfh(file), u32(38) + state + u64(offset) + u32(stable) + opaque(data))[-1]

    def commit(self, file):
        return self.do(putfh(file), u32(5) + u64(0) + u32(0))[-1]

    def mkdir(self, folder, name):
        return self.do(putfh(folder), u32(6, 2) + opaque(name) + u32(0, 0), GETFH)[-1]

    def symlink(self, folder, name, text):
        return self.do(putfh(folder), u32(6, 5) + opaque(text) + opaque(name) + u32(0, 0), GETFH)[-1]

    def remove(self, folder, name):
        self.do(putfh(folder), u32(28) + opaque(name))

    def rename(self, folder, name, to_folder, to):
        self.do(putfh(folder), SAVEFH, putfh(to_folder), u32(29) + opaque(name) + opaque(to))

    def page(self, folder, cookie, verifier):
        return self.do(putfh(folder), u32(26) + u64(cookie) + verifier + u32(PAGE, PAGE, 1, 1 << 20))[-1]

    def create(self, folder, name):
        """A file, which is closed again."""
        if not hasattr(self, "owner"):
            self.begin(os.urandom(8))
        open_file = self.open(folder, name, create=True)
        self.close_file(open_file)
        return open_file.handle

    # ---- what has a state

    def begin(self, name):
        """Makes itself known: a client of that name, with one owner."""
        client, confirm = self.do(u32(35) + os.urandom(8) + opaque(name) + u32(0) + opaque("tcp") +
                                  opaque("0.0.0.0.0.0") + u32(0))[-1]
        self.do(u32(36) + u64(client) + confirm)
        self.client, self.owner, self.seqid = client, b"owner" + name, 0

    def next_seqid(self):
        self.seqid += 1
        return self.seqid

    def in_turn(self, *operations):
        """Who fails in certain ways has not had its turn (RFC 7530 9.1.7)."""
        try:
            return self.do(*operations)
        except Status as status:
            self.seqid -= status.number in NO_TURN
            raise

    def said_open(self, access, deny, create, claim):
        how = u32(1, 0, 0, 0) if create else u32(0)  # UNCHECKED4, no attributes
        return (u32(18, self.next_seqid(), access, deny) + u64(self.client) + opaque(self.owner) + how + claim)

    def open(self, folder, name, access=3, deny=0, create=False):
        claim = u32(0) + opaque(name)
        _, (state, flags), handle = self.in_turn(putfh(folder), self.said_open(access, deny, create, claim), GETFH)
        if flags & 2:
            state = self.do(putfh(handle), u32(20) + state + u32(self.next_seqid()))[-1]
        return OpenFile(handle, state)

    def reclaim(self, handle, access=3):
        """What it had open before the server's restart."""
        _, (state, flags) = self.in_turn(putfh(handle), self.said_open(access, 0, False, u32(1, 0)))
        if flags & 2:
            state = self.do(putfh(handle), u32(20) + state + u32(self.next_seqid()))[-1]
        return OpenFile(handle, state)

    def close_file(self, of):
        self.in_turn(putfh(of.handle), u32(4, self.next_seqid()) + of.state)

    def lock(self, of, offset=0, length=10, reclaim=False):
        """To write, by an owner of its own. Returns its stateid."""
        who = u32(1, self.next_seqid()) + of.state + u32(0) + u64(self.client) + opaque(os.urandom(8))
        return self.in_turn(putfh(of.handle), u32(12, 2, int(reclaim)) + u64(offset, length) + who)[-1]

    def renew(self):
        self.do(u32(30) + u64(self.client))


class OpenFile:
    def __init__(self, handle, state):
        self.handle, self.state = handle, state


def number_of(act, *arguments, **more):
    """The status, 0 if it went well."""
    try:
        act(*arguments, **more)
        return 0
    except Status as status:
        return status.number
