"""The bytes: what was written comes back, whatever happened to the file since."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import warc, warcwriter
from archive.model import Capture
from archive.warc import NOT_MODIFIED, SAME_PAYLOAD, Location, Record, WarcError, payload_digest, read, read_at
from archive.warcwriter import WarcWriter

STARTED = datetime(2021, 1, 6, 2, 0, tzinfo=UTC)
INFO = {"software": "TangThu/test", "robots": "obey"}
HTML = (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def page(number: int, text: str = "Trật tự trị an. ") -> Capture:
    body = "".join(f"{text}{i * i % 97 * number}\n" for i in range(80)).encode()
    return Capture(f"http://a.vn/tin/{number}", STARTED.replace(minute=number), 200, HTML, body)


def written(folder: Path, captures: list[Capture], name: str = "a-vn") -> tuple[Path, list[Location]]:
    writer = WarcWriter(folder, name, INFO, STARTED)
    places = [writer.write(capture) for capture in captures]
    writer.close()
    return folder / places[-1].warc, places


def exchanges(records: list[Record]) -> list[tuple[str, datetime, int, tuple[tuple[str, str], ...], bytes]]:
    found = [record.capture for record in records if record.capture]
    return [(c.url, c.fetched_at, c.status, c.headers, c.body) for c in found]


def until_the_cut(path: Path) -> tuple[list[Record], WarcError | None]:
    records: list[Record] = []
    try:
        records.extend(read(path))
    except WarcError as error:
        return records, error
    return records, None


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, list[Location]]:
    """A file with three pages."""
    return written(tmp_path / "warc", [page(1), page(2), page(3)])


# Written and read


def test_what_was_written_is_read(three: tuple[Path, list[Location]]) -> None:
    path, _ = three
    records = list(read(path))
    assert [record.kind for record in records] == ["warcinfo", "response", "response", "response"]
    assert exchanges(records) == [(c.url, c.fetched_at, 200, HTML, c.body) for c in (page(1), page(2), page(3))]
    assert all(record.capture.source == path.name for record in records if record.capture)
    assert [record.digest for record in records[1:]] == [payload_digest(page(n).body) for n in (1, 2, 3)]


def test_what_was_written_is_read_at_its_place(three: tuple[Path, list[Location]]) -> None:
    path, places = three
    for number, place in enumerate(places, 1):
        record = read_at(path.parent, place)
        assert exchanges([record]) == exchanges([*read(path)][number : number + 1])
        assert place.offset + place.length <= path.stat().st_size


def test_the_file_is_named_after_the_run(three: tuple[Path, list[Location]]) -> None:
    assert three[0].name == "a-vn-20210106020000-00000.warc.gz"


def test_no_record_no_file(tmp_path: Path) -> None:
    WarcWriter(tmp_path / "warc", "a", INFO, STARTED).close()
    assert list((tmp_path / "warc").iterdir()) == []


@pytest.mark.parametrize("status", [200, 301, 404, 410, 418, 503])
def test_every_status_is_evidence(tmp_path: Path, status: int) -> None:
    sent = Capture("http://a.vn/x", STARTED, status, (("Location", "/y"),), b"")
    path, _ = written(tmp_path, [sent])
    assert exchanges(list(read(path))) == [("http://a.vn/x", STARTED, status, (("Location", "/y"),), b"")]


TOKENS = st.text(st.sampled_from("ABCxyz019-_"), min_size=1)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126))
CAPTURES = st.builds(
    Capture,
    url=st.sampled_from(["http://a.vn/", "http://a.vn/%C4%90?b=1&c=%20", "https://[::1]:8/x"]),
    fetched_at=st.datetimes(datetime(1996, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(TOKENS.map("X-{}".format), VALUES), max_size=4).map(tuple),
    body=st.binary(max_size=300),
)


@given(st.lists(CAPTURES, min_size=1, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_exchange_comes_back(tmp_path_factory: pytest.TempPathFactory, captures: list[Capture]) -> None:
    path, places = written(tmp_path_factory.mktemp("warc"), captures)
    wanted = [(c.url, c.fetched_at, c.status, c.headers, c.body) for c in captures]
    assert exchanges(list(read(path))) == wanted
    assert exchanges([read_at(path.parent, place) for place in places]) == wanted


# Revisits and copies


@pytest.mark.parametrize(("profile", "status", "body"), [(NOT_MODIFIED, 304, b""), (SAME_PAYLOAD, 200, page(1).body)])
def test_a_revisit_names_what_it_repeats(tmp_path: Path, profile: str, status: int, body: bytes) -> None:
    writer = WarcWriter(tmp_path, "a", INFO, STARTED)
    first = page(1)
    digest = payload_digest(first.body)
    writer.write(first)
    again = Capture(first.url, STARTED.replace(day=7), status, (("ETag", '"1"'),), body)
    place = writer.write_revisit(again, profile, digest, first.url, warc.iso(first.fetched_at))
    writer.close()
    record = read_at(tmp_path, place)
    assert (record.kind, record.url, record.fetched_at) == ("revisit", first.url, again.fetched_at)
    assert record.refers_to == (first.url, "2021-01-06T02:01:00Z")
    assert record.digest == digest
    assert ("WARC-Profile", profile) in record.headers
    # Under the headers of a 304, replay programs would show an empty page instead of the one it confirms.
    assert (record.block == b"") == (profile == NOT_MODIFIED)
    assert record.capture is not None
    assert (record.capture.status, record.capture.body) == (status, b"")
    assert record.capture.header("etag") == '"1"'


def test_a_copy_keeps_headers_and_block(three: tuple[Path, list[Location]], tmp_path: Path) -> None:
    path, _ = three
    originals = [record for record in read(path) if record.capture]
    writer = WarcWriter(tmp_path / "other", "import", INFO, STARTED)
    places = [writer.copy(record) for record in originals]
    writer.close()
    copies = [read_at(tmp_path / "other", place) for place in places]
    assert [(c.block, c.headers, c.digest) for c in copies] == [(o.block, o.headers, o.digest) for o in originals]


def test_a_copy_keeps_a_block_that_no_parser_would_write(tmp_path: Path) -> None:
    block = b"HTTP/1.0 200 \nX-Odd:  two  blanks\nserver:\tx\n\n<html>\r\n"
    path = tmp_path / "odd.warc"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.vn/\r\nWARC-Date: 2013-05-20T01:02:03Z\r\n"
        "WARC-Record-ID: <urn:uuid:5a6f4f0e-0000-4000-8000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    path.write_bytes(head.encode() + block + b"\r\n\r\n")
    (original,) = read(path)
    writer = WarcWriter(tmp_path / "other", "import", INFO, STARTED)
    copy = read_at(tmp_path / "other", writer.copy(original))
    writer.close()
    assert copy.block == original.block == block
    assert copy.capture and copy.capture.body == b"<html>\r\n"


def test_a_chunked_body_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "chunked.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        http = StatusAndHeaders("200 OK", [("Transfer-Encoding", "chunked")], protocol="HTTP/1.1")
        payload = io.BytesIO(b"4\r\nTang\r\n4\r\n Thu\r\n0\r\n\r\n")
        writer.write_record(writer.create_warc_record("http://a.vn/", "response", payload=payload, http_headers=http))
    (record,) = read(path)
    assert record.capture is not None
    assert record.capture.body == b"Tang Thu"


def test_a_wet_record_is_its_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.wet.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        text = io.BytesIO("Hội nghị tổng kết".encode())
        writer.write_record(
            writer.create_warc_record("http://a.vn/", "conversion", payload=text, warc_content_type="text/plain")
        )
    (record,) = read(path)
    assert record.capture is not None
    assert (record.capture.status, record.capture.media_type) == (200, "text/plain")
    assert record.capture.body.decode() == "Hội nghị tổng kết"


# Damage


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WarcError) as caught:
        list(read(tmp_path / "no.warc.gz"))
    assert (caught.value.path, caught.value.offset) == (tmp_path / "no.warc.gz", 0)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(WarcError):
        list(read(tmp_path))


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.write_bytes(b"")
    with pytest.raises(WarcError, match=r"empty\.warc\.gz: is empty \(at byte 0\)"):
        list(read(path))


@pytest.mark.parametrize(
    "garbage", [b"no WARC at all", b"\x1f\x8b", b"\x00" * 600, gzip.compress(b"Tang Thu", mtime=0), b"WARC/1.1\r\n"]
)
def test_garbage_is_no_warc(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "garbage.warc.gz"
    path.write_bytes(garbage)
    with pytest.raises(WarcError) as caught:
        list(read(path))
    assert caught.value.path == path


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_gives_what_precedes_the_cut(three: tuple[Path, list[Location]], data: st.DataObject) -> None:
    path, places = three
    whole, wanted = path.read_bytes(), list(read(path))
    starts = [0, *(place.offset for place in places)]
    near = [
        n
        for start in (*starts[1:], len(whole))
        for n in (start - 8, start - 1, start, start + 1, start + 12, start + 60, start + 200)
    ]
    size = data.draw(
        st.one_of(st.integers(1, len(whole) - 1), st.sampled_from([n for n in near if 0 < n < len(whole)]))
    )
    cut = path.with_name("cut.warc.gz")
    cut.write_bytes(whole[:size])
    records, error = until_the_cut(cut)
    complete = sum(end <= size for end in (*starts[1:], len(whole)))
    # A record of which only the checksum is missing may be given too: it is whole.
    assert complete <= len(records) <= complete + 1
    assert records == [_moved(record, cut) for record in wanted[: len(records)]]
    if size in starts:
        assert error is None
    else:
        assert error is not None
        assert (error.path, error.offset) == (cut, max(start for start in starts if start < size))
        assert str(cut) in str(error)


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_uncompressed_file_may_be_cut_too(three: tuple[Path, list[Location]], data: st.DataObject) -> None:
    path, _ = three
    whole, wanted = gzip.decompress(path.read_bytes()), list(read(path))
    cut = path.with_name("cut.warc")
    size = data.draw(st.integers(1, len(whole) - 1))
    cut.write_bytes(whole[:size])
    records, error = until_the_cut(cut)
    assert records == [_moved(record, cut) for record in wanted[: len(records)]]
    assert error is None or (error.path == cut and 0 <= error.offset <= size)
    assert error is not None or len(whole[:size].split(b"WARC/1.1\r\n")) - 1 == len(records)


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_byte_harms_nothing_before_it(three: tuple[Path, list[Location]], data: st.DataObject) -> None:
    path, places = three
    whole, wanted = bytearray(path.read_bytes()), list(read(path))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    damaged = path.with_name("damaged.warc.gz")
    damaged.write_bytes(whole)
    records, error = until_the_cut(damaged)
    before = sum(end <= place for end in (*(p.offset for p in places), len(whole)))
    assert records[:before] == [_moved(record, damaged) for record in wanted[:before]]
    assert error is None or error.path == damaged


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_records_or_a_warc_error(tmp_path: Path, body: bytes) -> None:
    for start in (
        b"",
        b"WARC/1.1\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n",
        b"\x1f\x8b\x08\x00",
    ):
        path = tmp_path / "any.warc"
        path.write_bytes(start + body)
        _, error = until_the_cut(path)
        assert error is None or error.path == path


@pytest.mark.parametrize("offset", [-1, 1, 10**9])
def test_a_place_without_a_record_is_an_error(three: tuple[Path, list[Location]], offset: int) -> None:
    path, places = three
    with pytest.raises(WarcError):
        read_at(path.parent, Location(path.name, offset, places[0].length))


def test_a_place_in_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match=r"no\.warc\.gz"):
        read_at(tmp_path, Location("no.warc.gz", 0, 10))


def test_no_place_leads_out_of_the_folder(three: tuple[Path, list[Location]], tmp_path: Path) -> None:
    path, places = three
    (tmp_path / "empty").mkdir()
    with pytest.raises(WarcError):
        read_at(tmp_path / "empty", Location(f"../warc/{path.name}", places[0].offset, places[0].length))


def _moved(record: Record, path: Path) -> Record:
    """The same record, read from a file of another name."""
    capture = record.capture and Capture(
        record.capture.url,
        record.capture.fetched_at,
        record.capture.status,
        record.capture.headers,
        record.capture.body,
        path.name,
    )
    return Record(
        record.kind,
        record.url,
        record.fetched_at,
        record.headers,
        record.block,
        capture,
        record.digest,
        record.refers_to,
    )


# Other programs


def mixed(folder: Path) -> Path:
    """A file with a page, its revisit, a redirect and a copied record."""
    writer = WarcWriter(folder, "a", INFO, STARTED)
    first = page(1)
    place = writer.write(first)
    digest = payload_digest(first.body)
    writer.write_revisit(Capture(first.url, STARTED, 304, (), b""), NOT_MODIFIED, digest, first.url, warc.iso(STARTED))
    writer.write(Capture("http://a.vn/cu", STARTED, 301, (("Location", "http://a.vn/moi"),), b""))
    writer.copy(read_at(folder, place))
    writer.close()
    return folder / place.warc


def accepted(command: str, *arguments: object) -> str:
    """What a program says that finds nothing wrong."""
    program = Path(sys.executable).with_name(command)
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_fastwarc_accepts_what_was_written(three: tuple[Path, list[Location]], tmp_path: Path) -> None:
    assert "4 records were verified successfully" in accepted("fastwarc", "check", "-p", three[0])
    # Without -p: FastWARC compares the payload digest of a revisit, which is the repeated one's, with its own block.
    assert "5 records were verified successfully" in accepted("fastwarc", "check", mixed(tmp_path))


def test_warcio_accepts_what_was_written(tmp_path: Path) -> None:
    assert "digest failed" not in accepted("warcio", "check", "-v", mixed(tmp_path))


# A full disk, and a full file

FULL_DISK = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from archive.model import Capture
from archive.warc import WarcError
from archive.warcwriter import WarcWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
started = datetime(2021, 1, 6, tzinfo=UTC)
writer = WarcWriter(Path(sys.argv[1]), "full", {"software": "test"}, started)
kept = 0
try:
    for number in range(1000):
        body = b"".join(str(i * number * 7919).encode() for i in range(4000))
        writer.write(Capture(f"http://a.vn/{number}", started, 200, (), body))
        kept += 1
except WarcError as error:
    assert "cannot be written" in error.why, error
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    writer.write(Capture("http://a.vn/afterwards", started, 200, (), b"there is room again"))
    writer.close()
    sys.exit(kept)
sys.exit("the disk was never full")
"""


@pytest.mark.parametrize("room", [50, 60_000, 100_001])
def test_a_full_disk_leaves_whole_records(tmp_path: Path, room: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(room)],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(warc.__file__).parents[1],
    )  # fmt: skip
    assert done.stderr == ""
    kept = done.returncode
    pages = [record.url for path in sorted(tmp_path.iterdir()) for record in read(path) if record.capture]
    assert pages == [*(f"http://a.vn/{number}" for number in range(kept)), "http://a.vn/afterwards"]


def test_a_full_file_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warcwriter, "ROTATE_BYTES", 1500)
    captures = [page(number) for number in range(1, 8)]
    _, places = written(tmp_path, captures)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) > 1
    assert names == sorted({place.warc for place in places})
    assert names[1] == "a-vn-20210106020000-00001.warc.gz"
    assert all(next(iter(read(tmp_path / name))).kind == "warcinfo" for name in names)
    assert [read_at(tmp_path, place).url for place in places] == [capture.url for capture in captures]


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path, _ = written(tmp_path, [page(1)])
    before = path.read_bytes()
    other, _ = written(tmp_path, [page(2)])
    assert other != path
    assert path.read_bytes() == before


def test_headers_that_are_not_ascii_are_kept_as_they_are(tmp_path: Path) -> None:
    headers = (("Content-Type", "text/html"), ("ETag", '"é"'), ("Content-Disposition", 'filename="Lịch tiếp dân.pdf"'))
    capture = Capture("http://a.vn/1", STARTED, 200, (*headers, ("X-Đặc-biệt", "1")), b"x")
    writer = WarcWriter(tmp_path, "a", {}, STARTED)
    where = writer.write(capture)
    writer.close()
    kept = read_at(tmp_path, where).capture
    assert kept and kept.headers == capture.headers
    assert "Lịch tiếp dân.pdf".encode() in read_at(tmp_path, where).block
