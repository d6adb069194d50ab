"""Two readers' ways through the site in a real browser, on a desk and on a phone, in both languages.

A journalist searches without diacritics, narrows it down, reads, compares two versions, cites, and takes the table
along. A reader follows a citation of a page that is not there any more, and checks it.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import needs_chromium
from conftest import rows
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from archive.plugin.wording import WORDS
from archive.text import fold

pytestmark = needs_chromium

LOOKS = [(1280, "light", "vi"), (390, "dark", "en"), (390, "light", "vi"), (1280, "dark", "en")]


@pytest.fixture(params=LOOKS, ids=["desk-vi", "phone-en", "phone-vi", "desk-en"])
def page(request: pytest.FixtureRequest, browser: Browser, demo_site: str) -> Iterator[Page]:
    width, scheme, language = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, base_url=demo_site, accept_downloads=True
    )
    context.add_cookies([{"name": "tangthu_lang", "value": language, "url": demo_site}])
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text) if is_error(message) else None)
    opened.on("request", lambda asked: None if asked.url.startswith(demo_site) else wrong.append(asked.url))
    yield opened
    context.close()
    assert wrong == [], "an error in the console, or a request to the outside"


def is_error(message: ConsoleMessage) -> bool:
    """A snapshot of a 404 answers 404, which the browser tells."""
    return message.type == "error" and "404 (Not Found)" not in message.text


def words(page: Page) -> dict[str, dict[str, str]]:
    return WORDS[str(page.locator("html").get_attribute("lang"))]


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} is too wide"


def test_a_journalist_finds_narrows_reads_compares_cites_and_exports(page: Page, demo_data: Path) -> None:
    changed = rows(demo_data, "select id, title, section from articles where versions > 1 and section != '' limit 1")[0]

    page.goto("/")
    search = page.get_by_role("searchbox").first
    search.fill(" ".join(fold(changed["title"]).split()[:4]))
    search.press("Enter")
    expect(page.locator(".results mark").first).to_be_visible()
    everything = page.locator(".results .entry").count()
    fits(page)

    page.locator(".narrow a", has_text=changed["section"]).first.click()
    expect(page.locator(".chips")).to_contain_text(changed["section"])
    assert 0 < page.locator(".results .entry").count() <= everything
    with page.expect_download() as table:
        page.locator(".outs a[href*='search.csv']").click()
    with Path(table.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert changed["id"] in {cell for row in csv.reader(file) for cell in row}

    page.locator(f".results a[href*='/a/{changed['id']}']").first.click()
    expect(page.locator("h1")).to_have_text(changed["title"])
    t = words(page)
    expect(page.locator(".dates dt").nth(0)).to_have_text(t["article"]["published"])
    expect(page.locator(".dates dt").nth(1)).to_have_text(t["article"]["captured"])
    fits(page)

    page.locator("a[href*='/diff/1..2']").first.click()
    expect(page.locator("ins, del").first).to_be_visible()
    fits(page)
    page.locator(f".sides a[href*='/a/{changed['id']}/1']").first.click()
    expect(page).to_have_url(re.compile(rf"/a/{changed['id']}/1(\?|$)"))

    page.locator("button[data-copy='cite-text']").click()
    expect(page.locator("button[data-copy='cite-text']")).to_contain_text(t["cite"]["copied"])
    assert f"/a/{changed['id']}/1" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as bibtex:
        page.evaluate("document.querySelector(\"a[href$='/1.bib']\").setAttribute('download', '')")
        page.locator("a[href$='/1.bib']").first.click()
    assert Path(bibtex.value.path()).read_text("utf-8").startswith("@online{")


def test_a_reader_follows_a_citation_of_a_page_that_is_gone(page: Page, demo_data: Path) -> None:
    gone = rows(demo_data, "select id, title, url from articles where state = 'gone' limit 1")[0]

    page.goto(f"/a/{gone['id']}/1")
    t = words(page)
    expect(page.locator("h1")).to_have_text(gone["title"])
    expect(page.locator(".standing")).to_contain_text(t["standing"]["gone"])
    expect(page.locator(".body p").first).to_be_visible()
    fits(page)

    page.locator(".standing a[href*='/web/']").first.click()
    expect(page.get_by_text("404").first).to_be_visible()
    page.go_back()

    with page.expect_download() as record:
        page.locator("a[href*='/record/']").first.click()
    assert gzip.decompress(Path(record.value.path()).read_bytes()).startswith(b"WARC/1.1\r\n")

    page.goto(f"/web/{gone['url']}")  # where an old link leads: the newest of what was kept
    assert re.search(r"/web/\d{14}/", page.url) and page.url.endswith(gone["url"])
    page.goto(f"/a/{gone['id']}/1")
    page.locator(".apparatus a[href*='/web/']").first.click()
    expect(page.locator("body")).to_contain_text(gone["title"])


def test_english_stays_when_it_was_chosen(browser: Browser, demo_site: str) -> None:
    context = browser.new_context(base_url=demo_site)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.locator("a[hreflang=en]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/search?q=huyen")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()


def test_the_site_works_without_scripts(browser: Browser, demo_site: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=demo_site)
    page = context.new_page()
    page.goto("/search?q=xuan+truong")
    page.locator("main ol li a[href*='/a/']").first.click()
    expect(page.locator(".byline").first).to_have_text("T/h: Lệ Minh")
    expect(page.locator("main pre").first).to_contain_text("Lệ Minh")
    context.close()
