"""``tangthu takedown``: what an operator says, and what comes back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import rows, wait_for
from hideable import TITLE, WORDS, Hideable, in_tables, make, said
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keeping import crawled, faults, running
from rereading import page, tangthu

from archive.store import Store
from crawler import locks
from crawler.cli import main

DATABASE = "tangthu.db"
WHY = ("--why", "Nêu tên một em nhỏ", "--asked-by", "Gia đình em")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Hideable:
    return make(tmp_path_factory.mktemp("cli_takedown") / "data")


@pytest.fixture
def article(kept: Hideable, tmp_path: Path) -> Hideable:
    return Hideable(Path(shutil.copytree(kept.data, tmp_path / "data")), kept.id)


def says(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "takedown", *arguments])


def test_an_operator_hides_seals_and_lifts(article: Hideable) -> None:
    done = tangthu(article.data, "takedown", article.id, "--grade", "hide", *WHY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{article.id}: hide",
        "  named by, and withheld too: http://thu.example.vn/",
        "Its address and those of its files stay in tables and WARC files: evidence that it was published.",
    ]
    assert in_tables(article.data / DATABASE) == [] and faults(article.data) == []  # the search has followed
    done = tangthu(article.data, "takedown", article.id, "--grade", "seal", *WHY)
    assert done.stdout.startswith(f"{article.id}: seal\n5 records sealed\n")
    done = tangthu(article.data, "takedown", article.id, "--lift", "--why", "Đã bỏ tên")
    assert done.stdout == f"{article.id}: is in sight again\n5 records unsealed, 2 versions read again\n"
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1]) and faults(article.data) == []
    listed = tangthu(article.data, "takedown", "list")
    assert [line.split()[1:3] for line in listed.stdout.splitlines()] == [
        [grade, article.id] for grade in ("hide", "seal", "none")
    ]
    assert "Nêu tên một em nhỏ (Gia đình em)" in listed.stdout


def test_machines_get_one_line(article: Hideable) -> None:
    done = says(article.data, article.id, "--grade", "seal", *WHY, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    (one,) = told["articles"]
    assert (one["article"], told["grade"], told["sealed"], told["wiped"]) == (article.id, "seal", 5, True)
    assert one["pages"] == {"withheld": 1, "addresses": ["http://thu.example.vn/"], "looked": 5, "of": 5}
    (row,) = json.loads(says(article.data, "list", "--json").stdout)["takedowns"]
    assert {name: row[name] for name in ("article", "grade", "why", "asked_by")} == {
        "article": article.id, "grade": "seal", "why": "Nêu tên một em nhỏ", "asked_by": "Gia đình em",
    }  # fmt: skip
    quiet = says(article.data, article.id, "--lift", "--why", "x", "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")


def test_where_else_it_stands_is_told(article: Hideable) -> None:
    crawled(article.data, [page("node/60", f"Báo cáo nhắc lại: {TITLE}, như đã đưa.", 4)])
    (quoting,) = rows(article.data, "select id, title from articles where url like '%node/60'")
    done = says(article.data, article.id, "--grade", "hide", *WHY, "--look-through", "1")
    assert f"also stands in: {quoting['id']}  nam_dinh/thu  {quoting['title']}" in done.stdout
    assert "5 older pages of the portal were not looked through; --look-through 0 does it" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("{id}", "--grade", "hide"), 2, "say --why"),
        (("{id}", "--grade", "hide", "--why", " \u200b\n"), 2, "say --why"),
        (("{id}", "--why", "x"), 2, "say --grade unlist, hide or seal; or --lift"),
        (("{id}", "--grade", "hide", "--lift", "--why", "x"), 2, "say --grade"),
        (("{id}", "--grade", "burn", "--why", "x"), 2, "'burn' is not one of"),
        (("{id}", "--grade", "hide", "--why", "x" * 1001), 2, "1000 characters at most"),
        (("{id}", "--lift", "--why", "x"), 1, "is not taken down"),
        (("aaaaaaaaaa", "--grade", "hide", "--why", "x"), 1, "no such article"),
        (("list", "--why", "x"), 2, "“list” takes none of"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    article: Hideable, arguments: tuple[str, ...], code: int, why: str
) -> None:
    done = says(article.data, *(part.format(id=article.id) for part in arguments))
    assert done.exit_code == code and why in done.output
    assert rows(article.data, "select * from takedowns") == []
    assert not list((article.data / "warc").glob("takedown-*"))


def test_several_at_once_are_decided_together_or_not_at_all(article: Hideable) -> None:
    both = page(
        "", '<a href="/node/901">Tin về một người</a><a href="/node/1">Bài node/1, đọc ngay</a>', 5, kind="page"
    )
    crawled(article.data, [both])
    (other,) = rows(article.data, "select id from articles where url like '%node/1'")
    done = says(article.data, article.id, other["id"], "aaaaaaaaaa", "--grade", "hide", *WHY)
    assert done.exit_code == 1 and rows(article.data, "select * from takedowns") == []
    assert says(article.data, article.id, other["id"], "--grade", "seal", *WHY).exit_code == 0
    assert len(rows(article.data, "select * from articles where takedown = 'seal'")) == 2
    assert len(rows(article.data, "select * from captures where withheld = 'hide'")) == 2
    assert faults(article.data) == []
    assert says(article.data, article.id, other["id"], "--lift", "--why", "x").exit_code == 0
    assert rows(article.data, "select * from captures where withheld != ''") == []
    assert faults(article.data) == [] and in_tables(article.data / DATABASE) == list(WORDS[:-1])


def test_what_is_taken_down_is_cited_by_nobody(article: Hideable) -> None:
    assert tangthu(article.data, "cite", article.id).returncode == 0
    says(article.data, article.id, "--grade", "hide", *WHY)
    for name in (article.id, f"{article.id}/1"):
        done = tangthu(article.data, "cite", name)
        assert done.returncode == 1 and "is taken down" in done.stderr and done.stdout == ""


def test_the_same_grade_again_is_refused(article: Hideable) -> None:
    assert says(article.data, article.id, "--grade", "hide", *WHY).exit_code == 0
    again = says(article.data, article.id, "--grade", "hide", *WHY)
    assert again.exit_code == 1 and "has the grade “hide” already" in again.output
    assert len(rows(article.data, "select * from takedowns")) == 1


def test_help_says_that_the_reason_is_public() -> None:
    told = " ".join(CliRunner().invoke(main, ["takedown", "--help"]).output.split())
    assert "PUBLIC" in told and "/takedowns" in told and "hide, and the bytes" in told


def test_without_an_archive(tmp_path: Path) -> None:
    for arguments in (("list",), ("aaaaaaaaaa", "--grade", "hide", "--why", "x")):
        done = says(tmp_path, *arguments)
        assert done.exit_code == 1 and "there is no archive yet" in done.output
    Store(tmp_path / DATABASE).close()
    assert says(tmp_path, "list").output == "nothing was taken down\n"


def test_another_run_has_the_archive(article: Hideable) -> None:
    with locks.archive(article.data, "import"):
        done = tangthu(article.data, "takedown", article.id, "--grade", "hide", *WHY)
        assert done.returncode == 75 and "import" in done.stderr
    with running(article.data):
        assert tangthu(article.data, "takedown", article.id, "--grade", "hide", *WHY).returncode == 75
        assert tangthu(article.data, "takedown", "list").returncode == 0
    assert in_tables(article.data / DATABASE) == list(WORDS[:-1])


def test_bytes_that_are_gone_are_missed_before_anything_is_done(article: Hideable) -> None:
    says(article.data, article.id, "--grade", "seal", *WHY)
    next((article.data / "sealed").iterdir()).unlink()
    done = says(article.data, article.id, "--lift", "--why", "x")
    assert done.exit_code == 1 and "cannot be unsealed" in done.output
    assert len(rows(article.data, "select * from takedowns")) == 1 and in_tables(article.data / DATABASE) == []


def test_a_damaged_record_is_told_and_the_article_hidden_all_the_same(article: Hideable) -> None:
    (row,) = rows(article.data, "select warc, offset, length from captures where url like '%901.pdf'")
    path = article.data / "warc" / row["warc"]
    with path.open("r+b") as file:
        file.seek(row["offset"] + row["length"] // 2)
        file.write(b"\0\0\0\0")
    done = says(article.data, article.id, "--grade", "seal", *WHY)
    assert done.exit_code == 1 and path.name in done.output and "damaged" in done.output
    assert in_tables(article.data / DATABASE) == []
    (row,) = rows(article.data, "select withheld from captures where url like '%901.pdf'")
    assert row["withheld"] == "seal"


def test_a_crawl_that_waits_goes_on_after_it(article: Hideable) -> None:
    """The lock ends with the command."""
    assert says(article.data, article.id, "--grade", "hide", *WHY).exit_code == 0
    wait_for(lambda: not locks.owners(article.data), 5)
    crawled(article.data, [page("node/70", "Sau đó.", 8)])
    assert said("\n".join(str(row) for row in rows(article.data, "select * from articles"))) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60), st.sampled_from(["hide", "--lift", "list"]))
def test_no_word_of_the_command_is_an_error_of_the_program(kept: Hideable, word: str, chosen: str) -> None:
    for arguments in ((word, "--grade", chosen, "--why", word), (word, chosen, "--why", word), (chosen, word)):
        done = says(kept.data, *(part.replace("\0", "") for part in arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert rows(kept.data, "select * from takedowns") == []
