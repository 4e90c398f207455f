"""Calls of ONC RPC (RFC 5531), byte by byte: for tests of what no lawful client says.

    with Rpc(port) as rpc:                              # over TCP; Rpc(port, udp=True)
        results = rpc.call(NFS, 3, 1, opaque(handle))   # a Reader behind the header; Refused if there are none
        xid = rpc.say(NFS, 3, 6, arguments)             # says it alone; rpc.hear(xid) waits for what comes
        rpc.sendall(b"...")                             # any bytes
"""
import itertools
import os
import socket
import struct

MOUNT, NFS = 100005, 100003
LAST = 1 << 31  # of a fragment's mark


def u32(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def u64(*numbers):
    return struct.pack(f">{len(numbers)}Q", *numbers)


def opaque(data):
    data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return u32(len(data)) + data + bytes(-len(data) % 4)


class Status(AssertionError):
    """What a procedure failed with: nfsstat3, nfsstat4, mountstat3."""

    def __init__(self, number):
        super().__init__(f"status {number}")
        self.number = number


class Refused(AssertionError):
    """No procedure was reached, or it failed: reply_stat and what is behind it."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            raise AssertionError("the results end too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.take(8))[0]

    def opaque(self):
        size = self.u32()
        data = self.take(size)
        self.take(-size % 4)
        return data

    def check_status(self):
        if number := self.u32():
            raise Status(number)


AUTH_SYS = u32(1) + opaque(u32(0) + opaque("peer") + u32(os.geteuid(), os.getegid(), 0))
AUTH_NONE = u32(0, 0)
xids = itertools.count(1)


def message(program, version, procedure, arguments=b"", xid=None, credentials=AUTH_SYS):
    xid = next(xids) if xid is None else xid
    return u32(xid, 0, 2, program, version, procedure) + credentials + AUTH_NONE + arguments


def record(data):
    return u32(LAST | len(data)) + data


class Rpc:
    def __init__(self, port, udp=False, source="127.0.0.1", timeout=20.0):
        self.udp, self.others = udp, {}
        if udp:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.settimeout(timeout)
            self.socket.bind((source, 0))
            self.socket.connect(("127.0.0.1", port))
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout, source_address=(source, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def sendall(self, data):
        self.socket.sendall(data)

    def exactly(self, size):
        data = bytearray()
        while len(data) < size:
            got = self.socket.recv(size - len(data))
            if not got:
                raise ConnectionResetError("the server went")
            data += got
        return bytes(data)

    def heard(self):
        """The next message, whatever it is."""
        if self.udp:
            return self.socket.recv(1 << 16)
        data, last = b"", 0
        while not last:
            mark = struct.unpack(">I", self.exactly(4))[0]
            last = mark & LAST
            data += self.exactly(mark & ~LAST)
        return data

    def say(self, *call, **more):
        data = message(*call, **more)
        self.sendall(data if self.udp else record(data))
        return struct.unpack(">I", data[:4])[0]

    def hear(self, xid):
        while xid not in self.others:
            data = self.heard()
            self.others[struct.unpack(">I", data[:4])[0]] = data
        reply = Reader(self.others.pop(xid))
        if reply.take(8)[4:] != u32(1):
            raise AssertionError("no reply")
        if reply.u32() != 0:
            raise Refused("denied", reply.u32(), reply.u32())
        reply.u32()
        reply.opaque()
        if status := reply.u32():
            raise Refused("accepted", status)
        return reply

    def call(self, *call, **more):
        return self.hear(self.say(*call, **more))

    def is_parted(self):
        """Whether the server ends it, by a reset or in order; waits for that."""
        try:
            while self.socket.recv(1 << 20):
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False
