"""NukeViet 3, 4 and 5: what its module "news" prints in the system's own themes, eGov's and those made from them."""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# /index.php/vi/news/…, /vi/news/…, /news/…, or no module at all where it is the home page's.
_START = r"^/(?:index\.php/)?(?:[a-z]{2}/)?"
# Not "/page-2/" of a listing and not "/2024-05/" of a calendar.
_NO_ALIAS = r"(?!page-\d|\d+-\d+/?$)"

NUKEVIET = Platform(
    name="nukeviet",
    marks=Marks(
        generator=r"^NukeViet\b",
        headers=r"^Set-Cookie: nv\d[a-z]?_?\w*_(?:sess|ctr|u_lang|cltz|cltn|statistic)",
        urls=rf"[?&]nv=[\w-]+|{_START}(?:[\w-]+/)?(?:print|savefile)/[\w-]+/[^/?]+-\d+",
        markup=(
            r"\bnv_(?:base_siteurl|name_variable|lang_variable|siteroot|my_domain)\b|\bnv_(?:open_browse|show_hidden)\(",
            r"/js/language/[a-z]{2}\.js",
            r"second=cronjobs|id=[\"']run_cronjobs|nv_DigitalClock",
        ),
    ),
    # The alias belongs to it: every copy of the module (a portal has "news" and "thong-bao") and every language counts
    # from 1, and only the alias tells two articles 12 apart. Print views and further categories repeat both.
    number=rf"[/=]{_NO_ALIAS}([^/?&=]+-\d+)(?:\.html)?/?(?:[?&]|$)",
    discovery=Discovery(
        # It lists 1,000 articles of each module; where the feeds are depends on the portal's modules.
        sitemaps=("/sitemap.xml",),
        menus=("nav a", "[id*='menu'] a", "[class*='menu'] a", "[id*='nav'] a", ".navbar a", "ul.nav a"),
        # Themes print listings in a dozen ways, but an article's address is the same in all of them.
        links=("a[href*='-']",),
        next=(".pagination a", "a[href*='/page-']"),
        # NukeViet 3 wrote /news/Tin-tuc/Ten-bai-12/; without rewriting it is index.php?nv=news&op=tin-tuc/ten-bai-12.
        article=(
            rf"[/=]{_NO_ALIAS}[^/?&=]*-\d+\.html(?:$|[?&])"
            rf"|[/=][^/?&=]+/{_NO_ALIAS}[^/?&=]+-\d+/?$"
        ),
        skip=(
            rf"{_START}(?:users|contact|seek|statistics|voting|banners|feeds|comment|siteterms|freecontent|myapi|admin|api|uploads|assets)(?:[/?]|$)"
            rf"|{_START}(?:[\w-]+/)?(?:print|savefile|sendmail|rating|content|search|tag|author|rss|instant-rss)(?:[/?]|$)"
            r"|[?&]nv=(?:users|contact|seek|statistics|voting|banners|feeds|comment|siteterms)\b"
            r"|[?&]op=(?:print|savefile|sendmail|search|tag|rss)\b"
            # nvvithemever changes the theme and leads back; the others send files, captchas and run jobs.
            r"|[?&](?:nvvithemever|nv_redirect|download|pdf|scaptcha|second|ngay|sid)="
        ),
    ),
    rules=Rules(
        name="nukeviet",
        # A print view says that it is its own canonical page.
        views=(
            (rf"({_START}(?:[\w-]+/)?)(?:print|savefile)/(?=[\w-]+/[^/?]+-\d+)", r"\1"),
            (r"([?&]op=)(?:print|savefile)/", r"\1"),
        ),
        title=(
            ".news_column > .panel-body > h1",
            "#hd_print ~ #content > h1",
            "#news_detail > h1",
            ".header-details h1",
            "[itemtype$='NewsArticle'] h1",
            ".detail-news h1, .detail_title h1, .newsdetail h1",
            "[itemtype$='NewsArticle'] [itemprop='headline']",
            # On other pages, and in old themes on every page, h1 is the name of the portal.
            ".news_column h1",
            "h1.title, h1.entry-title, .vstack > h1",
            # The title that an editor gave to search engines may stand here: after those that are printed.
            "meta[property='og:title']@content",
        ),
        # #hometext holds the picture and its caption too; in newer themes the words have an element of their own there.
        summary=(
            ".clearfix > .hometext",
            ".hometext",
            "#hometext > [itemprop='description']",
            "#hometext > h2, #hometext > .h2, #hometext > p",
            "#hometext",
            ".clearfix > .fw-bold[data-toggle='error-report']",
        ),
        body=(
            "#news-bodyhtml",
            ".news-bodyhtml",
            "#hd_print ~ #content #bodytext",
            "#news_detail .bodytext",
            ".news_column > .panel-body > .bodytext",
            "#bodytext",
            "[itemtype$='NewsArticle'] [itemprop='articleBody']",
            ".news_column .bodytext, .newsdetail .bodytext, .detail-news .bodytext",
            ".bodytext:not(#page-bodyhtml)",
            ".details-content",
            ".fiximg",
        ),
        # The field "author" of the article: its account is only in itemprop=author and in "Người đăng".
        byline=(
            "div:has(> p.text-right > strong)",
            "#hd_print ~ #content > #author",
            ".text-end:has(> p > strong)",
            ".aright.source",
            "#news_detail > p[style*='right']:has(> strong)",
            ".bodytext ~ p.text-right:has(> strong), .bodytext ~ p[style*='right']:has(> strong)",
            ".fiximg ~ p.ar:has(> strong)",
            ".detail-news > p > span:has(> strong), .post-author:has(strong)",
        ),
        published=(
            # date("Y-m-dTH:i:s") prints the zone for T. With "+07" it can be repaired and is right to the second; the
            # "ICT" of older servers would give the day alone. itemprop=datePublished is the time of the last edit.
            "meta[property='article:published_time'][content*='+']@content",
            ".newsdetailmetatop span.h5",
            ".news_column > .panel-body > .row > div > span.h5",
            ".news_column > .panel-body > .time",
            "#hd_print ~ #content > ul.list-inline > li:first-child",
            "#news_detail > .time",
            ".header-details .small",
            ".detail-news > p",
            ".text-body-secondary:has(> .fa-clock)",
            ".dlab-meta .post-date",
            "h1 + .smll",
            "[itemtype$='NewsArticle'] :is(.time, .date, .publtime, .post-date)",
        ),
        section=(
            "meta[property='article:section']@content",
            ".temp-breadcrumbs > li:last-child",
            ".breadcrumbs a:last-of-type, .breadcrumb a:last-of-type",
            ".breadcrumbs > li:last-child, .breadcrumb > li:last-child",
        ),
        images=(
            # The large picture for the pop-up, and the small one only where there is none.
            "#imgpreview, #newsImgPreview",
            "figure.article:not(:has(+ #imgpreview))",
            "#imagepreview[src*='.']",
            "#hometext:not(:has(#imagepreview[src*='.'])) img",
            "#hometext + div[style*='px'] > img, #hometext ~ .imghome",
            ".vstack > figure.figure, .dlab-media",
        ),
        attachments=(".news-download-file", ".vstack > .card > .list-group"),
        drop=(
            "#idcomment, .comment-form, .other-news, ul.related, .detail-related, .news-toc, .newstoc, .gonav",
            ".news-download-file, .panel-heading:has(+ .news-download-file), .keywords, .adminlink, .copyright, .modal",
            ".fb-like, .fb-comments, .zalo-share-button, .socialicon, .social-share-container, .addthis_toolbox",
            ".hidden, .hide, .d-none, .visually-hidden, .btn_contact, .news-detail-player, form, audio",
        ),
        article=(
            "meta[property='article:published_time']",
            "#news-bodyhtml, .news-bodyhtml",
            "#hd_print",
            "#news_detail",
            ".news_column .bodytext",
            "#bodytext, .details-content, .fiximg",
        ),
        reject=(
            ("#page-bodyhtml, .page[itemtype$='/Article']", "static page"),
            ("#no_permission", "access denied"),
            # Said so that a category whose address looks like an article's ("…/phong-chong-covid-19/") is read as one.
            (
                "html:not(:has(meta[property='article:published_time'], #hd_print, #news_detail, .bodytext, #bodytext))"
                " :is(ul.pagination, .news_column > .panel, .list-group-item-heading)",
                "listing",
            ),
        ),
    ),
)
