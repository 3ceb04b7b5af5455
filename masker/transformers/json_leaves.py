"""Leaves of JSON documents as columns: masked together, and written as JSON again."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    """Leaves as they are written, and for each how likely it came out as it went in."""

    written: pl.Series
    chances: npt.NDArray[np.float64]


def masked_leaves(
    leaves: pl.Series,
    *,
    kind: int,
    transformer: Transformer,
    site: Site,
    keys: Keyring,
) -> MaskedLeaves:
    """Mask leaves of one kind, as they are written; distinct ones once.

    A truth value becomes false where the transformer takes none. A number is masked as a number
    where the transformer takes those, else as its text, and is written without quotes as long as
    it still reads as a number; one with an exponent becomes 0.
    """
    distinct = leaves.unique()
    written, chances = _masked(distinct, kind, transformer=transformer, site=site, keys=keys)
    frame = pl.DataFrame({"leaf": distinct, "written": written, "chance": chances})
    found = leaves.to_frame("leaf").join(frame, on="leaf", how="left", maintain_order="left")
    return MaskedLeaves(found["written"], found["chance"].to_numpy())


def _masked(
    leaves: pl.Series, kind: int, *, transformer: Transformer, site: Site, keys: Keyring
) -> tuple[pl.Series, npt.NDArray[np.float64]]:
    if kind == BOOLEAN and Kind.BOOLEAN not in transformer.kinds:
        return leaves.clear(len(leaves)).fill_null("false"), (leaves == "false").to_numpy() * 1.0
    values = _values(leaves, kind)
    here = _leaf_site(site, kind, transformer)
    done = transformer.apply(values, site=here, keys=keys, others={})
    blank = ~values.str.contains(r"\S").to_numpy()
    share = min(1.0, done.chance / max(1, len(blank) - int(blank.sum())))
    return _written(done.values, kind), np.where(blank, 1.0, share)


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
