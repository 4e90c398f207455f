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
NONE, READS, ECHOES, CLOSES, ABORTS, RELEASES = range(6)


def opened(options=ALL, habit=NONE, flow=0):
    return [("handshake", flow, options), ("accept", 0, habit)]


seeds = {
    "handshake": ((0, 0, 15), opened() + [
        ("text", 0, 20), ("user_read", 0, 255), ("user_write", 0, 50), ("ack_all", 0), ("milliseconds", 50)]),
    "connect": ((0, 0, 15), [
        ("connect", 0, ECHOES), ("handshake", 6, ALL), ("text", 6, 9), ("ack_all", 6), ("peer_fin", 6),
        ("user_close", 0), ("ack_all", 6), ("connect_from_any", NONE), ("seconds", 200)]),
    "reassembly": ((0, 0, 15), opened() + [
        ("gap", 0, 10, 5), ("gap", 0, 30, 5), ("gap", 0, 50, 5), ("gap", 0, 70, 5), ("gap", 0, 90, 5),
        ("gap", 0, 12, 20), ("text", 0, 10), ("text", 0, 60), ("old_text", 0, 9, 3), ("user_read", 0, 255)]),
    "reassembly_without_sack": ((0, 4, 10), opened(0) + [
        ("burst", 4), ("gap", 0, 10, 5), ("gap", 0, 15, 5), ("gap", 0, 90, 180), ("text", 0, 10), ("text", 0, 255)]),
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
    "time_wait": ((0, 0, 15), opened() + [
        ("user_close", 0), ("ack_all", 0), ("peer_fin", 0), ("old_text", 0, 0, 0), ("raw_segment", 0, 0x11, 255, 0, 0, 0),
        ("user_release", 0), ("seconds", 2), ("handshake", 0, ALL), ("seconds", 70)]),
    "time_wait_of_connect": ((0, 0, 15), [
        ("connect", 0, NONE), ("handshake", 6, ALL), ("user_close", 0), ("ack_all", 6), ("peer_fin", 6),
        ("user_release", 0), ("seconds", 1), ("connect", 0, NONE), ("handshake", 6, ALL), ("minutes", 2)]),
    "closing": ((0, 0, 15), opened() + [
        ("user_close", 0), ("raw_segment", 0, 0x11, 0, 0, 0, 0), ("peer_fin", 0), ("ack_all", 0), ("seconds", 90)]),
    "last_ack": ((0, 0, 15), opened(ALL, CLOSES) + [("text", 0, 9), ("peer_fin", 0), ("ack_all", 0)]),
    "orphans": ((0, 16, 15), sum([opened(ALL, NONE, flow) + [("user_write", flow, 255)] for flow in range(3)], []) + [
        ("user_release", 0), ("user_release", 1), ("user_release", 2), ("minutes", 5)]),
    "reset_unread": ((0, 0, 15), opened() + [("text", 0, 99), ("peer_reset", 0, 0), ("user_release", 0)]),
    "aborts": ((0, 0, 15), opened() + [
        ("user_write", 0, 9), ("user_abort", 0), ("user_release", 0)] + opened(ALL, ABORTS, 1) + [("text", 1, 9)]),
    "syn_queue": ((0, 0, 15), [
        ("peer_syn", 0, ALL), ("syn_again", 0, 0), ("peer_syn", 1, ALL), ("peer_syn", 2, ALL), ("seconds", 4),
        ("peer_reset", 2, 0), ("syn_again", 1, 9), ("peer_answer", 1, 0), ("listen", 0), ("listen", 0), ("minutes", 1)]),
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
        ("text", 0, 9), ("arp", 0, 9, 2), ("arp", 0, 0, 3), ("arp", 0, 9, 12), ("arp", 0, 9, 13), ("minutes", 1)]),
    "keepalive": ((6, 0, 31), opened() + [("user_write", 0, 255), ("ack_all", 0), ("minutes", 1)]),
    "short_of_memory": ((0, 16, 15), opened() + [("burst", 9)] + 9 * [("text", 0, 180)] + [("burst", 0)] +
        60 * [("text", 0, 180)] + [("user_read", 0, 255), ("gap", 0, 9, 99)]),
    "raw": ((0, 0, 0), [
        ("raw_frame", 4, 1, 2, 3, 4), ("raw_packet", 1, 8, 8, 0, 0, 0, 0, 1, 0, 1), ("raw_packet", 17, 2, 0, 0),
        ("raw_packet", 6, 20, *range(20)), ("raw_segment", 0, 0x3f, 1, 1, 4, 3, 2, 4, 1)]),
}

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here.parent.parent / "corpus" / "host_fuzz")
folder.mkdir(parents=True, exist_ok=True)
for name, (options, steps) in seeds.items():
    script = bytes(options) + b"".join(bytes([number[step], *arguments]) for step, *arguments in steps)
    (folder / name).write_bytes(script)
