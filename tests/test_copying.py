"""One click copies a citation: in a real browser, over https and http, with a keyboard, and announced."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Browser, Page, expect, sync_playwright
from shelf import Shelf

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
# A name that is not the machine's own: there Chromium has no clipboard for pages without https, as on a small server.
INSECURE = "kho.example"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1",
]
FORMS = ("text", "chicago", "apa", "ris", "bib", "json", "wiki", "wiki_en")


@pytest.fixture(scope="module")
def port(shelf: Shelf) -> Iterator[int]:
    """The shelf, served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    command = [str(Path(sys.executable).parent / "tangthu"), "--data", str(shelf.path.parent)]
    server = subprocess.Popen([*command, "serve", "--port", str(number)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{number}/-/versions.json", timeout=10).close()
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        yield number
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def pasted(page: Page) -> str:
    """What the clipboard gives when a reader pastes it into the search box of the page."""
    page.evaluate("""() => {
        const area = document.createElement("textarea");
        area.id = "pasted";
        document.body.append(area);
    }""")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    text = page.locator("#pasted").input_value()
    page.evaluate("document.getElementById('pasted').remove()")
    return text


@pytest.mark.parametrize("host", ["127.0.0.1", INSECURE])
def test_each_format_is_one_click_away(page: Page, port: int, shelf: Shelf, host: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://{host}:{port}/a/{shelf.ids['quoted']}")
    assert page.evaluate("Boolean(navigator.clipboard)") == (host != INSECURE)
    for form in FORMS:
        button = page.locator(f"button[data-copy=cite-{form}]")
        button.click()
        expect(button).to_contain_text("Đã chép")
        expect(page.locator("#copy-status")).to_have_text(
            "Đã chép: " + page.locator(f"li:has(#cite-{form}) summary").inner_text()
        )
        text = page.locator(f"#cite-{form}").text_content()
        assert text and pasted(page) == text
    # Whoever copies one format has not lost the one that was open.
    expect(page.locator("#cite-text")).to_be_visible()
    expect(page.locator("button[data-copy=cite-text] span").first).to_have_text("Chép")
    # No policy was broken: the description for programs is no script, and nothing of the page's is inline. Without
    # https Chromium says that it does not heed one of the headers.
    assert [said for said in complaints if "Cross-Origin-Opener-Policy header has been ignored" not in said] == []


def test_where_nothing_may_be_copied_the_text_is_selected(page: Page, port: int, shelf: Shelf) -> None:
    page.add_init_script("document.execCommand = () => false;")
    page.goto(f"http://{INSECURE}:{port}/a/{shelf.ids['border']}")
    page.locator("button[data-copy=cite-bib]").click()
    expect(page.locator("button[data-copy=cite-bib]")).to_contain_text("Ctrl+C")
    expect(page.locator("#cite-bib")).to_be_visible()
    assert page.evaluate("getSelection().toString()").startswith("@online{leminh2021-")
    expect(page.locator("#copy-status")).to_contain_text("BibTeX")


def test_the_keyboard_alone_copies(page: Page, port: int, shelf: Shelf) -> None:
    page.goto(f"http://127.0.0.1:{port}/a/{shelf.ids['border']}")
    page.locator("li:has(#cite-ris) summary").focus()
    page.keyboard.press("Tab")
    expect(page.locator("li:has(#cite-ris) .actions a")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("button[data-copy=cite-ris]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("button[data-copy=cite-ris]")).to_contain_text("Đã chép")
    assert pasted(page).startswith("TY  - ELEC\n")


def test_without_scripts_the_text_is_there_and_no_button_lies(browser: Browser, port: int, shelf: Shelf) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/a/{shelf.ids['border']}")
    expect(page.locator("#cite-text")).to_be_visible()
    expect(page.locator("button[data-copy]:visible")).to_have_count(0)
    page.locator("li:has(#cite-wiki) summary").click()
    expect(page.locator("#cite-wiki")).to_be_visible()
    expect(page.locator("#cite-text")).to_be_hidden()
    context.close()


def test_the_citations_fit_a_phone(page: Page, port: int, shelf: Shelf) -> None:
    page.goto(f"http://127.0.0.1:{port}/a/{shelf.ids['quoted']}?lang=en")
    for form in FORMS:
        page.locator(f"li:has(#cite-{form}) summary").click() if form != "text" else None
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), form
        row = page.locator(f"li:has(#cite-{form})")
        name, actions = row.locator("summary").bounding_box(), row.locator(".actions").bounding_box()
        # What is written in the summary ends before the buttons begin.
        written = page.evaluate(
            "form => { const range = document.createRange();"
            " range.selectNodeContents(document.querySelector(`li:has(#cite-${form}) summary`));"
            " return range.getBoundingClientRect().right; }",
            form,
        )
        assert name and actions and written <= actions["x"], form
