"""The script that characters are written in, by the tables of RE2."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import row_rules

_UNKNOWN, _OUT_OF_RANGE = 103, -1

# Names of Unicode's scripts in the order of ICU's numbers, from 0 on; a number stands before those that begin anew there.
_SCRIPTS = """
Common Inherited Arabic Armenian Bengali Bopomofo Cherokee Coptic Cyrillic Deseret Devanagari Ethiopic Georgian Gothic
Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Ogham
Old_Italic Oriya Runic Sinhala Syriac Tamil Telugu Thaana Thai Tibetan Canadian_Aboriginal Yi Tagalog Hanunoo Buhid
Tagbanwa Braille Cypriot Limbu Linear_B Osmanya Shavian Tai_Le Ugaritic 55 Buginese Glagolitic Kharoshthi Syloti_Nagri
New_Tai_Lue Tifinagh Old_Persian Balinese Batak 65 Brahmi Cham 71 Egyptian_Hieroglyphs 75 Pahawh_Hmong Old_Hungarian
78 Javanese Kayah_Li 82 Lepcha Linear_A Mandaic 86 Meroitic_Hieroglyphs Nko Old_Turkic Old_Permic Phags_Pa Phoenician
Miao 99 Vai 101 Cuneiform 104 Carian 106 Tai_Tham Lycian Lydian Ol_Chiki Rejang Saurashtra SignWriting Sundanese 115
Meetei_Mayek Imperial_Aramaic Avestan Chakma 120 Kaithi Manichaean Inscriptional_Pahlavi Psalter_Pahlavi 125
Inscriptional_Parthian Samaritan Tai_Viet 130 Bamum Lisu 133 Old_South_Arabian Bassa_Vah Duployan Elbasan Grantha 140
Mende_Kikakui Meroitic_Cursive Old_North_Arabian Nabataean Palmyrene Khudawadi Warang_Citi 149 Mro Nushu Sharada
Sora_Sompeng Takri Tangut 156 Anatolian_Hieroglyphs Khojki Tirhuta Caucasian_Albanian Mahajani Ahom Hatran Modi
Multani Pau_Cin_Hau Siddham Adlam Bhaiksuki Marchen Newa Osage 175 Masaram_Gondi Soyombo Zanabazar_Square Dogra
Gunjala_Gondi Makasar Medefaidrin Hanifi_Rohingya Sogdian Old_Sogdian Elymaic Nyiakeng_Puachue_Hmong Nandinagari
Wancho Chorasmian Dives_Akuru Khitan_Small_Script Yezidi
"""


@cache
def _known_scripts() -> tuple[Any, list[int]]:
    """A set of patterns, one for each script, and the scripts' numbers."""
    import re2

    patterns, numbers, number = re2.Set.FullMatchSet(), [], 0
    for item in _SCRIPTS.split():
        if item.isdigit():
            number = int(item)
            continue
        patterns.Add(rf"\p{{{item}}}")
        numbers.append(number)
        number += 1
    patterns.Compile()
    return patterns, numbers


@lru_cache(4096)
def _script_of(code: int) -> int:
    if not 0 <= code < 0x110000:
        return _OUT_OF_RANGE
    if 0xD800 <= code < 0xE000:
        return _UNKNOWN
    patterns, numbers = _known_scripts()
    found = patterns.Match(chr(code))
    return numbers[found[0]] if found else _UNKNOWN


def _kernel(input):
    return np.array([_script_of(code) for code in input.reshape(-1).tolist()], np.int32).reshape(input.shape)


UNICODE_SCRIPT = register(
    Op(
        "UnicodeScript",
        _kernel,
        types={dtypes.int32},
        vjp=NotDifferentiable("the result is an integer"),
        rows=row_rules.elementwise,
    )
)


def unicode_script(input: Any, name: str | None = None) -> Tensor:
    """The script of each character.

    Args:
      input: int32 Tensor of code points.
    Returns:
      int32 Tensor of ICU's numbers of scripts: 0 for what all scripts share, 25 for Latin; -1 for what is no code point.
    Example:
      >>> print(tf.strings.unicode_script([ord("a"), ord("ж"), ord("!")]).numpy())
      [25  8  0]
    """
    return UNICODE_SCRIPT(convert(input, dtypes.int32))
