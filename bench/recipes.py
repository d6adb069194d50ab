"""Short inputs that stand for large pages: what the fuzzer mutates → the capture that is read.

A recipe is five bytes (rules, Content-Type, Content-Encoding, letters, address) and a page in which
``\\x11 digit … \\x12`` stands for its inside, ten to the power of the digit times. Any bytes are a recipe.
"""

from __future__ import annotations

import gzip
import sys
import unicodedata
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli

from archive.model import Capture
from archive.text.legacy import _TCVN3, _VISCII
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import golden
import hostile

HEADER = 5  # bytes
OPEN, CLOSE = 0x11, 0x12
LARGEST = 2_200_000  # bytes of a page; larger ones are refused unread, which ``hostile`` looks at
NAMES = ("", *PLATFORMS)
TYPES = (
    hostile.HTML,
    "text/html",
    "",
    "text/plain",
    "text/html; charset=windows-1258",
    "text/html; charset=utf-16",
    "text/html; charset=x-none",
    "application/octet-stream",
    "application/xhtml+xml; charset=iso-8859-1",
    "text/html; charset=utf-7",
    "text/plain; charset=viscii",
    "TEXT/HTML ; charset = 'tcvn'",
    "text/html; charset=idna",
    "text/html; charset=base64",
    "text/html; charset=unicode_escape",
)
URLS = (
    hostile.URL,
    "https://huyen.example.vn/",
    "http://huyen.example.vn/tin-tuc/",
    "http://huyen.example.vn/index.php?option=com_content&view=article&id=5&print=1",
    "http://huyen.example.vn/Default.aspx?tabid=1&ItemID=3",
    "http://huyen.example.vn/a.pdf",
    "http://huyen.example.vn/web/guest/-/asset_publisher/1/content/tin",
    "http://[::1]:99999/a",
    "http://huyện.vn/tin?a=%ff#x",
)


def _old(table: dict[int, str]) -> Callable[[str], bytes]:
    """Text as a font before Unicode wrote it; what it has no letter for becomes "?"."""
    byte = {letter: code for code, letter in table.items() if code < 256}
    return lambda text: bytes(ord(c) if c < "\x80" else byte.get(c, 63) for c in unicodedata.normalize("NFC", text))


_LETTERS: tuple[Callable[[str], bytes] | None, ...] = (
    None,
    None,
    lambda text: text.encode("utf-16", "surrogatepass"),
    lambda text: text.encode("utf-16-be", "surrogatepass"),
    lambda text: unicodedata.normalize("NFC", text).encode("cp1258", "replace"),
    _old(_TCVN3),
    _old(_VISCII),
    lambda text: text.encode().decode("latin-1").encode(),
    lambda text: _old(_TCVN3)(text).decode("latin-1").encode(),
    lambda text: text.encode("latin-1", "xmlcharrefreplace"),
    lambda text: unicodedata.normalize("NFD", text).encode("utf-8", "surrogatepass"),
)


def _same(body: bytes) -> bytes:
    return body


CODINGS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("", _same),
    ("gzip", lambda body: gzip.compress(body, 1, mtime=0)),
    ("gzip", _same),
    ("br", lambda body: brotli.compress(body, quality=1)),
    ("br", _same),
    ("deflate", zlib.compress),
    ("deflate", lambda body: zlib.compress(body)[2:-4]),
    ("deflate", _same),
    ("gzip", lambda body: gzip.compress(body, 1, mtime=0)[: 20 + len(body) // 9]),
    ("gzip, br", lambda body: brotli.compress(gzip.compress(body, 1, mtime=0), quality=1)),
    ("", lambda body: gzip.compress(body, 1, mtime=0)),
    ("zstd", _same),
    ("gzip", lambda body: gzip.compress(body[: len(body) // 2]) + gzip.compress(body[len(body) // 2 :]) + b"junk"),
)


def capture(recipe: bytes) -> tuple[Capture, Rules]:
    """What a recipe stands for."""
    head = recipe[:HEADER].ljust(HEADER, b"\0")
    name = NAMES[head[0] % len(NAMES)]
    coding, pack = CODINGS[head[2] % len(CODINGS)]
    letters = _LETTERS[head[3] % len(_LETTERS)]
    body = expand(recipe[HEADER:])
    if letters is not None:
        body = letters(body.decode("utf-8", "replace"))
    headers = [("Content-Type", TYPES[head[1] % len(TYPES)])] + ([("Content-Encoding", coding)] if coding else [])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    made = Capture(URLS[head[4] % len(URLS)], moment, 200, tuple(headers), pack(body))
    return made, PLATFORMS[name].rules if name else Rules()


def expand(page: bytes) -> bytes:
    """The page with its repetitions written out, as far as there is room."""
    if OPEN not in page:
        return page
    levels: list[tuple[int, bytearray]] = [(1, bytearray())]
    i = 0
    while i < len(page):
        if page[i] == OPEN and len(levels) < 5:
            levels.append((10 ** (page[i + 1] % 7 if i + 1 < len(page) else 0), bytearray()))
            i += 2
            continue
        if page[i] == CLOSE and len(levels) > 1:
            _close(levels)
        else:
            levels[-1][1].append(page[i])
        i += 1
    while len(levels) > 1:
        _close(levels)
    return bytes(levels[0][1])


def _close(levels: list[tuple[int, bytearray]]) -> None:
    times, inside = levels.pop()
    if inside:
        levels[-1][1].extend(inside * max(1, min(times, LARGEST // len(inside))))


def times(digit: int, inside: str) -> str:
    """``inside``, ten to the power of ``digit`` times."""
    return f"{chr(OPEN)}{digit}{inside}{chr(CLOSE)}"


_SMALL = (
    "",
    "<",
    "\0\0\0",
    "\ufeff<p>",
    "<html><title>404</title>",
    "<script type='application/ld+json'>" + times(3, '{"@graph":[') + "</script>",
    times(3, "<div>") + times(1, f"<p>{hostile.SENTENCE}</p>"),
    times(4, "<br>"),
    times(3, "<table><tr><td>"),
    times(3, "<p>Tin, ảnh: Lệ Minh</p>"),
    times(3, "<p>12/11/2020 08:30</p>"),
    times(4, "tin, ảnh, "),
    times(5, "("),
    times(4, "a\u0301\u0323"),
    times(3, "&#x1ea1;&nbsp;&amp"),
    "<p>" + times(4, "Theo Nguồn: "),
    "<pre>" + times(4, "a\n"),
    "<img srcset='" + times(3, "/a.jpg 1x, ") + "'>",
    "<a href='/" + times(4, "a/../%c4") + "x.pdf'>Tải về</a>",
    "<ul>" + times(3, "<li>Một <b>mục</b> <a href='/b.doc'>tệp</a>"),
    times(3, "<font face='.VnTime'>C«ng an huyÖn</font>"),
)


def seeds() -> list[bytes]:
    """The golden pages with their rules and with none, and small hostile ones within an article and alone."""
    found = []
    for page in golden.load_all():
        number = NAMES.index(page.portal) if page.portal in NAMES else 0
        plain = bytes(b for b in page.capture.body if b not in (OPEN, CLOSE))
        found += [bytes([one, 0, 0, 0, 0]) + plain for one in {0, number}]
    for i, small in enumerate(_SMALL):
        for number in range(len(NAMES)):
            found.append(bytes([number, 0, 0, 0, 0]) + hostile.page(small))
        found.append(bytes([0, i, i, i, i]) + small.encode("utf-8", "surrogatepass"))
        found.append(bytes([0, 3, 0, 0, 0]) + (small + "\n\n" + hostile.SENTENCE * 3).encode("utf-8", "surrogatepass"))
    return found
