"""IP addresses as octets and back to text, over whole columns."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.transformers.characters import code_points

Octets = npt.NDArray[np.uint8]

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
V4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_GROUPS = r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*"
V6 = rf"(?:{_GROUPS})?(?:::(?:{_GROUPS})?)?"

_V6_GROUPS = 8


def read_v4(text: pl.Series) -> Octets:
    """Return dotted addresses, all well-formed, as a matrix (rows, 4)."""
    parts = text.str.extract_groups(f"^{V4}$").struct.unnest()
    return parts.cast(pl.UInt8).to_numpy().reshape(-1, 4)


def v4_text(octets: Octets) -> pl.Series:
    """Return a matrix (rows, 4) as dotted text."""
    columns = {str(place): octets[:, place] for place in range(4)}
    dotted = pl.concat_str(pl.all().cast(pl.String), separator=".")
    return pl.DataFrame(columns).select_seq(dotted).to_series()


def is_v6(text: pl.Series) -> pl.Series:
    """Tell which texts are addresses of eight groups, some of them written as `::`."""
    formed = text.str.contains(f"^{V6}$")
    groups = text.str.count_matches("[0-9A-Fa-f]+")
    short = text.str.contains("::", literal=True)
    return formed & (((groups == _V6_GROUPS) & ~short) | ((groups < _V6_GROUPS) & short))


def read_v6(text: pl.Series) -> Octets:
    """Return addresses that `is_v6` as a matrix (rows, 16)."""
    halves = text.str.split_exact("::", 1).struct.unnest().fill_null("")
    missing = _V6_GROUPS - text.str.count_matches("[0-9A-Fa-f]+")
    whole = pl.concat_list(
        pl.nth(0).str.extract_all("[0-9A-Fa-f]+"),
        pl.lit("0").repeat_by(pl.lit(missing)),
        pl.nth(1).str.extract_all("[0-9A-Fa-f]+"),
    )
    padded = halves.select_seq(whole.list.eval(pl.element().str.zfill(4)).list.join("")).to_series()
    points = code_points(padded.str.to_lowercase()).reshape(-1, 32)
    nibbles = np.where(points > ord("9"), points - ord("a") + 10, points - ord("0"))
    octets: Octets = (nibbles[:, ::2] * 16 + nibbles[:, 1::2]).astype(np.uint8)
    return octets


def v6_text(octets: Octets) -> pl.Series:
    """Return a matrix (rows, 16) as text in the canonical form of RFC 5952."""
    words = octets[:, ::2].astype(np.uint32) * 256 + octets[:, 1::2]
    columns = {str(place): _hexadecimal().gather(words[:, place]) for place in range(_V6_GROUPS)}
    text = pl.DataFrame(columns).select_seq(pl.concat_str(pl.all(), separator=":")).to_series()
    for zeros in range(_V6_GROUPS, 1, -1):  # the longest run of zeros, and of equals the first
        run = rf"(?:^|:)0(?::0){{{zeros - 1}}}(?::|$)"
        short = text.str.contains("::", literal=True)
        text = pl.select(
            pl.when(short).then(text).otherwise(text.str.replace(run, "::"))
        ).to_series()
    return text


@functools.cache
def _hexadecimal() -> pl.Series:
    return pl.Series([f"{number:x}" for number in range(1 << 16)])
