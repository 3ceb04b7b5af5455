"""The detectors over kept columns: what they tell, and that they tell no value."""

import random

import polars as pl
import pytest

from masker.audit.second_look import SecondLook
from masker.catalog import Column, Kind, TableName, Type
from masker.findings import Findings, Severity
from masker.plan.model import ColumnPlan
from masker.rules.policy import Ruling
from tests.audit.audit_world import World

TABLE = TableName("public", "orders")
BY_PACK = "rule `rest` of `base`"
BY_HAND = "`orders.remark` of the pipeline"
RNG = random.Random(7)


def look(values, *, kind=Kind.TEXT, reason=BY_PACK, batches=1):
    column = Column(name="remark", type=Type(name=kind.value, base="text", kind=kind))
    plan = ColumnPlan(column=column, ruling=Ruling.KEEP, use="keep", reason=reason)
    second = SecondLook(World({}).plan())
    series = pl.Series(values, dtype=pl.String)
    size = -(-len(values) // batches)
    for start in range(0, len(values), size):
        second.see((TABLE, "remark"), plan, series.slice(start, size))
    return list(second.findings())


PLAIN = [f"order {n} sent on 2024-01-{n % 28 + 1:02}" for n in range(300)]
FOUND = {
    "an e-mail in a text": [*PLAIN, "ask anna.schmidt@firma.de"],
    "a card": [*PLAIN, "paid with 4111 1111 1111 1111"],
    "an IBAN in JSON": ['{"to": "DE89 3704 0044 0532 0130 00"}'],
    "phones": [f"+49 30 {RNG.randrange(10**6, 10**7)}" for _ in range(50)],
    "a private key": ["-----BEGIN RSA PRIVATE KEY-----\nMIIEow1"],
}
NOT_FOUND = {
    "plain remarks": PLAIN,
    "products": [f"Chair {n} oak, 45x{n} cm" for n in range(100)],
    "nothing": [None, "", " "],
    "versions": [f"v{n}.{n % 7}.{n % 3}" for n in range(100)],
    "one that looks like a phone": [*PLAIN, "867-5309/Jenny (030) 123-4567"],
}


@pytest.mark.parametrize("values", FOUND.values(), ids=FOUND)
def test_personal_data_in_a_kept_column_is_a_warning(values):
    (found,) = look(values, kind=Kind.JSON if values[0].startswith("{") else Kind.TEXT)
    assert (found.code, found.severity) == ("kept-personal", Severity.WARNING)
    assert found.subject == "public.orders.remark"
    assert Findings((found,)).blocking
    assert not Findings((found,)).accept(["kept-personal:public.orders.remark"]).blocking
    for value in values:
        assert value not in str(found)


def test_where_a_person_decided_it_is_a_note():
    (found,) = look(FOUND["phones"], reason=BY_HAND)
    assert found.severity is Severity.NOTE
    assert not Findings((found,)).blocking


@pytest.mark.parametrize("values", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_nobodys_tells_nothing(values):
    assert look(values) == []


def test_numbers_are_not_looked_at():
    assert look(["4111111111111111"], kind=Kind.INTEGER) == []


def test_a_sample_is_the_same_however_the_rows_come():
    values = [f"mail {n}: anna{n}@firma.de" for n in range(2000)]
    whole, parted = look(values), look(list(reversed(values)), batches=7)
    assert [f.message for f in whole] == [f.message for f in parted]
    assert "500 of 500 distinct values" in whole[0].message.replace("EMAIL_ADDRESS in ", "")
