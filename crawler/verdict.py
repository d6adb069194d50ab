"""What a look at a page says besides its text: gone, moved, blocked, dark. Pure.

One look is no proof: servers stumble. The store counts how many in a row agree (``articles.state_looks``).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin

from archive import urls
from archive.model import Capture
from archive.warc import FETCH_FAILED, MESSAGE
from crawler.portal import Portal

GONE, MOVED, BLOCKED = "gone", "moved", "blocked"
# Why a server gave no answer at all; "silent" when nothing came in time, or the connection was cut.
DNS, TLS, REFUSED, SILENT, PARKED = "dark: dns", "dark: tls", "dark: refused", "dark: silent", "dark: parked"

_FAILURES = {"dns": DNS, "tls": TLS, "refused": REFUSED, "silent": SILENT}
_PAGES = {
    "soft 404": GONE,
    "access denied": BLOCKED,
    "challenge page": BLOCKED,
    "parked domain": PARKED,
}  # reasons of NotAnArticle
_BLOCKED = {401, 403, 407, 429, 451, 511}
_REDIRECTS = {301, 302, 303, 307, 308}


def unanswered(url: str, moment: datetime, how: str, why: str) -> Capture:
    """A look that got no answer, as a capture: ``how`` as crawler.reach.classify says it, ``why`` for people."""
    return Capture(url, moment, 0, ((FETCH_FAILED, how), (MESSAGE, why[:500])), b"")


def of_answer(portal: Portal, capture: Capture) -> str:
    """What the status says; "" for a page, a server in trouble, and what only the page itself can tell."""
    if capture.status == 0:
        return _FAILURES.get(capture.header(FETCH_FAILED), "")
    if capture.status in (404, 410):
        return GONE
    if capture.status in _BLOCKED:
        return BLOCKED
    if capture.status in _REDIRECTS:
        return _of_redirect(portal, capture)
    return ""


def of_page(why: str) -> str:
    """What a page says that is no article for this reason."""
    return _PAGES.get(why, "")


def _of_redirect(portal: Portal, capture: Capture) -> str:
    """To the home page: NukeViet's and others' way of saying 404. To another host: moved."""
    try:
        target = urls.canonical(urljoin(capture.url, capture.header("Location").strip()))
    except ValueError:
        return ""
    if urls.key(target) == urls.key(capture.url):
        return ""  # from http to https, or to "www."
    if urls.host(target) not in portal.hosts:
        return MOVED
    home = urls.key(target) == urls.key(portal.home) or urls.path_query(target) in ("/", "/vi/", "/index.php")
    return GONE if home and urls.key(capture.url) != urls.key(portal.home) else ""
