"""A reader's words find what they mean, and none of them is an error."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import DUC_LINH, EMPTY, XUAN_TRUONG, Shelf, make

from archive.cite.load import load
from archive.search import MOST_TERMS, Segments, highlight, match, search, snippet


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return make(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def conn(shelf: Shelf) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{shelf.path}?mode=ro", uri=True)
    yield connection
    connection.close()


def found(conn: sqlite3.Connection, shelf: Shelf, words: str, portal: str | None = None) -> list[str]:
    names = {name: short for short, name in shelf.ids.items()}
    return [names[hit.id] for hit in search(conn, words, portal).hits]


def text(segments: Segments) -> str:
    return "".join(piece for piece, _ in segments)


def marks(segments: Segments) -> list[str]:
    return [piece for piece, is_hit in segments if is_hit]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("đất đai", {"changed", "gone", "flood"}),
        ("dat dai", {"changed", "gone", "flood"}),
        ("đất dai", {"changed", "gone", "flood"}),
        ("ĐẤT ĐAI", {"changed", "gone", "flood"}),
        ('"đất đai"', {"changed", "gone"}),
        ('"dat dai"', {"changed", "gone"}),
        ("“đất đai”", {"changed", "gone"}),
        ('"đất đai', {"changed", "gone", "flood"}),
        (unicodedata.normalize("NFD", "đất đai"), {"changed", "gone", "flood"}),
        ("Đức Linh", {"gone", "none"}),
        ("duc linh", {"gone", "none"}),
        ("hòa bình", {"quoted"}),
        ("hoà bình", {"quoted"}),
        ("Lệ Minh", {"border"}),
        ("le minh", {"border"}),
        ("thúy hằng", {"name"}),
        ("KT-XH", {"name"}),
        ("KTXH", set()),
        ("đài phát thanh", set()),
        ("14/2", set()),
        ("9,8 ha", set()),  # the old version's figure: the latest text is searched
        ("12,5 ha", {"changed"}),
        ("", set()),
        (' ""  ', set()),
        ("*** -- ()", set()),
    ],
)
def test_words_find_the_articles_that_have_them(
    conn: sqlite3.Connection, shelf: Shelf, words: str, expected: set[str]
) -> None:
    assert set(found(conn, shelf, words)) == expected


def test_what_was_typed_ranks_above_what_is_alike(conn: sqlite3.Connection, shelf: Shelf) -> None:
    assert found(conn, shelf, "nam")[0] == "nom"
    assert found(conn, shelf, "năm")[0] == "year"
    assert "nom" not in found(conn, shelf, "năm")


def test_syllables_side_by_side_rank_above_scattered_ones(conn: sqlite3.Connection, shelf: Shelf) -> None:
    for words in ("đất đai", "dat dai"):
        assert found(conn, shelf, words)[-1] == "flood"


def test_wrong_diacritics_fall_back_to_none(conn: sqlite3.Connection) -> None:
    results = search(conn, "đật đãi")
    assert results.folded and results.total == 3
    assert "đất đai" in marks(results.hits[0].title)
    assert not search(conn, "đất đai").folded
    nothing = search(conn, "chữ không hề có")
    assert (nothing.total, nothing.hits, nothing.folded) == (0, (), False)


def test_one_portal_alone(conn: sqlite3.Connection, shelf: Shelf) -> None:
    assert found(conn, shelf, "đất đai", DUC_LINH) == ["gone"]
    assert set(found(conn, shelf, "đất đai", XUAN_TRUONG)) == {"changed", "flood"}
    assert search(conn, "đất đai", EMPTY).total == 0


def test_pages_follow_each_other(conn: sqlite3.Connection) -> None:
    whole = search(conn, "huyện", limit=100)
    pages = [search(conn, "huyện", limit=2, offset=offset) for offset in range(0, whole.total, 2)]
    assert tuple(hit for page in pages for hit in page.hits) == whole.hits
    assert {page.total for page in pages} == {whole.total}
    assert search(conn, "huyện", limit=2, offset=10**9).hits == ()
    assert search(conn, "huyện", limit=-1, offset=-5).hits == ()


def test_a_hit_says_what_a_list_needs(conn: sqlite3.Connection, shelf: Shelf) -> None:
    (hit,) = search(conn, "đất đai", DUC_LINH).hits
    assert text(hit.title) == "Công khai kết luận thanh tra việc sử dụng đất đai tại xã Đức Hạnh"
    assert marks(hit.title) == marks(hit.snippet) == ["đất đai"]
    assert (hit.id, hit.portal, hit.section) == (shelf.ids["gone"], DUC_LINH, "Thanh tra")
    assert (hit.published, hit.gone_since, hit.versions) == ("2019-07-02", "2026-11-20T23:30:00Z", 1)


def test_the_snippet_is_the_place_where_the_words_meet(conn: sqlite3.Connection, shelf: Shelf) -> None:
    hits = {hit.id: hit for hit in search(conn, "dat dai").hits}
    flood = hits[shelf.ids["flood"]].snippet
    assert text(flood).startswith("… Đoạn giữa bài nói về quỹ đất và về đai an toàn.")
    assert marks(flood) == ["đất", "đai"]
    assert text(flood).endswith(" …")


def test_marks_stand_on_the_unfolded_text() -> None:
    line = "Luật Đất đai, hoà bình và đất/đai ở Đak Đoa"
    assert marks(highlight(line, match("dat dai"))) == ["Đất đai", "đất", "đai"]
    assert marks(highlight(line, match('"dat dai"'))) == ["Đất đai", "đất/đai"]
    assert marks(highlight(line, match("hòa"))) == ["hoà"]
    assert marks(highlight(line, match("đat"))) == []
    assert marks(highlight(line, match("đat", folded=True))) == ["Đất", "đất"]
    assert highlight("", match("a")) == ()


@pytest.mark.parametrize(
    "words",
    ["OR", "a OR", "NOT a", "NEAR(a b)", '"', '""""', "a*", "^a", "{title}:a", "title : a", "a\x00b", "(", ")", "-a",
     "+", "'; drop table articles; --", "\ud800", "́", "a AND", "%", "\\", "ǅ ß İ ﬁ ½ ² \U0001f600 \ue000"],
)  # fmt: skip
def test_syntax_of_the_index_is_only_words(conn: sqlite3.Connection, words: str) -> None:
    for asked in (words, f'"{words}" {words}'):
        found = search(conn, asked)
        assert len(found.hits) <= found.total


@given(st.text(max_size=80))
def test_any_words_can_be_asked(conn: sqlite3.Connection, words: str) -> None:
    results = search(conn, words)
    assert len(results.hits) <= results.total


@given(st.text(max_size=300), st.text(max_size=40))
def test_marking_loses_nothing(content: str, words: str) -> None:
    wanted = match(words)
    pieces = highlight(content, wanted)
    assert text(pieces) == content
    assert all(piece for piece, _ in pieces)
    assert all(second != first for (_, first), (_, second) in pairwise(pieces))
    assert len(text(snippet(content, wanted, 100))) <= 104


def test_long_questions_are_cut() -> None:
    assert len(match("đất " * 50_000).terms) == 1
    assert len(match(" ".join(f"a{number}" for number in range(50_000))).terms) == MOST_TERMS
    assert len(match('"' + "x " * 100_000).expression) < 2_000


def test_a_citation_is_of_the_latest_text_or_of_a_version(conn: sqlite3.Connection, shelf: Shelf) -> None:
    name = shelf.ids["changed"]
    latest = load(conn, name, base_url="https://tangthu.example")
    first = load(conn, name, 1, "https://tangthu.example/")
    assert latest and first
    assert (latest.title, latest.authors) == ("Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp", ("Trần Hùng",))
    assert (first.title, first.authors) == ("Huyện thu hồi 9,8 ha đất để mở rộng cụm công nghiệp", ("Lệ Minh",))
    assert latest.archived_url == f"https://tangthu.example/a/{name}"
    assert first.archived_url == f"https://tangthu.example/a/{name}/1"
    assert (latest.captured_at, first.captured_at) == ("2026-11-22T18:30:00Z", "2026-11-19T03:04:05Z")
    assert load(conn, name, 3) is None
    assert load(conn, name, 10**30) is None
    assert load(conn, "aaaaaaaaaa") is None


def test_the_source_and_the_organisation_are_cited(conn: sqlite3.Connection, shelf: Shelf) -> None:
    quoted, gone, none = (load(conn, shelf.ids[name]) for name in ("quoted", "gone", "none"))
    assert quoted and gone and none
    assert (quoted.authors, quoted.source) == (("Phạm Linh", "Văn Đoàn"), "Báo Bình Thuận")
    assert (gone.authors, gone.organisation) == ((), "Thanh tra huyện, Phòng TN&MT")
    assert none.creators == ("Cổng thông tin điện tử huyện Đức Linh",)
    assert none.published is None


def test_reading_needs_no_writing(tmp_path: Path) -> None:
    path = make(tmp_path).path
    path.chmod(0o444)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert search(reader, "đất").total
    reader.close()
