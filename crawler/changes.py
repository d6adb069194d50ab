"""What reading the archive again changes, counted, with examples, and said to people and to machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.revise import Brought, Change

EXAMPLES = 3
NAMED = 50  # so many lost or unread captures are named one by one; all are counted
_WIDE = 36  # characters of a value in an example
_BEFORE = 10  # characters shown before the first difference
# In this order; articles and versions are counted once however many fields change.
FIELDS = ("title", "summary", "text", "html", "byline", "role", "organisation", "source", "published", "section",
          "authors", "images", "attachments", "url", "rules")  # fmt: skip
COUNTS = ("read", "changed", "older", "new", "versions", "joined", "unseen", "failed", "lost", "unread")


@dataclass(frozen=True, slots=True)
class Example:
    """An article, and a field of it before and now, both cut to where they differ."""

    article: str
    title: str
    before: str
    now: str


@dataclass(slots=True)
class Report:
    """``counts`` of captures ``read``; articles whose latest text ``changed``; ``older`` versions that did; ``new``
    articles; ``versions`` of known ones, and captures that ``joined`` one, from pages that gave nothing before;
    ``unseen``: captures that say what no version says; ``failed``: pages without an article; ``lost``: versions whose
    page gives none now; ``unread`` captures. ``fields``: how many articles change in each."""

    counts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    new: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    portals: list[str] = field(default_factory=list)
    resumed: bool = False

    @property
    def wrong(self) -> bool:
        """Is there anything that a person should look at?"""
        return bool(self.counts["lost"] or self.counts["unread"])

    def saved(self) -> dict[str, Any]:
        """What a run that is stopped must know again."""
        return {"counts": dict(self.counts), "fields": dict(self.fields)}

    def restore(self, saved: dict[str, Any]) -> None:
        self.counts.update(saved.get("counts", {}))
        self.fields.update(saved.get("fields", {}))
        self.resumed = True

    def change(self, change: Change) -> None:
        if not change.latest:
            self.counts["older"] += 1
            return
        self.counts["changed"] += 1
        for name, before, now in change.fields:
            self.fields[name] += 1
            kept = self.examples.setdefault(name, [])
            if len(kept) < EXAMPLES:
                kept.append(Example(change.article, change.title, *_cut(before, now)))

    def bring(self, brought: Brought, title: str) -> None:
        name = {"version": "versions"}.get(brought.outcome, brought.outcome)
        if name != "stays":
            self.counts[name] += 1
        if name == "new" and len(self.new) < EXAMPLES:
            self.new.append((brought.article, title))

    def lose(self, version: str, title: str, why: str, url: str) -> None:
        """``version`` "<article>/<number>"."""
        self.counts["lost"] += 1
        if len(self.lost) < NAMED:
            self.lost.append(f"{version} “{_short(title, 50)}”: {why}: {url}")

    def miss(self, what: str) -> None:
        self.counts["unread"] += 1
        if len(self.unread) < NAMED:
            self.unread.append(what)

    def as_dict(self, dry: bool) -> dict[str, Any]:
        """One machine-readable value."""
        fields = {
            name: {
                "articles": self.fields[name],
                "examples": [
                    {"article": one.article, "title": one.title, "before": one.before, "now": one.now}
                    for one in self.examples.get(name, [])
                ],
            }
            for name in FIELDS
            if self.fields[name]
        }
        return {
            "dry_run": dry, "resumed": self.resumed, **{name: self.counts[name] for name in COUNTS}, "fields": fields,
            "new_articles": [{"article": name, "title": title} for name, title in self.new],
            "lost_versions": self.lost, "unread_captures": self.unread, "portals": self.portals,
        }  # fmt: skip

    def lines(self, dry: bool) -> Iterator[str]:
        """For a terminal of 100 columns. What is wrong is not among them: see ``warnings``."""
        count, would = self.counts, "would change" if dry else "changed"
        resumed = ", gone on with where the last run was stopped" if self.resumed else ""
        yield f"{count['read']:9,} captures read again{resumed}"
        yield f"{count['changed']:9,} articles {would}, and {count['older']:,} older versions"
        yield (
            f"{count['new']:9,} new articles, {count['versions']:,} new versions and {count['joined']:,} repetitions,"
            " from pages that gave none before"
        )
        yield f"{count['failed']:9,} pages without an article"
        for portal in self.portals:
            yield f"  {portal}"
        for name in FIELDS:
            if self.fields[name]:
                yield f"  {name:14}{self.fields[name]:,} articles"
                for one in self.examples.get(name, []):
                    yield f"    {one.article}  {_short(one.title, 80)}"
                    yield f"                “{one.before}” → “{one.now}”"
        if self.new:
            yield f"  {'new articles':14}{count['new']:,}"
            yield from (f"    {name}  {_short(title, 80)}" for name, title in self.new)
        if count["unseen"]:
            yield f"  {count['unseen']:,} captures say what no version of their article says: a change that the old"
            yield "  rules did not see. No version is made of it; importing the WARC files anew would make one."

    def warnings(self) -> Iterator[str]:
        """What is lost or could not be read: for stderr, also when all else is silent."""
        yield from (f"lost: {what}" for what in self.lost)
        if more := self.counts["lost"] - len(self.lost):
            yield f"lost: {more:,} more"
        if self.counts["lost"]:
            yield f"{self.counts['lost']:,} versions are kept as they were, though their pages give no article any more"
        yield from self.unread
        if more := self.counts["unread"] - len(self.unread):
            yield f"{more:,} more captures could not be read"
        if self.counts["unread"]:
            yield f"{self.counts['unread']:,} captures could not be read; what they gave before is left as it is"


def _cut(before: str, now: str) -> tuple[str, str]:
    """Both from shortly before the place where they differ, each at most _WIDE characters."""
    before, now = " ".join(before.split()), " ".join(now.split())
    same = next((n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), min(len(before), len(now)))
    start = max(0, same - _BEFORE)
    mark = "…" if start else ""
    return mark + _short(before[start:], _WIDE - len(mark)), mark + _short(now[start:], _WIDE - len(mark))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
