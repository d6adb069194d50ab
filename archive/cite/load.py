"""What a citation of an article says, out of the database."""

from __future__ import annotations

import sqlite3

from archive.cite.record import Citation

_CITED = """
select a.id, v.title, v.byline, a.byline, a.role, a.organisation, a.source, v.published, p.name, a.url, c.fetched_at,
  c.digest, v.digest = a.digest, a.state, a.state_looks, p.state, p.state_looks, p.closed is null
  and (select l.source from captures l where l.article = a.id order by l.fetched_at desc limit 1) = 'live'
from articles a join portals p on p.id = a.portal
join versions v on v.article = a.id join captures c on c.id = v.capture
where a.id = ? and a.takedown not in ('hide', 'seal') and {version} order by v.number desc limit 1
"""


def load(conn: sqlite3.Connection, article_id: str, version: int | None = None, base_url: str = "/") -> Citation | None:
    """What a citation of the article says, or of its version.

    None when the archive has no such thing, and when it was hidden or sealed: then it has no title either.
    ``base_url`` where the archive is published, "https://tangthu.example/". Without a version: the text as it stands
    now, whose digest is the article's own.
    """
    which = "v.digest = a.digest" if version is None else "v.number = ?"
    values = [article_id] if version is None else [article_id, min(version, 2**31)]
    row = conn.execute(_CITED.format(version=which), values).fetchone()
    if row is None:
        return None
    name, title, byline, latest_byline, role, organisation, source, *rest = row
    published, portal_name, url, captured_at, digest, latest, *looked = rest
    authors = tuple(
        str(author[0])
        for author in conn.execute("select name from authors where article = ? order by position", [article_id])
    )
    if byline != latest_byline:
        # The tables know the parts of the latest byline only: of an older one, what it shares with that, or all of it.
        authors = tuple(author for author in authors if author in byline)
        organisation = organisation if organisation and organisation in byline else None
        source = source if source and source in byline else None
        if byline and not (authors or organisation or source):
            authors = (byline.removeprefix(role).lstrip(" :–-") if role else byline,)
    state, looks = _state(*looked)
    path = f"a/{name}" if version is None else f"a/{name}/{version}"
    return Citation(
        id=name,
        version=version,
        title=title,
        authors=authors,
        organisation=organisation,
        source=source,
        published=published,
        portal_name=portal_name,
        url=url,
        archived_url=base_url.rstrip("/") + "/" + path,
        captured_at=captured_at,
        digest=digest,
        state=state,
        looks=looks,
        latest=bool(latest),
    )


def _state(state: str, looks: int, portal_state: str, portal_looks: int, watched: int) -> tuple[str, int]:
    """An article is live until a look says otherwise: not when its whole portal is gone, nor when nobody looks.

    ``watched``: its portal is still crawled, and this archive itself asked for the article last. A page that was
    imported from a file of 2016 was live in 2016.
    """
    if state != "live":
        return state, looks
    if portal_state not in ("live", "unknown"):
        return portal_state, portal_looks
    return ("live", looks) if watched else ("unknown", 0)
