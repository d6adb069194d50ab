"""``tangthu portals``: which portals are described, and whether their files are right."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from archive import provinces
from crawler import portal
from crawler import record as recording
from crawler.terminal import explained, is_closed
from crawler.terminal import owner as owner_of


@click.group("portals")
def portals() -> None:
    """The portals that are described, and whether their files are right."""


@portals.command("list")
@click.option("--json", "as_json", is_flag=True, help="One machine-readable line.")
@click.pass_obj
def portals_list(data: Path, as_json: bool) -> None:
    """Every portal with its platform, its home and whether it is closed."""
    with explained():
        known = portal.load_all(data / "portals")
    if as_json:
        click.echo(json.dumps([{"id": p.id, "name": p.name, "home": p.home, "platform": p.platform,
                                "closed": p.closed and p.closed.isoformat()} for p in known.values()],
                              ensure_ascii=False))  # fmt: skip
        return
    for p in known.values():
        click.echo(f"{p.id:32} {p.platform:10} {p.home}" + (f"  closed {p.closed.isoformat()}" if p.closed else ""))


@portals.command("check")
@click.argument("portal_id", metavar="ID")
@click.pass_obj
def portals_check(data: Path, portal_id: str) -> None:
    """Read the portal's file and say what is wrong with it, or what it means."""
    with explained():
        p = portal.load(portal_id, data / "portals")
    click.echo(f"{p.id}: {p.name} ({p.district}, {p.province})")
    if now := provinces.now(p.province):
        click.echo(f"  today     {', '.join([*p.communes, now])}")
    click.echo(f"  home      {p.home}" + (f", also {', '.join(p.aliases)}" if p.aliases else ""))
    click.echo(f"  platform  {p.platform}, {p.delay:g} seconds between requests")
    sources = ", ".join([*p.discovery.sitemaps, *p.discovery.feeds]) or "none"
    listings = (
        f"{len(p.discovery.listings)} listings" if p.discovery.listings else "listings from the menus of the home page"
    )
    click.echo(f"  sources   {sources}; {listings}")
    if p.tls:
        click.echo("  tls       old: TLS 1.0 and up, certificates are looked at and not insisted on")
    if p.render:
        click.echo("  render    Chromium fills in its pages")
    for layout in p.layouts:
        click.echo(f"  layout    until {layout.until.isoformat()}: {layout.rules.name}")
    if is_closed(p):
        click.echo(f"  closed    {p.closed}: not crawled any more; imports still are")


@portals.command("record")
@click.argument("url", metavar="URL")
@click.option("--file", "saved", type=click.Path(path_type=Path), metavar="PAGE", help="The page, saved before.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default: tests/pages.")
@click.option("--slug", default="", metavar="NAME", help="The files' name; made of the address when not given.")
@click.option("--force", is_flag=True, help="Replace the pair that is there.")
@click.pass_obj
def portals_record(data: Path, url: str, saved: Path | None, into: Path | None, slug: str, force: bool) -> None:
    """Make a golden page of the page at URL: the page and the article read in it, for a person to check."""
    into = into or Path("tests/pages")
    if into == Path("tests/pages") and not into.is_dir():
        raise click.UsageError("there is no tests/pages here: give --into DIR, or go to the repository")
    if slug and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug):
        raise click.UsageError(f"--slug {slug}: a name of a-z, 0-9 and - is needed")
    with explained():
        known = portal.load_all(data / "portals")
    try:
        capture = recording.read(saved, url) if saved else recording.fetch(url)
        owner = owner_of(capture, known)
        recorded = recording.record(capture, owner, into / recording.place(owner, known), slug, force)
    except recording.RecordError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(recording.printable(line) for line in recording.shown(recorded)))
