"""Extraction beside other extractors, in one run: how right, how fast, how much memory. ``make bench-extract``.

Each tool reads each corpus in a process of its own, by turns, ``--repeat`` times; three pages are read before the
clock starts. Speed is pages per second of CPU time (user and system), the median of the repetitions; memory is the
process's peak, the corpora and Python included. ``--write-floors`` measures ours alone and raises the floors of
tests/quality.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import corpora
import quality
from scoring import Found, Score, figures, score
from tools import TOOLS, Reader, Tool

COLUMNS = {
    "body": "body F1", "under_95": "<.95", "missing": "missed", "title": "title", "authors": "authors",
    "false_bylines": "false by", "minute": "minute", "day": "day", "images": "images", "files": "files",
    "leaks": "leaks",
}  # fmt: skip
WARM_UP = 3  # pages
PASSES = 20  # of the row that only parses, which would else be over before a clock can tell


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--corpus", action="append", choices=corpora.CORPORA, help="one of them; again for more")
    words.add_argument("--repeat", type=int, default=5)
    words.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file as well")
    words.add_argument("--worst", type=int, default=0, metavar="N", help="name our N worst pages of each corpus")
    words.add_argument("--write-floors", action="store_true", help="raise the floors of tests/quality.json, no more")
    words.add_argument("--lower", metavar="WHY", help="with --write-floors: lower floors too; CHANGELOG.md says WHY")
    words.add_argument("--worker", metavar="TOOL", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.lower and not given.write_floors:
        words.error("--lower goes with --write-floors")
    chosen = []
    for corpus in given.corpus or corpora.CORPORA:
        if why := corpora.missing(corpus):
            print(why, file=sys.stderr)
        else:
            chosen.append(corpus)
    if given.worker:
        print(json.dumps(work(next(tool for tool in TOOLS if tool.name == given.worker), chosen)))
    elif given.write_floors:
        sys.exit(quality.write_floors(chosen, given.lower or ""))
    else:
        compare(chosen, given.repeat, given.json, given.worst)


def compare(chosen: list[str], repeat: int, path: Path | None, worst: int) -> None:
    installed = [tool for tool in TOOLS if tool.version]
    for tool in TOOLS:
        if tool not in installed:
            print(f"{tool.name}: skipped, {tool.package} is not installed; “make bench-extract” does", file=sys.stderr)
    runs: dict[str, list[dict[str, Any]]] = {tool.name: [] for tool in installed}
    for number in range(repeat):
        for tool in installed:  # by turns: what else the machine does falls on all
            progress(f"repetition {number + 1} of {repeat}: {tool.name}")
            runs[tool.name].append(apart(tool, chosen))
    progress("")
    for corpus in chosen:
        sizes = {run["corpora"][corpus]["bytes"] for of_tool in runs.values() for run in of_tool}
        if len(sizes) > 1:
            raise SystemExit(f"{corpus}: its pages changed while they were read: measure again")
    measured = {corpus: {tool.name: row(tool, runs[tool.name], corpus) for tool in installed} for corpus in chosen}
    for rows in measured.values():
        relate(rows)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {repeat} repetitions by turns")
    print("; ".join(dict.fromkeys(f"{tool.package} {tool.version}" for tool in installed if tool.package)))
    for corpus, rows in measured.items():
        print_table(corpus, rows, {tool.name: tool.gives for tool in installed})
        for tool in installed:
            bodies = {} if tool.package else rows[tool.name]["bodies"]
            for page, body in sorted(bodies.items(), key=lambda item: item[1])[:worst]:
                print(f"  {tool.name}: {body:.3f} {page}")
    if path:
        facts = {"python": platform.python_version(), "cores": os.cpu_count(), "repeat": repeat}
        versions = {tool.name: tool.version for tool in installed}
        everything = {**facts, "versions": versions, "corpora": measured}
        path.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", "utf-8")


def apart(tool: Tool, chosen: list[str]) -> dict[str, Any]:
    """``work`` in a process of its own."""
    asked = [word for corpus in chosen for word in ("--corpus", corpus)]
    command = [sys.executable, __file__, "--worker", tool.name, *asked]
    # Some tools choose by the order of sets: with one seed they choose the same each time.
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    if done.returncode:
        raise SystemExit(f"{tool.name} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])  # tools may print lines of their own before
    return answer


def work(tool: Tool, chosen: list[str]) -> dict[str, Any]:
    """By corpus: seconds of CPU, pages, bytes and scores; and the peak memory of this process in bytes."""
    loaded = {corpus: [page for page in corpora.load(corpus) if page.gold] for corpus in chosen}
    read = tool.make()
    answer: dict[str, Any] = {"corpora": {}}
    for pages in loaded.values():
        for page in pages[:WARM_UP]:
            attempt(read, page, [])
    for corpus, pages in loaded.items():
        errors: list[str] = []
        passes = 1 if tool.gives else PASSES
        start = time.process_time()
        for _ in range(passes):
            found = [attempt(read, page, errors) for page in pages]
        seconds = (time.process_time() - start) / passes
        scores = [score(page.name, page.gold, one) for page, one in zip(pages, found, strict=True) if page.gold]
        size = sum(len(page.capture.body) for page in pages)
        facts = {"seconds": seconds, "bytes": size, "errors": errors}
        answer["corpora"][corpus] = {**facts, "scores": [asdict(one) for one in scores]}
    answer["peak"] = peak()
    return answer


def attempt(read: Reader, page: corpora.Page, errors: list[str]) -> Found | None:
    try:
        return read(page)
    except Exception as error:  # noqa: BLE001  another's code may raise anything; the page then is missed
        errors.append(f"{page.name}: {error!r}")
        return None


def peak() -> int:
    """Bytes of RSS at the most. Linux's own figure first: getrusage's starts with that of the parent process."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def row(tool: Tool, runs: Sequence[dict[str, Any]], corpus: str) -> dict[str, Any]:
    """What is known of one tool on one corpus. Figures that the tool does not give are None."""
    scores = [Score(**one) for one in runs[0]["corpora"][corpus]["scores"]]
    of_run = [run["corpora"][corpus]["seconds"] for run in runs]
    seconds = statistics.median(of_run)
    measured = {key: value if key in tool.gives | {"pages"} else None for key, value in figures(scores).items()}
    return {
        **measured,
        "seconds": seconds,
        "seconds_of_each": of_run,
        "bytes": runs[0]["corpora"][corpus]["bytes"],
        "errors": runs[0]["corpora"][corpus]["errors"],
        "pages_per_second": len(scores) / seconds if seconds else 0.0,
        "peak": statistics.median(run["peak"] for run in runs),
        "bodies": {one.page: one.body for one in scores} if "body" in tool.gives else {},
    }


def relate(rows: dict[str, dict[str, Any]]) -> None:
    """Add how many times as fast as trafilatura, and how many times the cost of parsing alone."""
    for one in rows.values():
        other, bare = rows.get("trafilatura"), rows["lexbor, parse only"]
        one["times_trafilatura"] = other["seconds"] / one["seconds"] if other and one["seconds"] else None
        one["times_lexbor"] = one["seconds"] / bare["seconds"] if bare["seconds"] else None


def print_table(corpus: str, rows: dict[str, dict[str, Any]], gives: dict[str, frozenset[str]]) -> None:
    first = next(iter(rows.values()))
    print(f"\n{corpus}: {first['pages']} articles, {first['bytes'] / first['pages'] / 1000:.0f} KB each on average")
    heads = [*COLUMNS.values(), "pages/s", "×trafil.", "×lexbor", "peak MB"]
    widths = [max(len(head), 5) + 2 for head in heads]
    print(" " * 23 + "".join(head.rjust(width) for head, width in zip(heads, widths, strict=True)))
    for name, one in rows.items():
        cells = [cell(key, one[key]) if key in gives[name] else "-" for key in COLUMNS]
        cells.append(f"{one['pages_per_second']:.0f}")
        cells += [f"{one[key]:.2f}" if one[key] else "-" for key in ("times_trafilatura", "times_lexbor")]
        cells.append(f"{one['peak'] / 1e6:.0f}")
        print(f"{name:23}" + "".join(text.rjust(width) for text, width in zip(cells, widths, strict=True)))
    for name, one in rows.items():
        if one["errors"]:
            print(f"  {name} failed on {len(one['errors'])} pages, as {one['errors'][0]}")


def cell(key: str, value: float) -> str:
    return f"{value:.4f}" if key == "body" else f"{value:.3f}" if isinstance(value, float) else str(value)


def progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
