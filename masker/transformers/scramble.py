"""Scramble: every letter by a keyed letter, every digit by a keyed digit; the universal fallback.

The letters and digits come from a keyed stream per value, so that they say nothing of the source
but its shape, and equal values come out equal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring, pick, prf
from masker.transformers.base import Masked, Promises, Site, Transformer
from masker.transformers.characters import Characters, Points

_OTHER, _UPPER, _LOWER, _DIGIT = range(4)
_FIRST = np.array([0, ord("A"), ord("a"), ord("0")], dtype=np.uint32)  # of every class
_SIZE = np.array([1, 26, 26, 10], dtype=np.uint32)
_BLOCK = 32  # bytes of one keyed digest: one per character
_ASCII = 128
CHANGES = r"\S"  # a value with one of these never comes out as it went in
_DIGITS_OF = {"int2": 5, "int4": 10, "int8": 19}  # of the largest value of an integer type


@dataclass(frozen=True)
class Scramble(Transformer):
    """Replace every letter by a letter and every digit by a digit."""

    name: ClassVar[str] = "scramble"
    sentence: ClassVar[str] = (
        "Replaces every letter by a keyed letter of the same case and every digit by a keyed "
        "digit; punctuation, blanks and length stay."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.ENUM})
    default_domain: ClassVar[str] = "value"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # NaN, and a number that can only be 0, come out as they went in; `chance` counts them.
        # A short value may become another of the column: there are few of its shape.
        return Promises(keeps_length=True, chance="space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        if site.labels:
            made = other_label(values, labels=site.labels, keys=keys, domain=domain)
        elif site.kind in {Kind.INTEGER, Kind.DECIMAL}:
            made = scrambled_number(values, site=site, keys=keys, domain=domain)
        else:
            made = scrambled(values, keys=keys, domain=domain)
        return Masked(made, chance=float(_stuck(values, site)))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        if site.kind is Kind.ENUM and len(site.labels) < 2:  # noqa: PLR2004 - another one is needed
            return ("the enum has no second label to change to",)
        return ()


def scrambled(
    values: pl.Series, *, keys: Keyring, domain: str, by: pl.Series | None = None
) -> pl.Series:
    """Replace letters and digits by keyed ones, never giving back the value itself.

    A letter outside ASCII becomes an ASCII letter of its case (lower case where it has none), so
    that the text never grows in bytes. A value without any letter or digit that is not blank
    becomes as many `*` (or `-`, if it is `*` already). `by` is the column that decides instead of
    the value itself, same length.
    """
    spelled = Characters.of(values)
    if not len(spelled.points):
        return values
    classes = _classes(spelled.points)
    moved = classes != _OTHER
    stream = _stream(values if by is None else by, spelled, keys=keys, domain=domain)
    size = _SIZE[classes]
    drawn = (stream.astype(np.uint32) * size) >> np.uint32(8)
    points = np.where(moved, _FIRST[classes] + drawn, spelled.points)
    _turn(points, spelled, classes)
    _cover(points, spelled, moved)
    return spelled.text(points)


def _turn(points: Points, spelled: Characters, classes: npt.NDArray[np.uint8]) -> None:
    """Advance the first letter or digit of every row that came out as it went in."""
    same = spelled.count(points != spelled.points) == 0
    moved = np.flatnonzero((classes != _OTHER) & same[spelled.rows])
    _, first = np.unique(spelled.rows[moved], return_index=True)
    at = moved[first]
    start, size = _FIRST[classes[at]], _SIZE[classes[at]]
    points[at] = start + (points[at] - start + 1) % size


def _cover(points: Points, spelled: Characters, moved: npt.NDArray[np.bool_]) -> None:
    """Cover rows that hold marks only, such as `???`, with stars."""
    bare = spelled.count(moved) == 0
    if not bare.any():
        return
    mark = ~spelled.between & ~moved
    seen = np.flatnonzero(mark & bare[spelled.rows])
    alphabet, inverse = np.unique(points[seen], return_inverse=True)
    blank = np.array([_is_blank(chr(point)) for point in alphabet], dtype=bool)
    at = seen[~blank[inverse]]
    if not len(at):
        return
    rows = spelled.rows[at]
    starred = np.bincount(rows[points[at] != ord("*")], minlength=spelled.height) == 0
    points[at] = np.where(starred[rows], ord("-"), ord("*"))


def _is_blank(character: str) -> bool:
    # As Unicode's White_Space has it, and polars; Python counts four separators more.
    return character.isspace() and character not in "\x1c\x1d\x1e\x1f"


def _classes(points: Points) -> npt.NDArray[np.uint8]:
    """Return the class of every point; letters and digits outside ASCII are told by Unicode."""
    table = np.zeros(_ASCII + 1, dtype=np.uint8)
    table[ord("A") : ord("Z") + 1] = _UPPER
    table[ord("a") : ord("z") + 1] = _LOWER
    table[ord("0") : ord("9") + 1] = _DIGIT
    classes: npt.NDArray[np.uint8] = table[np.minimum(points, _ASCII)]
    wide = np.flatnonzero(points >= _ASCII)
    if len(wide):
        alphabet, inverse = np.unique(points[wide], return_inverse=True)
        known = [_class_of(unicodedata.category(chr(point))) for point in alphabet]
        classes[wide] = np.array(known, dtype=np.uint8)[inverse]
    return classes


def _class_of(category: str) -> int:
    if category in {"Lu", "Lt"}:
        return _UPPER
    if category[0] in "LM":
        return _LOWER
    return _DIGIT if category[0] == "N" else _OTHER


def _stream(
    by: pl.Series, spelled: Characters, *, keys: Keyring, domain: str
) -> npt.NDArray[np.uint8]:
    """Return a keyed byte for every point, from the value it is in and its place there."""
    made = prf(by.fill_null(""), keys=keys, domain=domain, purpose="scramble")
    # One more than its characters: the separator behind them draws a byte as well.
    blocks = spelled.lengths // _BLOCK + 1
    digests = made.words
    if blocks.max(initial=1) > 1:
        digests = _lengthened(made.base32(51), made.words, blocks, keys=keys, domain=domain)
    flat = digests.astype(">u8").view(np.uint8).reshape(-1)
    starts = (np.cumsum(blocks) - blocks) * _BLOCK
    stream: npt.NDArray[np.uint8] = flat[starts[spelled.rows] + spelled.places()]
    return stream


def _lengthened(
    names: pl.Series,
    words: npt.NDArray[np.uint64],
    blocks: npt.NDArray[np.int64],
    *,
    keys: Keyring,
    domain: str,
) -> npt.NDArray[np.uint64]:
    """Return the blocks of every row in order: its own digest, then one per number above 0."""
    rows = np.repeat(np.arange(len(blocks)), blocks)
    numbers = np.arange(len(rows)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
    digests = words[rows]
    more = np.flatnonzero(numbers)
    frame = pl.DataFrame({"name": names.gather(rows[more]), "number": numbers[more]})
    text = frame.select_seq(pl.concat_str("name", "number", separator="/")).to_series()
    digests[more] = prf(text, keys=keys, domain=domain, purpose="scramble on").words
    return digests


def scrambled_number(values: pl.Series, *, site: Site, keys: Keyring, domain: str) -> pl.Series:
    """Replace the digits of plain numbers; sign, number of digits and point stay, and it fits.

    The first digit of a number stays above 0, the 0 before a point stays 0, and an integer with
    as many digits as its type's largest begins with 1. NaN and infinity stay.
    """
    words = prf(values.fill_null(""), keys=keys, domain=domain, purpose="scramble first").words
    x = pl.col("x")
    parts = x.str.extract_groups(r"^(-?)(\d)(\d*)(\.\d*)?$")
    frame = (
        values.to_frame("x")
        .with_columns_seq(
            parts.struct.rename_fields(["sign", "first", "more", "fraction"]).alias("parts"),
            eight=pl.Series(pick(words[:, 0], 8)),
            nine=pl.Series(pick(words[:, 0], 9)),
        )
        .unnest("parts")
        .with_columns_seq(own=pl.col("first").cast(pl.Int64))
    )
    rest = frame.select_seq(pl.col("more") + pl.col("fraction").fill_null("")).to_series()
    frame = frame.with_columns_seq(rest=scrambled(rest, keys=keys, domain=domain, by=values))
    only_zero = (pl.col("own") == 0) & (pl.col("more") == "") & _is_whole_zero(site)
    lone = pl.col("rest").str.contains(r"\d").not_()
    widest = 1 + pl.col("more").str.len_chars() >= _DIGITS_OF.get(site.base, 99)
    first = (
        pl.when(only_zero)
        .then(0)
        .when(widest)
        .then(1)
        .when(lone & (pl.col("own") > 0))
        .then((pl.col("own") + pl.col("eight")) % 9 + 1)  # any of 1..9 but its own
        .otherwise(pl.col("nine") + 1)
    )
    made = pl.concat_str("sign", first.cast(pl.String), "rest")
    text = pl.when(pl.col("own").is_null()).then(x).otherwise(made)
    return frame.select_seq(text.alias(values.name)).to_series()


def _is_whole_zero(site: Site) -> pl.Expr:
    """Tell where a 0 before the point cannot become another digit."""
    if site.precision is not None and site.precision <= (site.scale or 0):
        return pl.lit(value=True)
    return pl.col("fraction").is_not_null()


def other_label(
    values: pl.Series, *, labels: tuple[str, ...], keys: Keyring, domain: str
) -> pl.Series:
    """Return a keyed label for each, never its own."""
    words = prf(values, keys=keys, domain=domain, purpose="scramble label").words
    step = pl.Series(pick(words[:, 0], len(labels) - 1) + 1)
    own = values.replace_strict(list(labels), list(range(len(labels))), default=0)
    listed = pl.Series(labels, dtype=pl.String)
    made = listed.gather((own + step) % len(labels))
    return pl.select(pl.when(values.is_not_null()).then(made)).to_series().alias(values.name)


def _stuck(values: pl.Series, site: Site) -> int:
    """Count numbers that come out as they went in, because nothing in them can change."""
    if site.kind not in {Kind.INTEGER, Kind.DECIMAL}:
        return 0
    fraction_only = site.precision is not None and site.precision <= (site.scale or 0)
    zero = values.str.contains(r"^-?0\.?$") & fraction_only
    return int((zero | ~values.str.contains(r"\d")).sum())
