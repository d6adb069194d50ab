"""Floors under how well pages are read: no change of the rules may make them worse unseen."""

from __future__ import annotations

import json

import corpora
import pytest
import quality
from conftest import ROOT

KEPT = json.loads(quality.FILE.read_text("utf-8"))
SETS = [(corpus, way) for corpus in corpora.CORPORA for way in quality.WAYS]


def test_the_floors_stand_for_the_golden_pages_that_are_here() -> None:
    assert KEPT["golden"] == quality.digest(), "other golden pages: python bench/extract.py --write-floors"


@pytest.mark.parametrize(("corpus", "way"), SETS, ids=[quality.name(*one) for one in SETS])
def test_no_figure_falls_below_its_floor(corpus: str, way: str) -> None:
    if why := corpora.missing(corpus):
        pytest.skip(why)
    floors = KEPT["floors"][quality.name(corpus, way)]
    assert sorted(floors) == sorted(quality.KEYS)
    measured = quality.measure(corpus, way)
    fallen = [key for key, value in measured.figures.items() if quality.short(key, value, floors[key])]
    lines = [
        line
        for key in fallen
        for line in (f"{key} {measured.figures[key]:.4f}, floor {floors[key]}; worst:", *measured.worst(key))
    ]
    assert not fallen, "\n  ".join(["", *lines])


def test_each_lowered_floor_is_told_in_the_changelog() -> None:
    told = " ".join((ROOT / "CHANGELOG.md").read_text("utf-8").split())
    for lowered in KEPT["lowered"]:
        assert sorted(lowered) == ["from", "key", "to", "why"]
        assert " ".join(lowered["why"].split()) in told, lowered


def test_a_floor_is_raised_and_lowered_only_with_a_reason() -> None:
    floors = {"body": 0.9, "title": 0.5, "leaks": 2}
    found = {"body": 0.8, "title": 0.61239, "leaks": 1}
    new, lowered, refused = quality.raised("golden", floors, found, "")
    assert new == {"body": 0.9, "title": 0.6123, "leaks": 1} and not lowered
    assert refused == ["golden: body is 0.8, its floor 0.9"]
    new, lowered, refused = quality.raised("golden", floors, {**found, "leaks": 3}, "because")
    assert new == {"body": 0.8, "title": 0.6123, "leaks": 3} and not refused
    assert [(one["key"], one["from"], one["to"], one["why"]) for one in lowered] == [
        ("golden: body", 0.9, 0.8, "because"),
        ("golden: leaks", 2, 3, "because"),
    ]


def test_a_floor_is_never_above_the_figure_it_was_made_of() -> None:
    for key, value in (("body", 0.99996), ("leaks", 3), ("minute", 1.0)):
        assert not quality.short(key, value, quality.floor_for(key, value))


def test_the_worst_pages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality.tools, "ours", lambda _: lambda _: None)
    measured = quality.measure("golden", "with rules")
    assert (measured.figures["body"], measured.figures["false_articles"]) == (0, 0)
    assert len(measured.worst("body")) == 10 and ": body 0.000" in measured.worst("body")[0]
