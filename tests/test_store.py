"""What the archive keeps of an article, and what a reader's words find in it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.model import Article, Attachment, Byline, Image
from archive.store import CaptureRow, Saved, Store, StoreError
from archive.text import fold

PORTAL = {
    "id": "nam_dinh/xuan_truong", "name": "Trang thông tin điện tử huyện Xuân Trường", "district": "Huyện Xuân Trường",
    "province": "Nam Định", "home": "http://a.vn/", "platform": "drupal7", "closed": None,
}  # fmt: skip
ARTICLE = Article(
    url="http://a.vn/tin-tuc/dat-dai",
    title="Hội nghị về đất đai tại huyện Đức Linh",
    html="<p>…</p>",
    text="Sáng 6/1, huyện Đức Linh họp về quản lý đất đai.\n\nUỷ ban nhân dân các xã báo cáo.",
    byline=Byline("T/h: Lệ Minh", "T/h", ("Lệ Minh",)),
    published="2021-01-06T08:30:00+07:00",
    section="Tin tức",
    images=(Image("http://a.vn/1.jpg", "Quang cảnh hội nghị"),),
    attachments=(Attachment("http://a.vn/1.pdf", "Báo cáo"),),
    rules="drupal7",
)
CHANGED = replace(ARTICLE, text="Sáng 6/1, huyện Đức Linh họp về giao thông.")


class Desk:
    """Brings captures to a store, as a crawl does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.save_portal(PORTAL)

    def show(
        self, article: Article, day: str = "2021-01-10", at: str = "", number: str = "", portal: str = ""
    ) -> Saved:
        """The article is seen on ``day`` at the address ``at`` (its own when "")."""
        row = replace(self.capture(at or article.url, day), portal=portal or PORTAL["id"])
        with self.store.atomic():
            return self.store.save_article(self.store.save_capture(row), row, article, number)

    def capture(self, url: str, day: str) -> CaptureRow:
        return CaptureRow(
            portal=PORTAL["id"] or "", crawl=None, url=url, fetched_at=f"{day}T00:00:00Z", status=200,
            media_type="text/html", digest="sha1:" + day, etag='"1"', last_modified="", warc="a.warc.gz", offset=0,
            length=9, source="live",
        )  # fmt: skip

    def row(self, article: str) -> dict[str, object]:
        return dict(self.store.db.table("articles").get(article))

    def versions(self, article: str) -> list[str]:
        found = self.store.db.execute("select text from versions where article = ? order by number", [article])
        return [text for (text,) in found]

    def found(self, words: str) -> list[str]:
        """The addresses of the articles in which these words stand one behind the other, as typed or folded."""
        query = "select url from articles where doc in (select rowid from articles_fts where articles_fts match ?)"
        return [url for (url,) in self.store.db.execute(query, [f'"{words}"'])]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "tangthu.db") as store:
        yield store
        assert store.db.execute("pragma foreign_key_check").fetchall() == []
        assert store.db.execute("pragma integrity_check").fetchone() == ("ok",)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


# New, same, changed


def test_a_new_article_is_kept_with_its_parts(desk: Desk) -> None:
    saved = desk.show(ARTICLE)
    assert saved.outcome == "new"
    row = desk.row(saved.article)
    assert row["title"] == ARTICLE.title
    assert row["text"] == ARTICLE.text
    assert (row["byline"], row["role"], row["organisation"], row["source"]) == ("T/h: Lệ Minh", "T/h", None, None)
    assert (row["published"], row["section"], row["versions"]) == ("2021-01-06T08:30:00+07:00", "Tin tức", 1)
    assert row["first_seen"] == row["last_seen"] == "2021-01-10T00:00:00Z"
    rows = desk.store.db.execute
    assert rows("select name, role from authors").fetchall() == [("Lệ Minh", "T/h")]
    assert rows("select url, caption from images").fetchall() == [("http://a.vn/1.jpg", "Quang cảnh hội nghị")]
    assert rows("select url, label from attachments").fetchall() == [("http://a.vn/1.pdf", "Báo cáo")]


def test_the_same_article_is_seen_again(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    again = desk.show(ARTICLE, "2021-02-10")
    assert again == Saved(first.article, "same")
    row = desk.row(first.article)
    assert (row["first_seen"], row["last_seen"]) == ("2021-01-10T00:00:00Z", "2021-02-10T00:00:00Z")
    assert desk.versions(first.article) == [ARTICLE.text]


def test_a_changed_article_gets_a_version_and_keeps_the_old_one(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    assert desk.show(CHANGED, "2021-02-10") == Saved(first.article, "changed")
    assert desk.versions(first.article) == [ARTICLE.text, CHANGED.text]
    assert (desk.row(first.article)["text"], desk.row(first.article)["versions"]) == (CHANGED.text, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Hội nghị"}, {"summary": "Tóm tắt"}, {"text": "Khác."},
        {"byline": Byline("Văn Đoàn", "", ("Văn Đoàn",))},
        {"published": "2021-01-07"}, {"published": None}, {"section": "Kinh tế"}, {"images": ()}, {"attachments": ()},
    ],
)  # fmt: skip
def test_any_field_a_reader_sees_makes_a_version(desk: Desk, change: dict[str, object]) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    assert desk.show(replace(ARTICLE, **change), "2021-02-10") == Saved(first.article, "changed")


@pytest.mark.parametrize("change", [{"html": "<p>other mark-up</p>"}, {"rules": "drupal7+own"}])
def test_mark_up_alone_makes_no_version(desk: Desk, change: dict[str, object]) -> None:
    desk.show(ARTICLE, "2021-01-10")
    assert desk.show(replace(ARTICLE, **change), "2021-02-10").outcome == "same"


def test_what_a_changed_article_no_longer_has_is_gone_from_its_parts(desk: Desk) -> None:
    desk.show(ARTICLE, "2021-01-10")
    desk.show(replace(ARTICLE, byline=Byline(), images=(), attachments=()), "2021-02-10")
    assert [desk.store.count(table) for table in ("authors", "images", "attachments")] == [0, 0, 0]


def test_a_change_that_is_taken_back_is_a_third_version(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    desk.show(CHANGED, "2021-02-10")
    assert desk.show(ARTICLE, "2021-03-10") == Saved(first.article, "changed")
    assert desk.versions(first.article) == [ARTICLE.text, CHANGED.text, ARTICLE.text]
    assert desk.show(ARTICLE, "2021-04-10").outcome == "same"


# One article under several addresses


@pytest.mark.parametrize("at", ["http://a.vn/print/12", "http://a.vn/node/12", "http://a.vn/kinh-te/dat-dai"])
def test_another_view_never_makes_a_version(desk: Desk, at: str) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    other = replace(CHANGED, title="Bản in: " + ARTICLE.title)
    assert desk.show(other, "2021-02-10", at=at) == Saved(first.article, "same")
    assert desk.row(first.article)["text"] == ARTICLE.text
    assert desk.versions(first.article) == [ARTICLE.text]


def test_a_view_without_canonical_link_is_known_by_its_number(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10", number="drupal7/12")
    view = replace(CHANGED, url="http://a.vn/print/12")
    assert desk.show(view, "2021-02-10", at="http://a.vn/node/12", number="drupal7/12") == Saved(first.article, "same")
    assert desk.store.count("articles") == 1


def test_a_view_is_known_by_the_short_link_of_the_page(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10", at="http://a.vn/node/12")
    assert desk.show(replace(ARTICLE, aliases=("http://a.vn/node/12",)), "2021-01-11").article == first.article
    assert desk.store.count("articles") == 1


def test_the_own_page_replaces_what_was_read_off_a_print_view(desk: Desk) -> None:
    first = desk.show(CHANGED, "2021-01-10", at="http://a.vn/print/12")
    assert desk.show(ARTICLE, "2021-01-11") == Saved(first.article, "same")
    assert desk.versions(first.article) == [ARTICLE.text]
    assert desk.row(first.article)["text"] == ARTICLE.text
    assert desk.found("giao thông") == []
    assert desk.found("đất đai") == [ARTICLE.url]


@pytest.mark.parametrize("same", ["https://www.a.vn/tin-tuc/dat-dai/", "http://a.vn/tin-tuc/dat-dai?sid=4"])
def test_scheme_and_session_make_no_other_article(desk: Desk, same: str) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    assert desk.show(replace(CHANGED, url=same), "2021-02-10") == Saved(first.article, "changed")


def test_a_second_copy_within_days_is_the_same_article(desk: Desk) -> None:
    first = desk.show(ARTICLE)
    copy = replace(ARTICLE, url="http://a.vn/thong-bao/dat-dai", section="Thông báo", published="2021-01-08")
    assert desk.show(copy, "2021-01-11") == Saved(first.article, "same")
    assert desk.store.count("articles") == 1


def test_a_yearly_repeat_is_an_article_of_its_own(desk: Desk) -> None:
    first = desk.show(ARTICLE)
    repeat = replace(ARTICLE, url="http://a.vn/tin-tuc/dat-dai-0", published="2022-01-06")
    again = desk.show(repeat, "2022-01-07")
    assert again.outcome == "new"
    assert again.article != first.article


def test_equal_text_on_another_portal_is_another_article(desk: Desk) -> None:
    desk.store.save_portal({**PORTAL, "id": "nam_dinh/giao_thuy"})
    first = desk.show(ARTICLE)
    other = desk.show(replace(ARTICLE, url="http://b.vn/tin-tuc/dat-dai"), portal="nam_dinh/giao_thuy")
    assert other.outcome == "new"
    assert other.article != first.article


def test_an_id_does_not_depend_on_the_order_of_arrival(tmp_path: Path) -> None:
    articles = [replace(ARTICLE, url=f"http://a.vn/{n}", text=f"Bài số {n}.") for n in range(5)]
    ids = []
    for name, order in (("one.db", articles), ("other.db", articles[::-1])):
        with Store(tmp_path / name) as store:
            desk = Desk(store)
            ids.append({article.url: desk.show(article).article for article in order})
    assert ids[0] == ids[1]


# Old captures


def test_an_older_capture_adds_a_version_and_leaves_the_latest_text(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    assert desk.show(CHANGED, "2019-05-01") == Saved(first.article, "changed")
    row = desk.row(first.article)
    assert (row["text"], row["versions"]) == (ARTICLE.text, 2)
    assert (row["first_seen"], row["last_seen"]) == ("2019-05-01T00:00:00Z", "2021-01-10T00:00:00Z")
    assert sorted(desk.versions(first.article)) == sorted([ARTICLE.text, CHANGED.text])
    assert desk.found("đất đai") == [ARTICLE.url]
    assert desk.found("giao thông") == []


def test_an_older_capture_of_a_known_version_adds_none(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    desk.show(CHANGED, "2021-02-10")
    assert desk.show(ARTICLE, "2021-01-20") == Saved(first.article, "same")
    assert desk.show(CHANGED, "2021-02-20") == Saved(first.article, "same")
    assert len(desk.versions(first.article)) == 2


def test_after_an_older_capture_the_next_change_is_a_change_of_the_latest(desk: Desk) -> None:
    first = desk.show(ARTICLE, "2021-01-10")
    desk.show(CHANGED, "2019-05-01")
    third = replace(ARTICLE, text="Hội nghị đã hoãn.")
    assert desk.show(third, "2021-03-01").outcome == "changed"
    assert desk.row(first.article)["text"] == third.text
    assert desk.row(first.article)["versions"] == 3
    assert desk.show(third, "2021-04-01").outcome == "same"


# What is not written again


def test_an_unchanged_article_costs_two_small_writes(desk: Desk) -> None:
    desk.show(ARTICLE, "2021-01-10")
    desk.show(ARTICLE, "2021-01-11")
    connection = desk.store.db.conn
    before = connection.total_changes
    desk.show(ARTICLE, "2021-01-12")
    # The capture, its article, and the day it was last seen; neither text, parts nor index.
    assert connection.total_changes - before <= 3


def test_a_portal_that_did_not_change_is_not_written_again(desk: Desk) -> None:
    before = desk.store.db.conn.total_changes
    desk.store.save_portal(dict(PORTAL))
    assert desk.store.db.conn.total_changes == before
    desk.store.save_portal({**PORTAL, "closed": "2025-07-01"})
    assert desk.store.db.table("portals").get(PORTAL["id"])["closed"] == "2025-07-01"


# Gone, and back again


def test_gone_and_back_again(desk: Desk) -> None:
    article = desk.show(ARTICLE, "2021-01-10").article
    assert desk.store.article_at("https://www.a.vn/tin-tuc/dat-dai") == article
    assert desk.store.look(article, "gone", "2021-02-01T00:00:00Z")
    assert not desk.store.look(article, "gone", "2021-03-01T00:00:00Z")
    row = desk.row(article)
    assert (row["state"], row["gone_since"], row["state_looks"]) == ("gone", "2021-02-01T00:00:00Z", 2)
    assert desk.store.unchanged_since(article) == "2021-02-01T00:00:00Z"
    assert desk.found("đất đai") == [ARTICLE.url]
    assert desk.show(ARTICLE, "2021-04-01").outcome == "same"
    row = desk.row(article)
    assert (row["state"], row["state_since"], row["state_looks"], row["gone_since"]) == ("live", None, 0, None)
    assert desk.store.unchanged_since(article) == "2021-01-10T00:00:00Z"


def test_a_look_says_blocked_then_gone_then_blocked_again(desk: Desk) -> None:
    article = desk.show(ARTICLE, "2021-01-10").article
    assert desk.store.look(article, "blocked", "2021-02-01T00:00:00Z")
    assert not desk.store.look(article, "blocked", "2021-02-02T00:00:00Z")
    row = desk.row(article)
    assert (row["state"], row["state_since"], row["state_looks"], row["gone_since"]) == (
        "blocked",
        "2021-02-01T00:00:00Z",
        2,
        None,
    )
    assert desk.store.look(article, "gone", "2021-02-03T00:00:00Z")
    assert desk.row(article)["gone_since"] == "2021-02-03T00:00:00Z"
    assert desk.store.look(article, "dark: dns", "2021-02-04T00:00:00Z")
    assert desk.row(article)["gone_since"] is None


def test_a_look_from_before_the_article_was_last_seen_says_nothing(desk: Desk) -> None:
    article = desk.show(ARTICLE, "2021-01-10").article
    assert not desk.store.look(article, "gone", "2020-01-01T00:00:00Z")
    assert desk.row(article)["state"] == "live"


def test_a_portals_state_follows_its_home_page(desk: Desk) -> None:
    for verdict, day in (("", 1), ("dark: dns", 2), ("dark: dns", 3)):
        desk.store.look_at_portal(PORTAL["id"], verdict, f"2021-01-0{day}T00:00:00Z")
    row = desk.store.db.table("portals").get(PORTAL["id"])
    assert (row["state"], row["state_since"], row["state_looks"]) == ("dark: dns", "2021-01-02T00:00:00Z", 2)


def test_a_page_that_was_there_is_known_before_a_server_in_trouble(desk: Desk) -> None:
    desk.show(ARTICLE, "2021-01-10")
    known = desk.store.known(ARTICLE.url)
    desk.store.save_capture(replace(desk.capture(ARTICLE.url, "2021-02-01"), status=503, digest="sha1:X"))
    assert desk.store.known(ARTICLE.url) == known


def test_another_writer_is_waited_for(desk: Desk) -> None:
    """Not even one who reads first and then writes is told that the database is locked."""
    path = Path(desk.store.db.execute("pragma database_list").fetchone()[2])
    begun = threading.Event()

    def other() -> None:
        with Store(path) as store, store.atomic():
            begun.set()
            time.sleep(0.3)
            store.save_portal({**PORTAL, "id": "a/other"})

    thread = threading.Thread(target=other)
    thread.start()
    begun.wait()
    with desk.store.atomic():
        assert desk.store.has_portal("a/other")
        desk.store.save_portal({**PORTAL, "id": "a/third"})
    thread.join()
    assert desk.store.has_portal("a/third")


def test_an_older_capture_does_not_bring_a_gone_article_back(desk: Desk) -> None:
    article = desk.show(ARTICLE, "2021-01-10").article
    desk.store.look(article, "gone", "2021-02-01T00:00:00Z")
    desk.show(ARTICLE, "2019-01-01")
    desk.show(ARTICLE, "2021-01-20")
    assert desk.row(article)["gone_since"] == "2021-02-01T00:00:00Z"


def test_no_article_stands_at_an_unknown_address(desk: Desk) -> None:
    assert desk.store.article_at("http://a.vn/nothing") is None
    assert desk.store.known("http://a.vn/nothing") is None


# Captures


def test_what_is_known_of_an_address(desk: Desk) -> None:
    saved = desk.show(ARTICLE, "2021-01-10")
    known = desk.store.known("https://a.vn/tin-tuc/dat-dai/")
    assert known is not None
    assert (known.article, known.status, known.etag) == (saved.article, 200, '"1"')
    assert desk.store.has_capture(ARTICLE.url, "2021-01-10T00:00:00Z", "sha1:2021-01-10")
    assert not desk.store.has_capture(ARTICLE.url, "2021-01-10T00:00:00Z", "sha1:other")


def test_a_revisit_stands_for_the_page_it_confirms(desk: Desk) -> None:
    saved = desk.show(ARTICLE, "2021-01-10")
    known = desk.store.known(ARTICLE.url)
    assert known is not None
    row = CaptureRow(
        portal=PORTAL["id"], crawl=None, url=ARTICLE.url, fetched_at="2021-03-10T00:00:00Z", status=304, media_type="",
        digest=known.digest, etag='"1"', last_modified="", warc="b.warc.gz", offset=0, length=9, source="live",
        revisit_of=known.original,
    )  # fmt: skip
    desk.store.save_revisit(row, known.article)
    again = desk.store.known(ARTICLE.url)
    assert again is not None
    assert (again.status, again.original, again.article) == (200, known.original, saved.article)
    assert again.fetched_at == "2021-03-10T00:00:00Z"
    assert desk.row(saved.article)["last_seen"] == "2021-03-10T00:00:00Z"


def test_a_crawl_has_a_row(desk: Desk) -> None:
    crawl = desk.store.begin_crawl(str(PORTAL["id"]), "2021-01-10T00:00:00Z")
    desk.store.end_crawl(crawl, "2021-01-10T00:05:00Z", "finished", {"requests": 7, "new": 3})
    row = desk.store.db.table("crawls").get(crawl)
    assert (row["why"], row["requests"], row["new"], row["gone"]) == ("finished", 7, 3, 0)


def test_half_a_step_is_no_step(desk: Desk) -> None:
    with pytest.raises(RuntimeError), desk.store.atomic():
        desk.show(ARTICLE)
        raise RuntimeError
    assert [desk.store.count(table) for table in ("articles", "captures", "versions")] == [0, 0, 0]
    assert desk.found("đất đai") == []


# Search


@pytest.mark.parametrize(
    "words", ["đất đai", "dat dai", "Đức Linh", "đức linh", "duc linh", "huyện", "huyen", "Lệ Minh", "ủy ban", "uy ban"]
)
def test_words_that_are_found(desk: Desk, words: str) -> None:
    desk.show(ARTICLE)
    assert desk.found(words) == [ARTICLE.url]


@pytest.mark.parametrize("words", ["huyền", "đắt đai", "dất đai", "đức lĩnh", "giao thông"])
def test_words_with_other_marks_are_other_words(desk: Desk, words: str) -> None:
    desk.show(ARTICLE)
    assert desk.found(words) == []


def test_after_a_change_the_old_words_are_not_found_any_more(desk: Desk) -> None:
    desk.show(ARTICLE, "2021-01-10")
    title = replace(
        CHANGED, title="Hội nghị về giao thông tại huyện Đức Linh", byline=Byline("Văn Đoàn", "", ("Văn Đoàn",))
    )
    desk.show(title, "2021-02-10")
    for old in ("đất đai", "dat dai", "Lệ Minh", "le minh"):
        assert desk.found(old) == []
    for new in ("giao thông", "giao thong", "van doan", "duc linh"):
        assert desk.found(new) == [ARTICLE.url]
    desk.store.db.execute("insert into articles_fts(articles_fts) values ('integrity-check')")


WORDS = st.text(st.sampled_from('aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầứừựếềệHĐUỶ -.,"*'), max_size=30)


@given(st.lists(WORDS, min_size=2, max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_the_index_holds_exactly_the_latest_words(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    with Store(tmp_path_factory.mktemp("store") / "tangthu.db") as store:
        desk = Desk(store)
        for month, text in enumerate(texts, 1):
            desk.show(replace(ARTICLE, title="0", byline=Byline(), text=text), f"2021-{month:02}-01")
        for word in {word for text in texts for word in "".join(c if c.isalpha() else " " for c in fold(text)).split()}:
            latest = "".join(c if c.isalpha() else " " for c in fold(texts[-1])).split()
            assert bool(desk.found(word)) == (word in latest)


# The file


def test_reopening_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "tangthu.db"
    with Store(path) as store:
        article = Desk(store).show(ARTICLE).article
    with Store(path) as store:
        desk = Desk(store)
        assert desk.row(article)["title"] == ARTICLE.title
        assert desk.found("duc linh") == [ARTICLE.url]
        assert desk.show(ARTICLE, "2021-02-01") == Saved(article, "same")


def test_a_reader_may_read_while_the_archive_is_written(tmp_path: Path) -> None:
    path = tmp_path / "tangthu.db"
    with Store(path) as store:
        desk = Desk(store)
        desk.show(ARTICLE)
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        with store.atomic():
            desk.show(CHANGED, "2021-02-01")
            assert reader.execute("select versions from articles").fetchall() == [(1,)]
        assert reader.execute("select versions from articles").fetchall() == [(2,)]
        reader.close()


@pytest.mark.parametrize("content", [b"Tang Thu, but no database. " * 40, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tangthu.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"tangthu\.db"):
        Store(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        Store(tmp_path / "missing" / "tangthu.db")


def test_a_capture_of_an_unknown_portal_is_refused(desk: Desk) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        desk.show(ARTICLE, portal="an_giang/tri_ton")


# Pictures and files


def test_a_file_that_was_fetched_is_told_to_the_articles_that_link_it(desk: Desk) -> None:
    first = desk.show(ARTICLE).article
    row = replace(desk.capture("http://www.a.vn/1.pdf", "2021-01-11"), media_type="application/pdf")
    number = desk.store.save_capture(row)
    desk.store.save_file(number, row, 1234)
    second = desk.show(replace(ARTICLE, url="http://a.vn/khac", title="Khác", published=None), "2021-01-12").article
    desk.show(CHANGED, "2021-02-10")  # a new version writes the parts anew
    found = desk.store.db.execute("select article, capture, media_type, bytes, digest from attachments").fetchall()
    assert sorted(found) == sorted(
        (article, number, "application/pdf", 1234, "sha1:2021-01-11") for article in (first, second)
    )


def test_a_picture_that_was_fetched_before_is_known_to_a_new_article(desk: Desk) -> None:
    row = replace(desk.capture("http://a.vn/1.jpg", "2021-01-09"), media_type="image/jpeg")
    number = desk.store.save_capture(row)
    desk.store.save_file(number, row, 10)
    desk.show(ARTICLE)
    assert desk.store.db.execute("select capture from images").fetchall() == [(number,)]
