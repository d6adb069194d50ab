"""A page that no rules describe → an Article."""

from __future__ import annotations

import re

from archive.model import Article, Attachment, Byline, Image
from archive.text import normalise
from crawler.platform import Rules

from . import body, byline, dates, kinds
from .errors import NotAnArticle
from .locate import Located, locate
from .outline import Outline
from .page import Page, unique_images
from .structured import Structured
from .weigh import Weighed
from .words import form, words

# Not "author": that is what systems call the account that put it on line.
_SIGNED = re.compile(r"(?:^|[\s_-])(?:by-?line|tac-?gia|nguoi-?viet|but-?danh)(?:$|[\s_-])")
_NEAR = 8  # lines above and below the body that may hold its date and its byline


def read_generic(text: str, url: str, latest: str) -> Article:
    """``latest``: the day of the capture, "2026-11-24". Raises NotAnArticle."""
    page = Page(text, url, Rules())
    page.refuse()
    said = Structured(page.tree)
    outline = Outline(page.tree)
    titles = said.titles()
    weighed, found = locate(outline, titles, url)
    if not found.title:
        raise NotAnArticle("no title")
    if found.body < 0:
        raise NotAnArticle("no body on the page")
    if why := kinds.refuse(url, titles, weighed, found):
        raise NotAnArticle(why)
    published = _published(weighed, found, said, latest)
    signed = _byline(weighed, found)
    section = said.section(found.title)
    others = _files(weighed, found, page)
    lead = normalise(" ".join(outline.lines[i].text for i in sorted(found.lead)))
    pictures = _pictures(weighed, found, page)
    read = _body(page, weighed, found, bool(others or pictures))
    files = body.unique_files([*read.attachments, *others])
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
        attachments=files,
        rules="",
        aliases=page.aliases(address),
    )
    if why := kinds.refuse_read(article, page.holds_film):
        raise NotAnArticle(why)
    return article


def _body(page: Page, weighed: Weighed, found: Located, has_more: bool) -> body.Body:
    outline = weighed.outline
    element = outline.elements[found.body]
    for i in range(element.first, min(element.last, len(outline.lines))):
        if i not in found.lines or i in found.lead:
            for node in outline.lines[i].nodes:
                node.decompose()
    for parent, node in outline.unseen:
        if outline.inside(parent, found.body) and node.tag != "button":
            node.decompose()
    return page.body(element.node, has_more)


def _around(weighed: Weighed, found: Located) -> tuple[list[int], list[int], list[int]]:
    """Lines that may hold date and byline: between title and text, below the text, and above the title."""
    lines = weighed.outline.lines
    texts = [i for i in sorted(found.lines) if weighed.prose[i]] or sorted(found.lines)
    first, last = (texts[0], texts[-1]) if texts else (found.heading + 1, found.heading)
    start = found.heading if found.heading >= 0 else max(-1, first - _NEAR)
    between = range(start + 1, max(first, min(start + 3, len(lines))) if texts else min(start + _NEAR, len(lines)))
    below = range(last + 1, min(len(lines), last + 1 + _NEAR))
    above = range(max(-1, found.heading - 1), max(-1, found.heading - 5), -1)
    return (
        [i for i in between if i not in found.lines or not weighed.prose[i]][:30],
        [i for i in below if not (weighed.junk[i] or weighed.feet[i] or weighed.walls[i])],
        [i for i in above if not weighed.junk[i]][:2],
    )


def _published(weighed: Weighed, found: Located, said: Structured, latest: str) -> str | None:
    """The date printed nearest to the text; one with an hour before one without, in the same place.

    ``latest``: a later day than this is no date of publication.
    """
    lines = weighed.lines
    shown: tuple[bool, bool, str] | None = None  # labelled as the date of publication, with an hour, the date
    for group in _around(weighed, found):
        for i in group:
            text = lines[i].spaced
            linked = lines[i].linked > 0.5 * len(text) and not (weighed.about[i] or dates.is_dateline(text))
            if not text or len(text) > 240 or (weighed.prose[i] and len(text) > 120) or linked:
                continue
            value = dates.printed(text)
            if value and value[:10] <= latest:
                labelled = any(label in form(text) for label in words("dates", "published"))
                one = (labelled, dates.has_clock(value), value)
                shown = one if shown is None or one[:2] > shown[:2] else shown
        if shown:
            break
    return said.published(shown[2] if shown else None)


def _byline(weighed: Weighed, found: Located) -> Byline:
    """A byline that stands outside the body: with a label, or in an element that is called one."""
    outline = weighed.outline
    between, below, _ = _around(weighed, found)
    signed = Byline()
    for i in [*between, *below]:
        line = outline.lines[i]
        if (i in found.lines and weighed.prose[i]) or not line.text or line.linked > 0.5 * len(line.text):
            continue
        one = _signed(line.spaced, bool(_SIGNED.search(outline.elements[line.element].name)))
        if one and not signed.text:
            signed = one
        elif both := byline.with_source(signed, one):
            return both
    return signed


def _signed(text: str, named: bool) -> Byline | None:
    """The byline in a line; ``named``: its element says that it is one."""
    for account in words("byline", "cms_roles"):
        at = form(text).find(account)
        if at >= 0:
            text = text[:at]
    for start in dict.fromkeys((0, *byline.labels(text))):
        signed = byline.read(text[start:])
        if signed and signed.role and (signed.authors or signed.source) and not byline.is_photo_credit(signed):
            return signed
    signed = byline.read(text, True) if named else None
    return signed if signed and (signed.authors or signed.source) else None


def _pictures(weighed: Weighed, found: Located, page: Page) -> tuple[Image, ...]:
    """Pictures between the title and the body, and right above the title in the element that holds both."""
    if found.heading < 0:
        return ()
    outline, lines = weighed.outline, weighed.lines
    around = outline.around(lines[found.heading].element)
    both = next((outline.elements[n] for n in around if outline.inside(found.body, n)), None)
    start = max(both.first, found.heading - 3) if both and both.tag != "body" else found.heading
    pictures = []
    for i in range(start, min(found.lines, default=found.heading)):
        if weighed.junk[i] or i in weighed.file_lists or i in found.lines:
            continue
        for node in lines[i].nodes:
            if node.tag == "img" and (picture := page.picture(node)):
                pictures.append(picture)
    return tuple(pictures)


def _files(weighed: Weighed, found: Located, page: Page) -> list[Attachment]:
    """Files linked in the body, also in what was taken for junk there, and right below it."""
    outline = weighed.outline
    element = outline.elements[found.body]
    attachments = []
    region = element if element.parent < 0 else outline.elements[element.parent]
    for i in range(max(region.first, found.heading + 1), min(region.last, len(outline.lines))):
        if i in found.lines:
            continue
        line = outline.lines[i]
        for href in line.hrefs if weighed.files[i] else ():
            url = page.links.absolute(href)
            if url and not url.startswith("mailto:"):
                attachments.append(Attachment(url, line.text))
    return attachments
