"""Pictures of each kind of page, on a desk in daylight and on a phone at night, into docs/screens/."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browsing import chromium, make_demo, served  # noqa: E402
from kinds import KINDS, address  # noqa: E402

LOOKS = (("desk", 1280, "light", "vi"), ("phone", 390, "dark", "en"))
HIGHEST = 1500  # pixels: what follows below is more of the same


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        data = Path(made)
        make_demo(data)
        with served(data) as site:
            for look, width, scheme, language in LOOKS:
                context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
                context.add_cookies([{"name": "tangthu_lang", "value": language, "url": site}])
                page = context.new_page()
                for kind in KINDS:
                    page.goto(site + address(data, kind))
                    height = min(HIGHEST, int(page.evaluate("document.documentElement.scrollHeight")))
                    clip = {"x": 0, "y": 0, "width": width, "height": height}
                    name = f"{kind.replace(' ', '-')}-{look}.jpg"
                    page.screenshot(path=folder / name, type="jpeg", quality=72, full_page=True, clip=clip)  # type: ignore[arg-type]
                    print(name)
                context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens")
