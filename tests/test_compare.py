"""Two texts word by word: nothing is lost, nothing invented, and a person can read it."""

from __future__ import annotations

import random
import time
import unicodedata
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import compare as module
from archive.compare import Comparison, Piece, compare, compare_line

OLD = (
    "UBND huyện thu hồi 9,8 ha đất nông nghiệp của 143 hộ dân.\n\nViệc kiểm đếm bắt đầu từ tháng 3.\n\n"
    "Người dân được bồi thường theo quy định./."
)


def letters(text: str) -> str:
    """What a text says, white space aside."""
    return "".join(text.split())


def said(comparison: Comparison, kind: str) -> str:
    """What one of both texts says: what stayed, and what is of ``kind``."""
    return letters("".join(told(piece, kind) for block in comparison.blocks for piece in block.pieces))


def told(piece: Piece, kind: str) -> str:
    return piece.text if piece.kind in ("same", kind) else ""


def marked(pieces: tuple[Piece, ...]) -> str:
    """As a corrector would write it: [-gone-] {+came+}."""
    forms = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(forms[piece.kind].format(piece.text) + piece.space for piece in pieces).replace("-] {+", "-]{+")


def lines(comparison: Comparison) -> list[tuple[str, str]]:
    return [(block.kind, marked(block.pieces)) for block in comparison.blocks]


def test_equal_texts_say_so() -> None:
    found = compare(OLD, OLD)
    assert found.equal and (found.added, found.removed) == (0, 0)
    assert [block.kind for block in found.blocks] == ["same"] * 3


def test_a_figure_is_one_word_and_stays_whole() -> None:
    found = compare(OLD, OLD.replace("9,8 ha", "12,5 ha"))
    assert lines(found)[0] == (
        "changed",
        "UBND huyện thu hồi [-9,8-]{+12,5+} ha đất nông nghiệp của 143 hộ dân.",
    )
    assert (found.added, found.removed) == (1, 1) and not found.equal


@pytest.mark.parametrize(
    ("old", "new", "read"),
    [
        ("T/h: Lệ Minh", "T/h: Trần Hùng", "T/h: [-Lệ Minh-]{+Trần Hùng+}"),
        ("", "T/h: Lệ Minh", "{+T/h: Lệ Minh+}"),
        ("06/01/2021", "07/01/2021", "[-06/01/2021-]{+07/01/2021+}"),
        ("Đông Hồ - Mão Điền", "Đông Hồ, Mão Điền", "Đông Hồ [---]{+,+} Mão Điền"),
        ("họp tại xã", "họp tại hội trường xã", "họp tại {+hội trường+} xã"),
        # Two changes with nothing but one syllable between them are one.
        ("9,8 ha của xã", "12,5 ha tại xã", "[-9,8 ha của-]{+12,5 ha tại+} xã"),
        ("KHẨN CẤP: BÃO SỐ 3", "Khẩn cấp: bão số 3", "[-KHẨN CẤP: BÃO SỐ-]{+Khẩn cấp: bão số+} 3"),
        ("hoà bình", "hòa bình", "[-hoà-]{+hòa+} bình"),
        ("Thi hành án", "Thi hành án./.", "Thi hành án{+./.+}"),
    ],
)
def test_a_line_reads_like_a_corrected_one(old: str, new: str, read: str) -> None:
    assert marked(compare_line(old, new)) == read


def test_letters_in_two_characters_stay_together() -> None:
    old, new = (unicodedata.normalize("NFD", text) for text in ("huyện Đức Linh", "huyện Đức Lĩnh"))
    pieces = compare_line(old, new)
    assert [unicodedata.normalize("NFC", piece.text) for piece in pieces] == ["huyện Đức", "Linh", "Lĩnh"]


def test_paragraphs_come_and_go() -> None:
    first, second, third = OLD.split("\n\n")
    found = compare(OLD, "\n\n".join([first, "Huyện đã lập hội đồng bồi thường.", third]))
    assert lines(found) == [
        ("same", first),
        ("removed", f"[-{second}-]"),
        ("added", "{+Huyện đã lập hội đồng bồi thường.+}"),
        ("same", third),
    ]


def test_a_rewritten_paragraph_stands_beside_what_it_was_though_another_came_between() -> None:
    first, second, third = OLD.split("\n\n")
    new = "\n\n".join([first.replace("143", "150"), "Tin thêm ở đây.", second.replace("tháng 3", "tháng 4"), third])
    assert [block.kind for block in compare(OLD, new).blocks] == ["changed", "added", "changed", "same"]


def test_white_space_alone_is_no_difference() -> None:
    assert compare("Một  hai\n\n\n ba", "Một hai\n\nba").equal


def test_punctuation_counts_as_a_difference_but_not_as_words() -> None:
    found = compare("Thôi, về.", "Thôi về.")
    assert not found.equal and (found.added, found.removed) == (0, 0)


VOCABULARY = st.sampled_from(
    [
        "huyện",
        "xã",
        "đất",
        "đai",
        "Đức",
        "Linh",
        "9,8",
        "12/3",
        ",",
        ".",
        "./.",
        "“",
        "hoà",
        "hòa",
        "đa\u0323t",
        "a",
        "b",
    ]
)
TEXTS = st.lists(st.lists(VOCABULARY, max_size=12).map(" ".join), max_size=8).map("\n\n".join)


@given(TEXTS | st.text(max_size=200), TEXTS | st.text(max_size=200))
def test_both_texts_can_be_read_out_of_the_comparison(old: str, new: str) -> None:
    found = compare(old, new)
    assert said(found, "removed") == letters(old)
    assert said(found, "added") == letters(new)
    assert not found.equal or letters(old) == letters(new)
    assert all(block.pieces for block in found.blocks)


@given(TEXTS | st.text(max_size=200))
def test_a_text_equals_itself_however_it_is_spaced(text: str) -> None:
    assert compare(text, text).equal and compare(text, text.replace(" ", "  ")).equal


@given(st.text(max_size=100), st.text(max_size=100))
def test_lines_keep_every_word(old: str, new: str) -> None:
    pieces = compare_line(old, new)
    assert letters("".join(told(piece, "removed") for piece in pieces)) == letters(old)
    assert letters("".join(told(piece, "added") for piece in pieces)) == letters(new)


@given(TEXTS, TEXTS)
def test_counts_are_of_syllables_and_numbers(old: str, new: str) -> None:
    found = compare(old, new)
    for kind, count in (("removed", found.removed), ("added", found.added)):
        marked_words = [
            word
            for block in found.blocks
            for piece in block.pieces
            if piece.kind == kind
            for word in piece.text.split()
            if any(letter.isalnum() for letter in word)
        ]
        assert count == len(marked_words)


def test_what_cannot_be_afforded_is_different_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "a b c d e f g h", "x b y d z f w h"
    assert any(piece.kind == "same" for piece in compare_line(old, new))
    monkeypatch.setattr(module, "_Purse", partial(module._Purse, left=0))
    assert marked(compare_line(old, new)) == "[-a b c d e f g-]{+x b y d z f w+} h"


def _large() -> dict[str, tuple[str, str]]:
    """Texts of half a megabyte that are hard on difflib, each for another reason."""
    chance = random.Random(20261126)
    vocabulary = [f"tiếng{number}" for number in range(3_000)] + ["và", "của", "các", "huyện", "xã"] * 200
    many = [chance.choice(vocabulary) for _ in range(75_000)]
    other = [chance.choice(vocabulary) if chance.random() < 0.02 else word for word in many]
    by_paragraph = ["\n\n".join(" ".join(text[i : i + 80]) for i in range(0, len(text), 80)) for text in (many, other)]
    return {
        "small changes everywhere": (by_paragraph[0], by_paragraph[1]),
        "one paragraph": (" ".join(many), " ".join(other)),
        "shuffled": (" ".join(many), " ".join(chance.sample(many, len(many)))),
        "one word": ("a " * 250_000, "a " * 249_000 + "b "),
        "two words": ("a b " * 120_000, "b a " * 120_000 + "c"),
        "short paragraphs": ("a\n\n" * 160_000, "b\n\n" * 160_000),
        "every second word": (" ".join(f"x{i} a" for i in range(60_000)), " ".join(f"y{i} a" for i in range(60_000))),
        "punctuation": (".,;" * 160_000, ",.;" * 160_000),
        "one word of half a megabyte": ("x" * 500_000, "y" * 500_000),
    }


@pytest.mark.parametrize("name", _large())
def test_half_a_megabyte_ends_in_time(name: str) -> None:
    old, new = _large()[name]
    before = time.process_time()
    found = compare(old, new)
    # About a second on one of our cores; the machines of tests are slow, and busy.
    assert time.process_time() - before < 8
    assert said(found, "removed") == letters(old) and said(found, "added") == letters(new)
    assert len(found.blocks) < 10_000
    if name == "small changes everywhere":
        assert found.added < 10_000
