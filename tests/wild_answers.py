"""How the answers of the portal in wild_pages.py go wrong on the wire, and what an operator is to be told of each."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice

import wild_pages as pages
from wild_pages import BY_DAY, IN_SITEMAP, LAST_OF_MANY, NEWS, REFORM, Good
from wild_wire import HTML, STREAM, Answer, Wire, brotli_bomb, chunks, endless, gzip_bomb, many_lines, nested_bomb

XML = "text/xml; charset=utf-8"
LARGE = 20_000_000
WAIT = 2  # seconds of a Retry-After that is worth waiting for
_PER_PAGE = 12


@dataclass(frozen=True, slots=True)
class Case:
    """A bad address. ``told``: a regular expression that must be found in what the archive and the log say of it."""

    path: str
    answer: Answer
    told: str


def answer(wire: Wire, path: str, visit: int) -> None:
    """``visit``: how often this path was asked for, this time included."""
    if chosen := _ANSWERS.get(path):
        return chosen(wire, visit)
    if good := _BY_PATH.get(path):
        return _deliver(wire, good)
    if found := re.fullmatch(r"/luu-tru/(2024-\d\d)", path):
        return wire.page(pages.archive_of(found[1]))
    if found := re.fullmatch(r"/chuyen/(\d+)", path):
        return wire.redirect(f"/chuyen/{int(found[1]) + 1}")
    if (body := pages.trap(wire.target)) is not None:
        return wire.page(body)
    return wire.page(pages.page("<h1>Không tìm thấy trang</h1>"), status="404 Not Found")


def _deliver(wire: Wire, good: Good) -> None:
    """Not every server sends a page in the same way; all of these are right."""
    if not good.lasting and "phien=" not in wire.target:
        return wire.redirect(f"{good.path}?phien={pages.session()}")
    body = pages.article(good)
    if good.number % 4 == 0:
        return wire.page(gzip.compress(body, 1), "Content-Encoding: gzip")
    if good.number % 4 == 1:
        wire.head(f"Content-Type: {HTML}", "Transfer-Encoding: chunked")
        return wire.stream(chunks(body))
    if good.number % 4 == 2:
        wire.head(f"Content-Type: {HTML}")  # it ends with the connection
        return wire.send(body)
    return wire.page(body, f'ETag: "{good.number}"')


# Too much


def _bomb(wire: Wire, _: int, media_type: str = HTML, encoding: str = "gzip") -> None:
    wire.head(f"Content-Type: {media_type}", *([f"Content-Encoding: {encoding}"] if encoding else []))
    wire.stream(gzip_bomb())


def _flood(wire: Wire, media_type: str) -> None:
    wire.head(f"Content-Type: {media_type}")
    wire.stream(endless())


def _large(wire: Wire, media_type: str, measured: bool) -> None:
    length = (f"Content-Length: {LARGE}",) if measured else ()
    wire.head(f"Content-Type: {media_type}", *length)
    start = b"%PDF-1.4\n" if "pdf" in media_type else b"<html><body>"
    wire.send(start.ljust(LARGE, b"x"))


# Once in trouble, then well: what every portal is now and then


def _once(trouble: Callable[[Wire], None], good: Good) -> Answer:
    return lambda wire, visit: trouble(wire) if visit == 1 else _deliver(wire, good)


def _busy(wire: Wire, after: str, status: str = "429 Too Many Requests") -> None:
    wire.page(b"busy", f"Retry-After: {after}", status=status)


def _broken(wire: Wire) -> None:
    wire.page(b"<h1>Internal Server Error</h1>", status="500 Internal Server Error")


def _soon() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=WAIT + 1), usegmt=True)


def _cut(wire: Wire, _: int = 0) -> None:
    body = pages.article(NEWS[0])
    wire.head(f"Content-Type: {HTML}", f"Content-Length: {len(body) + 50_000}")
    wire.send(body[: len(body) // 2])


def _typed(good: Good, media_type: str, *lines: str, inserted: str = "") -> Answer:
    return lambda wire, _: wire.page(pages.article(good, inserted), *lines, media_type=media_type)


def _bare(good: Good, head: str) -> Answer:
    body = pages.article(good)
    return lambda wire, _: wire.send(head.replace("LENGTH", str(len(body))).encode() + body)


def _slowly(good: Good) -> Answer:
    body = pages.article(good)

    def answer_(wire: Wire, _: int) -> None:
        wire.head(f"Content-Type: {HTML}", f"Content-Length: {len(body)}")
        for start in range(0, len(body), 500):
            wire.over.wait(0.05)
            wire.send(body[start : start + 500])

    return answer_


def _with_a_strangers_picture(good: Good) -> Answer:
    return lambda wire, _: wire.page(pages.article(good, f'<p><img src="{wire.stranger}a.jpg" alt=""></p>'))


def _odd() -> Iterator[tuple[Good, Answer]]:
    """Good articles that come in odd ways."""
    numbers = iter(range(59, 200))

    def good(name: str) -> Good:
        return Good(number := next(numbers), f"/tin-tuc/{name}-{number}")

    for name, trouble in (
        ("loi-mot-lan", _broken),
        ("ban-mot-lan", lambda wire: _busy(wire, "1", "503 Service Unavailable")),
        ("cho-vai-giay", lambda wire: _busy(wire, str(WAIT))),
        ("cho-den-luc", lambda wire: _busy(wire, _soon())),
        ("dut-mot-lan", lambda wire: wire.reset()),
        ("cut-mot-lan", _cut),
    ):
        one = good(name)
        yield one, _once(trouble, one)
    for name, media_type, *lines in (
        ("banh-to", HTML, f"Set-Cookie: k={'x' * 12_000}"),
        ("nhieu-dong", HTML, *(f"X-Dong-{n}: {n}" for n in range(400))),
        ("chu-viet-trong-dau", HTML, "X-Huyen: Huyện Dữ"),
        ("sai-ma", "text/html; charset=iso-8859-1"),
        ("ma-la", "text/html; charset=tieng-viet"),
    ):
        yield (one := good(name)), _typed(one, media_type, *lines)
    for name, head in (
        ("khong-loi", f"HTTP/1.1 200\r\nContent-Type: {HTML}\r\nContent-Length: LENGTH\r\n\r\n"),
        ("mot-dau-dong", f"HTTP/1.1 200 OK\nContent-Type: {HTML}\nContent-Length: LENGTH\n\n"),
        (
            "bao-truoc",
            f"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: {HTML}\r\n\r\n",
        ),
    ):
        yield (one := good(name)), _bare(one, head)
    yield (one := good("cham-ma-chac")), _slowly(one)
    for name in ("vo-tan.jpg", "bom.jpg", "chu.jpg"):
        yield (one := good("anh")), _typed(one, HTML, inserted=f'<p><img src="/anh/{name}" alt="Ảnh"></p>')
    for name in ("vo-tan.pdf", "lon.pdf"):
        yield (one := good("tep")), _typed(one, HTML, inserted=f'<p><a href="/tep/{name}">Tệp đính kèm</a></p>')
    yield (one := good("anh-ngoai")), _with_a_strangers_picture(one)


# The bad ones

_LOST = r"silent|reset|lost|cut off|connection"
_LATE = r"silent|time(?:d )?\s?out|timeout"
_LARGER = r"too (?:large|long)|larger"
_ROUND = r"redirect|loop"
_UNREAD = r"no sitemap|no feed|no xml|entit|empty|names no|not read|cannot be read"
_NO_PAGE = r"no article|no body|the bytes are|larger|empty|not a|tags|nested"


def _head_alone(*lines: str, status: str = "200 OK") -> Answer:
    return lambda wire, _: wire.head(*lines, status=status)


def _sent(data: Callable[[], bytes], then_reset: bool = False) -> Answer:
    def answer_(wire: Wire, _: int) -> None:
        wire.send(data())
        if then_reset:
            wire.reset()

    return answer_


def _half(head: str, then: str = "") -> Callable[[], bytes]:
    return lambda: head.encode() + pages.article(NEWS[0])[:900] + then.encode()


_OPEN = f"HTTP/1.1 200 OK\r\nContent-Type: {HTML}\r\n"
_CHUNKED = f"{_OPEN}Transfer-Encoding: chunked\r\n\r\n"
_SHORT = 200


def _announced(wire: Wire) -> None:
    wire.head(f"Content-Type: {HTML}", f"Content-Length: {STREAM}")
    wire.stream(endless())


def _page(data: Callable[[], bytes], *lines: str, status: str = "200 OK", media_type: str = HTML) -> Answer:
    return lambda wire, _: wire.page(data(), *lines, status=status, media_type=media_type)


def _to(target: str, status: str = "302 Found") -> Answer:
    return lambda wire, _: wire.redirect(target, status)


def _reset(wire: Wire, _: int) -> None:
    wire.reset()


def _hang_up(_: Wire, __: int) -> None:
    """The connection is closed, in order, and nothing was said."""


def _drip_body(wire: Wire, _: int) -> None:
    wire.head(f"Content-Type: {HTML}")
    wire.drip(b"x" * 9999)


def _drip_head(wire: Wire, _: int) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9999)


def _say_nothing(wire: Wire, _: int) -> None:
    wire.over.wait(600)


def _news() -> bytes:
    return pages.article(NEWS[0])


# Linked among the good ones
CASES = tuple(
    Case(path if path.startswith("/") else f"/tin-tuc/{path}", one, told)
    for path, one, told in (
        # Connections
        ("dut-truoc-dau", _reset, _LOST),
        ("dut-trong-dau", _sent(lambda: b"HTTP/1.1 200 OK\r\nContent-Ty", True), _LOST),
        ("dut-trong-than", _sent(_half(f"{_OPEN}Content-Length: 9000\r\n\r\n"), True), _LOST),
        ("dong-khong-loi", _hang_up, _LOST),
        ("cut-than", _cut, _LOST),
        ("ngan-hon", _sent(_half(f"{_OPEN}Content-Length: 200\r\n\r\n")), _NO_PAGE),
        ("nho-giot", _drip_body, _LATE),
        ("nho-giot-dau", _drip_head, _LATE),
        ("im-lang", _say_nothing, _LATE),
        # Statuses
        ("loi-mai", lambda wire, _: _broken(wire), "status 500"),
        ("cong-hong", _head_alone("Content-Length: 0", status="502 Bad Gateway"), "status 502"),
        ("rong", _head_alone("Content-Length: 0"), "empty"),
        ("khong-noi-dung", _head_alone(status="204 No Content"), "status 204"),
        ("so-la", _head_alone("Content-Length: 0", status="999 Denied"), "status 999"),
        ("mat-han", _head_alone("Content-Length: 0", status="410 Gone"), "gone"),
        ("thu-thach", _page(pages.challenge), "challenge|blocked"),
        ("thu-thach-cam", _page(pages.challenge, status="403 Forbidden"), "blocked"),
        # Redirects
        ("a-sang-b", _to("/tin-tuc/b-sang-a"), _ROUND),
        ("sang-minh", _to("/tin-tuc/sang-minh", "301 Moved"), _ROUND),
        ("ve-nha", _to("/"), "gone"),
        ("ra-ngoai", lambda wire, _: wire.redirect(f"{wire.stranger}bai"), "moved|refused|offsite|other host"),
        ("ra-dia", _to("file:///etc/hostname"), "refused|file:|redirect|moved"),
        ("ra-hong", _to("http://["), f"{_ROUND}|invalid|refused|moved|status 302"),
        ("khong-noi-dau", _head_alone("Content-Length: 0", status="302 Found"), f"{_ROUND}|status 302"),
        # What it is not
        ("khong-kieu", _typed(NEWS[0], "application/octet-stream"), f"copy|octet-stream|{_NO_PAGE}"),
        ("anh-lam-trang", _page(lambda: b"\xff\xd8\xff\xe0" + bytes(5000)), _NO_PAGE),
        ("nen-hong", _page(_news, "Content-Encoding: gzip"), "compressed|gzip|encoding"),
        ("nen-hai-lan", _page(lambda: gzip.compress(gzip.compress(_news())), "Content-Encoding: gzip"), _NO_PAGE),
        ("nen-khong-noi", _page(lambda: gzip.compress(_news())), "gzip"),
        ("nen-la", _page(_news, "Content-Encoding: rar"), "encoding"),
        ("khuc-hong", _sent(_half(_CHUNKED, "\r\nZZ\r\n")), f"{_LOST}|chunk|malformed"),
        ("khuc-thieu", _sent(_half(f"{_CHUNKED}1f40\r\n")), f"{_LOST}|chunk"),
        ("khong-dau", _sent(_news), rf"{_LOST}|pars|malformed|http/0\.9"),
        ("dau-chu-viet", _page(_news, "X-Tên: Huyện Dữ"), "header"),
        ("dau-dai", _head_alone("Content-Length: 0", f"X-Dai: {'x' * 65_536}"), f"{_LOST}|header|long|pars"),
        ("dau-vo-tan", lambda wire, _: wire.stream(many_lines()), f"{_LOST}|{_LARGER}|header|{_LATE}"),
        ("sau", _page(pages.deep), _NO_PAGE),
        ("/nut/1/rss", _page(lambda: b"<rss><channel/></rss>", media_type="application/rss+xml"), f"kept|{_NO_PAGE}"),
        ("dai-" * 2500, _page(lambda: b"long", status="414 URI Too Long"), "long|status 414"),
        # Too much
        ("20-mb", lambda wire, _: _large(wire, HTML, True), f"{_LARGER}|{_NO_PAGE}"),
        ("20-mb-khong-noi", lambda wire, _: _large(wire, HTML, False), f"{_LARGER}|{_NO_PAGE}"),
        ("20-mb-pdf", lambda wire, _: _large(wire, "application/pdf", True), f"{_LARGER}|{_NO_PAGE}"),
        ("2-gb", lambda wire, _: _flood(wire, HTML), _LARGER),
        ("2-gb-noi", lambda wire, _: _announced(wire), _LARGER),
        ("2-gb-anh", lambda wire, _: _flood(wire, "image/jpeg"), _LARGER),
        ("bom", _bomb, _LARGER),
        ("bom-long", _page(nested_bomb, "Content-Encoding: gzip, gzip"), _LARGER),
        ("bom-br", _page(brotli_bomb, "Content-Encoding: br"), _LARGER),
    )
)
# What articles embed, and what sitemaps and feeds are asked for
BEHIND = (
    Case("/anh/vo-tan.jpg", lambda wire, _: _flood(wire, "image/jpeg"), _LARGER),
    Case("/anh/bom.jpg", lambda wire, _: _bomb(wire, 0, "image/jpeg"), f"kept|{_LARGER}"),
    Case("/tep/vo-tan.pdf", lambda wire, _: _flood(wire, "application/pdf"), _LARGER),
    Case("/tep/lon.pdf", lambda wire, _: _large(wire, "application/pdf", True), f"kept|{_LARGER}"),
    Case("/muc-luc-dai", _page(pages.endless_list, "Content-Encoding: gzip"), "larger|too (?:large|many)"),
    Case("/rss.xml", _page(lambda: pages.laughs("rss"), media_type=XML), _UNREAD),
    Case("/sitemap-cuoi.xml", _page(lambda: pages.laughs("urlset"), media_type=XML), _UNREAD),
    Case("/sitemap-xxe.xml", lambda wire, _: wire.page(pages.stolen(wire.stranger), media_type=XML), _UNREAD),
    Case("/sitemap-bom.xml.gz", lambda wire, _: _bomb(wire, 0, "application/gzip", ""), f"{_LARGER}|{_UNREAD}"),
    Case("/sitemap-br.xml", _page(brotli_bomb, "Content-Encoding: br", media_type=XML), f"{_LARGER}|{_UNREAD}"),
    Case("/sitemap-trang.xml", _page(pages.deep), _UNREAD),
)
TOMORROW = "/tin-tuc/mai-hay-den"  # asks to be left alone for a day; the pages do not link it
EXPIRED = Case("/tin-tuc/het-han", _page(_news), "expired|certificate|tls")  # on the host with the old certificate
ODD = tuple(_odd())
GOOD = (*NEWS, *REFORM, *BY_DAY, *LAST_OF_MANY, IN_SITEMAP, *(good for good, _ in ODD))


def _mixed(wire: Wire, _: int) -> None:
    """Good and bad by turns."""
    bad = iter([*(case.path for case in CASES), f"https://{wire.tls}{EXPIRED.path}"])
    links = [path for good, _ in ODD for path in (good.path, *islice(bad, 2))]
    wire.page(pages.paged("/tong-hop", [*links, *bad, "/cam/mat", "/tin-tuc/bai-1?in=1"], wire.target, _PER_PAGE))


def _section(wire: Wire, visit: int) -> None:
    """Three of its pages fail once: nothing behind them may be lost."""
    troubles: dict[str, Callable[[Wire], None]] = {"3": _broken, "4": lambda w: _busy(w, "1"), "5": Wire.reset}
    trouble = troubles.get(wire.target.partition("page=")[2])
    if trouble and visit == 1:
        return trouble(wire)
    return wire.page(pages.paged("/tin-tuc", [good.path for good in NEWS], wire.target))


_ROBOTS = "User-agent: *\nDisallow: /cam/\nSitemap: {home}sitemap.xml\n"
_BY_PATH = {good.path: good for good in GOOD}
_ANSWERS: dict[str, Answer] = {
    **{case.path: case.answer for case in (*CASES, *BEHIND, EXPIRED)},
    **{good.path: one for good, one in ODD},
    "/": lambda wire, _: wire.page(pages.front(wire.stranger)),
    "/robots.txt": lambda wire, _: wire.page(_ROBOTS.format(home=wire.home).encode(), media_type="text/plain"),
    "/sitemap.xml": lambda wire, _: wire.page(pages.sitemap_index(wire.home), media_type=XML),
    "/sitemap-bai.xml": lambda wire, _: wire.page(pages.sitemap(wire.home), media_type=XML),
    "/tin-tuc": _section,
    "/cai-cach": lambda wire, _: wire.page(pages.reform(wire.target)),
    "/tong-hop": _mixed,
    "/tin-tuc/b-sang-a": _to("/tin-tuc/a-sang-b"),
    "/muc-luc": lambda wire, _: wire.page(pages.many_links(wire.links), "Content-Encoding: gzip"),
    "/cam/mat": _page(_news),
    TOMORROW: lambda wire, _: _busy(wire, "86400", "503 Service Unavailable"),
    "/anh/chu.jpg": _page(lambda: b"khong phai anh", media_type="text/plain"),
}
