"""The Datasette plugin: the archive's own pages before Datasette's, and its search made right.

Datasette is touched by hooks, here and in ``tables``, ``failures``, ``limits``, in ``answers`` by ``execute_fn``, and
in ``rendering`` by its environment of templates.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote_plus

from datasette import hookimpl

from archive.plugin import answers, envelope, failures, limits, machines, takedowns
from archive.plugin.failures import forbidden, handle_exception
from archive.plugin.finding import authors, exports, feeds, lists, searching
from archive.plugin.finding.indexing import startup
from archive.plugin.limits import prepare_connection
from archive.plugin.overview import health, home, portals
from archive.plugin.raw import downloads, tables
from archive.plugin.raw.tables import (
    extra_css_urls,
    extra_template_vars,
    filters_from_request,
    prepare_jinja2_environment,
    render_cell,
)
from archive.plugin.reading import articles, citations, comparing
from archive.plugin.received import memento, records, snapshots
from archive.text import index_form

# Each has its addresses in ROUTES; the first that fits answers.
ROOMS = (
    home,
    searching,
    exports,
    feeds,
    lists,
    authors,
    portals,
    health,
    citations,
    comparing,
    articles,
    machines,
    takedowns,
    downloads,
    tables,
    snapshots,
    memento,
    records,
)

# Hooks that stand with their subject; Datasette looks for them here.
__all__ = [
    "asgi_wrapper",
    "extra_css_urls",
    "extra_template_vars",
    "filters_from_request",
    "forbidden",
    "handle_exception",
    "prepare_connection",
    "prepare_jinja2_environment",
    "register_routes",
    "render_cell",
    "startup",
]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """None when another database is served: this plugin is installed beside any other use of Datasette."""
    if answers.DATABASE not in datasette.databases:
        return []
    return [(path, answers.bounded(view)) for room in ROOMS for path, view in room.ROUTES]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Any:
    """From the outside in: headers, language, refusals; who waits; Datasette's ``?_search=`` as the index has it."""
    if answers.DATABASE not in datasette.databases:
        return lambda app: app

    def wrap(app: Any) -> Any:
        async def with_index_form(scope: Any, receive: Any, send: Any) -> None:
            query = scope.get("query_string", b"") if scope["type"] == "http" else b""
            if b"_search" in query:
                scope = {**scope, "query_string": search_in_index_form(query)}
            await app(scope, receive, send)

        def base_url() -> str:
            return str(datasette.setting("base_url"))

        threads = datasette.setting("num_sql_threads")
        laned = limits.lanes(with_index_form, failures.busy(datasette), threads, base_url)
        return envelope.enveloped(laned, base_url)

    return wrap


def search_in_index_form(query: bytes) -> bytes:
    """The query string with ``_search`` and ``_search_<column>`` in the form of the index, the rest byte for byte.

    A search for nothing is left out: Datasette would answer "fts5: syntax error".
    """
    pairs = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"_search" or name.startswith(b"_search_"):
            words = unquote_plus(value.decode("latin-1"), errors="replace").replace("\x00", " ")
            if words.strip(' \t\r\n"'):
                pairs.append(name + b"=" + quote_plus(index_form(words)).encode("ascii"))
        else:
            pairs.append(pair)
    return b"&".join(pairs)
