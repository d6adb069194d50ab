"""Records that are sealed: a note of the same length in their place, their bytes apart, and back again."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import rows
from hideable import (
    ADDRESS,
    BODY,
    PAPER,
    PHOTO,
    PRINT,
    TITLE,
    WORDS,
    Hideable,
    carried_out,
    decided,
    in_tables,
    in_warcs,
    make,
    secret,
    wrong,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from keeping import dumped, fastwarc_says, flip, foreign_warc, imported, others, rebuilt, warcs
from rereading import again, tangthu
from warcio.archiveiterator import ArchiveIterator

from archive import seal, takedown, warc
from archive.frontier import Address, Frontier, Rank
from archive.model import Capture
from archive.scan import Damage, Scanned, scan
from archive.store import Store
from archive.warcwriter import WarcWriter
from crawler.takedowns import Refused

DATABASE = "tangthu.db"
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Hideable:
    return make(tmp_path_factory.mktemp("seal") / "data")


@pytest.fixture
def article(kept: Hideable, tmp_path: Path) -> Hideable:
    return Hideable(Path(shutil.copytree(kept.data, tmp_path / "data")), kept.id)


def digests(data: Path) -> dict[str, str]:
    """Every WARC but those that hold decisions."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in warcs(data)
        if not path.name.startswith("takedown")
    }


def one_record(folder: Path, body: bytes, packed: bool = True) -> tuple[Path, int, int]:
    """A WARC with a page of this body between two others: (file, where it begins, its length)."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = WarcWriter(folder / "warc", "a", {"software": "TangThu/0"}, NOW)
    pages = [Capture(f"http://a.vn/{n}", NOW, 200, (("Content-Type", "text/html"),), b"x" * n) for n in range(3)]
    places = [writer.write(replace(one, body=body) if n == 1 else one) for n, one in enumerate(pages)]
    writer.close()
    path, where = folder / "warc" / places[1].warc, places[1]
    if packed:
        return path, where.offset, where.length
    plain = path.with_suffix("")
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()
    found = [item for item in scan(plain) if isinstance(item, Scanned)]
    return plain, found[2].offset, found[2].length


# One record


SIZES = st.one_of(st.integers(0, 3000), st.integers(60_000, 200_000))


@settings(max_examples=40, deadline=None)
@given(SIZES, st.booleans(), st.randoms(use_true_random=False))
def test_a_sealed_record_leaves_a_note_of_its_length_and_comes_back(
    size: int, packed: bool, chance: random.Random
) -> None:
    with TemporaryDirectory() as folder:
        data = Path(folder)
        path, offset, length = one_record(data, chance.randbytes(size), packed)
        before = path.read_bytes()
        assert seal.seal(data, path.name, offset)
        after = path.read_bytes()
        assert len(after) == len(before)
        assert (after[:offset], after[offset + length :]) == (before[:offset], before[offset + length :])
        found = list(scan(path))
        assert not any(isinstance(item, Damage) or item.wrong for item in found)
        notes = [item for item in found if isinstance(item, Scanned) and seal.is_note(item)]
        assert [(item.offset, item.length) for item in notes] == [(offset, length)]
        assert not seal.seal(data, path.name, offset)
        away = seal.sealed_path(data, path.name, offset)
        assert away.read_bytes() == before[offset : offset + length]
        assert away.stat().st_mode & 0o777 == 0o600 and away.parent.stat().st_mode & 0o777 == 0o700
        assert [record.url for record in warc.read(away)] == ["http://a.vn/1"]
        seal.unseal(data, path.name, offset)
        assert path.read_bytes() == before
        seal.keep_only(data, set())
        assert not away.exists()


@pytest.mark.parametrize("size", [0, 40, 70_000, 3_000_000])
def test_independent_readers_take_the_file(tmp_path: Path, size: int) -> None:
    path, offset, _ = one_record(tmp_path, random.Random(1).randbytes(size))
    seal.seal(tmp_path, path.name, offset)
    assert fastwarc_says(path) == ""
    with path.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
    assert kinds == ["warcinfo", "response", "metadata", "response"]
    check = [Path(sys.executable).parent / "warcio", "check", str(path)]
    assert subprocess.run(check, capture_output=True, timeout=60, check=False).returncode == 0
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1") == 4
    assert subprocess.run(["gzip", "-t", path], check=False).returncode == 0


def test_other_programs_files_are_sealed_too(tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    for packed in (True, False):
        path = others(tmp_path / "warc" / f"b.warc{'.gz' if packed else ''}", packed=packed)
        before = path.read_bytes()
        places = [item.offset for item in scan(path) if isinstance(item, Scanned)]
        for offset in places:
            assert seal.seal(tmp_path, path.name, offset)
        assert b"hello" not in (gzip.decompress(path.read_bytes()) if packed else path.read_bytes())
        assert [item.offset for item in scan(path) if isinstance(item, Scanned)] == places
        for offset in places:
            seal.unseal(tmp_path, path.name, offset)
        assert path.read_bytes() == before


def test_what_is_no_page_is_not_sealed(tmp_path: Path) -> None:
    path, offset, _ = one_record(tmp_path, b"x")
    before = path.read_bytes()
    with pytest.raises(seal.CannotSeal, match="warcinfo"):
        seal.seal(tmp_path, path.name, 0)
    with pytest.raises(seal.CannotSeal, match="damaged"):
        seal.seal(tmp_path, path.name, offset + 1)
    with pytest.raises(warc.WarcError, match="cannot be opened"):
        seal.seal(tmp_path, "none.warc.gz", 0)
    flip(path, offset + 100)
    with pytest.raises(seal.CannotSeal, match="damaged"):
        seal.seal(tmp_path, path.name, offset)
    flip(path, offset + 100)
    assert path.read_bytes() == before and not (tmp_path / "sealed").exists()


def test_bytes_are_thrown_away_only_when_they_stand_in_their_warc(tmp_path: Path) -> None:
    path, offset, _ = one_record(tmp_path, b"x")
    seal.seal(tmp_path, path.name, offset)
    stranger = tmp_path / "sealed" / "note.txt"
    stranger.write_text("the operator's own")
    seal.keep_only(tmp_path, set())
    assert seal.sealed_path(tmp_path, path.name, offset).exists() and stranger.exists()
    seal.sealed_path(tmp_path, path.name, offset).unlink()
    for act in (seal.seal, seal.unseal):
        with pytest.raises(seal.CannotSeal, match="missing"):
            act(tmp_path, path.name, offset)


def test_bytes_put_away_that_rot_are_told(article: Hideable) -> None:
    decided(article, "seal")
    away = sorted((article.data / "sealed").iterdir())[0]
    flip(away, away.stat().st_size // 2)
    (told,) = wrong(article.data)
    assert told.startswith(f"sealed/{away.name}: ") and "cannot be unsealed" in told


# An article


def test_an_articles_bytes_leave_the_warcs_and_come_back_byte_for_byte(article: Hideable) -> None:
    before = digests(article.data)
    assert decided(article, "seal").sealed == 5
    assert in_warcs(article.data) == [TITLE]  # in the list that names it, which is hidden and not sealed
    assert digests(article.data) != before
    for path in warcs(article.data):
        assert fastwarc_says(path) == ""
    assert wrong(article.data) == []
    assert decided(article, "hide").unsealed == 5
    assert digests(article.data) == before and in_warcs(article.data) == list(WORDS)
    assert list((article.data / "sealed").iterdir()) == []
    assert in_tables(article.data / DATABASE) == []


def test_without_a_database_the_sealed_archive_says_the_same(article: Hideable) -> None:
    decided(article, "seal")
    before = dumped(article.data)
    for path in article.data.glob(f"{DATABASE}*"):
        path.unlink()
    shutil.move(article.data / "sealed", article.data.parent / "away")  # a backup has it not
    rebuilt(article.data)
    assert dumped(article.data) == before and wrong(article.data) == []
    again(article.data)
    assert dumped(article.data) == before
    with pytest.raises(Refused, match=r"cannot be unsealed: .*/sealed/.* is missing"):
        decided(article, "none")
    assert dumped(article.data) == before
    shutil.move(article.data.parent / "away", article.data / "sealed")
    assert decided(article, "none").restored == 2
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1]) and wrong(article.data) == []


def test_what_arrives_of_a_sealed_article_is_sealed_by_the_next_run(article: Hideable, tmp_path: Path) -> None:
    decided(article, "seal")
    new = secret(TITLE, f"{BODY} lần nữa", day=9)
    imported(article.data, foreign_warc(tmp_path / "new", new))
    assert in_tables(article.data / DATABASE) == [] and BODY in in_warcs(article.data)
    (told,) = wrong(article.data)
    assert "is to be sealed, and its bytes still stand here" in told
    assert tangthu(article.data, "verify", "--repair").returncode == 0
    assert wrong(article.data) == [] and in_warcs(article.data) == [TITLE]
    before = dumped(article.data)
    rebuilt(article.data)
    assert dumped(article.data) == before


def test_a_crawl_does_not_ask_for_it_again_until_it_is_lifted(article: Hideable) -> None:
    def due() -> list[str]:
        with Store(article.data / DATABASE) as store:
            found = Frontier(store.db, "nam_dinh/thu")
            assert found.waiting("2030-01-01T00:00:00Z") == len(found.next("2030-01-01T00:00:00Z", 99))
            return [address.url.rpartition("vn/")[2] for address in found.next("2030-01-01T00:00:00Z", 99)]

    with Store(article.data / DATABASE) as store:
        for path in (ADDRESS, PRINT, PHOTO, PAPER, "node/1"):
            address = Address(f"http://thu.example.vn/{path}", "article", "", Rank.LOOK, "2021-02-01T00:00:00Z")
            Frontier(store.db, "nam_dinh/thu").add(address, "2021")
    assert len(due()) == 5
    decided(article, "hide")
    assert len(due()) == 5
    decided(article, "seal")
    assert due() == ["node/1"]
    decided(article, "none")
    assert len(due()) == 5


# Killed


class Killing:
    """Ends the process at the step of that number; ``half``: in the middle of what it writes into a WARC."""

    def __init__(self, at: int, half: bool) -> None:
        self._left, self._half = at, half
        for where, name in STEPS:
            setattr(where, name, self._counted(getattr(where, name)))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                if self._half and function.__name__ == "_overwrite":
                    path, offset, content = arguments
                    function(path, offset, content[: len(content) // 2])
                os._exit(9)
            return function(*arguments, **named)

        return step


STEPS = (
    (seal, "_keep"),
    (seal, "_overwrite"),
    (seal, "_sync"),
    (seal, "keep_only"),
    (takedown, "record"),
    (takedown, "forget_words"),
    (WarcWriter, "write_note"),
    (WarcWriter, "sync"),
)


def killed(article: Hideable, grade: str, steps: int, half: bool) -> bool:
    """The command, killed at that step; False when it had fewer."""
    child = os.fork()
    if child == 0:
        try:
            Killing(steps, half)
            decided(article, grade)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 9)
    return os.waitstatus_to_exitcode(status) == 9


def every_step(kept: Hideable, tmp_path: Path, grade: str, check: Callable[[Hideable], None], half: bool) -> int:
    steps = 0
    while True:
        steps += 1
        article = Hideable(Path(shutil.copytree(kept.data, tmp_path / f"data{steps}")), kept.id)
        if not killed(article, grade, steps, half):
            return steps - 1
        for path in warcs(article.data):
            assert half or fastwarc_says(path) == "", (steps, path)
        carried_out(article.data)
        check(article)
        shutil.rmtree(article.data)


@pytest.mark.parametrize("half", [False, True], ids=["between", "within"])
def test_sealing_that_is_killed_is_finished_by_the_next_run(kept: Hideable, tmp_path: Path, half: bool) -> None:
    before = dumped(kept.data)

    def check(article: Hideable) -> None:
        found = wrong(article.data)
        assert found == [], found
        (row,) = rows(article.data, "select takedown from articles where id = ?", article.id)
        if not row["takedown"]:  # killed before the decision was on the disk: nothing has happened
            assert dumped(article.data) == before
            return
        assert row["takedown"] == "seal" and in_tables(article.data / DATABASE) == []
        assert in_warcs(article.data) == [TITLE]
        state = dumped(article.data)
        rebuilt(article.data)
        assert dumped(article.data) == state

    assert every_step(kept, tmp_path, "seal", check, half) >= 20


@pytest.mark.parametrize("grade", ["seal", "none"])
def test_a_record_that_is_half_overwritten_is_told_and_repaired(article: Hideable, grade: str) -> None:
    if grade == "none":
        decided(article, "seal")
    steps, found = 0, list[str]()
    while not any("did not come to its end" in told for told in found):
        steps += 1
        shutil.rmtree(article.data.parent / "half", ignore_errors=True)
        half = Hideable(Path(shutil.copytree(article.data, article.data.parent / "half")), article.id)
        assert killed(half, grade, steps, half=True)
        found = wrong(half.data)
    assert any("--repair" in told for told in found)
    assert tangthu(half.data, "verify", "--repair").returncode == 0
    assert wrong(half.data) == []
    assert bool(in_tables(half.data / DATABASE)) == (grade == "none")


@pytest.mark.parametrize("half", [False, True], ids=["between", "within"])
def test_unsealing_that_is_killed_is_finished_by_the_next_run(kept: Hideable, tmp_path: Path, half: bool) -> None:
    sealed = Hideable(Path(shutil.copytree(kept.data, tmp_path / "sealed")), kept.id)
    bytes_before = digests(sealed.data)
    decided(sealed, "seal")
    state_before = dumped(sealed.data)

    def check(article: Hideable) -> None:
        assert wrong(article.data) == []
        (row,) = rows(article.data, "select takedown from articles where id = ?", article.id)
        if row["takedown"]:
            assert dumped(article.data) == state_before
            return
        assert in_tables(article.data / DATABASE) == list(WORDS[:-1])
        assert digests(article.data) == bytes_before and list((article.data / "sealed").iterdir()) == []

    assert every_step(sealed, tmp_path, "none", check, half) >= 8
