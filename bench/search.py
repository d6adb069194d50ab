"""How fast the search answers, in the server and over HTTP, and what it costs.

$ python bench/search.py [--count 200000 1000000] [--folder /tmp/tangthu-search] [--questions 300] [--no-http]

The archives are made up (library.py), once, and used again; so are the questions (questions.py). Datasette's own
full-text table is only in archives of up to 200,000 articles: making it takes longer than all the rest.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import fts5
import library
from questions import Question, questions
from wire import measured_over_http

from archive import search as engine
from archive.search import counts, keeper, layout, plan
from archive.search.marks import highlight, snippet

ROOT = Path(__file__).parent.parent
WITH_FTS5 = 200_000
TARGETS = {200_000: 0.060, 1_000_000: 0.150}  # seconds, 95th percentile in the server


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def ms(values: list[float]) -> str:
    return f"{quantile(values, 0.5) * 1e3:7.1f} /{quantile(values, 0.95) * 1e3:7.1f}"


def timed(values: list[float], question: Callable[[], object]) -> None:
    began = time.perf_counter()
    question()
    values.append(time.perf_counter() - began)


def build(folder: Path, count: int) -> Path:
    made = library.make(folder, count, datasette=count <= WITH_FTS5)
    if made.seconds:
        print(f"{count:,} articles made in {made.seconds:.0f} s, Datasette's full-text table in {made.indexing:.0f} s")
    began = time.monotonic()
    caught = keeper.catch_up(made.path)
    if caught.anew:
        took = time.monotonic() - began
        print(f"indexed {caught.articles:,} articles in {took:.0f} s: {caught.articles / took:,.0f} a second")
    return made.path


def in_process(path: Path, asked: list[Question]) -> list[float]:
    """As the page asks: ranked, with marks, count and facets. Prints a line for each kind; all the times."""
    index = engine.open_index(path)
    kinds: dict[str, list[float]] = defaultdict(list)
    hits: dict[str, list[int]] = defaultdict(list)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        for one in asked[:20]:  # what is read from the disk for the first time is not the search's
            engine.search(conn, index, one.words, one.filters, facets=True)
        for one in asked:
            index.counted.clear()  # what is kept for whoever turns the page is not the search's either
            began = time.perf_counter()
            found = engine.search(conn, index, one.words, one.filters, facets=True)
            kinds[one.kind].append(time.perf_counter() - began)
            hits[one.kind].append(found.total)
        everything = [value for values in kinds.values() for value in values]
        print(f"in the server, p50 / p95 ms: {ms(everything)}")
        for kind, values in kinds.items():
            print(f"  {kind:10} {ms(values)}   median hits {sorted(hits[kind])[len(hits[kind]) // 2]:,}")
        _stages(conn, index, asked)
    return everything


def _stages(conn: sqlite3.Connection, index: engine.Reader, asked: list[Question]) -> None:
    """What costs how much of it."""
    stages: dict[str, list[float]] = defaultdict(list)
    for one in asked:
        query = engine.parse(one.words)
        index.counted.clear()
        timed(stages["count and twenty best"], lambda: plan.found(index, query, one.filters, "rank", 20, 0))  # noqa: B023
        timed(stages["facets"], lambda: counts.spread(index, query, one.filters))  # noqa: B023
        if query.marked:
            timed(stages["alike"], lambda: plan.count(index, query.folded(), one.filters))  # noqa: B023
        _, docs = plan.found(index, query, one.filters, "rank", 20, 0)
        marks = ", ".join("?" * len(docs))
        rows: list[tuple[str, str]] = []
        sql = f"select title, text from articles where doc in ({marks})"
        timed(stages["rows"], lambda: rows.extend(conn.execute(sql, docs)))  # noqa: B023
        timed(stages["marks"], lambda: [(highlight(t, query), snippet(x, query)) for t, x in rows])  # noqa: B023
        timed(stages["newest first"], lambda: plan.found(index, query, one.filters, "newest", 20, 0))  # noqa: B023
    for stage, values in stages.items():
        print(f"  {stage:22} {ms(values)}")


def contender(path: Path, asked: list[Question], least: int = 40) -> None:
    """FTS5 on the same file, the same questions: once with facets, once without."""
    with closing(fts5.opened(path)) as conn:
        for with_facets in (False, True):
            values: list[float] = []
            for one in asked[:least]:
                timed(values, lambda: fts5.search(conn, one.words, one.filters, with_facets))  # noqa: B023
            what = "count, twenty best and facets" if with_facets else "count and twenty best"
            print(f"FTS5, {what}, p50 / p95 ms: {ms(values)}")


def size(path: Path) -> str:
    folder = layout.folder_of(path)
    index = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return f"database {path.stat().st_size / 1e9:.2f} GB, index {index / 1e9:.2f} GB"


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, nargs="*", default=list(TARGETS))
    words.add_argument("--folder", type=Path, default=Path("/tmp/tangthu-search"))
    words.add_argument("--questions", type=int, default=300)
    words.add_argument("--no-http", action="store_true")
    words.add_argument("--no-fts5", action="store_true")
    given = words.parse_args()
    well = True
    for count in given.count:
        path = build(given.folder, count)
        asked = questions(given.questions)
        print(f"\n{count:,} articles, {size(path)}, {len(asked)} questions", flush=True)
        reached = quantile(in_process(path, asked), 0.95)
        if count in TARGETS:
            well &= reached <= TARGETS[count]
            print(f"  within {TARGETS[count] * 1e3:.0f} ms: {'yes' if reached <= TARGETS[count] else 'NO'}", flush=True)
        if count <= WITH_FTS5 and not given.no_fts5:
            contender(path, asked)
        if not given.no_http:
            well &= measured_over_http(path, asked, datasette=count <= WITH_FTS5)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
