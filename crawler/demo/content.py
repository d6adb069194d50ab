"""The made-up articles: read from ``articles/*.toml``, one file a section, into values.

The body is written as a newspaper's copy desk would: blocks separated by an empty line, the first characters
of a block say what it is::

    ## Sub-heading                 * one item of a bulleted list, a line each
    1. one item of a numbered list  - one line of a "dash list" (paragraphs that begin with a dash)
    | cell | cell |   one row a line, the first is the head
    ![scene] file.png | caption     @ file.pdf | text of the link

Anything else is a paragraph; ``**words**`` are bold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.model import Byline
from archive.text import fold

HANOI = timezone(timedelta(hours=7))
FOLDER = Path(__file__).parent / "articles"
# In the order of the menu.
SECTIONS = ("tin-tuc", "kinh-te", "van-hoa-xa-hoi", "chuyen-doi-so", "thong-bao", "van-ban")

_KINDS = (
    ("heading", re.compile(r"## ")),
    ("bullets", re.compile(r"\* ")),
    ("numbers", re.compile(r"\d+\. ")),
    ("dashes", re.compile(r"(?=- )")),
    ("table", re.compile(r"(?=\|)")),
    ("image", re.compile(r"!")),
    ("file", re.compile(r"@ ")),
)
_IMAGE = re.compile(r"\[(\w+)\] (\S+)(?: \| (.*))?$")


@dataclass(frozen=True, slots=True)
class Picture:
    """``path`` from the root of the site · ``scene`` what is drawn on it · ``caption`` "" when none."""

    path: str
    scene: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF: ``path`` from the root of the site, escaped · ``label`` the text of its link."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Block:
    """``kind`` paragraph, heading, bullets, numbers, dashes, table, image or file · ``lines`` of text, for a
    table one a row with cells split in ``rows`` · ``picture``, ``document`` for the last two kinds."""

    kind: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    picture: Picture | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A reader's word under an article; ``at`` aware, Hanoi time."""

    name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One article as the editors entered it.

    ``published``, ``updated`` aware, Hanoi time; midnight stands for a day whose hour nobody entered ·
    ``section`` (path, name) · ``signed`` how the byline is set: right, table, padded, heading or left ·
    ``traits`` the habits of the editor's word processor: nfd, nbsp, zwsp, entities, wrapped, word, breaks,
    layout, spans · ``user`` the account that entered it, which is not the author · ``lead`` bold first
    paragraph, "" when none · ``cover`` the picture above the body · ``files`` below it.
    """

    title: str
    published: datetime
    updated: datetime
    section: tuple[str, str]
    blocks: tuple[Block, ...]
    lead: str = ""
    byline: Byline = field(default_factory=Byline)
    signed: str = "right"
    user: str = "bbt"
    traits: frozenset[str] = frozenset()
    cover: Picture | None = None
    files: tuple[Document, ...] = ()
    comments: tuple[Comment, ...] = ()
    node: int = 0
    listed: bool = True  # in the sitemap
    days: tuple[int, ...] = (1, 2)
    later: Piece | None = field(default=None, repr=False)  # as it reads on day 2, when it was changed

    @property
    def path(self) -> str:
        """The alias: ``/tin-tuc/hoi-nghi-tong-ket-nam-2020``."""
        return f"/{self.section[0]}/{_slug(self.title)}"

    @property
    def pictures(self) -> tuple[Picture, ...]:
        cover = (self.cover,) if self.cover else ()
        return cover + tuple(b.picture for b in self.blocks if b.picture)

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(b.document for b in self.blocks if b.document) + self.files


@lru_cache(maxsize=4)
def pieces(day: int = 1) -> tuple[Piece, ...]:
    """The articles published on that day (1 or 2), newest first."""
    today = [p for p in _all() if day in p.days]
    return tuple(p.later if day == 2 and p.later else p for p in today)


@lru_cache(maxsize=1)
def _all() -> tuple[Piece, ...]:
    found = [p for name in SECTIONS for p in _read(FOLDER / f"{name}.toml")]
    found.sort(key=lambda p: p.published)
    numbered = []
    for i, piece in enumerate(found):
        # Numbers have gaps, as where drafts were thrown away; xmlsitemap missed every sixth article.
        own: dict[str, Any] = {"node": 21 + 3 * i + i % 2, "listed": i % 6 != 1}
        later = replace(piece.later, **own) if piece.later else None
        numbered.append(replace(piece, **own, later=later))
    return tuple(reversed(numbered))


def _read(path: Path) -> Iterator[Piece]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for raw in data["article"]:
        yield _piece(raw, (path.stem, data["section"]))


def _piece(raw: dict[str, Any], section: tuple[str, str]) -> Piece:
    published = raw["published"].replace(tzinfo=HANOI)
    year = published.strftime("%Y")
    piece = Piece(
        title=raw["title"],
        published=published,
        updated=published + timedelta(minutes=25),
        section=section,
        blocks=tuple(_blocks(raw.get("body", ""), year)),
        lead=" ".join(raw.get("lead", "").split()),
        byline=_byline(raw.get("byline", {})),
        signed=raw.get("signed", "right"),
        user=raw.get("user", "bbt"),
        traits=frozenset(raw.get("traits", ())),
        cover=_picture(raw["cover"], year) if "cover" in raw else None,
        files=tuple(_document(line, year) for line in raw.get("files", ())),
        comments=tuple(
            Comment(name, text, published + timedelta(hours=9 * i + 3, minutes=17 * i + 4))
            for i, (name, text) in enumerate(raw.get("comments", ()))
        ),
        days=tuple(raw.get("days", (1, 2))),
    )
    if "day2" not in raw:
        return piece
    body = raw["body"]
    for old, new in raw["day2"]["corrections"]:
        body = body.replace(old, new)
    updated = raw["day2"]["updated"].replace(tzinfo=HANOI)
    return replace(piece, later=replace(piece, blocks=tuple(_blocks(body, year)), updated=updated))


def _blocks(body: str, year: str) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", body.strip()):
        lines = chunk.strip().splitlines()
        kind, mark = next(((k, m) for k, m in _KINDS if m.match(chunk)), ("paragraph", re.compile("")))
        if kind == "image":
            yield Block(kind, picture=_picture(chunk[1:], year))
        elif kind == "file":
            yield Block(kind, document=_document(chunk[2:], year))
        elif kind == "table":
            rows = tuple(tuple(c.strip() for c in line.strip().strip("|").split("|")) for line in lines)
            yield Block(kind, rows=rows)
        elif kind in ("bullets", "numbers", "dashes"):
            yield Block(kind, tuple(mark.sub("", line, count=1) for line in lines))
        elif chunk:
            yield Block(kind, (mark.sub("", " ".join(lines), count=1),))


def _picture(line: str, year: str) -> Picture:
    found = _IMAGE.match(line.strip())
    if not found:
        raise ValueError(f"not '[scene] file.png | caption': {line}")
    scene, name, caption = found.groups()
    return Picture(f"/sites/default/files/images/{year}/{name}", scene, caption or "")


def _document(line: str, year: str) -> Document:
    name, _, label = line.partition("|")
    name = name.strip()
    return Document(f"/sites/default/files/{year}/{name.replace(' ', '%20')}", label.strip() or name)


def _byline(raw: dict[str, Any]) -> Byline:
    return Byline(
        text=raw.get("text", ""),
        role=raw.get("role", ""),
        authors=tuple(raw.get("authors", ())),
        organisation=raw.get("organisation"),
        source=raw.get("source"),
    )


def _slug(title: str) -> str:
    """As pathauto does it: folded, at most 100 characters, cut between words."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")
    return slug if len(slug) <= 100 else slug[:101].rpartition("-")[0]
