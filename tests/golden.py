"""Golden pages: recorded pages with the article that a person read in them.

``pages/<portal>/<slug>.html.gz`` is the page as received; ``<slug>.json`` beside it holds "captured" (its address),
"headers" (name → value, or a list of them; may be missing), "fetched_at" (when; may be missing) and either the keys
of an Article or "error": why the page is none.
``<portal>`` is a platform's name, or a portal's id with "-" for "/", or "none": read without rules.
``tangthu portals record`` makes such pairs.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.model import Capture
from crawler import portal
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Golden:
    """``wanted``: the keys of an Article, or "error" alone."""

    portal: str
    slug: str
    capture: Capture
    wanted: dict[str, Any]


def load(path: Path) -> Golden:
    """``path``: the page, …/<portal>/<slug>.html.gz"""
    slug = path.name.removesuffix(".html.gz")
    wanted = json.loads(path.with_name(f"{slug}.json").read_text("utf-8"))
    headers = {"Content-Type": "text/html; charset=utf-8", **wanted.pop("headers", {})}
    pairs = [(name, one) for name, value in headers.items() for one in ([value] if isinstance(value, str) else value)]
    moment = datetime.fromisoformat(wanted.pop("fetched_at", "2024-11-20T00:00:00Z"))
    body = gzip.decompress(path.read_bytes())
    capture = Capture(wanted.pop("captured"), moment, 200, tuple(pairs), body)
    return Golden(path.parent.name, slug, capture, wanted)


def load_all() -> list[Golden]:
    """Every golden page, in the order of their names."""
    return [load(path) for path in sorted(FOLDER.glob("*/*.html.gz"))]


def rules_of(page: Golden) -> Rules:
    """The rules that read a page: its platform's, its portal's, or none. Raises LookupError for other folders."""
    if page.portal == "none":
        return Rules()
    if page.portal in PLATFORMS:
        return PLATFORMS[page.portal].rules
    portals = {one.replace("/", "-"): found for one, found in portal.load_all(None).items()}
    if page.portal not in portals:
        raise LookupError(f"{FOLDER / page.portal}: neither a platform, nor a portal in crawler/portals, nor “none”")
    return portals[page.portal].rules_at(page.capture.fetched_at.date())
