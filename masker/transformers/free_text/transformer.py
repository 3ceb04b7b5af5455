"""FreeText: names, addresses and numbers replaced inside a text, the text around left as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
import polars as pl

from masker.keys import Keyring
from masker.transformers.base import (
    Kin,
    Known,
    Masked,
    Param,
    Promises,
    Scope,
    Site,
    Transformer,
    Way,
)
from masker.transformers.fake_text import FakeText
from masker.transformers.free_text.find import Finder
from masker.transformers.free_text.rewrite import rewritten
from masker.transformers.free_text.spans import Rank, Span, settled
from masker.transformers.free_text.ways import ENTITIES, Ways, defaults
from masker.transformers.pooled import LOCALE

LONGEST = 4_000_000  # bytes of a text; a longer one is replaced whole
_SHAPE = "text"


@dataclass(frozen=True)
class FreeText(Transformer):
    """Mask texts in place."""

    strict: bool = True
    entities: Sequence[str] | None = None
    model: str | None = None
    locale: str | None = None
    ways: tuple[Way, ...] = field(default=(), init=False, repr=False, compare=False)
    relations: tuple[Kin, ...] = field(default=(), init=False, repr=False, compare=False)
    known: Known | None = field(default=None, init=False, repr=False, compare=False)

    name: ClassVar[str] = "free_text"
    sentence: ClassVar[str] = (
        "Replaces what names somebody inside a text, each thing as its own column would; the text "
        "around it stays byte for byte."
    )
    scope: ClassVar[Scope] = Scope.COLUMN
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="strict",
            type="boolean",
            default=True,
            meaning="Whether capitalised words that nothing is known of are taken for names, and "
            "known names that are ordinary words, too (`Mark`, `Rose`).",
        ),
        Param(
            name="entities",
            type="list of text",
            default=None,
            meaning="What is looked for besides known values, such as `[PERSON, PHONE_NUMBER]`; "
            "everything by default.",
        ),
        Param(
            name="model",
            type="text",
            default=None,
            meaning="A spaCy model to look with as well: an installed package, a folder, or a YAML "
            "file in Presidio's form.",
        ),
        LOCALE,
    )
    default_domain: ClassVar[str] = "text"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(reuses_source_values=True, in_place=True, chance="pool")

    def beside(self, ways: tuple[Way, ...], kin: tuple[Kin, ...]) -> Self:
        """Return itself, told how other columns are masked and which of them stand in the row."""
        return self._with(ways=ways, relations=kin)

    def knowing(self, known: Known) -> Self:
        """Return itself with what the survey of this run knows."""
        return self._with(known=known)

    def _with(self, **facts: object) -> Self:
        told = copy.copy(self)
        for name, fact in facts.items():
            object.__setattr__(told, name, fact)
        return told

    def kin(self) -> tuple[Kin, ...]:
        """Return the columns of the row whose own values it looks for."""
        return self.relations

    def needs(self) -> tuple[str, ...]:
        """Return the columns of the row whose own values it looks for."""
        return tuple(dict.fromkeys(each.column for each in self.relations))

    def open_texts(self, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Return nothing but nulls, and the texts: all of them are masked in place."""
        return values.clear(len(values)), values

    def check(self, site: Site) -> tuple[str, ...]:
        """Say which entities there are not, and what the ways of masking them say."""
        here = self._here(site)
        unknown = [name for name in self.entities or () if name not in ENTITIES]
        told = [f"there is no entity `{name}`" for name in unknown]
        for way in defaults(here):
            told += way.transformer.check(way.site)
        return tuple(dict.fromkeys(told))

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the pools of whatever it may write into a text."""
        here = self._here(site)
        found = dict(FakeText().pools(here))
        for way in (*defaults(here), *self.ways):
            found.update(way.transformer.pools(way.site))
        return found

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column; each distinct text is analysed once, and written once per set of kin."""
        here = self._here(site)
        related = [each for each in self.relations if each.name in others]
        named = {each.name: f"kin {number}" for number, each in enumerate(related)}
        frame = pl.DataFrame({"text": values, **{named[k]: others[k] for k in named}})
        there = frame.filter(pl.col("text").str.contains(r"\S"))
        if there.is_empty():
            return Masked(values)
        cases = there.unique(maintain_order=True).with_row_index("case")
        texts = cases["text"].unique(maintain_order=True)
        rows = pl.DataFrame({"text": texts, "row": np.arange(len(texts))})
        cases = cases.join(rows, on="text", how="left", maintain_order="left").with_columns_seq(
            pl.col("case").cast(pl.Int64)
        )
        ways = Ways(self.ways, here)
        kin = [(named[each.name], each.way) for each in related]
        made, failed, fakes = self._masked(texts, cases, kin, ways=ways, site=here, keys=keys)
        written = cases.with_columns_seq(made=made, failed=failed)
        keyed = [name for name in written.columns if name not in {"case", "row", "made", "failed"}]
        joined = frame.join(
            written, on=keyed, how="left", maintain_order="left", nulls_equal=True
        ).with_columns_seq(pl.coalesce("made", "text"), pl.col("failed").fill_null(value=False))
        unparsed = int(joined["failed"].sum())
        same = (joined["made"] == values) & values.str.contains(r"\S")
        return Masked(
            joined["made"].alias(values.name),
            unparsed=unparsed,
            shapes={_SHAPE: unparsed} if unparsed else {},
            chance=float(same.sum()),
            fakes=fakes,
        )

    def _here(self, site: Site) -> Site:
        return site if self.locale is None else replace(site, locale=self.locale)

    def _masked(
        self,
        texts: pl.Series,
        cases: pl.DataFrame,
        kin: list[tuple[str, int]],
        *,
        ways: Ways,
        site: Site,
        keys: Keyring,
    ) -> tuple[pl.Series, pl.Series, Mapping[str, pl.Series]]:
        """Return the masked texts of all cases, which defied analysis, and the fakes in them."""
        spans, failed = self._found(texts, cases, kin, ways=ways, site=site)
        made = rewritten(cases["text"].to_list(), spans, ways=ways, keys=keys)
        masked = made.texts
        if site.length is not None:
            masked = masked.str.head(site.length)
        at = failed.arg_true()
        if len(at):
            whole = FakeText(locale=self.locale).apply(
                cases["text"].gather(at), site=site, keys=keys, others={}
            )
            masked = masked.scatter(at, whole.values)
        return masked, failed, made.fakes

    def _found(
        self,
        texts: pl.Series,
        cases: pl.DataFrame,
        kin: list[tuple[str, int]],
        *,
        ways: Ways,
        site: Site,
    ) -> tuple[list[list[Span]], pl.Series]:
        """Return what is to be masked in each case, and which cases defied analysis."""
        long = (texts.str.len_bytes() > LONGEST).to_numpy()
        finder = Finder(
            ways=ways,
            strict=self.strict,
            entities=None if self.entities is None else frozenset(self.entities),
            countries=site.countries,
            model=self.model,
            known=self.known,
        )
        # The place of a text that is too long stays empty.
        looked = texts.set(pl.Series(long), "") if long.any() else texts
        found, failures = finder.find(looked, cases, kin)
        defied = {*np.flatnonzero(long).tolist(), *failures}
        failed = cases["row"].is_in(list(defied))
        rest = ways.partial()
        every = zip(cases["text"].to_list(), _by_case(found, len(cases)), failed, strict=True)
        return [[] if beyond else settled(text, each, rest) for text, each, beyond in every], failed

    def spans(self, texts: pl.Series, *, site: Site) -> list[list[tuple[int, int]]]:
        """Return what it would mask in distinct texts, in characters: for measuring it."""
        here = self._here(site)
        cases = pl.DataFrame({"text": texts, "row": np.arange(len(texts))}).with_row_index("case")
        cases = cases.with_columns_seq(pl.col("case").cast(pl.Int64))
        found, _ = self._found(texts, cases, [], ways=Ways(self.ways, here), site=here)
        return [[(span.start, span.end) for span in each] for each in found]


def _by_case(found: pl.DataFrame, cases: int) -> Iterator[list[Span]]:
    spans: list[list[Span]] = [[] for _ in range(cases)]
    for case, start, end, rank, way, value, closed in found.iter_rows():
        spans[case].append(Span(start, end, Rank(rank), way, value, closed))
    return iter(spans)
