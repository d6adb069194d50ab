"""The small archive of tests/shelf.py, its portals in the states that they can be in: for the pages of the overview."""

from __future__ import annotations

import json
from pathlib import Path

from shelf import DUC_LINH, EMPTY, HOSTS, XUAN_TRUONG, Shelf, capture, make

from archive.store import Store

IMPORTED = "khac/la.example.vn"
COMMUNES = ("Xã Xuân Trường", "Xã Xuân Hưng", "Xã Xuân Giang", "Xã Xuân Hồng")
DIED = "2026-11-10T22:00:00Z"  # 05:00 of the next day in Vietnam
CC, WAYBACK = "CC-MAIN-20210417000000-00001.warc.gz", "WEB-20190203040506-00000-crawl.archive.org.warc.gz"


def country(folder: Path) -> Shelf:
    """Xuân Trường lives, and others captured it before; Đức Linh's name is not found any more; nobody has looked at Tri
    Tôn; and an import brought a host of nobody's."""
    shelf = make(folder)
    with Store(shelf.path) as store:
        today = {"province_now": "Ninh Bình", "communes": json.dumps(COMMUNES, ensure_ascii=False)}
        store.save_portal({"id": XUAN_TRUONG, **_row(store, XUAN_TRUONG), **today})
        store.save_portal({"id": DUC_LINH, **_row(store, DUC_LINH), "province_now": "Lâm Đồng"})
        foreign = {"name": "la.example.vn", "district": "", "province": "", "home": "http://la.example.vn/"}
        store.save_portal({"id": IMPORTED, **foreign, "platform": "", "closed": None})
        for at in ("2026-11-19T03:00:00Z", "2026-11-22T18:00:00Z"):
            look(store, XUAN_TRUONG, "", at)
        for at in (DIED, "2026-11-12T22:00:00Z", "2026-11-14T22:00:00Z"):
            look(store, DUC_LINH, "dark: dns", at)
        for at, source in (
            ("2021-04-17T01:00:00Z", CC),
            ("2019-01-31T17:00:00Z", WAYBACK),
            ("2019-02-03T04:00:00Z", WAYBACK),
        ):
            store.save_capture(capture(XUAN_TRUONG, HOSTS[XUAN_TRUONG] + "/tin-cu", at, source))
        crawl = store.begin_crawl(XUAN_TRUONG, "2026-11-22T18:00:00Z")
        store.end_crawl(crawl, "2026-11-22T18:20:00Z", "finished", {"requests": 12})
    return shelf


def look(store: Store, portal: str, verdict: str, at: str) -> int:
    """A look at a portal's home page, and its capture."""
    row = capture(portal, HOSTS[portal] + "/", at, "live", 200 if not verdict else 0)
    store.look_at_portal(portal, verdict, at)
    return store.save_capture(row)


def take_down(path: Path, article: str, grade: str = "unlist") -> None:
    """As a decision does it, for what lists show."""
    with Store(path) as store:
        store.db.execute("update articles set takedown = ? where id = ?", [grade, article])


def _row(store: Store, portal: str) -> dict[str, object]:
    names = ("name", "district", "province", "home", "platform", "closed")
    row = store.db.execute(f"select {', '.join(names)} from portals where id = ?", [portal]).fetchone()
    return dict(zip(names, row, strict=True))


__all__ = ["CC", "COMMUNES", "DIED", "EMPTY", "IMPORTED", "WAYBACK", "capture", "country", "look", "take_down"]
