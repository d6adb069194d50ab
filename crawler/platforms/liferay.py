"""Liferay 5.2 to 7.4: what its Asset Publisher and Web Content print, and what Vietnamese suppliers put in their place.

The core prints an article as .asset-full-content > .asset-content > .journal-content-article, whatever the theme, in
print views too. Suppliers overlay that one template (Bkav, Viettel, Vietsoftware), or print the article with a template
of the portal's own: the web content keeps its class then, title and date lose theirs.
"""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# The publisher that shows one article in full. Others on the page print lists; Web Content Display prints hotlines and
# footers in the class of an article's body.
_OWN = ".portlet-asset-publisher:has(.journal-content-article, .asset-full-content)"
_BODY = ".journal-content-article"
# The line "Ngày đăng 12/12/2016 | 5:36 PM | View count: 608" is known by its words alone; bodies say "ngày đăng ký".
_LINE = f":lexbor-contains('Ngày đăng'):not({_BODY} *, li *)"
_COUNTER = ":lexbor-contains('View count')"
_ABOVE = f"div:not(:has(div)):has(+ div{_COUNTER})"
_ARTICLE = (
    ".asset-full-content, .contentDetail, .wd-introduction > .wd-tlh3-4, #contentnews, #content-detail,"
    " .content-detail, .news-detail, .detail-news, .portlet-blogs .entry-body, .portlet-blogs .widget-mode-detail-text",
    f".portlet-asset-publisher {_BODY}, .portlet-asset-publisher div{_COUNTER}",
    f"{_BODY}:not(.portlet-boundary *, footer *, header *)",
)
_NO_ARTICLE = f"body:not(:has({', '.join(_ARTICLE)}))"

LIFERAY = Platform(
    name="liferay",
    marks=Marks(
        generator=r"^Liferay\b",
        headers=r"^Liferay-Portal:|^Set-Cookie: (?:GUEST_LANGUAGE_ID|COOKIE_SUPPORT)=",
        urls=r"/-/asset_publisher/|[?&]p_[pl]_id=|/c/(?:portal|journal|document_library)/|^/(?:[a-z]{2}/)?web/[\w.-]+/",
        markup=(
            r"\bLiferay\.(?:ThemeDisplay|AUI|currentURL|Portlet|Loader)\b|\bvar Liferay\s*=",
            r"\bid=[\"']p_p_id_|\bportlet-boundary_",
            r"[?&;]browserId=\w+&|/html/js/(?:barebone|everything|aui|liferay)|/o/(?:frontend-(?:js|css)|js_loader)",
        ),
    ),
    # Every language, category and print view repeats the urlTitle, in the path or among its parameters; what follows it
    # in the path is the number of the site. Pages that have none are told apart by their entry's number.
    number=(
        r"(?i)(?:/-/asset_publisher/[^/?]*/(?:content|document|blog|maximized/content|pop_up/content)/+(?:id/+)?"
        r"|[?&](?:_\w+_)?urlTitle=|[?&]_\w+_assetEntryId=(?![^#]*urlTitle=)|[?&](?:_\w+_)?articleId="
        r"|^/(?:[a-z]{2}(?:_[a-z]{2})?/)?(?:web/[^/?]+/)?(?:-|w)/(?!asset_publisher/)(?=[^/?;]+(?:[?;]|$)))([^/?&;#]+)"
    ),
    discovery=Discovery(
        sitemaps=("/sitemap.xml",),
        menus=(
            "#navigation a, #navbar a, nav a, .navbar a",
            "[id*='nav' i] a, [class*='nav-menu'] a, [class*='portlet-navigation'] a, [class*='site-navigation'] a",
            "[id*='menu' i] a, [class*='menu' i]:not(.taglib-page-iterator *) a, .portlet-nested-portlets a",
            ".portlet-title a, .portlet-title-text a, a.readmore, .view-more a, .xem-them a",
        ),
        # Whatever the template, the addresses are the core's own: "article" sorts out the rest.
        links=(
            ".asset-abstract a, .asset-title a, .asset-more a, li.title-list a, .asset-entries a",
            ".portlet-asset-publisher a, .taglib-search-iterator a, .searchcontainer-content a",
            "a[href*='/asset_publisher/'], a[href*='urlTitle='], a[href*='rticleId='], a[href*='assetEntryId=']",
            "a[href*='/-/'], a[href*='/w/'], a[href*='chi-tiet']",
        ),
        # A page's number stands among fifteen parameters; the choice of its length leads to the same articles again.
        next=(
            ".lfr-pagination-buttons a[href*='_cur='], .lfr-pagination-page-selector a[href*='_cur=']",
            ".page-links a.next, .search-pages a.next",
            ".pagination a[href*='_cur='], .pager a[href*='_cur='], .taglib-page-iterator a[href*='_cur=']",
            ".lfr-pagination a[href*='_cur=']",
            ".pagination a[href*='pagenum='], .yiiPager a[href*='pagenum=']",
        ),
        article=(
            r"(?i)/-/asset_publisher/[^/?]*/(?:[a-z_]+/)?(?:content|document|blog|news|id)/+[^/?]+"
            r"|[?&](?:_\w+_)?(?:urlTitle|articleId|assetEntryId|news_?Id|idTin|baivietid)=[^&]"
            r"|/c/journal/view_article_content\?"
            r"|^/(?:[a-z]{2}(?:_[a-z]{2})?/)?(?:[^?]*/)?(?:-|w)/(?!asset_publisher/|categor|tags?/|journal/|wiki|message_boards)[^?]*[^/?;]{6}"
            r"|/(?:xem-)?chi-?tiet[\w-]*(?:/[^?]|[^?]*\?[^?]*\d)"
        ),
        skip=(
            r"(?i)[?&](?:p_p_state=(?:pop_up|exclusive)|p_p_lifecycle=[12]|_\w+_viewMode=print|p_p_auth=|_\w+_targetExtension=)"
            # 3 search · 8 calendar · 19 message boards · 33 58 64 login · 83 86 140 accounts
            r"|[?&]p_p_id=(?:3|8|19|49|58|64|82|83|86|140|145|com_liferay_(?:login|calendar|portal_search|message_boards)_\w+)(?:_|&|$)"
            r"|/c/(?:portal|document_library|my_sites|journal/(?:edit|rss)|asset_publisher)\b|/-/(?:asset_publisher/[^/]*/|journal/)rss"
            r"|/(?:pop_up|exclusive)/|/-/(?:calendar|login|search|message_boards|polls|categor\w+|tags?)(?:[/?]|$)"
            r"|[?&](?:_\w+_)?(?:orderBy\w+|tag|keywords|q)=[^&]|p_r_p_\w*_tag=[^&]"
            r"|^/(?:documents|image|html|combo|o|group|user)(?:[/?]|$)|/print_article\b"
            r"|/(?:dang-nhap|dang-ky|login|sign-in|tim-kiem\w*|search|so-do-\w+|site-?map|lien-he|gop-y|hoi-dap|lich-cong-tac)(?:[/?;]|$)"
        ),
    ),
    rules=Rules(
        name="liferay",
        title=(
            ".asset-full-content .component-title > .asset-title",
            # 6 and 7.0 print the title above the container, in h1, h3 or h4 as the supplier likes.
            ".taglib-header:has(+ .asset-full-content) > .header-title, .h2:has(+ .asset-full-content) > .header-title",
            ".asset_publisher_view_full_content > .asset_title",
            ".contentDetail > div > h3.text-change-size, .site-main h1.entry-title",
            f".asset-full-content {_BODY}@data-analytics-asset-title",
            f"{_OWN} .header-title, {_OWN} .title-content h1, {_OWN} .asset-title:not(li *, .asset-abstract *)",
            ".wd-introduction > .wd-tlh3-4",
            # The title is a div without a name of its own, above the line with the date.
            f"{_OWN} div:not(:has(div)):has(+ div{_LINE}), {_OWN} div:not(:has(div)):has(+ div:has(> {_LINE}))",
            f".portlet-asset-publisher {_ABOVE}",
            f"{_OWN} :is(.news-title, .title-news, .newsTitle, .titleNews, .tieu-de, .tieudechitiet):not(li *)",
            f"{_OWN} :is(.title-detail, .detail-title, .article-title, .post-title, .entry-title, .text-do):not(li *)",
            *(
                f"{_OWN} :is(h1, h2, h3, h4):has(~ {after})"
                for after in (".asset-content", ".asset-full-content", _BODY)
            ),
            f"{_OWN} :has(~ .asset-content) > :is(h1, h2, h3)",
            f"{_OWN} div[class$='title' i]:not(:has(div, p), li *, .asset-links *)",
            ".print-action .hide-accessible, .print-action .aui-helper-hidden-accessible",
            ".news-detail h1, .detail-news h1, .chi-tiet h1, .portlet-boundary article h1",
            # The publisher adds what it shows to the path of pages.
            ".portlet-breadcrumb li:last-child, .breadcrumbs > li.last, .breadcrumb > li:last-child",
            "meta[property='og:title']@content",
        ),
        summary=(
            ".asset_publisher_view_full_content > .asset-abstract .assetdesc-text",
            ".asset-full-content > .asset-summary, .asset-full-content .asset-lead",
            "#change_font_size",
        ),
        body=(
            f".asset-full-content .asset-content {_BODY}",
            f".asset-full-content {_BODY}, .contentDetail {_BODY}",
            f".portlet-asset-publisher {_BODY}",
            ".asset-full-content .asset-content .entry-body, .asset-full-content .asset-content",
            ".contentDetail .contentDetail, .asset-full-content, .wd-introduction:has(> .wd-tlh3-4)",
            "#contentnews, #content-detail, .content-detail, .detail-content, .news-detail .content, .noi-dung",
            ".portlet-blogs .entry-body, .portlet-blogs .widget-mode-detail-text",
            f".portlet-asset-publisher div{_COUNTER} ~ div:not(:has(> ul))",
            # A display page (7.2 and later) prints web content in no portlet at all.
            f"{_BODY}:not(.portlet-boundary *, footer *, header *)",
        ),
        # "admin admin" in .metadata-author and .user-info is the account.
        byline=(".wd-introduction > .wd-actor", f"{_OWN} :is(.tac-gia, .tacgia, .author-news):not(li *, {_BODY} *)"),
        published=(
            ".asset-full-content .metadata-publish-date",
            ".asset-full-content .date-info",
            ".asset_publisher_view_full_content > .assetPublishDate, .social-panel > .asset-publish-date",
            ".contentDetail .time-post, .wd-introduction > .wd-date",
            f"{_OWN} .text-ngayxam-page, {_OWN} .review-displaydate, {_OWN} .metadata-publish-date",
            f"{_OWN} {_LINE}, {_OWN} div:has(> {_LINE})",
            f".portlet-asset-publisher div{_COUNTER}, .portlet-asset-publisher span{_COUNTER}",
            f"{_OWN} :is(.ngay-dang, .ngaydang, .publish-date, .publishDate, .news-date, .date-news, .date-time,"
            f" .post-date, .display-date, .time-news, .news-time, .date, .time, .ngay):not(li *, {_BODY} *)",
            ".portlet-blogs .entry-date, .news-detail .date, .news-detail .time",
            "meta[property='article:published_time']@content",
            ".asset-full-content .metadata-create-date",
        ),
        section=(
            ".asset-full-content .metadata-categories a, .asset-full-content .asset-categories a",
            ".asset-full-content .asset-categories .label, .asset-full-content .metadata-categories .asset-category",
            ".portlet-breadcrumb li:nth-last-child(2) a, .breadcrumbs > li:nth-last-child(2) a",
            ".breadcrumb > li:nth-last-child(2) a",
            f"{_OWN} .portlet-title-text, {_OWN} .portlet-title",
            ".wd-boxs:has(.wd-tlh3-4) > .wd-tlh1-2",
        ),
        images=(f".asset-full-content .asset-small-image:not({_BODY} *, .asset-abstract *)",),
        # Files have no extension where an editor gave them none, and are c/document_library/get_file?uuid= before 6.1.
        attachments=(
            f".asset-full-content a[href*='/documents/']:not(:has(img), {_BODY} a, .asset-abstract *)",
            f"{_OWN} {_BODY} a[href^='/documents/']:not(:has(img))",
            f"{_OWN} {_BODY} a[href*='/document_library/get_file']:not(:has(img))",
            ".contentDetail a[href*='/documents/']:not(:has(img)), .wd-introduction > div a.wd-download-pdf",
        ),
        # Not what "summary" and "byline" name: they are read when these are gone.
        drop=(
            ".taglib-header, .component-title, .asset-full-content > .asset-title, .asset-user-actions, .asset-actions",
            ".lfr-meta-actions, .icons-container, .asset-metadata, .metadata-author, .asset-flag, .asset-ratings",
            ".asset-more, .asset-details, .asset-categories, .asset-tags, .asset-priority, .asset-anchor, .asset-links",
            ".taglib-asset-links, .taglib-discussion, .taglib-social-bookmarks, .taglib-ratings, .taglib-flags",
            ".lfr-discussion, .social-bookmarks, .pagination, .taglib-page-iterator, .hide-accessible, .separator",
            ".text-ngayxam-page, .review-displaydate, .panel-social, .title-content, .relation-link",
            ".tinlienquan, .newsDifferent, .tin-lien-quan, .tinkhac, .tin-khac, .related-news, .news-other",
            ".other-news, .wd-tlh3-4, .wd-date, div:has(> .wd-download-pdf), .wd-bortop, .wd-tlh3-3, .wd-other-news",
            f"{_ABOVE}, div{_COUNTER}, .fb-like, .fb-share-button, .fb-comments, .addthis_toolbox, .zalo-share-button",
            "form:not(:has(p))",
        ),
        article=_ARTICLE,
        reject=(
            (f"{_NO_ARTICLE} :is(.asset-abstract, .title-list, .wd-intro-content)", "listing"),
            (
                f"{_NO_ARTICLE} .portlet-asset-publisher :is(.taglib-page-iterator, .lfr-pagination, .pagination)",
                "listing",
            ),
            (
                f"{_NO_ARTICLE} .portlet-asset-publisher :is(.portlet-msg-error, .alert-error, .alert-danger)",
                "soft 404",
            ),
            (f"{_NO_ARTICLE} :is(.portlet-search .search-results, .portlet-search-results)", "search page"),
            (f"{_NO_ARTICLE} .portlet-column-only .portlet-login", "login page"),
            (f"{_NO_ARTICLE} .portlet-asset-publisher a[href*='/asset_publisher/']", "listing"),
            (f"{_NO_ARTICLE} .portlet-journal-content {_BODY}", "static page"),
        ),
    ),
)
