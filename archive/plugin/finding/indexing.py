"""When the site starts: is the database one of today, and does the search index say what it says? A crawl may have been
killed before its end.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.utils import StartupError

from archive.consistency import is_of_today
from archive.plugin import answers
from archive.search.keeper import catch_up
from archive.store import StoreError


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Any) -> None:
    """The index follows beside the first readers, who find what was indexed before. A folder that is only to be read
    stays as it is.
    """
    served = datasette.databases.get(answers.DATABASE)
    if served is None or not served.path:
        return
    path = Path(str(served.path))
    if not is_of_today(path):
        # Every page would ask for what is not there.
        raise StartupError(f"{path}: the tables are those of an older version; “tangthu serve” brings them up to date")
    if os.access(path.parent, os.W_OK):
        threading.Thread(target=_catch_up, args=(path,), name="tangthu-index", daemon=True).start()


def _catch_up(database: Path) -> None:
    try:
        catch_up(database)
    except StoreError as error:
        sys.stderr.write(f"tangthu: {error}\n")
