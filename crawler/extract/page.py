"""A web page and the rules that read it → an Article. Lexbor finds the nodes; body.py cleans the article's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive import urls
from archive.model import Article, Attachment, Byline, Image
from archive.text import normalise
from crawler.platform import Rules

from . import body, byline, dates
from .errors import NoBody, NotAnArticle
from .links import Links
from .refusal import SITE_NAME, any_of, refusal
from .tree import parse
from .words import form, words

_ATTRIBUTE = re.compile(r"@([\w:.-]+)$")
_LOOSE_SPANS = "span:not([style*='bold']):not([style*='italic']):not([style*='none']):not([style*='hid'])"
_LARGEST_BODY = 30_000  # tags and lines; no article seen has a tenth of it
_PICTURE_BOX = re.compile(r"img|image|photo|caption", re.IGNORECASE)
_FEW = 4_000  # tags
_NEAR = 240  # characters; a line with the date of publication is shorter


def read_page(text: str, url: str, rules: Rules) -> Article:
    """Raises NotAnArticle, and NoBody for an article whose body the rules do not find."""
    page = Page(text, url, rules)
    page.refuse()
    title = page.title()
    body_node, found = page.body_node()
    published = page.published(body_node)
    section = page.section(title)
    images, files = page.images(), page.files()
    # Before the body is cleaned: what is dropped from it is gone from the page.
    lead, signed = page.lead(), page.byline()
    read = page.body(body_node, bool(images or files))
    if not found and not (images or files):
        raise NoBody(title, published, section)
    images = unique_images(images + read.images)
    files = body.unique_files([*read.attachments, *files])
    summary = "" if normalise(read.text).startswith(_uncut(lead)) else lead
    if not (read.text or summary or read.byline.text or images or files or page.holds_film):
        raise NotAnArticle("empty article")
    if not title:
        raise NotAnArticle("no title")
    address = page.address()
    return Article(
        url=address,
        title=title,
        summary=summary,
        html=read.html,
        text=read.text,
        byline=read.byline if read.byline.text else signed,
        published=published,
        section=section,
        images=images,
        attachments=files,
        rules=rules.name,
        aliases=page.aliases(address),
    )


class Page:
    """One parsed page. Nodes are removed from it as they are read: use once, in the order of ``read_page``."""

    def __init__(self, text: str, url: str, rules: Rules) -> None:
        self.tree = parse(text)
        self.source, self.tags = len(text), text.count("<")
        self.rules = rules if self.tags <= _FEW else _without_siblings(rules)
        self.url = url
        # Broken pages print their metas in the body: then the whole page is the head.
        found = self.tree.head
        self.head: LexborNode | LexborHTMLParser = found if found is not None and found.child is not None else self.tree
        self.base = _base(self.head, url)
        self.links = Links(self.base)
        self.holds_film = False

    def refuse(self) -> None:
        """Raises NotAnArticle for pages that are known to be something else."""
        if why := refusal(self.tree, self.rules, self.source):
            raise NotAnArticle(why)

    def title(self) -> str:
        """ "" when the page prints none."""
        for selector in self.rules.title:
            for value in self._values((selector,)):
                return SITE_NAME.split(value)[0].strip() if selector.startswith("meta") else value
        head = self.tree.css_first("head title") or self.tree.css_first("title")
        return SITE_NAME.split(normalise(head.text()))[0].strip() if head else ""

    def body_node(self) -> tuple[LexborNode | None, bool]:
        """The node of the body, and whether any was there at all; one with content goes before an empty one."""
        empty = None
        for selector in self.rules.body:
            for node in self.tree.css(selector):
                if _says_something(node):
                    return node, True
                empty = empty if empty is not None else node
        return empty, empty is not None

    def body(self, node: LexborNode | None, has_more: bool) -> body.Body:
        if node is None:
            return body.Body()
        _remove(node.css(any_of(self.rules.drop)) if self.rules.drop else [])
        self.holds_film = node.css_first("iframe, video, embed, object") is not None
        for image in node.css("img[src^='data:' i]"):
            del image.attrs["src"]
        node.strip_tags(["script", "style", "noscript", "xml"])
        if node.tag not in ("span", "font"):  # the node itself would go too: ASP.NET prints bodies in labels
            node.unwrap_tags([_LOOSE_SPANS, "font"])
        source = node.inner_html or ""
        if source.count("<") + source.count("\n") > _LARGEST_BODY:
            return body.read_lines(node.text(separator="\n"))
        return body.read(source, self.links, has_more)

    def published(self, body_node: LexborNode | None) -> str | None:
        for selector in self.rules.published:
            path, attribute = split_selector(selector)
            for node in self.tree.css(path):
                found = (
                    dates.machine(node.attributes.get(attribute) or "")
                    if attribute
                    else dates.printed(_spaced(node)[:2000])
                )
                if found:
                    return found
        return self._date_above(body_node) if body_node is not None else None

    def section(self, title: str) -> str:
        for value in self._values(self.rules.section):
            value = value.strip(" :»>/|")
            if value and form(value) not in words("pages", "home") and value != title:
                return value
        return ""

    def lead(self) -> str:
        """The lead printed outside the body, or at its head in an element of its own; "" when there is none."""
        if self.rules.drop:
            for node in self._nodes(tuple(split_selector(selector)[0] for selector in self.rules.summary)):
                _remove(node.css(any_of(self.rules.drop)))
        return next(self._values(self.rules.summary), "")

    def byline(self) -> Byline:
        signed = Byline()
        for value in self._values(self.rules.byline):
            found = byline.read(value, True)
            if found and not signed.text:
                signed = found
            elif both := byline.with_source(signed, found):
                return both
        return signed

    def images(self) -> tuple[Image, ...]:
        """The pictures outside the body."""
        found = []
        for node in self._nodes(self.rules.images):
            for image in [node] if node.tag == "img" else node.css("img"):
                if picture := self.picture(image, node):
                    found.append(picture)
        return unique_images(tuple(found))

    def picture(self, node: LexborNode, box: LexborNode | None = None) -> Image | None:
        """An <img> outside the body, as the file a link around it leads to; None for icons and the like."""
        link = node.parent if node.parent is not None and node.parent.tag == "a" else None
        original = self.links.absolute(link.attributes.get("href") or "") if link is not None else ""
        made = self.links.image(node.attributes, original if self.links.is_picture(original) else "")
        return Image(made[0], _caption(node, box)) if made else None

    def files(self) -> tuple[Attachment, ...]:
        """The files outside the body."""
        found = []
        for node in self._nodes(self.rules.attachments):
            for link in [node] if node.tag == "a" else node.css("a[href]"):
                url = self.links.absolute(link.attributes.get("href") or "")
                if url and not url.startswith("mailto:"):
                    found.append(Attachment(url, normalise(link.text())))
        return tuple(found)

    def address(self) -> str:
        """The canonical link, if it names this host; else the address that was asked for. A print view's is that of
        the article it shows."""
        link = self.head.css_first("link[rel='canonical' i][href]")
        said = self.links.absolute(link.attributes.get("href") or "") if link is not None else ""
        asked = urls.canonical(self.url)
        if said and urls.host(said) == urls.host(self.url) and not _is_front(said, asked):
            return self._shown(urls.canonical(said))
        return self._shown(asked)

    def _shown(self, address: str) -> str:
        path = urls.path_query(address)
        for view, plain in self.rules.views:
            path = re.sub(view, plain, path)
        return urls.canonical(urljoin(address, path)) if path != urls.path_query(address) else address

    def aliases(self, address: str) -> tuple[str, ...]:
        found = []
        for selector in ("link[rel='shortlink' i]@href", "meta[property='og:url']@content"):
            path, attribute = split_selector(selector)
            for node in self.head.css(path):
                said = self.links.absolute(node.attributes.get(attribute) or "")
                if said and urls.host(said) == urls.host(self.url) and not _is_front(said, address):
                    found.append(urls.canonical(said))
        return tuple(alias for alias in dict.fromkeys(found) if alias != address)

    def _nodes(self, selectors: tuple[str, ...]) -> Iterator[LexborNode]:
        if selectors:
            yield from self.tree.css(any_of(selectors))

    def _values(self, selectors: tuple[str, ...]) -> Iterator[str]:
        """The texts or attributes that the selectors give, those that are not empty, in their order."""
        if len(selectors) > 1 and self.tree.css_first(any_of(tuple(split_selector(s)[0] for s in selectors))) is None:
            return  # one pass over the page instead of many: most pages have neither lead nor byline of their own
        for selector in selectors:
            path, attribute = split_selector(selector)
            for node in self.tree.css(path):
                if value := normalise((node.attributes.get(attribute) or "") if attribute else _spaced(node)):
                    yield value

    def _date_above(self, body_node: LexborNode) -> str | None:
        """A date printed between the title and the body, whatever its element is called.

        Goes from the body upwards, asks the short neighbours above it, and stops at the one that holds the title.
        """
        node: LexborNode | None = body_node
        for _ in range(6):
            if node is None or node.tag in ("body", "html"):
                return None
            above = node.prev
            while above is not None:
                text = _spaced(above) if above.is_element_node else above.text()
                text = normalise(text[: 4 * _NEAR])
                if (
                    text
                    and len(text) <= _NEAR
                    and (found := dates.printed(text))
                    and (dates.has_clock(found) or len(text) <= 60)
                ):
                    return found
                if above.is_element_node and (above.tag in ("h1", "h2") or above.css_first("h1") is not None):
                    return None
                above = above.prev
            node = node.parent
        return None


def _without_siblings(rules: Rules) -> Rules:
    """The rules without the selectors that look through the siblings of each sibling: on a page of thousands of them
    that takes minutes."""

    def few(selectors: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(selector for selector in selectors if "~ " not in selector)

    return replace(
        rules,
        title=few(rules.title),
        summary=few(rules.summary),
        body=few(rules.body),
        byline=few(rules.byline),
        published=few(rules.published),
        section=few(rules.section),
        drop=few(rules.drop),
    )


def _says_something(node: LexborNode) -> bool:
    """Whether there are words, a picture, a film or a link in it. Not by its text: nodes may hold one another."""
    for inner in node.traverse(include_text=True):
        if inner.is_text_node:
            if (inner.text_content or "").strip():
                return True
        elif inner.tag in ("img", "iframe", "video", "embed", "object") or (inner.tag == "a" and inner.attributes):
            return True
    return False


def _uncut(lead: str) -> str:
    """The part of a teaser that its text begins with: "Sáng nay, huyện..." → "Sáng nay, huyện"."""
    return lead.rstrip(" .…") if lead.endswith(("...", "…")) else lead


def _spaced(node: LexborNode) -> str:
    """The node's text; what stands in two blocks does not grow together."""
    if node.css_first("div, p, li, br, td, time, h1, h2, h3") is None:
        return node.text()
    return node.text(separator=" ")


def split_selector(selector: str) -> tuple[str, str]:
    """ "h1@title" → ("h1", "title"); "h1" → ("h1", "")."""
    found = _ATTRIBUTE.search(selector)
    return (selector[: found.start()], found[1]) if found else (selector, "")


def _remove(nodes: list[LexborNode]) -> None:
    """Take nodes out of the page: inner ones first, each once, for a removed node's children are gone with it."""
    for node in reversed({node.mem_id: node for node in nodes}.values()):
        node.decompose()


def _base(head: LexborNode | LexborHTMLParser, url: str) -> str:
    node = head.css_first("base[href]")
    try:
        base = urljoin(url, (node.attributes.get("href") or "")[:2_000].strip()) if node is not None else url
    except ValueError:
        return url
    return base if base.startswith(("http://", "https://")) else url


def _is_front(said: str, asked: str) -> bool:
    """A canonical link to the front page on every page is a fault of the template."""
    return urlsplit(said).path in ("", "/") and not urlsplit(said).query and urlsplit(asked).path not in ("", "/")


def _caption(image: LexborNode, box: LexborNode | None) -> str:
    """The words printed with a picture outside the body: those of its own item, or of a ``box`` around it alone."""
    node = image.parent
    for _ in range(4):
        if node is None:
            return ""
        ends = box is not None and node.mem_id == box.mem_id
        name = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if (
            node.tag == "figure"
            or "item" in name
            or ((ends or _PICTURE_BOX.search(name)) and len(node.css("img")) == 1)
        ):
            _remove(node.css("[style*='display:none' i], [style*='display: none' i]"))
            text = normalise(_spaced(node))
            if text or ends:
                return text if len(text) < 350 else ""
        if ends:
            return ""
        node = node.parent
    return ""


def unique_images(images: tuple[Image, ...]) -> tuple[Image, ...]:
    found: dict[str, Image] = {}
    for image in images:
        if image.url not in found or (image.caption and not found[image.url].caption):
            found[image.url] = image
    return tuple(found.values())
