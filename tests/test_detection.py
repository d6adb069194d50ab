"""Which system made a page, by what it prints, sends and is called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.model import Capture
from crawler.detection import SURE, detect


def page(body: bytes, *headers: tuple[str, str], url: str = "http://b.vn/") -> Capture:
    return Capture(url, datetime(2026, 11, 24, tzinfo=UTC), 200, (("Content-Type", "text/html"), *headers), body)


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="Generator" content="Drupal 7 (http://drupal.org)" />',
        "<META content='Drupal 7 (https://www.drupal.org)' name='generator'>",
        "<meta name=generator content='Drupal 7'>",
    ],
)
def test_a_generator_settles_it(meta: str) -> None:
    found = detect(page(f"<html><head>{meta}".encode()))
    assert found.platform is not None
    assert (found.platform.name, found.why) == ("drupal7", ("generator",))
    assert found.sure > 0.9


def test_two_other_marks_are_enough_and_one_is_not() -> None:
    script = b"<script>jQuery.extend(Drupal.settings, {});</script>"
    one, two = detect(page(script)), detect(page(script, ("X-Drupal-Cache", "MISS")))
    assert one.sure < SURE <= two.sure
    assert {found.platform.name for found in (one, two) if found.platform} == {"drupal7"}


@pytest.mark.parametrize("body", [b"", b"<meta name=generator content='TYPO3 CMS'>", b"Drupal 7", b"\x1f\x8b\xff"])
def test_a_page_that_says_nothing_has_no_platform(body: bytes) -> None:
    assert detect(page(body)).platform is None
    assert detect(page(body, ("Content-Encoding", "gzip"))).platform is None
    assert detect(page(body, ("Content-Encoding", "nonsense"))).platform is None
