"""Feeds: what is new in a search, of a portal, by an author; what was changed, and what is gone."""

from __future__ import annotations

import hashlib
import heapq
import sqlite3
from dataclasses import replace
from typing import Any

from datasette import Response

from archive.plugin import answers, wording
from archive.plugin.finding import asking, atom, lists, naming, question, saying
from archive.plugin.finding.atom import Entry, Feed
from archive.plugin.finding.differing import difference
from archive.plugin.queries import exports as queries
from archive.plugin.queries import lists as changes
from archive.plugin.queries.exports import News
from archive.plugin.queries.searching import named
from archive.plugin.reading import show

MOST = 50
# What the archive received last is looked for among so many of what was published last.
_LOOKED_THROUGH = 10_000


async def news(datasette: Any, request: Any) -> Response:
    """What the archive received last of what a search finds; of everything when nothing is asked.

    On top is what came last, not what was published last: an old article that is found today is news to who follows.
    """
    asked = replace((await naming.resolved(datasette, question.read(request)))[0], sort="newest")
    docs: tuple[int, ...] = ()
    if not asked.empty:
        docs = tuple(heapq.nlargest(MOST, (await asking.docs(datasette, asked, _LOOKED_THROUGH))[1]))

    def ask(conn: sqlite3.Connection) -> tuple[tuple[News, ...], str, dict[str, Any]]:
        wanted = queries.newest(conn, MOST) if asked.empty else docs
        portals = named(conn, (asked.filters.portal,)) if asked.filters.portal else {}
        return queries.news(conn, wanted), queries.made(conn), portals

    found, made, portals = await answers.ask(datasette, ask)
    lang = answers.language(request)
    said = wording.WORDS[lang]["feed"]
    base = answers.base_url(datasette, request)
    described = saying.described(asked, portals, lang)
    return _answer(
        datasette,
        request,
        said["search_title"].format(what=described) if described else said["news_title"],
        said["news_about"],
        ("feed.atom", "search" if described else "", question.values(replace(asked, sort="rank"))),
        tuple(_article(entry, base) for entry in found),
        made,
    )


async def changed(datasette: Any, request: Any) -> Response:
    """The changes that the archive noticed last."""
    _, _, portal = await naming.chosen(datasette, request)
    only = portal.id if portal else ""
    found, made = await answers.ask(datasette, lambda conn: (changes.changes(conn, only, MOST, 0), queries.made(conn)))
    said = wording.WORDS[answers.language(request)]["feed"]
    base = answers.base_url(datasette, request)
    title = said["changed_title"]
    return _answer(
        datasette,
        request,
        f"{title} · {portal.short}" if portal else title,
        said["changed_about"],
        ("changed.atom", "changed", {"portal": only} if only else {}),
        tuple(_change(change, base, said) for change in found),
        made,
    )


async def gone(datasette: Any, request: Any) -> Response:
    """The articles that were found to be off their portals last."""
    _, _, portal = await naming.chosen(datasette, request)
    only, kind = portal.id if portal else "", lists.kind_of(answers.value(request, "kind"))

    def ask(conn: sqlite3.Connection) -> tuple[tuple[changes.Gone, ...], str]:
        states = lists.of_kind(changes.states(conn), kind)
        return changes.gone(conn, only, states, MOST, 0), queries.made(conn)

    found, made = await answers.ask(datasette, ask)
    said = wording.WORDS[answers.language(request)]["feed"]
    base = answers.base_url(datasette, request)
    parts = [said["gone_title"], said[f"kind_{kind}"] if kind else "", portal.short if portal else ""]
    values = {name: value for name, value in (("portal", only), ("kind", kind)) if value}
    return _answer(
        datasette,
        request,
        " · ".join(filter(None, parts)),
        said["gone_about"],
        ("gone.atom", "gone", values),
        tuple(_gone(article, base, said) for article in found),
        made,
    )


def _article(news: News, base: str) -> Entry:
    page = f"{base}a/{news.id}"
    return Entry(
        id=page,
        page=page,
        title=news.title or news.id,
        summary=_beginning(news.beginning),
        updated=atom.moment(news.updated),
        published=atom.moment(news.published),
        authors=news.authors or (news.portal_name,),
        section=news.section,
        original=_original(news.url),
    )


def _change(change: changes.Changed, base: str, said: dict[str, str]) -> Entry:
    before, after = change.before, change.after
    what = difference(change)
    lines = [said["what_changed"].format(what=", ".join(said[f"part_{part}"] for part in what.parts or ("other",)))]
    if "title" in what.parts:
        lines.append(said["title_was"].format(before=before.title, after=after.title))
    if what.piece:
        piece = what.piece
        was, now = (
            " ".join(filter(None, (piece.lead, text or "[…]", piece.tail))) for text in (piece.before, piece.after)
        )
        lines.append(said["text_was"].format(before=was, after=now))
    return Entry(
        id=f"{base}a/{change.article}/{after.number}",
        page=f"{base}a/{change.article}/diff/{before.number}..{after.number}",
        title=after.title or change.article,
        summary="\n".join(lines),
        updated=atom.moment(after.captured_at),
        published=atom.moment(after.published),
        authors=(change.portal_name,),
        section=after.section,
        original=_original(change.url),
        ours=True,
    )


def _gone(article: changes.Gone, base: str, said: dict[str, str]) -> Entry:
    page = f"{base}a/{article.id}"
    state = article.state.partition(":")[0]
    return Entry(
        # An article that comes back and goes again is news again.
        id=f"{page}#{state}-{article.since}",
        page=page,
        title=article.title or article.id,
        summary=said["seen_so"].format(state=said[f"kind_{state}"], n=article.looks),
        updated=atom.moment(article.since),
        published=atom.moment(article.published),
        authors=(article.portal_name,),
        section=article.section,
        original=_original(article.url),
        ours=True,
    )


def _answer(
    datasette: Any,
    request: Any,
    title: str,
    about: str,
    where: tuple[str, str, dict[str, str]],
    entries: tuple[Entry, ...],
    made: str,
) -> Response:
    """``where``: the paths of feed and page below the root, and the values of both. ``made``: when the database was."""
    path, page, values = where
    lang = answers.language(request)
    base = answers.base_url(datasette, request)
    updated = max((entry.updated for entry in entries), key=atom.instant, default="") or atom.moment(made)
    feed = Feed(
        f"{wording.WORDS[lang]['site']['name']}: {title}",
        about,
        base + answers.query(path, values, lang),
        base + answers.query(page, values, lang),
        updated,
        tuple(map(atom.clean, entries)),
    )
    xml = answers.render(datasette, request, "feed.xml", feed=atom.clean(feed))
    etag = f'"{hashlib.sha256(xml.encode()).hexdigest()[:24]}"'
    headers = {
        "ETag": etag,
        "Last-Modified": atom.http_date(updated),
        "Cache-Control": "max-age=300",
        "X-Content-Type-Options": "nosniff",
    }
    asked = (request.headers.get("if-none-match", ""), request.headers.get("if-modified-since", ""))
    if atom.unchanged(*asked, etag, updated):
        return Response("", status=304, headers=headers, content_type=atom.MEDIA_TYPE)
    return Response(xml, headers=headers, content_type=atom.MEDIA_TYPE)


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 400 else text[: text.rfind(" ", 200, 400) % 400] + " …"


def _original(url: str) -> str:
    return atom.address(url) if show.external(url) else ""


ROUTES: answers.Routes = [
    (r"^/feed\.atom$", news),
    (r"^/changed\.atom$", changed),
    (r"^/gone\.atom$", gone),
]
