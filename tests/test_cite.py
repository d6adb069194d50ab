"""Citations that other programs can read, whatever stands in a title."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from archive.cite import FORMATS, Citation, cite

PLAIN = Citation(
    id="abcdefgh23",
    version=None,
    title="Ký kết quy chế phối hợp",
    authors=("Lệ Minh",),
    organisation="Đài PT huyện",
    source=None,
    published="2021-01-06T08:30:00+07:00",
    portal_name="Trang thông tin điện tử huyện Xuân Trường",
    url="http://xuantruong.example.gov.vn/tin/giáp ranh?a=1&b=50%25#x",
    archived_url="https://tangthu.example/a/abcdefgh23",
    captured_at="2026-11-22T18:30:00Z",
)
NASTY = "Ngân sách 5% & {quỹ | đất} #1 ~ $ _a_ \\ ^ [[x]] ''y'' <ref>\r\nTY  - BOOK\nER  - }}"

titles = st.one_of(st.text(max_size=60), st.text(alphabet="{}|[]%&_#$~^\\\n\r\"'<>@,=aế ", max_size=60))


def entry(record: Citation) -> tuple[str, dict[str, str]]:
    ((key, found),) = parse_string(cite(record, "bib"), "bibtex").entries.items()
    return key, {name.lower(): value for name, value in found.fields.items()} | {
        "type": found.type,
        "authors": " / ".join(map(str, found.persons.get("author", []))),
    }


def ris(record: Citation) -> list[tuple[str, str]]:
    lines = cite(record, "ris").split("\r\n")
    assert lines.pop() == ""
    matches = [re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n]*)", line) for line in lines]
    return [(found[1], found[2]) for found in matches if found]


def template(record: Citation) -> dict[str, str]:
    lines = cite(record, "wiki").splitlines()
    assert (lines[0], lines[-1]) == ("{{Chú thích web", "}}")
    return dict(line.removeprefix(" |").split("=", 1) for line in lines[1:-1])


def test_plain_text_tells_the_two_days_apart() -> None:
    assert cite(PLAIN, "text") == (
        "Lệ Minh. “Ký kết quy chế phối hợp”. Trang thông tin điện tử huyện Xuân Trường, ngày 06/01/2021."
        " http://xuantruong.example.gov.vn/tin/giáp%20ranh?a=1&b=50%25#x."
        " Bản lưu ngày 23/11/2026 tại Tàng Thư: https://tangthu.example/a/abcdefgh23\n"
    )
    unsigned = replace(PLAIN, authors=(), organisation=None, published=None, version=2, source="Báo Nam Định")
    assert cite(unsigned, "text").startswith(
        "Trang thông tin điện tử huyện Xuân Trường. “Ký kết quy chế phối hợp”. Không rõ ngày đăng."
        " Dẫn nguồn: Báo Nam Định. http"
    )
    assert "Tàng Thư, phiên bản 2: " in cite(unsigned, "text")


def test_bibtex() -> None:
    key, fields = entry(replace(PLAIN, authors=("Lệ Minh", "Trần Hùng"), version=2))
    assert key == "leminh2021-abcdefgh23-v2"
    assert fields["type"] == "online"
    assert fields["authors"] == "{Lệ Minh} / {Trần Hùng}"
    assert fields["title"] == "{Ký kết quy chế phối hợp}"
    assert (fields["date"], fields["year"], fields["urldate"]) == ("2021-01-06", "2021", "2026-11-23")
    assert fields["url"] == "https://tangthu.example/a/abcdefgh23"
    assert r"50\%25\#x" in fields["note"]


def test_bibtex_escapes() -> None:
    _, fields = entry(replace(PLAIN, title="5% & {x_y} #1 $ ~ ^ \\"))
    assert fields["title"] == (
        r"{5\% \& \textbraceleft{}x\_y\textbraceright{} \#1 \$ \textasciitilde{} \textasciicircum{} \textbackslash{}}"
    )


def test_without_a_day_none_is_given() -> None:
    record = replace(PLAIN, published=None)
    _, fields = entry(record)
    assert "date" not in fields and "year" not in fields and fields["urldate"] == "2026-11-23"
    assert not {"PY", "DA"} & dict(ris(record)).keys()
    assert "issued" not in json.loads(cite(record, "json"))[0]
    assert "ngày" not in template(record)


@pytest.mark.parametrize("published", ["", "2021", "2021-13-45", "hôm qua", "2021-02-30T08:00"])
def test_a_day_that_no_calendar_knows_is_none(published: str) -> None:
    assert "issued" not in json.loads(cite(replace(PLAIN, published=published), "json"))[0]


def test_ris() -> None:
    record = replace(PLAIN, authors=(), organisation="UBND xã Trung Tú, huyện Ứng Hòa")
    fields = ris(record)
    assert fields[0] == ("TY", "ELEC") and fields[-1] == ("ER", "")
    values = dict(fields)
    assert values["AU"] == "UBND xã Trung Tú - huyện Ứng Hòa"
    assert (values["DA"], values["PY"], values["Y2"]) == ("2021/01/06", "2021", "2026/11/23")
    assert values["UR"] == PLAIN.archived_url
    assert "http://xuantruong.example.gov.vn/" in values["N1"]


def test_csl_keeps_vietnamese_names_whole() -> None:
    (item,) = json.loads(cite(replace(PLAIN, version=1), "json"))
    assert item["author"] == [{"literal": "Lệ Minh"}]
    assert item["issued"] == {"date-parts": [[2021, 1, 6]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 23]]}
    assert (item["type"], item["id"], item["URL"]) == ("webpage", "abcdefgh23-1", PLAIN.archived_url)


def test_wiki_template() -> None:
    fields = template(replace(PLAIN, authors=("Lệ Minh", "Trần Hùng"), title=NASTY))
    assert (fields["tác giả"], fields["author2"]) == ("Lệ Minh", "Trần Hùng")
    assert (fields["ngày"], fields["ngày truy cập"], fields["ngày lưu trữ"]) == ("2021-01-06", *["2026-11-23"] * 2)
    assert fields["url"].startswith("http://xuantruong.example.gov.vn/")
    assert fields["url lưu trữ"] == PLAIN.archived_url
    assert not re.search(r"[\[\]<>]|''|\}|\{(?!\{!\}\})(?<!\{\{)", fields["tiêu đề"].replace("{{!}}", ""))


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="bib, ris, json, wiki"):
        cite(PLAIN, "endnote")


records = st.builds(
    Citation,
    id=st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=10, max_size=10),
    version=st.none() | st.integers(1, 999),
    title=titles,
    authors=st.lists(titles, max_size=3).map(tuple),
    organisation=st.none() | titles,
    source=st.none() | titles,
    published=st.none() | st.dates().map(str) | titles,
    portal_name=titles,
    url=titles,
    archived_url=st.just("https://tangthu.example/a/abcdefgh23"),
    captured_at=st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z") | titles,
)


@given(records)
def test_every_format_holds_every_record(record: Citation) -> None:
    key, fields = entry(record)
    assert set(key) <= set(string.ascii_lowercase + string.digits + "-")
    assert fields["url"] == record.archived_url
    tags = [tag for tag, _ in ris(record)]
    assert tags.count("TY") == tags.count("ER") == 1 and tags[-1] == "ER"
    assert cite(record, "ris").count("\n") == len(tags)
    assert len(json.loads(cite(record, "json"))) == 1
    assert template(record)["url lưu trữ"] == record.archived_url
    assert cite(record, "text").count("\n") == 1
    assert all(cite(record, form).endswith("\n") for form in FORMATS)
