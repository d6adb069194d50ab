"""The command ``tangthu``. Exit codes: 0 done · 1 something is wrong · 2 the command's words · 75 another run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from archive import cite as citations
from archive import search as searching
from archive.cite.load import load
from archive.model import Capture
from archive.search.keeper import catch_up
from archive.takedown import BLANK, grade_of
from crawler import imports, portal, reextract
from crawler import serve as serving
from crawler.cli_portals import portals
from crawler.cli_publish import download
from crawler.cli_takedown import takedown
from crawler.cli_upkeep import export, health, rebuild, verify
from crawler.crawling import crawl_all, summary
from crawler.demonstrate import demonstrate
from crawler.extract import NotAnArticle, NotHTML, extract
from crawler.ingest import DATABASE, NONE_YET, open_archive
from crawler.platform import Rules
from crawler.recovery import recover_import
from crawler.terminal import explained, finish, is_closed, output_options, owner, reading, stoppable
from crawler.workers import Workers, processes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TANGTHU_DATA",
    default=Path("data"),
    show_default=True,
    help="The archive's folder: tangthu.db, warc/ and the operator's own portals/.",
)
@click.version_option(package_name="tangthu")
@click.pass_context
def main(context: click.Context, data: Path) -> None:
    """Tàng Thư keeps the web portals of Vietnam's districts: crawled, cleaned, searchable, citable."""
    context.obj = data


main.add_command(portals)
main.add_command(verify)
main.add_command(rebuild)
main.add_command(export)
export.add_command(download)
main.add_command(health)
main.add_command(takedown)


@main.command()
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all", "every", is_flag=True, help="Every portal that is not closed.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many new pages a portal.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Look for nothing published before.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="So many portals at a time.")
@click.option("--minutes", type=click.FloatRange(0), default=1200, show_default=True, help="Most of a portal's run.")
@click.option("--requests", type=click.IntRange(0), default=0, help="Most of a portal's run; 0: no limit.")
@click.option("--megabytes", type=click.FloatRange(0), default=0, help="Most of a portal's run; 0: no limit.")
@output_options
@click.pass_obj
def crawl(
    data: Path, ids: tuple[str, ...], every: bool, limit: int | None, since: datetime | None, jobs: int, minutes: float,
    requests: int, megabytes: float, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Fetch what is new or changed on the portals ID. Stopped, it goes on where it was.

    A run over one portal ends within its limits; what it did not reach, the next one does.
    """
    if bool(ids) == every:
        raise click.UsageError("name portals, or say --all; “tangthu portals list” shows them")
    with explained():
        known = portal.load_all(data / "portals")
        chosen = (
            [p for p in known.values() if not is_closed(p)]
            if every
            else [portal.load(i, data / "portals") for i in ids]
        )
    on_terminal = sys.stderr.isatty() and not quiet
    options = {
        "TANGTHU_LIMIT": limit or 0,
        "TANGTHU_SINCE": since.date().isoformat() if since else "",
        "TANGTHU_MINUTES": minutes,
        "TANGTHU_REQUESTS": requests,
        "TANGTHU_MEGABYTES": megabytes,
        "TANGTHU_PROGRESS": on_terminal and jobs == 1,
        "TANGTHU_LOG": not quiet and not on_terminal,
        "LOG_LEVEL": "ERROR" if quiet else "WARNING",
    }
    worst = 0
    # Bars of several portals would write over each other: one for all of them.
    with (
        explained(),
        tqdm(total=len(chosen), desc="crawl", unit=" portals", disable=not on_terminal or jobs == 1) as bar,
    ):
        for ended in crawl_all(data, chosen, options, jobs):
            worst = max(worst, ended.code)
            bar.update()
            if ended.row is None:
                click.echo(f"tangthu: {ended.portal}: not crawled; see the lines above", err=True)
            else:
                finish(as_json, quiet and ended.code == 0, summary(ended.row), ended.row)
    sys.exit(worst)


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--portal", "portal_id", default=None, metavar="ID", help="All captures belong to this portal.")
@output_options
@click.pass_obj
def import_(data: Path, paths: tuple[Path, ...], portal_id: str | None, as_json: bool, quiet: bool) -> None:
    """Keep the captures of WARC and WET files, or of folders of them. What is here already is not kept twice."""
    with explained():
        known = portal.load_all(data / "portals")
        only = portal.load(portal_id, data / "portals") if portal_id else None
        found = imports.files(list(paths))
        with (
            open_archive(data, "import", only) as ingest,
            tqdm(desc="import", unit=" records", disable=quiet or not sys.stderr.isatty()) as bar,
        ):
            for line in recover_import(ingest, known).lines():
                click.echo(f"tangthu: {line}", err=True)
            report = imports.bring(ingest, found, known, only, bar.update)
        counts = {name: ingest.counts[name] for name in ("new", "changed", "same", "gone", "failed", "kept", "known")}
        catch_up(data / DATABASE)
    for damage in report.damaged:
        click.echo(f"tangthu: {damage}; what precedes it is kept", err=True)
    line = (
        f"{report.records} records: {counts['new']} new, {counts['changed']} changed, {counts['same']} same, "
        f"{counts['gone']} gone; {counts['failed']} pages without an article, {counts['kept']} other captures, "
        f"{counts['known']} known already"
    )
    finish(as_json, quiet, line, {"records": report.records, **counts, "damaged": [str(d) for d in report.damaged]})
    sys.exit(1 if report.damaged else 0)


@main.command("reextract")
@click.option("--portal", "portal_id", default=None, metavar="ID", help="Only what was kept of this portal.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes that read; one a core.")
@click.option("--dry-run", "dry", is_flag=True, help="Write nothing; say what would change, with examples.")
@output_options
@click.pass_obj
def reextract_(data: Path, portal_id: str | None, jobs: int, dry: bool, as_json: bool, quiet: bool) -> None:
    """Read every page that is kept again, by the rules of today. Stopped, it goes on where it was.

    Versions keep their numbers and articles their addresses. What gives no article any more is kept, and named.
    """
    silent = quiet or not sys.stderr.isatty()
    with explained(), stoppable(), reextract.opened(data, dry) as store:
        known = portal.load_all(data / "portals")
        if portal_id and portal_id not in known and not store.has_portal(portal_id):
            raise click.UsageError(f"{portal_id}: no such portal; “tangthu portals list” shows those that have a file")
        run = reextract.Reextraction(store, data / "warc", known, portal_id)
        with (
            Workers(lambda: processes(jobs), jobs) as workers,
            tqdm(total=run.left, desc="reextract", unit=" pages", disable=silent) as bar,
        ):
            report = run.run(workers, bar.update)
    if not dry:
        with explained():
            catch_up(data / DATABASE)
    for line in report.warnings():
        click.echo(f"tangthu: {line}", err=True)
    finish(as_json, quiet, "\n".join(report.lines(dry)), report.as_dict(dry))
    sys.exit(1 if report.wrong else 0)


@main.command("extract")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--url", default=None, help="The address the files were got from.")
@click.option("--manifest", type=click.Path(path_type=Path), help="JSON lines: url, file, fetched_at?, headers?")
@click.option("--portal", "portal_id", default=None, metavar="ID|none", help="Whose rules; by host when not given.")
@click.pass_obj
def extract_(
    data: Path, files: tuple[Path, ...], url: str | None, manifest: Path | None, portal_id: str | None
) -> None:
    """Print the article of each FILE as one line of JSON. Nothing is kept."""
    if bool(files) == bool(manifest) or (files and not url):
        raise click.UsageError("give FILE… with --url, or --manifest")
    with explained():
        known = portal.load_all(data / "portals")
        only = portal.load(portal_id, data / "portals") if portal_id and portal_id != "none" else None
    pages = _manifest(manifest) if manifest else ({"url": url, "file": str(path)} for path in files)
    for page in pages:
        capture = _page(page)
        rules = Rules() if portal_id == "none" else (only or owner(capture, known)).rules_at(capture.fetched_at.date())
        try:
            found: dict[str, Any] = asdict(extract(capture, rules))
        except (NotAnArticle, NotHTML) as error:
            found = {"url": capture.url, "error": str(error)}
        click.echo(json.dumps(found, ensure_ascii=False))


def _manifest(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            page = json.loads(line)
        except ValueError as error:
            raise click.ClickException(f"{path}, line {number}: no JSON: {error}") from error
        if not isinstance(page, dict) or not page.get("url") or not page.get("file"):
            raise click.ClickException(f"{path}, line {number}: needs url and file")
        page["file"] = str(path.parent / page["file"])
        yield page


def _page(page: dict[str, Any]) -> Capture:
    path = Path(page["file"])
    try:
        body = path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    headers = page.get("headers") or {}
    pairs = tuple((str(k), str(v)) for k, v in (headers.items() if isinstance(headers, dict) else headers))
    if not any(name.lower() == "content-type" for name, _ in pairs):
        plain = path.suffix == ".txt" and b"<html" not in body[:2000].lower()
        pairs = (*pairs, ("Content-Type", "text/plain" if plain else "text/html"))
    try:
        moment = datetime.fromisoformat(page["fetched_at"]) if page.get("fetched_at") else datetime.now(UTC)
    except ValueError as error:
        raise click.ClickException(f"{path}: fetched_at: {error}") from error
    return Capture(page["url"], moment if moment.tzinfo else moment.replace(tzinfo=UTC), 200, pairs, body, path.name)


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--portal", "portal_id", default="", metavar="ID", help="Only articles of this portal.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Published on that day or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Published on that day or earlier.")
@click.option("--sort", type=click.Choice(["rank", "newest", "oldest"]), default="rank", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One machine-readable line.")
@click.pass_obj
def search(
    data: Path, words: tuple[str, ...], portal_id: str, since: datetime | None, until: datetime | None,
    sort: searching.Sort, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """Search the articles, with or without diacritics; "quotes" make a phrase, -word leaves out."""
    since_day, until_day = (day.date().isoformat() if day else "" for day in (since, until))
    filters = searching.Filters(portal=portal_id, since=since_day, until=until_day)
    with explained(), reading(data) as db:
        index = searching.open_index(data / DATABASE)
        found = searching.search(db, index, " ".join(words), filters, sort, limit)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    for hit in found.hits:
        click.echo(f"{hit.id}  {(hit.published or '')[:10]:10}  {plain(hit.title)}")
        click.echo("            " + plain(hit.snippet))
    if found.folded:
        click.echo("nothing has the diacritics as typed; these are alike without them")
    if found.suggestion:
        click.echo(f"did you mean: {found.suggestion}")
    more = f"; {found.alike} more when diacritics are disregarded" if found.alike else ""
    click.echo(f"{found.total} articles{more}")


def plain(segments: Any) -> str:
    """Marked text for a terminal: hits in bold."""
    return "".join(click.style(text, bold=True) if is_hit else text for text, is_hit in segments)


@main.command()
@click.argument("article", metavar="ID")
@click.option("--format", "form", type=click.Choice(citations.FORMATS), default="text", show_default=True)
@click.option("--base-url", default="http://127.0.0.1:8001/", show_default=True, help="Where the archive is published.")
@click.pass_obj
def cite(data: Path, article: str, form: str, base_url: str) -> None:
    """Print the citation of the article ID (or of its version: ID/2)."""
    name, _, number = article.partition("/")
    if number and not number.isdigit():
        raise click.UsageError(f"{article}: a version is a number: {name}/2")
    with explained(), reading(data) as db:
        record = load(db, name, int(number) if number else None, base_url)
        grade = grade_of(db, name)
    if grade in BLANK:
        raise click.ClickException(f"{article}: is taken down; “tangthu takedown list” says since when and why")
    if record is None:
        raise click.ClickException(f"{article}: no such article; “tangthu search” finds ids")
    click.echo(citations.cite(record, form).rstrip("\n"))


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.pass_obj
def serve(data: Path, port: int, host: str) -> None:
    """Publish the archive with Datasette."""
    if not (data / DATABASE).exists():
        raise click.ClickException(f"{data / DATABASE}: {NONE_YET}")
    with explained():
        serving.serve(data / DATABASE, host, port)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="The site's port.")
@click.option("--no-serve", is_flag=True, help="End after the crawl.")
@click.pass_obj
def demo(data: Path, port: int, no_serve: bool) -> None:
    """Crawl the bundled portal twice, as on two days, say what was got, and publish it."""
    with explained():
        demonstrate(data, port, not no_serve)
