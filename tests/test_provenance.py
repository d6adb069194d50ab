"""Who made a capture, as its source tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.provenance import MAKERS, maker


@pytest.mark.parametrize(
    ("source", "made_by"),
    [
        ("live", "live"),
        ("live; TLSv1, certificate expired", "live"),
        ("live; to be rendered", "live"),
        ("live; rendered by Chromium 140", "live"),
        # Somebody's file that only begins like it.
        ("live-2021.warc.gz", "other"),
        ("lives.warc", "other"),
        ("CC-MAIN-20230921073711-20230921103711-00000.warc.gz", "common_crawl"),
        ("CC-MAIN-20230921073711-20230921103711-00000.warc.wet.gz", "common_crawl"),
        ("CC-NEWS-20210103044515-00012.warc.gz", "common_crawl"),
        ("cc-main-2023-40-xuantruong.warc.gz", "common_crawl"),
        ("1346823845675_0.arc.gz", "common_crawl"),
        ("xuantruong-commoncrawl.warc", "common_crawl"),
        ("common crawl, CC-MAIN-2021-04", "common_crawl"),
        ("WEB-20180220210230614-00021-4821~wwwb-crawl13.us.archive.org~8443.warc.gz", "wayback"),
        ("IA-20100512101533-00000-crawling06.arc.gz", "wayback"),
        ("IAH-20060319205622-00000-crawling.archive.org.arc.gz", "wayback"),
        ("WIDE-20120121162724-crawl411.warc.gz", "wayback"),
        ("LIVEWEB-20130517162352-00001.warc.gz", "wayback"),
        ("SPN2-20210615103300-wwwb-spn21.us.archive.org-8001.warc.gz", "wayback"),
        ("ARCHIVEIT-7310-BIMONTHLY-JOB457797-SEED1444539-20171003231334202-00000.warc.gz", "wayback"),
        ("archiveteam_urls_20220101.megawarc.warc.gz", "wayback"),
        ("web.archive.org", "wayback"),
        ("xuantruong.namdinh.gov.vn-wayback-2019.warc.gz", "wayback"),
        ("https://web.archive.org/web/20190102030405id_/http://xuantruong.namdinh.gov.vn/", "wayback"),
        ("drupal7.warc.gz", "other"),
        ("webrecorder-20200101.warc.gz", "other"),
        ("tu-lieu-cua-toi.warc", "other"),
        ("", "other"),
    ],
)  # fmt: skip
def test_a_source_tells_who_made_it(source: str, made_by: str) -> None:
    assert maker(source) == made_by


@given(st.text())
def test_any_source_has_a_maker(source: str) -> None:
    assert maker(source) in MAKERS
