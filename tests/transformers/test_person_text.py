"""Names of every form, and how the tokens of one value hang together."""
# ruff: noqa: SIM905 - a list of words reads best as text

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site
from masker.transformers.person import FirstName, FullName, LastName, mask_tokens

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")


def full(values, *, kind=FullName, length=None):
    series = pl.Series("name", values, dtype=pl.String)
    masked = kind().apply(series, site=Site(length=length), keys=KEYS, others={})
    assert masked.values.name == "name"
    return masked.values.to_list()


def token(text):
    return mask_tokens(pl.Series([text]), keys=KEYS).item()


# {} stands for the fake of the next token listed
FORMS = [
    ("two names", "Anna Schmidt", "{} {}", ["Anna", "Schmidt"]),
    ("capitals", "ANNA SCHMIDT", "{} {}", ["ANNA", "SCHMIDT"]),
    ("small", "anna schmidt", "{} {}", ["anna", "schmidt"]),
    ("last first", "Schmidt, Anna", "{}, {}", ["Schmidt", "Anna"]),
    ("hyphens", "Jean-Luc Meyer-Schulz", "{}-{} {}-{}", ["Jean", "Luc", "Meyer", "Schulz"]),
    ("apostrophe", "Hugh O'Reilly", "{} {}", ["Hugh", "O'Reilly"]),
    ("title", "Dr. Anna Schmidt", "Dr. {} {}", ["Anna", "Schmidt"]),
    ("titles", "Prof. Dr. med. Hans Meyer, PhD", "Prof. Dr. med. {} {}, PhD", ["Hans", "Meyer"]),
    ("Frau", "Frau Schmidt", "Frau {}", ["Schmidt"]),
    ("Sra.", "Sra. García", "Sra. {}", ["García"]),
    ("suffix", "John Smith Jr.", "{} {} Jr.", ["John", "Smith"]),
    ("numeral", "John Smith III", "{} {} III", ["John", "Smith"]),
    ("particles", "Johannes van der Berg", "{} van der {}", ["Johannes", "Berg"]),
    ("loud particles", "JOHANNES VAN DER BERG", "{} VAN DER {}", ["JOHANNES", "BERG"]),
    ("von", "Otto von Bismarck", "{} von {}", ["Otto", "Bismarck"]),
    ("de la", "Ana de la Cruz", "{} de la {}", ["Ana", "Cruz"]),
    ("bin", "Ali bin Hassan", "{} bin {}", ["Ali", "Hassan"]),
    ("a particle that ends", "Amit De", "{} {}", ["Amit", "De"]),
    ("a title alone", "Dr.", "{}.", ["Dr"]),
    ("a particle alone", "Van", "{}", ["Van"]),
    ("initial", "A. Schmidt", "{}. {}", ["A", "Schmidt"]),
    ("last and initial", "SCHMIDT, B.", "{}, {}.", ["SCHMIDT", "B"]),
    ("blanks", "  Anna \t Schmidt ", "  {} \t {} ", ["Anna", "Schmidt"]),
    ("cyrillic", "Иван Петров", "{} {}", ["Иван", "Петров"]),
    ("chinese run", "王小明", "{}{}", ["王", "小明"]),
    ("japanese run", "佐藤太郎", "{}{}", ["佐藤", "太郎"]),
    ("korean run", "김민준", "{}{}", ["김", "민준"]),
    ("address", "anna.schmidt@acme.com", "{}.{}@{}.{}", ["anna", "schmidt", "acme", "com"]),
]


@pytest.mark.parametrize(
    ("value", "form", "tokens"), [each[1:] for each in FORMS], ids=[each[0] for each in FORMS]
)
def test_forms_of_names(value, form, tokens):
    assert full([value]) == [form.format(*(token(each) for each in tokens))]


def test_an_initial_agrees_with_the_name_it_abbreviates():
    (named,) = full(["Anna A. Schmidt"])
    first, initial, _ = named.split()
    assert initial == f"{first[0]}."


@pytest.mark.parametrize("kind", [FirstName, LastName, FullName])
def test_a_token_agrees_in_every_column(kind):
    assert full(["Anna", "Schmidt", "Taylor"], kind=kind) == [
        token("Anna"),
        token("Schmidt"),
        token("Taylor"),
    ]


def test_digits_in_a_name_do_not_pass():
    (made,) = full(["John 4111 1111 1111"])
    assert len(made.split()) == 4
    assert not {"4111", "1111"} & set(made.split())


@pytest.mark.parametrize("value", ["-", "???", "😀", "..."])
def test_what_has_no_letter_becomes_a_name(value):
    (made,) = full([value])
    assert pl.Series([made]).str.contains(r"\p{L}").item()


def test_blank_values_stay():
    assert full(["", "   ", None]) == ["", "   ", None]


def test_unparsed_values_are_counted_by_shape_only():
    values = pl.Series(["Anna", "12-34", "12-35", "?", "", None])
    masked = FullName().apply(values, site=Site(), keys=KEYS, others={})
    assert masked.unparsed == 3
    assert dict(masked.shapes) == {"NN-NN": 2, "?": 1}
    assert masked.chance == 0.0


@pytest.mark.parametrize("length", [1, 2, 3, 5, 10, 20])
def test_short_columns(length):
    names = ["Anna", "Ann", "A", "Dr. Anna Schmidt", "Müller", "王小明", "van der Berg", "Li"]
    values = [name for name in names if len(name) <= length]
    for value, made in zip(values, full(values, length=length), strict=True):
        assert 0 < len(made) <= length
        assert made.casefold() != value.casefold()


def test_a_cut_falls_between_words():
    (whole,) = full(["Johannes Schmidt"])
    first = whole.split()[0]
    assert full(["Johannes Schmidt"], length=len(first) + 2) == [first]


words = st.sampled_from(
    "Anna anna ANNA Schmidt O'Reilly van der Dr. A. B C Müller Mueller de Jean-Luc 王小明 Иван III "
    "Smith-Jones 12 ? 😀 , N/A Li".split()
)
names = st.lists(words, min_size=0, max_size=5).map(" ".join)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def is_blank(value):
    return value.strip() == ""


@given(st.lists(names | anything | st.none(), max_size=30), st.randoms())
def test_names_are_never_equal_and_know_no_neighbours(values, random):
    made = full(values)
    for value, fake in zip(values, made, strict=True):
        assert (fake is None) == (value is None)
        if value is not None and not is_blank(value):
            assert fake.casefold() != value.casefold()
    picks = random.choices(range(len(values)), k=len(values)) if values else []
    assert full([values[i] for i in picks]) == [made[i] for i in picks]


@given(st.lists(anything.filter(bool), max_size=10), st.integers(1, 20))
def test_names_fit_and_are_never_equal_when_cut(values, length):
    values = [value[:length] for value in values]
    for value, fake in zip(values, full(values, length=length), strict=True):
        assert len(fake) <= length
        if not is_blank(value):
            assert fake.casefold() != value.casefold()
