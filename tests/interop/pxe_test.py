#!/usr/bin/env python3
"""Machines without a disk, in qemu, boot from `strata dhcp serve` and `strata serve --tftp` alone:

    PXE ROMs ── TAPs pc, uefi ── bridge 10.98.30.1 ── TAPs leases, files: hosts of ours 10.98.30.2, 10.98.30.3

A PC's ROM is iPXE's, and a script for it fetches Linux and a file system with a big file, all by TFTP. Linux says on
the serial port which SHA-256 the big file has. The ROM of UEFI is not iPXE's, so iPXE is given to it first.
"""
# timeout: 300
import gzip
import os
import shutil

from guest import UNPACKED, emulator, entry, why_not
from meeting import Namespace, Program, program, run_steps, scratch_folder, sha256, skip, why_no_tap

BIG = 16 << 20
KERNELS, LEASES, FILES = "10.98.30.1", "10.98.30.2", "10.98.30.3"
RANGE = "10.98.30.100-10.98.30.109"
MACS = {"pc": "02:00:00:00:98:30", "uefi": "02:00:00:00:98:31"}
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
        for tap in (*MACS, "leases", "files"):
            near.ip("tuntap", "add", "dev", tap, "mode", "tap", *([] if tap in MACS else ["vnet_hdr"]))
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

    def machine(self, tap, *more):
        """That boots from the network card on this TAP."""
        return Program(*self.near.command(
            *emulator(), "-netdev", f"tap,id=lan,ifname={tap},script=no,downscript=no", *more, "-device",
            f"{self.card},netdev=lan,mac={MACS[tap]},bootindex=0" + (",romfile=" if tap == "uefi" else "")))

    def serving(self, lease, files, next_server, *boot_files):
        """With the options of the two servers."""
        options = (option for file in boot_files for option in ("--boot-file", file))
        return (self.ours("giving", "dhcp", "serve", RANGE, *lease, "--next-server", next_server, *options),
                self.ours("serving .* at tftp://", "serve", str(self.folder), "--tftp", "69", "--http", "off",
                          "--fetch", "off", "--control", "off", *files))

    def boots(self, machine, dhcp, tftp):
        """It says all of this."""
        dhcp.wait_for_line(f"is given to {MACS['pc']}")
        for line in ("the script is here", f"{self.sum} +/big", "booted"):
            machine.wait_for_line(line)
        for name in ("boot.ipxe", "vmlinuz", "files"):
            tftp.wait_for_line(f'tftp "get {name}" found')

    # ---- the steps

    def a_pc_on_the_kernels_network(self):
        self.card = "e1000"
        dhcp, tftp = self.serving(("--interface", "lan"), ("--bind", KERNELS), KERNELS, "boot.ipxe")
        with dhcp, tftp, self.machine("pc") as pc:
            self.boots(pc, dhcp, tftp)

    def on_our_own_stack_a_pc_and_one_with_uefi(self):
        """What loads iPXE is not given to it again."""
        self.card = "virtio-net-pci"
        dhcp, tftp = self.serving(("--net", f"tap:leases,addr={LEASES}/24"), ("--net", f"tap:files,addr={FILES}/24"),
                                  FILES, "boot.ipxe", "efi64=ipxe.efi", "ipxe=boot.ipxe")
        with dhcp, tftp, self.machine("pc") as pc:
            if not UEFI.exists() or not LOADER.exists():
                print("left out: UEFI, there is no OVMF or no ipxe.efi beside the kernel", flush=True)
                self.boots(pc, dhcp, tftp)
                return
            with self.machine("uefi", "-bios", str(UEFI)) as uefi:
                self.boots(pc, dhcp, tftp)
                dhcp.wait_for_line(f"is given to {MACS['uefi']}")
                tftp.wait_for_line('tftp "get ipxe.efi" found')
                uefi.wait_for_line("the script is here")


def main():
    if reason := why_no_tap() or why_not():
        skip(reason)
    if not (UNPACKED / "usr/lib/ipxe/qemu/pxe-e1000.rom").exists():
        skip("qemu has no PXE ROM: tools/fetch_peers.sh guest gets one")
    with Namespace() as near:
        test = Booting(program("STRATA", "build/strata"), near)
        run_steps([(name.replace("_", " "), getattr(test, name)) for name in (
            "a_pc_on_the_kernels_network", "on_our_own_stack_a_pc_and_one_with_uefi")])


if __name__ == "__main__":
    main()
