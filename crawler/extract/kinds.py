"""What an undescribed page is when it is no article: a front page, a listing, a static page, a form."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from archive import urls
from archive.model import Article

from .headline import is_heading
from .links import target
from .locate import Located
from .weigh import Weighed
from .words import form, words

_FRONT = re.compile(
    r"^/(?:(?:vi|en|vn|web/guest|web|portal)/?)?(?:(?:index|default|home|trang-?chu)(?:\.\w+)?/?)?$", re.IGNORECASE
)
_TEASERS = 3  # as many links with a text of their own below make a listing
_SHORT = 250  # characters; a text without date and byline is a notice only when it is longer


def refuse(url: str, titles: list[str], weighed: Weighed, found: Located) -> str:
    """Why a page with this outline is no article; "" when it may be one."""
    if _FRONT.match(urlsplit(url).path) and not urlsplit(url).query:
        return "front page"
    if _leads_elsewhere(url, titles, weighed, found) or _teasers(url, weighed, found):
        return "listing"
    return ""


def refuse_read(article: Article, films: bool) -> str:
    """Why what was read is no article after all; "" when it is one."""
    if article.published or article.byline.text:
        return ""
    if form(article.title).strip(" .!:") in words("boilerplate", "menus") | words("boilerplate", "blocks"):
        return "static page"
    if len(article.summary) + len(article.text) < _SHORT and not (article.attachments or films):
        return "neither date nor byline, and hardly any text"
    return ""


def _leads_elsewhere(url: str, titles: list[str], weighed: Weighed, found: Located) -> bool:
    """Whether the likeliest title is a link to another page: then it is the first of a list."""
    if found.heading < 0:
        return False
    line = weighed.outline.lines[found.heading]
    if line.linked < 0.8 * len(line.text) or not line.hrefs:
        return False
    if form(line.text) in {form(title) for title in titles}:
        return False
    return _elsewhere(url, line.hrefs[0])


def _elsewhere(url: str, href: str) -> bool:
    """Whether a link leads to another page than this one."""
    return not href.startswith(("#", "javascript:")) and target(url, href) not in ("", urls.key(url))


def _teasers(url: str, weighed: Weighed, found: Located) -> bool:
    """Whether most of the prose around the body are teasers: a link, perhaps a date, then a text."""
    outline = weighed.outline
    region = outline.elements[found.body]
    for number in outline.around(found.body, 4)[1:]:
        region = outline.elements[number]
    first = max(region.first, found.heading + 1)
    last = min(region.last, len(outline.lines))
    below, all_prose, count, titled, link = 0, 0, 0, 0, -10
    for i in range(first, last):
        line = outline.lines[i]
        if weighed.junk[i] or not line.text:
            continue
        if line.hrefs and line.linked > 0.8 * len(line.text) > 16 and not weighed.files[i]:
            link = i if _elsewhere(url, line.hrefs[0]) else -10
        elif weighed.prose[i]:
            all_prose += line.bare
            if link >= 0 and i - link <= 3:
                below += line.bare
                count += 1
                titled += is_heading(weighed, link)
                link = -10
    return (count >= _TEASERS and below > 0.5 * all_prose) or (titled > 0 and below > 0.9 * all_prose)
