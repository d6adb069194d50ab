"""Vietnamese from before Unicode, recognised by what it becomes.

Old portals hold letters of a font's own making ("C«ng an huyÖn" in .VnTime, "Coäng hoøa" in VNI-Times), windows-1258
under another name, and UTF-8 that was encoded twice. All of it reaches us as *carriers*: the characters that
windows-1252 shows for its bytes. A run of text is converted when that makes Vietnamese syllables of words which were
none; every other run is left exactly as it is.

Sources: TCVN 5712:1993 (VN3), RFC 1456 (VISCII), Microsoft's code page 1258, the VNI-Windows key map.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.entities import codepoint2name
from itertools import islice
from typing import NamedTuple

from .syllables import is_syllable

# What windows-1252 shows for each byte; the five that it leaves open are themselves, as browsers have it.
_SHOWN = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256))
_BYTE = {ord(letter): b for b, letter in enumerate(_SHOWN)} | {b: b for b in range(0x80, 0xA0)}


def _table(*rows: tuple[int, str]) -> dict[int, str]:
    """Rows of (first byte, letters; blank: none) → carrier → letter. The bytes 80 to 9F come as C1 controls too."""
    pairs = {first + i: letter for first, letters in rows for i, letter in enumerate(letters) if letter != " "}
    return {ord(_SHOWN[b]): letter for b, letter in pairs.items()} | pairs


_TCVN3 = _table(
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ ằẳẵắ"),
    (0xC6, "ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ"),
)
_VISCII = _table(
    *((at, letter) for at, letter in zip(b"\x02\x05\x06\x14\x19\x1e", "ẲẴẪỶỸỴ", strict=True)),
    (0x80, "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"),
    (0xC0, "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"),
)
_CP1258 = dict(zip(map(ord, "ÃÌÐÒÕÝÞãìðòõýþ"), "Ă\u0300Đ\u0309ƠƯ\u0303ă\u0301đ\u0323ơư₫", strict=True))


def _vni() -> dict[str, str]:
    """A base letter and the mark behind it → one letter; what has a place of its own → that letter."""
    tones = "\u0301\u0300\u0309\u0303\u0323"
    found = dict(zip("ñôöíìæóòî", "đơưíìỉĩịỵ", strict=True))
    for letter in "aeouyôö":
        found |= {letter + mark: found.get(letter, letter) + tone for mark, tone in zip("ùøûõï", tones, strict=True)}
    for letter in "aeo":
        found |= {letter + mark: letter + "\u0302" + tone for mark, tone in zip("âáàåãä", ["", *tones], strict=True)}
    found |= {"a" + mark: "a\u0306" + tone for mark, tone in zip("êéèúüë", ["", *tones], strict=True)}
    found = {carriers: unicodedata.normalize("NFC", letter) for carriers, letter in found.items()}
    upper = {carriers.upper(): letter.upper() for carriers, letter in found.items()}
    mixed = {pair[0].upper() + pair[1]: letter.upper() for pair, letter in found.items() if len(pair) == 2}
    return found | upper | mixed


_VNI = _vni()
_VNI_LETTER = re.compile("[aeouyôöAEOUYÔÖ][ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË]|[ñôöíìæóòîÑÔÖÍÌÆÓÒÎ]")
# A bullet or a sign of its own is what it looks like, also within TCVN3: "© 2009", "· Tin tức", "¼ ha".
_LONE_SIGN = re.compile(r"(?<![^\s\d!-,./:-@\[-`{-~])([¨©«¬\xad®§¶·¹»¼½¾×])(?![^\s\d!-,./:-@\[-`{-~])")
_TAIL = "[" + re.escape("".join(_SHOWN[0x80:0xC0])) + "\x80-\x9f]"
_UTF8 = re.compile(f"[Â-ß]{_TAIL}|[à-ï]{_TAIL}{{2}}|[ð-ô]{_TAIL}{{3}}")


def _from_tcvn3(text: str) -> str:
    parts = _LONE_SIGN.split(text)
    parts[::2] = [part.translate(_TCVN3) for part in parts[::2]]
    return "".join(parts)


def _from_vni(text: str) -> str:
    return _VNI_LETTER.sub(lambda m: _VNI.get(m[0], m[0]), text)


def _from_utf8(text: str) -> str:
    return _UTF8.sub(lambda m: bytes(_BYTE[ord(c)] for c in m[0]).decode("utf-8", "ignore") or m[0], text)


_SYSTEMS: dict[str, Callable[[str], str]] = {
    "utf-8": _from_utf8,
    "tcvn3": _from_tcvn3,
    "vni": _from_vni,
    "cp1258": lambda text: text.translate(_CP1258),
    "viscii": lambda text: text.translate(_VISCII),
}
# The letters that mean in a system what they show; nearly all of them do in the two code pages.
_KEEPS = {"utf-8": "", "tcvn3": "ý", "vni": "ìíÌÍ", "cp1258": _SHOWN, "viscii": _SHOWN}


# Evidence

_QUOTES = "\u201e \t\xa0\u2013\u2014\u2026\u201c\u201d\u2018\u2019\u200b\ufeff«»"
_BETWEEN = re.compile("[\xa0\u2013\u2014\u2026\u201c\u201d\u2018\u2019]+")


def _reads(text: str) -> bool:
    """Whether a word, or several joined by a no-break space or a dash, is Vietnamese throughout."""
    words = _BETWEEN.split(unicodedata.normalize("NFC", text).strip(_QUOTES))
    return all(is_syllable(word) for word in words)


_TOKEN = re.compile("[A-Za-z\x80-\U0010ffff]+")
_SIGN = re.compile("[\xa1-\xbf×÷]")
_ACRONYM = re.compile("[A-ZĐ]{2,7}")
_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300-\u0323\u1ea0-\u1ef9]")
_LONGEST = 40  # of a word that could be one, in carriers, with what no-break spaces join to it
_DISTINCT = 20_000  # words of a page that are looked at; the rest of a page with more is taken for neutral
_MOST = 10_000  # runs of a page that are looked at; 2 MB of honest page have a tenth of them
_EITHER, _WRONG = -1, -2
_ENOUGH = {"viscii": 9}  # it has a letter for every byte, also for quotes and signs: "nº" proves little


def _weigh(token: str) -> dict[str, int]:
    """What a word with carriers says about each system: its weight as evidence, or either, or wrong; no entry: nothing.

    Either: fine as it is and as what it would become. Wrong: it would become no word, or the system cannot write it.
    """
    if len(token) > _LONGEST or not (bare := token.strip(_QUOTES)):
        return {}
    right, found = _reads(token), {}
    carriers = sum(letter > "\x7f" for letter in token)
    for name, convert in _SYSTEMS.items():
        made = convert(token)
        if made == token:
            keeps = right and all(letter in _KEEPS[name] for letter in token if letter > "\x7f")
            weight = 0 if keeps or not any(map(str.isalpha, token)) else _WRONG
        elif bare.isascii():
            weight = _EITHER if _reads(made) else 0  # «tin»: its quotes may be letters, but they prove nothing
        elif len(made) == 1 or _ACRONYM.fullmatch(made):
            weight = _EITHER
        elif not _reads(made):
            weight = _WRONG
        else:
            weight = _EITHER if right else min(3, carriers + bool(_SIGN.search(token)))
        if weight:
            found[name] = weight
    return found


@dataclass(slots=True)
class _Tally:
    """How many words of a run become Vietnamese under a system, with what weight; how many do not, or are either."""

    words: int = 0
    weight: int = 0
    wrong: int = 0
    either: int = 0


class _Font(NamedTuple):
    system: str = ""
    capitals: bool = False


@dataclass(slots=True)
class _Run:
    """A line of a text node or attribute, ``source[start:end]``; ``text`` without the entities of letters.

    ``system``: what it is written in, "unicode" when that is sure, "" while open.
    """

    start: int
    end: int
    text: str
    font: _Font
    tallies: dict[str, _Tally] = field(default_factory=dict)
    system: str = ""


def _examine(run: _Run, seen: dict[str, dict[str, int]]) -> None:
    """Fills ``tallies``, and ``system`` where the run alone says enough."""
    if _UNICODE.search(run.text):
        run.system = "unicode"
        return
    tokens = dict.fromkeys(_TOKEN.findall(run.text))  # a word said twice proves no more
    for token in tokens:
        if token not in seen:
            seen[token] = _weigh(token) if not token.isascii() and len(seen) < _DISTINCT else {}
        for name, weight in seen[token].items():
            tally = run.tallies.setdefault(name, _Tally())
            tally.words += weight > 0
            tally.weight += max(0, weight)
            tally.wrong += weight == _WRONG
            tally.either += weight == _EITHER
    if not run.tallies:
        return
    name, best = max(run.tallies.items(), key=lambda item: item[1].weight - 2 * item[1].wrong)
    of_font = run.font.system == name
    if best.weight >= (1 if of_font else _ENOUGH.get(name, 3)) and best.wrong * 3 <= best.words:
        plain = [word for word in tokens if word.isascii() and len(word) > 1 and not word.isupper()]
        if of_font or sum(map(is_syllable, plain)) + best.words >= (len(plain) + best.words + best.wrong) / 2:
            run.system = name


def _settle(runs: list[_Run], seen: dict[str, dict[str, int]], named: set[str]) -> None:
    """Open runs follow their font, their neighbours, then the page: a system that most of its words agree on."""
    page = Counter(run.system for run in runs if run.system)
    if not any(name in _SYSTEMS for name in page):
        weight, wrong = Counter[str](), Counter[str]()
        for name, value in (item for found in seen.values() for item in found.items()):
            weight[name] += max(0, value)
            wrong[name] += value == _WRONG
        name = max(_SYSTEMS, key=lambda name: weight[name] - 2 * wrong[name])
        if weight[name] >= (1 if name in named else _ENOUGH.get(name, 4)) and wrong[name] * 4 <= weight[name]:
            page[name] += 1
    common = [name for name, _ in page.most_common() if name in _SYSTEMS]
    if not common and not any(run.font.system for run in runs):
        return
    for run, sides in zip(runs, _neighbours(runs), strict=True):
        if not run.system:
            run.system = _follow(run, sides, common)


def _neighbours(runs: list[_Run]) -> list[set[str]]:
    """For each run the systems of the nearest sure runs before and behind it."""
    sides: list[set[str]] = [set() for _ in runs]
    for order in (range(len(runs)), range(len(runs) - 1, -1, -1)):
        last = ""
        for i in order:
            if last:
                sides[i].add(last)
            last = runs[i].system or last
    return sides


def _follow(run: _Run, sides: set[str], common: list[str]) -> str:
    for name in [run.font.system, *sorted(sides & _SYSTEMS.keys()), *common]:
        tally, own = run.tallies.get(name, _Tally()), run.font.system == name
        near = bool(name) and (name in sides or (own and not sides))
        if tally.words and (not tally.wrong or (near and tally.wrong < tally.words)):
            return name
        if near and tally.either and not tally.wrong and (own or (len(sides) == 1 and len(run.text.strip()) > 1)):
            return name
        if near and run.font.capitals and run.text.isascii():
            return name
    return ""


# Pages

_PIECE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[/!?a-z][^>]*>?|[^<]*(?:<(?![/!?a-z])[^<]*)+|[^<]+",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""\s(?:title|alt|content)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_TAG_NAME = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_FACE = re.compile(r"(?:face\s*=|font(?:-family)?\s*:)((?:&\w{1,9};|[^;>]){0,200})", re.IGNORECASE)
_FONT_NAME = re.compile(r"(?<!\w)(?:(\.Vn\w+)|(VNI[- ]\w))", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#(?:x[0-9a-f]{2,5}|[0-9]{3,6});?|[a-z]{2,8}[0-9]{0,2};)", re.IGNORECASE)
_ENTITY_OR_TEXT = re.compile(r"&\w*;?|[^&]+")
_LINE = re.compile(r"[^\r\n]+")
_ONE_AT_A_TIME = {"p", "li", "td", "th", "tr", "option", "dd", "dt"}  # a new one ends an open one
_CHILDLESS = {"br", "img", "hr", "meta", "link", "input", "base", "area", "col", "embed", "param", "wbr", "source"}
# Each is rare in Unicode Vietnamese, and one of them stands in nearly every sentence of each system.
_MARKS = "µ¸®øñöäðÞØÑÖÄÆº‡"
_MARK_ENTITIES = {
    name[:4] for i in map(ord, _MARKS) for name in (f"#{i};", f"#x{i:x}", f"#x{i:X}", f"{codepoint2name[i]};")
}


def to_unicode(text: str) -> str:
    """Text with its legacy runs converted, decided line by line; text without such runs is returned as it is."""
    if text.isascii() or not any(map(text.__contains__, _MARKS)):
        return text
    runs = (_Run(m.start(), m.end(), m[0], _Font()) for m in _LINE.finditer(text) if not m[0].isascii())
    return _write(text, _judge(runs, set()))


def convert_page(page: str) -> str:
    """HTML (or plain text) with the legacy runs of its text and of title, alt and content attributes converted.

    Fonts named by elements are evidence, and those of capitals (.VnTimeH) give capitals. Entities of letters within a
    converted run become those letters. A page without evidence is returned as it is.
    """
    if not any(map(page.__contains__, _MARKS)) and not _has_entities(page):
        return page
    return _write(page, _judge(_runs(page), _named(page)))


def read(body: bytes, declared: str = "") -> str | None:
    """Bytes that are no UTF-8 as text, if they hold Vietnamese of these systems; None: they do not.

    Runs of one page may be in several: a menu in UTF-8, an article in TCVN3. ``declared`` "cp1258" and else the
    commonest of UTF-8 and windows-1258 is believed for everything that does not show its system.
    """
    page = codecs.charmap_decode(body, "replace", _SHOWN)[0]
    runs = _judge(_runs(page), _named(page))
    sure, foreign = Counter[str](), 0
    for run in runs:
        if run.system in _SYSTEMS:
            sure[run.system] += run.tallies.get(run.system, _Tally()).words
        elif run.tallies:
            foreign += min(run.tallies[name].wrong if name in run.tallies else 0 for name in _SYSTEMS)
    if sum(sure.values()) <= foreign:
        return None
    rest = "cp1258" if declared == "cp1258" else max(("cp1258", "utf-8"), key=lambda name: sure[name])
    return _write(page, runs, _SYSTEMS[rest] if sure[rest] or declared == rest else None)


def _has_entities(page: str) -> bool:
    at = page.find("&")
    while at >= 0:
        if page[at + 1 : at + 5] in _MARK_ENTITIES:
            return True
        at = page.find("&", at + 1)
    return False


def _named(page: str) -> set[str]:
    return {"tcvn3" if m[1] else "vni" for m in _FONT_NAME.finditer(page)}


def _judge(found: Iterator[_Run], named: set[str]) -> list[_Run]:
    runs, seen = list(islice(found, _MOST)), dict[str, dict[str, int]]()
    for run in runs:
        _examine(run, seen)
    _settle(runs, seen, named)
    return runs


def _runs(page: str) -> Iterator[_Run]:
    """The lines of a page's text nodes and readable attributes that hold carriers, or are set in a capital font."""
    fonts: list[tuple[str, _Font]] = []
    styled = _FONT_NAME.search(page) is not None
    for piece in _PIECE.finditer(page):
        text, font = piece[0], fonts[-1][1] if fonts else _Font()
        if text[0] != "<":
            for line in _LINE.finditer(text):
                yield from _run(line[0], piece.start() + line.start(), font)
        elif "=" in text and text[:4] != "<!--" and not piece[1]:
            for value in _ATTRIBUTE.finditer(text):
                which = 1 if value[1] is not None else 2
                yield from _run(value[which], piece.start() + value.start(which), _Font())
        if styled and text[0] == "<" and not piece[1]:
            _nest(text, fonts)


def _run(source: str, start: int, font: _Font) -> Iterator[_Run]:
    text = source if "&" not in source else _ENTITY.sub(_letter, source)
    if not text.isascii() or (font.capitals and not text.isspace()):
        yield _Run(start, start + len(source), text, font)


def _letter(entity: re.Match[str]) -> str:
    letter = html.unescape(entity[0])
    return letter if len(letter) == 1 and letter > "\x7f" else entity[0]


def _nest(tag: str, fonts: list[tuple[str, _Font]]) -> None:
    """Keeps the open elements and the font each of them sets or inherits."""
    name = _TAG_NAME.match(tag)
    if not name or (kind := name[1].lower()) in _CHILDLESS:
        return
    if tag[1] == "/" or kind in _ONE_AT_A_TIME:
        depth = next((i for i in range(len(fonts) - 1, max(-1, len(fonts) - 25), -1) if fonts[i][0] == kind), None)
        if depth is not None and (tag[1] == "/" or depth == len(fonts) - 1):
            del fonts[depth:]
    if tag[1] == "/" or tag.endswith("/>"):
        return
    font = fonts[-1][1] if fonts else _Font()
    for face in _FACE.finditer(tag):
        named = _FONT_NAME.search(face[1])
        capitals = bool(named and named[1] and (named[1].endswith("H") or re.fullmatch(r"\.vn[a-z]+h", named[1])))
        font = _Font("tcvn3" if named[1] else "vni", capitals) if named else _Font()
    fonts.append((kind, font))


def _write(source: str, runs: list[_Run], rest: Callable[[str], str] | None = None) -> str:
    """``source`` with its converted runs; what lies between them as ``rest`` makes it."""
    out: list[str] = []
    at = 0
    for run in runs:
        if run.system not in _SYSTEMS:
            continue
        between = source[at : run.start]
        out += [rest(between) if rest else between, _convert(run)]
        at = run.end
    if not out and not rest:
        return source
    return "".join([*out, rest(source[at:]) if rest else source[at:]])


def _convert(run: _Run) -> str:
    text = _SYSTEMS[run.system](run.text)
    letters = [letter for letter in run.text if letter.isascii() and letter.isalpha()]
    # TCVN3 has no capitals with tone marks: "CéNG HßA" is typed with small ones, or shown by a font of capitals.
    typed = run.system == "tcvn3" and re.search("[A-Z]{2}", run.text) and all(map(str.isupper, letters))
    if not typed and not run.font.capitals:
        return text
    return _ENTITY_OR_TEXT.sub(lambda m: m[0] if m[0][0] == "&" else m[0].upper(), text)
