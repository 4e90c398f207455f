#!/usr/bin/env python3
"""Rules of the house that a program can see in the text of strata/:

  * A command that can fail (it returns std::error_code, Result or std::expected) is [[nodiscard]].
  * A counter's name stands once, in the list of its struct (0_foundation/counters.hpp); nowhere as a string of its own.
  * A coroutine that a header declares takes text by value: it may begin when its caller's is gone.
  * The calendar is asked where a network's begins (Network::calendar()) and nowhere else: it may be set back, and no
    wait is measured by it.
  * A function that a header declares is called by somebody: by the program, a test, an example, a bench or a fuzzer.

Exit code 0: all well; 1: violations, one a line as file:line: reason. --self-test runs it on made-up violations.
"""

import argparse
import collections
import pathlib
import re
import sys
import tempfile

FALLIBLE = re.compile(
    r"\s*(?:(?:virtual|static|inline|constexpr|friend|explicit)\s+)*"
    r"(?:(?:std::)?error_code|(?:strata::)?Result<.*?>|std::expected<.*>)\s+(\w+)\(")
COROUTINE = re.compile(r"awaitable<[^;{}()]*>\s+(\w+)\(([^;{}]*?)\)", re.DOTALL)
CALLBACK = re.compile(r"std::function<[^;()]*\([^;()]*\)>")
BORROWED_TEXT = re.compile(r"const std::string&|string_view")
DECLARED = re.compile(r"^\s*(?:\[\[nodiscard\]\]\s+)?(?:(?:static|virtual|inline|constexpr|explicit|friend)\s+)*"
                      r"[\w:<>][\w:<>,*& ]*?[ *&](\w{2,})\(", re.MULTILINE)
DEFINED = re.compile(r"^(?!\s|return)(?:[\w:<>,*& ]+?[ *&])?(?:\w+::)+(\w+)\(|^(?!\s|return)[\w:<>,*& ]+?[ *&](\w+)\(",
                     re.MULTILINE)
STATEMENT = re.compile(r"\s*(?:return|else|co_return|throw|new|delete|case)\b")
LITERALS = re.compile(r'R"([^(]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])\'|//[^\n]*|#include[^\n]*',
                      re.DOTALL)
CALLED_BY_OTHERS = {
    "lowest_layer": "Asio's templates, of every layered stream",
}
CALENDAR = re.compile(r"system_clock::now\(|CLOCK_REALTIME\b|\btime\((?:nullptr|NULL|0)\)|\bgettimeofday\(")
CALENDARS = {
    "strata/5_session/kernel/network.cpp": "Network::calendar()",
    "strata/5_session/stack/network.cpp": "Network::calendar()",
    "strata/host/device_host.cpp": "stamps of captured packets",
    "strata/cli/serve_access.cpp": "from when on a certificate is good",
    "strata/cli/get.cpp": "which century a date of two digits is of",
}
LISTED = re.compile(r'^\s*counter\((\w+), "')
STRING = re.compile(r'"(\w+)"')


def check_nodiscard(name, lines):
    for number, line in enumerate(lines, 1):
        match = FALLIBLE.match(line)
        before = lines[number - 2] if number > 1 else ""
        if match and "[[nodiscard]]" not in line and before.strip() != "[[nodiscard]]":
            yield f"{name}:{number}: {match.group(1)}() can fail, and is not [[nodiscard]]"


def check_coroutines(name, lines):
    # A callback's parameters are not the coroutine's; their lines still count.
    text = CALLBACK.sub(lambda match: "\n" * match.group().count("\n"), "\n".join(lines))
    for match in COROUTINE.finditer(text):
        if BORROWED_TEXT.search(match.group(2)):
            number = text.count("\n", 0, match.start(1)) + 1
            yield (f"{name}:{number}: {match.group(1)}() is a coroutine and takes text by reference: "
                   "it may be gone when it begins")


def check_counters(sources):
    listed = {match.group(1) for lines in sources.values() for line in lines if (match := LISTED.match(line))}
    for name, lines in sources.items():
        for number, line in enumerate(lines, 1):
            if LISTED.match(line):
                continue
            for word in STRING.findall(line.split("// ")[0]):
                if word in listed:
                    yield f'{name}:{number}: "{word}" is a counter: name_of(&…::{word}) is its name'


def check_calendar(sources):
    for name, text in sources.items():
        for match in CALENDAR.finditer("" if name in CALENDARS else text):
            number = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{number}: the calendar may be set back: ask Network::now(), for a date Network::calendar()"


def without_literals(text):
    """The text without strings, comments and includes; its lines stay where they are."""
    return LITERALS.sub(lambda match: "\n" * match.group().count("\n"), text)


def check_callers(headers, sources, others):
    """By name alone: a name that is never said but where it is declared and defined is nobody's."""
    declared, places, defined, said = collections.Counter(), {}, collections.Counter(), collections.Counter()
    for name, text in {**headers, **sources, **others}.items():
        said.update(re.findall(r"\w+", text))
    for name, text in headers.items():
        for match in DECLARED.finditer(text):
            if not STATEMENT.match(match.group()):
                declared[match.group(1)] += 1
                places.setdefault(match.group(1), (name, text.count("\n", 0, match.start(1)) + 1))
    for text in sources.values():
        defined.update(match.group(1) or match.group(2) for match in DEFINED.finditer(text))
    for function, (name, number) in places.items():
        if said[function] <= declared[function] + defined[function] and function not in CALLED_BY_OTHERS:
            yield f"{name}:{number}: {function}() is called by nobody"


def read(root, *folders):
    return {file.relative_to(root).as_posix(): without_literals(file.read_text(encoding="utf-8"))
            for folder in folders for file in sorted((root / folder).rglob("*")) if file.suffix in (".hpp", ".cpp")}


def check(root):
    sources = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8").split("\n")
               for file in sorted((root / "strata").rglob("*")) if file.suffix in (".hpp", ".cpp")}
    for name, lines in sources.items():
        if name.endswith(".hpp"):
            yield from check_nodiscard(name, lines)
            yield from check_coroutines(name, lines)
    yield from check_counters(sources)
    ours = read(root, "strata")
    yield from check_calendar(ours)
    yield from check_callers({name: text for name, text in ours.items() if name.endswith(".hpp")},
                             {name: text for name, text in ours.items() if name.endswith(".cpp")},
                             read(root, "tests", "fuzz", "bench", "examples"))


def self_test():
    cases = [
        ("a.hpp", "    std::error_code add(int route);\n", 1),
        ("a.hpp", "    virtual Result<std::size_t> send(Bytes bytes) = 0;\n", 1),
        ("a.hpp", "    [[nodiscard]] std::error_code add(int route);\n", 0),
        ("a.hpp", "    [[nodiscard]]\n    std::error_code add(int route);\n", 0),
        ("a.hpp", "    [[nodiscard]] int b();\n    std::error_code add(int route);\n", 1),
        ("a.hpp", "    return std::error_code(1);\n", 0),
        ("a.hpp", "awaitable<void> go(Network& network, const std::string& name);\n", 1),
        ("a.hpp", "awaitable<void> go(Network& network,\n                   std::string_view name);\n", 1),
        ("a.hpp", "awaitable<void> go(std::string name, std::function<void(const std::string&)> told);\n", 0),
        ("a.cpp", '    counter(drops, "what was dropped"); \\\n    traced("drops");\n', 1),
        ("a.cpp", '    counter(drops, "what was dropped"); \\\n    // traced("drops") once was\n', 0),
        ("a.cpp", '    traced("other");\n', 0),
        ("a.cpp", "const auto end = std::chrono::system_clock::now() + 5s;\n", 1),
        ("a.cpp", "::clock_gettime(CLOCK_REALTIME, &now);\nlong now = time(nullptr);\n", 2),
        ("5_session/kernel/network.cpp", "return std::chrono::system_clock::now();\n", 0),
        ("a.cpp", "const auto end = steady_clock::now();  // not system_clock::now()\n", 0),
        ("a.hpp", "void unused();\n", 1),
        ("a.hpp", "void used();\nvoid unused() { used(); }\n", 1),
        ("a.hpp", "// unused() is\nint used() { return 1; }\nint value = used();\n", 0),
    ]
    failed = 0
    for name, text, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "strata" / name
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            caller = pathlib.Path(folder) / "tests" / "caller.cpp"
            caller.parent.mkdir()
            caller.write_text("void test() { add(1); send(bytes); go(network); }\n", encoding="utf-8")
            found = list(check(pathlib.Path(folder)))
        if len(found) != expected:
            failed += 1
            print(f"{text!r} should be blamed {expected} times, was: {found}")
    print(f"self-test: {len(cases)} cases, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description="check rules of the house")
    parser.add_argument("--self-test", action="store_true", help="check this check on made-up violations")
    if parser.parse_args().self_test:
        return self_test()
    found = list(check(pathlib.Path(__file__).resolve().parent.parent))
    for violation in found:
        print(violation)
    print("house: all well" if not found else f"house: {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
