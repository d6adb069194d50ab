"""The search as it would be on SQLite's FTS5, for bench/search.py to compare: exact and folded columns in one table.

It answers less than the search of the house (no half-typed words, no short forms), and in its best known shape: ids
first, ranked by bm25(); facets over a narrow table whose rowid is the article's number.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from archive.schema import FTS_COLUMNS
from archive.search import Filters, Query, parse
from archive.search.forms import forms

_EXACT = "{" + " ".join(name for name in FTS_COLUMNS if not name.endswith("_folded")) + "} : "
SECONDS = 4.0  # as long as the site lets a question take
_RANK = "bm25(articles_fts, 12.0, 3.0, 6.0, 4.0, 1.0, 2.0)"


def opened(path: Path) -> sqlite3.Connection:
    """The database, with the narrow table in memory: 60 bytes an article."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    conn.execute("attach ':memory:' as beside")
    conn.execute(
        "create table beside.narrow as select doc as doc, portal as portal, section as section, byline as author,"
        " substr(published, 1, 7) as month from articles order by doc"
    )
    conn.execute("create unique index beside.narrow_doc on narrow(doc, portal, section, author, month)")
    return conn


def expression(query: Query) -> str:
    """Words and phrases joined by AND, or the whole of them side by side, which ranks higher."""
    terms = [term for need in query.needs for term in need.ways[0]]
    parts = []
    for term in terms:
        exact = any(forms(token)[1] != token for token in term.tokens)
        parts.append(f'{_EXACT if exact else ""}"{" ".join(term.tokens)}"')
    asked = " AND ".join(parts)
    for run in query.runs:
        asked = f'({asked}) OR "{" ".join(run)}"'
    return asked


def search(conn: sqlite3.Connection, words: str, filters: Filters, facets: bool) -> int:
    """Asks for the count, the twenty best, and the facets; the count. Given up after SECONDS, with -1."""
    end = time.monotonic() + SECONDS
    conn.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        return _search(conn, words, filters, facets)
    except sqlite3.OperationalError:
        return -1
    finally:
        conn.set_progress_handler(None, 0)


def _search(conn: sqlite3.Connection, words: str, filters: Filters, facets: bool) -> int:
    asked = expression(parse(words))
    where, values = "articles_fts match ?", [asked]
    if filters.portal:
        where, values = where + " and rowid in (select doc from articles where portal = ?)", [*values, filters.portal]
    if filters.since or filters.until:
        where += " and rowid in (select doc from articles where published >= ? and published < ?)"
        values += [filters.since or "0", (filters.until or "9") + "~"]
    total = conn.execute(f"select count(*) from articles_fts where {where}", values).fetchone()[0]
    conn.execute(f"select rowid from articles_fts where {where} order by {_RANK} limit 20", values).fetchall()
    for column in ("portal", "section", "author", "month") if facets else ():
        conn.execute(
            f"select {column}, count(*) from beside.narrow where doc in (select rowid from articles_fts where {where})"
            " group by 1 order by 2 desc limit 10",
            values,
        ).fetchall()
    return int(total)
