"""Bytes → is it a web page, plain text, or neither?"""

from __future__ import annotations

import re
from typing import Literal

from .errors import NotHTML

_MAGIC = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"PK\x03\x04": "ZIP or Office",
    b"Rar!": "RAR",
    b"\xd0\xcf\x11\xe0": "Office",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"OggS": "Ogg",
    b"RIFF": "media",
    b"\x00\x00\x01\x00": "an icon",
}
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|table|p|h1|span|title|meta)\b", re.IGNORECASE)
_FEED = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|urlset|sitemapindex|rdf:RDF|wsdl)\b",
    re.IGNORECASE | re.DOTALL,
)


def sniff(media_type: str, body: bytes) -> Literal["html", "text"]:
    """Raises NotHTML for anything that is neither. The bytes are believed before the server."""
    head = body[:4096]
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            raise NotHTML(f"the bytes are {name}")
    if media_type.startswith(("image/", "audio/", "video/", "font/")):
        raise NotHTML(media_type)
    if _FEED.match(head) or media_type in ("application/rss+xml", "application/atom+xml"):
        raise NotHTML("a feed or sitemap")
    if _binary(head):
        raise NotHTML("binary data")
    if media_type in _HTML_TYPES:
        return "html"
    if media_type == "text/plain":
        return (
            "html" if re.match(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", head, re.IGNORECASE) else "text"
        )
    if media_type in ("", "application/octet-stream", "text/xml", "application/xml") and _MARKUP.search(head):
        return "html"
    if media_type in ("", "application/octet-stream"):
        return "text"
    raise NotHTML(media_type)


def _binary(head: bytes) -> bool:
    """Control characters that no text holds; UTF-16 with its mark is text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(head.count(byte) for byte in (*range(1, 9), *range(14, 27), *range(28, 32)))
    return odd * 20 > len(head) or head.count(0) * 4 > len(head)
