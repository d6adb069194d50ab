"""The golden pages: each platform's real markup and the article that a reader sees in it."""

from __future__ import annotations

import json
from dataclasses import asdict

import golden
import pytest

from crawler.detection import SURE, detect
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platforms import PLATFORMS

PAGES = golden.load_all()


def named(page: golden.Golden) -> str:
    return f"{page.portal}/{page.slug}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_is_read_as_a_person_reads_it(page: golden.Golden) -> None:
    try:
        found = json.loads(json.dumps(asdict(extract(page.capture, golden.rules_of(page)))))
    except (NotAnArticle, NotHTML) as error:
        found = {"error": str(error)}
    assert found == page.wanted


@pytest.mark.parametrize("page", [p for p in PAGES if p.portal in PLATFORMS], ids=named)
def test_a_page_tells_its_platform(page: golden.Golden) -> None:
    """A print view may tell too little, but no page may be taken for another system's."""
    found = detect(page.capture)
    if found.sure >= SURE or not page.slug.startswith("print"):
        assert found.platform and (found.platform.name, found.sure >= SURE) == (page.portal, True), found


def test_a_page_of_no_known_system_is_taken_for_none() -> None:
    unknown = [page for page in PAGES if page.portal == "none"]
    assert not [named(page) for page in unknown if detect(page.capture).sure >= SURE]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_each_platform_has_six_golden_articles(platform: str) -> None:
    assert sum(page.portal == platform and "error" not in page.wanted for page in PAGES) >= 6
