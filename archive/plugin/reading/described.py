"""An article described for programs in the page's head: Highwire, Dublin Core, OpenGraph, schema.org. Pure.

What reads it, and why it is as it is. Sources: Google Scholar, "Inclusion Guidelines for Webmasters"; Zotero's
translators "unAPI", "Embedded Metadata" and "RDF".

- **Zotero** prefers unAPI (its priority 200 comes before 320), and is given the RIS citation: names whole, ``DA`` the
  portal's day, ``Y2`` the day of capture as day of access.
- Without unAPI it reads the tags. ``DC.type`` keeps ``citation_title`` from making a journal article of the page;
  ``prism.publicationName`` keeps ``DC.source``, an address, from becoming the name of the site. For a page without a
  day of publication it would take ``DCTERMS.dateSubmitted`` or ``citation_online_date`` for one: they hold the day
  of capture, and are given only beside ``citation_publication_date``. (It would take the first <time> of the page as
  well, and cut names in two: both are why there is unAPI.)
- **Google Scholar** wants the day that citations give in ``citation_publication_date``, the day of entry into the
  repository in ``citation_online_date``. ``citation_journal_title`` is for journals: a portal is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import Any
from urllib.parse import urlsplit

from archive.cite import Citation
from archive.cite.record import captured, day, line
from archive.plugin.queries.articles import Shown
from archive.plugin.reading import show

_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class Head:
    """What meta.html says.

    ``address`` absolute, the one that stays · ``published`` as the store keeps it, ``day`` "2021/01/06",
    ``captured_day`` the same of the capture: all three "" when the page prints no day · ``picture`` absolute, "" when
    none is kept · ``linked`` for JSON-LD.
    """

    address: str
    title: str
    description: str
    creators: tuple[str, ...]
    published: str
    day: str
    captured_day: str
    picture: str
    linked: dict[str, Any]


def head(record: Citation, shown: Shown, picture: str) -> Head:
    published, received = day(record.published), captured(record.captured_at)
    title = line(record.title)
    description = shorten(shown.summary or shown.text[: 5 * _DESCRIPTION], _DESCRIPTION, placeholder="…")
    return Head(
        address=record.archived_url,
        title=title,
        description=description,
        creators=tuple(line(name) for name in record.creators),
        published=(record.published or "") if published else "",
        day="/".join(published) if published else "",
        captured_day="/".join(received) if published and received else "",
        picture=picture,
        linked=_linked(record, shown, title, description, picture),
    )


def _linked(record: Citation, shown: Shown, title: str, description: str, picture: str) -> dict[str, Any]:
    """schema.org: the article is the portal's work; where it is archived, and since when, is said of another page."""
    portal: dict[str, Any] = {"@type": "Organization", "name": line(record.portal_name)}
    home = _home(record.url)
    if home:
        portal["url"] = home
    people = [{"@type": "Person", "name": line(name)} for name in record.authors if line(name)]
    organisation = {"@type": "Organization", "name": line(record.organisation or "")}
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": record.archived_url,
        "url": record.archived_url,
        "headline": title,
        "description": description,
        "inLanguage": "vi",
        "datePublished": record.published if day(record.published) else None,
        "author": people or ([organisation] if organisation["name"] else [portal]),
        "publisher": portal,
        "articleSection": shown.section,
        "image": [picture] if picture else None,
        "version": None if record.version is None else str(record.version),
        "isBasedOn": record.url if show.external(record.url) else None,
        "archivedAt": {
            # No "@id": with the article's own, its dates would become the article's.
            "@type": "WebPage",
            "url": record.archived_url,
            "dateCreated": record.captured_at,
            "isBasedOn": shown.proof.url if show.external(shown.proof.url) else None,
        },
    }
    return {name: value for name, value in said.items() if value}


def _home(url: str) -> str:
    if not show.external(url):
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
