"""The part of an address before the @, and usernames: masked name tokens and a keyed suffix."""

from __future__ import annotations

import polars as pl

from masker.keys import Keyring
from masker.transformers.person import mask_lists
from masker.transformers.person.languages import DESKS
from masker.transformers.person.lists import TOKEN
from masker.transformers.person.tokens import DOMAIN as NAMES

LONGEST = 64  # characters of a local part: RFC 5321, 4.5.3.1.1
_DESK = "(?i)^(?:{0})(?:[._-](?:{0}))*$".format("|".join(sorted(DESKS)))


def masked_local(local: pl.Series, keys: Keyring) -> pl.Series:
    """Return the masked name tokens of local parts in ASCII, joined by the first separator there.

    Digits are dropped; the name of a desk (`sales`, `no-reply`) stays if there is nothing else.
    Empty where there is no token, and where its script cannot be written in ASCII.
    """
    masked = mask_lists(local.str.extract_all(TOKEN), keys=keys, domain=NAMES, ascii_only=True)
    separator = pl.col("local").str.extract(r"([._-])", 1).fill_null(".")
    joined = pl.col("masked").list.join(separator)
    # a token that cannot be written in ASCII leaves a gap between separators
    dense = joined.str.replace_all(r"([._-])[._-]+", "$1").str.strip_chars("._-")
    desk = pl.col("local").str.contains(_DESK)
    chosen = pl.when(desk).then(pl.col("local").str.to_lowercase()).otherwise(dense)
    return pl.DataFrame({"local": local, "masked": masked}).select(chosen).to_series()


def written(names: pl.Expr, suffix: pl.Expr, *, room: pl.Expr, like: pl.Expr) -> pl.Expr:
    """Write names and suffix with a dot between, names cut to leave `room` characters in all.

    The suffix is never cut. In capitals where `like` is.
    """
    taken = pl.when(suffix == "").then(0).otherwise(suffix.str.len_chars().cast(pl.Int64) + 1)
    left = room.clip(None, LONGEST).cast(pl.Int64) - taken
    head = names.str.head(left.clip(0)).str.strip_chars_end("._-")
    dot = pl.when((head == "") | (suffix == "")).then(pl.lit("")).otherwise(pl.lit("."))
    joined = head + dot + suffix
    upper = (like == like.str.to_uppercase()) & (like != like.str.to_lowercase())
    return pl.when(upper).then(joined.str.to_uppercase()).otherwise(joined)
