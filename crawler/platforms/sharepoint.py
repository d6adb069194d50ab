"""SharePoint 2007 to 2019: core's publishing pages, list forms and blogs, and the news web parts of Vietnamese vendors.

Core prints a page or a list item, but most portals read their news with a vendor's web part that prints it in its own
words. Each vendor has to be known by its ids; the comments name a portal that has them.
"""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# Rows of related news and of side blocks repeat the article's labels under ids and classes of their own.
_ROW = (
    "li *, .dfwp-item *, .ms-listviewtable *, footer *, #footer *, [id*='_rpt' i], [id*='repeater' i], [id*='_dl' i],"
    " [id*='_gv' i], [id*='_lv' i], [id*='khac' i]"
)
# What an article calls its content a list calls its teasers, with a linked heading, and a page its middle.
_TEXT = f":not({_ROW}):not(:has(h1, h2 a, h3 a, h4 a, h5 a))"
_NEAR_DATE = ":is(span, p, em, small, time, i, td)"


def _one(*selectors: str, end: str = f":not({_ROW})") -> str:
    return ", ".join(selector + end for selector in selectors)


def _labels(*names: str) -> str:
    """The labels and panels of a web part: their ids end in the names that its programmer gave them."""
    return _one(*(f"[id^='ctl00_'][id$='{name}' i]" for name in names))


def _field(*names: str) -> str:
    """The cell of a list form's field: 2007 to 2016 mark the label beside it with its internal name."""
    return ", ".join(f"tr:has(> td a[name='SPBookmark_{name}' i]) > .ms-formbody" for name in names)


SHAREPOINT = Platform(
    name="sharepoint",
    marks=Marks(
        generator=r"^Microsoft SharePoint\b",
        headers=r"^(?:MicrosoftSharePointTeamServices|SPRequestGuid|SPRequestDuration|SPIisLatency|X-SharePointHealth\w+):",
        urls=r"/_layouts/|/Lists/[^/?]+/[\w-]+\.aspx|/(?:Site)?Pages/[^?]*\.aspx|/(?:Trang|KenhTin)/[^?]*\.aspx",
        markup=(
            r"\b(?:_spBodyOnLoadWrapper|_spPageContextInfo|_spFormOnSubmitWrapper|g_wsaEnabled)\b",
            r"name=[\"']MSO(?:WebPartPage_PostbackSource|TlPn_View|SPWebPartManager_DisplayModeName)[\"']",
            r"/_layouts/(?:1[56]/)?(?:\d{4}/)?[\w./-]+\.(?:js|css|axd)|\bctl00_PlaceHolderMain_",
        ),
    ),
    # Every list counts from 1, so the path of the list belongs to its numbers; the others count for the whole portal.
    # "?ItemID=5&l=TinTuc" names its list behind the number, and so gives none.
    number=(
        r"(?i)(/lists/[^/?]+/[^/?]+\.aspx\?(?:list=[^&]+&|categoryid=[^&]*&)?(?:item)?id=\d+"
        r"|(?<=[?&]nid=)\d+|(?<=[?&]newsid=)\d+|(?<=[?&]tintucid=)\d+"
        r"|(?<=/pages/\d{4}-\d\d-\d\d/)[^/?]+(?=\.aspx))"
    ),
    discovery=Discovery(
        # No sitemap: where 2013's is switched on, robots.txt names it.
        menus=(
            "#DeltaTopNavigation a, #s4-topheader2 a, .ms-topnav a, .s4-tn a, a.menu-item, a.ms-core-listMenu-item",
            "#DeltaPlaceHolderLeftNavBar a, #s4-leftpanel a, .ms-quicklaunch a",
            "nav a, [id*='menu' i] a, [class*='menu' i] a, [id*='nav' i] a, [class*='navbar' i] a, ul.nav a",
        ),
        links=(
            ".dfwp-item a, .cbs-Item a, .link-item > a, .ms-PostTitle a",
            "a[href*='ItemID=' i], a[href*='DispForm.aspx?ID=' i], a[href*='Post.aspx?' i], a[href*='View_Detail' i]",
            "a[href*='nid=' i], a[href*='NewsID=' i], a[href*='TinTucID=' i], a[href*='idtin=' i]",
            "a[href*='ChiTiet' i], a[href*='chi-tiet' i], a[href*='NewsDetail' i], a[href*='IDBaiViet=' i]",
            "a[href*='/portal/Pages/20' i], a[href*='/tin-tuc/' i][href$='.aspx' i]",
            # Publishing pages are called by their titles: whatever the middle of a page leads to may be one.
            ".ms-WPBody a[href*='/Pages/' i], .ms-WPBody a[href*='/Trang/' i], #MSO_ContentTable a[href*='/Pages/' i]",
            "#DeltaPlaceHolderMain a[href*='/Pages/' i], #contentBox a[href*='Pages/' i]",
        ),
        # Many pagers post the form back instead, and lead nowhere that can be asked for.
        next=(
            "[class*='paging' i] a, [class*='pagination' i] a, [class*='phantrang' i] a, [id*='PhanTrang' i] a",
            "[class*='pager' i] a, a[href*='Page=' i], a[href*='PageIndex=' i], a[href*='trang=' i], a[rel='next']",
        ),
        # Any page may be an article, but no channel, no view of a list, no next page: that must be walked as a listing.
        article=(
            r"(?i)^(?!.*[?&](?:page|pageindex|trang|p|currentpage|paged|cat|catid|chuyenmuc)=[^&])(?!.*/KenhTin/)"
            r"(?!.*/(?:AllItems|Category|default|home|trang-?chu|index)\.aspx)"
            r"|[?&](?:item|news|tintuc|tin|n)?id=\d|/(?:View_Detail|DispForm|Post)\.aspx"
        ),
        skip=(
            r"(?i)/_(?:layouts|login|forms|vti_\w+|catalogs|api|controltemplates|windows)/|/searchcenter/|\.axd\b"
            r"|/(?:NewForm|EditForm|MyItems|Upload|listfeed|calendar|sendtofriend|TTS|traloi|login|sitemap)\.aspx"
            r"|/(?:search|tim-?kiem|results|osssearchresults|dang-?nhap|lien-?he|contact|gop-?y|rss|so-?do)[^/?]*\.aspx"
            r"|/(?:print\w*|in-?(?:bai|tin|trang)\w*|send-?mail|gui-?mail)\.aspx"
            # "?Date=&Page=2" is a page of the whole list, "?Date=08/11/2019" one of its thousand days.
            r"|[?&](?:SortField|SortDir|FilterField\d|FilterValue\d|CalendarDate|CalendarPeriod|IsDlg|Mobile|PageView"
            r"|print|ReturnUrl|Ngay|Date|TuNgay|DenNgay)=(?!&|$)"
        ),
    ),
    rules=Rules(
        name="sharepoint",
        title=(
            ".News_Detail_Title, #divArticleDescription3 h1",  # mt.gov.vn, most.gov.vn, moc.gov.vn
            "#news-title, #txtTitle, #news_content h1, .title_news h1",  # moet.gov.vn, mard.gov.vn, mic.gov.vn
            ".wp-news-details .wp-news-title, .content_follow > h2",
            _field("Title", "TieuDe", "LinkTitle"),
            ".ms-PostTitle, .ms-blog-postBoxTitle, .ms-blog-postTitle",
            ".article-detail h1, .news-detail h1, .news-details h1, .detail-news h1, .newsdetail h1",
            _labels("TieuDe", "TieuDeTin", "TenBai", "TenBaiViet", "TenTin", "lblNewsTitle", "lblHeadline"),
            "h1:has(~ .article-content), h1:has(~ [id$='_RichHtmlField']), h1:has(~ [class^='ExternalClass'])",
            ".ms-WPBody h1:not(:has(a, img))",
            _one("[class*='chitiet' i] [class*='tieude' i]", "[class*='chi-tiet' i] [class*='tieude' i]"),
            _one(".ArticleTitle", ".article-title", ".title-detail", ".detail-title", ".news-title-detail"),
            "[class*='tieude' i]:has(~ [class*='noidung' i]), [class*='title' i]:has(~ [class*='noidung' i])",
            _one("[class*='detail' i] > [class*='title' i]:not(:has(a)):not([class*='box' i])"),
            _labels("_lblTitle", "_lbTitle", "_ltTitle"),
            # In 2013 the head of every page; it holds a link where it names a list.
            "#DeltaPlaceHolderPageTitleInTitleArea:not(:has(a))",
            ".s4-titletext > h2:not(:has(a)), .ms-pagetitle > h2, #s4-titlearea h1:not(:has(a))",
            "h1:not(:has(a, img)):not(header *, #header *, #s4-titlerow *)",
            "h2:has(~ [id$='_RichHtmlField']), h2:has(~ [class^='ExternalClass']), h3:has(~ [class^='ExternalClass'])",
            # Nameless boxes: what stands first before the text. The label of a field stands there too, unseen.
            f"[id*='_g_'] :has(~ * > [class^='ExternalClass']):not(:has(a, img, p, table)):not(script, style, {_ROW})",
            ":has(~ * > [id^='ctl00_Place'][id$='_RichHtmlField']):not(:has(a, img, p)):not(script, [id$='_label'])",
            "meta[property='og:title']@content",
        ),
        summary=(
            "#divArticleDescription1, #news-des, #news_content #divArticleDescription, #idTomTat",
            ".wp-news-details > .wp-news-desc",
            _labels(
                "TomTat", "TrichYeu", "TrichDan", "MoTa", "Sapo", "lblSummary", "lblShortContent", "lblDescription"
            ),
            _field("TomTat", "TrichYeu", "MoTa", "Description", "ShortContent"),
            _one(".sapo", ".summary", ".intro", ".mota", ".tomtat", ".lead", ".description", end=":is(h1 ~ *)"),
            _one(".article-sapo", ".article-summary", ".news-sapo", ".detail-sapo"),
            _one(".tomtat", ".trichyeu", ".sapo", ".mota", end=":has(~ [class*='noidung' i], ~ .article-content)"),
        ),
        body=(
            # The last is Tân Dân's: /portal/Pages/2022-09-14/… of Thanh Hóa, Hà Tĩnh, Nam Định, Điện Biên.
            "#divArticleDescription2, #divArticleContent, #news-detail, #art-content",
            "#contenttin, #anhnoidungdetail, #divNewsDetails, .wp-news-details > .wp-news-content",
            _field("Body", "NoiDung", "Content", "NoiDungTin", "ContentNews", "PublishingPageContent"),
            # The label tells the field of the text from those of a summary or a caption.
            "[id$='_label']:lexbor-contains('Page Content' i) + [id$='_RichHtmlField']",
            "[id$='_label']:lexbor-contains('Nội dung Trang' i) + [id$='_RichHtmlField']",
            _one(".article-content", ".ArticleContent", end=_TEXT),
            "[id$='_RichHtmlField']:not(.caption *, [class*='summary' i] *, footer *, #footer *)",
            ".ms-PostBody, .ms-blog-postBody, #WikiField .ms-wikicontent, [id$='_WikiField']",
            # A label is a span, and a span at the root of a body is unwrapped: the box around it, where it has one.
            _one(*(f":has(> span:only-child[id^='ctl00_'][id$='{name}' i])" for name in ("NoiDung", "lblContent"))),
            _labels("NoiDung", "NoiDungTin", "lblChiTiet", "NoiDungBaiViet", "lblContent", "lbContent", "lblBody"),
            _one("[class*='noidung' i]:not(:has([class*='noidung' i]))", "[class*='noi-dung' i]", end=_TEXT),
            f"#divArticleDescription{_TEXT}",  # molisa.gov.vn; where #divArticleContent is beside it, it is the lead
            _one(".news-content", ".content-news", ".content-detail", ".detail-content", ".contentdetail", end=_TEXT),
            _one(".news-body", ".newscontent", ".post-content", ".entry-content", ".news_detail", end=_TEXT),
            _one("h1 ~ .content", "[class^='ExternalClass']:has(> p ~ p, > div ~ div, > br ~ br)", end=_TEXT),
            f"[class^='ExternalClass']{_TEXT}",
            _one(".news-detail", ".news-details", ".detail-news", ".content_follow", ".detail_artical > p"),
            "h1 ~ div:has(> p ~ p)",
        ),
        byline=(
            _labels("TacGia", "lblAuthor", "NguonTin", "lblNguon", "lbNguon"),
            _one(".tacgia", ".tac-gia", ".article-author", ".art-author", ".news-author", ".Author_Write_TG"),
            ".by-line, .article-byline, .nguontin, .nguon-tin, .article-source",
            _field("TacGia", "ArticleByLine", "NguonTin"),
        ),
        published=(
            ".News_Time_Post, #txtDateString, #publish-date, .date-detail",
            _field("ArticleStartDate", "NgayDang", "PublishDate", "PublishedDate", "NgayXuatBan", "NgayDangTin"),
            _labels("NgayDang", "NgayDangTin", "NgayXuatBan", "NgayXB", "NgayTao", "PublishDate", "lblCreated"),
            _one(".date-line", ".article-date", ".ArticleDate", ".post-date", ".news-date", ".wp-news-date"),
            _one("[class*='ngaydang' i]", "[class*='ngay-dang' i]", ".time_up", ".content_follow > .time_update"),
            "h1 ~ .date, h1 ~ .time, h1 ~ .ngay, h1 ~ span, .news-detail > .date, .detail-time, .time-detail",
            _one(f"{_NEAR_DATE}:lexbor-contains('Đăng lúc' i)", f"{_NEAR_DATE}:lexbor-contains('Ngày đăng:' i)"),
            # Only in a web part: the master page's own print today's date.
            _one("[id*='_g_'][id$='_lblDate' i]", "[id*='_g_'][id$='_lblThoiGian' i]"),
            ".ms-PostFooter, .ms-PostDate, .ms-blog-postBoxDate",
            # "Created at 08/11/2019 9:12 by System Account", below the fields of a list form.
            "#onetidinfoblock1",
            # Tân Dân puts an article into the folder of its day.
            "form[action*='/portal/pages/20' i]@action",
        ),
        section=(
            ".breadcrumb li:last-child a, .breadcrumb > a:last-of-type, .breadcrumbs a:last-of-type",
            ".breadcrumb li:nth-last-child(2) a, .breadcrumb span:last-child a",
            "[id*='SiteMap' i] > span:nth-last-child(3) a, [id$='_ContentMap'] > span:nth-last-child(3) a",
            _labels("ChuyenMuc", "lblBreadCrum", "lblCategory"),
            "[class*='breadcrum' i] a:last-of-type, [class*='duongdan' i] a:last-of-type",
            ".ms-PostFooter a[href*='Category.aspx' i]",
        ),
        # The element around it holds the hidden label of the field.
        images=(".captioned-image [id$='_RichImageField']", ".article-image:not(li *)"),
        attachments=(
            "#idAttachmentsTable, [id*='dinhkem' i]:not(input), [class*='dinhkem' i], [class*='dinh-kem' i]",
            "[id*='pnlAttach' i], [class*='attach' i]:not(li *)",
        ),
        drop=(
            ".article-header, .captioned-image, .ms-PostFooter, .ms-CommentHeader, [id*='Attachments' i]",
            ".news-detail > h1, .news-detail > .date",
            ".news-details > h1, .detail-news > h1, .content_follow > h2, .content_follow > .time_update",
            "[class*='lienquan' i], [class*='lien-quan' i], [class*='tinkhac' i], [class*='tin-khac' i], .other_News",
            "[class*='related' i], [class*='share' i], [class*='social' i], [class*='rating' i], form",
            "[class*='dinhkem' i], [class*='dinh-kem' i], [class*='luotxem' i], [id$='_lblLuotXem'], .tags, #Tags",
            ".addthis_toolbox, .fb-like, .fb-comments, .noprint, .breadcrumb",
        ),
        reject=(
            ("#SRCHRES, .srch-results, .ms-srch-results, [id*='SearchResult' i] .item", "search page"),
            ("[id$='_signInControl'], [id*='PlaceHolderMain_signIn' i], #ctl00_PlaceHolderMain_login", "login page"),
            ("#ms-error-body, #ms-error, .ms-error-header", "error page"),
            (".ms-acal-rootdiv, .ms-acal-hour12, .ms-cal-weekday, .ms-cal-gempty", "calendar"),
            (".welcome-header, .welcome-content, .welcome.blank-wp, .welcome-splash", "static page"),
            ("html:not(:has([id$='_RichHtmlField'] > *, #art-content)) .dfwp-list", "listing"),
            (".ms-listviewtable .ms-vh, .ms-listviewtable .ms-vh2, .cbs-Item ~ .cbs-Item ~ .cbs-Item", "listing"),
            (".ms-surveyvheader, form[action*='NewForm.aspx' i], form[action*='lienhe' i]", "form"),
        ),
    ),
)
