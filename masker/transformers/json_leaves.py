"""Leaves of JSON documents as columns: masked together, and written as JSON again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring
from masker.transformers.base import Site, Transformer
from masker.transformers.json_tokens import BOOLEAN, NUMBER, STRING, WHOLE, strings_of, texts_of

_PLAIN = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
_NUMBER = _PLAIN.removesuffix("$") + r"(?:[eE][+-]?[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class MaskedLeaves:
    """Leaves as they are written, and for each how likely it came out as it went in.

    `fakes` are as in `Masked`.
    """

    written: pl.Series
    chances: npt.NDArray[np.float64]
    fakes: Mapping[str, pl.Series] = field(default_factory=dict)


def masked_leaves(
    leaves: pl.Series,
    others: Mapping[str, pl.Series],
    *,
    kind: int,
    transformer: Transformer,
    site: Site,
    keys: Keyring,
) -> MaskedLeaves:
    """Mask leaves of one kind, as they are written; distinct ones once for equal `others`.

    A truth value becomes false where the transformer takes none. A number is masked as a number
    where the transformer takes those, else as its text, and is written without quotes as long as
    it still reads as a number; one with an exponent becomes 0.
    """
    every = pl.DataFrame({"leaf": leaves, **others})
    cases = every.unique()
    made = _masked(cases, kind, transformer=transformer, site=site, keys=keys)
    frame = cases.with_columns_seq(written=made.written, chance=pl.Series(made.chances))
    found = every.join(frame, on=every.columns, how="left", maintain_order="left", nulls_equal=True)
    return MaskedLeaves(found["written"], found["chance"].to_numpy(), made.fakes)


def _masked(
    cases: pl.DataFrame, kind: int, *, transformer: Transformer, site: Site, keys: Keyring
) -> MaskedLeaves:
    leaves = cases["leaf"]
    if kind == BOOLEAN and Kind.BOOLEAN not in transformer.kinds:
        same = (leaves == "false").to_numpy() * 1.0
        return MaskedLeaves(leaves.clear(len(leaves)).fill_null("false"), same)
    values = _values(leaves, kind)
    here = _leaf_site(site, kind, transformer)
    others = {name: cases[name] for name in cases.columns if name != "leaf"}
    done = transformer.apply(values, site=here, keys=keys, others=others)
    blank = ~values.str.contains(r"\S").to_numpy()
    share = min(1.0, done.chance / max(1, len(blank) - int(blank.sum())))
    chances = np.where(blank, 1.0, share)
    if transformer.promises().in_place:  # a text stays as it is where it names nobody
        chances = (done.values == values).to_numpy() * 1.0
    return MaskedLeaves(_written(done.values, kind), chances, done.fakes)


def leaf_site(site: Site, domain: str | None) -> Site:
    """Return the site of text leaves: nothing of the column's type holds for them but its place."""
    return Site(
        table=site.table,
        column=site.column,
        domain=domain,
        locale=site.locale,
        countries=site.countries,
    )


def _leaf_site(site: Site, kind: int, transformer: Transformer) -> Site:
    if kind == BOOLEAN:
        return replace(site, kind=Kind.BOOLEAN, base="bool")
    if kind == WHOLE and Kind.INTEGER in transformer.kinds:
        return replace(site, kind=Kind.INTEGER, base="int8")
    if kind in {WHOLE, NUMBER} and Kind.DECIMAL in transformer.kinds:
        return replace(site, kind=Kind.DECIMAL, base="numeric")
    return site


def _values(leaves: pl.Series, kind: int) -> pl.Series:
    """Return leaves as a transformer takes them."""
    if kind == STRING:
        return texts_of(leaves)
    if kind == BOOLEAN:
        return leaves.str.head(1)
    return leaves.set(~leaves.str.contains(_PLAIN), "0")


def _written(values: pl.Series, kind: int) -> pl.Series:
    """Return masked values as JSON."""
    text, said = pl.col("text"), pl.col("said")
    if kind == BOOLEAN:
        said = pl.when(text == "t").then(pl.lit("true")).otherwise(pl.lit("false"))
    elif kind != STRING:
        said = pl.when(text.str.contains(_NUMBER)).then(text).otherwise(said)
    written = pl.when(text.is_null()).then(pl.lit("null")).otherwise(said)
    frame = pl.DataFrame({"text": values, "said": strings_of(values)})
    return frame.select_seq(written.alias("written")).to_series()
