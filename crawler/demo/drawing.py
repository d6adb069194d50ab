"""Pictures for the articles: simple coloured landscapes as PNG, 600 × 400, without any library.

A picture is painted in columns of palette numbers and then turned, so that all the work is slicing.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from random import Random

WIDTH, HEIGHT = 600, 400
_Colour = tuple[int, int, int]
_SKIES: tuple[tuple[_Colour, _Colour], ...] = (
    ((96, 160, 220), (226, 240, 250)),
    ((120, 170, 205), (250, 232, 200)),
    ((70, 130, 190), (214, 232, 240)),
)


class _Canvas:
    """Columns of bytes; a colour is a palette number."""

    def __init__(self) -> None:
        self.columns = [bytearray(HEIGHT) for _ in range(WIDTH)]
        self.palette: list[_Colour] = []

    def colour(self, *rgb: int) -> int:
        self.palette.append((rgb[0], rgb[1], rgb[2]))
        return len(self.palette) - 1

    def gradient(self, top: _Colour, bottom: _Colour, y0: int, y1: int, steps: int = 40) -> None:
        """Horizontal bands from one colour to the other over the whole width."""
        ends = tuple(zip(top, bottom, strict=True))
        numbers = [self.colour(*(a + (b - a) * i // (steps - 1) for a, b in ends)) for i in range(steps)]
        band = bytes(numbers[(y - y0) * steps // (y1 - y0)] for y in range(y0, y1))
        for column in self.columns:
            column[y0:y1] = band

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: int) -> None:
        top, bottom = max(0, int(y0)), min(HEIGHT, int(y1))
        if bottom > top:
            for x in range(max(0, int(x0)), min(WIDTH, int(x1))):
                self.columns[x][top:bottom] = bytes([colour]) * (bottom - top)

    def under(self, height: Callable[[float], float], colour: int, bottom: int = HEIGHT) -> None:
        """Everything below a line."""
        for x in range(WIDTH):
            self.box(x, height(x), x + 1, bottom, colour)

    def disc(self, cx: float, cy: float, rx: float, ry: float, colour: int) -> None:
        for x in range(int(cx - rx), int(cx + rx) + 1):
            half = ry * math.sqrt(max(0.0, 1 - ((x - cx) / rx) ** 2))
            self.box(x, cy - half, x + 1, cy + half, colour)

    def roof(self, x0: float, x1: float, eaves: float, rise: float, colour: int) -> None:
        middle = (x0 + x1) / 2
        for x in range(int(x0), int(x1)):
            self.box(x, eaves - rise * (1 - abs(x - middle) / (middle - x0)), x + 1, eaves, colour)

    def star(self, cx: float, cy: float, size: float, colour: int) -> None:
        """Five points, one up."""
        corners = []
        for i in range(10):
            radius = size if i % 2 == 0 else size * 0.382
            angle = math.pi * i / 5 - math.pi / 2
            corners.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
        for x in range(int(cx - size), int(cx + size) + 1):
            crossings = sorted(
                ay + (x - ax) * (by - ay) / (bx - ax)
                for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)
                if min(ax, bx) <= x < max(ax, bx)
            )
            for top, bottom in zip(crossings[::2], crossings[1::2], strict=False):
                self.box(x, top, x + 1, bottom + 1, colour)

    def png(self) -> bytes:
        turned = b"".join(self.columns)
        rows = b"".join(b"\0" + turned[y::HEIGHT] for y in range(HEIGHT))
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
        colours = bytes(value for rgb in self.palette for value in rgb)
        pixels = zlib.compress(rows, 9)
        parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=256)
def picture(scene: str, name: str) -> bytes:
    """The PNG of a scene (a key of SCENES); ``name`` varies it. The same name gives the same bytes."""
    canvas, random = _Canvas(), Random(f"{scene}/{name}")
    SCENES[scene](canvas, random)
    return canvas.png()


def _sky(canvas: _Canvas, random: Random, horizon: int) -> None:
    canvas.gradient(*random.choice(_SKIES), 0, horizon)
    sun = canvas.colour(255, 244, 190)
    canvas.disc(random.randint(70, 530), random.randint(50, 110), 24, 24, sun)
    cloud = canvas.colour(250, 250, 252)
    for _ in range(random.randint(2, 4)):
        x, y = random.randint(30, 570), random.randint(30, 130)
        for i in range(4):
            rx, ry = random.randint(18, 32), random.randint(8, 14)
            canvas.disc(x + 22 * i, y + random.randint(-5, 5), rx, ry, cloud)


def _trees(canvas: _Canvas, random: Random, base: int) -> None:
    colours = [canvas.colour(52, 104, 58), canvas.colour(70, 124, 64), canvas.colour(42, 90, 60)]
    phase = random.random() * 6

    def crowns(x: float) -> float:
        return base - 10 - 6 * math.sin(x / 37 + phase) - 3 * math.sin(x / 11)

    canvas.under(crowns, colours[2], base + 2)
    for _ in range(22):
        x, r = random.randint(0, WIDTH), random.randint(9, 22)
        canvas.disc(x, base - r * 0.7, r, r * 0.8, random.choice(colours))


def _house(canvas: _Canvas, random: Random, x: int, base: int, size: int) -> None:
    wall = canvas.colour(*random.choice(((238, 226, 200), (226, 216, 206), (244, 232, 176))))
    roof = canvas.colour(*random.choice(((170, 72, 54), (150, 60, 50), (120, 76, 70))))
    canvas.box(x, base - size * 0.6, x + size, base, wall)
    canvas.roof(x - 8, x + size + 8, base - size * 0.6, size * 0.4, roof)
    canvas.box(x + size * 0.42, base - size * 0.36, x + size * 0.6, base, canvas.colour(104, 76, 56))
    glass = canvas.colour(96, 130, 150)
    for left in (x + size * 0.12, x + size * 0.72):
        canvas.box(left, base - size * 0.42, left + size * 0.16, base - size * 0.2, glass)


def _people(canvas: _Canvas, random: Random, base: int, count: int, hats: bool = False) -> None:
    skin, hat = canvas.colour(206, 160, 124), canvas.colour(236, 220, 170)
    shirts = [canvas.colour(*(random.randint(40, 230) for _ in range(3))) for _ in range(6)]
    for _ in range(count):
        x, y = random.randint(30, 570), base + random.randint(-12, 18)
        canvas.box(x - 6, y - 26, x + 6, y, random.choice(shirts))
        canvas.disc(x, y - 32, 5, 6, skin)
        if hats:
            canvas.roof(x - 12, x + 12, y - 33, 9, hat)


def _paddy(canvas: _Canvas, random: Random) -> None:
    _sky(canvas, random, 190)
    _trees(canvas, random, 190)
    ripe = random.random() < 0.6
    near, far = ((214, 170, 60), (226, 200, 110)) if ripe else ((74, 150, 62), (150, 190, 96))
    canvas.gradient(far, near, 190, HEIGHT)
    furrow, vanish = canvas.colour(*(v - 26 for v in near)), random.randint(220, 380)
    for i in range(-14, 15):
        for y in range(196, HEIGHT):
            x = vanish + i * (y - 186) * 0.42
            canvas.box(x, y, x + (y - 180) / 70, y + 1, furrow)
    _people(canvas, random, 300, random.randint(2, 5), hats=True)


def _river(canvas: _Canvas, random: Random) -> None:
    _sky(canvas, random, 200)
    _trees(canvas, random, 200)
    canvas.gradient((166, 176, 150), (140, 128, 100), 200, HEIGHT)
    shine = canvas.colour(200, 206, 186)
    for _ in range(70):
        x, y = random.randint(0, WIDTH), random.randint(210, 390)
        canvas.box(x, y, x + random.randint(14, 50), y + 2, shine)
    for _ in range(random.randint(1, 3)):
        x, y = random.randint(60, 440), random.randint(230, 290)
        hull = canvas.colour(96, 66, 48)
        for i in range(90):
            canvas.box(x + i, y + abs(i - 45) / -12, x + i + 1, y + 14 - (i - 45) ** 2 / 190, hull)
        canvas.box(x + 30, y - 20, x + 62, y - 2, canvas.colour(178, 60, 50))
    dyke, phase = canvas.colour(110, 150, 76), random.random()
    canvas.under(lambda x: 372 - x / 16 + 6 * math.sin(x / 60 + phase), dyke)


def _hall(canvas: _Canvas, random: Random) -> None:
    canvas.gradient((176, 28, 30), (140, 16, 22), 0, 290)
    fold = canvas.colour(122, 12, 18)
    for x in range(0, WIDTH, random.randint(26, 34)):
        canvas.box(x, 0, x + 5, 290, fold)
    gold = canvas.colour(250, 214, 60)
    canvas.star(random.choice((120, 300, 480)), 76, 42, gold)
    for i in range(3):
        canvas.box(150 + 20 * i, 150 + 26 * i, 450 - 20 * i, 162 + 26 * i, gold)
    canvas.box(0, 282, WIDTH, HEIGHT, canvas.colour(118, 84, 58))
    canvas.box(60, 236, 540, 292, canvas.colour(196, 40, 44))
    _people(canvas, random, 246, random.randint(5, 8))
    canvas.box(70, 238, 530, 292, canvas.colour(204, 48, 50))
    hair, shirt = canvas.colour(40, 34, 34), canvas.colour(226, 228, 232)
    for row in range(3):
        for x in range(random.randint(0, 20), WIDTH, 46):
            y = 318 + 34 * row
            canvas.disc(x + 10 * row, y + 26, 20, 22, shirt)
            canvas.disc(x + 10 * row, y, 11, 13, hair)


def _school(canvas: _Canvas, random: Random) -> None:
    _sky(canvas, random, 250)
    _trees(canvas, random, 250)
    wall, frame = canvas.colour(246, 222, 140), canvas.colour(168, 76, 56)
    glass = canvas.colour(120, 160, 180)
    left = random.randint(60, 120)
    canvas.box(left, 120, left + 400, 290, wall)
    canvas.box(left - 10, 106, left + 410, 122, frame)
    for floor in range(3):
        canvas.box(left, 174 + 56 * floor, left + 400, 178 + 56 * floor, frame)
        for i in range(9):
            canvas.box(left + 14 + 43 * i, 132 + 56 * floor, left + 40 + 43 * i, 164 + 56 * floor, glass)
    canvas.box(0, 250, left - 1, HEIGHT, canvas.colour(206, 196, 178))
    canvas.box(left + 401, 250, WIDTH, HEIGHT, len(canvas.palette) - 1)
    canvas.box(0, 286, WIDTH, HEIGHT, len(canvas.palette) - 1)
    canvas.box(left + 440, 90, left + 444, 300, canvas.colour(120, 120, 124))
    canvas.box(left + 444, 92, left + 494, 126, canvas.colour(210, 28, 30))
    canvas.star(left + 469, 109, 12, canvas.colour(252, 220, 50))
    _people(canvas, random, 340, random.randint(9, 16))


def _village(canvas: _Canvas, random: Random) -> None:
    _sky(canvas, random, 230)
    _trees(canvas, random, 230)
    canvas.box(0, 228, WIDTH, HEIGHT, canvas.colour(126, 160, 92))
    for i in range(4):
        x, base, size = random.randint(-10, 10), random.randint(248, 262), random.randint(80, 110)
        _house(canvas, random, 16 + 150 * i + x, base, size)
    road = canvas.colour(188, 184, 176)
    for y in range(262, HEIGHT):
        half = (y - 250) * 0.9
        canvas.box(300 - half, y, 300 + half, y + 1, road)
    flowers = [canvas.colour(226, 70, 100), canvas.colour(250, 200, 60), canvas.colour(240, 240, 244)]
    for i in range(26):
        y = 270 + 5 * i
        for side in (-1, 1):
            canvas.disc(300 + side * ((y - 250) * 0.9 + 10), y, 3 + i / 4, 2 + i / 6, random.choice(flowers))
    _people(canvas, random, 320, random.randint(2, 4))


def _storm(canvas: _Canvas, random: Random) -> None:
    canvas.gradient((70, 78, 88), (150, 156, 160), 0, 230)
    dark = canvas.colour(92, 98, 106)
    for _ in range(14):
        x, y = random.randint(0, WIDTH), random.randint(0, 90)
        canvas.disc(x, y, random.randint(50, 90), random.randint(18, 34), dark)
    _trees(canvas, random, 230)
    canvas.gradient((128, 124, 108), (104, 92, 70), 228, HEIGHT)
    for i in range(2):
        _house(canvas, random, 90 + 270 * i + random.randint(-30, 30), 262, 96)
    canvas.box(0, 250, WIDTH, 266, canvas.colour(120, 112, 92))
    bag = canvas.colour(206, 198, 176)
    for row in range(3):
        for x in range(-10 + 12 * (row % 2), WIDTH, 34):
            canvas.disc(x + 16, 362 + 14 * row, 17, 8, bag)
    rain = canvas.colour(186, 192, 198)
    for _ in range(260):
        x, y = random.randint(0, WIDTH), random.randint(0, 360)
        for i in range(14):
            canvas.box(x - i // 3, y + i, x - i // 3 + 1, y + i + 1, rain)


def _festival(canvas: _Canvas, random: Random) -> None:
    _sky(canvas, random, 240)
    _trees(canvas, random, 236)
    canvas.box(0, 234, WIDTH, HEIGHT, canvas.colour(198, 184, 150))
    wood, tile = canvas.colour(128, 52, 38), canvas.colour(150, 84, 62)
    canvas.box(190, 180, 410, 262, wood)
    canvas.roof(160, 440, 182, 54, tile)
    canvas.roof(220, 380, 140, 40, tile)
    for x in (204, 262, 330, 388):
        canvas.box(x, 184, x + 10, 262, canvas.colour(176, 40, 36))
    colours = ((200, 30, 34), (250, 206, 40), (40, 90, 170), (60, 140, 70), (220, 110, 170))
    for i in range(9):
        x = 26 + 66 * i + random.randint(-6, 6)
        canvas.box(x, 150, x + 3, 300, canvas.colour(110, 84, 60))
        for j, rgb in enumerate(random.sample(colours, 3)):
            canvas.box(x + 3, 152 + 8 * j, x + 40, 186 - 8 * j, canvas.colour(*rgb))
            canvas.box(x + 3 + 7 * j, 152 + 8 * j, x + 40 - 7 * j, 186 - 8 * j, canvas.colour(*rgb))
    _people(canvas, random, 350, random.randint(14, 22))


def _workshop(canvas: _Canvas, random: Random) -> None:
    canvas.gradient((196, 206, 214), (228, 230, 228), 0, 240)
    beam = canvas.colour(120, 130, 140)
    canvas.box(0, 40, WIDTH, 52, beam)
    for x in range(20, WIDTH, 96):
        canvas.box(x, 0, x + 8, 250, beam)
        canvas.box(x + 24, 70, x + 80, 130, canvas.colour(170, 200, 216))
    canvas.box(0, 240, WIDTH, HEIGHT, canvas.colour(150, 144, 134))
    for i in range(4):
        x = 40 + 140 * i + random.randint(-14, 14)
        canvas.box(x, 262, x + 90, 300, canvas.colour(60, 104, 130))
        canvas.box(x + 14, 240, x + 50, 264, canvas.colour(206, 150, 50))
        canvas.box(x + 8, 300, x + 16, 340, canvas.colour(70, 70, 74))
        canvas.box(x + 74, 300, x + 82, 340, canvas.colour(70, 70, 74))
    _people(canvas, random, 330, random.randint(4, 7))


SCENES: dict[str, Callable[[_Canvas, Random], None]] = {
    "paddy": _paddy,
    "river": _river,
    "hall": _hall,
    "school": _school,
    "village": _village,
    "storm": _storm,
    "festival": _festival,
    "workshop": _workshop,
}
