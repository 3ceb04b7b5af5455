"""Redact: an unmistakable placeholder that the column's type takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.constant import filled
from masker.transformers.literal import misfit

# What says "nothing stands here" in a kind whose values are no free text.
_NEUTRAL: Mapping[Kind, str] = {
    Kind.INTEGER: "0",
    Kind.DECIMAL: "0",
    Kind.FLOAT: "0",
    Kind.BOOLEAN: "f",
    Kind.DATE: "1900-01-01",
    Kind.TIME: "00:00:00",
    Kind.TIMESTAMP: "1900-01-01 00:00:00",
    Kind.TIMESTAMP_TZ: "1900-01-01 00:00:00+00",
    Kind.INTERVAL: "00:00:00",
    Kind.UUID: "00000000-0000-0000-0000-000000000000",
    Kind.INET: "0.0.0.0",  # noqa: S104 - a placeholder, nothing listens
    Kind.JSON: "{}",
    Kind.BYTES: "\\x",
    Kind.ARRAY: "{}",
    Kind.RANGE: "empty",
    Kind.TSVECTOR: "",
}


@dataclass(frozen=True)
class Redact(Transformer):
    """Replace every value by a placeholder."""

    text: str = "[redacted]"

    name: ClassVar[str] = "redact"
    sentence: ClassVar[str] = (
        "Replaces every value by a placeholder: in text columns `text`, cut to the column's "
        "length; in an enum its first label; in other types an empty or zero value."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.TEXT, Kind.ENUM, *_NEUTRAL})
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="text",
            type="text",
            default="[redacted]",
            meaning="The placeholder of text columns.",
        ),
    )

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # A source may hold the placeholder already, an empty array or a zero above all.
        return Promises(data_free=True, technique="suppression", chance="pool")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del keys, others
        return filled(values, self._placeholder(site))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        return misfit(self._placeholder(site), site) if site.kind is not Kind.TEXT else ()

    def _placeholder(self, site: Site) -> str:
        if site.labels:
            return site.labels[0]
        if site.kind is Kind.TEXT:
            return self.text if site.length is None else self.text[: site.length]
        return _NEUTRAL.get(site.kind, "")
