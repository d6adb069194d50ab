"""The pages that extraction is measured on: golden pages, and the sample archives when they are there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from scoring import Gold

from archive import warc
from archive.model import Capture
from archive.text import inflate
from crawler.platform import Rules
from crawler.platforms import PLATFORMS

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"
CORPORA = ("golden", "drupal7", "nukeviet")

sys.path.append(str(ROOT / "tests"))
import golden  # noqa: E402  the golden pages' reader lives with the tests


@dataclass(frozen=True, slots=True)
class Page:
    """``rules`` those of its portal · ``gold`` None: the page holds no article."""

    name: str
    capture: Capture
    rules: Rules
    gold: Gold | None


def missing(corpus: str) -> str:
    """Why a corpus cannot be measured here; "" when it can."""
    files = [] if corpus == "golden" else [SAMPLES / f"{corpus}.warc.gz", SAMPLES / f"{corpus}.gold.jsonl"]
    absent = [str(path) for path in files if not path.exists()]
    return f"{corpus}: skipped, there is no {' and no '.join(absent)}" if absent else ""


def load(corpus: str) -> list[Page]:
    """The corpus's pages, Content-Encoding undone: that is nobody's cost."""
    found = _golden() if corpus == "golden" else _sample(corpus)
    return [replace(page, capture=_inflated(page.capture)) for page in found]


def _golden() -> Iterator[Page]:
    for page in golden.load_all():
        gold = None if "error" in page.wanted else _gold_of(page.wanted)
        yield Page(f"{page.portal}/{page.slug}", page.capture, golden.rules_of(page), gold)


def _gold_of(wanted: dict[str, Any]) -> Gold:
    return Gold(
        wanted["title"],
        _refs(wanted["text"], wanted["summary"]),
        tuple(wanted["byline"]["authors"]),
        wanted["published"] or "",
        tuple(image["url"] for image in wanted["images"]),
        tuple(file["url"] for file in wanted["attachments"]),
    )


def _sample(corpus: str) -> Iterator[Page]:
    wanted = {}
    for line in (SAMPLES / f"{corpus}.gold.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if not entry.get("duplicate_of") and not entry.get("no_normal_page"):
            wanted[_path(entry["url"])] = entry
    for record in warc.read(SAMPLES / f"{corpus}.warc.gz"):
        capture = record.capture
        if record.kind == "response" and capture and capture.status == 200:
            entry = wanted.pop(_path(capture.url), None)
            if entry:
                gold = Gold(
                    entry["title"],
                    _refs(entry["body_text"], entry.get("lede", "")),
                    tuple(entry["byline_names"]),
                    entry.get("published") or "",
                    tuple(image["src"] for image in entry.get("images", ())),
                    tuple(file.get("href") or file["url"] for file in entry.get("attachments", ())),
                )
                yield Page(f"{corpus}:{_path(capture.url)}", capture, PLATFORMS[corpus].rules, gold)
    assert not wanted, f"no page in the archive for {sorted(wanted)}"


def _refs(text: str, lead: str) -> tuple[str, ...]:
    """A page whose lead is all its text is not read by reading nothing."""
    return tuple(ref for ref in (text, f"{lead}\n{text}" if lead else "") if ref.strip()) or ("",)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (unquote(parts.path).rstrip("/") or "/") + (f"?{parts.query}" if parts.query else "")


def _inflated(capture: Capture) -> Capture:
    body = inflate(capture.body, capture.header("Content-Encoding"))
    headers = tuple(pair for pair in capture.headers if pair[0].lower() != "content-encoding")
    return replace(capture, body=body, headers=headers)
