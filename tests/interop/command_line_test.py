#!/usr/bin/env python3
"""The command line: every mistake is answered by one sentence that says what to do, and help is where one looks
for it."""
# timeout: 400
import os
import re
import subprocess

from meeting import ENVIRONMENT, check, program, run, run_steps, scratch_folder

STRATA = program("STRATA", "build/strata")
FOLDER = scratch_folder()
# What can be typed for a number, and is no number that any option takes.
NO_NUMBERS = ("nan", "-nan", "inf", "1e300", "1e400", "-1", "99999999999999999999", "", "12x", "0x10")
MAY_BE_BARE = ("--ftp", "--ftps", "--tftp", "--nfs")  # means something without a value
NUMBERS = ("SECONDS", "N", "BYTES", "PORT")
ARGUMENTS = {"serve": (FOLDER,), "get": ("http://127.0.0.1:1/x",), "put": ("x", "http://127.0.0.1:1/x"),
             "ls": ("http://127.0.0.1:1/",), "talk": ("connect", "tcp://127.0.0.1:1"),
             "ping": ("127.0.0.1",), "traceroute": ("127.0.0.1",),
             "wire": ("tap:a", "tap:b"), "arp": (), "arping": ("10.0.0.1",),
             "rarp": ("query",), "dhcp": ("query",), "multicast": ("send", "239.1.2.3"), "users": ("list",),
             "help": ()}


def refused(*arguments, says=(), code=2):
    """One line, `strata: what is wrong; what to do`."""
    done = run(STRATA, *arguments, expect=code, timeout=30)
    text = done.stderr.decode()
    check(re.fullmatch(r"strata: [^\n]+; [^\n]+\n", text),
          f"{arguments}: not one sentence that says what to do: {text!r}")
    check(done.stdout == b"", f"{arguments}: {done.stdout!r} on standard output")
    check("[system:" not in text and "/usr/include" not in text, f"{arguments}: {text!r} speaks of sources")
    for words in says:
        check(words in text, f"{arguments}: {text!r} does not say {words!r}")


def help_of(command):
    return run(STRATA, "help", *command).stdout.decode()


def commands():
    return re.findall(r"^  ([a-z]+) ", help_of(()).split("\noptions:")[0].split("\ncommands:\n")[1], re.MULTILINE)


def options(command):
    """{name: what stands for its value or None}"""
    text = help_of((command,)).split("\noptions:\n")[1].split("\nexamples:")[0]
    return {name: value or None for name, value in
            re.findall(r"^  (?:-\w, )?(--?[a-z0-9]+)(?: ([A-Z]+))?(?:  |\n)", text, re.MULTILINE)}


def mistyped():
    refused(says=("no command", "strata help"))
    refused("sreve", says=("'sreve'", "did you mean 'serve'?"))
    refused("nonsense", says=("strata help",))
    refused("get", says=("needs URL", "strata get URL"))
    refused("get", "http://127.0.0.1:1/x", "y", says=("'y' is no URL",))
    refused("put", "x", says=("put needs URL", "strata put FILE... URL"))
    refused("put", "x", "y", says=("'y' is no URL",))
    refused("put", "-", "http://127.0.0.1:1/", says=("no name",))
    refused("put", FOLDER, "http://127.0.0.1:1/", says=("add -r",))
    refused("ls", "tftp://a:b@127.0.0.1/", says=("leave them out",))
    refused("get", "x", "--resmue", says=("--resmue", "did you mean '--resume'?"))
    refused("serve", ".", "--htpp", "80", says=("--htpp", "did you mean '--http'?"))
    refused("--net", "kernel", "serve", ".", says=("strata serve --net",))
    refused("talk", "lissen", "tcp://127.0.0.1:1", says=("did you mean 'listen'?",))
    refused("help", "gte", says=("did you mean 'get'?",))
    refused("help", "get", "--man", "--completion", "bash", says=("leave one of them out",))
    refused("help", "--completion", "csh", says=("bash, zsh or fish",))
    refused("no\nsuch\x1b[2Jcommand", says=("no?such?[2Jcommand",))
    refused("serve", "a\nb", code=1, says=("a?b",))


def every_option_needs_its_value():
    for command in commands():
        for name, value in options(command).items():
            if name in MAY_BE_BARE:
                continue
            if value:
                refused(command, *ARGUMENTS[command], name, says=(f"{name} needs a value", f"write {name} {value}"))
            elif name == "--write":  # may have one, and only that
                refused(command, *ARGUMENTS[command], f"{name}=maybe", says=("'maybe' is not known", "--write=all"))
            elif name.startswith("--") and name != "--help":
                refused(command, *ARGUMENTS[command], f"{name}=maybe", says=("takes no value",))


def numbers_out_of_range():
    found = 0
    for command in commands():
        for name, value in options(command).items():
            if value not in NUMBERS:
                continue
            found += 1
            for number in NO_NUMBERS:
                if name in MAY_BE_BARE and not number or name == "--seed" and number == "99999999999999999999":
                    continue
                said = (("write a",) if not number else
                        ("above 0", "up to") if name in ("--timeout", "-W", "-w") else ("from ", " to "))
                refused(command, *ARGUMENTS[command], f"{name}={number}" if number else name,
                        *(() if number else ("",)), says=(name, *said))
    check(found >= 9, f"only {found} options that take a number were found")


def wrong_and_failing():
    taken = ("talk", "connect", "tcp://127.0.0.1:1")
    for arguments in (taken, ("get", "http://127.0.0.1:1/x"), ("get", "fetch://127.0.0.1:1/x"),
                      ("put", FOLDER / "none", "http://127.0.0.1:1/x"), ("ls", "http://127.0.0.1:1/"),
                      ("ls", "tftp://127.0.0.1/"), ("put", "/dev/null", "fetch://127.0.0.1/x"),
                      ("serve", FOLDER, "--bind", "192.0.2.1"),
                      ("serve", FOLDER, "--net", "embedded", "--bind", "192.0.2.1"), ("serve", FOLDER / "none"),
                      ("help", "--write", "/proc/none")):
        refused(*arguments, code=1)
    for arguments in (("serve", FOLDER, "--http", "off", "--fetch", "off"), ("serve", FOLDER, "--net", "tap:x"),
                      ("serve", FOLDER, "--net", "bogus"), ("serve", FOLDER, "--bind", "nowhere"),
                      ("get", "gopher://x/y"), ("get", "tftp://127.0.0.1/x", "--mode", "mail"),
                      ("get", "http://127.0.0.1/"), ("get", "http://127.0.0.1/x", "--sha256", "12"),
                      ("wire", "tap:a", "tap:a"), ("wire", "eth0", "tap:a"), ("talk", "listen", "nobody")):
        refused(*arguments)


def help_is_where_one_looks():
    names = commands()
    check(names[:5] == ["serve", "get", "put", "ls", "talk"] and "help" in names, names)
    for command in names:
        wanted = help_of((command,))
        check(wanted.count("\nusage: strata ") == 1 and "\nexamples:\n" in wanted, wanted)
        for arguments in (("--help",), ("-h",)):
            check(run(STRATA, command, *arguments).stdout.decode() == wanted,
                  f"{command} {arguments} says something else")
    check(run(STRATA, "--help").stdout.decode() == help_of(()), "--help says something else than help")


def version():
    text = run(STRATA, "--version").stdout.decode()
    check(re.fullmatch(r"strata \d+\.\d+\.\d+ \((commit [0-9a-f]{7,40}(-dirty)?, )?(GNU|Clang) [0-9.]+, \w+\)\n", text),
          repr(text))
    source = os.environ.get("SOURCE", ".")
    if os.path.exists(os.path.join(source, ".git")):
        asked = subprocess.run(["git", "-C", source, "rev-parse", "--git-dir"], capture_output=True, env=ENVIRONMENT,
                               check=False)
        check(asked.returncode != 0 or "commit " in text, f"no commit in {text!r}")


def help_on_a_full_disk():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([STRATA, "help"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False,
                              timeout=30)
    check(done.returncode == 1 and done.stderr.startswith(b"strata: cannot write"), done)


def main():
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        mistyped, every_option_needs_its_value, numbers_out_of_range, wrong_and_failing, help_is_where_one_looks,
        version, help_on_a_full_disk)])


if __name__ == "__main__":
    main()
