"""Mask whole names: `Anna Schmidt`, `SCHMIDT, A.`, `Dr. Jean-Luc van der Berg`, `王小明`."""

from __future__ import annotations

import functools

import polars as pl

from masker.keys import Keyring
from masker.transformers.distinct import set_apart
from masker.transformers.person.dictionary import dictionary
from masker.transformers.person.lists import DIGITS, LETTER, TOKEN, mask_lists
from masker.transformers.person.tokens import mask_tokens

_PIECE = rf"{TOKEN}|{DIGITS}|[^\p{{L}}\p{{N}}]+"
_RUN = r"\p{Han}|\p{Hangul}"
_SEAM = "\ue000"  # a private character that marks where a name written in one run is cut


def mask_names(
    values: pl.Series, *, keys: Keyring, domain: str, length: int | None = None
) -> pl.Series:
    """Mask a column of distinct names, given, family or full, in any order and script.

    Every name token is masked by itself (`mask_lists`); blanks, hyphens, commas stay, and so does
    a blank value. What has neither letters nor digits becomes a name. Nothing comes out as it
    went in, however short `length` is.
    """
    text = values.rename("value")
    masked = mask_lists(_pieces(text), keys=keys, domain=domain)
    frame = pl.DataFrame({"value": text, "masked": masked.list.join("").str.replace_all(_SEAM, "")})
    blank = pl.col("value").str.strip_chars() == ""
    mute = ~pl.col("value").str.contains(r"[\p{L}\p{N}]") & ~blank
    if frame.select_seq(mute.any()).item():
        whole = mask_tokens(text, keys=keys, domain=domain)
        frame = frame.with_columns_seq(masked=pl.when(mute).then(whole).otherwise("masked"))
    return frame["masked"] if length is None else cut(frame["masked"], text, length)


def cut(masked: pl.Series, values: pl.Series, length: int) -> pl.Series:
    """Cut masked names to `length` characters, between words where one fits, never to the source.

    Where the cut would give the source value back, its last letter changes.
    """
    text = pl.col("masked")
    whole = text.str.extract(rf"(?s)^(.{{1,{length}}})(?:[\s,;-]|$)", 1)
    words = pl.when(whole.str.contains(LETTER)).then(whole.str.strip_chars(" ,;-"))
    short = pl.coalesce(words, text.str.head(length))
    fits = text.str.len_chars() <= length
    fitted = (
        masked.rename("masked").to_frame().select_seq(pl.when(fits).then(text).otherwise(short))
    )
    return set_apart(fitted.to_series(), values)


def _pieces(text: pl.Series) -> pl.Series:
    """Cut names into tokens, runs of digits and what stands between; joined they are the name."""
    pieces = text.str.extract_all(_PIECE)
    if not text.str.contains(_RUN).any():
        return pieces
    runs = pieces.explode(empty_as_null=False, keep_nulls=False).unique().rename("run")
    cut_runs = _cut_runs(runs.filter(runs.str.contains(f"^(?:{_RUN}){{2,4}}$")))
    seamed = pl.element().replace(cut_runs["run"], cut_runs["seamed"])
    joined = pieces.rename("p").to_frame().select_seq(pl.col("p").list.eval(seamed).list.join(""))
    return joined.to_series().str.extract_all(_PIECE)


def _cut_runs(runs: pl.Series) -> pl.DataFrame:
    """Mark the seam between family and given name where both are written in one run.

    A run that begins with a known family name and is no given name itself; the longer family name
    decides.
    """
    families, given = _unspaced()
    run = pl.col("run")
    seams = [
        pl.when(run.str.head(size).is_in(families) & (run.str.len_chars() > size)).then(
            run.str.head(size) + _SEAM + run.str.slice(size)
        )
        for size in (2, 1)
    ]
    known = run.is_in(given) | run.is_in(families)
    frame = runs.to_frame().with_columns_seq(seamed=pl.when(~known).then(pl.coalesce(seams)))
    return frame.drop_nulls()


@functools.cache
def _unspaced() -> tuple[list[str], list[str]]:
    """Return the family and given names of the languages that write both in one run."""
    book = dictionary()
    sizes = [int(size) for size in book.sizes]
    labels = [label for label, n in zip(book.labels, sizes, strict=True) for _ in range(n)]
    names = book.names.with_columns_seq(label=pl.Series(labels))
    own = names.filter(pl.col("label").str.contains("^(zh|ja|ko) own"))
    family = pl.col("label").str.contains("family")
    return own.filter(family)["name"].to_list(), own.filter(~family)["name"].to_list()
