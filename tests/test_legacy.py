"""Vietnamese from before Unicode: what is recognised, what it becomes, and what must stay as it is."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.text import decode
from archive.text.legacy import convert_page, read, to_unicode
from archive.text.syllables import is_syllable

SENTENCE = (
    "Sáng ngày 20/7/2009, Đảng ủy, UBND xã Đông Hoàng tổ chức gặp mặt thân nhân liệt sĩ, thương binh; "
    "đại diện Hội Nông dân huyện phát động phong trào giữ gìn vệ sinh môi trường, mỗi hộ trồng một cây ổi."
)
SHORT = "Tin tức"
LOWER = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
FONT = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ"
TCVN3 = dict(zip(LOWER + "ĂÂÊÔƠƯĐ", FONT + "¡¢£¤¥¦§", strict=True))
KEYS = (
    "aø aû aõ aù aï aê aè aú aü aé aë aâ aà aå aã aá aä ñ eø eû eõ eù eï eâ eà eå eã eá eä ì æ ó í ò oø oû oõ où oï "
    "oâ oà oå oã oá oä ô ôø ôû ôõ ôù ôï uø uû uõ uù uï ö öø öû öõ öù öï yø yû yõ yù î"
)
VNI = dict(zip(LOWER, KEYS.split(), strict=True)) | dict(zip(LOWER.upper(), KEYS.upper().split(), strict=True))


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def tcvn3(text: str) -> str:
    """As a page in .VnTime reaches us: one character for each byte. Capitals with a tone are its small letters."""
    return "".join(TCVN3.get(c) or TCVN3.get(c.lower(), c) for c in nfc(text))


def vni(text: str) -> str:
    return "".join(VNI.get(c, c) for c in nfc(text))


def cp1258(text: str) -> bytes:
    """As Windows wrote it: what the code page has whole is one byte, else the tone stands behind the letter."""
    out = b""
    for letter in nfc(text):
        marks = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in marks[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            out += (nfc(marks.replace(tone, "")) + tone).encode("cp1258")
    return out


def shown(body: bytes) -> str:
    """Bytes as a program that believes in windows-1252 makes characters of them."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in body)


def twice(text: str) -> str:
    return shown(text.encode())


SYSTEMS: list[tuple[str, Callable[[str], str]]] = [
    ("tcvn3", tcvn3),
    ("vni", vni),
    ("cp1258", lambda text: shown(cp1258(text))),
    ("utf-8", twice),
    ("utf-8 as latin-1", lambda text: text.encode().decode("latin-1")),
]
each_system = pytest.mark.parametrize("write", [write for _, write in SYSTEMS], ids=[name for name, _ in SYSTEMS])


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}<title>Cổng thông tin huyện Tiền Hải</title></head><body>{body}</body></html>"


# Syllables


WORDS = (
    "nghĩa giếng gì gìn giết già quý quỳnh quốc hoà hòa thuý thúy khoẻ khỏe uỷ ủy Kạn Đắk Lắk Krông yên khuỷu ngoằn "
    "ngoèo xoong NGUYỄN trường mười ghi nghề kỳ muốn loét xoáy khuya ở ý ấy yếu tuyết huơ"
)
NO_WORDS = "cê ngê gha nghan Müller Café ăo âi băc đ h§nd C«ng nguyenx ă été Ø"


@pytest.mark.parametrize("word", WORDS.split())
def test_a_syllable(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", NO_WORDS.split())
def test_no_syllable(word: str) -> None:
    assert not is_syllable(word)


# Every letter of every system


@each_system
@pytest.mark.parametrize("letter", LOWER)
def test_every_letter_comes_back(write: Callable[[str], str], letter: str) -> None:
    text = f"{SENTENCE} b{letter}"
    assert nfc(to_unicode(write(text))) == text


@pytest.mark.parametrize("write", [vni, SYSTEMS[2][1], twice])
@pytest.mark.parametrize("letter", LOWER.upper())
def test_every_capital_comes_back(write: Callable[[str], str], letter: str) -> None:
    text = f"{SENTENCE.upper()} B{letter}"
    assert nfc(to_unicode(write(text))) == text


@each_system
@pytest.mark.parametrize("written", ["hoà bình, khoẻ, thuý, uỷ ban", "hòa bình, khỏe, thúy, ủy ban"])
def test_the_place_of_the_tone_stays_where_it_was(write: Callable[[str], str], written: str) -> None:
    text = f"{SENTENCE} {written}"
    assert nfc(to_unicode(write(text))) == text


def test_tcvn3_has_capitals_of_bare_letters_only() -> None:
    text = "ĐÔNG ĂN ÂM ÊM ƠN ƯNG"
    assert to_unicode(tcvn3(f"{SENTENCE} {text}")).endswith("Đông Ăn Âm Êm Ơn Ưng".upper())


def test_capitals_typed_with_small_tcvn3_letters_are_capitals() -> None:
    assert to_unicode("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM") == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"


def test_decomposed_text_that_was_encoded_twice_comes_back() -> None:
    text = unicodedata.normalize("NFD", SENTENCE)
    assert nfc(to_unicode(twice(text))) == SENTENCE


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("C«ng an huyÖn", "Công an huyện"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("UÛY BAN NHAÂN DAÂN HUYEÄN", "ỦY BAN NHÂN DÂN HUYỆN"),
        ("Huyá»‡n", "Huyện"),
        ("H§ND x· §«ng Hoµng häp kú thø 4", "HĐND xã Đông Hoàng họp kỳ thứ 4"),
        ("© B¶n quyÒn thuéc UBND huyÖn", "© Bản quyền thuộc UBND huyện"),
        ("“TÕt trång c©y” – ®êi ®êi nhí ¬n B¸c Hå", "“Tết trồng cây” – đời đời nhớ ơn Bác Hồ"),
    ],
)
def test_what_a_reader_sees(written: str, means: str) -> None:
    assert to_unicode(written) == means


# What must stay

HONEST = [
    "Café, São Paulo, Müller, Besançon, naïve, Citroën, Caïn, Zoë, Málaga",
    "Où est né le président ? Le comité a été créé à l’été dernier, près de Genève, où le thé fut gâché.",
    "Der Bürgermeister von Köln begrüßt die Gäste; schöne Grüße aus Österreich und Zürich.",
    "São Tomé: a nação não tem eleições, ações, mães, pães; você é avó.",
    "El niño español comió piñas; él sí sabe qué pasó, tú también. ¿Cómo está?",
    "È già così: la città è più vicina, perché può, però, lì, sì.",
    "Så gør vi på øen; æbler, børn og få år. Håll! Ögon, älg, är, för, på.",
    "Það er íslenska; ég þarf að fara í búð og kaupa mjólk.",
    "© 2010 · All rights reserved ® § 5, 30 °C, 5 km², ½ ha, «guillemets», 3 × 4 µm",
    "Bà có hai cô con gái và ba cháu trai, là nông dân xã Hoà Bình",
    "Trà Vinh, Cà Mau, Hà Nam, Phú Yên, Bà Rịa, Lý Sơn, Gò Công",
    "Ông Müller (Đức) và bà Françoise (Pháp) thăm làng nghề; Beyoncé không đến. Ðắk Lắk",
    "hoà, toá, tú sí mí té né thé",
    "Lista e target të suportuar të buffer; kø som rå-kø; argumento nº 3, nº 4, n° 5 – n° 6",
    "unerwartetes Zeichen »c« an Position (»:« oder »/« erwartet): »s«; el grupo «s» non «c», «n»",
    "one of “a”, “b”, „c”, ‘d’ – “s”, “t”…",
    "Привет мир, 中文, ภาษาไทย, עברית",
]


def test_a_sign_that_recurs_in_right_text_stays() -> None:
    html = page("".join(f"<td>nº {i}</td><td>n° {i}</td><td>kø</td><td>të</td><td>Điều {i} §</td>" for i in range(9)))
    assert convert_page(html) == html


@pytest.mark.parametrize("text", [*HONEST, SENTENCE, SENTENCE.upper(), unicodedata.normalize("NFD", SENTENCE)])
def test_right_text_stays(text: str) -> None:
    marked = f"{text} µ¸®"  # past the first, quick look
    assert to_unicode(text) is text
    assert to_unicode(marked) == marked
    html = page(f"<p title='{text}'>{text}</p><td>{marked}</td>")
    assert convert_page(html) == html


LATIN = "và là có hoà toà bà ý ã hú"  # right, and other words in another system
SYLLABLES = st.sampled_from([w.strip(".,;") for w in f"{SENTENCE} {LATIN}".split()])
FOREIGN = st.sampled_from([w.strip(".,;:?") for line in HONEST[:8] for w in line.split()])


@given(st.lists(st.one_of(SYLLABLES, FOREIGN), max_size=40), st.sampled_from(["NFC", "NFD"]))
def test_right_text_stays_in_any_order(words: list[str], form: str) -> None:
    text = unicodedata.normalize(form, " ".join(words)) + " ®"
    assert to_unicode(text) == text
    assert convert_page(f'<p style="font-family: Arial">{text}</p>') == f'<p style="font-family: Arial">{text}</p>'


@given(st.lists(SYLLABLES, max_size=20))
def test_unicode_in_an_old_font_stays(words: list[str]) -> None:
    html = f'<p style="font-family: .VnTime">{SENTENCE}</p><p style="font-family: .VnTime">{" ".join(words)} đã ®</p>'
    assert convert_page(html) == html


# Pages


@each_system
def test_a_mixed_page_is_decided_run_by_run(write: Callable[[str], str]) -> None:
    menu = "<ul><li>Trang chủ</li><li>Văn bản pháp quy</li><li>Café Müller</li><li>Thủ tục hành chính</li></ul>"
    html = page(f"{menu}<h2>{write(SHORT)}</h2><p>{write(SENTENCE)}</p><p>{write('Bình Giang')}</p>{menu}")
    assert nfc(convert_page(html)) == page(f"{menu}<h2>{SHORT}</h2><p>{SENTENCE}</p><p>Bình Giang</p>{menu}")


def test_attributes_that_are_read_are_converted_and_others_are_not() -> None:
    text, raw = SENTENCE, tcvn3(SENTENCE)
    html = '<meta name="description" content="{0}"><img alt=\'{0}\' src="/{1}.jpg"><a title="{0}" href="{1}">{0}</a>'
    assert convert_page(html.format(raw, raw)) == html.format(text, raw)


def test_scripts_styles_and_comments_stay() -> None:
    raw = tcvn3(SENTENCE)
    html = f"<script>var a = '{raw}'</script><style>/* {raw} */</style><!-- {raw} --><p>{{}}</p>"
    assert convert_page(html.format(raw)) == html.format(SENTENCE)


@pytest.mark.parametrize("entity", ["&#{};", "&#x{:X};", "&#x{:x};"])
@pytest.mark.parametrize("write", [tcvn3, vni])
def test_entities_may_carry_it(write: Callable[[str], str], entity: str) -> None:
    raw = "".join(c if c.isascii() else entity.format(ord(c)) for c in write(SENTENCE))
    assert convert_page(f"<p>{raw} &amp; &lt;b&gt;</p>") == f"<p>{SENTENCE} &amp; &lt;b&gt;</p>"


def test_entities_with_names_may_carry_it() -> None:
    assert (
        convert_page("<p>&sect;&ocirc;ng &ntilde;y, C&laquo;ng an huy&Ouml;n t&aelig; ch&oslash;c</p>")
        == "<p>Đụng ủy, Công an huyện tổ chức</p>"
    )


def test_entities_of_what_is_not_converted_stay() -> None:
    html = "<p>M&uuml;ller &Ouml;sterreich &reg; c&ocirc;ng an huyện</p>"
    assert convert_page(html) == html


@pytest.mark.parametrize(
    "styled",
    [
        '<font face=".VnTimeH">{}</font>',
        "<font face='.VnArialH, Arial'>{}</font>",
        '<span style="font-family: .VnTimeH; color: red">{}</span>',
        '<p style="font-family:&quot;.vntimeh&quot;">{}</p>',
        '<font face=".VnTimeH"><b><br>{}</b></font>',
    ],
)
def test_a_font_of_capitals_shows_capitals(styled: str) -> None:
    html = styled.format(tcvn3("ủy ban nhân dân")) + f"<p>{tcvn3(SENTENCE)}</p>"
    assert convert_page(html) == styled.format("ỦY BAN NHÂN DÂN") + f"<p>{SENTENCE}</p>"


def test_the_font_ends_with_its_element() -> None:
    html = '<font face=".VnTimeH">{}<font face=".VnTime">{}</font> {}</font><p>{}'
    raw = html.format(*map(tcvn3, ["hội đồng", "nhân dân", "huyện", SENTENCE]))
    assert convert_page(raw) == html.format("HỘI ĐỒNG", "nhân dân", " HUYỆN".strip(), SENTENCE)


def test_letters_without_marks_follow_within_a_font_of_capitals() -> None:
    html = '<font face=".VnTimeH">{} <i>ban</i> {}</font>'
    assert convert_page(html.format(*map(tcvn3, ["ủy", "chấp hành Đảng bộ"]))) == html.format(
        "ỦY", "CHẤP HÀNH ĐẢNG BỘ"
    ).replace("ban", "BAN")


@pytest.mark.parametrize(
    ("font", "write", "word"), [(".VnTime", tcvn3, "có"), (".VnTime", tcvn3, "tức"), ("VNI-Times", vni, "hồ")]
)
def test_the_font_decides_for_a_single_word(font: str, write: Callable[[str], str], word: str) -> None:
    html = f'<font face="{font}">{{}}</font> µ'
    assert convert_page(html.format(write(word))) == html.format(word)


# Bytes


@pytest.mark.parametrize(
    "header",
    ["", "text/html", *(f"text/html; charset={c}" for c in ("utf-8", "windows-1252", "iso-8859-1", "x-user-defined"))],
)
@pytest.mark.parametrize("name", ["tcvn3", "vni", "cp1258"])
def test_bytes_are_recognised_whatever_is_declared(name: str, header: str) -> None:
    body = page(f"<h2>{SHORT}</h2><p>{SENTENCE}</p>")
    raw = cp1258(body) if name == "cp1258" else {"tcvn3": tcvn3, "vni": vni}[name](body).encode("latin-1")
    assert nfc(decode(raw, header)) == body


def test_viscii_bytes_are_recognised() -> None:
    raw = (
        b"Huy\xaen Xu\xe2n Tr\xb6\xf6ng \xf0\xa6y m\xd5nh phong tr\xe0o, gi\xe6 g\xecn tr\xa7t t\xf1; "
        b"\x9cy ban, \xd0\xe4ng b\xb5."
    ).replace(b"Tr\xb6\xf6ng", b"Tr\xdf\xb6ng")
    assert decode(raw) == "Huyện Xuân Trường đẩy mạnh phong trào, giữ gìn trật tự; Ủy ban, Đảng bộ."


def test_tcvn3_under_a_windows_1258_header() -> None:
    body = page(f"<p>{SENTENCE}</p>")
    assert decode(tcvn3(body).encode("latin-1"), "text/html; charset=windows-1258") == body


def test_a_page_of_two_systems_in_bytes() -> None:
    menu, article = "<li>Trang chủ</li><li>Giới thiệu</li>", f"<p>{SHORT}</p><p>{SENTENCE}</p>"
    raw = menu.encode() + tcvn3(article).encode("latin-1") + "<li>Liên kết © website</li>".encode()
    assert decode(raw) == menu + article + "<li>Liên kết © website</li>"


@pytest.mark.parametrize("text", HONEST[:7])
def test_other_languages_in_windows_1252_stay(text: str) -> None:
    assert read(page(text).replace("Cổng thông tin huyện Tiền Hải", "x").encode("cp1252")) is None


@pytest.mark.parametrize(("text", "charset"), [("Привет мир, как дела", "windows-1251"), ("中文网页内容测试", "gbk")])
def test_other_scripts_stay(text: str, charset: str) -> None:
    assert decode((text * 20).encode(charset), f"text/html; charset={charset}") == text * 20
    assert read((text * 20).encode(charset)) is None


# Whatever comes


@given(
    st.one_of(
        st.binary(max_size=300), st.text("<>&#;=\"'/ .VnTimeHhµ¸®§àáaeoäøùbcgh!-\n", max_size=200).map(str.encode)
    )
)
@settings(deadline=None)
def test_any_bytes_are_some_text(body: bytes) -> None:
    assert isinstance(decode(body), str)
    assert isinstance(read(body) or "", str)


@given(st.text(max_size=200))
def test_any_text_is_some_text_and_then_stays(text: str) -> None:
    assert isinstance(to_unicode(text), str)
    assert isinstance(convert_page(text), str)
    assert nfc(to_unicode(to_unicode(tcvn3(SENTENCE) + "\n"))) == SENTENCE + "\n"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<!--",
        "<script>",
        "&",
        "&#181;",
        "µ\n",
        "µ\u00a0",
        '<font face=".VnTime">',
        "</p><b>",
        " title=",
        '"',
        "hµ ",
        "á»",
    ],
)
def test_no_page_takes_long(piece: str) -> None:
    html = piece * (500_000 // len(piece)) + "µ <font face='.VnTimeH'>"
    started = time.process_time()
    convert_page(html)
    to_unicode(html)
    assert time.process_time() - started < 3
