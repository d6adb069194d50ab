"""A received page as a page of the archive: the same look, nothing that runs, nothing that asks anybody else.

What is taken out here is taken out for the page's sake and as a second fence: the first is the policy that the answer
carries (archive/plugin/snapshots.py), under which a browser would neither run a script nor ask another host, whatever
stood in the markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.replay import css
from archive.replay.addresses import IMAGE, OTHER, STYLES, Base
from archive.text.markup import tamed

_DROPPED = (
    "script, template, base, portal, fencedframe, bgsound, noembed, noframes, meta[http-equiv], meta[charset],"
    " meta[name='referrer' i], meta[name='monetization' i], param, animate[attributename$='href' i],"
    " set[attributename$='href' i], animate[attributename^='on' i], set[attributename^='on' i]"
)
# What shows another document or a plug-in: a link to it stands in its place.
_FRAMES = {"iframe": "src", "frame": "src", "embed": "src", "object": "data", "applet": "code"}
# What asks, sends, opens or overlays something, is meant for scripts, or would keep style sheets from working here
# (their bytes are not those of their digest any more). ``slot``: the page itself stands in a slot (banner.html).
_TAKEN = """
action formaction formmethod formtarget method target ping download srcdoc integrity crossorigin nonce autofocus
manifest codebase classid archive popover popovertarget popovertargetaction command commandfor interestfor
attributionsrc attributiondestination attributionsourceid referrerpolicy fetchpriority loading imagesrcset
imagesizes blocking is slot dynsrc lowsrc profile http-equiv shadowroot shadowrootmode xml:base contextmenu
data longdesc elementtiming
"""
_ATTRIBUTES = frozenset(_TAKEN.split())
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-echo", "data-url")
_PICTURES = frozenset(["img", "input", "image", "feimage"])
_MEDIA = frozenset(["video", "audio", "source", "track"])
_HELD = re.compile(r"(?i)\s*(?:data:image/(?!svg)|data:font/)")
_DOCTYPE = re.compile(r"(?:\s|\ufeff|<!--.*?-->|<\?[^>]*>)*(<!doctype\b[^<>]{0,300}>)", re.IGNORECASE | re.DOTALL)
_CANDIDATE = re.compile(r"\s*,*\s*(\S+?)(?:,(?=\s|\Z)|\s+((?:[^,()]|\([^)]*\))*)(?:,|\Z)|\Z)")
_MOST_CANDIDATES = 30
_IMPORTANT = re.compile(r"![^;]*")


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the pieces between which something may be put. ``html`` and ``body`` are the opening tags, ``head`` and
    ``content`` what stands in those elements."""

    doctype: str
    html: str
    head: str
    body: str
    content: str


def rewrite(text: str, base: Base, frame: Callable[[str], str]) -> Page:
    """The page whose markup is ``text``. ``frame``: the words of a link that stands in place of the frame, film or
    plug-in at that address. Raises archive.text.markup.Tangled for markup that no parser should be given."""
    tree = LexborHTMLParser(tamed(text))
    base = _base(tree, base)
    for node in tree.css(_DROPPED):
        node.decompose()
    for node in tree.css(", ".join(_FRAMES)):
        _replace_frame(tree, node, base, frame)
    for node in [node for node in tree.root.traverse() if node.is_comment_node] if tree.root else []:
        node.decompose()
    for node in tree.css("link"):
        _keep_link(node, base)
    for node in tree.css("style"):
        _rewrite_styles(node, base)
    for node in tree.css("*"):
        _rewrite_attributes(node, base)
    for node in tree.css("pre, textarea, listing"):
        _keep_first_line(node)
    found = _DOCTYPE.match(text)
    return _pieces(tree, found[1] if found else "")


def framed(page: Page, head: str, banner: str) -> str:
    """The whole document. ``head`` stands before everything of the page's own head, and so do its rules among style
    sheets; ``banner`` is the first thing in the body."""
    return f"{page.doctype}{page.html}<head>{head}{page.head}</head>{page.body}{banner}{page.content}</body></html>"


def _base(tree: LexborHTMLParser, base: Base) -> Base:
    node = tree.css_first("base[href]")
    url = base.absolute(node.attributes.get("href") or "") if node else ""
    return Base(url or base.url, base.stamp, base.root)


def _replace_frame(tree: LexborHTMLParser, node: LexborNode, base: Base, frame: Callable[[str], str]) -> None:
    address = base.absolute(node.attributes.get(_FRAMES[str(node.tag)]) or node.attributes.get("data-src") or "")
    if not address:
        # What an <object> shows when nothing can play it.
        if node.tag in ("object", "applet") and node.first_child is not None:
            node.unwrap()
        else:
            node.decompose()
        return
    link = tree.create_node("a")
    link.attrs["href"] = address
    link.insert_child(frame(address))
    node.replace_with(link)


def _keep_link(node: LexborNode, base: Base) -> None:
    """Style sheets and icons; everything else is a hint for programs, or asks a host to be ready."""
    kinds = (node.attributes.get("rel") or "").lower().split()
    href = node.attributes.get("href") or ""
    if "stylesheet" in kinds:
        address = base.inside(href, STYLES)
    elif "icon" in kinds:
        address = base.inside(href, IMAGE)
    else:
        address = ""
    if not address:
        node.decompose()
        return
    for name in list(node.attributes):
        if name not in ("href", "media", "title", "type", "sizes", "class", "id", "disabled"):
            del node.attrs[name]
    node.attrs["rel"] = " ".join(kind for kind in ("alternate", "stylesheet", "icon") if kind in kinds)
    node.attrs["href"] = address


def _rewrite_styles(node: LexborNode, base: Base) -> None:
    written = node.text(deep=True)
    rewritten = css.rewrite(written, base)
    if node.first_child is not None and rewritten != written:
        # A style element is written as it is: nothing in it may end it.
        node.first_child.replace_with(re.sub(r"</(?=style)", r"<\\/", rewritten, flags=re.IGNORECASE))


def _rewrite_attributes(node: LexborNode, base: Base) -> None:
    tag = str(node.tag).lower()
    seen = dict(node.attributes)
    if tag == "link":
        return
    _wake(node, tag, seen)
    for name, value in seen.items():
        new = _attribute(tag, name.lower(), value, base)
        if new is None:
            del node.attrs[name]
        elif new != value:
            node.attrs[name] = new


def _wake(node: LexborNode, tag: str, seen: dict[str, str | None]) -> None:
    """Pictures that a script would have loaded when the reader came near them."""
    if tag == "img":
        lazy = next((found for name in _LAZY if (found := seen.get(name))), None)
        if lazy:
            node.attrs["src"] = seen["src"] = lazy
    if tag in ("img", "source") and seen.get("data-srcset"):
        node.attrs["srcset"] = seen["srcset"] = seen["data-srcset"]


def _attribute(tag: str, name: str, value: str | None, base: Base) -> str | None:
    """What stands there instead; None: nothing."""
    if name.startswith("on") or name in _ATTRIBUTES:
        return None
    if not value:
        return value
    if name in ("href", "xlink:href"):
        return _picture(value, base) if tag in _PICTURES else _href(tag, value, base)
    if name == "src":
        return (
            _picture(value, base) if tag in _PICTURES else base.inside(value, OTHER) or None if tag in _MEDIA else None
        )
    if name in ("background", "poster"):
        return _picture(value, base)
    if name == "srcset":
        return _candidates(value, base) or None
    if name == "style" or "url(" in value.lower():
        return css.rewrite(value, base)
    return value


def _href(tag: str, value: str, base: Base) -> str | None:
    address = value.strip()
    if address.startswith("#"):
        return address
    if tag not in ("a", "area"):
        return None  # <use> and its like: what they show stands in another file
    if re.match(r"(?i)(?:mailto|tel):", address):
        return address
    head, mark, fragment = address.partition("#")
    inside = base.inside(head)
    return inside + mark + fragment if inside else None


def _picture(value: str, base: Base) -> str | None:
    return value if _HELD.match(value) or value.startswith("#") else base.inside(value, IMAGE) or None


def _candidates(srcset: str, base: Base) -> str:
    kept: list[str] = []
    at = 0
    while at < len(srcset) and len(kept) < _MOST_CANDIDATES:
        found = _CANDIDATE.match(srcset, at)
        if found is None or found.end() == at:
            break
        at = found.end()
        # "data:image/png;base64,…" has a comma of its own: a placeholder that the real picture follows.
        address = base.inside(found[1], IMAGE)
        if address:
            kept.append(f"{address.replace(',', '%2C')} {found[2] or ''}".strip())
    return ", ".join(kept)


def _keep_first_line(node: LexborNode) -> None:
    """A line break right behind the tag is not shown; one that is meant to be shown has another before it."""
    first = node.first_child
    if first is not None and first.tag == "-text" and (first.text(deep=False) or "").startswith("\n"):
        first.insert_before("\n")


def _pieces(tree: LexborHTMLParser, doctype: str) -> Page:
    root, head, body = tree.root, tree.head, tree.body
    tags = []
    for node, name in ((root, "html"), (body, "body")):
        if node is None:
            tags.append(f"<{name}>")
            continue
        # Nothing of these keeps the page, and the banner with it, from eyes or hands; nor do rules that are important
        # here, which no style sheet could overrule (static/replayed.css).
        seen = {key: value for key, value in node.attributes.items() if key not in ("hidden", "inert", "aria-hidden")}
        if seen.get("style"):
            seen["style"] = _IMPORTANT.sub("", seen["style"] or "")
        tags.append(f"<{name}" + "".join(f' {key}="{escape(value or "")}"' for key, value in seen.items()) + ">")
    content = body.inner_html if body is not None and body.tag == "body" else _frames(tree)
    return Page(doctype, tags[0], (head.inner_html or "") if head else "", tags[1], content or "")


def _frames(tree: LexborHTMLParser) -> str:
    """A page made of frames has no body: the links that stand in place of its frames are all it shows."""
    return "".join(f"<p>{link.html}</p>" for link in tree.css("frameset a"))
