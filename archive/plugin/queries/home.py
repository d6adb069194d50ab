"""What the front page asks, and the list of all portals with it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from archive.plugin.queries.entries import COLUMNS, LISTED, Entry, entries
from archive.plugin.queries.portals import PortalEntry, portals


@dataclass(frozen=True, slots=True)
class Overview:
    """The archive counted: what is out of sight is in none of these but ``captures``. ``since`` when the first article
    was seen, None while the archive is empty · ``months`` ("2021-03", articles published in it), in order, without
    empty ones."""

    articles: int
    versions: int
    captures: int
    since: str | None
    portals: tuple[PortalEntry, ...]
    months: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class News:
    """A few articles of each kind."""

    newest: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    gone: tuple[Entry, ...]


# An article that changed twice lately is one line: three changes are looked at for each.
_CHANGED = f"""
select {COLUMNS}, c.fetched_at from (
  select article, max(capture) as capture from (
    select article, capture from versions indexed by versions_changes
    where number > 1 and article not in (select id from articles where takedown != '')
    order by capture desc limit 3 * :most
  ) group by article order by capture desc limit :most
) v join captures c on c.id = v.capture join articles a on a.id = v.article join portals p on p.id = a.portal
where {LISTED} order by v.capture desc
"""


def news(conn: sqlite3.Connection, most: int, tomorrow: str) -> News:
    """``most`` articles of each kind, the latest first. What claims to be published after today ("2026-11-27" is
    ``tomorrow``) is a misprint, and would stand on top for years."""
    return News(
        newest=entries(
            conn,
            "and (a.published is null or a.published < ?) order by a.published desc, a.doc desc limit ?",
            [tomorrow, most],
        ),
        changed=tuple(Entry(*row) for row in conn.execute(_CHANGED, {"most": most})),
        gone=entries(conn, "and a.gone_since is not null order by a.gone_since desc, a.doc desc limit ?", [most]),
    )


def overview(conn: sqlite3.Connection, months: list[str], tomorrow: str) -> Overview:
    """``months``: those in which something can have been published, "2021-03"."""
    days = (f"{months[0]}-01", tomorrow)
    withdrawn = conn.execute(
        "select count(*), coalesce(sum(versions), 0) from articles indexed by articles_takedown where takedown != ''"
    ).fetchone()
    return Overview(
        articles=_count(conn, "articles") - withdrawn[0],
        versions=_count(conn, "versions") - withdrawn[1],
        captures=_count(conn, "captures"),
        since=conn.execute("select min(first_seen) from articles").fetchone()[0],
        portals=portals(conn, days),
        months=_published(conn, months),
    )


def _count(conn: sqlite3.Connection, table: str) -> int:
    return int(conn.execute(f"select count(*) from {table}").fetchone()[0])


def _published(conn: sqlite3.Connection, months: list[str]) -> tuple[tuple[str, int], ...]:
    """A walk through the index of days; to group by month would sort all of it."""
    within = "published >= m.value and published < m.value || '~'"
    rows = conn.execute(
        f"select m.value, (select count(*) from articles where {within})"
        f" - (select count(*) from articles indexed by articles_takedown where takedown != '' and {within})"
        " from json_each(?) m",
        [json.dumps(months)],
    )
    return tuple((month, count) for month, count in rows if count > 0)
