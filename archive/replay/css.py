"""Style sheets whose addresses lead into the archive.

A scanner of the tokens that can hold an address (CSS Syntax Level 3), not a parser: style sheets of 200 KB are served
for each page. What it overlooks asks this server for a page that it has not, and nobody else: the policy of the page
lets nothing out.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from archive.replay.addresses import IMAGE, OTHER, STYLES, Base

MEDIA_TYPE = "text/css; charset=utf-8"
NOWHERE = "about:invalid"

_HEX = r"\\0{0,4}(?:%s)[ \t\r\n\f]?"
_URL = "".join(
    f"(?:{letter}|{_HEX % codes}|\\\\{letter})" if letter != "l" else f"(?:l|{_HEX % codes}|\\\\l)"
    for letter, codes in (("u", "55|75"), ("r", "52|72"), ("l", "4c|6c"))
)
_STRING = (
    r"\"(?:[^\"\\\n\r\f]|\\.|\\\r?\n)*+(?:\"|(?=[\n\r\f])|\Z)|'(?:[^'\\\n\r\f]|\\.|\\\r?\n)*+(?:'|(?=[\n\r\f])|\Z)"
)
_TOKENS = re.compile(
    rf"(?P<comment>/\*.*?(?:\*/|\Z))"
    rf"|(?<![\w-])(?P<url>{_URL}\(\s*(?:(?P<quoted>{_STRING})\s*|(?P<bare>(?:[^)\"'\\\s]|\\.)*+\s*))\)?)"
    rf"|(?P<set>image-set\()|type\(\s*(?:{_STRING})\s*\)|(?P<close>\))"
    rf"|(?P<string>{_STRING})"
    rf"|@(?P<at>(?:[\w-]|\\[0-9a-f]{{1,6}}\s?|\\.)+)"
    rf"|(?P<end>[;{{}}])",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|\r?\n|(.))", re.DOTALL)
_DATA = re.compile(r"(?i)\s*data:(?:image/|font/|application/(?:x-)?font|application/octet-stream|;|,)")
_CHARSET = re.compile(r"\A\s*@charset\s+[^;{}]{0,60};", re.IGNORECASE)


def rewrite(css: str, base: Base) -> str:
    """The style sheet, or the declarations of a ``style`` attribute. Pictures and fonts that stand in it as ``data:``
    stay; an address that cannot be in the archive becomes NOWHERE."""
    scanner = _Scanner(base)
    return _TOKENS.sub(scanner.token, _CHARSET.sub("", css))


def decode(body: bytes) -> str:
    """The text of a style sheet: UTF-8, or one of the two code pages that old ones come in; letters outside ASCII are
    comments and signs there."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


class _Scanner:
    """Where in the style sheet the next token stands: within which at-rule, and whether in a @font-face or in an
    image-set(), where a string is an address."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._rule = ""
        self._font = self._set = False

    def token(self, found: re.Match[str]) -> str:
        text = found[0]
        if found["url"] is not None:
            return self._address(_inner(found["quoted"]) if found["quoted"] else found["bare"], text)
        if found["string"] is not None and (self._rule == "import" or self._set):
            address = self._address(_inner(text), text)
            self._rule = "imported" if self._rule == "import" else self._rule  # what follows are conditions
            return address
        if found["set"] is not None or found["close"] is not None:
            self._set = found["set"] is not None
        elif found["at"] is not None:
            self._rule = _unescaped(found["at"]).lower()
            self._font = self._font or self._rule == "font-face"
        elif found["end"] is not None:
            self._rule, self._set = "", False
            self._font = self._font and text != "}"
        return text

    def _address(self, written: str, text: str) -> str:
        address = _unescaped(written).strip()
        if self._rule == "namespace" or address.startswith("#") or not address:
            return text  # a name, and parts of this very page
        if _DATA.match(address):
            return text
        kind = STYLES if self._rule == "import" else OTHER if self._font else IMAGE
        return f'url("{_quoted(self._base.inside(address, kind) or NOWHERE)}")'


def _inner(string: str) -> str:
    """Without its quotes; one that a line's end cuts off has no second."""
    return string[1:-1] if len(string) > 1 and string.endswith(string[0]) else string[1:]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def letter(found: re.Match[str]) -> str:
        if not found[1]:
            return found[2] or ""
        code = int(found[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"

    return _ESCAPE.sub(letter, text)


def _quoted(address: str) -> str:
    """No sign that ends the string, the function or the <style> element."""
    return quote(address, safe="!$&*+,-./:;=?@[]_~%#|")
