"""Which addresses are the same page, and which are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.urls import article_id, canonical, host, key, path_query

PAGE = "http://xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi"

# Text that often enough looks like an address.
ADDRESSES = st.one_of(
    st.text(),
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["http://", "HTTPS://", "//", "ftp://", "http:", "mailto:", " http://", "http://u:p@"]),
        st.one_of(
            st.sampled_from(["a.vn", "WWW.A.vn:80", "[::1]", "[", "a.vn:x", "a.vn.", "127.0.0.1:8001", "đ.vn"]),
            st.text(),
        ),
        st.one_of(
            st.just("/"), st.text().map("/{}".format), st.sampled_from(["", "/a;jsessionid=1/b", "/%7e%2F%zz", "/a b"])
        ),
        st.one_of(
            st.just(""),
            st.text().map("?{}".format),
            st.sampled_from(["?b=2&a=1&sid=9", "?&&", "?utm_source=x", "?a b "]),
        ),
        st.one_of(st.just(""), st.text().map("#{}".format)),
    ),
)


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("HTTP://XuanTruong.NamDinh.gov.VN/tin-tuc/hoi-nghi", PAGE),
        ("http://xuantruong.namdinh.gov.vn:80/tin-tuc/hoi-nghi#noi-dung", PAGE),
        ("  http://xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi\n", PAGE),
        ("http://xuantruong.namdinh.gov.vn./tin-tuc/hoi-nghi", PAGE),
        (PAGE + "?PHPSESSID=4f2a", PAGE),
        (PAGE + "?utm_source=zalo&fbclid=1", PAGE),
        (PAGE + ";jsessionid=A1B2C3", PAGE),
        ("https://a.vn", "https://a.vn/"),
        ("https://a.vn:443/x", "https://a.vn/x"),
        ("https://a.vn:8443/x", "https://a.vn:8443/x"),
        ("http://a.vn/(S(abcdefghij0123456789abcd))/tin.aspx", "http://a.vn/tin.aspx"),
        ("http://a.vn/%7etin", "http://a.vn/~tin"),
        ("http://a.vn/Đất", "http://a.vn/%C4%90%E1%BA%A5t"),
        ("http://a.vn/a%2Fb", "http://a.vn/a%2Fb"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
    ],
)
def test_an_address_is_kept_in_one_form(given_url: str, kept: str) -> None:
    assert canonical(given_url) == kept


@pytest.mark.parametrize("query", ["page=2", "id=7&start=20", "b=2&a=1", "category=5&sidebar=1", "q="])
def test_parameters_that_may_carry_content_stay_in_their_order(query: str) -> None:
    assert canonical(f"{PAGE}?{query}") == f"{PAGE}?{query}"


def test_only_the_session_is_taken_out_of_a_query() -> None:
    assert canonical(PAGE + "?page=2&sid=99&id=7") == PAGE + "?page=2&id=7"


@pytest.mark.parametrize(
    "broken", ["http://[::1/x", "http://a.vn:port/", "http:///path", "https://", "http://a.vn:99999/"]
)
def test_a_broken_web_address_is_marked_as_such(broken: str) -> None:
    assert canonical(broken) == "invalid:" + broken
    assert host(broken) == ""


@pytest.mark.parametrize("other", ["mailto:bbt@a.vn", "javascript:void(0)", "/tin-tuc", "", "ftp://a.vn/x"])
def test_what_is_no_web_address_stays_what_it_is(other: str) -> None:
    assert canonical(other) == other
    assert host(other) == ""


@pytest.mark.parametrize(
    "same",
    [
        "https://xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi",
        "http://www.xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi",
        "http://xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi/",
        "http://XUANTRUONG.namdinh.gov.vn/tin-tuc/hoi-nghi#top",
        "http://xuantruong.namdinh.gov.vn/tin-tuc/hoi-nghi?sid=1",
    ],
)
def test_scheme_www_slash_fragment_and_session_make_no_other_page(same: str) -> None:
    assert key(same) == key(PAGE) == "vn,gov,namdinh,xuantruong)/tin-tuc/hoi-nghi"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PAGE, PAGE + "?page=2"),
        (PAGE + "?page=1", PAGE + "?page=2"),
        ("http://a.vn/", "http://a.vn:8080/"),
        ("http://a.vn/x", "http://b.vn/x"),
        ("http://a.vn/Tin", "http://a.vn/tin"),
        ("http://a.vn/a/b", "http://a.vn/a%2Fb"),
    ],
)
def test_other_pages_have_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_order_of_parameters_makes_no_other_page() -> None:
    assert key(PAGE + "?id=7&page=2") == key(PAGE + "?page=2&id=7")


def test_numeric_hosts_are_not_turned_round() -> None:
    assert key("http://127.0.0.1:8001/a") == "127.0.0.1:8001)/a"
    assert key("http://[::1]/a") == "[::1])/a"


def test_a_host_keeps_an_unusual_port_only() -> None:
    assert host("http://www.a.vn:80/x") == "a.vn"
    assert host("http://127.0.0.1:8001/x") == "127.0.0.1:8001"


def test_path_and_query() -> None:
    assert path_query("http://a.vn/tin-tuc/a?page=2#x") == "/tin-tuc/a?page=2"
    assert path_query("http://a.vn") == ""
    assert path_query("http://[") == ""


def test_an_article_id_is_short_and_depends_on_the_identity_alone() -> None:
    assert article_id("a.vn node/12") == article_id("a.vn node/12") != article_id("a.vn node/13")


@given(st.text())
def test_an_article_id_is_ten_characters(identity: str) -> None:
    assert re.fullmatch(r"[a-z2-7]{10}", article_id(identity))


@given(ADDRESSES)
@example("http://a.vn/?a #b")
@example("ftp://a.vn/ #b")
def test_the_kept_form_is_kept_as_it_is(address: str) -> None:
    assert canonical(canonical(address)) == canonical(address)


@given(ADDRESSES)
def test_the_key_is_that_of_the_kept_form(address: str) -> None:
    assert key(canonical(address)) == key(address)


@given(st.one_of(ADDRESSES, st.text(st.characters())))
@example("http://a.vn/\ud800")
def test_any_text_has_an_answer(address: str) -> None:
    assert isinstance(canonical(address), str)
    assert isinstance(key(address), str)
    assert isinstance(host(address), str)
    assert isinstance(path_query(address), str)
