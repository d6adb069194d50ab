"""The commands that look after an archive: is it whole, make it again, take a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from archive.consistency import Finding
from archive.scan import files
from archive.store import StoreError, snapshot
from archive.verify import Figures, Verification
from crawler import locks, portal
from crawler import rebuild as rebuilding
from crawler.ingest import DATABASE
from crawler.recovery import repair
from crawler.terminal import explained, finish, output_options

_NONE_YET = "there is no archive yet; “tangthu demo” or “tangthu crawl” makes one"


@click.command()
@click.option("--repair", "mend", is_flag=True, help="Cut torn tails, take in unknown records, mend index and counts.")
@output_options
@click.pass_obj
def verify(data: Path, mend: bool, as_json: bool, quiet: bool) -> None:
    """Is everything there that was kept? Reads every record of every WARC, and the whole database.

    Names the file and the byte of what is wrong, a line each. May run while a crawl does; --repair may not.
    """
    if not (data / DATABASE).exists() and not files(data / "warc"):
        raise click.ClickException(f"{data}: {_NONE_YET}")
    done: list[str] = []
    with explained():
        if mend:
            known = portal.load_all(data / "portals")
            with locks.archive(data, "repair"):
                done = repair(data, known, _look(data, quiet, say=False)[1])
                for line in done:
                    click.echo(f"tangthu: {line}", err=True)
                figures, found = _look(data, quiet, say=True)
        else:
            figures, found = _look(data, quiet, say=True)
    wrong = [_as_dict(finding) for finding in found if finding.fault]
    notes = [_as_dict(finding) for finding in found if not finding.fault]
    values = {**asdict(figures), "wrong": wrong, "notes": notes, "repaired": done}
    told = f"{len(wrong)} things are wrong" if wrong else "nothing is wrong"
    finish(as_json, quiet, f"{told}: {_summary(figures)}", values)
    sys.exit(1 if wrong else 0)


def _look(data: Path, quiet: bool, say: bool) -> tuple[Figures, list[Finding]]:
    """What was looked at, and what was found; ``say``: as it is found, too."""
    look = Verification(data / DATABASE, data / "warc", lambda: _writing(data))
    found: list[Finding] = []
    with _bar("verify", data, quiet) as bar:
        for finding in look.run(bar.update):
            found.append(finding)
            if say and (finding.fault or not quiet):
                bar.write(f"tangthu: {finding}", file=sys.stderr)
    return look.figures, found


def _as_dict(finding: Finding) -> dict[str, Any]:
    return {"file": str(finding.path), "offset": finding.offset, "why": finding.why, "remedy": finding.remedy}


def _writing(data: Path) -> set[str]:
    """The runs that write at this moment, as they stand in names of files."""
    return {owner.run.replace("/", "-") for owner in locks.owners(data)}


def _summary(figures: Figures) -> str:
    unchecked = f", {figures.unchecked} without a digest" if figures.unchecked else ""
    return (
        f"{figures.files} WARC files, {figures.bytes / 1e6:,.1f} MB, {figures.records:,} records{unchecked}; "
        f"{figures.captures:,} captures, {figures.articles:,} articles, {figures.versions:,} versions"
    )


@click.command()
@click.option("--force", is_flag=True, help="Also when captures are lost that the WARCs do not have any more.")
@output_options
@click.pass_obj
def rebuild(data: Path, force: bool, as_json: bool, quiet: bool) -> None:
    """Make the database again, from the WARCs alone, by the rules of today.

    Articles and versions keep their addresses. The site may go on: it shows the former state until the new one is
    complete, and a rebuild that is stopped changes nothing.
    """
    with explained(), _bar("rebuild", data, quiet) as bar:
        try:
            report = rebuilding.rebuild(data, portal.load_all(data / "portals"), bar.update, force)
        except KeyboardInterrupt as error:
            raise click.ClickException("stopped: the database is as it was before") from error
    if report.aside:
        click.echo(f"tangthu: the database could not be used: it is {report.aside} now. Restart the site", err=True)
    for damage in report.damaged:
        click.echo(f"tangthu: {damage}; {damage.length} bytes are left out", err=True)
    counts = {name: report.counts[name] for name in ("new", "changed", "same", "gone", "failed", "kept")}
    line = (
        f"{report.files} WARC files, {report.records} records: {counts['new']} articles, {counts['changed']} changes, "
        f"{counts['same']} seen again, {counts['gone']} gone; {counts['failed']} pages without an article, "
        f"{counts['kept']} other captures"
    )
    values: dict[str, Any] = {"files": report.files, "records": report.records, **counts}
    values["damaged"] = [str(damage) for damage in report.damaged]
    values["aside"] = str(report.aside) if report.aside else None
    finish(as_json, quiet, line, values)
    sys.exit(1 if report.damaged else 0)


def _bar(what: str, data: Path, quiet: bool) -> tqdm[Any]:
    silent = quiet or not sys.stderr.isatty()
    return tqdm(total=rebuilding.size(data), desc=what, unit="B", unit_scale=True, disable=silent)


@click.group()
def export() -> None:
    """Copies for other tools and other hands."""


@export.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--force", is_flag=True, help="Also when FILE is there: it is replaced.")
@output_options
@click.pass_obj
def sqlite(data: Path, file: Path, force: bool, as_json: bool, quiet: bool) -> None:
    """Write the database, as it is at this moment, to FILE: one file, also while a crawl runs."""
    source = data / DATABASE
    if not source.exists():
        raise click.ClickException(f"{source}: {_NONE_YET}")
    _refuse(source, file, force)
    part = file.with_name(f".{file.name}.part")
    with explained():
        try:
            part.unlink(missing_ok=True)
            snapshot(source, part)
            with closing(sqlite3.connect(part)) as copy:
                copy.execute("pragma journal_mode = delete")  # it opens alone, also where nothing can be written
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(file)
        except OSError as error:
            raise StoreError(f"{file}: cannot be written: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
    size = file.stat().st_size
    finish(as_json, quiet, f"{file}: {size / 1e6:,.1f} MB", {"file": str(file), "bytes": size})


def _refuse(source: Path, file: Path, force: bool) -> None:
    """Before anything is written."""
    if not file.parent.is_dir():
        raise click.ClickException(f"{file.parent}: there is no such folder; make it first")
    if file.exists() and file.samefile(source):
        raise click.UsageError(f"{file} is the archive's own database: name another file")
    if file.exists() and not force:
        raise click.ClickException(f"{file}: is there already; say --force to replace it")
    if file.with_name(f"{file.name}-wal").exists():
        raise click.ClickException(f"{file}: is in use; close what reads it, or name another file")
    wal = source.with_name(f"{source.name}-wal")
    needed = source.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
    free = shutil.disk_usage(file.parent).free
    if free < needed:
        raise click.ClickException(
            f"{file}: needs {needed / 1e6:,.0f} MB, {free / 1e6:,.0f} MB are free: make room, or name another disk"
        )
