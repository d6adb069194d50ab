"""Every record of a WARC is checked, and what is damaged does not hide what follows."""

from __future__ import annotations

import gzip
import hashlib
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from keeping import append, fastwarc_says, flip, others

from archive.model import Capture
from archive.scan import Damage, Scanned, files, scan, whole
from archive.warc import NOT_MODIFIED, Location, WarcError, read_at
from archive.warcwriter import WarcWriter

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def ours(folder: Path, count: int = 6) -> tuple[Path, list[Location]]:
    writer = WarcWriter(folder, "a-b", {"software": "TangThu/1"}, NOW)
    noise = random.Random(4)
    places = [
        writer.write(Capture(f"http://a.vn/{n}", NOW, 200, (), noise.randbytes(900) + b"a" * 5000))
        for n in range(count)
    ]
    first = read_at(folder, places[0])
    places.append(
        writer.write_revisit(Capture("http://a.vn/0", NOW, 304, (), b""), NOT_MODIFIED, first.digest, first.url, "2026")
    )
    places.append(writer.write_failure(Capture("http://a.vn/", NOW, 0, (("Fetch-Failed", "dns"),), b"")))
    places.append(writer.write_note("urn:tangthu:crawl", NOW, {"new": 1}))
    writer.close()
    return folder / places[0].warc, places


def seen(path: Path) -> list[str]:
    """What is scanned, as lines: offsets of records, and what is said of them."""
    return [
        f"{one.offset} {'; '.join(one.wrong) if isinstance(one, Scanned) else one.why}".strip() for one in scan(path)
    ]


def damage(path: Path) -> Damage:
    (found,) = [one for one in scan(path) if isinstance(one, Damage)]
    return found


# What is whole


def test_a_whole_file_is_found_whole_and_each_record_where_it_was_written(tmp_path: Path) -> None:
    path, places = ours(tmp_path)
    found = [one for one in scan(path) if isinstance(one, Scanned)]
    assert [(one.offset, one.length) for one in found[1:]] == [(place.offset, place.length) for place in places]
    assert [one.kind for one in found] == ["warcinfo", *["response"] * 6, "revisit", "metadata", "metadata"]
    assert not any(one.wrong or one.unchecked for one in found)
    assert [(one.url, one.fetched_at) for one in found[1:3]] == [
        ("http://a.vn/0", "2026-11-25T02:00:00Z"), ("http://a.vn/1", "2026-11-25T02:00:00Z"),
    ]  # fmt: skip
    assert fastwarc_says(path) == ""


@pytest.mark.parametrize("packed", [True, False])
def test_files_of_other_programs_are_read_alike(tmp_path: Path, packed: bool) -> None:
    path = others(tmp_path / ("x.warc.gz" if packed else "x.warc"), packed=packed)
    found = list(scan(path))
    assert [(one.url, one.wrong) for one in found if isinstance(one, Scanned)] == [
        (f"http://b.vn/{number}", ()) for number in range(3)
    ]
    assert sum(one.length for one in found) == path.stat().st_size
    bodies = [item[1].capture.body for item in whole(path) if not isinstance(item, Damage) and item[1].capture]
    assert bodies == [b"hello"] * 3


def hexadecimal(name: str, data: bytes) -> str:
    return f"{name}:{hashlib.new(name, data).hexdigest()}"


@pytest.mark.parametrize(
    ("digest", "right"),
    [
        (hexadecimal("sha1", b"hello"), True),
        (hexadecimal("sha256", b"hello"), True),
        (hexadecimal("md5", b"hello"), True),
        (hexadecimal("sha256", b"Hello"), False),
        ("xyz:ABC", True),  # nobody can tell
    ],
)
def test_digests_are_checked_however_they_are_written(tmp_path: Path, digest: str, right: bool) -> None:
    path = others(tmp_path / "x.warc.gz", {"WARC-Payload-Digest": digest})
    wrong = [one.wrong for one in scan(path) if isinstance(one, Scanned)]
    assert wrong == [() if right else ("WARC-Payload-Digest is not that of the bytes",)] * 3


@pytest.mark.parametrize("payload", [b"hello", b"5\r\nhello\r\n0\r\n\r\n"])
def test_the_digest_of_a_chunked_payload_may_be_that_of_either_form(tmp_path: Path, payload: bytes) -> None:
    path = others(tmp_path / "x.warc.gz", {"WARC-Payload-Digest": hexadecimal("sha1", payload)}, chunked=True)
    assert not any(one.wrong for one in scan(path) if isinstance(one, Scanned))


def test_a_block_that_was_changed_is_named(tmp_path: Path) -> None:
    path = others(tmp_path / "x.warc", packed=False)
    first, second, _ = (one for one in scan(path) if isinstance(one, Scanned))
    flip(path, second.offset + second.length - 5)  # in “hello”
    assert seen(path)[1] == f"{second.offset} " + (
        "WARC-Block-Digest is not that of the bytes; WARC-Payload-Digest is not that of the bytes"
    )
    assert seen(path)[0] == str(first.offset)


# What is not


def put(whole: bytes, at: int, what: bytes) -> bytes:
    return whole[:at] + what + whole[at + len(what) :]


# What happens to the record that starts at ``at``, and what is said of it.
BREAK: dict[str, tuple[Callable[[bytes, int, int], bytes], str]] = {
    "a bit of the data": (lambda b, at, _: put(b, at + 400, bytes([b[at + 400] ^ 1])), "incorrect"),
    "a bit of the check sum": (lambda b, at, n: put(b, at + n - 6, bytes([b[at + n - 6] ^ 1])), "incorrect"),
    "its first byte": (lambda b, at, _: put(b, at, b"x"), "incorrect header"),
    "zeros instead": (lambda b, at, n: put(b, at, bytes(n)), "incorrect header"),
    "half of it missing": (lambda b, at, n: b[: at + n // 2] + b[at + n :], "decompressing"),
}


@pytest.mark.parametrize("what", BREAK)
def test_the_records_behind_a_damaged_one_are_found(tmp_path: Path, what: str) -> None:
    path, places = ours(tmp_path)
    act, why = BREAK[what]
    path.write_bytes(act(path.read_bytes(), places[2].offset, places[2].length))
    found = damage(path)
    assert found.offset == places[2].offset
    assert why in found.why
    assert not found.last
    urls = [item[1].url for item in whole(path) if not isinstance(item, Damage)]
    assert urls[1:7] == [
        "http://a.vn/0",
        "http://a.vn/1",
        "http://a.vn/3",
        "http://a.vn/4",
        "http://a.vn/5",
        "http://a.vn/0",
    ]


@pytest.mark.parametrize("missing", [1, 8, 9, 30, 200])
def test_a_cut_tail_is_the_last_damage_and_its_record_is_not_given(tmp_path: Path, missing: int) -> None:
    """Also when all of the page is there, and only the check sum behind it is not."""
    path, places = ours(tmp_path)
    path.write_bytes(path.read_bytes()[:-missing])
    found = damage(path)
    assert (found.offset, found.length) == (places[-1].offset, places[-1].length - missing)
    assert found.last
    assert [item[0] for item in whole(path) if not isinstance(item, Damage)][1:] == places[:-1]


def test_what_follows_the_last_record_is_no_record(tmp_path: Path) -> None:
    path, _ = ours(tmp_path)
    size = path.stat().st_size
    append(path, bytes(4096))  # as a file system leaves it when the power fails
    assert (damage(path).offset, damage(path).length, damage(path).last) == (size, 4096, True)


def test_an_empty_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.touch()
    assert [str(found) for found in scan(path)] == [f"{path}: is empty (at byte 0)"]
    assert len(list(whole(path))) == 1


def test_records_compressed_as_one_are_named(tmp_path: Path) -> None:
    plain = others(tmp_path / "x.warc", packed=False)
    path = tmp_path / "y.warc.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    assert "several records are compressed as one" in damage(path).why


def test_a_damaged_file_without_compression_is_read_on_at_the_next_record(tmp_path: Path) -> None:
    path = others(tmp_path / "x.warc", packed=False)
    _, second, third = (one for one in scan(path) if isinstance(one, Scanned))
    flip(path, second.offset + 2)
    assert (damage(path).offset, damage(path).length) == (second.offset, third.offset - second.offset)


@pytest.mark.parametrize("start", [0, 3, 8])
def test_reading_may_begin_at_any_record(tmp_path: Path, start: int) -> None:
    path, places = ours(tmp_path)
    found = [item[0] for item in whole(path, places[start].offset) if not isinstance(item, Damage)]
    assert found == places[start:]


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match="cannot be opened"):
        next(scan(tmp_path / "none.warc.gz"))


def test_only_warcs_are_an_archives_files(tmp_path: Path) -> None:
    for name in ("b.warc.gz", "a.warc", "C.WARC.GZ", ".lock", "a.cdxj", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.warc").mkdir()
    assert [path.name for path in files(tmp_path)] == ["C.WARC.GZ", "a.warc", "b.warc.gz"]
    assert files(tmp_path / "none") == []


# What getrusage tells as the peak is that of the process that started this one, when that was larger.
LARGE = """
import sys
from pathlib import Path
from archive.scan import scan
assert not [one for one in scan(Path(sys.argv[1])) if getattr(one, "wrong", True)]
lines = Path("/proc/self/status").read_text().splitlines()
sys.stdout.write(str(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024))
"""


def test_a_record_of_half_a_gigabyte_is_checked_without_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    size = 500_000_000
    sums = {name: hashlib.sha1(usedforsecurity=False) for name in ("block", "payload")}
    head, piece = b"HTTP/1.1 200 OK\r\n\r\n", bytes(1_000_000)
    sums["block"].update(head)
    for _ in range(size // len(piece)):
        for each in sums.values():
            each.update(piece)
    lines: dict[str, Any] = {
        "WARC-Type": "response", "WARC-Date": "2026-11-25T02:00:00Z", "WARC-Target-URI": "http://a.vn/",
        "WARC-Block-Digest": f"sha1:{sums['block'].hexdigest()}",
        "WARC-Payload-Digest": f"sha1:{sums['payload'].hexdigest()}",
        "Content-Type": "application/http; msgtype=response", "Content-Length": size + len(head),
    }  # fmt: skip
    with gzip.open(path, "wb", 1) as file:
        file.write(b"WARC/1.1\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in lines.items()) + b"\r\n" + head)
        for _ in range(size // len(piece)):
            file.write(piece)
        file.write(b"\r\n\r\n")
    done = subprocess.run([sys.executable, "-c", LARGE, path], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert int(done.stdout) < 150
