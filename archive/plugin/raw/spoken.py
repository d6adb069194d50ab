"""What Datasette says out of its Python, in the reader's language: errors, and what a table page shows of its table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from archive.plugin import wording

# A filter of a table page: column, what Datasette calls the comparison ("exact", "gte"), and the value compared with.
Selection = tuple[str, str, str]


def phrases() -> dict[str, str]:
    """What stands in Datasette's templates, English → Vietnamese."""
    return _known("datasette")


def say(language: str, kind: str, said: object) -> object:
    """The value in Vietnamese where Datasette has worded it; any other one, and every one in English, as it is.

    ``kind`` the part of the catalogue: "filters", "labels", "crumbs", "headings", "errors".
    """
    if language != "vi" or not isinstance(said, str):
        return said
    return error(said, language) if kind == "errors" else _known(f"datasette_{kind}").get(said, said)


def error(message: str, language: str) -> str:
    """A message of SQLite's or Datasette's. One that nobody has translated stays English: it is better than none."""
    for pattern, key in _messages():
        if found := pattern.fullmatch(message.strip()):
            said: str = wording.WORDS[language]["datasette_errors"][key].format(**found.groupdict())
            return said
    return message


def number(language: str) -> str | _Thousands:
    """In place of ``"{:,}"`` in Datasette's templates."""
    return _Thousands() if language == "vi" else "{:,}"


def script(source: str) -> str:
    """Datasette's table.js with its labels in Vietnamese."""
    english, vietnamese = (wording.WORDS[name]["datasette_script"] for name in ("en", "vi"))
    for key, label in sorted(english.items(), key=lambda item: -len(item[1])):
        source = source.replace(label, vietnamese[key])
    return source


def filtered(
    language: str, selections: Iterable[Selection], searched: Sequence[tuple[str, str]], sort: str, descending: str
) -> str:
    """What a table page shows: "portal = “nam_dinh/xuan_truong” và có chữ “đất đai” xếp theo published giảm dần".

    ``searched`` pairs of column ("" for all) and words; ``sort`` and ``descending`` a column, or "".
    """
    words = wording.WORDS[language]["filtered"]
    parts = [words["search_in" if column else "search"].format(c=column, v=text) for column, text in searched]
    parts += [words[how].format(c=column, v=value) for column, how, value in selections if how in words]
    told = parts.pop() if parts else ""
    if parts:
        told = words["both"].format(a=", ".join(parts), b=told)
    if sort or descending:
        by = words["sorted" if sort else "sorted_down"].format(c=sort or descending)
        told = f"{told} {by}" if told else by
    return told


class _Thousands:
    def format(self, value: int) -> str:
        return wording.number(value, "vi")


@cache
def _known(section: str) -> dict[str, str]:
    """A section of the catalogue, English → Vietnamese."""
    english, vietnamese = (wording.WORDS[name][section] for name in ("en", "vi"))
    return {said: vietnamese[key] for key, said in english.items()}


@cache
def _messages() -> list[tuple[re.Pattern[str], str]]:
    """What messages look like, and their keys."""
    return [(_pattern(said), key) for key, said in wording.WORDS["en"]["datasette_errors"].items()]


def _pattern(said: str) -> re.Pattern[str]:
    """ "no such table: {name}" as an expression with a group ``name``."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(said)), re.DOTALL)
