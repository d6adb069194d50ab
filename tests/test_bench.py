"""bench/extract.py: that the comparison runs with what is installed, and says what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import extract as bench
import pytest

OURS, BARE = bench.TOOLS[0], bench.TOOLS[-1]


def test_the_table_has_a_row_for_each_tool_and_the_file_every_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = replace(OURS, name="another", package="no-such-package")
    monkeypatch.setattr(bench, "TOOLS", (OURS, absent, BARE))
    bench.compare(["golden"], 1, tmp_path / "figures.json", 1)
    out, err = capsys.readouterr()
    assert "another: skipped, no-such-package is not installed" in err
    assert "golden: " in out and "\nours, rules " in out and "\nlexbor, parse only " in out
    rows = json.loads((tmp_path / "figures.json").read_text())["corpora"]["golden"]
    ours, bare = rows["ours, rules"], rows["lexbor, parse only"]
    assert ours["body"] == 1 and bare["body"] is None and not ours["errors"]
    assert ours["seconds"] > bare["seconds"] > 0
    assert ours["times_lexbor"] == pytest.approx(ours["seconds"] / bare["seconds"])
    assert 20e6 < ours["peak"] < 2e9


def test_a_tool_that_fails_misses_the_page() -> None:
    def read(_: object) -> None:
        raise ValueError("spoilt")

    errors: list[str] = []
    page = next(page for page in bench.corpora.load("golden"))
    assert bench.attempt(read, page, errors) is None
    assert errors == [f"{page.name}: ValueError('spoilt')"]
