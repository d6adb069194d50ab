"""The archive's pages. Each takes Datasette and a request, and answers; no input of a reader is an error 500."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlencode

from datasette import Response

from archive import search as searching
from archive.cite import FORMATS, cite
from archive.plugin import queries, show, wording

DATABASE = "tangthu"
COOKIE = "tangthu_lang"
PER_PAGE = 20
ON_HOME = 8
# One reader's question must not keep one of Datasette's few threads from the others.
SECONDS = 4.0

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
MEDIA_TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "wiki": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
SUFFIXES = {"text": "txt", **{form: form for form in FORMATS if form != "text"}}

T = TypeVar("T")


class TooSlow(Exception):
    """The question takes longer than SECONDS: ask for less."""


async def home(datasette: Any, request: Any) -> Response:
    found = await _ask(datasette, lambda conn: queries.home(conn, ON_HOME))
    provinces: dict[str, list[queries.PortalEntry]] = {}
    for entry in found.portals:
        provinces.setdefault(entry.province, []).append(entry)
    return await _page(datasette, request, "home", home=found, provinces=provinces)


async def search(datasette: Any, request: Any) -> Response:
    words = (request.args.get("q") or "").replace("\x00", " ").strip()[: searching.MOST_CHARACTERS]
    only = (request.args.get("portal") or "").strip() or None
    page = _page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[searching.Results, int, queries.PortalEntry | None]:
        found = searching.search(conn, words, only, PER_PAGE, (page - 1) * PER_PAGE)
        last = max(1, -(-found.total // PER_PAGE))
        if page > last:
            found = searching.search(conn, words, only, PER_PAGE, (last - 1) * PER_PAGE)
        return found, min(page, last), queries.portal(conn, only) if only else None

    try:
        found, page, portal_entry = await _ask(datasette, ask)
    except TooSlow:
        return await _page(datasette, request, "message", 503, what="slow", q=words)
    return await _page(
        datasette,
        request,
        "search",
        q=words,
        found=found,
        portal=portal_entry,
        pages=_pages(page, found.total, "/search", q=words, portal=only),
    )


async def portal(datasette: Any, request: Any) -> Response:
    name = unquote(request.url_vars["portal"]).strip("/")
    page = _page_number(request)

    def ask(conn: sqlite3.Connection) -> tuple[queries.PortalEntry | None, int, tuple[queries.Entry, ...]]:
        entry = queries.portal(conn, name)
        if entry is None:
            return None, 1, ()
        number = min(page, max(1, -(-entry.articles // PER_PAGE)))
        return entry, number, queries.portal_articles(conn, name, PER_PAGE, (number - 1) * PER_PAGE)

    entry, page, articles = await _ask(datasette, ask)
    if entry is None:
        return await nothing(datasette, request)
    path = f"/portal/{entry.id}"
    return await _page(
        datasette, request, "portal", portal=entry, articles=articles, pages=_pages(page, entry.articles, path)
    )


async def article(datasette: Any, request: Any) -> Response:
    name, number, form = (request.url_vars[key] for key in ("article", "number", "form"))
    number = int(number) if number else None
    base_url = _base_url(datasette, request)
    record = await _ask(datasette, lambda conn: searching.load(conn, name, number, base_url))
    if record is None:
        return await nothing(datasette, request)
    if form:
        form = "text" if form == "txt" else form
        file = f"{name}-{number}" if number else name
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'inline; filename="{file}.{SUFFIXES[form]}"',
        }
        return Response(cite(record, form), headers=headers, content_type=MEDIA_TYPES[form])
    shown = await _ask(datasette, lambda conn: queries.article(conn, name, number))
    if shown is None:
        return await nothing(datasette, request)
    words = wording.WORDS[_language(request)]["article"]
    return await _page(
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


async def nothing(datasette: Any, request: Any) -> Response:
    """The page that says that there is no such page."""
    return await _page(datasette, request, "message", 404, what="missing", q="")


async def robots(datasette: Any, request: Any) -> Response:  # noqa: ARG001 - Datasette passes by name
    """Articles may be read by machines; endless tables and searches need not."""
    root = datasette.urls.path("/")
    closed = "".join(f"Disallow: {root}{path}\n" for path in ("search", DATABASE, "-/"))
    text = f"User-agent: *\nAllow: {root}-/static-plugins/\n{closed}Crawl-delay: 5\n"
    return Response.text(text, headers={"X-Content-Type-Options": "nosniff"})


async def _ask(datasette: Any, question: Callable[[sqlite3.Connection], T]) -> T:
    """Put a question to the database in one of Datasette's threads. Raises TooSlow."""

    def limited(conn: sqlite3.Connection) -> T:
        deadline = monotonic() + SECONDS
        conn.set_progress_handler(lambda: monotonic() > deadline, 20_000)
        try:
            return question(conn)
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise TooSlow from error
            raise
        finally:
            conn.set_progress_handler(None, 0)

    answer: T = await datasette.get_database(DATABASE).execute_fn(limited)
    return answer


async def _page(datasette: Any, request: Any, template: str, status: int = 200, **values: Any) -> Response:
    language = _language(request)
    context = {
        "t": wording.WORDS[language],
        "lang": language,
        "other": next(name for name in wording.LANGUAGES if name != language),
        "here": request.path,
        "link": partial(_link, datasette, request, language),
        "switch": partial(_switch, request),
        "external": show.external,
        "base": _base_url(datasette, request),
        "database_path": "/" + DATABASE,
        **{name: partial(_in, getattr(wording, name), language) for name in _SPOKEN},
        **values,
    }
    html = await datasette.render_template(f"tangthu/{template}.html", context, request=request)
    response = Response.html(html, status=status, headers={**HEADERS, "Content-Language": language})
    if request.args.get("lang") in wording.LANGUAGES and request.cookies.get(COOKIE) != language:
        response.set_cookie(COOKIE, language, max_age=365 * 86400, httponly=True)
    return response


_SPOKEN = ("published", "captured", "captured_day", "number", "role")


def _in(function: Callable[[Any, str], str], language: str, value: Any) -> str:
    return function(value, language)


def _language(request: Any) -> str:
    """What the address says, else what was chosen before, else Vietnamese: the sources are Vietnamese."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in wording.LANGUAGES:
            return str(wanted)
    return "vi"


def _link(datasette: Any, request: Any, language: str, path: str, **values: Any) -> str:
    """An address of this site; it says the language while no cookie does."""
    if language != (request.cookies.get(COOKIE) or "vi"):
        values["lang"] = language
    query = urlencode({name: value for name, value in values.items() if value})
    address = str(datasette.urls.path(quote(path, safe="/~:@")))
    return f"{address}?{query}" if query else address


def _switch(request: Any, language: str) -> str:
    """This very page in another language."""
    values = [(name, value) for name in request.args for value in request.args.getlist(name) if name != "lang"]
    # The search words only: a page asked for with a hundred thousand letters needs no link that long.
    values = [(name, value[: searching.MOST_CHARACTERS]) for name, value in values if name in _OWN]
    return "?" + urlencode([*values, ("lang", language)])


_OWN = ("q", "portal", "trang", "page")


def _base_url(datasette: Any, request: Any) -> str:
    """Where the archive is published: as its metadata say (plugins, tangthu, base_url), else as it was asked."""
    configured = (datasette.plugin_config("tangthu") or {}).get("base_url")
    if configured:
        return str(configured).rstrip("/") + "/"
    host = request.host if re.fullmatch(r"[\w.\-:\[\]]{1,255}", request.host) else "localhost"
    return f"{request.scheme}://{host}{datasette.urls.path('/')}"


def _page_number(request: Any) -> int:
    """``?trang=`` or ``?page=``: what is no page is the first, what is beyond the last becomes it later."""
    given = request.args.get("trang") or request.args.get("page") or ""
    return min(max(1, int(given)), 10_000_000) if re.fullmatch(r"[0-9]{1,30}", given) else 1


def _pages(page: int, total: int, path: str, **values: Any) -> dict[str, Any]:
    """What the pager shows: ``number`` of ``last``, and the addresses' path and values."""
    return {"number": page, "last": max(1, -(-total // PER_PAGE)), "path": path, "values": values}
