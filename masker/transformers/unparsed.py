"""What happens to values that a transformer cannot parse: masked by a fallback, and counted."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from masker.transformers.base import Masked
from masker.transformers.distinct import shapes_of

# What holds none of these has nothing to mask: an empty text, blanks, "-".
MASKABLE = r"[\p{L}\p{N}]"


def with_fallback(
    values: pl.Series,
    masked: pl.Series,
    *,
    parsed: pl.Series,
    otherwise: Callable[[pl.Series], pl.Series],
    chance: float = 0.0,
) -> Masked:
    """Take `masked` where `parsed` is true and `otherwise(value)` where it is not.

    All series have the same length; null stays null and counts as neither. Blank values come
    out of the fallback too, but are not counted as unparsed.
    """
    strange = (~parsed.fill_null(value=False)) & values.is_not_null()
    rows = strange.arg_true()
    if not len(rows):
        return Masked(masked.alias(values.name), chance=chance)
    left = values.gather(rows)
    made = masked.scatter(rows, otherwise(left)).alias(values.name)
    told = left.filter(left.str.contains(MASKABLE))
    return Masked(made, unparsed=len(told), shapes=shapes_of(told), chance=chance)


def unmaskable(values: pl.Series) -> int:
    """Count values that hold neither a letter nor a digit, so that no permutation moves them."""
    return int((~values.str.contains(MASKABLE)).sum())
