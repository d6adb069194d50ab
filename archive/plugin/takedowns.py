"""What was taken out of sight: the page that stands in its place, and the public log of what and why."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette import Response

from archive.plugin import answers, wording
from archive.plugin.finding import atom
from archive.plugin.finding.atom import Entry, Feed
from archive.plugin.queries import takedowns as queries

IN_FEED = 100
# "Unavailable For Legal Reasons": RFC 7725, with the link that it asks for.
UNAVAILABLE = 451


async def withheld(datasette: Any, request: Any, article: str) -> Response | None:
    """The page in place of an article whose text is out of sight, and of whatever is made of it; None when it is not.

    It says which grade, since when and why, and nothing of what the article says.
    """
    decision = await answers.ask(datasette, lambda conn: queries.withheld(conn, article))
    if decision is None:
        return None
    return await _unavailable(datasette, request, decision)


async def withheld_capture(datasette: Any, request: Any, article: str | None = None) -> Response:
    """The page in place of a capture whose bytes are not given out. ``article`` that it shows, when it is known."""
    decision = None
    if article is not None:
        decision = await answers.ask(datasette, lambda conn: queries.withheld(conn, article))
    return await _unavailable(datasette, request, decision)


async def _unavailable(datasette: Any, request: Any, decision: queries.Decision | None) -> Response:
    log = answers.base_url(datasette, request) + "takedowns"
    headers = {"Link": f'<{log}>; rel="blocked-by"', "X-Robots-Tag": "noindex"}
    return await answers.page(datasette, request, "withheld", UNAVAILABLE, headers, d=decision)


async def log(datasette: Any, request: Any) -> Response:
    """Every decision, newest first."""
    wanted = answers.page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[int, int, tuple[queries.Decision, ...]]:
        total = queries.count(conn)
        number = min(wanted, max(1, -(-total // answers.PER_PAGE)))
        return total, number, queries.decisions(conn, answers.PER_PAGE, (number - 1) * answers.PER_PAGE)

    total, number, decisions = await answers.ask(datasette, ask)
    pages = answers.pages(number, total, "/takedowns")
    return await answers.page(datasette, request, "takedowns", total=total, decisions=decisions, pages=pages)


async def feed(datasette: Any, request: Any) -> Response:
    """The newest decisions, for who wants to be told."""
    decisions = await answers.ask(datasette, lambda conn: queries.decisions(conn, IN_FEED, 0))
    base, said = answers.base_url(datasette, request), wording.WORDS[answers.language(request)]["takedowns"]
    entries = tuple(_entry(decision, base, said) for decision in decisions)
    told = Feed(
        said["title"],
        said["about"],
        f"{base}takedowns.atom",
        f"{base}takedowns",
        # A feed without entries was never updated: the day on which the districts were abolished.
        entries[0].updated if entries else "2025-07-01T00:00:00Z",
        tuple(map(atom.clean, entries)),
    )
    text = answers.render(datasette, request, "feed.xml", feed=atom.clean(told))
    return Response(text, headers={"X-Content-Type-Options": "nosniff"}, content_type=atom.MEDIA_TYPE)


def _entry(decision: queries.Decision, base: str, said: dict[str, Any]) -> Entry:
    lines = [f"{said['why']}: {decision.why}"]
    if decision.asked_by:
        lines.append(f"{said['asked_by']}: {decision.asked_by}")
    return Entry(
        id=f"{base}takedowns#{decision.article}-{decision.at}",
        page=f"{base}a/{decision.article}",
        title=f"{said['grades'][decision.grade]}: {decision.title or decision.article}",
        summary="\n".join(lines),
        updated=atom.moment(decision.at),
        authors=(decision.portal_name,),
        ours=True,
    )


ROUTES: answers.Routes = [(r"^/takedowns\.atom$", feed), (r"^/takedowns/?$", log)]
