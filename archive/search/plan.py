"""A question, as tantivy is asked it. What a reader typed becomes terms here, and never syntax."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any, Literal

from tantivy import FieldType, Occur, Order
from tantivy import Query as Asked

from archive.search import layout
from archive.search.forms import forms, key
from archive.search.reader import Reader
from archive.search.words import Query, Term

Sort = Literal["rank", "newest", "oldest"]

# Nobody pages through more; tantivy sorts as many as are asked for.
FURTHEST = 10_000
_MOST_PHRASES = 16  # of one term, each in other spellings; more are looked for by a pattern, which takes longer

# How much more than a word in the text: the same word in the title, neighbours that stay neighbours, and in the title;
# a word exactly as it was typed, beside one that only completes it.
_TITLE, _PAIR, _TITLE_RUN, _EXACTLY, _COMPLETED, _OTHER_FORM = 1.0, 1.0, 20.0, 0.5, 0.6, 0.6

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Filters:
    """``since`` and ``until`` days "2021-03-01", both inclusive, "" none: an article without a day is outside of any.
    ``section`` and ``author`` as they are printed, whatever their case. ``files``: only with attachments."""

    portal: str = ""
    section: str = ""
    author: str = ""
    since: str = ""
    until: str = ""
    files: bool = False


def found(
    reader: Reader, query: Query, filters: Filters, sort: Sort, limit: int, offset: int, total: int | None = None
) -> tuple[int, list[int]]:
    """(how many there are, numbers of those asked for). ``total``: how many, when that is known already."""
    limit, offset = min(max(0, limit), FURTHEST), min(max(0, offset), FURTHEST)
    must = required(reader, query, filters)
    if not limit:
        return (_count(reader, must) if total is None else total), []
    if sort == "rank" and query.needs:
        return _ranked(reader, query, must, limit, offset, total)
    by, order = (layout.OLDEST, Order.Asc) if sort == "oldest" else (layout.NEWEST, Order.Desc)
    result: Any = reader.searcher.search(must, limit=limit, offset=offset, order_by_field=by, order=order)
    return int(result.count), _numbers(reader, result)


def _ranked(
    reader: Reader, query: Query, must: Asked, limit: int, offset: int, total: int | None
) -> tuple[int, list[int]]:
    """Those in which all that was typed stands side by side, then the others. The first are few among many that only
    have the words somewhere, and mostly enough for a page: the others are not even ranked then.
    """
    better = [(Occur.Should, one) for one in _better(reader, query)]
    pairs = _pairs(reader, query)
    numbers: list[int] = []
    before = 0
    if pairs:
        together = [(Occur.Must, one) for one in (*pairs, must)]
        before, numbers = _best(reader, [*together, *better], limit, offset)
        if before >= offset + limit:
            return (_count(reader, must) if total is None else total), numbers
        better.append((Occur.MustNot, _every(pairs)))
    rest, more = _best(reader, [(Occur.Must, must), *better], limit - len(numbers), max(0, offset - before))
    return before + rest, numbers + more


def _best(reader: Reader, clauses: list[tuple[Occur, Asked]], limit: int, offset: int) -> tuple[int, list[int]]:
    result: Any = reader.searcher.search(Asked.boolean_query(clauses), limit=limit, offset=offset)
    return int(result.count), _numbers(reader, result)


def _numbers(reader: Reader, result: Any) -> list[int]:
    docs = reader.searcher.fast_field_values(layout.DOC, [address for _, address in result.hits])
    return [int(doc) for doc in docs if doc is not None]


def _pairs(reader: Reader, query: Query) -> list[Asked]:
    """All neighbours of what was typed outside of quotation marks."""
    bare = [[forms(token)[1] for token in run] for run in query.runs]
    pairs = dict.fromkeys(f"{one}_{other}" for run in bare for one, other in itertools.pairwise(run))
    return [_word(reader, layout.PAIRS, pair) for pair in pairs]


def count(reader: Reader, query: Query, filters: Filters) -> int:
    return _count(reader, required(reader, query, filters))


def _count(reader: Reader, must: Asked) -> int:
    result: Any = reader.searcher.search(must, limit=1)
    return int(result.count)


def required(reader: Reader, query: Query, filters: Filters) -> Asked:
    """What has all that is wanted, and nothing that is refused."""
    must = [_need(reader, need.ways) for need in query.needs] or [Asked.all_query()]
    clauses = [(Occur.Must, one) for one in (*must, *_filters(reader, filters))]
    clauses += [(Occur.MustNot, _term(reader, term)) for term in query.refused]
    return Asked.boolean_query(clauses)


def _need(reader: Reader, ways: tuple[tuple[Term, ...], ...]) -> Asked:
    asked = [_every([_term(reader, term) for term in way]) for way in ways]
    # Another form counts as the one word that it stands for, however many it has.
    weights = [_OTHER_FORM / sum(2 * len(term.tokens) - 1 for term in way) for way in ways]
    others = zip(asked[1:], weights[1:], strict=True)
    return _any([asked[0], *(Asked.boost_query(one, weight) for one, weight in others)])


def _term(reader: Reader, term: Term) -> Asked:
    bare = [forms(token)[1] for token in term.tokens]
    if len(bare) == 1:
        if term.marked or term.whole:
            return _spelled(reader, term)
        return _word(reader, layout.FOLDED, bare[0])
    # Neighbours first: their lists are short, and only what has all of them is looked at word by word.
    pairs = [_word(reader, layout.PAIRS, f"{one}_{other}") for one, other in itertools.pairwise(bare)]
    if term.marked or term.whole:
        return _every([*pairs, _phrase(reader, term)])
    if len(bare) == 2:
        return pairs[0]
    return _every([*pairs, Asked.phrase_query(reader.schema, layout.FOLDED, list(bare))])


def _spelled(reader: Reader, term: Term) -> Asked:
    """One word with marks, as it was typed or completed."""
    typed, *others = _choices(reader, term, term.tokens[0])
    completed = [Asked.boost_query(_word(reader, layout.EXACT, other), _COMPLETED) for other in others]
    return _any([_word(reader, layout.EXACT, typed), *completed])


def _phrase(reader: Reader, term: Term) -> Asked:
    choices = [_choices(reader, term, token) for token in term.tokens]
    size = 1
    for spelled in choices:
        size *= len(spelled)
    if size <= _MOST_PHRASES:
        phrases = [Asked.phrase_query(reader.schema, layout.EXACT, list(one)) for one in itertools.product(*choices)]
        return _any(phrases)
    patterns = ["|".join(map(re.escape, spelled)) for spelled in choices]
    return Asked.regex_phrase_query(reader.schema, layout.EXACT, list(patterns))


def _choices(reader: Reader, term: Term, token: str) -> tuple[str, ...]:
    return (token,) if term.whole else reader.spelled(token)


def _better(reader: Reader, query: Query) -> list[Asked]:
    """What an article need not have, but comes first for having."""
    typed = [term for need in query.needs for term in need.ways[0]]
    better = []
    for token in dict.fromkeys(term.tokens[0] for term in typed if len(term.tokens) == 1):
        exact, bare = forms(token)
        if exact == bare:
            better.append(Asked.boost_query(_word(reader, layout.TITLE_FOLDED, bare), _TITLE))
            if reader.often(layout.EXACT, exact):
                better.append(Asked.boost_query(_word(reader, layout.EXACT, exact), _EXACTLY))
        else:
            better.append(Asked.boost_query(_word(reader, layout.TITLE, exact), _TITLE))
    for run in query.runs:
        bare_run = [forms(token)[1] for token in run]
        title = Asked.phrase_query(reader.schema, layout.TITLE_FOLDED, list(bare_run))
        better.append(Asked.boost_query(title, _TITLE_RUN))
    better += [Asked.boost_query(pair, _PAIR) for pair in _pairs(reader, query)]
    return better


def _filters(reader: Reader, filters: Filters) -> list[Asked]:
    exact = (
        (layout.PORTAL, filters.portal),
        (layout.SECTION_KEY, key(filters.section)),
        (layout.AUTHOR_KEY, key(filters.author)),
    )
    asked = [Asked.term_query(reader.schema, name, value, "basic") for name, value in exact if value]
    if filters.files:
        asked.append(Asked.term_query(reader.schema, layout.FILES, 1, "basic"))
    since, until = (_day(value) for value in (filters.since, filters.until))
    if since or until:
        # From 1 on: an article without a day has 0.
        asked.append(Asked.range_query(reader.schema, layout.DAY, FieldType.Integer, since or 1, until or 99_999_999))
    return [Asked.const_score_query(one, 0.0) for one in asked]


def _day(value: str) -> int:
    """20210301; 0 for what is no day."""
    return int(value.replace("-", "")) if _DAY.fullmatch(value) and value.isascii() else 0


def _word(reader: Reader, name: str, word: str) -> Asked:
    return Asked.term_query(reader.schema, name, word, "freq")


def _every(asked: list[Asked]) -> Asked:
    return asked[0] if len(asked) == 1 else Asked.boolean_query([(Occur.Must, one) for one in asked])


def _any(asked: list[Asked]) -> Asked:
    return asked[0] if len(asked) == 1 else Asked.boolean_query([(Occur.Should, one) for one in asked])
