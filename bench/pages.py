"""A portal of many articles for bench/crawl.py, served from a process of its own.

The demo portal's articles, multiplied: numbers, paths and words are varied so that no two texts are equal, and
side blocks fill each page to the 35 to 60 KB that pages of real portals have. Everything is packed beforehand:
the server only looks up bytes.
"""

from __future__ import annotations

import gzip
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crawler.demo import DemoPortal, expected

PER_LISTING = 20


def pages(count: int) -> dict[str, bytes]:
    """Path → packed page: articles, the listing's pages, robots.txt."""
    from urllib.request import urlopen

    with DemoPortal() as portal:
        models = [urlopen(portal.url[:-1] + wanted.path).read().decode() for wanted in expected()]
        home = portal.url[:-1]
    made: dict[str, str] = {}
    for number in range(count):
        model = models[number % len(models)].replace(home, "")
        made[f"/tin-tuc/bai-{number}"] = _vary(model, number)
    for page in range((count - 1) // PER_LISTING + 1):
        shown = range(page * PER_LISTING, min(count, (page + 1) * PER_LISTING))
        made["/" if page == 0 else f"/?page={page}"] = _listing(page, shown, more=shown[-1] + 1 < count)
    made["/robots.txt"] = "User-agent: *\nDisallow: /print/\n"
    return {path: gzip.compress(text.encode(), 6, mtime=0) for path, text in made.items()}


def _vary(model: str, number: int) -> str:
    text = re.sub(r'<link rel="canonical"[^>]*>', f'<link rel="canonical" href="/tin-tuc/bai-{number}" />', model)
    text = re.sub(r'<link rel="shortlink"[^>]*>', f'<link rel="shortlink" href="/node/{number + 1000}" />', text)
    text = re.sub(r"(<h1[^>]*>\s*)", rf"\1Bài {number}: ", text)
    text = re.sub(r"(<p[^>]*>)", rf"\1Tin số {number}. ", text)
    room = max(0, 35_000 + number * 7919 % 25_000 - len(text.encode()))
    links = "".join(
        f'<li class="leaf"><a href="/lien-ket/{number}-{n}">Liên kết {n}</a></li>' for n in range(room // 75)
    )
    return text.replace("</body>", f'<div class="block"><ul class="links-block">{links}</ul></div></body>')


def _listing(page: int, shown: range, more: bool) -> str:
    teasers = "".join(
        f'<div class="node node-teaser"><h2><a href="/tin-tuc/bai-{n}">Bài {n}</a></h2><p>Tóm tắt {n}</p></div>'
        for n in shown
    )
    pager = f'<ul class="pager"><li class="pager-next"><a href="/?page={page + 1}">sau</a></li></ul>' if more else ""
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body class="front">{teasers}{pager}</body></html>'


def serve(count: int) -> None:
    """Serve until the reader of standard output closes it; the first line printed is the address."""
    stored = pages(count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20  # head and body in one packet: else each answer waits 40 ms for the client's ACK

        def do_GET(self) -> None:
            body = stored.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/plain" if self.path.endswith(".txt") else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body or b"")))
            if body:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    print(sum(map(len, stored.values())), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
