"""Mask name tokens: one token, one fake, in every column, table and database of one key."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring, prf
from masker.transformers.person.dictionary import ENDINGS, Dictionary, dictionary
from masker.transformers.person.fold import token_key

DOMAIN = "name"
_PURPOSE = "name-token"
_SHARE = np.uint64(32)  # the bits of a word that choose within a pool


def mask_tokens(
    tokens: pl.Series, *, keys: Keyring, domain: str = DOMAIN, ascii_only: bool = False
) -> pl.Series:
    """Mask name tokens, each by itself.

    Takes single tokens (letters and apostrophes, no blanks or hyphens) in any spelling and returns
    as many, null where null. The fake has the token's case pattern; with `ascii_only` it is lower
    case ASCII as in an address, empty where the fake's script has no romanisation. No token
    becomes one with its own key, so none is left as it was under any spelling. A single letter
    becomes another single letter.
    """
    token = pl.col("token")
    distinct = tokens.drop_nulls().unique().rename("token").to_frame()
    keyed = distinct.with_columns_seq(key=token_key(token))
    masked = mask_distinct(keyed, keys=keys, domain=domain, ascii_only=ascii_only)
    return tokens.replace_strict(distinct["token"], masked, default=None, return_dtype=pl.String)


def mask_distinct(
    tokens: pl.DataFrame, *, keys: Keyring, domain: str, ascii_only: bool
) -> pl.Series:
    """Mask the distinct tokens of a frame of `token` and `key`, in order, as `mask_tokens` does."""
    book = dictionary()
    known = tokens.select_seq(pl.col("key").unique())
    pools = _pools_of(known["key"], book)
    words = prf(known["key"], keys=keys, domain=domain, purpose=_PURPOSE).words[:, 0]
    wanted = (pools.astype(np.uint64) << _SHARE) + (words >> _SHARE)
    place = np.searchsorted(book.bounds, wanted, side="right") - 1
    own = (book.names["key"].gather(place) == known["key"]).to_numpy()
    start, size = book.starts[pools], book.sizes[pools]
    place = np.where(own, start + (place + 1 - start) % size, place)
    fakes = known.hstack(book.names.select_seq("name", "ascii")[place])
    joined = tokens.join(fakes, on="key", how="left", maintain_order="left")
    if ascii_only:
        return joined["ascii"]
    return joined.select_seq(_in_case(pl.col("name"), pl.col("token"))).to_series()


def _pools_of(keys: pl.Series, book: Dictionary) -> npt.NDArray[np.int64]:
    """Return the pool's number for each token key: by the dictionary, else by its ending."""
    numbers = book.by_token.find(keys)
    for letters in ENDINGS:
        unknown = np.flatnonzero(numbers < 0)
        if not len(unknown):
            return numbers
        numbers[unknown] = book.by_ending.find(keys.gather(unknown).str.tail(letters))
    numbers[numbers < 0] = book.default
    return numbers


def _in_case(name: pl.Expr, like: pl.Expr) -> pl.Expr:
    """Write a name in the case of a token: all capitals, all small, or as names are written."""
    lower, upper = like.str.to_lowercase(), like.str.to_uppercase()
    one_case = lower == upper
    return (
        pl.when(one_case)
        .then(name)
        .when(like == lower)
        .then(name.str.to_lowercase())
        .when((like == upper) & (like.str.len_chars() > 1))
        .then(name.str.to_uppercase())
        .otherwise(name)
    )
