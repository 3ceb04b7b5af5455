"""What every transformer is: a frozen value that describes itself and maps columns to columns."""

from __future__ import annotations

import abc
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring


class Scope(enum.StrEnum):
    """What a masked value depends on."""

    VALUE = "value"  # the value, the domain, the key and the parameters
    ROW = "row"  # also named columns of the same row, always their original values
    COLUMN = "column"  # also a survey taken before masking in the same snapshot


class Uniqueness(enum.StrEnum):
    """What a transformer promises about equal outputs for different inputs."""

    NONE = "none"
    KEYED = "unique 2^-k"  # at least 80 keyed bits in the output
    INJECTIVE = "injective"  # a permutation of the column's own format space


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What holds for every output of a transformer; the contract test checks each of them.

    `never_equal`: no masked value equals its own source value. Blank values (empty, or nothing but
    white space) are excepted here and in `Masked.chance`: there is nothing to mask. `keeps_length`
    is said of text.
    `reuses_source_values`: outputs are values of the source on purpose (keep, shuffle), so nothing
    of the column is searched for by the leak gate. `data_free`: the output does not depend on the
    value at all. `reversible`: whoever has the key can compute the source value. `technique` is
    the class of ISO/IEC 20889:2018, clause 8-11. `chance`: "nil" when a masked value can equal a
    source value of the column by chance only with negligible probability, so that one coincidence
    is a leak; "pool" when a pick from a pool may; "space" when a permutation of a small space may.
    `one_to_one_per` names a column of the row: among rows where it is equal, different dates and
    times stay different (text, which may not parse, need not). `in_place`: the text around what is
    masked stays as it was, so no source value of any masked column may be left in it.
    """

    keeps_null: bool = True
    keeps_length: bool = False
    uniqueness: Uniqueness = Uniqueness.NONE
    never_equal: bool = False
    reuses_source_values: bool = False
    reversible: bool = False
    data_free: bool = False
    technique: str = "pseudonymisation"
    chance: str = "nil"
    one_to_one_per: str | None = None
    in_place: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter of a transformer: type in words, default, and what it means in one sentence."""

    name: str
    type: str
    default: object
    meaning: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a transformer works: the column it masks and what fits there. Names only, no values.

    `column` and `table` are for messages and never enter a masked value. `domain` is the namespace
    in which equal values get equal fakes; None takes the transformer's own default domain.
    `unique` says that the column stands alone under a unique constraint.
    """

    table: str = ""
    column: str = ""
    kind: Kind = Kind.TEXT
    base: str = "text"
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    unique: bool = False
    labels: tuple[str, ...] = ()
    case_insensitive: bool = False
    domain: str | None = None
    locale: str = "en_US"
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The distinct values of a masked column, none of them null, and how many rows hold each."""

    original: pl.Series
    written: pl.Series
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked column: `values` (String, same length) and how many cells could not be parsed.

    `shapes` counts what could not be parsed by character-class shape (`LLL-NNNN`), never by value.
    `chance` is the expected number of rows in which the masked value equals its own source value
    by chance, summed over rows that are not blank. `groups` says the same of few distinct values,
    where they were looked for. `fakes` are what was written into texts, by the name of the
    transformer that made it, where chance may make a source value of it.
    """

    values: pl.Series
    unparsed: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)
    chance: float = 0.0
    groups: Groups | None = None
    fakes: Mapping[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """How the values of a masked column become fakes; texts that name such a value go the same."""

    transformer: Transformer
    site: Site


@dataclass(frozen=True, slots=True)
class Kin:
    """A masked column of the same row, or one branch of its verdict, whose value texts may name.

    `name` is under what `others` has its values, null in rows that the branch does not take;
    `way` numbers the way they are masked. The branch takes the rows that meet `when` (None: any)
    and none of `unless`.
    """

    name: str
    column: str
    way: int
    when: str | None = None
    unless: tuple[str, ...] = ()


class Known(Protocol):
    """What a survey knows of the values of masked columns: their fingerprints, by form."""

    def find(self, forms: pl.Series) -> npt.NDArray[np.int64]:
        """Return for each form of a piece of text the way that masks it, -1 for none."""


@dataclass(frozen=True)
class Transformer(abc.ABC):
    """A way of masking a column.

    Subclasses are frozen dataclasses whose fields are the parameters (set by `with:` in a policy).
    They state `name`, `sentence`, `scope`, `params` and `kinds` as class attributes; `promises()`
    may depend on the parameters. Nothing in a transformer depends on row order, batch split or
    worker count.
    """

    name: ClassVar[str]
    sentence: ClassVar[str]
    scope: ClassVar[Scope] = Scope.VALUE
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.TEXT})
    params: ClassVar[tuple[Param, ...]] = ()
    default_domain: ClassVar[str] = "value"
    canonical: ClassVar[bool] = False  # whether equal-but-for-case-and-blanks values are one

    @abc.abstractmethod
    def promises(self) -> Promises:
        """Return what holds for every output under these parameters."""

    @abc.abstractmethod
    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column.

        `values` is a String series in the canonical text of `site.kind` (see `Kind`); null stays
        null. `others` holds the original values of the columns named by `needs()`, same length,
        same form. Returns a String series of the same length.
        """

    def needs(self) -> tuple[str, ...]:
        """Return the columns of the same row whose original values `apply` wants in `others`."""
        return ()

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes this transformer unfit for the column, one plain sentence each.

        An empty tuple means that it fits (length, precision, kind, labels are possible).
        """
        del site
        return ()

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return (code, sentence) of what a person must accept in writing, such as `live-range`."""
        del site
        return ()

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the Faker pools it picks from at this column, each with its digest."""
        del site
        return {}

    def space(self, site: Site) -> tuple[int, int] | None:
        """Return the integers it permutes, lowest and highest, None for what permutes none."""
        del site
        return None

    def beside(self, ways: tuple[Way, ...], kin: tuple[Kin, ...]) -> Self:
        """Return itself, told how other columns are masked and which of them stand in the row."""
        del ways, kin
        return self

    def knowing(self, known: Known) -> Self:
        """Return itself with what the survey of this run knows."""
        del known
        return self

    def kin(self) -> tuple[Kin, ...]:
        """Return the columns of the row whose own values `apply` wants in `others`, too."""
        return ()

    def inner(self, site: Site) -> Mapping[int, Way]:
        """Return the ways of the parts of a value that are masked one by one, each by a number."""
        del site
        return {}

    def parts(self, values: pl.Series) -> Mapping[int, pl.Series]:
        """Return the distinct texts that such parts of values hold, none null, by their number."""
        del values
        return {}

    def open_texts(self, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Return values without the texts that are masked in place, and those texts."""
        return values, values.clear()
