"""What happens to values that a transformer cannot parse: masked by a fallback, and counted.

Blank values come out of the fallback as they went in and are not counted as unparsed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Masked
from masker.transformers.distinct import shapes_of
from masker.transformers.formats import permuted
from masker.transformers.scramble import CHANGES, scrambled


def with_scramble(
    values: pl.Series,
    masked: pl.Series,
    *,
    parsed: pl.Series,
    keys: Keyring,
    domain: str,
    chance: float = 0.0,
) -> Masked:
    """Take `masked` where `parsed` is true; scramble the other values and count them by shape.

    All series have the same length; null stays null. `chance` is the expected number of parsed
    rows that come out as they went in.
    """
    rows = _strange(values, parsed)
    if not len(rows):
        return Masked(masked.alias(values.name), chance=chance)
    left = values.gather(rows)
    made = scrambled(left, keys=keys, domain=domain)
    return _joined(values, masked, rows, made, chance)


def with_permutation(
    values: pl.Series,
    masked: pl.Series,
    *,
    parses: Callable[[pl.Series], pl.Series],
    keys: Keyring,
    domain: str,
    parsed: pl.Series | None = None,
    chance: float = 0.0,
) -> Masked:
    """Do as `with_scramble` does, one to one: other values are permuted within their format.

    `parses` tells for every value whether the transformer takes it; `parsed` is what it says of
    `values`, where that is known already. A fallback that would come
    out as one of those is permuted again until it does not (cycle walking), so that what parses
    and what does not stay apart.
    """
    rows = _strange(values, parses(values) if parsed is None else parsed)
    if not len(rows):
        return Masked(masked.alias(values.name), chance=chance)
    left = values.gather(rows)
    made, stuck = permuted(left, keys=keys, domain=domain)
    astray = parses(made).fill_null(value=False).arg_true()
    while len(astray):
        made = made.scatter(astray, permuted(made.gather(astray), keys=keys, domain=domain)[0])
        astray = astray.filter(parses(made.gather(astray)))
    return _joined(values, masked, rows, made, chance + stuck)


def staying(digits: pl.Series | npt.NDArray[np.int64]) -> float:
    """Return how many texts of digits a permutation is expected to leave as they are.

    `digits` are the texts themselves, or how many digits each has.
    """
    if isinstance(digits, pl.Series):
        digits = digits.drop_nulls().str.len_chars().to_numpy()
    counts = np.bincount(digits)
    return float(counts @ 0.1 ** np.arange(len(counts)))


def _strange(values: pl.Series, parsed: pl.Series) -> pl.Series:
    return ((~parsed.fill_null(value=False)) & values.is_not_null()).arg_true()


def _joined(
    values: pl.Series, masked: pl.Series, rows: pl.Series, made: pl.Series, chance: float
) -> Masked:
    left = values.gather(rows)
    told = left.filter(left.str.contains(CHANGES))
    whole = masked.clone().scatter(rows, made).alias(values.name)
    return Masked(whole, unparsed=len(told), shapes=shapes_of(told), chance=chance)
