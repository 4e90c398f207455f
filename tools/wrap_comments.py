#!/usr/bin/env python3
"""Comments of C++ sources wrapped at 100 columns; no line longer than 120, whatever is on it.

    tools/wrap_comments.py            check: prints each line that is too long, as file:line: reason; exit code 1 if any
    tools/wrap_comments.py --fix      wraps the comments that are too long; the rest is printed
    tools/wrap_comments.py --self-test

A comment behind code may be as long as code: what is longer goes on below itself, or moves above if that leaves too
little room. Drawings and tables (box characters, columns set apart by more than one space) may be as wide as code, and
are left to people. Python and shell sources are only checked, for 120 columns.
"""

import argparse
import pathlib
import re
import subprocess
import sys

COMMENT_MAX = 100
LINE_MAX = 120
WIDOW = 24  # fewer columns of text are too few for a last line
BEHIND_MAX = 56  # a comment that begins further right has too little room to go on below itself
ENDINGS = (".hpp", ".cpp", ".py", ".sh")

COMMENT = re.compile(r"^(\s*)//(?: (.*))?$")
LIST_ITEM = re.compile(r"^(\s*(?:[-*]|\d+[.)]) +|\s*)(.*)$")
DIRECTIVE = re.compile(r"^(links: |compiled alone: )")
VERBATIM = re.compile(r"[─│┌┐└┘├┤┬┴┼▶◀▲▼→←|]|\S {2,}\S|[-=]{4,}|^ {20}|NOLINT|clang-format|https?://\S{60}")
RAW_STRING = re.compile(r'R"([^ ()\\\t]*)\(')


def split_trailing(line):
    """The code and the comment behind it, or None: a // that no string literal holds."""
    inside = None
    index = 0
    while index < len(line) - 1:
        character = line[index]
        if inside:
            if character == "\\":
                index += 1
            elif character == inside:
                inside = None
        elif character == '"' or (character == "'" and not line[index - 1].isalnum()):
            inside = character
        elif line.startswith("//", index):
            return (line[:index].rstrip(), line[index + 2:].strip()) if line[:index].strip() else None
        index += 1
    return None


def greedy(words, first, rest, columns):
    """Words in lines of at most so many columns: the first begins with `first`, the others with `rest`."""
    lines, current = [], first
    empty = True
    for word in words:
        candidate = current + ("" if empty else " ") + word
        if not empty and len(candidate) > columns:
            lines.append(current)
            candidate = rest + word
        current, empty = candidate, False
    return lines + [current]


def filled(words, first, rest):
    """Words in lines of at most COMMENT_MAX columns; in shorter ones if else a word or two were left for the last."""
    lines = greedy(words, first, rest, COMMENT_MAX)
    if len(lines[-1]) - len(rest) < WIDOW:
        for columns in range(COMMENT_MAX - 30, COMMENT_MAX):
            even = greedy(words, first, rest, columns)
            if len(even) == len(lines):
                return even
    return lines


def hanging(first, rest):
    """The first line's text set apart from its list mark, and how far the lines after it are set in."""
    mark, text = LIST_ITEM.match(first).groups()
    depth = len(mark) if not rest else len(rest[0]) - len(rest[0].lstrip())
    return mark, text, " " * depth


def paragraphs(texts):
    """Runs of lines that are one sentence after another: (begin, end) in texts."""
    begin = 0
    for index in range(1, len(texts) + 1):
        if index < len(texts):
            before, here = texts[index - 1], texts[index]
            depth = len(here) - len(here.lstrip())
            item = re.match(r"\s*([-*]|\d+[.)]) ", here)
            word = here.split()[0] if here.split() else ""
            broken_early = len(before) + 1 + len(word) < COMMENT_MAX - 12
            first_depth = len(hanging(texts[begin], texts[begin + 1:index])[2]) if index - begin > 1 else None
            if (before.strip() and here.strip() and not item and not DIRECTIVE.match(here) and not broken_early and
                    (first_depth is None or depth == first_depth)):
                continue
        yield begin, index
        begin = index


def wrap_block(indent, texts):
    lines = []
    for begin, end in paragraphs(texts):
        part = texts[begin:end]
        too_long = any(len(indent) + 3 + len(text) > COMMENT_MAX for text in part)
        if not too_long or any(VERBATIM.search(text) for text in part):
            lines += [(indent + "// " + text).rstrip() if text else indent + "//" for text in part]
            continue
        mark, text, depth = hanging(part[0], part[1:])
        words = text.split() + [word for line in part[1:] for word in line.split()]
        lines += filled(words, indent + "// " + mark, indent + "// " + depth)
    return lines


def behind_code(lines, index):
    """A comment behind code that is too long: lines for both, and the line after them."""
    found = split_trailing(lines[index])
    if len(lines[index]) <= LINE_MAX or not found or lines[index].rstrip().endswith("\\"):
        return None
    code, text = found
    if "NOLINT" in text or VERBATIM.search(text) or code.strip() in ("}", "};", "{"):
        return None
    column = len(lines[index]) - len(lines[index][len(code):].lstrip())
    after = index + 1
    while after < len(lines) and (more := COMMENT.match(lines[after])) and len(more.group(1)) == column and column > 12:
        text += " " + (more.group(2) or "").strip()
        after += 1
    if column <= BEHIND_MAX:
        return filled(text.split(), code + " " * (column - len(code)) + "// ", " " * column + "// "), after
    indent = re.match(r"\s*", code).group()
    text = text[0].upper() + text[1:] if re.match(r"[a-z]+[ ,:;]", text) else text
    return wrap_block(indent, [text]) + [code], after


def wrapped(source):
    lines, result, index, raw = source.split("\n"), [], 0, None
    while index < len(lines):
        line = lines[index]
        if raw:
            result.append(line)
            raw = None if f"){raw[0]}\"" in line else raw
            index += 1
            continue
        comment = COMMENT.match(line)
        if comment:
            indent, texts = comment.group(1), []
            while index < len(lines) and (more := COMMENT.match(lines[index])) and more.group(1) == indent:
                texts.append(more.group(2) or "")
                index += 1
            result += wrap_block(indent, texts)
            continue
        if found := behind_code(lines, index):
            more, index = found
            result += more
            continue
        if (opened := RAW_STRING.search(line)) and f"){opened.group(1)}\"" not in line[opened.end():]:
            raw = (opened.group(1),)
        result.append(line)
        index += 1
    return "\n".join(result)


def blamed(name, source):
    for number, line in enumerate(source.split("\n"), 1):
        if len(line) > LINE_MAX:
            yield f"{name}:{number}: {len(line)} columns, {LINE_MAX} are the most"
        elif name.endswith("pp") and len(line) > COMMENT_MAX and (comment := COMMENT.match(line)):
            if not VERBATIM.search(comment.group(2)):
                yield f"{name}:{number}: a comment of {len(line)} columns, {COMMENT_MAX} are the most"


def self_test():
    words = " ".join(["word"] * 30)
    cases = [
        ("int a;  // short\n", "int a;  // short\n"),
        (f"// {words}\nint a;\n", "// " + " ".join(["word"] * 19) + "\n// " + " ".join(["word"] * 11) + "\nint a;\n"),
        (f"    int a;  // {words}\n",
         "    int a;  // " + " ".join(["word"] * 17) + "\n            // " + " ".join(["word"] * 13) + "\n"),
        (f"    {'a' * 60};  // {words}\n",
         "    // Word " + " ".join(["word"] * 17) + "\n    // " + " ".join(["word"] * 12) + f"\n    {'a' * 60};\n"),
        (f"//  - {words}\n//  - next\n",
         "//  - " + " ".join(["word"] * 19) + "\n//    " + " ".join(["word"] * 11) + "\n//  - next\n"),
        (f"//  a   {words}\n", f"//  a   {words}\n"),
        (f'auto text = R"(\n// {words}\n)";\n', f'auto text = R"(\n// {words}\n)";\n'),
        (f'auto url = "http://{words}";\n', f'auto url = "http://{words}";\n'),
        (f"// Ends early.\n// {words}\n",
         "// Ends early.\n// " + " ".join(["word"] * 19) + "\n// " + " ".join(["word"] * 11) + "\n"),
    ]
    failed = 0
    for source, expected in cases:
        found = wrapped(source)
        if found != expected or wrapped(found) != found:
            failed += 1
            print(f"{source}\nshould become\n{expected}\nwas\n{found}")
    blames = [("a.cpp", "// " + "a" * 98, 1), ("a.cpp", "// " + "a" * 97, 0), ("a.py", "#" + "a" * 120, 1),
              ("a.py", "#" + "a" * 119, 0), ("a.cpp", "int a;  // " + "a" * 110, 1),
              ("a.cpp", "// a ─── " + "a" * 95, 0)]
    for name, line, expected in blames:
        if len(list(blamed(name, line))) != expected:
            failed += 1
            print(f"{line!r} should be blamed {expected} times")
    print(f"self-test: {len(cases) + len(blames)} cases, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description="wrap comments, check the length of lines")
    parser.add_argument("--fix", action="store_true", help="wrap what can be wrapped")
    parser.add_argument("--self-test", action="store_true", help="check this check")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    root = pathlib.Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "strata", "tests", "fuzz",
                             "bench", "examples", "tools", "cmake", ".ci"],
                            cwd=root, check=True, capture_output=True, text=True).stdout.split("\n")
    count = 0
    for name in listed:
        file = root / name
        if not name.endswith(ENDINGS) or not file.is_file():
            continue
        source = file.read_text(encoding="utf-8")
        if options.fix and name.endswith("pp"):
            fixed = wrapped(source)
            if fixed != source:
                file.write_text(fixed, encoding="utf-8")
            source = fixed
        for blame in blamed(name, source):
            count += 1
            print(blame)
    print(f"lines: {count} are too long" if count else "lines: none is too long")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
