"""Who made a capture: our own crawl, the Wayback Machine, Common Crawl, or somebody else. Pure.

An import notes nothing but the name of the file it came from (``captures.source``), so that the name has to tell.
"""

from __future__ import annotations

import re
from typing import Literal

# How a capture of a page begins its source that is not read by itself, or was made of another one: the server's answer,
# of which a rendered page follows; what that asked for; and what became of it.
TO_RENDER, FOR_PAGE = "live; to be rendered", "live; asked for by a page"
RENDERED, NOT_RENDERED = "live; rendered by", "live; not rendered:"

Maker = Literal["live", "wayback", "common_crawl", "other"]
MAKERS: tuple[Maker, ...] = ("live", "wayback", "common_crawl", "other")

# CC-MAIN-20230921073711-20230921103711-00000.warc.gz, CC-NEWS-…; and 1346823845675_0.arc.gz, as of before 2013.
# Source: https://commoncrawl.org/get-started
_COMMON_CRAWL = re.compile(r"^(?:cc-|commoncrawl|crawl-data)|common[-_ ]?crawl|^\d{13}_\d+\.arc\b", re.IGNORECASE)
# What the Internet Archive's own crawls, Save Page Now (SPN, LIVEWEB), Archive-It and the Archive Team name their
# files; and what tools that fetch from the Wayback Machine are called, or write beside the address.
# Source: https://support.archive-it.org/hc/en-us/articles/360000762966-WARC-Naming-Conventions
_WAYBACK = re.compile(
    r"wayback|web\.archive\.org|archive[-_]?it|archive[-_]?(?:team|bot)"
    r"|^(?:web|wide|survey|liveweb|spn2?|iah?)[-_](?:\w+-)*\d{8}|^internet[-_ ]?archive|^ia-",
    re.IGNORECASE,
)


def maker(source: str) -> Maker:
    """``source`` as in ``captures``: "live", "live; …" for what our own crawl received or made, else a file's name."""
    if source == "live" or source.startswith("live;"):
        return "live"
    if _COMMON_CRAWL.search(source):
        return "common_crawl"
    return "wayback" if _WAYBACK.search(source) else "other"
