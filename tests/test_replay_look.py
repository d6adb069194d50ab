"""A replayed page looks as it did: every element stands where it stood, in the same size and colours."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import needs_chromium
from conftest import rows
from playwright.sync_api import Browser, Route

pytestmark = needs_chromium

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
BANNER = {1280: 44, 390: 60}  # pixels by which it moves the page down
# What a reader sees of an element: its place, its size, its colours, its letters.
LOOK = """() => [...document.body.querySelectorAll("*")].map(e => {
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return [e.tagName, ...[box.x, box.y + scrollY, box.width, box.height].map(n => Math.round(n * 4) / 4), style.color,
    style.backgroundColor, style.fontSize, style.fontFamily, style.display, !!e.naturalWidth];
})"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "path", ["", "tin-tuc", "tin-tuc/bao-so-1-gay-thiet-hai-nang-cho-song-ninh", "thu-vien-anh", "lien-he"]
)
def test_a_page_of_the_demo(browser: Browser, demo_site: str, demo_data: Path, path: str, width: int) -> None:
    (first,) = rows(demo_data, "select home as url from portals")
    url = first["url"] + path
    (row,) = rows(demo_data, "select min(fetched_at) as at from captures where url = ? and status = 200", url)
    moment = "".join(letter for letter in row["at"] if letter.isdigit())

    def live(route: Route) -> None:
        """The portal as it was: its own bytes at its own address."""
        raw = f"{demo_site}/web/{moment}id_/{route.request.url}"
        with urlopen(raw, timeout=20) as answer:
            body, packed = answer.read(), answer.headers["Content-Encoding"] == "gzip"
            media_type = answer.headers["Content-Type"]
        route.fulfill(body=gzip.decompress(body) if packed else body, content_type=media_type)

    looks: list[list[list[Any]]] = []
    for address in (url, f"{demo_site}/web/{moment}/{url}"):
        context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=False)
        context.route(f"{first['url']}**", live)
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        looks.append(page.evaluate(LOOK))
        context.close()
    was = [
        [tag, x, y + BANNER[width], *more] for tag, x, y, *more in looks[0] if tag not in ("SCRIPT", "STYLE", "LINK")
    ]
    now = [element for element in looks[1] if element[0] not in ("STYLE", "LINK")]
    hidden = [element for element in was if element[3:5] == [0, 0]]
    assert len(was) > 100 and len(hidden) < len(was) / 3
    assert [element for element in now if element[3:5] != [0, 0]] == [
        element for element in was if element[3:5] != [0, 0]
    ]


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "vi"), (390, "dark", "en")])
def test_axe_finds_no_violation_in_the_banner(
    browser: Browser, demo_site: str, demo_data: Path, width: int, scheme: Any, language: str
) -> None:
    """The page under it is the portal's. axe is a script, and runs where the page's policy is taken off."""
    sql = "select url, fetched_at from captures where status = 404 order by id limit 1"
    (row,) = rows(demo_data, sql)
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.add_cookies([{"name": "tangthu_lang", "value": language, "url": demo_site}])

    def without_policy(route: Route) -> None:
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    context.route("**/web/**", without_policy)
    page = context.new_page()
    moment = "".join(letter for letter in row["fetched_at"] if letter.isdigit())
    page.goto(f"{demo_site}/web/{moment}/{row['url']}")
    for opened in (False, True):
        if opened:
            page.locator("#tangthu summary").click()
        found = Axe().run(page, context={"include": [{"fromShadowDom": ["body", "#tangthu"]}]}, options=RULES)
        assert found.response["passes"], "axe did not look into the shadow"
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.body.shadowRoot.getElementById('tangthu').scrollWidth") <= width
    context.close()
