"""A portal in which everything goes wrong, described by five keys: what is good is kept, what is bad is named."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import wild_answers
import wild_pages
from conftest import rows, write_portal
from wild_answers import BEHIND, CASES, EXPIRED, ODD, WAIT, Case
from wild_pages import BY_DAY, IN_SITEMAP, LAST_OF_MANY, NEWS, REFORM, TRAPS, Good
from wild_server import Hit, Run, Wild, copies, others, run, said
from wild_wire import HTML, Wire, brotli_bomb, endless

ID = "nam_dinh/du"
# The cap on requests is for the tests' own time: a run that reaches it has failed.
OPTIONS = '{"DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 1, "TANGTHU_REQUESTS": 1500}'
LINKS = 20_000  # bench/wild.py has them all
MOST = 300  # MB of memory
MOST_OF_A_TRAP = 120  # requests
MOST_OF_AN_ANSWER = 100_000_000  # bytes that the server could get rid of before it was hung up on


@dataclass
class Runs:
    """Two crawls, one after the other."""

    data: Path
    wild: Wild
    runs: list[Run] = field(default_factory=list)
    hits: list[list[Hit]] = field(default_factory=list)
    articles: list[list[dict[str, Any]]] = field(default_factory=list)
    crawls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def log(self) -> str:
        return "".join(one.out for one in self.runs)

    def asked(self, start: str, number: int = 0) -> list[Hit]:
        return [hit for hit in self.hits[number] if hit.server == "home" and hit.target.startswith(start)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    with Wild(links=LINKS) as wild:
        runs = Runs(tmp_path_factory.mktemp("archive"), wild)
        write_portal(runs.data, ID, wild.portal_file())
        for _ in range(2):
            wild.hits.clear()
            runs.runs.append(run(runs.data, ID, OPTIONS))
            runs.hits.append(list(wild.hits))
            runs.articles.append(rows(runs.data, "select id, url, title, text, versions from articles"))
        runs.crawls = rows(runs.data, "select * from crawls order by id")
    return runs


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(NEWS, id="a section whose pages fail once"),
        pytest.param(REFORM, id="a section with session ids in every link"),
        pytest.param(BY_DAY, id="a calendar that ends"),
        pytest.param(LAST_OF_MANY, id="behind 20,000 links to nothing"),
        pytest.param((IN_SITEMAP,), id="in the one sitemap that is well"),
        pytest.param(tuple(good for good, _ in ODD), id="sent in odd ways"),
    ],
)
def test_every_good_article_is_kept_exactly_once(both: Runs, wanted: tuple[Good, ...]) -> None:
    assert copies(both.data, wanted) == {good.path: [(good.title, 1)] for good in wanted}


def test_nothing_else_becomes_an_article(both: Runs) -> None:
    assert not others(both.data)


@pytest.mark.parametrize("case", (*CASES, *BEHIND), ids=lambda case: case.path[:40])
def test_what_is_bad_is_named(both: Runs, case: Case) -> None:
    told = said(both.data, both.runs[0].out, both.wild)(case.path)
    assert re.search(case.told, told), told or "nothing was said of it"


def test_a_certificate_that_has_expired_is_named(both: Runs) -> None:
    told = said(both.data, both.runs[0].out, both.wild)(f"https://{both.wild.tls}{EXPIRED.path}")
    assert re.search(EXPIRED.told, told), told or "nothing was said of it"
    assert not [hit for hit in both.hits[0] if hit.server == "tls"]


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_ends_by_itself_and_is_reported(both: Runs, trap: str) -> None:
    assert 0 < len(both.asked(trap)) <= MOST_OF_A_TRAP
    assert len(both.asked(trap, 1)) <= len(both.asked(trap))
    if TRAPS[trap]:
        reported = rows(both.data, "select example from traps")
        told = [row["example"] for row in reported] + both.runs[0].out.splitlines() + [both.crawls[0]["cut"] or ""]
        assert any(trap in line for line in told)


@pytest.mark.parametrize("number", [0, 1], ids=["first run", "second run"])
def test_a_run_ends_in_order(both: Runs, number: int) -> None:
    ran, crawl = both.runs[number], both.crawls[number]
    assert (ran.code, crawl["why"]) == (0, "finished"), ran.out
    assert crawl["ended"]
    assert ran.peak < MOST
    assert "Traceback" not in ran.out


def test_answers_without_end_are_hung_up_on(both: Runs) -> None:
    assert not [hit for hits in both.hits for hit in hits if hit.taken > MOST_OF_AN_ANSWER]


def test_a_second_run_costs_less_and_changes_nothing(both: Runs) -> None:
    first, second = both.crawls
    assert second["requests"] < first["requests"] / 2
    assert (second["new"], second["changed"], second["gone"]) == (0, 0, 0)
    assert both.articles[1] == both.articles[0]


def test_what_is_forbidden_and_what_belongs_to_others_is_not_asked(both: Runs) -> None:
    for hits in both.hits:
        assert hits[0].target == "/robots.txt"
        assert not [hit for hit in hits if hit.path.startswith(("/cam/", "/print/"))]
        assert not [hit for hit in hits if hit.server == "stranger"]


def test_a_server_that_asks_for_patience_gets_it(both: Runs) -> None:
    (name,) = (good.path for good, _ in ODD if "cho-vai-giay" in good.path)
    first, second = both.asked(name)
    meanwhile = [hit for hit in both.hits[0] if first.at < hit.at < first.at + WAIT]
    assert second.at > first.at
    assert not meanwhile


def test_the_archive_is_sound_afterwards(both: Runs) -> None:
    assert rows(both.data, "pragma integrity_check") == [{"integrity_check": "ok"}]
    tool = Path(sys.executable).with_name("tangthu")
    done = subprocess.run([tool, "--data", both.data, "verify"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# Where the trouble begins at the front door


def _flooded(wire: Wire, _: int) -> None:
    wire.head(f"Content-Type: {HTML}")
    wire.stream(endless())


def _tomorrow(wire: Wire, _: int) -> None:
    wire.page(b"busy", "Retry-After: 86400", status="503 Service Unavailable")


def _with_tomorrow(wire: Wire, _: int) -> None:
    wire.page(wild_pages.listing(["/tin-tuc/bai-1", wild_answers.TOMORROW]))


def _with_one(wire: Wire, _: int) -> None:
    wire.page(wild_pages.listing(["/tin-tuc/bai-1"]))


def crawled(data: Path, wild: Wild, more: str = "") -> tuple[Run, dict[str, Any]]:
    write_portal(data, ID, wild.portal_file() + more)
    done = run(data, ID, OPTIONS)
    return done, rows(data, "select * from crawls order by id desc limit 1")[0]


@pytest.mark.parametrize(
    ("front", "why"),
    [
        pytest.param(lambda wire, _: wire.page(wild_pages.challenge()), "challenge", id="a challenge"),
        pytest.param(lambda wire, _: wire.drip(b"x" * 999), "longer|time", id="a drip"),
        pytest.param(_flooded, "larger|too large", id="a flood"),
        pytest.param(lambda wire, _: wire.redirect("/"), "redirect", id="a redirect to itself"),
        pytest.param(lambda wire, _: wire.page(brotli_bomb(), "Content-Encoding: br"), "larger", id="a bomb"),
    ],
)
def test_a_home_page_that_is_none_is_said(tmp_path: Path, front: Any, why: str) -> None:
    with Wild(front=front) as wild:
        done, crawl = crawled(tmp_path, wild)
    assert done.code == 1, done.out
    assert re.search(f"home page not rea(?:d|ched): .*(?:{why})", crawl["why"]), crawl["why"]
    assert done.peak < MOST


@pytest.mark.parametrize("front", [_tomorrow, _with_tomorrow], ids=["the home page", "an article"])
def test_a_server_that_asks_to_be_left_alone_for_a_day_is_left_alone(tmp_path: Path, front: Any) -> None:
    with Wild(front=front) as wild:
        done, crawl = crawled(tmp_path, wild)
        assert crawl["resume_at"] > crawl["ended"], done.out
        assert crawl["resume_at"] in crawl["why"]
        assert wild.hits[-1].path in ("/", wild_answers.TOMORROW)
        wild.hits.clear()
        done, crawl = crawled(tmp_path, wild)
    assert not wild.hits
    assert done.code == 0, done.out


@pytest.mark.parametrize(
    "robots",
    [lambda wire, _: wire.reset(), lambda wire, _: wire.drip(b"x" * 999)],
    ids=["a reset", "a drip"],
)
def test_a_robots_txt_that_cannot_be_read_forbids_everything(tmp_path: Path, robots: Any) -> None:
    """RFC 9309, 2.3.1.4: a server that cannot be reached, or is in trouble, has not said what is allowed."""
    with Wild(front=_with_one, robots=robots) as wild:
        done, crawl = crawled(tmp_path, wild)
    assert {hit.path for hit in wild.hits} == {"/robots.txt"}
    assert done.code == 1, done.out
    assert "robots.txt" in crawl["why"]


def test_a_robots_txt_without_end_is_hung_up_on_and_named(tmp_path: Path) -> None:
    with Wild(front=_with_one, robots=_flooded) as wild:
        done, crawl = crawled(tmp_path, wild)
    assert done.peak < MOST
    assert "robots.txt" in done.out + crawl["why"]
    assert max(hit.taken for hit in wild.hits) < MOST_OF_AN_ANSWER


def test_an_expired_certificate_is_part_of_the_provenance_where_the_portal_file_allows_it(tmp_path: Path) -> None:
    def front(wire: Wire, _: int) -> None:
        wire.page(wild_pages.listing([f"https://{wire.tls}{EXPIRED.path}"]))

    with Wild(front=front) as wild:
        done, _ = crawled(tmp_path, wild, 'tls = "old"\n')
        told = said(tmp_path, done.out, wild)(f"https://{wild.tls}{EXPIRED.path}")
    assert "expired" in told
    assert copies(tmp_path, NEWS[:1]) == {NEWS[0].path: [(NEWS[0].title, 1)]}
