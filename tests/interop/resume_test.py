#!/usr/bin/env python3
"""`strata get --resume` from servers that others wrote, over a line that breaks: the same version goes on, another one
is never joined to it.

    strata get ── a line that is cut after so many bytes ── lighttpd (with and without ETag), busybox httpd, webfsd,
                                                            http.server

Those that are not installed are left out, and it is said.
"""
# timeout: 300
import os
import shutil

from meeting import (Line, Program, check, free_port, listens, program, require_tools, run, run_steps, scratch_folder,
                     wait_for)

FOLDER = scratch_folder()
SIZE = 3 << 20
CUT = 1 << 20
MODIFIED = 1_700_000_000


class Server:
    """`command` serves the folder at the port."""

    def __init__(self, name, strata, command, may_resume=True):
        self.name, self.strata, self.may_resume = name, strata, may_resume
        self.folder = FOLDER / name.replace(" ", "-")
        self.folder.mkdir()
        self.port = free_port()
        self.command = command(self.folder, self.port)
        self.target = self.folder / "got"

    def write(self, content, modified):
        """As a version of its own: another file takes the name."""
        (self.folder / "next").write_bytes(content)
        os.utime(self.folder / "next", (modified, modified))
        os.replace(self.folder / "next", self.folder / "file.bin")
        self.content = content

    def get(self, line, *options, expect=0):
        line.carried = 0
        return run(self.strata, "get", f"http://127.0.0.1:{line.port}/file.bin", "-o", self.target, *options,
                   expect=expect)

    def interrupted(self, line):
        self.target.unlink(missing_ok=True)
        line.cut = CUT
        check(b"--resume" in self.get(line, expect=1).stderr, "it does not say what to do")
        line.cut = None

    def step(self):
        self.write(os.urandom(SIZE), MODIFIED)
        with Program(*self.command):
            check(wait_for(lambda: listens(self.port)), "nobody listens")
            line = Line(self.port)
            self.interrupted(line)
            self.get(line, "--resume")
            check(self.target.read_bytes() == self.content, "the same version: the file is another")
            check(not self.may_resume or line.carried < SIZE - CUT / 2, f"{line.carried} of {SIZE} bytes came again")
            print(f"      {line.carried} bytes of {SIZE} came the second time", flush=True)
            for content, modified in ((os.urandom(SIZE), MODIFIED + 1), (os.urandom(SIZE + 1), MODIFIED + 2),
                                      (os.urandom(CUT // 2), MODIFIED + 3)):
                self.interrupted(line)
                self.write(content, modified)
                said = self.get(line, "--resume").stderr
                check(self.target.read_bytes() == self.content,
                      f"another version, of {len(content)} bytes: the file is another")
                check(b"anew" in said, said)
                self.target.unlink()


def lighttpd(*lines):
    def command(folder, port):
        settings = folder.parent / f"lighttpd-{port}.conf"
        # It remembers for a second or two what a file was like, and would say it of the next one.
        settings.write_text('server.stat-cache-engine = "disable"\n'
                            f'server.document-root = "{folder}"\nserver.port = {port}\nserver.bind = "127.0.0.1"\n'
                            + "\n".join(lines) + "\n")
        return ["lighttpd", "-D", "-f", settings]
    return command


def main():
    require_tools("python3")
    strata = program("STRATA", "build/strata")
    typed, tagless = 'mimetype.assign = (".bin" => "application/octet-stream")', 'static-file.etags = "disable"'
    servers = [("lighttpd", "lighttpd", lighttpd(typed), True),
               ("lighttpd without tags", "lighttpd", lighttpd(typed, tagless), True),
               # Of what it knows no type for it says nothing by which a part could be known again.
               ("lighttpd without types", "lighttpd", lighttpd(), False),
               ("busybox httpd", "busybox",
                lambda folder, port: ["busybox", "httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", folder], True),
               ("webfs", "webfsd",
                lambda folder, port: ["webfsd", "-F", "-p", port, "-i", "127.0.0.1", "-r", folder], True),
               ("http.server", "python3",
                lambda folder, port: ["python3", "-m", "http.server", port, "--bind", "127.0.0.1", "-d", folder],
                False)]
    steps = []
    for name, tool, command, may_resume in servers:
        if shutil.which(tool):
            steps.append((f"{name}: a part goes on or begins anew", Server(name, strata, command, may_resume).step))
        else:
            print(f"left out: {name} is not installed", flush=True)
    run_steps(steps)


if __name__ == "__main__":
    main()
