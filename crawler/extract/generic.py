"""A page that no rules describe → an Article."""

from __future__ import annotations

from urllib.parse import urljoin

from archive.model import Article, Attachment, Byline, Image
from archive.text import normalise
from crawler.platform import Rules

from . import body, byline, dates, kinds
from .errors import NotAnArticle
from .locate import Located, Locator
from .outline import Outline
from .page import Page, unique_images
from .structured import Structured

_NEAR = 8  # lines above and below the body that may hold its date and its byline


def read_generic(text: str, url: str) -> Article:
    """Raises NotAnArticle."""
    page = Page(text, url, Rules())
    page.refuse()
    said = Structured(page.tree)
    outline = Outline(page.tree)
    locator = Locator(outline, said.titles(), urljoin(url, "/").rstrip("/"))
    found = locator.locate()
    if not found.title:
        raise NotAnArticle("no title")
    if found.body < 0:
        raise NotAnArticle("no body on the page")
    if why := kinds.refuse(url, locator, found):
        raise NotAnArticle(why)
    published = _published(locator, found, said)
    signed = _byline(locator, found)
    section = said.section(found.title)
    files = _files(locator, found, page)
    lead = normalise(" ".join(outline.lines[i].text for i in sorted(found.lead)))
    pictures = _pictures(locator, found, page)
    read = _body(page, locator, found, bool(files or pictures))
    address = page.address()
    if not (read.text or read.byline.text or read.images or pictures or files or page.holds_film):
        raise NotAnArticle("empty article")
    article = Article(
        url=address,
        title=found.title,
        summary="" if normalise(read.text).startswith(lead.rstrip(" .…")) else lead,
        html=read.html,
        text=read.text,
        byline=read.byline if read.byline.text else signed,
        published=published,
        section=section,
        images=unique_images(pictures + read.images),
        attachments=body.unique_files([*read.attachments, *files]),
        rules="",
        aliases=page.aliases(address),
    )
    if why := kinds.refuse_read(article, page.holds_film):
        raise NotAnArticle(why)
    return article


def _body(page: Page, locator: Locator, found: Located, has_more: bool) -> body.Body:
    outline = locator.outline
    element = outline.elements[found.body]
    for i in range(element.first, min(element.last, len(outline.lines))):
        if i not in found.lines or i in found.lead:
            for node in outline.lines[i].nodes:
                node.decompose()
    for parent, node in outline.unseen:
        if outline.inside(parent, found.body) and node.tag not in ("button", "object"):
            node.decompose()
    return page.body(element.node, has_more)


def _around(locator: Locator, found: Located) -> list[int]:
    """The lines between title and text, then those right above the title, then those right below the text."""
    lines = sorted(found.lines)
    first, last = (lines[0], lines[-1]) if lines else (found.heading + 1, found.heading)
    count = len(locator.outline.lines)
    between = (
        list(range(found.heading + 1, first + 1)) if found.heading >= 0 else list(range(max(0, first - _NEAR), first))
    )
    if len(between) > 30:
        between = between[:15] + between[-15:]
    above = list(range(found.heading - 1, max(-1, found.heading - 5), -1)) if found.heading >= 0 else []
    return between + above + list(range(last + 1, min(count, last + 1 + _NEAR)))


def _published(locator: Locator, found: Located, said: Structured) -> str | None:
    lines = locator.outline.lines
    shown: str | None = None
    for i in _around(locator, found):
        text = lines[i].text
        if not text or len(text) > 240 or i in found.lines or lines[i].linked > 0.5 * len(text):
            continue
        value = dates.printed(text)
        if value and (shown is None or (dates.has_clock(value) and not dates.has_clock(shown))):
            shown = value
            if dates.has_clock(value):
                break
    return said.published(shown)


def _byline(locator: Locator, found: Located) -> Byline:
    lines = locator.outline.lines
    for i in _around(locator, found):
        if i in found.lines or (locator.junk[i] and not lines[i].text):
            continue
        signed = byline.read(lines[i].text)
        if signed and signed.role and (signed.authors or signed.source) and not byline.is_photo_credit(signed):
            return signed
    return Byline()


def _pictures(locator: Locator, found: Located, page: Page) -> tuple[Image, ...]:
    """Pictures between the title and the body."""
    lines = locator.outline.lines
    first = min(found.lines, default=found.heading)
    pictures = []
    for i in range(found.heading + 1, first) if found.heading >= 0 else ():
        if locator.junk[i] or i in locator.file_lists or i in found.lines:
            continue
        for node in lines[i].nodes:
            if node.tag == "img" and (picture := page.picture(node)):
                pictures.append(picture)
    return tuple(pictures)


def _files(locator: Locator, found: Located, page: Page) -> list[Attachment]:
    """Files linked in the body, also in what was taken for junk there, and right below it."""
    outline = locator.outline
    element = outline.elements[found.body]
    attachments = []
    region = element if element.parent < 0 else outline.elements[element.parent]
    for i in range(max(region.first, found.heading + 1), min(region.last, len(outline.lines))):
        if i in found.lines:
            continue
        line = outline.lines[i]
        for href in line.hrefs if locator.has_file(i) else ():
            if not href.startswith(("#", "javascript:", "mailto:")):
                url = page.links.absolute(href)
                if url:
                    attachments.append(Attachment(url, normalise(line.text)))
    return attachments
