"""A question in the reader's words: for titles, chips, feeds and the names of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archive.plugin import wording
from archive.plugin.finding import days

if TYPE_CHECKING:
    from archive.plugin.finding.question import Question
    from archive.plugin.queries.searching import Named


def described(asked: Question, names: Mapping[str, Named], lang: str) -> str:
    """The question in one line, for titles: "“đất đai” · Huyện Xuân Trường · 2021"; "" when nothing is asked."""
    quoted = [words(lang)["quoted"].format(q=asked.words)] if asked.words else []
    return " · ".join(quoted + [text for _, text in filters(asked, names, lang)])


def filters(asked: Question, names: Mapping[str, Named], lang: str) -> list[tuple[str, str]]:
    """The filters in force: their names in ``question.TAKEN_OFF``, and how a reader says its value."""
    said = words(lang)
    given = asked.filters
    all_of_them = [
        ("portal", portal(asked, names)),
        ("section", given.section),
        ("author", given.author),
        ("days", days_said(given.since, given.until, lang)),
        ("files", said["files"] if given.files else ""),
    ]
    return [(name, text) for name, text in all_of_them if text]


def days_said(since: str, until: str, lang: str) -> str:
    """ "tháng 3/2021", "2021", "từ 5/3/2021", "từ 2019 đến tháng 6/2021"; "" for no days."""
    said = words(lang)
    first, last = days.short(since, until)
    begin, end = moment(first, lang), moment(last, lang)
    if first == last:
        return begin
    name = "between" if first and last else "since" if first else "until"
    return str(said[name]).format(begin=begin, end=end)


def moment(at: str, lang: str) -> str:
    """ "2021-03-05", "2021-03" or "2021" as a reader writes it."""
    if len(at) == 7:
        said = words(lang)
        return str(said["month"]).format(name=said["months_long"][int(at[5:]) - 1], year=at[:4])
    return wording.published(at, lang) if len(at) == 10 else at


def portal(asked: Question, names: Mapping[str, Named]) -> str:
    """The portal that is asked for, by its district; "" when none is."""
    found = names.get(asked.filters.portal)
    return found.short if found else ""


def words(lang: str) -> dict[str, Any]:
    """The catalogue's table for searches."""
    table: dict[str, Any] = wording.WORDS[lang]["search"]
    return table
