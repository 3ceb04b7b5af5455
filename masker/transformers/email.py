"""E-mail addresses: masked name tokens, a keyed suffix that keeps them unique, a safe domain."""

# ruff: noqa: SIM905 - a list of words reads best as text
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring, columns, pick, prf
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.distinct import counted, repeats
from masker.transformers.local_part import LONGEST, LocalParts, written
from masker.transformers.person.dictionary import dictionary

DOMAIN = "email"
_SUFFIX = {"full": 16, "short": 4}  # base32 characters, 5 keyed bits each
_PARSED = r"^[^\s@<>,;]*\p{L}[^\s@<>,;]*(@[^\s@<>,;]+)?$"
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.IGNORECASE)

# What masked domains are called; none of them belongs to anybody below example.com (RFC 2606).
_WORDS = (
    "acorn alder almond amber anchor apple arbor aspen atlas aurora autumn bamboo basil bay beacon "
    "birch breeze brook canyon cedar cherry cliff clover cobalt comet copper coral cove crane "
    "creek crystal cypress dawn delta dune eagle echo elm ember falcon fern field finch fir fjord "
    "flint forest fox garnet ginger glacier glen granite grove gull harbor hawk hazel heather "
    "heron hill hollow horizon iris island ivory ivy jade jasper juniper kestrel kite lagoon lake "
    "larch lark laurel lava lavender leaf lemon lilac lily linden lotus lunar lynx magnolia maple "
    "marble marsh meadow mesa mint mist moon moss myrtle nectar north nova oak oasis ocean olive "
    "onyx opal orchid osprey otter owl palm pearl pebble pine plum pond poplar prairie quail "
    "quartz quince rain raven reed ridge river robin rose ruby saffron sage sand sequoia shore "
    "sierra silver sky snow solar spruce star stone storm summit swan teal thistle thyme "
    "tide tulip valley violet walnut willow wind winter wren zephyr"
).split()


@dataclass(frozen=True)
class Email(Transformer):
    """Replaces e-mail addresses; the name in an address agrees with the name beside it."""

    name: ClassVar[str] = "email"
    sentence: ClassVar[str] = (
        "Replaces e-mail addresses by ones that nobody has, with the masked name inside."
    )
    default_domain: ClassVar[str] = DOMAIN
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="suffix",
            type="text",
            default="full",
            choices=tuple(_SUFFIX),
            meaning="16 keyed characters that make addresses unique, or 4 that do not",
        ),
        Param(
            name="sink",
            type="text",
            default=None,
            meaning="a domain of your own that receives all mail, instead of example domains",
        ),
    )

    suffix: str = "full"
    sink: str | None = None

    def promises(self) -> Promises:
        """Return what holds for every output; addresses are unique with the full suffix only."""
        full = self.suffix == "full"
        return Promises(
            uniqueness=Uniqueness.KEYED if full else Uniqueness.NONE,
            never_equal=True,
            chance="nil" if full else "pool",
        )

    def check(self, site: Site) -> tuple[str, ...]:
        """Say whether the column can hold the suffix, and whether the sink is a domain.

        The suffix alone must fit. An address keeps a domain where suffix, `@` and the shortest
        domain fit as well: 28 characters, or 17 and the length of the sink.
        """
        wrong = []
        need = _SUFFIX[self.suffix]
        if site.length is not None and site.length < need:
            wrong.append(
                f"too short: an address needs {need} characters for its keyed suffix, "
                f"the column holds {site.length}"
            )
        if self.sink is not None and not _HOST.fullmatch(self.sink):
            wrong.append("`sink` is not a domain such as `sink.mycompany.test`")
        return tuple(wrong)

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the digest of the name dictionary."""
        del site
        return {"names": dictionary().digest}

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column of addresses, exact on the whole address.

        What is no address (blanks in it, no letter, several `@`) is masked in the same way and
        counted as unparsed. A blank value stays.
        """
        del others
        text = values.rename("value")
        often = repeats(text)
        source = _Addresses.of(text.drop_nulls().unique() if often else text, keys)
        made = self._masked(source, site, keys)
        if often:
            made = text.replace_strict(source.text, made, default=None, return_dtype=pl.String)
        made = made.alias(values.name)
        return Masked(made) if source.parse() else counted(text, made, _PARSED)

    def _masked(self, source: _Addresses, site: Site, keys: Keyring) -> pl.Series:
        hosts = self._hosts(source, site, keys)
        text = source.text
        masked = self._join(source, hosts, self._suffixes(text, site, keys, "email"), site)
        if self.suffix == "short":  # an address equals its own fake once in 2^20
            same = masked.str.to_lowercase() == text.str.to_lowercase()
            suffixes = self._suffixes(text, site, keys, "email-again")
            again = self._join(source, hosts, suffixes, site)
            masked = pl.select(pl.when(same).then(again).otherwise(masked)).to_series()
        if not source.bare:
            return masked
        blank = text.str.strip_chars() == ""
        return pl.select(pl.when(blank).then(text).otherwise(masked)).to_series()

    def _hosts(self, source: _Addresses, site: Site, keys: Keyring) -> dict[str, pl.Series]:
        """Return the masked domain of each row, `long` and `short`, empty where there is none."""
        domain = site.domain or DOMAIN
        if site.length is None and not source.bare:
            memory = keys.remembered(f"email-host {self.sink or ''} {domain}")
            long = memory.of(source.hosts, lambda new: self._fakes(new, domain, keys)["long"])
            return {"long": long.gather(source.index)}
        fakes = self._fakes(source.hosts, domain, keys)
        return {name: fakes[name].gather(source.index) for name in ("long", "short")}

    def _fakes(self, hosts: pl.Series, domain: str, keys: Keyring) -> pl.DataFrame:
        key = hosts.str.to_lowercase()
        drawn = prf(key, keys=keys, domain=domain, purpose="email-host")
        words = pl.Series(_WORDS).gather(pick(drawn.words[:, 0], len(_WORDS)))
        frame = pl.DataFrame({"key": key, "word": words, "code": drawn.base32(3)})
        zone = pl.col("key").str.extract(r"\.(org|net)$", 1).fill_null("com")
        long = pl.format("@{}-{}.example.{}", "word", "code", zone)
        short = pl.format("@{}.example", "code")
        if self.sink is not None:
            long = short = pl.when(pl.col("key").is_not_null()).then(pl.lit(f"@{self.sink}"))
        return frame.select_seq(long=long, short=short).fill_null("")

    def _suffixes(self, values: pl.Series, site: Site, keys: Keyring, purpose: str) -> pl.Series:
        exact = values.str.to_lowercase() if site.case_insensitive else values
        domain = site.domain or DOMAIN
        drawn = prf(exact, keys=keys, domain=domain, purpose=purpose, distinct=True)
        return drawn.base32(_SUFFIX[self.suffix])

    def _join(
        self, source: _Addresses, hosts: dict[str, pl.Series], suffixes: pl.Series, site: Site
    ) -> pl.Series:
        """Write the addresses: the domain gives way first, then the tokens, the suffix never."""
        if site.length is None:
            return self._whole(source.local, hosts["long"], suffixes)
        names, long, short = (pl.col(name) for name in ("names", "long", "short"))
        limit = site.length
        room = limit - _SUFFIX[self.suffix]
        tokens = names.str.len_chars()
        dotted = pl.when(tokens > 0).then(tokens + 1).otherwise(0)
        host = (
            pl.when(long.str.len_chars() + dotted <= room)
            .then("long")
            .when(short.str.len_chars() <= room)
            .then("short")
            .otherwise(pl.lit(""))
        )
        local = source.local
        frame = pl.DataFrame({"names": local.rows(), "local": local.stems.gather(local.index)})
        frame = frame.with_columns_seq(**hosts).with_columns_seq(host=host, suffix=suffixes)
        left = pl.lit(limit, dtype=pl.Int64) - pl.col("host").str.len_chars().cast(pl.Int64)
        return written(frame.with_columns_seq(room=left)) + frame["host"]

    def _whole(self, local: LocalParts, hosts: pl.Series, suffixes: pl.Series) -> pl.Series:
        heads, capitals = local.heads(LONGEST - _SUFFIX[self.suffix])
        if capitals.any():
            frame = pl.DataFrame({"text": heads + suffixes, "capitals": capitals})
            upper = pl.when("capitals").then(pl.col("text").str.to_uppercase())
            return frame.select_seq(upper.otherwise("text")).to_series() + hosts
        parts = pl.DataFrame({"head": heads, "suffix": suffixes, "host": hosts})
        return parts.select_seq(pl.concat_str("head", "suffix", "host")).to_series()


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Addresses cut at their first @, none of them null.

    `hosts` are the distinct domains, `index` is the one of every row; where an address has none,
    that is the null among them.
    """

    text: pl.Series
    local: LocalParts
    hosts: pl.Series
    index: npt.NDArray[np.int64]

    @classmethod
    def of(cls, text: pl.Series, keys: Keyring) -> Self:
        """Cut addresses, none of them null."""
        cut = text.str.splitn("@", 2).struct.rename_fields(["local", "host"]).struct.unnest()
        local, host = LocalParts.of(cut["local"], keys), cut["host"]
        if host.has_nulls():
            return cls(text, local, *columns.distinct(host))
        hosts = keys.remembered("host").spread(host, lambda new: new)
        return cls(text, local, hosts.texts, hosts.index)

    @property
    def bare(self) -> bool:
        """Tell whether there are any without a domain."""
        return self.hosts.has_nulls()

    def parse(self) -> bool:
        """Tell whether all of them are addresses for sure; where not, each is looked at."""
        bad = self.hosts.str.contains(r"[\s@<>,;]") | (self.hosts == "")
        return not bad.any() and self.local.parse
