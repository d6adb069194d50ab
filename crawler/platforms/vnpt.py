"""The portals that VNPT sells to provinces, districts and communes. Two products, and no more, are meant.

vnPortal (ASP.NET Web Forms; Lào Cai, Sóc Trăng, Trà Vinh, Bình Thuận, Sơn La, Ninh Bình, Nam Định, Hải Phòng …): a page
is made of controls whose ids begin with "ctrl_". They live under /DesktopModule/ (DotNetNuke's is /DesktopModules/),
files under /SiteFolders/ or on storage-vnportal.vnpt.vn. Addresses of an article, by age: Default.aspx or
mDefault.aspx?…&id=N, /site/page/category/N/…, /category/title-N.

VNPT.Web.Portal (ASP.NET MVC; communes of Lâm Đồng, schools of Bạc Liêu): /xa/chi-tiet-tin-tuc/?param=title.

Both fill a listing's later pages by a POST, which is never made here: old articles come from archives.
What VNPT built on Liferay, DotNetNuke or SharePoint is those systems' affair. The last selectors of each rule are names
in templates of VNPT's local offices; they serve portals that name this platform by hand.
"""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# A page shows articles of others in controls of the same kind; its own is in this one.
_OWN = ".ArticleDetailControl"

VNPT = Platform(
    name="vnpt",
    marks=Marks(
        urls=(
            r"^/m?Default\.aspx\?(?:[^#]*&)?pageid=\d+|^/(?:[\w-]+/)?\d{1,5}/\d{2,6}/\d{2,6}/\d{3,8}(?:/|$)"
            r"|^/(?:[\w-]+/)?(?:chi-tiet|danh-sach)-tin-tuc/?\?param="
        ),
        markup=(
            r"/DesktopModule/[A-Z]\w+",
            r"""(?:id|name|for)=["']?ctrl_\d+_\d+|__doPostBack\(['&#;\d\w]{1,6}ctrl_\d+_\d+""",
            # Pictures of a province's portal are linked from everywhere: the host alone says nothing.
            r"""(?:src|href|data)=["']?/SiteFolders/|["'(]https?://(?:storage-vnportal\.vnpt\.vn|cdn\.[\w.]+\.gov\.vn)/[\w-]+/(?:SiteFolders/|\d{1,5}/)""",
            r"""class=["'](?:[^"']*\s)?(?:ArticleDetailControl|HotnewsControl|UIFooterControl|UI[A-Z]\w+_Default)[\s"']""",
            r"/Modules/(?:Sidebar|NewsHome|CongDoan)/(?:Get|UpdateSession)",
            r"""id=["']xuat_xu_vb["']|class=["'](?:cls-content-item|list-news-cate|heading-direct)["']""",
        ),
    ),
    number=(
        r"(?i)(?:^/(?:[\w-]+/)?\d{1,5}/\d{2,6}/\d{2,6}/|^/(?:m?default\.aspx)?\?(?:[^#]*&)?id=|^/[^?]*-(?=\d{5,7}(?:[.?]|$)))"
        r"(\d{3,7})(?:\.(?:html?|aspx))?(?=[/?&]|$)"
    ),
    discovery=Discovery(
        feeds=("/rss.aspx",),
        menus=(
            ".rmRootGroup a.rmLink",
            "[class*='UIMenu'] a",
            "[class*='MenuControl'] a",
            "#menu-pc a",
            ".navbar-nav a",
            ".leftmenu a",
            ".site_block_title a",
            ".HotnewsControl .Header a",
            "nav a",
            "#menu a, .menu a, .mainmenu a",
        ),
        links=(
            ".ArticleList h2.Title a",
            "ul.ArticleList > li a",
            "[class*='UIListNews'] .item a",
            "[class*='UIArticle'] a",
            "[class*='HotnewsControl'] a",
            "[class*='UIHotNews'] a",
            ".box-news-cate .title a",
            ".box-news-haft a",
            ".list_item_news .title a",
            "a[href*='chi-tiet-tin-tuc']",
            ".list-news a, .news-list a, .news-item a, .item-news a",
        ),
        next=(
            # Old portals page by a postback, which leads nowhere without a form; some print an address.
            ".pagination .active + li a",
            ".pagination li.next a",
            "a.next, a.NextPage",
            "a[rel='next']",
        ),
        article=(
            r"(?i)-\d{4,7}(?:\.html?|\.aspx)?(?:\?|$)|^/(?:[\w-]+/)?\d{1,5}/\d{2,6}/\d{2,6}/\d{3,8}(?:/|$)"
            r"|^/(?:m?default\.aspx)?\?(?:[^#]*&)?id=\d|/chi-tiet-(?:tin-tuc|bai-viet)/?\?(?:[^#]*&)?param="
        ),
        # Documents, calendars and questions have no number of an article, but endless addresses of their own.
        skip=(
            r"(?i)^/(?:DesktopModule|Modules|api|Admin|CMS|Telerik|WebResource|ScriptResource)[./]"
            r"|^/(?:[\w-]+/)?(?:login|logon|dang-nhap|dang-ky|quen-mat-khau|tim-kiem|search|lien-he|gop-y|hoi-dap|gui-cau-hoi|binh-chon|so-do-cong|"
            r"so-do-trang|lich-cong-tac|thu-vien-anh|thu-vien-video|album|e?-?office|rss)(?:\.aspx|\.html?)?(?:[/?]|$)"
            r"|^/[\w/-]*print\w*\.aspx|[?&](?:print|eventid|eventtype|p_steering|p_cate|docid|albumid|videoid|keyword|date_begin|date_end|type)="
        ),
    ),
    rules=Rules(
        name="vnpt",
        title=(
            f"{_OWN} .ArticleHeader",
            f"{_OWN} h1",
            ".ArticleHeader",
            ".post-details .content-post > h1",
            ".header-search > h1.text-title",
            ".ArticleTitle, .TitleArticle, .DetailTitle",
            "h1.title-detail, h1.detail-title, h1.news-title, .detail-title h1, .title-detail h1, .news-detail h1",
            ".title-detail, .detail-title, .tieu-de-tin, .chi-tiet-tin .title, .news-detail .title",
            "meta[property='og:title']@content",
        ),
        summary=(
            f"{_OWN} .ArticleSummary",
            ".post-details .cls-tom-tat-item",
            ".ArticleSummary",
            ".news-detail .sapo, .detail-sapo, .chi-tiet-tin .tom-tat, .news-detail .summary, .article-detail .lead",
            "#divArticleDescription1",
        ),
        body=(
            f"{_OWN} .ArticleContent",
            ".post-details #contentPrint",
            ".search-content > .content_baiviet",
            ".ArticleContent",
            # mDefault.aspx, the page for telephones, keeps the control and sometimes loses the inner one.
            _OWN,
            "#divArticleDescription2, #divArticleContent, #divArticleDescription",
            ".content-detail, .detail-content, .news-content, .article-content, .news-detail-content",
            ".chi-tiet-tin .noi-dung, .chi-tiet-tin .noidung, .noi-dung-tin, .noidung-chitiet",
            ".news-detail .content, .article-detail .content, .chi-tiet-tin",
            "[itemprop='articleBody']",
        ),
        byline=(
            f"{_OWN} .author, {_OWN} .Author, {_OWN} .ArticleAuthor",
            f"{_OWN} .Source, {_OWN} .ArticleSource",
            ".news-detail .author, .detail-author, .tac-gia, .chi-tiet-tin .author, .news-detail .source, .nguon-tin",
        ),
        published=(
            f"{_OWN} .PostDate",
            f"{_OWN} .DateCreate, {_OWN} .ArticleDate, {_OWN} .Ngaydang",
            # The row around the date: inside the date the counter follows the hour without a blank, "08:30" + "1234".
            ".post-details .content-post > .row",
            ".header-search .info_bv",
            ".PostDate",
            ".DateCreate, .ArticleDate",
            ".news-detail .date, .news-detail .time, .detail-date, .date-detail, .chi-tiet-tin .date, .ngay-dang",
            ".post-date, .date-time",
        ),
        section=(
            ".heading-direct .menu-direct a",
            "[class*='readcrumb'] > a:last-of-type, [class*='SiteMapPath'] a:last-of-type",
            "[class*='readcrumb'] li:last-child a",
            "[class*='readcrumb'] li:nth-last-child(2) a",
        ),
        images=(f"{_OWN} img.ImgDetailImage",),
        attachments=(
            f"{_OWN} a.link-download",
            f"{_OWN} .FileAttach, {_OWN} .file-attach, {_OWN} .AttachFile",
            ".post-details .file-dinh-kem, .news-detail .file-dinh-kem, .chi-tiet-tin .file-dinh-kem, .attach-file",
        ),
        drop=(
            ".ArticleHeader, .PostDate, .DateCreate, .tool, .tools, .UISocialShare, .social-share",
            "[class*='UIOther'], [class*='UIRelat'], [class*='UIArticleInMenu'], [class*='UIComment']",
            ".OtherArticle, .OtherArticles, .ArticleOther, .other-news, .relate-news, .related-news, .box-relate",
            ".tin-lien-quan, .tin-khac, .cungchuyenmuc, .comment, .comments, .rating, .rateit, .vote, .RadRating, form",
            ".SocialMediaShareButton, .zalo-share-button, .fb-like, .fb-share-button, .addthis_toolbox, .a2a_kit",
            "#audio-control, .audio-player, .view-count, .count-views",
        ),
        article=(
            _OWN,
            ".ArticleContent",
            "#contentPrint",
            ".content_baiviet",
            "#divArticleDescription, #divArticleDescription2, #divArticleContent",
            ".content-detail, .detail-content, .news-content, .article-content, .news-detail, .chi-tiet-tin",
        ),
        reject=(
            # A page of a category shows its first article in full when it has no other.
            (f"body:not(:has({_OWN}, .ArticleContent)) :is(ul.ArticleList, .UIArticleInMenu_Default)", "listing"),
            ("body:not(:has(#contentPrint, .content_baiviet)) :is(#lstVanBanPl, .list-news-cate)", "listing"),
            ("body:not(:has(#contentPrint, .content_baiviet)) #featured .list_item_news", "front page"),
            (f"body:not(:has({_OWN})) :is(.LibraryDetail, [class*='UICongKhaiNganSach'])", "document"),
            ("#contentPrint:empty ~ .text-system-details, section.text-system-details", "document"),
        ),
    ),
)
