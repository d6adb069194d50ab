"""What an article's page says to programs in its headers: Signposting links, and that a version is a memento. Pure.

Sources: https://signposting.org/FAIR/ (cite-as, describedby, type, item, collection), RFC 7089 (Memento-Datetime;
original, timegate, timemap), RFC 5829 (latest-version), RFC 8288 (how a Link is written).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urldefrag

from archive.cite import Citation
from archive.plugin.queries.articles import Shown
from archive.plugin.reading import show
from archive.replay.addresses import spelled, stamp
from archive.replay.memento import LINK_FORMAT, Places, http_date

# An address stands in four links, and a proxy on the way gives up on headers of 8 KB.
_LONGEST = 1500


def headers(record: Citation, shown: Shown, files: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """``files`` the suffixes of the citations that describe the page, each with its media type."""
    here, base, proof = record.archived_url, base_url(record), shown.proof
    links = [
        _link(here, "cite-as"),
        _link("https://schema.org/NewsArticle", "type"),
        _link("https://schema.org/AboutPage", "type"),
        *(_link(f"{here}.{suffix}", "describedby", media_type) for suffix, media_type in files),
        _link(f"{base}portal/{shown.portal}", "collection", "text/html"),
    ]
    received = snapshot(base, proof.fetched_at, proof.url)
    if received:
        links.append(_link(received, "item", proof.media_type or "text/html"))
    if record.version is None:
        return {"Link": ", ".join(links)}
    links.append(_link(f"{base}a/{record.id}", "latest-version", "text/html"))
    if not received:
        return {"Link": ", ".join(links)}
    places = Places(base, urldefrag(proof.url)[0])
    links += [
        _link(places.url, "original"),
        _link(places.timegate, "timegate"),
        _link(places.timemap(), "timemap", LINK_FORMAT),
    ]
    return {"Memento-Datetime": http_date(proof.fetched_at), "Link": ", ".join(links)}


def snapshot(base: str, fetched_at: str, url: str, form: str = "") -> str:
    """Where the page, or with ``form`` "im_" a picture, is shown as received; "" when the address is none of the web,
    or longer than anybody's, or the moment is none."""
    if not show.external(url) or not _is_moment(fetched_at):
        return ""
    address = spelled(urldefrag(url)[0])
    return f"{base}web/{stamp(fetched_at)}{form}/{address}" if len(address) <= _LONGEST else ""


def base_url(record: Citation) -> str:
    """Where the archive is published, as the citation's own address says: "https://tangthu.example/"."""
    return record.archived_url.rpartition(f"a/{record.id}")[0]


def _link(target: str, relation: str, media_type: str = "") -> str:
    kind = re.sub(r"[^\w/.+-]", "", media_type, flags=re.ASCII)
    return f'<{spelled(target)}>; rel="{relation}"' + (f'; type="{kind}"' if kind else "")


def _is_moment(fetched_at: str) -> bool:
    """Of four digits the year, and in a calendar."""
    try:
        return datetime.fromisoformat(fetched_at).astimezone(UTC).year >= 1000 and len(stamp(fetched_at)) == 14
    except (ValueError, OverflowError):
        return False
