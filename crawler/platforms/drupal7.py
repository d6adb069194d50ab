"""Drupal 7: what its core and its RDF module print, whatever the theme."""

from __future__ import annotations

from crawler.platform import Discovery, Marks, Platform, Rules

# Comments, teasers and blocks print titles, bodies and dates of their own on the page of an article.
_OTHERS = (
    ":not(#comments *, .comment-wrapper *, .comment *, .node-teaser *, .node--teaser *, .view-mode-teaser *,"
    " .views-row *, .block-views *, .sidebar *, #footer *, footer.footer *)"
)

DRUPAL7 = Platform(
    name="drupal7",
    marks=Marks(
        generator=r"^Drupal 7\b",
        headers=r"^(?:X-Drupal-Cache|X-Drupal-Dynamic-Cache):|^Expires: Sun, 19 Nov 1978",
        urls=r"^/(?:[a-z]{2}/)?(?:node|print)/\d+",
        markup=(
            r"jQuery\.extend\(Drupal\.settings,",
            r"/(?:sites/(?:all|default)|misc)/[^\"'>]*\.(?:js|css)\?[a-z0-9]{6}",
        ),
    ),
    number=r"^/(?:[a-z]{2}/)?(?:node|print)/(\d+)(?:[?/]|$)",
    discovery=Discovery(
        sitemaps=("/sitemap.xml",),
        feeds=("/rss.xml",),
        menus=(
            "#main-menu a",
            "#main-menu-links a",
            ".main-menu a",
            "#navigation a",
            "#nav a",
            "#block-system-main-menu a",
            "ul.menu a",
            "nav a",
        ),
        links=(
            ".node-teaser h2 a",
            ".node h2 a",
            ".node__title a",
            ".views-row .views-field-title a",
            ".views-row h2 a",
            ".views-row h3 a",
            ".view-content .field-content a",
            ".node-readmore a",
            "[about][typeof~='sioc:Item'] > h2 a",
            ".item-list .views-row a",
        ),
        next=("li.pager-next a", "li.pager__item--next a", ".pager a[rel='next']", "a.pager-next"),
        # Aliases are free: whatever is no system path, listing page or file may be an article.
        skip=(
            r"^/(?:[a-z]{2}/)?(?:user|admin|search|comment|contact|poll|filter|print|printmail|printpdf|calendar|archive|tracker|forward|aggregator|"
            r"misc|modules|themes|cron\.php|update\.php)(?:[/?]|$)|[?&](?:sid|PHPSESSID|destination|sort|order|view|ngay)=|/feed$|\.(?:css|js)$"
        ),
    ),
    rules=Rules(
        name="drupal7",
        views=((r"^(/(?:[a-z]{2}/)?)print/(\d+).*", r"\1node/\2"),),
        title=(
            "#page-title",
            "h1.page-title",
            "h1.page__title",
            ".print-title",
            f"[property~='dc:title']{_OTHERS}@content",
            "#content h1.title",
            ".node h1",
            "article h1",
            # Garland keeps h1 for the name of the site.
            "#squeeze > h2:not(.element-invisible), #squeeze .left-corner > h2:not(.element-invisible)",
            "h2.title, h2#page-title",
            "#content h1, #main h1, main h1",
            "meta[property='og:title']@content",
        ),
        # The child combinator on purpose: lexbor finds nothing with ":is(…) .field-item".
        summary=(
            ":is(.field-name-field-tom-tat, .field-name-field-tomtat, .field-name-field-sapo, .field-name-field-lead,"
            " .field-name-field-trich-yeu, .field-name-field-trich-dan, .field-name-field-gioi-thieu,"
            f" .field-name-field-mo-ta, .field-name-field-summary) > .field-items > .field-item{_OTHERS}",
        ),
        body=(
            f".field-name-body > .field-items > .field-item{_OTHERS}",
            f".field-name-body .field-item{_OTHERS}",
            f".field--name-body .field__item, .field--name-body .field__items{_OTHERS}",
            f".field-name-body{_OTHERS}",
            f".field--name-body{_OTHERS}",
            ".print-content",
            f"[property~='content:encoded']{_OTHERS}",
            f".field-name-field-noi-dung .field-item{_OTHERS}",
            f".pane-node-body .pane-content{_OTHERS}",
            f".node > .content{_OTHERS}",
            f".node > .node-content{_OTHERS}, .node > .node__content{_OTHERS}, .node .article-content{_OTHERS}",
            f".node .content{_OTHERS}",
            f".node .field-type-text-with-summary .field-item, .node .field-type-text-long .field-item{_OTHERS}",
        ),
        published=(
            f"[property~='dc:date']{_OTHERS}@content",
            f"[property~='dc:created']{_OTHERS}@content",
            "meta[property='article:published_time']@content",
            "meta[name='dcterms.created']@content",
            "meta[name='dcterms.date']@content",
            f"time[pubdate]{_OTHERS}@datetime",
            f".submitted time{_OTHERS}@datetime",
            f".field-name-post-date .date-display-single{_OTHERS}@content",
            f".node .submitted{_OTHERS}, .submitted{_OTHERS}",
            ".print-submitted",
            ".print-created",
            f".field-name-post-date{_OTHERS}",
            f".pane-node-created{_OTHERS}",
            f".node .meta{_OTHERS}, .node .post-date{_OTHERS}, .node .date{_OTHERS}, .node .created{_OTHERS}",
            f".node .post-info{_OTHERS}",
            f".field-name-field-ngay-dang .date-display-single{_OTHERS}@content",
            f".field-name-field-ngay-dang{_OTHERS}",
        ),
        section=(
            f".field-type-taxonomy-term-reference:not(.field-name-field-tags) a{_OTHERS}",
            f".node .terms a{_OTHERS}, .node .taxonomy a{_OTHERS}",
            f"[typeof='skos:Concept']{_OTHERS}",
            ".breadcrumb a:last-of-type",
            ".breadcrumb li:last-child a",
            f".field-type-taxonomy-term-reference a{_OTHERS}",
        ),
        images=(f".field-type-image{_OTHERS}", f".field--type-image{_OTHERS}"),
        attachments=(
            f".field-type-file{_OTHERS}",
            f".field--type-file{_OTHERS}",
            f"#attachments{_OTHERS}",
            f".node .file > a{_OTHERS}",
        ),
        drop=(
            ".field-type-taxonomy-term-reference, .field-type-image, .field-type-file, #attachments",
            ".field--type-taxonomy-term-reference, .field--type-image, .field--type-file",
            ".submitted, .meta.submitted, .rdf-meta, .element-invisible, .element-hidden, .field-label, .field__label",
            ".link-wrapper, ul.links, .links.inline, .node-readmore, .statistics_counter, .terms, .taxonomy",
            ".print-link, .print_html, .print_mail, .print_pdf, .print-source_url, .print-footer, .print-links",
            "#comments, .comment-wrapper, .comment, form, .fivestar-widget, .rate-widget, .book-navigation, .pager",
            ".addthis_toolbox, .addtoany_share_save_container, .a2a_kit, .sharethis-buttons, .service-links",
            ".easy_social_box, .social-share, .fb-like, .fb-share-button, .fb-comments",
            ".block-views, .view-related, .field-name-field-tin-lien-quan, .field-name-field-related",
        ),
        article=(
            "body[class*='node-type-']",
            ".print-content",
            "link[rel='shortlink'][href*='/node/']",
            ".node-full",
            ".node.view-mode-full",
        ),
        reject=(
            ("body.page-search, body[class*='page-search-']", "search page"),
            ("body.page-user:not([class*='node-type-'])", "login page"),
            ("body.page-contact, body.node-type-webform, .webform-client-form", "form"),
            ("body.node-type-poll, body.page-poll", "poll"),
            ("body.front", "front page"),
            (
                "body:is(.page-taxonomy, .page-archive, .page-blog, .page-forum):not([class*='node-type-'])",
                "listing",
            ),
            ("body:not([class*='node-type-']) .node-teaser", "listing"),
            (
                "body:not([class*='node-type-']):not(:has(.node-full, .view-mode-full, .print-content))"
                " #block-system-main .views-row",
                "listing",
            ),
            ("body:not([class*='node-type-']) .calendar-calendar", "calendar"),
            # Core's own mark of a page that is no news: foaf:Document alone, and no line "submitted by".
            (
                ".node[typeof='foaf:Document']:not(.node-teaser):not(:has(.submitted, [property~='dc:date']))",
                "static page",
            ),
            (
                "body.node-type-page:not(:has(.node .submitted, .node [property~='dc:date'], .print-content))",
                "static page",
            ),
            ("body.node-type-panel, body.node-type-gallery, body.node-type-album", "gallery"),
        ),
    ),
)
