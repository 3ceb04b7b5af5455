"""Mask the pieces of a name or an address together: what stays, and what an initial stands for."""

from __future__ import annotations

import polars as pl

from masker.keys import Keyring
from masker.transformers.person.fold import ascii_form, token_key
from masker.transformers.person.languages import PARTICLES, TITLES
from masker.transformers.person.tokens import mask_distinct
from masker.transformers.scramble import scrambled

LETTER = r"[\p{L}\p{N}&&[^0-9]]"  # digits of other scripts are masked as letters are
_APOSTROPHE = "['\u2019\u02bc]"
TOKEN = rf"{LETTER}(?:{LETTER}|\p{{M}}|{_APOSTROPHE}{LETTER})*"
DIGITS = "[0-9]+"


def mask_lists(
    lists: pl.Series, *, keys: Keyring, domain: str, ascii_only: bool = False
) -> pl.Series:
    """Mask lists of pieces, List(String) to List(String) of the same lengths.

    A piece is a name token (`TOKEN`), digits (`DIGITS`) or anything else, which stays. Titles stay,
    particles stay before another token, unless nothing else would be masked. An initial takes the
    first letter of the fake of a token in its list that begins with it, else a keyed letter.
    Digits become others. With `ascii_only` all letters come out as in an address.
    """
    flat = lists.explode(empty_as_null=False, keep_nulls=False)
    pieces = _masked_pieces(flat.unique(), keys, domain, ascii_only=ascii_only)
    mapped = pl.element().replace_strict(pieces["piece"], pieces["masked"], return_dtype=pl.String)
    frame = lists.rename("list").to_frame().with_row_index("row")
    masked = frame.select_seq("row", pl.col("list").list.eval(mapped))
    special = pieces.filter(pl.col("title") | pl.col("particle") | pl.col("initial"))
    if special.is_empty():
        return masked["list"]
    touched = pl.col("list").list.eval(pl.element().is_in(special["piece"].implode())).list.any()
    again = _in_context(frame.filter(touched), pieces)
    joined = masked.join(again, on="row", how="left", maintain_order="left", suffix="_again")
    return joined.select_seq(pl.coalesce("list_again", "list")).to_series().alias(lists.name)


def _masked_pieces(
    distinct: pl.Series, keys: Keyring, domain: str, *, ascii_only: bool
) -> pl.DataFrame:
    """Return piece, masked, kept (its text if it stays), key, and what kind of piece it is."""
    piece = pl.col("piece")
    frame = distinct.rename("piece").to_frame()
    frame = frame.with_columns_seq(
        token=piece.str.contains(f"^{LETTER}"), digits=piece.str.contains("^[0-9]")
    )
    frame = frame.with_columns_seq(key=pl.when("token").then(token_key(piece)))
    key = pl.col("key")
    frame = frame.with_columns_seq(
        title=key.is_in([*TITLES]).fill_null(value=False),
        particle=key.is_in([*PARTICLES]).fill_null(value=False),
        initial=((key.str.len_chars() == 1) & (key != key.str.to_uppercase())).fill_null(
            value=False
        ),
        kept=ascii_form(piece) if ascii_only else piece,
    )
    tokens = frame.filter("token").select_seq(key, token=piece)
    digits = frame.filter("digits")["piece"]
    masked = pl.DataFrame(
        {
            "piece": pl.concat([tokens["token"], digits]),
            "masked": pl.concat(
                [
                    mask_distinct(tokens, keys=keys, domain=domain, ascii_only=ascii_only),
                    scrambled(digits, keys=keys, domain=domain),
                ]
            ),
        }
    )
    joined = frame.join(masked, on="piece", how="left", maintain_order="left")
    return joined.with_columns_seq(pl.coalesce("masked", "piece"))


def _in_context(lists: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Return row, list for lists with titles, particles or initials."""
    place = lists.explode("list", empty_as_null=False, keep_nulls=False).rename({"list": "piece"})
    frame = place.join(pieces, on="piece", how="left", maintain_order="left")
    name = pl.col("token") & ~pl.col("title")
    later = (name.cum_sum(reverse=True) - name.cast(pl.UInt32)).over("row") > 0
    stays = pl.col("title") | (pl.col("particle") & later)
    nothing_else = (pl.col("token") & ~stays).sum().over("row") == 0
    frame = frame.with_columns_seq(stays=stays & ~nothing_else).with_columns_seq(
        masked=pl.when("stays").then("kept").otherwise("masked")
    )
    long = frame.filter(pl.col("token") & ~pl.col("stays") & ~pl.col("initial"))
    named = long.select_seq("row", pl.col("key").str.head(1), letter=pl.col("masked").str.head(1))
    named = named.filter(pl.col("letter") != "").unique(["row", "key"], keep="first")
    frame = frame.join(named, on=["row", "key"], how="left", maintain_order="left")
    upper = pl.col("piece") == pl.col("piece").str.to_uppercase()
    cased = pl.when(upper & (pl.col("kept") == pl.col("piece"))).then(
        pl.col("letter").str.to_uppercase()
    )
    letter = cased.otherwise(pl.col("letter").str.to_lowercase())
    initial = pl.col("initial") & ~pl.col("stays") & pl.col("letter").is_not_null()
    frame = frame.with_columns_seq(masked=pl.when(initial).then(letter).otherwise("masked"))
    return frame.group_by("row", maintain_order=True).agg(list=pl.col("masked"))
