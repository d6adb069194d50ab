"""What a portal says of its articles is hostile too: title, lead, body, byline, section, caption, file, address.

Each of tests/vectors.toml stands in all of them at once, in one article each, and in what a reader types. In Chromium
no script runs, and nothing is asked of another host.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import browsing
import pytest
from hostility import RUN, listening, look, ran, watched
from playwright.sync_api import Browser
from replaying import VECTORS, vector
from shelf import XUAN_TRUONG, article, make, put

from archive.model import Attachment, Byline, Image
from archive.search.keeper import catch_up
from archive.store import Store

pytestmark = browsing.needs_chromium


@dataclass(frozen=True)
class Hostile:
    """Where the archive is served, what must hear nothing, what it heard, and the article of each vector."""

    site: str
    asked: list[str]
    articles: dict[str, str]
    typed: tuple[str, ...]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    data = tmp_path_factory.mktemp("texts")
    make(data)
    with listening({}) as (host, asked):
        run = RUN.replace("{host}", host)
        markup = {name: vector(text, run, host) for name, text in VECTORS["markup"].items()}
        addresses = [vector(text, run, host) for text in VECTORS["address"].values()]
        with Store(data / "tangthu.db") as store:
            ids = {
                name: _keep(store, name, text, addresses[number % len(addresses)])
                for number, (name, text) in enumerate(markup.items())
            }
            store.save_portal(
                {
                    "id": "hai_duong/thu_doc", "name": markup["image_error"], "district": markup["script"],
                    "province": markup["body_load"], "home": addresses[0], "platform": "drupal7", "closed": None,
                }
            )  # fmt: skip
        catch_up(data / "tangthu.db")
        with browsing.served(data) as site:
            yield Hostile(site, asked, ids, (*markup.values(), *addresses))


def _keep(store: Store, name: str, text: str, address: str) -> str:
    """The vector everywhere; and once more changed, so that there is a comparison."""
    made = article(
        f"doc/{name}?{quote(text)}",
        text,
        f"Mở đầu\n\n{text}\n\nKết",
        html=f'<p>Mở đầu</p>{text}<p><a href="{address}">bấm</a></p><figure><img src="{address}" alt="{text}">'
        f"<figcaption>{text}</figcaption></figure>",
        summary=text,
        section=text,
        byline=Byline(text, text, (text,), text, text),
        published="2019-05-06",
        images=(Image(address, text), Image(f"http://xuantruong.example.gov.vn/{text}", text)),
        attachments=(Attachment(address, text), Attachment(f"http://xuantruong.example.gov.vn/{text}", text)),
    )
    changed = article(f"doc/{name}?{quote(text)}", f"{text} sửa", f"Mở đầu\n\n{text} {text}", html=f"<p>Sửa</p>{text}")
    kept = put(store, XUAN_TRUONG, made)
    put(store, XUAN_TRUONG, changed, "2026-11-22T18:30:00Z")
    return kept


def _wrong(browser: Browser, hostile: Hostile, paths: list[str]) -> list[tuple[str, object]]:
    """What ran or left, by path."""
    hostile.asked.clear()
    own = urlsplit(hostile.site).netloc
    context = browser.new_context()
    wrong: list[tuple[str, object]] = []
    for path in paths:
        page, heard = watched(context)
        look(page, hostile.site + path, click=False)
        left = [url for url in heard.requests if urlsplit(url).netloc != own and not url.startswith("data:")]
        if ran(page, heard) or left or hostile.asked:
            wrong.append((path, (heard.console, heard.dialogs, left, list(hostile.asked))))
            hostile.asked.clear()
        page.close()
    context.close()
    return wrong


def test_articles_run_nothing_and_ask_nobody(browser: Browser, hostile: Hostile) -> None:
    assert len(hostile.articles) >= 100
    assert _wrong(browser, hostile, [f"/a/{name}/1" for name in hostile.articles.values()]) == []


def test_lists_comparisons_and_tables_run_nothing_and_ask_nobody(browser: Browser, hostile: Hostile) -> None:
    names = list(hostile.articles.values())
    paths = [f"/a/{name}/diff/1..2" for name in names[::4]]
    paths += [f"/search?{urlencode({'portal': XUAN_TRUONG, 'sort': 'newest', 'trang': page})}" for page in range(1, 9)]
    paths += [f"/portal/{XUAN_TRUONG}", "/portal/hai_duong/thu_doc", "/", "/portals", "/changed", "/authors", "/health"]
    paths += ["/tangthu/articles?_size=200", "/tangthu/versions?_size=200", "/tangthu/images", "/tangthu/attachments"]
    paths += ["/tangthu/authors", "/tangthu/portals", f"/tangthu/articles/{names[0]}", "/tangthu/nguoi-viet"]
    assert _wrong(browser, hostile, paths) == []


def test_what_a_reader_is_sent_to_runs_nothing_and_asks_nobody(browser: Browser, hostile: Hostile) -> None:
    """A link that somebody else made: the vector in each value of an address."""
    names = ("q", "portal", "section", "author", "from", "trang", "sort", "lang")
    paths = ["/search?" + urlencode(dict.fromkeys(names, text)) for text in hostile.typed]
    rooms = itertools.cycle(("a", "author", "portal", "web"))
    paths += [f"/{next(rooms)}/{quote(text, safe='')}" for text in hostile.typed[::3]]
    assert _wrong(browser, hostile, paths) == []


def test_what_is_given_to_machines_is_no_page(hostile: Hostile, browser: Browser) -> None:
    """Opened in a browser, a feed or a citation shows text at most."""
    name = hostile.articles["script"]
    context = browser.new_context()
    for path in (f"/a/{name}/1.json", f"/a/{name}/1.bib", f"/a/{name}/1.txt", "/robots.txt", "/sitemap.xml"):
        answer = context.request.get(hostile.site + path)
        assert answer.ok and "html" not in answer.headers["content-type"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    context.close()
    paths = ["/sitemap.xml", f"/a/{name}/1.json", f"/tangthu/articles/{name}.json", "/search.json?files=1"]
    assert _wrong(browser, hostile, paths) == []


def test_the_vectors_are_where_they_should_be(hostile: Hostile, browser: Browser) -> None:
    """Silence means something: the words stand on the page, as words."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{hostile.site}/a/{hostile.articles['script']}/1")
    assert "<script>" in page.locator("h1").inner_text()
    assert "<script>" in page.locator(".body .byline").inner_text()
    assert not page.locator(".body script, .body [onerror], .body iframe").count()
    context.close()
