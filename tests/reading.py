"""An archive as years of looking make it: pages that stay, change, vanish, move, go dark; brought in by the one door.

Every text is invented. The records stand in real WARC files, so that what pages link to is there.
"""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conftest import write_portal
from shelf import Shelf

from archive.model import Capture
from crawler.ingest import DATABASE, open_archive
from crawler.portal import Portal, load_all

ID = "bac_ninh/thuan_phu"
HOST = "http://thuanphu.example.gov.vn"
START = datetime(2024, 3, 4, 2, 30, 15, tzinfo=UTC)
PORTAL = f"""\
name = "Cổng thông tin điện tử huyện Thuận Phú"
district = "Huyện Thuận Phú"
province = "Bắc Ninh"
home = "{HOST}/"
platform = "drupal7"
closed = 2025-07-01
[article]
title = ['h1']
body = ['#bai']
byline = ['.ky-ten']
published = ['.ngay']
"""
PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="Generator" content="Drupal 7 (http://drupal.org)">
<title>Cổng thông tin điện tử</title></head><body class="node-type-article">
<h1>{title}</h1><p class="ngay">{day}</p><div id="bai">{body}</div><p class="ky-ten">{byline}</p></body></html>"""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE, LOST_PICTURE = "/sites/default/files/duong-lien-xa.png", "/sites/default/files/anh-mat.jpg"
PLAN, LOST_PLAN = "/sites/default/files/ke-hoach.pdf", "/sites/default/files/phu-luc.doc"

ROAD = (
    f"<p>Sáng 2/3, UBND huyện Thuận Phú khởi công tuyến đường liên xã dài 9,8 km nối xã Đông Hồ với xã Mão Điền, tổng"
    f' mức đầu tư 124 tỷ đồng.</p><figure><img src="{PICTURE}" alt=""><figcaption>Quang cảnh lễ khởi công</figcaption>'
    f'</figure><p>Tuyến đường rộng 9 m, hai làn xe, có hệ thống thoát nước và chiếu sáng. Xem thêm <a href="/lich">lịch'
    f' tiếp công dân</a> của huyện.</p><p><img src="{LOST_PICTURE}" alt="Bản đồ tuyến"></p>'
    "<p>Chủ tịch UBND huyện yêu cầu đơn vị thi công bảo đảm an toàn lao động, không để bụi bẩn ảnh hưởng nhà dân hai"
    " bên đường.</p><p>Các hộ dân nằm trong diện giải phóng mặt bằng đã nhận đủ tiền bồi thường trước Tết.</p>"
    "<p>Ngân sách huyện chi 40 tỷ đồng, phần còn lại do tỉnh hỗ trợ theo kế hoạch đầu tư công trung hạn.</p>"
    f'<p>Dự kiến công trình hoàn thành vào quý II năm 2025.</p><p><a href="{PLAN}">Kế hoạch thi công</a></p>'
    f'<p><a href="{LOST_PLAN}">Phụ lục kèm theo</a></p>'
)
ROAD_LATER = (
    ROAD.replace("9,8 km", "12,5 km")
    .replace("124 tỷ", "168 tỷ")
    .replace("<p>Các hộ dân nằm trong diện giải phóng mặt bằng đã nhận đủ tiền bồi thường trước Tết.</p>", "")
)
SHORT = "<p>{0}</p><p>Hội nghị đã nghe báo cáo kết quả sáu tháng đầu năm và bàn nhiệm vụ sáu tháng cuối năm.</p>"


def page(path: str, title: str, body: str, byline: str = "", day: str = "04/03/2024", after: int = 0) -> Capture:
    """The portal's page as received ``after`` so many days."""
    html = PAGE.format(title=title, body=body, byline=byline, day=day).encode()
    return answer(path, html, "text/html; charset=utf-8", after)


def answer(path: str, body: bytes, media_type: str, after: int = 0, status: int = 200, location: str = "") -> Capture:
    headers = [("Content-Type", media_type), *([("Location", location)] if location else [])]
    return Capture(HOST + path, START + timedelta(days=after), status, tuple(headers), body)


def printed(view: Capture, own: str) -> Capture:
    """A print view, which names the page's own address."""
    link = f'<link rel="canonical" href="{HOST}{own}"><title>'
    return replace(view, body=view.body.replace(b"<title>", link.encode()))


def no_answer(path: str, how: str, after: int) -> Capture:
    headers = (("Fetch-Failed", how), ("Message", "không có trả lời"))
    return Capture(HOST + path, START + timedelta(days=after), 0, headers, b"")


def captures() -> list[Capture]:
    road, opened = "Khởi công đường liên xã Đông Hồ - Mão Điền", "Khởi công đường liên xã Đông Hồ, Mão Điền"
    missing = {"body": b"<h1>404</h1>", "media_type": "text/html", "status": 404}
    return [
        answer(PICTURE, PIXEL, "image/png"),
        page("/duong", road, ROAD, "T/h: Lệ Minh", "04/03/2024 - 08:15"),
        answer(PLAN, b"%PDF-1.4 " + b"0" * 1_234_991, "application/pdf"),
        page("/lich", "Lịch tiếp công dân tháng 3", SHORT.format("Thường trực HĐND tiếp công dân thứ tư."), "Lệ Minh"),
        page("/lua", "Gặt lúa chiêm ở Ngũ Thái", SHORT.format("Lúa chiêm được mùa."), "T/h: Lệ Minh", "05/03/2024"),
        page("/cu", "Tết trồng cây", SHORT.format("Toàn huyện trồng 5.000 cây."), "", "01/03/2024"),
        page("/go", "Kết luận thanh tra đất đai", SHORT.format("Thanh tra huyện công bố kết luận.")),
        page("/chuyen", "Tuyển dụng viên chức", SHORT.format("UBND huyện tuyển dụng 12 viên chức.")),
        page("/chan", "Danh sách hộ nghèo", SHORT.format("Danh sách hộ nghèo năm 2024.")),
        page("/tat", "Bản tin phát thanh", SHORT.format("Bản tin phát thanh tuần đầu tháng 3.")),
        page("/duong", road, ROAD_LATER, "T/h: Lệ Minh", "04/03/2024 - 08:15", after=30),
        page("/duong", opened, ROAD_LATER, "Trần Hùng", "04/03/2024 - 08:15", after=60),
        printed(page("/duong?print=1", opened, ROAD_LATER, "Trần Hùng", "04/03/2024 - 08:15", after=61), "/duong"),
        *(answer("/go", after=days, **missing) for days in (100, 130, 160)),  # type: ignore[arg-type]
        answer("/chuyen", b"", "text/html", after=100, status=301, location="https://moi.example.vn/tuyen-dung"),
        answer("/chan", b"no", "text/html", after=100, status=403),
        answer("/chan", b"no", "text/html", after=130, status=403),
        *(no_answer("/tat", "dns", days) for days in (100, 130)),
        *(no_answer("/", "dns", days) for days in (100, 130)),
    ]


def make(data: Path) -> Shelf:
    """The archive in ``data``, and its articles' ids by the last part of their addresses."""
    portal = portal_of(data)
    with open_archive(data, ID, portal) as ingest:
        ingest.register(portal)
        for capture in captures():
            ingest.keep(portal, capture)
    return shelf(data)


def portal_of(data: Path) -> Portal:
    write_portal(data, ID, PORTAL)
    return load_all(data / "portals")[ID]


def shelf(data: Path) -> Shelf:
    with closing(sqlite3.connect(data / DATABASE)) as conn:
        rows = conn.execute("select url, id from articles").fetchall()
    return Shelf(data / DATABASE, {url.rpartition("/")[2]: name for url, name in rows})
