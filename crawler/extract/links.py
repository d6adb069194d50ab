"""Addresses inside an article: absolute, safe, and what they lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from archive import urls
from archive.text import normalise

FILE = re.compile(
    r"\.(?:pdf|docx?|docm|xlsx?|xlsm|pptx?|ppsx?|rar|zip|7z|rtf|odt|ods|odp|csv|tiff?)(?=$|[/?#&;])", re.IGNORECASE
)
# Addresses that send a file whatever they end in: NukeViet's, DotNetNuke's, Liferay's.
_SENDS_FILE = re.compile(
    r"[?&]download=|LinkClick\.aspx\?(?:.*&)?fileticket=|/document_library/get_file\b|/documents/\d+/[^?#]+/[0-9a-f]{8}-[0-9a-f]{4}-",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?=$|[?#])", re.IGNORECASE)
_ICON = re.compile(
    r"/_layouts/(?:\d+/)?images/|[-/]theme/images/|/(?:themes|templates)/[^/]+/images/|/no[-_]?image\.|"
    r"/modules/file/icons/|(?:^|/)misc/|/smileys?/|/emoticons?/|/emoji|ckeditor/plugins/|/(?:spacer|blank|pixel|transparent|clear)\.(?:gif|png)"
    r"|(?:^|/)(?:print|email|pdf|mail)(?:_?icon)?\.(?:gif|png)$|fbcdn\.net/images/emoji|/icons?/[^/]*$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:lazy|loading|placeholder|blank|spacer|grey|1x1|transparent|pixel)[^/]*\.(?:gif|png|svg|jpg)(?:$|\?)",
    re.IGNORECASE,
)
_LONGEST = 4_000  # characters; browsers and servers refuse longer addresses
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-echo", "data-url")
_SCHEMES = ("http", "https")


def is_file_address(url: str) -> bool:
    """Whether an address, absolute or not, leads to a document: by its ending in path or query, or by its form."""
    address = unquote(url).rstrip()
    return bool(FILE.search(address) or _SENDS_FILE.search(address))


def target(url: str, href: str) -> str:
    """The key of the page that a link on the page ``url`` leads to; "" when nobody knows."""
    try:
        return urls.key(urljoin(url, href))
    except ValueError:
        return ""


class Links:
    """Resolves addresses against the page's base."""

    def __init__(self, base: str) -> None:
        self._base = base

    def absolute(self, href: str) -> str:
        """An absolute http(s) address, or ""; mailto: stays as it is. Never javascript: or data:."""
        if len(href) > _LONGEST:
            return ""
        if not href.isprintable():
            href = "".join(c for c in href if c.isprintable())
        href = href.strip().replace("\\", "/")
        if not href or href.startswith("#"):
            return ""
        try:
            url = urljoin(self._base, href)
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            return ""
        if parts.scheme.lower() == "mailto":
            return url.replace(" ", "%20")
        return url.replace(" ", "%20") if parts.scheme.lower() in _SCHEMES and host else ""

    def is_file(self, url: str) -> bool:
        """Whether the address leads to a document: .pdf at the end, in the middle of the path, or in the query."""
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES:
            return False
        return is_file_address(url)

    def embedded(self, attributes: Mapping[str, object]) -> str:
        """The address of the document that an <iframe>, <embed> or <object> shows, also through a viewer; or ""."""
        for name in ("src", "data", "data-src"):
            url = self.absolute(str(attributes.get(name) or ""))
            if not url:
                continue
            for key, value in parse_qsl(urlsplit(url).query)[:50]:
                if key in ("url", "src", "file") and (inner := self.absolute(value)) and self.is_file(inner):
                    return inner
            if self.is_file(url):
                return url
        return ""

    def is_picture(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(_PICTURE.search(unquote(parts.path).rstrip()))

    def image(self, attributes: Mapping[str, object], original: str = "") -> tuple[str, str] | None:
        """The address and the alt text of an <img>; None for icons, spacers and what cannot be fetched.

        ``original``: the picture file that a link around it leads to; it is taken instead of the small copy.
        """
        if _is_tiny(attributes):
            return None
        alt = normalise(str(attributes.get("alt") or ""))
        sources = [str(attributes.get(name) or "") for name in _LAZY]
        sources.append(str(attributes.get("src") or ""))
        sources += [_largest(str(attributes.get(name) or "")) for name in ("data-srcset", "srcset")]
        for source in sources:
            url = self.absolute(source)
            if url and not url.startswith("mailto:") and not _PLACEHOLDER.search(url):
                url = url.partition("#")[0]  # Joomla keeps the picture's size there
                return (
                    None if _ICON.search(url) or "file-icon" in str(attributes.get("class")) else (original or url, alt)
                )
        return (original, alt) if original else None


def _is_tiny(attributes: Mapping[str, object]) -> bool:
    return any(str(attributes.get(side)) in ("0", "1", "2", "1px", "2px") for side in ("width", "height"))


def _largest(srcset: str) -> str:
    """The address with the greatest width or density in a srcset."""
    best, size = "", -1.0
    for candidate in srcset.split(","):
        url, _, unit = candidate.strip().partition(" ")
        number = re.match(r"\d+(?:\.\d+)?", unit.strip())
        if url and (float(number[0]) if number else 1.0) > size:
            best, size = url, float(number[0]) if number else 1.0
    return best
