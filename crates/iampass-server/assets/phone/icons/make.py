#!/usr/bin/env python3
"""Draws the PNG icons of the phone from the shapes of icon.svg, with nothing but the standard library.

    python3 make.py

The files are kept in the tree; run it again when icon.svg changes.
"""

import struct
import zlib
from pathlib import Path

GROUND = (0x0B, 0x5F, 0x63)
SIGN = (0xFF, 0xFF, 0xFF)
SAMPLES = 4


def in_rounded(x, y, left, top, width, height, radius):
    if not (left <= x <= left + width and top <= y <= top + height):
        return False
    dx = max(left + radius - x, 0, x - (left + width - radius))
    dy = max(top + radius - y, 0, y - (top + height - radius))
    return dx * dx + dy * dy <= radius * radius


def near_segment(x, y, start, end, reach):
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    along = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    px, py = ax + along * dx - x, ay + along * dy - y
    return px * px + py * py <= reach * reach


def is_sign(x, y):
    """The outline of a phone, and a tick: the coordinates are those of icon.svg."""
    outer = in_rounded(x, y, 168 - 12, 96 - 12, 176 + 24, 320 + 24, 32 + 12)
    inner = in_rounded(x, y, 168 + 12, 96 + 12, 176 - 24, 320 - 24, 32 - 12)
    tick = near_segment(x, y, (214, 262), (246, 294), 14) or near_segment(x, y, (246, 294), (302, 230), 14)
    return (outer and not inner) or tick


def colour(x, y, scale, corner):
    """`scale`: how large the sign is drawn around the middle. `corner`: the radius of the ground's corners."""
    if corner and not in_rounded(x, y, 0, 0, 512, 512, corner):
        return None
    x, y = 256 + (x - 256) / scale, 256 + (y - 256) / scale
    return SIGN if is_sign(x, y) else GROUND


def pixels(size, scale, corner):
    step = 512 / size
    for row in range(size):
        line = bytearray([0])
        for column in range(size):
            found = [
                colour((column + (i + 0.5) / SAMPLES) * step, (row + (j + 0.5) / SAMPLES) * step, scale, corner)
                for i in range(SAMPLES)
                for j in range(SAMPLES)
            ]
            seen = [one for one in found if one]
            line += bytes(round(sum(one[part] for one in seen) / len(seen)) if seen else 0 for part in range(3))
            line.append(round(255 * len(seen) / len(found)))
        yield bytes(line)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(name, size, scale, corner):
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    data = zlib.compress(b"".join(pixels(size, scale, corner)), 9)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    Path(__file__).with_name(name).write_bytes(png)


write("icon-192.png", 192, 1.0, 96)
write("icon-512.png", 512, 1.0, 96)
# A launcher cuts its own shape: only what lies within four fifths is sure to be seen.
write("maskable-512.png", 512, 0.8, 0)
# This one is never transparent.
write("apple-touch-180.png", 180, 0.9, 0)
