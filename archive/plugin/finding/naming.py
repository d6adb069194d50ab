"""Portals by the names that people give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archive.plugin import answers
from archive.plugin.finding.question import Question
from archive.plugin.queries.searching import Named, everyone, named
from archive.text import fold, index_form


async def portals(datasette: Any) -> dict[str, Named]:
    """Every portal by its id, by province and district."""
    found = await answers.ask(datasette, everyone)
    return {entry.id: entry for entry in found}


async def chosen(datasette: Any, request: Any) -> tuple[dict[str, Named], str, Named | None]:
    """Every portal; what ``?portal=`` says, "" when nothing; and the portal that it means, None when it means none."""
    known, typed = await portals(datasette), answers.value(request, "portal")
    return known, typed, find(known, typed)


async def resolved(datasette: Any, asked: Question) -> tuple[Question, str]:
    """The question with the portal's id where a name was typed, and a name that is no portal's: it is disregarded."""
    typed = asked.filters.portal
    if not typed or typed in await answers.ask(datasette, lambda conn: named(conn, (typed,))):
        return asked, ""
    portal = find(await portals(datasette), typed)
    meant = replace(asked, filters=replace(asked.filters, portal=portal.id if portal else ""))
    return meant, "" if portal else typed


def find(portals: Mapping[str, Named], typed: str) -> Named | None:
    """The portal that an address or a reader means: by its id, its name, its district ("Huyện Xuân Trường", "xuan
    truong", "Xuân Trường, Nam Định"). None when there is none, or when several could be meant."""
    if typed in portals or not typed:
        return portals.get(typed)
    said = _plain(typed)
    meant = [entry for entry in portals.values() if said in _names(entry)]
    return meant[0] if len(meant) == 1 else None


# A district goes by its name alone as well.
_KINDS = ("huyen ", "quan ", "thi xa ", "thanh pho ", "tp ")


def _names(entry: Named) -> set[str]:
    district, province = _plain(entry.district), _plain(entry.province)
    bare = next((district.removeprefix(kind) for kind in _KINDS if district.startswith(kind)), district)
    return {_plain(entry.name), *(f"{name} {province}".strip() for name in (district, bare)), district, bare} - {""}


def _plain(typed: str) -> str:
    return " ".join(fold(index_form(typed)).replace(",", " ").replace(".", " ").split())
