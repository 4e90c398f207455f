#!/usr/bin/env python3
"""The rule of the floors, checked from the include lines and from the links between the CMake targets.

  * A numbered folder includes only its own number or a smaller one. host/, lab/ and cli/ see every floor, but host/
    sees neither lab/ nor cli/, and lab/ not cli/. The umbrella headers strata/*.hpp see everything but cli/.
  * Floors 2-4 are plain state machines: no system calls, threads, clocks, random devices, streams or files.
    Floors 0-4 know no Asio.
  * Within a floor, folders do not include each other in a circle. A file that stands beside folders counts by itself.
  * A floor's library links no floor above it (--links FILE, which every CMake configuration writes as
    build/<preset>/floor_links.txt).

Exit code 0: all well; 1: violations, one a line as file:line: reason. --self-test runs it on made-up violations.
"""

import argparse
import pathlib
import re
import sys
import tempfile

FLOORS = ["foundation", "physical", "link", "network", "transport", "session", "presentation", "application"]
FOLDERS = {f"{number}_{name}" for number, name in enumerate(FLOORS)}
HOST, LAB, CLI, UMBRELLA = 8, 9, 10, 9  # umbrella headers stand as high as the lab
BESIDE = {"host": HOST, "lab": LAB, "cli": CLI}
SOURCES = {".hpp", ".cpp", ".h", ".ipp", ".inl"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

ASIO = re.compile(r"^boost/(asio|beast|cobalt)(/|\.hpp)")
IMPURE_INCLUDES = re.compile(
    r"^(unistd\.h|fcntl\.h|poll\.h|pthread\.h|signal\.h|time\.h|errno\.h|netdb\.h|dirent\.h|ifaddrs\.h|pcap\.h"
    r"|(sys|net|netinet|arpa|linux|openssl|pcap)/.*"
    r"|thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|csignal"
    r"|iostream|istream|ostream|fstream|sstream|syncstream|filesystem|random|ctime)$"
)
IMPURE_WORDS = re.compile(
    r"\b(steady_clock::now|system_clock::now|high_resolution_clock::now|clock_gettime|gettimeofday|getrandom|getenv"
    r"|random_device|this_thread|sleep_for|sleep_until|std::cout|std::cerr|std::clog|std::printf|fprintf|fopen"
    r"|thread_local|std::rand)\b"
)


def level_of(path):
    """How high a file or included name stands ("strata/3_network/x.hpp"), or None when it is not ours."""
    parts = path.split("/")
    if parts[0] != "strata":
        return None
    if len(parts) == 2:
        return UMBRELLA
    if parts[1] in BESIDE:
        return BESIDE[parts[1]]
    return int(parts[1][0]) if parts[1] in FOLDERS else -1


def without_comments(text):
    """Blanks comments and string literals, keeping the line breaks; include lines keep their quoted names."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)

    def blank(match):
        found = match.group(0)
        if found.startswith('"'):
            start = text.rfind("\n", 0, match.start()) + 1
            return found if re.match(r"\s*#\s*include", text[start:match.start()]) else '""'
        return re.sub(r"[^\n]", " ", found)

    return pattern.sub(blank, text)


def check_file(root, file):
    name = file.relative_to(root).as_posix()
    own = level_of(name)
    if own == -1:
        yield f"{name}:1: not in a folder of the house (a floor, host/, lab/ or cli/)"
        return
    for number, line in enumerate(without_comments(file.read_text(encoding="utf-8")).split("\n"), 1):
        where = f"{name}:{number}"
        match = INCLUDE.match(line)
        if match:
            quote, included = match.groups()
            other = level_of(included)
            if other is None:
                if quote == '"':
                    yield f'{where}: "{included}": our own headers are included by their whole path, "strata/..."'
                if own <= 4 and ASIO.match(included):
                    yield f"{where}: <{included}>: Asio lives on floor 5 and up"
                if 2 <= own <= 4 and IMPURE_INCLUDES.match(included):
                    yield f"{where}: <{included}>: floors 2-4 do no I/O and know no clock, thread or random device"
            elif other == -1:
                yield f"{where}: {included} is not in a folder of the house"
            elif other > own:
                yield f"{where}: looks up: {included} stands above {name.split('/')[1]}"
        elif 2 <= own <= 4:
            match = IMPURE_WORDS.search(line)
            if match:
                yield f"{where}: {match.group(0)}: floors 2-4 do no I/O; time and chance are handed in"


def check_includes(root):
    for file in sorted((root / "strata").rglob("*")):
        if file.is_file() and file.suffix in SOURCES:
            yield from check_file(root, file)


def circles(edges):
    """The strongly connected parts of more than one node, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            part = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(part) > 1:
                found.append(set(part))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def check_circles(root):
    """Folders of one floor that include each other; a file beside folders is a node of its own."""
    sources = {file.relative_to(root).as_posix(): file for file in sorted((root / "strata").rglob("*"))
               if file.is_file() and file.suffix in SOURCES}
    with_folders = {name.rsplit("/", 2)[0] for name in sources if name.count("/") > 2}
    edges = {}
    for name, file in sources.items():
        if name.count("/") < 2:
            continue
        for number, line in enumerate(without_comments(file.read_text(encoding="utf-8")).split("\n"), 1):
            match = INCLUDE.match(line)
            other = match.group(2) if match else None
            if other not in sources or other.split("/")[1] != name.split("/")[1]:
                continue
            here, there = (path if path.rsplit("/", 1)[0] in with_folders else path.rsplit("/", 1)[0]
                           for path in (name, other))
            if here != there:
                edges.setdefault(here, {}).setdefault(there, f"{name}:{number}")
    for part in circles(edges):
        for here in sorted(part):
            for there, where in edges[here].items():
                if there in part:
                    yield f"{where}: a circle of folders: {here} includes {there}, which leads back to it"


def check_links(path):
    levels = {f"strata_{name}": number for number, name in enumerate(FLOORS)}
    levels |= {"strata_host": HOST, "strata_lab": LAB}
    seen = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        target, _, links = line.partition(":")
        own = levels.get(target)
        if own is None:
            yield f"{path.name}: {target}: not a floor this check knows"
            continue
        seen.add(target)
        for link in links.split():
            if link in levels and levels[link] >= own:
                yield f"{path.name}: {target} links {link}, which does not stand below it"
            elif link in levels and own <= 7 and levels[link] != own - 1:
                yield f"{path.name}: {target} links {link}: a floor links only the one directly below it"
            elif own <= 4 and link in ("strata_asio", "strata_asio_ssl"):
                yield f"{path.name}: {target} links {link}: Asio lives on floor 5 and up"
    for target in levels.keys() - seen:
        yield f"{path.name}: {target} is missing"


# ---- self-test ------------------------------------------------------------------------------------------------------

GOOD = {
    "strata/0_foundation/a.hpp": "#include <thread>\n#include <boost/container/small_vector.hpp>\n",
    "strata/1_physical/device/tap.cpp": '#include "strata/0_foundation/a.hpp"\n#include <sys/ioctl.h>\n',
    "strata/3_network/b.cpp": '#include "strata/2_link/nic.hpp"\n// steady_clock::now\n/* #include <thread> */\n'
    'auto text = "std::cout";\n#include <chrono>\n',
    "strata/5_session/c.cpp": "#include <boost/asio.hpp>\n#include <unistd.h>\n",
    "strata/host/d.hpp": '#include "strata/5_session/c.hpp"\n',
    "strata/lab/e.hpp": '#include "strata/host/d.hpp"\n#include "strata/7_application/x.hpp"\n',
    "strata/cli/f.cpp": '#include "strata/lab/e.hpp"\n#include "strata/host.hpp"\n',
    "strata/host.hpp": '#include "strata/host/d.hpp"\n#include "strata/lab/e.hpp"\n',
}
BAD = [  # file, content, line of the violation
    ("strata/2_link/a.cpp", '\n#include "strata/3_network/ipv4.hpp"\n', 2),
    ("strata/0_foundation/a.cpp", '#include "strata/1_physical/port.hpp"\n', 1),
    ("strata/7_application/a.cpp", '#include "strata/host/host.hpp"\n', 1),
    ("strata/5_session/a.cpp", '#include "strata/host.hpp"\n', 1),
    ("strata/host/a.cpp", '#include "strata/lab/lab.hpp"\n', 1),
    ("strata/host/b.cpp", '  #  include "strata/cli/net.hpp"\n', 1),
    ("strata/lab/a.cpp", '#include "strata/cli/net.hpp"\n', 1),
    ("strata/lab.hpp", '#include "strata/cli/net.hpp"\n', 1),
    ("strata/3_network/a.cpp", "/* two\nlines */ #include <x>\n#include <unistd.h>\n", 3),
    ("strata/3_network/b.cpp", "#include <sys/socket.h>\n", 1),
    ("strata/4_transport/a.cpp", "#include <thread>\n", 1),
    ("strata/4_transport/b.cpp", "#include <random>\n", 1),
    ("strata/2_link/b.cpp", "#include <iostream>\n", 1),
    ("strata/4_transport/tcp/deep/c.cpp", "\n\nauto t = std::chrono::steady_clock::now();\n", 3),
    ("strata/1_physical/a.cpp", "#include <boost/asio/io_context.hpp>\n", 1),
    ("strata/4_transport/d.hpp", "#include <boost/asio.hpp>\n", 1),
    ("strata/2_link/c.cpp", '#include "nic.hpp"\n', 1),
    ("strata/5_session/b.cpp", '#include "strata/5_sesion/b.hpp"\n', 1),
    ("strata/8_attic/a.cpp", "\n", 1),
]
CHAIN = [f"strata_{name}: " + (f"strata_{FLOORS[i - 1]} other" if i else "") for i, name in enumerate(FLOORS)]
CHAIN += ["strata_host: strata_session", "strata_lab: strata_host strata_application"]


def self_test():
    failures = []

    def run(files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "strata").mkdir()
            for name, content in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content, encoding="utf-8")
            return list(check_includes(root))

    def links(lines):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "floor_links.txt"
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            return list(check_links(file))

    found = run(GOOD)
    if found:
        failures.append(f"a clean tree was blamed: {found}")
    for name, content, line in BAD:
        found = run({name: content})
        if len(found) != 1 or not found[0].startswith(f"{name}:{line}: "):
            failures.append(f"{name} line {line} should be blamed once, was: {found}")

    def circle(files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content, encoding="utf-8")
            return list(check_circles(root))

    a, b, door = "strata/2_link/a/a.hpp", "strata/2_link/b/b.hpp", "strata/2_link/door.hpp"
    if circle({a: f'#include "{b}"\n', b: f'// #include "{a}"\n', "strata/2_link/b/c.cpp": f'#include "{b}"\n'}):
        failures.append("folders without a circle were blamed")
    if len(circle({a: f'#include "{b}"\n', b: f'#include "{door}"\n', door: f'#include "{a}"\n'})) != 3:
        failures.append("a circle through a header beside the folders was not blamed")

    if links(CHAIN):
        failures.append(f"clean links were blamed: {links(CHAIN)}")
    for index, bad in [
        (2, "strata_link: strata_physical strata_network"),
        (4, "strata_transport: strata_network strata_asio"),
        (5, "strata_session: strata_transport strata_host"),
        (7, "strata_application: strata_session"),
        (8, "strata_host: strata_lab"),
        (3, "strata_cellar: "),
    ]:
        if not links(CHAIN[:index] + [bad] + CHAIN[index + 1:]):
            failures.append(f"not blamed: {bad}")

    for failure in failures:
        print(failure)
    print(f"self-test: {len(BAD) + 10} cases, {len(failures)} failed")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description="check the rule of the floors")
    parser.add_argument("--links", type=pathlib.Path, help="floor_links.txt of a configured build")
    parser.add_argument("--self-test", action="store_true", help="check this check on made-up violations")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    root = pathlib.Path(__file__).resolve().parent.parent
    found = list(check_includes(root)) + list(check_circles(root))
    if arguments.links:
        found += check_links(arguments.links)
    for violation in found:
        print(violation)
    print("floors: all well" if not found else f"floors: {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
