"""What of the source is found in the target, counted by SQL and apart from masker's own audit."""

import re
from dataclasses import dataclass

import psycopg
import pytest

from masker.transformers.numbering import RESERVES
from tests.pipelines.refreshes import BY_CHANCE, Refreshed, cells, one, tail


@dataclass(frozen=True)
class Place:
    """A masked column, and the columns by which its rows are found again on the other side."""

    table: str
    column: str
    key: str


def places(key: str, table: str, *columns: str) -> tuple[Place, ...]:
    return tuple(Place(table, column, key) for column in columns)


EMAILS = {
    "pagila": [*places("customer_id", "customer", "email"), *places("staff_id", "staff", "email")],
    "hr": places("employee_id", "employees", "email"),
    "chinook": [
        *places("customer_id", "customer", "email"),
        *places("employee_id", "employee", "email"),
    ],
    "shop": [
        *places("id", "shop.customers", "email"),
        *places("id", "hr.employees", "email"),
        *places("id", "crm.contacts", "email"),
    ],
}
STREETS = {
    "pagila": places("address_id", "address", "address", "address2"),
    "hr": places("location_id", "locations", "street_address"),
    "chinook": [
        *places("customer_id", "customer", "address"),
        *places("employee_id", "employee", "address"),
        *places("invoice_id", "invoice", "billing_address"),
    ],
    "shop": places("id", "shop.addresses", "street"),
}
NUMBERS = {
    "cards": places("id", "shop.payments", "card_number"),
    "IBANs": [*places("id", "shop.payments", "iban"), *places("id", "hr.employees", "iban")],
}
PHONES = {
    "pagila": places("address_id", "address", "phone"),
    "hr": places("employee_id", "employees", "phone_number"),
    "chinook": [
        *places("customer_id", "customer", "phone", "fax"),
        *places("employee_id", "employee", "phone", "fax"),
    ],
    "shop": [
        *places("id", "shop.customers", "phone"),
        *places("id", "hr.employees", "phone"),
        *places("id", "crm.contacts", "phone"),
    ],
}
ADDRESS = r"[[:alnum:]._%+-]+@[[:alnum:]-]+[.][[:alnum:].-]*[[:alnum:]]"
# Source numbers that are nobody's already: 555-01xx of North America; the United Kingdom's drama
# numbers in hr carry no plus sign, so nobody can tell them from others of twelve digits.
FICTIONAL = "^1?[2-9][0-9]{2}55501[0-9]{2}$"


def values(found) -> str:
    """Return a query for the distinct values of places, all blanks apart."""
    return " UNION ".join(
        f"SELECT {place.column}::text AS v FROM {place.table} WHERE btrim({place.column}) <> ''"
        for place in found
    )


def test_no_whole_email(refreshed: Refreshed):
    listed = values(EMAILS[refreshed.name])
    with refreshed.both(source_emails=listed) as target:
        assert one(target, "SELECT count(*) FROM source_emails") > 10
        target.execute(f"CREATE TEMP TABLE cells AS {cells(target)}")
        whole = "SELECT count(*) FROM cells JOIN source_emails s ON lower(cells.v) = lower(s.v)"
        assert one(target, whole) == 0


def test_no_email_inside_a_text(refreshed: Refreshed):
    """Also those that stand in texts and JSON of the source, and nowhere else."""
    with refreshed.both() as target:
        everything = cells(target)
    inside = (
        "SELECT DISTINCT lower(m[1]) AS v "
        f"FROM ({everything}) c, regexp_matches(c.v, '{ADDRESS}', 'g') m"
    )
    with refreshed.both(source_emails=inside) as target:
        if refreshed.name != "hr":  # it has local parts only
            assert one(target, "SELECT count(*) FROM source_emails") > 50
        found = f"SELECT count(*) FROM ({inside}) t JOIN source_emails s USING (v)"
        assert one(target, found) == 0


def test_no_whole_street(refreshed: Refreshed):
    with refreshed.both(source_streets=values(STREETS[refreshed.name])) as target:
        assert one(target, "SELECT count(*) FROM source_streets") > 10
        target.execute(f"CREATE TEMP TABLE cells AS {cells(target)}")
        found = """SELECT count(*) FROM (SELECT DISTINCT lower(v) AS v FROM cells) c
                     JOIN source_streets s ON strpos(c.v, lower(s.v)) > 0"""
        assert one(target, found) == 0


@pytest.mark.parametrize("kind", NUMBERS)
def test_no_whole_card_or_iban(refreshed_of, kind):
    """However they are punctuated, wherever they stand."""
    bare = "regexp_replace(upper(v), '[^A-Z0-9]', '', 'g')"
    numbers = f"SELECT DISTINCT {bare} AS v FROM ({values(NUMBERS[kind])}) n"
    with refreshed_of("shop").both(source_numbers=numbers) as target:
        assert one(target, "SELECT count(*) FROM source_numbers WHERE length(v) > 11") > 50
        target.execute(f"CREATE TEMP TABLE cells AS SELECT {bare} AS v FROM ({cells(target)}) c")
        found = "SELECT count(*) FROM cells c JOIN source_numbers s ON strpos(c.v, s.v) > 0"
        assert one(target, found) == 0


def digits(column: str) -> str:
    return f"regexp_replace({column}, '[^0-9]', '', 'g')"


@pytest.mark.parametrize("name", PHONES)
def test_no_phone_but_by_chance_inside_a_range_made_for_fiction(refreshed_of, name):
    every = " UNION ALL ".join(
        f"SELECT '{place.table}.{place.column}' AS place, {place.key}::text AS key, "
        f"{digits(place.column)} AS v FROM {place.table} WHERE {place.column} ~ '[0-9]'"
        for place in PHONES[name]
    )
    with refreshed_of(name).both(source_phones=every) as target:
        target.execute(f"CREATE TEMP TABLE target_phones AS {every}")
        rows = one(target, "SELECT count(*) FROM target_phones")
        assert rows > 50
        own = "SELECT count(*) FROM target_phones JOIN source_phones USING (place, key, v)"
        assert one(target, own) == 0
        found = f"""SELECT count(*) FROM target_phones
                     WHERE v IN (SELECT v FROM source_phones WHERE (v ~ '{FICTIONAL}') = %s)"""
        assert one(target, found % "false") == 0
        fictional = one(
            target, f"SELECT count(DISTINCT v) FROM source_phones WHERE v ~ '{FICTIONAL}'"
        )
        if name == "hr":
            assert fictional == 72
        reserve = sum(len(block) for block in RESERVES["US"].blocks)
        assert tail(one(target, found % "true"), rows * fictional / reserve) > BY_CHANCE


@pytest.mark.parametrize("name", PHONES)
def test_no_phone_inside_a_text(refreshed_of, name):
    """However it is punctuated, wherever it stands; only a number that is nobody's may recur."""
    listed = " UNION ".join(
        f"SELECT {digits(place.column)} AS v FROM {place.table}" for place in PHONES[name]
    )
    phones = f"SELECT v FROM ({listed}) p WHERE length(v) >= 7 AND v !~ '{FICTIONAL}'"
    refreshed = refreshed_of(name)
    with psycopg.connect(refreshed.source) as source:
        every = one(source, f"SELECT count(*) FROM ({phones}) p")
        stand = f"SELECT count(*) FROM ({phones}) p JOIN ({numbers_in(cells(source))}) c USING (v)"
        assert one(source, stand) > 0.9 * every > 20  # the search finds what is there to be found
    with refreshed.both(source_phones=phones) as target:
        found = f"SELECT count(*) FROM ({numbers_in(cells(target))}) c JOIN source_phones USING (v)"
        assert one(target, found) == 0


def numbers_in(texts: str) -> str:
    """Return a query for the digits of everything in texts that is written as a phone may be."""
    return (
        f"SELECT DISTINCT {digits('m[1]')} AS v "
        f"FROM ({texts}) c, regexp_matches(c.v, '([+(]?[0-9][0-9 ()./-]{{5,}}[0-9])', 'g') m"
    )


def test_the_reserve_is_that_of_fiction():
    """What the mean above is computed from."""
    for block in RESERVES["US"].blocks:
        assert re.fullmatch(FICTIONAL, f"{block.prefix}{block.first:0{block.width}}")


def test_what_the_places_name_is_all_there_is(refreshed_of):
    """Every column that was masked as one of these kinds is counted above."""
    counted = {"email": EMAILS, "street": STREETS, "phone": PHONES}
    for name in EMAILS:
        run = refreshed_of(name).run
        named = {
            f"{place.table}.{place.column}".removeprefix("public.")
            for kind in counted.values()
            for place in kind[name]
        }
        followed = {  # the columns that follow a key, or whose key is masked
            "crm.campaign_recipients.email", "shop.shipments.recipient_phone",
            "shop.companies.phone",
        }  # fmt: skip
        masked = {
            f"{step.table}.{column.name}".removeprefix("public.")
            for step in run.plan.steps
            for column in step.columns
            if column.use in counted and step.treatment.value == "load"
        }
        assert masked - named <= followed
