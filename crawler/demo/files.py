"""The files beside the pages, made in code: PDF documents with Vietnamese text, the favicon."""

from __future__ import annotations

import struct
import textwrap
import unicodedata
from collections.abc import Sequence

_LINES = 46  # a page
_PREAMBLE = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /VN def /CMapType 2 def"
# Letters of every viewer's own Courier that are not ASCII, by their octal code in StandardEncoding.
_STANDARD = {"“": "252", "”": "272", "‘": "140", "’": "047", "–": "261", "…": "274", "‰": "275", "·": "264"}
# Marks above and below a letter as strokes; x and y are where a tone stands, t the top of the letter.
_HATS = {
    "\u0302": "205 {t} m 300 {t2} l 395 {t} l S",
    "\u0306": "205 {t2} m 225 {t} 375 {t} 395 {t2} c S",
    "\u031b": "430 {h} m 520 {h} 560 {t} 515 {t2} c S",
}
_TONES = {  # from the first point to the last, straight or bent by the two between
    "\u0300": ((-70, 120), (40, 10)),
    "\u0301": ((70, 120), (-40, 10)),
    "\u0309": ((-45, 95), (-10, 170), (95, 120), (5, 15)),
    "\u0303": ((-100, 30), (-45, 150), (45, -40), (100, 90)),
}


def pdf(title: str, paragraphs: Sequence[str]) -> bytes:
    """A small PDF 1.4 in a typewriter face, A4; its text can be extracted and searched.

    No font is embedded, and the Courier of viewers knows no Vietnamese: each letter is a glyph of a Type 3
    font that sets the plain letter and strokes its marks.
    """
    lines = [*textwrap.wrap(unicodedata.normalize("NFC", title).upper(), 60), ""]
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(unicodedata.normalize("NFC", paragraph), 72, initial_indent="    "), ""]
    codes = {letter: 1 + i for i, letter in enumerate(dict.fromkeys(" " + "".join(lines)))}
    pages = [lines[i : i + _LINES] for i in range(0, len(lines), _LINES)]
    first = 6 + len(codes)  # after catalogue, pages, fonts, ToUnicode and the glyphs
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        _font(len(codes)),
        _stream(_to_unicode(codes)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
        *(_stream(_glyph(letter)) for letter in codes),
    ]
    for i, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 1 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        shown = "".join(f"<{''.join(f'{codes[c]:02X}' for c in line)}> Tj T*\n" for line in page)
        objects.append(_stream(f"BT /F1 10.5 Tf 15 TL 70 770 Td\n{shown}ET"))
    return _assemble(objects)


def favicon() -> bytes:
    """An .ico of 16 × 16: a yellow square on red."""
    red, yellow = b"\x1e\x1e\xc0\xff", b"\x20\xd8\xff\xff"  # BGRA
    rows = [b"".join(yellow if 4 <= x < 12 and 4 <= y < 12 else red for x in range(16)) for y in range(16)]
    image = struct.pack("<IiiHHIIiiII", 40, 16, 32, 1, 32, 0, 1024, 0, 0, 0, 0) + b"".join(rows) + bytes(64)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(image), 22) + image


def _font(count: int) -> bytes:
    """The Type 3 font of ``count`` glyphs, which are the objects from 6 on; its codes begin at 1."""
    procedures = " ".join(f"/g{i} {5 + i} 0 R" for i in range(1, count + 1))
    names = " ".join(f"/g{i}" for i in range(1, count + 1))
    return (
        "<< /Type /Font /Subtype /Type3 /FontBBox [-50 -300 700 1100] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << {procedures} >> /Encoding << /Type /Encoding /Differences [1 {names}] >> "
        f"/FirstChar 1 /LastChar {count} /Widths [{' '.join(['600'] * count)}] /ToUnicode 4 0 R "
        "/Resources << /Font << /C 5 0 R >> >> >>"
    ).encode()


def _glyph(letter: str) -> str:
    """What draws one letter: its base in Courier, then its marks."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    strokes = []
    if letter in "đĐ":
        base = "d" if letter == "đ" else "D"
        strokes.append("320 590 m 580 590 l S" if letter == "đ" else "10 325 m 310 325 l S")
    top = 700 if base.isupper() else 575
    hat = next((m for m in marks if m in _HATS), "")
    if hat:
        strokes.append(_HATS[hat].format(t=top, t2=top + 95, h=top - 50))
    x, y = (410, top + 70) if hat in ("\u0302", "\u0306") else (290, top)
    for mark in marks:
        if mark in _TONES:
            start, *rest = (f"{x + dx} {y + dy}" for dx, dy in _TONES[mark])
            strokes.append(f"{start} m {' '.join(rest)} {'c' if len(rest) == 3 else 'l'} S")
        elif mark == "\u0323":
            strokes.append("80 w 300 -150 m 300 -150 l S")
    dotless = base == "i" and any(m in _TONES for m in marks)
    code = "365" if dotless else _STANDARD.get(base, f"{ord(base) if ord(base) < 127 else 63:03o}")
    return f"600 0 d0 BT /C 1000 Tf (\\{code}) Tj ET 1 J 1 j 42 w {' '.join(strokes)}"


def _to_unicode(codes: dict[str, int]) -> str:
    pairs = [f"<{code:02X}> <{ord(letter):04X}>" for letter, code in codes.items()]
    groups = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]  # a section holds at most 100
    sections = "\n".join(f"{len(g)} beginbfchar\n" + "\n".join(g) + "\nendbfchar" for g in groups)
    space = "1 begincodespacerange <00> <FF> endcodespacerange"
    return f"{_PREAMBLE}\n{space}\n{sections}\nendcmap CMapName currentdict /CMap defineresource pop end end"


def _stream(text: str) -> bytes:
    data = text.encode("ascii")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
