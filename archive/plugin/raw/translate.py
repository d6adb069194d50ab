"""Datasette's own templates in the reader's language: translated as they are loaded, none of them is copied.

What stands between the tags of a template is looked up, phrase by phrase, in the catalogue (locale/<language>/
datasette.toml: the English is what the template says). What Datasette's Python puts into them is in ``spoken``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import datasette
from jinja2 import BaseLoader, Environment

TEMPLATES = Path(datasette.__file__).parent / "templates"

# What a phrase is set in: white space, brackets, dashes and commas, and entities that are signs.
_SET_IN = r"(?:[\s()\[\],]|- | -|&[#\w]+;)*"
_PHRASE = re.compile(rf"({_SET_IN})(.*?)({_SET_IN})", re.DOTALL)
_ATTRIBUTE = re.compile(r'(?<=\s)(value|title|aria-label|placeholder)="([^"]+)"')

# Expressions whose value Datasette's Python words, and how ``tangthu_say`` finds the reader's words for it.
SPOKEN = {
    "display": "filters",
    "show_hide_text": "labels",
    "item.label": "crumbs",
    "column.name": "headings",
    "facet_info.type": "labels",
    "facet.type": "labels",
    "error": "errors",
}
# ``"{:,}".format(n)``: 12,345 is twelve and a third in Vietnamese.
_THOUSANDS, _NUMBER = '"{:,}"', "tangthu_number"

# What the pages lack: the language, a way back, names for what has none, a canned query's title in place of its SQL.
# "words" are those of the catalogue's [tables], in the reader's language.
_LABELLED = {
    '<select name="_filter_column': "column",
    '<select name="_filter_op': "operator",
    '<select name="_sort"': "sort",
    '<input type="text" name="_filter_value': "value",
    '<textarea id="sql-editor"': "sql",
}
# Their h3 follow the h1.
_FLAT = ("table.html", "query.html")
EDITS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "base.html": (
        ("<html>", '<html lang="{{ tangthu_lang }}">'),
        ('<div class="not-footer">', '{% if tangthu_switch %}{% include "tangthu/tables.html" %}{% endif %}\\g<0>'),
        ('<section class="content">', '<section class="content" id="noi-dung" role="main">'),
    ),
    "database.html": (
        ("<h3>Custom SQL query</h3>", "<h2>Custom SQL query</h2>"),
        ("{{ database }}{% endblock %}", "{{ metadata.title or database }}{% endblock %}"),
        (
            "{% endif %}</h3>\n    <p><em>{% for column in table.columns %}",
            "{% endif %}</h3>{% set told = (metadata.tables or {})[table.name] or {} %}\n"
            "    {% if told.title %}<p><b>{{ told.title }}.</b> {{ told.description }}</p>{% endif %}\n"
            '    <p class="columns"><em>{% for column in table.columns %}',
        ),
        (
            "{{ query.title or query.name }}</a>{% if query.private %} 🔒{% endif %}",
            '\\g<0>{% if query.description %}<span class="told">{{ query.description }}</span>{% endif %}',
        ),
    ),
    "query.html": (
        (
            "{{ database }}{% if query and query.sql %}: {{ query.sql }}{% endif %}{% endblock %}",
            "{{ metadata.title if canned_query else tangthu_words.sql_title }}{% endblock %}",
        ),
        ("{{ metadata.title or database }}", "{{ metadata.title if canned_query else tangthu_words.sql_title }}"),
    ),
    "table.html": (
        ("{{ database }}: {{ table }}: ", "{{ metadata.title or table }}: "),
        ("{{ urls.static('table.js') }}", "{{ urls.path('/-/table.' ~ tangthu_lang ~ '.js') }}"),
        (
            '<dl class="column-descriptions">',
            "<details><summary>{{ tangthu_words.columns }}</summary>\\g<0>",
        ),
        ("{% endfor %}\n</dl>", "\\g<0></details>"),
    ),
    "_codemirror_foot.html": (
        (
            'editor.setOption("extraKeys"',
            'editor.getInputField().setAttribute("aria-label", sqlInput.getAttribute("aria-label"));\n        \\g<0>',
        ),
    ),
    "row.html": (
        ("{{ database }}: {{ table }}{% endblock %}", "{{ table }} {{ primary_key_values|join(', ') }}{% endblock %}"),
    ),
}


class TranslatingLoader(BaseLoader):
    """Another loader, with Datasette's own templates translated; any other template is as it was.

    ``english`` phrase → key, ``words`` key → phrase in Vietnamese.
    """

    def __init__(self, inner: BaseLoader, phrases: Mapping[str, str]) -> None:
        self.inner = inner
        self.phrases = phrases

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self.inner.get_source(environment, template)
        if path is not None and Path(path).parent == TEMPLATES:
            source = translated(environment, edited(source, Path(path).name), self.phrases)
        return source, path, is_current

    def list_templates(self) -> list[str]:
        return self.inner.list_templates()


def edited(source: str, name: str) -> str:
    """The template with what it lacks. An edit that finds no place is left out: Datasette may have changed there."""
    for old, new in EDITS.get(name, ()):
        source = re.sub(re.escape(old), new, source, count=1)
    for old, word in _LABELLED.items():
        start, space, rest = old.partition(" ")
        source = source.replace(old, f'{start} aria-label="{{{{ tangthu_words.{word} }}}}"{space}{rest}')
    if name in _FLAT:
        source = re.sub(r"(</?)h3\b", r"\1h2", source)
    return re.sub(r"<script(?=[\s>])", '<script nonce="{{ tangthu_nonce }}"', source)


def translated(environment: Environment, source: str, phrases: Mapping[str, str]) -> str:
    """The template's source, which speaks Vietnamese where ``tangthu_lang`` is "vi" and else what it spoke.

    ``phrases`` English → Vietnamese, without what a phrase is set in.
    """
    text = _Text(phrases)
    made: list[str] = []
    tokens = environment.lex(source)
    for _, kind, value in tokens:
        if kind == "data":
            made.append(text.data(value))
        elif kind == "variable_begin":
            made.append(value + _expression(tokens, text.is_in_tag))
        else:
            made.append(_NUMBER if value == _THOUSANDS else value)
    return "".join(made)


def _expression(tokens: Iterator[tuple[int, str, str]], is_in_tag: bool) -> str:
    """The rest of ``{{ … }}``, its words in the reader's language when Datasette's Python chose them."""
    said, value = "", ""
    for _, kind, value in tokens:
        if kind == "variable_end":
            break
        said += _NUMBER if value == _THOUSANDS else value
    told = None if is_in_tag else SPOKEN.get(said.strip())
    return (f' tangthu_say("{told}", {said.strip()}) ' if told else said) + value


def phrases(environment: Environment, source: str) -> Iterator[str]:
    """Every piece of English that stands in the template between its tags, and in attributes that are read out."""
    found: list[str] = []

    class Noting(dict[str, str]):
        def get(self, phrase: str, default: Any = None) -> Any:
            found.append(phrase)
            return default

    translated(environment, source, Noting())
    yield from (phrase for phrase in found if re.search(r"[A-Za-z]", phrase))


class _Text:
    """The template's text in pieces, in order: which of it is between the tags of HTML, and which is within one."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self.phrases = phrases
        self.is_in_tag = False
        self._quote = ""
        self._raw = self._next_raw = ""  # script, style: neither text nor tags until its end

    def data(self, piece: str) -> str:
        made = []
        while piece:
            if self._raw:
                end = piece.find(f"</{self._raw}")
                taken = len(piece) if end < 0 else end
                made.append(piece[:taken])
                self._raw = self._raw if end < 0 else ""
            elif self.is_in_tag:
                taken = self._end_of_tag(piece)
                made.append(_ATTRIBUTE.sub(self._attribute, piece[:taken]))
            else:
                start = re.search(r"<(?=[a-zA-Z/!])", piece)
                taken = start.start() if start else len(piece)
                made.append(self._between(piece[:taken]))
                if start:
                    self.is_in_tag = True
                    name = re.match(r"<(script|style)\b", piece[taken:])
                    self._next_raw = name[1] if name else ""
            piece = piece[taken:]
        return "".join(made)

    def _end_of_tag(self, piece: str) -> int:
        for at, sign in enumerate(piece):
            if self._quote:
                self._quote = "" if sign == self._quote else self._quote
            elif sign in "\"'":
                self._quote = sign
            elif sign == ">":
                self.is_in_tag, self._raw = False, self._next_raw
                return at + 1
        return len(piece)

    def _between(self, text: str) -> str:
        parts = _PHRASE.fullmatch(text)
        assert parts
        before, phrase, after = parts.groups()
        return f"{before}{self._said(phrase)}{after}" if phrase else text

    def _attribute(self, match: re.Match[str]) -> str:
        return f'{match[1]}="{self._said(match[2])}"'

    def _said(self, phrase: str) -> str:
        vietnamese = self.phrases.get(phrase)
        if vietnamese is None:
            return phrase
        return f'{{% if tangthu_lang == "vi" %}}{escape(vietnamese)}{{% else %}}{phrase}{{% endif %}}'
