"""A page as flat lists: its elements, and the lines of text that a reader sees, each with where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.text import normalise

from .blocks import BLOCKS

_UNSEEN_TAGS = frozenset(
    "script style noscript template svg math select option button textarea head title link meta".split()  # noqa: SIM905
)
_BLOCKS = BLOCKS | {"html", "body", "form"}
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN_CLASS = re.compile(
    r"(?:^|\s)(?:element-invisible|visually-hidden|visuallyhidden|sr-only|screen-reader-text|screenreadertext|hide-accessible|d-none|hidden)(?:\s|$)"
)
MOST = 40_000  # elements and texts that are looked at; no page seen has a tenth of it


@dataclass(slots=True)
class Line:
    """Text between two block boundaries.

    ``spaced`` the text with a blank wherever an element begins or ends, as styles may part them · ``linked`` characters
    inside links · ``links`` how many · ``hrefs`` where they lead, and frames · ``pictures`` and ``films`` that stand in
    it · ``cell`` within a table that may hold data · ``nodes`` the texts and pictures of which it is made, so that they
    can be taken out of the page.
    """

    element: int
    text: str = ""
    spaced: str = ""
    nodes: list[LexborNode] = field(default_factory=list)
    linked: int = 0
    links: int = 0
    hrefs: list[str] = field(default_factory=list)
    pictures: int = 0
    films: int = 0
    cell: bool = False

    @property
    def bare(self) -> int:
        """Characters outside links."""
        return max(0, len(self.text) - self.linked)


@dataclass(slots=True)
class Element:
    """``parent`` number of the element around it, -1 for the root · ``end`` number of the first element behind its
    subtree · ``first``, ``last`` its lines: lines[first:last] · ``name`` class, id, role and itemprop in lower case."""

    node: LexborNode
    tag: str
    parent: int
    name: str
    first: int
    last: int = 0
    end: int = 0


class Outline:
    """``elements`` in document order, ``lines`` in document order; what no reader sees is in neither, but in
    ``unseen``, with the element around it."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.elements: list[Element] = []
        self.lines: list[Line] = []
        self.unseen: list[tuple[int, LexborNode]] = []
        self._parts: list[str] = []
        self._line = Line(0)
        if tree.body is not None:
            self._walk(tree.body)

    def around(self, element: int, most: int = 100) -> list[int]:
        """The elements around one, itself first, at most so many."""
        found: list[int] = []
        while element >= 0 and len(found) < most:
            found.append(element)
            element = self.elements[element].parent
        return found

    def inside(self, inner: int, outer: int) -> bool:
        """Whether element ``inner`` is ``outer`` or stands in it."""
        return outer <= inner < self.elements[outer].end

    def _walk(self, body: LexborNode) -> None:
        # (node, element around it, inside a link, inside a cell); None closes the element.
        stack: list[tuple[LexborNode | None, int, bool, bool]] = [(body, -1, False, False)]
        count = 0
        while stack:
            node, parent, linked, cell = stack.pop()
            if node is None:
                self._close(parent)
                continue
            count += 1
            if count > MOST:
                continue
            if node.is_text_node:
                self._text(node, linked, cell)
            elif node.is_element_node:
                self._open(node, parent, linked, cell, stack)
        self._break(0)

    def _open(
        self,
        node: LexborNode,
        parent: int,
        linked: bool,
        cell: bool,
        stack: list[tuple[LexborNode | None, int, bool, bool]],
    ) -> None:
        tag = node.tag or ""
        attributes = node.attributes
        classes = (attributes.get("class") or "").lower()
        if (
            tag in _UNSEEN_TAGS
            or "hidden" in attributes
            or (classes and _UNSEEN_CLASS.search(classes))
            or _UNSEEN.search(attributes.get("style") or "")
        ):
            self.unseen.append((parent, node))
            return
        if tag in ("br", "hr"):
            self._break(parent)
            return
        number = len(self.elements)
        if tag in _BLOCKS:
            self._break(parent)
            self._line.element = number
        if tag == "img":
            self._line.pictures += 1
            self._line.nodes.append(node)
            return
        if tag in ("iframe", "video", "embed", "audio", "object"):
            self._line.films += 1
            self._line.nodes.append(node)
            self._line.hrefs += [attributes[key] or "" for key in ("src", "data") if key in attributes]
            return
        if tag == "a" and attributes.get("href"):
            linked = True
            self._line.links += 1
            self._line.hrefs.append(attributes.get("href") or "")
        name = f"{classes} {(attributes.get('id') or '').lower()}" if classes or attributes.get("id") else ""
        for key in ("role", "itemprop"):
            if attributes.get(key):
                name += f" {key}:{(attributes.get(key) or '').lower()}"
        self.elements.append(Element(node, tag, parent, name, len(self.lines)))
        stack.append((None, number, linked, cell))
        inner = cell or tag in ("td", "th")
        child = node.last_child
        while child is not None:
            stack.append((child, number, linked, inner))
            child = child.prev

    def _close(self, number: int) -> None:
        element = self.elements[number]
        if element.tag in _BLOCKS:
            self._break(element.parent)
        element.end = len(self.elements)
        element.last = len(self.lines) + (1 if self._parts or self._line.pictures or self._line.films else 0)

    def _text(self, node: LexborNode, linked: bool, cell: bool) -> None:
        text = node.text_content or ""
        if not text or text.isspace():
            if self._parts:
                self._parts.append(" ")
            return
        self._parts.append(text)
        self._line.nodes.append(node)
        self._line.cell = cell
        if linked:
            self._line.linked += len(text.strip())

    def _break(self, parent: int) -> None:
        """A block begins or ends: what was gathered is a line; ``parent`` is where the next one stands."""
        line = self._line
        line.text = normalise("".join(self._parts)) if self._parts else ""
        line.spaced = normalise(" ".join(self._parts)) if 1 < len(self._parts) < 12 else line.text
        if line.text or line.pictures or line.films:
            self.lines.append(line)
        self._parts = []
        while parent > 0 and self.elements[parent].tag not in _BLOCKS:
            parent = self.elements[parent].parent
        self._line = Line(max(parent, 0))
