"""Remembered fakes are those the transformer gives, whatever the batches."""

import polars as pl
import pytest

from masker.keys import Keyring
from masker.mask.memory import Memory
from masker.plan.model import Branch
from masker.transformers import registry
from masker.transformers.base import Site

KEYS = Keyring.parse("b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928")


def memory(name, **params):
    branch = Branch(transformer=registry.build(name, params), site=Site())
    return branch, Memory(branch)


def repeated(*values, times=400):
    return pl.Series(list(values) * times, dtype=pl.String)


def test_batches_get_what_the_transformer_gives_the_whole():
    branch, remembering = memory("first_name")
    batches = [repeated("Anna", None, "Peter"), repeated("Peter", "Julia", None, "")]
    for batch in batches:
        masked = remembering.mask(batch, keys=KEYS)
        whole = branch.transformer.apply(batch, site=branch.site, keys=KEYS, others={})
        assert masked is not None
        assert masked.values.to_list() == whole.values.to_list()
    assert remembering.pays


def test_known_values_are_not_masked_again(monkeypatch):
    branch, remembering = memory("first_name")
    remembering.mask(repeated("Anna", "Peter"), keys=KEYS)
    monkeypatch.setattr(
        type(branch.transformer), "apply", lambda *_, **__: pytest.fail("masked again")
    )
    assert remembering.mask(repeated("Peter", "Anna", None), keys=KEYS) is not None


@pytest.mark.parametrize(
    ("name", "params", "batch"),
    [
        pytest.param("first_name", {}, pl.Series([f"Anna{i}" for i in range(2000)]), id="distinct"),
        pytest.param("phone", {}, repeated("+49 30 901820", "N/A"), id="unparsed"),
        pytest.param("shift_date", {"per": "customer"}, repeated("2020-01-01"), id="reads-the-row"),
    ],
)
def test_what_does_not_pay_goes_to_the_transformer(name, params, batch):
    _, remembering = memory(name, **params)
    assert not remembering.pays or remembering.mask(batch, keys=KEYS) is None
    assert not remembering.pays


def test_a_small_batch_decides_nothing():
    _, remembering = memory("first_name")
    assert remembering.mask(pl.Series(["Anna", "Peter"]), keys=KEYS) is None
    assert remembering.pays
