"""Json: leaves of documents masked column-wise by the transformers that their paths name.

Documents are taken apart and put together as columns. Python loops run over their shapes, which
are few, and over leaves that hold an escaped character.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
import polars as pl

from masker.catalog import Kind
from masker.errors import DataError
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
from masker.transformers.constant import Null
from masker.transformers.json_document import NO_LEAF, NO_PATH, Documents
from masker.transformers.json_leaves import MaskedLeaves, leaf_site, masked_leaves
from masker.transformers.json_path import Paths
from masker.transformers.json_rules import Rule, rules_of
from masker.transformers.json_tokens import KINDS, NULL, STRING, kinds_of, texts_of
from masker.transformers.redact import Redact
from masker.transformers.scramble import Scramble
from masker.transformers.unparsed import with_scramble

_FAIL = "fail"
_UNKNOWN: Mapping[str, Transformer] = {"scramble": Scramble(), "redact": Redact(), "null": Null()}


@dataclass(frozen=True)
class Json(Transformer):
    """Mask the leaves of JSON documents."""

    paths: Mapping[str, object]
    unknown: str = "scramble"
    rules: tuple[Rule, ...] = field(init=False, repr=False, compare=False)

    name: ClassVar[str] = "json"
    sentence: ClassVar[str] = (
        "Masks the leaves of JSON documents, each by the transformer that its path names; leaves "
        "that no path names are closed. Structure, keys, their order and kept numbers stay."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.JSON, Kind.TEXT})
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="paths",
            type="mapping",
            default=None,
            meaning="Path to verdict, such as `$.customer.email: email`, `$.items[*].name: {use: "
            "full_name}`, `$..ip: ip` or `$.status: keep`. A path covers all below it that no "
            "other path names; one without wildcards comes first, then the order of the file.",
        ),
        Param(
            name="unknown",
            type="text",
            default="scramble",
            choices=(*_UNKNOWN, _FAIL),
            meaning="What becomes of leaves that no path names: `scramble` or `redact` (either "
            "turns true to false), `null`, or `fail`, which stops the run.",
        ),
    )
    default_domain: ClassVar[str] = "value"

    def __post_init__(self) -> None:
        """Build the transformers of all paths; ConfigError with all that is wrong."""
        object.__setattr__(self, "rules", rules_of(self.paths))
        if self._open_rules():  # what its texts become depends on a survey, so all it makes does
            object.__setattr__(self, "scope", Scope.COLUMN)

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(chance="pool", in_place=bool(self._open_rules()))

    def _open_rules(self) -> list[int]:
        """Return the numbers of the rules that mask texts in place."""
        return [
            number
            for number, rule in enumerate(self.rules)
            if rule.transformer is not None and rule.transformer.promises().in_place
        ]

    def beside(self, ways: tuple[Way, ...], kin: tuple[Kin, ...]) -> Self:
        """Return itself, its leaves told how other columns are masked and which are in the row."""
        return self._each(lambda transformer: transformer.beside(ways, kin))

    def knowing(self, known: Known) -> Self:
        """Return itself, its leaves with what the survey of this run knows."""
        return self._each(lambda transformer: transformer.knowing(known))

    def _each(self, change: Callable[[Transformer], Transformer]) -> Self:
        told = copy.copy(self)
        rules = tuple(
            rule
            if rule.transformer is None
            else replace(rule, transformer=change(rule.transformer))
            for rule in self.rules
        )
        object.__setattr__(told, "rules", rules)
        return told

    def kin(self) -> tuple[Kin, ...]:
        """Return the columns of the row whose own values its leaves may name."""
        used = (rule.transformer for rule in self.rules if rule.transformer is not None)
        return tuple(dict.fromkeys(kin for each in used for kin in each.kin()))

    def needs(self) -> tuple[str, ...]:
        """Return the columns of the row whose own values its leaves may name."""
        return tuple(dict.fromkeys(each.column for each in self.kin()))

    def inner(self, site: Site) -> Mapping[int, Way]:
        """Return the ways of the text leaves that a path names."""
        return {
            number: Way(rule.transformer, leaf_site(site, rule.domain))
            for number, rule in enumerate(self.rules)
            if rule.transformer is not None
        }

    def parts(self, values: pl.Series) -> Mapping[int, pl.Series]:
        """Return the distinct text leaves of documents by the path that names them."""
        documents = Documents.of(
            values.drop_nulls().unique(), Paths.of(rule.path for rule in self.rules)
        )
        told = np.where(kinds_of(documents.leaves) == STRING, documents.rules, NO_LEAF)
        return {
            number: texts_of(documents.leaves.gather(np.flatnonzero(told == number))).unique()
            for number in np.unique(told[told >= 0]).tolist()
        }

    def open_texts(self, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Return documents without the leaves that are masked in place, and those leaves."""
        distinct = values.drop_nulls().unique()
        documents = Documents.of(distinct, Paths.of(rule.path for rule in self.rules))
        is_open = np.isin(documents.rules, self._open_rules())
        at = np.flatnonzero(is_open & (kinds_of(documents.leaves) == STRING))
        texts = texts_of(documents.leaves.gather(at))
        emptied = documents.leaves.clone().scatter(at, pl.Series(['""'] * len(at), dtype=pl.String))
        written = documents.written(emptied, np.ones(len(emptied)))
        closed = distinct.clone().scatter(written["owner"], written["made"])
        return values.replace_strict(distinct, closed, return_dtype=pl.String), texts

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column; DataError counts leaves without a path under `unknown: fail`."""
        kin = {each.name: others[each.name] for each in self.kin() if each.name in others}
        frame = pl.DataFrame({"document": values, **kin})
        cases = frame.filter(values.is_not_null()).unique()
        documents = Documents.of(cases["document"], Paths.of(rule.path for rule in self.rules))
        around = {name: cases[name].gather(documents.owner) for name in kin}
        masked = self._masked(documents, around, site=site, keys=keys)
        written = documents.written(masked.written, masked.chances)
        made_of = cases[written["owner"]].hstack(written)
        rows = frame.join(
            made_of, on=frame.columns, how="left", maintain_order="left", nulls_equal=True
        )
        made = rows["made"]
        broken = made.is_null() & values.is_not_null()
        if site.kind is Kind.JSON:
            made = made.set(broken, "null")  # deeper than can be read; a scramble is no JSON
        done = with_scramble(
            values,
            made,
            parsed=made.is_not_null(),
            keys=keys,
            domain=site.domain or self.default_domain,
            chance=float(rows["chance"].sum()),
        )
        done = replace(done, fakes=masked.fakes)
        return replace(done, unparsed=int(broken.sum())) if site.kind is Kind.JSON else done

    def _masked(
        self, documents: Documents, around: Mapping[str, pl.Series], *, site: Site, keys: Keyring
    ) -> MaskedLeaves:
        """Mask the leaves of all documents, column by column; nulls and kept ones stay.

        `around` has for each leaf the values of its row that it may name.
        """
        leaves, kinds = documents.leaves, kinds_of(documents.leaves)
        # What does the same is masked together; the last two are found by -2 and -1.
        paths = np.array([*self._firsts(), NO_LEAF, NO_PATH])[documents.rules]
        groups = paths * len(KINDS) + kinds
        masked = (paths != NO_LEAF) & (kinds != NULL)
        order, parts = np.arange(len(leaves)), [leaves]
        chances = np.ones(len(leaves))
        fakes: dict[str, pl.Series] = {}
        for group in np.unique(groups[masked]).tolist():
            rows = np.flatnonzero(masked & (groups == group))
            path, kind = divmod(group, len(KINDS))
            here = {name: values.gather(rows) for name, values in around.items()}
            made = self._masked_column(leaves.gather(rows), here, path, kind, site=site, keys=keys)
            order[rows] = sum(map(len, parts)) + np.arange(len(rows))
            parts.append(made.written)
            chances[rows] = made.chances
            for use, found in made.fakes.items():
                fakes[use] = pl.concat([fakes.get(use, found.clear()), found])
        return MaskedLeaves(pl.concat(parts).gather(order), chances, fakes)

    def _firsts(self) -> Iterator[int]:
        """Return for every rule the first that does the same, `NO_LEAF` for one that keeps."""
        verdicts = [(rule.transformer, rule.domain) for rule in self.rules]
        for transformer, domain in verdicts:
            yield NO_LEAF if transformer is None else verdicts.index((transformer, domain))

    def _masked_column(
        self,
        leaves: pl.Series,
        around: Mapping[str, pl.Series],
        path: int,
        kind: int,
        *,
        site: Site,
        keys: Keyring,
    ) -> MaskedLeaves:
        if path == NO_PATH and self.unknown == _FAIL:
            raise DataError(
                f"{leaves.n_unique()} different {KINDS[kind]} leaves of `{site.column}` have no "
                "path",
                help="name their paths, or set `unknown: scramble`",
                code="unknown-leaf",
                subject=f"{site.table}.{site.column}",
            )
        rule = None if path == NO_PATH else self.rules[path]
        transformer = _UNKNOWN[self.unknown] if rule is None else rule.transformer
        here = leaf_site(site, site.domain if rule is None else rule.domain)
        # Kept leaves stay, so there is a transformer.
        assert transformer is not None  # noqa: S101
        names = {each.name for each in transformer.kin()}
        others = {name: values for name, values in around.items() if name in names}
        return masked_leaves(
            leaves, others, kind=kind, transformer=transformer, site=here, keys=keys
        )

    def _sites(self, site: Site) -> Iterator[tuple[Rule, Transformer, Site]]:
        for rule in self.rules:
            if rule.transformer is not None:
                yield rule, rule.transformer, leaf_site(site, rule.domain)

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column: what its transformers say, by path."""
        return tuple(
            f"at `{rule.path}`: {sentence}"
            for rule, transformer, here in self._sites(site)
            for sentence in transformer.check(here)
        )

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        paths: dict[tuple[str, str], list[str]] = {}
        for rule, transformer, here in self._sites(site):
            for caution in transformer.cautions(here):
                paths.setdefault(caution, []).append(f"`{rule.path}`")
        return tuple(
            (code, f"at {' and '.join(at)}: {sentence}") for (code, sentence), at in paths.items()
        )

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the pools of all its transformers, each with a digest."""
        found: dict[str, str] = {}
        for _, transformer, here in self._sites(site):
            found.update(transformer.pools(here))
        return found
