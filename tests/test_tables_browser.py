"""Datasette's pages in a real browser: their scripts run under the policy, and speak Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import needs_chromium
from playwright.sync_api import Browser, Page, expect

pytestmark = needs_chromium


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """It must not complain, nor ask anybody else."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []
    context.close()


def test_a_columns_menu_is_vietnamese_and_sorts(page: Page, demo_site: str) -> None:
    page.goto(demo_site + "/tangthu/articles")
    expect(page.locator("h1")).to_have_text("Bài viết")
    if page.viewport_size and page.viewport_size["width"] > 600:  # on a phone the head of a table is not shown
        page.locator("th.col-title .dropdown-menu-icon").click()
        menu = page.locator(".dropdown-menu:visible")
        for label in ("Xếp tăng dần", "Xếp giảm dần", "Đếm theo cột này", "Ẩn cột này", "Kiểu: TEXT"):
            expect(menu).to_contain_text(label)
        menu.get_by_text("Xếp tăng dần").click()
        expect(page.locator("h2").first).to_contain_text("xếp theo title")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".house .language a").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".house .name a").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")  # it was chosen for the whole site


def test_sql_is_written_in_the_editor_and_run(page: Page, demo_site: str) -> None:
    page.goto(demo_site + "/tangthu")
    editor = page.locator(".CodeMirror")
    expect(editor).to_be_visible()
    page.get_by_role("button", name="Trình bày lại SQL").click()
    page.get_by_role("button", name="Chạy SQL").click()
    expect(page.locator("h1")).to_have_text("Câu hỏi SQL")
    expect(page.locator(".rows-and-columns tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_ready_query_is_asked_with_words(page: Page, demo_site: str) -> None:
    page.goto(demo_site + "/tangthu")
    page.get_by_role("link", name="Bài nhắc đến một cụm từ").click()
    page.get_by_label("tu").fill("huyện")
    page.get_by_role("button", name="Chạy SQL").click()
    page.locator(".rows-and-columns td.col-id a").first.click()
    expect(page.locator("article h1")).to_be_visible()
