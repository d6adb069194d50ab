"""Asks for addresses with the project's own Scrapy settings, in a process of its own, and says what came of each.

``python asking.py`` reads a JSON object: ``portal`` the portal's file as text · ``urls`` · ``settings`` more of
Scrapy's · ``names`` {name: [addresses of the first answer, of the second …]}, the DNS of this process: the last answer
stays, and names that are not in it do not exist · ``public`` loopback addresses that stand for public ones. It prints a
JSON object a URL, in the order of ``urls``, then the stats as one more.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def ask(portal: str, urls: Iterable[str], env: dict[str, str] | None = None, **more: Any) -> Asked:
    """As the module says it. ``env`` is added to the environment."""
    words = json.dumps({"portal": portal, "urls": list(urls), **more})
    done = subprocess.run(
        [sys.executable, Path(__file__).resolve()],
        input=words,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *answers, stats = map(json.loads, done.stdout.splitlines())
    return Asked(answers, stats, done.stderr)


class Asked:
    """``answers``: url, and status, body, named, provenance; or error (its class), why, classified, said."""

    def __init__(self, answers: list[dict[str, Any]], stats: dict[str, Any], log: str) -> None:
        self.answers, self.stats, self.log = answers, stats, log


def fake_dns(names: dict[str, list[list[str]]]) -> None:
    """Takes the place of the system's resolver. Call it before anything imports twisted."""
    real, asked = socket.getaddrinfo, dict.fromkeys(names, 0)

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name in names:
            answers = names[name]
            asked[name] += 1
            found = answers[min(asked[name], len(answers)) - 1]
            return [line for address in found for line in real(address, port, *more, **named)]
        if ":" in name or re.fullmatch(r"[0-9a-fx.]+", name) or name == "localhost":
            return real(host, port, *more, **named)
        raise socket.gaierror(socket.EAI_NONAME, "no such name in this test")

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def main() -> None:
    words = json.load(sys.stdin)
    fake_dns(words.get("names", {}))
    from scrapy import Request, Spider
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings

    from crawler import guard, portal, reach, tls

    public, kind = set(words.get("public", ())), guard.kind
    guard.kind = lambda address: "" if address in public else kind(address)  # type: ignore[assignment]
    answers: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thu.toml"
        path.write_text(words["portal"], "utf-8")
        described = portal.load_file(path, "nam_dinh/thu")

    class Asker(Spider):
        name = "asker"
        portal = described

        async def start(self):  # type: ignore[no-untyped-def]
            for number, url in enumerate(words["urls"]):
                try:
                    yield Request(url, self.parse, errback=self.lost, meta={"number": number})
                except ValueError as error:
                    answers[number] = {"url": url, "error": "ValueError", "why": str(error)}

        def parse(self, response: Any) -> None:
            answers[response.meta["number"]] = {
                "url": response.url,
                "status": response.status,
                "body": response.body.decode("latin-1"),
                "named": tls.named(response.request, response),
                "provenance": tls.provenance(response.request),
            }

        def lost(self, failure: Any) -> None:
            answers[failure.request.meta["number"]] = {
                "url": failure.request.url,
                "error": failure.type.__name__,
                "why": str(failure.value),
                "classified": reach.classify(failure.value),
                "said": reach.said(failure.value),
            }

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    unkept = {"ITEM_PIPELINES": {}, "DOWNLOAD_DELAY": 0, "HTTPERROR_ALLOW_ALL": True, "CONCURRENT_REQUESTS": 8}
    settings.update({**unkept, **words.get("settings", {})}, priority="cmdline")
    ours = [name for name in settings["DOWNLOADER_MIDDLEWARES"] if not name.startswith("crawler.gate.")]
    settings["DOWNLOADER_MIDDLEWARES"].update(dict.fromkeys(ours))  # they work for an archive, and there is none
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Asker)
    process.crawl(crawler)
    process.start()
    for number, url in enumerate(words["urls"]):
        print(json.dumps(answers.get(number, {"url": url, "error": "nothing came of it"})))
    print(json.dumps(crawler.stats.get_stats(), default=str))


if __name__ == "__main__":
    main()
