"""What extraction must give for each article of the demo portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.model import Byline
from archive.text import normalise
from crawler.demo.content import Block, Piece, pieces


@dataclass(frozen=True, slots=True)
class Expected:
    """One article as it must come out.

    ``path`` its alias, from the root · ``node`` Drupal's number · ``summary`` "" always: the lead is the
    first block of the body here, as Drupal's editors write it · ``text`` blocks separated by an empty line,
    every list item a block, a table one block with rows on lines and cells by " | "; NFC; without captions,
    byline and links to attachments · ``published`` as in Article · ``images``, ``attachments`` paths from the
    root, escaped as in the page · ``captions`` one for each image, "" when none · ``labels`` one for each
    attachment.
    """

    path: str
    node: int
    title: str
    summary: str
    text: str
    byline: Byline
    published: str
    section: str
    images: tuple[str, ...]
    attachments: tuple[str, ...]
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def expected(day: int = 1) -> tuple[Expected, ...]:
    """The articles of that day (1 or 2), newest first."""
    return tuple(_expect(piece) for piece in pieces(day))


def changed_path() -> str:
    """The article that day 2 quietly changes."""
    return next(p.path for p in pieces(1) if p.later)


def gone_path() -> str:
    """The article that is no longer there on day 2."""
    return next(p.path for p in pieces(1) if 2 not in p.days)


def new_paths() -> tuple[str, ...]:
    """The articles that only day 2 has, newest first."""
    return tuple(p.path for p in pieces(2) if 1 not in p.days)


def _expect(piece: Piece) -> Expected:
    blocks = [piece.lead] if piece.lead else []
    blocks += [text for block in piece.blocks for text in _texts(block)]
    midnight = (piece.published.hour, piece.published.minute, piece.published.second) == (0, 0, 0)
    return Expected(
        path=piece.path,
        node=piece.node,
        title=normalise(piece.title),
        summary="",
        text="\n\n".join(blocks),
        byline=piece.byline,
        published=piece.published.date().isoformat() if midnight else piece.published.isoformat(),
        section=piece.section[1],
        images=tuple(p.path for p in piece.pictures),
        attachments=tuple(d.path for d in piece.documents),
        captions=tuple(p.caption for p in piece.pictures),
        labels=tuple(d.label for d in piece.documents),
    )


def _texts(block: Block) -> Iterator[str]:
    if block.rows:
        yield "\n".join(" | ".join(_plain(cell) for cell in row) for row in block.rows)
    for line in block.lines:
        yield _plain(line)


def _plain(text: str) -> str:
    return normalise(text.replace("**", ""))
