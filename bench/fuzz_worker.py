"""The process that fuzzes: ``fuzz.py`` starts it, and measures again what it puts into the folder of suspects.

It never stops at a suspect. ``fuzz_worker.py SUSPECTS CORPUS -libfuzzer_options…``
"""

from __future__ import annotations

import hashlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import atheris

with atheris.instrument_imports(include=["crawler.extract", "archive.text"], enable_loader_override=False):
    import crawler.extract

import recipes
from measure import MEGABYTES, SECONDS, attempt, forget_peak, peak, place
from mutate import Mutator

assert crawler.extract
_LONGEST = 40_000  # bytes of a recipe
_LARGE = 300_000  # bytes of a page from which on its memory is looked at
_KEPT = 4  # suspects of one kind and place; more only when they are worse


class Worker:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tried = 0
        self.told = 0.0
        self.slow = ""
        self.worst: dict[str, tuple[int, float]] = {}

    def __call__(self, recipe: bytes) -> None:
        capture, rules = recipes.capture(recipe)
        large = len(capture.body) > _LARGE
        if large:
            forget_peak()
        base, self.slow = peak() if large else 0, ""
        signal.setitimer(signal.ITIMER_PROF, SECONDS * 0.6)
        found = attempt(capture, rules)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for fault in found.faults():
            self.suspect(f"{fault} {found.where}", 1.0, recipe)
        if found.seconds > SECONDS * 0.9:
            self.suspect(f"slow {self.slow}", found.seconds, recipe)
        if large and (more := found.megabytes - base) > MEGABYTES / 2:
            self.suspect("memory", float(more), recipe)
        self.tried += 1
        if time.monotonic() > self.told + 1:
            self.told = time.monotonic()
            (self.folder / "count").write_text(str(self.tried))

    def suspect(self, kind: str, how_bad: float, recipe: bytes) -> None:
        times, worst = self.worst.get(kind, (0, 0.0))
        if times >= _KEPT and how_bad < worst * 1.3:
            return
        self.worst[kind] = (times + 1, max(worst, how_bad))
        name = hashlib.sha256(recipe).hexdigest()[:12]
        hidden = self.folder / f".{name}"
        hidden.write_bytes(recipe)
        hidden.rename(self.folder / f"s-{name}")

    def on_timer(self, _: int, frame: FrameType | None) -> None:
        self.slow = place(frame)


def main() -> None:
    folder, options = Path(sys.argv[1]), sys.argv[2:]
    worker, mutator = Worker(folder), Mutator(recipes.seeds())

    def change(recipe: bytes, most: int, seed: int) -> bytes:
        return mutator(recipe, most, seed, atheris.Mutate)

    signal.signal(signal.SIGPROF, worker.on_timer)
    limits = [f"-max_len={_LONGEST}", "-timeout=40", "-rss_limit_mb=3000", "-len_control=0", "-report_slow_units=1000"]
    atheris.Setup([sys.argv[0], *limits, *options], worker, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
