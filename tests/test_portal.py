"""Portal files: what they mean, and what is said of one that must be mended."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.cli import main
from crawler.demo import PORTAL_ID, DemoPortal
from crawler.ingest import portal_row
from crawler.platforms import PLATFORMS
from crawler.platforms.drupal7 import DRUPAL7
from crawler.portal import BUNDLED, DEFAULT_DELAY, Portal, PortalError, foreign, load, load_all, load_file

ID = "an_giang/tri_ton"
FIVE_KEYS = """\
name     = "Trang thông tin điện tử huyện Tri Tôn"
district = "Huyện Tri Tôn"
province = "An Giang"
home     = "https://triton.example.gov.vn/"
platform = "drupal7"
"""
FULL = (
    FIVE_KEYS
    + """
aliases  = ["www.triton.example.gov.vn", "tri-ton.example.vn"]
delay    = 2.5
closed   = 2025-07-01

[discovery]
feeds    = ["/rss/tin-tuc/"]
article  = '-\\d+\\.html$'
links    = [".danh-sach a"]
[[discovery.listings]]
url     = "/tin-tuc/"
section = "Tin tức"
[[discovery.listings]]
url     = "/thong-bao/"

[article]
byline = [".tac-gia"]
published = ["time@datetime"]
drop   = [".tin-lien-quan"]

[[layouts]]
until    = 2017-09-30
platform = "drupal7"
[layouts.article]
body = ["#noidung .chitiet"]

[[layouts]]
until    = 2012-12-31
platform = "drupal7"
"""
)


def file(folder: Path, text: str, portal_id: str = ID) -> Path:
    path = folder / f"{portal_id}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def read(folder: Path, text: str) -> Portal:
    return load_file(file(folder, text), ID)


# What a file means


@pytest.mark.parametrize("path", sorted(BUNDLED.rglob("*.toml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_bundled_file_loads(path: Path) -> None:
    portal = load(f"{path.parent.name}/{path.stem}", None)
    assert portal.id in load_all(None)
    assert portal.platform in PLATFORMS
    assert portal.rules.body


def test_five_keys_are_enough(tmp_path: Path) -> None:
    portal = read(tmp_path, FIVE_KEYS)
    assert (portal.id, portal.province, portal.delay, portal.closed) == (ID, "An Giang", DEFAULT_DELAY, None)
    assert portal.rules == DRUPAL7.rules
    assert portal.discovery == DRUPAL7.discovery
    assert portal.hosts == {"triton.example.gov.vn"}
    assert not portal.loopback


def test_the_portals_selectors_come_before_its_platforms(tmp_path: Path) -> None:
    portal = read(tmp_path, FULL)
    assert portal.rules.byline == (".tac-gia", *DRUPAL7.rules.byline)
    assert portal.rules.published == ("time@datetime", *DRUPAL7.rules.published)
    assert portal.discovery.links == (".danh-sach a", *DRUPAL7.discovery.links)
    assert portal.rules.body == DRUPAL7.rules.body


def test_drop_is_added_and_every_other_key_replaces(tmp_path: Path) -> None:
    portal = read(tmp_path, FULL)
    assert set(portal.rules.drop) == {".tin-lien-quan", *DRUPAL7.rules.drop}
    assert portal.discovery.feeds == ("/rss/tin-tuc/",)
    assert portal.discovery.sitemaps == DRUPAL7.discovery.sitemaps
    assert portal.discovery.article == r"-\d+\.html$"
    assert portal.discovery.skip == DRUPAL7.discovery.skip
    assert [(listing.url, listing.section) for listing in portal.discovery.listings] == [
        ("/tin-tuc/", "Tin tức"),
        ("/thong-bao/", ""),
    ]


def test_rules_say_whose_they_are(tmp_path: Path) -> None:
    assert ID in read(tmp_path, FULL).rules.name
    assert read(tmp_path, FIVE_KEYS).rules.name == "drupal7"


def test_hosts_are_home_and_aliases_without_www(tmp_path: Path) -> None:
    assert read(tmp_path, FULL).hosts == {"triton.example.gov.vn", "tri-ton.example.vn"}


def test_closed_and_delay(tmp_path: Path) -> None:
    portal = read(tmp_path, FULL)
    assert (portal.closed, portal.delay) == (date(2025, 7, 1), 2.5)


def test_old_tls_and_rendering_are_for_portals_whose_file_asks_for_them(tmp_path: Path) -> None:
    plain, asking = read(tmp_path, FIVE_KEYS), read(tmp_path, FIVE_KEYS + 'tls = "old"\nrender = true\n')
    assert (plain.tls, plain.render) == ("", False)
    assert (asking.tls, asking.render) == ("old", True)
    assert not read(tmp_path, FIVE_KEYS + "render = false\n").render


@pytest.mark.parametrize(
    "home", ["http://127.0.0.1:8001/", "http://localhost/", "http://[::1]:80/", "http://127.8.0.1/"]
)
def test_loopback_hosts_need_no_delay(tmp_path: Path, home: str) -> None:
    portal = read(tmp_path, FIVE_KEYS.replace("https://triton.example.gov.vn/", home) + "delay = 0.0\n")
    assert portal.loopback
    assert portal.delay == 0


@pytest.mark.parametrize(
    ("day", "body"),
    [
        (date(2010, 1, 1), DRUPAL7.rules.body[0]),
        (date(2012, 12, 31), DRUPAL7.rules.body[0]),
        (date(2013, 1, 1), "#noidung .chitiet"),
        (date(2017, 9, 30), "#noidung .chitiet"),
        (date(2017, 10, 1), DRUPAL7.rules.body[0]),
    ],
)
def test_a_layout_reads_the_pages_of_its_days(tmp_path: Path, day: date, body: str) -> None:
    assert read(tmp_path, FULL).rules_at(day).body[0] == body


def test_the_newest_layout_has_the_portals_own_selectors(tmp_path: Path) -> None:
    portal = read(tmp_path, FULL)
    assert portal.rules_at(date(2020, 1, 1)).byline[0] == ".tac-gia"
    assert ".tac-gia" not in portal.rules_at(date(2015, 1, 1)).byline


@pytest.mark.parametrize(
    ("addresses", "number"),
    [
        (["http://a.vn/tin/x", "http://a.vn/node/12"], "drupal7/12"),
        (["http://a.vn/print/12?page=1"], "drupal7/12"),
        (["http://a.vn/tin/x"], ""),
        (["http://a.vn/node/12/edit-not-a-number"], "drupal7/12"),
        (["http://a.vn/node/add"], ""),
        ([], ""),
    ],
)
def test_the_platforms_own_number(tmp_path: Path, addresses: list[str], number: str) -> None:
    assert read(tmp_path, FULL).number_of(addresses, date(2020, 1, 1)) == number
    assert read(tmp_path, FIVE_KEYS).number_of(addresses, date(2015, 1, 1)) == number


def test_the_demo_portals_file_is_right(tmp_path: Path) -> None:
    with DemoPortal() as demo:
        file(tmp_path, demo.portal_file(), PORTAL_ID)
        portal = load(PORTAL_ID, tmp_path)
        assert portal.home == demo.url
        assert portal.loopback


# Which file


def test_the_operators_file_wins_over_the_bundled_one(tmp_path: Path) -> None:
    (bundled_id, bundled), *_ = load_all(None).items()
    file(tmp_path, FIVE_KEYS, bundled_id)
    assert load(bundled_id, None).name == bundled.name
    assert (
        load(bundled_id, tmp_path).name
        == load_all(tmp_path)[bundled_id].name
        == "Trang thông tin điện tử huyện Tri Tôn"
    )


def test_the_operators_files_stand_beside_the_bundled_ones(tmp_path: Path) -> None:
    file(tmp_path, FIVE_KEYS)
    assert set(load_all(tmp_path)) == {*load_all(None), ID}


def test_a_folder_that_is_not_there_holds_no_files(tmp_path: Path) -> None:
    assert load_all(tmp_path / "none") == load_all(None)


def test_an_unknown_portal_is_told_which_there_are(tmp_path: Path) -> None:
    file(tmp_path, FIVE_KEYS)
    with pytest.raises(PortalError, match=ID):
        load("an_giang/tri_tom", tmp_path)


def test_a_host_without_a_file_gets_a_portal_of_its_own() -> None:
    portal = foreign("quangtrach.example.gov.vn", DRUPAL7)
    assert (portal.id, portal.platform) == ("khac/quangtrach.example.gov.vn", "drupal7")
    assert portal.rules == DRUPAL7.rules
    assert foreign("127.0.0.1:8001", None).id == "khac/127.0.0.1_8001"
    assert foreign("", None).id.startswith("khac/")


# What is wrong with a file


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (FIVE_KEYS + 'colour = "red"\n', "colour"),
        (FIVE_KEYS.replace('platform = "drupal7"', 'platform = "typo3"'), "platform"),
        (FIVE_KEYS.replace('platform = "drupal7"', "platform = 7"), "platform"),
        (FIVE_KEYS.replace('platform = "drupal7"', ""), "platform"),
        (FIVE_KEYS.replace('name     = "Trang thông tin điện tử huyện Tri Tôn"', 'name = "  "'), "name"),
        (FIVE_KEYS.replace('"Huyện Tri Tôn"', "[]"), "district"),
        (FIVE_KEYS.replace("https://triton", "triton"), "home"),
        (FIVE_KEYS.replace("https://triton.example.gov.vn/", "ftp://a.vn/"), "home"),
        (FIVE_KEYS.replace("https://triton.example.gov.vn/", "http://[/"), "home"),
        (FIVE_KEYS + 'aliases = "www.a.vn"\n', "aliases"),
        (FIVE_KEYS + "aliases = [1]\n", "aliases"),
        (FIVE_KEYS + "delay = 0.5\n", "delay"),
        (FIVE_KEYS + "delay = 0\n", "delay"),
        (FIVE_KEYS + "delay = -1\n", "delay"),
        (FIVE_KEYS + 'delay = "5"\n', "delay"),
        (FIVE_KEYS + "delay = true\n", "delay"),
        (FIVE_KEYS + "delay = nan\n", "delay"),
        (FIVE_KEYS + "delay = inf\n", "delay"),
        (FIVE_KEYS + 'closed = "2025-07-01"\n', "closed"),
        (FIVE_KEYS + "closed = 2025-07-01T00:00:00\n", "closed"),
        (FIVE_KEYS + 'tls = "new"\n', "tls"),
        (FIVE_KEYS + 'tls = ""\n', "tls"),
        (FIVE_KEYS + "tls = 1.0\n", "tls"),
        (FIVE_KEYS + 'tls = ["old"]\n', "tls"),
        (FIVE_KEYS + 'render = "true"\n', "render"),
        (FIVE_KEYS + "render = 1\n", "render"),
        (FIVE_KEYS + "discovery = 1\n", "discovery"),
        (FIVE_KEYS + "article = []\n", "article"),
        (FIVE_KEYS + "layouts = 1\n", "layouts"),
        (FIVE_KEYS + "[discovery]\nfeed = []\n", "discovery.feed"),
        (FIVE_KEYS + '[discovery]\nfeeds = "/rss.xml"\n', "discovery.feeds"),
        (FIVE_KEYS + "[discovery]\nskip = '('\n", "discovery.skip"),
        (FIVE_KEYS + "[discovery]\narticle = '*'\n", "discovery.article"),
        (FIVE_KEYS + "[discovery]\narticle = 7\n", "discovery.article"),
        (FIVE_KEYS + "[discovery]\narticle = ['a']\n", "discovery.article"),
        (FIVE_KEYS + '[discovery]\nlinks = ["a["]\n', "discovery.links"),
        (FIVE_KEYS + "[[discovery.listings]]\nsection = 'Tin'\n", "discovery.listings"),
        (FIVE_KEYS + "[[discovery.listings]]\nurl = '/tin/'\nname = 'Tin'\n", "discovery.listings.name"),
        (FIVE_KEYS + "[discovery]\nlistings = ['/tin/']\n", "discovery.listings"),
        (FIVE_KEYS + '[article]\nbodies = [".a"]\n', "article.bodies"),
        (FIVE_KEYS + '[article]\nname = ["x"]\n', "article.name"),
        (FIVE_KEYS + '[article]\nbody = ".a"\n', "article.body"),
        (FIVE_KEYS + '[article]\nbody = [".a >> ]"]\n', "article.body"),
        (FIVE_KEYS + '[article]\ndrop = [""]\n', "article.drop"),
        (FIVE_KEYS + "[[layouts]]\nplatform = 'drupal7'\n", "layouts.until"),
        (FIVE_KEYS + "[[layouts]]\nuntil = 2017-09-30\n", "layouts.platform"),
        (FIVE_KEYS + "[[layouts]]\nuntil = 2017-09-30\nplatform = 'drupal7'\nname = 'x'\n", "layouts.name"),
        (FIVE_KEYS + "[[layouts]]\nuntil = 2017-09-30\nplatform='drupal7'\narticle.body=[1]\n", "layouts.article.body"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, text: str, key: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(PortalError) as caught:
        load(ID, tmp_path)
    assert caught.value.key == key
    assert str(caught.value).startswith(f"{path}: {key}: ")


@pytest.mark.parametrize(
    "content", [b"name = ", b"[[[", b"\xff\xfe\x00", "tên = 'x'".encode(), b"name = 'a'\nname = 'b'"]
)
def test_broken_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = file(tmp_path, "")
    path.write_bytes(content)
    with pytest.raises(PortalError, match="tri_ton") as caught:
        load_all(tmp_path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match=r"no\.toml"):
        load_file(tmp_path / "no.toml", ID)


@pytest.mark.parametrize("portal_id", ["An_Giang/tri_ton", "an_giang/tri tôn"])
def test_a_file_whose_name_is_no_id_is_named(tmp_path: Path, portal_id: str) -> None:
    file(tmp_path, FIVE_KEYS, portal_id)
    with pytest.raises(PortalError, match="portal id"):
        load_all(tmp_path)


VALUES = st.sampled_from(
    [
        "''",
        "'('",
        "'a['",
        "1",
        "-1",
        "true",
        "[]",
        "['a']",
        "['a@href']",
        "['a[']",
        "[1]",
        "{}",
        "{ x = 1 }",
        "2020-01-01",
        "[{}]",
        "[[]]",
        "nan",
    ]
)
KEYS = st.sampled_from(
    ["name", "home", "aliases", "delay", "closed", "discovery", "article", "layouts", "colour", "discovery.skip",
     "discovery.links",      "discovery.listings", "discovery.feeds", "article.body", "article.reject", "article.drop"]
)  # fmt: skip


def test_the_communes_that_took_over(tmp_path: Path) -> None:
    assert read(tmp_path, FIVE_KEYS).communes == ()
    named = unicodedata.normalize("NFD", 'communes = ["Xã Cô Tô", " Xã  Ô Lâm"]')
    assert read(tmp_path, FIVE_KEYS + named).communes == ("Xã Cô Tô", "Xã Ô Lâm")
    row = portal_row(read(tmp_path, FIVE_KEYS + named))
    assert (row["province_now"], row["communes"]) == ("An Giang", '["Xã Cô Tô", "Xã Ô Lâm"]')
    bundled = load("nam_dinh/xuan_truong", None)
    assert bundled.communes == ("Xã Xuân Trường", "Xã Xuân Hưng", "Xã Xuân Giang", "Xã Xuân Hồng")
    assert portal_row(bundled)["province_now"] == "Ninh Bình"
    nobodys = portal_row(foreign("la.example.vn", None))
    assert (nobodys["province_now"], nobodys["communes"]) == ("", "[]")


@pytest.mark.parametrize("value", ['"Xã Cô Tô"', "[1]", '["Xã Cô Tô", ""]', '[" "]', "{}", "true"])
def test_communes_are_a_list_of_names(tmp_path: Path, value: str) -> None:
    with pytest.raises(PortalError, match="communes"):
        read(tmp_path, f"{FIVE_KEYS}communes = {value}\n")


@given(st.dictionaries(KEYS, VALUES, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_portal_or_a_portal_error(tmp_path: Path, entries: dict[str, str]) -> None:
    given_keys = "".join(line for line in FIVE_KEYS.splitlines(True) if line.split()[0] not in entries)
    text = given_keys + "".join(f"{key} = {value}\n" for key, value in entries.items())
    path = file(tmp_path, text)
    try:
        assert load(ID, tmp_path).id == ID
    except PortalError as error:
        assert str(path) in str(error)


def test_the_check_says_how_a_portal_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "portals" / "thu" / "thu.toml"
    file.parent.mkdir(parents=True)
    keys = {"name": "Cổng thử", "district": "Huyện Thử", "province": "Nam Định", "home": "http://thu.example.vn/"}
    lines = [f'{key} = "{value}"' for key, value in {**keys, "platform": "drupal7", "tls": "old"}.items()]
    file.write_text("\n".join([*lines, "render = true", 'communes = ["Xã Thử", "Xã Làm"]']), "utf-8")
    said = CliRunner().invoke(main, ["--data", str(tmp_path), "portals", "check", "thu/thu"])
    assert said.exit_code == 0, said.output
    assert "today     Xã Thử, Xã Làm, Ninh Bình" in said.output
    assert "tls       old" in said.output and "render    Chromium" in said.output
