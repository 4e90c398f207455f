#!/usr/bin/env python3
"""As whom `strata serve` runs that root starts, and what it may do then: by /proc/PID/task/*/status of every thread,
and by curl.

    root ── strata serve, on ports of the loopback or on a TAP of a namespace ── curl
"""
# timeout: 300
import os
import re
from pathlib import Path

from meeting import (Namespace, Program, check, free_port, program, require_tools, run, run_steps, scratch_folder, skip,
                     why_no_tap)

ALICE, BOB, CREW = 54321, 54322, 54399  # numbers that nobody has
NOBODY = 65534
AS_ALICE = ("setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", "--inh-caps=-all")
FOLDER = scratch_folder()
SERVED = FOLDER / "served"
OUR_ADDRESS, THEIR_ADDRESS = "10.98.0.1", "10.98.0.2"


def facts_of(task):
    return dict(line.split(":", 1) for line in (task / "status").read_text().splitlines() if ":" in line)


def check_given_up(server, user, group, groups=None):
    """Each thread is that user for good and has no right beside."""
    tasks = list(Path(f"/proc/{server.process.pid}/task").iterdir())
    for task in tasks:
        facts = facts_of(task)
        check(facts["Uid"].split() == [str(user)] * 4, f"users {facts['Uid']}, not {user}")
        check(facts["Gid"].split() == [str(group)] * 4, f"groups {facts['Gid']}, not {group}")
        check(facts["Groups"].split() == [str(each) for each in groups or [group]], f"further groups {facts['Groups']}")
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            check(int(facts[kind], 16) == 0, f"{kind} {facts[kind]}")
        check(facts["NoNewPrivs"].strip() == "1", "no_new_privs is not set")
    # What it holds open is more than that user could open.
    check(os.stat(f"/proc/{server.process.pid}/fd").st_uid == 0, "others of that user may look into it")
    return len(tasks)


class Served:
    """`strata serve` on the loopback."""

    def __init__(self, strata, *options, folder=SERVED, net="kernel", before=(), environment=(), port=None):
        self.http, self.fetch = port or free_port(), free_port()
        self.program = Program("env", *environment, *before, strata, "serve", folder, "--net", net,
                               "--bind", "127.0.0.1", "--http", self.http, "--fetch", self.fetch, "--log", "off",
                               *options)

    def __enter__(self):
        self.program.wait_for_line(r"serving .* at fetch://")
        return self

    def __exit__(self, *_):
        self.program.__exit__()

    def says(self, sentence):
        self.program.wait_for_line("^" + re.escape(sentence) + "$")

    def answer(self, name):
        return run("curl", "-s", "-o", FOLDER / "got", "-w", "%{http_code}",
                   f"http://127.0.0.1:{self.http}/{name}").stdout.decode()

    def gets(self, name="open.txt"):
        check(self.answer(name) == "200" and (FOLDER / "got").read_bytes() == (SERVED / name).read_bytes(),
              f"{name} is not served")

    def ends(self):
        self.program.stop()
        check(self.program.process.returncode == 0,
              f"ended with {self.program.process.returncode}: {self.program.lines[-3:]}")


class RightsTest:
    def __init__(self, strata):
        self.strata = strata
        SERVED.mkdir()
        (SERVED / "open.txt").write_bytes(b"for everybody\n" * 1000)
        (SERVED / "large.bin").write_bytes(os.urandom(3 << 20))
        (SERVED / "roots.txt").write_bytes(b"root's own" * 1_000_000)
        (SERVED / "roots.txt").chmod(0o600)
        (SERVED / "crew.txt").write_bytes(b"the crew's")
        os.chown(SERVED / "crew.txt", 0, CREW)
        (SERVED / "crew.txt").chmod(0o640)

    def failed(self, *arguments, expect, before=()):
        done = run(*before, self.strata, "serve", *arguments, "--bind", "127.0.0.1", "--for", "20", expect=expect)
        said = done.stderr.decode()
        check(said.startswith("strata: ") and said.count("\n") == 1 and done.stdout == b"",
              f"it says {done.stdout!r} {said!r}")
        return said

    def can_be_run_by_others(self):
        can = run(*AS_ALICE, self.strata, "--version", expect=None).returncode == 0
        if not can:
            print("      left out: the build lies where another user can't look", flush=True)
        return can

    # ---- the steps

    def nobody(self):
        with Served(self.strata) as server:
            server.says("running as nobody from here on, without root's rights")
            server.gets()
            server.gets("large.bin")
            check(server.answer("roots.txt") == "403", "a file of root's is served")
            check(server.answer("") == "200", "the folder is not listed")
            check_given_up(server.program, NOBODY, NOBODY)
            server.ends()

    def who_called_sudo(self):
        with Served(self.strata, environment=(f"SUDO_UID={ALICE}", "SUDO_GID=0")) as server:
            server.says(f"running as user {ALICE}, who called sudo, from here on, without root's rights")
            check_given_up(server.program, ALICE, NOBODY)
            server.gets()
        for words in ("0", "-1", "4294967295", "4294967296", "root", " ", f"{ALICE}\n"):
            with Served(self.strata, environment=(f"SUDO_UID={words}",)) as server:
                server.says("running as nobody from here on, without root's rights")
                check_given_up(server.program, NOBODY, NOBODY)

    def the_folders_owner(self):
        folder = FOLDER / "alices"
        folder.mkdir()
        (folder / "hers.txt").write_bytes(b"hers")
        os.chown(folder / "hers.txt", ALICE, ALICE)
        os.chown(folder, ALICE, ALICE)
        (folder / "hers.txt").chmod(0o600)
        folder.chmod(0o700)
        # Opened already: what stands above need not be entered.
        above = FOLDER / "above"
        above.mkdir(0o700)
        folder = folder.rename(above / "alices")
        with Served(self.strata, folder=folder) as server:
            server.says(f"running as user {ALICE}, the folder's owner, from here on, without root's rights")
            check_given_up(server.program, ALICE, NOBODY)
            check(server.answer("hers.txt") == "200", "her own file is not served")
            check(server.answer("") == "200", "her own folder is not listed")

    def as_was_asked(self):
        for name, user, group, groups in ((BOB, BOB, NOBODY, None), (f"{BOB}:{CREW}", BOB, CREW, None),
                                          ("nobody", NOBODY, NOBODY, None)):
            with Served(self.strata, "--run-as", name, environment=(f"SUDO_UID={ALICE}",)) as server:
                server.program.wait_for_line(f"^running as (user )?{name} from here on, without root's rights$")
                check_given_up(server.program, user, group, groups)
                check(server.answer("crew.txt") == ("200" if group == CREW else "403"), "the crew's file")

    def root_keeps_them(self):
        with Served(self.strata, "--run-as", "root") as server:
            server.says("keeping all of root's rights, as --run-as says")
            facts = facts_of(Path(f"/proc/{server.program.process.pid}"))
            mine = facts_of(Path("/proc/self"))
            check(facts["Uid"] == mine["Uid"] and facts["CapEff"] == mine["CapEff"]
                  and facts["NoNewPrivs"] == mine["NoNewPrivs"], f"{facts}")
            server.gets("roots.txt")

    def several_threads_on_a_port_below_1024(self):
        with Namespace() as namespace, \
                Served(self.strata, "--threads", "2", before=namespace.command(), port=80) as server:
            server.says("running as nobody from here on, without root's rights")
            for _ in range(20):  # so that each of the threads gets some
                check(namespace.run("curl", "-sS", "-f", "http://127.0.0.1/large.bin").stdout
                      == (SERVED / "large.bin").read_bytes(), "another file")
            check(check_given_up(server.program, NOBODY, NOBODY) >= 3, "there are no threads")
            server.ends()

    def threads_that_come_later(self):
        """The log's, which is made by the first line of it, and the disk's."""
        http = free_port()
        with Program(self.strata, "serve", SERVED, "--bind", "127.0.0.1", "--http", http, "--fetch", "off") as server:
            server.wait_for_line("running as nobody")
            run("curl", "-sS", "-f", "-o", FOLDER / "got", f"http://127.0.0.1:{http}/open.txt")
            server.wait_for_line('"GET /open.txt" 200')
            check(check_given_up(server, NOBODY, NOBODY) >= 2, "the log has no thread")

    def embedded(self):
        with Namespace() as namespace, \
                Served(self.strata, net="embedded", before=namespace.command(), port=81) as server:
            server.says("running as nobody from here on, without root's rights")
            check(namespace.run("curl", "-sS", "-f", "http://127.0.0.1:81/large.bin").stdout
                  == (SERVED / "large.bin").read_bytes(), "another file")
            check_given_up(server.program, NOBODY, NOBODY)
            server.ends()
            check(any("the gateway carried" in line for line in server.program.lines), "no counters at the end")

    def demonstration(self):
        """It fetches the largest file that can be read."""
        with Served(self.strata, "--demo", net="embedded") as server:
            server.program.wait_for_line("fetched .*/large.bin through itself")
            server.program.wait_for_line("open .* in a browser")
            server.ends()

    def tap(self):
        capture = FOLDER / "roots.pcap"
        with Namespace() as namespace:
            command = namespace.command(self.strata, "serve", SERVED,
                                        "--net", f"tap:rights0,addr={OUR_ADDRESS}/24,host={THEIR_ADDRESS}/24",
                                        "--pcap", capture)
            with Program(*command) as server:
                server.wait_for_line("^running as nobody from here on, without root's rights$")
                check(namespace.run("curl", "-sS", "-f", f"http://{OUR_ADDRESS}/large.bin").stdout
                      == (SERVED / "large.bin").read_bytes(), "another file")
                # The cable is pulled and plugged in again, without rights.
                namespace.ip("link", "set", "rights0", "down")
                namespace.ip("link", "set", "rights0", "up")
                check(namespace.run("curl", "-sS", "-f", "--retry", "5", "--retry-all-errors",
                                    f"http://{OUR_ADDRESS}/open.txt").stdout
                      == (SERVED / "open.txt").read_bytes(), "another file")
                check_given_up(server, NOBODY, NOBODY)
                server.stop()
                check(server.process.returncode == 0, f"ended with {server.process.returncode}: {server.lines[-3:]}")
            check(b"rights0" not in namespace.ip("link").stdout, "the TAP is still there")
        check(capture.stat().st_uid == 0 and capture.stat().st_size > 3 << 20, "the capture is not whole")

    def folders_that_cannot_be_read(self):
        folder = FOLDER / "drawer"
        folder.mkdir(0o700)
        (folder / "known.txt").write_bytes(b"known")
        said = self.failed(folder, expect=1)
        check("nobody may not enter the folder" in said and str(folder) in said and "--run-as" in said, said)
        folder.chmod(0o744)
        check("may not enter" in self.failed(folder, expect=1), "a folder without x is served")
        folder.chmod(0o711)
        with Served(self.strata, folder=folder) as server:
            server.program.wait_for_line(f"^  nobody may not list {folder}, .*--run-as NAME$")
            check(server.answer("known.txt") == "200", "a known name is not served")
            check(server.answer("") == "403", "the folder is listed")

    def wrong_names(self):
        for name in ("no-such-user-here", "-1", "4294967295", ":", "nobody:", "nobody:no-such-group-here", "root:root"):
            check("--run-as" in self.failed(SERVED, f"--run-as={name}", expect=2), "another sentence")

    def somebody_else(self):
        """He has no rights to give up, is told nothing, and can become nobody else."""
        if not self.can_be_run_by_others():
            return
        for more in ((), ("--run-as", ALICE), ("--run-as", f"{ALICE}:{ALICE}")):
            with Served(self.strata, *more, before=AS_ALICE) as server:
                server.gets()
                check(all(line.startswith("serving ") for line in server.program.lines),
                      f"it says {server.program.lines}")
        for name in (BOB, "root", "nobody", f"{ALICE}:{CREW}"):
            said = self.failed(SERVED, "--run-as", name, expect=1, before=AS_ALICE)
            check("only root can become another user" in said, said)

    def capabilities_alone(self):
        """As a file can give them."""
        if not self.can_be_run_by_others():
            return
        capable = ("setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups",
                   "--inh-caps=-all,+net_bind_service,+net_admin", "--ambient-caps=-all,+net_bind_service,+net_admin",
                   "--bounding-set=-all,+net_bind_service,+net_admin")
        with Namespace() as namespace, Served(self.strata, before=namespace.command(*capable), port=80) as server:
            server.says("running without capabilities from here on")
            facts = facts_of(Path(f"/proc/{server.program.process.pid}"))
            for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                check(int(facts[kind], 16) == 0, f"{kind} {facts[kind]}")
            check(facts["NoNewPrivs"].strip() == "1" and facts["Uid"].split() == [str(ALICE)] * 4, f"{facts}")
            check(namespace.run("curl", "-sS", "-f", "http://127.0.0.1/open.txt").stdout
                  == (SERVED / "open.txt").read_bytes(), "another file")

    def roots_that_cannot_become_another(self):
        """A root of a container that may not: it serves nothing, and says what to do."""
        without = ("setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid")
        said = self.failed(SERVED, expect=1, before=without)
        check("cannot give up rights and run as nobody" in said and "--run-as root" in said, said)
        with Served(self.strata, before=("setpriv", "--bounding-set=-setpcap", "--inh-caps=-setpcap")) as server:
            server.says("running as nobody from here on, without root's rights")
            facts = facts_of(Path(f"/proc/{server.program.process.pid}"))
            check(int(facts["CapEff"], 16) == 0 and int(facts["CapPrm"], 16) == 0
                  and facts["NoNewPrivs"].strip() == "1", f"{facts}")


def main():
    if os.geteuid() != 0:
        skip("giving up root's rights needs root")
    require_tools("curl", "ip", "setpriv")
    steps = ("nobody", "who_called_sudo", "the_folders_owner", "as_was_asked", "root_keeps_them",
             "several_threads_on_a_port_below_1024", "threads_that_come_later", "embedded", "demonstration", "tap",
             "folders_that_cannot_be_read", "wrong_names", "somebody_else", "capabilities_alone",
             "roots_that_cannot_become_another")
    reason = why_no_tap()
    if reason:
        print(f"some steps are left out: {reason}", flush=True)
        steps = [name for name in steps
                 if name not in ("several_threads_on_a_port_below_1024", "embedded", "tap", "capabilities_alone")]
    test = RightsTest(program("STRATA", "build/strata"))
    run_steps([(name.replace("_", " "), getattr(test, name)) for name in steps])


if __name__ == "__main__":
    main()
