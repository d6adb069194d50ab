"""The reading room in this process: Datasette with the plugin, asked for pages without a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from datasette.app import Datasette
from shelf import Shelf

ROOT = Path(__file__).parent.parent
METADATA = json.loads((ROOT / "metadata.json").read_text("utf-8"))


class Site:
    """Datasette with the plugin and a browser without cookies, on one event loop."""

    def __init__(self, shelf: Shelf, **options: Any) -> None:
        self.ids = shelf.ids
        self.loop = asyncio.new_event_loop()
        metadata = {**METADATA, **options}
        self.datasette = Datasette([str(shelf.path)], metadata=metadata, settings={"suggest_facets": False})
        self.loop.run_until_complete(self.datasette.invoke_startup())

    def get(self, path: str, **options: Any) -> Any:
        return self.loop.run_until_complete(self.datasette.client.get(path, **options))

    def read(self, path: str, **options: Any) -> BeautifulSoup:
        answer = self.get(path, **options)
        assert answer.status_code == 200, path
        return BeautifulSoup(answer.text, "html.parser")


def words(soup: BeautifulSoup, selector: str = "main") -> str:
    return " ".join(" ".join(found.get_text(" ") for found in soup.select(selector)).split())
