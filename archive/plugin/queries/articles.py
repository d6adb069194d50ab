"""One article, at one of its versions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One line of an article's history."""

    number: int
    captured_at: str
    title: str


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


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its address at the portal and the text of the link."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An article at one of its versions. ``number`` that version, ``latest`` the one that is its text now.

    The parts of the byline (``role``, ``authors``, ``organisation``, ``source``) and ``attachments`` are kept for the
    latest text only: empty elsewhere, when the byline was another one.
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
    url: str
    first_seen: str
    last_seen: str
    gone_since: str | None
    proof: Proof
    versions: tuple[Version, ...]
    attachments: tuple[File, ...]


def article(conn: sqlite3.Connection, name: str, number: int | None) -> Shown | None:
    """The article's latest text, or its version ``number``; None when there is no such thing."""
    row = conn.execute(
        "select a.id, v.number, v.title, v.summary, v.html, v.text, v.byline, v.published, v.section,"
        " a.byline, a.role, a.organisation, a.source, a.portal, p.name, a.url, a.first_seen, a.last_seen,"
        " a.gone_since, c.url, c.fetched_at, c.status, c.media_type, c.digest, c.warc, c.offset, c.length, c.source,"
        " v.rules, (select max(l.number) from versions l where l.article = a.id and l.digest = a.digest)"
        " from articles a join portals p on p.id = a.portal join versions v on v.article = a.id"
        " join captures c on c.id = v.capture"
        f" where a.id = ? and {'v.digest = a.digest' if number is None else 'v.number = ?'}"
        " order by v.number desc limit 1",
        [name] if number is None else [name, number],
    ).fetchone()
    if row is None:
        return None
    (name, shown, title, summary, html, text, byline, published, section, *rest) = row
    (latest_byline, role, organisation, source, portal_id, portal_name, url, first, last, gone, *proof, latest) = rest
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
        authors=_column(conn, "select name from authors where article = ? order by position", name) if same else (),
        organisation=organisation if same else None,
        source=source if same else None,
        published=published,
        section=section,
        portal=portal_id,
        portal_name=portal_name,
        url=url,
        first_seen=first,
        last_seen=last,
        gone_since=gone,
        proof=Proof(*proof),
        versions=_versions(conn, name),
        attachments=_attachments(conn, name) if shown == latest else (),
    )


def _versions(conn: sqlite3.Connection, name: str) -> tuple[Version, ...]:
    rows = conn.execute(
        "select v.number, c.fetched_at, v.title from versions v join captures c on c.id = v.capture"
        " where v.article = ? order by c.fetched_at desc, v.number desc",
        [name],
    )
    return tuple(Version(*row) for row in rows)


def _attachments(conn: sqlite3.Connection, name: str) -> tuple[File, ...]:
    rows = conn.execute("select url, label from attachments where article = ? order by position", [name])
    return tuple(File(*row) for row in rows)


def _column(conn: sqlite3.Connection, sql: str, value: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in conn.execute(sql, [value]))
