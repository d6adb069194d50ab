"""Changes to a recipe that know what a page is made of: tags, attributes, dates, bylines, JSON-LD, repetition."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from recipes import CLOSE, HEADER, OPEN

Native = Callable[[bytes, int], bytes]

_TAG = re.compile(rb"<[^<>]{1,300}>")
_TAGS = (  # noqa: SIM905
    "div p span b i u em strong font a img br table tr td th tbody ul ol li dl dt h1 h2 h3 h4 h6 pre blockquote center"
    " figure figcaption iframe object embed video script style noscript form input select option textarea svg math xml"
    " title meta link base head body html article section aside header footer nav time details template address hr o:p"
).split()
_ATTRIBUTES = (  # noqa: SIM905
    "class='date' class='item-author' class='breadcrumb' class='byline' class='field-name-body' class='entry-content'"
    " class='journal-content-article' id='page-title' class='tac-gia' class='image caption' class='related' id=comments"
    " style='text-align:right' style='display:none' style='font-weight:bold;font-style:italic' href='/a.pdf' href='//['"
    " href='javascript:1' href='mailto:a@b' href='http://x:99999/' href='?page=2' src='/a.jpg' src='data:image/png;,x'"
    " srcset='/a.jpg 2x,,/b.png 9w' data-src='/c.webp' width=1 colspan=9999 rowspan=-1 colspan=x alt='Ảnh: Lệ Minh'"
    " content='2020-01-01T00:00:00+99:99' datetime='31/02/2020' property='article:published_time' "
    "itemprop=datePublished property='og:title' rel=canonical name=author face='.VnTimeH' lang=vi hidden pubdate"
).split(" ")
_WORDS = (
    "Sáng nay, Ủy ban nhân dân huyện tổ chức hội nghị tổng kết công tác năm, triển khai nhiệm vụ trọng tâm.",
    "Tin, ảnh: Lệ Minh",
    "Tin, bài, ảnh: ",
    "T/h: ",
    "(Theo TTXVN)",
    "Nguồn: Báo Nhân Dân",
    "Theo ",
    "Tác giả: Lê Văn Minh - Đài PT huyện",
    "PV",
    "BBT",
    "Ảnh: Lệ Minh",
    "./.",
    "Thứ bảy, 07/03/2026 - 08:52",
    "12/11/2020 08:30",
    "Ngày đăng: 31/02/2020",
    "tháng mười một 12, 2020",
    "2025-02-21+0713:59:58",
    "2020-01-01T24:61:00Z",
    "1990-01-01T00:00:00+07:00",
    "2099-12-31T23:59:59-14:00",
    "0001-01-01",
    "9999-12-31T23:59:59-12:00",
    "12 giờ 99 CH",
    "Chia sẻ",
    "Tin liên quan",
    "Các tin khác:",
    "Tài liệu đính kèm: ",
    "Lượt xem: 12",
    "Bản in | Gửi mail",
    "Trang chủ » Tin tức › Huyện",
    "Không tìm thấy trang",
    "Just a moment...",
    "Normal 0 false false EN-US X-NONE",
    "/* Style Definitions */ table.MsoNormalTable {a}",
    "C«ng an huyÖn tæ chøc",
    "Coäng hoøa xaõ hoäi",
    "Cá»™ng hÃ²a",
    "\u0301",
    "\u200b\ufeff\u00ad",
    "\xa0\u2028\x85",
    "\x01\x1b\x7f",
    "\ud800",
    "\U0001f4f0",
    "ﬁİıſẞΐ",
    "&#x110000;",
    "&#55296;",
    "&#0;",
    "&#1;",
    "&nbsp;",
    "&amp;lt;b&amp;gt;",
    "&shy;&zwj;",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml ?>",
    "<!DOCTYPE html>",
    "</",
    "<",
    '"',
    "'",
    "|",
    "\n\n",
    "=" * 9,
)
_JSON = (
    '{"@type":"NewsArticle","headline":["a"],"datePublished":{"@value":"2020"}}',
    '{"@graph":[{"@type":["Article",1],"articleSection":"\\ud800"}],"datePublished":"2020-01-01T08:30"}',
    "[[[[1,null,true]]]]",
    '{"@type":"Article","headline":1e999,"mainEntity":{"@type":"WebPage","articleSection":"Tin\\u0000tức"}}',
    '{"@type":"Article",',
    "9" * 5000,
)


class Mutator:
    """``pool``: recipes whose parts may be set into others."""

    def __init__(self, pool: list[bytes]) -> None:
        self._pool = [recipe for recipe in pool if len(recipe) > 2000] or [b""]

    def __call__(self, recipe: bytes, most: int, seed: int, native: Native) -> bytes:
        """A changed recipe of ``most`` bytes at the longest; ``native``: a change that knows nothing of pages."""
        chance = Random(seed)
        if chance.random() < 0.2:
            return native(recipe, most)
        head, page = bytearray(recipe[:HEADER].ljust(HEADER, b"\0")), recipe[HEADER:]
        if chance.random() < 0.9:
            page = _smaller(page)
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            if chance.random() < 0.12:
                head[chance.choice((0, 0, 0, 1, 1, 2, 3, 3, 4))] = chance.randrange(16)
            else:
                page = chance.choice(_CHANGES)(page, chance, self._pool)
        if head[2] and chance.random() < 0.5:
            head[2] = 0  # a coding that lies ends everything at once
        return (bytes(head) + page)[:most]


def _smaller(page: bytes) -> bytes:
    """Repetitions a hundred times at most: else every child of a slow page is slow."""
    return re.sub(rb"(?<=\x11)[3-6]", b"2", page)


def _place(page: bytes, chance: Random) -> int:
    """Somewhere, mostly between two tags."""
    at = chance.randrange(len(page) + 1)
    if chance.random() < 0.75 and (found := page.find(b"<" if chance.random() < 0.5 else b">", at)) >= 0:
        return found + (page[found] == 62)
    return at


def _slice(page: bytes, chance: Random) -> tuple[int, int]:
    start = _place(page, chance)
    if chance.random() < 0.3:
        return start, min(len(page), start + chance.choice((1, 2, 9, 40)))
    end = start + chance.choice((20, 100, 400, 2000))
    return start, min(len(page), max(start, page.find(b">", end) + 1))


def _fragment(chance: Random) -> bytes:
    kind = chance.random()
    if kind < 0.45:
        text = chance.choice(_WORDS)
    elif kind < 0.9:
        tag, attribute = chance.choice(_TAGS), chance.choice(_ATTRIBUTES)
        text = chance.choice(
            (f"<{tag}>", f"<{tag} {attribute}>", f"</{tag}>", f"<{tag}>{chance.choice(_WORDS)}</{tag}>")
        )
    else:
        text = f"<script type='application/ld+json'>{chance.choice(_JSON)}</script>"
    return text.encode("utf-8", "surrogatepass")


def _insert(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    at = _place(page, chance)
    return page[:at] + b"".join(_fragment(chance) for _ in range(chance.choice((1, 1, 2, 4)))) + page[at:]


def _delete(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    start, end = _slice(page, chance)
    return page[:start] + page[end:]


def _move(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    start, end = _slice(page, chance)
    rest = page[:start] + page[end:]
    at = _place(rest, chance)
    return rest[:at] + page[start:end] + rest[at:]


def _repeat(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    start, end = _slice(page, chance)
    digit = chance.choice(b"1112223344556")
    return page[:start] + bytes((OPEN, digit)) + page[start:end] + bytes((CLOSE,)) + page[end:]


def _repeat_fragment(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    at = _place(page, chance)
    inside = b"".join(_fragment(chance) for _ in range(chance.choice((1, 1, 2, 3))))
    return page[:at] + bytes((OPEN, chance.choice(b"1122334456"))) + inside + bytes((CLOSE,)) + page[at:]


def _wrap(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    start, end = _slice(page, chance)
    tag = chance.choice(_TAGS)
    opened = f"<{tag} {chance.choice(_ATTRIBUTES)}>".encode()
    return page[:start] + opened + page[start:end] + f"</{tag}>".encode() + page[end:]


def _attribute(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    found = _TAG.search(page, chance.randrange(len(page) + 1))
    if not found:
        return page
    end = found.end() - 1
    return page[:end] + b" " + chance.choice(_ATTRIBUTES).encode() + page[end:]


def _rename(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    """Another tag in the place of one."""
    found = re.compile(rb"<(/?)([a-zA-Z0-9]+)").search(page, chance.randrange(len(page) + 1))
    if not found:
        return page
    return page[: found.start(2)] + chance.choice(_TAGS).encode() + page[found.end(2) :]


def _cut(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    at = chance.randrange(len(page) + 1)
    return page[at:] if chance.random() < 0.2 else page[:at]


def _entities(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    start, end = _slice(page, chance)
    text = page[start:end].decode("utf-8", "replace")
    made = "".join(f"&#{ord(c)};" if c > "\x7f" or chance.random() < 0.05 else c for c in text)
    return page[:start] + made.encode() + page[end:]


def _splice(page: bytes, chance: Random, pool: list[bytes]) -> bytes:
    other = chance.choice(pool)[HEADER:]
    start, end = _slice(other, chance)
    at = _place(page, chance)
    return page[:at] + other[start:end] + page[at:]


def _spoil(page: bytes, chance: Random, _: list[bytes]) -> bytes:
    """A few bytes that are no letters."""
    at = chance.randrange(len(page) + 1)
    return page[:at] + chance.randbytes(chance.choice((1, 2, 4))) + page[at + chance.choice((0, 1, 3)) :]


_CHANGES = (
    _insert,
    _insert,
    _insert,
    _delete,
    _move,
    _repeat,
    _repeat_fragment,
    _wrap,
    _attribute,
    _attribute,
    _rename,
    _cut,
    _entities,
    _splice,
    _splice,
    _spoil,
)
