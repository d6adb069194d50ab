"""The search index follows the database, whatever happens to either."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import XUAN_TRUONG, Shelf, article, make, put

from archive.search import Filters, IndexMissing, docs, entry, keeper, layout, open_index
from archive.search.audit import check
from archive.search.keeper import Caught, catch_up, make_again
from archive.store import Store, StoreError
from archive.upkeep import Upkeep


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return make(tmp_path)


def total(shelf: Shelf, words: str) -> int:
    return docs(open_index(shelf.path), words)[0]


def change(shelf: Shelf, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(shelf.path)) as db, db:
        db.execute(sql, values)


def wrong(shelf: Shelf) -> list[str]:
    return [found.why for found in check(shelf.path)]


def state(shelf: Shelf) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(layout.state_path(shelf.path).read_text("utf-8"))
    return found


def test_what_is_new_or_said_anew_is_found_after_the_next_catch_up(shelf: Shelf) -> None:
    with Store(shelf.path) as store:
        put(store, XUAN_TRUONG, article("moi", "Bài mới về đê kè", "Kè đá bên sông."))
        assert total(shelf, "đê kè") == 0
        assert catch_up(shelf.path) == Caught(1)
        assert total(shelf, "đê kè") == 1
        put(store, XUAN_TRUONG, article("moi", "Bài đã sửa", "Bờ tre bên sông."), "2026-12-01T00:00:00Z")
    assert catch_up(shelf.path) == Caught(1)
    assert (total(shelf, "kè đá"), total(shelf, "bờ tre")) == (0, 1)
    assert catch_up(shelf.path) == Caught()
    assert wrong(shelf) == []


def test_what_is_taken_down_is_found_no_more_and_again_when_that_is_lifted(shelf: Shelf) -> None:
    for grade, count in (("unlist", 2), ("", 3), ("hide", 2), ("seal", 2)):
        change(shelf, "update articles set takedown = ? where id = ?", grade, shelf.ids["changed"])
        assert catch_up(shelf.path) == Caught(1)
        assert total(shelf, "đất đai") == count
        assert wrong(shelf) == []


def test_a_taken_down_article_is_shown_to_nobody_before_the_index_knows(shelf: Shelf) -> None:
    from archive.search import search

    change(shelf, "update articles set takedown = 'hide' where id = ?", shelf.ids["changed"])
    with closing(sqlite3.connect(shelf.path)) as conn:
        assert shelf.ids["changed"] not in {hit.id for hit in search(conn, open_index(shelf.path), "đất đai").hits}


def test_another_making_of_the_database_is_indexed_anew(shelf: Shelf) -> None:
    with Store(shelf.path) as store, Upkeep(store).emptied():
        pass
    with pytest.raises(IndexMissing, match="another making"):
        open_index(shelf.path)
    assert wrong(shelf) == []  # there is nothing to be found
    assert catch_up(shelf.path) == Caught(0, anew=True)
    assert total(shelf, "đất đai") == 0


def test_other_folding_is_indexed_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(shelf)["folder"]
    monkeypatch.setattr(layout, "folding", lambda: "otherwise")
    assert catch_up(shelf.path) == Caught(12, anew=True)
    assert state(shelf)["folder"] != before
    assert [path.name for path in layout.folder_of(shelf.path).iterdir() if path.is_dir()] == [state(shelf)["folder"]]


def test_a_database_that_lost_its_last_transactions_is_indexed_anew(shelf: Shelf) -> None:
    change(shelf, "update articles set revision = revision + 1000")
    catch_up(shelf.path)
    change(shelf, "update articles set revision = revision - 1000")
    assert catch_up(shelf.path).anew


@pytest.mark.parametrize("spoil", ["state", "half a state", "meta", "all", "another schema", "outside"])
def test_what_is_spoilt_is_told_and_made_again(shelf: Shelf, spoil: str) -> None:
    folder = layout.folder_of(shelf.path)
    inside, path = folder / state(shelf)["folder"], layout.state_path(shelf.path)
    if spoil == "state":
        path.unlink()
    elif spoil == "half a state":
        path.write_text(path.read_text("utf-8")[:30], "utf-8")
    elif spoil == "meta":
        (inside / "meta.json").write_text("{", "utf-8")
        path.write_text(path.read_text("utf-8") + " ", "utf-8")
    elif spoil == "all":
        shutil.rmtree(folder)
    else:
        other = {"schema": layout.SCHEMA + 1} if spoil == "another schema" else {"folder": "../index"}
        path.write_text(json.dumps({**state(shelf), **other}), "utf-8")
    with pytest.raises(IndexMissing, match="tangthu verify --repair"):
        open_index(shelf.path)
    assert len(wrong(shelf)) == 1
    assert catch_up(shelf.path) == Caught(12, anew=True)
    assert total(shelf, "đất đai") == 3 and wrong(shelf) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda writer, doc: writer.delete_documents_by_term(layout.DOC, doc), "lacks 1 articles, such as number 2"),
        (lambda writer, doc: writer.add_document(_document(doc + 500, "Bài lạ")), "has 1 articles that are none"),
        (lambda writer, doc: writer.add_document(_document(doc, "Bài khác")), "has other words than 1 articles"),
    ],
)
def test_one_lost_one_foreign_and_one_stale_article_are_noticed(
    shelf: Shelf, spoil: Callable[[Any, int], object], told: str
) -> None:
    writer = layout.open_(layout.folder_of(shelf.path) / state(shelf)["folder"]).writer(20_000_000, 1)
    spoil(writer, 2)
    writer.commit()
    writer.wait_merging_threads()
    path = layout.state_path(shelf.path)
    path.write_text(path.read_text("utf-8") + " ", "utf-8")  # a reader sees a commit by it
    (found,) = check(shelf.path)
    assert told in found.why and found.repair == "search" and found.fault
    assert make_again(shelf.path) == Caught(12, anew=True)
    assert wrong(shelf) == []


def _document(doc: int, title: str) -> Any:
    return entry.document(entry.Row((), False, doc, XUAN_TRUONG, title, "", "Chữ.", "", None, ""))


def test_an_article_that_changed_behind_the_revisions_is_noticed(shelf: Shelf) -> None:
    change(shelf, "drop trigger articles_changed")
    change(shelf, "update articles set text = text || ' Thêm.' where id = ?", shelf.ids["flood"])
    assert wrong(shelf) == ["the search index has other words than 1 articles, such as number 9"]


def test_what_is_not_indexed_yet_is_noted_but_no_fault(shelf: Shelf) -> None:
    change(shelf, "update articles set text = text || ' Thêm.' where id = ?", shelf.ids["flood"])
    (found,) = check(shelf.path)
    assert not found.fault and "1 articles are not in it yet" in found.why
    assert list(check(shelf.path, writing=True)) == []


def test_killed_at_any_moment_it_goes_on_and_nothing_is_twice(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    with Store(shelf.path) as store, store.atomic():
        for number in range(3_000):
            put(store, XUAN_TRUONG, article(f"so-{number}", f"Bài số {number}", f"Thân bài {number}. " * 40))
    program = (
        "import sys, time; from pathlib import Path; from archive.search import keeper; keeper._COMMIT = 400\n"
        "def step(n): print(n, flush=True); time.sleep(0.1)\n"
        "keeper.make_again(Path(sys.argv[1]), step)"
    )
    for after in (1, 2, 4, 6):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(shelf.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        for _ in range(after):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.communicate()
        with pytest.raises(IndexMissing, match="being made"):
            open_index(shelf.path)
        caught = catch_up(shelf.path)
        assert caught.anew and caught.articles <= 3_012
        assert (total(shelf, "thân bài"), wrong(shelf)) == (3_000, [])


def test_what_was_committed_but_not_said_is_done_again_and_not_twice(shelf: Shelf) -> None:
    before = layout.read_state(shelf.path)
    assert before
    with Store(shelf.path) as store:
        put(store, XUAN_TRUONG, article("moi", "Bài mới về đê kè", "Kè đá bên sông."))
    catch_up(shelf.path)
    layout.write_state(shelf.path, before)
    assert catch_up(shelf.path) == Caught(1)
    assert total(shelf, "đê kè") == 1 and wrong(shelf) == []


def test_two_at_once_are_no_error(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_PATIENCE", 0.2)
    with layout.lock_of(shelf.path).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert catch_up(shelf.path) == Caught(busy=True)
        assert make_again(shelf.path) == Caught(busy=True)
    assert total(shelf, "đất đai") == 3


def test_readers_search_while_it_is_written(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(total(shelf, "thân bài"))

    reader = threading.Thread(target=read)
    reader.start()
    with Store(shelf.path) as store:
        for number in range(30):
            put(store, XUAN_TRUONG, article(f"so-{number}", f"Bài số {number}", "Thân bài."))
            catch_up(shelf.path)
    done.set()
    reader.join()
    assert seen == sorted(seen) and total(shelf, "thân bài") == 30
    assert open_index(shelf.path).searcher.num_segments < 15


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(shelf: Shelf) -> None:
    change(shelf, "update articles set text = text || ' Thêm.' where id = ?", shelf.ids["flood"])
    layout.folder_of(shelf.path).chmod(0o555)
    with pytest.raises(StoreError, match="cannot be written"):
        catch_up(shelf.path)
    layout.folder_of(shelf.path).chmod(0o755)


def test_where_the_folder_should_be_stands_a_file(tmp_path: Path) -> None:
    shelf = make(tmp_path)
    shutil.rmtree(layout.folder_of(shelf.path))
    layout.folder_of(shelf.path).write_text("", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        catch_up(shelf.path)
    with pytest.raises(IndexMissing):
        open_index(shelf.path)
    with pytest.raises(StoreError):
        catch_up(tmp_path / "nowhere" / "tangthu.db")


def test_an_archive_without_articles_has_an_index_without_any(tmp_path: Path) -> None:
    path = tmp_path / "tangthu.db"
    Store(path).close()
    assert list(check(path)) == []
    assert catch_up(path) == Caught(0, anew=True)
    assert docs(open_index(path), "đất") == (0, ())
    assert docs(open_index(path), "", Filters(files=True)) == (0, ())


_TEXTS = st.text(max_size=60) | st.text("ăâđêôơưáàảãạ ABC.-\u0301\u0323\n", max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXTS, _TEXTS, _TEXTS, st.none() | _TEXTS | st.dates().map(str))
def test_any_text_can_be_indexed_and_is_found_by_its_words(
    shelf: Shelf, title: str, text: str, section: str, published: str | None
) -> None:
    row = entry.Row((section,), True, 77, XUAN_TRUONG, title, "", text, "", published, section)
    assert entry.stamp(row) == entry.stamp(row) != entry.stamp(replace(row, files=False))
    assert 0 <= entry.day(published) < 100_000_000
    writer = layout.open_(layout.folder_of(shelf.path) / state(shelf)["folder"]).writer(20_000_000, 1)
    try:
        writer.delete_documents_by_term(layout.DOC, 77)
        writer.add_document(entry.document(row))
        writer.commit()
    finally:
        writer.wait_merging_threads()
    path = layout.state_path(shelf.path)
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    index = open_index(shelf.path)
    for word in sorted(entry.every_word(row))[:5]:
        assert 77 in docs(index, f'"{word}"', limit=100)[1]


def test_the_index_grows_old_without_growing_large(shelf: Shelf) -> None:
    """The same articles said anew a hundred times."""
    began = time.monotonic()
    for number in range(100):
        change(shelf, "update articles set title = ? where doc <= 6", f"Lần {number}")
        assert catch_up(shelf.path) == Caught(6)
    index = open_index(shelf.path)
    assert (index.articles(), total(shelf, "lần 99")) == (12, 6)
    assert index.searcher.num_segments < 20 and time.monotonic() - began < 60
