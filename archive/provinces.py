"""The provinces of before 1 July 2025, and what they are part of since. Pure; the data stands in provinces.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from archive.text import fold, normalise

_BEFORE = re.compile(r"^(?:tinh|thanh pho|tp) ")
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Province:
    """``name`` until 30 June 2025 · ``now`` the one of the 34 that it is part of since, often its own name ·
    ``column`` and ``row`` its place on the map of tiles, from 1."""

    name: str
    now: str
    column: int
    row: int


def find(name: str) -> Province | None:
    """The province that a portal's file means: "Tỉnh Hoà Bình", "TP. Hồ Chí Minh", "Bà Rịa–Vũng Tàu"; None for none."""
    return _BY_KEY.get(_key(name))


def now(name: str) -> str:
    """What a province of before July 2025 is part of since; "" when the name is none."""
    province = find(name)
    return province.now if province else ""


def _key(name: str) -> str:
    return _BEFORE.sub("", _NO_LETTER.sub(" ", fold(normalise(name))).strip())


def _read() -> tuple[tuple[Province, ...], dict[str, Province]]:
    provinces: list[Province] = []
    by_key: dict[str, Province] = {}
    for said in tomllib.loads(files("archive").joinpath("provinces.toml").read_text("utf-8"))["province"]:
        province = Province(said["name"], said["now"], *said["tile"])
        provinces.append(province)
        by_key |= {_key(name): province for name in (said["name"], *said.get("also", ()))}
    return tuple(provinces), by_key


PROVINCES, _BY_KEY = _read()
