"""The visible text of a page, one line a block, as WET records and text/plain captures hold it."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from conftest import SAMPLES
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article, Byline, Capture
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.platform import Rules

TITLE = "Hội Nông dân huyện Tiền Hải tổng kết phong trào thi đua sản xuất, kinh doanh giỏi giai đoạn 2017 - 2022."
FIRST = (
    "Năm năm qua, phong trào  nông dân thi đua sản xuất, kinh doanh giỏi ở Tiền Hải có bước phát triển mạnh.Toàn "
    "huyện có 12.450 hộ đạt danh hiệu các cấp, tăng 1.320 hộ so với giai đoạn trước; thu nhập đạt 350 triệu đồng/hộ."
)
SECOND = (
    "Dù thời tiết xấu, giá vật tư tăng cao, nhiều hộ ở ĐôngMinh, Nam Thịnh vẫn mạnh dạn nuôi ngao, tôm công nghệ cao. "
    "Mục Liên kết website trên cổng của huyện giúp bà con cập nhật giá cả mỗi ngày./."
)


def page(foot: str, head: str = "You are here", first: str = FIRST) -> str:
    return f"{head}\n\n{TITLE}\n\n{first}\n\n{SECOND}\n\n \n\n{' ' * 70}{foot}\n"


def capture(text: str, url: str = "http://tienhai.example.vn/node/7?sid=1") -> Capture:
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    return Capture(url, datetime(2022, 9, 1, tzinfo=UTC), 200, headers, text.encode())


def read(text: str) -> Article:
    return extract(capture(text), Rules(name="wet"))


BLOCKS = ["Thời tiết", "THỜI TIẾT", "LIÊN KẾT WEBSITE", "Các tin khác", "Ý KIẾN BẠN ĐỌC", "Tin liên quan", "Bình luận"]


LABELLED, NAMED = ["T/h: Lệ Minh", "Tin, ảnh: Lệ Minh"], ["Lệ Minh", "(Lệ Minh)"]
# A heading that nobody knows is told from a name only behind a label.
UNKNOWN = ["Góc ảnh đẹp", "HỎI ĐÁP TRỰC TUYẾN"]
GLUED = [(by, after) for by in LABELLED + NAMED for after in ["", "\n", "\n\n", *BLOCKS]]


@pytest.mark.parametrize(("printed", "after"), GLUED + [(by, after) for by in LABELLED for after in UNKNOWN])
def test_body_and_byline_stay_and_boilerplate_goes(printed: str, after: str) -> None:
    found = read(page(f"{printed}{after}\n\nThời tiết\n\nLIÊN KẾT WEBSITE"))
    assert found.title == TITLE
    assert found.text == f"{FIRST}\n\n{SECOND}"
    assert found.html == f"<p>{FIRST}</p>\n<p>{SECOND}</p>"
    assert found.byline.text == printed
    assert found.byline.authors == ("Lệ Minh",)
    assert found.url == "http://tienhai.example.vn/node/7"


@pytest.mark.parametrize(
    "head",
    [
        "",
        "You are here\nTrang chủ » Tin tức » Kinh tế",
        "Trang chủ\nGiới thiệu\nTin tức - Sự kiện\nVăn bản\nLiên hệ\nBạn đang ở đây",
        "Nhảy đến nội dung\nCổng TTĐT huyện Tiền Hải\nTrang chủ\nGiới thiệu\nDu lịch Tiền Hải\nNông nghiệp sạch",
        f"{TITLE} | Huyện Tiền Hải\nTrang chủ\nTin tức\nThông báo\nThông báo lịch cắt điện (26/09/2024)\nĐăng nhập",
    ],
)
def test_menus_above(head: str) -> None:
    found = read(page("T/h: Lệ Minh\nÝ KIẾN BẠN ĐỌC", head))
    assert (found.title, found.text) == (TITLE, f"{FIRST}\n\n{SECOND}")


def test_no_byline() -> None:
    found = read(page("Ý KIẾN BẠN ĐỌC\n\nThời tiết"))
    assert (found.text, found.byline) == (f"{FIRST}\n\n{SECOND}", Byline())


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: unicodedata.normalize("NFD", t)])
def test_line_ends_and_decomposed_letters(change: object) -> None:
    found = read(change(page("\t\tT/h: Lệ MinhÝ KIẾN BẠN ĐỌC")))  # type: ignore[operator]
    assert (found.title, found.text, found.byline.text) == (TITLE, f"{FIRST}\n\n{SECOND}", "T/h: Lệ Minh")


def test_the_byline_behind_the_last_sentence() -> None:
    found = read(f"{TITLE}\n{FIRST}\n{SECOND} T/h: Lệ MinhThời tiết\n27°C")
    assert (found.text, found.byline.role) == (f"{FIRST}\n\n{SECOND}", "T/h")


def test_the_date_between_title_and_body() -> None:
    assert (
        read(page("BBT").replace(TITLE, f"{TITLE}\nT5, 01/09/2022 - 08:30", 1)).published == "2022-09-01T08:30:00+07:00"
    )
    assert read(page("Văn bản mới\nKế hoạch 55 (01/02/2020)")).published is None


def test_an_article_goes_on_behind_its_table() -> None:
    table = "\n".join(f"Xã số {n}\n{n * 37}\n{n},5" for n in range(1, 25))
    found = read(page("T/h: Lệ Minh", first=f"{FIRST}\n{table}"))
    assert found.text.startswith(FIRST)
    assert found.text.endswith(SECOND)


@pytest.mark.parametrize(
    "text", ["", " \n\n", "Trang chủ\nTin tức\nLiên hệ", "User-agent: *\nDisallow: /admin/\n# www.robotstxt.org"]
)
def test_no_article(text: str) -> None:
    with pytest.raises(NotAnArticle):
        read(text)


@given(
    st.text()
    | st.lists(st.sampled_from(["T/h: Lệ Minh", TITLE, FIRST, "Thời tiết", "12", "\n", "\n\n", "Tin"])).map("".join)
)
def test_any_text_ends_in_an_article_or_a_reason(text: str) -> None:
    try:
        found = read(text)
    except (NotAnArticle, NotHTML):
        return
    assert found.title
    assert found.text or found.byline.text


SEED = SAMPLES / "seed-page.txt"


@pytest.mark.skipif(not SEED.exists(), reason=f"the sample page is not there: {SEED}")
def test_the_page_that_the_project_started_from() -> None:
    printed = [line.strip() for line in SEED.read_text("utf-8").split("\n") if len(line.strip()) > 150]
    found = extract(capture(SEED.read_text("utf-8")), Rules())
    assert found.title == printed[0]
    assert found.text == "\n\n".join(printed[1:3])
    assert found.byline == Byline("T/h: Lệ Minh", "T/h", ("Lệ Minh",))
    for label in ("You are here", "Ý KIẾN BẠN ĐỌC", "Thời tiết", "LIÊN KẾT WEBSITE"):
        assert label not in f"{found.title} {found.html} {found.byline.text}"
