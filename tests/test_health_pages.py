"""What is judged from the pages that a portal's runs read, and the statistics behind it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from histories import (
    GOOD,
    NOW,
    PORTAL,
    codes,
    healthy,
    judged,
    save_articles,
    save_portal,
    save_run,
    save_runs,
    without,
)

from archive.health.odds import Count, Rise, Scale, TooFew, bound, rise
from archive.store import Store
from archive.warc import iso

# Pages


@pytest.mark.parametrize("measure", ["body", "byline", "date"])
def test_articles_that_lose_a_part_are_told_and_forgotten_once_they_have_it_again(store: Store, measure: str) -> None:
    save_portal(store)
    save_articles(store, range(0, 200))
    save_runs(store, 50, first=10)
    for day in range(10):
        save_run(store, timedelta(days=9 - day, hours=5), measures=without(measure))
    one = judged(store)
    assert codes(one) == [f"{measure}.more"]
    assert "tangthu portals check nam_dinh/xuan_truong" in one.reasons[0].action
    for hour in range(5, 0, -1):
        save_run(store, timedelta(hours=hour))
    assert judged(store).state == "well"


def test_after_a_reextraction_by_other_rules_a_part_is_judged_anew(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 200))
    save_runs(store, 50, first=10)
    save_runs(store, 10, measures=without("byline"))
    row = {"stage": "captures", "capture": 0, "counts": "{}", "folding": "", "jobs": 1}
    rerun = {**row, "portal": PORTAL, "started": iso(NOW), "ended": iso(NOW), "fingerprint": "mended rules"}
    store.db.table("reextractions").insert(rerun)
    one = judged(store)
    assert one.state == "unknown" and "byline.few" in codes(one, "unknown")
    save_run(store, -timedelta(days=1), measures=without("byline"))
    for day in range(2, 12):
        save_run(store, -timedelta(days=day))
    assert "byline.few" not in codes(judged(store, now=NOW + timedelta(days=11, hours=5)), "unknown")


def test_one_batch_of_unsigned_documents_is_no_alarm(store: Store) -> None:
    healthy(store)
    save_run(store, timedelta(hours=2), measures={**GOOD, "pages": 60, "without_byline": 60})
    assert judged(store).state == "well"


def test_a_portal_that_never_prints_bylines_is_not_ill_for_it_but_one_without_any_text_is(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 200))
    save_runs(store, 60, measures=without("byline"))
    assert judged(store).state == "well"
    store.db.execute("update crawls set measures = ?", [json.dumps(without("body"))])
    assert codes(judged(store)) == ["body.most"]


def test_hardly_any_page_is_enough_where_everything_is_confirmed_unchanged(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 100))
    save_run(store, timedelta(days=60), measures={**GOOD, "pages": 400})
    quiet = {**GOOD, "pages": 0, "without_byline": 0, "layouts": {}}
    save_runs(store, 59, measures=quiet)
    assert judged(store).state == "well"
    store.db.execute("update crawls set same = 0")
    assert judged(store).state == "unknown"


def test_pages_that_are_refused_more_than_before_are_told_with_the_reason(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 200))
    save_runs(store, 50, first=10, measures={**GOOD, "refused": {"listing": 1, "soft 404": 1}})
    save_runs(store, 6, first=4, measures={**GOOD, "refused": {"listing": 30, "soft 404": 1}})
    assert judged(store, now=NOW - timedelta(days=4)).state == "well"  # more listings are read: no matter
    save_runs(store, 4, measures={**GOOD, "pages": 3, "refused": {"challenge page": 9}})
    one = judged(store)
    assert codes(one) == ["refused.more"] and "challenge page" in one.reasons[0].text


def test_errors_are_told_when_they_last_and_rows_of_an_older_version_count(store: Store) -> None:
    healthy(store)
    store.db.execute("update crawls set measures = null where id <= 30")
    save_run(store, timedelta(hours=9), failed=50)
    assert judged(store).state == "well"  # a bad night
    for hour in (4, 3, 2, 1):
        save_run(store, timedelta(hours=hour), failed=20, measures={**GOOD, "errors": {"tls": 18, "silent": 2}})
    one = judged(store)
    assert codes(one) == ["errors.more"] and "tls, silent" in one.reasons[0].text


def test_a_new_look_is_told_for_a_fortnight_and_then_it_is_the_portals_look(store: Store) -> None:
    healthy(store)
    new = {**GOOD, "layouts": {"article " + "34" * 32: 5}}
    for day in range(1, 40):
        save_run(store, -timedelta(days=day), measures=new)
        one = judged(store, now=NOW + timedelta(days=day, hours=5))
        assert (codes(one) == ["layout.changed"]) == (2 <= day <= 14), day


def test_a_listing_that_shows_nothing_any_more_is_told(store: Store) -> None:
    healthy(store)
    for hour, links in ((4, {"/tin-tuc/": 0}), (3, {}), (2, {"/tin-tuc/": 1})):
        save_run(store, timedelta(hours=hour), measures={**GOOD, "listings": links})
        assert judged(store).state == "well"
    save_run(store, timedelta(hours=1), measures={**GOOD, "listings": {"/tin-tuc/": 0, "/thong-bao/": 10}})
    one = judged(store)
    assert codes(one) == ["listings.fewer"]
    assert "/tin-tuc/" in one.reasons[0].text and "before 20" in one.reasons[0].text


def test_a_listing_that_every_run_read_and_none_reads_any_more_is_told(store: Store) -> None:
    save_portal(store)
    save_articles(store, range(0, 200))
    save_runs(store, 40, first=21)
    save_runs(store, 21, measures={**GOOD, "listings": {"/tin-tuc/": 20}})
    one = judged(store)
    assert codes(one) == ["listings.unread"] and "/thong-bao/" in one.reasons[0].text


def test_addresses_that_were_cut_off_lately_are_a_note_that_makes_nobody_ill(store: Store) -> None:
    healthy(store)
    trap = {"shape": "/lich/*", "why": "a calendar", "example": "http://h.vn/lich/2090", "urls": 400}
    store.db.table("traps").insert({**trap, "portal": PORTAL, "since": iso(NOW - timedelta(days=2))})
    one = judged(store)
    assert (one.state, codes(one, "note")) == ("well", ["traps.new"])
    assert "http://h.vn/lich/2090" in one.reasons[0].text
    save_run(store, -timedelta(days=5))
    assert judged(store, now=NOW + timedelta(days=5, hours=1)).reasons == ()


# Statistics


def test_bounds_are_those_of_wilsons_interval() -> None:
    # Brown, Cai, DasGupta (2001): 0 of 10, 5 of 10, 10 of 10, with 1.96 standard deviations.
    for bad, low, high in ((0, 0.0, 0.2775), (5, 0.2366, 0.7634), (10, 0.7225, 1.0)):
        assert bound(Count(bad, 10), -1.96) == pytest.approx(low, abs=1e-3)
        assert bound(Count(bad, 10), 1.96) == pytest.approx(high, abs=1e-3)


def test_a_rise_needs_enough_things_before_and_after() -> None:
    good, bad = [Count(1, 10)] * 20, [Count(9, 10)] * 4
    assert rise(good, Scale()) is None
    found = rise([*bad, *good], Scale())
    assert isinstance(found, Rise) and found.before == Count(29, 210) and found.recent.share == 0.9
    assert isinstance(rise(bad, Scale()), TooFew)
    assert isinstance(rise([], Scale()), TooFew)
    assert rise([*good[:5], *bad, *good], Scale()) is None  # it is over
    assert isinstance(rise([*bad, *good], Scale(), fresh=1), TooFew)


def test_what_always_scattered_is_no_rise() -> None:
    even = [Count(2, 10)] * 60
    uneven = [Count(6, 10) if n % 4 == 0 else Count(1, 10) for n in range(60)]
    worse = [Count(5, 10)] * 5
    assert isinstance(rise([*worse, *even], Scale()), Rise)
    assert rise([*worse, *uneven], Scale()) is None
