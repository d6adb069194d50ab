"""An article, or one of its versions."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette import Response

from archive.cite import Citation
from archive.cite.load import load
from archive.plugin import answers, takedowns, wording
from archive.plugin.queries import articles as queries
from archive.plugin.queries.kept import Snapshot, pages, pictures
from archive.plugin.queries.nearby import Nearby, nearby
from archive.plugin.queries.standing import Standing, standing
from archive.plugin.reading import citations, provenance, show, signposts

# Of the articles beside this one, each kind.
BESIDE = 5
_RESERVED = ":/?[]@!$&'()*+,;=%"


@dataclass(frozen=True, slots=True)
class _Found:
    """All that an article's page asks of the database. ``pictures``, ``articles`` and ``files``: what is kept of the
    addresses in ``html``, the body with the pictures that the page shows above it."""

    record: Citation
    shown: queries.Shown
    html: str
    pictures: dict[str, Snapshot]
    articles: dict[str, str]
    files: dict[str, Snapshot]
    standing: Standing
    nearby: Nearby


async def article(datasette: Any, request: Any) -> Response:
    name, given = request.url_vars["article"], request.url_vars["number"]
    number = int(given) if given else None
    hidden = await takedowns.withheld(datasette, request, name)
    if hidden is not None:
        return hidden
    base_url = answers.base_url(datasette, request)
    found = await answers.ask(datasette, lambda conn: _find(conn, name, number, base_url))
    if found is None:
        return await answers.nothing(datasette, request)
    shown = found.shown
    chosen = answers.language(request)
    words = wording.WORDS[chosen]
    return await answers.page(
        datasette,
        request,
        "article",
        headers=citations.headers(found.record, shown) | _unlisted(shown),
        a=shown,
        body=await asyncio.to_thread(
            show.body, found.html, shown.text, _words(chosen), _kept(datasette, request, found)
        ),
        standing=found.standing,
        stands=provenance.status(found.standing, len(shown.versions)),
        dark=provenance.why_dark(found.standing.state),
        portal_lost=provenance.portal_lost(found.standing),
        portal_dark=provenance.why_dark(found.standing.portal_state),
        moved_to=await _moved_to(datasette, found.standing),
        nearby=found.nearby,
        source=provenance.source(shown.proof.source, words["provenance"]),
        kind=provenance.kind,
        size=partial(provenance.size, language=chosen),
        snapshot=_Snapshots(datasette.urls.path("/")),
        **await citations.context(datasette, found.record, shown, pinned=number is not None),
    )


def _find(conn: sqlite3.Connection, name: str, number: int | None, base_url: str) -> _Found | None:
    record = load(conn, name, number, base_url)
    shown = queries.article(conn, name, number)
    if record is None or shown is None:
        return None
    in_body, links = show.references(shown.html)
    above = show.figures((each.url, each.caption) for each in shown.pictures if each.url not in in_body)
    html = above + (shown.html or show.paragraphs(shown.text)) if above else shown.html
    articles, files = pages(conn, links, shown.id)
    return _Found(
        record=record,
        shown=shown,
        html=html,
        pictures=pictures(conn, show.references(html)[0], shown.proof.fetched_at),
        articles=articles,
        files=files,
        standing=standing(conn, name),
        nearby=nearby(conn, name, shown.portal, shown.key, shown.published, shown.authors, BESIDE),
    )


@dataclass(frozen=True, slots=True)
class _Snapshots:
    """What templates ask for the address of a capture below ``base``: the page, or "im_", "id_"."""

    base: str

    def __call__(self, fetched_at: str, url: str, form: str = "") -> str:
        return signposts.snapshot(self.base, fetched_at, url, form)

    def every(self, url: str) -> str:
        """Where all captures of an address are listed; "" when it is no address of the web."""
        return f"{self.base}web/*/{quote(url, safe=_RESERVED, errors='replace')}" if show.external(url) else ""


def _kept(datasette: Any, request: Any, found: _Found) -> show.Kept:
    snapshot = _Snapshots(datasette.urls.path("/"))
    chosen = answers.language(request)
    kept = {url: snapshot(each.fetched_at, each.url, "im_") for url, each in found.pictures.items()}
    files = {url: snapshot(each.fetched_at, each.url, "id_") for url, each in found.files.items()}
    articles = {url: answers.link(datasette, request, chosen, f"/a/{name}") for url, name in found.articles.items()}
    return show.Kept(
        pictures={url: address for url, address in kept.items() if address},
        pages={url: address for url, address in (files | articles).items() if address},
    )


def _words(chosen: str) -> show.Words:
    words = wording.WORDS[chosen]["article"]
    return show.Words(chosen, *(words[name] for name in ("picture", "open_picture", "untold_picture", "table")))


def _unlisted(shown: queries.Shown) -> dict[str, str]:
    """Who knows the address of an article that is in no list may read it; who looks for one does not find it."""
    return {"X-Robots-Tag": "noindex"} if shown.takedown else {}


async def _moved_to(datasette: Any, found: Standing) -> str:
    """Where the page went, out of the redirect's own record."""
    if found.state != "moved" or found.proof is None:
        return ""
    warcs = Path(datasette.get_database(answers.DATABASE).path).parent / "warc"
    return await asyncio.to_thread(provenance.moved_to, warcs, found.proof)


ROUTES: answers.Routes = [
    (r"^/a/(?P<article>[a-z2-7]{10})(?:/(?P<number>[1-9]\d{0,8}))?/?$", article),
    (r"^/a(?:/.*)?$", answers.nothing),
]
