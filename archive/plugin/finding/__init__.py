"""What is found: the search page, lists, authors, and what goes out of them as tables and feeds."""
