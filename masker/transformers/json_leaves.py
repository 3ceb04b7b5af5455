"""Leaves of JSON documents as columns: masked together, and written as JSON again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring
from masker.transformers.base import Site, Transformer
from masker.transformers.json_document import BOOLEAN, NUMBER, quoted

_PLAIN = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
_WHOLE = r"^-?[0-9]{1,18}$"
_NUMBER = re.compile(_PLAIN.removesuffix("$") + r"(?:[eE][+-]?[0-9]+)?$")


@dataclass(frozen=True, slots=True)
class MaskedLeaves:
    """Leaves as JSON text, and for each how likely it came out as it went in."""

    texts: list[str]
    chances: npt.NDArray[np.float64]


def masked_leaves(
    texts: list[str],
    *,
    kind: str,
    transformer: Transformer,
    site: Site,
    keys: Keyring,
) -> MaskedLeaves:
    """Mask distinct leaves of one kind.

    A truth value becomes false where the transformer takes none. A number is masked as a number
    where the transformer takes those, else as its text, and is written without quotes as long as
    it still reads as a number; one with an exponent becomes 0.
    """
    values = pl.Series(texts, dtype=pl.String)
    if kind == BOOLEAN and Kind.BOOLEAN not in transformer.kinds:
        return MaskedLeaves(["false"] * len(texts), (values == "f").to_numpy().astype(np.float64))
    site = _leaf_site(site, values, kind, transformer)
    if kind == NUMBER:
        values = values.set(~values.str.contains(_PLAIN), "0")
    done = transformer.apply(values, site=site, keys=keys, others={})
    blank = ~values.str.contains(r"\S").to_numpy()
    share = min(1.0, done.chance / max(1, len(blank) - int(blank.sum())))
    chances = np.where(blank, 1.0, share)
    return MaskedLeaves([_json(text, kind) for text in done.values], chances)


def leaf_site(site: Site, domain: str | None) -> Site:
    """Return the site of text leaves: nothing of the column's type holds for them but its place."""
    return Site(
        table=site.table,
        column=site.column,
        domain=domain,
        locale=site.locale,
        countries=site.countries,
    )


def _leaf_site(site: Site, values: pl.Series, kind: str, transformer: Transformer) -> Site:
    if kind == BOOLEAN:
        return replace(site, kind=Kind.BOOLEAN, base="bool")
    if kind == NUMBER and Kind.INTEGER in transformer.kinds and values.str.contains(_WHOLE).all():
        return replace(site, kind=Kind.INTEGER, base="int8")
    if kind == NUMBER and Kind.DECIMAL in transformer.kinds:
        return replace(site, kind=Kind.DECIMAL, base="numeric")
    return site


def _json(text: str | None, kind: str) -> str:
    if text is None:
        return "null"
    if kind == BOOLEAN:
        return "true" if text == "t" else "false"
    if kind == NUMBER and _NUMBER.match(text):
        return text
    return quoted(text)
