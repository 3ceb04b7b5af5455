import random

import polars as pl
import pytest

from masker.audit.places import Ground
from masker.keys import Keyring
from masker.transformers.base import Site
from masker.transformers.city import City
from masker.transformers.email import Email
from masker.transformers.json import Json
from masker.transformers.permutation import Digits
from masker.transformers.person import FirstName, FullName, LastName
from masker.transformers.phone import Phone
from masker.transformers.street import Street
from tests.audit.audit_world import World, people

SIZE = 20_000
EVERY = 10_000  # one row in so many is spoilt


@pytest.fixture(scope="module")
def source():
    return people(SIZE)


@pytest.fixture(scope="module")
def world(source):
    return World(
        {
            "email": (Email(), source["email"]),
            "phone": (Digits(), source["phone"]),
            "full_name": (FullName(), source["full_name"]),
            "city": (City(), source["city"]),
            "notes": (None, source["notes"]),
        }
    )


def spoilt(kind, *, every=EVERY // 2):
    def tamper(original, masked):
        rows = pl.int_range(masked.len(), eager=True) % every == 7
        other = {
            "identity": original,
            "upper-cased": original.str.to_uppercase(),
            "neighbour": original.shift(1),
        }[kind]
        return pl.select(pl.when(rows).then(other).otherwise(masked)).to_series()

    return tamper


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("email", "neighbour"),
        ("email", "upper-cased"),
        ("phone", "identity"),
        pytest.param("email", "identity", marks=pytest.mark.long),
        pytest.param("phone", "neighbour", marks=pytest.mark.long),
    ],
)
def test_a_transformer_that_lets_some_values_through_is_found(world, column, kind):
    verdict = world.judge(tamper={column: spoilt(kind)})
    assert verdict.leaks == [f"public.people.{column}"]


def test_names_let_through_are_found(world, source):
    def tamper(original, masked):
        rows = pl.int_range(masked.len(), eager=True) % 100 == 7
        return pl.select(pl.when(rows).then(original.shift(3)).otherwise(masked)).to_series()

    assert world.judge(tamper={"full_name": tamper}).leaks == ["public.people.full_name"]


@pytest.mark.parametrize(
    ("ground", "column", "text"),
    [
        (Ground.KEPT, "email", "please write to <{}>, thanks"),
        (Ground.TEXT, "full_name", "Dear {}, we are sorry."),
        (Ground.KEPT, "phone", "call {} now"),
        (Ground.TEXT, "email", "'{}':4 'ask':1"),
    ],
)
def test_a_value_in_a_kept_place_is_found(world, source, ground, column, text):
    check_planted(world, source, ground, column, text)


@pytest.mark.long
@pytest.mark.parametrize(
    ("column", "text"),
    [
        pytest.param("email", "{}", id="whole"),
        pytest.param("email", "please write to <{}>, thanks", id="e-mail-in-a-sentence"),
        pytest.param("email", '{{"a": [{{"b": "{}"}}]}}', id="e-mail-in-json"),
        pytest.param("email", "'{}':4 'ask':1", id="lexeme"),
        pytest.param("full_name", "Dear {}, we are sorry.", id="name-in-a-sentence"),
        pytest.param("phone", "call {} now", id="phone-as-it-was"),
        pytest.param("email", "DEFAULT '{}'::text", id="default"),
    ],
)
@pytest.mark.parametrize("ground", [Ground.KEPT, Ground.TEXT])
def test_one_value_in_any_kept_place_is_found(world, source, column, text, ground):
    check_planted(world, source, ground, column, text)


def check_planted(world, source, ground, column, text):
    texts = pl.Series([*source["notes"][:50], text.format(source[column][123])])
    verdict = world.judge(planted={"elsewhere": texts}, ground=ground)
    assert verdict.leaks == ["elsewhere"]


@pytest.mark.parametrize(
    ("planted", "message"),
    [
        pytest.param(
            {"full_name": [1]},
            "1 source value of `public.people.full_name` is in `elsewhere`",
            id="one",
        ),
        pytest.param(
            {"email": [1], "full_name": [3]},  # the address, and its local part
            "3 source values of `public.people.email` and `public.people.full_name` "
            "are in `elsewhere`",
            id="the-column-with-more-first",
        ),
    ],
)
def test_a_leak_names_the_masked_columns_whose_values_were_found(world, source, planted, message):
    texts = pl.Series([source[name][row] for name, rows in planted.items() for row in rows])
    assert world.judge(planted={"elsewhere": texts}).messages == [message]


def test_a_leak_names_three_columns_and_counts_the_others():
    mails = {f"c{number}": f"anna.{number}@mail.test" for number in range(1, 6)}
    world = World({name: (Email(), [mail]) for name, mail in mails.items()})
    (message,) = world.judge(planted={"elsewhere": pl.Series(list(mails.values()))}).messages
    assert message == (
        "5 source values of `public.people.c1`, `public.people.c2`, `public.people.c3` and "
        "2 more columns are in `elsewhere`"
    )


def test_values_that_are_no_leak_are_not_named(world, source):
    texts = pl.Series([source["email"][1], *source["city"][:50]])
    (message,) = world.judge(planted={"elsewhere": texts}).messages
    assert "city" not in message


def test_a_phone_in_bare_digits_is_found_in_text(world, source):
    digits = "".join(c for c in source["phone"][5] if c.isdigit())
    texts = pl.Series(["nothing", f"tel {digits}.", f"+1-{digits[:3]}-{digits[3:6]}"])
    assert world.judge(planted={"elsewhere": texts}).leaks == ["elsewhere"]


def test_the_local_part_of_an_e_mail_is_found(world, source):
    texts = pl.Series([f"user {source['email'][77].split('@')[0]} logged in"])
    assert world.judge(planted={"elsewhere": texts}).leaks == ["elsewhere"]


def test_fakes_of_the_run_are_no_leak_where_the_target_computes(world, source):
    # What is in both: masked columns hold it too, so it says nothing about the source.
    verdict = world.judge(planted={"view": pl.Series(["Berlin", "no name"])}, ground=Ground.MIXED)
    assert verdict.leaks == []


def test_what_many_share_is_reported_and_fails_nothing(world):
    verdict = world.judge(planted={"tracks": pl.Series(["New York", "Berlin", "Yesterday"])})
    assert verdict.leaks == []
    assert verdict.figures["tracks"].coincident == 2


def test_order_numbers_are_no_phones():
    source = people(SIZE)
    world = World({"phone": (Digits(), source["phone"])})
    orders = pl.Series([f"order {5_550_000_000 + 7 * number}" for number in range(SIZE)])
    assert world.judge(planted={"orders": orders}).leaks == []


def clean(seed):
    source = people(4_000, seed=seed)
    return World(
        {
            "first_name": (FirstName(), source["first_name"]),
            "last_name": (LastName(), source["last_name"]),
            "full_name": (FullName(), source["full_name"]),
            "email": (Email(), source["email"]),
            "phone": (Digits(), source["phone"]),
            "street": (Street(), source["street"]),
            "city": (City(), source["city"]),
            "notes": (None, source["notes"]),
        }
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clean_run_raises_no_alarm(seed):
    assert clean(seed).judge().leaks == []


@pytest.mark.long
def test_twenty_keys_raise_no_alarm():
    world = clean(3)
    alarms = [world.judge(keys=Keyring.ephemeral()).leaks for _ in range(20)]
    assert alarms == [[]] * 20


def test_fakes_whose_source_is_their_own_pool_raise_no_alarm():
    # The source itself came out of Faker's pools, so that most names coincide.
    keys = Keyring.ephemeral()
    source = people(6_000)
    made = {
        name: one.apply(pl.Series(source[name]), site=Site(), keys=keys, others={}).values.to_list()
        for name, one in (("full_name", FullName()), ("first_name", FirstName()))
    }
    many = [
        f"{given} {made['full_name'][number * 7 % 6000].split()[-1]}"
        for number, given in enumerate(made["first_name"])
    ]
    world = World(
        {"full_name": (FullName(), many), "first_name": (FirstName(), made["first_name"])}
    )
    assert world.judge().leaks == []


def numbers(source, made):
    # Valid numbers are made one by one, in Python.
    return source["phone"][:2_000] if made.range == "valid" else source["phone"]


def fictional(count, areas, seed):
    draw = random.Random(seed)
    return [f"({draw.choice(areas)}) 555-01{draw.randrange(100):02d}" for _ in range(count)]


@pytest.mark.parametrize(
    "areas", [["650"], ["415", "650", "515"], [str(n) for n in range(201, 260)]]
)
def test_source_numbers_that_are_fictional_already_raise_no_alarm(areas):
    # Some 100 numbers per area code: most fakes are somebody's, and nobody's.
    mixed = fictional(72, areas, 1) + [f"({n}) 867-5{n}" for n in range(300, 335)]
    world = World({"phone": (Phone(), mixed)})
    for _ in range(3):
        assert world.judge(keys=Keyring.ephemeral()).leaks == []


@pytest.mark.parametrize(
    ("made", "kind", "every"),
    [
        (Phone(range="format"), "identity", EVERY),
        (Phone(range="format"), "neighbour", EVERY),
        (Phone(), "identity", EVERY),
        # Fakes of a small range are source values now and then: more of them are needed.
        (Phone(), "neighbour", 1_000),
        (Phone(range="valid"), "neighbour", 200),
    ],
    ids=str,
)
def test_real_numbers_let_through_are_found(source, made, kind, every):
    world = World({"phone": (made, numbers(source, made))})
    assert world.judge(tamper={"phone": spoilt(kind, every=every)}).leaks == ["public.people.phone"]


@pytest.mark.parametrize("made", [Phone(), Phone(range="format"), Phone(range="valid")], ids=str)
def test_masked_numbers_raise_no_alarm(source, made):
    assert World({"phone": (made, numbers(source, made))}).judge().leaks == []


def test_an_e_mail_let_through_in_a_document_is_found():
    documents = [f'{{"to": ["anna.{n}@mail.test"], "status": "new"}}' for n in range(200)]
    rules = Json(paths={"$.to[*]": "email", "$.status": "keep"})
    world = World({"facts": (rules, documents)})
    assert world.judge().leaks == []

    def tamper(original, masked):
        rows = pl.int_range(masked.len(), eager=True) == 7
        return pl.select(pl.when(rows).then(original.shift(1)).otherwise(masked)).to_series()

    assert world.judge(tamper={"facts": tamper}).leaks == ["public.people.facts"]


@pytest.mark.parametrize(("every", "leaks"), [(2_000, []), (1, ["public.people.facts"])])
def test_a_street_in_a_document_may_be_another_columns_by_chance(every, leaks):
    streets = [f"Hauptstraße {n}" for n in range(1, 2_001)]
    documents = [f'{{"street": "Nebenweg {n}"}}' for n in range(1, 2_001)]
    world = World(
        {"street": (Street(), streets), "facts": (Json(paths={"$.street": "street"}), documents)}
    )
    drawn = pl.Series([f'{{"street": "{street}"}}' for street in streets])

    def tamper(_original, masked):
        rows = pl.int_range(masked.len(), eager=True) % every == 0
        return pl.select(pl.when(rows).then(drawn.head(masked.len())).otherwise(masked)).to_series()

    assert world.judge(tamper={"facts": tamper}).leaks == leaks
