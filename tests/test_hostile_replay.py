"""Hostile pages, replayed in Chromium: no script runs, no request leaves, and the banner stays where it is.

Each of tests/vectors.toml stands in an archived page. The same pages without the archive around them are the control:
there most of them do what they are for, so that silence means something.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import browsing
import pytest
from hostility import RUN, listening, look, ran, watched
from playwright.sync_api import Browser
from replaying import HOST, VECTORS, got, keep, stamp, vector

pytestmark = browsing.needs_chromium

SHELL = (
    "<!DOCTYPE html><html lang=vi><head><title>Cổng</title></head><body><p>Mở đầu bài viết</p>{}<p>Kết bài</p></body>"
    "</html>"
)


def pages(host: str) -> dict[str, str]:
    """Every vector as a page, by its name."""
    run = RUN.replace("{host}", host)
    found = {f"/{name}": SHELL.format(vector(written, run, host)) for name, written in VECTORS["markup"].items()}
    for name, written in VECTORS["address"].items():
        address = vector(written, run, host).replace('"', "&quot;")
        links = f'<a href="{address}">bấm</a><img src="{address}" alt=""><iframe src="{address}"></iframe>'
        found[f"/dia-chi-{name}"] = SHELL.format(
            f'{links}<link rel=stylesheet href="{address}"><embed src="{address}">'
        )
    return found


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    with listening({}) as heard:
        yield heard


@pytest.fixture(scope="module")
def site(canary: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("hostile")
    keep(data, [got(path, page) for path, page in pages(canary[0]).items()])
    keep(data, [got("/che", COVERING), got("/xin-chao", SHELL.format("<p>Trang khác</p>"))])
    with browsing.served(data) as address:
        yield address


def test_without_the_archive_the_vectors_do_what_they_are_for(browser: Browser, canary: tuple[str, list[str]]) -> None:
    """The control: what is not heard below could be heard."""
    host, asked = canary
    asked.clear()
    written = pages(host)
    with listening(written) as (bare, _):
        context = browser.new_context()
        running = set()
        for path in written:
            page, heard = watched(context)
            look(page, f"http://{bare}{path}", click=False)
            if ran(page, heard):
                running.add(path)
            page.close()
        context.close()
    assert len(written) >= 150
    assert len(running) >= 45, sorted(running)
    assert len({path for path in asked if path != "/called"}) >= 50, asked
    assert "/called" in asked


def test_no_script_runs_and_no_request_leaves(browser: Browser, site: str, canary: tuple[str, list[str]]) -> None:
    host, asked = canary
    asked.clear()
    context = browser.new_context()
    context.add_cookies([{"name": "tangthu_lang", "value": "vi", "url": site}])
    wrong = []
    own = urlsplit(site).netloc
    for path in pages(host):
        page, heard = watched(context)
        look(page, f"{site}/web/{stamp()}/{HOST}{path}", click=True)
        left = [url for url in heard.requests if urlsplit(url).netloc != own and not url.startswith("data:")]
        away = "" if page.url.startswith(site) else page.url
        if ran(page, heard) or left or away or len(context.pages) != 1:
            wrong.append((path, heard.console, heard.dialogs, left, away))
        page.close()
    context.close()
    assert wrong == []
    assert asked == [], "the canary was asked"


@pytest.mark.parametrize("width", [1280, 390])
def test_each_page_is_still_readable(browser: Browser, site: str, canary: tuple[str, list[str]], width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    for path in list(pages(canary[0]))[::12]:
        page.goto(f"{site}/web/{stamp()}/{HOST}{path}")
        assert "Mở đầu bài viết" in page.content()
        assert "không phải trang đang hoạt động" in page.locator("#tangthu").first.inner_text()
    context.close()


# A page that would be rid of the banner, or speak in its place.
COVERING = """<!DOCTYPE html>
<html hidden inert style="display:none!important;transform:scale(0)!important"><head><style>
@layer x { html, body, aside { display: none !important } }
html { display: none !important; opacity: 0 !important; visibility: hidden !important; filter: blur(9px) !important }
html:not(#a):not(#b) { margin-top: -500px !important; zoom: .01 !important; font-size: 1px !important }
html:not(#a):not(#b)::after, html:not(#a)::before { content: "GIẢ" !important; position: fixed !important;
  inset: 0 !important; z-index: 2147483647 !important; background: yellow !important }
body { display: none !important; transform: translateY(-900px) !important; clip-path: inset(100%) !important;
  will-change: filter }
body::before, body::after { content: "GIẢ" !important; position: fixed !important; inset: 0 0 auto 0; height: 90px;
  z-index: 2147483647 !important; background: yellow }
#tangthu, aside, template, ::part(bar) { display: none !important }
* { color: transparent !important; --ink: transparent; --paper: transparent; --accent: transparent; cursor: none }
@font-face { font-family: "system-ui"; src: url(chu.woff) }
@keyframes k { to { top: -900px } } * { animation: k 0s forwards }
.tren { position: fixed !important; inset: 0; z-index: 2147483647 !important; background: lime; pointer-events: all }
</style></head><body aria-hidden="true" onload="document.body.remove()"><p>Mở đầu bài viết</p>
<div class="tren" popover="manual">Đây là trang thật, không phải bản lưu</div>
<dialog open class="tren">Đây là trang thật</dialog><aside id="tangthu">Bản lưu giả</aside></body></html>"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_hides_the_banner(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(f"{site}/web/{stamp()}/{HOST}/che")
    page.wait_for_timeout(200)
    box = page.evaluate("""() => {
      const found = document.body.shadowRoot.getElementById("tangthu"), box = found.getBoundingClientRect();
      const link = found.querySelector("nav a"), at = link.getBoundingClientRect();
      const hit = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
      const inner = document.body.shadowRoot.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
      const style = getComputedStyle(link);
      return {x: box.x, y: box.y, width: box.width, height: box.height, hit: hit === document.body,
              inner: inner === link, color: style.color, shown: style.visibility,
              body: getComputedStyle(document.body).display};
    }""")
    assert (box["x"], box["y"], box["width"]) == (0, 0, width) and 40 <= box["height"] <= 90
    assert box["hit"] and box["inner"], "something lies over the banner"
    assert box["color"] == "rgb(156, 42, 22)" and box["shown"] == "visible" and box["body"] == "block"
    context.close()


def test_a_reader_moves_on_within_the_archive(browser: Browser, site: str) -> None:
    """Links, files and the banner work in the sandbox."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/web/{stamp()}/{HOST}/xin-chao")
    page.locator("#tangthu summary").click()
    with page.expect_download() as download:
        page.locator("#tangthu a[href^='/record/']").click()
    assert Path(download.value.path()).read_bytes()[:2] == b"\x1f\x8b"
    page.locator("#tangthu nav a").last.click()
    assert page.url.startswith(f"{site}/captures?url=")
    context.close()


def test_raw_bytes_run_nowhere(browser: Browser, site: str, canary: tuple[str, list[str]]) -> None:
    """Given for keeping, not for showing."""
    canary[1].clear()
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    with page.expect_download() as download:
        page.evaluate("address => { location.href = address }", f"{site}/web/{stamp()}id_/{HOST}/script")
    assert "ran-a-script" in Path(download.value.path()).read_text()
    assert canary[1] == []
    context.close()
