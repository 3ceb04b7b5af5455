"""The name dictionary: what kind of name a token is, and the pool its fake is picked from.

Made from Faker's lists of names, once per worker, in a fraction of a second. It is the same for
every key; its digest stands in plan and manifest.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.transformers.person.fold import ascii_form, token_key
from masker.transformers.person.index import Index
from masker.transformers.person.languages import LANGUAGES, MORE_GIVEN, PARTICLES, TITLES
from masker.transformers.pools import digest_of, person_lists

_SMALL = 30  # a pool with fewer names gives way to the next wider one
_EVEN = 500  # a list without weights is taken as the top of a distribution of this many names
ENDINGS = (4, 3, 2, 1)  # letters at the end of an unknown token that tell its language
_SINGLE = r"^[\p{L}\p{M}][\p{L}\p{M}']*$"  # one token and nothing else

# Attributes of Faker's classes: which role and gender (m, f, or u for either) they list. The lists
# for both genders at once count only for names that stand in neither of the two.
_ATTRIBUTES = {
    "first_names_male": ("given", "m"),
    "first_names_female": ("given", "f"),
    "first_names_unisex": ("given", "u"),
    "first_names": ("given", "u"),
    "first_romanized_names_male": ("given", "m"),
    "first_romanized_names_female": ("given", "f"),
    "first_romanized_names": ("given", "u"),
    "first_kana_names_male": ("given", "m"),
    "first_kana_names_female": ("given", "f"),
    "last_names_male": ("family", "m"),
    "last_names_female": ("family", "f"),
    "last_names_unisex": ("family", "u"),
    "last_names": ("family", "u"),
    "last_romanized_names": ("family", "u"),
    "last_kana_names": ("family", "u"),
    "male_last_names": ("family", "m"),
    "unisex_last_names": ("family", "u"),
}
_PLACEHOLDERS = 5  # a shorter list is a stand-in of a locale that has none (`Doe`)
_WEIGHT = 10**6  # weights are kept as whole numbers of this unit
_FAIR = 5  # a name is for either gender unless one is this many times as frequent
LATIN = "latin"
_INITIAL = "initial "
DEFAULT = f"en {LATIN} family u"
_INITIALS = {
    LATIN: "abcdefghijklmnopqrstuvwxyz",
    "cyrillic": "абвгдежзиклмнопрстуфхцчшщыэюяіј",
    "greek": "αβγδεζηθικλμνξοπρστυφχψω",
}


@dataclass(frozen=True, eq=False, slots=True)
class Dictionary:
    """Known tokens, endings, and all pools laid end to end.

    `tokens` (key, number) and `endings` (ending, number), with their indexes, say from which pool
    the fake of a token comes; `names` (name, key, ascii) is every pool's names, pool after pool, no
    two of one pool with the same key; pool p is rows `starts[p]` to `starts[p] + sizes[p]`.
    `bounds` holds for each row p * 2^32 + the lower border of its share of 2^32. `default` is the
    pool of tokens that nothing is known of.
    """

    tokens: pl.DataFrame
    endings: pl.DataFrame
    by_token: Index
    by_ending: Index
    names: pl.DataFrame
    labels: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.uint64]
    default: int
    digest: str


@functools.cache
def dictionary() -> Dictionary:
    """Return the dictionary, made at the first call."""
    entries = _entries()
    pools = pl.concat([_pools(entries), _initial_pools()])
    labels = pools["pool"].unique(maintain_order=True).to_list()
    number = pl.DataFrame({"pool": labels, "number": np.arange(len(labels), dtype=np.uint32)})
    pools = pools.join(number, on="pool", how="left", maintain_order="left")
    sizes = pools["number"].rle().struct.field("len").to_numpy().astype(np.int64)
    homes = _homes(entries, pools)
    initials = pools.filter(pl.col("pool").str.starts_with(_INITIAL)).select_seq("key", "number")
    tokens = _tokens(entries, homes).join(initials, on="key", how="anti")
    known = pl.concat([tokens.join(number, on="pool").select_seq("key", "number"), initials])
    endings = _endings(entries, homes).join(number, on="pool").select_seq("ending", "number")
    return Dictionary(
        tokens=known,
        endings=endings,
        by_token=Index(known["key"], known["number"]),
        by_ending=Index(endings["ending"], endings["number"]),
        names=pools.select_seq("name", "key", "ascii"),
        labels=tuple(labels),
        starts=np.cumsum(sizes) - sizes,
        sizes=sizes,
        bounds=_bounds(pools),
        default=labels.index(DEFAULT),
        digest=digest_of(pools.select_seq("pool", "name", "weight")),
    )


def _lists() -> Iterator[pl.DataFrame]:
    """Read every list: language, place, role, gender, name, weight."""
    for place, (language, locales) in enumerate(LANGUAGES.items()):
        for locale in locales:
            gendered: set[str] = set()
            for attribute, listed in person_lists(locale, _ATTRIBUTES).items():
                if len(listed) < _PLACEHOLDERS:
                    continue
                role, gender = _ATTRIBUTES[attribute]
                fresh = {
                    n: w for n, w in listed.items() if gender != "u" or n + role not in gendered
                }
                gendered.update(name + role for name in fresh)
                share = min(1.0, len(listed) / _EVEN)
                yield _list(fresh, share, language=language, place=place, role=role, gender=gender)
    more = {"first_names_male": "m", "first_names_female": "f"}
    for attribute, listed in person_lists(MORE_GIVEN, more).items():
        place, gender = len(LANGUAGES), more[attribute]
        yield _list(listed, 0.1, language="en", place=place, role="given", gender=gender)


def _list(listed: Mapping[str, float], share: float, **facts: str | int) -> pl.DataFrame:
    columns = {"name": list(listed), "weight": [weight * share for weight in listed.values()]}
    return pl.DataFrame(columns, schema={"name": pl.String, "weight": pl.Float64}).with_columns_seq(
        **{fact: pl.lit(value) for fact, value in facts.items()}
    )


def _entries() -> pl.DataFrame:
    """Return every usable name, one row per language, script, role, gender and key.

    Single tokens only; what is also a title or particle is left out.
    """
    name = pl.col("name").str.normalize("NFC").str.replace_all("\u2019", "'")
    one_case = (name == name.str.to_lowercase()) | (name == name.str.to_uppercase())
    script = (
        pl.when(pl.col("name").str.contains(r"\p{Latin}"))
        .then(pl.lit(LATIN))
        .when(pl.col("name").str.contains(r"\p{Katakana}|\p{Hiragana}"))
        .then(pl.lit("kana"))
        .otherwise(pl.lit("own"))
    )
    return (
        pl.concat(_lists())
        .with_columns_seq(name=pl.when(one_case).then(name.str.to_titlecase()).otherwise(name))
        .filter(pl.col("name").str.contains(_SINGLE))
        .with_columns_seq(
            script=script, key=token_key(pl.col("name")), ascii=ascii_form(pl.col("name"))
        )
        .filter(~pl.col("key").is_in([*TITLES, *PARTICLES]))
        .filter((pl.col("script") != LATIN) | (pl.col("key").str.len_chars() > 1))
        .sort("weight", "name", descending=[True, False])
        .group_by("language", "script", "role", "gender", "key", maintain_order=True)
        .agg(pl.col("name", "ascii", "place").first(), pl.col("weight").sum())
    )


def _pools(entries: pl.DataFrame) -> pl.DataFrame:
    """Return the names of every pool: pool, name, key, ascii, weight; one row per pool and key.

    Given names: by gender, and all of a language for `u`. Family names: by gender with those that
    have none; `u` holds these alone where there are enough of them.
    """
    own = pl.col("gender")
    given, family = (entries.filter(pl.col("role") == role) for role in ("given", "family"))
    neutral = family.filter(own == "u")
    plenty = neutral.group_by("language", "script").len().filter(pl.col("len") >= _SMALL)
    by = ["language", "script"]
    parts = [
        given.filter(own != "u"),
        given.with_columns_seq(gender=pl.lit("u")),
        family.filter(own != "u"),
        *(
            neutral.with_columns_seq(gender=pl.lit(gender)).join(
                family.filter(own == gender).select_seq(by).unique(), on=by, how="semi"
            )
            for gender in ("m", "f")
        ),
        neutral.join(plenty, on=by, how="semi"),
        family.with_columns_seq(gender=pl.lit("u")).join(plenty, on=by, how="anti"),
    ]
    return (
        pl.concat([part.select_seq(parts[0].columns) for part in parts])
        .with_columns_seq(pool=_label())
        .sort("pool", "key", "weight", "name", descending=[False, False, True, False])
        .group_by("pool", "key", maintain_order=True)
        .agg(pl.col("name", "ascii").first(), pl.col("weight").sum())
        .with_columns_seq(
            weight=(pl.col("weight") * _WEIGHT).round().cast(pl.Int64).clip(lower_bound=1)
        )
        .filter(pl.len().over("pool") > 1)
        .select_seq("pool", "name", "key", "ascii", "weight")
    )


def _initial_pools() -> pl.DataFrame:
    """Return the pools of single letters, one per script that has capitals."""
    return pl.concat(
        pl.DataFrame({"pool": f"{_INITIAL}{script}", "key": list(letters)}).select_seq(
            "pool",
            name=pl.col("key").str.to_uppercase(),
            key="key",
            ascii=ascii_form(pl.col("key")),
            weight=pl.lit(1, dtype=pl.Int64),
        )
        for script, letters in _INITIALS.items()
    )


def _label() -> pl.Expr:
    return pl.concat_str("language", "script", "role", "gender", separator=" ")


def _homes(entries: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """Return for each language, script, role and gender the pool its tokens are masked from.

    Its own if that is large enough, else the role's whole pool, else English for Latin letters.
    """
    sizes = dict(pools.group_by("pool").len().iter_rows())
    kinds = entries.select_seq("language", "script", "role").unique(maintain_order=True)
    asked = kinds.join(pl.DataFrame({"gender": ["m", "f", "u"]}), how="cross")
    homes = []
    for language, script, role, gender in asked.iter_rows():
        choices = [f"{language} {script} {role} {g}" for g in (gender, "u")]
        if script == LATIN:
            choices.append(f"en {LATIN} {role} {gender}")
            choices.append(f"en {LATIN} {role} u")
        large = [choice for choice in choices if sizes.get(choice, 0) >= _SMALL]
        any_at_all = [choice for choice in reversed(choices) if choice in sizes]
        homes.append((large or any_at_all or [DEFAULT])[0])
    return asked.with_columns_seq(pool=pl.Series(homes))


def _tokens(entries: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Decide role, language and gender of every known token: key, pool.

    The role with the higher frequency; in it the language with the higher; in that the gender,
    unless the rarer of the two makes up more than a fifth.
    """
    weight = pl.col("weight")
    # English to Japanese, the languages stand roughly in the order of how likely they are met
    known = entries.with_columns_seq(
        common=weight.sum().over("key", "role"),
        usual=weight.sum().over("key", "role", "language") / (pl.col("place") + 10),
    )
    ranks = ["common", "role", "usual", "place", "script"]
    best = known.sort("key", *ranks, descending=[False, True, True, True, False, False]).unique(
        "key", keep="first", maintain_order=True
    )
    same = ["key", "role", "language", "script"]
    gender = (
        entries.join(best.select_seq(same), on=same, how="semi")
        .group_by(same)
        .agg(
            weight.filter(pl.col("gender") == "m").sum().alias("m"),
            weight.filter(pl.col("gender") == "f").sum().alias("f"),
        )
    )
    return (
        best.drop("gender")
        .join(gender, on=same)
        .with_columns_seq(
            gender=pl.when(pl.col("m") > _FAIR * pl.col("f"))
            .then(pl.lit("m"))
            .when(pl.col("f") > _FAIR * pl.col("m"))
            .then(pl.lit("f"))
            .otherwise(pl.lit("u"))
        )
        .join(homes, on=["language", "script", "role", "gender"])
        .select_seq("key", "pool")
        .sort("key")
    )


def _endings(entries: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Say for endings of names to which pool of family names most of them belong: ending, pool.

    Endings of given names count where those of family names say nothing.
    """
    weight = pl.when(pl.col("role") == "family").then(pl.col("weight")).otherwise(0.0)
    gender = pl.when(pl.col("role") == "family").then(pl.col("gender")).otherwise(pl.lit("u"))
    family = entries.with_columns_seq(weight=weight, gender=gender, role=pl.lit("family")).join(
        homes, on=["language", "script", "role", "gender"]
    )
    return pl.concat(
        family.with_columns_seq(ending=pl.col("key").str.tail(letters))
        .group_by("ending", "pool")
        .agg(pl.col("weight").sum(), pl.col("place").min())
        .sort("ending", "weight", "place", "pool", descending=[False, True, False, False])
        .unique("ending", keep="first", maintain_order=True)
        .filter(pl.col("ending").str.len_chars() == letters)
        .select_seq("ending", "pool")
        for letters in ENDINGS
    )


def _bounds(pools: pl.DataFrame) -> npt.NDArray[np.uint64]:
    """Return for each name its pool's number times 2^32 plus the lower border of its share."""
    weight = pl.col("weight")
    before = weight.cum_sum().over("number") - weight
    share = (before * 2**32) // weight.sum().over("number")
    border = pools.select_seq(pl.col("number").cast(pl.Int64) * 2**32 + share).to_series()
    return border.to_numpy().astype(np.uint64)
