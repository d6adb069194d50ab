"""A crawl of a portal in which everything goes wrong (tests/wild_server.py), as operators crawl. ``make bench-wild``.

Two runs, one after the other: seconds, most memory, requests, what was kept of the good and what was told of the bad.
Most of the time is spent waiting for answers that never come. Exit code 1 when something is not as it must be.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from conftest import rows, write_portal
from wild_answers import BEHIND, CASES, EXPIRED, GOOD
from wild_pages import TRAPS
from wild_server import Run, Wild, copies, others, run, said

ID = "nam_dinh/du"
MEGABYTES = 300
HOURS = 2
MOST_OF_A_TRAP = 120  # requests
_SHOWN = 10  # traps


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--timeout", type=float, help="seconds to wait for an answer, instead of our own")
    words.add_argument("--keep", type=Path, help="leave the archive and the logs in this folder")
    given = words.parse_args()
    options = json.dumps({"DOWNLOAD_TIMEOUT": given.timeout} if given.timeout else {})
    with tempfile.TemporaryDirectory() as folder, Wild() as wild:
        data = given.keep or Path(folder)
        write_portal(data, ID, wild.portal_file())
        wrong = []
        for number in (1, 2):
            wild.hits.clear()
            done = run(data, ID, options, HOURS * 3600)
            (data / f"{number}.log").write_text(done.out)
            wrong += report(number, done, data, wild)
            if number == 1:
                wrong += judge(data, done, wild)
    for line in wrong:
        print("wrong:", line)
    sys.exit(1 if wrong else 0)


def report(number: int, done: Run, data: Path, wild: Wild) -> list[str]:
    """Figures of one run, printed, and what is wrong with it."""
    crawl = rows(data, "select * from crawls order by id desc limit 1")[0]
    largest = max(hit.taken for hit in wild.hits) / 1e6
    print(
        f"run {number}: exit code {done.code}, “{crawl['why']}”, {done.seconds:.0f} s, {done.peak} MB at most; "
        f"{len(wild.hits)} requests, {crawl['bytes'] / 1e6:.1f} MB kept, the largest answer {largest:.0f} MB; "
        f"{crawl['new']} new, {crawl['changed']} changed, {crawl['same']} same, {crawl['failed']} failed"
    )
    for trap in TRAPS:
        print(f"  {trap:16} {sum(hit.target.startswith(trap) for hit in wild.asked()):5} requests")
    checks = {
        f"run {number} ended with exit code {done.code}: {crawl['why']}": done.code != 0 or crawl["why"] != "finished",
        f"run {number} held {done.peak} MB": done.peak >= MEGABYTES,
        f"run {number} wrote a traceback": "Traceback" in done.out,
        f"run {number} asked what is forbidden": any(hit.path.startswith("/cam/") for hit in wild.hits),
        f"run {number} asked a stranger": bool(wild.asked("stranger")),
        f"run {number} changed something": number > 1 and bool(crawl["new"] + crawl["changed"] + crawl["gone"]),
        **{
            f"run {number} asked {trap} for more than {MOST_OF_A_TRAP} pages": sum(
                hit.target.startswith(trap) for hit in wild.asked()
            )
            > MOST_OF_A_TRAP
            for trap in TRAPS
        },
    }
    return [line for line, is_wrong in checks.items() if is_wrong]


def judge(data: Path, done: Run, wild: Wild) -> list[str]:
    """What was kept and what was told, printed, and what is missing."""
    lost = [good.path for good in GOOD if copies(data, [good])[good.path] != [(good.title, 1)]]
    tell = said(data, done.out, wild)
    cases = {case.path: (case, tell(case.path)) for case in (*CASES, *BEHIND)}
    cases[EXPIRED.path] = EXPIRED, tell(f"https://{wild.tls}{EXPIRED.path}")
    silent = [f"{path[:60]}: {told!r}" for path, (case, told) in cases.items() if not re.search(case.told, told)]
    print(f"{len(GOOD) - len(lost)} of {len(GOOD)} good articles kept exactly once")
    print(f"{len(cases) - len(silent)} of {len(cases)} bad addresses named; traps reported:")
    traps = rows(data, "select shape, why, urls from traps order by urls desc, shape")
    for row in traps[:_SHOWN]:
        print(f"  {row['shape'][:60]}: {row['why'][:60]}; {row['urls']} addresses left out")
    print(f"  and {max(0, len(traps) - _SHOWN)} more")
    return [
        *(f"not kept exactly once: {path}" for path in lost),
        *(f"an article that is none: {url}" for url in others(data)),
        *(f"not named: {line}" for line in silent),
    ]


if __name__ == "__main__":
    main()
