#!/usr/bin/env python3
"""Every bound has a test that reaches it.

Lists each `..._max`, `..._limit` and `..._timeout` that is declared with a value in the headers and sources of floors
0 to 5, and the tests that name it: those that drive it to its end and one past it. A bound that no test names fails the
check.

    tools/check_bounds.py            the table, and 1 if a bound has no test
    tools/check_bounds.py --quiet    only what is missing
    tools/check_bounds.py --self-test

A constant that a test cannot name, since a source keeps it to itself, is named in the test's comment; a value that
looks like a bound and is none stands in NOT_BOUNDS with the reason.
"""

import argparse
import re
import sys
from pathlib import Path

FLOORS = ("0_foundation", "1_physical", "2_link", "3_network", "4_transport", "5_session")
DECLARED = re.compile(
    r"^\s*(?:inline\s+|static\s+|constexpr\s+|const\s+)*[A-Za-z_][\w:<>]*\s+(\w+_(?:max|limit|timeout))\s*(?:=|\{)[^=]"
)

NOT_BOUNDS = {
    "size_max": "of a header: the format's own",
    "header_options_max": "of a header: the format's own",
    "header_size_max": "of a header: the format's own",
    "payload_size_max": "of a datagram: the format's own",
    "payload_max": "of an echo request: the format's own",
    "wnd_max": "state: the largest window the peer has shown",
    "window_max": "an argument of a calculation",
    "length_max": "an argument of a calculation",
    "threshold_max": "RFC 9406's own parameter, not a bound on what strangers fill",
    "samples_max": "a parameter of an estimate",
    "nanoseconds_max": "the largest number of its type",
    "no_limit": "a value that stands for none",
    "super_packet_max": "what a path offers; state of floor 3",
    "super_frame_max": "what a port offers",
    "worth_copying_max": "where copying is cheaper than sharing: a matter of speed",
    "spare_buffers_max": "what is kept for reuse: a matter of speed",
    "free_nodes_max": "what is kept for reuse: a matter of speed",
    "reported_max": "of a packet that failed: what is looked at, the rest is cut off",
    "seen_max": "of a packet that failed: what is looked at, the rest is cut off",
    "pieces_max": "what one system call takes; more are written by the next",
}


def declarations(root):
    """(name, file, line) of each bound, the first place only."""
    found = {}
    for floor in FLOORS:
        for path in sorted((root / "strata" / floor).rglob("*.[hc]pp")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = DECLARED.match(line)
                if match and match[1] not in NOT_BOUNDS:
                    found.setdefault(match[1], (path.relative_to(root), number))
    return found


def tests(root):
    paths = [*(root / "tests").rglob("*_test.cpp"), *(root / "tests").rglob("*_test.py")]
    return {path.relative_to(root): path.read_text(encoding="utf-8") for path in sorted(paths)}


def named_in(name, texts):
    word = re.compile(rf"\b{name}\b")
    return [path for path, text in texts.items() if word.search(text)]


def check(root, quiet):
    texts = tests(root)
    missing = 0
    for name, (path, line) in sorted(declarations(root).items()):
        where = named_in(name, texts)
        if not where:
            missing += 1
            print(f"{path}:{line}: no test names the bound {name}")
        elif not quiet:
            print(f"{name:28} {path}:{line}  {', '.join(map(str, where))}")
    if missing:
        print(f"bounds: {missing} without a test that reaches them")
    elif not quiet:
        print("bounds: all well")
    return 1 if missing else 0


def self_test():
    for line, name in (
        ("    std::size_t entries_max = 1024;  // rows", "entries_max"),
        ("    Duration user_timeout = 15min;", "user_timeout"),
        ("constexpr unsigned backoff_limit = 16;", "backoff_limit"),
        ("    static constexpr std::size_t recent_max{8};", "recent_max"),
        ("    if (count_max == 3) return;", None),
        ("    count_max = std::min(count_max, 3);", None),
    ):
        match = DECLARED.match(line)
        assert (match[1] if match else None) == name, line
    assert named_in("a_max", {"x": "uses a_max here", "y": "aa_max"}) == ["x"]
    print("bounds: the check itself is well")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="print only what is missing")
    parser.add_argument("--self-test", action="store_true", help="test the check itself")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    return check(Path(__file__).resolve().parent.parent, arguments.quiet)


if __name__ == "__main__":
    sys.exit(main())
