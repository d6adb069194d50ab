"""What a reader asks the archive, out of an address and back into one. The page, its exports and its feed share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.plugin import answers
from archive.plugin.finding import days
from archive.search import Filters, Sort

SORTS: tuple[Sort, ...] = ("rank", "newest", "oldest")
# A filter by the name that chips know it by, and the values of an address that take it off.
TAKEN_OFF = {
    "portal": {"portal": ""},
    "section": {"section": ""},
    "author": {"author": ""},
    "days": {"from": "", "to": ""},
    "files": {"files": ""},
}


@dataclass(frozen=True, slots=True)
class Question:
    """``wrong``: the fields whose value is no day, with what was typed; it is disregarded."""

    words: str
    filters: Filters
    sort: Sort
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing is asked for at all."""
        return not self.words and self.filters == Filters()

    @property
    def filtered(self) -> bool:
        return self.filters != Filters()


def read(request: Any) -> Question:
    """The question of an address; whatever it holds, it is one."""
    since, until, wrong = _span(answers.value(request, "from"), answers.value(request, "to"))
    sort = answers.value(request, "sort")
    filters = Filters(
        portal=answers.value(request, "portal"),
        section=answers.value(request, "section"),
        author=answers.value(request, "author"),
        since=since,
        until=until,
        files=answers.value(request, "files") not in ("", "0"),
    )
    return Question(answers.words(request), filters, next((name for name in SORTS if name == sort), "rank"), wrong)


def values(question: Question) -> dict[str, str]:
    """What an address needs to say to ask this: the names as ``read`` knows them, nothing that is empty."""
    filters = question.filters
    since, until = days.short(filters.since, filters.until)
    named = {
        "q": question.words,
        "portal": filters.portal,
        "section": filters.section,
        "author": filters.author,
        "from": since,
        "to": until,
        "files": "1" if filters.files else "",
        "sort": "" if question.sort == "rank" else question.sort,
    }
    return {name: value for name, value in named.items() if value}


def _span(first: str, last: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Since, until and what is no day. A span typed from its end to its beginning is the same span."""
    begin, end = days.span(first) if first else None, days.span(last) if last else None
    fields = (("from", first, begin), ("to", last, end))
    wrong = tuple((name, typed) for name, typed, found in fields if typed and found is None)
    if begin and end and begin[0] > end[1]:
        begin, end = end, begin
    return begin[0] if begin else "", end[1] if end else "", wrong
