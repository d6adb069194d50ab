"""One article: its page, its versions and their comparison, its citations."""
