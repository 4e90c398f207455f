#!/usr/bin/env python3
"""`strata serve --nfs` among faults, met by clients of version 3 and 4 made by hand (nfs_peer.py), libnfs and our own:
killed while files are written, disks that are full, files and folders that change meanwhile, a clock that is set back,
folders that may not be read and disks that go. Who means harm: nfs_hostile_test.py. FULL=1: more rounds, and more."""
# timeout: 300
import os
import random
import re
import shutil
import threading
from pathlib import Path

from meeting import (Program, check, free_port, installed, program, require_tools, run, run_steps, swapping, tree,
                     wait_for)
from nfs_peer import (ACCES, BADHANDLE, BAD_STATEID, DATA_SYNC, DENIED, FBIG, FILE_SYNC, GRACE, INVAL, IO, NOENT, NOSPC,
                      NOTDIR, STALE, UNSTABLE, Four, Three, number_of, putfh)
from nfs_site import BLOCK, FOLDER, FULL, ROOT, VERSIONS, Site, each_version, expect, key
from rpc_peer import NFS, Status, message, record, u32, u64
from wrong_clock import set_clock, wrong_clock


# ---- killed in the midst

def block_of(number):
    return bytes([number % 251, number // 251 % 251]) * (BLOCK // 2)


class Killed:
    def __init__(self, strata):
        self.strata = strata

    def while_writing(self, kind):
        """What was acknowledged is there, and the handle is good; what was not stable is written again."""
        for seed in range(12 if FULL else 4 if kind is Three else 2):
            luck = random.Random(f"{seed} {kind.version}")
            with Site(self.strata, "--write=all", *key("killed"), "--nfs-lease", "5",
                      name=f"killed{kind.version}{seed}", port=free_port()) as site:
                with kind(site.port) as nfs:
                    file = nfs.create(nfs.root, "file")
                    told, dies_after, committed_up_to = [], luck.randrange(1, 60), 0
                    killer = threading.Timer(luck.random() * 0.05, site.killed) if seed % 2 else None
                    try:
                        for number in range(2000 if killer else dies_after):
                            if number == 20 and killer:
                                killer.start()
                            stable = luck.choice((UNSTABLE, UNSTABLE, DATA_SYNC, FILE_SYNC))
                            count, committed, verifier = nfs.write(file, number * BLOCK, block_of(number), stable)
                            check(count == BLOCK and committed >= stable, f"{count} {committed}")
                            told.append((number, committed, verifier))
                            if luck.random() < 0.05:
                                check(nfs.commit(file) == verifier, "COMMIT")
                                committed_up_to = len(told)
                        if not killer:
                            nfs.rpc.sendall(record(message(NFS, kind.version, 0))[:luck.randrange(1, 40)])
                            site.killed()
                    except (ConnectionError, BrokenPipeError):
                        pass
                    site.killed()
                    if killer:
                        killer.join()
                site.again()
                with kind(site.port) as nfs:
                    check(told and wait_for(lambda: number_of(nfs.read, file, 0, 1) != GRACE), "grace without end")
                    for at, (number, committed, _) in enumerate(told):
                        if committed != UNSTABLE or at < committed_up_to:
                            data, _ = nfs.read(file, number * BLOCK, BLOCK)
                            check(data == block_of(number), f"seed {seed}: block {number} was told, and is gone")
                    check(nfs.commit(file) != told[0][2], "the verifier is the same one")
                    for number, _, _ in told:
                        nfs.write(file, number * BLOCK, block_of(number))
                    nfs.commit(file)
                    whole = (site.folder / "file").read_bytes()
                check(whole[:len(told) * BLOCK] == b"".join(block_of(number) for number, *_ in told), "other bytes")

    def while_others_write(self, who):
        """Ours, and libnfs (of version 3; of version 4 its nfs-cp cannot write): what is called whole is whole."""
        source = FOLDER / "source"
        size = (256 if FULL else 48) << 20
        source.write_bytes(os.urandom(1 << 20) * (size >> 20))
        for seed in range(3 if FULL else 2):
            with Site(self.strata, "--write=all", *key("others"), name=f"{who}{seed}", port=free_port()) as site:
                command = {"ours": (self.strata, "put", source, site.url(), "--force", "--retry", "30"),
                           "libnfs": ("nfs-cp", source, site.libnfs("source"))}[who]
                least, whole = random.Random(f"{seed} {who}").randrange(1, size // 4), site.folder / "source"
                with Program(*command) as client:
                    check(wait_for(lambda: any(path.stat().st_size > least for path in site.folder.iterdir())),
                          f"nothing comes: {client.lines}")
                    site.killed()
                    site.again()
                    code = client.process.wait(90)
                check(code != 0 or (whole.exists() and whole.read_bytes() == source.read_bytes()),
                      "it is called whole, and is not")
                print(f"      {'goes on' if code == 0 else f'says {code}: {client.lines[-1:]}'}", flush=True)
                check(code == 0 or who != "ours", client.lines)

    def ours_without_another_try(self):
        """Which waits for a minute, whether the server comes again, as every call does."""
        source = FOLDER / "source"
        source.write_bytes(os.urandom(8 << 20))
        with Site(self.strata, "--write=all", *key("ours"), name="ours", port=free_port()) as site:
            (site.folder / "source").write_bytes(b"old")
            with Program(self.strata, "put", source, site.url(), "--force", "--retry", "0", "--limit-rate",
                         "4M") as client:
                check(wait_for(lambda: any(each.stat().st_size > 100_000 for each in site.folder.iterdir())), "nothing")
                site.killed()
                check(client.process.wait(90) == 1, client.lines)
            check((site.folder / "source").read_bytes() == b"old", "a part took its place")
            site.again()
            run(self.strata, "put", source, site.url(), "--force", "--resume")
            check((site.folder / "source").read_bytes() == source.read_bytes(), "other bytes")

    def a_get(self):
        """Goes on by itself, when the server is there again."""
        with Site(self.strata, *key("get"), name="get", port=free_port()) as site:
            (site.folder / "big").write_bytes(os.urandom(1 << 20) * 24)
            to = FOLDER / "got"
            with Program(self.strata, "get", site.url("big"), "-o", to, "--retry", "30", "--limit-rate",
                         "16M") as client:
                check(wait_for(lambda: Path(f"{to}.part").exists() and Path(f"{to}.part").stat().st_size > 1 << 20),
                      "nothing comes")
                site.killed()
                site.again()
                check(client.process.wait(90) == 0 and to.read_bytes() == (site.folder / "big").read_bytes(),
                      client.lines)

    def without_a_key(self, kind):
        """No handle of the run before is good, and none leads anywhere."""
        with Site(self.strata, "--write=all", port=free_port()) as site:
            with kind(site.port) as nfs:
                file, folder = nfs.lookup(nfs.root, "lawful"), nfs.root
            site.killed()
            site.again()
            with kind(site.port) as nfs:
                for act in ((nfs.read, file, 0, 1), (nfs.write, file, 0, b"x"), (nfs.lookup, folder, "lawful"),
                            (nfs.size, file), (nfs.names, folder)):
                    expect((STALE, BADHANDLE), *act)
            site.still_serves()

    def steps(self):
        return [*each_version(self.while_writing), *each_version(self.without_a_key),
                *((f"killed while {who} writes", lambda who=who: self.while_others_write(who))
                  for who in ("ours", "libnfs")),
                ("killed while ours reads", self.a_get),
                *([("killed while ours writes, once", self.ours_without_another_try)] if FULL else [])]


# ---- the disk

class Disk:
    def __init__(self, strata):
        self.strata = strata

    @staticmethod
    def tmpfs(folder, how):
        script = f'mount -t tmpfs -o {how},mode=777 tmpfs "{folder}" && echo lawful > "{folder}/lawful" && exec "$@"'
        return ("unshare", "-m", "sh", "-c", script, "sh")

    def site(self, name, how, *options):
        (FOLDER / name).mkdir(exist_ok=True)
        site = Site(self.strata, "--write=all", *options, name=name, before=self.tmpfs(FOLDER / name, how))
        site.inside = Path(f"/proc/{site.server.process.pid}/root{site.folder}")
        return site

    @staticmethod
    def fill(nfs, file, stable):
        """Writes until nothing is taken any more; how much was."""
        at = 0
        while True:
            try:
                count = nfs.write(file, at, block_of(at // BLOCK), stable)[0]
            except Status as status:
                return at, status.number
            check(0 < count <= BLOCK, count)
            at += count

    def that_is_full(self, kind):
        for stable in (UNSTABLE, FILE_SYNC):
            name = f"full{kind.version}{stable}"
            with self.site(name, "size=2m", "--keep-free", "0") as site, kind(site.port) as nfs:
                kept, file = nfs.create(nfs.root, "kept"), nfs.create(nfs.root, "file")
                nfs.write(kept, 0, b"kept", FILE_SYNC)
                at, number = self.fill(nfs, file, stable)
                check(number == NOSPC and at > 1 << 20, f"{at} {number}")
                check((site.inside / "file").stat().st_size == at == nfs.size(file), "more is there than was told")
                check(nfs.read(kept, 0, 100) == (b"kept", True), "what was there is another")
                nfs.write(kept, 0, b"KEPT", FILE_SYNC)  # what needs no room is done
                check((site.inside / "kept").read_bytes() == b"KEPT", "over what is there")
                nfs.commit(file)
                nfs.set_size(file, 0)
                check(nfs.write(file, 0, block_of(7), FILE_SYNC)[0] == BLOCK, "there is room, and it is not taken")
                check(nfs.read(file, 0, BLOCK) == (block_of(7), True), "other bytes")

    def without_a_place_for_names(self, kind):
        with self.site(f"inodes{kind.version}", "nr_inodes=6", "--keep-free", "0") as site, kind(site.port) as nfs:
            expect(NOSPC, lambda: [nfs.mkdir(nfs.root, f"folder{number}") for number in range(10)])
            expect(NOSPC, nfs.create, nfs.root, "file")
            expect(NOSPC, nfs.symlink, nfs.root, "link", "text")
            names = sorted(os.listdir(site.inside))
            check(names == sorted(os.fsdecode(name) for name in nfs.names(nfs.root)), names)
            nfs.remove(nfs.root, "lawful")
            nfs.create(nfs.root, "file")

    def that_is_to_stay_free(self, kind):
        with self.site(f"free{kind.version}", "size=8m", "--keep-free", "4M") as site, kind(site.port) as nfs:
            file = nfs.create(nfs.root, "file")
            at, number = self.fill(nfs, file, UNSTABLE)
            check(number == NOSPC and 3 << 20 <= at <= 4 << 20, f"{at} {number}")
            (site.inside / "others").write_bytes(bytes(1 << 20))
            for act in ((nfs.create, nfs.root, "new"), (nfs.mkdir, nfs.root, "new"),
                        (nfs.symlink, nfs.root, "new", "text"), (nfs.write, file, at, b"x")):
                expect(NOSPC, *act)
            check(sorted(os.listdir(site.inside)) == ["file", "lawful", "others"], os.listdir(site.inside))
            nfs.set_size(file, 0)
            nfs.create(nfs.root, "new")

    def where_files_are_small(self, kind):
        """RLIMIT_FSIZE: EFBIG, and nobody dies of SIGXFSZ."""
        with Site(self.strata, "--write=all", name=f"small{kind.version}",
                  before=("prlimit", f"--fsize={1 << 20}")) as site:
            with kind(site.port) as nfs:
                file = nfs.create(nfs.root, "file")
                at, number = self.fill(nfs, file, UNSTABLE)
                check((at, number) == (1 << 20, FBIG), f"{at} {number}")
                for size in ((1 << 20) + 1, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
                    expect((FBIG, INVAL), nfs.set_size, file, size)
                for offset in (1 << 20, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
                    expect((FBIG, INVAL), nfs.write, file, offset, b"x")
                check(nfs.write(file, (1 << 20) - 10, b"x" * 20)[0] == 10, "in part")
                check(nfs.size(file) == 1 << 20, "its size")
            site.still_serves()

    def steps(self):
        if not ROOT:
            print("left out: small file systems need root", flush=True)
            return each_version(self.where_files_are_small)
        return [step for each in (self.that_is_full, self.without_a_place_for_names, self.that_is_to_stay_free,
                                  self.where_files_are_small) for step in each_version(each)]


# ---- what changes meanwhile

class Changing:
    def __init__(self, strata):
        self.strata = strata

    def files(self, kind):
        with Site(self.strata, "--write=all", name=f"files{kind.version}") as site, kind(site.port) as nfs:
            path = site.folder / "file"

            def new():
                path.unlink(missing_ok=True)
                path.write_bytes(b"0123456789" * 100)
                return nfs.lookup(nfs.root, "file")
            file = new()
            os.truncate(path, 15)
            check(nfs.read(file, 0, 1000) == (b"012345678901234", True), "shorter")
            check(nfs.read(file, 500, 100) == (b"", True), "behind its end")
            nfs.write(file, 20, b"x")
            check(path.read_bytes() == b"012345678901234" + bytes(5) + b"x", "a hole")
            file = new()
            path.rename(site.folder / "other")
            check(nfs.read(file, 0, 4) == (b"0123", False), "renamed by others")
            (site.folder / "sub").mkdir()
            (site.folder / "other").rename(site.folder / "sub" / "deeper")
            nfs.write(file, 0, b"abcd")
            check((site.folder / "sub" / "deeper").read_bytes()[:5] == b"abcd4", "moved by others")
            shutil.rmtree(site.folder / "sub")
            for act in ((nfs.read, file, 0, 4), (nfs.write, file, 0, b"x"), (nfs.size, file), (nfs.commit, file),
                        (nfs.set_size, file, 0)):
                expect(STALE, *act)
            file = new()
            (site.folder / "new").write_bytes(b"another")
            (site.folder / "new").rename(path)
            expect(STALE, nfs.read, file, 0, 4)
            expect(STALE, nfs.write, file, 0, b"x")
            check(path.read_bytes() == b"another", "written to what took its place")
            # An inode that is used again is another file.
            handles = set()
            for _ in range(50):
                handles.add(new())
            check(len(handles) == 50, f"{len(handles)} of 50 handles")
            site.still_serves()

    def open_files(self):
        """Of version 4: who has it open goes on, whatever others do with its name."""
        with Site(self.strata, "--write=all", name="open") as site, Four(site.port) as nfs:
            nfs.begin(b"opener")
            path = site.folder / "file"
            for change in ("removed", "replaced", "renamed", "shorter"):
                path.write_bytes(b"0123456789")
                of = nfs.open(nfs.root, "file")
                if change == "removed":
                    path.unlink()
                elif change == "replaced":
                    (site.folder / "new").write_bytes(b"another")
                    (site.folder / "new").rename(path)
                elif change == "renamed":
                    path.rename(site.folder / "elsewhere")
                else:
                    os.truncate(path, 4)
                data, end = nfs.read(of.handle, 0, 100, of.state)
                check(data == (b"0123" if change == "shorter" else b"0123456789") and end, f"{change}: {data}")
                nfs.write(of.handle, 0, b"WRITTEN", FILE_SYNC, of.state)
                check(nfs.read(of.handle, 0, 7, of.state)[0] == b"WRITTEN", change)
                state = nfs.lock(of)
                nfs.commit(of.handle)
                nfs.do(putfh(of.handle), u32(14, 2, 1) + state + u64(0, 10))
                nfs.close_file(of)
                if change == "replaced":
                    check(path.read_bytes() == b"another", "what took its place was written to")
                if change in ("removed", "replaced"):
                    expect(STALE, nfs.read, of.handle, 0, 1)
                    expect((BAD_STATEID, STALE), nfs.read, of.handle, 0, 1, of.state)

    def a_folder_that_is_listed(self, kind):
        """No name that stayed is missed, or told twice; thousands come and go."""
        count = 20_000 if FULL else 3000
        with Site(self.strata, "--write=all", name=f"listed{kind.version}") as site, kind(site.port) as nfs:
            many = site.folder / "many"
            many.mkdir()
            for number in range(count):
                (many / f"stays{number}").touch()
                (many / f"goes{number}").touch()
            folder = nfs.lookup(nfs.root, "many")
            luck, going, came = random.Random(kind.version), [f"goes{number}" for number in range(count)], 0
            luck.shuffle(going)

            def between(page):
                nonlocal came
                for _ in range(count // 20):
                    if going:
                        (many / going.pop()).unlink()
                    (many / f"comes{came}").touch()
                    came += 1
                    if came % 3 == 0:
                        (many / f"comes{came - 2}").rename(many / f"other{came}")
                check(page < 100_000, "a list without an end")
            names = [os.fsdecode(name) for name in nfs.names(folder, between)]
            check(came > 1000, f"only {came} came: it was no race")
            check(len(set(names)) == len(names), "a name was told twice")
            missed = {f"stays{number}" for number in range(count)} - set(names)
            check(not missed, f"{len(missed)} names were missed, as {sorted(missed)[:3]}")
            for path in list(many.iterdir()):
                path.unlink()
            check(nfs.names(folder) == [], "what is gone is told")
            first, verifier, _ = nfs.page(nfs.root, 0, bytes(8))
            many.rmdir()
            expect(STALE, nfs.page, folder, first[-1][1], verifier)

    def a_folder_that_becomes_a_link(self, kind):
        """It never leads out: not once, and not in a race."""
        outside = FOLDER / f"outside{kind.version}"
        outside.mkdir()
        for name in ("victim", "file"):
            (outside / name).write_bytes(b"outside")
        before = tree(outside)
        with Site(self.strata, "--write=all", "--log", "off", name=f"link{kind.version}") as site:
            inside, link = site.folder / "in", site.folder / "link"
            inside.mkdir()
            (inside / "file").write_bytes(b"inside")
            with kind(site.port) as nfs:
                folder, file = nfs.lookup(nfs.root, "in"), nfs.lookup(nfs.lookup(nfs.root, "in"), "file")
                inside.rename(FOLDER / f"moved{kind.version}")
                inside.symlink_to(outside)
                expect((STALE, NOENT), nfs.lookup, folder, "file")
                expect((STALE, NOENT), nfs.read, file, 0, 10)
                expect((STALE, NOENT, NOTDIR), nfs.create, folder, "new")
                number = number_of(nfs.lookup, nfs.lookup(nfs.root, "in"), "victim")
                check(number != 0, "through a link")
                inside.unlink()
                (FOLDER / f"moved{kind.version}").rename(inside)
                link.symlink_to(outside)
                done = 0
                with swapping(inside, link):
                    for turn in range(150):
                        try:
                            at = nfs.lookup(nfs.root, "in")
                            check(number_of(nfs.lookup, at, "victim") != 0, "out")
                            file = nfs.lookup(at, "file")
                            data, _ = nfs.read(file, 0, 10)
                            check(b"outside" not in data, data)
                            done += 1
                        except Status:
                            pass
                        for act in ((nfs.create, folder, f"new{turn}"), (nfs.mkdir, folder, f"folder{turn}"),
                                    (nfs.remove, folder, "victim"), (nfs.rename, folder, "victim", nfs.root, "stolen"),
                                    (nfs.rename, nfs.root, "lawful2", folder, "put"), (nfs.write, file, 0, b"inside")):
                            number_of(*act)
                        if number_of(nfs.lookup, folder, "victim") == 0:
                            check(False, "a name from outside")
                check(done > 0, "nothing was ever done within")
            check(tree(outside) == before, f"reached from within: {tree(outside)}")
            check(not (site.folder / "stolen").exists(), "it was moved in")
            site.still_serves()

    def steps(self):
        return [*each_version(self.files), ("open files that others change", self.open_files),
                *each_version(self.a_folder_that_is_listed), *each_version(self.a_folder_that_becomes_a_link)]


# ---- the clock, and folders that go

def a_clock_that_is_set_back(strata):
    if not installed("cc"):
        return
    with Site(strata, "--write=all", "--nfs-lease", "5", name="clock", environment=wrong_clock(FOLDER)) as site:
        with Three(site.port) as three, Four(site.port) as four:
            four.begin(b"clock")
            of, file = four.open(four.root, "lawful"), three.lookup(three.root, "lawful")
            four.lock(of)
            verifier = three.commit(file)
            for years in (-30, 30, 0):
                set_clock(FOLDER, years * 365 * 86400)
                four.renew()
                check(four.read(of.handle, 0, 10, of.state)[0] == b"lawful", "version 4")
                check(three.read(file, 0, 10)[0] == b"lawful" and three.commit(file) == verifier, "version 3")
                check(b"lawful" in three.names(three.root) and b"lawful" in four.names(four.root), "names")
                made = three.create(three.root, f"new{years}")
                three.write(made, 0, b"new", FILE_SYNC)
                with Three(site.port), Four(site.port) as other:  # the one is in the log, with its time
                    other.begin(b"other")
                    expect(DENIED, other.lock, other.open(other.root, "lawful"))
        site.still_serves()
        site.server.stop()
        shown = "\n".join(site.server.lines)
        check(re.search(r"^(199|205)\d-.*mount", shown, re.MULTILINE), f"the clock was right all the time: {shown}")


def what_may_not_be_read(strata):
    if not ROOT:
        print("left out: another user than oneself needs root", flush=True)
        return
    with Site(strata, "--write=all", user="nobody", name="rights") as site:
        for name, mode in (("closed", 0), ("sealed", 0o555), ("listed", 0o444), ("blind", 0o311)):
            (site.folder / name).mkdir()
            (site.folder / name / "inside").write_bytes(b"inside")
            (site.folder / name).chmod(mode)
        (site.folder / "file").write_bytes(b"secret")
        (site.folder / "file").chmod(0)
        for kind in VERSIONS:
            with kind(site.port) as nfs:
                handle = {name: nfs.lookup(nfs.root, name) for name in ("closed", "sealed", "listed", "blind", "file")}
                for act in ((nfs.read, handle["file"], 0, 1), (nfs.write, handle["file"], 0, b"x"),
                            (nfs.lookup, handle["closed"], "inside"), (nfs.names, handle["closed"]),
                            (nfs.names, handle["blind"]), (nfs.lookup, handle["listed"], "inside"),
                            (nfs.create, handle["sealed"], "new"), (nfs.create, handle["closed"], "new"),
                            (nfs.mkdir, handle["sealed"], "new"), (nfs.remove, handle["sealed"], "inside"),
                            (nfs.remove, handle["closed"], "inside"),
                            (nfs.rename, handle["sealed"], "inside", nfs.root, "stolen")):
                    expect((ACCES, 1), *act)
                check(nfs.names(handle["sealed"]) == [b"inside"], "what may be read")
                listed = []
                number = number_of(lambda: listed.extend(nfs.names(handle["listed"])))
                check(number == ACCES or listed == [b"inside"], f"a name is left out: {number} {listed}")
                check(nfs.lookup(handle["blind"], "inside") is not None, "what may be looked up")
        check((site.folder / "file").read_bytes() == b"secret", "written")
        # The whole folder, in the midst of it.
        with Three(site.port) as three, Four(site.port) as four:
            site.folder.chmod(0)
            for nfs in (three, four):
                expect(ACCES, nfs.names, nfs.root)
                expect(ACCES, nfs.lookup, nfs.root, "lawful")
                expect(ACCES, nfs.mkdir, nfs.root, "new")
            site.folder.chmod(0o777)
            for nfs in (three, four):
                check(b"lawful" in nfs.names(nfs.root), "it is readable again")
        site.still_serves()


def a_disk_that_goes(strata):
    """Unmounted while it is used, and another in its place."""
    if not ROOT or not installed("nsenter"):
        print("left out: mounts need root", flush=True)
        return
    disk = Disk(strata)
    for kind in VERSIONS:
        with Site(strata, "--write=all", "--keep-free", "0", name=f"mounts{kind.version}") as plain:
            pass
        below = plain.folder / "disk"
        below.mkdir()
        script = f'mount -t tmpfs -o size=4m tmpfs "{below}" && echo inside > "{below}/file" && exec "$@"'
        with Site(strata, "--write=all", "--keep-free", "0", name=f"mounts{kind.version}",
                  before=("unshare", "-m", "sh", "-c", script, "sh")) as site, kind(site.port) as nfs:
            folder = nfs.lookup(nfs.root, "disk")
            file = nfs.lookup(folder, "file")
            check(nfs.read(file, 0, 10)[0] == b"inside\n", "on another disk")
            run("nsenter", "-m", "-t", site.server.process.pid, "umount", "-l", below)
            for act in ((nfs.read, file, 0, 10), (nfs.write, file, 0, b"x"), (nfs.lookup, folder, "file"),
                        (nfs.create, folder, "new")):
                expect((STALE, NOENT), *act)
            check(nfs.names(nfs.lookup(nfs.root, "disk")) == [], "the folder below")
            run("nsenter", "-m", "-t", site.server.process.pid, "mount", "-t", "tmpfs", "tmpfs", below)
            expect((STALE, NOENT), nfs.read, file, 0, 10)
            new = nfs.create(nfs.lookup(nfs.root, "disk"), "file")
            nfs.write(new, 0, b"new", FILE_SYNC)
            check(nfs.read(new, 0, 10) == (b"new", True), "the new disk")
            site.still_serves()
    # The root itself: another took its place on the path, and what is served stays what it was, or is said to be gone.
    with disk.site("root", "size=4m", "--keep-free", "0") as site, Three(site.port) as three, Four(site.port) as four:
        run("nsenter", "-m", "-t", site.server.process.pid, "umount", "-l", site.folder)
        for nfs in (three, four):
            number = number_of(lambda nfs=nfs: nfs.read(nfs.lookup(nfs.root, "lawful"), 0, 10))
            check(number in (0, STALE, NOENT, IO), number)
        check(site.server.process.poll() is None, "it died")


def main():
    require_tools("nfs-cp", "prlimit", "unshare")
    strata = program("STRATA", "build/strata")
    alone = (a_clock_that_is_set_back, what_may_not_be_read, a_disk_that_goes)
    run_steps([*(step for room in (Killed, Disk, Changing) for step in room(strata).steps()),
               *((step.__name__.replace("_", " "), lambda step=step: step(strata)) for step in alone)])


if __name__ == "__main__":
    main()
