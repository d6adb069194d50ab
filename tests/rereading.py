"""Archives for the tests of reading again: pages of an invented portal, kept when its rules were what they were."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import ROOT, write_portal

from archive.model import Capture
from archive.warcwriter import WarcWriter
from crawler.imports import bring
from crawler.ingest import open_archive
from crawler.portal import load_all
from crawler.reextract import Reextraction, opened
from crawler.workers import Workers

TANGTHU = str(Path(sys.executable).parent / "tangthu")
FETCHED = datetime(2021, 1, 6, 2, 0, tzinfo=UTC)
ID = "nam_dinh/thu"
PORTAL = """\
name = "Cổng thử"
district = "Huyện Thử"
province = "Nam Định"
home = "http://thu.example.vn/"
platform = "drupal7"
[article]
title = ['{title}']
body = ['{body}']
drop = [{drop}]
"""
GOOD = PORTAL.format(title="h1", body="#bai", drop="'.thoi-tiet'")
# Every title is the portal's name, and the weather is part of the text.
POOR = PORTAL.format(title="h2", body="#bai", drop="")


def blind(file: str) -> str:
    """A portal file under which no page is an article."""
    table = "" if "[article]" in file else "[article]\n"
    return file.replace("drupal7", "sharepoint") + table + "article = ['#khong-co']\n"


NONE = blind(GOOD)
PAGE = """<html><head><meta name="Generator" content="Drupal 7 (http://drupal.org)"></head>
<body class="node-type-{kind}">
<h2>Cổng thông tin điện tử huyện Thử</h2><h1>{title}</h1>
<div id="bai"><div class="thoi-tiet">Thời tiết {weather} độ</div><p>{text}</p>
<p>Hội nghị đã nghe báo cáo về kết quả sản xuất vụ đông xuân trên địa bàn toàn huyện.</p></div></body></html>"""


def tangthu(data: Path, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [TANGTHU, "--data", str(data), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, **more)


def page(path: str, text: str, day: int = 0, weather: int = 33, title: str = "", kind: str = "article") -> Capture:
    body = PAGE.format(title=title or f"Bài {path}", text=text, weather=weather, kind=kind).encode()
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Capture(f"http://thu.example.vn/{path}", FETCHED + timedelta(days=day), 200, headers, body)


def archive(data: Path, rules: str, *captures: Capture) -> Path:
    """An archive that kept these captures when the portal's file was ``rules``; what it holds already stays."""
    write_portal(data, ID, rules)
    writer = WarcWriter(data.parent, data.name, {}, FETCHED)
    places = [writer.write(capture) for capture in captures]
    writer.close()
    take(data, data.parent / places[0].warc)
    return data


def take(data: Path, *warcs: Path) -> None:
    with open_archive(data, "import") as ingest:
        bring(ingest, list(warcs), load_all(data / "portals"), None, lambda: None)


def again(data: Path, portal: str | None = None, **limits: float) -> dict[str, Any]:
    """The archive read again by a thread: what the command says with --json."""
    with opened(data, dry=False) as store, Workers(lambda: ThreadPoolExecutor(1), 1) as workers:
        run = Reextraction(store, data / "warc", load_all(data / "portals"), portal, **limits)
        return run.run(workers, lambda _: None).as_dict(dry=False)
