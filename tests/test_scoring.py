"""The measures of bench/scoring.py: right by themselves, and the same as those of the samples' own score.py."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import corpora
import pytest
import scoring
from conftest import SAMPLES
from scoring import Found, Gold

from crawler.extract import extract

GOLD = Gold("Tin", ("một hai ba bốn",), ("Lê A.",), "2021-01-06T08:30:00+07:00", ("/a%20b.jpg",), ())
RIGHT = Found(
    "Tin", ("một hai ba bốn",), ("LÊ A",), "2021-01-06T08:30:59+07:00", ("http://x.example.vn/A b.jpg?itok=1",)
)


def test_what_a_person_read_is_all_right() -> None:
    found = scoring.figures([scoring.score("a", GOLD, RIGHT)])
    assert {key: value for key, value in found.items() if key not in scoring.AT_MOST} == {
        **dict.fromkeys(("pages", "body", "page_min", "title", "authors", "minute", "day", "images", "files"), 1)
    }
    assert not any(found[key] for key in scoring.AT_MOST if key in found)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"title": "Tin khác"}, {"title"}),
        ({"texts": ("một hai ba năm",)}, {"body", "page_min", "under_95"}),
        ({"authors": ()}, {"authors"}),
        ({"authors": ("Lê A", "Lê B")}, {"authors"}),
        ({"published": "2021-01-06"}, {"minute"}),
        ({"published": "2021-01-07T08:30:00+07:00"}, {"minute", "day"}),
        ({"images": ()}, {"images"}),
        ({"texts": ("một hai ba bốn " * 50 + "Tin liên quan",)}, {"body", "page_min", "under_95", "leaks"}),
    ],
)
def test_each_fault_is_seen_in_its_own_figures(changed: dict[str, object], wrong: set[str]) -> None:
    right = scoring.figures([scoring.score("a", GOLD, RIGHT)])
    one = scoring.score("a", GOLD, replace(RIGHT, **changed))  # type: ignore[arg-type]
    found = scoring.figures([one])
    assert {key for key in found if found[key] != right[key]} == wrong
    assert all(scoring.wrong(key, one) for key in wrong)


def test_a_page_that_was_not_read_is_wrong_in_everything_but_invents_nothing() -> None:
    found = scoring.figures([scoring.score("a", GOLD, None)])
    assert found["missing"] == 1 and not (found["false_bylines"] or found["leaks"])
    assert not any(found[key] for key in ("body", "title", "authors", "minute", "day", "images"))
    nameless = replace(GOLD, authors=(), refs=("",))
    assert scoring.figures([scoring.score("a", nameless, None)])["authors"] == 0


def test_a_name_under_an_unsigned_article_is_a_false_byline() -> None:
    found = scoring.figures([scoring.score("a", replace(GOLD, authors=()), RIGHT)])
    assert (found["false_bylines"], found["authors"]) == (1, 0)


def test_a_label_that_the_article_says_itself_is_no_leak() -> None:
    gold = replace(GOLD, refs=("Mục Tin liên quan có một bài",))
    assert scoring.leaked(gold, Found(texts=("mục tin liên quan có một bài",))) == ()


def test_word_f1() -> None:
    assert scoring.word_f1("một hai ba bốn", "bốn ba hai") == pytest.approx(6 / 7)
    assert scoring.word_f1("ba ba", "ba") == pytest.approx(2 / 3)
    assert scoring.word_f1("Hội nghị", "HỘI NGHỊ &amp;") == 1.0
    assert (scoring.word_f1("", ""), scoring.word_f1("", "a")) == (1.0, 0.0)


@pytest.mark.parametrize("corpus", ["drupal7", "nukeviet"])
def test_the_samples_are_measured_as_their_own_script_measures_them(corpus: str, tmp_path: Path) -> None:
    if why := corpora.missing(corpus):
        pytest.skip(why)
    articles, scores = [], []
    for number, page in enumerate(corpora.load(corpus)):
        assert page.gold
        article = extract(page.capture, page.rules)
        if number % 3 == 0:  # spoilt, so that there is something to measure
            half = article.text[: len(article.text) // 2] + " Tin khác"
            article = replace(article, title="Tin", text=half, byline=replace(article.byline, authors=("Lê A",)))
            article = replace(article, published="2021-01-06", images=(), attachments=())
        articles.append({**asdict(article), "url": page.capture.url})
        scores.append(scoring.score(page.name, page.gold, scoring.found_in(article)))
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in articles), "utf-8")
    command = [sys.executable, SAMPLES / "score.py", SAMPLES / f"{corpus}.gold.jsonl", path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = dict(word.split("=") for word in said.split())
    ours = scoring.figures(scores)
    assert (theirs["missing"], theirs["extra"]) == ("0", "0")
    keys = {"body", "page_min", "under_95", "title", "authors", "false_bylines", "minute", "day", "images", "files"}
    assert {key: f"{ours[key]:.4g}" for key in keys} == {key: theirs[key] for key in keys}
