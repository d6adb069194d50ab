"""Archived HTML, made fit to be shown. It is hostile: the portal's own people and whoever broke into it wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "em", "strong", "blockquote", "br", "div", "span", "img"}
_TAGS |= {"table", "thead", "tbody", "caption", "tr", "td", "th", "figure", "figcaption"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "lang", "loading", "decoding"},
    "span": {"lang"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "div": {"tabindex", "role", "aria-label"},
}
_CLASSES = {"a": {"kept", "bare"}, "div": {"wide"}, "span": {"picture"}}
_HIDDEN = {"script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "form", "textarea"}
_ADDRESS = re.compile(r'\b(src|href)="([^"]{1,4000})"')


@dataclass(frozen=True, slots=True)
class Kept:
    """What the archive has of what a body refers to: addresses on this site by the address as written.

    ``pictures`` to be shown, ``pages`` (articles and files) to be linked to in place of the portal's own.
    """

    pictures: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """The page's own words in the reader's ``language``: where a picture stood, the link to it at the portal, a picture
    that has no text of its own, and a table that scrolls."""

    language: str
    picture: str
    open_picture: str
    untold: str
    table: str


def references(html: str) -> tuple[list[str], list[str]]:
    """The addresses of a body's pictures and of its links, http(s) only, each once, in order."""
    found: dict[str, dict[str, None]] = {"src": {}, "href": {}}
    for name, address in _ADDRESS.findall(html):
        if external(plain := unescape(address)):
            found[name][plain] = None
    return list(found["src"]), list(found["href"])


def figures(pictures: Iterable[tuple[str, str]]) -> str:
    """Pictures with their captions as mark-up of a body, for what a page shows outside it."""
    return "".join(
        f'<figure><img src="{escape(url)}" alt="">'
        + (f"<figcaption>{escape(caption)}</figcaption>" if caption else "")
        + "</figure>"
        for url, caption in pictures
    )


def body(html: str, text: str, words: Words, kept: Kept) -> Markup:
    """The body of an article, with the pictures and links that are ``kept``.

    Other pictures become a note: the portal's own are not loaded. Without ``html``: the paragraphs of ``text``.
    """
    if not html.strip():
        return Markup(paragraphs(text))
    soup = BeautifulSoup(html if "<" in html else f"<p>{html}</p>", "html.parser")
    for image in soup.find_all("img"):
        address = kept.pictures.get(str(image.get("src") or ""))
        image.replace_with(_picture(soup, image, address, words) if address else _placeholder(soup, image, words))
    for link in soup.find_all("a"):
        _lead(link, kept)
    for table in soup.find_all("table"):
        if table.find_parent("table") is None:
            # A wide table scrolls by itself; who has no mouse must be able to reach it, and to hear what it is.
            named = {"role": "group", "aria-label": words.table}
            table.wrap(soup.new_tag("div", attrs={"class": "wide", "tabindex": "0", **named}))
    return _cleaned(str(soup), frozenset(kept.pictures.values()), frozenset(kept.pages.values()))


def paragraphs(text: str) -> str:
    """Plain text as mark-up: empty lines part its paragraphs."""
    return "".join(f"<p>{escape(block)}</p>" for block in re.split(r"\n\s*\n", text) if block.strip())


def external(url: str) -> str:
    """The address when a browser may be sent there; "" for ``javascript:`` and its like."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def _cleaned(html: str, pictures: frozenset[str], pages: frozenset[str]) -> Markup:
    """Last: what is shown is what left the sanitiser, whatever the parser before it made of it.

    A relative address would point into this site, and is none of the portal's; only our own get through.
    """

    def attribute(_tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return value if value in pictures else None
        if name == "href":
            ours = value in pages or value.lower().startswith("mailto:")
            return value if ours or external(value) else None
        pattern = _VALUES.get(name)
        return value if pattern is None or pattern.fullmatch(value) else None

    return Markup(
        nh3.clean(
            html,
            tags=_TAGS if pictures else _TAGS - {"img"},
            clean_content_tags=_HIDDEN,
            attributes=_ATTRIBUTES,
            attribute_filter=attribute,
            allowed_classes=_CLASSES,
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener noreferrer",
        )
    )


_NUMBER = re.compile(r"\d{1,3}")
_VALUES = {
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "start": _NUMBER,
    "tabindex": re.compile("0"),
    "role": re.compile("group"),
    "lang": re.compile("vi|en"),
    "loading": re.compile("lazy"),
    "decoding": re.compile("async"),
}


def _lead(link: Tag, kept: Kept) -> None:
    """To what the archive has of it; the portal's address stays to be seen. "bare": it is its own text, and need not be
    printed beside it."""
    address = str(link.get("href") or "")
    classes = ["bare"] if link.get_text().strip() == address else []
    link.attrs = {"href": address}
    if address in kept.pages:
        link.attrs = {"href": kept.pages[address], "title": address}
        classes.append("kept")
    if classes:
        link["class"] = " ".join(classes)


def _picture(soup: BeautifulSoup, image: Tag, address: str, words: Words) -> Tag:
    """Its size is not known before it comes: the page below it is laid out again then, once."""
    alternative = str(image.get("alt") or "").strip()
    told = {"alt": alternative} if alternative else {"alt": words.untold, "lang": words.language}
    return soup.new_tag("img", attrs={"src": address, **told, "loading": "lazy", "decoding": "async"})


def _placeholder(soup: BeautifulSoup, image: Tag, words: Words) -> Tag:
    note = soup.new_tag("span", attrs={"class": "picture"})
    alternative = str(image.get("alt") or "").strip()
    figure = image.find_parent("figure")
    if figure is not None and alternative in figure.get_text():  # the caption says it
        alternative = ""
    said = soup.new_tag("span", attrs={"lang": words.language})
    said.string = f"{words.picture}:" if alternative else words.picture
    note.extend([said, f" {alternative} "])
    address = external(str(image.get("src") or ""))
    if address and image.find_parent("a") is None:
        link = soup.new_tag("a", attrs={"href": address})
        link.string = words.open_picture
        said = soup.new_tag("span", attrs={"lang": words.language})
        said.append(link)
        note.append(said)
    return note
