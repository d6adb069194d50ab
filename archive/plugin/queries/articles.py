"""One article, at one of its versions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.plugin.queries.portals import communes
from archive.plugin.queries.versions import Version, versions


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the received bytes are: the record at ``offset`` of the file ``warc``, and their digest."""

    url: str
    fetched_at: str
    status: int
    media_type: str
    digest: str
    warc: str
    offset: int
    length: int
    source: str
    rules: str
    capture: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the latest text: its address at the portal, and the caption printed with it ("" when none)."""

    url: str
    caption: str


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its address at the portal and the text of the link.

    ``kept_at`` when the archive received it, None when it did not; ``media_type`` and ``bytes`` as received, "" and
    None when unknown.
    """

    url: str
    label: str
    media_type: str
    bytes: int | None
    kept_at: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The district of a portal, and what it belongs to since July 2025: "" and () when that is not known."""

    district: str
    province: str
    province_now: str
    communes: tuple[str, ...]

    @property
    def now(self) -> tuple[str, ...]:
        """The communes that took over, and their province."""
        return (*self.communes, self.province_now) if self.province_now else self.communes


@dataclass(frozen=True, slots=True)
class Shown:
    """An article at one of its versions. ``number`` that version, ``latest`` the one that is its text now.

    The parts of the byline (``role``, ``authors``, ``organisation``, ``source``) are kept for the latest text only:
    empty elsewhere, when the byline was another one. ``attachments`` are those of the latest text whatever is shown;
    ``pictures`` too, but empty for other texts. ``takedown`` "unlist" when it is in no list.
    """

    id: str
    number: int
    latest: int
    title: str
    summary: str
    html: str
    text: str
    byline: str
    role: str
    authors: tuple[str, ...]
    organisation: str | None
    source: str | None
    published: str | None
    section: str
    portal: str
    portal_name: str
    place: Place
    url: str
    key: str
    first_seen: str
    last_seen: str
    gone_since: str | None
    takedown: str
    proof: Proof
    versions: tuple[Version, ...]
    attachments: tuple[File, ...]
    pictures: tuple[Picture, ...]


_SHOWN = """
select a.id, v.number, v.title, v.summary, v.html, v.text, v.byline, v.published, v.section,
  p.district, p.province, p.province_now, p.communes,
  a.byline, a.role, a.organisation, a.source, a.portal, p.name, a.url, a.key, a.first_seen, a.last_seen, a.gone_since,
  a.takedown, c.url, c.fetched_at, c.status, c.media_type, c.digest, c.warc, c.offset, c.length, c.source, v.rules,
  c.id, (select max(l.number) from versions l where l.article = a.id and l.digest = a.digest)
from articles a join portals p on p.id = a.portal
join versions v on v.article = a.id join captures c on c.id = v.capture
where a.id = ? and {which} order by v.number desc limit 1
"""


def article(conn: sqlite3.Connection, name: str, number: int | None) -> Shown | None:
    """The article's latest text, or its version ``number``; None when there is no such thing."""
    sql = _SHOWN.format(which="v.digest = a.digest" if number is None else "v.number = ?")
    row = conn.execute(sql, [name] if number is None else [name, number]).fetchone()
    if row is None:
        return None
    (name, shown, title, summary, html, text, byline, published, section, *rest) = row
    (district, province, province_now, taken_over), rest = rest[:4], rest[4:]
    (latest_byline, role, organisation, source, *of_article, takedown) = rest[:12]
    (portal, portal_name, url, key, first_seen, last_seen, gone_since) = of_article
    (*proof, latest) = rest[12:]
    same = byline == latest_byline
    return Shown(
        id=name,
        number=shown,
        latest=latest,
        title=title,
        summary=summary,
        html=html,
        text=text,
        byline=byline,
        role=role if same else "",
        authors=_authors(conn, name) if same else (),
        organisation=organisation if same else None,
        source=source if same else None,
        published=published,
        section=section,
        portal=portal,
        portal_name=portal_name,
        place=Place(district, province, province_now, communes(taken_over)),
        url=url,
        key=key,
        first_seen=first_seen,
        last_seen=last_seen,
        gone_since=gone_since,
        takedown=takedown,
        proof=Proof(*proof),
        versions=versions(conn, name),
        attachments=_attachments(conn, name),
        pictures=_pictures(conn, name) if shown == latest else (),
    )


def _authors(conn: sqlite3.Connection, name: str) -> tuple[str, ...]:
    rows = conn.execute("select name from authors where article = ? order by position", [name])
    return tuple(str(row[0]) for row in rows)


def _attachments(conn: sqlite3.Connection, name: str) -> tuple[File, ...]:
    rows = conn.execute(
        "select f.url, f.label, coalesce(c.media_type, f.media_type, ''), f.bytes, c.fetched_at from attachments f"
        " left join captures c on c.id = f.capture and c.status = 200 and c.withheld = ''"
        " where f.article = ? order by f.position",
        [name],
    )
    return tuple(File(*row) for row in rows)


def _pictures(conn: sqlite3.Connection, name: str) -> tuple[Picture, ...]:
    rows = conn.execute("select url, caption from images where article = ? order by position", [name])
    return tuple(Picture(*row) for row in rows)
