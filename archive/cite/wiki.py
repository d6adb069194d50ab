"""Citations for Wikipedia: "Chú thích web" of the Vietnamese one, {{cite web}} of the English one. Pure.

Sources: vi.wikipedia.org, "Bản mẫu:Chú thích web" and "Trợ giúp:Lỗi CS1"; en.wikipedia.org, "Template:Cite web" and
"Help:Citation Style 1". Both are one module (CS1); in Vietnamese the English names of its parameters are aliases, and
``url-status`` with its English words is known to both.
"""

from __future__ import annotations

import re

from archive.cite.record import Citation, address, captured, day, line, percent

_SIGNS = {"|": "{{!}}", **{sign: f"&#{ord(sign)};" for sign in "[]{}<>'~&="}}


def vietnamese_wikipedia(record: Citation) -> str:
    published, received = day(record.published), captured(record.captured_at)
    fields = {
        **_authors(record, "tác giả"),
        "tiêu đề": _wiki(record.title),
        "url": _wiki_address(record.url),
        "ngày": "-".join(published) if published else "",
        "website": _wiki(record.portal_name),
        "ngôn ngữ": "vi",
        "ngày truy cập": "-".join(received) if received else "",
        "url lưu trữ": _wiki_address(record.archived_url),
        "ngày lưu trữ": "-".join(received) if received else "",
        "url-status": url_status(record),
    }
    return _template("Chú thích web", fields)


def english_wikipedia(record: Citation) -> str:
    published, received = day(record.published), captured(record.captured_at)
    fields = {
        **_authors(record, "author"),
        "title": _wiki(record.title),
        "url": _wiki_address(record.url),
        "date": "-".join(published) if published else "",
        "website": _wiki(record.portal_name),
        "language": "vi",
        "access-date": "-".join(received) if received else "",
        "archive-url": _wiki_address(record.archived_url),
        "archive-date": "-".join(received) if received else "",
        "url-status": url_status(record),
    }
    return _template("cite web", fields)


def url_status(record: Citation) -> str:
    """What the template is told of the portal's address; "" when that is not proven.

    Without it the template shows the archived copy first and claims nothing. ``deviated``: the address answers, and
    not with this text · ``usurped``: the domain is parked, and the template no longer links to it · ``dead`` takes two
    looks without an answer, or one that says gone. Blocked may be us alone.
    """
    if record.state == "live":
        return "live" if record.latest else "deviated"
    if record.state == "moved":
        return "deviated"
    if record.state == "gone":
        return "dead"
    if record.state.startswith("dark") and record.looks > 1:
        return "usurped" if record.state.endswith("parked") else "dead"
    return ""


def _authors(record: Citation, first: str) -> dict[str, str]:
    """A portal that nobody signs for is the ``website``, and no author."""
    names = [_name(name) for name in record.signed]
    return {first if number == 1 else f"author{number}": name for number, name in enumerate(names, 1)}


def _name(name: str) -> str:
    """The module takes commas and digits for several names or for a mistake, unless double parentheses stand round."""
    written = _wiki(name)
    return f"(({written}))" if re.search(r"[,;\d]", line(name)) else written


def _template(name: str, fields: dict[str, str]) -> str:
    body = "".join(f" |{field}={value}\n" for field, value in fields.items() if value)
    return f"{{{{{name}\n{body}}}}}\n"


def _wiki(text: str) -> str:
    return "".join(_SIGNS.get(character, character) for character in line(text))


def _wiki_address(url: str) -> str:
    return re.sub(r"[\[\]'~]", lambda found: percent(found.group()), address(url))
