"""One address of each kind of page, in the archive of the demo."""

from __future__ import annotations

from pathlib import Path

from conftest import rows

_CHANGED = "select id from articles where versions > 1 order by id limit 1"
_GONE = "select id from articles where state = 'gone' order by id limit 1"
_PICTURE = (
    "select a.id from articles a join images i on i.article = a.id where i.capture is not null"
    " and a.versions = 1 order by a.id limit 1"
)
_CAPTURE = (
    "select c.id, replace(replace(replace(replace(c.fetched_at, '-', ''), ':', ''), 'T', ''), 'Z', '') as moment, c.url"
    " from captures c where c.article = ? and c.status = 200 and c.revisit_of is null order by c.id limit 1"
)
_ADDRESSES = {
    "home": "/",
    "search": "/search?q=huyen",
    "found nothing": "/search?q=zzzzz",
    "browse": "/search?files=1",
    "portals": "/portals",
    "portal": "/portal/{portal}",
    "article": "/a/{picture}",
    "changed article": "/a/{changed}",
    "gone article": "/a/{gone}",
    "version": "/a/{changed}/1",
    "comparison": "/a/{changed}/diff/1..2",
    "changed": "/changed",
    "gone": "/gone",
    "authors": "/authors",
    "author": "/author/{author}",
    "takedowns": "/takedowns",
    "health": "/health",
    "download": "/download",
    "snapshot": "/web/{moment}/{url}",
    "captures": "/web/*/{url}",
    "capture": "/capture/{capture}",
    "missing": "/a/none",
    "database": "/tangthu",
    "table": "/tangthu/articles",
    "query": "/tangthu/bai-theo-thang",
}
KINDS = tuple(_ADDRESSES)


def address(data: Path, kind: str) -> str:
    """Path and query of a page of that kind."""
    changed, gone, picture = (rows(data, sql)[0]["id"] for sql in (_CHANGED, _GONE, _PICTURE))
    capture = rows(data, _CAPTURE, picture)[0]
    return _ADDRESSES[kind].format(
        changed=changed,
        gone=gone,
        picture=picture,
        portal=rows(data, "select id from portals order by id limit 1")[0]["id"],
        author=rows(data, "select name from authors group by name order by count(*) desc, name limit 1")[0]["name"],
        capture=capture["id"],
        moment=capture["moment"],
        url=capture["url"],
    )
