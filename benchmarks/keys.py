"""Rates of the keyed primitives on one core, beside the goals of the design.

    python benchmarks/keys.py [--rows 1000000] [--json]

Each figure is the median of five runs over one column, in millions of values per second of
processor time, so that busy neighbours do not count. A goal counts as met within a factor of two,
for machines differ.
"""

import os

# One core: what a worker process has. Set before polars and numpy start their threads.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from masker.keys import (
    INTEGER_SPACES,
    Keyring,
    canonical,
    canonical_key,
    permute,
    permute_integers,
    pick,
    prf,
    prf_integers,
)

DIGITS = "0123456789"
BASE36 = DIGITS + "abcdefghijklmnopqrstuvwxyz"
BASE62 = BASE36 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SLACK = 2
RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One rate, in millions of values per second, beside its goal where the design states one."""

    name: str
    rate: float
    goal: float | None

    @property
    def met(self) -> bool:
        """Tell whether the rate comes within the slack of its goal."""
        return self.goal is None or self.rate * SLACK >= self.goal


def text(letters: str, length: int, rows: int) -> pl.Series:
    places = np.random.default_rng(length).integers(0, len(letters), (rows, length))
    cells = np.frombuffer(letters.encode(), np.uint8)[places]
    lists = pl.Series(cells, dtype=pl.Array(pl.UInt8, length)).cast(pl.List(pl.UInt8))
    return lists.cast(pl.Binary).cast(pl.String)


def numbers(low: int, high: int, rows: int) -> pl.Series:
    return pl.Series(np.random.default_rng(1).integers(low, high, rows, endpoint=True))


def rate(work: Callable[[], object], rows: int) -> float:
    work()  # subkeys, tables and caches are warm in a worker
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return rows / statistics.median(seconds) / 1e6


def figures(rows: int) -> list[Figure]:
    keys = Keyring.parse(Keyring.new_text())
    unique = pl.Series([f"customer{row}@mail.example.org" for row in range(rows)])
    repeated = unique.gather(np.random.default_rng(2).integers(0, rows // 100, rows))
    pairs = np.arange(2 * rows, dtype=np.uint64).reshape(-1, 2)
    words = prf(unique, keys=keys, domain="d").words[:, 0]

    def permuted(letters: str, column: pl.Series) -> Callable[[], object]:
        return lambda: permute(column, alphabet=letters, keys=keys, domain="d")

    def moved(low: int, high: int) -> Callable[[], object]:
        column = numbers(low, high, rows)
        return lambda: permute_integers(column, low=low, high=high, keys=keys, domain="d")

    mixed = pl.concat([text(DIGITS, length, rows // 8 + 1) for length in range(9, 17)])
    mixed = mixed.head(rows).shuffle(seed=1)
    works: list[tuple[str, Callable[[], object], float | None]] = [
        ("prf, distinct e-mails", lambda: prf(unique, keys=keys, domain="d"), 6),
        ("prf, 100 rows per value", lambda: prf(repeated, keys=keys, domain="d"), 6),
        ("prf, base32 of 16", lambda: prf(unique, keys=keys, domain="d").base32(16), None),
        ("prf_integers", lambda: prf_integers(pairs, keys=keys, domain="d", purpose="p"), None),
        ("pick", lambda: pick(words, 10_000), None),
        ("permute, 5 digits (table)", permuted(DIGITS, text(DIGITS, 5, rows)), None),
        ("permute, 10 digits", permuted(DIGITS, text(DIGITS, 10, rows)), 10),
        ("permute, 16 digits", permuted(DIGITS, text(DIGITS, 16, rows)), 10),
        ("permute, 9 to 16 digits mixed", permuted(DIGITS, mixed), None),
        ("permute, 24 digits", permuted(DIGITS, text(DIGITS, 24, rows)), None),
        ("permute, 56 digits", permuted(DIGITS, text(DIGITS, 56, rows)), None),
        ("permute, 11 of base 36", permuted(BASE36, text(BASE36, 11, rows)), None),
        ("permute, 36 of base 62", permuted(BASE62, text(BASE62, 36, rows)), None),
        *[
            (f"permute_integers, {base}", moved(low, high), 10 if base != "int2" else None)
            for base, (low, high) in INTEGER_SPACES.items()
        ],
        ("canonical, ASCII", lambda: canonical(unique), None),
        ("canonical_key, uuid", lambda: canonical_key(unique, base="uuid"), None),
        ("canonical_key, int4", lambda: canonical_key(words_text, base="int4"), None),
    ]
    words_text = numbers(1, 2**30, rows).cast(pl.String)
    return [Figure(name, rate(work, rows), goal) for name, work, goal in works]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = figures(options.rows)
    if options.json:
        report = [{**asdict(figure), "met": figure.met} for figure in found]
        print(json.dumps({"rows": options.rows, "unit": "1e6 values/s", "figures": report}))
        return
    print(f"{options.rows:,} values on one core, {platform.machine()}, millions of values/s")
    for figure in found:
        goal = "" if figure.goal is None else f"  goal {figure.goal:g}"
        verdict = "" if figure.met else "  MISSED"
        print(f"  {figure.name:32}{figure.rate:8.2f}{goal}{verdict}")


if __name__ == "__main__":
    main()
