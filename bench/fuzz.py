"""Looks for pages that break the reader, guided by what of its code they reach.

For any bytes ``extract`` returns an Article that keeps its promises, or raises NotAnArticle or NotHTML, within one CPU
second and 300 MB. A finding is an input that does not: it is measured again in a process of its own, without
instruments, and a slow one counts by the best of three.

First the pages of ``tests/hostile.py``, then what atheris (libFuzzer) makes of the golden pages and small hostile
ones until the time is over. Each finding is written to a folder: the recipe, the page, and what happened.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import hostile
import recipes
from measure import SECONDS, Measured, best_of_three

from archive.model import Capture
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

_EACH = 3  # findings that are kept of one kind and place
_COVER = re.compile(rb"cov: (\d+)")


class Report:
    """The findings so far, and the folder they are written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kinds = Counter[tuple[str, str]]()
        self.unconfirmed = 0

    def judge(self, name: str, capture: Capture, rules: Rules, recipe: bytes = b"") -> Measured:
        """Measures one input, and keeps it when it is a finding."""
        found = best_of_three(capture, rules)
        if not found.faults():
            return found
        for fault in found.faults():
            key = (fault, found.where)
            self.kinds[key] += 1
            if self.kinds[key] <= _EACH:
                self._write(fault, name, capture, rules, recipe, found)
        return found

    def _write(self, fault: str, name: str, capture: Capture, rules: Rules, recipe: bytes, found: Measured) -> None:
        digest = hashlib.sha256(capture.body + rules.name.encode()).hexdigest()[:8]
        path = self.folder / f"{re.sub(r'[^a-z0-9]+', '-', fault.lower())[:40].strip('-')}-{digest}"
        path.with_suffix(".page").write_bytes(capture.body)
        if recipe:
            path.with_suffix(".recipe").write_bytes(recipe)
        told = {
            "fault": fault,
            "name": name,
            "rules": rules.name,
            "url": capture.url,
            "headers": capture.headers,
            **asdict(found),
        }
        path.with_suffix(".json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(
            f"finding: {fault} · {rules.name or 'no rules'} · {name} · {found.seconds:.2f} s, {found.megabytes} MB ·"
            f" {found.where} · {path.name}",
            flush=True,
        )


def hostile_pages(report: Report, names: tuple[str, ...], all_rules: bool) -> int:
    """Measures the pages of tests/hostile.py; how many there were."""
    pages = {**hostile.HOSTILE, **hostile.FOUND}
    tried = 0
    for name in names or pages:
        capture = pages[name]().capture()
        for platform in recipes.NAMES if all_rules else hostile.RULES:
            report.judge(name, capture, PLATFORMS[platform].rules if platform else Rules())
            tried += 1
    return tried


def guided(report: Report, seconds: float, corpus: Path) -> tuple[int, int, str]:
    """Runs the fuzzer until the time is over; inputs tried, edges reached, and what went wrong with the fuzzer."""
    for i, seed in enumerate(recipes.seeds()):
        (corpus / f"seed-{i:04}").write_bytes(seed)
    end, inputs, edges, trouble = time.monotonic() + seconds, 0, 0, ""
    with tempfile.TemporaryDirectory() as place:
        suspects = Path(place)
        while (left := end - time.monotonic()) > 5 or not inputs:
            log = suspects / "log"
            with log.open("wb") as out:
                started = time.monotonic()
                worker_file = str(Path(__file__).with_name("fuzz_worker.py"))
                options = [f"-max_total_time={max(1, int(left))}", f"-artifact_prefix={suspects}/stop-"]
                worker = subprocess.Popen(
                    [sys.executable, worker_file, str(suspects), str(corpus), *options],
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
                while worker.poll() is None:
                    time.sleep(2)
                    _confirm(report, suspects)
                    if time.monotonic() > end + 120:
                        worker.kill()
            _confirm(report, suspects)
            edges = max([edges, *map(int, _COVER.findall(log.read_bytes()))])
            count = suspects / "count"
            inputs += int(count.read_text() or 0) if count.exists() else 0
            count.unlink(missing_ok=True)
            if worker.returncode and time.monotonic() - started < 5:
                trouble = log.read_bytes()[-2000:].decode("utf-8", "replace")
                break
    return inputs, edges, trouble


def _confirm(report: Report, suspects: Path) -> None:
    """Measures what the worker, or libFuzzer when it had to stop, put into the folder."""
    for path in sorted(suspects.glob("s*-*")):
        if path.name.startswith("stop-slow"):  # libFuzzer's own notion of slow, which is none of ours
            path.unlink()
            continue
        recipe = path.read_bytes()
        path.unlink()
        if not report.judge("fuzzed", *recipes.capture(recipe), recipe).faults():
            report.unconfirmed += 1


def show(path: Path) -> int:
    """Measures one recipe again; 1 when it is still a finding."""
    found = best_of_three(*recipes.capture(path.read_bytes()))
    print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    return int(bool(found.faults()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="how long to fuzz (default: 600)")
    parser.add_argument("--findings", type=Path, default=Path("data/fuzz/findings"))
    parser.add_argument("--corpus", type=Path, default=Path("data/fuzz/corpus"), help="kept from run to run")
    parser.add_argument(
        "--hostile", nargs="*", metavar="NAME", help="only the pages of tests/hostile.py, or some of them"
    )
    parser.add_argument("--all-rules", action="store_true", help="these with every platform's rules")
    parser.add_argument("--skip-hostile", action="store_true", help="only the guided part")
    parser.add_argument("--again", type=Path, metavar="RECIPE", help="measure one recipe again")
    given = parser.parse_args()
    if given.again:
        return show(given.again)
    shutil.rmtree(given.findings, ignore_errors=True)
    for folder in (given.findings, given.corpus):
        folder.mkdir(parents=True, exist_ok=True)
    report, started = Report(given.findings), time.monotonic()
    if not given.skip_hostile:
        tried = hostile_pages(report, tuple(given.hostile or ()), given.all_rules)
        print(f"hostile pages: {tried} readings, {time.monotonic() - started:.0f} s, {len(report.kinds)} findings")
    if given.hostile is None:
        started = time.monotonic()
        inputs, edges, trouble = guided(report, given.seconds, given.corpus)
        print(
            f"fuzzed: {inputs} inputs, {time.monotonic() - started:.0f} s, {edges} edges covered,"
            f" {report.unconfirmed} suspects not confirmed"
        )
        if trouble:
            print(f"the fuzzer did not run (is the extra “fuzz” installed?):\n{trouble}", file=sys.stderr)
            return 2
    print(f"findings: {len(report.kinds)} (limit: {SECONDS:g} CPU s); written to {given.findings}")
    for (fault, where), times in report.kinds.most_common():
        print(f"  {times} × {fault} · {where}")
    return int(bool(report.kinds))


if __name__ == "__main__":
    sys.exit(main())
