"""What makes two readings of an article the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from archive.model import Article


@dataclass(frozen=True, slots=True)
class Blank(Article):
    """An article of which only what tells it apart is left, its words are not: addresses, day, and the digests of what
    it says, ``content`` and ``words``, as ``content_digest`` and ``text_digest`` reckon them."""

    content: str = ""
    words: str = ""


def content_digest(article: Article) -> str:
    """What makes a version: any field a reader sees, but not the markup around it."""
    if isinstance(article, Blank):
        return article.content
    return _digest(
        article.title,
        article.summary,
        article.text,
        article.byline.text,
        article.published,
        article.section,
        [image.url for image in article.images],
        [file.url for file in article.attachments],
    )


def text_digest(article: Article) -> str:
    """What two posts of one article share: the words and the files, not the day or the section."""
    if isinstance(article, Blank):
        return article.words
    return _digest(article.title, article.summary, article.text, [file.url for file in article.attachments])


def _digest(*parts: object) -> str:
    return hashlib.sha1(json.dumps(parts, ensure_ascii=False).encode(), usedforsecurity=False).hexdigest()
