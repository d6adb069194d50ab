"""``tangthu portals record``: a page and the article in it, written as a golden pair or refused with a reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import golden
import pytest
from click.testing import CliRunner, Result
from conftest import FIVE_KEYS, ROOT, Reply, serving, write_portal

from crawler import record
from crawler.cli import main
from crawler.extract import extract

PAGE = ROOT / "tests" / "pages" / "drupal7" / "bartik-khai-hoi-lang.html.gz"
HTML = gzip.decompress(PAGE.read_bytes())
HEADERS = {"Content-Type": "text/html; charset=utf-8", "X-Generator": "Drupal 7 (http://drupal.org)", "X-Age": "3"}
NO_ROBOTS: Reply = (404, {"Content-Type": "text/html"}, b"none")


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "portals", "record", *words])


def answering(page: Reply, robots: Reply = NO_ROBOTS) -> Callable[[str, dict[str, str]], Reply]:
    return lambda path, _headers: robots if path == "/robots.txt" else page


def recorded(data: Path, page: Reply, *words: str, robots: Reply = NO_ROBOTS, path: str = "tin/hoi-lang") -> Result:
    """``portals record`` of a page that answers so, into ``data``/into; the paths asked for stand in ``asked``."""
    with serving(answering(page, robots)) as site:
        result = run(data, site.home + path, "--into", str(data / "into"), *words)
        result.asked = site.asked  # type: ignore[attr-defined]
    return result


def files(data: Path) -> list[str]:
    folder = data / "into"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_pair_that_is_written_is_one_that_the_golden_tests_read(tmp_path: Path) -> None:
    result = recorded(tmp_path, (200, {**HEADERS, "Set-Cookie": "SESSx=0123456789abcdef; path=/"}, HTML))
    assert result.exit_code == 0, result.output
    assert files(tmp_path) == ["drupal7/hoi-lang.html.gz", "drupal7/hoi-lang.json"]
    path = tmp_path / "into/drupal7/hoi-lang.html.gz"
    packed = path.read_bytes()
    assert (packed[3], packed[4:8]) == (0, bytes(4)), "no name and no time"
    page = golden.load(path)
    assert page.capture.body == HTML
    assert page.capture.header("X-Generator") and page.capture.header("Set-Cookie") == "SESSx="
    assert not page.capture.header("X-Age") and not page.capture.header("Date")
    assert json.loads(json.dumps(asdict(extract(page.capture, golden.rules_of(page))))) == page.wanted


def test_what_was_read_is_shown_to_be_checked(tmp_path: Path) -> None:
    result = recorded(tmp_path, (200, HEADERS, HTML))
    lines = result.output.splitlines()
    assert lines[0] == "title      Khai hội làng Cổ Chất xuân Nhâm Dần"
    assert "published  2022-02-16T07:05:41+07:00" in lines and "byline     Tin, ảnh: Minh Hà" in lines
    assert "           authors: Minh Hà" in lines and "section    Văn hóa" in lines
    assert sum(line.startswith("image      http") for line in lines) == 2
    assert sum(line.startswith("file       http") for line in lines) == 1
    assert any(line.startswith("Dù thời tiết xấu, mưa phùn") for line in lines)
    assert lines[-1].startswith("This is what the machine read. Read the JSON against the page")


def test_the_site_is_asked_honestly_and_robots_txt_first(tmp_path: Path) -> None:
    result = recorded(tmp_path, (200, HEADERS, HTML))
    asked = result.asked  # type: ignore[attr-defined]
    assert [one.path for one in asked] == ["/robots.txt", "/tin/hoi-lang"]
    assert all(one.headers["user-agent"].startswith("TangThu/") for one in asked)


def test_a_portal_with_a_file_has_a_folder_and_rules_of_its_own(tmp_path: Path) -> None:
    with serving(answering((200, HEADERS, HTML))) as site:
        write_portal(tmp_path, "nam_dinh/thu", FIVE_KEYS.format(home=site.home, delay=0, more=""))
        result = run(tmp_path, site.home + "a.html", "--into", str(tmp_path / "into"), "--slug", "lang-co-chat")
    assert result.exit_code == 0, result.output
    assert files(tmp_path) == ["nam_dinh-thu/lang-co-chat.html.gz", "nam_dinh-thu/lang-co-chat.json"]


def test_a_page_from_a_file_of_no_known_system(tmp_path: Path) -> None:
    text = "<p>" + "Sáng 15/2, nhân dân xã Phương Định dự lễ hội làng. " * 12 + "</p>"
    page = tmp_path / "page.html"
    page.write_text(f"<html><title>Lễ hội</title><body><h1>Lễ hội</h1><div>{text * 3}</div></body></html>", "utf-8")
    result = run(tmp_path, "http://a.example.vn/le-hoi", "--file", str(page), "--into", str(tmp_path / "into"))
    assert result.exit_code == 0, result.output
    assert files(tmp_path) == ["none/le-hoi.html.gz", "none/le-hoi.json"]
    read = golden.load(tmp_path / "into/none/le-hoi.html.gz")
    assert json.loads(json.dumps(asdict(extract(read.capture, golden.rules_of(read))))) == read.wanted


def test_a_page_without_an_article_is_recorded_as_one(tmp_path: Path) -> None:
    result = recorded(tmp_path, (200, HEADERS, b"<html><body class='page-node'><p>Trang</p></body></html>"))
    assert result.exit_code == 0 and result.output.startswith("no article: ")
    about = json.loads((tmp_path / "into/drupal7/hoi-lang.json").read_text("utf-8"))
    assert sorted(about) == ["captured", "error", "fetched_at", "headers"]


def test_a_pair_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    assert recorded(tmp_path, (200, HEADERS, HTML)).exit_code == 0
    beside = tmp_path / "into/drupal7/hoi-lang.json"
    beside.write_text("checked by a person", "utf-8")
    again = recorded(tmp_path, (200, HEADERS, HTML))
    assert again.exit_code == 1 and "--force" in again.output and beside.read_text("utf-8") == "checked by a person"
    (tmp_path / "into/drupal7/hoi-lang.html.gz").unlink()
    assert recorded(tmp_path, (200, HEADERS, HTML)).exit_code == 1, "half a pair counts"
    assert recorded(tmp_path, (200, HEADERS, HTML), "--force").exit_code == 0
    assert json.loads(beside.read_text("utf-8"))["title"]


@pytest.mark.parametrize(
    ("page", "robots", "says"),
    [
        ((200, HEADERS, HTML), (200, {}, b"User-agent: *\nDisallow: /tin/\n"), "robots.txt forbids it"),
        ((200, HEADERS, HTML), (200, {}, b"User-agent: TangThu\nDisallow: /\n"), "robots.txt forbids it"),
        ((200, HEADERS, HTML), (503, {}, b""), "robots.txt: answers 503: try again later"),
        ((404, HEADERS, HTML), NO_ROBOTS, "answers 404: look in a browser"),
        ((500, HEADERS, HTML), NO_ROBOTS, "answers 500"),
        ((200, {"Content-Type": "text/html"}, b"%PDF-1.7 "), NO_ROBOTS, "the bytes are PDF: only web pages"),
        ((200, {**HEADERS, "Content-Encoding": "gzip"}, b"\x1f\x8bspoilt"), NO_ROBOTS, "--file"),
        ((200, {**HEADERS, "Content-Encoding": "gzip"}, gzip.compress(bytes(21_000_000))), NO_ROBOTS, "--file"),
        ((200, HEADERS, b" " * 20_000_001), NO_ROBOTS, "larger than 20 MB"),
        ((302, {"Location": "/tin/hoi-lang"}, b""), NO_ROBOTS, "redirects more than 5 times"),
        ((302, {"Location": "file:///etc/hostname"}, b""), NO_ROBOTS, "is no address of a web page"),
        ((200, HEADERS, HTML), (302, {"Location": "ftp://a.example.vn/"}, b""), "is no address of a web page"),
    ],
)
def test_what_cannot_be_recorded_is_told_and_leaves_nothing(
    tmp_path: Path, page: Reply, robots: Reply, says: str
) -> None:
    result = recorded(tmp_path, page, robots=robots)
    assert result.exit_code == 1 and says in result.output and result.output.startswith("Error: "), result.output
    assert not files(tmp_path)


def test_a_packed_page_is_kept_unpacked(tmp_path: Path) -> None:
    assert recorded(tmp_path, (200, {**HEADERS, "Content-Encoding": "gzip"}, gzip.compress(HTML))).exit_code == 0
    assert golden.load(tmp_path / "into/drupal7/hoi-lang.html.gz").capture.body == HTML


def test_a_redirect_is_followed_where_robots_txt_allows(tmp_path: Path) -> None:
    def answer(path: str, _headers: dict[str, str]) -> Reply:
        if path == "/robots.txt":
            return 200, {}, b"User-agent: *\nDisallow: /kin/\n"
        return (200, HEADERS, HTML) if path == "/moi" else (301, {"Location": path.replace("cu", "moi")}, b"")

    with serving(answer) as site:
        moved = run(tmp_path, site.home + "cu", "--into", str(tmp_path / "into"))
        assert moved.exit_code == 0, moved.output
        site.answer = lambda path, _: answer(path, {}) if path == "/robots.txt" else (301, {"Location": "/kin/a"}, b"")
        hidden = run(tmp_path, site.home + "cu", "--into", str(tmp_path / "into"))
        assert "robots.txt forbids it" in hidden.output and "/kin/a" not in site.paths
    about = json.loads((tmp_path / "into/drupal7/moi.json").read_text("utf-8"))
    assert about["captured"] == site.home + "moi"


@pytest.mark.parametrize("first", ["robots.txt", "cu"])
def test_a_redirect_into_somebodys_house_is_not_followed(tmp_path: Path, first: str) -> None:
    with serving(answering((200, HEADERS, HTML))) as house:
        moved = (302, {"Location": house.home + "x"}, b"")
        with serving(lambda path, _: moved if path == f"/{first}" else NO_ROBOTS) as site:
            result = run(tmp_path, site.home + "cu", "--into", str(tmp_path / "into"))
    assert result.exit_code == 1 and "is not asked for (loopback address)" in result.output, result.output
    assert "--file" in result.output and not house.asked and not files(tmp_path)


def test_an_address_in_somebodys_house_is_not_asked_for(tmp_path: Path) -> None:
    for url in ("http://10.0.0.1/tin", "http://2130706433/", "http://a.example.vn:25/", "http://router/"):
        result = run(tmp_path, url, "--into", str(tmp_path / "into"))
        assert result.exit_code == 1 and "is not asked for (" in result.output, result.output


def test_a_proxy_of_the_environment_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering((200, HEADERS, HTML))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.home)
        monkeypatch.setenv("no_proxy", "")
        assert recorded(tmp_path, (200, HEADERS, HTML)).exit_code == 0
    assert not proxy.asked


def test_a_site_that_breaks_off_or_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = {**HEADERS, "Transfer-Encoding": "chunked"}  # with a body that is not chunked
    broken = recorded(tmp_path, (200, short, HTML))
    assert broken.exit_code == 1 and "--file" in broken.output
    with serving(answering((200, HEADERS, HTML))) as site:
        home = site.home
    assert "try again later" in run(tmp_path, home, "--into", str(tmp_path / "into")).output
    monkeypatch.setattr(record, "TIMEOUT", 0.0001)
    assert recorded(tmp_path, (200, HEADERS, HTML * 100)).exit_code == 1
    assert not files(tmp_path)


@pytest.mark.parametrize("url", ["ftp://a.example.vn/", "a.example.vn/tin", "http://", "http://a:b", "http://[x/", ""])
def test_what_is_no_address_of_a_web_page(tmp_path: Path, url: str) -> None:
    result = run(tmp_path, url, "--into", str(tmp_path / "into"))
    assert result.exit_code == 1 and "is no address" in result.output


def test_an_address_with_a_password_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "http://an:mat@a.example.vn/", "--into", str(tmp_path / "into"))
    assert result.exit_code == 1 and "public" in result.output


def test_words_that_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = run(tmp_path, "http://a.example.vn/")
    assert here.exit_code == 2 and "--into" in here.output
    assert run(tmp_path, "http://a.example.vn/", "--into", "x", "--slug", "../x").exit_code == 2
    absent = run(tmp_path, "http://a.example.vn/", "--into", "x", "--file", "absent.html")
    assert absent.exit_code == 1 and "absent.html: No such file" in absent.output
    (tmp_path / "big.html").write_bytes(b" " * 20_000_001)
    assert "larger" in run(tmp_path, "http://a.example.vn/", "--into", "x", "--file", "big.html").output
    (tmp_path / "x").write_text("a file where the folder should be")
    page = tmp_path / "page.html"
    page.write_bytes(HTML)
    full = run(tmp_path, "http://a.example.vn/", "--into", "x/y", "--file", str(page))
    assert full.exit_code == 1 and "--into" in full.output


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://a.vn/tin-tuc/Le-hoi-12.html?x=1", "le-hoi-12"),
        ("http://a.vn/L%E1%BB%85%20h%E1%BB%99i", "le-hoi"),
        ("http://a.vn/", "trang-chu"),
        ("http://a.vn/" + "a" * 90, "a" * 60),
    ],
)
def test_a_name_for_the_files(url: str, slug: str) -> None:
    assert record.slug_of(url) == slug


def test_of_cookies_the_names_are_kept_and_words_too_short_for_a_session() -> None:
    headers = [
        ("Set-Cookie", "ASP.NET_SessionId=q1w2e3r4; path=/; HttpOnly"),
        ("Set-Cookie", "language=vi-VN; path=/"),
        ("Date", "Tue, 01 Jul 2025 00:00:00 GMT"),
        ("X-Drupal-Cache", "HIT"),
    ]
    assert record.telling(headers) == {
        "Set-Cookie": ["ASP.NET_SessionId=", "language=vi-VN"],
        "X-Drupal-Cache": "HIT",
    }


def test_a_page_cannot_steer_the_terminal() -> None:
    assert record.printable("Tin\x1b[2Jtức\u202e\u00a0mới\nhai") == "Tin [2Jtức  mới\nhai"
