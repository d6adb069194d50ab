"""Tables as spreadsheets open them right, and harmless to those who open them. Pure."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable

# What a spreadsheet takes for a formula when a cell begins with it, the wide forms of Asian keyboards among them.
_FORMULA = re.compile(r"[\s\x00]*[=+\-@\t\r\n＝＋－＠]")


# Stands at the beginning of a file: Excel takes one without it for windows-1252.
MARK = codecs.BOM_UTF8


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of a file, their cells made harmless."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run as a formula: it shows the text behind it."""
    cell = cell.replace("\x00", "")
    return "'" + cell if _FORMULA.match(cell) else cell
