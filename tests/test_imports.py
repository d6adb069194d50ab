"""WARC and WET files come into the archive: once, whole, and as far as they go."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from warcio.warcwriter import WARCWriter

import crawler
from archive.model import Capture
from archive.store import Store
from archive.warc import NOT_MODIFIED, Location, WarcError, read, read_at
from archive.warcwriter import WarcWriter
from crawler.demo import PORTAL_ID, DemoPortal, changed_path, expected
from crawler.detection import detect
from crawler.imports import Owners, Report, bring, files
from crawler.ingest import DATABASE, open_archive
from crawler.locks import Locked
from crawler.portal import Portal, foreign, load_all

FETCHED = datetime(2021, 1, 6, 2, 0, tzinfo=UTC)
ARTICLES = expected()[:6]
# What the fixture below fetches: six articles, one print view, a listing, robots.txt and a page that is not there.
OTHERS = (f"/print/{ARTICLES[0].node}", "/tin-tuc", "/robots.txt", "/khong-co")
PLAIN = """You are here
Trang chủ
Tin tức

Lễ ký kết quy chế phối hợp giữ gìn an ninh trật tự
T4, 06/01/2021 - 08:30

Ngày 5/1, tại hội trường UBND xã Ninh Hà, UBND huyện Sông Ninh và UBND huyện Xuân Trường tổ chức hội nghị ký kết \
Quy chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh giai đoạn 2021 - 2025.

Hai huyện có 11,6 km địa giới chung, phần lớn là sông Ninh Cơ và kênh Cát Xuyên. Năm 2020, khu vực này \
xảy ra 23 vụ việc về trật tự xã hội, giảm 7 vụ so với năm 2019, \
song vẫn nổi lên tình trạng khai thác cát trái phép vào ban đêm.

T/h: Lệ Minh

LIÊN KẾT WEBSITE
Thời tiết
"""


def fetch(url: str, moment: datetime) -> Capture:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            status, headers, body = reply.status, reply.headers.items(), reply.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers.items(), error.read()
    return Capture(url, moment, status, tuple(headers), body)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoPortal]:
    with DemoPortal() as portal:
        yield portal


@pytest.fixture(scope="module")
def crawled(demo: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Location]]:
    """Another archive's WARC of the demo portal, and where its records stand."""
    folder = tmp_path_factory.mktemp("elsewhere")
    writer = WarcWriter(folder, "elsewhere", {"software": "other/1.0"}, FETCHED)
    places = []
    for number, path in enumerate((*(article.path for article in ARTICLES), *OTHERS)):
        places.append(writer.write(fetch(demo.url.rstrip("/") + path, FETCHED + timedelta(seconds=number))))
    writer.close()
    return folder / places[0].warc, places


class Archive:
    """An archive in a folder, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bring(
        self, *paths: Path, known: dict[str, Portal] | None = None, only: Portal | None = None
    ) -> tuple[Report, Counter[str]]:
        found = files(list(paths))
        with open_archive(self.folder, "import") as ingest:
            report = bring(ingest, found, known or {}, only, lambda: None)
            return report, ingest.counts

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with Store(self.folder / DATABASE) as store:
            assert store.db.execute("pragma foreign_key_check").fetchall() == []
            return list(store.db.execute(query).fetchall())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "data")


def khac(demo: DemoPortal) -> str:
    return "khac/" + urlsplit(demo.url).netloc.replace(":", "_")


# What comes in


def test_the_articles_of_a_warc_come_in(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    report, counts = archive.bring(crawled[0])
    assert (report.records, report.damaged) == (11, [])
    assert counts["new"] == len(ARTICLES)
    assert counts["changed"] == 0
    kept = archive.rows("select title, text, byline, published, section from articles order by first_seen")
    assert kept == [(a.title, a.text, a.byline.text, a.published, a.section) for a in ARTICLES]


def test_captures_say_when_and_where_they_come_from(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    archive.bring(crawled[0])
    rows = archive.rows("select fetched_at, source, status from captures order by fetched_at")
    assert rows[0] == ("2021-01-06T02:00:00Z", crawled[0].name, 200)
    assert rows[-1][2] == 404
    assert len(rows) == len(ARTICLES) + len(OTHERS)


def test_the_bytes_are_copied_as_they_are(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    archive.bring(crawled[0])
    originals = {record.url: record for record in read(crawled[0]) if record.capture}
    for url, name, offset, length in archive.rows('select url, warc, "offset", length from captures'):
        copy = read_at(archive.folder / "warc", Location(str(name), int(str(offset)), int(str(length))))
        original = originals[str(url)]
        assert (copy.block, copy.headers, copy.fetched_at) == (original.block, original.headers, original.fetched_at)


def test_the_print_view_makes_no_second_article(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    _, counts = archive.bring(crawled[0])
    assert counts["same"] == 1
    assert archive.rows("select count(*), max(versions) from articles") == [(len(ARTICLES), 1)]


def test_a_page_that_is_no_article_is_kept_and_listed(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    _, counts = archive.bring(crawled[0])
    assert counts["failed"] == 1
    ((url, why),) = archive.rows("select url, why from failures join captures on captures.id = failures.capture")
    assert str(url).endswith("/tin-tuc")
    assert why


def test_files_and_missing_pages_are_kept_without_complaint(
    archive: Archive, crawled: tuple[Path, list[Location]]
) -> None:
    _, counts = archive.bring(crawled[0])
    assert counts["kept"] == 2


def test_the_second_import_brings_nothing(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    archive.bring(crawled[0])
    before = archive.rows("select count(*) from captures")
    report, counts = archive.bring(crawled[0])
    assert report.records == 11
    assert counts == {"known": len(ARTICLES) + len(OTHERS)}
    assert archive.rows("select count(*) from captures") == before


def test_the_same_records_in_another_file_are_known_too(
    archive: Archive, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    archive.bring(crawled[0])
    renamed = tmp_path / "renamed.warc.gz"
    renamed.write_bytes(crawled[0].read_bytes())
    assert archive.bring(renamed)[1] == {"known": len(ARTICLES) + len(OTHERS)}


def test_an_archive_can_be_built_again_from_its_own_warcs(
    archive: Archive, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    archive.bring(crawled[0])
    second = Archive(tmp_path / "second")
    second.bring(archive.folder / "warc")
    columns = "id, portal, url, title, text, byline, published, section, first_seen, last_seen"
    everything = f"select {columns} from articles order by id"
    assert second.rows(everything) == archive.rows(everything)


def test_a_changed_page_makes_a_version_in_whatever_order(archive: Archive, demo: DemoPortal, tmp_path: Path) -> None:
    places = []
    for day in (2, 1):
        demo.day = day
        capture = fetch(demo.url.rstrip("/") + changed_path(), FETCHED + timedelta(days=day))
        writer = WarcWriter(tmp_path, f"day{day}", {}, FETCHED)
        places.append(tmp_path / writer.write(capture).warc)
        writer.close()
    demo.day = 1
    assert archive.bring(places[0])[1] == {"new": 1}
    assert archive.bring(places[1])[1] == {"changed": 1}
    (newest,) = [a.text for a in expected(2) if a.path == changed_path()]
    assert archive.rows("select text, versions from articles") == [(newest, 2)]
    assert archive.bring(*places)[1] == {"known": 2}


def test_a_revisit_says_that_the_article_was_seen_again(
    archive: Archive, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    path, places = crawled
    first = read_at(path.parent, places[0])
    assert first.capture
    writer = WarcWriter(tmp_path, "later", {}, FETCHED)
    again = Capture(first.url, FETCHED + timedelta(days=30), 304, (), b"")
    place = writer.write_revisit(again, NOT_MODIFIED, first.digest, first.url,
                                 "2021-01-06T02:00:00Z")  # fmt: skip
    writer.close()
    _, alone = archive.bring(tmp_path / place.warc)
    assert alone == {"failed": 1}
    archive.bring(path)
    _, counts = archive.bring(tmp_path / place.warc)
    assert counts == {"same": 1}
    assert archive.rows("select max(last_seen) from articles") == [("2021-02-05T02:00:00Z",)]


# WET


@pytest.fixture
def wet(tmp_path: Path) -> Path:
    path = tmp_path / "cc.warc.wet.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for url, text in (
            ("http://songninh.example.vn/tin-tuc/ky-ket", PLAIN),
            ("http://songninh.example.vn/menu", "Trang chủ\nTin tức\n"),
        ):
            writer.write_record(
                writer.create_warc_record(
                    url, "conversion", payload=io.BytesIO(text.encode()), warc_content_type="text/plain",
                    warc_headers_dict={"WARC-Date": "2021-01-20T00:00:00Z"},
                )
            )  # fmt: skip
    return path


def test_the_plain_text_of_a_wet_file_becomes_an_article(archive: Archive, wet: Path) -> None:
    _, counts = archive.bring(wet)
    assert counts == {"new": 1, "failed": 1}
    ((url, title, text, byline),) = archive.rows("select url, title, text, byline from articles")
    assert url == "http://songninh.example.vn/tin-tuc/ky-ket"
    assert title == "Lễ ký kết quy chế phối hợp giữ gìn an ninh trật tự"
    assert str(text).startswith("Ngày 5/1, tại hội trường")
    assert "LIÊN KẾT WEBSITE" not in str(text)
    assert byline == "T/h: Lệ Minh"
    assert archive.bring(wet)[1] == {"known": 2}


# Whose is it?


def test_an_unknown_host_gets_a_portal_and_its_platform(
    archive: Archive, demo: DemoPortal, crawled: tuple[Path, list[Location]]
) -> None:
    archive.bring(crawled[0])
    assert archive.rows("select id, platform from portals") == [(khac(demo), "drupal7")]
    assert archive.rows("select distinct portal from articles") == [(khac(demo),)]


def test_a_described_host_gets_its_own_portal(
    archive: Archive, demo: DemoPortal, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    path = tmp_path / "portals" / f"{PORTAL_ID}.toml"
    path.parent.mkdir(parents=True)
    path.write_text(demo.portal_file(), "utf-8")
    known = load_all(tmp_path / "portals")
    archive.bring(crawled[0], known=known)
    assert archive.rows("select id, district from portals") == [(PORTAL_ID, "Huyện Sông Ninh")]


def test_the_operator_may_say_whose_it_is(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    only = load_all(None)["nam_dinh/xuan_truong"]
    archive.bring(crawled[0], only=only)
    assert archive.rows("select distinct portal from captures") == [("nam_dinh/xuan_truong",)]


def test_the_platform_is_known_once_a_page_tells() -> None:
    owners = Owners({}, None)
    picture = Capture("http://www.b.vn/a.jpg", FETCHED, 200, (("Content-Type", "image/jpeg"),), b"")
    page = Capture("http://b.vn/", FETCHED, 200, (("X-Generator", "Drupal 7 (http://drupal.org)"),), b"")
    assert owners.of(picture) == foreign("b.vn", None)
    assert owners.of(page).platform == owners.of(picture).platform == "drupal7"


# Files and folders


def test_a_cut_file_is_kept_up_to_the_cut(
    archive: Archive, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    path, places = crawled
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(path.read_bytes()[: places[3].offset + 100])
    report, counts = archive.bring(cut)
    assert counts["new"] == 3
    (damage,) = report.damaged
    assert (damage.path, damage.offset) == (cut, places[3].offset)
    assert archive.bring(path)[1]["new"] == len(ARTICLES) - 3


def test_a_damaged_file_does_not_keep_the_next_one_out(
    archive: Archive, crawled: tuple[Path, list[Location]], tmp_path: Path
) -> None:
    broken = tmp_path / "a.warc.gz"
    broken.write_bytes(b"garbage")
    report, counts = archive.bring(broken, crawled[0])
    assert [error.path for error in report.damaged] == [broken]
    assert counts["new"] == len(ARTICLES)


def test_a_folder_stands_for_the_files_below_it(
    archive: Archive, crawled: tuple[Path, list[Location]], wet: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder" / "2021"
    folder.mkdir(parents=True)
    (folder / "one.warc.gz").write_bytes(crawled[0].read_bytes())
    (folder.parent / "cc.wet.gz").write_bytes(wet.read_bytes())
    (folder / "README.txt").write_text("no WARC", "utf-8")
    (folder / "index.cdxj").write_text("", "utf-8")
    report, counts = archive.bring(folder.parent)
    assert report.damaged == []
    assert counts["new"] == len(ARTICLES) + 1


@pytest.mark.parametrize("name", ["none.warc.gz", "none"])
def test_a_missing_path_is_named_before_anything_is_done(archive: Archive, tmp_path: Path, name: str) -> None:
    with pytest.raises(WarcError, match="no such file or folder"):
        archive.bring(tmp_path / name)
    assert not archive.folder.exists()


def test_a_folder_without_warcs_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(WarcError, match="holds no WARC"):
        files([tmp_path])


def test_each_record_is_one_step(archive: Archive, crawled: tuple[Path, list[Location]]) -> None:
    steps = []
    with open_archive(archive.folder, "import") as ingest:
        bring(ingest, [crawled[0]], {}, None, lambda: steps.append(1))
    assert len(steps) == 11


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from archive.warc import WarcError
from crawler.imports import bring
from crawler.ingest import open_archive

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
try:
    with open_archive(Path(sys.argv[1]), "import") as ingest:
        bring(ingest, [Path(sys.argv[2])], {}, None, lambda: None)
except WarcError as error:
    sys.stdout.write(str(error.path))
"""


def test_a_full_disk_is_not_taken_for_a_damaged_file(archive: Archive, tmp_path: Path) -> None:
    """It ends the import: an archive that cannot be written is not the fault of the file that is read."""
    writer = WarcWriter(tmp_path, "large", {}, FETCHED)
    for number in range(3):
        noise = random.Random(number).randbytes(1_500_000)
        place = writer.write(
            Capture(f"http://b.vn/{number}.jpg", FETCHED, 200, (("Content-Type", "image/jpeg"),), noise)
        )
    writer.close()
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, archive.folder, tmp_path / place.warc],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(crawler.__file__).parents[1],
    )  # fmt: skip
    assert done.stderr == ""
    assert Path(done.stdout).parent == archive.folder / "warc"


# One writer


def test_a_second_writer_has_to_wait(archive: Archive) -> None:
    with (
        open_archive(archive.folder, "import"),
        pytest.raises(Locked, match="another run"),
        open_archive(archive.folder, "import"),
    ):
        pass
    with open_archive(archive.folder, "import"):
        pass


def test_a_run_that_broke_leaves_no_lock(archive: Archive) -> None:
    with pytest.raises(RuntimeError), open_archive(archive.folder, "import"):
        raise RuntimeError
    with open_archive(archive.folder, "import"):
        pass


def test_two_runs_within_a_second_do_not_meet(
    archive: Archive, crawled: tuple[Path, list[Location]], wet: Path
) -> None:
    archive.bring(wet)
    archive.bring(crawled[0])
    archive.bring(crawled[0])
    assert archive.rows("select count(*) from articles") == [(len(ARTICLES) + 1,)]


# A crawl through the same door


def test_an_equal_page_is_kept_as_a_revisit(archive: Archive, demo: DemoPortal) -> None:
    url = demo.url.rstrip("/") + ARTICLES[0].path
    first = fetch(url, FETCHED)
    portal = foreign(urlsplit(demo.url).netloc, detect(first).platform)
    with open_archive(archive.folder, "khac/demo") as ingest:
        ingest.register(portal)
        assert ingest.keep(portal, first).outcome == "new"
        again = Capture(url, FETCHED + timedelta(days=1), 200, first.headers, first.body)
        assert ingest.keep(portal, again).outcome == "same"
        unchanged = Capture(url, FETCHED + timedelta(days=2), 304, (), b"")
        assert ingest.keep(portal, unchanged).outcome == "same"
        gone = Capture(url, FETCHED + timedelta(days=3), 404, (), b"")
        assert ingest.keep(portal, gone).outcome == "gone"
        assert ingest.keep(portal, Capture(url, FETCHED + timedelta(days=4), 410, (), b"")).outcome == "kept"
        assert (
            ingest.keep(portal, Capture(url, FETCHED + timedelta(days=5), 200, first.headers, first.body)).outcome
            == "same"
        )
    assert archive.rows("select versions, last_seen, gone_since from articles") == [(1, "2021-01-11T02:00:00Z", None)]
    kinds = [record.kind for path in sorted((archive.folder / "warc").glob("*.gz")) for record in read(path)]
    assert kinds[:4] == ["warcinfo", "response", "revisit", "revisit"]


def test_a_page_that_a_server_calls_some_bytes_is_a_page(archive: Archive, demo: DemoPortal) -> None:
    page = fetch(demo.url.rstrip("/") + ARTICLES[0].path, FETCHED)
    portal = foreign(urlsplit(demo.url).netloc, detect(page).platform)
    others = tuple(pair for pair in page.headers if pair[0].lower() != "content-type")
    with open_archive(archive.folder, "import") as ingest:
        ingest.register(portal)
        bytes_ = Capture(page.url, FETCHED, 200, (*others, ("Content-Type", "application/octet-stream")), page.body)
        assert ingest.keep(portal, bytes_).outcome == "new"
        unnamed = (("Content-Type", "application/octet-stream"),)
        word = Capture(page.url + ".doc", FETCHED, 200, unnamed, b"\xd0\xcf\x11")
        assert ingest.keep(portal, word).outcome == "kept"
    assert archive.rows("select media_type from captures order by id") == [
        ("text/html",),
        ("application/octet-stream",),
    ]
