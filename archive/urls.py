"""What makes two addresses the same page. Imports nothing of ours."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

# A parameter is dropped only when no known system pages or addresses content with it: "page", "start", "id" stay.
_SESSION = re.compile(r"(?i)^(?:sid|s?phpsessid|jsessionid|session_?id|aspsessionid\w*|cfid|cftoken)$")
# Liferay names the page that the reader came from in each link.
_TRACKING = re.compile(r"(?i)^(?:utm_\w+|fbclid|gclid|zarsrc|zanpid|_ga|mc_[ce]id|(?:inherit|_\w+_)?redirect)$")
_PATH_SESSION = re.compile(r"(?i);jsessionid=[^/?#;]*")
_ASP_SESSION = re.compile(r"(?i)/\([SFA]\([a-z0-9]{20,}\)\)(?=/)")
_PORTS = {"http": 80, "https": 443}
_SEGMENT_SAFE = ":@!$&'()*+,;=~-._"


@lru_cache(8192)
def canonical(url: str) -> str:
    """The address to keep: lower-case scheme and host, no default port, no fragment, no session id, no tracking.

    Paging and content parameters stay, in the order given. Not an http(s) address, or not one that can be
    read: returned without its fragment, the latter after "invalid:".
    """
    url = url.encode("utf-8", "replace").decode()  # a lone surrogate is no letter of any address
    try:
        parts = urlsplit(url.partition("#")[0].strip())
        port = parts.port
    except ValueError:
        return _unreadable(url)
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").rstrip(".")
    if scheme not in _PORTS or not re.fullmatch(r"[^\s\[\]/@]+|[0-9a-f:.]+", host):
        return _unreadable(url)
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _PORTS[scheme]) else f"{host}:{port}"
    path = _ASP_SESSION.sub("", _PATH_SESSION.sub("", parts.path)) or "/"
    return urlunsplit((scheme, netloc, _requote(path), _query(parts.query, path.lower().endswith(".aspx")), ""))


@lru_cache(8192)
def key(url: str) -> str:
    """The SURT key under which a page is looked up: ``vn,gov,namdinh,xuantruong)/tin-tuc/a?page=2``.

    http and https, www or not, a closing slash or not, and the order of parameters make no difference.
    Source: the "Sort-friendly URI Reordering Transform" of the Internet Archive's crawlers and CDX servers.
    """
    address = canonical(url)
    if not _readable(address):
        return address
    parts = urlsplit(address)
    host, _, port = parts.netloc.rpartition(":") if re.search(r":\d+$", parts.netloc) else (parts.netloc, "", "")
    host = host.removeprefix("www.")
    labels = host if re.fullmatch(r"[\d.]+|\[.*\]", host) else ",".join(reversed(host.split(".")))
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    path = parts.path.rstrip("/") or "/"
    return f"{labels}{':' + port if port else ''}){path}{'?' + query if query else ''}"


def host(url: str) -> str:
    """The host with its port when it is not the scheme's own, without "www."; "" when there is none."""
    address = canonical(url)
    return urlsplit(address).netloc.removeprefix("www.") if _readable(address) else ""


def path_query(url: str) -> str:
    """What portal files' regular expressions are searched in: ``/tin-tuc/a?page=2``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path + ("?" + parts.query if parts.query else "")


def article_id(identity: str) -> str:
    """Ten characters of [a-z2-7] out of an identity: 50 bits of its SHA-256."""
    return base64.b32encode(hashlib.sha256(identity.encode("utf-8", "replace")).digest())[:10].decode().lower()


def _unreadable(url: str) -> str:
    address = url.partition("#")[0].strip()
    return "invalid:" + address if address.lower().startswith(("http:", "https:")) else address


def _readable(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _requote(path: str) -> str:
    """Percent-encoding in one form: "%7e" and "~", "Đ" and "%C4%90" are the same path; "%2F" is no slash."""
    return "/".join(quote(unquote_to_bytes(segment), safe=_SEGMENT_SAFE) for segment in path.split("/"))


def _query(query: str, dotnet: bool) -> str:
    """The parameters that say which page. ASP.NET keeps its sessions elsewhere; VNPT's "sid" there is the site."""
    kept = []
    for part in query.split("&"):
        name = part.partition("=")[0]
        session = _SESSION.match(name) and not (dotnet and name.lower() == "sid")
        if part and not session and not _TRACKING.match(name):
            kept.append(part)
    return "&".join(kept)
