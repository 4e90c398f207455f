"""What the interop tests share: programs that are waited for by what they print, namespaces that are always removed,
and checks.

Nothing here sleeps for luck: every wait ends with the event it waits for, or fails after a bound.
"""
import atexit
import ctypes
import hashlib
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0  # seconds a wait may take before the test fails
CLONE_NEWNET = 0x40000000  # <sched.h>


def source_tree():
    return Path(os.environ.get("SOURCE", Path(__file__).resolve().parents[2]))


# Servers lie where only root looks, or where tools/setup.sh put them without installing them.
os.environ["PATH"] += f":/usr/sbin:/sbin:{source_tree()}/build/peers/bin"

# curl and wget must not look for a proxy, nor `serve` for who called sudo.
ENVIRONMENT = ({name: value for name, value in os.environ.items()
                if "proxy" not in name.lower() and not name.startswith("SUDO_")}
               | {"LC_ALL": "C.UTF-8"})


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(77)


def require_tools(*names):
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        skip(f"{', '.join(missing)} not installed (apt-get install curl wget tcpdump iproute2 iputils-ping)")


def installed(*names):
    """Whether all of them are; of those that are not it is said that they are left out."""
    missing = [name for name in names if not shutil.which(name)]
    for name in missing:
        print(f"left out: {name} is not installed", flush=True)
    return not missing


def program(variable, default):
    path = Path(os.environ.get(variable, default)).resolve()
    if not path.exists():
        skip(f"{path} is not built")
    return str(path)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def scratch_folder():
    folder = Path(tempfile.mkdtemp(prefix="strata-interop-"))
    folder.chmod(0o755)  # `serve` that root starts is nobody
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tree(folder):
    """What lies in the folder, at all depths: {path: SHA-256}."""
    return {str(path.relative_to(folder)): sha256_of_file(path)
            for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def run(*command, timeout=PATIENCE, expect=0, **options):
    """Runs a command to its end; fails if its exit code is another than `expect` (None: any)."""
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout, env=ENVIRONMENT, **options)
    if expect is not None and done.returncode != expect:
        output = (done.stdout[-2000:] + done.stderr[-2000:]).decode(errors="replace")
        raise AssertionError(f"{' '.join(str(part) for part in command)} ended with {done.returncode}, "
                             f"not {expect}:\n{output}")
    return done


class Program:
    """A program that runs beside the test. Its lines (both streams) are kept, so that one can wait for them."""

    def __init__(self, *command, stdin=subprocess.DEVNULL, **options):
        self.command = [str(part) for part in command]
        self.lines = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(self.command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace", env=ENVIRONMENT, **options)
        self.ended = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for_line(self, pattern, timeout=PATIENCE, after=0):
        """The first line, from number `after` on, that the pattern is found in."""
        expression = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self.changed:
            while True:
                for line in self.lines[after:]:
                    if match := expression.search(line):
                        return match
                if self.ended or not self.changed.wait(max(0, deadline - time.monotonic())):
                    text = "\n".join(self.lines[-20:])
                    raise AssertionError(f"'{pattern}' was never printed by {' '.join(self.command)}; "
                                         f"its last lines:\n{text}")

    def stop(self, signal_number=signal.SIGINT, timeout=PATIENCE):
        """Seconds until it ended."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        self.process.wait(timeout)
        self.reader.join(timeout)
        return time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()


class Namespace:
    """A network namespace of the test's own. It, and all devices in it, are gone at the end, however that comes."""

    counter = itertools.count()
    bind = "0.0.0.0"  # nobody else is there
    patience = 2 * PATIENCE  # with what is called inside

    def __init__(self):
        self.name = f"sti{os.getpid()}x{next(self.counter)}"

    def __enter__(self):
        run("ip", "netns", "add", self.name)
        atexit.register(self.remove)
        run("ip", "-n", self.name, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)

    def command(self, *command):
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command, **options):
        return run(*self.command(*command), **options)

    def ip(self, *command):
        return run("ip", "-n", self.name, *command)

    def inside(self, function, *arguments):
        """Calls it in a thread that lives in the namespace: sockets that it opens belong there. Returns, or raises,
        what it does."""
        result = Future()

        def enter_and_call():
            try:
                with open(f"/run/netns/{self.name}", "rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                result.set_result(function(*arguments))
            except BaseException as error:
                result.set_exception(error)
        threading.Thread(target=enter_and_call, daemon=True).start()
        return result.result(self.patience)


class Here:
    """Where the test itself runs, with a namespace's doors."""

    bind = "127.0.0.1"

    def command(self, *command):
        return list(command)

    def run(self, *command, **options):
        return run(*command, **options)

    def inside(self, function, *arguments):
        return function(*arguments)


class Line:
    """Carries conversations to a port of this machine, or of the namespace `place`: each until so many bytes have
    come back. Then it is `cut`, or falls silent (`stall`). Counts what it carried."""

    def __init__(self, to, place=None):
        self.to, self.cut, self.stall, self.carried = to, None, None, 0
        self.place = place or Here()
        self.listener = self.place.inside(socket.create_server, (self.place.bind, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.converse, args=(client, self.cut, self.stall), daemon=True).start()

    def converse(self, client, cut, stall):
        with client, self.place.inside(socket.create_connection, ("127.0.0.1", self.to), PATIENCE) as server:
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    if not (got := client.recv(65536)):
                        return
                    request += got
                server.sendall(request)
                left = cut if stall is None else stall
                while left != 0:
                    got = server.recv(65536 if left is None else min(65536, left))
                    if not got:
                        return
                    client.sendall(got)
                    self.carried += len(got)
                    left = None if left is None else left - len(got)
                if stall is not None:
                    client.recv(1)  # until it goes away
            except OSError:
                return


def written_by(server, folder):
    """How many bytes the largest file has that the server writes there, and that has no name yet."""
    sizes = [0]
    for path in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            to = os.readlink(path)
            if to.startswith(str(folder)) and (to.endswith(" (deleted)") or "/.strata-upload-" in to):
                sizes.append(path.stat().st_size)
        except FileNotFoundError:
            pass  # closed meanwhile
    return max(sizes)


SWAP = r"""
import ctypes, sys
swap = ctypes.CDLL(None).renameat2
one, other = (path.encode() for path in sys.argv[1:])
print("swapping", flush=True)
while True:
    swap(-100, one, -100, other, 2)  # RENAME_EXCHANGE
"""


@contextmanager
def swapping(one, other):
    """Two of a folder, say one and a link that leads out, in each other's place all the time."""
    with Program(sys.executable, "-c", SWAP, one, other) as swapper:
        swapper.wait_for_line("swapping")
        yield


def wait_for(condition, timeout=PATIENCE):
    """Whether it comes true within that time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def joined(strata, middle, ends, *options):
    """`strata wire` in the namespace `middle`, between TAPs that go to ends: {device: (namespace, address)}. It keeps
    its hold on them."""
    wire = Program(*middle.command(strata, "wire", *(f"tap:{name}" for name in ends), *options))
    wire.wait_for_line("are joined")
    for name, (namespace, address) in ends.items():
        middle.ip("link", "set", name, "netns", namespace.name)
        namespace.ip("addr", "add", f"{address}/24", "dev", name)
        namespace.ip("link", "set", name, "up")
    return wire


def why_no_tap():
    """Why TAP devices in a namespace cannot be made here; None if they can."""
    if os.geteuid() != 0:
        return "TAP devices and network namespaces need root"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    if not shutil.which("ip"):
        return "iproute2 is not installed"
    with_namespace = Namespace()
    try:
        with with_namespace:
            with_namespace.run("ip", "tuntap", "add", "dev", "probe0", "mode", "tap")
    except AssertionError as error:
        return f"network namespaces or TAP devices cannot be made here: {str(error).splitlines()[-1]}"
    return None


def run_steps(steps):
    """Runs (name, function) in order, says how long each took, and exits: 0, or 1 with what failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    failed = []
    for name, step in steps:
        began = time.monotonic()
        try:
            step()
            print(f"ok    {time.monotonic() - began:6.2f} s  {name}", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            print(f"FAIL  {time.monotonic() - began:6.2f} s  {name}: {error}", flush=True)
            failed.append(name)
    if failed:
        print(f"{len(failed)} of {len(steps)} failed: {', '.join(failed)}", flush=True)
        sys.exit(1)
    print(f"all {len(steps)} well", flush=True)
