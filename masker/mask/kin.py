"""Values of a row that a text of the same row may name: by column, or by branch of its verdict."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from masker.plan.when import meets
from masker.transformers.base import Kin


def of_rows(kin: tuple[Kin, ...], originals: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Return the original values of each kin by its name, null in rows its branch does not take."""
    return {each.name: _taken(each, originals) for each in kin}


def _taken(kin: Kin, originals: Mapping[str, pl.Series]) -> pl.Series:
    values = originals[kin.column]
    if kin.when is None and not kin.unless:
        return values
    told = [meets(kin.when, originals)] if kin.when is not None else []
    told += [~meets(condition, originals) for condition in kin.unless]
    takes = pl.select(pl.all_horizontal(told)).to_series()
    frame = pl.DataFrame({"value": values, "takes": takes})
    return frame.select_seq(pl.when("takes").then("value")).to_series().alias(values.name)
