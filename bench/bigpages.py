"""The pages of bench/bigportal.py: a portal of any number of articles, each made when it is asked for.

Nothing is kept for an article but its number, so that a portal of 100,000 takes no more room than one of 100. The same
number, edition and day always give the same page.
"""

from __future__ import annotations

import hashlib
import random
import zlib
from bisect import insort
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from archive.text import fold

PER_LISTING = 10
PER_SITEMAP = 5_000
YEARS = 12  # from the oldest article to the newest
SECTIONS = (
    ("tin-tuc-su-kien", "Tin tức - Sự kiện"),
    ("kinh-te", "Kinh tế"),
    ("van-hoa-xa-hoi", "Văn hóa - Xã hội"),
    ("an-ninh-quoc-phong", "An ninh - Quốc phòng"),
    ("xay-dung-dang", "Xây dựng Đảng"),
    ("thong-bao", "Thông báo"),
)
HTML, XML, TEXT = "text/html; charset=utf-8", "text/xml; charset=utf-8", "text/plain; charset=utf-8"
_NAME = "Cổng thông tin điện tử huyện Đồng Lớn"
_COMMUNES = ("Hải Minh", "Xuân Ninh", "Thọ Nghiệp", "Xuân Phú", "Trà Lũ", "Xuân Vinh", "Xuân Hồng", "Xuân Thủy")
_DEEDS = ("tổng kết", "triển khai", "khai mạc", "kiểm tra", "phát động", "tập huấn", "bàn giao", "ra quân")
_THINGS = (
    "vụ mùa", "phong trào nông thôn mới", "công tác phòng chống lụt bão", "hội thi cấy lúa", "nhà văn hóa xóm",
    "tuyến đê sông Ninh Cơ", "lớp học hè", "chợ đầu mối", "nghề dệt chiếu cói", "tiêm phòng gia súc",
)  # fmt: skip
_PHRASES = (
    "bà con nông dân", "các xã, thị trấn", "cán bộ và nhân dân", "ban chỉ đạo huyện", "đoàn viên thanh niên",
    "hội viên phụ nữ", "theo kế hoạch đã đề ra", "trên địa bàn huyện", "trong sáu tháng đầu năm", "so với cùng kỳ",
    "đạt kết quả tốt", "còn gặp khó khăn", "cần tập trung chỉ đạo", "bảo đảm đúng thời vụ", "tiếp tục được nhân rộng",
    "góp phần nâng cao đời sống", "được đầu tư xây dựng", "từ nguồn vốn địa phương", "nhiều mô hình hiệu quả",
    "thu hút đông đảo người dân", "giữ vững an ninh trật tự", "chuyển dịch cơ cấu cây trồng", "với diện tích lớn",
)  # fmt: skip
_SIGNED = ("Lệ Minh", "Phạm Linh", "Thu Lan", "Vũ Hải", "Đỗ Quyên", "Ngọc Ánh")


@dataclass(frozen=True, slots=True)
class Piece:
    """An article. ``text`` is what an archive should keep of its body: paragraphs, separated by an empty line."""

    number: int
    edition: int
    title: str
    text: str
    signed: str
    published: datetime
    changed: datetime

    @property
    def section(self) -> tuple[str, str]:
        return SECTIONS[self.number % len(SECTIONS)]

    @property
    def path(self) -> str:
        return f"/{self.section[0]}/{slug(self.title)}"

    @property
    def pictures(self) -> tuple[str, ...]:
        return (f"/sites/default/files/anh/{self.number}.png",) if self.number % 20 == 0 else ()

    @property
    def files(self) -> tuple[str, ...]:
        return (f"/sites/default/files/van-ban/{self.number}.pdf",) if self.number % 50 == 0 else ()

    @property
    def etag(self) -> str:
        return f'"{self.number}-{self.edition}"'


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire, before compression. ``kind`` "source", "listing", "article" or "file"."""

    kind: str
    status: int
    media_type: str
    body: bytes
    etag: str = ""
    modified: datetime | None = None
    location: str = ""


def slug(title: str) -> str:
    return "-".join(fold(title).replace(",", "").split())


class Site:
    """A portal's state on its present day. ``sitemap`` "index" (an index of children of 5,000 addresses) or "none"."""

    def __init__(self, home: str, count: int, today: datetime, sitemap: str = "index") -> None:
        self.home, self.sitemap, self.today = home.rstrip("/"), sitemap, today
        self.count = self._first = count
        self._began = today - timedelta(days=365 * YEARS)
        self._editions: dict[int, tuple[int, datetime, bool]] = {}
        self._published: dict[int, datetime] = {}
        self._deleted: dict[int, datetime] = {}
        self._sections = [[n for n in range(count) if n % len(SECTIONS) == s] for s in range(len(SECTIONS))]

    # What the editors do

    def go_on(self, now: datetime, new: int = 0, edited: tuple[int, ...] = (), deleted: tuple[int, ...] = (),
              told: bool = True) -> list[int]:  # fmt: skip
        """The next day, ``now``: the numbers of the new articles. ``told``: the sitemap says which were edited."""
        self.today = now
        numbers = list(range(self.count, self.count + new))
        self.count += new
        for number in numbers:
            self._published[number] = now - timedelta(hours=2)
            insort(self._sections[number % len(SECTIONS)], number)
        for number in edited:
            self._editions[number] = (self.piece(number).edition + 1, now - timedelta(hours=1), told)
        for number in deleted:
            self._deleted[number] = now - timedelta(hours=1)
            self._sections[number % len(SECTIONS)].remove(number)
        return numbers

    @property
    def there(self) -> list[int]:
        """The numbers of the articles that are not deleted."""
        return [number for number in range(self.count) if number not in self._deleted]

    def piece(self, number: int) -> Piece:
        edition, changed, _ = self._editions.get(number, (0, None, True))
        dice = random.Random(f"{number}")
        what = f"{dice.choice(_DEEDS)} {dice.choice(_THINGS)}"
        title = f"Xã {dice.choice(_COMMUNES)} {what} đợt {number + 1}"
        paragraphs = [_paragraph(dice, f"Tin số {number + 1}.{n}") for n in range(dice.randint(3, 7))]
        if edition:
            paragraphs.append(f"Bản tin số {number + 1} đã được ban biên tập bổ sung lần thứ {edition}.")
        published = self._published.get(number) or self._day_of(number)
        signed = dice.choice(_SIGNED)
        return Piece(number, edition, title, "\n\n".join(paragraphs), signed, published, changed or published)

    def _day_of(self, number: int) -> datetime:
        """The articles of the beginning are spread evenly over the years; the newest is of yesterday."""
        span = timedelta(days=365 * YEARS - 1)
        return (self._began + span * ((number + 1) / max(1, self._first))).replace(microsecond=0)

    def told(self, number: int) -> datetime:
        """When the sitemap says that the article changed."""
        piece = self.piece(number)
        return piece.changed if self._editions.get(number, (0, None, True))[2] else piece.published

    # Pages

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        first, _, rest = path.strip("/").partition("/")
        page = int(query.get("page", "0")) if query.get("page", "0").isdecimal() else 0
        sections = [name for name, _ in SECTIONS]
        if first in sections and rest:
            return self._article(path, rest)
        if first in sections:
            return self._listing(sections.index(first), page) or self._missing("listing")
        if path == "/":
            newest = self.newest(PER_LISTING)
            return self._page("source", "front", _NAME, _teasers(newest), self._tag(newest), newest)
        if path == "/sitemap.xml" and self.sitemap != "none":
            return self._child(page) if "page" in query else self._index()
        if path == "/rss.xml":
            return self._feed()
        if path == "/robots.txt":
            named = f"Sitemap: {self.home}/sitemap.xml\n" if self.sitemap != "none" else ""
            return Answer("source", 200, TEXT, f"User-agent: *\nDisallow: /user/\nDisallow: /search/\n{named}".encode())
        if first == "node" and rest.isdecimal() and 0 <= int(rest) - 1000 < self.count:
            return Answer("article", 301, HTML, b"", location=self.home + self.piece(int(rest) - 1000).path)
        return self._static(path, first) or self._missing("source" if path.endswith(".xml") else "article")

    def newest(self, most: int) -> list[Piece]:
        found = sorted((n for numbers in self._sections for n in numbers[-most:]), reverse=True)[:most]
        return [self.piece(number) for number in found]

    def _article(self, path: str, rest: str) -> Answer:
        last = rest.rpartition("-")[2]
        number = int(last) - 1 if last.isdecimal() else -1
        piece = self.piece(number) if 0 <= number < self.count and number not in self._deleted else None
        if piece is None or piece.path != path:
            return self._missing("article")
        name, label = piece.section
        paragraphs = "".join(f'<p class="rtejustify">{escape(line)}</p>\n' for line in piece.text.split("\n\n"))
        picture = "".join(f'<p><img alt="" src="{src}" width="600" height="400" /></p>\n' for src in piece.pictures)
        files = "".join(
            f'<div class="field-item even"><span class="file"><a href="{href}" type="application/pdf">Văn bản số '
            f"{piece.number}</a></span></div>"
            for href in piece.files
        )
        body = f"""<div id="node-{number + 1000}" class="node node-article node-full clearfix" about="{path}"
 typeof="sioc:Item foaf:Document">
<div class="meta submitted"><span property="dc:date dc:created" content="{_hanoi(piece.published)}"
 datatype="xsd:dateTime">Được đăng bởi <span class="username">banbientap</span></span></div>
<div class="content clearfix"><div class="field field-name-body field-type-text-with-summary field-label-hidden">
<div class="field-items"><div class="field-item even" property="content:encoded">{picture}{paragraphs}
<p style="text-align: right;"><strong>T/h: {piece.signed}</strong></p></div></div></div>
<div class="field field-name-field-dinh-kem field-type-file"><div class="field-items">{files}</div></div>
<div class="field field-name-field-chuyen-muc field-type-taxonomy-term-reference"><ul class="links inline"><li>
<a href="/{name}" typeof="skos:Concept">{label}</a></li></ul></div></div>
<ul class="links inline"><li class="statistics_counter last"><span>{number % 997 + self.today.toordinal() % 89} lượt xem
</span></li></ul></div>"""
        links = f'<link rel="canonical" href="{path}" />\n<link rel="shortlink" href="/node/{number + 1000}" />'
        classes = "not-front page-node node-type-article"
        made = self._page("article", classes, piece.title, body, piece.etag, [piece], links)
        return replace(made, modified=piece.changed)

    def _listing(self, section: int, page: int) -> Answer | None:
        numbers = self._sections[section]
        end = max(0, len(numbers) - page * PER_LISTING)
        shown = [self.piece(number) for number in reversed(numbers[max(0, end - PER_LISTING) : end])]
        if not shown:
            return None
        name, label = SECTIONS[section]
        last = (len(numbers) - 1) // PER_LISTING
        pager = f'<li class="pager-next"><a href="/{name}?page={page + 1}">sau ›</a></li>' if page < last else ""
        back = "" if page == 0 else f'<li class="pager-previous"><a href="/{name}?page={page - 1}">‹ trước</a></li>'
        rows = f'<div class="view"><div class="view-content">{_teasers(shown)}</div><ul class="pager">{back}{pager}'
        close = f'<li class="pager-last"><a href="/{name}?page={last}">cuối »</a></li></ul></div>'
        return self._page("listing", "not-front page-taxonomy", label, rows + close, self._tag(shown, str(last)), shown)

    def _index(self) -> Answer:
        newest: dict[int, datetime] = {}
        for chunk in range((self.count - 1) // PER_SITEMAP + 1):
            newest[chunk] = self._day_of(min(self._first, (chunk + 1) * PER_SITEMAP) - 1)
        for number in (*self._published, *self._editions):
            chunk = number // PER_SITEMAP
            newest[chunk] = max(newest[chunk], self.told(number))
        for number, moment in self._deleted.items():
            newest[number // PER_SITEMAP] = max(newest[number // PER_SITEMAP], moment)
        entries = "".join(
            f"<sitemap><loc>{self.home}/sitemap.xml?page={chunk + 1}</loc><lastmod>{utc(moment)}</lastmod></sitemap>\n"
            for chunk, moment in newest.items()
        )
        return self._xml("sitemapindex", entries, max(newest.values()))

    def _child(self, page: int) -> Answer:
        numbers = range((page - 1) * PER_SITEMAP, min(self.count, page * PER_SITEMAP))
        moments = {number: self.told(number) for number in numbers if number not in self._deleted}
        if not moments:
            return self._missing("source")
        entries = "".join(
            f"<url><loc>{self.home}{self.piece(number).path}</loc><lastmod>{utc(moment)}</lastmod></url>\n"
            for number, moment in moments.items()
        )
        gone = [moment for number, moment in self._deleted.items() if number in numbers]
        return self._xml("urlset", entries, max([*moments.values(), *gone]))

    def _xml(self, root: str, entries: str, modified: datetime) -> Answer:
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        body = f"{head}{entries}</{root}>\n".encode()
        return Answer("source", 200, XML, body, _digest(body), modified)

    def _feed(self) -> Answer:
        shown = self.newest(PER_LISTING)
        items = "".join(
            f"<item><title>{escape(p.title)}</title><link>{self.home}{p.path}</link>"
            f"<pubDate>{format_datetime(p.published)}</pubDate></item>\n"
            for p in shown
        )
        body = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{_NAME}</title>\n{items}'
        tag = self._tag(shown)
        return Answer("source", 200, XML, f"{body}</channel></rss>".encode(), tag, max(p.changed for p in shown))

    def _static(self, path: str, first: str) -> Answer | None:
        if path == "/sites/all/themes/donglon/style.css":
            return Answer("file", 200, "text/css", b"body { font: 14px arial }\n" * 200, '"css"', self._began)
        if first == "sites" and path.endswith((".png", ".pdf")):
            media_type = "image/png" if path.endswith(".png") else "application/pdf"
            start = b"\x89PNG\r\n\x1a\n" if path.endswith(".png") else b"%PDF-1.4\n"
            return Answer("file", 200, media_type, start + random.Random(path).randbytes(2500), '"file"', self._began)
        if path == "/gioi-thieu":
            body = "<p>Huyện Đồng Lớn nằm ở phía Nam tỉnh, bên bờ sông.</p>"
            return self._page("listing", "node-type-page", "Giới thiệu", body, '"about"', [])
        return None

    def _missing(self, kind: str) -> Answer:
        page = self._page(kind, "not-front page-404", "Không tìm thấy trang", "<p>Trang không còn.</p>", "", [])
        return replace(page, status=404, modified=None)

    def _tag(self, shown: list[Piece], more: str = "") -> str:
        return _digest("".join(f"{p.etag} " for p in shown).encode() + more.encode())

    def _page(
        self, kind: str, classes: str, title: str, main: str, etag: str, shown: list[Piece], links: str = ""
    ) -> Answer:
        html = _FRAME.format(
            links=links, title=escape(title), name=_NAME, classes=classes, main=main, side=_SIDE,
            heading="" if classes == "front" else f'<h1 class="title" id="page-title">{escape(title)}</h1>',
            menu="".join(f'<li><a href="{href}">{label}</a></li>\n' for href, label in _MENU),
            weather=f"{20 + self.today.toordinal() % 15}°C",
            newest="".join(
                f'<li class="views-row"><span class="field-content"><a href="{p.path}">{p.title}</a></span></li>'
                for p in self.newest(5)
            ),
        )  # fmt: skip
        return Answer(kind, 200, HTML, html.encode(), etag, max((p.changed for p in shown), default=None))


def _paragraph(dice: random.Random, start: str) -> str:
    """One to three sentences; the number keeps any two articles apart."""
    sentences = (" ".join(dice.choices(_PHRASES, k=dice.randint(6, 12))) for _ in range(dice.randint(1, 3)))
    return f"{start}: " + " ".join(sentence[0].upper() + sentence[1:] + "." for sentence in sentences)


def _teasers(shown: list[Piece]) -> str:
    return "".join(
        f'<div class="views-row"><div class="node node-article node-teaser clearfix"><h2><a href="{p.path}">'
        f"{escape(p.title)}</a></h2><p>{escape(p.text[:150])}</p></div></div>\n"
        for p in shown
    )


def _digest(content: bytes) -> str:
    return f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'


def utc(moment: datetime) -> str:
    """As Drupal's sitemaps write it, to the minute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _hanoi(moment: datetime) -> str:
    return (moment.astimezone(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S+07:00")


_MENU = (("/", "Trang chủ"), ("/gioi-thieu", "Giới thiệu"), *((f"/{name}", label) for name, label in SECTIONS))
# What stands on every page of a real portal: web links, scripts, a poll. 25 KB that packs to a few.
_SIDE = "".join(
    f'<li class="leaf"><a href="http://xa{n}.donglon.example.gov.vn/?{zlib.crc32(b"%d" % n):x}">Xã số {n}</a></li>\n'
    for n in range(300)
)
_FRAME = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML+RDFa 1.0//EN" "http://www.w3.org/MarkUp/DTD/xhtml-rdfa-1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="vi" dir="ltr"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="Generator" content="Drupal 7 (http://drupal.org)" />
{links}
<title>{title} | {name}</title>
<link type="text/css" rel="stylesheet" href="/sites/all/themes/donglon/style.css?mz4k1p" media="all" />
</head><body class="html {classes}">
<div id="header"><a href="/" rel="home" id="logo"><img src="/sites/all/themes/donglon/logo.png" alt="" /></a>
<div id="main-menu" class="navigation"><ul id="main-menu-links" class="links clearfix">
{menu}</ul></div></div>
<div id="breadcrumb"><h2 class="element-invisible">You are here</h2><div class="breadcrumb"><a href="/">Trang chủ</a>
</div></div>
<div id="content" class="column"><div class="section">{heading}
<div class="region region-content"><div id="block-system-main" class="block block-system"><div class="content">
{main}
</div></div></div></div></div>
<div id="sidebar-first" class="column sidebar"><div class="block block-views"><h2>Tin mới</h2><ul>{newest}</ul></div>
<div class="block"><h2>Thời tiết</h2><p>{weather}</p></div>
<div class="block"><h2>LIÊN KẾT WEBSITE</h2><ul class="links-block">{side}</ul></div></div>
<div id="footer">Bản quyền thuộc về UBND huyện Đồng Lớn</div></body></html>
"""
