"""What a body is, and how it may be given to a browser without ever being run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HTML, TEXT, IMAGE, STYLES, MEDIA, PDF, FILE = "html", "text", "image", "styles", "media", "pdf", "file"

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"%PDF-", "application/pdf"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_PICTURES = frozenset(f"image/{name}" for name in ("png", "jpeg", "gif", "bmp", "x-icon", "webp", "avif"))
_PAGES = frozenset(["text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"])
# Servers that do not know say one of these.
_UNTOLD = frozenset(
    ["", "application/octet-stream", "binary/octet-stream", "application/x-download", "unknown/unknown"]
)
_TEXTS = re.compile(r"text/.+|application/(?:[\w.+-]*(?:xml|json|javascript|ecmascript)|x-sh)|image/svg\+xml")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml.{0,300}?\?>\s*)?(?:<!--.{0,2000}?-->\s*|<!DOCTYPE.{0,1500}?>\s*)*<svg\b", re.S
)
_TOKEN = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` one of those above · ``media_type`` under which a browser may have it: what it is, not what it says."""

    name: str
    media_type: str


# Its name tells what it is; nothing that a server calls it may make a browser open it here.
_FILE = Kind(FILE, "application/octet-stream")


def kind(declared: str, body: bytes) -> Kind:
    """The bytes are believed before the server. ``declared``: "text/html", or "" when it said nothing."""
    found = _magic(body)
    if found in _PICTURES:
        return Kind(IMAGE, found)
    if found == "application/pdf":
        return Kind(PDF, found)
    if found.startswith(("font/", "audio/", "video/")):
        return Kind(MEDIA, found)
    if found:
        return _FILE
    if declared in _PAGES or (declared in _UNTOLD and _MARKUP.match(body[:4096])):
        return Kind(HTML, "text/html")
    if declared == "image/svg+xml" or (declared.startswith("image/") and _SVG.match(body[:8192])):
        return Kind(IMAGE, "image/svg+xml")
    if declared == "text/css":
        return Kind(STYLES, declared)
    if _TEXTS.fullmatch(declared) or (declared in _UNTOLD and _is_text(body[:4096])):
        return Kind(TEXT, "text/plain")
    if declared.startswith(("audio/", "video/", "font/", "application/font", "application/x-font")):
        return Kind(MEDIA, safe(declared))
    return _FILE


def safe(declared: str) -> str:
    """A media type fit for a header."""
    return declared if _TOKEN.fullmatch(declared) else "application/octet-stream"


def is_active(declared: str) -> bool:
    """Would a browser run something of that type, or take it for another one?"""
    declared = declared.lower()
    passive = declared in _PICTURES or declared in ("application/pdf", "text/plain", "text/css")
    return not (passive or declared.startswith(("audio/", "video/", "font/")))


def file_name(url: str, media_type: str) -> str:
    """What a download is called: the end of the address in plain letters, never a path."""
    try:
        last = unquote(urlsplit(url).path, errors="replace").rstrip("/").rpartition("/")[2]
    except ValueError:
        last = ""
    name = re.sub(r"[^\w.() -]+", "_", last).strip(" ._")[-_NAME_LENGTH:]
    if media_type in _PAGES and "." not in name:
        return f"{name or 'page'}.html"
    return name or "file"


def _magic(body: bytes) -> str:
    if body[:4] == b"RIFF":
        return _RIFF.get(body[8:12], "")
    if body[4:8] == b"ftyp":
        return "image/avif" if body[8:12] in (b"avif", b"avis") else "video/mp4"
    if body[:1] in (b"\xff",) and body[1:2] in (b"\xfb", b"\xf3", b"\xf2"):
        return "audio/mpeg"
    # Two letters are little: a text may begin with them.
    found = next((media_type for magic, media_type in _MAGIC if body.startswith(magic)), "")
    return "" if found == "image/bmp" and body[6:10] != b"\0\0\0\0" else found


def _is_text(head: bytes) -> bool:
    return not head.translate(None, bytes(range(32, 256)) + b"\t\n\r\f\x1b")
