"""The archive as a whole: the front page, portals, what they cover, how they are."""
