"""What one reader may take, so that the others are served meanwhile.

Anybody may ask anything in SQL. Datasette stops a statement after its time, ``bounds`` what it makes meanwhile; for who
waits behind it there are ``lanes``.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Callable

from datasette import hookimpl

from archive.plugin import answers
from archive.plugin.envelope import App, Message, Receive, Scope, Send, below
from archive.plugin.raw import bounds, phrases

_EMBEDDED = re.compile(r"\d{1,14}(?:im|cs|oe)_/")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    if database == answers.DATABASE:
        bounds.bind(conn)
        phrases.add(conn)


class Lane:
    """So many at once, the others wait their turn; who has fewest in it is next. For one event loop.

    Nobody has all of its places: one who asks what takes a minute must not keep the next from asking anything.
    """

    def __init__(self, at_once: int, waiting: int = 128, waiting_each: int = 32, seconds: float = 10.0) -> None:
        self._free, self._each = at_once, max(1, at_once - 1)
        self._most, self._most_each, self._seconds = waiting, waiting_each, seconds
        self._inside: Counter[str] = Counter()
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    async def enter(self, who: str, patient: bool = False) -> bool:
        """Wait to be let in. False when too many wait already, or nobody left in time; ``patient``: never False."""
        if self._free and self._inside[who] < self._each:
            self._take(who)
            return True
        of_theirs = sum(name == who for name, _ in self._waiting)
        if not patient and (len(self._waiting) >= self._most or of_theirs >= self._most_each):
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((who, turn))
        try:
            await asyncio.wait_for(asyncio.shield(turn), None if patient else self._seconds)
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done():
                self.leave(who)
            else:
                self._waiting.remove((who, turn))
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def leave(self, who: str) -> None:
        self._inside[who] -= 1
        if not self._inside[who]:
            del self._inside[who]
        self._free += 1
        waiting = [one for one in self._waiting if self._inside[one[0]] < self._each]
        if waiting:
            following = min(waiting, key=lambda one: self._inside[one[0]])
            self._waiting.remove(following)
            self._take(following[0])
            following[1].set_result(None)

    def _take(self, who: str) -> None:
        self._free -= 1
        self._inside[who] += 1


def lanes(app: App, busy: App, threads: int, base_url: Callable[[], str]) -> App:
    """The application, of whose expensive pages only so many are made at once that a thread is left for articles.

    ``busy`` answers when there are too many. While a client is slow to take what is sent, its place is another's.
    """
    tables, rooms = Lane(max(1, threads // 3)), Lane(max(1, threads // 2))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        kind = cost(below(scope["path"], base_url())) if scope["type"] == "http" else ""
        if not kind:
            await app(scope, receive, send)
            return
        lane = tables if kind == "table" else rooms
        who = (scope.get("client") or ("",))[0]
        if not await lane.enter(who):
            await busy(scope, receive, send)
            return
        inside = True

        async def send_outside(message: Message) -> None:
            nonlocal inside
            if message["type"] == "http.response.body":
                lane.leave(who)
                inside = False
                await send(message)
                if message.get("more_body"):
                    inside = await lane.enter(who, patient=True)
            else:
                await send(message)

        try:
            await app(scope, receive, send_outside)
        finally:
            if inside:
                lane.leave(who)

    return answer


def cost(path: str) -> str:
    """What a page takes of the database: "table" and SQL of anybody's, "room" for lists and searches, "" for little."""
    first, _, rest = path.lstrip("/").partition("/")
    if first.partition(".")[0] == answers.DATABASE:
        return "table"
    if first in ("-", "favicon.ico", "robots.txt", "download") or (first == "a" and "/diff" not in rest):
        return ""
    # A page brings dozens of pictures and style sheets at once, each a few bytes out of a WARC.
    if first == "web" and _EMBEDDED.match(rest):
        return ""
    return "room"
