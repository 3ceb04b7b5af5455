"""Pools: the fixed lists of made-up values that keyed picks are taken from. Faker's only door.

What a pool holds depends on Faker and on nothing else, never on the key or the data, so that its
digest can stand in plan and manifest: a Faker that changes a pool is seen before it changes a
pseudonym. Only the pick is keyed.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.errors import ConfigError
from masker.keys import Keyring, prf

DRAWN = 10_000  # distinct values drawn where Faker has no list of its own
_RARE = 20  # draws per new value from which looking for more is given up
_SEED = 20_250_101  # of the drawing; no secret
_WEIGHT = 10**9  # weights are kept as whole numbers of this unit

# Providers that pick from one list of the provider class, and what that list is called.
_LISTS = {
    "first_name": "first_names",
    "first_name_male": "first_names_male",
    "first_name_female": "first_names_female",
    "last_name": "last_names",
    "job": "jobs",
}

# What these make may reach a real person or account; the transformer named beside keeps it safe.
_UNSAFE = {
    "ascii_company_email": "email",
    "ascii_email": "email",
    "ascii_free_email": "email",
    "company_email": "email",
    "email": "email",
    "free_email": "email",
    "basic_phone_number": "phone",
    "cellphone_number": "phone",
    "msisdn": "phone",
    "phone_number": "phone",
    "credit_card_full": "card",
    "credit_card_number": "card",
    "iban": "iban",
    "bban": "iban",
    "ipv4_public": "ip",
}

# Providers that read the clock would change their pool overnight; of that shelf only these do not.
_CLOCK = ("faker.providers.date_time", "faker.providers.ssn", "faker.providers.profile")
_TIMELESS = frozenset({"am_pm", "century", "month_name", "pytimezone", "timezone", "day_of_week"})
_CLOCKED = frozenset({"credit_card_expire", "passport_dates", "passport_dob", "passport_full"})


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """A list of distinct values with weights.

    `values` is a String series of n values, no two equal but for case and blanks; `bounds` holds
    n - 1 ascending uint64 borders that cut the range of a 64-bit word into the values' shares;
    `forms` are the values' canonical texts.
    """

    name: str
    values: pl.Series
    forms: pl.Series
    bounds: npt.NDArray[np.uint64]
    digest: str

    def __len__(self) -> int:
        return len(self.values)

    def fitting(self, length: int | None) -> int:
        """Return how many values have at most `length` characters."""
        if length is None:
            return len(self)
        return int((self.values.str.len_chars() <= length).sum())


def pool_of(name: str, weights: Mapping[str, float]) -> Pool:
    """Make a pool of values and weights, one value for each canonical form.

    Sorted by value, so that the order in which they came leaves no trace.
    """
    schema = {"value": pl.String, "weight": pl.Float64}
    frame = (
        pl.DataFrame([list(weights), list(weights.values())], schema=schema)
        .with_columns_seq(form=canonical_text(pl.col("value")))
        .filter(pl.col("form") != "")
        .group_by("form")
        .agg(pl.col("value").min(), pl.col("weight").sum())
        .sort("form")
        .with_columns_seq(whole=(pl.col("weight") * _WEIGHT).round().cast(pl.Int64).clip(1))
    )
    return Pool(
        name=name,
        values=frame["value"],
        forms=frame["form"],
        bounds=shares(frame["whole"].to_list()),
        digest=digest_of(frame.select_seq("value", "whole")),
    )


def shares(weights: list[int]) -> npt.NDArray[np.uint64]:
    """Cut the range of a 64-bit word into shares: the upper borders of all but the last."""
    total, running, borders = sum(weights), 0, []
    for weight in weights[:-1]:
        running += weight
        borders.append((running << 64) // total)
    return np.array(borders, dtype=np.uint64)


def digest_of(frame: pl.DataFrame) -> str:
    """Return 16 hex digits of SHA-256 over the frame's rows in order."""
    rows = frame.select_seq(pl.concat_str(pl.all(), separator="\t").str.join("\n")).item()
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


def canonical_text(text: pl.Expr) -> pl.Expr:
    """Fold case, composition and outer blanks: what counts as equal for a pool pick."""
    return text.str.normalize("NFC").str.strip_chars().str.to_lowercase()


def pick_from(
    pool: Pool,
    values: pl.Series,
    *,
    keys: Keyring,
    domain: str,
    purpose: str,
    length: int | None = None,
) -> pl.Series:
    """Pick a value of the pool for each value, never one equal to it but for case and blanks.

    Returns a String series of the same length, null where `values` is. A pick that is longer than
    `length` characters, or equal to its source, gives way to the next of the pool that is neither;
    the pool must hold at least two values that fit (`check` of the transformer sees to it).
    """
    words = prf(values, keys=keys, domain=domain, purpose=purpose, canonical=True).words[:, 0]
    index = np.searchsorted(pool.bounds, words, side="right").astype(np.int64)
    following = _fits_from(pool, length)
    index = following[index]
    forms = values.to_frame("value").select_seq(canonical_text(pl.col("value"))).to_series()
    same = (pool.forms.gather(index) == forms).fill_null(value=False).to_numpy()
    index[same] = following[(index[same] + 1) % len(pool)]
    picked = pool.values.gather(index)
    return pl.select(pl.when(values.is_not_null()).then(picked)).to_series().alias(values.name)


def _fits_from(pool: Pool, length: int | None) -> npt.NDArray[np.int64]:
    """Return for each place of the pool the first place from there on whose value fits."""
    places = np.arange(len(pool), dtype=np.int64)
    if length is None:
        return places
    fits = np.flatnonzero((pool.values.str.len_chars() <= length).to_numpy())
    return fits[np.searchsorted(fits, places) % len(fits)].astype(np.int64)


def locales() -> tuple[str, ...]:
    """Return every locale that Faker knows, sorted."""
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415 - Faker loads only when used

    return tuple(sorted(AVAILABLE_LOCALES))


@functools.cache
def providers(locale: str) -> frozenset[str]:
    """Return the names of everything that Faker makes in a locale."""
    names: set[str] = set()
    for provider in _generator(locale).get_providers():
        names.update(name for name in dir(provider) if not name.startswith("_"))
    return frozenset(names - {"add_provider", "locale", "generator", "random_element"})


def problem(provider: str, locale: str) -> str | None:
    """Say in one sentence why there is no pool of this provider and locale; None if there is."""
    if locale not in locales():
        return f"Faker has no locale `{locale}`{_nearest(locale, locales())}"
    if provider not in providers(locale):
        return f"Faker makes no `{provider}` in `{locale}`{_nearest(provider, providers(locale))}"
    if provider in _UNSAFE:
        better = _UNSAFE[provider]
        return f"what Faker's `{provider}` makes may be somebody's: use the transformer `{better}`"
    if provider in _CLOCKED or _reads_clock(provider, locale):
        return f"what Faker's `{provider}` makes depends on the day or names a person's papers"
    return _unusable(provider, locale)


def _unusable(provider: str, locale: str) -> str | None:
    try:
        sample = _generator(locale).format(provider)
    except Exception as failure:  # noqa: BLE001 - any provider may fail in its own way
        return f"Faker's `{provider}` fails without arguments ({type(failure).__name__})"
    if _text(sample) is None:
        return f"Faker's `{provider}` makes a {type(sample).__name__}, not one value"
    return None


@functools.cache
def pool(provider: str, locale: str, *, drawn: int = DRAWN) -> Pool:
    """Return the pool of a provider in a locale; made once per worker.

    `drawn` is how many values are drawn at most where Faker has no list of its own.

    Raises ConfigError when there is none (`problem` says so beforehand).
    """
    if (wrong := problem(provider, locale)) is not None:
        raise ConfigError(f"{wrong}.", code="unknown-provider")
    name = f"{provider}/{locale}"
    return pool_of(name, _listed(provider, locale) or _drawn(provider, locale, drawn))


def person_lists(locale: str, attributes: Iterable[str]) -> dict[str, Mapping[str, float]]:
    """Return the lists of names that Faker holds for a locale: attribute -> name -> weight.

    Read from the provider class itself, which takes no generator and milliseconds. Weights sum to
    one per list; lists without weights of their own share them evenly.
    """
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lists = {attribute: _weighted(getattr(provider, attribute, ())) for attribute in attributes}
    return {attribute: listed for attribute, listed in lists.items() if listed}


def _owner(provider: str, locale: str) -> object:
    return next(p for p in _generator(locale).get_providers() if hasattr(p, provider))


def _reads_clock(provider: str, locale: str) -> bool:
    module = type(_owner(provider, locale)).__module__
    return module.startswith(_CLOCK) and provider not in _TIMELESS


def _listed(provider: str, locale: str) -> dict[str, float]:
    """Return the provider's own list, if it has one."""
    if provider not in _LISTS:
        return {}
    return _weighted(getattr(_owner(provider, locale), _LISTS[provider], ()))


def _weighted(listed: object) -> dict[str, float]:
    """Return a list of Faker's as value -> weight; empty for what is no list of texts."""
    if isinstance(listed, Mapping):
        total = sum(listed.values())
        return {name: weight / total for name, weight in listed.items()}
    if isinstance(listed, (list, tuple)):
        return {name: 1 / len(listed) for name in listed if isinstance(name, str)}
    return {}


def _drawn(provider: str, locale: str, wanted: int) -> dict[str, float]:
    """Draw distinct values with a fixed seed, until there are enough or new ones become rare."""
    generator = _generator(locale)
    generator.seed_instance(_SEED)
    seen: dict[str, None] = {}
    for drawn in range(3 * wanted):
        text = _text(generator.format(provider))
        if text:
            seen[" ".join(text.split())] = None
        if len(seen) >= wanted or drawn >= wanted > _RARE * len(seen):
            break
    return dict.fromkeys(seen, 1 / len(seen))


def _text(made: object) -> str | None:
    if made is None or isinstance(made, (bytes, Mapping, list, tuple, set)):
        return None
    return str(made)


@functools.cache
def _generator(locale: str) -> Any:
    from faker import Factory  # noqa: PLC0415 - Faker loads only when used

    # without weights it draws ten times as fast; a pool's values are taken evenly all the same
    return Factory.create(locale, use_weighting=False)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
