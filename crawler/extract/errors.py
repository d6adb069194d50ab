"""What is raised when a capture holds no article. Each name says what to do next."""

from __future__ import annotations


class NotAnArticle(Exception):
    """The page is no article. ``why``: "listing", "static page", "soft 404", "status 404", … Keep it, count it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotHTML(Exception):
    """The bytes are no web page and no text: a picture, a document, a feed. Keep them, do not read them."""
