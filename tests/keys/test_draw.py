"""Lots: the same for equal keys on every engine, spread evenly, other for another seed."""

import hashlib
import hmac

import numpy as np
import polars as pl
import pytest

from masker.keys.draw import draw


def lots(*columns, bases=None, seed=0):
    made = [pl.Series(column, dtype=pl.String) for column in columns]
    bases = bases or ["text"] * len(made)
    return draw(made, bases=bases, folded=[False] * len(made), seed=seed)


def test_it_is_hmac_of_the_columns_of_the_key():
    digest = hmac.new(b"masker sample 7", b"4\x1fx", hashlib.sha256).digest()
    assert lots(["4"], ["x"], seed=7).tolist() == [int.from_bytes(digest[:8], "big")]


@pytest.mark.parametrize(
    ("base", "one", "other"),
    [("numeric", "1.50", "1.5"), ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
      "a0eebc999c0b4ef8bb6d6bb9bd380a11"), ("bpchar", "ab  ", "ab"), ("int8", "+7", "7")],
)  # fmt: skip
def test_what_is_one_key_has_one_lot(base, one, other):
    assert lots([one], bases=[base]) == lots([other], bases=[base])


def test_lots_are_even_and_their_seeds_independent():
    keys = [str(n) for n in range(20_000)]
    one, other = lots(keys, seed=1) / 2**64, lots(keys, seed=2) / 2**64
    assert abs(one.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    assert len(np.unique(one)) == len(keys)


def test_no_rows_draw_no_lots():
    assert len(lots([])) == 0
