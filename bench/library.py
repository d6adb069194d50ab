"""A made-up archive of any size for bench/search.py: only rows, no WARCs, and the same ones each time it is made.

Text is woven of three things. Runs of three to eight syllables of the demo portal's articles give what real news has:
"của", "huyện", "ngày" in nearly every article, and topics whose syllables stand side by side. Invented words of two
syllables, the n-th of them n times rarer than the first, give the long tail. Names of persons and places do too.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from archive import urls
from archive.index import rebuild
from archive.store import Store
from crawler.demo import content

CHARACTERS = 2_220  # of a text, on average, some 2,500 bytes; from half of that to half as much again
_SYLLABLES = 5.3  # characters of one, with its blank
PORTALS, _SECTIONS, _AUTHORS = 120, 40, 4_000
_TAIL = 60_000  # invented words
_FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Mai Trương Lâm Đoàn Vương"
_MIDDLES = "Văn Thị Đức Hữu Ngọc Quang Minh Thanh Xuân Thu Hồng Công Đình Bá Mạnh Kim Như Tuấn Khánh Bích"
_GIVEN = (
    "Anh Bình Châu Chiến Dũng Duy Đạt Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa Hùng Hương Khánh Lan Linh Loan Long"
    " Mai Minh Nam Nga Ngân Nhung Phong Phúc Phương Quân Quyên Sơn Tâm Thảo Thắng Thủy Thúy Toàn Trang Trung Tú Tuấn"
    " Tùng Uyên Vân Việt Vinh Yến"
)
_PLACES = (
    "Xuân Hải Nghĩa Thọ Trung Giao Hưng Thịnh Phú Lộc Long Sơn Thủy Tiên Tân Bình Yên Khánh Vĩnh Đại Đông Tây Nam Bắc"
    " An Hòa Đức Linh Quảng Thạch Kim Châu Thành Mỹ Trực Ý Hậu Lương Cát Gia Hồng Vân Thái Thanh"
)
_TOPICS = (
    "nông thôn mới", "giải phóng mặt bằng", "đất đai", "hội đồng nhân dân", "ủy ban nhân dân", "mặt trận tổ quốc",
    "cải cách hành chính", "chuyển đổi số", "dịch tả lợn châu Phi", "phòng chống thiên tai", "xây dựng Đảng",
    "đại hội thể thao", "bảo hiểm y tế", "trường học", "nhà văn hóa", "khen thưởng", "đấu giá quyền sử dụng đất",
    "an toàn giao thông", "vệ sinh môi trường", "vụ đông xuân", "hợp tác xã", "người có công", "tuyển quân",
    "dồn điền đổi thửa", "khu công nghiệp", "nước sạch", "xóa đói giảm nghèo", "tiêm chủng", "khiếu nại tố cáo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """``path`` the database · ``seconds`` that making it took, with and without Datasette's full-text table; 0 when it
    was there already."""

    path: Path
    seconds: float
    indexing: float


class Weaver:
    """Texts, names and words, by one seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._source = [piece for piece in _demo_text().split(" ") if piece]
        syllables = sorted({word.lower().strip(".,;:()“”\"'!?-–/%0123456789") for word in self._source} - {""})
        self._words = [" ".join(self._random.choices(syllables, k=2)) for _ in range(_TAIL)]
        self._falling = list(itertools.accumulate(1 / (n + 20) for n in range(_TAIL)))
        names = [part.split() for part in (_FAMILIES, _MIDDLES, _GIVEN)]
        self.persons = [" ".join(map(self._random.choice, names)) for _ in range(9_000)]
        self.places = [" ".join(self._random.sample(_PLACES.split(), 2)) for _ in range(1_200)]
        self._persons_falling = list(itertools.accumulate(1 / (n + 10) for n in range(len(self.persons))))
        self._places_falling = list(itertools.accumulate(1 / (n + 5) for n in range(len(self.places))))

    def person(self) -> str:
        return self._random.choices(self.persons, cum_weights=self._persons_falling)[0]

    def place(self) -> str:
        return self._random.choices(self.places, cum_weights=self._places_falling)[0]

    def topic(self) -> str:
        return self._random.choice(_TOPICS)

    def run(self, least: int = 3, most: int = 8) -> str:
        length = self._random.randint(least, most)
        start = self._random.randrange(len(self._source) - length)
        return " ".join(self._source[start : start + length])

    def title(self) -> str:
        return self._random.choice(
            (
                f"Xã {self.place()} {self.run(4, 8)}",
                f"{self.topic().capitalize()} ở {self.place()}",
                f"Huyện {self.place()}: {self.run(5, 9)}",
                f"{self.run(4, 7).capitalize()} tại {self.place()}",
            )
        )

    def text(self) -> str:
        """Paragraphs of some sixty syllables."""
        draw, left = self._random, int(CHARACTERS / _SYLLABLES * (0.5 + self._random.random()))
        tail = iter(draw.choices(self._words, cum_weights=self._falling, k=left))
        blocks, block = [], list[str]()
        while left > 0:
            kind = draw.random()
            if kind < 0.62:
                piece = self.run()
            elif kind < 0.93:
                piece = next(tail) + " " + next(tail)
            elif kind < 0.955:
                piece = "ông " + self.person()
            elif kind < 0.98:
                piece = "xã " + self.place()
            elif kind < 0.99:
                piece = f"ngày {draw.randint(1, 28)}/{draw.randint(1, 12)}/{draw.randint(2008, 2024)},"
            else:
                piece = self.topic()
            block.append(piece)
            left -= piece.count(" ") + 1
            if len(block) >= 14:
                blocks.append(_sentence(block))
                block = []
        return "\n\n".join([*blocks, _sentence(block)] if block else blocks)

    def day(self) -> str | None:
        """Some day from 2008 to 2025, ever more of them; None for one article in thirty."""
        if self._random.random() < 1 / 30:
            return None
        share = self._random.random() ** 0.6
        return (date(2008, 1, 1) + timedelta(days=int(share * 6_390))).isoformat()

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def one_of(self, count: int) -> int:
        """A number below ``count``, small ones more often."""
        return int(self._random.random() ** 2 * count)


def _sentence(pieces: list[str]) -> str:
    line = " ".join(pieces)
    return line[:1].upper() + line[1:] + "."


def make(folder: Path, count: int, datasette: bool = True) -> Library:
    """The archive of ``count`` articles in ``folder``, made when it is not there yet.

    ``datasette``: with the full-text table, which takes longer than all the rest.
    """
    path = folder / f"{count}{'' if datasette else '-bare'}" / "tangthu.db"
    done = path.with_name("made")
    if done.exists():
        return Library(path, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    began = time.monotonic()
    with Store(path) as store:
        _fill(store, Weaver(), count)
        filled = time.monotonic()
        if datasette:
            with store.atomic():
                rebuild(store.db)
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    done.touch()
    return Library(path, filled - began, time.monotonic() - filled)


def _fill(store: Store, weaver: Weaver, count: int) -> None:
    for n in range(PORTALS):
        row = {"id": f"tinh_{n % 12:02}/huyen_{n:03}", "name": f"Trang thông tin điện tử huyện {weaver.place()}"}
        row |= {"district": f"Huyện {n}", "province": f"Tỉnh {n % 12}", "home": f"http://h{n}.example.vn/"}
        store.save_portal({**row, "platform": "drupal7", "closed": None})
    sections = [f"Mục {weaver.topic()} {n}" for n in range(_SECTIONS)]
    authors = [weaver.person() for _ in range(_AUTHORS)]
    db = store.db.conn
    # The number of a revision is the article's own here: without the triggers a row costs half as much.
    triggers = db.execute("select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'articles'")
    written = triggers.fetchall()
    with store.atomic():
        for name, _ in written:
            db.execute(f"drop trigger {name}")
        for start in range(1, count + 1, 2_000):
            _insert(db, list(_articles(weaver, start, min(start + 2_000, count + 1), sections, authors)))
            _say(start, count)
        for _, sql in written:
            db.execute(sql)


def _say(done: int, count: int) -> None:
    if done % 100_000 == 1:
        print(f"  {done - 1:,} of {count:,} articles are made", file=sys.stderr, flush=True)


def _articles(
    weaver: Weaver, first: int, end: int, sections: list[str], authors: list[str]
) -> Iterator[tuple[int, dict[str, object], str, bool]]:
    """(doc, columns of its row, author, has a file)"""
    for doc in range(first, end):
        portal = weaver.one_of(PORTALS)
        url = f"http://h{portal}.example.vn/tin/{doc}"
        author = authors[weaver.one_of(_AUTHORS)] if weaver.chance(0.6) else ""
        title, text = weaver.title(), weaver.text()
        row: dict[str, object] = {
            "id": urls.article_id(url), "doc": doc, "portal": f"tinh_{portal % 12:02}/huyen_{portal:03}", "url": url,
            "title": title, "summary": weaver.run(12, 25) if weaver.chance(0.3) else "", "text": text,
            "byline": author, "published": weaver.day(), "section": sections[weaver.one_of(_SECTIONS)],
            "first_seen": "2026-11-19T03:04:05Z", "last_seen": "2026-11-19T03:04:05Z", "versions": 1, "role": "",
            "key": urls.key(url), "number": "", "digest": hashlib.sha1(text.encode()).hexdigest(), "text_digest": "",
            "revision": doc,
        }  # fmt: skip
        yield doc, row, author, weaver.chance(0.08)


def _insert(db: sqlite3.Connection, made: list[tuple[int, dict[str, object], str, bool]]) -> None:
    names = ", ".join(made[0][1])
    rows = [row for _, row, _, _ in made]
    marks = ", ".join(f":{name}" for name in made[0][1])
    db.executemany(f"insert into articles ({names}) values ({marks})", rows)
    db.executemany(
        "insert into captures (id, portal, url, fetched_at, status, media_type, digest, etag, last_modified, warc,"
        " offset, length, source, key, article) values (:doc, :portal, :url, :first_seen, 200, 'text/html', '', '', '',"
        " 'bench.warc.gz', :doc * 9000, 9000, 'live', :key, :id)",
        rows,
    )
    db.executemany(
        "insert into versions (article, number, capture, title, summary, html, text, byline, published, section, rules,"
        " digest) values (:id, 1, :doc, :title, :summary, '<p>' || replace(:text, char(10, 10), '</p><p>') || '</p>',"
        " :text, :byline, :published, :section, 'drupal7', :digest)",
        rows,
    )
    db.executemany(
        "insert into authors (article, position, name, role) values (?, 1, ?, '')",
        [(row["id"], author) for _, row, author, _ in made if author],
    )
    db.executemany(
        "insert into attachments (article, position, url, label) values (?, 1, ?, 'Văn bản đính kèm')",
        [(row["id"], f"{row['url']}.pdf") for _, row, _, has_file in made if has_file],
    )


def _demo_text() -> str:
    """What the demo portal's articles say, in running lines."""
    lines = []
    for piece in content.pieces():
        lines += [piece.title, piece.lead]
        for block in piece.blocks:
            lines += [line.replace("**", "") for line in block.lines]
    return " ".join(" ".join(lines).split())
