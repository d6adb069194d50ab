"""The archive: keeps what was published and shows it. Never imports ``crawler``."""
