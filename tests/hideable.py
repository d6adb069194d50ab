"""An archive with an article that is to go out of sight: each of its parts says a word that stands nowhere else."""

from __future__ import annotations

import gzip
import re
import sqlite3
import unicodedata
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from conftest import rows, write_portal
from keeping import crawled, faults, picture, some, warcs
from rereading import FETCHED, GOOD, ID

from archive.model import Capture
from archive.search.keeper import catch_up
from archive.text import fold, index_form
from crawler.portal import load_all
from crawler.takedowns import Done, Found, opened

# Names of people, of the kind that has to go; syllables that no other page of the archive has.
TITLE, OLD_TITLE, LEAD = "Vừ Thuỵ Choẹt", "Vừ Nghuệch", "bà Phoạng Xếnh"
BODY, OLD_BODY, BYLINE = "em Lềnh Khoẻo", "anh Giàng Quẫy", "Mạc Thoăn"
CAPTION, LABEL, SECTION, FILE = "cháu Ngoẻn", "Biên bản Thuẫn Rệp", "Chuyện Xã Khuỷnh", "Tờ Khai Nguệch"
WORDS = (TITLE, OLD_TITLE, LEAD, BODY, OLD_BODY, BYLINE, CAPTION, LABEL, SECTION, FILE)
HOME = "http://thu.example.vn/"
ADDRESS, PRINT, PHOTO, PAPER = "node/901", "print/901", "anh/901.jpg", "tep/901.pdf"
_MORE = "summary = ['.lead']\nsection = ['.muc']\nattachments = ['.tep']"
_RULES = GOOD.replace("body = ['#bai']", f"body = ['#bai']\n{_MORE}")
_PAGE = """<html><head><meta name="Generator" content="Drupal 7 (http://drupal.org)"><title>{title}</title></head>
<body class="node-type-article"><h1>{title}</h1><a class="muc" href="/muc">{section}</a><div class="lead">{lead}</div>
<div id="bai"><p>Hội nghị nghe báo cáo về việc {body} xin cấp lại giấy tờ ở bộ phận một cửa của huyện.</p>
<figure><img src="/{photo}"><figcaption>Ảnh: {caption} tại buổi tiếp dân</figcaption></figure>
<p>Uỷ ban nhân dân xã đã trả lời bằng văn bản theo đúng thời hạn.</p><p>T/h: {byline}</p></div>
<div class="tep"><a href="/{paper}">{label}</a></div></body></html>"""


@dataclass(frozen=True, slots=True)
class Hideable:
    """The data folder, and the id of the article."""

    data: Path
    id: str


def make(data: Path) -> Hideable:
    """A crawl that finds the article, its print view, its files and a list that names it; and another, when the portal
    had changed its words."""
    write_portal(data, ID, _RULES)
    listing = _html("", f"<html><body class='page-front'><h2><a href='/{ADDRESS}'>{TITLE}</a></h2></body></html>")
    first = [*some(4), secret(OLD_TITLE, OLD_BODY), secret(OLD_TITLE, OLD_BODY, path=PRINT), photo(), paper()]
    crawled(data, first)
    crawled(data, [secret(TITLE, BODY, day=3), replace(listing, fetched_at=secret("", "", 3).fetched_at)])
    (found,) = rows(data, "select id, versions from articles where title = ?", TITLE)
    assert found["versions"] == 2
    return Hideable(data, found["id"])


def secret(title: str = TITLE, body: str = BODY, day: int = 0, path: str = ADDRESS) -> Capture:
    """The article's page."""
    page = _PAGE.format(
        title=title, body=body, section=SECTION, lead=f"Nghe {LEAD} trình bày", caption=CAPTION, byline=BYLINE,
        label=LABEL, photo=PHOTO, paper=PAPER,
    )  # fmt: skip
    return _html(path, page, day)


def photo(day: int = 0) -> Capture:
    return picture(PHOTO, f"\xff\xd8 {CAPTION}".encode(), day)


def paper(day: int = 0) -> Capture:
    return replace(picture(PAPER, f"%PDF-1.4 {FILE}".encode() * 9, day), headers=(("Content-Type", "application/pdf"),))


def decided(hideable: Hideable, grade: str, why: str = "Đời tư của người được nêu tên", most: int = 0) -> Done:
    """The command's own way."""
    return decided_and_found(hideable, grade, why, most)[0]


def decided_and_found(hideable: Hideable, grade: str, why: str = "Đời tư", most: int = 0) -> tuple[Done, Found]:
    with opened(hideable.data, load_all(hideable.data / "portals")) as takedowns:
        found = takedowns.decide(hideable.id, grade, why, "Gia đình", most, lambda _: None)
        return takedowns.carry_out(), found


def wrong(data: Path) -> list[str]:
    """What is wrong with the archive, once the search has followed."""
    catch_up(data / "tangthu.db")
    return faults(data)


def carried_out(data: Path) -> Done:
    with opened(data, load_all(data / "portals")) as takedowns:
        return takedowns.carry_out()


def said(text: str) -> list[str]:
    """Which of the words stand in a text, with or without their marks, as NFC or NFD."""
    plain = fold(unicodedata.normalize("NFC", text))
    return [word for word in WORDS if fold(word) in plain]


def in_bytes(path: Path) -> list[str]:
    """Which of the words stand in a file's bytes; also one by one, as an index writes them."""
    content = path.read_bytes()
    found = []
    for word in WORDS:
        forms = {form for made in (word, word.lower(), fold(word), index_form(word), index_form(word).lower())
                 for form in (unicodedata.normalize("NFC", made), unicodedata.normalize("NFD", made))}  # fmt: skip
        if any(form.encode() in content for form in forms):
            found.append(word)
    return found


def in_index(path: Path) -> set[str]:
    """Which syllables of the words the full-text index knows."""
    syllables = {piece for word in WORDS for piece in _rare(word)}
    with closing(sqlite3.connect(path)) as db:
        db.execute("create virtual table temp.terms using fts5vocab('main', 'articles_fts', 'row')")
        return syllables & {str(term) for (term,) in db.execute("select term from temp.terms")}


def in_tables(path: Path) -> list[str]:
    """Which of the words stand in a table, as SQL would find them."""
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
        text = "\n".join(repr(row) for name in names for row in db.execute(f'select * from "{name}"'))
    return said(text)


def in_warcs(data: Path) -> list[str]:
    """Which of the words stand in the WARC files."""
    return said("\n".join(gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in warcs(data)))


def _rare(word: str) -> set[str]:
    pieces = re.findall(r"\w+", f"{index_form(word).lower()} {fold(word)}")
    common = {"xã", "xa", "tờ", "to", "bà", "ba", "em", "anh", "cháu", "chau", "biên", "bien", "bản", "ban", "khai"}
    return set(pieces) - common - {"chuyện", "chuyen", "vừ", "vu", "mạc", "mac", "giàng", "giang"}


def _html(path: str, page: str, day: int = 0) -> Capture:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"))
    return Capture(HOME + path, FETCHED + timedelta(days=day), 200, headers, page.encode())
