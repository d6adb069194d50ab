"""Programs of others read every citation of the shelf and of the sample archives, and understand what went in.

citation-js (npm) is run by node: `make test` installs it when npm is there. pybtex, rispy and mwparserfromhell are
Python's.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import mwparserfromhell
import pytest
import rispy
from conftest import ROOT, SAMPLES
from pybtex.database import parse_string
from shelf import make

from archive.cite import Citation, cite
from archive.cite.load import load
from archive.cite.record import line
from crawler import imports
from crawler.ingest import open_archive

CLIENTS = ROOT / "tests" / "clients"
WARCS = [SAMPLES / "drupal7.warc.gz", SAMPLES / "nukeviet.warc.gz"]
BASE = "https://tangthu.example/"
# What the formats' own signs are, and what TeX joins or turns into something else.
HOSTILE_TITLES = (
    "",
    "Thu 5% & {quỹ | đất} #1 ~ $ _a_ \\ ^ [[x]] ''y''",
    "Dòng một\r\nTY  - BOOK\r\nER  - \r\nTI  - khác",
    "}, author = {Người khác}, title = {giả",
    "a -- b --- c << d >> ,, ``e'' ?`f \"g\" %",
    "Kết thúc bằng gạch \\",
    "Chữ \u202eđảo\u202c và \u200bẩn",
    "@online{x, title = {y}}",
    '"], "author": [{"literal": "Z',
    "Hoà bình \u0110\u01b0\u0301c", # NFD within
    "HỘI NGHỊ “ỦY BAN NHÂN DÂN”: ĐỨC LINH?",
)  # fmt: skip


def all_of(path: Path) -> list[Citation]:
    """Every article of the archive, and every version of it."""
    with sqlite3.connect(path) as conn:
        asked = [*conn.execute("select id, null from articles"), *conn.execute("select article, number from versions")]
        found = [load(conn, name, number, BASE) for name, number in asked]
    assert found and all(found)
    return [record for record in found if record]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Citation]:
    """The shelf's, and hostile ones made of its first."""
    shelf = all_of(make(tmp_path_factory.mktemp("shelf")).path)
    hostile = [replace(shelf[0], id=f"abcdefgh{n:02}", title=title) for n, title in enumerate(HOSTILE_TITLES)]
    names = [replace(one, authors=(one.title or "?", "Trần Hùng")) for one in hostile]
    return [*shelf, *hostile, *names]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Citation]:
    """The sample archives'."""
    if not all(path.exists() for path in WARCS):
        pytest.skip(f"the sample archives are not there: {SAMPLES}")
    data = tmp_path_factory.mktemp("samples")
    with open_archive(data, "import") as ingest:
        imports.bring(ingest, WARCS, {}, None, lambda: None)
    found = all_of(data / "tangthu.db")
    assert len(found) > 300
    return found


def day(record: Citation) -> str:
    return (record.published or "")[:10]


def received(record: Citation) -> str:
    """These archives were captured at hours that are the same day in Vietnam or the next: as the text says it."""
    found = re.search(r"Bản lưu ngày (\d\d)/(\d\d)/(\d{4})", cite(record, "text"))
    assert found
    return "-".join(reversed(found.groups()))


def parted(text: str) -> str:
    """A comma in RIS would part family and given name."""
    return re.sub(r"[ ,]*,[ ,]*", " - ", text).strip(" -")


def untex(text: str) -> str:
    """What TeX prints."""
    for sign, command in {"{": "textbraceleft", "}": "textbraceright", "\\": "textbackslash"}.items():
        text = text.replace(f"\\{command}{{}}", f"\x00{ord(sign)}\x00")
    for sign, command in {"~": "textasciitilde", "^": "textasciicircum", "`": "textasciigrave"}.items():
        text = text.replace(f"\\{command}{{}}", sign)
    text = re.sub(r"\\([%&_#$])", r"\1", text.replace("{}", ""))
    return re.sub(r"\x00(\d+)\x00", lambda found: chr(int(found[1])), text)


def check_pybtex(record: Citation) -> None:
    ((_, entry),) = parse_string(cite(record, "bib"), "bibtex").entries.items()
    assert untex(entry.fields["title"][1:-1]) == line(record.title)
    persons = [untex(str(person)[1:-1]) for person in entry.persons["author"]]
    assert persons == [line(name) for name in record.creators]
    assert (entry.fields.get("date", ""), entry.fields["urldate"]) == (day(record), received(record))
    assert entry.fields["url"] == record.archived_url


def check_rispy(record: Citation) -> None:
    (entry,) = rispy.loads(cite(record, "ris"))
    assert entry.get("title", "") == line(record.title)
    assert entry["authors"] == [parted(line(name)) for name in record.creators]
    assert entry.get("date", "").replace("/", "-") == day(record)
    assert entry["access_date"].replace("/", "-") == received(record)
    assert (entry["urls"], entry["language"]) == ([record.archived_url], "vi")


def unwiki(value: object) -> str:
    """What a reader of the article sees."""
    return html.unescape(str(value).strip().replace("{{!}}", "|"))


def check_wikitext(record: Citation, form: str, names: tuple[str, str, str]) -> None:
    """``names`` of the template's parameters for title, first author and the archive's address."""
    (template,) = mwparserfromhell.parse(cite(record, form)).filter_templates(recursive=False)
    found = {str(parameter.name).strip(): parameter.value for parameter in template.params}
    title, author, archived = names
    assert unwiki(found.get(title, "")) == line(record.title)
    assert re.fullmatch(r"(?:\{\{!\}\}|[^\[\]{}<>|'])*", str(found.get(title, "")).strip())  # it is one word to a wiki
    signed = [unwiki(found[name]) for name in (author, "author2", "author3") if name in found]
    assert [re.sub(r"^\(\((.*)\)\)$", r"\1", name) for name in signed] == [line(name) for name in record.signed][:3]
    assert str(found[archived]).strip() == record.archived_url
    assert str(found.get("url-status", "")).strip() in ("", "live", "dead", "deviated", "usurped")


def check_all(record: Citation) -> None:
    check_pybtex(record)
    check_rispy(record)
    check_wikitext(record, "wiki", ("tiêu đề", "tác giả", "url lưu trữ"))
    check_wikitext(record, "wiki_en", ("title", "author", "archive-url"))


def test_the_shelf_and_what_is_hostile_is_read(records: list[Citation]) -> None:
    for record in records:
        check_all(record)


def test_the_samples_are_read(samples: list[Citation]) -> None:
    for record in samples:
        check_all(record)


# citation-js


def understood(records: list[Citation]) -> list[dict[str, dict[str, Any]]]:
    """What citation-js makes of each record in each format, and its APA entry of it under "apa"."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "@citation-js").exists():
        pytest.skip("citation-js is not installed: it takes node and npm, and then `make .venv/.node`")
    forms = ("bib", "ris", "json")
    asked = [[form, cite(record, form)] for record in records for form in forms]
    done = subprocess.run(
        [node, CLIENTS / "citations.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    answers = json.loads(done.stdout)
    read: list[dict[str, dict[str, Any]]] = []
    for start in range(0, len(answers), len(forms)):
        of_record = dict(zip(forms, answers[start : start + len(forms)], strict=True))
        for form, answer in of_record.items():
            assert "error" not in answer and len(answer["items"]) == 1, (form, answer, asked[start])
        read.append({form: {**answer["items"][0], "apa": answer["apa"]} for form, answer in of_record.items()})
    return read


def dated(item: dict[str, Any], name: str) -> str:
    parts = item.get(name, {}).get("date-parts", [[]])[0]
    return "-".join(f"{part:02}" for part in parts)


def names(item: dict[str, Any]) -> list[str]:
    """The authors, each whole: nothing of a Vietnamese name may have become a given name."""
    assert all(len(author) == 1 for author in item["author"]), item["author"]
    return [author.get("literal") or author["family"] for author in item["author"]]


def check_citation_js(records: list[Citation]) -> None:
    for record, read in zip(records, understood(records), strict=True):
        creators = [line(name) for name in record.creators]
        for form, item in read.items():
            assert item["type"] == "webpage", form
            assert item.get("title", "") == line(record.title), form
            assert names(item) == (list(map(parted, creators)) if form == "ris" else creators), form
            assert item["URL"] == record.archived_url, form
            assert dated(item, "issued") == day(record), form
            # citation-js 0.7 drops the day of access of RIS; rispy above reads it.
            assert form == "ris" or dated(item, "accessed") == received(record), form
        assert (read["json"]["container-title"], read["json"]["language"]) == (line(record.portal_name), "vi")


def test_citation_js_reads_the_shelf_and_what_is_hostile(records: list[Citation]) -> None:
    check_citation_js(records)


def test_citation_js_reads_the_samples(samples: list[Citation]) -> None:
    check_citation_js(samples)


def test_citation_js_sets_the_same_apa_entry(records: list[Citation]) -> None:
    """Its own APA style, made from our BibTeX, begins as our APA entry does: names, day, title, site."""
    plain = [record for record in records if not re.search(r"[\"'“”<>]", record.title) and record.title]
    assert len(plain) > 10
    for record, read in zip(plain, understood(plain), strict=True):
        theirs, ours = read["bib"]["apa"].strip(), cite(record, "apa").strip()
        # Where ours says when and where it is archived, theirs says when an undated page was read.
        until = re.sub(r"( Retrieved .*, from)?$", "", theirs.removesuffix(record.archived_url).rstrip())
        if not record.signed:
            # Theirs repeats the site when it stands for the author, too.
            until = until.removesuffix(f"{line(record.portal_name)}.").rstrip()
        assert line(record.title) in until and ours.startswith(until), (ours, theirs)
