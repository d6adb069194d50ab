"""How Vietnamese spells a syllable: an onset, a rime, a tone. Imports nothing of ours.

Source: the spelling of the school books; with k at the end of some rimes, and kr, for names as Đắk Lắk and Krông Pắc.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_ONSET = re.compile("(ngh?|nh|gi|gh?|k[hr]?|c?h|c|t[hr]?|ph?|qu|[bdđlmnrsvx]|)(.*)", re.DOTALL)
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ak ăc ăm ăn ăng ăp ăt ăk âc âm ân âng âp ât âu ây e ec em en eng eo
ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam
oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn
ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up
ut uy uya uych uyên uyêt uynh uyt uyu uyn uyp ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y
yêm yên yêng yêt yêu ych ynh yt
"""


def _toned(rime: str) -> Iterator[str]:
    """A rime under every tone that it can bear, the mark in each of its usual places; NFC."""
    marked = [i for i, letter in enumerate(rime) if letter in "ăâêôơư"]
    vowels = len(rime.rstrip("cghkmnpt"))
    if marked:
        places = marked[-1:]
    elif rime in ("oa", "oe", "uy"):
        places = [0, 1]
    else:
        places = [int(vowels == 3 or (vowels == 2 and vowels < len(rime)))]
    stopped = rime.endswith(("c", "ch", "k", "p", "t"))
    for tone in "\u0301\u0323" if stopped else "\u0301\u0300\u0309\u0303\u0323":
        for place in places:
            yield unicodedata.normalize("NFC", rime[: place + 1] + tone + rime[place + 1 :])
    if not stopped or rime.endswith("k"):
        yield rime


_TONED = {form for rime in _RIMES.split() for form in _toned(rime)}


def is_syllable(word: str) -> bool:
    """Whether Vietnamese spells a syllable so: ``is_syllable("Nghĩa")``. NFC, any case, either place of the tone."""
    split = _ONSET.fullmatch(word.lower())
    onset, rime = split.groups() if split else ("", "")
    if rime not in _TONED:
        return onset == "gi" and "i" + rime in _TONED
    first = unicodedata.normalize("NFD", rime)[0]
    if first in "eiy":
        return onset not in ("c", "ng") and (onset != "g" or first == "i")
    return onset not in ("gh", "ngh")
