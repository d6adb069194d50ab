"""Citations that other programs can read, whatever stands in a title."""

from __future__ import annotations

import json
import re
import string
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from archive.cite import FORMATS, Citation, cite
from archive.cite.wiki import url_status

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


def template(record: Citation, form: str = "wiki") -> dict[str, str]:
    lines = cite(record, form).splitlines()
    assert (lines[0], lines[-1]) == ("{{Chú thích web" if form == "wiki" else "{{cite web", "}}")
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


def test_english_wikipedia_says_the_same() -> None:
    assert cite(replace(PLAIN, state="live"), "wiki_en") == (
        "{{cite web\n"
        " |author=Lệ Minh\n"
        " |title=Ký kết quy chế phối hợp\n"
        " |url=http://xuantruong.example.gov.vn/tin/giáp%20ranh?a=1&b=50%25#x\n"
        " |date=2021-01-06\n"
        " |website=Trang thông tin điện tử huyện Xuân Trường\n"
        " |language=vi\n"
        " |access-date=2026-11-23\n"
        " |archive-url=https://tangthu.example/a/abcdefgh23\n"
        " |archive-date=2026-11-23\n"
        " |url-status=live\n"
        "}}\n"
    )


@pytest.mark.parametrize(
    ("state", "looks", "latest", "status"),
    [
        ("live", 0, True, "live"),
        ("live", 0, False, "deviated"),  # it answers, with a later text
        ("gone", 1, True, "dead"),
        ("moved", 1, True, "deviated"),
        ("dark: dns", 3, True, "dead"),
        ("dark: refused", 2, False, "dead"),
        ("dark: dns", 1, True, ""),  # one look is no proof
        ("dark: parked", 2, True, "usurped"),
        ("blocked", 9, True, ""),  # perhaps we alone are
        ("unknown", 0, True, ""),
    ],
)
def test_wikipedia_is_told_of_the_portals_address_what_is_proven(
    state: str, looks: int, latest: bool, status: str
) -> None:
    record = replace(PLAIN, state=state, looks=looks, latest=latest)
    assert url_status(record) == status
    for form in ("wiki", "wiki_en"):
        assert template(record, form).get("url-status", "") == status


def test_wikipedia_keeps_an_organisation_with_a_comma_whole_and_names_no_portal_as_author() -> None:
    organisation = replace(PLAIN, authors=(), organisation="UBND xã Trung Tú, huyện Ứng Hòa")
    assert template(organisation)["tác giả"] == "((UBND xã Trung Tú, huyện Ứng Hòa))"
    assert template(organisation, "wiki_en")["author"] == "((UBND xã Trung Tú, huyện Ứng Hòa))"
    unsigned = replace(PLAIN, authors=(), organisation=None)
    assert not {"tác giả", "author"} & {*template(unsigned), *template(unsigned, "wiki_en")}
    assert template(unsigned)["website"] == PLAIN.portal_name


# Chicago and APA


def test_chicago() -> None:
    assert cite(PLAIN, "chicago") == (
        "Lệ Minh. “Ký kết quy chế phối hợp.” Trang thông tin điện tử huyện Xuân Trường, January 6, 2021."
        " http://xuantruong.example.gov.vn/tin/giáp%20ranh?a=1&b=50%25#x."
        " Archived November 23, 2026, at https://tangthu.example/a/abcdefgh23.\n"
    )
    unsigned = replace(PLAIN, authors=(), organisation=None, published=None, version=2)
    assert cite(unsigned, "chicago") == (
        "Trang thông tin điện tử huyện Xuân Trường. “Ký kết quy chế phối hợp.” n.d."
        " http://xuantruong.example.gov.vn/tin/giáp%20ranh?a=1&b=50%25#x."
        " Version 2, archived November 23, 2026, at https://tangthu.example/a/abcdefgh23.\n"
    )


def test_apa() -> None:
    assert cite(PLAIN, "apa") == (
        "Lệ Minh. (2021, January 6). Ký kết quy chế phối hợp. Trang thông tin điện tử huyện Xuân Trường."
        " http://xuantruong.example.gov.vn/tin/giáp%20ranh?a=1&b=50%25#x"
        " Archived November 23, 2026, at https://tangthu.example/a/abcdefgh23\n"
    )
    unsigned = replace(PLAIN, authors=(), organisation=None, published=None, version=2)
    assert cite(unsigned, "apa").startswith(
        "Trang thông tin điện tử huyện Xuân Trường. (n.d.). Ký kết quy chế phối hợp. http://xuantruong"
    )
    assert "#x Version 2, archived November 23, 2026, at https://" in cite(unsigned, "apa")


@pytest.mark.parametrize(
    ("authors", "chicago", "apa"),
    [
        (("Lệ Minh",), "Lệ Minh. “", "Lệ Minh. ("),
        (("Phạm Linh", "Văn Đoàn"), "Phạm Linh and Văn Đoàn. “", "Phạm Linh, & Văn Đoàn. ("),
        (("A", "B", "C"), "A, B, and C. “", "A, B, & C. ("),
        (tuple("ABCDEFGHIJK"), "A, B, C, D, E, F, G, et al. “", "A, B, C, D, E, F, G, H, I, J, & K. ("),
        (tuple("ABCDEFGHIJKLMNOPQRSTU"), "A, B, C, D, E, F, G, et al. “", "Q, R, S, . . . U. ("),
        (("Đài PT huyện.",), "Đài PT huyện. “", "Đài PT huyện. ("),
    ],
)
def test_names_stand_whole_and_in_the_manuals_order(authors: tuple[str, ...], chicago: str, apa: str) -> None:
    record = replace(PLAIN, authors=authors)
    assert cite(record, "chicago").startswith(chicago)
    assert apa in cite(record, "apa")


def test_a_title_with_its_own_marks() -> None:
    asked = replace(PLAIN, title='Vì sao “đất công” và "đất tư" lẫn nhau?')
    assert "Lệ Minh. “Vì sao ‘đất công’ và ‘đất tư’ lẫn nhau?” Trang" in cite(asked, "chicago")
    assert '(2021, January 6). Vì sao “đất công” và "đất tư" lẫn nhau? Trang' in cite(asked, "apa")
    capitals = replace(PLAIN, title="ỦY BAN NHÂN DÂN HUYỆN ĐỨC LINH")
    assert all("ỦY BAN NHÂN DÂN HUYỆN ĐỨC LINH" in cite(capitals, form) for form in FORMATS)


def test_a_page_without_a_title_is_cited_without_empty_quotes() -> None:
    blank = replace(PLAIN, title=" \u200b ")
    assert "“" not in cite(blank, "chicago") and "“" not in cite(blank, "text")
    assert "(2021, January 6). Trang thông tin" in cite(blank, "apa")


# What no format lets through


@pytest.mark.parametrize("form", FORMATS)
def test_nfd_is_cited_as_nfc(form: str) -> None:
    record = replace(PLAIN, title="Hoà bình, thuý và thúy: ĐỨC LINH", authors=("Đỗ Thị Hoà",))
    decomposed = replace(
        record,
        title=unicodedata.normalize("NFD", record.title),
        authors=tuple(unicodedata.normalize("NFD", name) for name in record.authors),
    )
    assert cite(decomposed, form) == cite(record, form)
    assert "Hoà bình, thuý và thúy: ĐỨC LINH" in cite(record, form)  # and the marks stay where the portal put them


@pytest.mark.parametrize("form", FORMATS)
def test_marks_of_direction_turn_nothing_round(form: str) -> None:
    record = replace(PLAIN, title="Đất\u202e đai\u2066\u200f", url=PLAIN.url + "\u202e", portal_name="Cổng\u2069 huyện")
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u2069]", cite(record, form))
    assert "Đất đai" in cite(record, form)


def test_tex_joins_no_signs() -> None:
    _, fields = entry(replace(PLAIN, title="2015--2020: ''a'' <<b>> ,, `c`"))
    assert fields["title"] == ("{2015-{}-2020: '{}'a'{}' <{}<b>{}> ,{}, \\textasciigrave{}c\\textasciigrave{}}")


def test_the_digest_stands_where_programs_keep_notes() -> None:
    record = replace(PLAIN, digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")
    assert "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ" in dict(ris(record))["N1"]
    assert "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ" in json.loads(cite(record, "json"))[0]["note"]
    assert "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ" in entry(record)[1]["note"]


@pytest.mark.parametrize(
    ("captured_at", "shown"),
    [("2026-11-22T16:59:59Z", "22/11/2026"), ("2026-11-22T17:00:00Z", "23/11/2026"), ("2026-11-22", "22/11/2026")],
)
def test_the_day_of_capture_is_vietnams(captured_at: str, shown: str) -> None:
    assert f"Bản lưu ngày {shown} tại" in cite(replace(PLAIN, captured_at=captured_at), "text")


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
    digest=titles,
    state=st.sampled_from(["live", "gone", "moved", "blocked", "unknown", "dark: dns", "dark: parked"]) | titles,
    looks=st.integers(0, 3),
    latest=st.booleans(),
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
    assert template(record)["url lưu trữ"] == template(record, "wiki_en")["archive-url"] == record.archived_url
    for form in ("text", "chicago", "apa"):
        assert cite(record, form).count("\n") == 1 and cite(record, form).rstrip(".\n").endswith(record.archived_url)
    assert all(cite(record, form).endswith("\n") for form in FORMATS)
