"""Every kind of page, looked at by axe, on a desk in daylight and on a phone at night, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import needs_chromium
from kinds import KINDS, address
from playwright.sync_api import Browser, Page

pytestmark = needs_chromium

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class Look:
    width: int
    scheme: Any
    language: str


DESK, PHONE = Look(1280, "light", "vi"), Look(390, "dark", "en")


# A snapshot lets no script run, not even axe's; and what lies under the banner is the portal's.
BANNER = {"include": {"fromShadowDom": ["body", "#tangthu"]}}


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, demo_site: str) -> Iterator[Page]:
    look: Look = request.param
    context = browser.new_context(
        viewport={"width": look.width, "height": 844}, color_scheme=look.scheme, bypass_csp=True
    )
    context.add_cookies([{"name": "tangthu_lang", "value": look.language, "url": demo_site}])
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_no_violation(page: Page, demo_site: str, demo_data: Path, kind: str) -> None:
    page.goto(demo_site + address(demo_data, kind))
    found = Axe().run(page, context=BANNER if kind == "snapshot" else None, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    if kind != "snapshot":
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
