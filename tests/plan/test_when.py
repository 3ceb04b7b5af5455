"""Conditions see original values; unknown is no; nonsense is refused without a value."""

import polars as pl
import pytest

from masker.errors import ConfigError
from masker.plan.when import meets

ROWS = {
    "country": pl.Series(["DE", "AT", None, "de"]),
    "kind": pl.Series(["person", "company", "person", "person"]),
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("country = 'DE'", [True, False, False, False]),
        ("country <> 'DE'", [False, True, False, True]),
        ("country is null", [False, False, True, False]),
        ("kind = 'person' and country in ('DE', 'AT')", [True, False, False, False]),
        ("lower(country) = 'de'", [True, False, False, True]),
    ],
)
def test_conditions(condition, expected):
    assert meets(condition, ROWS).to_list() == expected


@pytest.mark.parametrize(
    "condition", ["contry = 'DE'", "country = ", "country", "1 + 1", "select 1"]
)
def test_nonsense_is_refused(condition):
    with pytest.raises(ConfigError) as caught:
        meets(condition, ROWS)
    assert caught.value.code == "bad-when"
