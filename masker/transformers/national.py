"""National_id: numbers that a state gives to one person, with right check digits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.errors import ConfigError
from masker.findings import error
from masker.keys import Keyring
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.card import LIVE, RANGE, promised
from masker.transformers.characters import respelled
from masker.transformers.schemes import SCHEMES, Scheme
from masker.transformers.unparsed import with_permutation, with_scramble

_FORM = r"^[0-9A-Za-z](?:[ ./-]?[0-9A-Za-z])*$"


@dataclass(frozen=True)
class NationalId(Transformer):
    """Replace national numbers of one kind."""

    number: str
    range: str = "test"

    name: ClassVar[str] = "national_id"
    sentence: ClassVar[str] = (
        "Replaces national numbers such as social security numbers by others of the same kind and "
        "grouping, with right check digits where the kind has them."
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="number",
            type="text",
            default=None,
            choices=tuple(SCHEMES),
            meaning="Which number it is: country and kind.",
        ),
        RANGE,
    )
    default_domain: ClassVar[str] = "national_id"

    def __post_init__(self) -> None:
        """Refuse a number that is not known, and a test range where the state reserves none."""
        if self.number not in SCHEMES:
            near = difflib.get_close_matches(self.number, SCHEMES, n=1)
            raise _wrong(
                f"`national_id` knows no number `{self.number}`",
                f"did you mean `{near[0]}`?" if near else f"it knows {', '.join(SCHEMES)}",
            )
        if self.range == "test" and not self._scheme.test:
            raise _wrong(
                f"no numbers of `{self.number}` are reserved for tests",
                "set `range: format`, or use `token`",
            )

    @property
    def _scheme(self) -> Scheme:
        return SCHEMES[self.number]

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return promised(self.range)

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        plain = self._plain(values)
        there = plain.drop_nulls()
        rows = plain.is_not_null().arg_true()
        if self.range == "format":
            made = self._scheme.permuted(there, keys=keys, domain=domain)
            return with_permutation(
                values,
                respelled(values, plain.clone().scatter(rows, made)),
                parses=lambda some: self._plain(some).is_not_null(),
                keys=keys,
                domain=domain,
                chance=len(there) * 10.0**-self._scheme.body,
            )
        made = self._scheme.tested(there, keys=keys, domain=domain)
        new = respelled(values, plain.clone().scatter(rows, made))
        return with_scramble(values, new, parsed=plain.is_not_null(), keys=keys, domain=domain)

    def _plain(self, values: pl.Series) -> pl.Series:
        """Return the numbers in upper case without separators; null for what is none."""
        formed = values.set(~values.str.contains(_FORM), None)
        plain = formed.str.replace_all("[ ./-]", "").str.to_uppercase()
        return plain.set(~plain.str.contains(self._scheme.form), None)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        del site
        return (LIVE,) if self.range == "format" else ()


def _wrong(message: str, help: str) -> ConfigError:
    return ConfigError.from_findings(
        (error("bad-parameter", message, subject="national_id.number", help=help),)
    )
