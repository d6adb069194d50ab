"""What a portal in which everything goes wrong prints: a Drupal 7's pages, good articles and traps. Pure.

How answers go wrong on the wire is the matter of tests/wild_answers.py.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

PER_PAGE = 3
LINKS = 100_000  # on one listing page, if nothing else is said
DEEP = 100_000  # elements within one another


@dataclass(frozen=True, slots=True)
class Good:
    """An article that must be kept exactly once. ``path`` its address without session id · ``lasting`` without one
    its page is not shown, but a redirect to a new session · ``numbered`` it prints its node's number."""

    number: int
    path: str
    lasting: bool = True
    numbered: bool = True

    @property
    def title(self) -> str:
        return f"Bài số {self.number}: chuyện làng nghề xã Hải Minh"

    @property
    def marker(self) -> str:
        """Words that stand in this article's text and nowhere else."""
        return f"vụ mùa thứ {self.number} trên cánh đồng"


NEWS = tuple(Good(n, f"/tin-tuc/bai-{n}") for n in range(1, 22))
REFORM = tuple(Good(n, f"/cai-cach/bai-{n}", lasting=n % 2 == 1, numbered=n % 3 == 0) for n in range(22, 43))
BY_DAY = tuple(Good(n, f"/2024/{n - 42:02}/{n % 28 + 1:02}/bai-{n}") for n in range(43, 55))
LAST_OF_MANY = tuple(Good(n, f"/tin-tuc/bai-{n}") for n in range(55, 58))
IN_SITEMAP = Good(58, "/tin-tuc/bai-58")
MONTHS = tuple(f"2024-{month:02}" for month in range(12, 0, -1))

_MENU = (
    ("/tin-tuc", "Tin tức"),
    ("/cai-cach", "Cải cách hành chính"),
    ("/luu-tru/2024-12", "Lưu trữ"),
    ("/tong-hop", "Tổng hợp"),
    ("/lich/2026-11", "Lịch công tác"),
    ("/thu-vien-anh/1", "Thư viện ảnh"),
    ("/duong/a/b/", "Đường đi"),
    ("/mo-rong", "Mở rộng"),
    ("/tra-cuu", "Tra cứu"),
    ("/muc-luc", "Mục lục"),
    ("/muc-luc-dai", "Mục lục dài"),
    ("/lap", "Lặp"),
    ("/lap-mai", "Lặp mãi"),
    ("/phien-mai", "Phiên mãi"),
    ("/chuyen/1", "Chuyển hướng"),
    ("mailto:bbt@thu.example", "Thư"),
    ("javascript:history.back()", "Trở lại"),
    ("http://[", "Hỏng"),
    ("//", "Trống"),
)
# Where each trap's pages stand, for those who count what was asked of them, and what an operator is to be told of it:
# True when the crawl has to give up something there, False when a listing merely ends by showing nothing new.
TRAPS = {
    "/lich/": True,
    "/lich-ngay/": True,
    "/thu-vien-anh/": True,
    "/duong/": True,
    "/mo-rong": True,
    "/tra-cuu": True,
    "/vb/": True,
    "/lap": False,
    "/lap-mai": False,
    "/phien-mai": False,
    "/chuyen/": True,
}
_session = count(1)


def session() -> str:
    """A new session id, as every page has other ones."""
    return hashlib.sha256(str(next(_session)).encode()).hexdigest()[:26]


def page(body: str, classes: str = "", head: str = "") -> bytes:
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Huyện Thử</title>{head}</head>'
        f'<body class="{classes}">{body}</body></html>'
    ).encode()


def article(good: Good, inserted: str = "") -> bytes:
    """``inserted``: what stands in the body besides the text."""
    number = good.number
    lines = "".join(
        f"<p>Bà con xã Hải Minh kể về {good.marker} bên sông Ninh Cơ, {verb} {number * step} tấn lúa và "
        f"{number + step} lồng cá, theo lời ông Trần Văn Thử, trưởng thôn {step}.</p>"
        for step, verb in enumerate(("gặt được", "phơi được", "bán được"), 1)
    )
    body = (
        f'<div id="content"><h1 id="page-title">{good.title}</h1><div class="node node-full">'
        f'<span property="dc:date" content="2024-05-{number % 28 + 1:02}T08:00:00+07:00"></span>'
        f'<div class="field-name-body"><div class="field-items"><div class="field-item">{lines}{inserted}</div></div>'
        f'</div></div><a href="mailto:?subject=Bài {number}">Gửi</a> <a href="/print/{number}">In</a></div>'
    )
    return page(body, "node-type-article", f'<link rel="shortlink" href="/node/{number}">' if good.numbered else "")


def listing(links: Iterable[str], following: str = "", classes: str = "page-danh-sach", more: str = "") -> bytes:
    """A page of teasers; ``following`` the address of the next one, "" when this is the last."""
    teasers = "".join(f'<div class="node-teaser"><h2><a href="{href}">{href[-40:]}</a></h2></div>' for href in links)
    pager = f'<ul class="pager"><li class="pager-next"><a href="{following}">sau</a></li></ul>' if following else ""
    return page(f'<h1 id="page-title">Danh sách</h1>{more}{teasers}{pager}', classes)


def front(elsewhere: str) -> bytes:
    """The home page; ``elsewhere`` another host, that is not the portal's."""
    entries = "".join(f'<li><a href="{href}">{name}</a></li>' for href, name in (*_MENU, (elsewhere, "Báo")))
    menu = f'<ul class="menu">{entries}</ul>'
    return listing([*(good.path for good in NEWS[:2]), f"{elsewhere}bai-la", "/cam/mat"], "", "front", menu)


def paged(base: str, links: list[str], target: str, per_page: int = PER_PAGE) -> bytes:
    """The page of a listing that ``target`` names by ``page=``; Drupal's pages count from 0, and beyond the end is
    the end."""
    last = (len(links) - 1) // per_page
    number = min(_parameter(target, "page"), last)
    following = f"{base}{'&' if '?' in base else '?'}page={number + 1}" if number < last else ""
    return listing(links[number * per_page :][:per_page], following)


def reform(target: str) -> bytes:
    """Session ids in every link. Its second and third page show what the first section shows as well."""
    links = [_with_session(good) for good in REFORM]
    shown = links[:PER_PAGE] + [good.path for good in NEWS[: 2 * PER_PAGE]] + links[PER_PAGE:]
    return paged(f"/cai-cach?phien={session()}", shown, target)


def _with_session(good: Good) -> str:
    if not good.lasting:
        return f"{good.path}?phien={session()}"
    return f"{good.path};jsessionid={session()}" if good.number % 5 == 0 else f"{good.path}?PHPSESSID={session()}"


def archive_of(month: str) -> bytes:
    """A calendar that ends, and the only way to the articles of its months."""
    older = MONTHS[MONTHS.index(month) + 1 :][:1]
    here = [good.path for good in BY_DAY if good.path.startswith(f"/{month.replace('-', '/')}/")]
    return listing(here, f"/luu-tru/{older[0]}" if older else "")


def trap(target: str) -> bytes | None:
    """A page of one of the traps; None when the address belongs to none."""
    path, _, query = target.partition("?")
    if found := re.fullmatch(r"/lich/(\d+)-(\d+)", path):
        year, month = int(found[1]), int(found[2])
        days = [f"/lich-ngay/{year}/{month}/{day}" for day in range(1, 31)]
        before, after = (f"/lich/{m // 12}-{m % 12 + 1:02}" for m in (12 * year + month - 2, 12 * year + month))
        return listing([*days, before], after)
    if path.startswith("/lich-ngay/"):
        return page(f'<h1 id="page-title">Lịch ngày {path[11:]}</h1><p>Không có lịch.</p>', "page-lich")
    if found := re.fullmatch(r"/thu-vien-anh/(\d+)", path):
        following = f"/thu-vien-anh/{int(found[1]) + 1}"
        return listing([following], following, more=f'<img src="/anh/nho.png?so={found[1]}" alt="">')
    if path.startswith("/duong/"):
        return listing(["a/b/"], "b/a/")
    if path == "/mo-rong":
        grown = f"/mo-rong?{query}{'&' if query else ''}k{query.count('=')}=1"
        return listing([grown], grown)
    if path == "/tra-cuu":
        chosen = [part for part in query.split("&") if part]
        facets = [f"f[{len(chosen)}]=loai:{n}" for n in range(12) if not any(f"loai:{n}" in part for part in chosen)]
        return listing([f"/tra-cuu?{'&'.join([*chosen, facet])}" for facet in facets])
    if path.startswith("/vb/"):
        return page(f'<h1 id="page-title">Văn bản {path[4:]}</h1>', "page-van-ban")
    return _pagers(path, target)


def _pagers(path: str, target: str) -> bytes | None:
    """Listings whose next page is no next page."""
    first = [good.path for good in NEWS[:PER_PAGE]]
    following = {
        "/lap": "/lap",
        "/lap-mai": f"/lap-mai?page={_parameter(target, 'page') + 1}",
        "/phien-mai": f"/phien-mai?phien={session()}",
    }
    return listing(first, following[path]) if path in following else None


@lru_cache(1)
def many_links(many: int) -> bytes:
    """One page with links to so much, 4 MB for 100,000 when it is unpacked: the good ones come last."""
    links = (*(f"/vb/{n}" for n in range(many)), *(good.path for good in LAST_OF_MANY))
    teasers = "".join(f"<h2><a href={href}>{href[-5:]}</a></h2>" for href in links)
    return gzip.compress(page(f'<h1 id="page-title">Mục lục</h1><div class="node">{teasers}</div>'), 1)


@lru_cache(1)
def endless_list() -> bytes:
    """The same in the words of a generous theme, 13 MB."""
    return gzip.compress(listing(f"/vb/{n}?nguon=muc-luc-day-du-cua-trang" for n in range(LINKS)), 1)


def deep() -> bytes:
    return page('<h1 id="page-title">Sâu</h1>' + "<div>" * DEEP + "đáy" + "</div>" * DEEP, "page-sau")


def challenge() -> bytes:
    script = "<script>document.cookie='k=1';location.reload();</script>"
    return f"<html><head><title>Just a moment...</title></head><body>{script}</body></html>".encode()


def sitemap_index(home: str) -> bytes:
    names = ("sitemap.xml", "sitemap-bai.xml", "sitemap-cuoi.xml", "sitemap-xxe.xml", "sitemap-bom.xml.gz",
             "sitemap-br.xml", "sitemap-trang.xml")  # fmt: skip
    entries = "".join(f"<sitemap><loc>{home}{name}</loc></sitemap>" for name in names)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode()


def sitemap(home: str) -> bytes:
    entries = "".join(f"<url><loc>{home[:-1]}{good.path}</loc></url>" for good in (*NEWS[:2], IN_SITEMAP))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def laughs(root: str) -> bytes:
    """Ten entities of ten of the one before: a thousand million words."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "ha">{entities}]><{root}><url><loc>&l9;</loc></url></{root}>'.encode()


def stolen(elsewhere: str) -> bytes:
    """Entities that a reader would fetch from another host, and from its own disk."""
    return (
        f'<!DOCTYPE urlset [<!ENTITY a SYSTEM "{elsewhere}xxe"><!ENTITY b SYSTEM "file:///etc/hostname">'
        f'<!ENTITY % c SYSTEM "{elsewhere}dtd"> %c;]><urlset><url><loc>&a;&b;</loc></url></urlset>'
    ).encode()


def _parameter(target: str, name: str) -> int:
    found = re.search(rf"[?&]{name}=(\d{{1,8}})", target)
    return int(found[1]) if found else 0
