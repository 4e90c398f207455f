"""A peer that can send any frame: for tests of what no kernel sends.

    namespace:   RawPeer ── AF_PACKET ── the kernel's side of a TAP ── strata on the TAP
                 own MAC, own address          (no address of its own is needed)

    with Namespace() as namespace:
        ... strata serve --net tap:raw0,addr=10.97.0.1/24,mtu=... is started in it, and prints that it serves ...
        with RawPeer(namespace, "raw0", "10.97.0.9", "10.97.0.1") as peer:
            peer.resolve()                              # learns the target's MAC address by ARP
            flow = peer.handshake(80)                   # a TCP connection of ours: sequence numbers are its to move
            peer.send_tcp(flow, b"GET / HTTP/1.0\\r\\n\\r\\n")
            answer = peer.wait_for(lambda frame: frame.tcp and frame.payload)

Builders (`ethernet`, `arp`, `ipv4`, `icmp_echo`, `udp`, `tcp`) return bytes with right checksums; every field can be
said otherwise, also to what no field should be. `parse` reads a frame into one `Frame`, whose parts are None where
there are none. Nothing is sent unless the test says so: the peer answers ARP questions for its own address while it
waits (so that it is a neighbour), and otherwise is silent; the kernel has no such address and keeps out of it.

Floods (`flood`) send a bounded number of frames at a bounded rate, and read nothing. `rss_of` is the memory of a
process in bytes. The socket lives in the namespace: it is opened by a thread that has entered it, and stays there.
"""
import ctypes
import os
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

ETH_P_ALL = 3
IPV4, ARP = 0x0800, 0x0806
ICMP, TCP, UDP = 1, 6, 17
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
BROADCAST = b"\xff" * 6
CLONE_NEWNET = 0x40000000


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    """RFC 1071, as the two bytes that go into the header."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack(">H", ~total & 0xffff)


# --- builders

def ethernet(destination, source, kind, payload):
    return (destination + source + struct.pack(">H", kind) + payload).ljust(60, b"\0")


def arp(operation, sender_mac, sender_ip, target_mac, target_ip):
    """`operation`: 1 question, 2 answer. Addresses as text, MACs as bytes."""
    return (struct.pack(">HHBBH", 1, IPV4, 6, 4, operation) + sender_mac + socket.inet_aton(sender_ip)
            + target_mac + socket.inet_aton(target_ip))


def ipv4(source, destination, protocol, payload, options=b"", ttl=64, identification=0, flags=0x4000,
         total_length=None):
    """`options` are padded to whole words; `flags`: with the fragment offset."""
    options = options.ljust((len(options) + 3) // 4 * 4, b"\0")
    size = 20 + len(options)
    length = size + len(payload) if total_length is None else total_length
    header = struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, length, identification, flags, ttl, protocol, 0)
    header += socket.inet_aton(source) + socket.inet_aton(destination) + options
    return header[:10] + checksum(header) + header[12:] + payload


def with_transport_checksum(source, destination, protocol, segment, place):
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack(">HH", protocol, len(segment))
    return segment[:place] + checksum(pseudo + segment) + segment[place + 2:]


def udp(source, destination, source_port, destination_port, payload=b""):
    datagram = struct.pack(">HHHH", source_port, destination_port, 8 + len(payload), 0) + payload
    return with_transport_checksum(source, destination, UDP, datagram, 6)


def tcp(source, destination, source_port, destination_port, seq, ack, flags, payload=b"", window=65535, options=b""):
    options = options.ljust((len(options) + 3) // 4 * 4, b"\0")
    segment = struct.pack(">HHIIBBHHH", source_port, destination_port, seq & 0xffffffff, ack & 0xffffffff,
                          (20 + len(options)) // 4 << 4, flags, window, 0, 0) + options + payload
    return with_transport_checksum(source, destination, TCP, segment, 16)


def icmp_echo(identifier, sequence, payload=b"", kind=8):
    message = struct.pack(">BBHHH", kind, 0, 0, identifier, sequence) + payload
    return message[:2] + checksum(message) + message[4:]


# --- the parser

@dataclass
class Frame:
    destination: bytes
    source: bytes
    kind: int
    arp: tuple | None = None       # (operation, sender MAC, sender address, target MAC, target address)
    ip_source: str | None = None
    ip_destination: str | None = None
    protocol: int | None = None
    options: bytes = b""           # of the IP header
    icmp: tuple | None = None      # (type, code, identifier, sequence)
    udp: tuple | None = None       # (source port, destination port)
    tcp: tuple | None = None       # (source port, destination port, seq, ack, flags, window)
    payload: bytes = b""
    valid: bool = True             # all checksums and lengths are right


def parse(data):
    frame = Frame(data[:6], data[6:12], struct.unpack(">H", data[12:14])[0])
    body = data[14:]
    if frame.kind == ARP and len(body) >= 28:
        frame.arp = (struct.unpack(">H", body[6:8])[0], body[8:14], socket.inet_ntoa(body[14:18]), body[18:24],
                     socket.inet_ntoa(body[24:28]))
    if frame.kind != IPV4 or len(body) < 20:
        return frame
    size, length = (body[0] & 15) * 4, struct.unpack(">H", body[2:4])[0]
    frame.valid = length <= len(body) and checksum(body[:size]) == b"\0\0"
    frame.options, frame.protocol = body[20:size], body[9]
    frame.ip_source, frame.ip_destination = socket.inet_ntoa(body[12:16]), socket.inet_ntoa(body[16:20])
    transport = body[size:length]
    pseudo = body[12:20] + struct.pack(">HH", frame.protocol, len(transport))
    if frame.protocol == ICMP and len(transport) >= 8:
        frame.icmp = struct.unpack(">BBxxHH", transport[:8])
        frame.payload = transport[8:]
        frame.valid = frame.valid and checksum(transport) == b"\0\0"
    elif frame.protocol == UDP and len(transport) >= 8:
        frame.udp = struct.unpack(">HH", transport[:4])
        frame.payload = transport[8:]
        frame.valid = frame.valid and checksum(pseudo + transport) == b"\0\0"
    elif frame.protocol == TCP and len(transport) >= 20:
        ports_and_numbers = struct.unpack(">HHII", transport[:12])
        frame.tcp = (*ports_and_numbers, transport[13], struct.unpack(">H", transport[14:16])[0])
        frame.payload = transport[(transport[12] >> 4) * 4:]
        frame.valid = frame.valid and checksum(pseudo + transport) == b"\0\0"
    return frame


@dataclass
class Flow:
    """One TCP connection of the peer's. `seq` is what it sends next, `ack` what it expects."""
    port: int
    remote_port: int
    seq: int
    ack: int = 0
    window: int = 65535
    received: bytearray = field(default_factory=bytearray)


def rss_of(pid):
    """Resident memory of a process, in bytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class RawPeer:
    next_port = 20000

    def __init__(self, namespace, interface, address, target, own_mac="02:99:00:00:00:09"):
        self.interface, self.address, self.target = interface, address, target
        self.mac, self.target_mac = mac(own_mac), None
        self.socket = _in_namespace(namespace.name, self._open)

    def _open(self):
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        opened.bind((self.interface, ETH_P_ALL))
        # Frames to a MAC address that is not the interface's own.
        index = socket.if_nametoindex(self.interface)
        SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
        opened.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack("IHH8s", index, PACKET_MR_PROMISC, 0, b""))
        return opened

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # --- frames

    def send_frame(self, data):
        self.socket.send(data)

    def frames(self, timeout):
        """What arrives within `timeout` seconds, as it arrives. ARP questions for our address are answered."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                return
            data, where = self.socket.recvfrom(70000)
            if where[2] == socket.PACKET_OUTGOING or len(data) < 14:
                continue  # what this side itself sent
            frame = parse(data)
            if frame.arp and frame.arp[0] == 1 and frame.arp[4] == self.address:
                self.send_arp(2, frame.arp[2], to=frame.source, target_mac=frame.arp[1])
            yield frame

    def wait_for(self, wanted, timeout=10.0):
        """The first frame that `wanted(frame)` agrees to; None after `timeout` seconds."""
        for frame in self.frames(timeout):
            if wanted(frame):
                return frame
        return None

    def drain(self, timeout=0.2):
        return list(self.frames(timeout))

    # --- packets

    def send_arp(self, operation, target_ip, to=BROADCAST, sender_mac=None, sender_ip=None, target_mac=b"\0" * 6):
        sender_mac = sender_mac or self.mac
        self.send_frame(ethernet(to, sender_mac, ARP,
                                 arp(operation, sender_mac, sender_ip or self.address, target_mac, target_ip)))

    def resolve(self, timeout=10.0):
        """Asks for the target's MAC address. False if nobody answers."""
        self.send_arp(1, self.target)
        answer = self.wait_for(lambda frame: frame.arp and frame.arp[0] == 2 and frame.arp[2] == self.target, timeout)
        self.target_mac = answer.arp[1] if answer else self.target_mac
        return answer is not None

    def ip_frame(self, protocol, payload, source=None, **fields):
        return ethernet(self.target_mac, self.mac, IPV4,
                        ipv4(source or self.address, self.target, protocol, payload, **fields))

    def send_ip(self, protocol, payload, source=None, **fields):
        self.send_frame(self.ip_frame(protocol, payload, source, **fields))

    def tcp_frame(self, flow, payload=b"", flags=ACK, seq=None, ack=None, options=b"", source=None):
        segment = tcp(source or self.address, self.target, flow.port, flow.remote_port,
                      flow.seq if seq is None else seq, flow.ack if ack is None else ack,
                      flags, payload, flow.window, options)
        return self.ip_frame(TCP, segment, source)

    def send_tcp(self, flow, payload=b"", flags=ACK | PSH, seq=None, **more):
        """With no `seq` said, the text is the flow's next and moves it on."""
        self.send_frame(self.tcp_frame(flow, payload, flags, seq, **more))
        if seq is None:
            flow.seq += len(payload) + (1 if flags & (SYN | FIN) else 0)

    # --- conversations

    def is_of(self, flow, frame):
        return (frame.tcp is not None and frame.ip_source == self.target
                and frame.tcp[:2] == (flow.remote_port, flow.port))

    def handshake(self, port, options=b"", timeout=10.0):
        """A connection, established; None if it was not answered, or refused."""
        RawPeer.next_port += 1
        flow = Flow(RawPeer.next_port, port, seq=int.from_bytes(os.urandom(4), "big"))
        self.send_tcp(flow, flags=SYN, options=options)
        answer = self.wait_for(lambda frame: self.is_of(flow, frame), timeout)
        if answer is None or answer.tcp[4] & (SYN | ACK) != SYN | ACK:
            return None
        flow.ack = (answer.tcp[2] + 1) & 0xffffffff
        self.send_tcp(flow, flags=ACK)
        return flow

    def read(self, flow, timeout=10.0, until=None):
        """Takes what arrives in order, acknowledges it, until FIN, RST or `until(flow.received)`.
        True if it ended so."""
        for frame in self.frames(timeout):
            if not self.is_of(flow, frame):
                continue
            if frame.tcp[4] & RST:
                return True
            if frame.tcp[2] == flow.ack:
                flow.received += frame.payload
                flow.ack = (flow.ack + len(frame.payload) + (1 if frame.tcp[4] & FIN else 0)) & 0xffffffff
            self.send_tcp(flow, flags=ACK)
            if frame.tcp[4] & FIN or (until and until(flow.received)):
                return True
        return False

    # --- floods

    def flood(self, make_frame, count, per_second):
        """Sends make_frame(0), make_frame(1), ... at most so many a second. Returns how many left (the kernel may
        drop others)."""
        sent, began = 0, time.monotonic()
        for number in range(count):
            ahead = number / per_second - (time.monotonic() - began)
            if ahead > 0.005:
                time.sleep(ahead)
            try:
                self.socket.send(make_frame(number))
                sent += 1
            except OSError:  # ENOBUFS: the queue towards the TAP is full
                time.sleep(0.001)
        return sent


def _in_namespace(name, action):
    """Runs `action` in a thread of its own that has entered the namespace: a socket stays where it was opened."""
    result = []

    def enter():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/run/netns/{name}") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                result.append(OSError(ctypes.get_errno(), f"cannot enter the namespace {name}"))
                return
        try:
            result.append(action())
        except OSError as error:
            result.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(result[0], OSError):
        raise result[0]
    return result[0]
