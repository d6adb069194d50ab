"""The pages of the demo portal: a path and a query → an Answer. No sockets here."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote, unquote

from crawler.demo.content import HANOI, SECTIONS, Document, Picture, Piece, pieces
from crawler.demo.drawing import picture
from crawler.demo.files import favicon, pdf
from crawler.demo.typesetting import environment, opening

NAME = "Cổng thông tin điện tử huyện Sông Ninh"
PER_PAGE = 10
HTML, TEXT, XML = "text/html; charset=utf-8", "text/plain; charset=utf-8", "text/xml; charset=utf-8"
ABOUT = (
    "Huyện Sông Ninh nằm ở phía Nam tỉnh Nam Định, bên bờ sông Ninh Cơ, phía Bắc và phía Đông giáp huyện "
    "Xuân Trường. Diện tích tự nhiên 9.846 ha, dân số 142.300 người, gồm 14 xã và thị trấn Cầu Ninh.",
    "Đất Sông Ninh thành hình cách đây hơn 500 năm, khi những người đi mở đất quai đê lấn biển. Nghề trồng "
    "lúa, đóng tàu, dệt chiếu cói, làm kèn đồng và nếp sống xứ đạo xen với làng chùa làm nên nét riêng của "
    "vùng quê này.",
    "Thời tiết mang đặc trưng nhiệt đới gió mùa, mỗi năm chịu ảnh hưởng của 4 đến 6 cơn bão.",
)
CONTACT = (
    "Ban biên tập Cổng thông tin điện tử huyện Sông Ninh",
    "Trụ sở UBND huyện, số 1 đường Trần Hưng Đạo, thị trấn Cầu Ninh. Điện thoại: 0228.3000.111.",
    "Tin, bài cộng tác xin gửi về hộp thư bbt@songninh.example.gov.vn.",
)
_SKIES = ("Trời nhiều mây, không mưa", "Có mưa rào nhẹ", "Trời nắng", "Nhiều mây, có lúc có mưa")
_DENIED = ("Bạn không được phép vào trang này.",)
_NO_LONGER = ("Nội dung bạn tìm không còn nữa.",)
_STATIC = {"/gioi-thieu": ("Giới thiệu", 3, ABOUT), "/lien-he": ("Liên hệ", 4, CONTACT)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire, before compression. ``etag`` "" and ``modified`` None: nothing to compare."""

    status: int
    media_type: str
    body: bytes
    etag: str = ""
    modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Site:
    """The portal on one day. ``home`` is its address with a slash at the end."""

    name = NAME

    def __init__(self, home: str, day: int) -> None:
        self.home, self.day = home, day
        self.pieces = pieces(day)
        self.by_path = {p.path: p for p in self.pieces}
        self.by_node = {str(p.node): p for p in self.pieces}
        self.titles = {p.section[0]: p.section[1] for p in self.pieces}
        self.pictures = {p.path: p for piece in self.pieces for p in piece.pictures}
        self.documents = {d.path: (d, piece) for piece in self.pieces for d in piece.documents}
        self.menu = (
            ("/", "Trang chủ"),
            ("/gioi-thieu", "Giới thiệu"),
            *((f"/{name}", self.titles[name]) for name in SECTIONS),
            ("/lich-cong-tac/2025-06", "Lịch công tác"),
            ("/thu-vien-anh", "Thư viện ảnh"),
            ("/lien-he", "Liên hệ"),
        )

    def newest(self, section: str, count: int) -> tuple[Piece, ...]:
        """The newest articles of a section, or of all when it is ""."""
        return tuple(p for p in self.pieces if section in ("", p.section[0]))[:count]

    def answer(self, path: str, query: Mapping[str, str], visit: int) -> Answer:
        """The page at an escaped path; ``visit`` is what the counters and the weather move with."""
        path = path.rstrip("/") or "/"
        if path in self.by_path:
            return self._node(self.by_path[path], visit)
        if path in self.documents:
            return self._document(*self.documents[path])
        if path in self.pictures:
            return self._picture(self.pictures[path])
        first, _, rest = path[1:].partition("/")
        rooms: dict[str, Callable[[], Answer | None]] = {
            "": lambda: self._listing("/", "Tin mới cập nhật", self.pieces[:PER_PAGE], 0, visit),
            "node": lambda: self._by_number(rest, query, visit),
            "print": lambda: self._print(rest),
            "tin-cu": lambda: self._old(rest, visit),
            "lich-cong-tac": lambda: self._calendar(rest, visit),
            "thu-vien-anh": lambda: None if rest else self._gallery(_number(query), visit),
            "user": lambda: self._plain(path, "Truy cập bị từ chối", _DENIED, visit, 403),
        }
        if first in SECTIONS and not rest:
            found: Answer | None = self._section(first, _number(query), visit)
        elif first in rooms:
            found = rooms[first]()
        else:
            found = self._other(path, visit)
        return found or self._missing(path, visit)

    def _other(self, path: str, visit: int) -> Answer | None:
        if path in _STATIC:
            title, node, paragraphs = _STATIC[path]
            return self._plain(path, title, paragraphs, visit, node=node)
        if path == "/rss.xml":
            shown = self.pieces[:PER_PAGE]
            return _stable("application/rss+xml; charset=utf-8", self._render("rss.xml", shown=shown), shown)
        if path == "/sitemap.xml":
            shown = tuple(p for p in self.pieces if p.listed)
            return _stable(XML, self._render("sitemap.xml", shown=shown), shown)
        if path == "/robots.txt":
            return _fixed(TEXT, self._render("robots.txt"))
        if path == "/sites/all/themes/songninh/style.css":
            return _fixed("text/css", (Path(__file__).parent / "templates" / "style.css").read_bytes())
        if path in ("/favicon.ico", "/misc/favicon.ico"):
            return _fixed("image/vnd.microsoft.icon", favicon())
        return None

    def _node(self, piece: Piece, visit: int) -> Answer:
        section = [p for p in self.pieces if p.section == piece.section and p is not piece]
        older = [p for p in section if p.published <= piece.published] or section
        body = self._page(
            "node.html",
            piece.path,
            _composed(piece),
            visit,
            classes=f"page-node page-node- page-node-{piece.node} node-type-article",
            trail=(("/", "Trang chủ"), (f"/{piece.section[0]}", piece.section[1])),
            piece=piece,
            others=older[:6],
        )
        link = f'<{piece.path}>; rel="canonical",</node/{piece.node}>; rel="shortlink"'
        return Answer(200, HTML, body, _etag(piece), piece.updated, (("Link", link),))

    def _by_number(self, rest: str, query: Mapping[str, str], visit: int) -> Answer | None:
        if not rest:
            return self._paged("/node", "Tin mới cập nhật", self.pieces, _number(query), visit)
        if rest in ("3", "4"):
            return self._other("/gioi-thieu" if rest == "3" else "/lien-he", visit)
        return self._node(self.by_node[rest], visit) if rest in self.by_node else None

    def _print(self, rest: str) -> Answer | None:
        piece = self.by_node.get(rest)
        if piece is None:
            return None
        body = self._render("print.html", piece=piece, title=_composed(piece))
        return Answer(200, HTML, body, _etag(piece), piece.updated)

    def _old(self, rest: str, visit: int) -> Answer | None:
        """Addresses of the portal's first site: a redirect, or a page that only looks found."""
        if rest == "khong-con":
            return self._plain("/tin-cu/khong-con", "Không tìm thấy trang", _NO_LONGER, visit)
        piece = self.by_node.get(rest)
        if piece is None:
            return None
        return Answer(301, HTML, b"", headers=(("Location", self.home[:-1] + piece.path),))

    def _section(self, name: str, page: int, visit: int) -> Answer:
        shown = tuple(p for p in self.pieces if p.section[0] == name)
        return self._paged(f"/{name}", self.titles[name], shown, page, visit)

    def _paged(self, path: str, title: str, shown: tuple[Piece, ...], page: int, visit: int) -> Answer:
        last = (len(shown) - 1) // PER_PAGE
        page = min(page, last)  # as Drupal does: beyond the end is the end
        return self._listing(path, title, shown[page * PER_PAGE :][:PER_PAGE], last, visit, page)

    def _listing(self, path: str, title: str, shown: tuple[Piece, ...], last: int, visit: int, page: int = 0) -> Answer:
        trail = () if path == "/" else (("/", "Trang chủ"),)
        classes = "page-front" if path == "/" else f"page-{path[1:]}"
        body = self._page(
            "listing.html", path, title, visit, classes=classes, trail=trail, shown=shown, page=page, last=last
        )
        return _stable(HTML, body, shown)

    def _calendar(self, rest: str, visit: int) -> Answer | None:
        year, _, month = rest.partition("-")
        if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and 1 <= int(year) <= 9998):
            return None
        months = int(year) * 12 + int(month) - 1
        before, after = (f"{m // 12:04d}-{m % 12 + 1:02d}" for m in (months - 1, months + 1))
        body = self._page(
            "calendar.html",
            f"/lich-cong-tac/{rest}",
            "Lịch công tác",
            visit,
            year=int(year),
            month=int(month),
            before=before,
            after=after,
            weeks=calendar.monthcalendar(int(year), int(month)),
        )
        return Answer(200, HTML, body)

    def _gallery(self, page: int, visit: int) -> Answer:
        """Never ends: after the last picture it begins again."""
        every = sorted(self.pictures.values(), key=lambda p: p.path)
        shown = [every[(page * 6 + i) % len(every)] for i in range(6)]
        body = self._page("gallery.html", "/thu-vien-anh", "Thư viện ảnh", visit, shown=shown, page=page)
        return Answer(200, HTML, body)

    def _plain(
        self, path: str, title: str, paragraphs: tuple[str, ...], visit: int, status: int = 200, node: int = 0
    ) -> Answer:
        classes = "page-node node-type-page" if node else "page-error"
        trail = (("/", "Trang chủ"),)
        body = self._page(
            "plain.html", path, title, visit, classes=classes, trail=trail, node=node, paragraphs=paragraphs
        )
        return Answer(status, HTML, body, _digest(title, *paragraphs) if status == 200 else "")

    def _missing(self, path: str, visit: int) -> Answer:
        words = (f'Không tìm thấy trang "{path}" bạn yêu cầu.',)
        return self._plain(path, "Không tìm thấy trang", words, visit, 404)

    def _document(self, document: Document, piece: Piece) -> Answer:
        name = document.path.rpartition("/")[2]
        lines = (line for block in piece.blocks for line in block.lines)
        body = pdf(piece.title, ["ỦY BAN NHÂN DÂN HUYỆN SÔNG NINH", f"Tệp: {unquote(name)}", *lines])
        return Answer(200, "application/pdf", body, _digest(document.path, body.hex()), piece.published)

    def _picture(self, wanted: Picture) -> Answer:
        return _fixed("image/png", picture(wanted.scene, wanted.path))

    def _page(self, template: str, path: str, title: str, visit: int, **more: object) -> bytes:
        now = datetime.now(HANOI)
        weather = {
            "celsius": 21 + visit % 14,
            "sky": _SKIES[visit % 4],
            "humidity": 70 + visit % 23,
            "wind": 2 + visit % 5,
            "clock": f"{now:%H:%M:%S} ngày {now:%d/%m/%Y}",
        }
        words = {"classes": "", "trail": (("/", "Trang chủ"),), "node": 0, **more}
        front = "front" if path == "/" else "not-front"
        words["classes"] = f"{front} not-logged-in two-sidebars {words['classes']}".strip()
        return self._render(template, here=path, title=title, visit=visit, weather=weather, **words)

    def _render(self, template: str, **words: object) -> bytes:
        text: str = environment().get_template(template).render(site=self, **words)
        return text.encode("utf-8")


def _composed(piece: Piece) -> str:
    """The title as the editor typed it: decomposed where the body is."""
    return environment().filters["decompose"](piece.title) if "nfd" in piece.traits else piece.title


def _etag(piece: Piece) -> str:
    """Weak, and of the article alone: counters, weather and side bars move without it."""
    return _digest(piece.path, opening(piece), repr(piece.blocks), piece.updated.isoformat())


def _digest(*parts: str) -> str:
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"'


def _stable(media_type: str, body: bytes, shown: tuple[Piece, ...]) -> Answer:
    etag = _digest(media_type, *(p.path + p.updated.isoformat() for p in shown))
    return Answer(200, media_type, body, etag, max(p.updated for p in shown))


def _fixed(media_type: str, body: bytes) -> Answer:
    return Answer(200, media_type, body, _digest(body.hex()), datetime(2014, 1, 2, tzinfo=UTC))


def _number(query: Mapping[str, str]) -> int:
    """``page`` of a query, 0 when it is none."""
    page = query.get("page", "0")
    return int(page) if page.isdecimal() and len(page) < 9 else 0


def last_modified(moment: datetime) -> str:
    """For the header: ``Tue, 24 Jun 2025 03:00:00 GMT``."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def escaped(path: str) -> str:
    """A path as clients may send it, in the one spelling the site uses."""
    return quote(path, safe="/%:@!$&'()*+,;=~-._")
