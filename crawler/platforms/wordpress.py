"""WordPress 4 to 6: what its core says of a page, and the names that themes give to the parts of an article."""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# Core gives the article that the page is about this id; lists of others beside and below it mostly have none.
_OWN = "[id^='post-']"
# Themes that leave out body_class() still print core's link to the JSON of the thing that the page shows.
_JSON = "link[rel='alternate'][type='application/json']"
_NO_POST = "body:not(.single):not([class*='postid-'])"

WORDPRESS = Platform(
    name="wordpress",
    marks=Marks(
        # Many hide the version; plugins that run nowhere else name themselves.
        generator=r"^WordPress\b|page builder for WordPress|^(?:WooCommerce|Elementor) \d|^Site Kit by Google",
        headers=(
            r"^Link: .*https?://api\.w\.org/|^X-Pingback: .*/xmlrpc\.php|^X-Redirect-By: WordPress"
            r"|^Set-Cookie: (?:wordpress_|wp-(?:settings|wpml|postpass)|pll_language|wp_lang)"
        ),
        urls=r"^/(?:index\.php)?\?(?:p|page_id|cat)=\d+|^/wp-(?:login|signup)\.php|^/(?:[\w-]+/)?category/",
        markup=(
            r"/wp-content/(?:themes|plugins|cache|mu-plugins)/",
            r"/wp-includes/",
            r"rel=[\"']https://api\.w\.org/|/wp-json/|xmlrpc\.php\?rsd",
            r"<body[^>]+class=[\"'][^\"'>]*\b(?:wp-singular|(?:post|page-)id-\d|error404|category-\d|search-(?:no-)?results)",
            r"wp-emoji-release|wlwmanifest\.xml|id=[\"'](?:wp-block-library|global-styles|classic-theme-styles)-",
        ),
    ),
    # Every article has it, even where its address shows only words: core names it in the short link.
    # Digits at the end of an address are none: "…-covid-19", and "…-2" for the second of two equal titles.
    number=r"^/(?:(?:index\.php)?\?(?:[^#]*&)?p=|archives/)(\d+)(?=[/?&]|$)",
    discovery=Discovery(
        sitemaps=("/wp-sitemap.xml", "/sitemap_index.xml", "/sitemap.xml"),
        feeds=("/feed/",),
        menus=(
            # Core's own names, whatever the theme calls the menu; then lists of categories and headings of blocks.
            ".menu-item > a, .page_item > a, .cat-item > a, .wp-block-navigation-item > a",
            "nav a, [class*='menu'] a, [id*='menu'] a",
            "a[href*='/category/'], a[href*='/chuyen-muc/'], a[href*='?cat=']",
            ".section-title a, .widget-title a, .block-title a, .jeg_block_title a, .mag-box-title a",
        ),
        links=(
            ".entry-title a, .post-title a, .wp-block-post-title a, a[rel='bookmark'], a.plain[href]",
            ".td-module-title a, .jeg_post_title a, .cm-entry-title a, .elementor-post__title a, .post-box-title a",
            "h2 a, h3 a, h4 a, h5 a",
            ".type-post a.more-link, .wp-block-latest-posts a, .widget_recent_entries a, .wp-block-read-more",
            ".post-item a, .news-item a, .item-news a, .list-news a, .box-news a",
        ),
        next=(
            "a.next.page-numbers, .nav-previous a, .nav-links a.next, .wp-pagenavi a.nextpostslink",
            "a.wp-block-query-pagination-next, .pagination a.next, .pagination .next a, .pagination-next a",
            # Newspaper, JNews, Jannah and Sahifa; Flatsome writes core's "page-numbers" without its last letter.
            ".page-nav a[aria-label='next-page'], .page-nav a:has(.td-icon-menu-right), .jeg_pagination a.next",
            ".the-next-page a, #tie-next-page a, .pages-nav .next a, .older-posts a, a.next-page, a.next[href*='page']",
            "link[rel='next']",
        ),
        # An address of an article looks like that of a page. What is surely a list is walked as one.
        article=(
            r"^/(?!(?:[a-z]{2}/)?(?:category|chuyen-muc|danh-muc|tag|the|author|page|tac-gia)(?:/|$))"
            r"(?!(?:.*/)?page/\d+/?(?:\?|$))(?!\d{4}/(?:\d\d/){0,2}$)(?!(?:index\.php)?\?(?:cat|paged|page_id|tag|m)=)[^?]*[^?/]"
            r"|^/(?:index\.php)?\?(?:[^#]*&)?p=\d"
        ),
        skip=(
            r"(?i)^/(?:[\w-]+/)?(?:wp-admin|wp-json|wp-content|wp-includes|author|comments/feed|lien-he|tim-kiem|dang-nhap|gio-hang|tai-khoan|my-account|cart|checkout)(?:[/?]|$)"
            r"|^/(?:[\w-]+/)?(?:wp-[\w-]+|xmlrpc)\.php(?:[/?]|$)|/(?:feed|trackback|embed|amp|print|emailpopup|attachment)(?:/|$)"
            r"|/comment-page-\d|^/\d{4}/\d\d/\d\d/?(?:page/\d+/?)?$|^/(?:[a-z]{2}/)?search/"
            r"|[?&](?:s|replytocom|share|print|amp|feed|preview|attachment_id|author|orderby|like_comment|add-to-cart|ical|"
            r"outlook-ical|tribe-bar-date|eventDate|month|yr|ajaxCalendar|rest_route|doing_wp_cron|wpdmdl)(?:=|&|$)"
        ),
    ),
    rules=Rules(
        name="wordpress",
        views=((r"/(?:print|amp|comment-page-\d+)/?$", "/"), (r"[?&](?:print|amp)(?:=[\w-]*)?$", "")),
        title=(
            ".td-post-title > .entry-title, .tdb_title .tdb-title-text, h1.jeg_post_title",
            ".elementor-widget-theme-post-title .elementor-heading-title, .brxe-post-title",
            "h1.entry-title, h1.post-title, h1.wp-block-post-title, h1.cm-entry-title",
            "h1.single-title, h1.single-post-title, h1.amp-wp-title, .entry-header h1, #BlogTitle",
            # OceanWP, Avada and themes from before 2013 keep h1 for the name of the site or of the section.
            f"{_OWN} > h2, {_OWN} h2.entry-title, {_OWN} h2.post-title, .post > h2, h2.single-post-title",
            f"{_OWN} h1, article h1, .type-post h1, h1.page-title",
            ".wp-block-post-title:not(.wp-block-query *)",
            "main h1, #content h1, #main h1, #primary h1, .main h1, .content h1",
            "meta[property='og:title']@content",
        ),
        summary=(
            ".td-post-sub-title, .tdb_single_subtitle p, .jeg_post_subtitle, .entry-sub-title, .entry-subtitle",
            ".entry-summary:has(~ .entry-content), .post-excerpt:has(~ .post-content), .single .sapo, .single .tom-tat",
            ".elementor-widget-theme-post-excerpt, .wp-block-post-excerpt:not(.wp-block-query *), .single-excerpt",
        ),
        body=(
            ".tdb_single_content > .tdb-block-inner",
            ".td-post-content",
            ".elementor-widget-theme-post-content > .elementor-widget-container",
            ".elementor-widget-theme-post-content, .et_pb_post_content, .brxe-post-content, .fl-post-content",
            ".entry-content > .content-inner",
            ".wp-block-post-content:not(.wp-block-query *)",
            f"{_OWN} .cm-entry-summary",
            f"{_OWN} .entry-content, #the-post .entry-content",
            ".type-post .entry-content, .amp-wp-article-content",
            ".entry-content:not(.widget *, aside *, .related *, .related-posts *)",
            f"{_OWN} .entry, .post-inner > .entry, .post > .entry",
            ".inner-post-entry, .thecontent, .the_content_wrapper, .entry-inner",
            # In Jannah and its like .post-content is all of the article: only behind .entry-content.
            f"{_OWN} .post-content, .type-post .post-content, .single-content, .the-content",
            ".post-content, .post_content, .single-post-content, .entry-body, .post-body, .post-entry, #BlogContent",
            ".article-content, .content-post, .content-detail, .detail-content, .news-content, .noi-dung",
            "[itemprop='articleBody']",
            "article[id^='post-'], .post[id^='post-'], article.type-post, .single-post article",
        ),
        # The account (.author, .vcard, rel=author) is who put it on line. These are fields that a person filled in.
        byline=(
            ".td-post-source-via, .tdb_single_source, .jeg_post_source, .post-bottom-source",
            ".single .tac-gia, .single .tacgia, .single .but-danh, .single .nguon-tin, .single .nguon",
        ),
        published=(
            # All in One SEO 2 printed the local hour with a Z, its later versions the true one: asked again below.
            "meta[property='article:published_time']:not([content$='Z'])@content",
            # Newspaper and Newsmag print the local hour as UTC in datetime, "09:15+00:00": only their words are right.
            ".td-post-title .td-post-date, .tdb_single_date",
            f"{_OWN} time.published@datetime",
            f"{_OWN} abbr.published@title",
            "time.entry-date.published@datetime",
            ".wp-block-post-date:not(.wp-block-post-date__modified-date, .wp-block-query *) > time@datetime",
            f"{_OWN} time.entry-date:not(.updated, .td-module-date)@datetime",
            ".amp-wp-posted-on time@datetime",
            ".jeg_meta_container .jeg_meta_date, .entry-header .jeg_meta_date",
            # Jannah, Sahifa, MH Magazine; Elementor prints day and hour as two items of one list.
            ".single-post-meta .date, .post-inner .tie-date, .entry-meta-date",
            ".elementor-post-info",
            f"{_OWN} .posted-on, {_OWN} .entry-date, {_OWN} .entry-meta, {_OWN} .post-meta, {_OWN} .post-date",
            ".entry-header .date, .posted-on, .entry-date, .meta-single, .single-meta, .ngay-dang, .date-post",
            "article .date, .post-date, .post-time, .entry-meta, .post-meta, .meta-date",
            "#BlogDate, .postmetadata",
            "meta[property='article:published_time']@content",
            f"{_OWN} [itemprop='datePublished']:not(footer > *)@content",
        ),
        section=(
            "meta[property='article:section']@content",
            f"{_OWN} a[rel~='category'], .entry-header a[rel~='category'], .entry-category a[rel~='category']",
            ".td-post-header .entry-category a, .tdb-entry-category, .jeg_meta_container .jeg_meta_category a",
            ".entry-header .post-cat, .elementor-post-info__terms-list-item, .taxonomy-category a",
            "a[rel~='category']",
            ".rank-math-breadcrumb a:last-of-type, .entry-crumbs a:last-of-type, [id*='breadcrumb' i] a:last-of-type",
            "[class*='breadcrumb' i] > a:last-of-type, .breadcrumb li:nth-last-child(2) a",
        ),
        images=(
            # In a list the picture stands in a link, and core's themes call that link "post-thumbnail".
            f"{_OWN} > div.post-thumbnail img, {_OWN} > figure.post-thumbnail:not(:has(a)) img",
            f"{_OWN} > .featured-image img, {_OWN} > .cm-featured-image img, {_OWN} > .featured-media img",
            # Beside the link Flatsome prints a badge with the day, which is no caption.
            f"{_OWN} .entry-header .entry-image > a, {_OWN} .post-thumb-img-content img, .ct-featured-image img",
            ".tdb_single_featured_image img, .jeg_inner_content .jeg_featured img, .entry-header + .jeg_featured img",
            f".td-post-featured-image img, {_OWN} > .thumbnail > img",
            ".single-post-thumb img, .single-featured-image img, .single-featured-image-header img",
            ".page-header-image-single img, .article-post-thumbnail img",
            ".elementor-widget-theme-post-featured-image img",
            ".wp-block-post-featured-image:not(.wp-block-query *) img",
        ),
        attachments=(
            ".download-attachments, .post-attachments, [class*='dinh-kem'], [class*='dinhkem']",
            "a.download-link, a.attachment-link, a.wpdm-download-link[href^='http']",
        ),
        drop=(
            ".sharedaddy, [class*='addtoany'], .a2a_kit, [class*='heateor_s'], [class*='the_champ']",
            "[class*='addthis'], [class*='share-'], [class*='-share'], [class*='sharing'], [class*='social-']",
            ".essb_links, .mashsb-main, .fb-like, .fb-share-button, .fb-comments, .fb-page, [class*='zalo-'], .ssba",
            ".ssb, .swp_social_panel, [class*='related' i], [id*='related' i], [class*='lien-quan' i]",
            "[class*='lienquan' i], .box-bvlq, .tin-khac, .yarpp, .irp, .wp_rp_wrap, .wp-block-query",
            ".wp-block-latest-posts, .wp-embedded-content, .mag-box, [class*='popular-posts'], .widget_recent_entries",
            ".post-item, .td_block_wrap, #ez-toc-container, #toc_container, #toc, .toc, .lwptoc",
            "[class*='rank-math-toc'], #ftwp-container-outer, [class*='table-of-content'], .uagb-toc__wrap",
            ".simpletoc-title, .simpletoc, .post-views, .pvc_clear, .pvc_stats, .tptn_counter, .post-view, .luot-xem",
            ".views, .jeg_views, .entry-meta, .kk-star-ratings, [class*='rmp-'], .post-ratings, [class*='yasr-']",
            ".gdrts-rating-block, [class*='author-box'], [class*='author-bio'], .saboxplugin-wrap, .abh_box, .m-a-box",
            ".entry-author, [class*='post-tags'], .jeg_post_tags, .tags-links, .tagcloud, .tags, .entry-footer",
            ".post-bottom-meta, .post-navigation, .nav-links, .page-links, .page-link, .post-nav-links",
            ".td-post-source-tags, .jeg_post_source, .code-block, .adsbygoogle, [class*='td-a-rec'], .jeg_ad",
            ".mh-content-ad, .stream-item, .e3lan, .ads, #comments, .comments-area, #respond, .wp-block-comments",
            ".wpcf7, .postmetadata, .screen-reader-text, .sr-only, .edit-link",
            "form:not(:has(p + p)), .wp-print, .print-link",
            # For bodies that are all of the article.
            ".entry-header, .post-meta, .post-title, h1.entry-title, .wp-block-post-title, .wp-block-post-date",
            # Viewers of documents speak while they load.
            ".ead-document-loading, .embedpress-el-powered, .ep-doc-options, .download-attachments",
            "[class*='dinh-kem']",
        ),
        article=(
            "body.single, body[class*='postid-']",
            f"{_JSON}[href*='/wp/v2/posts/']",
            "meta[property='article:published_time'], .amp-wp-article-content, .tdb_single_content, .td-post-title",
            "#BlogContent, .single-content, .type-post",
            "h1:is(.entry-title, .post-title, .single-title, .wp-block-post-title)",
        ),
        reject=(
            ("body.error404, section.error-404, .wp-block-template-part.error-404", "soft 404"),
            ("body.login #loginform, #loginform", "login page"),
            ("body#error-page", "error page"),
            (f"{_NO_POST}.search, {_NO_POST}.search-results, {_NO_POST}.search-no-results", "search page"),
            (f"{_NO_POST}.home, {_NO_POST} #tie-block-main-home", "front page"),
            (f"{_NO_POST}.archive, {_NO_POST}.blog, {_NO_POST}.category, {_NO_POST}.tag, {_NO_POST}.date", "listing"),
            (f"{_JSON}:is([href*='/wp/v2/categories/'], [href*='/wp/v2/tags/'], [href*='/wp/v2/users/'])", "listing"),
            (f"{_NO_POST}.page, {_NO_POST}[class*='page-id-'], {_JSON}[href*='/wp/v2/pages/']", "static page"),
            ("body.attachment, body.single-attachment", "attachment page"),
            ("form.post-password-form", "access denied"),
            ("body:is([class*='single-van-ban'], [class*='single-vanban'], [class*='single-document'])", "document"),
            ("body:is(.single-tribe_events, .single-event, .single-mec-events)", "calendar"),
            ("body:is(.bbpress, .single-product, .single-wpdmpro, .single-dlm_download)", "no news"),
            # Themes without body_class().
            (f"{_NO_POST} .type-post ~ .type-post, {_NO_POST} :is(.wp-pagenavi, .archive-title)", "listing"),
        ),
    ),
)
