"""What is raised when a capture holds no article. Each name says what to do next."""

from __future__ import annotations


class NotAnArticle(Exception):
    """The page is no article. ``why``: "listing", "static page", "soft 404", "status 404", … Keep it, count it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NoBody(NotAnArticle):
    """It is the page of an article, but the rules know no name for its body: its theme calls it something else."""

    def __init__(self, title: str, published: str | None, section: str) -> None:
        super().__init__("no body on the page")
        self.title, self.published, self.section = title, published, section


class NotHTML(Exception):
    """The bytes are no web page and no text: a picture, a document, a feed. Keep them, do not read them."""
