"""The article's subtree → a flat list of blocks: paragraphs, headings, list items, tables, pictures.

Works on markup that editors paste from Word, old editors and other sites; keeps what a reader sees and where it
stands (right, centred, bold), because bylines and captions are told by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from archive.model import Attachment

from .links import Links
from .runs import Run, has_words, lines_of, plain

_GONE = frozenset(
    """
    script style xml object embed iframe video audio noscript form input select button textarea svg math canvas map head
    template title meta link base applet frameset param source track option optgroup datalist
    """.split()  # noqa: SIM905
)
_FRAMES = frozenset({"iframe", "embed", "object"})
BLOCKS = frozenset(
    """
    p div section article header footer aside main nav h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre center address
    figure figcaption table caption thead tbody tfoot tr td th hr details summary fieldset legend
    """.split()  # noqa: SIM905
)
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)|float\s*:\s*right", re.IGNORECASE)
_CENTRE = re.compile(r"text-align\s*:\s*(?:-webkit-)?center", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)
_LEFT = re.compile(r"text-align\s*:\s*(?:left|justify|start)", re.IGNORECASE)
_CAPTION_CLASS = re.compile(
    r"caption|chu-?thich|image-?title|(?:^|\s)Image(?:\s|$)|^(?:p)?(?:note|desc)$", re.IGNORECASE
)
_PICTURE_CLASS = re.compile(r"image|img|photo|picture|figure|media|caption|^(?:box-?)?anh$|VCSortable", re.IGNORECASE)
_DEEP = 60  # block elements around one another; deeper nesting is broken markup, and not looked into twice
_BOX_LIMIT = 700  # characters; more text than that in a "picture box" is the article itself


@dataclass(slots=True)
class Block:
    """One block of the article.

    ``kind`` "p", "h2"-"h4", "li", "blockquote", "table" or "figure" · ``runs`` its words, a line break is the run
    "\\n" · ``rows`` of a table, each a list of (tag, columns, rows, runs) · ``image`` of a figure: address and alt ·
    ``caption`` of a figure · ``list`` (ul or ol, number of the list, number of the item) · ``box`` number of the
    picture box in which it stands, 0 for none · ``indented`` pushed to the right by hard blanks · ``cell`` in a cell
    of a table that only lays out.
    """

    kind: str
    runs: list[Run] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    image: tuple[str, str] = ("", "")
    caption: list[Run] = field(default_factory=list)
    right: bool = False
    centred: bool = False
    is_caption: bool = False
    indented: bool = False
    cell: bool = False
    list: tuple[str, int, int] | None = None
    box: int = 0
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The words of a block that is no table. ``runs`` is never changed in place: ``replace`` the block."""
        if self._text is None:
            self._text = plain(self.runs)
        return self._text


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a data table."""

    tag: str
    columns: int
    rows: int
    runs: list[Run]

    @property
    def text(self) -> str:
        return plain(self.runs).replace("\n", " ")


class _Context(NamedTuple):
    """What the surrounding elements say about the words inside."""

    kind: str = "p"
    strong: bool = False
    em: bool = False
    href: str = ""
    picture: str = ""  # the original that a link around an image leads to
    right: bool = False
    centred: bool = False
    is_caption: bool = False
    cell: bool = False
    list: tuple[str, int, int] | None = None
    box: int = 0
    pre: bool = False
    depth: int = 0  # how many block elements stand around it


class _End:
    """On the stack where a block element ends."""


_END = _End()
_Part = Run | tuple[str, str]  # words, or the address and alt of an image


class Reader:
    """Walks one subtree without recursion. Afterwards ``blocks`` and ``attachments`` hold what it found."""

    def __init__(self, links: Links) -> None:
        self.blocks: list[Block] = []
        self.attachments: list[Attachment] = []
        self._links = links
        self._parts: list[_Part] = []
        self._context = _Context()
        self._number = 0

    def read(self, root: Tag | BeautifulSoup) -> None:
        stack: list[tuple[PageElement | _End, _Context]] = [(child, _Context()) for child in reversed(root.contents)]
        while stack:
            node, context = stack.pop()
            if isinstance(node, _End):
                self._flush()
            elif isinstance(node, NavigableString):
                if not isinstance(node, PreformattedString):
                    self._words(str(node), context)
            elif isinstance(node, Tag) and node.name in _FRAMES:
                if url := self._links.embedded(node.attrs):
                    self.attachments.append(Attachment(url, ""))
            elif isinstance(node, Tag) and not _unseen(node):
                self._open(node, context, stack)
        self._flush()

    def _words(self, text: str, context: _Context) -> None:
        """A line break in the source is a blank, except in <pre>; the run "\n" means <br>."""
        for n, line in enumerate(text.split("\n") if context.pre else [text]):
            if n:
                self._add(Run("\n"), context)
            self._add(Run(" " if line == "\n" else line, context.strong, context.em, context.href), context)

    def _open(self, tag: Tag, context: _Context, stack: list[tuple[PageElement | _End, _Context]]) -> None:
        name = tag.name
        if name == "br":
            self._add(Run("\n", context.strong, context.em), context)
        elif name == "img":
            if image := self._links.image(tag.attrs, context.picture):
                self._add(image, context)
        elif name == "table" and context.depth < _DEEP and (rows := data_rows(tag)):
            self._flush()
            if caption := tag.find("caption"):
                self.blocks.append(Block("p", runs=[Run(caption.get_text())], centred=True))
            self.blocks.append(Block("table", rows=[[self._cell(cell) for cell in row] for row in rows]))
        elif name in BLOCKS:
            self._flush()
            if name == "hr":
                return
            inner = self._block_context(tag, context)
            stack.append((_END, inner))
            stack.extend((child, inner) for child in reversed(tag.contents))
        else:
            inner = self._inline_context(tag, context)
            stack.extend((child, inner) for child in reversed(tag.contents))

    def _block_context(self, tag: Tag, context: _Context) -> _Context:
        name = tag.name
        if name in ("p", "div") and not tag.attrs:
            return context if context.depth >= _DEEP else context._replace(depth=context.depth + 1)
        style, classes, align = _attribute(tag, "style"), _attribute(tag, "class"), _attribute(tag, "align").lower()
        right = align == "right" or bool(_RIGHT.search(style)) or "rteright" in classes or "text-right" in classes
        centred = (
            name == "center"
            or align == "center"
            or bool(_CENTRE.search(style))
            or "rtecenter" in classes
            or "text-center" in classes
        )
        left = align in ("left", "justify") or bool(_LEFT.search(style)) or "rtejustify" in classes
        if name in ("table", "tr", "tbody", "div") and name != "div":
            right = centred = False  # align on a table places the table, not its words
        self._number += 1
        kind = _HEADINGS.get(name, context.kind)
        if name == "blockquote":
            kind = "blockquote"
        place = context.list
        if name in ("ul", "ol"):
            place = (name, self._number, 0)
        elif name == "li":
            kind = "li"
            place = ((place or ("ul", self._number, 0))[0], (place or ("ul", self._number, 0))[1], self._number)
        return context._replace(
            kind=kind,
            strong=context.strong or name == "th" or bool(_BOLD.search(style)),
            em=context.em or bool(_ITALIC.search(style)),
            right=right or (context.right and not (left or centred)),
            centred=centred or (context.centred and not (left or right)),
            is_caption=context.is_caption
            or name == "figcaption"
            or (bool(_CAPTION_CLASS.search(classes)) and context.depth < _DEEP and not tag.find("img")),
            cell=context.cell or (name == "td" and context.depth < _DEEP and len(tag.get_text()) < 150),
            pre=context.pre or name == "pre",
            list=place,
            box=context.box or (self._number if context.depth < _DEEP and _is_picture_box(tag, classes) else 0),
            depth=context.depth + 1,
        )

    def _inline_context(self, tag: Tag, context: _Context) -> _Context:
        name, style = tag.name, _attribute(tag, "style")
        strong = context.strong or name in ("b", "strong") or bool(style and _BOLD.search(style))
        em = context.em or name in ("i", "em", "cite", "dfn") or bool(style and _ITALIC.search(style))
        href, picture = context.href, context.picture
        if name == "a":
            href = self._links.absolute(_attribute(tag, "href"))
            if href and self._links.is_picture(href):
                picture = href
            if href and self._links.is_file(href):
                self.attachments.append(Attachment(href, plain([Run(tag.get_text())])))
        if (strong, em, href, picture) == (context.strong, context.em, context.href, context.picture):
            return context
        return context._replace(strong=strong, em=em, href=href, picture=picture)

    def _cell(self, tag: Tag) -> Cell:
        """The words of one cell; its pictures and files are collected as everywhere else."""
        inner = Reader(self._links)
        inner.read(tag)
        runs: list[Run] = []
        for block in inner.blocks:
            if block.kind != "figure":
                runs += ([Run("\n")] if runs else []) + block.runs
        self.attachments += inner.attachments
        self.blocks += [block for block in inner.blocks if block.kind == "figure"]
        return Cell(tag.name, _span(tag, "colspan"), _span(tag, "rowspan"), runs)

    def _add(self, part: _Part, context: _Context) -> None:
        if not self._parts:
            if isinstance(part, Run) and not part.text.strip(" \t\r\n") and part.text != "\n":
                return  # between two tags; hard blanks stay, they indent
            self._context = context
        self._parts.append(part)

    def _flush(self) -> None:
        """What was gathered since the last block boundary becomes blocks: two line breaks part paragraphs."""
        parts, self._parts = self._parts, []
        if not parts:
            return
        context = self._context
        runs: list[Run] = []
        for part in parts:
            if isinstance(part, Run):
                runs.append(part)
                continue
            # A picture in the middle of a line goes before the line, one on its own line stays where it stands.
            line_start = max((i for i, run in enumerate(runs) if run.text == "\n"), default=-1) + 1
            held = runs[line_start:] if has_words(runs[line_start:]) else []
            self._paragraphs(runs[:line_start] if held else runs, context)
            self.blocks.append(
                Block("figure", image=part, right=context.right, centred=context.centred, box=context.box)
            )
            runs = held
        self._paragraphs(runs, context)

    def _paragraphs(self, runs: list[Run], context: _Context) -> None:
        for lines in _split_paragraphs(runs):
            block = Block(
                context.kind,
                runs=lines,
                is_caption=context.is_caption,
                cell=context.cell,
                list=context.list,
                right=context.right,
                centred=context.centred,
                box=context.box,
                indented=_indent(lines) >= 6,
            )
            self.blocks.append(block)


def data_rows(table: Tag) -> list[list[Tag]]:
    """The rows of a table that holds data; [] for one that only lays out pictures, signatures or whole pages."""
    if table.find("table"):
        return []
    rows = [list(row.find_all(["td", "th"], recursive=False)) for row in table.find_all("tr")]
    texts = [[plain([Run(cell.get_text())]) for cell in row] for row in rows]
    filled = [sum(map(bool, row)) for row in texts]
    if not filled or max(filled) < 2:
        return []
    heads = bool(table.find("th"))
    bordered = _attribute(table, "border") not in ("", "0") or "table-bordered" in _attribute(table, "class")
    if sum(1 for count in filled if count) == 1 and not (heads or bordered):
        return []
    pictures = len(table.find_all("img"))
    if pictures and (sum(filled) < 3 * pictures or not (heads or bordered)):
        return []
    longest = max((len(text) for row in texts for text in row), default=0)
    if longest > 1500 and not (heads or bordered):
        return []  # columns of a page
    return [row for row, count in zip(rows, filled, strict=True) if count]


def _is_picture_box(tag: Tag, classes: str) -> bool:
    if tag.name not in ("figure", "table", "div") or (tag.name == "div" and not _PICTURE_CLASS.search(classes)):
        return False
    return tag.find("img") is not None and tag.find("table") is None and len(tag.get_text()) < _BOX_LIMIT


def _unseen(tag: Tag) -> bool:
    name = tag.name
    if name in _GONE or name.startswith(("w:", "m:")):
        return True
    style = tag.attrs.get("style")
    return bool(style and _HIDDEN.search(str(style)))


def _attribute(tag: Tag, name: str) -> str:
    value = tag.attrs.get(name, "")
    return " ".join(value) if isinstance(value, list) else str(value)


def _span(tag: Tag, name: str) -> int:
    value = _attribute(tag, name).strip()
    return min(int(value), 99) if value.isascii() and value.isdigit() and int(value) else 1


def _split_paragraphs(runs: list[Run]) -> Iterator[list[Run]]:
    """Two line breaks with nothing but blanks between them part paragraphs."""
    paragraph: list[Run] = []
    for line in lines_of(runs):
        if has_words(line):
            paragraph += ([Run("\n")] if paragraph else []) + line
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _indent(runs: list[Run]) -> int:
    """How many hard blanks the first line begins with: old pages push a signature to the right so."""
    text = "".join(run.text for run in runs)
    return len(text) - len(text.lstrip()) if "\u00a0" in text[:40] else 0
