#!/usr/bin/env python3
"""Writes the scripts of fuzz/corpus/host_fuzz/: fuzz/support/host_fuzz/make_seeds.py [FOLDER]

Each is three bytes of options (port features, TCP options, buffer sizes: see World) and then steps by name.
"""
import pathlib
import re
import sys

here = pathlib.Path(__file__).parent
names = re.findall(r"^    (\w+),  +//", (here / "steps.hpp").read_text(), re.M)
number = {name: place for place, name in enumerate(names)}

ALL = 1 | 2 | 4 | 8  # what a peer's SYN offers: timestamps, SACK, scaling, an MSS of 1460
SACK = 2 | 8
TINY = 1 | 2 | 16  # an MSS of 9, which is taken for 64
NONE, READS, ECHOES, CLOSES, ABORTS, RELEASES = range(6)


def opened(options=ALL, habit=NONE, flow=0):
    return [("handshake", flow, options), ("accept", flow // 3, habit)]


def checksum(data):
    data = bytes(data) + bytes(len(data) % 2)
    total = sum(data[i] << 8 | data[i + 1] for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def frame(payload, protocol=17, source=(10, 0, 0, 2), to=(10, 0, 0, 1), mac=(2, 0, 0, 0, 0, 1), kind=0x0800, ttl=64,
          options=()):
    """A step that sends an IPv4 packet with a good header."""
    size = 20 + len(options)
    head = bytes([0x40 | size // 4, 0, 0, size + len(payload), 0, 0, 0, 0, ttl, protocol, 0, 0, *source, *to, *options])
    packet = head[:10] + checksum(head) + head[12:] + bytes(payload)
    whole = bytes([*mac, 2, 0, 0, 0, 0, 2, kind >> 8, kind & 255]) + packet
    return ("raw_frame", len(whole), *whole)


GROUP = (224, 0, 0, 5)  # what the step `group` joins
OTHER = (224, 0, 0, 9)
ALERT = (148, 4, 0, 0)  # Router Alert (RFC 2113)


def igmp(kind, field=0, about=(0, 0, 0, 0), more=(), to=(224, 0, 0, 1), ttl=1, options=ALERT,
         source=(10, 0, 0, 2)):
    """A step that sends an IGMP message with a good checksum; `field` is the greatest time of a query."""
    message = bytes([kind, field, 0, 0, *about, *more])
    message = message[:2] + checksum(message) + message[4:]
    mac = (1, 0, 94, 0, 0, to[3]) if to[0] == 224 else (2, 0, 0, 0, 0, 1)
    return frame(message, 2, source, to, mac, ttl=ttl, options=options)


def too_long(mtu, packet):
    """A step that says of a packet of the host's, a step of frame(), that it would not fit through."""
    message = bytes([3, 4, 0, 0, 0, 0, mtu >> 8, mtu & 255, *packet[2 + 14:]])
    return frame(message[:2] + checksum(message) + message[4:], 1)


def udp(port, wrong=0):
    return [27, 88, 0, port, 0, 9, wrong, wrong, 120]


def tagged(tci, payload, kind=0x0800):
    """A step that sends a frame with a tag. `payload` may be a step of frame(), whose packet it is then."""
    if payload[0] == "raw_frame":
        payload = payload[2 + 14:]
    return ("tagged", tci >> 8, tci & 255, kind >> 8, kind & 255, len(payload), *payload)


def ended(flow):
    """The user closes first, and the pair rests."""
    return opened(ALL, NONE, flow) + [("user_close", 0), ("ack_all", flow), ("peer_fin", flow), ("user_release", 0)]


SYN_HEADER = [19, 136, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 80, 2, 4, 0]  # from port 5000 to 80, up to the window
BROADCAST = (255, 255, 255, 255, 255, 255)


seeds = {
    "handshake": ((0, 0, 15), opened() + [
        ("payload", 0, 20), ("user_read", 0, 255), ("user_write", 0, 50), ("ack_all", 0), ("milliseconds", 50)]),
    "connect": ((0, 0, 15), [
        ("connect", 0, ECHOES), ("handshake", 6, ALL), ("payload", 6, 9), ("ack_all", 6), ("peer_fin", 6),
        ("user_close", 0), ("ack_all", 6), ("connect_from_any", NONE), ("seconds", 200)]),
    "reassembly": ((0, 0, 15), opened() + [
        ("gap", 0, 10, 5), ("gap", 0, 30, 5), ("gap", 0, 50, 5), ("gap", 0, 70, 5), ("gap", 0, 90, 5),
        ("gap", 0, 12, 20), ("payload", 0, 10), ("payload", 0, 60), ("old_payload", 0, 9, 3), ("user_read", 0, 255)]),
    "reassembly_without_sack": ((0, 4, 10), opened(0) + [
        ("burst", 4), ("gap", 0, 10, 5), ("gap", 0, 15, 5), ("gap", 0, 90, 180), ("payload", 0, 10),
        ("payload", 0, 255)]),
    "fast_retransmit": ((0, 0, 15), opened(SACK) + [
        ("user_options", 0, 1)] + 4 * [("user_write", 0, 255)] + [("ack_all", 0)] + 8 * [("user_write", 0, 255)] + [
        ("ack_sack", 0, 60, 40), ("ack_sack", 0, 60, 90), ("ack_sack", 0, 60, 150), ("ack_part", 0, 60),
        ("milliseconds", 250), ("ack_all", 0)]),
    "duplicate_acks": ((0, 12, 15), opened(8) + 8 * [("user_write", 0, 255)] + [
        ("ack_part", 0, 20), ("ack_again", 0, 5), ("ack_part", 0, 90), ("ack_all", 0)]),
    "timeout": ((0, 0, 15), opened() + 6 * [("user_write", 0, 255)] + [
        ("seconds", 3), ("ack_part", 0, 100), ("seconds", 9), ("arp_silence", 1), ("minutes", 20)]),
    "window": ((0, 0, 15), opened() + 4 * [("user_write", 0, 255)] + [
        ("window", 0, 5), ("ack_part", 0, 99), ("window", 0, 0), ("seconds", 20), ("window", 0, 255), ("ack_all", 0)]),
    "window_probe": ((0, 0, 15), opened() + [
        ("window", 0, 0), ("user_write", 0, 50), ("seconds", 5), ("window", 0, 255), ("ack_all", 0), ("window", 0, 0),
        ("user_close", 0), ("seconds", 5), ("payload", 0, 9), ("window", 0, 255)]),
    "time_wait": ((0, 0, 15), opened() + [
        ("user_close", 0), ("ack_all", 0), ("peer_fin", 0), ("old_payload", 0, 0, 0),
        ("raw_segment", 0, 0x11, 255, 0, 0, 0),
        ("user_release", 0), ("seconds", 2), ("handshake", 0, ALL), ("seconds", 70)]),
    "time_wait_of_connect": ((0, 0, 15), [
        ("connect", 0, NONE), ("handshake", 6, ALL), ("user_close", 0), ("ack_all", 6), ("peer_fin", 6),
        ("user_release", 0), ("seconds", 1), ("connect", 0, NONE), ("handshake", 6, ALL), ("minutes", 2)]),
    "closing": ((0, 0, 15), opened() + [
        ("user_close", 0), ("raw_segment", 0, 0x11, 0, 0, 0, 0), ("peer_fin", 0), ("ack_all", 0), ("seconds", 90)]),
    "last_ack": ((0, 0, 15), opened(ALL, CLOSES) + [("payload", 0, 9), ("peer_fin", 0), ("ack_all", 0)]),
    "orphans": ((0, 16, 15), sum([opened(ALL, NONE, flow) + [("user_write", flow, 255)] for flow in range(3)], []) + [
        ("user_release", 0), ("user_release", 1), ("user_release", 2), ("minutes", 5)]),
    "reset_unread": ((0, 0, 15), opened() + [("payload", 0, 99), ("peer_reset", 0, 0), ("user_release", 0)]),
    "aborts": ((0, 0, 15), opened() + [
        ("user_write", 0, 9), ("user_abort", 0), ("user_release", 0)] + opened(ALL, ABORTS, 1) + [("payload", 1, 9)]),
    "syn_queue": ((0, 0, 15), [
        ("peer_syn", 0, ALL), ("syn_again", 0, 0), ("peer_syn", 1, ALL), ("peer_syn", 2, ALL), ("seconds", 4),
        ("peer_reset", 2, 0), ("syn_again", 1, 9), ("peer_answer", 1, 0),
        ("listen", 0), ("listen", 0), ("minutes", 1)]),
    "icmp_errors": ((0, 0, 15), opened() + [
        ("user_write", 0, 255), ("icmp_error", 0, 3, 4, 80, 0), ("icmp_error", 0, 3, 1, 0, 0), ("connect", 0, NONE),
        ("icmp_error", 6, 3, 3, 0, 0), ("datagram", 53, 9), ("datagram", 54, 9), ("user_datagram", 20)]),
    "port_full": ((0, 0, 15), opened() + opened(ALL, NONE, 1) + [
        ("port_room", 2), ("user_write", 0, 255), ("user_write", 1, 255), ("user_write", 0, 255), ("port_writable",),
        ("ack_all", 0), ("ack_all", 1), ("link", 1), ("user_write", 0, 255), ("seconds", 5), ("link", 0),
        ("interface", 1), ("seconds", 5), ("interface", 0), ("minutes", 2)]),
    "link_down_while_full": ((0, 0, 15), opened() + opened(ALL, NONE, 1) + [
        ("port_room", 2), ("user_write", 0, 255), ("user_write", 1, 255), ("user_write", 1, 255), ("link", 1),
        ("minutes", 20), ("link", 0), ("seconds", 1)]),
    "neighbours": ((0, 128, 15), [
        ("peer_syn", 0, ALL), ("arp", 0, 0, 1), ("peer_answer", 0, 0), ("accept", 0, ECHOES), ("arp", 1, 7, 0),
        ("payload", 0, 9), ("arp", 0, 9, 2), ("arp", 0, 0, 3), ("arp", 0, 9, 12), ("arp", 0, 9, 13), ("minutes", 1)]),
    "keepalive": ((6, 0, 31), opened() + [("user_write", 0, 255), ("ack_all", 0), ("minutes", 1)]),
    "short_of_memory": ((0, 16, 15), opened() + [("burst", 9)] + 9 * [("payload", 0, 180)] + [("burst", 0)] +
        60 * [("payload", 0, 180)] + [("user_read", 0, 255), ("gap", 0, 9, 99)]),
    "raw": ((0, 0, 0), [
        ("raw_frame", 4, 1, 2, 3, 4), ("raw_packet", 1, 8, 8, 0, 0, 0, 0, 1, 0, 1), ("raw_packet", 17, 2, 0, 0),
        ("raw_packet", 6, 20, *range(20)), ("raw_segment", 0, 0x3f, 1, 1, 4, 3, 2, 4, 1)]),
    "time_wait_evicted": ((0, 0, 15), sum([ended(flow) for flow in range(5)], []) + [
        ("peer_fin", 0), ("peer_fin", 4), ("seconds", 30), ("raw_segment", 4, 0x11, 255, 0, 0, 0), ("minutes", 2)]),
    "challenges": ((0, 0, 15), opened() + [
        ("syn_again", 0, 0), ("seconds", 1), ("peer_reset", 0, 5), ("seconds", 1), ("ack_wrong", 0, 4), ("seconds", 1),
        ("ack_wrong", 0, 200), ("peer_syn", 1, ALL), ("peer_reset", 1, 3), ("ack_wrong", 1, 4), ("seconds", 1),
        ("raw_segment", 1, 0x12, 0, 0, 0, 0), ("old_payload", 1, 9, 1)]),
    "syn_sent": ((0, 0, 15), [
        ("connect", 0, NONE), ("ack_wrong", 6, 4), ("peer_reset", 6, 0), ("payload", 6, 1),
        ("raw_segment", 6, 0x14, 0, 9, 0, 0), ("raw_segment", 6, 0x14, 0, 1, 0, 0), ("user_release", 0),
        ("connect", 1, NONE), ("user_close", 0), ("connect", 1, NONE), ("peer_answer", 7, 4), ("connect", 1, NONE)]),
    "simultaneous": ((0, 0, 15), [
        ("connect", 0, ECHOES), ("peer_syn", 6, ALL), ("raw_segment", 6, 0x02, 255, 0, 0, 0), ("seconds", 3),
        ("peer_answer", 6, 0), ("payload", 6, 9), ("connect", 1, NONE), ("peer_syn", 7, SACK), ("ack_wrong", 7, 4),
        ("peer_reset", 7, 0)]),
    "syn_unanswered": ((0, 0, 15), [("connect", 0, NONE), ("connect_from_any", READS), ("minutes", 4)]),
    "accept_queue_full": ((0, 0, 15), [
        ("peer_syn", 0, ALL), ("peer_syn", 1, ALL), ("peer_answer", 0, 0), ("peer_syn", 2, ALL), ("peer_answer", 1, 0),
        ("peer_answer", 2, 0), ("handshake", 2, ALL), ("listen", 0), ("payload", 0, 1), ("seconds", 1)]),
    "too_many_connections": ((0, 0, 15), 6 * (opened() + [("peer_reset", 0, 0)]) + [
        ("handshake", 0, ALL), ("handshake", 1, ALL), ("connect", 0, NONE), ("connect", 1, NONE), ("accept", 0, NONE),
        ("accept", 0, NONE), ("peer_syn", 2, ALL), ("connect", 0, NONE)]),
    "after_close": ((0, 0, 15), opened() + [("user_write", 0, 9), ("user_release", 0), ("payload", 0, 9)] +
        opened(ALL, NONE, 1) + [("user_release", 0), ("ack_all", 1), ("seconds", 70)] +
        opened(ALL, NONE, 2) + [("peer_fin", 2), ("payload", 2, 9), ("user_release", 0), ("ack_all", 2)]),
    "clocks": ((0, 0, 15), opened() + [
        ("payload", 0, 5), ("peer_clock", 0, 236, 0), ("payload", 0, 5), ("ack_all", 0),
        ("peer_clock", 0, 20, 0), ("payload", 0, 5),
        ("peer_syn", 1, ALL), ("peer_clock", 1, 236, 0), ("peer_answer", 1, 0), ("user_write", 0, 99), ("seconds", 1),
        ("peer_clock", 0, 0, 246), ("ack_all", 0), ("user_write", 0, 99), ("peer_clock", 0, 0, 50), ("ack_all", 0)]),
    "delayed_ack": ((0, 0, 15), opened() + [
        ("payload", 0, 2), ("milliseconds", 100), ("payload", 0, 2), ("user_write", 0, 2)]),
    "urgent": ((0, 0, 15), opened() + [("raw_segment", 0, 0x38, 0, 0, 1, 0), ("raw_segment", 0, 0x38, 8, 0, 1, 0)]),
    "fin_before_its_turn": ((0, 0, 15), opened(ALL, CLOSES) + [
        ("raw_segment", 0, 0x11, 8, 0, 1, 0), ("payload", 0, 1), ("ack_all", 0)]),
    "fin_wait": ((0, 0, 15), opened(ALL, RELEASES) + [
        ("user_close", 0), ("ack_all", 0), ("payload", 0, 9), ("gap", 0, 1, 9), ("peer_fin", 0),
        ("payload", 0, 10), ("peer_fin", 0)]),
    "slow_start_and_loss": ((0, 0, 14), opened(SACK | 4 | 0x80) + 12 * [
        ("user_write", 0, 255), ("user_write", 0, 255), ("milliseconds", 40), ("ack_all", 0)] +
        8 * [("user_write", 0, 255)] + [
        ("ack_sack", 0, 40, 20), ("ack_sack", 0, 90, 20), ("ack_sack", 0, 150, 20), ("milliseconds", 40),
        ("ack_part", 0, 60), ("ack_sack", 0, 150, 100), ("ack_all", 0)] + 12 * [
        ("user_write", 0, 255), ("milliseconds", 60), ("ack_all", 0)] + [
        ("seconds", 30), ("user_write", 0, 255), ("ack_all", 0)]),
    "reno": ((0, 8, 14), opened(8) + 6 * [("user_write", 0, 255), ("milliseconds", 40), ("ack_all", 0)] +
        8 * [("user_write", 0, 255)] + [("ack_part", 0, 20), ("ack_again", 0, 7), ("ack_part", 0, 90), ("ack_all", 0)] +
        9 * [("user_write", 0, 255), ("milliseconds", 40), ("ack_all", 0)] +
        [("user_write", 0, 255), ("seconds", 9), ("ack_all", 0), ("seconds", 30), ("user_write", 0, 9)]),
    "short_flight_lost_whole": ((0, 0, 15), opened(SACK) + [("user_options", 0, 1)] + 7 * [("user_write", 0, 1)] + [
        ("ack_sack", 0, 37, 37), ("ack_sack", 0, 110, 37), ("ack_sack", 0, 183, 37), ("ack_all", 0)]),
    "reneged": ((0, 0, 15), opened(SACK) + 6 * [("user_write", 0, 255)] + [
        ("ack_sack", 0, 90, 90), ("seconds", 9), ("ack_sack", 0, 0, 20), ("ack_sack", 0, 250, 90),
        ("ack_part", 0, 120)]),
    "promises": ((0, 0, 14), opened() + [
        ("user_promise", 0, 9, 1), ("user_promise", 0, 9, 1), ("user_promise", 0, 0, 0), ("user_promise", 0, 255, 1)] +
        9 * [("user_promise", 0, 255, 1)] + [
        ("ack_all", 0), ("user_promise", 0, 0, 0), ("user_close", 0), ("user_write", 0, 1)]),
    "port_full_of_tiny": ((0, 0, 15), opened(TINY) + opened(TINY, NONE, 1) + 5 * [
        ("user_write", 0, 255), ("ack_all", 0), ("user_write", 1, 255), ("ack_all", 1)] + [
        ("port_room", 0), ("user_write", 0, 255), ("user_write", 0, 255), ("user_write", 1, 255),
        ("user_write", 1, 255), ("peer_syn", 2, ALL), ("payload", 0, 9), ("datagram", 54, 9), ("user_datagram", 9),
        ("ping", 2, 9), ("connect", 0, NONE), ("seconds", 5), ("port_writable",), ("ack_all", 0), ("ack_all", 1)]),
    "to_self": ((0, 0, 143), [
        ("connect_to_self", 0, READS), ("accept", 0, NONE), ("user_write", 0, 255), ("user_write", 1, 255),
        ("user_write", 1, 255), ("user_read", 1, 255), ("user_close", 0), ("user_read", 1, 255), ("user_close", 1),
        ("seconds", 2), ("listen", 0), ("connect_to_self", 0, NONE), ("datagram_to", 1, 53, 9),
        ("datagram_to", 1, 99, 9), ("ping", 1, 9), ("connect_to_self", 1, NONE), ("accept", 1, CLOSES),
        ("user_abort", 0)]),
    "own_address": ((0, 0, 15), opened() + [
        ("own_address", 0), ("user_write", 0, 9), ("peer_syn", 1, ALL), ("connect_from_any", NONE), ("seconds", 3),
        ("user_datagram", 9), ("ping", 2, 9), ("own_address", 1), ("seconds", 3), ("ack_all", 0)]),
    "udp": ((0, 0, 15), [
        ("udp_socket", 3, 60), ("datagram_to", 253, 7, 9), ("udp_socket", 3, 60),
        ("udp_socket", 0, 55), ("other_error", 3, 3), ("udp_socket", 1, 0), ("udp_socket", 2, 57),
        ("udp_socket", 3, 59), ("udp_socket", 0, 55), ("udp_socket", 0, 57)] + 6 * [("datagram", 53, 9)] + [
        ("datagram", 53, 255), ("user_datagram", 9), ("datagram_to", 255, 7, 9), ("datagram_to", 255, 8, 9),
        ("datagram_to", 254, 7, 9), ("datagram_to", 253, 7, 9), ("user_datagram", 255),
        frame(udp(53, 7)), frame(udp(53)), frame(udp(99), to=(10, 0, 0, 255), mac=BROADCAST),
        ("raw_packet", 17, 3, 1, 2, 3),
        ("raw_packet", 17, 8, 27, 88, 0, 53, 0, 99, 0, 0)]),
    "udp_without_checksums": ((2, 0, 0x4f), [
        ("user_datagram", 9), ("datagram_to", 1, 53, 9)] + 6 * [("datagram", 54, 9)]),
    "neighbours_many": ((0, 0, 15), [("datagram_to", 10, 7, 9)] * 6 + [
        ("datagram_to", number, 7, 9) for number in range(11, 16)] + [
        ("arp", 0, 9, 20), ("seconds", 1), ("arp", 1, 9, 13), ("seconds", 9), ("datagram_to", 14, 7, 9),
        ("arp", 0, 9, 14), ("arp", 0, 8, 14), ("datagram_to", 14, 7, 9), ("seconds", 20), ("arp", 1, 7, 14),
        frame([0] * 9, kind=0x0806), ("minutes", 1)]),
    "stranger_moves": ((0, 128, 15), [
        ("arp", 0, 9, 12), ("arp", 0, 8, 12), ("arp", 0, 9, 13), ("arp", 0, 9, 14), ("arp", 0, 9, 15),
        ("arp", 0, 9, 20), ("datagram_to", 20, 7, 9), ("arp", 1, 9, 20), ("seconds", 6), ("arp", 1, 9, 20),
        ("arp", 0, 8, 20), ("seconds", 3)]),
    "unanswered": ((0, 128, 15), [
        ("udp_socket", 0, 55), ("ping", 2, 9), ("seconds", 5), ("connect", 0, NONE), ("seconds", 9),
        ("user_datagram", 9), ("arp_silence", 0), ("seconds", 20)]),
    "ip_options": ((0, 0, 15), [
        ("user_datagram", 1), ("ip_options", 7, 131, 7, 4, 10, 0, 0, 9), ("ip_options", 11, 7, 11, 4, *[0] * 8),
        ("ip_options", 12, 68, 12, 5, 0, *[0] * 8), ("ip_options", 12, 68, 12, 5, 1, *[0] * 8),
        ("ip_options", 12, 68, 12, 13, 1, *[0] * 8), ("ip_options", 12, 68, 12, 5, 3, 10, 0, 0, 1, *[0] * 4),
        ("ip_options", 12, 68, 12, 5, 9, *[0] * 8), ("ip_options", 2, 7, 1), ("ip_options", 3, 1, 7, 9),
        ("ip_options", 6, 7, 3, 4, 7, 3, 4), ("ip_options", 4, 68, 4, 1, 0), ("ip_options", 1, 7)]),
    "ip_options_taken": ((0, 0, 0x2f), [("user_datagram", 1), ("ip_options", 7, 137, 7, 4, 10, 0, 0, 9)]),
    "bent_packets": ((0, 0, 15), [("user_datagram", 1)] + [("bent_packet", place, byte) for place, byte in (
        (0, 0x55), (0, 0x41), (0, 0x4F), (2, 9), (3, 1), (6, 0x20), (7, 9), (9, 99), (9, 6), (9, 17),
        (12, 127), (12, 224), (15, 1), (15, 255), (16, 11), (16, 224), (19, 255), (10, 1))]),
    "icmp": ((0, 0, 15), [
        ("ping", 2, 9), ("echo_reply", 0), ("echo_reply", 1), ("ping", 2, 9),
        ("other_error", 3, 1), ("other_error", 11, 0),
        ("other_error", 12, 0), ("other_error", 3, 5), ("other_error", 3, 9), ("other_error", 5, 0), ("ping", 2, 255),
        ("ping", 254, 9), ("ping", 253, 9), ("raw_packet", 1, 8, 3, 3, 0, 0, 0, 0, 0, 0),
        ("raw_packet", 1, 4, 8, 0, 0, 0),
        ("raw_packet", 99, 4, 1, 2, 3, 4), frame([8, 0, 1, 1, 0, 0, 0, 0], protocol=1)] + 6 * [("datagram", 54, 9)]),
    "fragments": ((0, 0, 15), [
        ("user_datagram", 1), ("fragment", 4, 0, 9), ("fragment", 4, 0, 9), ("fragment", 0x80, 9, 3),  # whole
        ("fragment", 5, 4, 4), ("fragment", 13, 6, 4), ("fragment", 1, 10, 1),  # contradicted, and abandoned
        ("fragment", 4, 9, 0), ("fragment", 0, 255, 255),  # that none can be
        ("fragment", 0x36, 0, 1), ("fragment", 2, 1, 1),  # congestion, and a way that knows of none
        ("fragment", 7, 0, 1), ("fragment", 7, 2, 1), ("fragment", 7, 4, 1), ("fragment", 7, 6, 1),
        ("fragment", 7, 8, 1),  # too many
        ("seconds", 70), ("fragment", 4, 0, 1), ("seconds", 70)]),
    "fragments_and_bounds": ((0, 0, 15), [
        ("user_datagram", 1)] + [("fragment", 4 | number, 0, 255) for number in range(4)] + [
        ("fragment", 0x40 | 4 | number, 0, 180) for number in range(4)] + [
        ("fragment", 0x40 | 4 | 8 | number, 0, 180) for number in range(4)] + [("seconds", 70)]),
    "fragments_leave": ((0, 0, 15), [
        ("ping", 2, 255), ("echo_reply", 0), ("datagram_to", 2, 53, 255), ("ping_unfragmented", 2, 255),
        ("ping_unfragmented", 2, 100), ("other_error", 3, 4), ("ping", 2, 100), ("user_datagram", 100)]),
    "icmp_messages": ((0, 0, 15), [
        ("user_datagram", 1), ("other_error", 4, 0), ("other_error", 5, 0),
        too_long(1000, frame(udp(53), source=(10, 0, 0, 1), to=(10, 0, 0, 2))),  # it would have
        frame([13, 0, 242, 255] + [0] * 16, protocol=1), frame([13, 0, 242, 255] + [0] * 4, protocol=1),
        frame([13, 0, 242, 255] + [0] * 16, protocol=1, to=(10, 0, 0, 255), mac=BROADCAST)]),
    "igmp": ((0, 0, 15), [
        ("user_datagram", 1), ("group", 0), ("seconds", 3),
        igmp(0x11, 10, more=(2, 125, 0, 0)), ("seconds", 2),  # version 3: everything, one group, one source of it
        igmp(0x11, 10, GROUP, (2, 125, 0, 0), to=GROUP), igmp(0x11, 10, GROUP, (2, 125, 0, 1, 10, 0, 0, 9), to=GROUP),
        ("seconds", 2), igmp(0x11, 10, OTHER, (2, 125, 0, 0), to=OTHER), igmp(0x11, 10, OTHER, (2, 125, 0, 0)),
        igmp(0x11, 10, OTHER, (2, 125, 0, 0), to=(10, 0, 0, 1)),
        igmp(0x11, 10, more=(2, 125, 0, 9)), igmp(0x11, 10, more=(2, 125, 0, 0), ttl=64),
        igmp(0x11, 10, more=(2, 125, 0, 0), options=()), igmp(0x22, 0, more=(0, 0, 0, 0)), igmp(0x99),
        frame([0x11, 0, 0, 0, 0, 0, 0, 0], 2, to=(224, 0, 0, 1), mac=(1, 0, 94, 0, 0, 1), ttl=1),
        igmp(0x11, 100), igmp(0x16, 0, GROUP, to=GROUP), igmp(0x16, 0, GROUP, to=(224, 0, 0, 1)),  # version 2
        igmp(0x11, 100), ("seconds", 11), igmp(0x17, 0, GROUP, to=(224, 0, 0, 2)),
        igmp(0x17, 0, GROUP), ("group", 1), ("seconds", 1),
        igmp(0x11), ("group", 0), igmp(0x12, 0, GROUP, to=GROUP), ("seconds", 11), ("group", 1),  # version 1
        ("minutes", 7), ("group", 0), ("link", 1), ("seconds", 1), ("link", 0), ("seconds", 3),
        ("user_datagram", 1), ("port_room", 0)] + 70 * [("user_datagram", 9)] + [  # no room for a report
        ("group", 1), ("group", 0), ("port_writable",), ("seconds", 3)]),
    "igmp_router": ((0, 0, 15), [
        ("own_address", 0), ("querier", 0), ("own_address", 1), ("querier", 0), ("querier", 0), ("seconds", 1),
        igmp(0x22, 0, (0, 0, 0, 1), (4, 0, 0, 0, *GROUP)),
        igmp(0x22, 0, (0, 0, 0, 1), (3, 0, 0, 1, *GROUP, 10, 0, 0, 9)),
        ("seconds", 3), igmp(0x22, 0, (0, 0, 0, 1), (6, 0, 0, 1, *GROUP, 10, 0, 0, 9)), ("seconds", 3),
        igmp(0x22, 0, (0, 0, 0, 9)), igmp(0x16, 0, GROUP, to=GROUP), igmp(0x17, 0, GROUP, to=(224, 0, 0, 2)),
        ("seconds", 3), igmp(0x17, to=(224, 0, 0, 2)), igmp(0x12, 0, OTHER, to=OTHER),
        igmp(0x22, 0, (0, 0, 0, 1), (4, 0, 0, 0, *GROUP), source=(192, 0, 2, 1)),
        igmp(0x11, 10, more=(2, 125, 0, 0), source=(10, 0, 0, 2)), ("minutes", 5), ("querier", 1),
        igmp(0x22, 0, (0, 0, 0, 1), (4, 0, 0, 0, *GROUP))]),
    "vlan": ((16, 0, 15), [
        tagged(10, frame(udp(53), source=(10, 0, 10, 2), to=(10, 0, 10, 1))), tagged(0xA000, frame(udp(53))),
        tagged(11, frame(udp(53))), tagged(4095, frame(udp(53))), tagged(10, [0] * 9, 0x8100),
        tagged(10, [0] * 9, 0x88A8), frame([0] * 9, kind=0x88A8), tagged(10, [0] * 9, 9),
        ("raw_frame", 15, *[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0]), tagged(10, [0] * 9, 0x86DD),
        ("datagram_to", 252, 7, 9), ("seconds", 4), ("interface", 3),
        tagged(10, frame(udp(53), source=(10, 0, 10, 2), to=(10, 0, 10, 1))), ("interface", 2), ("link", 1),
        ("datagram_to", 252, 7, 9), ("datagram_to", 253, 7, 9), ("link", 0), ("seconds", 5)]),
    "vlan_checked": ((24, 0, 15), opened() + [
        tagged(10, frame(udp(53), source=(10, 0, 10, 2), to=(10, 0, 10, 1))), ("user_write", 0, 99), ("ack_all", 0)]),
    "pause": ((0, 0, 15), opened() + [
        ("user_write", 0, 99), ("ack_all", 0), ("pause", 0, 255, 255), ("user_write", 0, 255), ("milliseconds", 20),
        ("pause", 0, 255, 255), ("ack_all", 0), ("seconds", 1), ("pause", 1, 0, 9), ("user_write", 0, 255),
        ("pause", 0, 0, 0), ("ack_all", 0), ("pause", 2, 0, 9), frame([0] * 40, kind=0x8808), ("raw_frame", 16, *[
            1, 0x80, 0xC2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 8, 0, 1])]),
    "paused_while_full": ((0, 0, 15), opened() + 2 * [("user_write", 0, 255)] + [
        ("port_room", 1), ("pause", 0, 255, 255), ("user_write", 0, 255), ("port_writable",), ("ack_all", 0),
        ("link", 1), ("link", 0),
        ("pause", 0, 255, 255), ("datagram", 54, 9), ("interface", 1), ("interface", 0), ("ack_all", 0)]),
    "congested": ((0, 0, 15), [
        ("congested", 1), ("minutes", 1), ("port_room", 0), ("user_datagram", 9), ("seconds", 40), ("port_writable",),
        ("congested", 0), ("congested", 1), ("link", 1), ("seconds", 9), ("link", 0), ("seconds", 9)]),
    "overheard": ((0, 0, 15), [
        ("promiscuous", 1), frame(udp(53), mac=(2, 0, 0, 0, 0, 9)), frame(udp(53), mac=(1, 0, 94, 0, 0, 5)),
        ("promiscuous", 0), frame(udp(53), mac=(2, 0, 0, 0, 0, 9))]),
    "frames": ((8, 0, 15), opened() + [
        ("payload", 0, 9), ("user_write", 0, 99), ("ack_all", 0), ("raw_frame", 3, 1, 2, 3),
        ("raw_frame", 20, *range(20)),
        ("user_datagram", 9)]),
    "frames_without_check": ((0, 0, 15), [
        ("user_datagram", 1), ("group", 0), ("group", 0), frame(udp(53), to=(224, 0, 0, 5), mac=(1, 0, 94, 0, 0, 5)),
        frame(udp(99), to=(224, 0, 0, 5), mac=(1, 0, 94, 0, 0, 5)), ("group", 1), ("group", 1),
        frame(udp(53), to=(224, 0, 0, 5), mac=(1, 0, 94, 0, 0, 5)), frame(udp(53), mac=BROADCAST),
        frame(udp(53), kind=0x86DD),
        frame(udp(53), mac=(2, 0, 0, 0, 0, 9)), frame(udp(53), kind=0x0040), ("raw_frame", 3, 1, 2, 3),
        frame(SYN_HEADER + [0, 0, 0, 0], protocol=6), frame([0] * 8, protocol=6),
        frame(SYN_HEADER + [*checksum(bytes([192, 0, 2, 1, 10, 0, 0, 1, 0, 6, 0, 20] + SYN_HEADER)), 0, 0], protocol=6,
              source=(192, 0, 2, 1)), ("interface", 1), frame(udp(53)), ("user_datagram", 9), ("ping", 2, 9)]),
}

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here.parent.parent / "corpus" / "host_fuzz")
folder.mkdir(parents=True, exist_ok=True)
for name, (options, steps) in seeds.items():
    script = bytes(options) + b"".join(bytes([number[step], *arguments]) for step, *arguments in steps)
    (folder / name).write_bytes(script)
