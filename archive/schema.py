"""The tables, and how an older archive becomes a newer one. Names are public: Datasette shows them."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from archive import provinces, urls

MIGRATIONS = Migrations("tangthu")

# From here on numbers of articles and revisions mean something else than before.
NEW_EDITION = "insert into editions values (lower(hex(randomblob(16))), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))"

# Design (a) of the search: marks are kept by the tokenizer, and folded copies stand beside the text. Thus
# Datasette's own ``?_search=`` finds "Đức Linh" in the accented columns and "duc linh" in the folded ones.
# Contentless: the text is not stored twice. ``articles.doc`` is the rowid: VACUUM may renumber implicit ones.
FTS_COLUMNS = ("title", "text", "byline", "title_folded", "text_folded", "byline_folded")


@MIGRATIONS(name="0001_the_archive")
def _the_archive(db: Database) -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(
        f"create virtual table articles_fts using fts5({', '.join(FTS_COLUMNS)},"
        " content='', tokenize='unicode61 remove_diacritics 0')"
    )


@MIGRATIONS(name="0002_reading_again")
def _reading_again(db: Database) -> None:
    db.execute(_REEXTRACTIONS)


@MIGRATIONS(name="0003_years_of_crawling")
def _years_of_crawling(db: Database) -> None:
    for statement in _YEARS.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for table in ("images", "attachments"):
        for url in [row[0] for row in db.execute(f"select distinct url from {table}")]:
            db.execute(f"update {table} set key = ? where url = ?", [urls.key(url), url])


@MIGRATIONS(name="0004_the_reading_room")
def _the_reading_room(db: Database) -> None:
    for statement in _READING_ROOM.split(";\n\n"):
        db.execute(statement)
    db.execute(NEW_EDITION)


@MIGRATIONS(name="0005_the_overview")
def _the_overview(db: Database) -> None:
    for statement in _OVERVIEW.split(";\n"):
        db.execute(statement)
    for portal, province in db.execute("select id, province from portals where province_now = ''").fetchall():
        db.execute("update portals set province_now = ? where id = ?", [provinces.now(province), portal])


@MIGRATIONS(name="0006_out_of_sight")
def _out_of_sight(db: Database) -> None:
    db.execute("create index captures_withheld on captures(withheld) where withheld != ''")


# Two questions that must not read the rows themselves: which month of a portal was captured by whom
# (archive/plugin/queries/portals.py), and what vanished from it (archive/health/history.py).
_OVERVIEW = """
drop index captures_portal;
create index captures_portal on captures(portal, fetched_at, source);
create index articles_vanished on articles(portal, state_since, state_looks, state) where state != 'live'
"""

# ``articles.revision`` grows with whatever a search may find of an article: what was said anew since some moment has
# a higher one (archive/search/keeper.py) · ``articles.takedown``: the grade in force, "" none; the log of what was
# decided is ``takedowns``, where grade "none" lifts an earlier one; ``captures.withheld`` the grade under which its
# bytes are not shown · ``editions`` one row: which making of the database this is, since numbers mean something else
# in another one · ``portals.province_now`` since the mergers of 2025, and ``communes`` that took over the district, a
# JSON list.
_READING_ROOM = """
alter table articles add column revision integer not null default 0;

alter table articles add column takedown text not null default '';

alter table captures add column withheld text not null default '';

update articles set revision = doc;

create index articles_revision on articles(revision);

create index articles_takedown on articles(takedown) where takedown != '';

create trigger articles_new after insert on articles begin
  update articles set revision = (select max(revision) + 1 from articles) where doc = new.doc;
end;

create trigger articles_changed
after update of title, summary, text, byline, published, section, portal, digest, takedown on articles begin
  update articles set revision = (select max(revision) + 1 from articles) where doc = new.doc;
end;

create index versions_changes on versions(capture) where number > 1;

alter table portals add column province_now text not null default '';

alter table portals add column communes text not null default '[]';

create table takedowns (
  id integer primary key, article text not null references articles(id), grade text not null, at text not null,
  why text not null, asked_by text not null default ''
);

create index takedowns_article on takedowns(article);

create table editions (id text primary key, made text not null)
"""

# ``captures.verdict``: what a look says of the page beside its text: '' nothing, 'gone', 'moved', 'blocked', or
# 'dark: ' and why (dns, tls, refused, silent, parked).
# ``articles.state``: what the last ``state_looks`` looks agree on, the first of them at ``state_since``; ``gone_since``
# is that time while the state is 'gone'. A portal's own state follows the looks at its home page.
# ``crawls``: ``resume_at`` when the server asked to be left alone until then · ``measures`` JSON, for archive/health.py
# to compare · ``cut`` JSON, what was not followed and why.
# ``frontier``: every address a portal's crawls know. ``rank`` what comes first (archive/frontier.py) · ``due`` when it
# is asked for next, null for never · ``found_on`` the key of the listing it was found through, at ``depth`` below it ·
# ``linked`` when a listing showed it last · ``sitemap`` the key of the sitemap that names it.
# ``sources``: what a sitemap, feed or listing showed when it was last read (JSON list of keys, in order).
_YEARS = """
alter table captures add column verdict text not null default '';
update captures set verdict = 'gone' where status in (404, 410);
create index captures_warc on captures(warc, offset);
create index captures_verdict on captures(portal, verdict, fetched_at) where verdict != '';
alter table articles add column state text not null default 'live';
alter table articles add column state_since text;
alter table articles add column state_looks integer not null default 0;
update articles set state = 'gone', state_since = gone_since, state_looks = 1 where gone_since is not null;
create index articles_state on articles(state, state_since);
alter table portals add column state text not null default 'unknown';
alter table portals add column state_since text;
alter table portals add column state_looks integer not null default 0;
alter table crawls add column resume_at text;
alter table crawls add column measures text;
alter table crawls add column cut text;
alter table images add column key text not null default '';
alter table attachments add column key text not null default '';
create index images_key on images(key);
create index attachments_key on attachments(key);
create table frontier (
  portal text not null references portals(id), key text not null, url text not null, kind text not null,
  why text not null, rank integer not null, due text, tries integer not null default 0, added text not null,
  looked text, changed text not null default '', found_on text, depth integer not null default 0,
  linked text, sitemap text, outcome text not null default '', primary key (portal, key)
) without rowid;
create index frontier_due on frontier(portal, rank, due) where due is not null;
create index frontier_sitemap on frontier(portal, sitemap) where sitemap is not null;
create index frontier_found_on on frontier(portal, found_on) where found_on is not null;
create table sources (
  portal text not null references portals(id), key text not null, url text not null, kind text not null,
  read_at text not null, changed text not null default '', shown text not null, primary key (portal, key)
) without rowid;
create table sweeps (
  portal text primary key references portals(id), started text not null, ended text
);
create table traps (
  portal text not null references portals(id), shape text not null, why text not null, since text not null,
  example text not null, urls integer not null, primary key (portal, shape)
)
"""

# ``stage`` and ``capture``: the last capture that this run is done with, in the order that archive/revise.py says ·
# ``counts`` JSON. Without ``ended`` it was stopped, and goes on from there when the rules are still the same.
_REEXTRACTIONS = """
create table reextractions (
  id integer primary key, portal text, started text not null, ended text, fingerprint text not null,
  folding text not null, jobs integer not null, stage text not null, capture integer not null, counts text not null
)
"""

_TABLES = """
create table portals (
  id text primary key, name text not null, district text not null, province text not null,
  home text not null, platform text not null, closed text
);
create table crawls (
  id integer primary key, portal text not null references portals(id), started text not null, ended text,
  requests integer not null default 0, bytes integer not null default 0, new integer not null default 0,
  changed integer not null default 0, same integer not null default 0, gone integer not null default 0,
  failed integer not null default 0, why text
);
create index crawls_portal on crawls(portal, started);
create table articles (
  id text primary key, doc integer not null unique, portal text not null references portals(id), url text not null,
  title text not null, summary text not null, text text not null, byline text not null, published text,
  section text not null, first_seen text not null, last_seen text not null, gone_since text,
  versions integer not null, role text not null, organisation text, source text,
  key text not null, number text not null, digest text not null, text_digest text not null
);
create index articles_portal on articles(portal, published);
create index articles_published on articles(published);
create index articles_section on articles(section);
create index articles_first_seen on articles(first_seen);
create index articles_gone_since on articles(gone_since);
create index articles_key on articles(key);
create index articles_number on articles(portal, number);
create index articles_text_digest on articles(text_digest);
create table captures (
  id integer primary key, portal text not null references portals(id), crawl integer references crawls(id),
  url text not null, fetched_at text not null, status integer not null, media_type text not null,
  digest text not null, etag text not null, last_modified text not null, warc text not null,
  offset integer not null, length integer not null, source text not null, key text not null,
  revisit_of integer references captures(id), article text references articles(id)
);
create index captures_key on captures(key, fetched_at);
create index captures_article on captures(article, fetched_at);
create index captures_portal on captures(portal, fetched_at);
create table versions (
  article text not null references articles(id), number integer not null,
  capture integer not null references captures(id), title text not null, summary text not null,
  html text not null, text text not null, byline text not null, published text, section text not null,
  rules text not null, digest text not null, primary key (article, number)
);
create index versions_capture on versions(capture);
create table authors (
  article text not null references articles(id), position integer not null, name text not null,
  role text not null, primary key (article, position)
);
create index authors_name on authors(name);
create table images (
  article text not null references articles(id), position integer not null, url text not null,
  caption text not null, capture integer references captures(id), primary key (article, position)
);
create table attachments (
  article text not null references articles(id), position integer not null, url text not null,
  label text not null, media_type text, bytes integer, digest text,
  capture integer references captures(id), text text, primary key (article, position)
);
create table failures (
  capture integer primary key references captures(id), why text not null
);
create index failures_why on failures(why);
"""
