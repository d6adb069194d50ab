"""A printed line → who signed. Knows lines only; where on the page they stand is asked in signature.py."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from archive.model import Byline
from archive.text import normalise

from .names import is_initials, persons
from .words import form, longest_first, patterns, starts, words

LONGEST = 160  # characters; no byline seen is longer
_DOMAIN = re.compile(r"(?:https?://\S+|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org|info)(?:/\S*)?)", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_ORG_BREAK = re.compile(r"\s+[-–—]\s+|\s*[–—]\s*|\s*[,;:/]\s*|\s+và\s+|\s*\(\s*")


@lru_cache(maxsize=1)
def _label() -> re.Pattern[str]:
    """One or several roles and the sign that ends them: "Tin, ảnh:", "Bài và ảnh -"."""
    every = sorted(words("byline", "roles") | words("byline", "source_roles"), key=len, reverse=True)
    # Possessive, so that no line takes long to refuse: "tin, ảnh" a thousand times over and no colon.
    role = "(?>" + "|".join(map(_loose, every)) + r")(?!\w)"
    more = rf"(?:\s*+(?:(?:[,;/&+–-]|và(?!\w))\s*+)?+{role})*+"
    return re.compile(rf"(?<!\w)({role}{more})\s*+(?:[:：]|\.{{2,}}+:?)\s*", re.IGNORECASE)


@lru_cache(maxsize=1)
def _bare_label() -> re.Pattern[str]:
    role = "|".join(_loose(word) for word in longest_first("byline", "bare_roles"))
    return re.compile(rf"((?:{role}))[.]?\s*[-–]?\s+(?:của\s+)?(?=\S)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _closing() -> re.Pattern[str]:
    role = "|".join(_loose(word) for word in longest_first("byline", "closing_roles"))
    return re.compile(rf"(.+?)(?:\s+[-–]\s+|,\s*|\s+)((?:{role}))$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _verb() -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first("byline", "verbs"))) + r")(?!\w)")


@lru_cache(maxsize=1)
def _ignored() -> re.Pattern[str]:
    return re.compile(r"\s*,?\s*(?:" + "|".join(patterns("byline", "ignored")) + r")\s*$", re.IGNORECASE)


def _loose(word: str) -> str:
    """Signs and blanks inside a role may be printed in several ways: "T/h", "T / H"; old tone placement too."""
    return re.escape(word).replace(r"\ ", r"\s+").replace("/", r"\s*/\s*")


def read(line: str, signed: bool = False) -> Byline | None:
    """The byline that ``line`` is, or None when it is anything else. ``text`` of the result is the line.

    ``signed``: the line is printed as signatures are (right-aligned, bold, in brackets, alone below the body),
    so that a name or an organisation without a label is believed.
    """
    text = normalise(line)
    if not text or len(text) > LONGEST or starts(text, "byline", "cms_roles") or not any(c.isalpha() for c in text):
        return None
    inner = text.removesuffix("./.").strip(" *_~-–—|.·•")
    bracketed = len(inner) > 2 and inner[0] in "([" and inner[-1] in ")]" and not re.search(r"[)\]].*[(\[]", inner)
    if bracketed:
        inner = inner[1:-1].strip()
    found = _labelled(inner) or _source(inner, bracketed) or _bare(inner, signed or bracketed)
    if found is None and (signed or bracketed):
        found = _unlabelled(inner)
        if found and not any(" " in name for name in found.authors) and text.endswith(".") and not is_desk(inner):
            return None  # "Hội nông dân huyện dự." is a sentence, "TT./." the end of a notice
    return found and Byline(text, found.role, found.authors, found.organisation, found.source)


def with_source(signed: Byline, more: Byline | None) -> Byline | None:
    """Both as one byline, where ``more`` only says whence the news of ``signed`` is: "Tác giả: A", then "Nguồn: B"."""
    if more is None or more.authors or not (more.source and signed.authors) or signed.source:
        return None
    return replace(signed, text=f"{signed.text} {more.text}", source=more.source)


def is_desk(text: str) -> bool:
    """ "BBT", "P.V", "Ban biên tập"."""
    return form(text) in words("byline", "desks") or form(text.replace(".", "")) in words("byline", "desks")


def is_photo_credit(byline: Byline) -> bool:
    """Whether a byline says only who took the picture."""
    return bool(byline.role) and all(
        form(part) in words("byline", "photo_roles") for part in re.split(r"[,;]\s*", byline.role)
    )


def labels(text: str) -> list[int]:
    """The places near the end of ``text`` where a label stands."""
    start = max(0, len(text) - 2 * LONGEST)
    return [start + found.start() for found in _label().finditer(text[start:])]


def _labelled(text: str) -> Byline | None:
    """ "Bài: A; Ảnh: B" → role "Bài; Ảnh", authors A and B."""
    found = list(_label().finditer(text))
    if not found or found[0].start() != 0:
        return None
    roles, authors = [], []
    organisation = source = None
    for i, label in enumerate(found):
        rest = text[label.end() : found[i + 1].start() if i + 1 < len(found) else len(text)].strip(" ;,-–.(|")
        role = normalise(label[1])
        part = _source_of(rest, role) if form(role) in words("byline", "source_roles") else _who(rest, True)
        if part is None:
            return None
        roles.append(role)
        authors += [name for name in part.authors if name not in authors]
        if part.role and not authors:
            roles.append(part.role)
        organisation, source = organisation or part.organisation, source or part.source
    return Byline("", "; ".join(roles), tuple(authors), organisation, source)


def _source_of(rest: str, role: str) -> Byline | None:
    """What follows "Nguồn:" or "Theo:": a paper, a site, a desk; or a person of a paper."""
    if not rest or len(rest.split()) > 14 or re.search(r"\d{1,2}/\d{1,2}|\.\s+\S", rest):
        return None
    if form(role) == "theo" and not _is_source(rest) and not persons(rest, True):
        return None
    return Byline("", "", (), None, rest)


def _source(text: str, bracketed: bool) -> Byline | None:
    """ "Theo Báo Nam Định", "(Nguồn HNP)": no colon, so what follows must be a medium."""
    role = starts(text, "byline", "source_roles")
    if not role:
        return None
    printed = " ".join(text.split(" ")[: len(role.split(" "))])
    rest = text[len(printed) :].strip(" :.-–")
    if not rest or len(rest.split()) > 10 or re.search(r",\s+[^\W\dA-ZĐ]|\.\s", rest):
        return None
    if _is_source(rest) or (bracketed and rest[0].isupper()):
        return Byline("", printed, (), None, rest)
    inside = _BRACKETS.search(rest)
    if inside and _is_source(inside[1]) and persons(rest[: inside.start()], True):
        return Byline("", printed, (), None, rest)
    return None


def _is_source(text: str) -> bool:
    if _DOMAIN.fullmatch(text.split(" ")[-1].strip("()")):
        return True
    if not text[:1].isupper() and form(text.split(" ")[0]) not in words("byline", "media"):
        return False
    # "Theo Báo cáo của …" begins a sentence; a medium's name goes on with a capital or ends.
    if re.match(r"báo\s+cáo", text, re.IGNORECASE):
        return False
    return bool(starts(text, "byline", "media")) or bool(re.fullmatch(r"[A-ZĐ&]{3,8}", text))


def _bare(text: str, signed: bool) -> Byline | None:
    """ "CTV Tô Quang Bình", "PV Lệ Minh"."""
    found = _bare_label().match(text)
    if not found:
        return None
    if (quoted := re.match(r"(?:từ|theo)\s+(.+)", text[found.end() :], re.IGNORECASE)) and _is_source(quoted[1]):
        return Byline("", normalise(found[1]), (), None, quoted[1])
    who = _who(text[found.end() :], True)
    if who is None or not who.authors or not (signed or all(len(name.split()) > 1 for name in who.authors)):
        return None
    return Byline("", normalise(found[1]), who.authors, who.organisation, who.source)


def _unlabelled(text: str) -> Byline | None:
    if (label := _label().search(text)) and (names := persons(text[: label.start()].strip(" ;,-–"), False)):
        rest = _labelled(text[label.start() :])  # "Đức Hoà; ảnh: Thuý Nga"
        return rest and replace(rest, authors=tuple(dict.fromkeys(names + rest.authors)))
    if is_desk(text):
        return Byline("", "", (), text, None)
    if is_initials(text):
        return Byline("", "", (text,), None, None)
    return _who(text, False)


def _who(text: str, labelled: bool) -> Byline | None:
    """Names, organisation, what stands in brackets behind them: "Hoàng Long (Theo Báo Nam Định)"."""
    text = _ignored().sub("", text).strip(" .,;:-–")
    if not text:
        return None
    if inside := _BRACKETS.search(text):
        head = _who(text[: inside.start()], labelled) if inside.start() else None
        return head and _in_brackets(head, inside[1].strip())
    if names := persons(text, labelled):
        return Byline("", "", names, None, None)
    if (closed := _closing().match(text)) and (names := persons(closed[1], labelled)):
        return Byline("", normalise(closed[2]), names, None, None)
    if form(text) in words("byline", "desks"):
        return Byline("", "", (), text, None)
    return _with_organisation(text, labelled) or _organisation_only(text)


def _in_brackets(head: Byline, inside: str) -> Byline:
    source = _source(inside, True) or _labelled(inside) or _bare(inside, True)
    role, organisation, said = head.role, head.organisation, head.source
    if source and source.source:
        said = said or source.source
        role = role or ("" if form(source.role) in words("byline", "source_roles") else source.role)
    elif form(inside) in words("byline", "closing_roles") | words("byline", "roles"):
        role = role or inside
    elif source and source.authors:
        return Byline("", role, tuple(dict.fromkeys(head.authors + source.authors)), organisation, said)
    elif _is_source(inside) and not starts(inside, "byline", "organisations"):
        said = said or inside
    elif inside and not any(c.isdigit() for c in inside):
        organisation = organisation or inside
    return Byline("", role, head.authors, organisation, said)


def _with_organisation(text: str, labelled: bool) -> Byline | None:
    """ "Trần Hùng – Đài PT huyện"; "Đài PT huyện: Trần Hùng"; the organisation's own name may hold commas."""
    for gap in _ORG_BREAK.finditer(text):
        before, after = text[: gap.start()], text[gap.end() :].rstrip(" )")
        if (names := persons(before, labelled)) and (place := _organisation(after)):
            return Byline("", "", names, place, None)
        if (place := _organisation(before)) and (names := persons(after, labelled)):
            return Byline("", "", names, place, None)
    return None


def _organisation_only(text: str) -> Byline | None:
    organisation = _organisation(text)
    if not organisation or organisation != text or re.search(r"\d", text):
        return None
    return Byline("", "", (), organisation, None)


def _organisation(text: str) -> str | None:
    """ "Giám đốc Sở TT&TT" → "Sở TT&TT"; None when it is no organisation, or goes on like a sentence."""
    text = text.strip(" .;")
    if len(text.split()) > 14 or re.search(r"[.!?]\s|\d{1,2}/\d|:", text):
        return None
    if starts(text, "byline", "desks") and form(text) in words("byline", "desks"):
        return text
    if position := starts(text, "byline", "positions"):
        rest = " ".join(text.split(" ")[len(position.split(" ")) :]).strip(" ,-–")
        return rest if rest and (rest[0].isupper() or starts(rest, "byline", "organisations")) else text
    if starts(text, "byline", "not_organisations"):
        return None
    if not starts(text, "byline", "organisations") or not (text[0].isupper() or text.split(" ")[0] in ("xã", "huyện")):
        return None
    return None if _is_sentence(text) else text


def _is_sentence(text: str) -> bool:
    """Verbs and long runs of small words: "Trung tâm Văn hóa, Thể thao và Du lịch huyện" is none."""
    tokens = text.split(" ")
    if _verb().search(" ".join(tokens[1:])):
        return True
    small = 0
    for token in tokens:
        small = small + 1 if token[:1].islower() else 0
        if small >= 6:
            return True
    return False
