"""Password_hash: every password becomes `masker`, hashed as its column's are.

So everybody can log in to staging as anybody, and no production hash is left to guess. The hashes
are public and the same everywhere; none is secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Masked, Promises, Site, Transformer
from masker.transformers.unparsed import with_scramble

PASSWORD = "masker"  # noqa: S105 - it is public on purpose

_SALT = "maskermaskermask"
# What a hash looks like, and `masker` hashed so; `$1` in it takes up the variant of the source.
HASHES: tuple[tuple[str, str], ...] = (
    (
        r"^\$(2[aby])\$[0-9]{2}\$[./A-Za-z0-9]{53}$",
        "$$${1}$$10$$maskermaskermaskermaseVYjit5/Zclcz8WHeaFFJ9jYZstLX1JK",
    ),
    (
        r"^\$argon2id\$.+$",
        (
            "$$argon2id$$v=19$$m=65536,t=3,p=4$$bWFza2VybWFza2VybWFzaw"
            "$$egBpIkleIZWQNhy2WksZML8tDrv2FqYME/7EF/7D768"
        ),
    ),
    (r"^\$1\$.+$", "$$1$$masker$$3BXqF8Brq9QAaMfp81WNA0"),
    (r"^\$5\$.+$", f"$$5$${_SALT}$$OeSR6/w6NCbyno8YLbpeib6chqyEJO9qAtqI4maZKw6"),
    (
        r"^\$6\$.+$",
        (
            f"$$6$${_SALT}$$2NE61pvWgmgnN8qNYHJgrli6HHAWLogY8yu26nq2izRla10um5BlIvAUXh9PvOTUaGqKzcH7G"
            "jqVqU3GLoOkh."
        ),
    ),
    (
        r"^pbkdf2_sha256\$.+$",
        f"pbkdf2_sha256$$600000$${_SALT}$$tl5o00dvgnTFI0bGpP6w63Pf2aTY5hV1JLSwvFJRCAQ=",
    ),
    (
        r"^pbkdf2:sha256(?::[0-9]+)?\$.+$",
        (
            f"pbkdf2:sha256:600000$${_SALT}$$"
            "b65e68d3476f8274c52346c6a4feb0eb73dfd9a4d8e6157524b4b0bc52510804"
        ),
    ),
    (
        r"^scrypt:.+$",
        (
            f"scrypt:32768:8:1$${_SALT}$$649ffb0fcd74b34d887f0c9c8590c64646005f10a4339368c90ac211b219e"
            "2c67d74e8f8396224e5b0a7f59165859052fd8a8abcfb4448885e2a2cd7184fe495"
        ),
    ),
    (
        r"^SCRAM-SHA-256\$.+$",
        (
            "SCRAM-SHA-256$$4096:bWFza2VybWFza2VybWFzaw==$$jT5zo6gbKT7/u0E8l78UAneqGZNi+jkiVb3e3n2BN+4="
            ":F1D4MKFJkoBMXG2Xj8LoC0N+43WOEo2WmQUPRjA2XCs="
        ),
    ),
    (r"^\{SSHA\}.+$", "{SSHA}YMHIE9H4yiJA7nXVjf/z9M2tC5ptYXNrZXJtYQ=="),
    (r"^[0-9A-Fa-f]{32}$", "9da180326f4cfc131c70632a57c4509c"),
    (r"^[0-9A-Fa-f]{40}$", "861b25878c676d07698b41704b00219852062f5e"),
    (r"^[0-9A-Fa-f]{64}$", "e4bb24b295cd1d427e6e1cfb97d06a5892c70cbdab37e2b2376a8938531ec9f3"),
    (
        r"^[0-9A-Fa-f]{128}$",
        (
            "00c05c8e8ca6fff90666ba3da1b9437f8afa3e50e293469e6f190a5d3d67b0f7"
            "83c369b4606c31eaf23c41aa4d75f2496fb55c2a52eaf4112c114718ac2ebe20"
        ),
    ),
)


@dataclass(frozen=True)
class PasswordHash(Transformer):
    """Replace password hashes by those of one known password."""

    name: ClassVar[str] = "password_hash"
    sentence: ClassVar[str] = (
        f"Replaces password hashes by the hash of `{PASSWORD}` in the same scheme (bcrypt, "
        "argon2id, scrypt, PBKDF2, crypt's, SCRAM, SSHA, bare MD5 and SHA); other texts are "
        "scrambled."
    )
    default_domain: ClassVar[str] = "password_hash"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # The source may hold the same password, unsalted.
        return Promises(technique="suppression", chance="pool")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        value = pl.col("value")
        known = pl.lit(None, dtype=pl.String)
        for form, hashed in reversed(HASHES):
            here = value.str.contains(form)
            known = pl.when(here).then(value.str.replace(form, hashed)).otherwise(known)
        made = values.to_frame("value").select_seq(known).to_series()
        if site.length is not None:
            made = made.set(made.str.len_chars() > site.length, None)
        return with_scramble(
            values,
            made,
            parsed=made.is_not_null(),
            keys=keys,
            domain=site.domain or self.default_domain,
            chance=float((made == values).sum()),
        )
