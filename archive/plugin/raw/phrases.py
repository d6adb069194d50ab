"""Functions that readers' SQL has beside SQLite's: a phrase for the full-text index, and text without its marks."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive.text import fold, index_form


def add(conn: sqlite3.Connection) -> None:
    """``cum_tu(text)`` for MATCH, ``khong_dau(text)`` for comparing."""
    conn.create_function("cum_tu", 1, phrase, deterministic=True)
    conn.create_function("khong_dau", 1, folded, deterministic=True)


def phrase(text: Any) -> str:
    """What a reader typed, as one phrase that ``articles_fts match`` takes, whatever stands in it.

    In the form of the index; of nothing, what finds nothing.
    """
    words = index_form(str("" if text is None else text).replace('"', " ").replace("\x00", " "))
    return f'"{words}"'


def folded(text: Any) -> str | None:
    """ "dat dai" of "Đất đai"; None of null."""
    return None if text is None else fold(str(text))
