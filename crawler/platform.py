"""What portals built with the same software share: the shapes. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rules:
    """How an article page is read. Every entry is a CSS selector, tried in the order given.

    ``selector@attribute`` takes an attribute instead of the node's text. Empty: the page does not say.
    """

    name: str = ""  # "drupal7", or "nam_dinh/xuan_truong"; stored with every version
    title: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()  # a byline that stands outside the body
    published: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    images: tuple[str, ...] = ()  # nodes outside the body that hold the article's pictures
    attachments: tuple[str, ...] = ()  # nodes outside the body that hold its files
    drop: tuple[str, ...] = ()  # removed from the body
    article: tuple[str, ...] = ()  # one of these must be there, unless empty: else the page is no article
    reject: tuple[tuple[str, str], ...] = ()  # (selector, why): a page with one of these is no article
    views: tuple[
        tuple[str, str], ...
    ] = ()  # (regular expression in path?query of a print view, what stands there else)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page that lists articles. ``url`` may be relative to the portal's home."""

    url: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """How new articles are found. URLs may be relative to the portal's home."""

    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    menus: tuple[str, ...] = ()  # selectors of links on the home page that may lead to listings
    links: tuple[str, ...] = ()  # selectors of links in a listing that lead to articles
    next: tuple[str, ...] = ()  # selectors of the link to a listing's next page
    article: str = ""  # regular expression searched in path?query; a URL that lacks it is no article. "" = any
    skip: str = ""  # regular expression searched in path?query; a URL that has it is never requested


@dataclass(frozen=True, slots=True)
class Marks:
    """What gives a system away. Regular expressions, ASCII, any case; "" and () say nothing.

    A generator settles it alone; of the others it takes two that agree. ``markup``: choose independent ones, each of
    which every page of the system prints whatever its theme, and no other system does.
    """

    generator: str = ""  # in <meta name=generator> and X-Generator
    headers: str = ""  # in a line "Name: value" of the response's head; cookies stand there as "Set-Cookie: name=…"
    urls: str = ""  # in path?query of the page's own address
    markup: tuple[str, ...] = ()  # each in the page's source


@dataclass(frozen=True, slots=True)
class Platform:
    """A content-management system."""

    name: str
    marks: Marks = field(default_factory=Marks)
    number: str = ""  # regular expression in path?query; group 1 is the system's own number of the article
    discovery: Discovery = field(default_factory=Discovery)
    rules: Rules = field(default_factory=Rules)
