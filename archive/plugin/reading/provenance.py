"""Where what is shown comes from, and what became of its page, in the reader's words. Pure but for one record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from archive.plugin.queries.standing import Look, Standing
from archive.warc import Location, WarcError, read_at

Words = Mapping[str, str]

_KINDS = {
    "application/pdf": "PDF",
    "application/msword": "DOC",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.ms-powerpoint": "PPT",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/zip": "ZIP",
    "application/x-rar-compressed": "RAR",
    "application/vnd.rar": "RAR",
    "application/rtf": "RTF",
    "text/plain": "TXT",
}
# In the order in which crawler.tls, crawler.rendering and crawler.ingest write them behind "live; ".
_SAID = (
    ("old_tls", re.compile(r"(?P<version>(?:TLS|SSL)v[\d.]+)")),
    ("certificate", re.compile(r"certificate not verified: (?P<why>.+)")),
    ("rendered_cut", re.compile(r"rendered by (?P<browser>.+), cut off")),
    ("rendered", re.compile(r"rendered by (?P<browser>.+)")),
    ("not_rendered", re.compile(r"not rendered: (?P<why>.+)")),
    ("to_render", re.compile(r"to be rendered")),
    ("for_page", re.compile(r"asked for by a page")),
)


def source(printed: str, words: Words) -> str:
    """``captures.source`` in words: crawled by the archive, how when that was unusual, or out of which file."""
    how, *more = printed.split("; ")
    if how != "live":
        return words["imported"].format(file=printed)
    return "; ".join([words["live"], *(_said(part, words) for part in more)])


def _said(part: str, words: Words) -> str:
    for name, pattern in _SAID:
        if match := pattern.fullmatch(part):
            return words[name].format(**match.groupdict())
    return part


def kind(media_type: str, url: str) -> str:
    """What a file is, as readers call it: "PDF"; by its type, else by how its address ends; "" when nobody says."""
    known = _KINDS.get(media_type.partition(";")[0].strip().lower())
    if known:
        return known
    try:
        ending = re.search(r"\.([a-z0-9]{2,4})$", unquote(urlsplit(url).path).strip().lower())
    except ValueError:
        return ""
    return ending[1].upper() if ending else ""


def size(amount: int, language: str) -> str:
    """ "1,2 MB" in Vietnamese, "1.2 MB" in English; decimal units, as file managers count them."""
    value, unit = float(max(0, amount)), "byte"
    for larger in ("KB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    shown = f"{value:.1f}" if unit not in ("byte", "KB") and value < 100 else f"{value:.0f}"
    return f"{shown.replace('.', ',') if language == 'vi' else shown} {unit}"


def status(standing: Standing, versions: int) -> str:
    """One word for the line about a page: live, changed, gone, moved, blocked or dark; unknown when it was there, but
    its portal has not answered as one since."""
    if standing.state != "live":
        return standing.state.partition(":")[0]
    if portal_lost(standing) and (standing.portal_since or "") > standing.last_seen:
        return "unknown"
    return "changed" if versions > 1 else "live"


def portal_lost(standing: Standing) -> str:
    """What became of the portal as a whole: gone, moved, blocked or dark; "" when it answers, or nobody asked it."""
    state = standing.portal_state.partition(":")[0]
    return "" if state in ("live", "unknown") else state


def why_dark(state: str) -> str:
    """The reason behind "dark: dns": the name of its words, "" for any other state."""
    what, _, why = state.partition(": ")
    return why if what == "dark" else ""


def moved_to(warcs: Path, look: Look) -> str:
    """Where a redirect led, absolute; "" when its record does not say, or is not here."""
    try:
        record = read_at(warcs, Location(look.warc, look.offset, look.length))
        return urljoin(look.url, record.capture.header("Location").strip()) if record.capture else ""
    except (WarcError, ValueError):
        return ""
