"""Usernames: masked name tokens, so that `anna.schmidt` agrees with the name beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from masker.keys import Keyring, prf
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.distinct import over_distinct, set_apart
from masker.transformers.email import Email
from masker.transformers.local_part import masked_local, written
from masker.transformers.person.dictionary import dictionary

_SUFFIX = {"long": 16, "short": 4, "none": 0}  # base32 characters, 5 keyed bits each
_ADDRESS = r"^[^\s@]+@[^\s@]+$"
_NAMELESS = 6  # base32 characters where there is neither a name nor a suffix


@dataclass(frozen=True)
class Username(Transformer):
    """Replaces usernames; the name in one agrees with the name beside it."""

    name: ClassVar[str] = "username"
    sentence: ClassVar[str] = "Replaces usernames, with the masked name inside."
    default_domain: ClassVar[str] = "username"
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="suffix",
            type="text",
            default="long",
            choices=tuple(_SUFFIX),
            meaning="16 keyed characters that make usernames unique, 4 that do not, or none",
        ),
    )
    suffix: str = "long"

    def promises(self) -> Promises:
        """Return what holds for every output; usernames are unique with the long suffix only."""
        long = self.suffix == "long"
        return Promises(
            uniqueness=Uniqueness.KEYED if long else Uniqueness.NONE,
            never_equal=True,
            chance="nil" if long else "pool",
        )

    def check(self, site: Site) -> tuple[str, ...]:
        """Say whether the column can hold the suffix."""
        need = _SUFFIX[self.suffix]
        if site.length is None or site.length >= need:
            return ()
        found = f"the column holds {site.length}"
        return (f"too short: a username needs {need} characters for its keyed suffix, {found}",)

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the digest of the name dictionary."""
        del site
        return {"names": dictionary().digest}

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column of usernames, exact on the whole value; a blank value stays.

        A username that is an e-mail address gets the fake of the address. What has neither a name
        nor a suffix becomes six keyed characters.
        """
        del others
        return over_distinct(
            values,
            lambda each: self._mask(each, site, keys),
            parsed=r"^[^\s@]*\p{L}[^\s@]*(@[^\s@]+)?$",
        )

    def _mask(self, values: pl.Series, site: Site, keys: Keyring) -> pl.Series:
        text = values.rename("value")
        masked = set_apart(self._written(text, site, keys), text)
        address = text.str.contains(_ADDRESS).arg_true()
        if len(address) and (site.length is None or site.length >= max(_SUFFIX.values())):
            plain = replace(site, domain=None)
            email = Email().apply(text.gather(address), site=plain, keys=keys, others={})
            masked = masked.scatter(address, email.values)
        blank = text.str.strip_chars() == ""
        return pl.select(pl.when(blank).then(text).otherwise(masked)).to_series()

    def _written(self, text: pl.Series, site: Site, keys: Keyring) -> pl.Series:
        domain = site.domain or self.default_domain
        keyed = prf(text, keys=keys, domain=domain, purpose="username").base32(
            max(_SUFFIX.values())
        )
        names = masked_local(text, keys)
        frame = pl.DataFrame({"local": text, "names": names, "keyed": keyed})
        room = 10**6 if site.length is None else site.length
        bare = (pl.col("names") == "") & (_SUFFIX[self.suffix] == 0)
        shown = pl.when(bare).then(min(_NAMELESS, room)).otherwise(_SUFFIX[self.suffix])
        suffix = pl.col("keyed").str.tail(shown)
        return written(frame.with_columns_seq(suffix=suffix, room=room))
