"""A small archive for the tests of search, citations and pages: everything in it is invented."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from archive.model import Article, Attachment, Byline, Image
from archive.search.keeper import catch_up
from archive.store import CaptureRow, Store

XUAN_TRUONG, DUC_LINH, EMPTY = "nam_dinh/xuan_truong", "binh_thuan/duc_linh", "an_giang/tri_ton"
PORTALS = (
    (XUAN_TRUONG, "Trang thông tin điện tử huyện Xuân Trường", "Huyện Xuân Trường", "Nam Định", None),
    (DUC_LINH, "Cổng thông tin điện tử huyện Đức Linh", "Huyện Đức Linh", "Bình Thuận", "2025-07-01"),
    (EMPTY, "Trang thông tin điện tử huyện Tri Tôn", "Huyện Tri Tôn", "An Giang", None),
)
HOSTS = {XUAN_TRUONG: "http://xuantruong.example.gov.vn", DUC_LINH: "https://duclinh.example.gov.vn"}
HOSTILE = (
    '<p onclick="alert(1)">Mở đầu <script>alert(2)</script><a href="javascript:alert(3)">bẫy</a>'
    '<a href="/noi-bo">tương đối</a></p><iframe src="https://evil.example/"></iframe>'
    '<figure><img src="https://evil.example/x.png" onerror="alert(4)" alt="a > b">'
    "<figcaption>Chú thích</figcaption></figure>"
    '<p style="position:fixed" class="masthead">Kết <svg onload="alert(5)"></svg></p>'
)


@dataclass(frozen=True)
class Shelf:
    """The database, and the articles' ids by a short name."""

    path: Path
    ids: dict[str, str]


def make(folder: Path) -> Shelf:
    path = folder / "tangthu.db"
    with Store(path) as store:
        for name, title, district, province, closed in PORTALS:
            store.save_portal(
                {
                    "id": name,
                    "name": title,
                    "district": district,
                    "province": province,
                    "home": HOSTS.get(name, "http://triton.example.gov.vn") + "/",
                    "platform": "drupal7",
                    "closed": closed,
                }
            )
        shelf = Shelf(path, {name: put(store, portal, article) for name, (portal, article) in _articles().items()})
        _change(store, shelf)
        gone = capture(DUC_LINH, HOSTS[DUC_LINH] + "/tin/go-bo", "2026-11-20T23:30:00Z", status=404)
        store.save_capture(gone)
        store.look(shelf.ids["gone"], "gone", gone.fetched_at)
        listing = store.save_capture(capture(XUAN_TRUONG, HOSTS[XUAN_TRUONG] + "/tin-tuc", "2026-11-21T02:00:00Z"))
        store.save_failure(listing, "listing")
    catch_up(path)
    return shelf


def put(store: Store, portal: str, article: Article, at: str = "2026-11-19T03:04:05Z") -> str:
    """Keep the article as captured at its own address; its id."""
    row = capture(portal, article.url, at)
    return store.save_article(store.save_capture(row), row, article, "").article


def article(path: str, title: str, text: str, host: str = HOSTS[XUAN_TRUONG], **more: object) -> Article:
    html = "".join(f"<p>{block}</p>" for block in text.split("\n\n"))
    made = Article(url=f"{host}/tin/{path}", title=title, text=text, html=html, rules="drupal7")
    return replace(made, **more)  # type: ignore[arg-type]


def capture(portal: str, url: str, at: str, source: str = "live", status: int = 200) -> CaptureRow:
    return CaptureRow(
        portal=portal,
        crawl=None,
        url=url,
        fetched_at=at,
        status=status,
        media_type="text/html",
        digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        etag="",
        last_modified="",
        warc="20261119-nam_dinh-xuan_truong.warc.gz",
        offset=123456,
        length=7890,
        source=source,
    )


def _change(store: Store, shelf: Shelf) -> None:
    """The portal rewrites an article: other figures, another byline."""
    old = _articles()["changed"][1]
    new = replace(
        old,
        title="Huyện thu hồi 12,5 ha đất để mở rộng cụm công nghiệp",
        text=old.text.replace("9,8 ha", "12,5 ha"),
        html=old.html.replace("9,8 ha", "12,5 ha"),
        byline=Byline("T/h: Trần Hùng", "T/h", ("Trần Hùng",)),
    )
    assert put(store, XUAN_TRUONG, new, "2026-11-22T18:30:00Z") == shelf.ids["changed"]


def _articles() -> dict[str, tuple[str, Article]]:
    border = article(
        "giap-ranh",
        "Ký kết quy chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh",
        "Ngày 5/1, tại hội trường UBND xã Xuân Ninh, UBND huyện Xuân Trường và huyện bên tổ chức hội nghị ký kết Quy"
        " chế phối hợp bảo đảm an ninh, trật tự vùng giáp ranh giai đoạn 2021 - 2025.\n\nTheo quy chế, công an các xã"
        " giáp ranh giao ban mỗi tháng một lần, luân phiên địa điểm; khi có tin báo, bên nhận được tin trước có trách"
        " nhiệm ngăn chặn ngay, không chờ xác định thuộc địa bàn bên nào.\n\nHai huyện thống nhất bố trí một tổ tuần"
        " tra đường thuỷ hỗn hợp trên sông Ninh Cơ./.",
        byline=Byline("T/h: Lệ Minh", "T/h", ("Lệ Minh",)),
        published="2021-01-06T08:30:00+07:00",
        section="Tin tức",
        summary="Hai huyện cùng giữ bình yên cho đôi bờ sông Ninh Cơ.",
    )
    changed = article(
        "thu-hoi-dat",
        "Huyện thu hồi 9,8 ha đất để mở rộng cụm công nghiệp",
        "UBND huyện ban hành thông báo thu hồi 9,8 ha đất nông nghiệp của 143 hộ dân theo quy định của Luật Đất đai."
        "\n\nViệc kiểm đếm bắt đầu từ tháng 3.",
        byline=Byline("T/h: Lệ Minh", "T/h", ("Lệ Minh",)),
        published="2023-02-14",
        section="Kinh tế",
    )
    gone = article(
        "go-bo",
        "Công khai kết luận thanh tra việc sử dụng đất đai tại xã Đức Hạnh",
        "Thanh tra huyện Đức Linh công khai kết luận thanh tra về quản lý đất đai, xây dựng tại xã Đức Hạnh.",
        HOSTS[DUC_LINH],
        published="2019-07-02",
        section="Thanh tra",
        byline=Byline("Thanh tra huyện, Phòng TN&MT", organisation="Thanh tra huyện, Phòng TN&MT"),
    )
    files = article(
        "lich-tiep-dan",
        "Lịch tiếp công dân tháng 6 của Thường trực HĐND huyện",
        "Thường trực HĐND huyện thông báo lịch tiếp công dân tháng 6.\n\nChi tiết xem tại file đính kèm./.",
        published="2022-05-30",
        section="Thông báo",
        attachments=(
            Attachment(HOSTS[XUAN_TRUONG] + "/files/Lịch tiếp dân.PDF", "Lịch tiếp công dân tháng 6 (PDF)"),
            Attachment("javascript:alert(1)", "Tệp lạ"),
        ),
        images=(Image(HOSTS[XUAN_TRUONG] + "/anh/tiep-dan.jpg", "Quang cảnh buổi tiếp"),),
        html="<p>Thường trực HĐND huyện thông báo lịch tiếp công dân tháng 6.</p><figure>"
        f'<img src="{HOSTS[XUAN_TRUONG]}/anh/tiep-dan.jpg" alt="">'
        "<figcaption>Quang cảnh buổi tiếp</figcaption></figure>"
        "<p>Chi tiết xem tại file đính kèm./.</p><table><tr><th>Ngày</th><th>Người tiếp</th></tr>"
        "<tr><td>6/6</td><td>Chủ tịch HĐND</td></tr></table>",
    )
    quoted = article(
        "hoi-thi",
        "Hội thi tiếng hát hoà bình | {khối} trường & “các anh”: 100% # ~ $ \\ _tốt_\n[[lạ]]",
        "Hội thi tiếng hát hoà bình của các trường trong huyện.",
        HOSTS[DUC_LINH],
        byline=Byline("Phạm Linh - Văn Đoàn", "", ("Phạm Linh", "Văn Đoàn"), None, "Báo Bình Thuận"),
        published="2014-11-20T17:48:33+07:00",
    )
    others = {
        "none": article(
            "khong-ngay", "Giới thiệu chung về huyện Đức Linh", "Đức Linh là huyện miền núi.", HOSTS[DUC_LINH]
        ),
        "radio": article(
            "chien-si",
            "Gặp mặt chiến sĩ Điện Biên",
            "Các cụ cùng hát. Không ai dừng. Họ đi dọc bờ biển từ năm 1954.",
            byline=Byline("Trần Hùng – Đài PT huyện", "", ("Trần Hùng",), "Đài PT huyện"),
            published="2014-05-06",
        ),
        "hostile": article(
            "doc-hai", "<script>alert('tiêu đề')</script>", "Mở đầu bẫy. Kết.", html=HOSTILE, published="2018-01-01"
        ),
        "flood": article(
            "lu-lut",
            "Chủ động phòng chống lũ lụt",
            "Mưa lớn làm ngập nhiều tuyến đường. " * 40
            + "\n\nĐoạn giữa bài nói về quỹ đất và về đai an toàn.\n\n"
            + "Nước rút chậm. " * 40,
            published="2020-10-12T05:00:00+07:00",
        ),
        "nom": article(
            "nam-nu", "Nam nữ thanh niên lên đường nhập ngũ", "Nam nữ thanh niên hăng hái.", published="2014-02-20"
        ),
        "year": article("nam-moi", "Chúc mừng năm mới", "Năm mới, năm năm phấn khởi.", published="2015-01-01"),
        "name": article(
            "quy", "Thuý và quý ông ở UBND", "Bà Nguyễn Thuý Hằng, cán bộ KT-XH xã.", published="2016-03-08"
        ),
    }
    named = {"border": border, "changed": changed, "gone": gone, "files": files, "quoted": quoted, **others}
    return {
        name: (DUC_LINH if made.url.startswith(HOSTS[DUC_LINH]) else XUAN_TRUONG, made) for name, made in named.items()
    }
