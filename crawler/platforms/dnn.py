"""DotNetNuke 4 to DNN 9: the news modules EasyDNNnews and News Articles, and those of Vietnamese vendors.

DNN itself prints panes and modules, never news. A vendor's module is known by the ids of its labels, such as
"dnn_ctr471_ViewNews_lblTieuDe", and by a few classes.
"""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# Repeaters of related and latest news repeat the article's labels; the title of a module is none of an article.
_ROW = (
    "li *, footer *, [id*='_rpt' i], [id*='repeater' i], [id*='_dl' i], [id*='_gv' i], [id*='_lv' i],"
    " [id*='datalist' i], [id*='khac' i], [id*='lienquan' i], [id*='dnnTITLE' i], [id*='HtmlModule' i],"
    " .edn_articleList *, .in_list *"
)
# What an article calls its content a list calls its teasers, with a linked heading, and a page its middle.
_TEXT = f":not({_ROW}):not(:has(h1, h2 a, h3 a, h4 a, h5 a))"
_BODIES = (
    ".articleEntry",
    ".articleTextCell",
    ".edn_articleDetails",
    ".news-details",
    "[id*='NoiDung' i]",
    "#show_content",
)
_OUT = f":not({_ROW}):not(:has([id*='HtmlModule' i]))"
_NEAR_DATE = ":is(span, p, em, small, time, i, td)"


def _one(*selectors: str, end: str = f":not({_ROW})") -> str:
    return ", ".join(selector + end for selector in selectors)


def _labels(*names: str) -> str:
    """The labels and panels of a module: their ids end in the names that its programmer gave them."""
    return _one(*(f"[id^='dnn_ctr'][id$='{name}' i]" for name in names))


DNN = Platform(
    name="dnn",
    marks=Marks(
        generator=r"^(?:DotNetNuke|DNN\b)",
        headers=r"^Set-Cookie: (?:dnn_IsMobile|\.ASPXANONYMOUS|\.DOTNETNUKE|DotNetNuke\w*|language=[a-z]{2}-[A-Z]{2})",
        urls=r"/tabid/\d+/|[?&]tabid=\d+|/Portals/\d+/|/(?:ArtMID|articleType|mid)/\w+/",
        markup=(
            r"<meta id=[\"']?MetaGenerator[\"']? [^>]*DotNetNuke|<!-- (?:DNN Platform|DotNetNuke)",
            r"\bid=[\"']?dnn_(?:ctr\d+_|\w*Pane\b)",
            r"\b(?:__dnnVariable|dnnVariable)\b|/js/dnn(?:core|\.modalpopup)?\.js",
            r"/Portals/(?:_default|\d+)/(?:Skins|Containers)/|/DesktopModules/[\w .-]+/",
        ),
    ),
    number=(
        r"(?i)((?<=/articleid/)\d+|(?<=[?&]articleid=)\d+|(?<=/nid/)\d+|(?<=[?&]nid=)\d+|(?<=/newsid/)\d+"
        r"|(?<=[?&]newsid=)\d+|(?<=/itemid/)\d+|(?<=[?&]itemid=)\d+|(?<=/entryid/)\d+|(?<=[?&]entryid=)\d+)"
    ),
    discovery=Discovery(
        sitemaps=("/SiteMap.aspx",),
        menus=(
            "[id*='dnnMENU' i] a, [id*='dnnNAV' i] a, [id*='SOLPARTMENU' i] a, .dnnMenu a, .DNNMenu a",
            "nav a, [id*='menu' i] a, [class*='menu' i] a, [id*='nav' i] a, [class*='navbar' i] a, ul.nav a",
        ),
        links=(
            ".edn_articleTitle a, .article.in_list h1 a, .article.in_list h2 a, .articleHeadline a, a.articleTitle",
            "a[href*='/ArticleID/' i], a[href*='ArticleID=' i], a[href*='/ArticleView/' i], a[href*='EntryId' i]",
            "a[href*='NID=' i], a[href*='NewsID' i], a[href*='ItemID' i], a[href*='/ctl/Detail' i]",
            "a[href*='/ctl/View' i], a[href*='ChiTiet' i], a[href*='chi-tiet' i], a[href*='/id/' i]",
            "a[href*='NewsDetail' i], a[href*='tabid=' i][href*='&ID=' i], .DnnModule h3 a, .DnnModule h4 a",
            ".DnnModule h5 a, .DnnModule a.headline, #dnn_ContentPane h2 a, #dnn_ContentPane [class*='title' i] a",
        ),
        next=(
            "[class*='pager' i] a, [class*='paging' i] a, [class*='pagination' i] a, [id*='paging' i] a",
            "a[href*='currentpage' i], a[href*='/pageid/' i], a[href*='/page/' i], a[href*='page=' i], a[rel='next']",
        ),
        # Any page may be an article, but no tab, no category and no next page: that has to be walked as a listing.
        article=(
            r"(?i)^(?!.*(?:/|[?&])(?:currentpage|pageid|page|trang|pageindex)[/=]\d)(?!.*/articleType/)(?!.*/CategoryID/)"
            r"(?!.*/tabid/\d+/(?:language/[\w-]+/)?(?:[\w-]+\.aspx)?$)(?!.*[?&]tabid=\d+(?:&language=[\w-]+)?$)"
            r"(?!/(?:home|trang-?chu|default)(?:\.aspx)?$)|/articleId/\d|[?&](?:nid|articleid|newsid|itemid)=\d"
        ),
        skip=(
            r"(?i)(?:/|[?&])ctl[/=](?:login|register|profile|sendpassword|terms|privacy|edit|tab|module|export)\w*"
            r"|/(?:login|dang-?nhap|register|logoff|user-?profile|search-?results?|tim-?kiem)(?:\.aspx|[/?]|$)"
            r"|/(?:contact|lien-?he|gop-?y|rss|returnurl|Author|Tags?|evcmd|DNNPrint)(?:\.aspx|[/?]|$)"
            r"|/articleType/(?:TagView|AuthorView|ArchiveView|Archives|SyndicationView|RSS)"
            r"|[?&](?:returnurl|search|skinsrc|containersrc|dnnprintmode|popup|rsstype|print|sort|date|ngay)="
            r"|/(?:print|in-?(?:bai|tin)\w*|send-?mail|feed\w*)\.aspx|LinkClick\.aspx|/DesktopModules/|\.a(?:xd|shx|smx)\b"
        ),
    ),
    rules=Rules(
        name="dnn",
        title=(
            ".edn_articleDetails .edn_articleTitle:not(.edn_articleSubTitle), .article.details > h1",
            # News Articles: the templates "Standard" and "Default"; the title is a link to the article itself.
            ".articleHeadline, a.articleTitle, span.articleTitle",
            "#news_details h1, .news-details h1",  # moha.gov.vn, and all with NVCMS
            ".news-detail h1, .newsdetail h1, .detail-news h1, .article-detail h1",
            _labels("TieuDe", "TieuDeTin", "TenBai", "TenTin", "lblNewsTitle", "lblBlogTitle", "lblHeadline"),
            _labels("_lblTitle", "_lbTitle", "_ltTitle"),
            "h1:has(~ .post-content), h1:has(~ [class*='content' i]), h1:has(~ [class*='noidung' i])",
            _one("[class*='chitiet' i] [class*='tieude' i]", ".title-detail", ".detail-title", ".news-title-detail"),
            _one("[class*='tieude' i]:has(~ [class*='noidung' i])", "[class*='title' i]:has(~ [class*='noidung' i])"),
            ".DNNModuleContent h1:not(:has(a, img))",
            "meta[property='og:title']@content",
        ),
        summary=(
            ".edn_articleDetails > .edn_articleSummary, .article.details > .summary, #show_description",
            _labels("TomTat", "TrichYeu", "TrichDan", "MoTa", "Sapo", "lblSummary", "lblDescription"),
            _one(".sapo", ".summary", ".intro", ".mota", ".tomtat", ".lead", end=f":is(h1 ~ *):not({_ROW})"),
            _one(".tomtat", ".trichyeu", ".sapo", ".mota", end=":has(~ [class*='noidung' i], ~ .post-content)"),
        ),
        body=(
            ".edn_articleDetails .edn_articleContent, .edn_articleDetails .edn_fullArticle",
            ".article.details > .main_content, .articleEntry, .articleTextCell, #show_content",
            ".news-details .post-content",
            # A label is a span, and a span at the root of a body is unwrapped: the box around it, where it has one.
            _one(
                *(f":has(> span:only-child[id^='dnn_ctr'][id$='{name}' i])" for name in ("NoiDung", "lblContent")),
                end=_OUT,
            ),
            _labels(
                "NoiDung", "NoiDungTin", "lblChiTiet", "lblContent", "lbContent", "lblBody", "lblEntry", "lblDetail"
            ),
            _one("[class*='noidung' i]:not(:has([class*='noidung' i]))", "[class*='noi-dung' i]", end=_TEXT),
            ".edn_articleDetails, .article.details",
            _one(".news-content", ".content-news", ".content-detail", ".detail-content", ".contentdetail", end=_TEXT),
            _one(".article-content", ".post-content", ".entry-content", ".news-body", end=_TEXT),
            _one("h1 ~ .content", "h1 ~ div:has(> p ~ p)", end=_TEXT),
        ),
        byline=(
            _labels("TacGia", "NguonTin", "lblNguon", "lbNguon", "ButDanh"),
            _one(".tacgia", ".tac-gia", ".butdanh", ".nguontin", ".nguon-tin", ".edn_articleSource"),
        ),
        published=(
            ".edn_articleDetails time[datetime]@datetime",
            ".edn_articleDetails time, .edn_articleDetails .edn_metaDetails, .article.details > .meta_text",
            # "admin posted on 19/11/2020 08:05": the first is the account.
            ".articleAuthor, .articleTopCell > .NormalBold",
            ".news-details .post-date, #news_details .date",
            _labels("NgayDang", "NgayDangTin", "NgayXuatBan", "NgayXB", "NgayTao", "PublishDate", "lblDateTime"),
            _one("[class*='ngaydang' i]", "[class*='ngay-dang' i]", ".news-date", ".post-date", ".date-news"),
            "h1 ~ .date, h1 ~ .time, h1 ~ .ngay, .detail-time, .time-detail",
            _one(f"{_NEAR_DATE}:lexbor-contains('Đăng lúc' i)", f"{_NEAR_DATE}:lexbor-contains('Ngày đăng:' i)"),
            # Core's skin object prints today's date under another id: dnn_dnnCURRENTDATE_lblDate.
            _one("[id$='_lblDate' i]", "[id$='_lblThoiGian' i]", end=":not([id*='CURRENTDATE' i], header *)"),
            "meta[property='article:published_time']@content",
        ),
        section=(
            ".edn_articleDetails .edn_metaDetails a[href*='categor' i], .articleCategories a",
            ".article.details > .meta_text a[href*='Categor' i], .articleContentCell a[href*='CategoryView' i]",
            _labels("ChuyenMuc", "lblCategory", "lblCategoryName"),
            "[id$='_lblBreadCrumb'] a:last-of-type, .breadcrumb > a:last-of-type",
            ".breadcrumb li:last-child a",
            ".breadcrumb li:nth-last-child(2) a",
        ),
        images=(".article_image:not(.in_list *), .edn_articleDetails .edn_articleImage, .articleImages",),
        # "LinkClick.aspx?fileticket=…" is core's link to a file; its address does not say so.
        attachments=(
            ".articleFiles > a, .edn_articleDetails [class*='document' i] a, a.attach",
            "[id*='dinhkem' i] a, [class*='dinhkem' i] a",
            _one(*_BODIES, end=" a[href*='fileticket=' i]"),
        ),
        drop=(
            ".edn_articleDetails > .edn_articleTitle, .edn_metaDetails, .article.details > h1",
            ".article.details > .meta_text, .box_list_container, .edn_articleTags, .articlePaging, .articleCategories",
            "[class*='comment' i], [class*='lienquan' i], [class*='tinkhac' i], [class*='related' i]",
            "[class*='share' i], [class*='social' i], [class*='rating' i], .addthis_toolbox, .fb-like, form",
            ".fb-comments, .post-tools, .post-tags, .noprint, .luotxem, [class*='dinhkem' i], a.attach, .breadcrumb",
        ),
        reject=(
            # Core's own login page has no module number; a login box beside an article has one.
            ("[id^='dnn_ctr_Login_']", "login page"),
            (".dnnSearchResultContainer, .dnnSearchResultPanel, [id$='_SearchResults_dgResults']", "search page"),
            (
                "html:not(:has(.edn_articleDetails, .article.details))"
                " :is(.edn_article ~ .edn_article, .article.in_list, [id$='_pnlListArticles'])",
                "listing",
            ),
            (".article ~ .article > .articleHeadline", "listing"),
        ),
    ),
)
