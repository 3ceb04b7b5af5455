"""What is offered in place of a transformer that does not fit takes the column."""

import re

import pytest

from masker.catalog import Kind
from masker.plan.suggest import suggestion
from masker.transformers import registry
from masker.transformers.base import Site


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("nullable", [False, True])
def test_what_is_offered_takes_the_column(kind, nullable):
    site = Site(kind=kind, base=kind.value, nullable=nullable, labels=("a", "b", "c"))
    offered = re.findall(r"`(\w+)`", suggestion(site, instead_of="redact").partition(";")[0])
    assert "constant" in offered
    assert "redact" not in offered
    assert ("null" in offered) <= nullable
    assert all(kind in registry.get(name).kinds for name in offered)


@pytest.mark.parametrize(
    ("site", "first"),
    [
        (Site(kind=Kind.INTEGER, base="int4"), "`integer`, `scramble`, `redact`, `constant`;"),
        (Site(kind=Kind.UUID, base="uuid"), "`uuid`, "),
        (Site(kind=Kind.TEXT), "`constant`, `null`, `redact`, `scramble`;"),
    ],
)
def test_the_nearest_to_the_kind_come_first(site, first):
    assert suggestion(site, instead_of="email").startswith(first)
