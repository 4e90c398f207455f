"""A Linux kernel of its own, in qemu, for what the kernel of this machine was built without, or what a test may not do
to it: SLIP, 802.1Q, NFS.

It is Debian's linux-image-amd64, with its modules and busybox in a file system in memory. Its second serial port is
a pseudo-terminal here (and can be a SLIP interface there), its network card a TAP in a namespace.
"""
import gzip
import re
import shutil
import subprocess
from pathlib import Path

from meeting import PATIENCE, Program, scratch_folder, skip, source_tree

UNPACKED = source_tree() / "build/peers/guest"

INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin PS1= LD_LIBRARY_PATH=/lib
for module in {modules}; do insmod /modules/$module.ko; done
stty -echo
ip link set lo up
echo booted
exec sh 2>&1
"""


def why_not():
    """Empty: it can be had."""
    if not (UNPACKED / "usr/bin/qemu-system-x86_64").exists():
        return "no kernel to boot: tools/fetch_peers.sh guest gets one, and qemu (95 MB)"
    return "" if shutil.which("gcc") else "gcc is not installed"


def entry(name, data, mode):
    """A file of a cpio archive, in the "newc" form."""
    name = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08X" % value for value in fields)
    padded = header + name + bytes(-len(header + name) % 4)
    return padded + data + bytes(-len(data) % 4)


def with_dependencies(modules, files):
    """In the order in which they can be loaded."""
    ordered = []

    def add(name):
        needs = re.search(rb"depends=([^\0]*)\0", files[name].read_bytes())[1].decode()
        for other in filter(None, needs.split(",")):
            add(other)
        if name not in ordered:
            ordered.append(name)

    for module in modules:
        add(module)
    return ordered


def with_libraries(programs):
    """What they are linked with as well: {path in the guest: file here}."""
    folders = ":".join(sorted({str(path.parent) for path in UNPACKED.glob("**/*-linux-gnu/*.so*")}))
    files = {}
    for program in programs:
        files[f"bin/{program.name}"] = program
        said = subprocess.run(["ldd", program], env={"LD_LIBRARY_PATH": folders}, capture_output=True, text=True,
                              check=True).stdout
        for name, path in re.findall(r"^\s*(\S+)(?: => (\S+))? \(0x", said, re.MULTILINE):
            if name.startswith("/"):  # the loader, where it is looked for
                files[name.lstrip("/")] = Path(name)
            elif path:
                files[f"lib/{name}"] = Path(path)
    return files


def file_system(modules, sources, programs):
    """`sources`: of programs in C, each by the name that it has at the root; `programs`: files here, found in /bin."""
    folder = Path(scratch_folder())
    files = {path.stem: path for path in UNPACKED.glob("lib/modules/*/kernel/**/*.ko")}
    ordered = with_dependencies(modules, files)
    archive = b"".join(entry(name, b"", 0o40755) for name in ("bin", "dev", "lib", "lib64", "modules", "proc", "sys"))
    archive += b"".join(entry(name, path.read_bytes(), 0o100755) for name, path in with_libraries(programs).items())
    archive += entry("bin/busybox", (UNPACKED / "bin/busybox").read_bytes(), 0o100755)
    for name, source in sources.items():
        (folder / f"{name}.c").write_text(source, encoding="ascii")
        subprocess.run(["gcc", "-O1", "-static", "-w", "-o", folder / name, folder / f"{name}.c"], check=True)
        archive += entry(name, (folder / name).read_bytes(), 0o100755)
    archive += b"".join(entry(f"modules/{name}.ko", files[name].read_bytes(), 0o100644) for name in ordered)
    archive += entry("init", INIT.format(modules=" ".join(ordered)).encode(), 0o100755) + entry("TRAILER!!!", b"", 0)
    (folder / "initrd").write_bytes(gzip.compress(archive, 1))
    return folder / "initrd"


def emulator():
    """The beginning of a command: a machine whose first serial port is its standard input and output."""
    libraries = ":".join(sorted({str(path.parent) for path in UNPACKED.glob("**/*-linux-gnu/**/*.so*")}))
    folders = [UNPACKED / "usr/share/qemu", UNPACKED / "usr/share/seabios", UNPACKED / "usr/lib/ipxe/qemu"]
    return ["env", f"LD_LIBRARY_PATH={libraries}", str(UNPACKED / "usr/bin/qemu-system-x86_64"),
            *(part for folder in folders for part in ("-L", str(folder))),
            "-accel", "tcg", "-m", "256", "-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio"]


def bridge(near, *address):
    """In the namespace, with a TAP for a guest and one for a stack of ours: guest0, ours0. `address`: of its own."""
    near.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
    if address:
        near.ip("addr", "add", *address, "dev", "br0")
    near.ip("link", "set", "br0", "up")
    for tap in ("guest0", "ours0"):
        near.ip("tuntap", "add", "dev", tap, "mode", "tap", *(["vnet_hdr"] if tap == "ours0" else []))
        near.ip("link", "set", tap, "master", "br0", "up")


class Guest(Program):
    """Booted, with a shell on its console. `serial` is the pseudo-terminal that its second serial port is."""

    def __init__(self, place, tap, modules, sources, programs=()):
        if reason := why_not():
            skip(reason)
        kernel = next(UNPACKED.glob("boot/vmlinuz-*"))
        super().__init__(*place.command(
            *emulator(), "-kernel", str(kernel), "-initrd", str(file_system(modules, sources, programs)), "-append",
            "console=ttyS0 panic=-1 quiet", "-serial", "pty", "-netdev",
            f"tap,id=lan,ifname={tap},script=no,downscript=no", "-device", "e1000,netdev=lan,romfile="),
            stdin=subprocess.PIPE)
        self.serial = self.wait_for_line(r"redirected to (/dev/pts/\d+) \(label serial1\)")[1]
        self.asked = 0
        self.wait_for_line("booted")

    def run(self, command, timeout=PATIENCE):
        """What it printed; it ends well."""
        self.asked += 1
        at = len(self.lines)
        self.process.stdin.write(f"{command}; echo \"code $? of {self.asked}\"\n")
        self.process.stdin.flush()
        code = self.wait_for_line(rf"code (\d+) of {self.asked}", timeout, after=at)[1]
        said = "\n".join(self.lines[at:])
        if code != "0":
            raise AssertionError(f"in the guest, {command} ended with {code}:\n{said}")
        return said
