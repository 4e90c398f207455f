#!/usr/bin/env python3
"""The control socket of `strata serve`, and `strata arp`, which asks by it. On the embedded network and the kernel's:
no rights are needed."""
import contextlib
import os
import socket
import stat
import subprocess

from meeting import ENVIRONMENT, Program, check, program, run_steps, scratch_folder


class Control:
    def __init__(self, strata):
        self.strata = strata
        self.folder = scratch_folder()
        (self.folder / "file").write_text("hello\n")

    @contextlib.contextmanager
    def serving(self, *options, runtime=None, net="embedded"):
        """With $XDG_RUNTIME_DIR, or without."""
        wanted = [f"XDG_RUNTIME_DIR={runtime}"] if runtime else ["-u", "XDG_RUNTIME_DIR"]
        with Program("env", *wanted, self.strata, "serve", str(self.folder), "--http", "0", "--fetch", "off", "--no-qr",
                     "--net", net, "--bind", "127.0.0.1", "--run-as", "root" if os.geteuid() == 0 else "",
                     *options) as server:
            server.url = server.wait_for_line(r"(http://\S+)")[1]
            yield server
            if server.process.poll() is None:
                server.stop()

    def arp(self, *options, runtime=None, expect=0):
        environment = {name: value for name, value in ENVIRONMENT.items() if name != "XDG_RUNTIME_DIR"}
        if runtime:
            environment["XDG_RUNTIME_DIR"] = str(runtime)
        done = subprocess.run([self.strata, "arp", *options], env=environment, capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, check=False)
        check(done.returncode == expect, f"arp {options} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if expect == 0 else done.stderr

    # ---- the steps

    def a_stack_of_ours_is_asked(self):
        runtime = scratch_folder()
        with self.serving(runtime=runtime) as server:
            path = runtime / "strata" / str(server.process.pid)
            check(stat.S_IMODE(path.stat().st_mode) == 0o600, oct(path.stat().st_mode))
            check(stat.S_IMODE(path.parent.stat().st_mode) == 0o700, oct(path.parent.stat().st_mode))
            check("no neighbours" in self.arp("--of", str(server.process.pid), runtime=runtime), "somebody is known")
            subprocess.run(["curl", "-fsS", "-o", os.devnull, server.url], env=ENVIRONMENT, check=True, timeout=60)
            for options in ((), ("--of", str(server.process.pid)), ("--of", str(path))):
                said = self.arp(*options, runtime=runtime)
                check("10.73.0.2" in said and "10.73.0.1" in said and "reachable" in said, said)
        check(not path.exists(), "the socket stayed")

    def the_kernels_network_points_elsewhere(self):
        runtime = scratch_folder()
        with self.serving(runtime=runtime, net="kernel"):
            check("ip neigh" in self.arp(runtime=runtime, expect=1), "no word of ip neigh")

    def a_path_of_ones_own_and_none(self):
        path = scratch_folder() / "control"
        with self.serving("--control", str(path)):
            self.arp("--of", str(path))
        with self.serving("--control", "off", runtime=path.parent) as server:
            check(not (path.parent / "strata").exists(), "a folder was made")
            said = self.arp("--of", str(server.process.pid), runtime=path.parent, expect=2)
            check("no control socket" in said, said)
        refused = subprocess.run([self.strata, "serve", str(self.folder), "--http", "0", "--control", "/no/where"],
                                 env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
        check(refused.returncode == 1 and "choose another path" in refused.stderr, refused.stderr)

    def which_one_is_asked(self):
        runtime = scratch_folder()
        check("no strata runs" in self.arp(runtime=runtime, expect=2), "asked whom?")
        with self.serving(runtime=runtime), self.serving(runtime=runtime):
            check("more than one" in self.arp(runtime=runtime, expect=2), "asked which?")
        check("nobody answers" in self.arp("--of", str(runtime / "nothing"), expect=1), "nobody answers")

    def what_the_dead_left_is_swept(self):
        runtime = scratch_folder()
        with self.serving(runtime=runtime) as killed:
            left = runtime / "strata" / str(killed.process.pid)
            killed.process.kill()
            killed.process.wait()
        check(left.exists(), "it was removed by whom?")
        with self.serving(runtime=runtime):
            check(not left.exists(), "it is still there")
            self.arp(runtime=runtime)

    def a_folder_that_is_not_ours_alone(self):
        for prepare in (lambda folder: folder.mkdir(mode=0o755), lambda folder: folder.symlink_to("/tmp"),
                        lambda folder: folder.write_text("")):
            runtime = scratch_folder()
            prepare(runtime / "strata")
            with self.serving(runtime=runtime) as server:
                server.wait_for_line("no control socket in")
                subprocess.run(["curl", "-fsS", "-o", os.devnull, server.url], env=ENVIRONMENT, check=True, timeout=60)

    def nobody_is_asked_in_a_folder_of_others(self):
        runtime = scratch_folder()
        with self.serving(runtime=runtime) as server:
            number = str(server.process.pid)
            (runtime / "strata").chmod(0o755)
            check("no strata runs" in self.arp(runtime=runtime, expect=2), "asked in a folder that is open to others")
            check("no control socket" in self.arp("--of", number, runtime=runtime, expect=2), "asked by its number")
            self.arp("--of", str(runtime / "strata" / number))  # a path that is named is meant

    def askers_that_keep_to_no_rule(self):
        path = scratch_folder() / "control"
        with self.serving("--control", str(path)) as server:
            silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
            for asker in silent:
                asker.connect(str(path))
            for words in (b"\n", b"arp\0\n", b"x" * 256, bytes(range(128, 192)) + b"\n"):
                for asker in silent:
                    asker.close()
                silent = []
                with socket.socket(socket.AF_UNIX) as asker:
                    asker.settimeout(60)
                    asker.connect(str(path))
                    asker.sendall(words)
                    check(asker.recv(100).startswith(b"no "), words)
            with socket.socket(socket.AF_UNIX) as asker:
                asker.connect(str(path))
                asker.sendall(b"who are you\n")
                check(b"is not known here" in asker.recv(100), "an unknown question")
            self.arp("--of", str(path))
            check(server.stop() < 5, "it did not end at once")


def main():
    control = Control(program("STRATA", "build/strata"))
    run_steps([(name.replace("_", " "), getattr(control, name)) for name in (
        "a_stack_of_ours_is_asked", "the_kernels_network_points_elsewhere", "a_path_of_ones_own_and_none",
        "which_one_is_asked", "what_the_dead_left_is_swept", "a_folder_that_is_not_ours_alone",
        "nobody_is_asked_in_a_folder_of_others", "askers_that_keep_to_no_rule")])


if __name__ == "__main__":
    main()
