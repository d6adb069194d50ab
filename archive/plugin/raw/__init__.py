"""The raw data: Datasette's own pages, in the reader's language and within limits; the whole database to take."""
