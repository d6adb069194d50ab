"""What one statement of a reader's SQL may make: values, answers and memory of some size, and nothing that hangs.

Datasette stops a statement after its time. That does not hold within one call of a function, nor for what is kept in
memory: of these is this file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

# A value, in bytes. What one call of a function does with it, nothing stops: LIKE takes the product of both lengths.
LENGTH = 2_000_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LENGTH,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 150,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# An answer, in characters and bytes: a thousand rows of the longest values would fill the machine.
ANSWER = 12_000_000
# What SQLite takes for all its connections; a query with more ends with "out of memory", and nothing else does.
HEAP = 100_000_000


_AS_BUILT = 2**31 - 1  # SQLite makes it the most that it was built for


def bind(conn: sqlite3.Connection) -> None:
    """From now on it answers readers' questions."""
    for limit, most in LIMITS.items():
        conn.setlimit(limit, most)
    conn.execute(f"pragma hard_heap_limit = {HEAP}").fetchone()
    # SQLite's own take the product of both lengths: an hour for a megabyte in another. Python's take the sum.
    conn.create_function("instr", 2, _instr, deterministic=True)
    conn.create_function("replace", 3, _replace, deterministic=True)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        conn.create_function(name, 2, _trimmed(strip), deterministic=True)
    conn.create_function("json_patch", 2, _json_patch, deterministic=True)
    # Nothing here needs them: the one tells where it lies in memory, the other is refused anyhow.
    for name, arguments in (("fts3_tokenizer", 1), ("fts3_tokenizer", 2), ("load_extension", 1), ("load_extension", 2)):
        conn.create_function(name, arguments, _refused)
    conn.row_factory = _Measured().row


@contextmanager
def house(conn: sqlite3.Connection) -> Iterator[None]:
    """Within, the connection asks a question of the house's own: values and answers of any length."""
    measured = conn.row_factory
    kept = {limit: conn.setlimit(limit, _AS_BUILT) for limit in LIMITS}
    conn.row_factory = sqlite3.Row
    try:
        yield
    finally:
        conn.row_factory = measured
        for limit, most in kept.items():
            conn.setlimit(limit, most)


class _Measured:
    """Rows as Datasette takes them, counted up for each cursor."""

    def __init__(self) -> None:
        self._sizes: WeakKeyDictionary[sqlite3.Cursor, int] = WeakKeyDictionary()

    def row(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        size = self._sizes.get(cursor, 0)
        for value in values:
            if isinstance(value, str | bytes):
                size += len(value)
        if size > ANSWER:
            raise sqlite3.OperationalError("the answer is too big")
        self._sizes[cursor] = size
        return sqlite3.Row(cursor, values)


def _text(value: Any) -> str:
    """As SQLite makes a text of a value."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _instr(text: Any, part: Any) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(text: Any, old: Any, new: Any) -> Any:
    if text is None or old is None or new is None:
        return None
    text, old, new = _text(text), _text(old), _text(new)
    if not old:
        return text
    # Before it is made: a million letters, each replaced by a million, would be a terabyte. SQLite: "too big".
    if len(text) + text.count(old) * len(new) > LENGTH:
        raise OverflowError
    return text.replace(old, new)


def _trimmed(strip: Callable[[str, str], str]) -> Callable[[Any, Any], str | None]:
    def trim(text: Any, signs: Any) -> str | None:
        if text is None or signs is None:
            return None
        return strip(_text(text), "".join(set(_text(signs))))

    return trim


def _refused(*_: Any) -> None:
    raise PermissionError


def _json_patch(target: Any, patch: Any) -> str | None:
    """RFC 7396. SQLite's looks for each name of one object among all of the other."""
    if target is None or patch is None:
        return None
    return json.dumps(_merged(json.loads(_text(target)), json.loads(_text(patch))), ensure_ascii=False)


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = _merged(made.get(name), value)
    return made
