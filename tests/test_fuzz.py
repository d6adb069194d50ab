"""Any page and any headers, with any rules: an Article that keeps its promises, NotAnArticle or NotHTML."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli
import hostile
import promises
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.model import Article, Capture
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "250"))
ALL = int(os.environ.get("FUZZ_ALL", "0"))
RULES = {"": Rules(), **{name: platform.rules for name, platform in PLATFORMS.items()}}
TOGETHER = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def outcome(capture: Capture, rules: Rules) -> Article | tuple[str, str]:
    try:
        return extract(capture, rules)
    except (NotAnArticle, NotHTML) as refused:
        return type(refused).__name__, str(refused)


def faults(capture: Capture, rules: Rules) -> list[str]:
    """What breaks the contract: one of three ends, the same each time, and what an Article promises."""
    found = outcome(capture, rules)
    broken = list(promises.broken(found)) if isinstance(found, Article) else []
    if isinstance(found, Article) and found.rules not in (rules.name, ""):
        broken.append(f"rules {found.rules}")
    return broken if outcome(capture, rules) == found else [*broken, "another outcome the second time"]


TAGS = (  # noqa: SIM905
    "div p span b i em strong font a table tr td th tbody ul ol li dl dt h1 h2 h3 h4 h5 pre blockquote center figure"
    " figcaption iframe object video script style noscript form select textarea svg title head body article section"
    " aside header footer nav time details template o:p"
).split()
VOID = (
    "br",
    "hr",
    "img",
    "meta",
    "link",
    "base",
    "input",
    "embed",
    "!-- x --",
    "!--",
    "![CDATA[",
    "?php",
    "/p",
    "/div",
)
NAMES = (  # noqa: SIM905
    "class id style href src srcset data-src alt title content property name rel itemprop datetime width colspan"
    " rowspan type face hidden x:y"
).split()
_VALUES = (  # noqa: SIM905
    "date|item-author|breadcrumb|byline tac-gia|field-name-body|entry-content|journal-content-article|page-title"
    "|related|text-align:right|display:none|font-weight:bold|/a.pdf|//[|javascript:1|mailto:a@b|http://x:99999/|?page=2|/a.jpg"
    "|data:image/png;base64,AAAA|/a.jpg 2x,,/b.png 9w|1|9999|-1|31/02/2020|2020-01-01T00:00:00+99:99"
    "|9999-12-31T23:59:59Z|article:published_time|datePublished|og:title|canonical|shortlink|author|application/ld+json|.VnTimeH|http://"
    "|http://huyện.vn:80/tin?a=%ff|http:///a|\\\\a\\b.doc|  |&quot;&#0;"
).split("|")
VALUES = st.sampled_from(_VALUES) | st.text(max_size=12)
WORDS = st.sampled_from(
    (
        hostile.SENTENCE,
        hostile.SENTENCE * 4,
        "Tin, ảnh: Lệ Minh",
        "T/h: ",
        "(Theo TTXVN)",
        "Nguồn: Báo Nhân Dân",
        "Tác giả: Lê Văn Minh - Đài PT huyện",
        "./.",
        "Thứ bảy, 07/03/2026 - 08:52",
        "Ngày đăng: 31/02/2020",
        "tháng mười một 12, 2020",
        "2025-02-21+0713:59:58",
        "Chia sẻ",
        "Tin liên quan",
        "Tài liệu đính kèm: ",
        "Bản in | Gửi mail",
        "Trang chủ » Tin tức",
        "Không tìm thấy trang",
        "Normal 0 false false EN-US X-NONE",
        "C«ng an huyÖn tæ chøc",
        "Coäng hoøa xaõ hoäi",
        "Cá»™ng hÃ²a",
        "e\u0301\u0323",
        "\u200b\ufeff\u00ad",
        "\xa0\u2028\x85\x1c\n\n",
        "\x01\x1b\x7f\x9f",
        "\U0001f4f0\ufffe",
        "&#x110000;&#55296;&#0;&#1;&#x85;",
        "&shy;&zwj;&nbsp;&amp;lt;b&amp;gt;",
        " | ",
    )
) | st.text(max_size=30)


def _element(tag: str, attributes: dict[str, str], inner: str, closed: bool) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{said}>{inner}" + (f"</{tag}>" if closed else "")


ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)
LEAVES = WORDS | st.builds(_element, st.sampled_from(VOID), ATTRIBUTES, st.just(""), st.just(False))
FRAGMENTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        _element, st.sampled_from(TAGS), ATTRIBUTES, st.lists(inner, max_size=5).map("".join), st.booleans()
    ),
    max_leaves=25,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | WORDS | st.just("2020-01-01T08:30:00"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("@type @graph mainEntity headline datePublished articleSection author @value".split()),  # noqa: SIM905
            inner | st.just("NewsArticle"),
            max_size=6,
        )
    ),
    max_leaves=12,
)
HEADS = st.just("") | JSON.map(
    lambda value: f"<script type='application/ld+json'>{json.dumps({'@type': 'Article', '@graph': value})}</script>"
)
URLS = st.sampled_from(
    (
        hostile.URL,
        "https://huyen.example.vn/",
        "http://huyen.example.vn/index.php?option=com_content&view=article&id=5&print=1",
        "http://huyen.example.vn/a.pdf",
        "http://huyện.vn/tin?a=%ff#x",
        "http://[2001:db8::1]:8080/tin",
    )
)
_TYPES = st.sampled_from(
    (
        hostile.HTML,
        "text/html",
        "",
        "text/plain",
        "text/html; charset=utf-16",
        "text/html; charset=windows-1258",
        "text/html; charset=utf-7",
        "application/octet-stream",
        "text/html; charset=\x00x",
        "text/html; charset=idna",
        "text/html; charset=base64",
        "text/html; charset=undefined",
    )
)
TYPES = st.just(hostile.HTML) | st.just("text/html") | _TYPES | st.text(max_size=20)
ENCODINGS: tuple[Callable[[str], bytes], ...] = (
    *(lambda text: text.encode("utf-8", "replace"),) * 9,
    lambda text: text.encode("utf-16", "replace"),
    lambda text: text.encode("utf-16-le", "replace"),
    lambda text: unicodedata.normalize("NFC", text).encode("cp1258", "replace"),
    lambda text: text.encode("cp1252", "replace"),
    lambda text: text.encode("utf-8", "replace").decode("latin-1").encode(),
)
CODINGS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    *(("", bytes),) * 16,
    ("gzip", gzip.compress),
    ("gzip", bytes),
    ("gzip", lambda body: gzip.compress(body)[:-30]),
    ("br", brotli.compress),
    ("deflate", lambda body: zlib.compress(body)[2:-4]),
    ("", gzip.compress),
    ("gzip, br", brotli.compress),
    ("x", bytes),
)


def _capture(
    text: str, encode: Callable[[str], bytes], coding: tuple[str, Callable[[bytes], bytes]], media: str, url: str
) -> Capture:
    headers = (("Content-Type", media), ("Content-Encoding", coding[0]))
    return Capture(url, datetime(2026, 1, 1, tzinfo=UTC), 200, headers, coding[1](encode(text)))


def captures(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Capture]:
    return st.builds(_capture, texts, st.sampled_from(ENCODINGS), st.sampled_from(CODINGS), TYPES, URLS)


def pages(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """``inner`` as the body of an article that every platform here knows, or as the whole page."""
    return st.builds(lambda head, text: hostile.page(text, head).decode("utf-8", "replace"), HEADS, inner) | inner


@given(captures(pages(st.lists(FRAGMENTS, max_size=12).map("".join))), st.sampled_from(sorted(RULES)))
@TOGETHER
def test_pages_of_fragments(capture: Capture, rules: str) -> None:
    assert faults(capture, RULES[rules]) == []


@given(
    pages(st.lists(FRAGMENTS, min_size=1, max_size=8).map("".join)).map(
        lambda text: _capture(text, ENCODINGS[0], ("", bytes), hostile.HTML, hostile.URL)
    ),
    st.sampled_from(sorted(RULES)),
)
@TOGETHER
def test_pages_of_fragments_with_honest_headers(capture: Capture, rules: str) -> None:
    assert faults(capture, RULES[rules]) == []


LARGE = st.builds(
    lambda before, unit, size, behind: before + unit * max(1, size // max(1, len(unit))) + behind,
    FRAGMENTS,
    LEAVES | FRAGMENTS | st.sampled_from(["<div>", "<b>", "<td>", "<br>", "(", "\n", "<a href='", "&amp;", "tin, "]),
    st.sampled_from((1_000, 10_000, 10_000, 100_000, 700_000)),
    st.just(f"<p>{hostile.SENTENCE * 3}</p>"),
)


@given(captures(pages(LARGE)), st.sampled_from(sorted(RULES)))
@settings(TOGETHER, max_examples=max(20, EXAMPLES // 5))
def test_pages_of_repetition(capture: Capture, rules: str) -> None:
    assert faults(capture, RULES[rules]) == []


@given(
    captures(st.lists(WORDS | st.sampled_from(["\n\n", "\n"]), max_size=40).map("".join)),
    st.sampled_from(sorted(RULES)),
)
@TOGETHER
def test_plain_text(capture: Capture, rules: str) -> None:
    assert (
        faults(
            Capture(capture.url, capture.fetched_at, 200, (("Content-Type", "text/plain"),), capture.body), RULES[rules]
        )
        == []
    )


@given(
    st.binary(max_size=2000),
    st.lists(st.tuples(st.sampled_from(["Content-Type", "content-encoding", "X"]), TYPES), max_size=4),
    st.sampled_from([100, 200, 200, 200, 304, 404, 999]),
    st.sampled_from(sorted(RULES)),
)
@TOGETHER
def test_bytes(body: bytes, headers: list[tuple[str, str]], status: int, rules: str) -> None:
    assert (
        faults(Capture(hostile.URL, datetime(2026, 1, 1, tzinfo=UTC), status, tuple(headers), body), RULES[rules]) == []
    )


_READ = """
import json, os, resource, sys
sys.path[:0] = json.loads(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (240, 250))
import hostile, measure, promises
from test_fuzz import RULES, outcome
from archive.model import Article
most = 0
for i, name in enumerate(json.loads(sys.argv[2])):
    capture = {**hostile.HOSTILE, **hostile.FOUND}[name]().capture()
    for rules in hostile.RULES if int(sys.argv[3]) else ("", hostile.RULES[1 + i % 3]):
        measure.forget_peak()
        found = outcome(capture, RULES[rules])
        most = max(most, measure.peak())
        for fault in promises.broken(found) if isinstance(found, Article) else ():
            print(f"{name} · {rules or 'no rules'} · {fault}", flush=True)
    print(f"read: {name}", flush=True)
print("peak:", most)
"""


@pytest.mark.parametrize("part", range(4))
def test_hostile_pages(part: int) -> None:
    """All that is in hostile.py, without rules and with those of one system by turns; FUZZ_ALL=1: of several.

    Without a clock, which `make fuzz` has, in a process with limits.
    """
    names = [*hostile.HOSTILE, *hostile.FOUND][part::4]
    folder = Path(__file__).parent
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            _READ,
            json.dumps([str(folder), str(folder.parent), str(folder.parent / "bench")]),
            json.dumps(names),
            str(ALL),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    lines = ran.stdout.splitlines()
    assert ran.returncode == 0, f"after {lines[-1:]}: {ran.stderr[-2000:]}"
    assert [line for line in lines if not line.startswith(("read: ", "peak: "))] == []
    assert [line.removeprefix("read: ") for line in lines if line.startswith("read: ")] == names
    assert all(int(line.removeprefix("peak: ")) < 400 for line in lines if line.startswith("peak: ")), lines[-1:]
