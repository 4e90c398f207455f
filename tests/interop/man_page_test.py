#!/usr/bin/env python3
"""The man pages: there is one a command, no formatter has anything to complain of, and they say what --help says."""
import re
import shutil

from meeting import check, program, run, run_steps, scratch_folder

STRATA = program("STRATA", "build/strata")
FOLDER = scratch_folder()


def commands():
    text = run(STRATA, "help").stdout.decode()
    return re.findall(r"^  ([a-z]+) ", text.split("\noptions:")[0].split("\ncommands:\n")[1], re.MULTILINE)


def pages():
    return sorted((FOLDER / "man/man1").iterdir())


def one_a_command():
    names = [page.name for page in pages()]
    check(names == sorted(["strata.1", *(f"strata-{name}.1" for name in commands())]), names)
    for name in commands():
        check(run(STRATA, "help", name, "--man").stdout == (FOLDER / f"man/man1/strata-{name}.1").read_bytes(),
              f"{name} has two pages")


def shown(page, width=80):
    """As plain text."""
    return run("mandoc", "-Tascii", "-O", f"width={width}", page).stdout.decode().replace("\b", "\0")


def sections_and_options():
    for page in pages():
        text = page.read_text(encoding="ascii")
        sections = re.findall(r"^\.SH (.*)$", text, re.MULTILINE)
        check(sections[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"], f"{page.name}: {sections}")
        for wanted in ("OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
            check(wanted in sections, f"{page.name} has no {wanted}")
        command = page.stem.removeprefix("strata").removeprefix("-")
        told = (run(STRATA, "help", *([command] if command else [])).stdout.decode()
                .split("\noptions:\n")[1].split("\nexamples:")[0])
        for name in re.findall(r"(?<![\w-])--?[a-z0-9][a-z0-9-]*", "\n".join(line[:20] for line in told.splitlines())):
            check("\\fB" + name.replace("-", "\\-") + "\\fR" in text, f"{page.name} does not tell {name}")


def no_formatter_complains():
    asked = 0
    for page in pages():
        for command in (["mandoc", "-Tlint", "-W", "style"], ["groff", "-ww", "-man", "-Tascii", "-z"],
                        ["groff", "-ww", "-man", "-Tutf8", "-z"],
                        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"]):
            if not shutil.which(command[0]):
                continue
            asked += 1
            done = run(*command, page)
            check(not done.stderr and (command[0] == "man" or not done.stdout),
                  f"{' '.join(command)} {page.name}: {(done.stdout + done.stderr).decode()}")
    check(asked >= len(pages()), "neither mandoc nor groff nor man is installed")


def nothing_but_ascii_and_nothing_lost():
    page = FOLDER / "man/man1/strata-get.1"
    check("GBK, ...\n" in page.read_text(encoding="ascii"), "the ellipsis is lost")
    if shutil.which("mandoc"):
        text = re.sub("(.)\0\\1|_\0", r"\1", shown(page))
        for words in ("strata get URL... [-o FILE]", "the URL's last part; - is standard output",
                      "a host of ours on tap:IFNAME, packet:IFNAME",
                      "strata get http://127.0.0.1:8000/mosaic.png --resume"):
            check("".join(words.split()) in "".join(text.split()), f"'{words}' is not in\n{text}")


def main():
    run(STRATA, "help", "--write", FOLDER)
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        one_a_command, sections_and_options, no_formatter_complains, nothing_but_ascii_and_nothing_lost)])


if __name__ == "__main__":
    main()
