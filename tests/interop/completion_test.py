#!/usr/bin/env python3
"""What bash, zsh and fish offer behind a half-typed `strata ...`: each shell is asked itself, with the completions
the program prints."""
# timeout: 180
import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

from meeting import ENVIRONMENT, PATIENCE, check, program, run, run_steps, scratch_folder

STRATA = program("STRATA", "build/strata")
FOLDER = scratch_folder()
SHARE = FOLDER / "share"
PLACE = FOLDER / "place"

# What is typed, and what is offered for its last word: exactly these, or (with ...) these among others.
LINES = (
    ("strata ser", ["serve"]),
    ("strata ", ["serve", "get", "put", "ls", "talk", "ping", "traceroute", "wire", "arp", "arping", "rarp", "dhcp",
                 "multicast", "users", "help", ...]),
    ("strata --ver", ["--version"]),
    ("strata get --res", ["--resume"]),
    ("strata get http://a/b --for", ["--force"]),
    ("strata get --net emb", ["embedded"]),
    ("strata get -o wel", ["welcome.txt"]),
    ("strata put wel", ["welcome.txt"]),
    ("strata put a --limit", ["--limit-rate"]),
    ("strata ls --js", ["--json"]),
    ("strata serve do", ["documents/"]),
    ("strata serve --net kernel do", ["documents/"]),
    ("strata serve --run-as nobo", ["nobody"]),
    ("strata talk con", ["connect"]),
    ("strata talk listen ud", ["udp://"]),
    ("strata help pi", ["ping"]),
    ("strata help get --comp", ["--completion"]),
    ("strata help --completion fi", ["fish"]),
    ("strata get --nonsense --res", ["--resume"]),
)


def agree(shell, line, offered, wanted):
    offered = sorted(word.strip() for word in offered)
    names = [word for word in wanted if word is not ...]
    if len(names) < len(wanted):
        check(set(names) <= set(offered), f"{shell} offers {offered} for '{line}', not all of {names}")
    else:
        check(offered == sorted(names), f"{shell} offers {offered} for '{line}', not {names}")


def ask_bash(line):
    """The completion function is found as bash finds it, and called with what bash calls it with."""
    script = f"""
        source '{SHARE}/bash-completion/completions/strata'
        COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
        specification=$(complete -p strata)
        [[ $specification =~ -F\\ ([a-z_]+) ]] || exit 1
        "${{BASH_REMATCH[1]}}" strata '' ''
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = run("bash", "--norc", "-c", script, "bash", line, cwd=PLACE)
    check(done.stderr == b"", f"bash says {done.stderr.decode()}")
    return done.stdout.decode().split()


def bash():
    for line, wanted in LINES:
        # bash is told of a folder without its slash, and puts one behind it.
        agree("bash", line, ask_bash(line),
              [word if word is ... else word.removesuffix("/") if word == "documents/" else word for word in wanted])
    # What stands behind a word break is all that bash replaces.
    agree("bash", "strata get --net=emb", ask_bash("strata get --net=emb"), ["embedded"])
    agree("bash", "strata talk listen tcp:", ask_bash("strata talk listen tcp:"), ["//"])


class Terminal:
    """A shell at a terminal."""

    def __init__(self, *command, **environment):
        self.shown = ""
        self.main, side = pty.openpty()
        self.process = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, cwd=PLACE,
                                        start_new_session=True,
                                        env=ENVIRONMENT | {"TERM": "dumb", "HOME": str(FOLDER)} | environment)
        os.close(side)

    def type(self, text):
        os.write(self.main, text.encode())

    def wait_for(self, text):
        """What was shown up to there; it is not looked at again."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            ready, _, _ = select.select([self.main], [], [], max(0, deadline - time.monotonic()))
            check(ready, f"'{text}' was never shown; only {self.shown[-500:]!r}")
            self.shown += os.read(self.main, 4096).decode(errors="replace")
        before, self.shown = self.shown.split(text, 1)
        return before

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.main)


def bash_at_a_terminal():
    with Terminal("bash", "--norc", "--noprofile", "-i", PS1="ready> ", INPUTRC="/dev/null") as shell:
        shell.wait_for("ready> ")
        shell.type(f"source '{SHARE}/bash-completion/completions/strata'\n")
        shell.wait_for("ready> ")
        for typed, completed in (("strata ser\t", "strata serve "), ("strata get --net=emb\t", "--net=embedded "),
                                 ("strata talk listen tcp\t", "tcp://"), ("strata serve do\t", "documents/"),
                                 ("strata get -o we\t", "welcome.txt ")):
            shell.type(typed)
            shell.wait_for(completed)
            shell.type("\x15\n")  # nothing of the line is left
            shell.wait_for("ready> ")


def zsh():
    """At a terminal, where compadd is replaced by one that tells what it is given."""
    if not shutil.which("zsh"):
        print("zsh is not installed: not asked", flush=True)
        return
    run("zsh", "-n", SHARE / "zsh/site-functions/_strata")
    setup = f"""
        PROMPT='ready> ' fpath=('{SHARE}/zsh/site-functions' $fpath)
        autoload -Uz compinit && compinit -u -d '{FOLDER}/zcompdump'
        zstyle ':completion:*' completer _complete
        unsetopt auto_menu auto_list list_beep
        compadd() {{
            local -a given=()
            builtin compadd -O given "$@"
            offered+=("${{given[@]}}")
            builtin compadd "$@"
        }}
        ask() {{ offered=(); zle complete-word; print; print "offered:${{(j:|:)offered}}:offered"; }}
        zle -N ask; bindkey '^B' ask; typeset -ga offered
        print is-set-up
    """
    (FOLDER / "setup.zsh").write_text(setup)
    with Terminal("zsh", "-f", "-i") as shell:
        shell.type(f"source '{FOLDER}/setup.zsh'\n")
        shell.wait_for("is-set-up")
        for line, wanted in LINES:
            shell.type(f"{line}\x02")
            shell.wait_for("offered:")
            offered = shell.wait_for(":offered").replace("\r", "").replace("\n", "").split("|")
            agree("zsh", line, set(filter(None, offered)),
                  [word.removesuffix("/") if word == "documents/" else word for word in wanted if word is not ...]
                  + ([...] if ... in wanted else []))
            shell.type("\x15")


def fish():
    if not shutil.which("fish"):
        print("fish is not installed: not asked", flush=True)
        return
    script = SHARE / "fish/vendor_completions.d/strata.fish"
    run("fish", "--no-config", "-n", script)
    for line, wanted in LINES:
        done = run("fish", "--no-config", "-c", f"source '{script}'; complete -C '{line}'", cwd=PLACE)
        check(done.stderr == b"", f"fish says {done.stderr.decode()}")
        agree("fish", line, [each.split("\t")[0] for each in done.stdout.decode().splitlines()], wanted)


def printed_and_written_are_the_same():
    for shell, file in (("bash", "bash-completion/completions/strata"), ("zsh", "zsh/site-functions/_strata"),
                        ("fish", "fish/vendor_completions.d/strata.fish")):
        check(run(STRATA, "help", "--completion", shell).stdout == (SHARE / file).read_bytes(),
              f"{shell} gets two different completions")


def main():
    run(STRATA, "help", "--write", SHARE)
    (PLACE / "documents").mkdir(parents=True)
    Path(PLACE / "welcome.txt").write_text("welcome")
    run_steps([(step.__name__.replace("_", " "), step) for step in (
        bash, bash_at_a_terminal, zsh, fish, printed_and_written_are_the_same)])


if __name__ == "__main__":
    main()
