"""Vietnamese text: white space and NFC for what is kept, folding for what is searched. Imports nothing of ours.

What was published is never altered beyond NFC and white space; everything else here serves the index.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
import zlib

import brotli
import charset_normalizer
from w3lib.encoding import html_body_declared_encoding as declared_by_page
from w3lib.encoding import http_content_type_encoding as declared_by_header
from w3lib.encoding import resolve_encoding

from . import legacy

# Zero-width characters, soft hyphens and control characters: pasted between letters, and no reader sees them.
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")

# The first vowel carries the mark in open syllables: hoà → hòa, thuý → thúy. "quý" keeps it: its u belongs to q.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OPEN_SYLLABLE = re.compile(
    rf"(?<!q)(o(?=[ae])|u(?=y))([aey])([{_TONES}])(?![\w{_TONES}\u0302\u0306\u031b])", re.IGNORECASE
)

_MEMBERS = 100  # parts of a compressed body; each is copied to get at the next
_ASCII = bytes(range(128))
# Codecs of Python that are no encoding of text.
_NO_CHARSETS = frozenset(
    ["idna", "punycode", "undefined", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape"]
)
# Old pages declare these, or nothing, whatever they hold; only a page in another script has a reason not to.
_BELIEVED_LAST = (None, "utf-8", "cp1252", "iso8859-15", "cp1258")


def normalise(text: str) -> str:
    """NFC, every run of white space one blank, nothing at the ends, zero-width characters gone."""
    text = " ".join(visible(text).split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """Without zero-width, control and surrogate characters; white space stays as it is."""
    return text if text.isprintable() else _INVISIBLE.sub("", text)


class NotInflatable(ValueError):
    """A body that is not what its Content-Encoding says, or is larger than allowed: keep it, do not read it."""


def inflate(body: bytes, content_encoding: str, limit: int = 50_000_000) -> bytes:
    """The body without its Content-Encoding ("gzip", "deflate", "br", "" or "identity"; several by commas).

    A body that is cut short gives what precedes the cut. Raises NotInflatable for an unknown coding, for bytes
    that are not of that coding, and beyond ``limit`` bytes.
    """
    for coding in reversed([part.strip().lower() for part in content_encoding.split(",")]):
        if coding in ("", "identity"):
            continue
        if coding in ("gzip", "x-gzip"):
            body = _unzip(body, 31, limit)
        elif coding == "deflate":
            # "deflate" is zlib by the letter of RFC 9110, but some servers send the bare stream.
            wrapped = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
            body = _unzip(body, 15 if wrapped else -15, limit)
        elif coding == "br":
            body = _unbrotli(body, limit)
        else:
            raise NotInflatable(f"unknown Content-Encoding: {coding}")
    return body


def decode(body: bytes, content_type: str = "") -> str:
    """Bytes of a page as text: byte-order mark, then UTF-8, then the systems before Unicode, then what header and page
    declare, then a guess.

    A declaration that the bytes contradict is not believed: real portals send UTF-8 under ISO-8859-1 headers. Runs of
    TCVN3, VNI, windows-1258 and twice encoded UTF-8 become the Vietnamese they show (legacy.py).
    Bytes that no encoding explains become U+FFFD; nothing is raised.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return legacy.convert_page(body[len(mark) :].decode(name, "replace"))
    if wide := _wide(body):
        return legacy.convert_page(body.decode(wide, "replace"))
    try:
        return legacy.convert_page(body.decode("utf-8"))
    except UnicodeDecodeError:
        # Real UTF-8 is never another encoding by chance: several bytes in a row would have to fit its pattern.
        if _mostly_utf8(body):
            return legacy.convert_page(body.decode("utf-8", "replace"))
    declared = declared_by_header(content_type) or declared_by_page(body[:4096])
    declared = resolve_encoding(declared) if declared else None
    if declared in _BELIEVED_LAST and (text := legacy.read(body, declared or "")) is not None:
        return text
    return body.decode(declared if declared and _is_charset(declared) else _guess(body) or "utf-8", "replace")


def _is_charset(name: str) -> bool:
    """Whether a codec is an encoding of text: Python knows base64, zlib and escapes by such names too."""
    try:
        return codecs.lookup(name).name not in _NO_CHARSETS and isinstance("".encode(name), bytes)
    except (LookupError, UnicodeError):
        return False


# All marks of Latin letters stand in the first block; those of other scripts beyond. Letter by letter takes three times
# as long.
_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_OTHER_SCRIPTS = re.compile("[^\u0000-\u0482\u1e00-\u20cf\u2100-\u2cee]")


def fold(text: str) -> str:
    """For the index and for comparing: lower case, no marks, đ → d. ``fold("Đức Linh") == "duc linh"``."""
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text.lower()))
    if _OTHER_SCRIPTS.search(bare):
        bare = "".join(c for c in bare if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def index_form(text: str) -> str:
    """For the index: NFC with the tone mark where the index expects it. ``index_form("hoà") == "hòa"``."""
    return unicodedata.normalize("NFC", _OPEN_SYLLABLE.sub(r"\1\3\2", unicodedata.normalize("NFD", text)))


def _unzip(body: bytes, window: int, limit: int) -> bytes:
    out = b""
    for _ in range(_MEMBERS):
        if not body:
            break
        stream = zlib.decompressobj(window)
        try:
            out += stream.decompress(body, limit + 1 - len(out))
        except zlib.error as error:
            if out:
                return out  # padding or junk behind the last member, which browsers disregard as well
            raise NotInflatable(f"not a compressed body: {error}") from error
        if len(out) > limit:
            raise NotInflatable(f"larger than {limit} bytes when decompressed")
        body = stream.unused_data
    return out


def _unbrotli(body: bytes, limit: int) -> bytes:
    """In pieces: a bomb of a thousand bytes would fill the memory before its size could be asked."""
    stream = brotli.Decompressor()
    out: bytes = b""
    try:
        out = stream.process(body, output_buffer_limit=limit + 1)
        while not stream.is_finished() and not stream.can_accept_more_data() and len(out) <= limit:
            out += stream.process(b"", output_buffer_limit=limit + 1 - len(out))
    except brotli.error as error:
        raise NotInflatable(f"not a brotli body: {error}") from error
    if len(out) > limit:
        raise NotInflatable(f"larger than {limit} bytes when decompressed")
    return bytes(out)


def _wide(body: bytes) -> str:
    """UTF-16 without its mark: every other byte of the markup is a zero."""
    head = body[:512]
    if len(head) < 8 or not head.count(0):
        return ""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    return "utf-16-le" if even < 0.05 and odd > 0.6 else "utf-16-be" if odd < 0.05 and even > 0.6 else ""


def _guess(body: bytes) -> str | None:
    best = charset_normalizer.from_bytes(body[:65536]).best()
    return best.encoding if best else None


def _mostly_utf8(body: bytes) -> bool:
    """UTF-8 with a few bad bytes (a cut at the end, one pasted letter), not another encoding."""
    return body.decode("utf-8", "replace").count("\ufffd") * 50 < max(1, len(body.translate(None, _ASCII)))
