"""An article cited, or one version of it, in every format. Pure; ``load`` takes it out of the database.

The address of a citation is the archive's own, which stays; the portal's stands beside it. The day of publication
and the day of capture are two things: without the first, none is given.
"""

from __future__ import annotations

from collections.abc import Callable

from archive.cite.data import bibtex, csl, ris
from archive.cite.record import ARCHIVE, Citation
from archive.cite.styles import apa, chicago, vietnamese
from archive.cite.wiki import english_wikipedia, vietnamese_wikipedia

__all__ = ["ARCHIVE", "FORMATS", "Citation", "cite"]

_WRITERS: dict[str, Callable[[Citation], str]] = {
    "text": vietnamese,
    "chicago": chicago,
    "apa": apa,
    "bib": bibtex,
    "ris": ris,
    "json": csl,
    "wiki": vietnamese_wikipedia,
    "wiki_en": english_wikipedia,
}
FORMATS = tuple(_WRITERS)


def cite(record: Citation, format: str) -> str:
    """The citation, ending with a line break. Raises ValueError for a format that is not in FORMATS."""
    if format not in _WRITERS:
        raise ValueError(f"{format}: unknown format of citation; known are {', '.join(FORMATS)}")
    return _WRITERS[format](record)
