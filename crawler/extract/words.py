"""The tables of words.toml, ready for comparing."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from archive.text import index_form, normalise

Tables = dict[str, dict[str, list[str]]]


@lru_cache(maxsize=1)
def _tables() -> Tables:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))


@lru_cache(maxsize=4096)
def form(text: str) -> str:
    """How words are compared: NFC, folded white space, lower case, one place for the tone mark."""
    return index_form(normalise(text)).lower()


@lru_cache(maxsize=64)
def words(table: str, key: str) -> frozenset[str]:
    """One list of words.toml, each word in its ``form``."""
    return frozenset(form(word) for word in _tables()[table][key])


@lru_cache(maxsize=64)
def longest_first(table: str, key: str) -> tuple[str, ...]:
    """The same list, longest word first: the order for trying prefixes and for alternations."""
    return tuple(sorted(words(table, key), key=len, reverse=True))


def patterns(table: str, key: str) -> list[str]:
    """A list as it is written, for regular expressions."""
    return list(_tables()[table][key])


def groups(table: str, key: str) -> list[list[str]]:
    """A list of lists as it is written."""
    return [list(group) for group in _tables()[table][key]]


def starts(text: str, table: str, key: str) -> str:
    """The longest word of the list that ``text`` begins with, whole words only, in its ``form``; "" for none."""
    wanted = form(text)
    for word in longest_first(table, key):
        if wanted.startswith(word) and (len(wanted) == len(word) or not wanted[len(word)].isalnum()):
            return word
    return ""
