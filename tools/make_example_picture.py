#!/usr/bin/env python3
"""Draws examples/files/mosaic.png, the picture that the example folder serves: tools/make_example_picture.py FILE

A mosaic of coloured stones around a spiral, each a little different, so that the file compresses to a few hundred KiB.
The same on every run: all chance comes from one seeded generator.
"""

import math
import random
import struct
import sys
import zlib

WIDTH, HEIGHT, STONE = 640, 400, 8


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def colour_of(column, row):
    x, y = column * STONE - WIDTH / 2, row * STONE - HEIGHT / 2
    wave = math.sin(math.hypot(x, y) / 28 - 3 * math.atan2(y, x))
    return 120 + 90 * wave, 110 + 60 * math.cos(x / 90 + wave), 140 - 80 * wave + 30 * math.sin(y / 60)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    chance = random.Random(7)
    rows = []
    for y in range(HEIGHT):
        row = bytearray([0])  # no filter
        for x in range(WIDTH):
            edge = x % STONE == 0 or y % STONE == 0
            grain = chance.randrange(-2, 3)
            for part in colour_of(x // STONE, y // STONE):
                row.append(max(0, min(255, int((part * 0.5 if edge else part) + grain))))
        rows.append(bytes(row))
    with open(sys.argv[1], "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(b"".join(rows), 9)))
        file.write(chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
