"""What the public log of takedowns asks. Never the title of what is out of sight."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the log. ``grade`` unlist, hide, seal, or none for a lifting · ``at`` UTC · ``title`` "" while the
    article's text is out of sight · ``stands``: it is what holds today · ``until`` when a later decision about the
    article replaced it, None when none did."""

    article: str
    grade: str
    at: str
    why: str
    asked_by: str
    portal: str
    portal_name: str
    title: str
    stands: bool
    until: str | None


_DECISION = """
select t.article, t.grade, t.at, t.why, t.asked_by, a.portal, p.name,
  case when a.takedown in ('hide', 'seal') then '' else a.title end,
  t.id = (select max(l.id) from takedowns l where l.article = t.article),
  (select min(l.at) from takedowns l where l.article = t.article and l.id > t.id)
from takedowns t join articles a on a.id = t.article join portals p on p.id = a.portal
"""


def count(conn: sqlite3.Connection) -> int:
    """How many decisions there are."""
    return int(conn.execute("select count(*) from takedowns").fetchone()[0])


def decisions(conn: sqlite3.Connection, limit: int, offset: int) -> tuple[Decision, ...]:
    """The log, newest first."""
    rows = conn.execute(f"{_DECISION} order by t.id desc limit ? offset ?", [limit, offset])
    return tuple(_decision(row) for row in rows)


def withheld(conn: sqlite3.Connection, article: str) -> Decision | None:
    """The decision that keeps an article's text out of sight; None when nothing does."""
    found = conn.execute("select takedown from articles where id = ?", [article]).fetchone()
    if found is None or found[0] not in ("hide", "seal"):
        return None
    row = conn.execute(f"{_DECISION} where t.article = ? order by t.id desc limit 1", [article]).fetchone()
    return _decision(row) if row else Decision(article, found[0], "", "", "", "", "", "", True, None)


def _decision(row: tuple[Any, ...]) -> Decision:
    values: tuple[Any, ...] = (*row[:8], bool(row[8]), row[9])
    return Decision(*values)
