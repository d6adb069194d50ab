"""What makes two readings of an article the same."""

from __future__ import annotations

import hashlib
import json

from archive.model import Article


def content_digest(article: Article) -> str:
    """What makes a version: any field a reader sees, but not the markup around it."""
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
    return _digest(article.title, article.summary, article.text, [file.url for file in article.attachments])


def _digest(*parts: object) -> str:
    return hashlib.sha1(json.dumps(parts, ensure_ascii=False).encode(), usedforsecurity=False).hexdigest()
