"""A reader's words find what they mean, and none of them is an error."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import DUC_LINH, EMPTY, XUAN_TRUONG, Shelf, make

from archive.cite.load import load
from archive.search import (
    FURTHEST,
    MOST_TERMS,
    Facet,
    Filters,
    Reader,
    Segments,
    Sort,
    docs,
    highlight,
    open_index,
    parse,
    search,
    snippet,
)
from archive.search.forms import completes, forms, spellings


@pytest.fixture(scope="module")
def conn(shelf: Shelf) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{shelf.path}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def index(shelf: Shelf) -> Reader:
    return open_index(shelf.path)


NO_FILTERS = Filters()


def found(shelf: Shelf, words: str, filters: Filters = NO_FILTERS, sort: Sort = "rank") -> list[str]:
    """Short names of the articles, in order."""
    names = {name: short for short, name in shelf.ids.items()}
    with closing(sqlite3.connect(f"file:{shelf.path}?mode=ro", uri=True)) as conn:
        return [names[hit.id] for hit in search(conn, open_index(shelf.path), words, filters, sort).hits]


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
        ("KTXH", {"name"}),
        ("kinh tế xã hội", {"name"}),
        ("kinh te - xa hoi", {"name"}),
        ('"kinh tế xã hội"', set()),
        ("đài phát thanh", set()),
        ("14/2", set()),
        ("9,8 ha", set()),  # the old version's figure: the latest text is searched
        ("12,5 ha", {"changed"}),
        ("", set()),
        (' ""  ', set()),
        ("*** -- ()", set()),
    ],
)
def test_words_find_the_articles_that_have_them(shelf: Shelf, words: str, expected: set[str]) -> None:
    assert set(found(shelf, words)) == expected


def test_what_was_typed_ranks_above_what_is_alike(shelf: Shelf) -> None:
    assert found(shelf, "nam")[0] == "nom"
    assert found(shelf, "năm")[0] == "year"
    assert "nom" not in found(shelf, "năm")


def test_syllables_side_by_side_rank_above_scattered_ones(shelf: Shelf) -> None:
    for words in ("đất đai", "dat dai"):
        assert found(shelf, words)[-1] == "flood"


def test_wrong_diacritics_fall_back_to_none(conn: sqlite3.Connection, index: Reader) -> None:
    results = search(conn, index, "đật đãi")
    assert results.folded and (results.total, results.alike) == (3, 0)
    assert "đất đai" in marks(results.hits[0].title)
    assert not search(conn, index, "đất đai").folded
    nothing = search(conn, index, "chữ không hề có")
    assert (nothing.total, nothing.hits, nothing.folded) == (0, (), False)


def test_how_many_more_there_are_without_diacritics_is_said(conn: sqlite3.Connection, index: Reader) -> None:
    assert (search(conn, index, "năm").total, search(conn, index, "năm").alike) == (2, 1)
    assert search(conn, index, "nam").alike == 0


def test_one_portal_alone(conn: sqlite3.Connection, index: Reader, shelf: Shelf) -> None:
    assert found(shelf, "đất đai", Filters(portal=DUC_LINH)) == ["gone"]
    assert set(found(shelf, "đất đai", Filters(portal=XUAN_TRUONG))) == {"changed", "flood"}
    assert search(conn, index, "đất đai", Filters(portal=EMPTY)).total == 0


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(since="2023-02-14"), ["changed"]),
        (Filters(since="2023-02-15"), []),
        (Filters(until="2014-05-06"), ["radio", "nom"]),
        (Filters(since="2014-05-06", until="2014-05-06"), ["radio"]),
        (Filters(since="2021-01-01", until="2021-12-31"), ["border"]),
        (Filters(section="thanh tra"), ["gone"]),
        (Filters(section=unicodedata.normalize("NFD", "THÔNG BÁO")), ["files"]),
        (Filters(author="trần hùng"), ["changed", "radio"]),
        (Filters(author="  Văn   ĐOÀN"), ["quoted"]),
        (Filters(author="Trần"), []),
        (Filters(files=True), ["files"]),
        (Filters(portal=DUC_LINH, section="Thanh tra", until="2020-01-01"), ["gone"]),
        (Filters(portal=DUC_LINH), ["gone", "quoted", "none"]),
    ],
)
def test_filters_without_words_give_all_that_fit_newest_first(
    shelf: Shelf, filters: Filters, expected: list[str]
) -> None:
    assert found(shelf, "", filters) == expected
    assert found(shelf, " ", filters, "oldest") == expected[::-1] or "none" in expected


def test_articles_without_a_day_come_last_in_both_orders(shelf: Shelf) -> None:
    for sort in ("newest", "oldest"):
        names = found(shelf, "huyện", Filters(portal=DUC_LINH), sort)
        assert names == {"newest": ["gone", "quoted", "none"], "oldest": ["quoted", "gone", "none"]}[sort]


@pytest.mark.parametrize(
    "filters", [Filters(since="hôm qua"), Filters(until="2021-02"), Filters(since="２０２１-01-01")]
)
def test_what_is_no_day_is_no_bound(conn: sqlite3.Connection, index: Reader, filters: Filters) -> None:
    assert search(conn, index, "huyện", filters).total == search(conn, index, "huyện").total


def test_what_is_found_is_counted(conn: sqlite3.Connection, index: Reader) -> None:
    facets = search(conn, index, "huyện", Filters(since="2019-01-01"), facets=True).facets
    assert facets
    assert facets.portals == (Facet(XUAN_TRUONG, 3), Facet(DUC_LINH, 1))
    assert {facet.value for facet in facets.sections} == {"Tin tức", "Kinh tế", "Thông báo", "Thanh tra"}
    assert facets.authors == (Facet("Lệ Minh", 1), Facet("Trần Hùng", 1))
    # The chart over time shows what a reader may choose instead.
    assert facets.months[0][0] == "2014-05" and facets.months[-1] == ("2023-02", 1) and facets.undated == 1
    assert facets.files == 1
    assert search(conn, index, "huyện").facets is None


@pytest.mark.parametrize("words", ["huyện", "đất đai", "huyện đức linh", "UBND huyện", "huyện -đất"])
def test_pages_follow_each_other(conn: sqlite3.Connection, index: Reader, words: str) -> None:
    whole = search(conn, index, words, limit=100)
    assert len(whole.hits) == whole.total > 1
    pages = [search(conn, index, words, limit=2, offset=offset) for offset in range(0, whole.total, 2)]
    assert tuple(hit for page in pages for hit in page.hits) == whole.hits
    assert {page.total for page in pages} == {whole.total}
    assert search(conn, index, "huyện", limit=2, offset=10**9).hits == ()
    assert search(conn, index, "huyện", limit=-1, offset=-5).hits == ()


def test_numbers_alone_are_the_same_articles(conn: sqlite3.Connection, index: Reader) -> None:
    for words in ("huyện", "đật đãi", '"đất đai"', "không hề có", "*", ""):
        total, numbers = docs(index, words)
        results = search(conn, index, words, limit=100)
        ids = [conn.execute("select id from articles where doc = ?", [doc]).fetchone()[0] for doc in numbers]
        assert (total, ids) == (results.total, [hit.id for hit in results.hits])
    assert docs(index, "huyện", limit=10**9, offset=FURTHEST + 1) == (search(conn, index, "huyện").total, ())
    assert len(docs(index, "", Filters(portal=XUAN_TRUONG), "newest", limit=2)[1]) == 2


def test_a_hit_says_what_a_list_needs(conn: sqlite3.Connection, index: Reader, shelf: Shelf) -> None:
    (hit,) = search(conn, index, "đất đai", Filters(portal=DUC_LINH)).hits
    assert text(hit.title) == "Công khai kết luận thanh tra việc sử dụng đất đai tại xã Đức Hạnh"
    assert marks(hit.title) == marks(hit.snippet) == ["đất đai"]
    assert (hit.id, hit.portal, hit.section) == (shelf.ids["gone"], DUC_LINH, "Thanh tra")
    assert (hit.published, hit.gone_since, hit.versions) == ("2019-07-02", "2026-11-20T23:30:00Z", 1)


def test_the_snippet_is_the_place_where_the_words_meet(conn: sqlite3.Connection, index: Reader, shelf: Shelf) -> None:
    hits = {hit.id: hit for hit in search(conn, index, "dat dai").hits}
    flood = hits[shelf.ids["flood"]].snippet
    assert text(flood).startswith("… Đoạn giữa bài nói về quỹ đất và về đai an toàn.")
    assert marks(flood) == ["đất", "đai"]
    assert text(flood).endswith(" …")


def test_marks_stand_on_the_unfolded_text() -> None:
    line = "Luật Đất đai, hoà bình và đất/đai ở Đak Đoa"
    assert marks(highlight(line, parse("dat dai"))) == ["Đất đai", "đất", "đai"]
    assert marks(highlight(line, parse('"dat dai"'))) == ["Đất đai", "đất/đai"]
    assert marks(highlight(line, parse("hòa"))) == ["hoà"]
    assert marks(highlight(line, parse("đat"))) == ["Đất", "đất"]
    assert marks(highlight(line, parse("đạt"))) == []
    assert marks(highlight(line, parse("đạt").folded())) == ["Đất", "đất"]
    assert highlight("", parse("a")) == ()


def test_marks_show_what_a_short_form_found() -> None:
    line = "Chủ tịch Ủy ban nhân dân huyện và UBND các xã; uy ban kia"
    assert marks(highlight(line, parse("UBND"))) == ["Ủy ban nhân dân", "UBND"]
    assert marks(highlight(line, parse("uỷ ban nhân dân"))) == ["Ủy ban nhân dân", "UBND", "ban"]
    assert marks(highlight(line, parse('"ủy ban nhân dân"'))) == ["Ủy ban nhân dân"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("words", ["trường học", "TRƯỜNG HỌC", "truong hoc", "trương hoc", "Trường Hoc"])
def test_marks_are_found_in_any_composition_and_case(words: str, form: str) -> None:
    line = unicodedata.normalize(form, "Các Trường học, TRƯỜNG HỌC và trướng hộc")  # type: ignore[arg-type]
    asked = parse(unicodedata.normalize(form, words))  # type: ignore[arg-type]
    expected = ["Trường học", "TRƯỜNG HỌC", *(["trướng hộc"] if words in ("truong hoc", "trương hoc") else [])]
    assert [unicodedata.normalize("NFC", piece) for piece in marks(highlight(line, asked))][:2] == expected[:2]


@pytest.mark.parametrize(
    ("typed", "word", "fits"),
    [
        ("trương", "trường", True), ("trường", "trương", False), ("truong", "trường", True), ("đat", "đất", True),
        ("đat", "dắt", False), ("quyêt", "quyết", True), ("dat", "đạt", True), ("dat", "dan", False),
        ("hòa", "hóa", False), ("nguyen", "nguyễn", True), ("ư", "ứ", True), ("u", "ứ", True), ("ắ", "ấ", False),
    ],
)  # fmt: skip
def test_a_mark_that_was_typed_must_be_there_and_one_that_was_not_may(typed: str, word: str, fits: bool) -> None:
    assert completes(typed, word) is fits
    assert (word in spellings(typed)) is fits


@given(st.sampled_from(["trường", "đất", "quyết", "nguyễn", "khuỷu", "giường", "hòa", "thúy", "ủy", "đắk"]), st.data())
def test_any_part_of_the_marks_may_be_left_out(word: str, data: st.DataObject) -> None:
    decomposed = unicodedata.normalize("NFD", word)
    kept = [c for c in decomposed if not unicodedata.combining(c) or data.draw(st.booleans())]
    typed = unicodedata.normalize("NFC", "".join(kept))
    if data.draw(st.booleans()):
        typed = typed.replace("đ", "d")
    assert completes(typed, word) and word in spellings(typed)


@given(st.text(max_size=12))
def test_spellings_are_few_and_complete_what_was_typed(typed: str) -> None:
    exact, bare = forms(typed)
    found = spellings(exact)
    assert found[0] == exact and len(found) < 1000
    assert all(completes(exact, other) and (other == exact or forms(other)[1] == bare) for other in found)


@pytest.mark.parametrize(
    "words",
    ["OR", "a OR", "NOT a", "NEAR(a b)", '"', '""""', "a*", "^a", "{title}:a", "title : a", "a\x00b", "(", ")", "-a",
     "+", "'; drop table articles; --", "\ud800", "́", "a AND", "%", "\\", "ǅ ß İ ﬁ ½ ² \U0001f600 \ue000", "--",
     "- -a", '-"', '-"a', '"a"-"b"', "-", "−x", '“”„‟«»＂', "a~2", "a^3", "[a TO b]", "exact:đất", "/.*/", "*:*", "🇻🇳",
     "trương" * 90,
     "đ" * 600, "đat " * 150, " ".join(f"đuong{n}" for n in range(90))],
)  # fmt: skip
def test_syntax_of_the_index_is_only_words(conn: sqlite3.Connection, index: Reader, words: str) -> None:
    for asked in (words, f'"{words}" {words}', f"{words} {words} -{words}"):
        found = search(conn, index, asked, facets=True)
        assert len(found.hits) <= found.total


@given(
    st.text(max_size=80), st.sampled_from(["rank", "newest", "oldest"]), st.integers(-(10**20), 10**20), st.booleans()
)
def test_any_words_can_be_asked(
    conn: sqlite3.Connection, index: Reader, words: str, sort: Sort, number: int, facets: bool
) -> None:
    results = search(conn, index, words, NO_FILTERS, sort, number, number, facets)
    assert len(results.hits) <= results.total


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=12), st.text(max_size=12))
def test_any_filters_can_be_asked(
    index: Reader, portal: str, section: str, author: str, since: str, until: str
) -> None:
    total, numbers = docs(index, "", Filters(portal, section, author, since, until, files=True), "newest")
    assert len(numbers) <= total


@given(st.text(max_size=300), st.text(max_size=40))
def test_marking_loses_nothing(content: str, words: str) -> None:
    wanted = parse(words)
    pieces = highlight(content, wanted)
    assert text(pieces) == content
    assert all(piece for piece, _ in pieces)
    assert all(second != first for (_, first), (_, second) in pairwise(pieces))
    assert len(text(snippet(content, wanted, 100))) <= 104


_LETTERS = st.text("aáàạăắâấĂdđĐoơờóuưựtrngcHhK ./-\u0301\u0323ßŋ5", max_size=60)


@given(_LETTERS, _LETTERS)
def test_the_quick_way_to_marks_gives_what_the_slow_one_does(content: str, words: str) -> None:
    """A text with combining marks is looked at word by word: one at its end makes it so."""
    wanted, content = parse(words), unicodedata.normalize("NFC", content)
    assert highlight(f"{content} = ", wanted) == _without_end(highlight(f"{content} = e\u0301", wanted))


def _without_end(segments: Segments) -> Segments:
    *first, (last, is_hit) = segments
    return (*first, (last.removesuffix("e\u0301"), is_hit))


def test_long_questions_are_cut() -> None:
    assert len(parse("đất " * 50_000).needs) == 1
    assert len(parse(" ".join(f"a{number}" for number in range(50_000))).needs) == MOST_TERMS
    assert len(parse('"' + "x " * 100_000).runs[0]) == MOST_TERMS


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
    for one in (path, *(tmp_path / "index").rglob("*")):
        one.chmod(0o555 if one.is_dir() else 0o444)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        assert search(reader, open_index(path), "đất").total
