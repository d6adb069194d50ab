"""How well the search finds: by hand-made questions, and on the sample archives by what their articles say themselves.

The floors stand here; how far above them it is, ``pytest -s`` prints.
"""

from __future__ import annotations

import random
import sqlite3
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES
from shelf import DUC_LINH, HOSTS, PORTALS, XUAN_TRUONG, article, put

from archive.model import Attachment, Byline
from archive.search import Filters, Reader, docs, open_index
from archive.search.forms import words
from archive.search.keeper import catch_up
from archive.search.suggest import suggest
from archive.store import Store
from archive.text import fold, index_form
from crawler import imports, portal
from crawler.ingest import DATABASE, open_archive

QUERIES = tomllib.loads((Path(__file__).parent / "queries.toml").read_text("utf-8"))
FLOOR = 0.97
PIECE = 6  # words


# Questions made by hand


@dataclass(frozen=True, slots=True)
class Table:
    """The archive of queries.toml, and its articles' names by their numbers."""

    index: Reader
    names: dict[int, str]

    def found(self, asked: dict[str, Any]) -> list[str]:
        filters = Filters(**{name: asked[name] for name in Filters.__slots__ if name in asked})
        _, numbers = docs(self.index, asked["q"], filters, asked.get("sort", "rank"))
        return [self.names[number] for number in numbers]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("queries") / DATABASE
    with Store(path) as store:
        for name, title, district, province, closed in PORTALS:
            row = {"id": name, "name": title, "district": district, "province": province, "platform": "drupal7"}
            store.save_portal({**row, "home": HOSTS.get(name, "http://x.example.vn"), "closed": closed})
        ids = {name: put(store, *_made(name, one)) for name, one in QUERIES["articles"].items()}
        numbers = dict(store.db.execute("select id, doc from articles").fetchall())
    catch_up(path)
    return Table(open_index(path), {numbers[article_id]: name for name, article_id in ids.items()})


def _made(name: str, one: dict[str, Any]) -> tuple[str, Any]:
    where = DUC_LINH if one.get("portal") == "duc_linh" else XUAN_TRUONG
    authors = tuple(one.get("authors", ()))
    made = article(
        name, one["title"], one["text"].strip(), HOSTS[where], summary=one.get("summary", ""),
        byline=Byline(" - ".join(authors), "", authors), published=one.get("published"),
        section=one.get("section", ""),
        attachments=tuple(Attachment(f"{HOSTS[where]}/{file}", file) for file in one.get("files", ())),
    )  # fmt: skip
    return where, made


@pytest.mark.parametrize("asked", QUERIES["queries"], ids=lambda asked: asked["q"][:40] or "(none)")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_question_finds_what_a_reader_expects(table: Table, asked: dict[str, Any], form: Any) -> None:
    """``all``: just these · ``first``: these before any other, in this order · ``none``: not these."""
    found = table.found({**asked, "q": unicodedata.normalize(form, asked["q"])})
    assert sorted(found) == sorted(asked.get("all", found))
    assert found[: len(asked.get("first", ()))] == asked.get("first", [])
    assert not set(found) & set(asked.get("none", ()))


@pytest.mark.parametrize("asked", QUERIES["suggestions"], ids=lambda asked: asked["q"])
def test_where_nothing_is_found_something_near_is_suggested(table: Table, asked: dict[str, Any]) -> None:
    filters = Filters(portal=asked.get("portal", ""))
    assert docs(table.index, asked["q"], filters)[0] == 0
    meant = suggest(table.index, asked["q"], filters)
    assert meant == asked["meant"]
    assert not meant or docs(table.index, meant, filters)[0]


def test_the_table_is_large_and_its_expectations_are_articles() -> None:
    assert len(QUERIES["queries"]) >= 60
    named = {name for asked in QUERIES["queries"] for key in ("all", "first", "none") for name in asked.get(key, ())}
    assert named <= set(QUERIES["articles"]) and all({"all", "first"} & set(asked) for asked in QUERIES["queries"])


# The sample archives


@dataclass(frozen=True, slots=True)
class Said:
    """What an article says: its number, its words in order (title, then body), and its title."""

    doc: int
    title: str
    body: tuple[str, ...]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reader, list[Said]]:
    found = sorted(SAMPLES.glob("*.warc.gz"))
    if not found:
        pytest.skip(f"the sample archives are not in {SAMPLES}")
    data = tmp_path_factory.mktemp("samples")
    with open_archive(data, "import") as ingest:
        imports.bring(ingest, found, portal.load_all(data / "portals"), None, lambda: None)
    catch_up(data / DATABASE)
    with closing(sqlite3.connect(data / DATABASE)) as conn:
        rows = conn.execute("select doc, title, text from articles order by doc").fetchall()
    return open_index(data / DATABASE), [Said(doc, title, tuple(words(text))) for doc, title, text in rows]


def bare_title(said: Said, _: random.Random) -> Iterator[str]:
    yield fold(said.title)


def decomposed_title(said: Said, _: random.Random) -> Iterator[str]:
    yield unicodedata.normalize("NFD", said.title)


def two_pieces(said: Said, draw: random.Random) -> Iterator[str]:
    """Of the body, without diacritics; none when it is shorter."""
    for _ in range(2):
        if len(said.body) >= PIECE:
            start = draw.randrange(len(said.body) - PIECE + 1)
            yield fold(" ".join(said.body[start : start + PIECE]))


@pytest.mark.parametrize("typed", [bare_title, decomposed_title, two_pieces])
def test_what_an_article_says_finds_it_first(
    samples: tuple[Reader, list[Said]], typed: Callable[[Said, random.Random], Iterator[str]]
) -> None:
    index, articles = samples
    draw = random.Random(20261126)
    alike = _alike(articles)
    asked = right = shared = 0
    for said in articles:
        for question in typed(said, draw):
            same = alike(question) | {said.doc}
            _, first = docs(index, question, limit=1)
            asked += 1
            shared += len(same) > 1
            right += bool(set(first) & same)
    print(f"\n{typed.__name__}: {right} of {asked} first ({right / asked:.4f}); {shared} stand in several articles")
    assert asked >= len(articles)
    assert right / asked >= FLOOR


def _alike(articles: list[Said]) -> Callable[[str], set[int]]:
    """Which articles have that very title, or that very piece in their body, when marks are disregarded."""
    titles: dict[str, set[int]] = defaultdict(set)
    bodies: dict[int, str] = {}
    for said in articles:
        titles[_plain(said.title)].add(said.doc)
        bodies[said.doc] = f" {_plain(' '.join(said.body))} "

    def same(question: str) -> set[int]:
        wanted = _plain(question)
        return titles.get(wanted, set()) | {doc for doc, body in bodies.items() if f" {wanted} " in body}

    return same


def _plain(text: str) -> str:
    return " ".join(words(fold(index_form(text))))
