"""The front page."""

from __future__ import annotations

from functools import partial
from typing import Any

from datasette import Response

from archive.plugin import answers
from archive.plugin.finding import saying
from archive.plugin.overview.whole import WHOLE, days, today
from archive.plugin.queries import home as queries

ON_HOME = 8
# So many portals can be named on the front page; more are counted, and named by province on a page of their own.
MOST_NAMED = 60


async def home(datasette: Any, request: Any) -> Response:
    whole = await WHOLE.ask(datasette)
    tomorrow = days(today())[1]
    news = await answers.ask(datasette, lambda conn: queries.news(conn, ON_HOME, tomorrow))
    return await answers.page(
        datasette,
        request,
        "home",
        home=whole.overview,
        news=news,
        places=whole.places,
        tiles=whole.tiles,
        bars=whole.bars,
        named=len(whole.overview.portals) <= MOST_NAMED,
        moment=partial(saying.moment, lang=answers.language(request)),
    )


ROUTES: answers.Routes = [(r"^/$", home)]
