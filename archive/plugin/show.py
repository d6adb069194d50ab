"""Archived HTML, made fit to be shown. It is hostile: the portal's own people and whoever broke into it wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

Translate = Callable[[str], str]

_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "em", "strong", "blockquote", "br", "div", "span"}
_TAGS |= {"table", "thead", "tbody", "caption", "tr", "td", "th", "figure", "figcaption"}
_ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "div": {"tabindex"},
}
_CLASSES = {"div": {"wide"}, "span": {"picture"}}
_HIDDEN = {"script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "form", "textarea"}


def body(html: str, text: str, picture: str, open_picture: str) -> Markup:
    """The body of an article. Pictures become a note in the reader's language: the portal's own are not loaded.

    ``picture`` stands where a picture stood, ``open_picture`` is the text of the link to it at the portal. Without
    ``html``: the paragraphs of ``text``.
    """
    if not html.strip():
        return Markup("".join(f"<p>{escape(block)}</p>" for block in re.split(r"\n\s*\n", text) if block.strip()))
    soup = BeautifulSoup(html if "<" in html else f"<p>{html}</p>", "html.parser")
    for image in soup.find_all("img"):
        image.replace_with(_placeholder(soup, image, picture, open_picture))
    for table in soup.find_all("table"):
        if table.find_parent("table") is None:
            # A wide table scrolls by itself; who has no mouse must be able to reach it.
            table.wrap(soup.new_tag("div", attrs={"class": "wide", "tabindex": "0"}))
    # Last: what is shown is what left the sanitiser, whatever the parser above made of it.
    return Markup(
        nh3.clean(
            str(soup),
            tags=_TAGS,
            clean_content_tags=_HIDDEN,
            attributes=_ATTRIBUTES,
            attribute_filter=_attribute,
            allowed_classes=_CLASSES,
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener noreferrer",
        )
    )


def external(url: str) -> str:
    """The address when a browser may be sent there; "" for ``javascript:`` and its like."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def _placeholder(soup: BeautifulSoup, image: Tag, picture: str, open_picture: str) -> Tag:
    note = soup.new_tag("span", attrs={"class": "picture"})
    alternative = str(image.get("alt") or "").strip()
    figure = image.find_parent("figure")
    if figure is not None and alternative in figure.get_text():  # the caption says it
        alternative = ""
    note.append(f"{picture}: {alternative} " if alternative else f"{picture} ")
    address = external(str(image.get("src") or ""))
    if address and image.find_parent("a") is None:
        link = soup.new_tag("a", attrs={"href": address})
        link.string = open_picture
        note.append(link)
    return note


def _attribute(tag: str, name: str, value: str) -> str | None:
    """A relative address would point into this site: it is none of the portal's."""
    if (tag, name) == ("a", "href"):
        return value if external(value) or value.lower().startswith("mailto:") else None
    if name in ("colspan", "rowspan", "start"):
        return value if re.fullmatch(r"\d{1,3}", value) else None
    if name == "tabindex":
        return "0"
    return value
