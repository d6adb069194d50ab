"""Scrapy settings: robots obeyed, one request at a time per host, an honest user agent.

``TANGTHU_CONTACT`` (environment, or ``scrapy -s``): an address or page that webmasters can write to; it is
added to the user agent. ``TANGTHU_DATA``: the archive's folder.
"""

from __future__ import annotations

import os

from crawler.ingest import USER_AGENT as _AGENT

BOT_NAME = "tangthu"
SPIDER_MODULES = ["crawler.spiders"]

TANGTHU_DATA = os.environ.get("TANGTHU_DATA", "data")
TANGTHU_CONTACT = os.environ.get("TANGTHU_CONTACT", "")
# Limits of a run; 0 and "" are none. Twenty hours: the next day's run finds the portal free.
TANGTHU_LIMIT = 0  # new pages
TANGTHU_REQUESTS = 0
TANGTHU_MEGABYTES = 0
TANGTHU_MINUTES = 1200
TANGTHU_SINCE = ""  # "2024-01-01": nothing published before is looked for
TANGTHU_PROGRESS = False  # a bar on the terminal
TANGTHU_LOG = False  # a line every five minutes

USER_AGENT = _AGENT[:-1] + (f"; {TANGTHU_CONTACT})" if TANGTHU_CONTACT else ")")
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "TangThu"

# One request at a time in all: what waits in a host's slot would delay the end after Ctrl-C.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # there are none; Scrapy makes so many tasks for each answer
DOWNLOAD_DELAY = 5.0
DOWNLOAD_DELAY_JITTER = 0
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 10_000_000  # of a page; files: crawler/spiders.py
DOWNLOAD_WARNSIZE = 0
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 500, 502, 504, 522, 524]  # 429 and 503: crawler/manners.py
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the spider says it
HTTPPROXY_ENABLED = False  # a proxy of the environment would look up addresses for us, unguarded
REDIRECT_MAX_TIMES = 5
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the spider knows what it asked for
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # Scrapy's server that runs Python sent to it
REFERRER_POLICY = "no-referrer"
DOWNLOAD_HANDLERS = {
    "http": "crawler.gate.GuardedHandler",
    "https": "crawler.gate.GuardedHandler",
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}
TWISTED_DNS_RESOLVER = "crawler.gate.GuardedResolver"
DOWNLOAD_VERIFY_CERTIFICATES = True  # crawler/tls.py: but for a portal whose file says tls = "old"
METAREFRESH_ENABLED = False
WARN_ON_GENERATOR_RETURN_VALUE = False  # reads a callback's source again for every answer: a tenth of a crawl

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.rendering.RenderingMiddleware": 30,  # only for portals whose file says render = true
    "crawler.gate.GuardMiddleware": 40,  # before robots.txt (100) and before what is offsite (50)
    # Between decompression (590) and the wire: the body is still as received, and 301 and 304 pass by.
    "crawler.middlewares.CaptureMiddleware": 610,
    "crawler.gate.RedirectGuard": 605,  # before redirects are followed (600)
    "crawler.manners.MannersMiddleware": 560,
    "crawler.manners.RobotsMiddleware": 540,
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 100}

LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STATS_DUMP = False
