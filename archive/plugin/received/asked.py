"""Below ``/web/`` everything behind the timestamp is the portal's address, its query string too."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from datasette import Request, Response

from archive.plugin import answers
from archive.replay.addresses import LONGEST, spelled, stamp, target
from archive.replay.memento import Moment, Places


def url(request: Any) -> str:
    """The address of the portal that is asked for, as it was sent; "" when it is none."""
    return target(request.url_vars["url"], request.query_string)


def places(datasette: Any, request: Any, address: str) -> Places:
    return Places(answers.base_url(datasette, request), address)


def root(datasette: Any) -> str:
    """The path of all snapshots: "/web/"."""
    return str(datasette.urls.path("/web/"))


def path(datasette: Any, moment: Moment, modifier: str = "") -> str:
    """Where that capture is shown."""
    return f"{root(datasette)}{stamp(moment.fetched_at)}{modifier}/{spelled(moment.url)}"


async def page(
    datasette: Any,
    request: Any,
    template: str,
    address: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """``answers.page`` for an address below ``/web/``. ``?lang=`` would be the portal's there: the language is what was
    chosen before, and its switch leads to the list of the address's captures."""

    def switch(language: str) -> str:
        asked = urlencode({"url": address[:LONGEST], "lang": language})
        return f"{datasette.urls.path('/captures')}?{asked}"

    return await answers.page(
        datasette,
        _own(request),
        template,
        status,
        {"X-Robots-Tag": "noindex", **(headers or {})},
        switch=switch,
        address=address,
        web=partial(path, datasette),
        **values,
    )


def fragment(datasette: Any, request: Any, template: str, **values: Any) -> tuple[str, str]:
    """A part of a page, and the language it speaks."""
    own = _own(request)
    return answers.render(datasette, own, template, web=partial(path, datasette), **values), answers.language(own)


def _own(request: Any) -> Any:
    """The request without its query string, where that is the portal's."""
    return Request({**request.scope, "query_string": b""}, request.receive) if "url" in request.url_vars else request
