"""What a hostile page would do, and what is seen and heard of it in Chromium."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import BrowserContext, Error, Page

# What a script would do: speak to the console, mark the page, open a dialog, call home.
PRESS = """() => document.querySelectorAll("a, button, area, summary, input[type=image]").forEach(
  found => found.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true})))"""
RUN = (
    "(console.log(/ran-a-script/.source),document.documentElement.lang=/ran/.source,new(Image)().src="
    "/HH/.source.replace(/HH/,String.fromCharCode(47,47)+/{host}/.source+String.fromCharCode(47)+/called/.source))"
)


@dataclass
class Heard:
    """What was seen of one page."""

    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def listening(answer: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that notes what it is asked for, and gives ``answer`` by path; its host and port."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = answer.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def watched(context: BrowserContext) -> tuple[Page, Heard]:
    page, heard = context.new_page(), Heard()
    page.on("console", lambda message: heard.console.append(message.text))
    page.on("dialog", lambda dialog: (heard.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: heard.requests.append(request.url))
    page.set_default_timeout(20_000)
    return page, heard


def look(page: Page, address: str, click: bool) -> None:
    """Open the page, wait a moment, and press whatever of the portal's can be pressed."""
    page.goto(address, wait_until="load")
    page.wait_for_timeout(40)
    if click:
        with contextlib.suppress(Error):  # the page is on its way to another one
            page.evaluate(PRESS)
        page.wait_for_timeout(40)
        page.wait_for_load_state("load")


def ran(page: Page, heard: Heard) -> bool:
    marked = False
    with contextlib.suppress(Error):  # the page is on its way to another one
        marked = page.evaluate("document.documentElement && document.documentElement.lang") == "ran"
    return marked or bool(heard.dialogs) or any("ran-a-script" in line for line in heard.console)
