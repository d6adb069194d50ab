"""A reader's words → FTS5; marking the hits. Plain sqlite3 connections, reading only.

Nothing of FTS5's own syntax comes from the reader: words are cut into tokens here, and every token is quoted.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from archive.schema import FTS_COLUMNS
from archive.text import fold, index_form, normalise

Segments = tuple[tuple[str, bool], ...]

# Longer questions are cut: each term costs SQLite a walk through the index.
MOST_CHARACTERS = 600
MOST_TERMS = 24

_EXACT = "{" + " ".join(name for name in FTS_COLUMNS if not name.endswith("_folded")) + "} : "
_FOLDED = "{" + " ".join(name for name in FTS_COLUMNS if name.endswith("_folded")) + "} : "
# In the order of FTS_COLUMNS: a title outweighs a text, what was typed exactly outweighs what is only alike.
_RANK = "bm25(articles_fts, 12.0, 3.0, 6.0, 4.0, 1.0, 2.0)"

_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»＂"), '"')
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.;?!])\s+|\n+")
_LEAD_IN = 70


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand side by side. ``accented``: compared with their marks, else folded."""

    tokens: tuple[str, ...]
    accented: bool


@dataclass(frozen=True, slots=True)
class Match:
    """``expression`` for ``articles_fts match ?``, "" when there is nothing to look for; ``terms`` to be marked."""

    expression: str
    terms: tuple[Term, ...]

    @property
    def accented(self) -> bool:
        """Did the reader type any diacritics?"""
        return any(term.accented for term in self.terms)


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found. ``title`` and ``snippet`` are (text, is a hit) in turn, in the words of the article;
    ``published`` and ``gone_since`` as the store keeps them, or None."""

    id: str
    title: Segments
    snippet: Segments
    portal: str
    portal_name: str
    section: str
    byline: str
    published: str | None
    first_seen: str
    gone_since: str | None
    versions: int


@dataclass(frozen=True, slots=True)
class Results:
    """``total`` of all pages, ``hits`` of this one, best first. ``folded``: nothing had the diacritics as typed, and
    these are alike without them."""

    total: int
    hits: tuple[Hit, ...]
    folded: bool


def match(words: str, *, folded: bool = False) -> Match:
    """What a reader typed, as an expression that SQLite can always read.

    A word with diacritics is looked for as it is typed (in NFC or not, hoà or hòa), one without them in any form;
    "quoted words", and words joined by a sign ("KT-XH", "6/1/2021"), are phrases. All must be found. ``folded``
    compares everything without diacritics.
    """
    parts = index_form(normalise(words[:MOST_CHARACTERS])).translate(_QUOTES).split('"')
    if len(parts) % 2 == 0:  # a quote that is never closed is none
        parts[-2:] = [" ".join(parts[-2:])]
    chunks = [chunk for part in parts[::2] for chunk in part.split()] + parts[1::2]
    lists = [tokens for chunk in chunks if (tokens := _WORD.findall(chunk))]
    terms = tuple(dict.fromkeys(_term(tokens, folded) for tokens in lists))[:MOST_TERMS]
    expression = " AND ".join(_phrase(term, folded) for term in terms)
    if len(terms) > 1 and len(parts) == 1:
        # Vietnamese writes a word as several syllables: where they stand side by side, it is the word. What is
        # found stays the same, since such an article has all the terms; only its rank grows.
        run = _term([token for tokens in lists for token in tokens], folded)
        expression = f"({expression}) OR {_phrase(run, folded)}"
    return Match(expression, terms)


def _term(tokens: list[str], folded: bool) -> Term:
    exact = tuple(token.lower() for token in tokens)
    bare = tuple(map(fold, exact))
    return Term(bare, False) if folded or exact == bare else Term(exact, True)


def _phrase(term: Term, folded: bool) -> str:
    columns = _EXACT if term.accented else _FOLDED if folded else ""
    return f'{columns}"{" ".join(term.tokens)}"'


def highlight(text: str, match: Match) -> Segments:
    """The text cut into (piece, is a hit), nothing lost: the pieces joined are the text. "" gives ()."""
    return _segments(text, _places(text, match.terms), 0, len(text))


def snippet(text: str, match: Match, width: int = 280) -> Segments:
    """About ``width`` characters around the place where most of the terms stand together, in one line.

    The beginning of the text when none of them is in it (the title or the byline has them).
    """
    places = _places(text, match.terms)
    best, start = (0, 0), 0
    for index, (begin, _, _) in enumerate(places):
        near = [term for first, _, term in places[index : index + 40] if first < begin + width - _LEAD_IN]
        score = (len(set(near)), len(near))
        if score > best:
            best, start = score, begin
    start = _beginning(text, start) if start > _LEAD_IN else 0
    end = min(len(text), start + width)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + width // 2)
    pieces = [(_SPACE.sub(" ", piece), is_hit) for piece, is_hit in _segments(text, places, start, end)]
    return (*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(text) else []))


def _beginning(text: str, hit: int) -> int:
    """Where to begin before a hit: with its sentence when that is near, else with a word."""
    early = hit - _LEAD_IN
    ends = [found.end() for found in _SENTENCE_END.finditer(text, early, hit)]
    return ends[-1] if ends else text.find(" ", early, hit) + 1 or early


@lru_cache(maxsize=32768)
def _forms(word: str) -> tuple[str, str]:
    """Vietnamese has some seven thousand syllables: nearly every word of a text was met before."""
    exact = index_form(word).lower()
    return exact, fold(exact)


def _places(text: str, terms: tuple[Term, ...]) -> list[tuple[int, int, int]]:
    """Where the terms stand: (start, end, number of the term), in order of start, the longest first."""
    first: dict[tuple[bool, str], list[int]] = {}
    for number, term in enumerate(terms):
        first.setdefault((term.accented, term.tokens[0]), []).append(number)
    words = [(found.start(), found.end(), _forms(found.group())) for found in _WORD.finditer(text)]
    places = []
    for index, (start, _, (exact, bare)) in enumerate(words):
        for number in (*first.get((True, exact), ()), *first.get((False, bare), ())):
            tokens, form = terms[number].tokens, 0 if terms[number].accented else 1
            run = words[index : index + len(tokens)]
            if tuple(forms[form] for _, _, forms in run) == tokens:
                places.append((start, run[-1][1], number))
    return sorted(places, key=lambda place: (place[0], -place[1]))


def _segments(text: str, places: list[tuple[int, int, int]], start: int, end: int) -> Segments:
    """Hits that overlap, or that only a blank parts, are one."""
    marked: list[tuple[int, int]] = []
    for begin, close, _ in places:
        if begin < start or close > end:
            continue
        if marked and (begin <= marked[-1][1] or text[marked[-1][1] : begin] == " "):
            marked[-1] = (marked[-1][0], max(close, marked[-1][1]))
        else:
            marked.append((begin, close))
    pieces, at = [], start
    for begin, close in marked:
        pieces += [(text[at:begin], False), (text[begin:close], True)]
        at = close
    pieces.append((text[at:end], False))
    return tuple(piece for piece in pieces if piece[0])


def search(
    conn: sqlite3.Connection, words: str, portal: str | None = None, limit: int = 20, offset: int = 0
) -> Results:
    """The articles that have the words, best first. No words, or only signs: nothing is found."""
    wanted = match(words)
    if not wanted.terms:
        return Results(0, (), False)
    total, folded = _count(conn, wanted, portal), False
    if not total and wanted.accented:
        wanted = match(words, folded=True)
        total = _count(conn, wanted, portal)
        folded = total > 0
    if not total:
        return Results(0, (), False)
    within, values = _where(wanted, portal)
    # The ids first: snippets and rows are made for one page, not for all that was found.
    docs = [
        int(row[0])
        for row in conn.execute(
            f"select rowid from articles_fts where {within} order by {_RANK}, rowid desc limit ? offset ?",
            [*values, max(0, limit), max(0, offset)],
        )
    ]
    return Results(total, _hits(conn, docs, wanted), folded)


def _where(wanted: Match, portal: str | None) -> tuple[str, list[str]]:
    if portal is None:
        return "articles_fts match ?", [wanted.expression]
    return (
        "articles_fts match ? and rowid in (select doc from articles where portal = ?)",
        [wanted.expression, portal],
    )


def _count(conn: sqlite3.Connection, wanted: Match, portal: str | None) -> int:
    within, values = _where(wanted, portal)
    return int(conn.execute(f"select count(*) from articles_fts where {within}", values).fetchone()[0])


def _hits(conn: sqlite3.Connection, docs: list[int], wanted: Match) -> tuple[Hit, ...]:
    rows = conn.execute(
        "select a.doc, a.id, a.title, a.summary, a.text, a.portal, p.name, a.section, a.byline, a.published,"
        " a.first_seen, a.gone_since, a.versions from articles a join portals p on p.id = a.portal"
        f" where a.doc in ({', '.join('?' * len(docs))})",
        docs,
    )
    hits = {}
    for doc, name, title, summary, text, *rest in rows:
        body = f"{summary}\n\n{text}" if summary else text
        hits[doc] = Hit(name, highlight(title, wanted), snippet(body, wanted), *rest)
    return tuple(hits[doc] for doc in docs if doc in hits)
