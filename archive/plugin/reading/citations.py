"""Citations of an article or of a version: as files, on its page, and in the page's head for machines."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from datasette import Response

from archive.cite import Citation, cite
from archive.cite.load import load
from archive.plugin import answers, takedowns
from archive.plugin.queries import citations as queries
from archive.plugin.queries.articles import Shown
from archive.plugin.reading import described, signposts


@dataclass(frozen=True, slots=True)
class File:
    """A format as a file: the end of its address, and what it is sent as."""

    suffix: str
    media_type: str


# As the page shows them: for readers, for programs, for Wikipedia.
GROUPS = {
    "readers": {
        "text": File("txt", "text/plain"),
        "chicago": File("chicago.txt", "text/plain"),
        "apa": File("apa.txt", "text/plain"),
    },
    "programs": {
        "ris": File("ris", "application/x-research-info-systems"),
        "bib": File("bib", "application/x-bibtex"),
        "json": File("json", "application/vnd.citationstyles.csl+json"),
    },
    "wikipedia": {
        "wiki": File("wiki", "text/plain"),
        "wiki_en": File("en.wiki", "text/plain"),
    },
}
FILES = {form: file for group in GROUPS.values() for form, file in group.items()}
# What unAPI calls them.
UNAPI = {"ris": "ris", "bibtex": "bib"}


@dataclass(frozen=True, slots=True)
class Offered:
    """A citation as the page shows it: ``file`` its address, ``text`` without the line break at its end."""

    form: str
    file: str
    suffix: str
    text: str


async def citation(datasette: Any, request: Any) -> Response:
    """One citation as a file."""
    suffix = request.url_vars["suffix"]
    form = next(form for form, file in FILES.items() if file.suffix == suffix)
    number = request.url_vars["number"]
    return await _sent(datasette, request, request.url_vars["article"], int(number) if number else None, form)


async def unapi(datasette: Any, request: Any) -> Response:
    """The formats, and a record in one of them. Source: "unAPI Version 1", 2006; it is what Zotero asks first."""
    name, _, number = answers.value(request, "id").partition("/")
    form = answers.value(request, "format")
    asked = re.fullmatch(r"[a-z2-7]{10}", name) and re.fullmatch(r"(?:[1-9][0-9]{0,8})?", number)
    if form and form not in UNAPI:
        return _unapi_formats(datasette, request, "", 406)
    if form and asked:
        return await _sent(datasette, request, name, int(number) if number else None, UNAPI[form])
    if form or (name and not asked):
        return await answers.nothing(datasette, request)
    return _unapi_formats(datasette, request, answers.value(request, "id"), 300 if name else 200)


def _unapi_formats(datasette: Any, request: Any, name: str, status: int) -> Response:
    formats = {form: FILES[cited].media_type for form, cited in UNAPI.items()}
    text = answers.render(datasette, request, "unapi.xml", id=name, formats=formats)
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(text, status=status, headers=headers, content_type="application/xml; charset=utf-8")


async def _sent(datasette: Any, request: Any, name: str, number: int | None, form: str) -> Response:
    hidden = await takedowns.withheld(datasette, request, name)
    if hidden is not None:
        return hidden
    base_url = answers.base_url(datasette, request)
    record = await answers.ask(datasette, lambda conn: load(conn, name, number, base_url))
    if record is None:
        return await answers.nothing(datasette, request)
    text = cite(record, form)
    tag = f'"{hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]}"'
    headers = {"X-Content-Type-Options": "nosniff", "ETag": tag, "Cache-Control": "no-cache"}
    if tag in re.split(r"\s*,\s*", request.headers.get("if-none-match", "").strip()):
        return Response("", status=304, headers=headers)
    file = FILES[form]
    headers |= {
        "Content-Disposition": f'inline; filename="{record.key}.{file.suffix}"',
        "Link": f'<{record.archived_url}>; rel="describes"; type="text/html"',
        "X-Robots-Tag": "noindex",
    }
    return Response(text, headers=headers, content_type=f"{file.media_type}; charset=utf-8")


async def context(datasette: Any, record: Citation, shown: Shown, pinned: bool) -> dict[str, Any]:
    """What cite.html and meta.html show. ``pinned``: it is the page of one version."""
    path = datasette.urls.path(f"/a/{shown.id}/{shown.number}" if pinned else f"/a/{shown.id}")
    found = await answers.ask(datasette, lambda conn: queries.picture(conn, shown.id))
    picture = signposts.snapshot(signposts.base_url(record), *found, form="im_") if found else ""
    return {
        "pinned": pinned,
        "head": described.head(record, shown, picture),
        "citations": {
            group: [
                Offered(form, f"{path}.{file.suffix}", file.suffix, _shown(record, form)) for form, file in of.items()
            ]
            for group, of in GROUPS.items()
        },
        "alternates": [(file.media_type, f"{path}.{file.suffix}") for file in GROUPS["programs"].values()],
        "unapi_id": f"{shown.id}/{shown.number}" if pinned else shown.id,
    }


def headers(record: Citation, shown: Shown) -> dict[str, str]:
    """The page's own headers for machines."""
    files = tuple((file.suffix, file.media_type) for file in GROUPS["programs"].values())
    return signposts.headers(record, shown, files)


def _shown(record: Citation, form: str) -> str:
    # Not strip(): the last line of RIS ends with a blank.
    return cite(record, form).replace("\r\n", "\n").rstrip("\n")


_ENDINGS = "|".join(re.escape(file.suffix) for file in FILES.values())
ROUTES: answers.Routes = [
    (rf"^/a/(?P<article>[a-z2-7]{{10}})(?:/(?P<number>[1-9]\d{{0,8}}))?\.(?P<suffix>{_ENDINGS})$", citation),
    (r"^/unapi/?$", unapi),
]
