"""One token, one fake."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers.person import ascii_form, mask_tokens, token_key
from masker.transformers.person.dictionary import dictionary

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
OTHER = Keyring.parse("0a1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")


def masked(tokens, **options):
    options = {"keys": KEYS, **options}
    return mask_tokens(pl.Series("t", tokens, dtype=pl.String), **options).to_list()


def key_of(tokens):
    return pl.DataFrame({"t": tokens}).select(token_key(pl.col("t")))["t"].to_list()


@pytest.mark.parametrize(
    "spellings",
    [["Müller", "Mueller"], ["O'Reilly", "OReilly"], ["Weiß", "Weiss"]],
    ids=["umlaut", "apostrophe", "sharp s"],
)
def test_spellings_of_one_token_get_one_fake(spellings):
    assert len(set(masked(spellings))) == 1


def test_case_pattern_is_kept():
    title, upper, lower = masked(["Schmidt", "SCHMIDT", "schmidt"])
    assert upper == title.upper()
    assert lower == title.lower()
    assert title not in {upper, lower}


def test_ascii_form_is_that_of_the_name():
    tokens = ["Müller", "GARCÍA", "Anna", "Иван", "王"]
    names, plain = masked(tokens), masked(tokens, ascii_only=True)
    frame = pl.DataFrame({"n": names}).select(ascii_form(pl.col("n")))
    assert plain == frame["n"].to_list()
    assert plain[-1] == ""


@pytest.mark.parametrize(
    ("token", "script"),
    [
        ("Иван", r"^\p{Cyrillic}+$"),
        ("Παπαδόπουλος", r"^\p{Greek}+$"),
        ("王", r"^\p{Han}+$"),
        ("佐藤", r"^\p{Han}+$"),
        ("김", r"^\p{Hangul}+$"),
        ("محمد", r"^\p{Arabic}+$"),
        ("כהן", r"^\p{Hebrew}+$"),
        ("राम", r"^[\p{Devanagari}\p{M}]+$"),
        ("Неизвестнов", r"^\p{Cyrillic}+$"),
        ("Zwickelbauer", r"^\p{Latin}['\p{Latin}]+$"),
    ],
)
def test_a_name_stays_in_its_script(token, script):
    assert pl.Series(masked([token])).str.contains(script).item()


def test_a_script_without_names_becomes_latin():
    assert pl.Series(masked(["ሰላም"])).str.contains(r"^\p{Latin}").item()


def test_a_single_letter_becomes_another_single_letter():
    letters = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZжЖωΩ")
    made = masked(letters)
    assert all(len(each) == 1 for each in made)
    assert all(a.lower() != b.lower() for a, b in zip(letters, made, strict=True))
    assert [each.isupper() for each in made] == [each.isupper() for each in letters]


@pytest.mark.parametrize("gender", ["m", "f"])
def test_gender_follows_the_token(gender):
    book = dictionary()
    number = book.labels.index(f"en latin given {gender}")
    own = book.tokens.filter(pl.col("number") == number)["key"].head(200).to_list()
    start, size = book.starts[number], book.sizes[number]
    pool = set(book.names["name"][int(start) : int(start + size)])
    titled = [key.capitalize() for key in own]
    assert set(masked(titled)) <= pool


def test_no_known_token_keeps_its_key_under_any_of_many_keys():
    tokens = dictionary().tokens["key"].to_list()
    for keys in (KEYS, OTHER, Keyring.ephemeral()):
        made = masked(tokens, keys=keys)
        assert all(a != b for a, b in zip(tokens, key_of(made), strict=True))


def test_another_key_gives_other_fakes():
    tokens = dictionary().tokens["key"].head(500).to_list()
    same = sum(a == b for a, b in zip(masked(tokens), masked(tokens, keys=OTHER), strict=True))
    assert same < 50


def test_null_stays_null_and_nothing_stays_nothing():
    assert masked([None, "Anna", None])[::2] == [None, None]
    assert masked([]) == []
    assert masked([None]) == [None]


letters = st.text(st.characters(categories=["Lu", "Ll", "Lt", "Lo"]), min_size=1, max_size=12)


@given(st.lists(letters, min_size=1, max_size=20))
def test_no_token_keeps_its_key(tokens):
    made = masked(tokens)
    assert all(a != b for a, b in zip(key_of(tokens), key_of(made), strict=True))
    assert all(made)


@given(st.lists(letters, min_size=2, max_size=20), st.randoms())
def test_a_fake_depends_on_its_token_alone(tokens, random):
    made = dict(zip(tokens, masked(tokens), strict=True))
    shuffled = random.sample(tokens, len(tokens))
    assert masked(shuffled) == [made[token] for token in shuffled]
    assert masked(tokens[:1]) == [made[tokens[0]]]
