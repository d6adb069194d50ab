"""The command that takes articles out of sight, and back into it; and the log of what was decided."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from archive import takedown as rule
from archive.search.keeper import catch_up
from archive.text import normalise
from crawler import portal
from crawler.ingest import DATABASE
from crawler.takedowns import Done, Found, Refused, opened
from crawler.terminal import explained, finish, output_options, reading

_MOST = 1_000  # characters of a reason
_NAMED = 20  # of what also says it, one by one; all are counted
_RESTS = "Its address and those of its files stay in tables and WARC files: evidence that it was published."
_BUSY = (
    "a reader keeps the database's former state in tangthu.db-wal, with words that were taken down: stop or restart the"
    " site, then say “tangthu verify --repair”"
)


@click.command()
@click.argument("articles", nargs=-1, required=True, metavar="ID...|list")
@click.option("--grade", type=click.Choice(rule.GRADES), help="What is done; see above.")
@click.option("--lift", is_flag=True, help="Take back what was decided: its words are read out of the WARCs again.")
@click.option("--why", default="", metavar="TEXT", help="The reason. PUBLIC: it stands in the log at /takedowns.")
@click.option("--asked-by", default="", metavar="TEXT", help="Who asked for it, if that is to be said. Public, too.")
@click.option(
    "--look-through",
    type=click.IntRange(0),
    default=2_000,
    show_default=True,
    metavar="N",
    help="So many of the portal's newest pages are looked through for its title and address; 0: all.",
)
@output_options
@click.pass_obj
def takedown(
    data: Path, articles: tuple[str, ...], grade: str | None, lift: bool, why: str, asked_by: str, look_through: int,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Take the articles ID out of sight, never silently; “list” prints the log, which the site shows at /takedowns.

    \b
    unlist  in no search, list or feed; its address still answers
    hide    its text, pictures and files are on no page, in no table and in
            no search; the bytes stay in the WARC files
    seal    as hide, and the bytes are taken out of the WARC files into
            sealed/, for you alone: keep a copy of that folder yourself

    Grades may be changed one into another. Nothing that arrives later undoes them.
    """
    why, asked_by = normalise(why), normalise(asked_by)
    if articles == ("list",):
        if grade or lift or why or asked_by:
            raise click.UsageError("“list” takes none of --grade, --lift, --why, --asked-by")
        _list(data, as_json, quiet)
        return
    if bool(grade) == lift:
        raise click.UsageError("say --grade unlist, hide or seal; or --lift")
    if not why:
        raise click.UsageError("say --why: the log gives a reason for everything, and everybody can read it")
    if max(len(why), len(asked_by)) > _MOST:
        raise click.UsageError(f"--why and --asked-by have {_MOST} characters at most")
    chosen = rule.NONE if lift else str(grade)
    silent = quiet or not sys.stderr.isatty()
    with explained(), opened(data, portal.load_all(data / "portals")) as takedowns:
        try:
            before, done, found = takedowns.carry_out(wipe=False), Done(), dict[str, Found]()
            for article in articles:
                takedowns.check(article, chosen)
            with tqdm(desc="takedown", unit=" pages", disable=silent) as bar:
                for article in dict.fromkeys(articles):
                    found[article] = takedowns.decide(article, chosen, why, asked_by, look_through, bar.update)
                    done.add(takedowns.carry_out(wipe=False))
        except Refused as error:
            raise click.ClickException(str(error)) from error
        done.add(takedowns.carry_out())
        catch_up(data / DATABASE)
    _warn(before, done)
    finish(as_json, quiet, "\n".join(_lines(chosen, found, done)), _values(chosen, found, done))
    sys.exit(1 if done.troubles or not done.wiped else 0)


def _warn(before: Done, done: Done) -> None:
    for line in before.lines():
        click.echo(f"tangthu: first: {line}", err=True)
    for trouble in done.troubles:
        click.echo(f"tangthu: {trouble}", err=True)
    if not done.wiped:
        click.echo(f"tangthu: {_BUSY}", err=True)


def _values(grade: str, found: dict[str, Found], done: Done) -> dict[str, Any]:
    articles = [
        {
            "article": article, "also_in": [asdict(other) for other in one.alike],
            "pages": {
                "withheld": len(one.pages), "addresses": _addresses(one), "looked": one.looked, "of": one.of,
            },
        }
        for article, one in found.items()
    ]  # fmt: skip
    counts = {"sealed": done.sealed, "unsealed": done.unsealed, "restored": done.restored}
    return {"grade": grade, "articles": articles, **counts, "troubles": done.troubles, "wiped": done.wiped}


def _lines(grade: str, found: dict[str, Found], done: Done) -> Iterator[str]:
    for article, one in found.items():
        yield f"{article}: is in sight again" if grade == rule.NONE else f"{article}: {grade}"
        yield from (f"  also stands in: {other.id}  {other.portal}  {other.title}" for other in one.alike[:_NAMED])
        addresses = _addresses(one)
        yield from (f"  named by, and withheld too: {address}" for address in addresses[:_NAMED])
        if len(addresses) > _NAMED:
            yield f"  and {len(addresses) - _NAMED} more addresses"
        if one.of > one.looked:
            left = one.of - one.looked
            yield f"  {left} older pages of the portal were not looked through; --look-through 0 does it"
    counts = {"records sealed": done.sealed, "records unsealed": done.unsealed, "versions read again": done.restored}
    if told := ", ".join(f"{count} {what}" for what, count in counts.items() if count):
        yield told
    if grade in rule.BLANK:
        yield _RESTS
    if grade == "seal" and any(one.pages for one in found.values()):
        yield "The bytes of the other pages that name it stay in the WARC files."


def _addresses(found: Found) -> list[str]:
    return list(dict.fromkeys(page.url for page in found.pages))


def _list(data: Path, as_json: bool, quiet: bool) -> None:
    with explained(), reading(data) as db:
        decided = rule.log(db)
    values = [{name: getattr(one, name) for name in ("article", "grade", "at", "why", "asked_by")} for one in decided]
    lines = [
        f"{one.at}  {one.grade:6}  {one.article}  {one.why}" + (f" ({one.asked_by})" if one.asked_by else "")
        for one in decided
    ]
    finish(as_json, quiet, "\n".join(lines) or "nothing was taken down", {"takedowns": values})
