"""How well an article was read, beside what a person read: pure measures, for the benchmark and for the tests.

A page that gave no article counts as wrong in every share, and its body as 0: a tool that gives up on the hard pages
must not look better for it.
"""

from __future__ import annotations

import html
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archive.model import Article

# What portals print around an article, never in it; where the article's own text says it, it is none.
LABELS = (
    *("You are here", "Bạn đang ở đây", "Trang trước", "Trang sau", "Về đầu trang", "Quay lại trang"),
    *("Tin liên quan", "Tin cùng chuyên mục", "Tin đã đưa", "Tin nổi bật", "Tin mới nhất", "Tin đọc nhiều"),
    *("Các tin khác", "Các bài khác", "Bài viết liên quan", "Những tin mới hơn", "Những tin cũ hơn"),
    *("Tin mới hơn", "Tin cũ hơn", "Văn bản mới", "Xem theo ngày", "Xem tiếp", "Đọc thêm"),
    *("Ý kiến bạn đọc", "Gửi bình luận", "Bình luận", "Mã bảo vệ", "Mã xác nhận", "Thăm dò ý kiến"),
    *("Click để đánh giá bài viết", "Tổng số điểm của bài viết", "Lượt xem", "Số lần đọc", "Đã xem:"),
    *("Số lượt truy cập", "Thống kê truy cập", "Đang truy cập", "Đang online", "Liên kết website", "Liên kết web"),
    *("In bài viết", "In trang", "Bản in", "Gửi email", "Gửi cho bạn bè", "Lưu bài viết", "Cỡ chữ", "Chia sẻ bài"),
    *("Được đăng bởi", "Viết bởi", "Đăng nhập", "Bản quyền thuộc"),
)
# Of these figures the least is best; of all others the most.
AT_MOST = ("missing", "under_95", "false_bylines", "leaks", "false_articles")


@dataclass(frozen=True, slots=True)
class Gold:
    """What a person read. ``refs`` the body, alone and with the lead; either counts · ``published`` "" when the page
    prints none, ten characters when it prints only a day · ``images``, ``files`` addresses."""

    title: str
    refs: tuple[str, ...]
    authors: tuple[str, ...]
    published: str
    images: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool read. ``texts`` the body, alone and with the lead. What a tool never gives stays empty."""

    title: str = ""
    texts: tuple[str, ...] = ("",)
    authors: tuple[str, ...] = ()
    published: str = ""
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """One page. ``minute``, ``day`` None when the page prints no date · ``images``, ``files`` (found, wanted)."""

    page: str
    missing: bool
    body: float
    title: bool
    authors: bool
    false_byline: bool
    minute: bool | None
    day: bool | None
    images: tuple[int, int]
    files: tuple[int, int]
    leaks: tuple[str, ...]


def found_in(article: Article) -> Found:
    """An article of ours as a tool's finding."""
    return Found(
        article.title,
        (article.text, f"{article.summary}\n{article.text}"),
        article.byline.authors,
        article.published or "",
        tuple(image.url for image in article.images),
        tuple(file.url for file in article.attachments),
    )


def score(page: str, gold: Gold, found: Found | None) -> Score:
    """``found`` None: the tool says that the page holds no article, or fails on it."""
    missing = found is None
    found = found or Found()
    wanted, got = _names(gold.authors), _names(found.authors)
    length = 16 if len(gold.published) > 10 else 10  # a page that prints only a day is right by the day
    return Score(
        page=page,
        missing=missing,
        body=0.0 if missing else max(word_f1(ref, text) for ref in gold.refs for text in found.texts),
        title=not missing and fold(gold.title) == fold(found.title),
        authors=not missing and wanted == got,
        false_byline=bool(got) and not wanted,
        minute=found.published[:length] == gold.published[:length] if gold.published else None,
        day=found.published[:10] == gold.published[:10] if gold.published else None,
        images=_recall(gold.images, found.images),
        files=_recall(gold.files, found.files),
        leaks=leaked(gold, found),
    )


def figures(scores: Sequence[Score]) -> dict[str, float]:
    """The corpus in figures: shares of 1, or counts (``AT_MOST`` and "pages"). ``page_min`` is the worst body."""
    return {
        "pages": len(scores),
        "missing": sum(one.missing for one in scores),
        "body": _mean(one.body for one in scores),
        "page_min": min((one.body for one in scores), default=0.0),
        "under_95": sum(one.body < 0.95 for one in scores),
        "title": _mean(one.title for one in scores),
        "authors": _mean(one.authors for one in scores),
        "false_bylines": sum(one.false_byline for one in scores),
        "minute": _mean(one.minute for one in scores if one.minute is not None),
        "day": _mean(one.day for one in scores if one.day is not None),
        "images": _share(one.images for one in scores),
        "files": _share(one.files for one in scores),
        "leaks": sum(len(one.leaks) for one in scores),
    }


def wrong(key: str, one: Score) -> bool:
    """Does this page count against the figure of that name?"""
    if key in ("body", "page_min", "under_95"):
        return one.body < 0.95
    if key in ("images", "files"):
        found, wanted = getattr(one, key)
        return bool(found < wanted)
    if key in ("missing", "leaks"):
        return bool(getattr(one, key))
    return one.false_byline if key == "false_bylines" else getattr(one, key) is False


def fold(text: str) -> str:
    """NFC, entities read, white space one."""
    return " ".join(unicodedata.normalize("NFC", html.unescape(text)).split())


def word_f1(wanted: str, got: str) -> float:
    """F1 of the words of both as multisets: 1 is every word and no other; two empty texts agree."""
    one, other = (Counter(re.findall(r"\w+", fold(text).lower())) for text in (wanted, got))
    if not one or not other:
        return float(one == other)
    return 2 * (one & other).total() / (one.total() + other.total())


def leaked(gold: Gold, found: Found) -> tuple[str, ...]:
    """The labels of ``LABELS`` that stand in the text found and in nothing that a person read."""
    wanted = fold(" ".join((gold.title, *gold.refs))).casefold()
    got = fold(max(found.texts, key=len)).casefold()
    return tuple(label for label in LABELS if label.casefold() in got and label.casefold() not in wanted)


def address(url: str) -> str:
    """What makes two addresses of a picture or file the same: the path, and the query of a download script."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = f"?{parts.query}" if "download=" in url else ""
    return unquote(parts.path + query).lower().strip("/")


def _names(names: Iterable[str]) -> set[str]:
    return {re.sub(r"[\s.,;]+", " ", fold(name)).strip().casefold() for name in names}


def _recall(wanted: Iterable[str], got: Iterable[str]) -> tuple[int, int]:
    one, other = {address(url) for url in wanted}, {address(url) for url in got}
    return len(one & other), len(one)


def _share(pairs: Iterable[tuple[int, int]]) -> float:
    found, wanted = (sum(column) for column in zip((0, 0), *pairs, strict=True))
    return found / wanted if wanted else 1.0


def _mean(values: Iterable[float]) -> float:
    """1.0 of nothing: a corpus without a date reads no date wrongly."""
    known = list(values)
    return statistics.fmean(known) if known else 1.0
