"""Bare names in acceptances mean the one table of that name."""

import pytest

from masker.rules.accept import accepted
from tests.rules.catalogs import catalog, table

SHOP = catalog(
    table("customers", "phone text"),
    table("hr.contacts", "x text"),
    table("crm.contacts", "x text"),
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("live-range:customers.phone", "live-range:public.customers.phone"),
        ("live-range:public.customers.phone", "live-range:public.customers.phone"),
        ("parent-left-out:customers", "parent-left-out:public.customers"),
        ("live-range:contacts.x", "live-range:contacts.x"),
        ("live-range:hr.contacts.x", "live-range:hr.contacts.x"),
        ("live-range:customer.phone", "live-range:customer.phone"),
        ("stale-statistics", "stale-statistics"),
    ],
)
def test_accepted(pipeline_of, written, meant):
    assert accepted(pipeline_of(f"accept: ['{written}']"), SHOP) == (meant,)


def test_what_reading_used_up_is_left_out(pipeline_of):
    pipeline = pipeline_of("key: abc\naccept: ['key-in-file:key']")
    assert accepted(pipeline, SHOP) == ()
