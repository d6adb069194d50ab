"""What was changed after publication, and what is not on its portal any more."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# Further back, a list of everything is no way to find anything: it is narrowed by portal or kind.
MOST = 10_000
_TAKEN_DOWN = "(select id from articles where takedown != '')"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a version says. ``captured_at`` when it was received; ``text`` with its summary."""

    number: int
    captured_at: str
    title: str
    text: str
    byline: str
    published: str | None
    section: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of one article: what it said ``before`` and ``after``. In the order in which the archive noticed."""

    article: str
    portal: str
    portal_name: str
    url: str
    before: Wording
    after: Wording


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that its portal does not show. ``state`` "gone", "moved", "blocked" or "dark: dns", seen ``looks``
    times in a row, first at ``since``."""

    id: str
    title: str
    portal: str
    portal_name: str
    section: str
    byline: str
    published: str | None
    state: str
    since: str
    looks: int
    url: str


def count_changes(conn: sqlite3.Connection, portal: str) -> int:
    """How many changes there are, MOST + 1 when more than MOST."""
    return _count(conn, *_noticed(portal, MOST + 1, 0))


def changes(conn: sqlite3.Connection, portal: str, limit: int, offset: int) -> tuple[Changed, ...]:
    """The changes that the archive noticed last, of one portal or of all ("")."""
    noticed, values = _noticed(portal, limit, offset)
    found = (_changed(conn, article, number) for article, number in conn.execute(noticed, values).fetchall())
    return tuple(change for change in found if change is not None)


def count_gone(conn: sqlite3.Connection, portal: str, states: tuple[str, ...]) -> int:
    """How many articles stand so, MOST + 1 when more than MOST."""
    if portal:
        return _count(conn, *_standing(portal, states, MOST + 1, 0))
    # Without their order: it would be made for all of them to be counted.
    some = (
        "select 1 from articles indexed by articles_state"
        " where state = ? and rowid not in (select rowid from articles where takedown != '') limit ?"
    )
    return min(MOST + 1, sum(_count(conn, some, [state, MOST + 1]) for state in states))


def states(conn: sqlite3.Connection) -> tuple[str, ...]:
    """The states there are beside "live": a step of the index for each, however many articles."""
    rows = conn.execute(
        "with recursive s(state) as (select min(state) from articles union all"
        " select (select min(state) from articles where state > s.state) from s where s.state is not null)"
        " select state from s where state is not null and state != 'live'"
    )
    return tuple(str(row[0]) for row in rows)


def gone(conn: sqlite3.Connection, portal: str, states: tuple[str, ...], limit: int, offset: int) -> tuple[Gone, ...]:
    """The articles that stand so, those that were found so last first."""
    standing, values = _standing(portal, states, limit, offset)
    rows = conn.execute(
        "select a.id, a.title, a.portal, p.name, a.section, a.byline, a.published, a.state, a.state_since,"
        f" a.state_looks, a.url from ({standing}) s join articles a on a.rowid = s.row"
        " join portals p on p.id = a.portal"
        " order by a.state_since desc, a.rowid desc",
        values,
    )
    return tuple(Gone(*row) for row in rows)


def _noticed(portal: str, limit: int, offset: int) -> tuple[str, list[str | int]]:
    """The (article, number) of versions that came later. The join stands still: SQLite would rather read all versions
    of all articles than walk the partial index."""
    if portal:
        return (
            "select v.article, v.number from articles a cross join versions v on v.article = a.id"
            " where a.portal = ? and a.versions > 1 and a.takedown = '' and v.number > 1"
            " order by v.capture desc limit ? offset ?",
            [portal, limit, offset],
        )
    return (
        "select v.article, v.number from versions v indexed by versions_changes"
        f" where v.number > 1 and v.article not in {_TAKEN_DOWN} order by v.capture desc limit ? offset ?",
        [limit, offset],
    )


def _standing(portal: str, states: tuple[str, ...], limit: int, offset: int) -> tuple[str, list[str | int]]:
    """The articles' row numbers. Each state has its own walk through the index, so that none reads more than a page
    needs, and they are merged."""
    if not states:
        return "select null as row where 0", []
    if portal:
        marks = ", ".join("?" * len(states))
        return (
            "select rowid as row from articles indexed by articles_portal"
            f" where portal = ? and state in ({marks}) and takedown = '' order by state_since desc, rowid desc"
            " limit ? offset ?",
            [portal, *states, limit, offset],
        )
    walk = (
        "select * from (select rowid as row, state_since from articles indexed by articles_state"
        " where state = ? and rowid not in (select rowid from articles where takedown != '')"
        " order by state_since desc, rowid desc limit ?)"
    )
    values: list[str | int] = [value for state in states for value in (state, offset + limit)]
    return (
        f"select row from ({' union all '.join([walk] * len(states))}) order by state_since desc, row desc"
        " limit ? offset ?",
        [*values, limit, offset],
    )


def _count(conn: sqlite3.Connection, rows: str, values: list[str | int]) -> int:
    return int(conn.execute(f"select count(*) from ({rows})", values).fetchone()[0])


def _changed(conn: sqlite3.Connection, article: str, number: int) -> Changed | None:
    """What the version changed: against the one received before it. One that was imported from an older archive may be
    the oldest of all; then it is what was changed by the one after it."""
    rows = conn.execute(
        "select v.number from versions v join captures c on c.id = v.capture where v.article = ?"
        " order by c.fetched_at, v.number",
        [article],
    )
    order = [int(row[0]) for row in rows]
    named = conn.execute(
        "select a.portal, p.name, a.url from articles a join portals p on p.id = a.portal where a.id = ?", [article]
    ).fetchone()
    if number not in order or len(order) < 2 or named is None:
        return None
    place = max(1, order.index(number))
    portal, portal_name, url = named
    earlier, later = order[place - 1], order[place]
    return Changed(article, portal, portal_name, url, _wording(conn, article, earlier), _wording(conn, article, later))


def _wording(conn: sqlite3.Connection, article: str, number: int) -> Wording:
    row = conn.execute(
        "select v.number, c.fetched_at, v.title, trim(v.summary || char(10, 10) || v.text, char(10)), v.byline,"
        " v.published, v.section from versions v join captures c on c.id = v.capture"
        " where v.article = ? and v.number = ?",
        [article, number],
    ).fetchone()
    return Wording(*row)
