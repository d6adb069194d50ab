"""Captures of an address: at a moment, around it, all of them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.provenance import RENDERED, TO_RENDER
from archive.replay.memento import Moment, Neighbours
from archive.warc import Location

# A page that Chromium filled in, and the server's answer that it was made of, are looks of the same minute: a reader
# wants the first.
_RENDERED_WITHIN = 600  # seconds
_NEAREST = 12  # captures to either side in which a picture is looked for
_MOST_NAMES = 40  # of one file
_FILES = frozenset(["css", "png", "jpg", "jpeg", "gif", "webp", "svg", "ico", "bmp", "woff", "woff2", "ttf", "otf"])
# Beyond a capture a day for 27 years.
MOST = 10_000
NEWEST = "9999-12-31T23:59:59Z"


@dataclass(frozen=True, slots=True)
class Look:
    """A capture. ``media_type``, ``digest`` of the payload that it stands for: its own, or, for a revisit, that of the
    capture ``original``, received from ``original_url`` at ``original_at`` with ``original_status``.

    ``own`` where its record stands, ``held`` that with the payload · ``withheld`` the grade under which its bytes are
    not given out, "" when they are · ``article`` that it shows, with the ``version`` first seen in it; None when none.
    """

    id: int
    portal: str
    portal_name: str
    url: str
    fetched_at: str
    status: int
    media_type: str
    digest: str
    source: str
    verdict: str
    withheld: str
    article: str | None
    version: int | None
    own: Location
    original: int
    original_url: str
    original_at: str
    original_status: int
    held: Location

    @property
    def is_revisit(self) -> bool:
        return self.original != self.id

    @property
    def moment(self) -> Moment:
        return Moment(self.url, self.fetched_at)


_LOOK = """
select c.id, c.portal, p.name, c.url, c.fetched_at, c.status, coalesce(nullif(c.media_type, ''), o.media_type),
  c.digest, c.source, c.verdict,
  case when c.withheld != '' then c.withheld when o.withheld != '' then o.withheld
    when a.takedown in ('hide', 'seal') then a.takedown else '' end,
  c.article, (select max(v.number) from versions v where v.capture = o.id and v.article = c.article),
  c.warc, c.offset, c.length, o.id, o.url, o.fetched_at, o.status, o.warc, o.offset, o.length
from captures c join captures o on o.id = coalesce(c.revisit_of, c.id) join portals p on p.id = c.portal
left join articles a on a.id = c.article
"""
# A look without an answer is no memento: nothing was received.
_ANSWERED = "c.key = ? and c.status > 0"


def capture(conn: sqlite3.Connection, number: int) -> Look | None:
    """The capture of that number; None when there is none."""
    row = conn.execute(_LOOK + "where c.id = ?", [number]).fetchone()
    return _look(row) if row else None


def at(conn: sqlite3.Connection, key: str, url: str, fetched_at: str) -> Look | None:
    """The capture of that very second; None when there is none. Of several: what Chromium filled in, then the one of
    the address as it is written, then the last."""
    row = conn.execute(
        _LOOK + "where c.key = ? and c.fetched_at = ?"
        " order by c.source like ? || '%' desc, c.status > 0 desc, c.url = ? desc, c.id desc limit 1",
        [key, fetched_at, RENDERED, url],
    ).fetchone()
    return _look(row) if row else None


def nearest(conn: sqlite3.Connection, key: str, wanted: str) -> Look | None:
    """The capture with an answer nearest to ``wanted`` (NEWEST for that), the earlier of two; None when the
    address was never answered. Of a page that was to be filled in: what was made of it."""
    found = _either_side(conn, _ANSWERED, [key], wanted, 1)
    if not found:
        return None
    look = found[0]
    if look.source.startswith(TO_RENDER):
        row = conn.execute(
            _LOOK + f"where {_ANSWERED} and c.fetched_at between ? and strftime('%Y-%m-%dT%H:%M:%SZ', ?, ?)"
            " and c.source like ? || '%' order by c.fetched_at limit 1",
            [key, look.fetched_at, look.fetched_at, f"+{_RENDERED_WITHIN} seconds", RENDERED],
        ).fetchone()
        return _look(row) if row else look
    return look


def embedded(conn: sqlite3.Connection, key: str, wanted: str) -> tuple[Look, ...]:
    """Captures that hold a file, the nearest to ``wanted`` first: whatever the portal, since two share pictures."""
    return tuple(_either_side(conn, "c.key = ? and o.status = 200", [key], wanted, _NEAREST))


def alike(conn: sqlite3.Connection, key: str, wanted: str) -> tuple[Look, ...]:
    """The same for a file's other names: portals put a number behind them ("style.css?t=17954") that changes whenever
    somebody saves something. Only where no capture has the very name."""
    path = key.partition("?")[0]
    rows = conn.execute(
        # "@" is the letter behind "?".
        _LOOK + "where (c.key = ? or (c.key >= ? and c.key < ?)) and o.status = 200 limit ?",
        [path, path + "?", path + "@", _MOST_NAMES],
    )
    found = [look for look in map(_look, rows) if look.url.partition("?")[0].rpartition(".")[2].lower() in _FILES]
    return tuple(sorted(found, key=lambda look: _away(look, wanted)))


def around(conn: sqlite3.Connection, look: Look, key: str) -> Neighbours:
    """The first, the last and the nearest mementos beside that one."""

    def moment(condition: str, order: str, *values: str) -> Moment | None:
        row = conn.execute(
            f"select c.url, c.fetched_at from captures c where {_ANSWERED} {condition}"
            f" order by c.fetched_at {order}, c.id {order} limit 1",
            [key, *values],
        ).fetchone()
        return Moment(*row) if row else None

    return Neighbours(
        first=moment("", "asc") or look.moment,
        last=moment("", "desc") or look.moment,
        previous=moment("and c.fetched_at < ?", "desc", look.fetched_at),
        following=moment("and c.fetched_at > ?", "asc", look.fetched_at),
    )


def readable(conn: sqlite3.Connection, look: Look, key: str) -> Moment | None:
    """The last capture before that one in which a page was received, else the first behind it; None when none was."""
    for beside, order in (("<", "desc"), (">", "asc")):
        row = conn.execute(
            "select c.url, c.fetched_at from captures c join captures o on o.id = coalesce(c.revisit_of, c.id)"
            f" where c.key = ? and c.fetched_at {beside} ? and o.status = 200 and c.withheld = '' and o.withheld = ''"
            f" order by c.fetched_at {order}, c.id {order} limit 1",
            [key, look.fetched_at],
        ).fetchone()
        if row:
            return Moment(*row)
    return None


def moments(conn: sqlite3.Connection, key: str, since: str) -> tuple[Moment, ...]:
    """The mementos of an address from ``since`` ("" the first) on, oldest first, one a second; MOST and one more."""
    rows = conn.execute(
        f"select max(c.url), c.fetched_at from captures c where {_ANSWERED} and c.fetched_at >= ?"
        " group by c.fetched_at order by c.fetched_at limit ?",
        [key, since, MOST + 1],
    )
    return tuple(Moment(*row) for row in rows)


def looks(conn: sqlite3.Connection, key: str, limit: int, offset: int) -> tuple[Look, ...]:
    """Every capture of an address, those without an answer too, newest first."""
    rows = conn.execute(_LOOK + "where c.key = ? order by c.fetched_at desc, c.id desc limit ? offset ?",
                        [key, limit, offset])  # fmt: skip
    return tuple(_look(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Span:
    """How many captures an address has, and by year: (year, number), the oldest first."""

    total: int
    years: tuple[tuple[str, int], ...]
    contents: int


def span(conn: sqlite3.Connection, key: str) -> Span:
    """What the list of an address's captures says above it; ``contents`` how many different ones were received."""
    years = conn.execute(
        "select substr(fetched_at, 1, 4), count(*) from captures where key = ? group by 1 order by 1", [key]
    ).fetchall()
    contents = conn.execute(
        "select count(distinct digest) from captures where key = ? and status in (200, 304)", [key]
    ).fetchone()[0]
    return Span(sum(number for _, number in years), tuple((str(year), int(number)) for year, number in years), contents)


def _either_side(conn: sqlite3.Connection, condition: str, values: list[str], wanted: str, most: int) -> list[Look]:
    before = conn.execute(
        _LOOK + f"where {condition} and c.fetched_at <= ? order by c.fetched_at desc, c.id desc limit ?",
        [*values, wanted, most],
    ).fetchall()
    after = conn.execute(
        _LOOK + f"where {condition} and c.fetched_at > ? order by c.fetched_at, c.id limit ?", [*values, wanted, most]
    ).fetchall()
    return sorted(map(_look, before + after), key=lambda look: _away(look, wanted))


def _away(look: Look, wanted: str) -> timedelta:
    return abs(datetime.fromisoformat(look.fetched_at) - datetime.fromisoformat(wanted))


def _look(row: tuple[object, ...]) -> Look:
    told, own, original, held = row[:13], row[13:16], row[16:20], row[20:23]
    return Look(*told, Location(*own), *original, Location(*held))  # type: ignore[arg-type, call-arg]
