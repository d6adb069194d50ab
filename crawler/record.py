"""Golden pages: one page, asked for or read from a file, and the article found in it, for a person to hold against it.

A pair is ``<folder>/<portal>/<slug>.html.gz``, the page, and ``<slug>.json``, what tests/golden.py reads.
"""

from __future__ import annotations

import gzip
import json
import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import HTTPErrorProcessor, OpenerDirector, Request

from protego import Protego
from w3lib.url import safe_url_string

from archive import text, warc
from archive.model import Article, Capture
from crawler import guard
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.ingest import USER_AGENT
from crawler.platforms import PLATFORMS
from crawler.portal import Portal

TIMEOUT = 30.0  # seconds for a page, however slowly it comes
LARGEST = 20_000_000  # bytes of a page, as sent and unpacked
BY_HAND = "save the page with a browser and give it with --file"
_REDIRECTS = 5
_ROBOTS = 500_000  # bytes of robots.txt that are read: RFC 9309 asks for no more
_TELLING = {"content-type", "x-generator", "x-powered-by", "x-aspnet-version", "server", "x-pingback", "liferay-portal"}
_NO_SECRET = re.compile(r"[A-Za-z-]{0,8}")
_CONTROL = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class RecordError(Exception):
    """No golden page came of it: names the address or the file, what is wrong, and what to do next."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """``page`` the file written, its JSON stands beside it · ``article`` None: ``why`` the page is none."""

    page: Path
    article: Article | None
    why: str = ""


def record(capture: Capture, portal: Portal, folder: Path, slug: str, force: bool) -> Recorded:
    """Extract the page and write the pair into ``folder``. ``slug`` "" makes one of the address.

    Raises RecordError when the bytes are no page, when there is such a pair already and not ``force``, or when the
    disk refuses.
    """
    article, why = None, ""
    try:
        article = extract(capture, portal.rules_at(capture.fetched_at.date()))
    except NotAnArticle as error:
        why = str(error)
    except NotHTML as error:
        raise RecordError(f"{capture.url}: {error}: only web pages can be recorded") from error
    page = folder / f"{slug or slug_of(capture.url)}.html.gz"
    found: dict[str, Any] = asdict(article) if article else {"error": why}
    about = {"captured": capture.url, "fetched_at": warc.iso(capture.fetched_at), "headers": telling(capture.headers)}
    _write(page, capture.body, json.dumps({**about, **found}, indent=1, ensure_ascii=False) + "\n", force)
    return Recorded(page, article, why)


def place(portal: Portal, known: Mapping[str, Portal]) -> str:
    """The name of the folder that says which rules read its pages: the portal's id with "-" for "/", or for a host
    without a portal file the platform's name, or "none"."""
    return portal.id.replace("/", "-") if portal.id in known else portal.platform or "none"


def slug_of(url: str) -> str:
    """``tin-tuc-123`` out of the last part of the address; "trang-chu" when it has none."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    plain = text.fold(re.sub(r"\.(?:html?|aspx|php|jsp)$", "", last)).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "trang-chu"


def telling(headers: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """The headers by which a page is read and its system known. Of cookies the names: values may be a session's."""
    marks = [re.compile(p.marks.headers, re.IGNORECASE) for p in PLATFORMS.values() if p.marks.headers]
    kept: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() == "set-cookie":
            cookie, _, said = value.partition(";")[0].partition("=")
            value = f"{cookie}={said if _NO_SECRET.fullmatch(said) else ''}"
        elif name.lower() not in _TELLING and not any(mark.match(f"{name}: {value}") for mark in marks):
            continue
        kept.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in kept.items()}


def read(path: Path, url: str) -> Capture:
    """A page that was saved before, as a capture of ``url``. Raises RecordError."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    if len(body) > LARGEST:
        raise RecordError(f"{path}: is larger than {LARGEST // 1_000_000} MB: no article's page is")
    return Capture(checked(url), datetime.now(UTC), 200, (("Content-Type", "text/html"),), body, path.name)


def fetch(url: str) -> Capture:
    """The page at ``url``, or where it redirects to; robots.txt is asked first. Raises RecordError.

    A loopback address is asked when it is the one given, not when a page or a name leads to it. The capture's body has
    no Content-Encoding any more.
    """
    address = checked(url)
    opener = guard.opener(guard.own(address), _AsItIs())
    allowed = _Robots(opener)
    for _ in range(_REDIRECTS + 1):
        allowed.check(address)
        status, headers, body = _get(opener, address, LARGEST)
        capture = Capture(address, datetime.now(UTC), status, headers, body)
        if status in (301, 302, 303, 307, 308) and capture.header("Location"):
            address = checked(urljoin(address, capture.header("Location")))
            continue
        if status != 200:
            raise RecordError(f"{address}: answers {status}: look in a browser whether the page is still there")
        if len(body) > LARGEST:
            raise RecordError(f"{address}: is larger than {LARGEST // 1_000_000} MB: no article's page is")
        return _unpacked(capture)
    raise RecordError(f"{url}: redirects more than {_REDIRECTS} times: {BY_HAND}")


def checked(url: str) -> str:
    """The address as it is sent, without fragment. Raises RecordError when it is none of a web page."""
    try:
        address = safe_url_string(url.partition("#")[0].strip())
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise RecordError(f"{url}: is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise RecordError(f"{url}: is no address of a web page: it must start with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise RecordError(f"{url}: holds a user or password: golden pages are public ones")
    return address


def shown(recorded: Recorded) -> Iterator[str]:
    """The lines that a person reads beside the page."""
    article = recorded.article
    if article is None:
        yield f"no article: {recorded.why}"
    else:
        by = article.byline
        yield from (
            f"title      {article.title}",
            f"address    {article.url}",
            f"published  {article.published or '-'}",
        )
        yield f"byline     {by.text or '-'}"
        parts = {"role": by.role, "authors": ", ".join(by.authors), "organisation": by.organisation, "from": by.source}
        yield from (f"           {name}: {value}" for name, value in parts.items() if value)
        yield f"section    {article.section or '-'}"
        yield from (f"image      {image.url}  {image.caption}".rstrip() for image in article.images)
        yield from (f"file       {file.url}  {file.label}".rstrip() for file in article.attachments)
        yield from ("", *([article.summary, ""] if article.summary else []), article.text, "")
    yield f"written: {recorded.page} and {_json_of(recorded.page).name}"
    yield "This is what the machine read. Read the JSON against the page and mend it: tests hold the rules to it."


def printable(line: str) -> str:
    """A page's words for a terminal: without control characters, which could steer it."""
    return _CONTROL.sub(" ", line)


class _Robots:
    """What each site's robots.txt allows us; asked for once a site."""

    def __init__(self, opener: OpenerDirector) -> None:
        self._opener = opener
        self._rules: dict[str, Protego] = {}

    def check(self, address: str) -> None:
        """Raises RecordError when the page must not be asked for, or when nobody can tell."""
        parts = urlsplit(address)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = Protego.parse(self._read(f"{site}/robots.txt"))
        if not self._rules[site].can_fetch(address, USER_AGENT):
            raise RecordError(f"{address}: robots.txt forbids it. If you may read it, {BY_HAND}")

    def _read(self, address: str) -> str:
        """ "" when the site has none: then everything may be asked for. RFC 9309: a server in trouble forbids all."""
        for _ in range(_REDIRECTS + 1):
            status, headers, body = _get(self._opener, address, _ROBOTS)
            capture = Capture(address, datetime.now(UTC), status, headers, body[:_ROBOTS])
            if status in (301, 302, 303, 307, 308) and capture.header("Location"):
                address = checked(urljoin(address, capture.header("Location")))
            elif status == 200:
                return _unpacked(capture).body.decode("utf-8", "replace")
            elif status >= 500 or status == 429:
                raise RecordError(f"{address}: answers {status}: try again later, or {BY_HAND}")
            else:
                break
        return ""


class _AsItIs(HTTPErrorProcessor):
    """Every answer is one, also 404. Redirects are followed by ``fetch``, which asks robots.txt about each."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002
        return response

    https_response = http_response


def _get(opener: OpenerDirector, address: str, largest: int) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status, headers and body, of which one byte more than ``largest`` at most. Raises RecordError."""
    end = time.monotonic() + TIMEOUT
    request = Request(address, headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            body = _body(answer, largest, end)
            return answer.status, tuple(answer.headers.items()), body
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        if isinstance(why, guard.Refused):
            raise RecordError(f"{address}: is not asked for ({why.why}): {BY_HAND}") from error
        if isinstance(why, ssl.SSLCertVerificationError):
            raise RecordError(f"{address}: its certificate is not valid ({why.verify_message}): {BY_HAND}") from error
        raise RecordError(f"{address}: {why or type(error).__name__}: try again later, or {BY_HAND}") from error


def _body(answer: HTTPResponse, largest: int, end: float) -> bytes:
    """Raises TimeoutError at ``end``: a server that sends a byte a second never lets a socket's own timeout pass."""
    pieces, size = [], 0
    while size <= largest and (piece := answer.read1(min(65536, largest + 1 - size))):
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > end:
            raise TimeoutError(f"takes longer than {TIMEOUT:.0f} seconds")
    if size <= largest and answer.length:
        raise ConnectionError(f"the answer ends {answer.length} bytes early")
    return b"".join(pieces)


def _unpacked(capture: Capture) -> Capture:
    try:
        body = text.inflate(capture.body, capture.header("Content-Encoding"), LARGEST)
    except text.NotInflatable as error:
        raise RecordError(f"{capture.url}: {error}: {BY_HAND}") from error
    headers = tuple(pair for pair in capture.headers if pair[0].lower() != "content-encoding")
    return Capture(capture.url, capture.fetched_at, capture.status, headers, body)


def _write(page: Path, body: bytes, about: str, force: bool) -> None:
    """Both files or none of them in full view: each is written under another name first."""
    beside = _json_of(page)
    there = [path.name for path in (page, beside) if path.exists()]
    if there and not force:
        raise RecordError(f"{page.parent}: {' and '.join(there)} is there already: give --slug, or --force to replace")
    parts = {path: path.with_name(f"{path.name}.part") for path in (page, beside)}
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        parts[page].write_bytes(gzip.compress(body, 9, mtime=0))
        parts[beside].write_text(about, "utf-8")
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise RecordError(f"{error.filename}: {error.strerror}: make room or give another --into") from error


def _json_of(page: Path) -> Path:
    return page.with_name(page.name.removesuffix(".html.gz") + ".json")
