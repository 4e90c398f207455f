#!/usr/bin/env python3
"""A machine without a disk, in qemu, boots from `strata dhcp serve` and `strata serve --tftp` alone:

    its PXE ROM ── TAP machine ── bridge 10.98.30.1 ── TAPs leases, files: hosts of ours 10.98.30.2, 10.98.30.3

The ROM is iPXE's in a PC's card, or that of UEFI, which is given iPXE first. A script for iPXE fetches Linux and a file
system with a big file, all by TFTP. Linux says on the serial port which SHA-256 the big file has.
"""
# timeout: 300
import gzip
import os
import shutil

from guest import UNPACKED, emulator, entry, why_not
from meeting import Namespace, Program, check, program, run_steps, scratch_folder, sha256, skip, why_no_tap

BIG = 16 << 20
KERNELS, LEASES, FILES = "10.98.30.1", "10.98.30.2", "10.98.30.3"
RANGE = "10.98.30.100-10.98.30.109"
MAC = "02:00:00:00:98:30"
UEFI, LOADER = UNPACKED / "usr/share/ovmf/OVMF.fd", UNPACKED / "boot/ipxe.efi"

SCRIPT = """#!ipxe
echo the script is here
kernel vmlinuz initrd=files console=ttyS0 panic=-1 quiet
initrd files
boot
"""

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
exec > /dev/ttyS0 2>&1
/bin/busybox sha256sum /big
echo booted
/bin/busybox poweroff -f
"""


class Booting:
    def __init__(self, strata, near):
        self.strata, self.near = strata, near
        self.folder = scratch_folder()
        self.make_files()
        near.ip("link", "add", "lan", "type", "bridge", "mcast_snooping", "0")
        near.ip("addr", "add", f"{KERNELS}/24", "dev", "lan")
        near.ip("link", "set", "lan", "up")
        for tap in ("machine", "leases", "files"):
            near.ip("tuntap", "add", "dev", tap, "mode", "tap", *([] if tap == "machine" else ["vnet_hdr"]))
            near.ip("link", "set", tap, "master", "lan", "up")

    def make_files(self):
        (self.folder / "boot.ipxe").write_text(SCRIPT)
        shutil.copy(next(UNPACKED.glob("boot/vmlinuz-*")), self.folder / "vmlinuz")
        if LOADER.exists():
            shutil.copy(LOADER, self.folder / "ipxe.efi")
        big = os.urandom(BIG)
        self.sum = sha256(big)
        archive = entry("bin", b"", 0o40755) + entry("dev", b"", 0o40755) + entry("big", big, 0o100644)
        archive += entry("bin/busybox", (UNPACKED / "bin/busybox").read_bytes(), 0o100755)
        archive += entry("init", INIT.encode(), 0o100755) + entry("TRAILER!!!", b"", 0)
        (self.folder / "files").write_bytes(gzip.compress(archive, 1))
        for path in self.folder.iterdir():
            path.chmod(0o644)

    def ours(self, ready, *arguments):
        server = Program(*self.near.command(self.strata, *arguments))
        server.wait_for_line(ready)
        return server

    def boots(self, machine, lease, files, next_server, *boot_files):
        """With the machine's own options, and those of the two servers."""
        options = (option for file in boot_files for option in ("--boot-file", file))
        with self.ours("giving", "dhcp", "serve", RANGE, *lease, "--next-server", next_server, *options) as dhcp, \
                self.ours("serving .* at tftp://", "serve", str(self.folder), "--tftp", "69", "--http", "off",
                          "--fetch", "off", "--control", "off", *files) as tftp, \
                Program(*self.near.command(*emulator(), "-netdev",
                                           "tap,id=lan,ifname=machine,script=no,downscript=no", *machine)) as booted:
            dhcp.wait_for_line(f"is given to {MAC}")
            for line in ("the script is here", f"{self.sum} +/big", "booted"):
                booted.wait_for_line(line)
            booted.process.wait(20)
            tftp.stop()
            dhcp.stop()
            for file in boot_files:
                got = f'tftp "get {file.rsplit("=", 1)[-1]}" found'
                check(any(got in line for line in tftp.lines), f"not {got}: {tftp.lines}")

    # ---- the steps

    def a_pc_on_the_kernels_network(self):
        self.boots(("-device", f"e1000,netdev=lan,mac={MAC},bootindex=0"), ("--interface", "lan"),
                   ("--bind", KERNELS), KERNELS, "boot.ipxe")

    def a_pc_on_our_own_stack(self):
        """Two hosts of ours on one link: one leases, the other has the files."""
        self.boots(("-device", f"virtio-net-pci,netdev=lan,mac={MAC},bootindex=0"),
                   ("--net", f"tap:leases,addr={LEASES}/24"), ("--net", f"tap:files,addr={FILES}/24"), FILES,
                   "boot.ipxe")

    def uefi_by_ipxe(self):
        """What loads iPXE is not given to it again."""
        if not UEFI.exists() or not LOADER.exists():
            print("left out: there is no OVMF, or no ipxe.efi, beside the kernel", flush=True)
            return
        self.boots(("-bios", str(UEFI), "-device", f"virtio-net-pci,netdev=lan,mac={MAC},bootindex=0,romfile="),
                   ("--net", f"tap:leases,addr={LEASES}/24"), ("--net", f"tap:files,addr={FILES}/24"), FILES,
                   "efi64=ipxe.efi", "ipxe=boot.ipxe")


def main():
    if reason := why_no_tap() or why_not():
        skip(reason)
    if not (UNPACKED / "usr/lib/ipxe/qemu/pxe-e1000.rom").exists():
        skip("qemu has no PXE ROM: tools/fetch_peers.sh guest gets one")
    with Namespace() as near:
        test = Booting(program("STRATA", "build/strata"), near)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "a_pc_on_the_kernels_network", "a_pc_on_our_own_stack", "uefi_by_ipxe")])


if __name__ == "__main__":
    main()
