"""The part of an address before the @, and usernames: masked name tokens and a keyed suffix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring
from masker.transformers.person import mask_lists
from masker.transformers.person.languages import DESKS
from masker.transformers.person.lists import TOKEN
from masker.transformers.person.tokens import DOMAIN as NAMES

LONGEST = 64  # characters of a local part: RFC 5321, 4.5.3.1.1
_CAPITALS = r"^[^\p{Ll}]*\p{Lu}[^\p{Ll}]*$"
_DESK = "(?i)^(?:{0})(?:[._-](?:{0}))*$".format("|".join(sorted(DESKS)))


@dataclass(frozen=True, slots=True)
class LocalParts:
    """The local parts of a column, without the digits at their ends.

    `stems` are the distinct ones, `names` what is written for them (`masked_local`); `index` is
    the stem of every row.
    """

    stems: pl.Series
    names: pl.Series
    index: npt.NDArray[np.int64]

    @classmethod
    def of(cls, local: pl.Series, keys: Keyring) -> Self:
        """Mask local parts, none of them null."""
        # Digits at the end are dropped, so addresses that differ in nothing else are masked once.
        stems = local.str.strip_chars_end("0123456789")
        found = keys.remembered("local-part").spread(stems, lambda new: _names(new, keys))
        return cls(found.texts, found.made, found.index)

    @property
    def parse(self) -> bool:
        """Tell whether every one has a letter, and nothing that ends an address."""
        stem = pl.col("stem")
        right = stem.str.contains(r"\p{L}") & ~stem.str.contains(r"[\s@<>,;]")
        return bool(self.stems.to_frame("stem").select_seq(right.all()).item())

    def rows(self) -> pl.Series:
        """Return the names of every row."""
        return self.names.gather(self.index)

    def heads(self, room: int) -> tuple[pl.Series, pl.Series]:
        """Return what stands before a suffix in every row, its dot included, and which capitals.

        The names are cut to leave `room` characters for themselves and the dot.
        """
        names = pl.col("names")
        cut = pl.when(names.str.len_chars() >= room).then(
            names.str.head(room - 1).str.strip_chars_end("._-")
        )
        frame = pl.DataFrame({"names": self.names, "stem": self.stems}).select_seq(
            names=cut.otherwise(names), capitals=pl.col("stem").str.contains(_CAPITALS)
        )
        head = frame.select_seq(pl.when(names == "").then(names).otherwise(names + "."))
        return head.to_series().gather(self.index), frame["capitals"].gather(self.index)


def masked_local(local: pl.Series, keys: Keyring) -> pl.Series:
    """Return the masked name tokens of local parts in ASCII, joined by the first separator there.

    Digits are dropped; the name of a desk (`sales`, `no-reply`) stays if there is nothing else.
    Empty where there is no token, and where its script cannot be written in ASCII.
    """
    return LocalParts.of(local, keys).rows()


def _names(local: pl.Series, keys: Keyring) -> pl.Series:
    masked = mask_lists(local.str.extract_all(TOKEN), keys=keys, domain=NAMES, ascii_only=True)
    separator = pl.col("local").str.extract(r"([._-])", 1).fill_null(".")
    frame = pl.DataFrame({"local": local, "masked": masked}).with_columns_seq(
        names=pl.col("masked").list.join(separator), desk=pl.col("local").str.contains(_DESK)
    )
    names = frame["names"]
    if names.str.contains(r"[._-]{2}|^[._-]|[._-]$").any():  # a token has no ASCII form
        names = names.str.replace_all(r"([._-])[._-]+", "$1").str.strip_chars("._-")
    desk = pl.when(frame["desk"]).then(local.str.to_lowercase())
    return pl.select(desk.otherwise(names)).to_series() if frame["desk"].any() else names


def written(parts: pl.DataFrame) -> pl.Series:
    """Write `names` and `suffix` with a dot between, the names cut to leave `room` in all.

    Takes a frame with these columns and `local`, the source; room is in characters. The suffix is
    never cut. In capitals where `local` is.
    """
    names, suffix, local = (pl.col(name) for name in ("names", "suffix", "local"))
    dot = pl.when((pl.col("head") == "") | (suffix == "")).then(pl.lit("")).otherwise(pl.lit("."))
    taken = pl.when(suffix == "").then(0).otherwise(suffix.str.len_chars().cast(pl.Int64) + 1)
    left = pl.col("room").clip(None, LONGEST).cast(pl.Int64) - taken
    cut = pl.when(names.str.len_chars() > left).then(
        names.str.head(left.clip(0)).str.strip_chars_end("._-")
    )
    joined = parts.with_columns_seq(head=cut.otherwise(names)).select_seq(
        pl.concat_str("head", dot, suffix).alias("joined"),
        local.str.contains(_CAPITALS).alias("capitals"),
    )
    if not joined["capitals"].any():
        return joined["joined"]
    upper = pl.when("capitals").then(pl.col("joined").str.to_uppercase())
    return joined.select_seq(upper.otherwise("joined")).to_series()
