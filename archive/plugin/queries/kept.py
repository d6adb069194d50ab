"""What the archive itself has of addresses that an article refers to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive import urls

# An address that a page refers to may have been asked for every day; the newest few answer for it.
_NEWEST = 40
# Of one article: nobody looks at more, and each costs a question.
_MOST = 150


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A capture whose bytes may be shown: what was asked for, and when."""

    url: str
    fetched_at: str


_LOOKS = (
    "select url, fetched_at, media_type, status, withheld, article from captures where key = ?1"
    f" order by fetched_at desc limit {_NEWEST}"
)
_PICTURE = (
    f"select url, fetched_at from ({_LOOKS}) where status = 200 and media_type like 'image/%' and withheld = ''"
    " order by abs(julianday(fetched_at) - julianday(?2)) limit 1"
)
_FILE = (
    f"select url, fetched_at from ({_LOOKS}) where status = 200 and article is null and withheld = ''"
    " and media_type != '' and media_type not like '%html%' and media_type not like 'image/%' limit 1"
)
_ARTICLE = (
    "select id from articles where key = ?1 and takedown = '' union all"
    f" select a.id from ({_LOOKS}) c join articles a on a.id = c.article where a.takedown = '' limit 1"
)


def pictures(conn: sqlite3.Connection, addresses: list[str], moment: str) -> dict[str, Snapshot]:
    """Of each address that is kept as a picture: the capture nearest to ``moment``."""
    found = {}
    for address in addresses[:_MOST]:
        row = conn.execute(_PICTURE, [urls.key(address), moment]).fetchone()
        if row:
            found[address] = Snapshot(*row)
    return found


def pages(conn: sqlite3.Connection, addresses: list[str], own: str) -> tuple[dict[str, str], dict[str, Snapshot]]:
    """Of each address: the article that stands there (not ``own``, which is the one that is read), or else the file."""
    articles: dict[str, str] = {}
    files: dict[str, Snapshot] = {}
    for address in addresses[:_MOST]:
        key = urls.key(address)
        article = conn.execute(_ARTICLE, [key]).fetchone()
        if article:
            if article[0] != own:
                articles[address] = article[0]
        elif row := conn.execute(_FILE, [key]).fetchone():
            files[address] = Snapshot(*row)
    return articles, files
