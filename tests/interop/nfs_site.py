"""A server of NFS for tests of faults, and what they ask of it."""
import os
import re
from pathlib import Path

from meeting import Program, check, scratch_folder
from nfs_peer import Four, Three, number_of

FULL = os.environ.get("FULL") == "1"
ROOT = os.geteuid() == 0
FOLDER = scratch_folder()
VERSIONS = (Three, Four)
BLOCK, MEBIBYTE = 32 << 10, 1 << 20


def is_sanitized(program_file):
    return b"__asan_init" in Path(program_file).read_bytes()


class Site:
    """A server of a folder of its own."""

    def __init__(self, strata, *options, name="served", before=(), environment=(), user="root", port=0):
        self.strata, self.folder = strata, FOLDER / name
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        # Who calls says that he is root, and is to be the one that the server runs as.
        self.options = (*options, "--run-as", user, "--nfs-squash", "all")
        self.command = (*before, "env", *environment, strata, "serve", self.folder, "--bind", "127.0.0.1", "--http",
                        "off", "--fetch", "off", "--control", "off", "--rpcbind", "off", *self.options, "--nfs")
        (self.folder / "lawful").write_bytes(b"lawful")
        self.start(port)

    def start(self, port):
        self.server = Program(*self.command, port)
        self.port = int(self.server.wait_for_line(r"serving .* at nfs://[^/]*?:(\d+)/")[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def killed(self):
        self.server.process.kill()
        self.server.process.wait()

    def again(self):
        self.server.__exit__()
        self.start(self.port)

    def url(self, name=""):
        return f"nfs://127.0.0.1:{self.port}/{name}"

    def libnfs(self, name):
        return f"nfs://127.0.0.1//{name}?nfsport={self.port}&mountport={self.port}&version=3"

    def still_serves(self):
        for kind in VERSIONS:
            with kind(self.port) as nfs:
                check(nfs.read(nfs.lookup(nfs.root, "lawful"), 0, 100) == (b"lawful", True), "it serves no more")

    def resident(self):
        """Bytes; none, where most are a sanitizer's."""
        pid = self.server.process.pid
        if is_sanitized(f"/proc/{pid}/exe"):
            return 0
        return int(re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1]) << 10


def key(name):
    return ("--nfs-key", FOLDER / f"{name}.key")


def each_version(step):
    """The step for version 3, and for 4."""
    return [(f"version {kind.version}: {step.__name__.replace('_', ' ')}", lambda kind=kind: step(kind))
            for kind in VERSIONS]


def expect(numbers, act, *arguments, **more):
    numbers = numbers if isinstance(numbers, tuple) else (numbers,)
    number = number_of(act, *arguments, **more)
    check(number in numbers, f"{number}, not {numbers}: {getattr(act, '__name__', act)} {str(arguments)[-80:]}")
