"""Citations for readers: Vietnamese, Chicago, APA. Pure.

Sources: The Chicago Manual of Style, 17th edition, 14.205-14.208 (pages of web sites), 14.76 (how many authors),
14.44 (no date), 13.30 (quotations within); Publication Manual of the APA, 7th edition, 8.17, 9.8, 9.29, 10.16.

A Vietnamese name stands whole, family name first, as it is printed: neither manual inverts it. The title stands in
Vietnamese with its own capitals; both manuals ask for the language only beside a title that was translated.
"""

from __future__ import annotations

import re

from archive.cite.record import ARCHIVE, Citation, Day, address, captured, day, line

_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")


def vietnamese(record: Citation) -> str:
    creators = ", ".join(map(line, record.creators))
    place = line(record.portal_name)
    published = day(record.published)
    when = f"ngày {_slashes(published)}" if published else "không rõ ngày đăng"
    version = f", phiên bản {record.version}" if record.version is not None else ""
    received = captured(record.captured_at)
    parts = [
        f"{creators}." if creators else "",
        f"“{line(record.title)}”." if line(record.title) else "",
        f"{when[0].upper()}{when[1:]}." if place in (creators, "") else f"{place}, {when}.",
        f"Dẫn nguồn: {line(record.source)}." if record.source else "",
        f"{address(record.url)}.",
        f"Bản lưu{f' ngày {_slashes(received)}' if received else ''} tại {ARCHIVE}{version}:"
        f" {address(record.archived_url)}",
    ]
    return " ".join(part for part in parts if part) + "\n"


def chicago(record: Citation) -> str:
    """An entry of a bibliography: Author. “Title.” Site, January 6, 2021. URL. Archived …, at URL."""
    place = line(record.portal_name)
    published = day(record.published)
    when = _month_first(published) if published else "n.d."
    title = _single_quotes(line(record.title))
    parts = [
        _ended(_series([line(name) for name in record.creators], "and", most=10, shown=7)),
        f"“{_ended(title)}”" if title else "",
        _ended(f"{place}, {when}" if record.signed and place else when),
        _ended(address(record.url)),
        f"{_archived(record)}.",
    ]
    return " ".join(part for part in parts if part) + "\n"


def apa(record: Citation) -> str:
    """Author. (2021, January 6). Title. Site. URL Archived …, at URL. Plain text has no italics for the title."""
    place = line(record.portal_name)
    published = day(record.published)
    when = f"{published[0]}, {_MONTHS[int(published[1]) - 1]} {int(published[2])}" if published else "n.d."
    parts = [
        _ended(_apa_names([line(name) for name in record.creators])),
        f"({when}).",
        _ended(line(record.title)),
        _ended(place) if record.signed else "",
        # No full stop after an address: it would be taken for a part of it.
        address(record.url),
        _archived(record),
    ]
    return " ".join(part for part in parts if part) + "\n"


def _archived(record: Citation) -> str:
    received = captured(record.captured_at)
    when = f" {_month_first(received)}," if received else ""
    begin = "Archived" if record.version is None else f"Version {record.version}, archived"
    return f"{begin}{when} at {address(record.archived_url)}"


def _series(names: list[str], last: str, most: int, shown: int) -> str:
    """ "A", "A and B", "A, B, and C"; of more than ``most`` the first ``shown``, et al."""
    if len(names) > most:
        return ", ".join(names[:shown]) + ", et al."
    if len(names) < 3:
        return f" {last} ".join(names)
    return ", ".join(names[:-1]) + f", {last} {names[-1]}"


def _apa_names(names: list[str]) -> str:
    """ "A", "A, & B"; of more than twenty the first nineteen and the last."""
    if len(names) > 20:
        return ", ".join(names[:19]) + ", . . . " + names[-1]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f", & {names[-1]}"


def _ended(text: str) -> str:
    """With its full stop, unless it ends with a mark of its own."""
    return text if not text or text[-1] in ".?!…" else text + "."


def _single_quotes(title: str) -> str:
    """Quotation marks of a title that itself stands within double ones: single."""
    turned = title.replace("“", "‘").replace("”", "’")
    turned = re.sub(r'(^|[\s(\[{‘])"', r"\1‘", turned)
    return turned.replace('"', "’")


def _slashes(known: Day) -> str:
    return "/".join(reversed(known))


def _month_first(known: Day) -> str:
    year, month, number = known
    return f"{_MONTHS[int(month) - 1]} {int(number)}, {year}"
