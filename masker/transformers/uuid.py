"""Uuid: a keyed UUID of the same version and variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring, prf
from masker.transformers.base import Masked, Promises, Site, Transformer, Uniqueness
from masker.transformers.characters import Characters, code_points
from masker.transformers.unparsed import with_permutation

_FORM = (
    r"^(?:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|[0-9a-fA-F]{32})$"
)
_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8).astype(np.uint32)
_VERSION, _VARIANT = 12, 16  # places of the digits that tell them (RFC 9562, section 4)
# Bits of the variant's digit that stay, by the digit: 0xxx, 10xx, 110x, 111x.
_KEPT = np.array([8] * 8 + [12] * 4 + [14] * 4, dtype=np.uint8)


@dataclass(frozen=True)
class Uuid(Transformer):
    """Replace every UUID by a keyed one."""

    name: ClassVar[str] = "uuid"
    sentence: ClassVar[str] = (
        "Replaces every UUID by a keyed one with the same version and variant; what a version "
        "encodes, such as a time, is lost."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.UUID, Kind.TEXT})
    default_domain: ClassVar[str] = "uuid"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # At least 122 keyed bits: the four of the version stay, and of the variant at most two.
        return Promises(keeps_length=True, uniqueness=Uniqueness.KEYED)

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        formed = values.set(~_parses(values), None)
        return with_permutation(
            values,
            _masked(formed, keys=keys, domain=domain),
            parses=_parses,
            keys=keys,
            domain=domain,
        )


def _parses(values: pl.Series) -> pl.Series:
    return values.str.contains(_FORM)


def _masked(values: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
    """Replace the 32 hexadecimal digits of every value, but for version and variant bits."""
    plain = values.str.to_lowercase().str.replace_all("-", "", literal=True)
    there = plain.is_not_null().to_numpy()
    words = prf(plain, keys=keys, domain=domain, purpose="uuid").words[there, :2]
    octets = words.astype(">u8").view(np.uint8).reshape(-1, 16)
    drawn = np.stack([octets >> 4, octets & 15], axis=2).reshape(-1, 32)
    own = code_points(plain.drop_nulls()).reshape(-1, 32)
    digits = _DIGITS[drawn]
    digits[:, _VERSION] = own[:, _VERSION]
    variant = np.searchsorted(_DIGITS, own[:, _VARIANT])
    digits[:, _VARIANT] = _DIGITS[variant & _KEPT[variant] | drawn[:, _VARIANT] & ~_KEPT[variant]]
    spelled = Characters.of(values)
    hexadecimal = ~spelled.between & (spelled.points != ord("-"))
    made = spelled.replaced(hexadecimal, digits.ravel())
    upper = values.str.contains("[A-F]") & ~values.str.contains("[a-f]")
    return pl.select(pl.when(upper).then(made.str.to_uppercase()).otherwise(made)).to_series()
