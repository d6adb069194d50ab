"""An article is taken out of sight, and comes back: in the tables, the index, the file; whatever arrives later."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import rows
from hideable import (
    ADDRESS,
    BODY,
    BYLINE,
    OLD_TITLE,
    PAPER,
    PHOTO,
    PRINT,
    TITLE,
    WORDS,
    Hideable,
    carried_out,
    decided,
    decided_and_found,
    in_bytes,
    in_index,
    in_tables,
    make,
    paper,
    photo,
    said,
    secret,
    wrong,
)
from hypothesis import given
from hypothesis import strategies as st
from keeping import change, crawled, dumped, foreign_warc, imported, picture, rebuilt, unchanged, warcs
from rereading import ID, again, page, tangthu

from archive.decisions import Noted, decision_note, decision_of, noted
from archive.scan import files
from archive.store import Store
from archive.takedown import Decision, Place
from crawler.portal import load_all
from crawler.takedowns import Refused, opened

DATABASE = "tangthu.db"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Hideable:
    return make(tmp_path_factory.mktemp("takedown") / "data")


@pytest.fixture
def article(kept: Hideable, tmp_path: Path) -> Hideable:
    return Hideable(Path(shutil.copytree(kept.data, tmp_path / "data")), kept.id)


def withheld(article: Hideable) -> dict[str, str]:
    """Address → grade, of the captures that are not given out."""
    found = rows(article.data, "select url, withheld from captures where withheld != ''")
    return {row["url"].removeprefix("http://thu.example.vn/"): row["withheld"] for row in found}


def statements(article: Hideable) -> list[str]:
    """What the archive says, but for what was decided about it."""
    return [line for line in dumped(article.data) if '"table": "takedowns"' not in line]


def assert_hidden(article: Hideable) -> None:
    assert in_tables(article.data / DATABASE) == []
    assert in_index(article.data / DATABASE) == set()
    assert wrong(article.data) == []
    shown = rows(article.data, "select count(*) n from captures where article = ? and withheld = ''", article.id)
    assert shown == [{"n": 0}]


# The grades


def test_the_fixture_says_every_word(article: Hideable) -> None:
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1])
    assert in_index(article.data / DATABASE) >= {"choẹt", "choet", "phoạng", "thoăn"}
    assert in_bytes(article.data / DATABASE) != [] and withheld(article) == {}


def test_unlisted_it_is_in_no_index_and_still_there(article: Hideable) -> None:
    before = statements(article)
    assert decided(article, "unlist").troubles == []
    assert in_index(article.data / DATABASE) == set()
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1]) and withheld(article) == {}
    changed = set(statements(article)) ^ set(before)
    assert len(changed) == 2 and all('"table": "articles"' in line for line in changed)


@pytest.mark.parametrize("grade", ["hide", "seal"])
def test_out_of_sight_its_words_stand_nowhere(article: Hideable, grade: str) -> None:
    done = decided(article, grade)
    assert (done.troubles, done.wiped) == ([], True)
    assert_hidden(article)
    for path in article.data.glob(f"{DATABASE}*"):
        assert in_bytes(path) == [], path
    (row,) = rows(article.data, "select * from articles where id = ?", article.id)
    assert (row["takedown"], row["versions"], row["url"]) == (grade, 2, f"http://thu.example.vn/{ADDRESS}")
    grades = withheld(article)
    assert grades == {"": "hide", ADDRESS: grade, PRINT: grade, PHOTO: grade, PAPER: grade}


def test_nor_in_a_copy_for_others(article: Hideable, tmp_path: Path) -> None:
    decided(article, "hide")
    copy = tmp_path / "copy.db"
    assert tangthu(article.data, "export", "sqlite", str(copy)).returncode == 0
    assert in_bytes(copy) == [] and in_tables(copy) == []
    assert tangthu(article.data, "export", "download").returncode == 0
    (packed,) = (article.data / "export").glob("*.db.gz")
    copy.write_bytes(gzip.decompress(packed.read_bytes()))
    assert in_bytes(copy) == [] and in_tables(copy) == []


@pytest.mark.parametrize("grade", ["unlist", "hide", "seal"])
def test_lifted_everything_is_as_before(article: Hideable, grade: str) -> None:
    before = statements(article)
    decided(article, grade)
    assert statements(article) != before
    assert decided(article, "none").troubles == []
    assert statements(article) == before
    assert wrong(article.data) == []
    log = rows(article.data, "select article, grade, why, asked_by from takedowns order by id")
    common = {"article": article.id, "why": "Đời tư của người được nêu tên", "asked_by": "Gia đình"}
    assert log == [{**common, "grade": grade}, {**common, "grade": "none"}]


@pytest.mark.parametrize(
    "grades",
    [("unlist", "hide", "seal"), ("seal", "hide", "unlist", "none"), ("hide", "none", "seal"), ("seal", "unlist")],
    ids="→".join,
)
def test_every_grade_follows_on_every_other_and_a_rebuild_knows_it(article: Hideable, grades: tuple[str, ...]) -> None:
    for grade in grades:
        assert decided(article, grade).troubles == []
        assert bool(in_tables(article.data / DATABASE)) == (grade in ("unlist", "none"))
        assert bool(in_index(article.data / DATABASE)) == (grade == "none")
        before = dumped(article.data)
        rebuilt(article.data)
        assert dumped(article.data) == before
        assert wrong(article.data) == []
    for path in article.data.glob(f"{DATABASE}*"):
        path.unlink()
    rebuilt(article.data)
    assert dumped(article.data) == before


def test_what_makes_no_sense_is_refused_and_not_noted(article: Hideable) -> None:
    with opened(article.data, load_all(article.data / "portals")) as takedowns:
        for name, grade, why in (
            ("aaaaaaaaaa", "hide", "no such article"),
            (article.id, "none", "is not taken down"),
        ):
            with pytest.raises(Refused, match=why):
                takedowns.decide(name, grade, "Vì sao", "", 0, lambda _: None)
    decided(article, "hide")
    with pytest.raises(Refused, match="has the grade “hide” already"):
        decided(article, "hide")
    assert len(noted(files(article.data / "warc")).decisions) == 1


def test_decisions_of_one_second_stand_in_their_order(article: Hideable) -> None:
    for grade in ("unlist", "hide", "none"):
        decided(article, grade)
    moments = [row["at"] for row in rows(article.data, "select at from takedowns order by id")]
    assert moments == sorted(set(moments))


# What arrives later


def test_whatever_arrives_is_blank(article: Hideable, tmp_path: Path) -> None:
    decided(article, "hide")
    new = secret(f"{TITLE} lần nữa", f"{BODY} lại", day=5)
    same_elsewhere = secret(TITLE, BODY, day=6, path="tin-moi/901-ban-sao")
    crawled(article.data, [new, secret(OLD_TITLE, BODY, day=5, path=PRINT), photo(6), paper(6), same_elsewhere])
    crawled(article.data, [unchanged(ADDRESS, 7)])
    older = foreign_warc(tmp_path / "old", secret(OLD_TITLE, "xưa hơn " + BODY, day=-100), photo(-100))
    imported(article.data, older)
    assert rows(article.data, "select versions from articles where id = ?", article.id) == [{"versions": 4}]
    assert_hidden(article)
    assert "".join(row["name"] for row in rows(article.data, "select name from authors where name = ?", BYLINE)) == ""
    before = dumped(article.data)
    again(article.data)
    assert dumped(article.data) == before
    rebuilt(article.data)
    assert dumped(article.data) == before
    assert_hidden(article)
    assert decided(article, "none").restored == 4
    assert said("\n".join(dumped(article.data))) == list(WORDS[:-1]) and withheld(article) == {}
    assert wrong(article.data) == []


def test_a_new_picture_of_a_hidden_article_is_not_given_out_either(article: Hideable) -> None:
    decided(article, "hide")
    other = secret(TITLE, f"{BODY} thêm", day=5)
    crawled(article.data, [replace(other, body=other.body.replace(PHOTO.encode(), b"anh/moi.jpg"))])
    crawled(article.data, [picture("anh/moi.jpg", b"another", 6)])
    assert withheld(article)["anh/moi.jpg"] == "hide"


def test_files_that_others_use_are_given_out(article: Hideable) -> None:
    other = page("node/7", "Bài khác.", 1)
    other = replace(other, body=other.body.replace(b"</div></body>", f'<img src="/{PHOTO}"></div></body>'.encode()))
    crawled(article.data, [other])
    decided(article, "hide")
    assert PHOTO not in withheld(article) and withheld(article)[PAPER] == "hide"
    before = dumped(article.data)
    rebuilt(article.data)
    assert dumped(article.data) == before


def test_a_file_that_somebody_uses_later_is_given_out_from_then_on(article: Hideable) -> None:
    decided(article, "hide")
    other = page("node/7", "Bài khác.", 5)
    other = replace(other, body=other.body.replace(b"</div></body>", f'<img src="/{PHOTO}"></div></body>'.encode()))
    crawled(article.data, [other])
    assert PHOTO not in withheld(article)
    before = dumped(article.data)
    rebuilt(article.data)
    assert dumped(article.data) == before and wrong(article.data) == []


# Pages that name it


def test_pages_that_name_it_are_found_withheld_and_given_out_again(article: Hideable) -> None:
    beside = page("node/3", "Bài có danh sách bên cạnh.", 1)
    links = f'<div class="sidebar"><a href="/{ADDRESS}">Vừ Thuỵ C. và…</a></div></body>'.encode()
    crawled(article.data, [replace(beside, body=beside.body.replace(b"</body>", links))])
    _, found = decided_and_found(article, "hide")
    assert [page.url for page in found.pages] == ["http://thu.example.vn/node/3", "http://thu.example.vn/"]
    assert (found.looked, found.of) == (6, 6)
    home = page("", f'<a href="{ADDRESS}">{TITLE}</a>', 9, kind="page")
    crawled(article.data, [home, page("node/8", "Không nhắc tới ai.", 9)])
    assert withheld(article)["node/3"] == withheld(article)[""] == "hide" and "node/8" not in withheld(article)
    assert rows(article.data, "select count(*) n from captures where url like '%vn/' and withheld = ''") == [{"n": 0}]
    before = dumped(article.data)
    rebuilt(article.data)
    assert dumped(article.data) == before
    decided(article, "none")
    assert withheld(article) == {}


def test_who_is_named_with_another_that_stays_hidden_is_not_given_out(article: Hideable) -> None:
    both = page(
        "", f'<a href="/{ADDRESS}">Tin về một người</a> <a href="/node/1">Bài node/1, đọc ngay</a>', 2, kind="page"
    )
    crawled(article.data, [both])
    (other,) = rows(article.data, "select id from articles where url like '%node/1'")
    decided(article, "hide")
    decided(Hideable(article.data, other["id"]), "hide")
    decided(article, "none")
    found = rows(article.data, "select fetched_at, withheld from captures where url like '%vn/' order by fetched_at")
    assert [row["withheld"] for row in found] == ["hide", ""]  # the later one names only the first


def test_the_search_for_such_pages_is_bounded_and_says_so(article: Hideable) -> None:
    _, found = decided_and_found(article, "hide", most=1)
    assert (found.looked, found.of) == (1, 5) and [page.url for page in found.pages] == ["http://thu.example.vn/"]


def test_the_same_text_elsewhere_is_named(article: Hideable) -> None:
    second = secret(TITLE, BODY, day=80)
    host = "khac.example.vn"
    crawled_elsewhere = replace(second, url=f"http://{host}/node/5")
    imported(article.data, foreign_warc(article.data.parent / "w", crawled_elsewhere), only="")
    quoting = page("node/60", f"Báo cáo nhắc lại: {TITLE}, như đã đưa.", 4)
    crawled(article.data, [quoting])
    _, found = decided_and_found(article, "hide")
    (quotes,) = rows(article.data, "select id from articles where url like '%node/60'")
    assert quotes["id"] in {one.id for one in found.alike} and article.id not in {one.id for one in found.alike}


# What was interrupted, or written past it


def test_a_decision_that_was_noted_and_no_more_is_carried_out(article: Hideable) -> None:
    with opened(article.data, load_all(article.data / "portals")) as takedowns:
        takedowns.decide(article.id, "hide", "Đời tư", "", 0, lambda _: None)
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1])
    (told,) = wrong(article.data)
    assert "does not know what was decided about article" in told and "--repair" in told
    done = tangthu(article.data, "verify", "--repair")
    assert done.returncode == 0, done.stderr
    assert_hidden(article)


def test_a_decision_that_no_warc_knows_is_noted(article: Hideable) -> None:
    decided(article, "hide")
    for path in warcs(article.data):
        if path.name.startswith("takedown-"):
            path.unlink()
    (told,) = wrong(article.data)
    assert "no WARC knows" in told
    assert tangthu(article.data, "verify", "--repair").returncode == 0
    assert wrong(article.data) == []
    rebuilt(article.data)
    assert_hidden(article)


def test_words_that_something_wrote_past_the_rule_are_told_and_taken_away(article: Hideable) -> None:
    decided(article, "hide")
    change(article.data, "update attachments set text = ? where article = ?", TITLE, article.id)
    change(article.data, "update captures set withheld = '' where article = ?", article.id)
    found = "\n".join(wrong(article.data))
    assert "its words stand here" in found and "captures of it are not" in found
    assert tangthu(article.data, "verify", "--repair").returncode == 0
    assert_hidden(article)
    assert in_bytes(article.data / DATABASE) == []


def test_words_that_wait_to_be_wiped_are_told(article: Hideable) -> None:
    with closing(sqlite3.connect(article.data / DATABASE, isolation_level=None)) as reader:
        reader.execute("pragma wal_autocheckpoint = 0")
        with Store(article.data / DATABASE) as store:
            store.db.execute("pragma busy_timeout = 100")
            store.db.execute("update portals set closed = null")
        reader.execute("begin")
        reader.execute("select count(*) from articles").fetchone()
        with opened(article.data, load_all(article.data / "portals")) as takedowns:
            takedowns._db.execute("pragma busy_timeout = 100")
            takedowns.decide(article.id, "hide", "Đời tư", "", 0, lambda _: None)
            assert not takedowns.carry_out().wiped
        assert any("still stand in what is free" in told for told in wrong(article.data))
        reader.execute("rollback")
    assert carried_out(article.data).wiped
    assert wrong(article.data) == [] and in_bytes(article.data / DATABASE) == []


def test_an_article_that_other_rules_named_otherwise_stays_hidden(article: Hideable) -> None:
    """Its decision names the address, too."""
    decided(article, "hide")
    said_now = noted(files(article.data / "warc")).decisions[0]
    assert said_now.key == "vn,example,thu)/node/901"
    toml = article.data / "portals" / f"{ID}.toml"
    toml.write_text(toml.read_text("utf-8").replace("drupal7", "dnn"), "utf-8")
    rebuilt(article.data)
    (log,) = rows(article.data, "select article, grade from takedowns")
    assert log["article"] != article.id and log["grade"] == "hide"
    assert in_tables(article.data / DATABASE) == []
    assert wrong(article.data) == []
    before = dumped(article.data)
    carried_out(article.data)
    assert dumped(article.data) == before


# The notes


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
PLACES = st.lists(st.builds(Place, TEXT, st.integers(0, 2**40)), max_size=3).map(tuple)


@given(st.builds(Decision, TEXT, TEXT, st.sampled_from(["hide", "none"]), TEXT, TEXT, TEXT, PLACES, PLACES))
def test_a_note_says_what_was_decided(decision: Decision) -> None:
    import json

    from archive.warc import Record

    block = json.dumps(decision_note(decision), ensure_ascii=False).encode()
    record = Record("metadata", "urn:tangthu:takedown", page("", "").fetched_at, (), block, None, "")
    assert decision_of(record) == decision


def test_what_is_withheld_for_one_is_not_for_another() -> None:
    places = [Place("a", number) for number in range(3)]
    first = Decision("a", "ka", "hide", "1", "", "", (places[0], places[1]))
    second = Decision("b", "kb", "hide", "2", "", "", (places[1], places[2]))
    lifted = Decision("a", "ka", "none", "3", "", "", (), (places[0],))
    found = Noted([first, second, lifted])
    assert found.withheld_for("a") == {places[1]} and found.withheld_for_others("a") == {places[1], places[2]}
    assert found.withheld_for_others("b") == frozenset()  # the first is in sight again
    assert found.without_words == {"b", "kb"}


def test_a_page_of_a_crawl_does_not_read_all_articles_of_its_portal(store: Store) -> None:
    """Is something hidden? Each page asks; a portal may have a hundred thousand articles, of which none is."""
    asked: list[str] = []
    store.db.conn.set_trace_callback(asked.append)
    store.out_of_sight("nam_dinh/xuan_truong")
    store.db.conn.set_trace_callback(None)
    plans = [row[3] for sql in asked for row in store.db.execute(f"explain query plan {sql}")]
    reads = [plan for plan in plans if plan.startswith(("SEARCH a ", "SCAN a"))]
    assert reads and all("articles_takedown" in plan for plan in reads)
