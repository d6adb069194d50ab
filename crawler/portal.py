"""A portal is data: one small TOML file, merged over its platform."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive import urls
from archive.text import normalise
from crawler.platform import Discovery, Listing, Platform, Rules
from crawler.platforms import PLATFORMS

BUNDLED = Path(__file__).parent / "portals"
DEFAULT_DELAY = 5.0
_LOOPBACK = re.compile(r"^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$")
_ID = re.compile(r"^[a-z0-9_.-]+/[a-z0-9_.-]+$")


class PortalError(Exception):
    """A portal file that must be mended: names the file and the key."""

    def __init__(self, file: Path | str, key: str, why: str) -> None:
        super().__init__(f"{file}: {key}: {why}" if key else f"{file}: {why}")
        self.file, self.key, self.why = file, key, why


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pages looked up to and including ``until``."""

    until: date
    rules: Rules
    number: str


@dataclass(frozen=True, slots=True)
class Portal:
    """A district's portal. ``id`` "<province>/<district>" · ``closed`` not crawled from this day on, None when open.

    ``communes`` that took over the district's land, as they are called; () when not known ·
    ``tls`` "old": its servers speak only what nobody should any more, or show certificates that are not good; else "" ·
    ``render`` its pages are made by JavaScript.
    """

    id: str
    name: str
    district: str
    province: str
    home: str
    platform: str
    aliases: tuple[str, ...] = ()
    delay: float = DEFAULT_DELAY
    closed: date | None = None
    communes: tuple[str, ...] = ()
    tls: str = ""
    render: bool = False
    discovery: Discovery = field(default_factory=Discovery)
    rules: Rules = field(default_factory=Rules)
    number: str = ""
    layouts: tuple[Layout, ...] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """The home's host and the aliases, without "www."."""
        return frozenset(urls.host(f"http://{alias}/") for alias in self.aliases) | {urls.host(self.home)}

    @property
    def loopback(self) -> bool:
        return bool(_LOOPBACK.match(urls.host(self.home)))

    def rules_at(self, day: date) -> Rules:
        """The rules that read the pages of that day: rules are chosen by capture date."""
        layout = self._layout(day)
        return layout.rules if layout else self.rules

    def number_of(self, addresses: Iterable[str], day: date) -> str:
        """The platform's own number of the article at these addresses, as "drupal7/12"; "" when none shows it."""
        layout = self._layout(day)
        pattern = layout.number if layout else self.number
        if pattern:
            for address in addresses:
                if found := re.search(pattern, urls.path_query(address)):
                    return f"{(layout.rules if layout else self.rules).name.partition('+')[0]}/{found.group(1)}"
        return ""

    def _layout(self, day: date) -> Layout | None:
        return next((layout for layout in self.layouts if day <= layout.until), None)


def load_all(folder: Path | None) -> dict[str, Portal]:
    """Every portal file by id: the bundled ones, and those of ``folder`` (which win). Raises PortalError."""
    return {portal_id: load_file(path, portal_id) for portal_id, path in _files(folder)}


def load(portal_id: str, folder: Path | None) -> Portal:
    """One portal. Raises PortalError when no file has that id, or when the file must be mended."""
    files = dict(_files(folder))
    if portal_id not in files:
        close = ", ".join(sorted(files)) or "none"
        raise PortalError(f"{portal_id}", "", f"no such portal; there are: {close}. Its file would be {portal_id}.toml")
    return load_file(files[portal_id], portal_id)


def load_file(path: Path, portal_id: str) -> Portal:
    """Read, check and merge a portal file. Raises PortalError."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PortalError(path, "", f"cannot be read as TOML: {error}") from error
    return _Reader(path).portal(portal_id, values)


def foreign(host: str, platform: Platform | None) -> Portal:
    """The portal that a host without a portal file gets when its captures are imported: ``khac/<host>``."""
    name = re.sub(r"[^a-z0-9_.-]+", "_", host.lower()).strip("_") or "khong_ten"
    portal = Portal(f"khac/{name}", host, "", "", f"http://{host}/", platform.name if platform else "")
    if not platform:
        return portal
    return replace(portal, discovery=platform.discovery, rules=platform.rules, number=platform.number)


def _files(folder: Path | None) -> Iterator[tuple[str, Path]]:
    for root in (BUNDLED, folder):
        if root and root.is_dir():
            for path in sorted(root.glob("*/*.toml")):
                yield f"{path.parent.name}/{path.stem}", path


class _Reader:
    """Reads one file; every complaint names it and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, key: str, why: str) -> PortalError:
        return PortalError(self.path, key, why)

    def portal(self, portal_id: str, values: dict[str, Any]) -> Portal:
        if not _ID.match(portal_id):
            raise self.fail("", f"“{portal_id}” is no portal id: <province>/<district> in a-z, 0-9, _ . -")
        self.only(values, "", {*_TEXTS, *_KEYS})
        for key in _TEXTS:
            if not isinstance(values.get(key), str) or not values[key].strip():
                raise self.fail(key, "is missing: a text is needed")
        if not urls.canonical(values["home"]).startswith(("http://", "https://")):
            raise self.fail("home", "must be an address that starts with http:// or https://")
        platform = self.platform("platform", values["platform"])
        portal = Portal(
            id=portal_id,
            **{key: values[key] for key in _TEXTS},
            aliases=self.texts("aliases", values.get("aliases", [])),
            delay=DEFAULT_DELAY,
            closed=self.day("closed", values["closed"]) if "closed" in values else None,
            communes=self.names("communes", values.get("communes", [])),
            tls=self.tls(values["tls"]) if "tls" in values else "",
            render=self.flag("render", values.get("render", False)),
            discovery=self.discovery(values.get("discovery", {}), platform.discovery),
            rules=self.rules("article", values.get("article", {}), platform.rules, portal_id),
            number=platform.number,
            layouts=tuple(self.layouts(values.get("layouts", []), portal_id)),
        )
        return replace(portal, delay=self.delay(values.get("delay", DEFAULT_DELAY), portal))

    def platform(self, key: str, name: object) -> Platform:
        if not isinstance(name, str) or name not in PLATFORMS:
            raise self.fail(key, f"“{name}” is unknown; there are: {', '.join(sorted(PLATFORMS))}")
        return PLATFORMS[name]

    def delay(self, value: object, portal: Portal) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 3600:
            raise self.fail("delay", "must be seconds between two requests, 0 to 3600")
        if value < 1 and not portal.loopback:
            raise self.fail("delay", "under one second is for loopback hosts only")
        return float(value)

    def day(self, key: str, value: object) -> date:
        if type(value) is not date:
            raise self.fail(key, "must be a day: 2025-07-01, without quotes")
        return value

    def tls(self, value: object) -> str:
        if value != "old":
            raise self.fail("tls", "can only be “old”, for a server that speaks no modern TLS; else leave it out")
        return "old"

    def flag(self, key: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false, without quotes")
        return value

    def texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "must be a list of texts")
        return tuple(value)

    def names(self, key: str, value: object) -> tuple[str, ...]:
        names = tuple(normalise(name) for name in self.texts(key, value))
        if not all(names):
            raise self.fail(key, "holds an empty name")
        return names

    def only(self, values: Any, prefix: str, known: set[str]) -> None:
        if not isinstance(values, dict):
            raise self.fail(prefix.rstrip("."), "must be a table")
        for key in values:
            if key not in known:
                raise self.fail(f"{prefix}{key}", f"is unknown; there are: {', '.join(sorted(known))}")

    def pattern(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.fail(key, "must be a text")
        try:
            re.compile(value)
        except re.error as error:
            raise self.fail(key, f"is no regular expression: {error}") from error
        return value

    def selectors(self, key: str, value: object) -> tuple[str, ...]:
        texts = self.texts(key, value)
        for text in texts:
            try:
                LexborHTMLParser("<p>").css(text.partition("@")[0])
            except (SelectolaxError, ValueError) as error:
                raise self.fail(key, f"“{text}” is no CSS selector: {error}") from error
        return texts

    def discovery(self, values: dict[str, Any], base: Discovery) -> Discovery:
        self.only(values, "discovery.", {item.name for item in fields(Discovery)})
        changes: dict[str, Any] = {}
        for key, value in values.items():
            name = f"discovery.{key}"
            if key in ("sitemaps", "feeds"):
                changes[key] = self.texts(name, value)
            elif key in ("menus", "links", "next"):
                changes[key] = (*self.selectors(name, value), *getattr(base, key))
            elif key == "listings":
                changes[key] = tuple(self.listings(value))
            else:
                changes[key] = self.pattern(name, value)
        return replace(base, **changes)

    def listings(self, values: Any) -> Iterator[Listing]:
        for value in values if isinstance(values, list) else [values]:
            self.only(value, "discovery.listings.", {"url", "section"})
            if not isinstance(value.get("url"), str) or not isinstance(value.get("section", ""), str):
                raise self.fail("discovery.listings", 'needs url = "…", and may have section = "…"')
            yield Listing(value["url"], value.get("section", ""))

    def rules(self, prefix: str, values: dict[str, Any], base: Rules, portal_id: str) -> Rules:
        known = {item.name for item in fields(Rules)} - {"name", "reject", "views"}
        self.only(values, f"{prefix}.", known)
        changes = {key: self.selectors(f"{prefix}.{key}", value) for key, value in values.items()}
        merged = {key: (*value, *getattr(base, key)) for key, value in changes.items()}
        return replace(base, **merged, name=f"{base.name}+{portal_id}") if merged else base

    def layouts(self, values: object, portal_id: str) -> Iterator[Layout]:
        if not isinstance(values, list):
            raise self.fail("layouts", "must be written as [[layouts]]")
        found = []
        for value in values:
            self.only(value, "layouts.", {"until", "platform", "article"})
            platform = self.platform("layouts.platform", value.get("platform"))
            rules = self.rules("layouts.article", value.get("article", {}), platform.rules, portal_id)
            found.append(Layout(self.day("layouts.until", value.get("until")), rules, platform.number))
        yield from sorted(found, key=lambda layout: layout.until)


_TEXTS = ("name", "district", "province", "home", "platform")
_KEYS = ("aliases", "delay", "closed", "communes", "tls", "render", "discovery", "article", "layouts")
