"""Ip: addresses replaced so that those with an equal prefix keep one, of the same length.

The construction is that of Crypto-PAn (Xu, Fan, Ammar and Moon 2002): whether a bit is turned over
depends, keyed, on all bits before it. Ranges with a meaning of their own (private, loopback, link
local, multicast) are mapped onto themselves, and so is everything else; the price is that an
address shares as many leading bits with its source as that shares with the nearest of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring, prf
from masker.transformers.addresses import V4, V6, Octets, is_v6, read_v4, read_v6, v4_text, v6_text
from masker.transformers.base import Masked, Promises, Site, Transformer
from masker.transformers.unparsed import with_scramble

Bits = npt.NDArray[np.uint8]

_OWN_V4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
_OWN_V6 = (
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "2000::/3",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)
_MAPPED = "(?i)^(::ffff:)?"  # an IPv4 address written as IPv6 is masked as the former


@dataclass(frozen=True)
class Ip(Transformer):
    """Replace IP addresses and networks."""

    name: ClassVar[str] = "ip"
    sentence: ClassVar[str] = (
        "Replaces IPv4 and IPv6 addresses so that addresses of one network stay together; "
        "private, loopback and multicast addresses stay what they are, a mask stays as written."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.INET, Kind.TEXT})
    default_domain: ClassVar[str] = "ip"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # One to one on addresses; not on their spellings, of which text columns hold several.
        return Promises(reversible=True, chance="space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        made = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
        chance = 0.0
        for family in (_IPV4, _IPV6):
            parts = values.str.extract_groups(family.form).struct.rename_fields(
                ["head", "address", "mask"]
            )
            frame = parts.struct.unnest().with_row_index("row").drop_nulls("address")
            frame = frame.filter(family.is_one(frame["address"]))
            if not len(frame):
                continue
            frame = frame.with_columns_seq(
                bits=pl.col("mask").str.slice(1).cast(pl.Int64).fill_null(family.bits)
            ).filter(pl.col("bits") <= family.bits)
            # A cidr has no bits behind its mask, an inet may.
            behind = frame["bits"] if site.base == "cidr" else frame["bits"] * 0 + family.bits
            octets, more = _masked(
                family.read(frame["address"]), family, behind.to_numpy(), keys=keys, domain=domain
            )
            text = frame["head"].fill_null("") + family.write(octets) + frame["mask"].fill_null("")
            made = made.scatter(frame["row"], text)
            chance += more
        if site.kind is Kind.TEXT and site.length is not None:
            made = made.set(made.str.len_chars() > site.length, None)  # a shorter form elsewhere
        return with_scramble(
            values, made, parsed=made.is_not_null(), keys=keys, domain=domain, chance=chance
        )

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        longest = len("255.255.255.255")
        if site.kind is Kind.TEXT and site.length is not None and site.length < longest:
            return (
                f"an address has up to {longest} characters and the column takes {site.length}",
            )
        return ()


@dataclass(frozen=True, slots=True)
class _Family:
    """A family of addresses: `form` finds what stands before, the address, and the mask."""

    name: str
    bits: int
    form: str
    own: tuple[str, ...]
    is_one: Callable[[pl.Series], pl.Series]
    read: Callable[[pl.Series], Octets]
    write: Callable[[Octets], pl.Series]

    def ranges(self) -> list[Bits]:
        """Return the bits of every range that is mapped onto itself."""
        networks = [ipaddress.ip_network(text) for text in self.own]
        return [
            np.unpackbits(np.frombuffer(net.network_address.packed, np.uint8))[: net.prefixlen]
            for net in networks
        ]


def _any(text: pl.Series) -> pl.Series:
    return text.is_not_null()


_DOTTED = V4.replace("(", "(?:")
_IPV4 = _Family(
    "ip4", 32, f"{_MAPPED}({_DOTTED})(/[0-9]{{1,2}})?$", _OWN_V4, _any, read_v4, v4_text
)
_IPV6 = _Family("ip6", 128, f"^()({V6})(/[0-9]{{1,3}})?$", _OWN_V6, is_v6, read_v6, v6_text)


def _masked(
    octets: Octets, family: _Family, kept: npt.NDArray[np.int64], *, keys: Keyring, domain: str
) -> tuple[Octets, float]:
    """Turn bits over; those behind the first `kept` of a row become 0.

    Returned beside the addresses: how many are expected to come out as they went in.
    """
    bits = np.unpackbits(octets, axis=1)
    turned = _decisions(octets, bits, family.name, keys=keys, domain=domain)
    fixed = np.zeros(bits.shape, dtype=bool)
    for own in family.ranges():
        inside = np.ones(len(bits), dtype=bool)
        for depth, bit in enumerate(own):
            fixed[:, depth] |= inside
            inside &= bits[:, depth] == bit
    behind = np.arange(family.bits) >= kept[:, None]
    free = (~fixed & ~behind).sum(axis=1)
    made = np.where(behind, 0, bits ^ np.where(fixed, 0, turned))
    return np.packbits(made.astype(np.uint8), axis=1), float(np.exp2(-free.astype(float)).sum())


def _decisions(octets: Octets, bits: Bits, family: str, *, keys: Keyring, domain: str) -> Bits:
    """Return, for every bit, a keyed bit that depends on the bits before it.

    An octet's eight decisions are a path in a tree of 255: node 1, then 2 * node + bit. The tree
    is cut from the digest of the octets before.
    """
    turned = np.empty_like(bits)
    prefix = pl.Series([f"{family}/"]).new_from_index(0, len(octets))
    for place in range(octets.shape[1]):
        digest = prf(prefix, keys=keys, domain=domain, purpose="ip").words.astype(">u8")
        tree = np.unpackbits(digest.view(np.uint8).reshape(-1, 32), axis=1)
        node = np.ones(len(octets), dtype=np.int64)
        for depth in range(8 * place, 8 * place + 8):
            turned[:, depth] = tree[np.arange(len(node)), node]
            node = 2 * node + bits[:, depth]
        prefix = prefix + pl.Series(octets[:, place]).cast(pl.String) + "."
    return turned
