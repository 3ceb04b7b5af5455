"""Ip: prefixes stay equal, special ranges stay special, text is canonical."""

import ipaddress
import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.transformers.addresses import is_v6, read_v6, v6_text

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


def common(one, other):
    a, b = ipaddress.ip_address(one), ipaddress.ip_address(other)
    return a.max_prefixlen - (int(a) ^ int(b)).bit_length()


@given(st.one_of(st.tuples(V4, V4), st.tuples(V6, V6)))
def test_a_common_prefix_stays_as_long_as_it_was(mask, pair):
    made = mask("ip", list(pair), kind=Kind.INET, base="inet").values
    assert common(*made) == common(*pair)


@given(st.lists(st.one_of(V4, V6), unique=True, max_size=20))
def test_addresses_are_mapped_one_to_one(mask, addresses):
    made = mask("ip", addresses, kind=Kind.INET, base="inet").values
    assert made.n_unique() == len(addresses)


RANGES = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "224.0.0.0/3", "2000::/3", "fc00::/7", "fe80::/10", "ff00::/8", "::1/128",
    "::/128", "64:ff9b::/96",
]  # fmt: skip


@pytest.mark.parametrize("network", RANGES)
def test_special_ranges_are_mapped_onto_themselves(mask, network):
    inside = ipaddress.ip_network(network)
    draw = random.Random(3)
    size = inside.num_addresses
    texts = [str(inside[draw.randrange(size)]) for _ in range(20)]
    assert all(ipaddress.ip_address(m) in inside for m in mask("ip", texts).values)


@given(st.lists(st.one_of(V4, V6), max_size=20))
def test_nothing_else_becomes_special(mask, addresses):
    networks = [ipaddress.ip_network(network) for network in RANGES]

    def ranges(text):
        address = ipaddress.ip_address(text)
        return [n for n in networks if n.version == address.version and address in n]

    for old, new in zip(addresses, mask("ip", addresses).values, strict=True):
        assert ranges(old) == ranges(new)


@pytest.mark.parametrize(
    ("value", "base", "ending"),
    [
        ("10.1.2.3/16", "inet", "/16"),
        ("10.1.0.0/16", "cidr", ".0.0/16"),
        ("2001:db8::/32", "cidr", "::/32"),
        ("2001:db8::1/64", "inet", "/64"),
    ],
)
def test_masks_stay(mask, value, base, ending):
    made = mask("ip", [value], kind=Kind.INET, base=base).values.item()
    assert made.endswith(ending)
    assert made != value
    if base == "cidr":
        ipaddress.ip_network(made)


def test_an_embedded_address_is_masked_as_itself(mask):
    made = mask("ip", ["9.8.7.6", "::ffff:9.8.7.6"]).values.to_list()
    assert made[1] == f"::ffff:{made[0]}"


def test_spellings_of_one_address_are_one(mask):
    made = mask("ip", ["2001:db8::1", "2001:DB8:0:0:0:0:0:1"]).values
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "value", ["999.1.1.1", "1.2.3", "1.2.3.4/33", "1:2", "fe80::1%eth0", "::1::", "N/A", "01.2.3.4"]
)
def test_what_is_no_address(mask, value):
    masked = mask("ip", [value])
    assert masked.values.item() != value
    assert masked.unparsed == 1


def test_an_address_that_does_not_fit_is_scrambled(mask):
    masked = mask("ip", ["fe80::1"], length=15)
    assert len(masked.values.item()) <= 15
    assert masked.unparsed == 1


@given(V6)
def test_text_is_canonical(text):
    values = pl.Series([text])
    assert is_v6(values).item()
    octets = read_v6(values)
    assert octets.tobytes() == ipaddress.ip_address(text).packed
    if not text.startswith("::ffff:"):
        assert v6_text(octets).item() == str(ipaddress.ip_address(text))


@given(st.text("0123456789abcdef:.g", max_size=20))
def test_what_counts_as_an_address_is_what_python_says(text):
    try:
        ipaddress.IPv6Address(text)
        good = "." not in text
    except ValueError:
        good = False
    assert is_v6(pl.Series([text])).item() == good


def test_chance_counts_what_cannot_move(mask):
    assert mask("ip", ["::1", "::"]).chance == 2
    assert mask("ip", ["8.8.8.8"]).chance < 2**-20
