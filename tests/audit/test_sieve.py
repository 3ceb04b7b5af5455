import numpy as np
import polars as pl

from masker.audit.sieve import Origin, Sieve
from masker.catalog import TableName
from masker.evidence.exposure import Exposure
from masker.evidence.fingerprints import Fingerprinter, PrintSet
from masker.keys.forms import Form

HERE = Origin((TableName("s", "t"), "c"), Exposure.DIRECT, Form.WHOLE)
THERE = Origin((TableName("s", "t"), "d"), Exposure.DIRECT, Form.WHOLE)


def numbers(low, high):
    return pl.int_range(low, high, eager=True).cast(pl.String)


def test_finds_what_is_there_and_nothing_else(run_key):
    fingerprint = Fingerprinter(run_key)
    sets = [PrintSet(), PrintSet()]
    for start in range(0, 400_000, 50_000):  # more than memory holds
        sets[0].add(fingerprint(numbers(start, start + 50_000)), run_key)
    sets[1].add(fingerprint(numbers(0, 10)), run_key)
    sieve = Sieve(zip((HERE, THERE), sets, strict=True), run_key)
    sieve.look(fingerprint(numbers(399_990, 800_000)), spot=1, grade=0)
    sieve.look(fingerprint(numbers(5, 6)), spot=2, grade=1)
    sieve.look(fingerprint(numbers(5, 6)), spot=2, grade=1)
    hits, origins = sieve.hits()
    assert origins == (HERE, THERE)
    told = sorted(hits.select("spot", "grade", "origin").iter_rows())
    assert told == [(1, 0, 0)] * 10 + [(2, 1, 0), (2, 1, 1)]


def test_a_probe_alone_is_no_hit(run_key):
    fingerprint = Fingerprinter(run_key)
    prints = fingerprint(pl.Series(["a"]))
    half = prints.copy()
    half[1] += np.uint64(1)
    held = PrintSet()
    held.add(prints, run_key)
    sieve = Sieve([(HERE, held)], run_key)
    sieve.look(half, spot=0, grade=0)
    assert sieve.hits()[0].height == 0


def test_an_empty_sieve_lets_nothing_through(run_key):
    sieve = Sieve([], run_key)
    sieve.look(Fingerprinter(run_key)(numbers(0, 100)), spot=0, grade=0)
    assert sieve.hits()[0].height == 0
