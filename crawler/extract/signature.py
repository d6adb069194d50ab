"""Where the byline stands: at the foot of the body, glued to its last sentence, or at its head."""

from __future__ import annotations

import re
from dataclasses import replace

from archive.model import Byline

from . import byline
from .blocks import Block
from .names import has_family_name
from .runs import Run, emphasised, lines_of, plain
from .words import form, longest_first

_STOP = re.compile(r"[.!?…:”\"’)]\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?…”\"/])\s*$")
_BRACKET_AT_END = re.compile(r"^(.*[.!?…”\"])\s*([(\[][^()\[\]]{2,90}[)\]])\.?$", re.DOTALL)


def take(blocks: list[Block], has_more: bool) -> tuple[list[Block], Byline]:
    """The blocks without the byline, and the byline; the empty Byline when none is sure.

    ``has_more``: the article holds files or pictures besides these blocks, so that a body may be its byline only.
    """
    spoken = [i for i, block in enumerate(blocks) if block.kind != "figure"]
    if not spoken:
        return blocks, Byline()
    for back, i in enumerate(reversed(spoken[-4:])):
        if blocks[i].kind == "table":
            break
        found = _foot(blocks, spoken, i, back, has_more)
        if found is not None:
            return found
        if back == 0 and (glued := _glued(blocks[i])):
            return [*blocks[:i], glued[0], *blocks[i + 1 :]], glued[1]
    return _head(blocks, spoken)


def _foot(
    blocks: list[Block], spoken: list[int], i: int, back: int, has_more: bool
) -> tuple[list[Block], Byline] | None:
    """The byline as a block of its own, or the last lines of one, ``back`` blocks before the end."""
    block = blocks[i]
    place = spoken.index(i)
    before = [blocks[k] for k in spoken[:place]]
    if block.kind == "li" or (not before and not has_more and not _label_only(block)):
        return None
    for taken in _endings(block):
        head = _without_last(block, taken)
        above = [*before[-3:], *([head] if head else [])]
        found = _signed(_last(block, taken), block, above, back)
        if found is None:
            continue
        rest = [*blocks[:i], *([head] if head else []), *blocks[i + 1 :]]
        if head is None and back == 0 and place and (joined := _joined(blocks[spoken[place - 1]], above[:-1], found)):
            rest = [other for other in rest if other is not blocks[spoken[place - 1]]]
            found = joined
        return rest, found
    return None


def _endings(block: Block) -> list[int]:
    """How many of the block's last lines to try: all, then the last two, then the last one."""
    count = block.text.count("\n") + 1
    return [n for n in dict.fromkeys((count, 2, 1)) if n <= count and (n <= 3)]


def _signed(runs: list[Run], block: Block, above: list[Block], back: int) -> Byline | None:
    line = plain(runs).replace("\n", " ")
    last = above[-1] if above else None
    marked = (
        block.right
        or (block.cell and back == 0 and len(line) < 60)
        or emphasised(runs)
        or block.indented
        or (block.centred and back == 0)
    )
    unmarked_name = (
        back == 0 and not marked and last is not None and bool(_STOP.search(last.text)) and last.kind != "li"
    )
    found = byline.read(line, marked or unmarked_name) or _on_two_lines(runs, marked)
    if found is None or _names_office(plain(runs).split("\n")[0]):
        return None  # whoever signs a decision did not write the news
    labelled = bool(found.role)
    if not marked and not labelled and not found.source:
        if found.organisation and not found.authors and form(found.organisation) != form(line):
            return None
        if not found.authors and not byline.is_desk(line.strip(" .()")):
            return None
        if found.authors and not (
            len(found.authors) > 1
            or found.organisation
            or has_family_name(found.authors[0])
            or len(found.authors[0].split()) == 2
        ):
            return None
    if not labelled and _signatory(above):
        return None
    if last is not None and last.kind == "table" and found.source and not found.authors and not block.right:
        return None  # the source of the table
    if byline.is_photo_credit(found) and not (block.right or emphasised(runs)):
        return None
    if back and not _sure_above_others(found, block):
        return None
    return found


def _on_two_lines(runs: list[Run], marked: bool) -> Byline | None:
    """The name on one line, the organisation on the next: read as if a dash stood between."""
    lines = plain(runs).split("\n")
    found = byline.read(" - ".join(lines), marked) if len(lines) == 2 else None
    return replace(found, text=" ".join(lines)) if found and found.authors else None


def _sure_above_others(found: Byline, block: Block) -> bool:
    """Other lines follow: only a labelled or right-aligned name is believed."""
    return bool(found.authors) and (bool(found.role) or block.right) and not byline.is_photo_credit(found)


def _label_only(block: Block) -> bool:
    found = byline.read(block.text)
    return found is not None and bool(found.role)


def _signatory(above: list[Block]) -> bool:
    """Whether the lines above say that a name below is the signature under a decision."""
    lines = [line for block in above[-3:] for line in block.text.split("\n")[-3:]]
    return any(_names_office(line) for line in lines)


def _names_office(line: str) -> bool:
    words = form(line).strip(" .,:;()*-")
    if len(words) > 60:
        return False
    if words.startswith("nơi nhận"):
        return True
    return any(
        words == office
        or (
            re.match(rf"{re.escape(office)}[\s.,:]", words) and line.strip("( )").upper()[:12] == line.strip("( )")[:12]
        )
        for office in longest_first("byline", "signatories")
    )


def _joined(previous: Block, above: list[Block], found: Byline) -> Byline | None:
    """Two lines that are one byline: the name, then "Nguồn: …"; "Bài: A", then "Ảnh: B"."""
    if found.authors and not byline.is_photo_credit(found):
        return None
    marked = previous.right or emphasised(previous.runs)
    first = byline.read(previous.text.replace("\n", " "), marked)
    if first is None or not first.authors or _signatory(above) or not (marked or first.role):
        return None
    photo = byline.is_photo_credit(found)
    return Byline(
        f"{first.text} {found.text}",
        "; ".join(filter(None, (first.role, found.role))) if photo else first.role,
        tuple(dict.fromkeys(first.authors + found.authors)),
        first.organisation or found.organisation,
        first.source or found.source,
    )


def _glued(block: Block) -> tuple[Block, Byline] | None:
    """The byline behind the last sentence: "…tiếp theo./. <strong>Tổng hợp: Thu Hà</strong>", "…vui. (Lệ Minh)"."""
    if block.kind not in ("p", "blockquote", "li"):
        return None
    lines = list(lines_of(block.runs))
    last = next((n for n in range(len(lines) - 1, -1, -1) if plain(lines[n])), None)
    if last is None:
        return None
    line = lines[last]
    cut = len(line)
    while cut and (not line[cut - 1].text.strip() or line[cut - 1].strong or line[cut - 1].em):
        cut -= 1
    if (
        0 < cut < len(line)
        and _SENTENCE_END.search(plain(line[:cut]))
        and (found := byline.read(plain(line[cut:]), True))
    ):
        return _shortened(block, lines[:last], line[:cut]), found
    text = "".join(run.text for run in line)
    for start in _starts(text):
        found = byline.read(text[start:], False)
        if found and (found.authors or found.organisation or found.source) and not byline.is_photo_credit(found):
            return _shortened(block, lines[:last], _cut(line, start)), found
    return None


def _starts(text: str) -> list[int]:
    """Places behind a sentence's end where a byline may begin."""
    bracket = _BRACKET_AT_END.match(text.rstrip())
    found = [bracket.start(2)] if bracket else []
    return found + [
        start
        for start in byline.labels(text)
        if _SENTENCE_END.search(text[max(0, start - 60) : start].rstrip(" \u00a0-–"))
    ]


def _cut(line: list[Run], length: int) -> list[Run]:
    """The first ``length`` characters of a line."""
    out: list[Run] = []
    for run in line:
        if length <= 0:
            break
        out.append(run._replace(text=run.text[:length]))
        length -= len(run.text)
    return out


def _shortened(block: Block, lines: list[list[Run]], last: list[Run]) -> Block:
    runs: list[Run] = []
    for line in [*lines, last]:
        runs += ([Run("\n")] if runs else []) + line
    return replace(block, runs=runs)


def _last(block: Block, count: int) -> list[Run]:
    lines = [line for line in lines_of(block.runs) if plain(line)][-count:]
    return [run for n, line in enumerate(lines) for run in ([Run("\n")] if n else []) + line]


def _without_last(block: Block, count: int) -> Block | None:
    lines = [line for line in lines_of(block.runs) if plain(line)][:-count]
    if not lines:
        return None
    return replace(block, runs=[run for n, line in enumerate(lines) for run in ([Run("\n")] if n else []) + line])


def _head(blocks: list[Block], spoken: list[int]) -> tuple[list[Block], Byline]:
    """A byline above the text or below the lead. An unlabelled one must be right-aligned, or a name in italics."""
    if len(spoken) < 3:
        return blocks, Byline()
    for i in spoken[:3]:
        block = blocks[i]
        if block.kind not in ("p", "h4", "h3") or block.text.count("\n") > 1:
            continue
        marked = block.right or (emphasised(block.runs) and not any(run.strong for run in block.runs))
        found = byline.read(block.text.replace("\n", " "), marked)
        if found and (found.authors or block.right) and not byline.is_photo_credit(found):
            return [*blocks[:i], *blocks[i + 1 :]], found
    return blocks, Byline()
