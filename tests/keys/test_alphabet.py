import polars as pl
import pytest

from masker.keys.alphabet import Alphabet

WIDE = "".join(map(chr, range(0x4E00, 0x4E00 + 65535)))[:40000]

CASES = {
    "digits": ("0123456789", ["0123", "9999"]),
    "unordered": ("zax", ["zzaa", "xxza"]),
    "blank and quote": (" '\"\\\t\n", ["\t\n'\"", "    "]),
    "cyrillic": ("абвгдежзий", ["абвг", "йййй"]),
    "mixed widths": ("aäа😀", ["aäа😀", "😀😀aa"]),
    "whole ascii": ("".join(map(chr, range(128))), ["\x00\x01\x7fz"]),
    "latin-1": ("".join(map(chr, range(255))), ["\x00\xfe\xfda"]),
}


@pytest.mark.parametrize(("letters", "values"), CASES.values(), ids=CASES.keys())
def test_reads_and_writes(letters, values):
    alphabet = Alphabet(letters)
    numerals = alphabet.read(pl.Series(values), 4)
    assert numerals.tolist() == [[letters.index(letter) for letter in value] for value in values]
    assert alphabet.write(numerals).to_list() == values


def test_a_large_alphabet():
    letters = "".join(chr(point) for point in range(0x4E00, 0x9FA5))
    alphabet = Alphabet(letters)
    values = pl.Series([letters[:5], letters[-5:]])
    assert alphabet.write(alphabet.read(values, 5)).equals(values)


@pytest.mark.parametrize(
    ("letters", "values", "count"),
    [
        ("0123456789", ["1234", "12a4", "12b4"], 2),
        ("0123456789", ["1234", "12ä4"], 1),
        ("абвг", ["абвг", "abcd", "аб😀г"], 2),
        ("abc", ["\x00abc"], 1),
    ],
    ids=["ascii", "wide value", "wide alphabet", "nul"],
)
def test_counts_what_is_outside_and_names_no_value(letters, values, count):
    with pytest.raises(ValueError, match=rf"^{count} of {len(values)} values") as told:
        Alphabet(letters).read(pl.Series(values), 4)
    assert not [value for value in values if value in str(told.value)]


@pytest.mark.parametrize("letters", ["", "a", "aba", "".join(map(chr, range(65536)))[:0] + "a" * 9])
def test_refuses_an_alphabet(letters):
    with pytest.raises(ValueError, match="alphabet"):
        Alphabet(letters)
