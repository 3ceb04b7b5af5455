"""The common contract: what every transformer promises holds for every input, whatever it is."""

import dataclasses
import datetime as dt
import ipaddress
import json
import math
import pickle
import re
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.errors import Bug
from masker.keys import Keyring
from masker.transformers import Masked, Scope, Site, Uniqueness, registry
from masker.transformers.params import TYPES
from masker.transformers.registry import is_required

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
OTHER_KEYS = Keyring.parse("10325476fedcba9889abcdef012345678f1c6a2b3d4e5f60718293a4b5c6d7e8")


@dataclass(frozen=True)
class Case:
    """One transformer under some parameters on some kind of column.

    `samples` are plausible values, all different; `valid` tells what the kind takes. Free text is
    mixed in where the column is text. `lengths` are limits under which `check` finds no fault.
    """

    use: str
    samples: tuple[str, ...]
    params: Mapping[str, object] = field(default_factory=dict)
    kind: Kind = Kind.TEXT
    base: str = "text"
    lengths: tuple[int, ...] = ()
    site: Mapping[str, object] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    valid: Callable[[str], object] | None = None
    keyed: bool = True  # whether another key gives other values
    free: bool = True  # whether any text may stand in the column

    @property
    def transformer(self):
        return registry.build(self.use, self.params)

    def at(self, length=None, **changed):
        facts = {"table": "t", "column": "c", "locale": "en_US", **self.site, **changed}
        return Site(kind=self.kind, base=self.base, length=length, **facts)

    def apply(self, values, *, keys=KEYS, length=None, **changed) -> Masked:
        others = {
            name: pl.Series([pattern.format(len(value or "")) for value in values], dtype=pl.String)
            for name, pattern in self.others.items()
        }
        return self.transformer.apply(
            pl.Series("c", values, dtype=pl.String),
            site=self.at(length, **changed),
            keys=keys,
            others=others,
        )

    def __str__(self):
        params = ",".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.use}-{self.kind}" + (f"-{params}" if params and len(params) < 40 else "-…")


def is_date(text):
    plain = re.sub(r"[ T].*", "", text)
    return text in {"infinity", "-infinity"} or dt.date.fromisoformat(plain)


def is_json(text):
    json.loads(text)
    return True


def is_network(text):
    return ipaddress.ip_interface(text)


NAMES = ("Anna Schmidt", "MÜLLER, Jürgen", "Dr. Ludwig van der Berg", "O'Brien", "李 明", "Ng, A.")
WORDS = ("AB-12345", "ab12345", "Straße 7", "x", "0", "12345678901234567890", "Ωμέγα", "Жук 5")
NUMBERS = ("1", "7", "42", "1000000", "16383", "123", "99")
PHONES = (
    "(415) 867-5309",
    "+1 415 867 5309",
    "+1 416 555 0199",
    "+49 (0)30 1234567",
    "+49 171 1234567",
    "01134960123",
    "+44 7700 900461",
    "+33 6 12 34 56 78",
    "+43 1 58858-0",
    "867-5309",
    "515.123.4567 x12",
    "011.44.1344.429268",
    "635297277345",
)
DATES = ("2020-02-29", "1999-12-31", "1900-01-01", "2024-07-01", "infinity", "-infinity")
MOMENTS = tuple(f"{date} 23:59:59.5" for date in DATES[:4]) + DATES[4:]
UUIDS = tuple(str(uuid.UUID(int=n * 0x1234_5678_9ABC_DEF0_1357 % 2**128)) for n in range(1, 6))
ADDRESSES = ("1.2.3.4", "10.0.0.1", "192.168.0.255", "2001:db8::1", "::ffff:9.8.7.6", "127.0.0.1")
EMAILS = ("anna.schmidt@firma.de", "a.b@x.org", "SKING", "jo@sub.example.co.uk", "no at all")
CARDS = ("4111 1111 1111 1111", "5500-0055-5555-5559", "378282246310005", "4111111111111112")
IBANS = (
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "IT60X0542811101000000123456",
    "ES9121000418450200051332",
    "BE68539007547034",
    "XX00123456789012345",
)
NATIONAL = {
    "us_ssn": ("536-90-4399", "123456789", "000-12-3456", "666 12 3456"),
    "ca_sin": ("123-456-782", "046454286", "123456789"),
    "gb_nino": ("AB123456C", "qq 12 34 56 a", "AB123456Z"),
    "gb_nhs": ("943 476 5919", "4010232137", "9434765918"),
    "de_idnr": ("36 574 261 809", "12345678901", "00000000000"),
    "nl_bsn": ("111222333", "123456782", "000000000"),
    "es_dni": ("12345678Z", "54362315-K", "12345678I"),
    "es_nie": ("X2482300W", "Y1234567X", "A1234567X"),
    "ch_ahv": ("756.9217.0769.85", "7561234567897", "1234567890123"),
    "br_cpf": ("390.533.447-05", "23100299900", "11111111111"),
}
DOCUMENTS = (
    '{"name": "Anna Schmidt", "items": [{"ip": "1.2.3.4"}, {"ip": "1.2.3.5"}], "n": 12}',
    '{"phone": "+1 415 867 5309", "kept": {"a": [1, 2.50]}, "odd": true}',
    '["Anna", null, -1.5e3, "ü\\n\\u0001"]',
    "{}",
    '"text"',
)
PATHS = {"$.name": "full_name", "$..ip": "ip", "$.phone": "phone", "$.kept": "keep"}
HASHES = ("5f4dcc3b5aa765d61d8327deb882cf99", "$2b$10$" + "a" * 53, "{SSHA}xyz", "hunter2")
LETTERS = (
    "Anna Schmidt rief an: +49 30 1234567, anna.schmidt@firma.de.\n<b>Danke!</b>",
    "Ask Mr. Kowalczewski (card 4111 1111 1111 1111, 84.12.3.4)\r\n\tor https://x.example/anna",
    "nobody is named here",
    "IBAN FR1420041010050500013M02606 de M. Dupont, 12 rue de la Paix",
)
TEXTS = ("Please call Anna back.", "ok", "Line one\nline two", "A" * 300)

CASES = (
    Case("alphanumeric", WORDS, lengths=(1, 20)),
    Case("card", CARDS, lengths=(19,)),
    Case("card", CARDS, {"range": "format"}, lengths=(19,)),
    Case("city", ("Berlin", "NEW YORK", "Saint-Étienne"), lengths=(40,)),
    Case("company", ("Smith & Sons", "ACME Inc.", "Müller GmbH"), lengths=(80,)),
    Case("constant", WORDS, {"value": "x"}, lengths=(1,), keyed=False),
    Case(
        "constant",
        NUMBERS,
        {"value": 5},
        kind=Kind.INTEGER,
        base="int2",
        valid=int,
        keyed=False,
        free=False,
    ),
    Case("digits", WORDS, lengths=(1, 20)),
    Case("email", EMAILS, lengths=(60,)),
    Case("email", EMAILS, {"suffix": "short"}, lengths=(60,)),
    Case("fake", WORDS, {"provider": "job"}, lengths=(100,)),
    Case("fake_text", TEXTS, lengths=(40, 400)),
    Case("first_name", ("Anna", "JÜRGEN", "Marie-Luise", "J."), lengths=(30,)),
    Case("free_text", LETTERS, lengths=(40, 400)),
    Case("free_text", LETTERS, {"strict": False, "entities": ["PERSON", "EMAIL_ADDRESS"]}),
    Case("full_name", NAMES, lengths=(60,)),
    Case("iban", IBANS, lengths=(27,)),
    Case("iban", IBANS, {"range": "format"}, lengths=(27,)),
    Case("integer", NUMBERS, kind=Kind.INTEGER, base="int4", valid=int, free=False),
    Case(
        "integer",
        ("1", "7", "42", "16383", "123", "99"),
        kind=Kind.INTEGER,
        base="int2",
        valid=int,
        free=False,
    ),
    Case(
        "integer",
        NUMBERS,
        {"type": "int8"},
        kind=Kind.DECIMAL,
        base="numeric",
        valid=int,
        free=False,
    ),
    Case("ip", ADDRESSES, lengths=(15, 50)),
    Case("ip", ADDRESSES, kind=Kind.INET, base="inet", valid=is_network, free=False),
    Case(
        "ip",
        ("10.0.0.0/8", "1.2.3.0/24", "2001:db8::/32"),
        kind=Kind.INET,
        base="cidr",
        valid=ipaddress.ip_network,
        free=False,
    ),
    Case(
        "json", DOCUMENTS, {"paths": PATHS}, kind=Kind.JSON, base="jsonb", valid=is_json, free=False
    ),
    Case("json", DOCUMENTS, {"paths": {}, "unknown": "redact"}, keyed=False),
    Case("json", DOCUMENTS, {"paths": {"$": "token"}, "unknown": "null"}),
    Case("last_name", ("Schmidt", "VAN DER BERG", "O'Brien"), lengths=(30,)),
    Case("null", WORDS, lengths=(1,), keyed=False),
    Case("null", DATES, kind=Kind.DATE, base="date", keyed=False, free=False),
    Case("password_hash", HASHES, lengths=(40, 255), keyed=False),
    Case("phone", PHONES, lengths=(10, 20)),
    Case("phone", PHONES, site={"countries": ("DE", "AT")}, lengths=(20,)),
    Case("phone", PHONES, {"range": "valid"}, lengths=(20,)),
    Case("phone", PHONES, {"range": "format"}, lengths=(20,)),
    Case("postcode", ("12345", "SW1A 1AA", "00100", "1010"), lengths=(10,)),
    Case("recompute", WORDS, keyed=False),
    Case("redact", WORDS, lengths=(3, 20), keyed=False),
    Case("redact", DATES, kind=Kind.DATE, base="date", valid=is_date, keyed=False, free=False),
    Case(
        "redact",
        ("low", "high"),
        kind=Kind.ENUM,
        base="level",
        site={"labels": ("low", "high")},
        keyed=False,
        free=False,
    ),
    Case("scramble", WORDS, lengths=(1, 20)),
    Case("scramble", NUMBERS, kind=Kind.INTEGER, base="int4", valid=int, free=False),
    Case(
        "scramble",
        ("0.50", "12.00", "-3.25", "99.99", "NaN", "0.00"),
        kind=Kind.DECIMAL,
        base="numeric",
        site={"precision": 4, "scale": 2},
        valid=float,
        free=False,
    ),
    Case(
        "scramble",
        ("low", "high", "none"),
        kind=Kind.ENUM,
        base="level",
        site={"labels": ("low", "high", "none", "all")},
        valid={"low", "high", "none", "all"}.__contains__,
        free=False,
    ),
    Case("shift_date", DATES, lengths=(10,)),
    Case("shift_date", DATES, kind=Kind.DATE, base="date", valid=is_date, free=False),
    Case(
        "shift_date",
        MOMENTS,
        {"per": "who", "within": "1y"},
        kind=Kind.TIMESTAMP,
        base="timestamp",
        others={"who": "{}"},
        valid=is_date,
        free=False,
    ),
    Case("street", ("Main Street 5", "12 rue de la Paix", "Ringstraße"), lengths=(60,)),
    Case("token", WORDS, lengths=(20,)),
    Case("token", WORDS, {"length": 8, "prefix": "t_"}, lengths=(10,)),
    Case("username", ("anna84", "a.schmidt", "ADMIN"), lengths=(40,)),
    Case("username", ("anna84", "a.schmidt", "ADMIN"), {"suffix": "none"}, lengths=(40,)),
    Case("uuid", UUIDS, kind=Kind.UUID, base="uuid", valid=uuid.UUID, free=False),
    Case("uuid", (*UUIDS, UUIDS[0].upper(), "0" * 32), lengths=(36,)),
    *(
        Case("national_id", samples, {"number": number, "range": "format"}, lengths=(20,))
        for number, samples in NATIONAL.items()
    ),
    *(
        Case("national_id", NATIONAL[number], {"number": number}, lengths=(20,))
        for number in ("us_ssn", "gb_nino", "gb_nhs")
    ),
)

ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
SHORT = st.text(string.ascii_letters + string.digits + " -.+äÖ", max_size=8)
AWKWARD = st.sampled_from(
    ["", " ", "\t\n", "???", "N/A", "🙂", "e\u0301", "\ufeff", "Ａ１", "x" * 400]
)


def values_of(case: Case):
    samples = st.sampled_from(case.samples)
    texts = st.one_of(samples, samples, SHORT, ANY, AWKWARD) if case.free else samples
    return st.lists(st.one_of(st.none(), texts, texts, texts), min_size=1, max_size=10)


def test_every_transformer_has_a_case():
    assert {case.use for case in CASES} == set(registry.names())


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_contract(case: Case, data):
    transformer = case.transformer
    if case.use == "recompute":
        with pytest.raises(Bug):
            case.apply(["x"])
        return
    length = data.draw(st.sampled_from((None, *case.lengths)))
    assert transformer.check(case.at(length)) == ()
    values = data.draw(values_of(case))
    values = [v if v is None or length is None else v[:length] for v in values]
    source = pl.Series("c", values, dtype=pl.String)

    masked = case.apply(values, length=length)

    made = masked.values
    assert made.name == "c"
    assert made.dtype == pl.String
    assert len(made) == len(values)
    promises = transformer.promises()
    if case.use == "null":
        assert made.null_count() == len(values)
    elif promises.keeps_null:
        assert made.is_null().to_list() == source.is_null().to_list()
    _depends_on_the_value_alone(case, values, made, length, data)
    _keeps_its_promises(case, values, made.to_list())
    if length is not None:
        assert made.str.len_chars().max() is None or made.str.len_chars().max() <= length
    if case.valid is not None:
        assert all(case.valid(value) for value in made.drop_nulls())
    assert 0 <= masked.unparsed <= len(values)
    assert sum(masked.shapes.values()) == masked.unparsed or case.kind is Kind.JSON
    assert math.isfinite(masked.chance)
    assert 0 <= masked.chance <= len(values) + 1e-9


def _depends_on_the_value_alone(case, values, made, length, data):
    """Repeat, reorder, split and double the rows: nothing changes."""
    again = pl.Series("c", values, dtype=pl.String)
    assert case.apply(values, length=length).values.equals(made, null_equal=True)
    order = data.draw(st.permutations(range(len(values))))
    moved = case.apply([values[i] for i in order], length=length).values
    assert moved.to_list() == [made[i] for i in order]
    cut = data.draw(st.integers(0, len(values)))
    parts = [case.apply(part, length=length).values for part in (values[:cut], values[cut:])]
    assert pl.concat(parts).to_list() == made.to_list()
    assert case.apply(values * 2, length=length).values.to_list() == made.to_list() * 2
    assert again.to_list() == values


def _keeps_its_promises(case, values, made):
    promises = case.transformer.promises()
    pairs = [(v, m) for v, m in zip(values, made, strict=True) if v is not None]
    if promises.keeps_length and case.kind is Kind.TEXT:
        assert all(len(v) == len(m) for v, m in pairs)
    if promises.uniqueness is not Uniqueness.NONE:
        assert len({m for _, m in pairs}) == len({v for v, _ in pairs})
    if promises.data_free:
        assert len({m for _, m in pairs}) <= 1
    if promises.never_equal:
        assert [v for v, m in pairs if v == m and v.strip()] == []


@pytest.mark.parametrize("case", [c for c in CASES if c.keyed], ids=str)
def test_another_key_gives_other_values(case: Case):
    samples = list(case.samples)
    here, there = case.apply(samples), case.apply(samples, keys=OTHER_KEYS)
    assert here.values.to_list() != there.values.to_list()


@pytest.mark.parametrize("case", [c for c in CASES if c.use != "recompute"], ids=str)
def test_the_input_is_left_as_it_was(case: Case):
    values = pl.Series("c", [*case.samples, None], dtype=pl.String)
    others = {name: values.clone() for name in case.others}
    case.transformer.apply(values, site=case.at(), keys=KEYS, others=others)
    assert values.to_list() == [*case.samples, None]


@pytest.mark.parametrize("case", [c for c in CASES if c.use != "recompute"], ids=str)
def test_names_of_table_and_column_do_not_enter(case: Case):
    samples = list(case.samples)
    here = case.apply(samples).values.to_list()
    assert case.apply(samples, table="elsewhere", column="other").values.to_list() == here


@pytest.mark.parametrize("case", [c for c in CASES if c.use != "recompute"], ids=str)
@pytest.mark.parametrize("values", [[], [None], [None, None]], ids=["empty", "null", "nulls"])
def test_nothing_to_mask(case: Case, values):
    masked = case.apply(values)
    assert masked.values.to_list() == values
    assert masked.values.dtype == pl.String
    assert masked.chance == 0
    assert masked.unparsed == 0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_travels_and_prints_the_same(case: Case):
    transformer = case.transformer
    assert pickle.loads(pickle.dumps(transformer)) == transformer
    assert repr(pickle.loads(pickle.dumps(transformer))) == repr(transformer)
    assert not re.search(r"0x[0-9a-f]{6}", repr(transformer))
    json.dumps(registry.describe(type(transformer)))
    if case.others:
        assert transformer.scope is Scope.ROW
        assert set(transformer.needs()) == set(case.others)
    else:
        assert transformer.needs() == ()


@pytest.mark.parametrize("name", registry.names())
def test_it_describes_itself(name):
    kind = registry.get(name)
    assert kind.name == name
    assert kind.sentence.endswith(".")
    assert kind.kinds
    fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
    assert {param.name for param in kind.params} == set(fields)
    for param in kind.params:
        assert param.type in TYPES
        assert param.meaning
        if not is_required(kind, param):
            assert fields[param.name].default == param.default


def test_no_value_in_an_error():
    case = next(c for c in CASES if c.use == "integer")
    for value in ("999999999999999", "-77", "1.5"):
        with pytest.raises(Exception, match="1 values of `c`") as failure:
            case.apply([value])
        assert value not in str(failure.value)
        assert failure.value.__cause__ is None
