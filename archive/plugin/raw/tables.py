"""Datasette's own pages of the archive's tables: their language, their look, and cells that lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import datasette as datasette_package
from datasette import Response, hookimpl
from datasette.filters import FilterArguments, Filters
from markupsafe import Markup

from archive.plugin import answers, envelope, wording
from archive.plugin.raw import spoken
from archive.plugin.raw.translate import TranslatingLoader
from archive.plugin.reading import show

_SCRIPT = Path(datasette_package.__file__).parent / "static" / "table.js"
_ARTICLE = re.compile(r"[a-z2-7]{10}")
_PORTAL = re.compile(r"[a-z0-9_.\-]+/[a-z0-9_.\-]+")
# Columns of canned queries that hold an article's id.
_ARTICLE_COLUMNS = {"id", "bai", "article"}
MOST_OF_A_LIST, MOST_OF_AN_ADDRESS, MOST_OF_A_QUERY = 3, 70, 4_000


def is_ours(datasette: Any) -> bool:
    """Is the archive what is published here? The plugin may be installed beside another use of Datasette."""
    return answers.DATABASE in datasette.databases


# Language


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Datasette's templates in both languages. Where nobody says which, they are as Datasette has them."""
    if not is_ours(datasette):
        return
    env.loader = TranslatingLoader(env.loader, spoken.phrases())
    env.globals |= _variables("en") | {"tangthu_switch": None, "tangthu_nonce": ""}


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(
    template: str, database: str | None, table: str | None, view_name: str | None, request: Any, datasette: Any
) -> dict[str, Any]:
    if request is None or template.startswith("tangthu/") or not is_ours(datasette):
        return {}
    language = answers.language(request)
    values = _variables(language)
    values |= {
        "tangthu_switch": _switch(request, language),
        "tangthu_nonce": request.scope.get(envelope.NONCE, ""),
    }
    if view_name == "table" and database == answers.DATABASE and table and language == "vi":
        values["human_description_en"] = _filtered(datasette, database, table, request)
    return values


def _switch(request: Any, language: str) -> tuple[str, str]:
    """The other language, and this very page in it; ``envelope`` takes ``lang`` off before Datasette sees a filter."""
    other = next(name for name in wording.LANGUAGES if name != language)
    query = request.query_string if len(request.query_string) < MOST_OF_A_QUERY else ""
    return other, f"?{query}&lang={other}" if query else f"?lang={other}"


def _variables(language: str) -> dict[str, Any]:
    return {
        "tangthu_lang": language,
        "tangthu_words": wording.WORDS[language]["tables"],
        "tangthu_site": wording.WORDS[language]["site"],
        "tangthu_number": spoken.number(language),
        "tangthu_say": lambda kind, said: spoken.say(language, kind, said),
    }


def _filtered(datasette: Any, database: str, table: str, request: Any) -> str:
    """What Datasette calls ``human_description_en``, in Vietnamese."""
    pairs = [
        (name, value) for name in request.args for value in request.args.getlist(name)
        if not (name.startswith("_") and "__" not in name)
    ]  # fmt: skip
    searched = [
        (name.removeprefix("_search").removeprefix("_"), request.args[name])
        for name in request.args
        if name == "_search" or name.startswith("_search_")
    ]
    given = datasette.table_metadata(database, table)
    sort, descending = request.args.get("_sort") or "", request.args.get("_sort_desc") or ""
    if not sort and not descending:
        sort, descending = given.get("sort") or "", given.get("sort_desc") or ""
    selections = [(str(column), how, str(value)) for column, how, value in Filters(sorted(pairs)).selections()]
    return spoken.filtered("vi", selections, searched, sort, descending)


async def table_script(datasette: Any, request: Any) -> Response:  # noqa: ARG001 - Datasette passes by name
    """Datasette's table.js with its labels in the language that the address names."""
    source = _SCRIPT.read_text("utf-8")
    if request.url_vars["language"] == "vi":
        source = spoken.script(source)
    headers = {"Cache-Control": "max-age=3600"}
    return Response(source, headers=headers, content_type="text/javascript; charset=utf-8")


# What is listed

# Where a table names its article, and how what nobody may list is left out of it, by indexes that hold nothing else.
_OUT = "(select {} from articles where takedown != '')"
_PARTS = ("versions", "authors", "images", "attachments")
_LISTED = {
    "articles": ("id", f"rowid not in {_OUT.format('rowid')}"),
    **dict.fromkeys(
        ("versions", "authors", "images", "attachments"), ("article", f"article not in {_OUT.format('id')}")
    ),
}


@hookimpl  # type: ignore[untyped-decorator]
def filters_from_request(request: Any, table: str, database: str) -> FilterArguments | None:
    """A table is a list: what was taken out of lists is shown to who asks for that article, or for takedowns."""
    if database != answers.DATABASE or table not in _LISTED:
        return None
    column, listed = _LISTED[table]
    asked = {name.partition("__")[0] for name in request.args}
    return None if asked & {column, "takedown"} else FilterArguments([listed])


# Look


@hookimpl  # type: ignore[untyped-decorator]
def extra_css_urls(template: str, datasette: Any) -> list[str]:
    """On Datasette's own pages only: the others have their own."""
    if template.startswith("tangthu/") or not is_ours(datasette):
        return []
    return [datasette.urls.static_plugins("tangthu", name) for name in ("tangthu.css", "datasette.css")]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Markup | None:
    """Articles and records lead to their pages, long lists are short, a portal's address carries no recommendation."""
    if database != answers.DATABASE or value in (None, ""):
        return None
    if isinstance(value, dict):  # a foreign key with its label
        return _to_article(datasette, value["value"], value["label"]) if column == "article" else None
    if not isinstance(value, str):
        return None
    if value.startswith(("http://", "https://")):
        return _address(value)
    if value.startswith("["):
        return _short_list(value)
    if column == "title" and table == "articles":
        return _to_article(datasette, row["id"], value)
    if column == "title" and table == "versions":
        return _link(datasette, f"/a/{_plain(row['article'])}/{row['number']}", value)
    if column == "warc" and table == "captures" and value:
        return _link(datasette, f"/capture/{row['id']}", value)
    if column == "cong" and table is None and _PORTAL.fullmatch(value):
        return _link(datasette, f"/portal/{value}", value)
    if column in _ARTICLE_COLUMNS and table in (None, "articles"):
        return _to_article(datasette, value, value)
    return None


def _plain(value: Any) -> str:
    return str(value["value"] if isinstance(value, dict) else value)


def _to_article(datasette: Any, name: Any, label: Any) -> Markup | None:
    """None when it is no article's id: another query may use the column's name for something else."""
    if not _ARTICLE.fullmatch(str(name)):
        return None
    return _link(datasette, f"/a/{name}", str(label) or str(name))


def _link(datasette: Any, path: str, label: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(quote(path)), label)


def _address(url: str) -> Markup | None:
    if not show.external(url) or re.search(r"[\s\x00-\x1f]", url):
        return None
    shown = url if len(url) <= MOST_OF_AN_ADDRESS else url[: MOST_OF_AN_ADDRESS - 1] + "…"
    return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(url, shown)


def _short_list(value: str) -> Markup | None:
    """ "a, b, c … (12)" for a JSON list of twelve; None for what only looks like one."""
    try:
        given = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, list) or len(given) <= MOST_OF_A_LIST:
        return None
    first = ", ".join(item if isinstance(item, str) else json.dumps(item) for item in given[:MOST_OF_A_LIST])
    return Markup("{} … ({})").format(first[:300], len(given))


ROUTES: answers.Routes = [(r"^/-/table\.(?P<language>vi|en)\.js$", table_script)]
