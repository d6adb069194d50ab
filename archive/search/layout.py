"""The derived index: what is in it, where it stands, and how far it has come.

It is tantivy's, in a folder of its own within ``index/`` beside the database, and can be made again at any time
(keeper.py). Nothing that was published is stored in it: only words, places of words, and numbers.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import tantivy

# Another number when the fields, or what stands in them, become other ones.
SCHEMA = 1
_STATE, _LOCK = "state.json", ".lock"
_WORDS = "words"  # tantivy's name for: cut at blanks, and nothing else

# ``exact``, ``folded``: all words of title, summary, text and byline, as they are and without marks · ``title…`` those
# of the title alone · ``pairs``: neighbours without marks, "dat_dai", since a word of Vietnamese is mostly two
# syllables. A pair is looked up like a word: phrases that were looked for by their places took twenty times as long.
EXACT, FOLDED, TITLE, TITLE_FOLDED, PAIRS = "exact", "folded", "title", "title_folded", "pairs"
# What is compared whole: as printed (to be counted and shown) and as forms.key makes it (to be asked for).
PORTAL, SECTION, AUTHOR = "portal", "section", "author"
SECTION_KEY, AUTHOR_KEY = "section_key", "author_key"
# Numbers: articles.doc · 20210301 and 202103, or 0 without a day · 1 with attachments, else 0 · by which both orders go
# · and what all of the above comes to, by which an article that was said anew is told.
DOC, DAY, MONTH, FILES, NEWEST, OLDEST, STAMP = "doc", "day", "month", "files", "newest", "oldest", "stamp"


@dataclass(frozen=True, slots=True)
class State:
    """``folder`` within ``index/`` · ``edition`` of the database it speaks of · ``revision`` of articles up to which it
    is right · ``folding`` how words were folded · ``whole``: False while it is made for the first time."""

    folder: str
    edition: str
    folding: str
    schema: int
    revision: int
    whole: bool


def folder_of(database: Path) -> Path:
    return database.with_name("index")


def lock_of(database: Path) -> Path:
    return folder_of(database) / _LOCK


def state_path(database: Path) -> Path:
    return folder_of(database) / _STATE


def read_state(database: Path) -> State | None:
    """None when there is no index, or nothing that this program can read."""
    try:
        found = json.loads(state_path(database).read_text("utf-8"))
        state = State(**found)
    except (OSError, ValueError, TypeError):
        return None
    inside = state.folder and state.folder == Path(str(state.folder)).name
    return state if state.schema == SCHEMA and inside and type(state.revision) is int else None


def write_state(database: Path, state: State) -> None:
    """In one step: a reader finds the former one or this. Raises OSError."""
    path = state_path(database)
    part = path.with_name(f"{_STATE}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(state)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def folding() -> str:
    """Which way texts become words: another answer than the index's means that it must be made again."""
    here = Path(__file__).parent
    code = (here.parent / "text" / "__init__.py", here / "forms.py", here / "entry.py")
    return _digest(tuple(path.read_bytes() for path in code))


@lru_cache(maxsize=1)
def _digest(parts: tuple[bytes, ...]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def make(path: Path) -> tantivy.Index:
    """A new, empty index. Raises OSError or ValueError."""
    path.mkdir(parents=True)
    return _with_words(tantivy.Index(_schema(), str(path)))


def open_(path: Path) -> tantivy.Index:
    """Raises OSError or ValueError when it is none, or damaged."""
    return _with_words(tantivy.Index.open(str(path)))


def _with_words(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_WORDS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    # The reader says when: tantivy's own watching takes half a second, and a thread.
    index.config_reader("manual")
    return index


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in (EXACT, FOLDED, TITLE, TITLE_FOLDED):
        builder.add_text_field(name, tokenizer_name=_WORDS, index_option="position")
    builder.add_text_field(PAIRS, tokenizer_name=_WORDS, index_option="freq")
    for name in (PORTAL, SECTION, AUTHOR):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (SECTION_KEY, AUTHOR_KEY):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (DOC, DAY, FILES):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in (MONTH, NEWEST, OLDEST, STAMP):
        builder.add_integer_field(name, fast=True)
    return builder.build()
