"""The Datasette plugin: the archive's own pages before Datasette's, and its search made right.

Datasette is touched here (hooks), and in ``answers`` by ``execute_fn`` and ``render_template`` only.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote_plus

from datasette import hookimpl

from archive.plugin import answers, articles, citations, home, machines, portals, searching
from archive.text import index_form

# Each has its addresses in ROUTES; the first that fits answers.
ROOMS = (home, searching, portals, citations, articles, machines)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    """None when another database is served: this plugin is installed beside any other use of Datasette."""
    if answers.DATABASE not in datasette.databases:
        return []
    return [(path, answers.bounded(view)) for room in ROOMS for path, view in room.ROUTES]


@hookimpl  # type: ignore[untyped-decorator]
def extra_css_urls(database: str | None, datasette: Any) -> list[str]:
    """On Datasette's own pages of this database only."""
    return [datasette.urls.static_plugins("tangthu", "datasette.css")] if database == answers.DATABASE else []


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Any) -> Any:  # noqa: ARG001 - the hook's name for it
    """Datasette's own ``?_search=`` sees what the index has: NFC, and hoà as hòa."""

    def wrap(app: Any) -> Any:
        async def with_index_form(scope: Any, receive: Any, send: Any) -> None:
            query = scope.get("query_string", b"") if scope["type"] == "http" else b""
            if b"_search" in query:
                scope = {**scope, "query_string": search_in_index_form(query)}
            await app(scope, receive, send)

        return with_index_form

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
