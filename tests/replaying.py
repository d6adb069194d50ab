"""Archives whose captures are looked at as they were received; what is kept is kept by the one door."""

from __future__ import annotations

import gzip
import re
import sqlite3
import tomllib
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bs4 import BeautifulSoup
from reading import HOST, ID, PIXEL, no_answer, portal_of

from archive.model import Capture
from crawler.ingest import open_archive

START = datetime(2024, 3, 4, 2, 30, 15, tzinfo=UTC)
SECONDS_A_DAY = 86_400
VECTORS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "vectors.toml").read_text("utf-8"))
__all__ = ["HOST", "ID", "PIXEL", "START", "VECTORS", "banner", "captures", "got", "keep", "number", "shelf", "stamp"]
__all__ += ["vector", "web"]


def got(
    path: str,
    body: bytes | str = b"",
    media_type: str = "text/html; charset=utf-8",
    after: float = 0,
    status: int = 200,
    host: str = HOST,
    source: str = "live",
    **headers: str,
) -> Capture:
    """A capture of ``path``, ``after`` so many days. ``headers``: content_encoding="gzip" packs the body too."""
    body = body.encode() if isinstance(body, str) else body
    if headers.get("content_encoding") == "gzip":
        body = gzip.compress(body, mtime=0)
    named = [(name.replace("_", "-").title(), value) for name, value in headers.items()]
    typed = [("Content-Type", media_type)] if media_type else []
    moment = START + timedelta(seconds=round(after * SECONDS_A_DAY))
    return Capture(host + path, moment, status, (*typed, *named), body, source)


def stamp(after: float = 0) -> str:
    """The 14 digits of that day."""
    return f"{START + timedelta(seconds=round(after * SECONDS_A_DAY)):%Y%m%d%H%M%S}"


def keep(data: Path, captures: Iterable[Capture]) -> Path:
    """The archive's database, with these in it."""
    portal = portal_of(data)
    with open_archive(data, ID, portal) as ingest:
        ingest.register(portal)
        for capture in captures:
            ingest.keep(portal, capture)
    return data / "tangthu.db"


def vector(written: str, run: str, host: str) -> str:
    """One of VECTORS, with what its script does and the host that must hear nothing."""
    return written.replace("{run}", run).replace("{host}", host)


# A portal with one address of each kind

PAGE = (
    '<!DOCTYPE html><html><head><title>Cổng</title><link rel="stylesheet" href="/kieu.css"></head><body><h1>Lịch tiếp'
    ' công dân</h1><p>{}</p><img src="/anh.png"><a href="/tin?id=2&lang=en">Tin sau</a>'
    "<script>alert(1)</script></body></html>"
)
CSS = "@font-face{font-family:a;src:url(chu.woff)} body{background:url('nen.png')} @import '/them.css';"
TCVN3 = (
    '<html><body><font face=".VnTime">Uû ban nh©n d©n huyÖn C«ng khai ng©n s¸ch n¨m 2009, ®Êt ®ai vµ x©y dùng</font>'
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def captures() -> list[Capture]:
    first = PAGE.format("Thứ tư hằng tuần, tại phòng tiếp dân.")
    packed = {"content_encoding": "gzip", "etag": '"a"', "x_generator": "Drupal 7"}
    return [
        got("/lich", first, **packed),
        got("/lich", first, after=1, content_encoding="gzip"),
        got("/lich", b"", "", after=2, status=304, etag='"a"'),
        got("/lich", PAGE.format("Thứ năm hằng tuần."), after=10),
        got("/lich", "<h1>Không tìm thấy</h1>", after=20, status=404),
        got("/anh.png", PIXEL, "image/png"),
        got("/anh.png", b"GIF89a khac", "image/gif", after=9),
        got("/anh.png", "<h1>404</h1>", after=9.5),
        got("/kieu.css", CSS, "text/css", host=HOST.replace("http://", "https://www.")),
        got("/theme/mau.css?t=17", "p{color:red}", "text/css", after=1),
        got("/theme/mau.css?t=18", "p{color:blue}", "text/css", after=8),
        got("/tep?id=1", PIXEL, "image/png"),
        got("/chu.woff", b"wOFF0000", "application/octet-stream"),
        got("/cu", status=301, location=f"{HOST}/lich?a=1"),
        got("/di", status=302, location="https://evil.example/x"),
        got("/rong", "<p>Đang chuyển</p>", status=302),
        no_answer("/tat", "dns", 0),
        got("/ke-hoach.pdf", b"%PDF-1.4 " + b"0" * 99, "application/pdf"),
        got("/gia.pdf", "<script>alert(1)</script>", "application/pdf"),
        got("/ve.svg", SVG, "image/svg+xml"),
        got("/rss", "<rss><title>Tin</title></rss>", "application/rss+xml"),
        got("/xhtml", '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>', "text/xml"),
        got("/chu.txt", "Kế hoạch <b>số 45</b>", "text/plain; charset=utf-8"),
        got("/phu-luc.doc", b"\xd0\xcf\x11\xe0 tep", "application/msword"),
        got("/la", b"\x00\x01", 'x/y"\r\nSet-Cookie: a=b'),
        got("/tcvn3", TCVN3.encode("cp1252"), "text/html"),
        got("/hong", b"khong phai gzip", content_encoding="x-gzip"),
        got("/bom", b"<p>" + b"0" * 20_000_000, content_encoding="gzip"),
        got("/roi", "<div>" * 9_000),
        got("/khoa", "<h1>Cần đăng nhập</h1>", status=401, www_authenticate="Basic"),
        got("/tim?q=%C4%91%E1%BA%A5t&lang=en", "<p>Tìm đất</p>"),
        got("/dung", "<p>Đang tải…</p>", source="live; to be rendered"),
        got("/dung", "<p>Trang đã dựng xong</p>", after=3 / 86_400, source="live; rendered by Chromium 150"),
        got("/kin", PAGE.format("Tên một đứa trẻ."), after=1),
        got("/kin.png", PIXEL + b"kin", "image/png"),
        got("/kin", PAGE.format("Tên một đứa trẻ."), after=2),
    ]


def web(name: str, after: float = 0, modifier: str = "", host: str = HOST) -> str:
    return f"/web/{stamp(after)}{modifier}/{host}{name}"


def shelf(data: Path) -> Path:
    """The archive of ``captures``; what is called "kin" is withheld."""
    database = keep(data, captures())
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("update captures set withheld = 'hide' where url like '%/kin%' and revisit_of is null")
    return database


def number(path: Path, name: str, after: float = 0) -> int:
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("select id, fetched_at from captures where url = ?", [HOST + name]).fetchall()
    return next(int(number) for number, when in found if re.sub(r"\D", "", when) == stamp(after))


def banner(page: BeautifulSoup) -> BeautifulSoup:
    """Without the <template> around it, whose letters no parser counts as text."""
    (template,) = page.select("template")
    return BeautifulSoup(template.decode_contents(), "html.parser")
