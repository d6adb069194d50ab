"""The public page of health, and what monitors read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from country import EMPTY, IMPORTED, country, look
from hypothesis import given
from hypothesis import strategies as st
from rooms import Site, words
from shelf import DUC_LINH, XUAN_TRUONG, Shelf

from archive.health import Reason
from archive.health.reasons import WORDS
from archive.plugin import wording
from archive.plugin.overview import health
from archive.store import Store

LOCALE = Path(wording.__file__).parent / "locale"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return country(tmp_path)


@pytest.fixture
def site(shelf: Shelf) -> Iterator[Site]:
    built = Site(shelf)
    yield built
    built.loop.close()


def sick(shelf: Shelf) -> None:
    """Xuân Trường does not answer, in two looks."""
    with Store(shelf.path) as store:
        for at in ("2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z", "2026-11-25T18:00:00Z"):
            look(store, XUAN_TRUONG, "dark: silent", at)


def test_every_portal_is_judged_and_every_reason_has_words(site: Site) -> None:
    page = site.read("/health")
    assert words(page, ".verdict").startswith("Không cổng nào có vấn đề")
    judged = {str(one.a["href"]): words(one, "h2 .state") for one in page.select(".judgements > li") if one.a}
    assert judged == {
        f"/portal/{EMPTY}": "chưa đủ căn cứ",
        f"/portal/{IMPORTED}": "chưa đủ căn cứ",
        f"/portal/{XUAN_TRUONG}": "chưa đủ căn cứ",
        f"/portal/{DUC_LINH}": "đã đóng, không thu thập nữa",
    }
    assert "chưa được thu thập lần nào Việc cần làm: chạy tangthu crawl an_giang/tri_ton" in words(page, ".reasons")
    assert "chỉ có bản nhập từ kho khác" in words(page, ".reasons")
    assert page.select_one("meta[name=robots][content=noindex]")


def test_the_ill_come_first_with_what_is_the_matter(site: Site, shelf: Shelf) -> None:
    sick(shelf)
    page = site.read("/health")
    assert words(page, ".verdict.is-ill") == "Số cổng có vấn đề: 1."
    first = page.select_one(".judgements > li")
    assert first and words(first, "h2 .state") == "có vấn đề"
    assert words(first, ".reasons li.is-ill").startswith(
        "không trả lời từ 24/11/2026 (3 lần xem): máy chủ im lặng Việc cần"
    )
    english = site.read("/health?lang=en")
    assert "it has not answered since 24 November 2026 (3 looks): its server is silent" in words(english, ".reasons")


def test_it_is_narrowed_by_state(site: Site) -> None:
    page = site.read("/health?state=closed")
    assert [words(one, "h2 a") for one in page.select(".judgements > li")] == ["Cổng thông tin điện tử huyện Đức Linh"]
    assert words(page, ".choices [aria-current]") == "đã đóng, không thu thập nữa 1"
    assert words(page, ".choices a:first-child") == "tất cả 4"
    assert "Không có cổng nào như vậy" in words(site.read("/health?state=ill"), ".empty")
    assert len(site.read("/health?state=lạ").select(".judgements > li")) == 4


def test_many_portals_have_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "IN_TABLE", 3)
    assert [len(site.read(f"/health?trang={n}").select(".judgements > li")) for n in (1, 2, 99)] == [3, 1, 1]


def test_it_says_what_was_written_last(site: Site, shelf: Shelf) -> None:
    facts = words(site.read("/health"), ".facts")
    pattern = r"Cơ sở dữ liệu đổi lần cuối lúc \d\d/\d\d/\d{4} [\d:]+ \S+ lần chụp lưu sau cùng là của 03/02/2019"
    assert re.search(pattern, facts)
    assert "khớp với cơ sở dữ liệu" in facts
    with Store(shelf.path) as store:
        store.db.execute("update articles set title = 'Khác' where id = ?", [shelf.ids["flood"]])
    assert "còn thiếu 1 bài mới hoặc vừa đổi" in words(site.read("/health"), ".facts")
    with Store(shelf.path) as store:
        store.db.execute("update editions set id = 'khác'")
    assert "được lập cho một bản khác" in words(site.read("/health"), ".facts")
    (shelf.path.parent / "index" / "state.json").write_text("{", "utf-8")
    assert "chưa được lập" in words(site.read("/health"), ".facts")


def test_monitors_read_the_state(site: Site, shelf: Shelf) -> None:
    answer = site.get("/health.json")
    said = answer.json()
    assert (answer.status_code, said["state"], said["index"]["state"]) == (200, "unknown", "current")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert [one["portal"] for one in said["portals"]] == [EMPTY, IMPORTED, XUAN_TRUONG, DUC_LINH]
    assert said["portals"][0]["reasons"][0]["code"] == "runs.never"
    sick(shelf)
    answer = site.get("/health.json")
    assert (answer.status_code, answer.json()["state"]) == (200, "ill")
    reason = answer.json()["portals"][0]["reasons"][0]
    assert (reason["code"], reason["level"], reason["values"]["looks"]) == ("portal.dark", "ill", 3)


def test_an_empty_archive_is_not_well(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    Store(folder / "tangthu.db").close()
    site = Site(Shelf(folder / "tangthu.db", {}))
    assert words(site.read("/health"), ".verdict") == "Kho chưa có cổng nào đang mở để xét."
    assert site.get("/health.json").json()["state"] == "unknown"


def test_what_a_portal_did_to_its_reasons_is_shown_as_text(site: Site, shelf: Shelf) -> None:
    with Store(shelf.path) as store:
        crawl = store.begin_crawl(XUAN_TRUONG, "2026-11-25T18:00:00Z")
        why = "stopped: <script>alert(1)</script> {portal} {0} %s"
        store.end_crawl(crawl, "2026-11-25T18:20:00Z", why, {})
    page = site.read("/health")
    assert f"kết thúc sớm: {why}" in words(page, ".reasons") and not page.select("main script")


# The catalogues


def test_every_code_has_words_in_both_languages() -> None:
    for language in wording.LANGUAGES:
        said = tomllib.loads((LOCALE / language / "health.toml").read_text("utf-8"))
        assert set(said["health_reasons"]) == set(said["health_actions"]) == set(WORDS), language
        for code, (text, action) in WORDS.items():
            for ours, theirs in ((said["health_reasons"][code], text), (said["health_actions"][code], action)):
                assert set(re.findall(r"\{(\w+)\}", ours)) == set(re.findall(r"\{(\w+)\}", theirs)), code
                assert bool(ours) == bool(theirs), code


def test_the_english_words_are_those_of_the_command() -> None:
    said = tomllib.loads((LOCALE / "en" / "health.toml").read_text("utf-8"))
    assert {code: (said["health_reasons"][code], said["health_actions"][code]) for code in WORDS} == WORDS


@given(st.sampled_from(sorted(WORDS)), st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers()))
def test_any_values_make_a_sentence(code: str, more: dict[str, str | int]) -> None:
    names = re.findall(r"\{(\w+)\}", "".join(WORDS[code]))
    values = {name: next(iter(more.values()), "{x}") for name in names}
    for language in wording.LANGUAGES:
        reason = Reason(code, "note", values)
        assert health.sentence(reason, language)
        assert bool(health.action(reason, language)) == bool(WORDS[code][1])
