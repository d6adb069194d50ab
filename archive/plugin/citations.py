"""Citations of an article or of a version: as files, on its page, and in the page's head for machines."""

from __future__ import annotations

from typing import Any

from datasette import Response

from archive.cite import FORMATS, Citation, cite
from archive.cite.load import load
from archive.plugin import answers
from archive.plugin.queries.articles import Shown

MEDIA_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "wiki": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
SUFFIXES = {"text": "txt", **{form: form for form in FORMATS if form != "text"}}


async def citation(datasette: Any, request: Any) -> Response:
    """One citation as a file."""
    name, number, suffix = (request.url_vars[key] for key in ("article", "number", "suffix"))
    form = next(form for form, ending in SUFFIXES.items() if ending == suffix)
    base_url = answers.base_url(datasette, request)
    record = await answers.ask(datasette, lambda conn: load(conn, name, int(number) if number else None, base_url))
    if record is None:
        return await answers.nothing(datasette, request)
    file = f"{name}-{number}" if number else name
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": f'inline; filename="{file}.{suffix}"'}
    return Response(cite(record, form), headers=headers, content_type=MEDIA_TYPES[form])


def context(record: Citation, shown: Shown, pinned: bool) -> dict[str, Any]:
    """What cite.html and meta.html show. ``pinned``: it is the page of one version."""
    path = f"/a/{shown.id}/{shown.number}" if pinned else f"/a/{shown.id}"
    return {
        "record": record,
        "pinned": pinned,
        "path": path,
        "citations": [(form, SUFFIXES[form], cite(record, form)) for form in FORMATS],
    }


def headers(record: Citation, shown: Shown) -> dict[str, str]:  # noqa: ARG001
    """The page's own headers for machines."""
    return {}


_ENDINGS = "|".join(map(str, SUFFIXES.values()))
ROUTES: answers.Routes = [
    (rf"^/a/(?P<article>[a-z2-7]{{10}})(?:/(?P<number>[1-9]\d{{0,8}}))?\.(?P<suffix>{_ENDINGS})$", citation)
]
