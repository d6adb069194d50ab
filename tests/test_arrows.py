"""Who may import whom. Each line is asked in a fresh interpreter: what is imported once stays imported."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import archive

ROOT = Path(archive.__file__).parents[1]
HOUSE = [f"archive.{m.name}" for m in pkgutil.iter_modules(archive.__path__) if m.name != "plugin"]


def brought(*modules: str) -> set[str]:
    """Everything that importing these brings along, in an interpreter of its own."""
    program = f"import {', '.join(modules)}, sys; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def ours(path: Path) -> set[str]:
    """The modules of this project that a file imports anywhere, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return {name for name in found if name.startswith((".", "archive", "crawler"))}


def test_the_archive_imports_neither_crawler_nor_scrapy_nor_datasette() -> None:
    assert {"archive.store", "archive.warc", "archive.search", "archive.cite"} <= set(HOUSE)
    assert not packages(brought(*HOUSE)) & {"crawler", "scrapy", "twisted", "datasette"}


def test_the_plugin_imports_no_crawler() -> None:
    found = packages(brought("archive.plugin"))
    assert "datasette" in found
    assert not found & {"crawler", "scrapy", "twisted"}


@pytest.mark.parametrize("module", ["extract", "ingest", "imports", "portal", "discovery", "reextract", "cli"])
def test_scrapy_and_datasette_come_only_with_the_crawl_and_the_plugin(module: str) -> None:
    assert not packages(brought(f"crawler.{module}")) & {"scrapy", "twisted", "datasette"}


def test_a_worker_that_reads_the_archive_again_needs_neither() -> None:
    found = packages(brought("crawler.reread", "crawler.workers"))
    assert not found & {"scrapy", "twisted", "datasette"}


@pytest.mark.parametrize("path", sorted((ROOT / "archive").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_of_the_archive_names_the_crawler(path: Path) -> None:
    assert not {name for name in ours(path) if name.startswith("crawler")}


@pytest.mark.parametrize(
    ("name", "below"),
    [
        ("archive/model.py", set()),
        ("archive/text/syllables.py", set()),
        ("archive/text/markup.py", set()),
        ("archive/text/legacy.py", {".syllables"}),
        ("archive/text/__init__.py", {"."}),
        ("archive/urls.py", set()),
        ("crawler/platform.py", set()),
    ],
)
def test_the_ground_floor_imports_nothing_of_ours_but_its_own_room(name: str, below: set[str]) -> None:
    assert ours(ROOT / name) <= below


@pytest.mark.parametrize("path", sorted((ROOT / "crawler" / "extract").glob("*.py")), ids=lambda path: path.name)
def test_extraction_knows_rules_and_values_only(path: Path) -> None:
    allowed = {"archive", "archive.model", "archive.text", "archive.text.markup", "archive.urls", "crawler.platform"}
    assert {name for name in ours(path) if not name.startswith((".", "crawler.extract"))} <= allowed
