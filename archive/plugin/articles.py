"""An article, or one of its versions."""

from __future__ import annotations

from typing import Any

from datasette import Response

from archive.cite.load import load
from archive.plugin import answers, citations, show, wording
from archive.plugin.queries import articles as queries


async def article(datasette: Any, request: Any) -> Response:
    name, given = request.url_vars["article"], request.url_vars["number"]
    number = int(given) if given else None
    base_url = answers.base_url(datasette, request)
    record = await answers.ask(datasette, lambda conn: load(conn, name, number, base_url))
    shown = await answers.ask(datasette, lambda conn: queries.article(conn, name, number))
    if record is None or shown is None:
        return await answers.nothing(datasette, request)
    words = wording.WORDS[answers.language(request)]["article"]
    return await answers.page(
        datasette,
        request,
        "article",
        headers=citations.headers(record, shown),
        a=shown,
        body=show.body(shown.html, shown.text, words["picture"], words["open_picture"]),
        **citations.context(record, shown, pinned=number is not None),
    )


ROUTES: answers.Routes = [
    (r"^/a/(?P<article>[a-z2-7]{10})(?:/(?P<number>[1-9]\d{0,8}))?/?$", article),
    (r"^/a(?:/.*)?$", answers.nothing),
]
