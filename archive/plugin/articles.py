"""An article, one of its versions, its citations as files."""

from __future__ import annotations

from typing import Any

from datasette import Response

from archive.cite import FORMATS, cite
from archive.cite.load import load
from archive.plugin import answers, show, wording
from archive.plugin.queries import articles as queries

MEDIA_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "wiki": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
SUFFIXES = {"text": "txt", **{form: form for form in FORMATS if form != "text"}}


async def article(datasette: Any, request: Any) -> Response:
    name, number, form = (request.url_vars[key] for key in ("article", "number", "form"))
    number = int(number) if number else None
    base_url = answers.base_url(datasette, request)
    record = await answers.ask(datasette, lambda conn: load(conn, name, number, base_url))
    if record is None:
        return await answers.nothing(datasette, request)
    if form:
        form = "text" if form == "txt" else form
        file = f"{name}-{number}" if number else name
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'inline; filename="{file}.{SUFFIXES[form]}"',
        }
        return Response(cite(record, form), headers=headers, content_type=MEDIA_TYPES[form])
    shown = await answers.ask(datasette, lambda conn: queries.article(conn, name, number))
    if shown is None:
        return await answers.nothing(datasette, request)
    words = wording.WORDS[answers.language(request)]["article"]
    return await answers.page(
        datasette,
        request,
        "article",
        a=shown,
        record=record,
        pinned=number is not None,
        body=show.body(shown.html, shown.text, words["picture"], words["open_picture"]),
        citations=[(form, SUFFIXES[form], cite(record, form)) for form in FORMATS],
        path=f"/a/{name}/{number}" if number else f"/a/{name}",
    )


ROUTES: answers.Routes = [
    (
        r"^/a/(?P<article>[a-z2-7]{10})(?:/(?P<number>[1-9]\d{0,8}))?(?:\.(?P<form>bib|ris|json|wiki|txt)|/)?$",
        article,
    ),
    (r"^/a(?:/.*)?$", answers.nothing),
]
