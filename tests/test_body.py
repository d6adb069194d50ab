"""The article's own markup → clean HTML, text, pictures and files."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Attachment, Image
from archive.text import normalise
from crawler.extract import body
from crawler.extract.links import Links

# What Article promises.
ALLOWED = set("p h2 h3 h4 ul ol li table tr td th figure figcaption img a em strong blockquote br".split())  # noqa: SIM905
ATTRIBUTES = {"href", "src", "alt", "colspan", "rowspan"}


def read(source: str) -> body.Body:
    return body.read(source, Links("http://huyen.example.vn/tin-tuc/bai-1"))


def text(source: str) -> list[str]:
    return read(source).text.split("\n\n")


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("<p>Một\n  dòng bị\nngắt.</p>", ["Một dòng bị ngắt."]),
        ("<p>Một.<br><br>Hai.<br>&nbsp;<br>Ba.</p>", ["Một.", "Hai.", "Ba."]),
        ("<p>Thôn A;<br>Thôn B.</p>", ["Thôn A;\nThôn B."]),
        ("Ngoài <div>trong</div>sau", ["Ngoài", "trong", "sau"]),
        ("<p>mụ<span>c tiêu</span>, n<b>hiệm</b> vụ</p>", ["mục tiêu, nhiệm vụ"]),
        ("<p>Th&ocirc;ng b&aacute;o&nbsp;&nbsp;m\u200bới</p>", ["Thông báo mới"]),
        ("<p>a<o:p>&nbsp;</o:p></p><p><o:p></o:p></p><p>&nbsp;</p>", ["a"]),
        ("<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><style>p{}</style><p>a b</p>", ["a b"]),
        ("<p>Normal 0 false false false EN-US X-NONE MicrosoftInternetExplorer4</p><p>a b</p>", ["a b"]),
        ("<ul><li>Một;</li><li><p>Hai.</p></li></ul>", ["Một;", "Hai."]),
        ("<h3>Đề mục</h3><p><strong>Dẫn.</strong></p>", ["Đề mục", "Dẫn."]),
        ("<table><tr><td><p>Một.</p><p>Hai.</p></td></tr></table>", ["Một.", "Hai."]),
        (
            "<table border=1><tr><th>Xã</th><th>Hộ</th></tr><tr><td><p>A</p></td><td>5</td></tr></table>",
            ["Xã | Hộ\nA | 5"],
        ),
        ("<p>a.</p><p><iframe src='x'>Trình duyệt cũ</iframe><video>Không hỗ trợ</video></p>", ["a."]),
        ("<p style='display:none'>ẩn</p><p>hiện ra</p>", ["hiện ra"]),
        (
            "<p>Dù thời tiết xấu, các liên kết website vẫn chạy.</p>",
            ["Dù thời tiết xấu, các liên kết website vẫn chạy."],
        ),
        ("<p>Hội nghị kết thúc.</p><p>In bài viết | Gửi email</p><p>Lượt xem: 12</p>", ["Hội nghị kết thúc."]),
        ("<p>Hết.</p><p><b>Tin liên quan:</b></p><p><a href='/a'>Bài khác</a> (01/02/2020)</p>", ["Hết."]),
        (
            "<p>Tin liên quan:</p><p>Hôm nay huyện họp bàn ba việc lớn.</p>",
            ["Tin liên quan:", "Hôm nay huyện họp bàn ba việc lớn."],
        ),
        ("<p>Xem <a href='/f.pdf'>file đính kèm</a>.</p>", ["Xem file đính kèm."]),
        ("", [""]),
    ],
)
def test_blocks(source: str, blocks: list[str]) -> None:
    assert text(source) == blocks


def test_text_is_nfc_even_where_a_tag_parts_letter_and_mark() -> None:
    found = read("<p>Hu<b>ye\u0302</b>\u0323n Hải Hậu" + unicodedata.normalize("NFD", " được mùa lớn") + "</p>")
    assert found.text == "Huyện Hải Hậu được mùa lớn"
    assert found.html == "<p>Hu<strong>yệ</strong>n Hải Hậu được mùa lớn</p>"


def test_the_html_says_the_same_with_few_tags() -> None:
    found = read(
        '<div class="x" onclick="y()"><p style="color:red">Xem <a href="/lich" target="_blank"><font>lịch</font></a>, '
        '<a href="javascript:void(0)">đây</a> &amp; <i>kia</i></p></div>'
        '<table class="t" border="1"><tr><td colspan="2">A</td><td rowspan="x">B</td></tr></table><ol><li>1</li></ol>'
    )
    assert found.html == (
        '<p>Xem <a href="http://huyen.example.vn/lich">lịch</a>, đây &amp; <em>kia</em></p>\n'
        '<table><tr><td colspan="2">A</td><td>B</td></tr></table>\n<ol><li>1</li></ol>'
    )


@pytest.mark.parametrize(
    ("source", "caption"),
    [
        ('<p align="center"><img src="/a.jpg"><br><em>Quang cảnh</em></p>', "Quang cảnh"),
        (
            '<p style="text-align:center"><img src="/a.jpg"></p><p style="text-align:center">Quang cảnh</p>',
            "Quang cảnh",
        ),
        ('<p><img src="/a.jpg"></p><p><em>Quang cảnh.</em></p>', "Quang cảnh."),
        ('<p><img src="/a.jpg"></p><p>Quang cảnh. Ảnh: Lệ Minh</p>', "Quang cảnh. Ảnh: Lệ Minh"),
        ('<figure><img src="/a.jpg"><figcaption>Quang cảnh</figcaption></figure>', "Quang cảnh"),
        ('<div class="image-box"><img src="/a.jpg"><div class="caption">Quang cảnh</div></div>', "Quang cảnh"),
        ('<table class="image"><tr><td><img src="/a.jpg"></td></tr><tr><td>Quang cảnh</td></tr></table>', "Quang cảnh"),
        ('<p><img src="/a.jpg" alt="Quang cảnh"></p><p>Quang cảnh</p>', "Quang cảnh"),
        ('<p><img src="/a.jpg"></p>', ""),
    ],
)
def test_captions_belong_to_their_picture(source: str, caption: str) -> None:
    found = read("<p>Sáng nay, huyện họp.</p>" + source + "<p>Chiều, hội nghị bế mạc.</p>")
    assert found.images == (Image("http://huyen.example.vn/a.jpg", caption),)
    assert found.text == "Sáng nay, huyện họp.\n\nChiều, hội nghị bế mạc."


def test_a_table_heading_below_a_picture_is_no_caption() -> None:
    found = read(
        "<center><img src=/a.jpg></center><center>Kết quả</center><table border=1><tr><td>A</td><td>5</td></tr></table>"
    )
    assert found.text == "Kết quả\n\nA | 5"


def test_a_short_article_inside_a_layout_table_is_no_caption() -> None:
    found = read(
        "<table><tr><td><p>Sáng nay, huyện ra quân làm thủy lợi, hơn ba trăm người tham gia nạo vét kênh.</p>"
        "<img src=/a.jpg><p>Chiều cùng ngày, lãnh đạo huyện đi kiểm tra, động viên lực lượng.</p></td></tr></table>"
    )
    assert len(found.text.split("\n\n")) == 2
    assert found.images == (Image("http://huyen.example.vn/a.jpg"),)


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ('<img src="anh 1.jpg">', "http://huyen.example.vn/tin-tuc/anh%201.jpg"),
        ('<img src="data:image/gif;base64,R0" data-src="/a.jpg">', "http://huyen.example.vn/a.jpg"),
        ('<img src="/misc/loading.gif" data-original="//cdn.example.vn/a.jpg">', "http://cdn.example.vn/a.jpg"),
        ('<img srcset="/nho.jpg 300w, /to.jpg 1200w">', "http://huyen.example.vn/to.jpg"),
        ('<a href="/goc.JPG"><img src="/styles/medium/public/goc.jpg?itok=1"></a>', "http://huyen.example.vn/goc.JPG"),
    ],
)
def test_the_picture_itself(markup: str, url: str) -> None:
    assert read(markup).images == (Image(url),)


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="javascript:x">',
        '<img src="/modules/file/icons/pdf.png">',
        '<img width="1" src="/dem.gif">',
        "<img>",
        '<img src="http://[">',
    ],
)
def test_no_picture(markup: str) -> None:
    assert read(markup).images == ()


def test_files_and_the_lines_that_lead_to_them() -> None:
    found = read(
        "<p>Có hai văn bản.</p><p><b>Tài liệu đính kèm:</b> <a href='/d/KH 55 signed.PDF'>Kế hoạch</a> (25 KB)</p>"
        "<p>&gt;&gt; <a href='/documents/1/x.doc/uuid-2'>Tải về</a></p><p><a href='/d/KH 55 signed.PDF'>Xem</a></p>"
        "<p><a href='/xem?file=a.xlsx'>Phụ lục</a> <a href='/zip'>trang zip</a></p>"
    )
    assert found.attachments == (
        Attachment("http://huyen.example.vn/d/KH%2055%20signed.PDF", "Kế hoạch"),
        Attachment("http://huyen.example.vn/documents/1/x.doc/uuid-2", "Tải về"),
        Attachment("http://huyen.example.vn/xem?file=a.xlsx", "Phụ lục"),
    )
    assert found.text == "Có hai văn bản.\n\nPhụ lục trang zip"


class Promises(HTMLParser):
    """Collects what breaks the promise about tags, attributes and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED or any(name not in ATTRIBUTES for name, _ in attrs):
            self.broken.append((tag, attrs))
        for name, value in attrs:
            if name in ("href", "src") and not re.match(r"https?://|mailto:", value or ""):
                self.broken.append((tag, name, value))


PIECES = st.sampled_from(
    """
    <p> </p> <div> </div> <b> </b> <i> <br> <td> <tr> <table> </table> <ul> <li> </ul> <h3> </h3> <img src=/a.jpg>
    <img src=data:x> <a href=/b.pdf> <a href=javascript:x> </a> <figure> <figcaption> </figure> <script>x</script> <o:p>
    <blockquote> <th> &lt;script&gt; &amp; &#0; &nbsp; Lệ Minh T/h: ./. Ảnh: xã <p align=right> <svg onload=x> <!-- -->
    """.split()  # noqa: SIM905
)


@given(st.lists(PIECES | st.text(max_size=12), max_size=40))
def test_any_markup_keeps_the_promises(pieces: list[str]) -> None:
    found = read(" ".join(pieces))
    reader = Promises()
    reader.feed(found.html)
    assert reader.broken == []
    assert unicodedata.is_normalized("NFC", found.text)
    assert not re.search(r"\n{3}| \n|\n |  |\u00a0|\u200b", found.text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\n "), max_size=200))
def test_words_come_through_as_they_are(words: str) -> None:
    said = normalise(words)
    found = read(f"<p>Mở đầu bài viết.</p><blockquote>“{html.escape(words)}” là lời ông nói với bà con.</blockquote>")
    assert said.replace("\r", "") in found.text or not said.isprintable()
