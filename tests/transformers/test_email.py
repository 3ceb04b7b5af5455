"""Addresses: the name inside agrees with the name beside, the suffix is never cut."""

import functools
import itertools
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site, Uniqueness
from masker.transformers.email import Email
from masker.transformers.person import FullName, ascii_form, mask_tokens

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
SUFFIX = re.compile(r"(?:^|\.)[a-z2-7]{16}$")


def mask(values, *, length=None, case_insensitive=False, **params):
    site = Site(length=length, case_insensitive=case_insensitive)
    series = pl.Series("email", values, dtype=pl.String)
    return Email(**params).apply(series, site=site, keys=KEYS, others={})


def masked(values, **options):
    return mask(values, **options).values.to_list()


def plain(tokens):
    return mask_tokens(pl.Series(tokens), keys=KEYS, ascii_only=True).to_list()


# a name, and local parts that hold its tokens between separators
PEOPLE = [
    ("Anna", "Schmidt"),
    ("JOSÉ", "GARCÍA"),
    ("Jürgen", "Müller"),
    ("Mary", "O'Reilly"),
    ("Bjørn", "Sørensen"),
    ("Łukasz", "Wójcik"),
    ("Иван", "Петров"),
    ("taylor", "kim"),
    ("Uwe", "Zwickelbauer"),
    ("Al", "Don"),
    ("Al", "Sales"),
]
FORMATS = [
    "{f}.{l}@acme.com",
    "{l}.{f}@acme.com",
    "{f}_{l}@acme.de",
    "{f}-{l}@acme.org",
    "{f}+{l}@acme.org",
    "{f}.{l}84@acme.com",
    "84{f}.{l}@acme.com",
    "{f}1980{l}@acme.com",
    "a.{l}@acme.com",
    "{f}.b.{l}@acme.com",
    "dr.{f}.{l}@acme.com",
    "{f}.van.der.{l}@acme.com",
    "info.{f}.{l}@acme.com",
    "{f}.{l}",
    "{f}.{l}@sub.domain.acme.co.uk",
]


def ascii_of(name):
    return pl.DataFrame({"n": [name]}).select(ascii_form(pl.col("n")))["n"].item()


@functools.cache
def cases():
    """Every given with every family name, how both are masked, and what they are in ASCII."""
    pairs = list(itertools.product([p[0] for p in PEOPLE], [p[1] for p in PEOPLE]))
    names = pl.Series([f"{first} {last}" for first, last in pairs])
    full = FullName().apply(names, site=Site(), keys=KEYS, others={}).values
    tokens = sorted({token for pair in pairs for token in pair})
    fakes = dict(zip(tokens, plain(tokens), strict=True))
    written = {token: ascii_of(token) for token in {*tokens, *" ".join(full).split()}}
    return list(zip(pairs, full, strict=True)), fakes, written


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("how", ["ascii", "upper", "as it is"])
def test_every_name_token_between_separators_is_masked_as_the_name_is(form, how):
    people, fakes, written = cases()
    spell = {"ascii": written.get, "upper": str.upper, "as it is": str}[how]
    if how == "ascii":  # a Cyrillic name in ASCII is another token: nothing in it says whose it is
        people = [each for each in people if not {"Иван", "Петров"} & set(each[0])]
    addresses = [form.format(f=spell(first), l=spell(last)) for (first, last), _ in people]
    for ((first, last), name), address in zip(people, masked(addresses), strict=True):
        pieces = re.split(r"[._-]", address.split("@")[0].lower())
        held = [part for part, mark in ((first, "{f}"), (last, "{l}")) if mark in form]
        assert {fakes[part] for part in held} <= set(pieces)
        assert {written[part] for part in name.split()[-len(held) :]} <= set(pieces)


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("a.b@acme.org", r"[a-z]\.[a-z]\.[a-z2-7]{16}@[a-z]+-[a-z2-7]{3}\.example\.org"),
        ("x1@acme.net", r"[a-z]\.[a-z2-7]{16}@[a-z]+-[a-z2-7]{3}\.example\.net"),
        ("123@acme.de", r"[a-z2-7]{16}@[a-z]+-[a-z2-7]{3}\.example\.com"),
        ("sales@acme.com", r"sales\.[a-z2-7]{16}@.*\.example\.com"),
        ("no-reply@acme.com", r"no-reply\.[a-z2-7]{16}@.*\.example\.com"),
        ("SKING", r"[A-Z]+\.[A-Z2-7]{16}"),
        ("SKING@ACME.COM", r"[A-Z]+\.[A-Z2-7]{16}@[a-z]+-[a-z2-7]{3}\.example\.com"),
        ("anna_lee@acme.com", r"[a-z]+_[a-z]+\.[a-z2-7]{16}@.*"),
        ("@", r"[a-z2-7]{16}@.*\.example\.com"),
        ("N/A", r"[A-Z]\.[A-Z]\.[A-Z2-7]{16}"),
        ("not known yet", r"[a-z]+\.[a-z]+\.[a-z]+\.[a-z2-7]{16}"),
        ("Anna Lee <anna.lee@acme.com>", r"[a-z.]+\.[a-z2-7]{16}@.*\.example\.com"),
        ("王小明@acme.cn", r"[a-z2-7]{16}@.*\.example\.com"),
    ],
)
def test_shapes(value, pattern):
    (made,) = masked([value])
    assert re.fullmatch(pattern, made)


def test_a_desk_beside_a_name_is_a_name():
    (made,) = masked(["ana.sales@acme.com"])
    assert "sales" not in made


def test_blank_values_and_null_stay():
    assert masked(["", "  ", None]) == ["", "  ", None]
    assert masked([]) == []
    assert masked([None]) == [None]


def test_what_is_no_address_is_masked_and_counted():
    found = mask(["anna@acme.com", "SKING", "n a", "12-3", "a@b@c", "", None])
    assert found.unparsed == 3
    assert dict(found.shapes) == {"L L": 1, "NN-N": 1, "L@L@L": 1}


def test_one_domain_gets_one_fake_whatever_its_case():
    hosts = {each.split("@")[1] for each in masked(["a@acme.com", "b@ACME.com", "c@Acme.COM"])}
    assert len(hosts) == 1
    others = {each.split("@")[1] for each in masked([f"a@acme{n}.com" for n in range(200)])}
    assert len(others) == 200


def test_an_address_is_exact():
    lower, upper = masked(["anna@acme.com", "Anna@acme.com"])
    assert lower != upper
    assert len(set(masked(["anna@acme.com", "ANNA@ACME.COM"], case_insensitive=True))) == 2
    first, second = masked(["anna@acme.com", "ANNA@ACME.COM"], case_insensitive=True)
    assert first.split(".")[1][:16] == second.split("@")[0].split(".")[1].lower()


def test_sink_takes_all_mail():
    made = masked(["anna@acme.com", "bob@other.org", "SKING"], sink="mail.shop.test")
    assert [each.partition("@")[2] for each in made] == ["mail.shop.test", "mail.shop.test", ""]


def test_short_suffix_promises_less():
    (made,) = masked(["anna@acme.com"], suffix="short")
    assert re.fullmatch(r"[a-z]+\.[a-z2-7]{4}@.*", made)
    assert Email().promises().uniqueness is Uniqueness.KEYED
    assert Email(suffix="short").promises().uniqueness is Uniqueness.NONE


@pytest.mark.parametrize(
    ("length", "params", "fits"),
    [
        (None, {}, True),
        (16, {}, True),
        (15, {}, False),
        (4, {"suffix": "short"}, True),
        (3, {"suffix": "short"}, False),
    ],
)
def test_too_short_a_column_is_found(length, params, fits):
    assert (Email(**params).check(Site(length=length)) == ()) is fits


@pytest.mark.parametrize("sink", ["nohost", "a b.test", "-a.test", "@a.test", ""])
def test_a_sink_is_a_domain(sink):
    (wrong,) = Email(sink=sink).check(Site())
    assert "sink" in wrong


@pytest.mark.parametrize("length", [16, 17, 20, 25, 27, 28, 30, 40, 50, 60, 254])
def test_the_suffix_is_never_cut(length):
    values = [
        "a@b.c",
        "SKING",
        "maximiliane.von.und.zu.hohenstein@x.de",
        "anna@a.de",
        "sales@b.org",
        "王@b.org",
    ]
    for value, made in zip(values, masked(values, length=length), strict=True):
        local, at, host = made.partition("@")
        assert len(made) <= length
        assert SUFFIX.search(local.lower())
        assert bool(at) == ("@" in value and length >= 28)
        assert not at or host.endswith(".example") or ".example." in host


def test_the_domain_gives_way_before_the_name():
    (made,) = masked(["anna.schmidt@acme.com"])
    names, length = made.split("@")[0], len(made)
    shorter, shortest = (
        masked(["anna.schmidt@acme.com"], length=n)[0] for n in (length - 1, length - 12)
    )
    assert shorter.split("@")[0] == names
    assert len(shorter.split("@")[1]) == len("abc.example")
    assert shortest.endswith(".example")


def test_a_local_part_stays_within_64_characters():
    (made,) = masked(["-".join(["maximiliane"] * 20) + "@acme.com"])
    assert len(made.split("@")[0]) <= 64


def test_usual_addresses_do_not_collide():
    values = [f"user{n}@acme.com" for n in range(50_000)]
    assert pl.Series(masked(values)).n_unique() == len(values)
    assert pl.Series(masked(values, length=16)).n_unique() == len(values)


locals_ = st.text("abcxyzABC._-+'0129äß王Ж", min_size=1, max_size=20)
hosts = st.sampled_from(["acme.com", "ACME.com", "x.org", "ex.co.uk", "localhost", ""])
addresses = st.builds(lambda a, b: f"{a}@{b}" if b else a, locals_, hosts)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(
    st.lists(addresses | texts | st.none(), max_size=30),
    st.sampled_from([None, 16, 25, 28, 40]),
    st.sampled_from(["full", "short"]),
    st.randoms(),
)
def test_addresses_fit_differ_and_know_no_neighbours(values, length, suffix, random):
    options = {"length": length, "suffix": suffix}
    values = [value if value is None or length is None else value[:length] for value in values]
    made = masked(values, **options)
    for value, fake in zip(values, made, strict=True):
        assert (fake is None) == (value is None)
        if value is not None and value.strip():
            assert fake.lower() != value.lower()
            assert length is None or len(fake) <= length
            assert fake.isascii()
    picks = random.choices(range(len(values)), k=len(values)) if values else []
    assert masked([values[i] for i in picks], **options) == [made[i] for i in picks]
