"""Pages that are known to be something else than an article: by their heading, their script, their system's marks."""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from archive.text import normalise
from crawler.platform import Rules

from .words import form, longest_first, words

SITE_NAME = re.compile(
    r"\s+[|»]\s+|\s+::\s+|\s+[-–]\s+(?=(?:cổng|trang|website|ubnd|ủy ban|uỷ ban|huyện|portal)\b)", re.IGNORECASE
)
_NO_PAGES = (
    ("missing", "soft 404"),
    ("denied", "access denied"),
    ("challenge", "challenge page"),
    ("maintenance", "under maintenance"),
    ("parked", "parked domain"),
    ("broken", "error page"),
)
_SCRIPT_ALONE = 20_000  # characters of a page that only holds the script of a challenge
_CHALLENGE = re.compile(r"_Incapsula_|cf-chl-|/cdn-cgi/challenge|slowAES|toNumbers\(")
_GOES_ON = re.compile(r"location(?:\.reload|\.href|\s*=)")
_PLAIN = ("soft 404", "access denied")
_LITTLE = 2000  # characters on the whole page


def refusal(tree: LexborHTMLParser, rules: Rules, length: int) -> str:
    """Why a page of so many characters is no article; "" when it may be one."""
    called: tuple[str, ...] = ()
    headings: list[str] = []
    for node in tree.css("title, h1"):
        if node.tag == "h1":
            headings += _names(node.text())
        elif not called:
            called = _names(node.text())
    return (
        _by_heading(tree, called, headings) or _by_script(tree, length) or _by_rules(tree, rules, (*called, *headings))
    )


@lru_cache(maxsize=1000)
def any_of(selectors: tuple[str, ...]) -> str:
    """One selector for all of them: one pass over the page."""
    return ", ".join(selectors)


def _by_heading(tree: LexborHTMLParser, called: tuple[str, ...], headings: list[str]) -> str:
    reasons = _no_pages()
    for name in called:
        if name in reasons:
            return reasons[name]
    for name in headings:
        # "Loading" and "Error" are headings of widgets too: they speak for the page when there is little else.
        why = reasons.get(name, "")
        if why and (why in _PLAIN or _words(tree) < _LITTLE):
            return why
    if called and any(len(phrase) > 24 and phrase in called[0] for phrase in longest_first("pages", "parked")):
        return "parked domain"
    return ""


def _by_script(tree: LexborHTMLParser, length: int) -> str:
    if length < _SCRIPT_ALONE and any(map(_is_challenge, _scripts(tree))) and _words(tree) < 300:
        return "challenge page"
    return ""


def _is_challenge(script: str) -> bool:
    """A script that sets a cookie and loads the page again, or one of those that are known."""
    cookie = script.find("document.cookie")
    return bool(_CHALLENGE.search(script) or (cookie >= 0 and _GOES_ON.search(script, cookie)))


def _by_rules(tree: LexborHTMLParser, rules: Rules, names: tuple[str, ...]) -> str:
    # Which one it was is asked only when one was found.
    if rules.reject and tree.css_first(any_of(tuple(selector for selector, _ in rules.reject))) is not None:
        return next(why for selector, why in rules.reject if tree.css_first(selector) is not None)
    if rules.article and tree.css_first(any_of(rules.article)) is None:
        return "login page" if any(name in words("pages", "login") for name in names) else "no article on the page"
    return ""


def _words(tree: LexborHTMLParser) -> int:
    """How many characters a reader sees on the whole page, about."""
    return max(0, len(tree.body.text()) - sum(map(len, _scripts(tree)))) if tree.body is not None else 0


def _scripts(tree: LexborHTMLParser) -> list[str]:
    return [node.text() for node in tree.css("script")]


@lru_cache(maxsize=1)
def _no_pages() -> dict[str, str]:
    """What the title of a page says that is no article → what it is."""
    return {name: why for table, why in reversed(_NO_PAGES) for name in words("pages", table)}


def _names(heading: str) -> tuple[str, ...]:
    """What a title or heading says, with and without the name of the site, in the form of words."""
    text = normalise(heading)[:300]
    return form(text), form(text).rstrip(" .!"), form(SITE_NAME.split(text)[0]).rstrip(" .!")
