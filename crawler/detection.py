"""Which content-management system made a page, and how sure that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from archive import urls
from archive.model import Capture
from archive.text import NotInflatable, inflate
from crawler.platform import Platform
from crawler.platforms import PLATFORMS

SURE = 0.7  # from here on a platform's rules are used
_WEIGHTS = {"generator": 0.95, "headers": 0.6, "urls": 0.4, "markup": 0.5}
_LOOKED_AT = 400_000  # bytes of a page
_GENERATOR = re.compile(rb"<meta\s[^<>]*name=[\"']?generator\b[^<>]*>", re.IGNORECASE)
_CONTENT = re.compile(rb"content=(?:\"([^\"]*)|'([^']*)|([^\s>]+))", re.IGNORECASE)
_LETTER = re.compile(r"\\.|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Detected:
    """``platform`` None when nothing points at a known one · ``sure`` 0 to 1 · ``why`` the kinds of marks found."""

    platform: Platform | None
    sure: float = 0.0
    why: tuple[str, ...] = ()


def detect(capture: Capture) -> Detected:
    """The platform that most marks of a page speak for, however unsure: compare with ``SURE``."""
    body = _body(capture)
    small = body.lower()
    head = "\n".join(f"{name}: {value}" for name, value in capture.headers)
    metas = _GENERATOR.findall(body[:20_000])
    generators = [said[said.lastindex or 0].decode("utf-8", "replace") for said in map(_CONTENT.search, metas) if said]
    generators.append(capture.header("X-Generator"))
    best = Detected(None)
    # A generator settles it: looking for the others' marks costs more than reading the page.
    named = [platform for platform in PLATFORMS.values() if _generated(platform, generators)]
    for platform in named or PLATFORMS.values():
        others = _found(platform, head, urls.path_query(capture.url), small)
        found = ("generator", *others) if named else tuple(others)
        doubt = 1.0
        for kind in found:
            doubt *= 1 - _WEIGHTS[kind]
        if 1 - doubt > best.sure:
            best = Detected(platform, round(1 - doubt, 3), found)
    return best


def _generated(platform: Platform, generators: list[str]) -> bool:
    pattern = platform.marks.generator
    return pattern != "" and any(re.search(pattern, said, re.IGNORECASE) for said in generators)


def _found(platform: Platform, head: str, path: str, small: bytes) -> Iterator[str]:
    marks = platform.marks
    if marks.headers and re.search(marks.headers, head, re.IGNORECASE | re.MULTILINE):
        yield "headers"
    if marks.urls and re.search(marks.urls, path, re.IGNORECASE):
        yield "urls"
    for mark in marks.markup:
        if _bytes(mark).search(small):
            yield "markup"


@cache
def _bytes(pattern: str) -> re.Pattern[bytes]:
    """For a page in small letters: with ``re.IGNORECASE`` all of it takes twice as long. What a backslash says
    ("\\S") stays as it is."""
    return re.compile(
        _LETTER.sub(lambda found: found[0] if found[0][0] == "\\" else found[0].lower(), pattern).encode()
    )


def _body(capture: Capture) -> bytes:
    if "html" not in capture.media_type:
        return b""
    try:
        return inflate(capture.body, capture.header("Content-Encoding"))[:_LOOKED_AT]
    except NotInflatable:
        return b""
