"""The site over loopback, as ``tangthu serve`` runs it: several readers at a time, and what the process holds."""

from __future__ import annotations

import http.client
import itertools
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from machine import Machine, family, kill
from questions import Question

READERS = 8
_TIMES_FLOOR, _TIMES_TABLE, _ARTICLE, _MEGABYTES = 3.0, 20.0, 0.025, 400


@dataclass(frozen=True, slots=True)
class Answered:
    """Seconds each took, and how many were not answered with 200."""

    seconds: list[float]
    wrong: int

    def at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def __str__(self) -> str:
        line = f"{self.at(0.5) * 1e3:8.1f} /{self.at(0.95) * 1e3:8.1f}"
        return line + (f"   {self.wrong} WRONG ANSWERS" if self.wrong else "")


def ask(port: int, paths: list[str], readers: int, seconds: float = 60.0) -> Answered:
    """All of the paths, by so many readers at a time; none is begun after so many seconds."""
    turn, lock, found, wrong = itertools.count(), threading.Lock(), list[float](), [0]
    end = time.monotonic() + seconds

    def read() -> None:
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        with closing(conn):
            while (number := next(turn)) < len(paths) and time.monotonic() < end:
                began = time.perf_counter()
                conn.request("GET", paths[number])
                answer = conn.getresponse()
                answer.read()
                with lock:
                    found.append(time.perf_counter() - began)
                    wrong[0] += answer.status != 200
                if answer.will_close:
                    conn.close()

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Answered(found, wrong[0])


def measured_over_http(path: Path, asked: list[Question], datasette: bool) -> bool:
    """Prints what it takes; whether it is within what was promised. ``datasette``: with its own table search."""
    port = _free_port()
    # Nobody reads what it logs: a pipe would be full after some hundred requests, and the site would wait.
    child = Machine(path.parent).start("serve", "--port", str(port), out=subprocess.DEVNULL)
    try:
        _wait(port)
        searches = ["/search?" + urlencode(_values(one)) for one in asked]
        ask(port, searches[:10], 1)
        # Each question once: what the site keeps for whoever turns the page must not help.
        found = {1: ask(port, searches[10::2], 1), READERS: ask(port, searches[11::2], READERS)}
        floor = {readers: ask(port, ["/-/versions.json"] * 300, readers) for readers in (1, READERS)}
        article = ask(port, _articles(path), 1)
        print("over HTTP, p50 / p95 ms")
        for readers in (1, READERS):
            print(f"  {readers} at a time: search {found[readers]}   versions.json {floor[readers]}", flush=True)
        times = found[READERS].at(0.95) / floor[READERS].at(0.95)
        print(f"  search against versions.json at {READERS}, p95: {times:.1f} times (at most {_TIMES_FLOOR})")
        print(f"  article page {article}")
        well = times <= _TIMES_FLOOR and article.at(0.95) <= _ARTICLE
        anonymous, files = _memory(child.pid)
        print(f"  memory of the server: {anonymous} MB of its own, {files} MB of files mapped", flush=True)
        well &= anonymous + files < _MEGABYTES
        if datasette:
            table = ["/tangthu/articles?_search=" + quote(one.words.replace('"', "")) for one in asked[:60]]
            slow = ask(port, table, READERS, 90.0)
            times = slow.at(0.5) / found[READERS].at(0.5)
            print(f"  Datasette's table search at {READERS}: {slow}; {times:.0f} times the search's median")
            well &= times >= _TIMES_TABLE
    finally:
        kill(child)
        child.communicate()
    return well and not any(one.wrong for one in (*found.values(), article))


def _values(one: Question) -> dict[str, str]:
    filters = one.filters
    values = {"q": one.words, "portal": filters.portal, "from": filters.since, "to": filters.until}
    return {name: value for name, value in {**values, "files": "1" if filters.files else ""}.items() if value}


def _articles(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        (last,) = conn.execute("select max(doc) from articles").fetchone()
        docs = [1 + number * (last - 1) // 199 for number in range(200)]
        marks = ", ".join("?" * len(docs))
        return [f"/a/{row[0]}" for row in conn.execute(f"select id from articles where doc in ({marks})", docs)]


def _memory(pid: int) -> tuple[int, int]:
    """(what it holds itself, what it has mapped of files), in MB, of the process and its children."""
    own = mapped = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/status").read_text().split("\n"):
            own += int(line.split()[1]) if line.startswith("RssAnon") else 0
            mapped += int(line.split()[1]) if line.startswith("RssFile") else 0
    return own // 1024, mapped // 1024


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("the site does not answer")
