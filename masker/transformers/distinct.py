"""Do costly work once per distinct value, and count what could not be parsed."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase

import polars as pl

from masker.transformers.base import Masked

_REPEATS = 0.5  # share of distinct values from which finding them costs more than it saves


def over_distinct(
    values: pl.Series, mask: Callable[[pl.Series], pl.Series], *, parsed: str | None = None
) -> Masked:
    """Mask each distinct value once and return a Masked of the same length, null where null.

    `mask` takes distinct values without null and returns as many. Values that are not blank and
    do not match the regular expression `parsed` count as unparsed, by shape.
    """
    text = values.rename("value")
    if repeats(text):
        distinct = text.drop_nulls().unique()
        masked = text.replace_strict(distinct, mask(distinct), default=None, return_dtype=pl.String)
    else:
        masked = mask(text)
    made = masked.alias(values.name)
    return Masked(made) if parsed is None else counted(text, made, parsed)


def repeats(values: pl.Series) -> bool:
    """Tell whether a column holds nulls, or so many repetitions that finding them pays."""
    many = pl.col(values.name).approx_n_unique() > _REPEATS * pl.len()
    return values.has_nulls() or not values.to_frame().select_seq(many).item()


def counted(values: pl.Series, made: pl.Series, parsed: str) -> Masked:
    """Return `made`, the values counted that are neither blank nor match `parsed`."""
    there = values.rename("value").drop_nulls()
    strange = there.filter(~there.str.contains(parsed))
    strange = strange.filter(strange.str.strip_chars() != "")
    return Masked(made, unparsed=len(strange), shapes=shapes_of(strange))


def set_apart(masked: pl.Series, values: pl.Series) -> pl.Series:
    """Return masked values, the last character changed where one equals its source but for case.

    For what was cut to so few characters that chance could give the source back.
    """
    frame = pl.DataFrame({"masked": masked, "value": values})
    text = pl.col("masked")
    same = (text.str.to_lowercase() == pl.col("value").str.to_lowercase()) & (text != "")
    letters = list(ascii_lowercase)
    after = (
        text.str.tail(1)
        .str.to_lowercase()
        .replace_strict(letters, [*letters[1:], letters[0]], default="x")
    )
    return frame.select_seq(
        pl.when(same).then(text.str.head(-1) + after).otherwise(text)
    ).to_series()


def shapes_of(values: pl.Series) -> dict[str, int]:
    """Count values by shape: letters as L, digits as N, long runs cut short; never a value."""
    shape = (
        pl.col("value").str.replace_all(r"\p{L}", "L").str.replace_all(r"\p{N}", "N").str.head(40)
    )
    counts = values.rename("value").to_frame().group_by(shape).len().sort("value")
    return dict(counts.iter_rows())
