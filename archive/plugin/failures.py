"""When Datasette cannot answer: a page that says why, in the reader's language, and what was asked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any

from datasette import Response, hookimpl
from datasette.database import QueryInterrupted
from datasette.utils import InvalidSql
from datasette.utils.asgi import Base400, Request
from datasette.views.base import DatasetteError

from archive.plugin import answers, envelope
from archive.plugin.envelope import Receive, Scope, Send
from archive.plugin.raw import spoken, tables

# What Datasette raises out of an address that makes no sense: a number that is none, a page that never was. Its own
# pages only read, so nothing but the address can be at fault; what is wrong with the database is none of these.
_OF_THE_ADDRESS = (
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    AssertionError,
    RecursionError,
    InvalidSql,
    sqlite3.InterfaceError,
)
_BROKEN = re.compile(r"disk I/O error|malformed|database is locked|unable to open|not a database", re.IGNORECASE)
_SHOWN = 2_000


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Response | None]]:
    """None where Datasette's own answer stands: another database is served."""

    async def answer() -> Response | None:
        if not tables.is_ours(datasette):
            return None
        status, message, sql = told(exception, request.path if request else "", datasette.setting("base_url"))
        if request.path.endswith(".json"):
            body = {"ok": False, "error": message, "status": status, "title": None}
            return Response.json(body, status=status)
        if status == 404 and not envelope.is_datasettes(envelope.below(request.path, datasette.setting("base_url"))):
            return await answers.nothing(datasette, request)
        return await page(datasette, request, status, message, sql)

    return answer


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Any, message: str) -> Callable[[], Awaitable[Response | None]] | None:
    if not tables.is_ours(datasette):
        return None

    async def answer() -> Response:
        return await page(datasette, request, 403, message)

    return answer


def told(exception: Exception, path: str, base_url: str) -> tuple[int, str, str]:
    """Status, message in Datasette's or SQLite's English, and the SQL where it is known, else ""."""
    if isinstance(exception, QueryInterrupted):
        return 400, "interrupted", str(exception.sql)
    if isinstance(exception, DatasetteError):
        if exception.message_is_html:  # "SQL query took too long": the one that holds HTML
            found = re.search(r"<textarea[^>]*>(.*)</textarea>", exception.message, re.DOTALL)
            return 400, "interrupted", unescape(found[1]) if found else ""
        # Datasette says 500 of a column that is not there.
        return 400 if exception.status == 500 else exception.status, str(exception.message), ""
    if isinstance(exception, Base400):
        return exception.status, str(exception.args[0]) if exception.args else "", ""
    ours = envelope.is_datasettes(envelope.below(path, base_url))
    if isinstance(exception, MemoryError):
        return 400, "out of memory", ""
    if isinstance(exception, sqlite3.DatabaseError) and not _BROKEN.search(str(exception)):
        return 400 if ours else 500, str(exception), ""
    if isinstance(exception, _OF_THE_ADDRESS) and ours:
        return 400, str(exception), ""
    return 500, "", ""


async def page(datasette: Any, request: Any, status: int, message: str, sql: str = "", after: int = 0) -> Response:
    """``after``: so many seconds until it may be asked again; 0 says nothing."""
    language = answers.language(request)
    kind = {404: "missing", 403: "forbidden", 503: "busy"}.get(status, "broken" if status >= 500 else "refused")
    message = message if re.search(r"[a-z]", message) else ""  # "404" is none
    return await answers.page(
        datasette,
        request,
        "failure",
        status,
        {"Retry-After": str(after)} if after else None,
        kind=kind,
        code=status,
        said=spoken.error(message, language)[:_SHOWN],
        original=message[:_SHOWN] if spoken.error(message, language) != message else "",
        sql=(sql or request.args.get("sql") or "")[:_SHOWN],
    )


def busy(datasette: Any) -> envelope.App:
    """Answers that too many ask at once, without asking the database for anything."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request({**scope, "csrftoken": str}, receive)  # set further in; no page here has a form that posts
        response = await page(datasette, request, 503, "", after=5)
        await response.asgi_send(send)

    return answer
