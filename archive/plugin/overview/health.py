"""Is every portal still yielding? The judgement that ``tangthu health`` prints, for everybody."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from datasette import Response

from archive.health import Judgement, Reason, State, judge
from archive.plugin import answers, wording
from archive.plugin.queries import health as queries
from archive.plugin.queries.searching import edition
from archive.plugin.remembering import Remembered
from archive.search import layout
from archive.search.keeper import pending
from archive.warc import iso

STATES: tuple[State, ...] = ("ill", "unknown", "well", "closed")
IN_TABLE = 100
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")


@dataclass(frozen=True, slots=True)
class _Judged:
    """``at`` when, "2026-11-26T02:00:00Z" · ``captured`` when the newest capture was made, None without any."""

    at: str
    portals: tuple[Judgement, ...]
    names: dict[str, str]
    captured: str | None

    @property
    def state(self) -> State:
        """Ill when one portal is; well only when every open one is, and there is one."""
        found = {one.state for one in self.portals} - {"closed"}
        return "ill" if "ill" in found else "well" if found == {"well"} else "unknown"


def _judged(conn: sqlite3.Connection) -> _Judged:
    now = datetime.now(UTC)
    return _Judged(iso(now), judge(conn, now), queries.names(conn), queries.newest_capture(conn))


_JUDGED = Remembered(_judged, ages=True)


@dataclass(frozen=True, slots=True)
class _Files:
    """When the database and the index were written last, "2026-11-26T02:00:00Z"; None for an index that is not there.

    ``index``: "none" (or not whole yet), "other" (made for another database), "behind" by so many articles that were
    said anew since, or "current".
    """

    database_changed: str | None
    index: str
    behind: int
    index_changed: str | None


def _files(conn: sqlite3.Connection, database: Path) -> _Files:
    state, behind = layout.read_state(database), 0
    if state is None or not state.whole:
        index = "none"
    elif state.edition != edition(conn):
        index = "other"
    else:
        behind = pending(conn, state.revision)
        index = "behind" if behind else "current"
    written = max(filter(None, map(_changed, (database, database.with_name(f"{database.name}-wal")))), default=None)
    return _Files(written, index, behind, _changed(layout.state_path(database)))


def _changed(path: Path) -> str | None:
    try:
        return iso(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except OSError:
        return None


async def _judge(datasette: Any) -> tuple[_Judged, _Files]:
    """The one at most ten minutes old, the other of now."""
    path = Path(datasette.get_database(answers.DATABASE).path)
    return await _JUDGED.ask(datasette), await answers.ask(datasette, lambda conn: _files(conn, path))


async def health(datasette: Any, request: Any) -> Response:
    """All portals, or those of ``?state=``; the ill ones first."""
    judged, files = await _judge(datasette)
    state = answers.value(request, "state")
    shown = [one for one in judged.portals if state not in STATES or one.state == state]
    last = max(1, -(-len(shown) // IN_TABLE))
    number = min(answers.page_number(request), last)
    lang = answers.language(request)
    return await answers.page(
        datasette,
        request,
        "health",
        judged=judged,
        files=files,
        portals=shown[(number - 1) * IN_TABLE : number * IN_TABLE],
        states=[(name, count) for name in STATES if (count := _counts(judged)[name])],
        state=state if state in STATES else "",
        reason=partial(sentence, lang=lang),
        action=partial(action, lang=lang),
        pages={"number": number, "last": last, "path": "/health", "values": {"state": state}},
    )


async def machine(datasette: Any, request: Any) -> Response:  # noqa: ARG001 - Datasette passes by name
    """The same for monitors, always with status 200: the archive answers, whatever its portals do."""
    judged, files = await _judge(datasette)
    portals = [
        {
            "portal": one.portal,
            "state": one.state,
            "last_run": one.last_run,
            "newest": one.newest,
            "reasons": [
                {"code": reason.code, "level": reason.level, "values": dict(reason.values), "text": reason.text}
                for reason in one.reasons
            ],
        }
        for one in judged.portals
    ]
    found = {
        "state": judged.state,
        "at": judged.at,
        "database": {"changed": files.database_changed, "newest_capture": judged.captured},
        "index": {"changed": files.index_changed, "state": files.index, "behind": files.behind},
        "portals": portals,
    }
    headers = {"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex", "Cache-Control": "max-age=60"}
    return Response.json(found, headers=headers)


def sentence(reason: Reason, lang: str) -> str:
    """What is the matter, in the reader's language."""
    return _said("health_reasons", reason, lang)


def action(reason: Reason, lang: str) -> str:
    """What to do next; "" when there is nothing to do."""
    return _said("health_actions", reason, lang)


def _said(table: str, reason: Reason, lang: str) -> str:
    words = wording.WORDS[lang]
    values = {name: _value(value, words["health_why"], lang) for name, value in reason.values.items()}
    return str(words[table][reason.code]).format(**values)


def _value(value: str | int | float, why: dict[str, str], lang: str) -> str | int | float:
    """Days as their readers write them; of what the archive says of a portal, what the catalogue knows."""
    if not isinstance(value, str):
        return value
    return wording.captured_day(value, lang) if _DAY.fullmatch(value) else why.get(value, value)


def _counts(judged: _Judged) -> Counter[str]:
    return Counter(one.state for one in judged.portals)


ROUTES: answers.Routes = [(r"^/health\.json$", machine), (r"^/health/?$", health)]
