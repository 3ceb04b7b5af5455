"""Fallbacks: what does not parse is masked, counted by shape, and stays apart."""

import polars as pl

from masker.transformers.unparsed import staying, with_permutation, with_scramble


def series(*values):
    return pl.Series("c", values, dtype=pl.String)


def test_the_rest_is_scrambled_and_counted(keys):
    values = series("ok", "N/A", None, "", "n/a")
    masked = with_scramble(
        values, series("OK", None, None, None, None), parsed=values == "ok", keys=keys, domain="d"
    )
    made = masked.values.to_list()
    assert made[0] == "OK"
    assert made[2:4] == [None, ""]
    assert made[1] != "N/A"
    assert masked.unparsed == 2
    assert masked.shapes == {"L/L": 2}


def test_what_parses_and_what_does_not_stay_apart(keys):
    every = pl.Series([f"{n:02d}" for n in range(100)])

    def parses(values):
        return values.cast(pl.Int64) < 50

    masked = with_permutation(every, every, parses=parses, keys=keys, domain="d")
    assert masked.values[:50].to_list() == every[:50].to_list()
    assert sorted(masked.values) == every.to_list()
    assert masked.unparsed == 50


def test_neither_series_is_changed(keys):
    values, masked = series("a", "b"), series("x", "y")
    with_scramble(values, masked, parsed=pl.Series([True, False]), keys=keys, domain="d")
    assert values.to_list() == ["a", "b"]
    assert masked.to_list() == ["x", "y"]


def test_staying():
    assert staying(series("1", "12", None)) == 0.1 + 0.01
