"""Choose the verdict of one column: the rules that are for it, in order, first match wins.

Columns of the pipeline come before packs; exact names before globs, then file order. Of packs,
rules by type alone come after all others, and `review` after what decides. Rows that do not meet
a rule's `when` go to the next rule that matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from masker.catalog import Column, Kind, Table, TableName
from masker.detect.names import Proposal
from masker.rules.packs import Pack, PackRule, fits
from masker.rules.patterns import Fit, column_fit, table_fit
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Ruling, Verdict
from masker.rules.verdicts import REVIEW, verdict_of
from masker.transformers import registry

Place = tuple[TableName, str]
FAIL, NULL, SCRAMBLE = "fail", "null", "scramble"  # what `uncovered` may say
JSON = "json"


class Chooser:
    """The rules of a pipeline and its packs, ready to be asked column by column."""

    def __init__(self, pipeline: Pipeline, proposals: Mapping[Place, Proposal]) -> None:
        self._pipeline = pipeline
        self._proposals = proposals
        rules = [
            (pack, number, rule)
            for pack in pipeline.packs
            for number, rule in enumerate(pack.rules)
        ]
        # Stable, so the order of packs and rules holds within each of the three.
        self._rules = sorted(rules, key=lambda r: (r[2].match.broad, r[2].use == REVIEW))

    def verdict(self, table: Table, column: Column) -> tuple[Verdict, Fit | None]:
        """Return the verdict of a column, and how closely the pipeline itself names it, if so."""
        if column.generated:
            return Verdict(ruling=Ruling.GENERATED, reason="the target computes it"), None
        # An inherited column goes as its parent's does unless it is named itself.
        names = (table.name, *table.parents)
        own = [each for name in names for each in self._own(name, column.name)]
        packed = self._packed(table, column)
        found = [*(each for each, _ in own), *packed]
        if self._pipeline.uncovered != FAIL:
            found = self._covered(column, found)
        return _chain(found), own[0][1] if own else None

    def _covered(self, column: Column, found: list[Verdict]) -> list[Verdict]:
        """Put what the pipeline says of uncovered columns in place of `review`, and at the end."""
        use: str = self._pipeline.uncovered
        params: Mapping[str, object] = {}
        if use == SCRAMBLE and column.type.kind is Kind.JSON:
            use, params = JSON, {"paths": {}}  # scrambles every leaf
        elif use == SCRAMBLE and column.type.kind not in registry.get(use).kinds:
            use = NULL
        if use == NULL and not column.nullable:
            return found
        fallback = Verdict(
            ruling=Ruling.MASK,
            reason=f"`uncovered: {self._pipeline.uncovered}`",
            use=use,
            transformer=registry.build(use, params),
            position=self._pipeline.positions.value("uncovered"),
        )
        return [*(each for each in found if each.ruling is not Ruling.REVIEW), fallback]

    def _own(self, table: TableName, column: str) -> Iterator[tuple[Verdict, Fit]]:
        places = self._pipeline.positions
        fits = [
            (fit, inner, order, within, key, glob)
            for order, (key, columns) in enumerate(self._pipeline.columns.items())
            if (fit := table_fit(key, table)) is not None
            for within, glob in enumerate(columns)
            if (inner := column_fit(glob, column)) is not None
        ]
        for fit, inner, *_, key, glob in sorted(fits):
            for number, rule in enumerate(self._pipeline.columns[key][glob]):
                path = ("columns", key, glob, number)
                reason = f"`{key}.{glob}` of the pipeline"
                yield verdict_of(rule, places, path, reason=reason), max(fit, inner)

    def _packed(self, table: Table, column: Column) -> Iterator[Verdict]:
        proposal = self._proposals.get((table.name, column.name))
        for pack, number, rule in self._rules:
            if fits(rule.match, table, column, proposal):
                yield _of_pack(pack, number, rule, proposal)


def _of_pack(pack: Pack, number: int, rule: PackRule, proposal: Proposal | None) -> Verdict:
    reason = f"rule `{rule.id}` of `{pack.name}`"
    if rule.match.entity is not None and proposal is not None:
        reason += f": {proposal.entity} {proposal.score:.2f}, {', '.join(proposal.evidence)}"
    return verdict_of(rule, pack.positions, ("rules", number), reason=reason)


def _chain(verdicts: list[Verdict]) -> Verdict:
    """Return the first verdict, or the chain of conditional ones down to the first without."""
    if not verdicts:
        return Verdict(ruling=Ruling.UNCOVERED, reason="no rule matches")
    last = next((n for n, each in enumerate(verdicts) if each.when is None), None)
    if last is None:
        return Verdict(
            ruling=Ruling.UNCOVERED,
            reason="no rule is for the rows that do not meet `when`",
            position=verdicts[-1].position,
        )
    chain = verdicts[: last + 1]
    for each in chain:
        if each.ruling in {Ruling.REVIEW, Ruling.UNCOVERED}:
            return replace(each, when=None)
    if all(each.ruling is Ruling.KEEP for each in chain):
        return chain[-1]
    made = chain[-1]
    for each in reversed(chain[:-1]):
        # The head is a mask even where its first branch keeps: some rows are changed.
        made = replace(each, ruling=Ruling.MASK, otherwise=made)
    return made
