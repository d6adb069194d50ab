"""Which line below a picture is its caption."""

from __future__ import annotations

import re

from archive.text import fold

from . import byline
from .blocks import Block
from .runs import Run, bold, italic

_CREDIT = re.compile(
    r"^\(?(?:ảnh|hình|hình ảnh)(?:\s+(?:minh họa|minh hoạ|tư liệu|internet|\d+))?\s*[:.)]"
    r"|^(?:trong ảnh|ảnh minh họa|ảnh tư liệu)\b",
    re.IGNORECASE,
)
_ENDS_IN_CREDIT = re.compile(r"(?:[-–.(]|\s)\s*\(?ảnh\s*:\s*[^:]{2,40}\)?\.?$", re.IGNORECASE)
_SOURCE = re.compile(r"^\(?nguồn\s*:", re.IGNORECASE)
_LONGEST = 350


def attach(blocks: list[Block]) -> list[Block]:
    """The blocks without caption lines: these now belong to their figures. Order is kept."""
    kept: list[Block] = []
    boxed: dict[int, list[Block]] = {}
    for block in blocks:
        if block.box:
            boxed.setdefault(block.box, []).append(block)
    spoken = {id(caption) for members in boxed.values() for caption in _in_box(members)}
    for i, block in enumerate(blocks):
        if id(block) in spoken:
            continue
        figure = kept[-1] if kept and kept[-1].kind == "figure" else None
        if figure is not None and not figure.caption and _is_caption(block, figure, blocks, i):
            figure.caption = block.runs
            continue
        kept.append(block)
    return kept


def ends_in_credit(text: str) -> bool:
    """Whether a short line ends in a photographer's name: "Quang cảnh hội nghị. Ảnh: Lệ Minh"."""
    return len(text) <= 250 and bool(_ENDS_IN_CREDIT.search(text) or _CREDIT.search(text))


def _in_box(members: list[Block]) -> list[Block]:
    """Pairs the pictures and the short lines of one picture box; gives the lines that became captions."""
    if members[0].kind != "figure":
        return []  # text first: the table around a short article
    figures = [block for block in members if block.kind == "figure"]
    others = [block for block in members if block.kind != "figure"]
    if len(others) > 2 * len(figures) or not all(_fits_below_picture(block) for block in others):
        return []
    lines = [block for block in others if not _is_signature(block)]
    if len(lines) == len(figures):
        for figure, line in zip(figures, lines, strict=True):
            figure.caption = line.runs
        return lines
    last = figures[0]
    for block in members:
        if block.kind == "figure":
            last = block
        elif any(block is line for line in lines):
            last.caption = [*last.caption, *([Run("\n")] if last.caption else []), *block.runs]
    return lines


def _fits_below_picture(block: Block) -> bool:
    """Full plain paragraphs are no captions, even inside a picture's box."""
    if block.kind == "table" or len(block.text) > _LONGEST:
        return False
    return block.is_caption or block.centred or italic(block.runs) or len(block.text) <= 150


def _is_caption(block: Block, figure: Block, blocks: list[Block], i: int) -> bool:
    """A line right below a picture that is printed as captions are: centred, in italics, with a credit."""
    text = block.text
    if block.kind not in ("p", "h4") or block.right or len(text) > _LONGEST:
        return False
    if block.is_caption:
        return True
    if _is_signature(block) and not block.centred:
        return False
    if _same(text, figure.image[1]) or _CREDIT.search(text):
        return True
    if i + 1 < len(blocks) and blocks[i + 1].kind == "table":
        return False  # the heading of a table
    if _SOURCE.search(text) and not block.centred and _table_above(blocks, i):
        return False
    leaning = italic(block.runs)
    if ends_in_credit(text):
        return True
    if leaning:
        return len(text) <= 250
    return block.centred and not bold(block.runs)


def _is_signature(block: Block) -> bool:
    """A byline that says more than who took the picture."""
    found = byline.read(block.text, block.right or bold(block.runs))
    return found is not None and not byline.is_photo_credit(found) and not block.is_caption


def _table_above(blocks: list[Block], i: int) -> bool:
    return any(block.kind == "table" for block in blocks[max(0, i - 2) : i])


def _same(text: str, alt: str) -> bool:
    return bool(alt) and fold(text).strip(" .") == fold(alt).strip(" .")
