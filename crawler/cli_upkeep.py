"""The commands that look after an archive: is it whole, make it again, take a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from archive.consistency import Finding
from archive.health import Judgement, Reason, State, judge
from archive.scan import files
from archive.store import StoreError, snapshot
from archive.store import size as database_size
from archive.verify import Figures, Verification
from crawler import locks, portal
from crawler import rebuild as rebuilding
from crawler.ingest import DATABASE, NONE_YET
from crawler.recovery import repair
from crawler.terminal import explained, finish, output_options, reading


@click.command()
@click.option("--repair", "mend", is_flag=True, help="Cut torn tails, take in unknown records, mend index and counts.")
@output_options
@click.pass_obj
def verify(data: Path, mend: bool, as_json: bool, quiet: bool) -> None:
    """Is everything there that was kept? Reads every record of every WARC, and the whole database.

    Names the file and the byte of what is wrong, a line each. May run while a crawl does; --repair may not.
    """
    if not (data / DATABASE).exists() and not files(data / "warc"):
        raise click.ClickException(f"{data}: {NONE_YET}")
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
    """The other runs that write at this moment, as they stand in names of files."""
    return {owner.run.replace("/", "-") for owner in locks.owners(data) if owner.pid != os.getpid()}


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
        raise click.ClickException(f"{source}: {NONE_YET}")
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
    needed, free = database_size(source), shutil.disk_usage(file.parent).free
    if free < needed:
        raise click.ClickException(
            f"{file}: needs {needed / 1e6:,.0f} MB, {free / 1e6:,.0f} MB are free: make room, or name another disk"
        )


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@output_options
@click.pass_obj
def health(data: Path, ids: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Is every portal still yielding? Each is judged against its own history.

    Says what is the matter, and what to do. Unknown is never well: there is too little history to tell. Ends with 1
    when a portal is ill, or has a file and was never crawled.
    """
    described, mended_first = _described(data)
    with explained(), reading(data) as db:
        try:
            free = shutil.disk_usage(data).free
            judged = judge(db, datetime.now(UTC), described, locks.owners(data), free, ids)
        except ValueError as error:
            raise StoreError(f"{data / DATABASE}: {error}") from error
    if missing := set(ids) - {one.portal for one in judged}:
        raise click.UsageError(f"{', '.join(sorted(missing))}: no such portal; “tangthu portals list” shows them")
    if mended_first:
        click.echo(f"tangthu: {mended_first}. Until it is mended, nothing is said of portals without a crawl", err=True)
    if as_json:
        finish(True, quiet, "", _health_values(judged))
    else:
        for one in judged:
            if one.is_alarming or not (quiet or _is_foreign(one) or (not one.portal and one.state == "well")):
                click.echo("\n".join(_told(one)))
        if not quiet:
            click.echo(_health_summary(judged))
    sys.exit(1 if mended_first or any(one.is_alarming for one in judged) else 0)


def _described(data: Path) -> tuple[Mapping[str, str | None] | None, str]:
    """The portals that have a file, and when they close; or None, and which file must be mended first."""
    try:
        known = portal.load_all(data / "portals")
    except portal.PortalError as error:
        return None, str(error)
    return {one.id: one.closed.isoformat() if one.closed else None for one in known.values()}, ""


def _is_foreign(one: Judgement) -> bool:
    """A host that only an import brought: there may be hundreds."""
    return any(reason.code == "runs.imported" for reason in one.reasons)


_COLOURS: dict[State, str] = {"ill": "red", "unknown": "yellow", "well": "green", "closed": "cyan"}


def _told(one: Judgement) -> Iterator[str]:
    """A judgement in lines that fit a terminal of 80 columns."""
    width = min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 80
    run = f"run {one.last_run[:16].replace('T', ' ')}Z" if one.last_run else ""
    newest = f"newest {one.newest}" if one.newest else ""
    facts = "  ".join(filter(None, (run, newest)))
    state = click.style(f"{one.state:8}", fg=_COLOURS[one.state], bold=one.state == "ill")
    yield f"{state} {one.portal or 'the archive':{max(0, width - 10 - len(facts))}} {facts}".rstrip()
    history = [reason.text for reason in one.reasons if reason.is_history]
    if history:
        yield from _wrapped(f"too little history yet: {'; '.join(history)}", width)
    for reason in one.reasons:
        if not reason.is_history:
            yield from _wrapped(reason.text, width)
            if reason.action:
                yield from _wrapped(f"→ {reason.action}", width, "  ")


def _wrapped(line: str, width: int, more: str = "") -> list[str]:
    indent = " " * 9
    return textwrap.wrap(
        line, width, initial_indent=indent, subsequent_indent=indent + more, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _health_summary(judged: tuple[Judgement, ...]) -> str:
    portals = [one for one in judged if one.portal]
    foreign = sum(map(_is_foreign, portals))
    counts = Counter(one.state for one in portals if not _is_foreign(one))
    line = ", ".join(f"{counts[state]} {state}" for state in _COLOURS)
    return line + (f"; imported only: {foreign}" if foreign else "")


def _health_values(judged: tuple[Judgement, ...]) -> dict[str, Any]:
    counts = Counter(one.state for one in judged if one.portal)
    portals = [
        {
            "portal": one.portal, "state": one.state, "last_run": one.last_run, "newest": one.newest,
            "reasons": [_reason_values(reason) for reason in one.reasons],
        }
        for one in judged
    ]  # fmt: skip
    return {**{state: counts[state] for state in _COLOURS}, "portals": portals}


def _reason_values(reason: Reason) -> dict[str, Any]:
    return {**asdict(reason), "text": reason.text, "action": reason.action}
