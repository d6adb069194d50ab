"""What an archive says, line by line: two archives that say the same give the same bytes, whatever they number it by.

Numbers that only the database knows (``captures.id``, ``articles.doc``, ``crawls.id``) are not in it: a capture is
named by its WARC and offset. Nor are the runs, and what crawls have still to do.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

# Table, what it is ordered by, and the columns that are left out.
_TABLES = (
    ("portals", "t.id", ()),
    ("captures", 't.warc, t."offset", t.url, t.fetched_at', ("id", "crawl")),
    ("articles", "t.id", ("doc", "revision")),
    ("versions", "t.article, t.number", ()),
    ("authors", "t.article, t.position", ()),
    ("images", "t.article, t.position", ()),
    ("attachments", "t.article, t.position", ()),
    ("failures", 'r.warc, r."offset"', ()),
    ("takedowns", "t.article, t.at, t.grade", ("id",)),
)
# Columns that refer to a capture, and the two columns of that which stand for it.
_REFERENCES = {"capture": ("warc", "offset"), "revisit_of": ("url", "fetched_at")}


def dump(connection: sqlite3.Connection) -> Iterator[str]:
    """Lines without their ends, in one order: ``{"table": "articles", "id": …}``, every column, keys in order.

    "capture" is [WARC, offset], "revisit_of" [address, time]; null where there is none, "missing" where it refers to
    nothing.
    """
    for table, order, dropped in _TABLES:
        names = [row[0] for row in connection.execute("select name from pragma_table_info(?)", [table])]
        names = [name for name in names if name not in dropped]
        reference = next((name for name in names if name in _REFERENCES), None)
        columns = [f't."{name}"' for name in names if name != reference]
        join = ""
        if reference:
            columns += [f"t.{reference}", *(f'r."{name}"' for name in _REFERENCES[reference])]
            join = f"left join captures r on r.id = t.{reference}"
        plain = [name for name in names if name != reference]
        for row in connection.execute(f"select {', '.join(columns)} from {table} t {join} order by {order}"):
            values = {"table": table, **dict(zip(plain, row, strict=False))}
            if reference:
                number, *named = row[-3:]
                values[reference] = None if number is None else named if named[0] is not None else "missing"
            yield json.dumps(values, ensure_ascii=False, sort_keys=True)
