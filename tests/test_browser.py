"""A reader's way through the site in a real browser: search without diacritics, open, see who wrote it, cite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import needs_chromium
from playwright.sync_api import Browser, Page, expect

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(demo_site: str) -> str:
    return demo_site


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def test_a_reader_finds_an_article_without_diacritics_and_cites_it(page: Page, site: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    outside: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url) if not asked.url.startswith(site) else None)

    page.goto(site + "/")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    search = page.locator("input[name=q]:visible").first
    search.fill("xuan truong")
    search.press("Enter")
    first = page.locator("main ol li").first
    expect(first.locator("mark").first).to_contain_text("Xuân")
    first.locator("a[href*='/a/']").first.click()

    expect(page.locator("h1")).to_contain_text("Xuân Trường")
    expect(page.locator(".byline").first).to_have_text("T/h: Lệ Minh")
    page.locator("button[data-copy]:visible").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Lệ Minh" in copied
    assert page.url.split("?")[0] in copied

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "the page is wider than the screen"
    )
    assert complaints == []
    assert outside == []


def test_english_stays_when_it_was_chosen(page: Page, site: str) -> None:
    page.goto(site + "/")
    page.locator("a[hreflang=en]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(site + "/search?q=huyen")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_site_works_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/search?q=xuan+truong")
    page.locator("main ol li a[href*='/a/']").first.click()
    expect(page.locator(".byline").first).to_have_text("T/h: Lệ Minh")
    expect(page.locator("main pre, main textarea").first).to_contain_text("Lệ Minh")
    context.close()
