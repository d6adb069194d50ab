"""The article's subtree → clean HTML, text, byline, pictures and files."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from itertools import groupby

from bs4 import BeautifulSoup

from archive.model import Attachment, Byline, Image
from archive.text import normalise

from . import captions, dates, signature
from .blocks import Block, Cell, Reader
from .errors import NotAnArticle
from .links import Links
from .runs import Run, markup, plain
from .words import form, longest_first, words

_SETTINGS = re.compile(
    r"Normal\s+0(?:\s+(?:false|true|\d+(?:\s?pt)?|[A-Z]{2}(?:-[A-Z]{2,4})?|X-NONE|AR-SA|MicrosoftInternetExplorer4))+"
)
_STYLES = re.compile(
    r"/\*\s*Style Definitions\s*\*/[^}]{0,3000}\}"
    r"|(?:table|p|li|div|span)\.Mso\w+\s*(?:,[^{}]{0,300})?\{[^{}]{0,3000}\}"
    r"|@(?:font-face|page)[^{}]{0,300}\{[^{}]{0,3000}\}"
)
_MOST_LINES = 30_000
_NUMBER_OR_DATE = re.compile(r"[\d\s.,:/()\[\]|–-]*")
_SIZE = re.compile(r"\(?\d+(?:[.,]\d+)?\s?(?:kb|mb|bytes?|b)\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """What the body of an article says. ``html`` and ``text`` may be empty: an article may be a file or a picture."""

    html: str = ""
    text: str = ""
    byline: Byline = field(default_factory=Byline)
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def read(source: str, links: Links, has_more: bool = False) -> Body:
    """Reads the inner HTML of the body's node. ``has_more``: the page holds files or pictures outside it."""
    reader = Reader(links)
    reader.read(BeautifulSoup(source, "lxml"))
    blocks = _without_residue(reader.blocks)
    blocks = _without_related(_without_furniture(_without_file_lines(_without_dateline(blocks), links)))
    blocks = captions.attach(blocks)
    blocks, byline = signature.take(
        blocks, has_more or bool(reader.attachments) or any(b.kind == "figure" for b in blocks)
    )
    return Body(
        render(blocks),
        text_of(blocks),
        byline,
        images_of(blocks),
        unique_files(reader.attachments),
    )


def read_lines(text: str) -> Body:
    """The words of a body that is too large to be taken apart: one paragraph a line, without looks and byline."""
    lines = [line for line in map(normalise, text.split("\n")) if line]
    if len(lines) > _MOST_LINES:
        raise NotAnArticle(f"more than {_MOST_LINES:,} lines")
    return Body("\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines), "\n\n".join(lines))


def text_of(blocks: list[Block]) -> str:
    """Blocks separated by one empty line; a table is one block, rows on lines, cells by " | "."""
    parts = []
    for block in blocks:
        if block.kind == "table":
            parts.append("\n".join(" | ".join(cell.text for cell in row) for row in block.rows))
        elif block.kind != "figure":
            parts.append(block.text)
    return "\n\n".join(part for part in parts if part)


def images_of(blocks: list[Block]) -> tuple[Image, ...]:
    """The pictures in the order they stand, each address once."""
    found: dict[str, Image] = {}
    for block in blocks:
        if block.kind == "figure" and (block.image[0] not in found or not found[block.image[0]].caption):
            found[block.image[0]] = Image(block.image[0], plain(block.caption).replace("\n", " "))
    return tuple(found.values())


def unique_files(files: list[Attachment]) -> tuple[Attachment, ...]:
    """Each file once, under the first label that says something."""
    found: dict[str, Attachment] = {}
    for file in files:
        if file.url not in found or not found[file.url].label:
            found[file.url] = file
    return tuple(found.values())


def render(blocks: list[Block]) -> str:
    """The blocks as HTML, only the tags and attributes that Article promises."""
    out = []
    for place, group in groupby(blocks, key=lambda block: block.list and block.list[:2]):
        if place is None:
            out += [_element(block) for block in group]
            continue
        items = [
            "<br>".join(markup(block.runs) for block in item)
            for _, item in groupby(group, key=lambda b: b.list and b.list[2])
            if item
        ]
        out.append(f"<{place[0]}>" + "".join(f"<li>{item}</li>" for item in items if item) + f"</{place[0]}>")
    return "\n".join(out)


def _element(block: Block) -> str:
    if block.kind == "figure":
        caption = markup(block.caption)
        image = f'<img src="{html.escape(block.image[0])}" alt="{html.escape(block.image[1])}">'
        return f"<figure>{image}<figcaption>{caption}</figcaption></figure>" if caption else f"<figure>{image}</figure>"
    if block.kind == "table":
        return "<table>" + "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in block.rows) + "</table>"
    return f"<{block.kind}>{markup(block.runs)}</{block.kind}>"


def _cell(cell: Cell) -> str:
    spans = "".join(f' {name}="{n}"' for name, n in (("colspan", cell.columns), ("rowspan", cell.rows)) if n > 1)
    return f"<{cell.tag}{spans}>{markup(cell.runs)}</{cell.tag}>"


def _without_dateline(blocks: list[Block]) -> list[Block]:
    """The line with day and hour of publication, where a theme prints it at the head of the body. A day alone may be
    the heading of a programme."""
    for i, block in enumerate(blocks[:3]):
        if block.kind == "p" and _is_clock(block.text):
            return [*blocks[:i], *blocks[i + 1 :]]
    return blocks


def _is_clock(text: str) -> bool:
    """A line with a day and an hour, and nothing else."""
    return dates.is_dateline(text, 0) and dates.has_clock(dates.printed(text))


def _without_residue(blocks: list[Block]) -> list[Block]:
    """Word's settings and style sheets, pasted as visible text."""
    kept = []
    for block in blocks:
        text = block.text
        if "Normal 0" in text or "Mso" in text or "Style Definitions" in text:
            clean = _SETTINGS.sub(" ", text)
            clean = (_STYLES.sub(" ", clean) if "}" in clean else clean).strip()
            if clean != text:
                kept += [replace(block, runs=[Run(clean)])] if clean else []
                continue
        kept.append(block)
    return kept


def _without_file_lines(blocks: list[Block], links: Links) -> list[Block]:
    """Lines that only lead to a file: "Tài liệu đính kèm: KH 55.pdf", ">> Tải về". A sentence with a link stays."""
    kept: list[Block] = []
    files = [any(run.href and links.is_file(run.href) for run in block.runs) for block in blocks]
    for i, block in enumerate(blocks):
        if files[i]:
            if _says_nothing(plain([run for run in block.runs if not (run.href and links.is_file(run.href))])):
                continue
        # The heading above such lines: "Tài liệu đính kèm:".
        elif i + 1 < len(blocks) and files[i + 1] and block.runs and _bare(block.text) in words("attachment", "labels"):
            continue
        kept.append(block)
    return kept


def _says_nothing(text: str) -> bool:
    rest = _bare(_SIZE.sub(" ", text))
    for label in longest_first("attachment", "labels"):
        rest = rest.replace(label, " ")
    return not any(c.isalpha() for c in rest)


def _bare(text: str) -> str:
    return form(text).strip(" .,:;!>»*()[]-–|/\n")


def _without_furniture(blocks: list[Block]) -> list[Block]:
    """Print and mail links, share bars, counters and clocks at the head and the foot of the body."""
    start, end = 0, len(blocks)
    while start < end and _is_furniture(blocks[start]):
        start += 1
    while end > start and _is_furniture(blocks[end - 1]):
        end -= 1
    return blocks[start:end]


def _is_furniture(block: Block) -> bool:
    if block.kind in ("figure", "table") or len(block.text) > 120:
        return False
    if block.kind == "p" and _is_clock(block.text):
        return True
    parts = [part for part in re.split(r"\s*[|•·\n]\s*", block.text) if part]
    return bool(parts) and all(_is_line(_bare(part)) for part in parts)


def _is_line(text: str) -> bool:
    if text in words("boilerplate", "lines"):
        return True
    letters = re.sub(r"[\d.,:()\s]+", " ", text).strip()
    return any(c.isdigit() for c in text) and letters in words("boilerplate", "counters")


def _without_related(blocks: list[Block]) -> list[Block]:
    """A list of other articles at the foot: its heading and nothing but links and dates behind it."""
    for i, block in enumerate(blocks):
        if len(block.text) > 60 or _bare(block.text) not in words("boilerplate", "related"):
            continue
        rest = [other for other in blocks[i + 1 :] if other.kind != "figure"]
        if rest and all(_is_link_line(other) for other in rest):
            return blocks[:i]
    return blocks


def _is_link_line(block: Block) -> bool:
    if block.kind == "table":
        return False
    linked = sum(len(run.text.strip()) for run in block.runs if run.href)
    rest = plain([run for run in block.runs if not run.href])
    return bool(_NUMBER_OR_DATE.fullmatch(rest)) or linked >= 3 * len(rest)
