"""Datasette with the plugin of the house, on the live database."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from archive.consistency import is_of_today
from archive.store import Store, StoreError

METADATA = Path(__file__).parent.parent / "metadata.json"

# Suggested facets and long queries would let one reader stop the others.
SETTINGS = {
    "default_page_size": "50",
    "max_returned_rows": "1000",
    "sql_time_limit_ms": "2000",
    "facet_time_limit_ms": "500",
    "suggest_facets": "off",
    "num_sql_threads": "6",  # two for tables and SQL, three for lists and searches, one for articles (limits.py)
    "allow_download": "off",
    "max_csv_mb": "200",
    "truncate_cells_html": "300",  # in a table's row; the row's own page has all of it
    "default_cache_ttl": "0",  # the pages follow the live file
}


def command(database: Path, host: str, port: int) -> list[str]:
    """The command line that serves ``database``."""
    words = [sys.executable, "-m", "datasette", "serve", str(database), "--host", host, "--port", str(port)]
    words += ["--metadata", str(METADATA)]
    for name, value in SETTINGS.items():
        words += ["--setting", name, value]
    return words


def serve(database: Path, host: str, port: int) -> None:
    """Become the server: this process ends when Datasette does.

    A database of an older version is brought up to date first, also while a crawl is running. Raises StoreError.
    """
    try:
        if not is_of_today(database):
            sys.stderr.write(f"tangthu: {database}: the tables are brought up to date\n")
            Store(database).close()
    except sqlite3.Error as error:
        raise StoreError(f"{database}: {error}. Is it a database of this program?") from error
    sys.stdout.flush()
    words = command(database, host, port)
    os.execv(words[0], words)
