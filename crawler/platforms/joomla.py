"""Joomla 1.5 to 5: what its component for articles prints, K2's, and the templates that have layouts of their own."""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

_START = r"^/(?:index\.php/)?(?:[a-z]{2}/)?"
# Modules print articles beside the article, in 1.5 under the very classes of the article.
_BESIDE = ":not([class^='moduletable'] *, .module *, .newsflash *)"
_ONE = ".item-page, .com-content-article, .article-details[itemtype$='Article'], [itemprop='articleBody'], .itemView"
_NONE = f"html:not(:has({_ONE}))"
_INFO = ".article-details > .article-info"  # Helix Ultimate; the list of related articles behind it has such blocks too
_YOO = ".uk-article[typeof='Article']"
_FILES = ", ".join(f"{{0}} a[href*='.{end}' i]" for end in ("pdf", "doc", "xls", "ppt", "zip", "rar"))
_COMPONENTS = (
    r"(?:users?|search|finder|mailto|contacts?|registration|login|banners|weblinks|newsfeeds|wrapper|poll|ajax|tags?"
    r"|jevents|dpcalendar|kunena|comprofiler|community|jcomments|komento|acymailing|attachments|phocadownload"
    r"|jdownloads|dropfiles|phocagallery|rsform|chronoforms\d?|xmap|osmap)"
)

JOOMLA = Platform(
    name="joomla",
    marks=Marks(
        generator=r"^Joomla\b",
        # The session's cookie is named by 32 digits; the days are those that Joomla says when nothing may be kept.
        headers=(
            r"^Set-Cookie: [0-9a-f]{32}=|^X-Powered-CMS: Joomla|^X-Content-Powered-By: K2"
            r"|^Expires: (?:Wed, 17 Aug 2005|Mon, 0?1 Jan 2001) 00:00:00 GMT"
        ),
        urls=rf"[?&]option=com_[a-z]|[?&]Itemid=\d|[?&]tmpl=component|{_START}component/[a-z]\w+|/item/\d+-",
        markup=(
            r"/media/(?:jui|system|k2|com_\w+)/(?:js|css)/|/media/vendor/[\w-]+/(?:js|css)/|/media/templates/site/",
            r"joomla-script-options|\bJoomla\.(?:JText|Text|submit\w+)|new JCaption\(|system-message-container",
            r"(?:class|id)=[\"'](?:[^\"']* )?(?:com_\w+ [^\"']*view-|item-page|moduletable|contentpane|k2Container)",
            r"[\"'/]templates/[\w.-]+/(?:css|js|images|favicon|local|less|acm|fonts)\b",
        ),
    ),
    # The same in every category and in the print view. K2 counts for itself: "item/" belongs to its numbers.
    # "/20-11-ngay-nha-giao" has none: a portal may leave the numbers out of its addresses, and that is a date.
    number=(
        r"^(?:[^?]*?/(?=(?:item/)?\d+-(?!\d)[^/?]*/?(?:\?|$))"
        r"|[^?]*\?(?=[^#]*\b(?:view=article|task=view)\b)(?:[^#]*&)?id=)((?:item/)?\d+)"
    ),
    discovery=Discovery(
        sitemaps=("/sitemap.xml",),
        menus=(
            "nav a, ul.menu a, ul.nav a, .mod-menu a, .navbar a, .uk-navbar-nav a",
            "[class*='menu' i] a, [id*='menu' i] a, [id*='nav' i] a",
            # Portals head the blocks of their home page with links to the categories.
            "[class*='moduletable'] h3 a, .module-title a, .box-title a, .mod-articles-category-group a",
        ),
        links=(
            "[itemprop='blogPost'] h2 a, .blog-item h2 a, .items-row h2 a, .items-leading h2 a, .page-header h2 a",
            "[itemprop='headline'] a, .item-title a, .article-title a, .article-header h2 a, .uk-article-title a",
            ".list-title a, .items-more a, .com-content-blog__links a, .blogsection, .contentheading a",
            "tr[class^='sectiontableentry'] td a, .catItemTitle a, .latestItemTitle a, .moduleItemTitle, .k2ReadMore",
            ".readmore a, a.readmore, a.readon, .latestnews a, .mostread a, .category-module a, .mod-list a",
            "h2 a, h3 a, h4 a, [class*='title' i] > a, a[class*='title' i], [class*='tieude' i] a",
        ),
        next=(
            # Below an article "pagination" leads to its neighbours.
            ".pagination a:not(.pagenavigation *), .pagination-list a, a.pagenav, .k2Pagination a, .list-footer a",
            "a[href*='start=']",
        ),
        # Addresses may be mere words: whatever is no other component's, no view and no trap may be an article.
        skip=(
            r"(?i)[?&](?:print|tmpl|showall|download|searchword|ordering|searchphrase|filter\w*|return|month|year|q"
            r"|fontstyle|template|templateStyle|tp)=(?!&|$)|[?&]format=(?!html)|[?&]layout=(?:edit|form)"
            r"|[?&]task=(?!category|view|blog|section)"
            r"|[?&]view=(?:form|login|registration|reset|remind|profile|search|archive)\b"
            rf"|[?&]option=com_{_COMPONENTS}\b|{_START}component/{_COMPONENTS}(?:[/?]|$)"
            r"|/itemlist/(?:tag|user|date|search)(?:[/?]|$)|/item/(?:download|add)\b|icalrepeat"
            r"|/(?:cat|day|week|month|year|search)\.(?:listevents|calendar|form)"
            rf"|{_START}(?:administrator|api|cache|cli|includes|language|libraries|logs|media|modules|plugins|templates"
            rf"|tmp)(?:/|$)|{_START}(?:dang-nhap|dang-ky|login|logout|register|tim-kiem|search|so-do-\w+|sitemap"
            r"|lien-he|contact|rss|gop-y)(?:\.html)?(?:[/?]|$)"
        ),
    ),
    rules=Rules(
        name="joomla",
        views=((r"(?<=[?&])(?:tmpl=component|print=\w*|layout=(?:default)?|page=)(?:&|$)", ""), (r"[?&]$", "")),
        title=(
            # h1 is the name of the menu's entry; only where that is not printed, it is the article's title.
            ".item-page h1[itemprop], .item-page h2[itemprop], .article-details > .article-header > [itemprop]",
            ".item-page > .page-header h2, .item-page > article > .page-header h2, .item-page > hgroup > h2",
            ".item-page > header h1, .item-page > header h2, .item-page > .entry-header > h2, .item-page > h2",
            ".item-page > .page-header h1",
            # Behind the title of a featured item K2 prints that it is one.
            "html:has(.itemView .itemTitle sup) meta[property='og:title']@content",
            ".itemView .itemTitle",
            "[class^='item-page'] h2",
            f"{_YOO} > meta[property='name']@content",
            "h1.uk-article-title, .uk-article > h1, #system .item > .title, #system .item > header > .title",
            f"[class^='contentheading']{_BESIDE}",
            "h1.article-title, h1[itemprop='headline'], h2[itemprop='headline'], h2[itemprop='name']",
            ".item-page h1",
            "meta[property='og:title']@content",
        ),
        body=(
            ".com-content-article__body",
            ".item-page [itemprop='articleBody'], .article-details > [itemprop='articleBody']",
            "[itemprop='articleBody']",
            # .itemIntroText and .itemFullText are one text, parted where a list breaks off.
            ".itemView .itemBody",
            ".item-page .article-content",
            f"{_YOO} [property='text']",
            # 2.5 and 3.0 print the text beside the title and the details.
            ".item-page",
            "[class^='item-page']",
            ".uk-article > .tm-article-content, .uk-article, #system .item > .content",
            # 1.5: one cell of a table; the rows above it hold the author and the date.
            f"[class^='contentpaneopen'] td[valign='top']:not([class]):not(:has(> .small)){_BESIDE}",
            f".article-content{_BESIDE}",
            "[id^='page']:has(> .contentheading), [id^='page']:has(> .iteminfo)",
            f"div[class^='contentpaneopen']{_BESIDE}",
        ),
        # Fields that the portal made for it. ".createdby" is the account, or a name that was given to it.
        byline=(".field-entry[class*='tac-gia'], .field-entry[class*='nguon'], .field-entry[class*='but-danh']",),
        published=(
            ".item-page .published time@datetime",
            ".item-page time[itemprop='datePublished']@datetime",
            f"{_INFO} time[itemprop='datePublished']@datetime",
            f"{_INFO} .published time@datetime",
            f".item-page .published, {_INFO} .published",
            ".item-page .create time@datetime",
            f"{_INFO} .create time@datetime",
            f".item-page .create, {_INFO} .create",
            ".itemView .itemDateCreated time@datetime",
            ".itemView .itemDateCreated",
            f"{_YOO} > meta[property='datePublished']@content",
            # In its datetime Warp says the day that it was in Greenwich.
            ".uk-article-meta > time, #system .item > header time",
            ".uk-article-meta, #system .item > .meta, #system .item > header > .meta",
            f"[class^='createdate']{_BESIDE}",
            f"dd.published{_BESIDE}, dd.create{_BESIDE}",
            "meta[property='article:published_time']@content",
            ".item-page > header time@datetime",
            ".item-page > [class*='date' i]:not([class*='update' i], [class*='modif' i])",
            ".item-page > [class*='ngay' i]",
        ),
        section=(
            ".item-page .category-name a, .item-page .category-name [itemprop='genre']",
            f"{_INFO} .category-name a",
            ".itemView .itemCategory a",
            f"{_YOO} > meta[property='articleSection']@content",
            ".uk-article-meta a:last-of-type, #system .item .meta a:last-of-type",
            f"[class^='contentpaneopen'] td > span:last-of-type > a{_BESIDE}, .article-section:last-of-type{_BESIDE}",
            # The last entry is the page itself.
            ".breadcrumb > li:has(+ li.active) a, .breadcrumb > li:has(+ li:last-child) a",
            ".uk-breadcrumb > li:has(+ li:last-child) a",
            ".breadcrumbs > a:last-of-type, .breadcrumbs span > a:last-of-type, a.pathway:last-of-type",
        ),
        images=(
            ".item-page > .item-image, .item-page > article > .item-image, .item-page > [class^='img-fulltext']",
            ".article-details > .article-full-image, .item-page > .entry-image, .itemView .itemImageBlock",
            ".uk-article [property='image'], .itemView > .itemImageGallery",
        ),
        attachments=(
            ".itemAttachments, .attachmentsContainer .at_filename, [class^='phocadownloadfile']",
            ".dropfiles-content .dropfiles_downloadlink, .dropfiles-content .downloadlink, .dropfiles-single-file",
            _FILES.format(".content-links"),
            _FILES.format(".fields-container"),
        ),
        drop=(
            # For bodies that are all of the article.
            ".page-header, hgroup, .item-page > h1, .item-page:not(:has(> .page-header)) > h2:first-of-type",
            ".item-page > header, h1.uk-article-title, .uk-article-meta, .article-aside, .contentheading",
            ".article-info, .article-tools, .article-meta, .createdate, .modifydate, .createdby, .article_separator",
            ".item-image, [class^='img-fulltext'], .itemImageBlock, .itemContentFooter, .content-links",
            "ul.actions, .icons, .iteminfo, .article-index, .buttonheading, .print-icon, .email-icon, #pop-print",
            ".pagenav, .pager, .pagination, .pagenavigation, .pagenavcounter, .pagenavbar, .uk-pagination",
            ".tags, .readmore, .content_rating, .content_vote, .article-ratings-social-share, .extravote, form",
            ".attachmentsContainer, [class^='phocadownloadfile'], .dropfiles-content, .fields-container",
            "[class*='addthis'], [class*='addtoany'], [class*='social-share'], [class*='sharethis'], .sp-social-share",
            ".fb-like, .fb-share-button, .fb-comments, .itp-share, .social-buttons, .zalo-share-button",
            ".itemExtraFields, #jc, .jcomments-links, #comments, .komento, #disqus_thread, .jwDisqusForm, .author-info",
            "[class*='related' i], [id*='related' i], [class*='lienquan' i], [class*='lien-quan' i]",
            "[class*='tinkhac' i], [class*='tin-khac' i], [class*='other-news' i], [class*='otherarticle' i]",
            ".moduletable, .latestnews, .category-module, .mostread, [class*='mod-articles'], .avDownloadLink",
            # "a.modal" is a picture that opens in a window of its own.
            ".sigFreePrintMessage, div.modal, .visually-hidden, .sr-only, .hidden-print, .element-invisible",
        ),
        article=(
            _ONE,
            "[class^='item-page'], [class^='contentpaneopen'], [class^='contentheading']",
            ".uk-article, #system .item, .article-content",
        ),
        reject=(
            (
                ".edit.item-page, #mailto-window, .com-contact, .contact-form, body:is(.com_contact, .com_mailto)",
                "form",
            ),
            ("#searchForm, #finder-search, .com-finder, :is(html, body):is(.com_search, .com_finder)", "search page"),
            (".com-users-login, .com-users-registration, #com-form-login", "login page"),
            (":is(html, body):is(.com_users, .com_user)", "login page"),
            ("#errorboxbody, #errorboxoutline, body.error-page", "soft 404"),
            ("#k2Container:not(.itemView)", "listing"),
            (":is(html, body):is(.view-category, .view-categories, .view-featured, .view-frontpage)", "listing"),
            (":is(html, body):is(.view-section, .view-archive, .view-itemlist, .view-tag, .view-tags)", "listing"),
            (f"{_NONE} :is(table.blog, div.blog, .blog-featured, .com-content-category, .category-list)", "listing"),
            (f"{_NONE} :is(.categories-list, .archive, .tag-category, .items-leading, .items-row)", "listing"),
            (f"{_NONE} :is(.article_row, .sectiontableheader, .contentdescription)", "listing"),
            (f"{_NONE} .uk-article ~ .uk-article, {_NONE} .uk-article .uk-article-title > a", "listing"),
            (f"{_NONE} #phocagallery, #Kunena, #jevents", "other component"),
        ),
    ),
)
