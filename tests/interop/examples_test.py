#!/usr/bin/env python3
"""Runs every example: in virtual time or on loopback, and, where TAP devices can be made, on a TAP in a namespace of
its own."""
# timeout: 300
import os
from pathlib import Path

from meeting import Namespace, check, run, run_steps, scratch_folder, skip, source_tree, why_no_tap

FOLDER = Path(os.environ.get("EXAMPLES", "build/release/examples")).resolve()
SCRATCH = scratch_folder()


def example(name, *arguments, expect=0):
    return run(FOLDER / name, *arguments, expect=expect).stdout.decode()


def same_twice(name, *arguments):
    first, second = example(name, *arguments), example(name, *arguments)
    check(first == second, f"{name} {' '.join(arguments)} is not the same twice:\n{first}\n{second}")
    return first


def echo():
    check("came back whole" in same_twice("echo"), "echo said nothing")
    check(same_twice("echo", "--loss", "20", "--seed", "7") != example("echo", "--loss", "20", "--seed", "8"),
          "seeds do not matter")
    check("came back whole" in example("echo", "--kernel"), "echo on the kernel's sockets said nothing")
    for number in (1, 2):
        example("echo", "--loss", "10", "--seed", "3", "--pcap", SCRATCH / f"echo{number}.pcap")
    first, second = ((SCRATCH / f"echo{number}.pcap").read_bytes() for number in (1, 2))
    check(len(first) > 50_000 and first == second, "one seed, two captures")
    example("echo", "--nonsense", expect=2)


def virtual_time():
    check("60 answers" in same_twice("virtual_time"), "not all answers came")


def beast_server():
    for where in ("--virtual", "--kernel"):
        text = example("beast_server", where)
        check("200 hello, visitor 1" in text and "404 there is only /hello" in text, text)
    example("beast_server", "--loss", "15", "--seed", "5")


def tls():
    for arguments in ((), ("--kernel",), ("--loss", "10")):
        text = example("tls", *arguments)
        check("TLSv1.3" in text and "you said: is this private?" in text and "trusts another certificate" in text, text)


def rpc():
    for arguments in ((), ("--kernel",)):
        text = example("rpc", *arguments)
        check("43 / 0 = undefined" in text and "total 10100" in text and "0 calls sent again" in text, text)
    text = same_twice("rpc", "--loss", "20", "--seed", "3")
    check("total 10100" in text and "\n0 calls" not in text and " 0 answered" not in text, text)


def flaky_test():
    text = example("flaky_test")
    check("TOO SLOW" in text, text)
    found, again = [line.split()[-5:] for line in text.splitlines() if "TOO SLOW" in line]
    check(found == again, f"the seed did not repeat:\n{text}")
    # And the line it gives to repeat it is true.
    command = next(line for line in text.splitlines() if line.startswith("to look at it: ")).split()[4:]
    command[-1] = str(SCRATCH / "why.pcap")
    repeated = example(*command)
    check(repeated.split()[-5:] == found, f"{repeated} is not\n{text}")
    check((SCRATCH / "why.pcap").stat().st_size > 4000, "no capture")


def sniffer():
    text = same_twice("sniffer")
    for part in ("ARP: who has 10.88.0.1?", "SYN seq", "FIN", "frames passed"):
        check(part in text, f"no '{part}' in\n{text}")
    same_twice("sniffer", "--loss", "30", "--seed", "2")


def embed_without_rights():
    done = run(FOLDER / "embed", expect=1)
    check(done.stderr.decode().startswith("embed: "), done.stderr.decode())


def on_a_tap():
    for name, arguments, expected in (
            ("embed", (), "hello from a TCP of my own"),
            ("echo", ("--tap", "strata0", "--pcap", str(SCRATCH / "tap.pcap")), "10.88.0.2"),
            ("beast_server", ("--tap", "strata0"), "200 hello, visitor 1"),
            ("tls", ("--tap", "strata0"), "you said: is this private?"),
            ("rpc", ("--tap", "strata0"), "total 10100"),
            ("flaky_test", ("--tap", "strata0"), "ok"),
            ("sniffer", ("--tap", "strata0"), "ARP: who has 10.88.0.1?")):
        # A namespace each: a kernel remembers the addresses it has just spoken to.
        with Namespace() as namespace:
            text = namespace.run(FOLDER / name, *arguments).stdout.decode()
            check(expected in text, f"{name}: no '{expected}' in\n{text}")
    check((SCRATCH / "tap.pcap").stat().st_size > 50_000, "no capture of the TAP")


def readme():
    """What the two READMEs show is what is built here."""
    source = source_tree()
    embed = (source / "examples" / "embed.cpp").read_text()
    virtual = (source / "examples" / "virtual_time.cpp").read_text()
    for name in ("README.md", "README.zh-CN.md"):
        text = (source / name).read_text()
        check(f"```cpp\n{embed}```" in text, f"{name} does not show examples/embed.cpp as it is")
        check(f"```cpp\n{virtual[virtual.index('int main()'):]}```" in text,
              f"{name} does not show examples/virtual_time.cpp's main() as it is")


def main():
    if not (FOLDER / "echo").exists():
        skip(f"the examples are not built in {FOLDER}")
    all_steps = (echo, virtual_time, beast_server, tls, rpc, flaky_test, sniffer, readme)
    steps = [(step.__name__, step) for step in all_steps]
    reason = why_no_tap()
    if reason:
        print(f"not run on a TAP: {reason}", flush=True)
        if os.geteuid() != 0:
            steps.append(("embed_without_rights", embed_without_rights))
    else:
        steps.append(("on_a_tap", on_a_tap))
    run_steps(steps)


if __name__ == "__main__":
    main()
