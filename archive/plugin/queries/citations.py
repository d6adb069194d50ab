"""What a citation's page asks beside the citation itself."""

from __future__ import annotations

import sqlite3


def picture(conn: sqlite3.Connection, article: str) -> tuple[str, str] | None:
    """When the first of the article's pictures that are kept was received, and its address; None when none is."""
    row = conn.execute(
        "select c.fetched_at, c.url from images i join captures c on c.id = i.capture"
        " where i.article = ? and c.status = 200 and c.withheld = '' order by i.position limit 1",
        [article],
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else None
