"""BibTeX, RIS, CSL-JSON, a wiki template and plain text: one article, or one version of it. Pure.

The address of a citation is the archive's own, which stays; the portal's stands beside it. The day of publication
and the day of capture are two things: without the first, none is given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from archive.text import fold

FORMATS = ("text", "bib", "ris", "json", "wiki")
ARCHIVE = "Tàng Thư"

_VIETNAM = timezone(timedelta(hours=7))
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)")
# Line breaks and control characters would start a new field in RIS, and a new line in a list of sources.
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited. ``version`` None: the article, whatever its text becomes · ``published`` as the store keeps it,
    None when the page prints no day · ``url`` at the portal · ``archived_url`` here, permanent ·
    ``captured_at`` "2026-11-23T09:04:10Z"."""

    id: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    organisation: str | None
    source: str | None
    published: str | None
    portal_name: str
    url: str
    archived_url: str
    captured_at: str

    @property
    def creators(self) -> tuple[str, ...]:
        """Who is named as author: the persons, else the organisation, else the portal."""
        return self.authors or ((self.organisation,) if self.organisation else (self.portal_name,))


def cite(record: Citation, format: str) -> str:
    """The citation, ending with a line break. Raises ValueError for a format that is not in FORMATS."""
    if format not in _WRITERS:
        raise ValueError(f"{format}: unknown format of citation; known are {', '.join(FORMATS)}")
    return _WRITERS[format](record)


def _plain(record: Citation) -> str:
    creators = ", ".join(map(_line, record.creators))
    place = _line(record.portal_name)
    published = _day(record.published)
    when = f"ngày {_vietnamese(published)}" if published else "không rõ ngày đăng"
    version = f", phiên bản {record.version}" if record.version is not None else ""
    captured = _captured(record.captured_at)
    parts = [
        f"{creators}.",
        f"“{_line(record.title)}”.",
        f"{when[0].upper()}{when[1:]}." if place == creators else f"{place}, {when}.",
        f"Dẫn nguồn: {_line(record.source)}." if record.source else "",
        f"{_address(record.url)}.",
        f"Bản lưu{f' ngày {_vietnamese(captured)}' if captured else ''} tại {ARCHIVE}{version}:"
        f" {_address(record.archived_url)}",
    ]
    return " ".join(part for part in parts if part) + "\n"


def _bibtex(record: Citation) -> str:
    published, captured = _day(record.published), _captured(record.captured_at)
    fields = {
        # Braces keep a Vietnamese name whole: its family name comes first, and BibTeX would turn it round.
        "author": " and ".join("{" + _tex(name) + "}" for name in record.creators),
        "title": "{" + _tex(record.title) + "}",
        "organization": _tex(record.portal_name),
        "date": "-".join(published) if published else "",
        "year": published[0] if published else "",
        "url": _address(record.archived_url),
        "urldate": "-".join(captured) if captured else "",
        "note": _tex(_note(record)),
        "langid": "vietnamese",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{_key(record, published)},", *lines, "}"]) + "\n"


def _ris(record: Citation) -> str:
    published, captured = _day(record.published), _captured(record.captured_at)
    lines = [
        ("TY", "ELEC"),
        ("ID", record.id if record.version is None else f"{record.id}-{record.version}"),
        # A comma parts family and given name here; "UBND xã Trung Tú, huyện Ứng Hòa" is no such name.
        *(("AU", _line(name).replace(", ", " - ").replace(",", " ")) for name in record.creators),
        ("TI", _line(record.title)),
        ("T2", _line(record.portal_name)),
        ("PB", _line(record.portal_name)),
        ("PY", published[0] if published else ""),
        ("DA", "/".join(published) if published else ""),
        ("Y2", "/".join(captured) if captured else ""),
        ("UR", _address(record.archived_url)),
        ("N1", _note(record)),
        ("DB", ARCHIVE),
        ("LA", "vi"),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def _csl(record: Citation) -> str:
    published, captured = _day(record.published), _captured(record.captured_at)
    item: dict[str, object] = {
        "id": record.id if record.version is None else f"{record.id}-{record.version}",
        "type": "webpage",
        "title": _line(record.title),
        "author": [{"literal": _line(name)} for name in record.creators],
        "container-title": _line(record.portal_name),
        "language": "vi",
        "URL": _address(record.archived_url),
        "archive": ARCHIVE,
        "archive_location": _address(record.archived_url),
        "note": _note(record),
    }
    for name, day in (("issued", published), ("accessed", captured)):
        if day:
            item[name] = {"date-parts": [[int(part) for part in day]]}
    if record.version is not None:
        item["version"] = str(record.version)
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _wikitext(record: Citation) -> str:
    """Source: vi.wikipedia.org, "Bản mẫu:Chú thích web" and "Trợ giúp:Lỗi CS1"; English names are aliases there.

    Without a state of the address the template shows the archived one first, as it should.
    """
    published, captured = _day(record.published), _captured(record.captured_at)
    first, *others = map(_wiki, record.creators)
    fields = {
        "tác giả": first,
        **{f"author{number}": name for number, name in enumerate(others, 2)},
        "tiêu đề": _wiki(record.title),
        "url": _wiki_address(record.url),
        "ngày": "-".join(published) if published else "",
        "website": _wiki(record.portal_name),
        "ngôn ngữ": "vi",
        "ngày truy cập": "-".join(captured) if captured else "",
        "url lưu trữ": _wiki_address(record.archived_url),
        "ngày lưu trữ": "-".join(captured) if captured else "",
    }
    body = "".join(f" |{name}={value}\n" for name, value in fields.items() if value)
    return f"{{{{Chú thích web\n{body}}}}}\n"


_WRITERS: dict[str, Callable[[Citation], str]] = dict(
    zip(FORMATS, (_plain, _bibtex, _ris, _csl, _wikitext), strict=True)
)

Day = tuple[str, str, str]


def _day(published: str | None) -> Day | None:
    """Year, month and day as the page printed them; None when there is none that a calendar knows."""
    found = _DAY.match(published or "")
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        datetime(int(year), int(month), int(day))
    except ValueError:
        return None
    return year, month, day


def _captured(moment: str) -> Day | None:
    """The day of capture in Vietnam: the evening in Greenwich is the next morning there."""
    try:
        day = datetime.fromisoformat(moment).astimezone(_VIETNAM)
    except (ValueError, OverflowError):
        return _day(moment)
    return f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"


def _vietnamese(day: Day) -> str:
    return "/".join(reversed(day))


def _note(record: Citation) -> str:
    """What no field of these formats holds: the portal's address, whom the portal quoted, the version."""
    parts = [f"URL gốc: {_address(record.url)}"]
    if record.source:
        parts.append(f"Dẫn nguồn: {_line(record.source)}")
    if record.version is not None:
        parts.append(f"Phiên bản {record.version} trong {ARCHIVE}")
    return ". ".join(parts)


def _line(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


def _address(url: str) -> str:
    """One word without the signs that end a field, a template or a link."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f{}\\\"<>|^`]", lambda found: _percent(found.group()), url.strip())


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


_TEX = {
    **{sign: "\\" + sign for sign in "%&_#$"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # BibTeX counts braces whether a backslash stands before them or not.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))


def _key(record: Citation, published: Day | None) -> str:
    name = re.sub(r"[^a-z0-9]", "", fold(record.creators[0]))[:24]
    year = published[0] if published else ""
    version = "" if record.version is None else f"-v{record.version}"
    return f"{name}{year}-{re.sub('[^a-z0-9]', '', record.id)}{version}".lstrip("-")


_WIKI = {"|": "{{!}}", **{sign: f"&#{ord(sign)};" for sign in "[]{}<>'~&="}}


def _wiki(text: str) -> str:
    return "".join(_WIKI.get(character, character) for character in _line(text))


def _wiki_address(url: str) -> str:
    return re.sub(r"[\[\]'~]", lambda found: _percent(found.group()), _address(url))
