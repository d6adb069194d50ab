"""Citations for programs: BibTeX, RIS, CSL-JSON. Pure."""

from __future__ import annotations

import json
import re

from archive.cite.record import ARCHIVE, Citation, Day, address, captured, day, line, note
from archive.text import fold

_TEX = {
    **{sign: "\\" + sign for sign in "%&_#$"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # BibTeX counts braces whether a backslash stands before them or not.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "`": r"\textasciigrave{}",
}
# What TeX would join: "--" to a dash, "''" to a quotation mark, "<<" and ",," to others'.
_JOINED = re.compile(r"(?<=-)-|(?<=')'|(?<=<)<|(?<=>)>|(?<=,),")


def bibtex(record: Citation) -> str:
    published, received = day(record.published), captured(record.captured_at)
    fields = {
        # Braces keep a Vietnamese name whole: its family name comes first, and BibTeX would turn it round.
        "author": " and ".join("{" + _tex(name) + "}" for name in record.creators),
        "title": "{" + _tex(record.title) + "}",
        "organization": _tex(record.portal_name),
        "date": "-".join(published) if published else "",
        "year": published[0] if published else "",
        "url": address(record.archived_url),
        "urldate": "-".join(received) if received else "",
        "note": _tex(note(record)),
        "langid": "vietnamese",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{_key(record, published)},", *lines, "}"]) + "\n"


def ris(record: Citation) -> str:
    published, received = day(record.published), captured(record.captured_at)
    lines = [
        ("TY", "ELEC"),
        ("ID", record.key),
        # A comma parts family and given name here; "UBND xã Trung Tú, huyện Ứng Hòa" is no such name.
        *(("AU", re.sub(r"[\s,]*,[\s,]*", " - ", line(name)).strip(" -")) for name in record.creators),
        ("TI", line(record.title)),
        ("T2", line(record.portal_name)),
        ("PB", line(record.portal_name)),
        ("PY", published[0] if published else ""),
        ("DA", "/".join(published) if published else ""),
        ("Y2", "/".join(received) if received else ""),
        ("UR", address(record.archived_url)),
        ("N1", note(record)),
        ("DB", ARCHIVE),
        ("LA", "vi"),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value) + "ER  - \r\n"


def csl(record: Citation) -> str:
    published, received = day(record.published), captured(record.captured_at)
    item: dict[str, object] = {
        "id": record.key,
        "type": "webpage",
        "title": line(record.title),
        "author": [{"literal": line(name)} for name in record.creators],
        "container-title": line(record.portal_name),
        "language": "vi",
        "URL": address(record.archived_url),
        "archive": ARCHIVE,
        "note": note(record),
    }
    for name, known in (("issued", published), ("accessed", received)):
        if known:
            item[name] = {"date-parts": [[int(part) for part in known]]}
    if record.version is not None:
        item["version"] = str(record.version)
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _tex(text: str) -> str:
    escaped = "".join(_TEX.get(character, character) for character in line(text))
    return _JOINED.sub(lambda found: "{}" + found.group(), escaped)


def _key(record: Citation, published: Day | None) -> str:
    name = re.sub(r"[^a-z0-9]", "", fold(record.creators[0]))[:24]
    year = published[0] if published else ""
    version = "" if record.version is None else f"-v{record.version}"
    return f"{name}{year}-{re.sub('[^a-z0-9]', '', record.id)}{version}".lstrip("-")
