"""Who signed: from the printed line alone, and from where it stands in the body."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Byline
from crawler.extract import body, byline
from crawler.extract.links import Links
from crawler.extract.names import is_person, persons

Said = tuple[str, tuple[str, ...], str | None, str | None]  # role, authors, organisation, source

# believed wherever it stands
LABELLED: dict[str, Said] = {
    "T/h: Lệ Minh": ("T/h", ("Lệ Minh",), None, None),
    "Tin, ảnh: Mai Hữu Khải": ("Tin, ảnh", ("Mai Hữu Khải",), None, None),
    "Bài và ảnh: Phạm Linh": ("Bài và ảnh", ("Phạm Linh",), None, None),
    "Bài: Tô Thanh Oanh; Ảnh: Vũ Đình Toàn": ("Bài; Ảnh", ("Tô Thanh Oanh", "Vũ Đình Toàn"), None, None),
    "Tin: Thu Hà, ảnh: Lệ Minh": ("Tin; ảnh", ("Thu Hà", "Lệ Minh"), None, None),
    "T/H: Hoàng Long (Theo Báo Nam Định)": ("T/H", ("Hoàng Long",), None, "Báo Nam Định"),
    "CTV Tô Quang Bình": ("CTV", ("Tô Quang Bình",), None, None),
    "Tổng hợp : Thu Hà": ("Tổng hợp", ("Thu Hà",), None, None),
    "Tổng hợp từ Internet": ("Tổng hợp", (), None, "Internet"),
    "Tin, ảnh: Minh Thúy - Đài TT-TH": ("Tin, ảnh", ("Minh Thúy",), "Đài TT-TH", None),
    "Tin, ảnh: Văn Toàn, CTV": ("Tin, ảnh", ("Văn Toàn",), None, None),
    "Tin, ảnh: Y Blốc Êban": ("Tin, ảnh", ("Y Blốc Êban",), None, None),
    "Tác giả: BBT": ("Tác giả", (), "BBT", None),
    "Nguồn: baonamdinh.vn": ("Nguồn", (), None, "baonamdinh.vn"),
    "Nguồn tin: Báo Thái Bình": ("Nguồn tin", (), None, "Báo Thái Bình"),
    "Theo Báo Nam Định": ("Theo", (), None, "Báo Nam Định"),
    "(Nguồn HNP)": ("Nguồn", (), None, "HNP"),
    "(Theo MIC)": ("Theo", (), None, "MIC"),
    "(Lệ Minh)": ("", ("Lệ Minh",), None, None),
}
# believed only where signatures stand
SIGNED: dict[str, Said] = {
    "Lại Trọng Thắng": ("", ("Lại Trọng Thắng",), None, None),
    "ĐỨC THIỆN": ("", ("ĐỨC THIỆN",), None, None),
    "HL": ("", ("HL",), None, None),
    "Nguyễn Hằng, Văn Toàn": ("", ("Nguyễn Hằng", "Văn Toàn"), None, None),
    "BS. CKII Lê Văn Nam – TTYT huyện": ("", ("Lê Văn Nam",), "TTYT huyện", None),
    "Đức Hoà; ảnh: Thuý Nga": ("ảnh", ("Đức Hoà", "Thuý Nga"), None, None),
    "H’Mari Niê": ("", ("H’Mari Niê",), None, None),
    "K’ Brèo": ("", ("K’ Brèo",), None, None),
    "Linh Phạm - Lê Hải": ("", ("Linh Phạm", "Lê Hải"), None, None),
    "NHẬT XUÂN và 1 tác giả khác": ("", ("NHẬT XUÂN",), None, None),
    "Trần Hùng – Đài PT huyện": ("", ("Trần Hùng",), "Đài PT huyện", None),
    "Phạm Thu Hà - Trung tâm VH,TT&TT huyện": ("", ("Phạm Thu Hà",), "Trung tâm VH,TT&TT huyện", None),
    "Phan Lan Tú - Giám đốc Sở TT&TT Hà Nội": ("", ("Phan Lan Tú",), "Sở TT&TT Hà Nội", None),
    "UBND xã Trung Tú, huyện Ứng Hòa": ("", (), "UBND xã Trung Tú, huyện Ứng Hòa", None),
    "ThS. Đỗ Thị Hoà": ("", ("Đỗ Thị Hoà",), None, None),
    "Bs. Lê An": ("", ("Lê An",), None, None),
    "Đ/c Nguyễn Văn A": ("", ("Nguyễn Văn A",), None, None),
    "Thu Hà (T/h)": ("T/h", ("Thu Hà",), None, None),
    "Phạm Linh (tổng hợp)": ("tổng hợp", ("Phạm Linh",), None, None),
    "BBT": ("", (), "BBT", None),
    "Ban biên tập": ("", (), "Ban biên tập", None),
}
NEVER = [
    "Được đăng bởi admin", "Viết bởi Administrator", "Trân trọng cảm ơn!", "TT./.", "Nơi nhận:", "THÔNG BÁO",
    "Thời Tiết",
    "Thực hiện: Kế hoạch số 55/KH-UBND ngày 8/6 của UBND huyện.", "Theo đó, hội nghị sẽ kết thúc vào tháng tới.",
    "Theo Báo cáo của UBND huyện, tổng thu đạt 5 tỷ.", "Chi tiết xem tại file đính kèm./.", "Nhiệt Liệt Chào Mừng",
    "UBND huyện trân trọng thông báo", "Hội nghị thành công tốt đẹp.", "Nghĩa Hưng, ngày 5 tháng 6 năm 2020", "", "./.",
]  # fmt: skip


def said(found: Byline | None) -> Said | None:
    return found and (found.role, found.authors, found.organisation, found.source)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("line", LABELLED)
def test_labelled(line: str, form: str) -> None:
    found = byline.read(unicodedata.normalize(form, line))
    assert said(found) == LABELLED[line]
    assert found is not None
    assert found.text == line


@pytest.mark.parametrize("line", SIGNED)
def test_signed(line: str) -> None:
    assert said(byline.read(line, signed=True)) == SIGNED[line]


@pytest.mark.parametrize("line", [line for line in SIGNED if "(" not in line])
def test_a_bare_name_in_running_text_is_nobody(line: str) -> None:
    assert byline.read(line) is None


@pytest.mark.parametrize("line", NEVER)
def test_never(line: str) -> None:
    assert byline.read(line, signed=True) is None


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Hoà", "Nguyễn Thị Hòa", "ĐỖ QUYÊN", "Đặng Thuỳ Dương", "Thúy Hằng", "Lê Quý Đôn"]
)
def test_persons_in_either_spelling(name: str) -> None:
    assert is_person(name)
    assert persons(unicodedata.normalize("NFD", name)) == (name,)


@pytest.mark.parametrize(
    "text", ["Công An", "Tin Tức", "Huyện Ủy", "huyện Ý Yên", "Kế Hoạch", "Nguyễn", "iPhone Plus", "Lê Văn 8"]
)
def test_no_persons(text: str) -> None:
    assert not is_person(text)


NEWS = (
    "<p>Sáng 5/6, UBND huyện tổ chức hội nghị sơ kết công tác 6 tháng đầu năm.</p>"
    "<p>Hội nghị đã thống nhất nhiều nội dung trong thời gian tới./.</p>"
)
TEXT = (
    "Sáng 5/6, UBND huyện tổ chức hội nghị sơ kết công tác 6 tháng đầu năm.\n\n"
    "Hội nghị đã thống nhất nhiều nội dung trong thời gian tới./."
)


def read(source: str) -> body.Body:
    return body.read(source, Links("http://huyen.example.vn/tin/1"))


@pytest.mark.parametrize(
    "foot",
    [
        '<p style="text-align: right;">Thu Hà</p>',
        '<p align="right"><i>Thu Hà<o:p></o:p></i></p><p>&nbsp;</p><p><br></p>',
        '<h4 style="text-align:right">Thu Hà</h4><p><iframe src="//youtube.example/1"></iframe></p>',
        '<p class="rteright"><strong>Thu Hà</strong></p><p><a href="/f/KH%2055.PDF">Tải về tại đây</a></p>',
        "<p><strong>Thu Hà</strong></p>",
        "<p>Thu Hà</p>",
        "<p>" + "&nbsp;" * 40 + "Thu Hà</p>",
        '<table width="100%"><tr><td>&nbsp;</td><td align="right"><b>Thu Hà</b></td></tr></table>',
        '<p align="right"><b>Thu Hà</b></p><p>Tin khác</p><ul><li><a href="/a">Tin cũ</a> (01/02/2020)</li></ul>',
        '<p align="right"><b>Thu Hà</b></p><p>Lượt xem: 120</p>',
    ],
)
def test_the_unlabelled_name_below_the_body(foot: str) -> None:
    found = read(NEWS + foot)
    assert found.byline == Byline("Thu Hà", "", ("Thu Hà",))
    assert found.text == TEXT
    assert "Thu Hà" not in found.html


@pytest.mark.parametrize(
    ("end", "printed"),
    [
        (" <strong>Tổng hợp: Thu Hà</strong>", "Tổng hợp: Thu Hà"),
        ("<br><strong>Thu Hà</strong>", "Thu Hà"),
        ("<br><br>T/h: Thu Hà", "T/h: Thu Hà"),
        ("<br>T/h:<br>Thu Hà", "T/h: Thu Hà"),
        (" T/h: Thu Hà", "T/h: Thu Hà"),
        (" (Thu Hà)", "(Thu Hà)"),
    ],
)
def test_the_byline_in_the_last_paragraph(end: str, printed: str) -> None:
    found = read(NEWS.replace("thời gian tới./.", "thời gian tới./." + end))
    assert found.byline.text == printed
    assert found.byline.authors == ("Thu Hà",)
    assert found.text == TEXT


def test_a_byline_on_two_lines_is_one() -> None:
    found = read(
        NEWS + '<p align="right"><b>Phạm Linh</b></p><p align="right">Nguồn: http://bao.example.vn/tin</p>'
    ).byline
    assert (found.authors, found.source) == (("Phạm Linh",), "http://bao.example.vn/tin")
    found = read(NEWS + '<p align="right"><b>Bài: Phạm Linh<br>Ảnh: Lê Hải</b></p>').byline
    assert (found.role, found.authors) == ("Bài; Ảnh", ("Phạm Linh", "Lê Hải"))
    found = read(NEWS + '<p align="right"><b>Phạm Linh<br>Đài PT huyện</b></p>').byline
    assert (found.authors, found.organisation) == (("Phạm Linh",), "Đài PT huyện")


def test_a_byline_above_the_text() -> None:
    found = read(
        '<p align="right"><b>Nguyễn Hằng, Văn Toàn</b></p>' + NEWS + "<p>Chiều cùng ngày, hội nghị bế mạc.</p>"
    )
    assert found.byline.authors == ("Nguyễn Hằng", "Văn Toàn")


@pytest.mark.parametrize(
    "foot",
    [
        '<p align="center"><img src="/a.jpg"></p><p align="center">Ảnh: Lệ Minh</p>',
        '<p align="center"><img src="/a.jpg"><br><em>Ảnh: Lệ Minh</em></p>',
        '<p align="center"><b>CHỦ TỊCH</b></p><p align="center"><b>Nguyễn Văn Hùng</b></p>',
        "<table><tr><td>Nơi nhận:<br>- VT.</td><td>KT. CHỦ TỊCH<br>(Đã ký)<br>Trần Văn Nam</td></tr></table>",
        "<p>Danh sách khen thưởng:</p><p>Nguyễn Văn An</p><p>Trần Thị Bình</p>",
        "<ul><li>Nguyễn Văn An</li><li>Trần Thị Bình</li></ul>",
        "<table border=1><tr><th>A</th><th>B</th></tr><tr><td>5</td><td>6</td></tr></table><p>Nguồn: Sở Y tế</p>",
        "<p>Theo kế hoạch, hội nghị sẽ bế mạc vào ngày 6/6.</p>",
        '<p align="right">TT./.</p>',
        '<p align="right"><b>Trân trọng cảm ơn!</b></p>',
        "<p>Chi tiết xem tại <a href='/a.pdf'>file đính kèm</a>./.</p>",
    ],
)
def test_none_is_better_than_a_wrong_one(foot: str) -> None:
    assert read(NEWS + foot).byline == Byline()


@given(st.text(max_size=300), st.booleans())
def test_any_line_is_read_or_refused(line: str, signed: bool) -> None:
    found = byline.read(line, signed)
    assert found is None or (found.text and (found.authors or found.organisation or found.source))


@given(
    st.lists(
        st.sampled_from(["tin", "ảnh", "bài", "và", ",", "theo", "nguồn", "T/h", " ", "(", ":", "Lệ", "Minh", "-"]),
        max_size=80,
    )
)
def test_piles_of_labels_name_nobody_who_does_not_stand_there(words: list[str]) -> None:
    found = byline.read("".join(words), True)
    assert found is None or all(part in "LệMinh " for name in found.authors for part in name)
    pile = " ".join(words * 20)
    assert all(0 <= place < len(pile) for place in byline.labels(pile))
