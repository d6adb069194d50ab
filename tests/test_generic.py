"""Pages that no rules describe: where the article is, what it says of itself, and when there is none."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest

from archive.model import Article, Capture
from crawler.extract import NotAnArticle, extract
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

URL = "http://huyen.example.vn/tin-tuc/khoi-cong-cau-yen-12.html"
TITLE = "Khởi công cầu Yên nối hai xã vùng bãi"
TEXT = (
    "Sáng 12/3, Ủy ban nhân dân huyện khởi công cầu Yên, nối xã Hải Lý với xã Hải Đông.",
    "Cầu dài 86 mét, rộng 7 mét, do ngân sách huyện và nhân dân đóng góp, hoàn thành trong 14 tháng.",
    "Trường hợp thời tiết xấu, đơn vị thi công sẽ tạm dừng và báo cho hai xã biết trước một ngày./.",
)
MENU = "".join(f"<li><a href='/{name}/'>{name}</a></li>" for name in ("Trang chủ", "Kinh tế", "Văn hóa", "Liên hệ"))
RELATED = "".join(
    f"<li><a href='/tin-tuc/tin-{n}-{n}.html'>Tin số {n} về việc huyện triển khai nhiệm vụ</a> ({n}/02/2019)</li>"
    for n in range(1, 9)
)
FOOT = "<div class=cuoi><p>Trưởng Ban biên tập: Ông Trần Hùng</p><p>Giấy phép số 12/GP-TTĐT ngày 03/05/2012</p></div>"


def page(article: str, head: str = f"<title>{TITLE} - Huyện Hải</title>", foot: str = FOOT) -> str:
    """A portal's page with everything around an article that undescribed systems print."""
    return (
        f"<html><head>{head}</head><body><ul>{MENU}</ul><div class=trang><div class=cot1>{article}</div>"
        f"<div class=cot2><h3>Tin mới</h3><ul>{RELATED}</ul><h3>Thời tiết</h3><p>Hải Lý 27 độ, trời nhiều mây</p>"
        f"<h3>Thăm dò ý kiến</h3><p>Bạn đánh giá thế nào về chất lượng phục vụ của bộ phận một cửa?</p></div></div>"
        + foot
    )


def body(*more: str, text: tuple[str, ...] = TEXT) -> str:
    return "<div class=nd>" + "".join(f"<p>{line}</p>" for line in text) + "".join(more) + "</div>"


def capture(html: str | bytes, url: str = URL, media_type: str = "text/html; charset=utf-8") -> Capture:
    raw = html.encode() if isinstance(html, str) else html
    return Capture(url, datetime(2026, 11, 24, tzinfo=UTC), 200, (("Content-Type", media_type),), raw)


def article(html: str | bytes, url: str = URL) -> Article:
    return extract(capture(html, url), Rules())


def why(html: str, url: str = URL) -> str:
    with pytest.raises(NotAnArticle) as caught:
        article(html, url)
    return caught.value.why


HEADINGS = [
    f"<h1>{TITLE}</h1><p class=ngay>Thứ ba, 12/03/2019 - 09:15</p>",
    f"<h1>Tin tức</h1><div class=tieude>{TITLE}</div><div>Ngày đăng: 12/03/2019 09:15 | Lượt xem: 98</div>",
    f"<div>{TITLE}</div><div>(12/03/2019 09:15)</div>",
    f"<table><tr><td>{TITLE}</td></tr><tr><td><span>09:15</span> <span>12/03/2019</span></td></tr></table>",
    f"<h2><a href='{URL}'>{TITLE}</a></h2><small>Được đăng bởi admin vào 12/03/2019 - 09:15</small>",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("named", [True, False], ids=["head says the title", "head says the portal's name"])
def test_title_date_and_text_are_found_whatever_things_are_called(heading: str, named: bool) -> None:
    head = f"<title>{TITLE} - Huyện Hải</title>" if named else "<title>Cổng thông tin điện tử huyện Hải</title>"
    found = article(page(heading + body("<p style='text-align:right'>Lệ Minh</p>"), head))
    assert (found.title, found.published) == (TITLE, "2019-03-12T09:15:00+07:00")
    assert found.text == "\n\n".join(TEXT)
    assert (found.byline.text, found.byline.authors) == ("Lệ Minh", ("Lệ Minh",))
    assert found.rules == ""


@pytest.mark.parametrize(
    "behind",
    [
        f"<h4>Các tin khác</h4><ul>{RELATED}</ul>",
        f"<div class=tin-lien-quan><b>Cùng chuyên mục</b>{RELATED}</div>",
        "<div class=share><a href='//fb.example/x'>Chia sẻ</a> <a href='/print/12'>In bài viết</a></div>",
        "<div id=comments><p>Tôi rất vui khi cầu được xây, mong huyện làm nhanh để bà con đi lại.</p></div>",
        "<form><p>Ý kiến của bạn về bài viết này sẽ được ban biên tập xem xét, đăng tải.</p></form>",
        "<p>Tổng số điểm của bài viết là: 5 trong 1 đánh giá</p><p>Lượt xem: 1.208</p>",
        "<div style='display:none'><p>admin 2019-03-12T09:15:00+07:00 Cổng thông tin điện tử.</p></div>",
    ],
)
def test_what_stands_below_the_text_is_not_of_it(behind: str) -> None:
    for html in (page(HEADINGS[0] + body() + behind), page(HEADINGS[0] + body(behind))):
        found = article(html)
        assert found.text == "\n\n".join(TEXT)
        assert not found.byline.text


def test_a_lead_outside_the_text_is_the_summary_and_a_teaser_cut_from_it_is_not() -> None:
    lead = "Cây cầu mong đợi 20 năm của người dân hai xã vùng bãi, với 1.200 hộ, đã được khởi công."
    assert article(page(f"{HEADINGS[0]}<div class=sapo>{lead}</div>{body()}")).summary == lead
    teaser = f"{HEADINGS[0]}<div class=sapo>{TEXT[0][:60]}...</div>{body()}"
    found = article(page(teaser))
    assert (found.summary, found.text) == ("", "\n\n".join(TEXT))


@pytest.mark.parametrize(
    ("line", "authors", "source"),
    [
        ("Tác giả: Lệ Minh", ("Lệ Minh",), None),
        ("Tác giả bài viết: Lệ Minh</p><p>Nguồn tin: Đài Truyền thanh huyện", ("Lệ Minh",), "Đài Truyền thanh huyện"),
        ("Nguồn: Báo Nam Định", (), "Báo Nam Định"),
        ("Được đăng bởi Lệ Minh", (), None),
        ("Người đăng: Lệ Minh", (), None),
    ],
)
def test_a_byline_outside_the_text_needs_a_label_that_is_not_the_accounts(
    line: str, authors: tuple[str, ...], source: str | None
) -> None:
    for html in (HEADINGS[0] + f"<p>{line}</p>" + body(), HEADINGS[0] + body() + f"<div><p>{line}</p></div>"):
        found = article(page(html)).byline
        assert (found.authors, found.source) == (authors, source)


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("<meta property='article:published_time' content='2019-03-12T09:15:42+07:00'>", "2019-03-12T09:15:42+07:00"),
        # NukeViet writes the day of the last change there; what the page prints is believed.
        ("<meta property='article:published_time' content='2019-04-02+0713:59:58'>", "2019-03-12T09:15:00+07:00"),
        (
            "<script type='application/ld+json'>{'@type': 'NewsArticle', broken</script>",
            "2019-03-12T09:15:00+07:00",
        ),
    ],
)
def test_what_the_page_says_for_machines_is_checked_against_what_it_shows(head: str, published: str) -> None:
    assert article(page(HEADINGS[0] + body(), f"<title>{TITLE}</title>{head}")).published == published


def test_machines_are_believed_where_the_page_shows_no_date() -> None:
    said = '{"@graph": [{"@type": "NewsArticle", "headline": "' + TITLE + '", "datePublished": "2019-03-12"}]}'
    html = page(f"<h1>{TITLE}</h1>{body()}", f"<script type='application/ld+json'>{said}</script>")
    assert article(html).published == "2019-03-12"
    assert article(page(f"<h1>{TITLE}</h1>{body()}")).published is None
    later = "<meta property='article:published_time' content='2027-01-01'>"
    assert article(page(HEADINGS[0].replace("2019", "2027") + body(), f"<title>{TITLE}</title>")).published is None, (
        later
    )


def test_files_and_pictures_around_the_text_are_the_articles() -> None:
    found = article(
        page(
            HEADINGS[0]
            + "<div><a href='/anh/cau-lon.jpg'><img src='/anh/cau.jpg'></a></div>"
            + body("<p><img src='/anh/le.jpg'></p><p align=center><i>Lễ khởi công. Ảnh: Hà Thu</i></p>")
            + "<table><tr><th>Tệp đính kèm</th><th>Kích thước</th></tr><tr><td><a href='/tai/QD 12.PDF'>QĐ 12</a></td>"
            "<td>643 KB</td></tr></table><object data='/tai/ban-ve.pdf' type='application/pdf'></object>"
        )
    )
    assert [(image.url.rsplit("/")[-1], image.caption) for image in found.images] == [
        ("cau-lon.jpg", ""),
        ("le.jpg", "Lễ khởi công. Ảnh: Hà Thu"),
    ]
    assert [file.url.rsplit("/")[-1] for file in found.attachments] == ["QD%2012.PDF", "ban-ve.pdf"]
    assert found.text == "\n\n".join(TEXT)


@pytest.mark.parametrize("what", ["<a href='/a.pdf'>Lịch tiếp công dân</a>", "<iframe src='//v.example/1'></iframe>"])
def test_an_article_may_be_a_file_or_a_film(what: str) -> None:
    found = article(page(f"{HEADINGS[0]}<div class=nd><p>{what}</p></div>"))
    assert (found.title, found.published) == (TITLE, "2019-03-12T09:15:00+07:00")


def test_decomposed_letters_and_an_old_encoding_give_the_same_article() -> None:
    html = page(HEADINGS[0] + body("<p style='text-align:right'>Đỗ Thúy Hoà</p>"))
    wanted = article(html)
    assert article(unicodedata.normalize("NFD", html)) == wanted
    old = unicodedata.normalize("NFD", html)
    for letter in "ăâđêôơưĂÂĐÊÔƠƯ":
        old = old.replace(unicodedata.normalize("NFD", letter), letter)
    assert article(old.encode("cp1258", "xmlcharrefreplace")) == wanted


LISTING = "".join(
    f"<div class=muc><h3><a href='/tin-{n}.html'>Huyện triển khai nhiệm vụ số {n}</a></h3><span>{n}/02/2019</span>"
    f"<p>Hội nghị triển khai nhiệm vụ số {n} có sự tham gia của 120 đại biểu các xã, thị trấn.</p></div>"
    for n in range(1, 7)
)


HARDLY = "neither date nor byline, and hardly any text"


@pytest.mark.parametrize(
    ("html", "url", "reason"),
    [
        (page(f"<h1>Tin tức</h1>{LISTING}", "<title>Tin tức - Huyện Hải</title>"), URL, "listing"),
        (page(LISTING, "<title>Huyện Hải</title>"), URL, "listing"),
        (page(HEADINGS[0] + body()), "http://huyen.example.vn/", "front page"),
        (page(HEADINGS[0] + body()), "http://huyen.example.vn/index.php", "front page"),
        (
            page("<h1>Giới thiệu</h1><p>Huyện có 12 phòng chuyên môn và 3 đơn vị sự nghiệp.</p>"),
            URL,
            HARDLY,
        ),
        (page("<h1>Lịch tuần này của huyện</h1><p>Chưa có lịch.</p>", ""), URL, "no body on the page"),
        ("<title>Không tìm thấy trang - Huyện Hải</title><p>Mời bạn quay lại.</p>", URL, "soft 404"),
        ("<title>Đăng nhập</title><form><input type=password></form>", URL, "no body on the page"),
        ("<title>Website đang bảo trì</title><p>Mời bạn quay lại sau.</p>", URL, "under maintenance"),
        ("<title>hai.vn - Tên miền này đã được đăng ký và sử dụng</title><h1>Chào</h1>", URL, "parked domain"),
        ("<title>Just a moment...</title><h1>hai.vn</h1>", URL, "challenge page"),
        ("<script>document.cookie='D1N=1a2b';window.location.reload(true);</script>", URL, "challenge page"),
        ("<p>", URL, "no title"),
    ],
)
def test_what_is_no_article_is_told_with_its_reason(html: str, url: str, reason: str) -> None:
    assert why(html, url) == reason


def test_a_theme_that_calls_the_body_something_else_is_read_all_the_same() -> None:
    html = page(
        f"<h1 class=entry-title>{TITLE}</h1><time class='entry-date published' datetime='2019-03-12T09:15:00+07:00'>"
        f"</time>{body()}"
    ).replace("<body>", "<body class='post-template-default single single-post postid-12'>")
    found = extract(capture(html), PLATFORMS["wordpress"].rules)
    assert (found.title, found.text, found.rules) == (TITLE, "\n\n".join(TEXT), "wordpress")
    assert found.published == "2019-03-12T09:15:00+07:00"
