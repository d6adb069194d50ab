"""Bytes of portals → Vietnamese text; Vietnamese text → what the index holds."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import unicodedata
import zlib

import brotli
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.text import NotInflatable, decode, fold, index_form, inflate, normalise

SENTENCE = (
    "Ngày 5/1, UBND huyện Xuân Trường tổ chức hội nghị tổng kết; đồng chí Nguyễn Thị Thuý đề nghị các xã giữ gìn "
    "trật tự, bảo đảm an toàn cho người dân dịp Tết Nguyên đán."
)
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
VIETNAMESE = st.text(st.sampled_from(LETTERS + LETTERS.upper() + " .,-"))


def windows_1258(text: str) -> bytes:
    """As Windows wrote Vietnamese: letters with their tone mark behind them where the code page has no whole one."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            tone = next(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
            out += (unicodedata.normalize("NFC", marks.replace(tone, "")) + tone).encode("cp1258")
    return out


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


# White space and NFC


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("  Hội \n\t nghị\u00a0tổng   kết ", "Hội nghị tổng kết"),
        (unicodedata.normalize("NFD", "Đức Linh, huyện Trực Ninh"), "Đức Linh, huyện Trực Ninh"),
        ("Lệ\u200b Minh\ufeff", "Lệ Minh"),
        ("thông\u00adtin", "thôngtin"),
        ("hoà, thuý", "hoà, thuý"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_normalise(printed: str, kept: str) -> None:
    assert normalise(printed) == kept


@given(st.text())
@example(" \u200b a")
def test_normalised_text_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


# Content-Encoding


def bare_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(body) + squeeze.flush()


def small_window_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 9)
    return squeeze.compress(body) + squeeze.flush()


CODINGS = [
    ("", bytes),
    ("identity", bytes),
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
    ("deflate", small_window_deflate),
    ("br", brotli.compress),
    ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    (" deflate ,gzip", lambda body: gzip.compress(zlib.compress(body))),
]


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
def test_each_coding_is_taken_off(coding, pack) -> None:
    assert inflate(pack(SENTENCE.encode()), coding).decode() == SENTENCE


@given(st.binary(), st.sampled_from(CODINGS))
def test_any_body_comes_back(body: bytes, coding) -> None:
    name, pack = coding
    assert inflate(pack(body), name) == body


def test_a_gzip_body_of_two_members_is_one_body() -> None:
    assert inflate(gzip.compress(b"Ha ") + gzip.compress(b"Long"), "gzip") == b"Ha Long"


LONG = " ".join(f"{i * i % 9973} {SENTENCE}" for i in range(400)).encode()


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_body_that_is_cut_gives_what_precedes_the_cut(coding, pack) -> None:
    packed = pack(LONG)
    found = inflate(packed[: len(packed) // 2], coding)
    assert found
    assert LONG.startswith(found)


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_bomb_is_refused(coding, pack) -> None:
    with pytest.raises(NotInflatable, match="larger than 100000 bytes"):
        inflate(pack(bytes(3_000_000)), coding, limit=100_000)
    assert inflate(pack(bytes(100_000)), coding, limit=100_000) == bytes(100_000)


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(NotInflatable, match="zstd"):
        inflate(b"x", "zstd")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_bytes_that_are_not_of_their_coding_are_refused(coding: str) -> None:
    with pytest.raises(NotInflatable):
        inflate(b"<html>plain after all</html>", coding)


@given(st.binary(), st.one_of(st.sampled_from(["gzip", "deflate", "br", "gzip,gzip", ",", "compress"]), st.text()))
def test_any_body_ends_in_bytes_or_a_refusal(body: bytes, coding: str) -> None:
    with contextlib.suppress(NotInflatable):
        assert isinstance(inflate(body, coding, 100_000), bytes)


# Charsets


def page(charset: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return f"<html><head>{meta}<title>Tin tức</title></head><body><p>{SENTENCE}</p></body></html>"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=ISO-8859-1",
        "text/html; charset=windows-1258",
        "text/html; charset=x-no-such",
    ],
)
def test_utf8_is_read_whatever_the_header_says(header: str) -> None:
    assert decode(page().encode(), header) == page()


@pytest.mark.parametrize(
    ("header", "meta"),
    [
        ("text/html; charset=windows-1258", ""),
        ("text/html", "windows-1258"),
        ("", "windows-1258"),
        ("text/html; charset=windows-1258", "windows-1258"),
    ],
)
def test_windows_1258_is_read_where_header_or_page_declares_it(header: str, meta: str) -> None:
    assert nfc(decode(windows_1258(page(meta)), header)) == page(meta)


@given(VIETNAMESE)
@settings(deadline=None)
def test_windows_1258_gives_every_vietnamese_letter_back(text: str) -> None:
    assert nfc(decode(windows_1258(text), "text/html; charset=windows-1258")) == nfc(text)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_decides_and_is_no_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + page().encode(encoding), "text/html; charset=ISO-8859-1") == page()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", ["", "text/html", "text/html; charset=utf-8"])
def test_utf16_without_its_mark_is_seen(encoding: str, header: str) -> None:
    assert decode(page().encode(encoding), header) == page()


@pytest.mark.parametrize("zeros", [b"a\0b\0", b"<p>\0\0\0\0</p>" * 20, bytes(40)])
def test_zeros_are_no_utf16(zeros: bytes) -> None:
    assert decode(zeros) == zeros.decode()


@pytest.mark.parametrize(
    ("header", "meta"),
    [
        ("", ""),
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html; charset=windows-1252", ""),
        ("text/html", "iso-8859-1"),
        ("text/html; charset=x-no-such", ""),
    ],
)
def test_windows_1258_is_read_where_something_else_is_declared_or_nothing(header: str, meta: str) -> None:
    assert nfc(decode(windows_1258(page(meta)), header)) == page(meta)


def test_utf8_that_holds_tcvn3_letters_is_vietnamese() -> None:
    assert decode("<p>C«ng an huyÖn häp</p><p>Đất đai</p>".encode()) == "<p>Công an huyện họp</p><p>Đất đai</p>"


def test_utf8_with_a_bad_byte_is_still_utf8() -> None:
    cut = page().encode()[:-60] + "ệ".encode()[:2]
    text = decode(cut, "text/html; charset=utf-8")
    assert SENTENCE[:60] in text
    assert text.endswith("\ufffd")


def test_utf8_with_a_bad_byte_under_a_wrong_header_is_still_utf8() -> None:
    assert SENTENCE in decode(page().encode() + b"\xff", "text/html; charset=ISO-8859-1")


@given(
    st.binary(max_size=400),
    st.one_of(st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=windows-1258"]), st.text()),
)
@settings(deadline=None)
def test_any_bytes_are_some_text(body: bytes, header: str) -> None:
    assert isinstance(decode(body, header), str)


# What the index holds


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đức Linh", "duc linh"),
        ("đất đai", "dat dai"),
        ("HUYỆN TRỰC NINH", "huyen truc ninh"),
        (unicodedata.normalize("NFD", "Đường thuỷ"), "duong thuy"),
        ("Quốc lộ 21B, km 12", "quoc lo 21b, km 12"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("written", "indexed"),
    [
        ("hoà", "hòa"), ("hòa", "hòa"), ("hoá", "hóa"), ("hoạ", "họa"),
        ("khoẻ", "khỏe"), ("khỏe", "khỏe"), ("xoè", "xòe"),
        ("thuý", "thúy"), ("thúy", "thúy"), ("uỷ", "ủy"), ("ủy", "ủy"), ("luỹ", "lũy"), ("thuỵ", "thụy"),
        ("quý", "quý"), ("quỳ", "quỳ"), ("quỹ", "quỹ"), ("Quỳnh", "Quỳnh"),
        ("HOÀ", "HÒA"), ("THUÝ", "THÚY"), ("UỶ BAN", "ỦY BAN"), ("KHOẺ", "KHỎE"), ("QUÝ", "QUÝ"), ("Uỷ ban", "Ủy ban"),
        ("hoàn", "hoàn"), ("toán", "toán"), ("huỳnh", "huỳnh"), ("khuyến", "khuyến"), ("loài", "loài"),
        ("Thanh Hoá, Xuân Hoà.", "Thanh Hóa, Xuân Hòa."), ("Đức Linh", "Đức Linh"), ("của", "của"), ("muốn", "muốn"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_both_places_of_the_tone_mark_are_one_word(written: str, indexed: str, form) -> None:
    assert index_form(unicodedata.normalize(form, written)) == indexed


@given(st.one_of(VIETNAMESE, st.text()))
def test_the_index_form_is_stable_and_folds_to_one_thing(text: str) -> None:
    indexed = index_form(text)
    assert index_form(indexed) == indexed
    assert fold(fold(indexed)) == fold(indexed)


@given(VIETNAMESE)
def test_the_place_of_the_tone_mark_is_nothing_to_the_folded_form(text: str) -> None:
    assert fold(index_form(text)) == fold(text)


@given(VIETNAMESE)
def test_composed_and_decomposed_text_are_one_in_the_index(text: str) -> None:
    for write in (index_form, fold, normalise):
        assert write(unicodedata.normalize("NFD", text)) == write(nfc(text))


@given(st.text())
@example("Đức Linh, hoà – “ủy” ΐ й ָ ༹ ͏ x̄ 𝅥")
def test_folding_takes_every_mark_of_every_script(text: str) -> None:
    letters = unicodedata.normalize("NFD", text.lower())
    assert fold(text) == "".join(c for c in letters if not unicodedata.combining(c)).replace("đ", "d")
