"""What every page has in common: the question to the database, the answer with its headers, language, addresses."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial, wraps
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urlencode

from datasette import Response

from archive.plugin import rendering, wording
from archive.plugin.raw import bounds
from archive.plugin.reading import show
from archive.search import IndexMissing

DATABASE = "tangthu"
COOKIE = "tangthu_lang"
PER_PAGE = 20
# One reader's question must not keep one of Datasette's few threads from the others.
SECONDS = 4.0
# Longer values of an address are nobody's: the switch of languages repeats them cut.
MOST_CHARACTERS = 600

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

T = TypeVar("T")
View = Callable[[Any, Any], Awaitable[Response]]
Routes = list[tuple[str, View]]


class TooSlow(Exception):
    """The question takes longer than SECONDS: ask for less."""


def bounded(view: View) -> View:
    """The view, which says so when its question takes too long, or cannot be answered yet."""

    @wraps(view)
    async def answer(datasette: Any, request: Any) -> Response:
        try:
            return await view(datasette, request)
        except TooSlow:
            return await page(datasette, request, "message", 503, what="slow", q=words(request))
        except IndexMissing as error:
            sys.stderr.write(f"tangthu: {error}\n")  # for the operator: a reader can do nothing
            return await page(datasette, request, "message", 503, what="unindexed", q=words(request))

    return answer


async def ask(datasette: Any, question: Callable[[sqlite3.Connection], T], seconds: float | None = None) -> T:
    """Put a question to the database in one of Datasette's threads. It may take ``seconds``, SECONDS when not given:
    only what is asked once for all readers may take longer. Raises TooSlow."""

    def limited(conn: sqlite3.Connection) -> T:
        deadline = monotonic() + (SECONDS if seconds is None else seconds)
        conn.set_progress_handler(lambda: monotonic() > deadline, 20_000)
        try:
            with bounds.house(conn):
                return question(conn)
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise TooSlow from error
            raise
        finally:
            conn.set_progress_handler(None, 0)

    answer: T = await datasette.get_database(DATABASE).execute_fn(limited)
    return answer


async def page(
    datasette: Any,
    request: Any,
    template: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page that ``templates/tangthu/<template>.html`` makes of ``values``, in the reader's language.

    ``headers`` beside, or in place of, HEADERS.
    """
    chosen = language(request)
    html = render(datasette, request, f"{template}.html", **values)
    response = Response.html(html, status=status, headers={**HEADERS, "Content-Language": chosen, **(headers or {})})
    if request.args.get("lang") in wording.LANGUAGES and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, max_age=365 * 86400, httponly=True)
    return response


def render(datasette: Any, request: Any, template: str, **values: Any) -> str:
    """What ``templates/tangthu/<template>`` makes of ``values``, in the reader's language, everything escaped."""
    chosen = language(request)
    context = {
        "t": wording.WORDS[chosen],
        "lang": chosen,
        "other": next(name for name in wording.LANGUAGES if name != chosen),
        "here": request.path,
        "request": request,
        "urls": datasette.urls,
        "link": linker(datasette, request, chosen),
        "switch": partial(_switch, request),
        "external": show.external,
        "base": base_url(datasette, request),
        "database_path": "/" + DATABASE,
        **{name: partial(_in, getattr(wording, name), chosen) for name in _SPOKEN},
        **values,
    }
    return rendering.render(datasette, template, context)


async def nothing(datasette: Any, request: Any) -> Response:
    """The page that says that there is no such page."""
    return await page(datasette, request, "message", 404, what="missing", q="")


_SPOKEN = ("published", "captured", "captured_day", "number", "role")


def _in(function: Callable[[Any, str], str], chosen: str, value: Any) -> str:
    return function(value, chosen)


def words(request: Any) -> str:
    """``?q=``: what a reader looks for, "" when nothing."""
    return value(request, "q")


def value(request: Any, name: str) -> str:
    """A value of the address, "" when it is not given; cut after MOST_CHARACTERS."""
    return (request.args.get(name) or "").replace("\x00", " ").strip()[:MOST_CHARACTERS]


def language(request: Any) -> str:
    """What the address says, else what was chosen before, else Vietnamese: the sources are Vietnamese."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in wording.LANGUAGES:
            return str(wanted)
    return "vi"


def link(datasette: Any, request: Any, chosen: str, path: str, **values: Any) -> str:
    """An address of this site; it says the language while no cookie does."""
    return linker(datasette, request, chosen)(path, **values)


def linker(datasette: Any, request: Any, chosen: str) -> Callable[..., str]:
    """``link`` for a page that has a hundred of them."""
    root = str(datasette.urls.path("/"))
    said = f"lang={chosen}" if chosen != (request.cookies.get(COOKIE) or wording.LANGUAGES[0]) else ""

    def address(path: str, **values: Any) -> str:
        query = "&".join([f"{name}={_value(value)}" for name, value in values.items() if value] + [said] * bool(said))
        return f"{root}{_path(path)}?{query}" if query else root + _path(path)

    return address


@lru_cache(2048)
def _value(value: Any) -> str:
    return quote_plus(str(value))


@lru_cache(2048)
def _path(path: str) -> str:
    return quote(path, safe="/~:@").removeprefix("/")


def query(path: str, values: dict[str, str], chosen: str) -> str:
    """An address for machines, relative to the root; it says the language unless that is the house's own."""
    said = urlencode({**values, **({"lang": chosen} if chosen != wording.LANGUAGES[0] else {})})
    return f"{path}?{said}" if said else path


def _switch(request: Any, chosen: str) -> str:
    """This very page in another language."""
    values = [(name, value) for name in request.args for value in request.args.getlist(name) if name != "lang"]
    # The search words only: a page asked for with a hundred thousand letters needs no link that long.
    values = [(name, value[:MOST_CHARACTERS]) for name, value in values if name in _OWN]
    return "?" + urlencode([*values, ("lang", chosen)])


_OWN = (
    "q",
    "portal",
    "section",
    "author",
    "from",
    "to",
    "files",
    "sort",
    "trang",
    "page",
    "kind",
    "chu",
    "province",
    "state",
)


def base_url(datasette: Any, request: Any) -> str:
    """Where the archive is published: as its metadata say (plugins, tangthu, base_url), else as it was asked."""
    configured = (datasette.plugin_config("tangthu") or {}).get("base_url")
    if configured:
        return str(configured).rstrip("/") + "/"
    host = request.host if re.fullmatch(r"[\w.\-:\[\]]{1,255}", request.host) else "localhost"
    return f"{request.scheme}://{host}{datasette.urls.path('/')}"


def page_number(request: Any) -> int:
    """``?trang=`` or ``?page=``: what is no page is the first, what is beyond the last becomes it later."""
    given = request.args.get("trang") or request.args.get("page") or ""
    return min(max(1, int(given)), 10_000_000) if re.fullmatch(r"[0-9]{1,30}", given) else 1


def pages(number: int, total: int, path: str, **values: Any) -> dict[str, Any]:
    """What the pager shows: ``number`` of ``last``, and the addresses' path and values."""
    return {"number": number, "last": max(1, -(-total // PER_PAGE)), "path": path, "values": values}
